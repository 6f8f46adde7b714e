"""Handlers: classes whose methods take messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from ddd_kit.exceptions import ConfigurationError

ANY = "$any"
_Method = TypeVar("_Method", bound=Callable[..., Any])


class EventHandler:
    """A base for event handlers that are registered with `domain.register`; the decorator needs none."""


class CommandHandler:
    """A base for command handlers that are registered with `domain.register`; the decorator needs none."""


class Role(NamedTuple):
    """What a method of a process manager does for a process.

    Attributes:
        correlate: the field of the event whose value tells which process it belongs to.
        start: whether the event begins a process.
        end: whether the process is complete after it.
    """

    correlate: str
    start: bool
    end: bool


def handle(
    target: type | str,
    *,
    start: bool = False,
    correlate: str | Mapping[str, str] | None = None,
    end: bool = False,
) -> Callable[[_Method], _Method]:
    """Mark a method of a handler class as the one that takes a message.

    Args:
        target: the event or command class, its name, or `"$any"` for every event that no other
            method of the class takes.
        start: of a process manager: whether the event begins a process that has not begun yet.
        correlate: of a process manager: the field of the event that tells which process it belongs to; or
            `{"order_id": "id"}`, the process manager's field and that of the event.
        end: of a process manager: whether the process is complete once the method ran.

    Returns:
        A decorator that leaves the method as it is.

    Raises:
        ConfigurationError: when the target is neither a class nor a name, or `correlate` names no field.

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

    role = _role(target, correlate, start, end)

    def mark(method: _Method) -> _Method:
        method.__dict__.setdefault("_handles", []).insert(0, target)
        method.__dict__.setdefault("_roles", {})[target] = role
        return method

    return mark


def _role(
    target: type | str, correlate: str | Mapping[str, str] | None, start: bool, end: bool
) -> Role | None:
    field: object = correlate
    if isinstance(correlate, Mapping):
        field = next(iter(correlate.values()), None) if len(correlate) == 1 else None
    if correlate is not None and not (isinstance(field, str) and field):
        name = getattr(target, "__name__", target)
        raise ConfigurationError(
            f"@handle({name}, correlate={correlate!r}): name one field of the event, as in "
            f'correlate="order_id", or correlate={{"order_id": "id"}} where it has another name there.'
        )
    if field is None and not start and not end:
        return None
    return Role(str(field or ""), start, end)


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


def role_of(cls: type, handled: Handled) -> Role | None:
    """What a method does for a process, as `@handle` was told.

    Args:
        cls: the class of a handler or a process manager.
        handled: one of its methods, and what that takes.

    Returns:
        The role; None where `@handle` was given nothing but the target.
    """
    roles: dict[type | str, Role | None] = getattr(getattr(cls, handled.method), "_roles", {})
    return roles.get(handled.target)
