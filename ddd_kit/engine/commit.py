"""What the end of a unit of work changes: checked and worked out before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import NEVER_SAVED
from ddd_kit.building_blocks.message import Event
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.head import NO_LINEAGE, Head, chain_for
from ddd_kit.engine.registry import Routes
from ddd_kit.engine.store import current
from ddd_kit.engine.world import Batch
from ddd_kit.exceptions import ConfigurationError, ExpectedVersionError, ValidationError
from ddd_kit.journal.entry import CHANGED, EVENT, REJECTED, SKIPPED, UNHANDLED, Row
from ddd_kit.journal.origin import current_origin
from ddd_kit.journal.sentence import short_id

if TYPE_CHECKING:
    from ddd_kit.building_blocks.schema import Schema
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.store import Row as StoredRow
    from ddd_kit.engine.unit import Tracked, Unit
    from ddd_kit.engine.world import World

Targets = tuple[tuple[str, str], ...]
Where = tuple["str | None", float]  # the cell, and the time in seconds since 1970 (UTC)
Raised = tuple[Event, "Tracked", "Head | None"]


def work_out(engine: Engine, world: World, unit: Unit) -> Batch:
    """What a unit of work saves, in the order of the journal.

    One function for what happens at each save, with names of its own instead of an object's: as methods
    of an object it took a quarter more of the whole time of a dispatch.

    Args:
        engine: the domain.
        world: its state.
        unit: the unit that ends well.

    Returns:
        All that is to be written.

    Raises:
        ExpectedVersionError: when somebody else saved an aggregate meanwhile.
        ValidationError: when a value that has to be unique is not.
    """
    at, cell = world.now(), current_origin.get().label
    batch = Batch(world, [], unit.done)
    recording, rows, step = engine.config["journal"], batch.rows, batch.first_step
    if unit.heads or unit.refusals:
        step = _open(unit, batch, recording, (cell, at), undone=False)
    batch.saved = saved = []
    for tracked in unit.tracked.values():
        if not tracked.added:
            continue
        schema, identity, values, aggregate = (
            tracked.schema,
            tracked.identity,
            tracked.values,
            tracked.aggregate,
        )
        names = schema.names
        stored = tracked.store.rows.get(identity)
        before = (
            None
            if stored is None
            else stored[2]
            if stored[1] is names
            else _upgraded(schema, identity, stored)
        )
        if before == values and stored is not None and not tracked.taken:
            continue
        version = aggregate._version
        if version != (NEVER_SAVED if stored is None else stored[0]):
            _refuse_version(unit, tracked, stored)
        if schema.unique:
            _check_unique(unit, tracked)
        version += 1
        row = None if values is None else (version, names, values)
        saved.append((tracked.store, identity, row, aggregate, version, aggregate._events[tracked.taken :]))
        if recording:
            head = tracked.head
            cause, chain = (None, step) if head is None or not head.step else (head.step, head.chain)
            rows.append(
                (CHANGED, cause, chain, cell, at, schema.element, identity, version, names, before, values)
            )
            step += 1
    if unit.events:
        _Publication(engine, world, batch, recording, (cell, at)).publish(unit.events)
    return batch


def work_out_undone(engine: Engine, world: World, unit: Unit) -> Batch:
    """What a unit of work leaves behind that saves nothing: what it was for, and what was refused.

    Args:
        engine: the domain.
        world: its state.
        unit: the unit that fails.

    Returns:
        All that is to be written.
    """
    batch = Batch(world, [], unit.done)
    _open(unit, batch, engine.config["journal"], (current_origin.get().label, world.now()), undone=True)
    return batch


def _open(unit: Unit, batch: Batch, recording: bool, where: Where, *, undone: bool) -> int:
    """The messages that the unit was for, and what was refused; returns the next step."""
    step = batch.first_step
    lost = _lost(unit) if undone else None
    for head in unit.heads:
        row = head.row(step, *where, lost)
        if recording:
            batch.rows.append(row)
            step += 1
        else:
            head.step = 0
    if recording:
        for error, element, tried, refused_in in unit.refusals:
            cause = (None, step) if refused_in is None else (refused_in.step, refused_in.chain)
            batch.rows.append(rejected_row(error, element, tried, cause, where))
            step += 1
    if unit.commands:
        batch.commands = [(command, head.written) for command, head in unit.commands]
    return step


def _lost(unit: Unit) -> tuple[Any, ...]:
    """What would have changed."""
    lost = []
    for tracked in unit.tracked.values():
        if tracked.added:
            schema, stored = tracked.schema, tracked.store.rows.get(tracked.identity)
            before = None if stored is None else _upgraded(schema, tracked.identity, stored)
            lost.append((schema.element, tracked.identity, schema.names, before, tracked.values))
    return tuple(lost)


class _Publication:
    """Events in their streams, and what becomes of them: deliveries, or the reasons why not."""

    def __init__(self, engine: Engine, world: World, batch: Batch, recording: bool, where: Where) -> None:
        self._registry = engine.registry
        self._stored = world.events
        self._batch = batch
        self._recording = recording
        self._where = where
        self._lengths: dict[str, int] = {}
        batch.first_event = len(world.events.rows)
        batch.events, batch.queued = [], []

    def publish(self, events: list[Raised]) -> None:
        """All events, in the order in which they were raised."""
        if len(events) > 1:
            events.sort(key=_order_of_raising)
        for event, tracked, head in events:
            self._publish(event, tracked, head)

    def _publish(self, event: Event, tracked: Tracked, head: Head | None) -> None:
        batch, schema, aggregate = self._batch, event._schema, tracked.schema.element
        category, routes = self._registry.publication(schema.element, aggregate)
        stream = f"{category}-{tracked.identity}"
        causes, origin, correlation, causation = NO_LINEAGE if head is None else head.lineage
        targets = routes.free
        if targets is None:
            targets = routes.targets(causes)
        step = batch.first_step + len(batch.rows)
        cause, chain = (None, step) if head is None or not head.step else (head.step, head.chain)
        row = (
            EVENT, cause, chain, *self._where, schema.element, schema.names, schema.snapshot(event.__dict__),
            stream, self._position(stream), category, event._raised[1],  # type: ignore[index]
            causes, origin, correlation, causation, targets, aggregate, tracked.identity,
        )  # fmt: skip
        if not self._recording:
            step = 0
        batch.events.append((event, step, row))  # type: ignore[attr-defined]
        if targets:
            parent, shared = (None if head is None else head.delivery), chain_for(head)
            batch.queued += [Delivery(row, step, target, shared, parent) for target in targets]  # type: ignore[operator]
        if self._recording:
            batch.rows.append(row)
            if len(targets) != routes.named or not targets:
                self._explain(routes, targets, row, step)

    def _position(self, stream: str) -> int:
        position = self._lengths.get(stream)
        if position is None:
            position = self._stored.lengths.get(stream, 0)
        self._lengths[stream] = position + 1
        return position

    def _explain(self, routes: Routes, targets: Targets, row: Row, step: int) -> None:
        event, stream, causes = row[5], row[8], row[12]
        prefix = (step, row[2], *self._where)
        rows = self._batch.rows
        for handler, method, rule, wanted, found in routes.barred:
            rows.append((SKIPPED, *prefix, handler, method, event, rule, wanted, found))
        found = ", ".join(causes) or "plain code"
        for handler, method, source in routes.open:
            if (handler, method) not in targets:
                rows.append((SKIPPED, *prefix, handler, method, event, "source_stream", source, found))
        if not routes.named:
            rows.append((UNHANDLED, *prefix, event, stream))


def _refuse_version(unit: Unit, tracked: Tracked, stored: StoredRow | None) -> None:
    element, loaded, identity = tracked.schema.element, tracked.aggregate._version, tracked.identity
    if loaded == NEVER_SAVED:
        _refuse(unit, tracked, ValidationError(
            {tracked.schema.identity or "id": [f"{identity!r} is the identity of another one already"]},
            element,
            ["Get that one from its repository, or choose another identity."],
        ))  # fmt: skip
    if stored is None:
        _refuse(unit, tracked, ExpectedVersionError(
            f"{element} {short_id(identity)} was loaded at version {loaded}, and has been removed meanwhile. "
            f"Make a new {element}."
        ))  # fmt: skip
    else:
        _refuse(unit, tracked, ExpectedVersionError(
            f"{element} {short_id(identity)} was loaded at version {loaded}, "
            f"and it is at version {stored[0]} now: "
            f"somebody else saved it meanwhile. Get it again, as in domain.repository_for({element})"
            f".get({identity!r}), and repeat the change."
        ))  # fmt: skip


def _check_unique(unit: Unit, tracked: Tracked) -> None:
    element = tracked.schema.element
    others = [t for t in unit.tracked.values() if t.added and t.store is tracked.store]
    leaving = {t.identity for t in others}
    for field in tracked.schema.unique:
        place = tracked.schema.names.index(field)
        value = None if tracked.values is None else tracked.values[place]
        if value is None:
            continue
        stored = set(tracked.store.identities_with(field, value, tracked.schema)) - leaving
        if stored or any(t is not tracked and t.values and t.values[place] == value for t in others):
            _refuse(unit, tracked, ValidationError(
                {field: [f"{value!r} is taken: another {element} has it, and it has to be unique"]},
                element,
                ["Choose another value, or change the one that has it first."],
            ))  # fmt: skip


def _refuse(unit: Unit, tracked: Tracked, error: ValidationError | ExpectedVersionError) -> None:
    tried = dict(zip(tracked.schema.names, tracked.values or (), strict=False))
    unit.refusals.append((error, tracked.schema.element, tried, tracked.head))
    raise error


def _order_of_raising(raised: Raised) -> int:
    return raised[0]._raised[2]  # type: ignore[index]


def _upgraded(schema: Schema, identity: Any, stored: StoredRow) -> tuple[Any, ...]:
    """The stored values in the order of the fields of today, where an older class stored them."""
    try:
        return current(schema, identity, stored)
    except ConfigurationError:
        known = dict(zip(stored[1], stored[2], strict=True))
        return tuple([known.get(name) for name in schema.names])


def rejected_row(
    error: ValidationError | ExpectedVersionError,
    element: str,
    tried: Mapping[str, Any],
    cause: tuple[int | None, int],
    where: Where,
) -> Row:
    """What the journal gets of something that was refused.

    Args:
        error: what was raised.
        element: what refused.
        tried: values by field name; of those that are not plain the repr is kept.
        cause: the step that it happened in, or None, and the step that began the chain.
        where: the cell, and the time in seconds since 1970 (UTC).

    Returns:
        A row of the kind `rejected`.
    """
    messages = getattr(error, "messages", None) or {"_entity": [str(error)]}
    pairs = tuple((field, text) for field, texts in messages.items() for text in texts)
    return (REJECTED, *cause, *where, element, pairs, tuple((f, _plain(v)) for f, v in tried.items()))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - a broken repr must not hide the refusal
        return f"<{type(value).__name__}>"
