"""Stored instances, and what tells them apart."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from itertools import islice
from typing import Any

from ddd_kit.engine.engine import Engine
from ddd_kit.engine.registry import Registered
from ddd_kit.engine.store import Row
from ddd_kit.journal.sentence import brief, short_id
from ddd_kit.views.markup import plain
from ddd_kit.views.palette import STYLES
from ddd_kit.views.trying.annotations import of_field

MOST_INSTANCES = 100


def stored_rows(engine: Engine, aggregate: str) -> dict[Any, Row]:
    """All that is stored of an aggregate; the lock is held.

    Args:
        engine: the domain.
        aggregate: its name.

    Returns:
        Rows by identity, in the order in which they were first saved.
    """
    engine.world.finish()
    store = engine.world.stores.get(aggregate)
    return store.rows if store is not None else {}


def newest(engine: Engine, element: Registered) -> tuple[tuple[Any, str], ...]:
    """The newest instances of an aggregate.

    Args:
        engine: the domain.
        element: the aggregate.

    Returns:
        Identities and labels, at most 100.
    """
    tells = teller(element)
    with engine.lock:
        rows = stored_rows(engine, element.name)
        pairs = list(islice(zip(reversed(rows), reversed(rows.values()), strict=False), MOST_INSTANCES))
    return tuple((identity, tells(identity, row)) for identity, row in pairs)


def teller(element: Registered) -> Callable[[Any, Row], str]:
    """What makes the labels of instances: their short identity, and a field or two that tell them apart.

    Args:
        element: the aggregate.

    Returns:
        A function of an identity and what is stored.
    """
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
