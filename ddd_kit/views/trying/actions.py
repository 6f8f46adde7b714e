"""What can be done with a model, and what that takes: commands, use cases, queries, messages, methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.event_sourced import EventSourced
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.registry import Registered
from ddd_kit.views.trying.inside import associations, entities, next_states
from ddd_kit.views.trying.messages import sends
from ddd_kit.views.trying.methods import Asks, Method, asking, own_methods, public_methods
from ddd_kit.views.trying.parameters import Parameter, is_plain
from ddd_kit.views.trying.services import (
    deed_methods,
    deeds,
    named_queries,
    named_query_methods,
    use_case_methods,
    use_cases,
)
from ddd_kit.views.trying.targets import Action, Target, action


def actions(engine: Engine, target: Target) -> tuple[Action, ...]:
    """What can be done with a target.

    Args:
        engine: the domain.
        target: what is to be tried.

    Returns:
        One action for a command, a query and a message; for an aggregate its constructor and those of its
        methods that make one; for an instance, a service and a repository one for each of its public methods,
        as its class and those that it is derived from define them.
    """
    element = engine.registry.elements.get(target.element)
    return () if element is None else tuple(_actions(engine, target, element))


def _actions(engine: Engine, target: Target, element: Registered) -> Iterator[Action]:
    if target.kind == "instance":
        yield from _deeds_of_instance(engine, element, target.identity)
    elif target.kind == "aggregate":
        yield from _makes(engine, element)
    elif target.kind == "application service":
        yield from use_cases(engine, element)
    elif target.kind == "domain service":
        yield from deeds(engine, element)
    elif target.kind == "repository":
        yield from named_queries(engine, element)
    elif target.kind == "subscriber":
        yield sends(engine, element)
    else:
        yield _of_fields(engine, element)


def has_actions(element: Registered) -> bool:
    """Whether there is something to do with an element that is no instance.

    Args:
        element: of any kind.

    Returns:
        True where a target should be offered for it. An event-sourced aggregate can only be made by a method
        of its own: one that has raised no event cannot be saved.
    """
    kind = element.kind
    if kind is Kind.APPLICATION_SERVICE:
        return any(use_case_methods(element))
    if kind is Kind.DOMAIN_SERVICE:
        return any(deed_methods(element))
    if kind is Kind.REPOSITORY:
        return any(named_query_methods(element))
    if kind is Kind.AGGREGATE:
        return not element.options["event_sourced"] or any(_factories(element))
    return kind in (Kind.COMMAND, Kind.QUERY, Kind.SUBSCRIBER)


def _of_fields(engine: Engine, element: Registered) -> Action:
    asked = action(element.name, list(asking(engine).fields(element.schema)))
    if element.kind is Kind.QUERY and not _is_answered(engine, element):
        why = f"Nobody answers {element.name} yet: no query handler has a method with @read({element.name})."
        return Action(asked.name, asked.label, asked.parameters, why)
    return asked


def _is_answered(engine: Engine, query: Registered) -> bool:
    handlers = engine.registry.of_kind(Kind.QUERY_HANDLER)
    return any(taken == query.name for handler in handlers for _, taken in handler.methods)


def _makes(engine: Engine, element: Registered) -> Iterator[Action]:
    if not element.options["event_sourced"]:
        yield _of_fields(engine, element)
    asks = Asks(engine, element, Aggregate)
    for method in _factories(element):
        yield asks.call(method)


def _factories(element: Registered) -> Iterator[Method]:
    """The class methods of an aggregate, as they make one (Evans, ch. 6: factories)."""
    base = EventSourced if element.options["event_sourced"] else Aggregate
    for method in own_methods(element, base, set(dir(base))):
        if method.on_class and method.bound:
            yield method


def _deeds_of_instance(engine: Engine, element: Registered, identity: Any) -> Iterator[Action]:
    asks = Asks(engine, element, Aggregate)

    def settles(one: Parameter) -> Parameter:
        return next_states(engine, element, identity, one)

    for method in public_methods(element):
        yield asks.call(method, settles=settles)
    yield from _associated(engine, element, identity)


def _associated(engine: Engine, element: Registered, identity: Any) -> Iterator[Action]:
    """What the fields bring that hold entities: to add one, and to remove one of those that there are."""
    for field, held in associations(element.schema).items():
        asked = list(asking(engine).parts(held.name, held.name, required=True, positional=True))
        if asked:
            yield action(f"add_{field}", asked)
        there = entities(engine, element, identity, field)
        known = engine.registry.elements.get(held.name)
        if there and known is not None and all(is_plain(key) for _, key in there):
            one = Parameter(
                held.name,
                "choice",
                choices=tuple(key for _, key in there),
                labels=tuple(label for label, _ in there),
                got_by=(f"get_one_from_{field}", known.schema.identity or "id"),
                positional=True,
            )
            yield action(f"remove_{field}", [one])
