"""The rules, as far as the definitions and their code tell."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import combinations
from typing import Any, get_args

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.lint.code import exclude
from ddd_kit.engine.lint.finding import (
    CROSS_AGGREGATE_REFERENCE,
    EVENT_NOT_PAST_TENSE,
    HANDLER_CIRCLE,
    TWO_AGGREGATES_IN_ONE_UNIT,
    UNHANDLED_EVENT,
    UNRAISED_EVENT,
    UNUSED_COMMAND,
    Finding,
)
from ddd_kit.engine.lint.model_code import Change, Method, ModelCode
from ddd_kit.engine.lint.tense import says_past, words
from ddd_kit.engine.registry import Registered, Registry
from ddd_kit.exceptions import ConfigurationError
from ddd_kit.fields.spec import Relation

_UNITS = (Kind.EVENT_HANDLER, Kind.COMMAND_HANDLER, Kind.APPLICATION_SERVICE)


def two_aggregates(registry: Registry, code: ModelCode) -> Iterator[Finding]:
    """Handlers whose code changes two aggregates in one unit of work."""
    for element in registry.of_kind(*_UNITS):
        for method in _methods(element, code):
            pair = _two(code.changes((element.name, method)))
            if pair is not None:
                names = tuple(dict.fromkeys([element.name, *(change.aggregate for change in pair)]))
                yield Finding(
                    TWO_AGGREGATES_IN_ONE_UNIT, names, f"{element.name}.{method} {_changing(pair)}."
                )


def _methods(element: Registered, code: ModelCode) -> Iterator[str]:
    """The methods that are a unit of work each."""
    if element.kind is not Kind.APPLICATION_SERVICE:
        yield from dict.fromkeys(method for method, _ in element.methods)
        return
    for name in code.functions(element.name):
        if getattr(getattr(element.cls, name, None), "_use_case", False):
            yield name


def _two(changes: list[Change]) -> tuple[Change, ...] | None:
    for one in changes:
        if one.repeated:
            return (one,)
    for one, other in combinations(changes, 2):
        if not exclude(one.arms, other.arms) and _differ(one, other):
            return (one, other)
    return None


def _differ(one: Change, other: Change) -> bool:
    """Whether two places save different aggregates; what a command saves may be the same one of its kind."""
    if one.aggregate != other.aggregate:
        return True
    return one.by is None and other.by is None and (one.what != other.what or "(" in one.what)


def _changing(pair: tuple[Change, ...]) -> str:
    if len(pair) == 1:
        return f"saves another {pair[0].aggregate} in each turn of a loop, all in one unit of work"
    one, other = pair
    if one.aggregate == other.aggregate:
        return f"saves two of {one.aggregate} in one unit of work: {one.what} and {other.what}"
    told = (change.aggregate + (f" (by {change.by})" if change.by else "") for change in pair)
    return f"saves {' and '.join(told)} in one unit of work"


def circles(registry: Registry, code: ModelCode) -> Iterator[Finding]:
    """Handlers whose code may raise what leads to themselves."""
    del registry
    known: set[frozenset[str]] = set()
    for handler, method in code.listeners():
        path = _way_back(code, (handler.name, method))
        if path is None or frozenset(path) in known:
            continue
        known.add(frozenset(path))
        names = tuple(dict.fromkeys(step.split(".")[0] for step in path[:-1]))
        yield Finding(
            HANDLER_CIRCLE, names, f"{handler.name}.{method} can lead to itself: {' -> '.join(path)}."
        )


def _way_back(code: ModelCode, start: Method) -> list[str] | None:
    """The shortest way from a handler's method to itself: methods and events in turn."""
    queue: deque[tuple[Method, list[str]]] = deque([(start, [".".join(start)])])
    seen: set[Method] = set()
    while queue:
        method, path = queue.popleft()
        for event in sorted(code.raised(method)):
            for taker in code.takers(event):
                way = [*path, event, ".".join(taker)]
                if taker == start:
                    return way
                if taker not in seen:
                    seen.add(taker)
                    queue.append((taker, way))
    return None


def held_aggregates(registry: Registry, code: ModelCode) -> Iterator[Finding]:
    """Fields that hold an aggregate as a whole."""
    del code
    for element in registry.of_kind(Kind.AGGREGATE, Kind.ENTITY, Kind.VALUE_OBJECT):
        for name, spec in element.schema.fields.items():
            held = _held(registry, spec)
            if held is not None:
                yield Finding(
                    CROSS_AGGREGATE_REFERENCE,
                    (element.name, held),
                    f"{element.name}.{name} holds the aggregate {held} itself, and not its identity.",
                )


def _held(registry: Registry, spec: Any) -> str | None:
    if spec.nested is not None:
        name = getattr(spec.nested.target, "__name__", spec.nested.target)
        found = registry.elements.get(name)
        is_root = found is not None and found.kind is Kind.AGGREGATE
        return name if is_root and spec.nested.relation is not Relation.REFERENCE else None
    return next((cls.__name__ for cls in _classes(spec.type) if issubclass(cls, Aggregate)), None)


def _classes(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for inner in get_args(annotation):
        yield from _classes(inner)


def unused_commands(registry: Registry, code: ModelCode) -> Iterator[Finding]:
    """Commands that no method takes."""
    del code
    for command in registry.of_kind(Kind.COMMAND):
        if registry.command_route(command.name) is None:
            yield Finding(UNUSED_COMMAND, (command.name,), f"Nobody handles {command.name}.")


def unraised_events(registry: Registry, code: ModelCode) -> Iterator[Finding]:
    """Events that no code of the model names; whether they were raised all the same, the journal knows."""
    for event in _events(registry):
        if event.name not in code.names:
            owner = f", not even {event.part_of}" if event.part_of else ""
            yield Finding(UNRAISED_EVENT, (event.name,), f"Nobody raises {event.name}{owner}.")


def unhandled_events(registry: Registry, code: ModelCode) -> Iterator[Finding]:
    """Events that reach no handler."""
    for event in _events(registry):
        if event.options.get("published") or code.takers(event.name) or _is_applied(registry, event):
            continue
        try:
            category = registry.message_category(event)
            barred = registry.routes(event.name, category).barred
        except ConfigurationError:
            continue
        said, names = f"Nobody handles {event.name}.", [event.name]
        if barred:
            first = barred[0]
            said = (
                f"Nobody hears {event.name}: {first.handler}.{first.method} takes it, and listens to "
                f"{first.wanted}; it is on {category}."
            )
            names += dict.fromkeys(each.handler for each in barred)
        yield Finding(UNHANDLED_EVENT, tuple(names), said)


def _is_applied(registry: Registry, event: Registered) -> bool:
    """Whether it changes the state of an event-sourced aggregate, which is what it is for."""
    owner = registry.elements.get(event.part_of or "")
    return owner is not None and event.name in getattr(owner.cls, "_appliers", ())


def tense(registry: Registry, code: ModelCode) -> Iterator[Finding]:
    """Events whose names do not say that something has happened."""
    del code
    for event in _events(registry):
        if not says_past(event.name):
            said = f"{event.name} does not say in the past tense that something has happened."
            if words(event.name)[-1].endswith("ing"):
                said = f"{event.name} tells what is going on, and not what has happened."
            yield Finding(EVENT_NOT_PAST_TENSE, (event.name,), said)


def _events(registry: Registry) -> Iterator[Registered]:
    """Those that a modeller wrote; the engine makes others, which tell the state of an aggregate."""
    return (event for event in registry.of_kind(Kind.EVENT) if not getattr(event.schema, "is_fact", False))


ALL = (two_aggregates, circles, held_aggregates, unused_commands, unraised_events, unhandled_events, tense)
