"""Reading: views of projections, and what queries run in; neither changes anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.engine.query import Query
from ddd_kit.engine.unit import Unit
from ddd_kit.exceptions import IncorrectUsageError, NotSupportedError

if TYPE_CHECKING:
    from ddd_kit.engine.repository import Repository
    from ddd_kit.engine.world import World

A = TypeVar("A")
_CHANGES = ("add", "remove", "delete", "update", "save")


@dataclass(frozen=True, repr=False)
class ReadOnlyQuery(Query[A]):
    """A query of a view: as any other, but it removes and changes nothing."""

    def delete(self) -> NoReturn:
        """Refused: a view only reads.

        Raises:
            NotSupportedError: always.
        """
        self._refuse("delete")

    def update(self, **values: Any) -> NoReturn:  # noqa: ARG002 - as a query's own
        """Refused: a view only reads.

        Raises:
            NotSupportedError: always.
        """
        self._refuse("update")

    def _refuse(self, what: str) -> NoReturn:
        name = self.repository.schema.element
        raise NotSupportedError(
            f"view_for({name}).query.{what}(): a view only reads. Use domain.repository_for({name})."
        )


class ReadView(Generic[A]):
    """What is stored of a projection, to be read and not to be changed; `domain.view_for` gives it.

    Args:
        repository: where the projection is stored.

    Example:
        >>> from ddd_kit import Domain
        >>> from ddd_kit.fields import Identifier
        >>> domain = Domain(name="Bookshop")
        >>> @domain.projection
        ... class OrderList:
        ...     order_id = Identifier(identifier=True)
        ...     status: str = "placed"
        >>> entry = domain.repository_for(OrderList).add(OrderList(order_id="o-1"))
        >>> view = domain.view_for(OrderList)
        >>> view.get("o-1").status, view.count(), view.exists("o-2")
        ('placed', 1, False)
    """

    def __init__(self, repository: Repository[A]) -> None:
        self._repository = repository

    def get(self, identity: Any) -> A:
        """The record of an identity.

        Args:
            identity: coerced as the identity's field would.

        Returns:
            A copy of what is stored.

        Raises:
            ObjectNotFoundError: when nothing of that identity is stored.
            IncorrectUsageError: when the projection is not part of the model any more.
            ConfigurationError: when what is stored does not fit the newest class.
        """
        return self._repository.get(identity)

    def find_by(self, **conditions: Any) -> A:
        """The one record that has these values.

        Args:
            **conditions: values by field name, one at least; with lookups, as in `total__gt=10`.

        Returns:
            A copy of what is stored.

        Raises:
            ObjectNotFoundError: when there is none.
            TooManyObjectsError: when there are several.
            IncorrectUsageError: for a field or a lookup that does not exist, or without conditions.
            ConfigurationError: when what is stored does not fit the newest class.
        """
        return self._repository.find_by(**conditions)

    @property
    def query(self) -> Query[A]:
        """All records, to be narrowed down.

        Returns:
            A query, which looks nothing up before it is asked, and refuses to change anything.
        """
        query = self._repository.query
        return ReadOnlyQuery(query.repository, query.condition, query.ordering)

    def count(self) -> int:
        """How many records there are.

        Returns:
            A number, 0 or more.

        Raises:
            ConfigurationError: when what is stored does not fit the newest class.
        """
        return self.query.count()

    def exists(self, identity: Any) -> bool:
        """Whether there is a record of an identity.

        Args:
            identity: coerced as the identity's field would.

        Returns:
            True when there is one.

        Raises:
            ConfigurationError: when what is stored does not fit the newest class.
        """
        return self._repository.get_or_none(identity) is not None

    def __getattr__(self, name: str) -> Any:
        if name in _CHANGES:
            raise AttributeError(
                f"{self!r} only reads: domain.repository_for(...).{name} changes.", name=name
            )
        raise AttributeError(f"'ReadView' object has no attribute '{name}'", name=name, obj=self)

    def __repr__(self) -> str:
        return f"<ReadView of {self._repository.schema.element}: {self.count():,} stored>"


class _Reading(Unit):
    """A unit of work as a query sees it that is asked in the middle of it: nothing is added."""

    __slots__ = ("_outer", "_query")

    def __init__(self, outer: Unit, query: str) -> None:
        super().__init__(outer.delivery)
        self._outer, self._query = outer, query
        self.head, self.known, self.added = outer.head, outer.known, outer.added

    def add(self, aggregate: Aggregate, *where: Any) -> None:  # noqa: ARG002 - as of any unit
        """Refused."""
        raise IncorrectUsageError(_REFUSAL.format(self._query))

    def refuse(self, *refusal: Any) -> None:
        """Remembered by the unit that is open."""
        self._outer.refuse(*refusal)


_REFUSAL = (
    "A query handler only reads, so nothing can be changed before {} is answered. Let a command handler "
    "change it, or a projector."
)


@contextmanager
def reading(world: World, query: str) -> Iterator[None]:
    """A block in which nothing can be changed; the lock is held.

    Args:
        world: the state that is read.
        query: the name of what is asked, for errors.

    Yields:
        Nothing.
    """
    frozen, unit = world.frozen, world.unit
    world.frozen = frozen or _REFUSAL.format(query)
    if unit is not None:
        world.unit = _Reading(unit, query)
    try:
        yield
    finally:
        world.frozen, world.unit = frozen, unit
