"""Units of work: what is saved together, or not at all (Fowler, PoEAA; Evans, ch. 6)."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.message import Command, Event
from ddd_kit.engine.commit import Commit
from ddd_kit.engine.context import current_engine
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.head import CommandHead, DeliveryHead, Head
from ddd_kit.engine.store import Store
from ddd_kit.exceptions import ExpectedVersionError, IncorrectUsageError, TransactionError, ValidationError

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.world import World


class Tracked:
    """An aggregate that a unit of work knows: so that an identity is always the same object in it.

    Attributes:
        aggregate: the object.
        store: where it is kept.
        schema: of its class.
        identity: its identity.
        added: whether it is to be saved, or removed.
        values: the state at `add`; None where it is to be removed.
        taken: how many of its events were there at `add`.
        head: the message that it was added for.
    """

    __slots__ = ("added", "aggregate", "head", "identity", "schema", "store", "taken", "values")

    def __init__(self, aggregate: Aggregate, store: Store, identity: Any) -> None:
        self.aggregate = aggregate
        self.store = store
        self.schema = aggregate._schema
        self.identity = identity
        self.added = False
        self.values: tuple[Any, ...] | None = None
        self.taken = 0
        self.head: Head | None = None

    @property
    def removed(self) -> bool:
        """Whether it is to be removed."""
        return self.added and self.values is None


Refusal = tuple[ValidationError | ExpectedVersionError, str, dict[str, Any], "Head | None"]


class UnitOfWork:
    """What is saved together, or not at all. Units inside another join it.

    Args:
        engine: the domain; the current one when left out.
        delivery: the delivery that the unit makes; for the engine's own use.

    Raises:
        ExpectedVersionError: at the end, when somebody else saved one of the aggregates meanwhile.
        ValidationError: at the end, when a value that has to be unique is not.
        TransactionError: at the end, when an inner unit was undone.

    Example:
        >>> from ddd_kit import Domain, UnitOfWork
        >>> from ddd_kit.fields import Identifier
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     book_id = Identifier(required=True)
        >>> with UnitOfWork():
        ...     order = domain.repository_for(Order).add(Order(book_id=1))
        ...     domain.repository_for(Order).query.count()
        1
    """

    __slots__ = ("_first_step", "_world", "commands", "delivery", "engine", "events", "head", "heads",
                 "in_progress", "outer", "refusals", "tracked", "undone_by")  # fmt: skip

    def __init__(self, engine: Engine | None = None, delivery: DeliveryHead | None = None) -> None:
        self.engine = engine if engine is not None else current_engine()
        self.delivery = delivery
        self.in_progress = False

    def __enter__(self) -> UnitOfWork:
        if self.in_progress:
            raise IncorrectUsageError("This unit of work is open already. Make another one inside: UnitOfWork().")
        engine = self.engine
        engine.lock.acquire()
        try:
            self._world = world = engine.world
            self.outer = world.unit
            if self.outer is None:
                self._begin(world)
            self.in_progress = True
        except BaseException:
            engine.lock.release()
            raise
        return self

    def _begin(self, world: World) -> None:
        if world.frozen is not None:
            raise IncorrectUsageError(world.frozen)
        world.finish()
        self.tracked: dict[tuple[str, Any], Tracked] = {}
        self.events: list[tuple[Event, Tracked, Head | None]] = []
        self.refusals: list[Refusal] = []
        self.commands: list[tuple[Command, CommandHead]] = []
        self.head: Head | None = self.delivery
        self.heads: list[Head] = [] if self.delivery is None else [self.delivery]
        self.undone_by: BaseException | None = None
        world.unit = self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self.outer is None:
                self._end(error)
            elif error is not None:
                self.root.undone_by = self.root.undone_by or error
        finally:
            self.in_progress = False
            self.engine.lock.release()
        if error is None and self.outer is None and self.delivery is None and self._world.waiting:
            self.engine.work_off(self._first_step)

    def start(self) -> UnitOfWork:
        """Open the unit; the same as entering it with `with`."""
        return self.__enter__()

    def commit(self) -> None:
        """Save what was added; the same as leaving the block without an error.

        Raises:
            IncorrectUsageError: when the unit is not open.
            Exception: as leaving the block.
        """
        self._check_open("commit")
        self.__exit__(None, None, None)

    def rollback(self) -> None:
        """Save nothing of it; the same as leaving the block by an error.

        Raises:
            IncorrectUsageError: when the unit is not open.
        """
        self._check_open("rollback")
        undone = TransactionError("The unit of work was rolled back on request.")
        self.__exit__(type(undone), undone, None)

    def _check_open(self, what: str) -> None:
        if not self.in_progress:
            raise IncorrectUsageError(f"UnitOfWork.{what}(): it is not open. Use `with UnitOfWork():`.")

    def _end(self, error: BaseException | None) -> None:
        try:
            if error is None:
                self._commit()
            else:
                self._undo(error)
        finally:
            self._world.unit = None

    @property
    def root(self) -> UnitOfWork:
        """The unit that this one has joined, or itself."""
        unit = self
        while unit.outer is not None:
            unit = unit.outer
        return unit

    def _commit(self) -> None:
        try:
            if self.undone_by is not None:
                self._refuse_half()
            if self.delivery is not None:
                self.delivery.end()
            batch = Commit(self.engine, self._world, self)
            batch.work_out()
        except BaseException as error:
            self._undo(error)
            raise
        self._first_step = batch.first_step
        self._world.apply(batch)

    def _refuse_half(self) -> None:
        raise TransactionError(
            "Nothing of this unit of work was saved, because a unit inside it failed with "
            f"{type(self.undone_by).__name__}: {self.undone_by}. Let that error pass, or do the inner "
            "work after this unit."
        ) from self.undone_by

    def _undo(self, error: BaseException) -> None:
        if self.delivery is not None:
            self.delivery.end(error)
        if self.heads or self.refusals:
            batch = Commit(self.engine, self._world, self)
            batch.work_out_undone()
            self._world.apply(batch)

    @property
    def done(self) -> Delivery | None:
        """The delivery that this unit made, unless it has to be made again."""
        made = self.delivery
        return made.delivery if made is not None and made.leaves_queue else None

    def add(self, aggregate: Aggregate, store: Store) -> None:
        """Save an aggregate as it is now when the unit ends.

        Args:
            aggregate: the object.
            store: where it goes.

        Raises:
            IncorrectUsageError: when another object of the same identity is part of the unit.
        """
        schema = aggregate._schema
        self._track(aggregate, store).values = schema.snapshot(aggregate.__dict__)

    def remove(self, aggregate: Aggregate, store: Store) -> None:
        """Remove an aggregate when the unit ends.

        Args:
            aggregate: the object.
            store: where it is.

        Raises:
            IncorrectUsageError: when another object of the same identity is part of the unit.
        """
        self._track(aggregate, store).values = None

    def _track(self, aggregate: Aggregate, store: Store) -> Tracked:
        identity = aggregate.__dict__[aggregate._schema.identity]  # type: ignore[index]
        key = (store.aggregate, identity)
        tracked = self.tracked.get(key)
        if tracked is None:
            tracked = self.tracked[key] = Tracked(aggregate, store, identity)
        elif tracked.aggregate is not aggregate:
            raise IncorrectUsageError(
                f"{aggregate!r}: another object of this identity is part of the unit of work already. "
                "Change the one that the repository gave you."
            )
        tracked.added = True
        tracked.head = head = self.head
        events = aggregate._events
        if len(events) > tracked.taken:
            self.events += [(event, tracked, head) for event in events[tracked.taken :]]
            tracked.taken = len(events)
        return tracked

    def refuse(self, error: ValidationError | ExpectedVersionError, element: str, tried: dict[str, Any]) -> None:
        """Remember that values were not accepted, for the journal.

        Args:
            error: what was raised.
            element: what refused.
            tried: values by field name.
        """
        self.refusals.append((error, element, tried, self.head))
