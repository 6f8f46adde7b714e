"""A run that was read becomes a world to stand on."""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ddd_kit.engine.batch import note
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.event_store import POSITION_AT, STREAM_AT
from ddd_kit.engine.fault import Delayed
from ddd_kit.engine.identities import Identities, clock
from ddd_kit.engine.registry import STORED
from ddd_kit.engine.run_file.run import Run
from ddd_kit.engine.run_file.shape import shapes
from ddd_kit.engine.run_file.values import UnwritableError, encode
from ddd_kit.engine.run_file.verdict import accepted
from ddd_kit.engine.world import World
from ddd_kit.journal.entry import DEFINED, EVENT, Row, place
from ddd_kit.journal.journal import Journal, _Window
from ddd_kit.journal.origin import current_origin

if TYPE_CHECKING:
    from ddd_kit.building_blocks.schema import Schema
    from ddd_kit.engine.model import Model
    from ddd_kit.engine.store import Row as StoredRow

_TYPE = place(EVENT, "type")


def world_of(model: Model, run: Run) -> World:
    """The world that a file holds.

    Args:
        model: the domain, whose definitions the run fits.
        run: what the file holds.

    Returns:
        A world that nobody stands on yet.
    """
    world = World(model.config)
    world.journal = _journal(model, run)
    world.events.rows = run.events
    world.events.lengths = {row[STREAM_AT]: row[POSITION_AT] + 1 for _, row in run.events}
    for aggregate, rows in run.stored.items():
        element = model.registry.elements.get(aggregate)
        fits = element is not None and element.kind in STORED
        store = world.stores[aggregate]
        store.rows = {key: _fitted(element.schema, key, row) for key, row in rows.items()} if fits else rows  # type: ignore[union-attr]
    world.waiting = _waiting(run)
    _go_on(world, run)
    _note_definitions(model, run, world)
    return world


def _journal(model: Model, run: Run) -> Journal:
    journal = Journal(model.config)
    window = _Window(run.journal["first_step"], run.before)
    window.rows, window.batch_ends = run.rows, run.ends
    journal._window = window
    journal.last_step, journal.missed = run.journal["last_step"], run.journal["missed"]
    return journal


def _fitted(schema: Schema, identity: Any, row: StoredRow) -> StoredRow:
    """A row as the newest class would have stored it; as an older one did where a value would differ."""
    version, names, values = row
    if names != schema.names:
        return row
    try:
        found = schema.values_of(accepted(schema, identity, row))
    except Exception:  # noqa: BLE001 - a validator that accepted it a moment ago; reading it will tell
        return row
    return (version, schema.names, values) if _same(found, values, schema.immutable) else row


def _same(one: tuple[Any, ...], other: tuple[Any, ...], immutable: bool) -> bool:
    if one != other or any(type(a) is not type(b) for a, b in zip(one, other, strict=True)):
        return False
    if immutable:
        return True
    try:  # in lists, 1 and True are equal too
        return json.dumps([encode(a) for a in one]) == json.dumps([encode(b) for b in other])
    except UnwritableError:
        return False


def _waiting(run: Run) -> deque[Delivery]:
    made: dict[int, Delivery] = {}
    for number, line in run.deliveries.items():
        index = run.places[line["stream"], line["position"]]
        row = run.events[index][1]
        names = (line["handler"], line["method"], row[_TYPE])
        parent = None if line["parent"] is None else made[line["parent"]]
        delivery = Delivery(row, line["step"], names, run.chains[line["chain"]], parent)
        made[number] = Delayed(delivery, line["late"]) if line["late"] else delivery
    return deque(made[number] for number, line in run.deliveries.items() if line["waits"])


def _go_on(world: World, run: Run) -> None:
    """Identities and times go on where they were, if they came from a seed."""
    if run.identities["seeded"]:
        identities = Identities(0)
        identities._random = random.Random()  # noqa: S311 - a seeded run repeats on purpose
        identities._random.setstate((3, run.identities["state"], None))
        identities._batch = list(run.identities["batch"])
        world.identities = identities
    if run.identities["branched"]:
        world.identities = world.identities.copied(world.stores.hold)
    if run.clock["now"] is not None:
        world.now = clock(0)
        world.now._now = run.clock["now"]  # type: ignore[attr-defined]


def _note_definitions(model: Model, run: Run, world: World) -> None:
    """What was defined otherwise in the run is noted, so that `why` can tell where a default came from."""
    rows: list[Row] = []
    if not model.config["journal"]:
        return
    first = world.journal.last_step + 1
    for name, kind, change in _changes(model, run):
        step, cell = first + len(rows), current_origin.get().label
        rows.append((DEFINED, None, step, cell, world.now(), name, kind, change))
    if rows:
        world.apply(note(rows, first))


def _changes(model: Model, run: Run) -> Iterator[tuple[str, str, str]]:
    today = shapes(model.registry)
    for name, saved in run.elements.items():
        if name not in today:
            yield name, saved["kind"], "retired"
        elif today[name] != saved:
            yield name, saved["kind"], "replaced"
    for name, shape in today.items():
        if name not in run.elements:
            yield name, shape["kind"], "registered"
