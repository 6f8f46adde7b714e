"""Handlers: classes whose methods take messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from ddd_kit.exceptions import ConfigurationError

ANY = "$any"
_Method = TypeVar("_Method", bound=Callable[..., Any])


class EventHandler:
    """A base for event handlers that are registered with `domain.register`; the decorator needs none."""


class CommandHandler:
    """A base for command handlers that are registered with `domain.register`; the decorator needs none."""


def handle(target: type | str) -> Callable[[_Method], _Method]:
    """Mark a method of a handler class as the one that takes a message.

    Args:
        target: the event or command class, its name, or `"$any"` for every event that no other
            method of the class takes.

    Returns:
        A decorator that leaves the method as it is.

    Raises:
        ConfigurationError: when the target is neither a class nor a name.

    Example:
        >>> class ManageInventory:
        ...     @handle("OrderShipped")
        ...     def reduce_stock_level(self, event): ...
        >>> [handled.target for handled in handler_methods(ManageInventory)]
        ['OrderShipped']
    """
    if not isinstance(target, type | str):
        raise ConfigurationError(
            f"@handle({target!r}): that is neither an event or command class nor the name of one. "
            "Write it as in @handle(OrderShipped)."
        )

    def mark(method: _Method) -> _Method:
        method.__dict__.setdefault("_handles", []).insert(0, target)
        return method

    return mark


class Handled(NamedTuple):
    """One message that one method takes: the method's name, and the target given to `@handle`."""

    method: str
    target: type | str


def handler_methods(cls: type) -> Iterator[Handled]:
    """What the methods of a handler class take.

    Args:
        cls: the class.

    Yields:
        One pair for each `@handle`, in order of definition; inherited ones first.
    """
    names = dict.fromkeys(name for base in reversed(cls.__mro__) for name in vars(base))
    for name in names:
        method = getattr(cls, name, None)
        for target in getattr(method, "_handles", ()):
            yield Handled(name, target)
