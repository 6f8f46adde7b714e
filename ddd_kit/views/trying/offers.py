"""What can be tried with a model: its commands, new aggregates, and the methods of stored ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from operator import is_
from typing import Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.registry import Registered
from ddd_kit.engine.store import Row
from ddd_kit.journal.sentence import brief, short_id
from ddd_kit.views.markup import plain
from ddd_kit.views.palette import STYLES
from ddd_kit.views.trying.actions import Target, public_methods
from ddd_kit.views.trying.annotations import of_field
from ddd_kit.views.trying.inside import associations
from ddd_kit.views.trying.parameters import Parameter

MOST_INSTANCES = 100


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
        targets: commands, new aggregates, then instances, the newest first.
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
    targets = [_new(element) for element in elements if element.kind is Kind.COMMAND]
    targets += [_new(element) for element in elements if element.kind is Kind.AGGREGATE]
    targets += [target for each in listed.values() for target in each.targets]
    return Offer(tuple(targets), {name: each.count for name, each in listed.items()}, elements, listed)


def _list(engine: Engine, element: Registered, before: _Listed | None) -> _Listed:
    rows = _rows(engine, element.name)
    newest = tuple(islice(reversed(rows.values()), MOST_INSTANCES))
    if before is not None and before.holds(element, len(rows), newest):
        return before
    targets: tuple[Target, ...] = ()
    if any(public_methods(element)) or associations(element.schema):
        tells = _teller(element)
        targets = tuple(
            Target("instance", element.name, identity, tells(identity, row))
            for identity, row in zip(reversed(rows), newest, strict=False)
        )
    return _Listed(element, len(rows), newest, targets)


def _rows(engine: Engine, aggregate: str) -> dict[Any, Row]:
    engine.world.finish()
    store = engine.world.stores.get(aggregate)
    return store.rows if store is not None else {}


def _new(element: Registered) -> Target:
    if element.kind is Kind.COMMAND:
        return Target("command", element.name, None, f"{STYLES['command'].symbol} {element.name}")
    return Target("aggregate", element.name, None, f"{STYLES['aggregate'].symbol} New {element.name}")


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
        row = _rows(engine, aggregate).get(identity)
    return row and Target("instance", aggregate, identity, _teller(element)(identity, row))


def _teller(element: Registered) -> Callable[[Any, Row], str]:
    """What makes the labels of instances: their short identity, and a field or two that tell them apart."""
    schema = element.schema
    fields = [name for name in schema.names if name != schema.identity and not name.endswith("_id")]
    states = [name for name in fields if of_field(name, schema.fields[name]).choices][:1]
    others = [name for name in fields if name in schema.indexable]
    symbol = STYLES["aggregate"].symbol

    def tell(identity: Any, row: Row) -> str:
        values = dict(zip(row[1], row[2], strict=True))
        told = [_brief(values[name]) for name in states if values.get(name) is not None]
        told = told or [f"{name} {_brief(values[name])}" for name in others if values.get(name) is not None]
        known = f" ({', '.join(told[:2])})" if told else ""
        return plain(f"{symbol} {element.name} {short_id(identity)}{known}")

    return tell


def _brief(value: Any) -> str:
    return value.name if isinstance(value, Enum) else brief(value)


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
        newest = list(islice(reversed(_rows(engine, parameter.suggests)), MOST_INSTANCES))
    return tuple(text for text in map(str, newest) if plain(text) == text)
