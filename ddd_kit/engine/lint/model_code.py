"""What the code of a model leads to: which events a method may raise, which aggregates it changes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from types import FunctionType
from typing import NamedTuple

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.lint.code import Arms, Does, Save, functions_of, names_in, read
from ddd_kit.engine.registry import LISTENERS, Registered, Registry
from ddd_kit.exceptions import ConfigurationError

Method = tuple[str, str]  # the names of an element and of a method
_DEEPEST = 8  # helpers that call helpers


class Change(NamedTuple):
    """An aggregate that a method saves.

    Attributes:
        aggregate: its name.
        what: the code of what is saved.
        repeated: whether a loop saves another one each time.
        arms: the branches that it stands in.
        by: the command handler's method that saves it, where the method sends a command; else None.
    """

    aggregate: str
    what: str
    repeated: bool
    arms: Arms
    by: str | None = None


def _is_users(function: FunctionType) -> bool:
    return not function.__module__.startswith("ddd_kit.engine")


class ModelCode:
    """The code of all elements of a model, read when it is asked for.

    Args:
        registry: the definitions.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._does: dict[FunctionType, Does] = {}
        self._classes: dict[str, dict[str, FunctionType]] = {}

    def functions(self, element: str) -> dict[str, FunctionType]:
        """The functions of an element's class, by name."""
        if element not in self._classes:
            self._classes[element] = dict(functions_of(self._registry.elements[element].cls))
        return self._classes[element]

    def does(self, function: FunctionType) -> Does:
        """What a function does itself."""
        if function not in self._does:
            self._does[function] = read(function)
        return self._does[function]

    @cached_property
    def names(self) -> frozenset[str]:
        """All names in the code of the model and of the functions that stand beside it."""
        found: set[str] = set()
        beside: dict[int, dict[str, object]] = {}
        for element in self._registry.elements:
            for function in self.functions(element).values():
                found |= names_in(function.__code__)
                beside[id(function.__globals__)] = function.__globals__
        for names in beside.values():
            for held in list(names.values()):
                if isinstance(held, FunctionType) and held.__globals__ is names:
                    found |= names_in(held.__code__)
        return frozenset(found)

    def _reached(self, method: Method) -> Iterator[Does]:
        """A method, the methods of its class and the functions beside it that it calls, and theirs."""
        own = self.functions(method[0])
        todo = [own[method[1]]] if method[1] in own else []
        seen: set[FunctionType] = set()
        while todo and len(seen) < 50 * _DEEPEST:
            function = todo.pop(0)
            if function in seen:
                continue
            seen.add(function)
            does = self.does(function)
            yield does
            found = [each.get(name) for name in sorted(does.calls) for each in (own, function.__globals__)]
            todo += [called for called in found if isinstance(called, FunctionType) and _is_users(called)]

    def changes(self, method: Method, _above: frozenset[Method] = frozenset()) -> list[Change]:
        """The aggregates that a method saves in its unit of work, by itself and by commands that it sends."""
        found: list[Change] = []
        for does in self._reached(method):
            found += [Change(*save) for save in does.saves if self._is_aggregate(save)]
            for sent in does.sends:
                taker = self._registry.command_route(sent.command)
                if taker is None or taker in _above:
                    continue
                found += [
                    Change(
                        change.aggregate,
                        change.what,
                        change.repeated or sent.repeated,
                        (*sent.arms, *change.arms),
                        change.by or ".".join(taker),
                    )
                    for change in self.changes(taker, _above | {method})
                ]
        return found

    def _is_aggregate(self, save: Save) -> bool:
        known = self._registry.elements.get(save.aggregate)
        return known is not None and known.kind is Kind.AGGREGATE

    def raised(self, method: Method, _above: frozenset[Method] = frozenset()) -> set[str]:
        """The events that a method may raise: itself, by aggregates that it names, by commands it sends."""
        found: set[str] = set()
        above = _above | {method}
        for does in self._reached(method):
            found |= {name for name in does.raises if self._kind(name) is Kind.EVENT}
            for name in sorted(does.names):
                if self._kind(name) is not Kind.AGGREGATE:
                    continue
                for called in does.calls & self.functions(name).keys():
                    if (name, called) not in above:
                        found |= self.raised((name, called), above)
            for sent in does.sends:
                taker = self._registry.command_route(sent.command)
                if taker is not None and taker not in above:
                    found |= self.raised(taker, above)
        return found

    def _kind(self, name: str) -> Kind | None:
        known = self._registry.elements.get(name)
        return known.kind if known is not None else None

    def takers(self, event: str) -> list[Method]:
        """The handler methods that an event goes to, those of which the source may not be right included."""
        element = self._registry.elements[event]
        try:
            routes = self._registry.routes(event, self._registry.message_category(element))
        except ConfigurationError:  # part of an aggregate that there is not
            return []
        return [(route.handler, route.method) for route in routes.open]

    def listeners(self) -> Iterator[tuple[Registered, str]]:
        """The methods that events are delivered to, each with its element."""
        for handler in self._registry.of_kind(*LISTENERS):
            for method in dict.fromkeys(method for method, _ in handler.methods):
                yield handler, method
