"""Aggregates: clusters of state that change together and raise events (Evans, ch. 6)."""

from __future__ import annotations

import itertools
from typing import Any

from pydantic_core import ValidationError as PydanticError

from ddd_kit.building_blocks.element import Element, checked
from ddd_kit.building_blocks.message import Event, raised
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

    def __init__(self, *templates: dict[str, Any], **values: Any) -> None:
        complete = checked(type(self), templates, values)
        _set_dict(self, "__dict__", complete)
        _set_events(self, [])
        _set_version(self, NEVER_SAVED)

    def raise_(self, event: Event) -> None:
        """Say that something happened; handlers hear of it when the aggregate is saved.

        Args:
            event: an event that is part of this aggregate.

        Raises:
            IncorrectUsageError: when it is no event.
            ConfigurationError: when it is part of another aggregate.
        """
        if not isinstance(event, Event):
            raise IncorrectUsageError(
                f"{self._schema.element}.raise_({event!r}): that is no event. Raise an object of a class "
                "that is decorated with @domain.event."
            )
        if event._part_of != self._schema.element or event._link is not self._link:
            self._link.check_owner(self._schema.element, event)
        events = self._events
        sequence_id = f"{self._version + 1}.{len(events) + 1}"
        events.append(raised(event, (self._identity, sequence_id, next(_order_of_raising))))

    @property
    def _identity(self) -> Any:
        return self.__dict__[self._schema.identity]  # type: ignore[index]

    def __setattr__(self, name: str, value: Any) -> None:
        check = self._schema.checks.get(name)
        if check is None:
            self._set_undeclared(name, value)
            return
        if name == self._schema.identity and value != self.__dict__[name]:
            raise InvalidOperationError(
                f"{self!r}: {name} is its identity and stays as it is. Make another {self._schema.element}."
            )
        try:
            self.__dict__[name] = check(value)
        except PydanticError as error:
            rejection = self._schema.explain_field(name, error)
        else:
            return
        self._link.reject(rejection, {name: value})
        raise rejection

    def _set_undeclared(self, name: str, value: Any) -> None:
        if name.startswith("_") or hasattr(type(self), name):
            object.__setattr__(self, name, value)
            return
        element, known = self._schema.element, self._schema.names
        hint = did_you_mean(name, known) or f": it has {', '.join(known)}."
        raise AttributeError(f"{element} has no field '{name}'{hint}", name=name, obj=self)

    def __delattr__(self, name: str) -> None:
        if name in self._schema.checks:
            raise AttributeError(f"{self!r}: the field '{name}' cannot be deleted. Set it to None instead.")
        object.__delattr__(self, name)

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


_set_dict = object.__setattr__
_set_events = Aggregate.__dict__["_events"].__set__
_set_version = Aggregate.__dict__["_version"].__set__


def restore(cls: type[Aggregate], values: dict[str, Any], version: int) -> Aggregate:
    """An aggregate as it was saved, without checking what was checked before.

    Args:
        cls: its class.
        values: all values by field name; the object takes the dictionary over.
        version: the version it was saved with, 0 or more.

    Returns:
        The aggregate.
    """
    aggregate = cls.__new__(cls)
    _set_dict(aggregate, "__dict__", values)
    _set_events(aggregate, [])
    _set_version(aggregate, version)
    return aggregate


def saved(aggregate: Aggregate, version: int, events: list[Event]) -> None:
    """Note that an aggregate was saved.

    Args:
        aggregate: the object.
        version: the version it was saved with, 0 or more.
        events: those that are left to it, raised after it was added.
    """
    _set_version(aggregate, version)
    _set_events(aggregate, events)
