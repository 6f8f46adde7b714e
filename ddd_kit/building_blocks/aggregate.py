"""Aggregates: clusters of state that change together and raise events (Evans, ch. 6)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, ClassVar

from pydantic_core import ValidationError as PydanticError

from ddd_kit.building_blocks.element import Element, merged, set_values
from ddd_kit.building_blocks.message import Event, raised_again, set_raised
from ddd_kit.exceptions import IncorrectUsageError, InvalidOperationError, did_you_mean

_order_of_raising = itertools.count()
NEVER_SAVED = -1


class Aggregate(Element):
    """What the classes given to `@domain.aggregate` become.

    Args:
        *templates: dictionaries with values in common.
        **values: values by field name.

    Raises:
        ValidationError: when a value is missing, unknown or not accepted.

    Example:
        >>> from ddd_kit import Domain
        >>> from ddd_kit.fields import Identifier, Integer
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Inventory:
        ...     book_id = Identifier(required=True)
        ...     in_stock = Integer(default=0)
        >>> Inventory(book_id=1, id="i-1").to_dict()
        {'book_id': '1', 'in_stock': 0, 'id': 'i-1'}
    """

    # Apart from the fields, which are all that __dict__ holds.
    __slots__ = ("_events", "_version")
    _events: list[Event]
    _version: int
    _own_events: ClassVar[set[type]]  # those that were found to be part of it

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
            set_events(self, [])
            set_version(self, NEVER_SAVED)
            return
        self._link.reject(rejection, values)
        raise rejection

    def raise_(self, event: Event) -> None:
        """Say that something happened; handlers hear of it when the aggregate is saved.

        Args:
            event: an event that is part of this aggregate.

        Raises:
            IncorrectUsageError: when it is no event.
            ConfigurationError: when it is part of another aggregate.
        """
        schema = self._schema
        if type(event) not in self._own_events:
            self._check_own(event)
        if event._raised is not None:
            event = raised_again(event)
        events = self._events
        sequence_id = f"{self._version + 1}.{len(events) + 1}"
        set_raised(event, (self.__dict__[schema.identity], sequence_id, next(_order_of_raising)))  # type: ignore[index]
        events.append(event)

    def _check_own(self, event: Any) -> None:
        element = self._schema.element
        if not isinstance(event, Event):
            raise IncorrectUsageError(
                f"{element}.raise_({event!r}): that is no event. Raise an object of a class "
                "that is decorated with @domain.event."
            )
        if event._part_of == element and event._link is self._link:
            self._own_events.add(type(event))
        else:
            self._link.check_owner(element, event)

    @property
    def _identity(self) -> Any:
        return self.__dict__[self._schema.identity]  # type: ignore[index]

    def __setattr__(self, name: str, value: Any) -> None:
        __tracebackhide__ = True
        schema = self._schema
        check = schema.assigned.get(name)
        if check is None:
            check = self._check_of_other(name, value)
            if check is None:
                object.__setattr__(self, name, value)
                return
        try:
            self.__dict__[name] = check(value)
        except PydanticError as error:
            rejection = schema.explain_field(name, error)
        else:
            return
        self._link.reject(rejection, {name: value}, self)
        raise rejection

    def _check_of_other(self, name: str, value: Any) -> Callable[[Any], Any] | None:
        """The check of the identity, set to what it is; None for what is no field, where it may be set."""
        schema = self._schema
        if name == schema.identity:
            if value != self.__dict__[name]:
                raise InvalidOperationError(
                    f"{self!r}: {name} is its identity and stays as it is. Make another {schema.element}."
                )
            return schema.checks[name]
        if name.startswith("_") or hasattr(type(self), name):
            return None
        element, known = self._schema.element, self._schema.names
        hint = did_you_mean(name, known) or f": it has {', '.join(known)}."
        raise AttributeError(f"{element} has no field '{name}'{hint}", name=name, obj=self)

    def __delattr__(self, name: str) -> None:
        if name in self._schema.checks:
            raise AttributeError(f"{self!r}: the field '{name}' cannot be deleted. Set it to None instead.")
        object.__delattr__(self, name)

    def __copy__(self) -> Aggregate:
        twin = restore(type(self), self._schema.values_of(self.__dict__), self._version)
        set_events(twin, list(self._events))
        return twin

    def __eq__(self, other: object) -> bool:
        """Two objects are the same aggregate when they have the same identity (Evans, ch. 5)."""
        if not isinstance(other, Aggregate):
            return NotImplemented
        return (self._schema.element, self._identity) == (other._schema.element, other._identity)

    def __hash__(self) -> int:
        return hash((self._schema.element, self._identity))

    def __str__(self) -> str:
        return f"{self._schema.element} object ({self._schema.identity}: {self._identity})"

    def __repr__(self) -> str:
        return f"<{self._schema.element}: {self}>"


# What a user sets is checked; the kit sets what is its own so.
set_events = Aggregate.__dict__["_events"].__set__
set_version = Aggregate.__dict__["_version"].__set__


def restore(cls: type[Aggregate], values: tuple[Any, ...], version: int) -> Aggregate:
    """An aggregate as it was saved, without checking what was checked before.

    Args:
        cls: its class.
        values: all values, in the order of its fields.
        version: the version it was saved with, 0 or more.

    Returns:
        The aggregate.
    """
    aggregate = cls.__new__(cls)
    set_values(aggregate, cls._schema.restore(values))
    set_events(aggregate, [])
    set_version(aggregate, version)
    return aggregate
