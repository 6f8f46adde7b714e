"""Messages: events, which say what happened, and commands, which say what shall happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic_core import ValidationError as PydanticError

from ddd_kit.building_blocks.element import Element, merged, set_values
from ddd_kit.exceptions import IncorrectUsageError

if TYPE_CHECKING:
    from ddd_kit.building_blocks.metadata import Metadata


Extensions = tuple[tuple[str, Any], ...]
# Who raised an event, its aggregate version and place among the events of one save, as `0.1`, a number that
# grows with each event raised, and what enrichers added: enough to name an event before it is saved. Of a
# command only the last counts.
Raised = tuple[Any, str, int, Extensions]


class Message(Element):
    """A message cannot be changed once it is made.

    Args:
        *templates: dictionaries with values in common.
        **values: values by field name.

    Raises:
        ValidationError: when a value is missing, unknown or not accepted.
    """

    # _record is the message as it was written down; None until then.
    __slots__ = ("_raised", "_record")
    _part_of: ClassVar[str]
    _raised: Raised | None
    _record: tuple[Any, ...] | None

    def __init__(self, *templates: dict[str, Any], **values: Any) -> None:
        __tracebackhide__ = True
        if templates:
            values = merged(type(self).__name__, templates, values)
        try:
            complete = self._schema.check(values)
        except PydanticError as error:
            rejection = self._schema.explain(error)
        else:
            set_values(self, complete)
            set_raised(self, None)
            set_record(self, None)
            return
        self._link.reject(rejection, values)
        raise rejection

    @property
    def payload(self) -> dict[str, Any]:
        """The values by field name."""
        return self.to_dict()

    @property
    def _metadata(self) -> Metadata:
        return self._link.metadata(self)

    def __setattr__(self, name: str, value: Any) -> None:
        raise IncorrectUsageError(
            f"{self._schema.element} cannot be changed once it is made: events and commands are facts. "
            f"Make a new one, with {name}={value!r}."
        )

    def __delattr__(self, name: str) -> None:
        raise IncorrectUsageError(
            f"{self._schema.element}.{name} cannot be deleted: events and commands are facts."
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return restore, (type(self), dict(self.__dict__), self._record)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return (self._schema.element, self.__dict__) == (other._schema.element, other.__dict__)

    def __hash__(self) -> int:
        return hash((self._schema.element, repr(self.__dict__)))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{self._schema.element}({fields})"


class Event(Message):
    """What the classes given to `@domain.event` become: something that happened, in the past tense.

    Example:
        >>> from ddd_kit import Domain
        >>> from ddd_kit.fields import Identifier
        >>> domain = Domain(name="Bookshop")
        >>> @domain.event(part_of="Order")
        ... class OrderShipped:
        ...     order_id = Identifier(required=True)
        >>> OrderShipped(order_id=7)
        OrderShipped(order_id='7')
    """

    __slots__ = ()


class Command(Message):
    """What the classes given to `@domain.command` become: something to be done, in the imperative.

    Example:
        >>> from ddd_kit import Domain
        >>> from ddd_kit.fields import Identifier
        >>> domain = Domain(name="Bookshop")
        >>> @domain.command(part_of="Order", stream_category="manage_order")
        ... class ShipOrder:
        ...     order_id = Identifier(required=True)
        >>> ShipOrder(order_id=7).payload
        {'order_id': '7'}
    """

    __slots__ = ()


# A message refuses every change that a user makes; the kit binds it to who raised it and to its record so.
set_raised = Message.__dict__["_raised"].__set__
set_record = Message.__dict__["_record"].__set__


def restore(cls: type[Message], values: dict[str, Any], record: tuple[Any, ...] | None) -> Message:
    """A message as it was written down, without checking what was checked before.

    Args:
        cls: its class.
        values: all values by field name; the message takes the dictionary over.
        record: what was written down; None for a copy that is not yet.

    Returns:
        The message.
    """
    message = cls.__new__(cls)
    set_values(message, values)
    set_raised(message, None)
    set_record(message, record)
    return message


def raised_again(event: Event) -> Event:
    """A copy of an event that was raised before, to be bound to another aggregate.

    Args:
        event: the event; it stays as it is.

    Returns:
        An event that nobody has raised.
    """
    return cast(Event, restore(type(event), event.__dict__, None))
