"""Projections: stored read models, which projectors keep up with the events (Vernon, ch. 4: CQRS)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.handler import handle
from ddd_kit.building_blocks.message import Event
from ddd_kit.exceptions import IncorrectUsageError

_Method = TypeVar("_Method", bound=Callable[..., object])


class Projection(Aggregate):
    """What the classes given to `@domain.projection` become: state that is made for reading.

    It is kept in a repository as aggregates are, under an identity, and is derived from their class for that.
    But it decides nothing and raises no events: it follows from those of the aggregates.

    Args:
        *templates: dictionaries with values in common.
        **values: values by field name.

    Raises:
        ValidationError: when a value is missing, unknown or not accepted.

    Example:
        >>> from ddd_kit import Domain
        >>> from ddd_kit.fields import Identifier
        >>> domain = Domain(name="Bookshop")
        >>> @domain.projection
        ... class OrderList:
        ...     order_id = Identifier(identifier=True)
        ...     status: str = "placed"
        >>> OrderList(order_id=7)
        <OrderList: OrderList object ({'order_id': '7', 'status': 'placed'})>
    """

    __slots__ = ()

    def raise_(self, event: Event) -> NoReturn:
        """Refused: a projection only follows from events.

        Args:
            event: any event.

        Raises:
            IncorrectUsageError: always.
        """
        raise IncorrectUsageError(
            f"{self._schema.element} is a projection, which follows from events and raises none: "
            f"let the aggregate raise {event!r}."
        )

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name != "raise_"]

    def __str__(self) -> str:
        return f"{self._schema.element} object ({self.to_dict()})"


class Projector:
    """A base for projectors that are registered with `domain.register`; the decorator needs none."""


def on(target: type | str) -> Callable[[_Method], _Method]:
    """Mark a method of a projector as the one that takes an event; the same as `handle`.

    Args:
        target: the event's class, its name, or `"$any"` for every event that no other method takes.

    Returns:
        A decorator that leaves the method as it is.

    Raises:
        ConfigurationError: when the target is neither a class nor a name.

    Example:
        >>> class OrderListProjector:
        ...     @on("OrderShipped")
        ...     def mark_as_shipped(self, event): ...
    """
    return handle(target)
