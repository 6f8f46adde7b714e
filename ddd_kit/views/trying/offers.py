"""What can be tried with a model: commands, services, queries, messages, aggregates new and stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import is_
from typing import Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.registry import Registered
from ddd_kit.engine.store import Row
from ddd_kit.views.markup import plain
from ddd_kit.views.palette import STYLES
from ddd_kit.views.trying.actions import has_actions
from ddd_kit.views.trying.inside import associations
from ddd_kit.views.trying.instances import MOST_INSTANCES, stored_rows, teller
from ddd_kit.views.trying.messages import stream_of
from ddd_kit.views.trying.methods import public_methods
from ddd_kit.views.trying.parameters import Parameter
from ddd_kit.views.trying.targets import Target, TargetKind

_ORDER: tuple[TargetKind, ...] = (
    "command",
    "application service",
    "query",
    "repository",
    "subscriber",
    "domain service",
    "aggregate",
)


@dataclass(frozen=True, slots=True, eq=False)
class _Listed:
    """The instances of one aggregate, and what they were listed from."""

    element: Registered
    count: int
    rows: tuple[Row, ...]
    targets: tuple[Target, ...]

    def holds(self, element: Registered, count: int, rows: tuple[Row, ...]) -> bool:
        return self.element is element and self.count == count and all(map(is_, self.rows, rows))


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """All that can be tried at one time.

    Attributes:
        targets: commands, use cases, queries, messages, domain services, new aggregates, then instances, the
            newest first.
        counts: how many instances of each aggregate are stored; the newest 100 are among the targets.
    """

    targets: tuple[Target, ...]
    counts: Mapping[str, int]
    _elements: tuple[Registered, ...]
    _listed: Mapping[str, _Listed]


def offer(engine: Engine, known: Offer | None = None) -> Offer:
    """What can be tried.

    Args:
        engine: the domain.
        known: what was found earlier; what is as it was then is not worked out again.

    Returns:
        The offer; `known` itself when nothing has changed.
    """
    with engine.lock:
        elements = tuple(engine.registry.elements.values())
        before = known._listed if known is not None else {}
        listed = {e.name: _list(engine, e, before.get(e.name)) for e in elements if e.kind is Kind.AGGREGATE}
    if known is not None and known._elements == elements and all(map(is_, before.values(), listed.values())):
        return known
    targets = [target for kind in _ORDER for target in _of_kind(kind, elements)]
    targets += [target for each in listed.values() for target in each.targets]
    return Offer(tuple(targets), {name: each.count for name, each in listed.items()}, elements, listed)


def _list(engine: Engine, element: Registered, before: _Listed | None) -> _Listed:
    rows = stored_rows(engine, element.name)
    newest = tuple(islice(reversed(rows.values()), MOST_INSTANCES))
    if before is not None and before.holds(element, len(rows), newest):
        return before
    targets: tuple[Target, ...] = ()
    if any(public_methods(element)) or associations(element.schema):
        tells = teller(element)
        targets = tuple(
            Target("instance", element.name, identity, tells(identity, row))
            for identity, row in zip(reversed(rows), newest, strict=False)
        )
    return _Listed(element, len(rows), newest, targets)


def _of_kind(kind: TargetKind, elements: tuple[Registered, ...]) -> Iterator[Target]:
    streams = set()
    for element in elements:
        if element.kind.value != kind or not has_actions(element):
            continue
        if element.kind is Kind.SUBSCRIBER:
            if stream_of(element) in streams:  # a message reaches all who hear its stream
                continue
            streams.add(stream_of(element))
        label = plain(f"{STYLES[kind].symbol} {_told(element)}")
        yield Target(kind, element.name, None, label)


def _told(element: Registered) -> str:
    if element.kind is Kind.AGGREGATE:
        return f"New {element.name}"
    if element.kind is Kind.REPOSITORY:
        return f"{element.name} of {element.part_of}"
    if element.kind is Kind.SUBSCRIBER:
        stream, broker = stream_of(element)
        return f"Message on {stream}{'' if broker == 'default' else f', from the broker {broker}'}"
    return element.name


def chosen_for(engine: Engine, found: Offer, name: str) -> Target | None:
    """What is tried of an element that somebody chose.

    Args:
        engine: the domain.
        found: what is on offer.
        name: of any element.

    Returns:
        The newest instance of an aggregate, or a new one; of a handler what it takes; of a subscriber the
        message on its stream. None where there is nothing to try.
    """
    mine = [target for target in found.targets if target.element == name]
    if mine:
        return next((target for target in mine if target.kind == "instance"), mine[0])
    element = engine.registry.elements.get(name)
    if element is None:
        return None
    meant = {taken for _, taken in element.methods}
    if element.kind is Kind.SUBSCRIBER:
        hearing = engine.registry.of_kind(Kind.SUBSCRIBER)
        meant = {each.name for each in hearing if stream_of(each) == stream_of(element)}
    return next((target for target in found.targets if target.element in meant), None)


def instance(engine: Engine, aggregate: str, identity: Any) -> Target | None:
    """One stored instance, be it ever so old.

    Args:
        engine: the domain.
        aggregate: its name.
        identity: of the instance.

    Returns:
        The target; None when there is no such instance.
    """
    element = engine.registry.elements.get(aggregate)
    if element is None or element.kind is not Kind.AGGREGATE:
        return None
    with engine.lock:
        row = stored_rows(engine, aggregate).get(identity)
    return row and Target("instance", aggregate, identity, teller(element)(identity, row))


def suggestions(engine: Engine, parameter: Parameter) -> tuple[str, ...]:
    """The identities that a field may refer to.

    Args:
        engine: the domain.
        parameter: what is asked for.

    Returns:
        At most 100, the newest first.
    """
    if not parameter.suggests:
        return ()
    with engine.lock:
        found = list(islice(reversed(stored_rows(engine, parameter.suggests)), MOST_INSTANCES))
    return tuple(text for text in map(str, found) if plain(text) == text)
