"""Aggregates: clusters of state that change together and raise events (Evans, ch. 6)."""

from __future__ import annotations

import itertools
from typing import Any, ClassVar

from pydantic_core import ValidationError as PydanticError

from ddd_kit.building_blocks.element import Element, merged, set_values
from ddd_kit.building_blocks.entity import Entity
from ddd_kit.building_blocks.message import Event, raised_again, set_raised
from ddd_kit.exceptions import IncorrectUsageError, ValidationError

order_of_raising = itertools.count()
NEVER_SAVED = -1


class Aggregate(Entity):
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
            if not self._schema.guarded:
                return
            try:
                self._begin()
            except ValidationError as error:
                rejection = error
            else:
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
        extensions = self._link.enriched(event, self) if self._link.enrichers else ()
        set_raised(event, (self.__dict__[schema.identity], sequence_id, next(order_of_raising), extensions))  # type: ignore[index]
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

    def _root(self) -> Aggregate:
        return self

    def __getattr__(self, name: str) -> Any:
        return Element.__getattr__(self, name)  # a root has no owner to look in

    def __copy__(self) -> Aggregate:
        twin = restore(type(self), self._schema.snapshot(self.__dict__), self._version)
        set_events(twin, list(self._events))
        return twin


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
    if cls._schema.guarded:
        aggregate._set_blocks(0)
        aggregate._adopt()
    return aggregate
