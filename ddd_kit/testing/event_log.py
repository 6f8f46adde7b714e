"""Events that came of something, in order, to be asked with Python's own words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ddd_kit.exceptions import did_you_mean


class EventLog:
    """Events, in order.

    Args:
        events: objects of event classes.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.event(part_of="Order")
        ... class OrderShipped:
        ...     quantity: int
        >>> log = EventLog([OrderShipped(quantity=5)])
        >>> OrderShipped in log, len(log), log[OrderShipped].quantity, log[0].quantity, log.types
        (True, 1, 5, 5, [<class '...OrderShipped'>])
    """

    def __init__(self, events: Iterable[Any]) -> None:
        self._events = list(events)

    def __contains__(self, event: object) -> bool:
        """Whether there is one of a class; of an event, whether an equal one is there."""
        return bool(self.of_type(event)) if isinstance(event, type) else event in self._events

    def __getitem__(self, key: type | int) -> Any:
        """The first event of a class, or the one at a place from 0."""
        if not isinstance(key, type):
            return self._events[key]
        found = self.of_type(key)
        if not found:
            known = [_name(type(event)) for event in self._events]
            raise KeyError(
                f"No {_name(key)} is among the events{did_you_mean(_name(key), known) or '.'} "
                f"There are: {', '.join(known) or 'none'}."
            )
        return found[0]

    def get(self, event: type, default: Any = None) -> Any:
        """The first event of a class, if there is one.

        Args:
            event: the class.
            default: what is returned where there is none.

        Returns:
            The event, or the default.
        """
        return next(iter(self.of_type(event)), default)

    def of_type(self, event: type) -> list[Any]:
        """All events of a class.

        Args:
            event: the class; one of its name that was defined again since counts as the same.

        Returns:
            The events, in order.
        """
        return [each for each in self._events if isinstance(each, event) or _name(type(each)) == _name(event)]

    @property
    def types(self) -> list[type]:
        """The class of each event, in order."""
        return [type(event) for event in self._events]

    @property
    def first(self) -> Any | None:
        """The first event, or None."""
        return self._events[0] if self._events else None

    @property
    def last(self) -> Any | None:
        """The last event, or None."""
        return self._events[-1] if self._events else None

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._events)

    def __repr__(self) -> str:
        return f"EventLog({[_name(each) for each in self.types]})"


def _name(cls: type) -> str:
    return cls.__name__
