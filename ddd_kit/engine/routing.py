"""Who takes what: the methods of handlers, and the routes of events to them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.handler import ANY, handler_methods
from ddd_kit.building_blocks.message import Command, Event
from ddd_kit.building_blocks.query import Query
from ddd_kit.exceptions import ConfigurationError

if TYPE_CHECKING:
    from ddd_kit.engine.registry import Registered


# What the methods of handlers take that are not event handlers: the base, the word, and how it is marked.
_TAKEN: Mapping[Kind, tuple[type, str, str]] = {
    Kind.COMMAND_HANDLER: (Command, "command", "handle"),
    Kind.QUERY_HANDLER: (Query, "query", "read"),
    Kind.PROJECTOR: (Event, "event", "on"),
}


class Route(NamedTuple):
    """A handler method that takes an event, and the source that it insists on."""

    handler: str
    method: str
    source: str | None


class Barred(NamedTuple):
    """A handler method that takes this type of event, and the rule that keeps it out."""

    handler: str
    method: str
    rule: str
    wanted: str
    found: str


class Routes(NamedTuple):
    """Where an event goes.

    Attributes:
        open: the methods that take it, subject to their source.
        barred: those that do not.
        certain: the names of the open ones, where they take it whatever its cause, and nothing is to be
            explained: some take it, and none that takes its type does not. Else None.
    """

    open: tuple[Route, ...]
    barred: tuple[Barred, ...]
    certain: tuple[tuple[str, str], ...] | None

    def targets(self, causes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """The handler methods that take an event with these causes, as pairs of names.

        Args:
            causes: the categories of the messages that led to it.

        Returns:
            Pairs of a handler and a method, in order of definition.
        """
        return tuple([(h, method) for h, method, source in self.open if source is None or source in causes])


def methods_for(handler: Registered, event: str) -> list[tuple[str, bool]]:
    """The methods of a handler that take an event.

    Args:
        handler: an event handler.
        event: the event's name.

    Returns:
        Pairs of a method, and whether it names the event; `$any` only counts where no method does.
    """
    named = [(method, True) for method, taken in handler.methods if taken == event]
    return named or [(method, False) for method, taken in handler.methods if taken == ANY]


def methods_of(cls: type, kind: Kind) -> tuple[tuple[str, str], ...]:
    """What the methods of a handler class take.

    Args:
        cls: the class.
        kind: of the handler.

    Returns:
        Pairs of method and message name.

    Raises:
        ConfigurationError: when a target is no event, or no command.
    """
    base, word, mark = _TAKEN.get(kind, (Event, "event", "handle"))
    pairs = []
    for method, target in handler_methods(cls):
        if isinstance(target, type) and not issubclass(target, base):
            raise ConfigurationError(
                f"{cls.__name__}.{method}: @{mark}({target.__name__}) names no {word}."
                f" Decorate {target.__name__} with @domain.{word}, or name {Kind(word).with_article}."
            )
        _check_method(cls, method)
        if target == ANY and kind in _TAKEN and word != "event":
            raise ConfigurationError(
                f'{cls.__name__}.{method}: @{mark}("{ANY}") is for event handlers. Name a {word}.'
            )
        pairs.append((method, target if isinstance(target, str) else target.__name__))
    return tuple(pairs)


def check_called(cls: type, method: str) -> None:
    """Refuse a class of which a method cannot be called with a message.

    Args:
        cls: the class.
        method: the name of the method.

    Raises:
        ConfigurationError: when it has no such method, or one that takes no message or cannot run to its end.
    """
    if not any(method in vars(base) for base in cls.__mro__):
        raise ConfigurationError(
            f"{cls.__name__} has no method that takes a message. Write `def {method}(self, payload):`."
        )
    _check_method(cls, method)


def _check_method(cls: type, method: str) -> None:
    """Refuse at definition what could only fail, or do nothing, when the first message comes."""
    where, function = f"{cls.__name__}.{method}", getattr(cls, method)
    if inspect.iscoroutinefunction(function):
        raise ConfigurationError(
            f"{where} is async, and nobody would await it: handlers run to their end before the next one "
            "begins. Write `def` without `async`."
        )
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ConfigurationError(
            f"{where} is a generator, and nobody would step through it. Leave out `yield`."
        )
    if not inspect.isfunction(inspect.getattr_static(cls, method)):
        return
    try:
        inspect.signature(function).bind("self", "message")
    except TypeError as error:
        raise ConfigurationError(
            f"{where} cannot be called with a message: {error}. Write it as `def {method}(self, event):`."
        ) from None
