"""What the end of a unit of work changes: checked and worked out before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import NEVER_SAVED
from ddd_kit.building_blocks.message import Event
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.head import NO_LINEAGE, CommandHead, Head, chain_for
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
    from ddd_kit.engine.unit_of_work import Tracked, UnitOfWork
    from ddd_kit.engine.world import World

Targets = tuple[tuple[str, str], ...]


class Commit(Batch):
    """The batch of a unit of work.

    Args:
        engine: the domain.
        world: its state.
        unit: the unit that ends.
    """

    def __init__(self, engine: Engine, world: World, unit: UnitOfWork) -> None:
        super().__init__(world, [], unit.done)
        self.first_event = len(world.events.rows)
        self.saved, self.events, self.queued = [], [], []
        self._registry = engine.registry
        self._world = world
        self._unit = unit
        self._recording: bool = engine.config["journal"]
        self._step = self.first_step
        self._at = world.now()
        self._cell = current_origin.get().label
        self._lengths: dict[str, int] = {}

    def work_out(self) -> None:
        """What the unit saves: in the order of the journal.

        Raises:
            ExpectedVersionError: when somebody else saved an aggregate meanwhile.
            ValidationError: when a value that has to be unique is not.
        """
        unit = self._unit
        for head in unit.heads:
            self._begin(head, head.row(self._step, self._cell, self._at))
        if unit.refusals:
            self._write_refusals()
        if unit.commands:
            self.commands = [(command, head.written) for command, head in unit.commands]
        for tracked in unit.tracked.values():
            if tracked.added:
                self._save(tracked)
        if unit.events:
            if len(unit.events) > 1:
                unit.events.sort(key=_order_of_raising)
            for event, tracked, head in unit.events:
                self._publish(event, tracked, head)

    def work_out_undone(self) -> None:
        """What the unit leaves behind when it saves nothing: what it was for, and what was refused."""
        unit = self._unit
        lost = self._lost()
        for head in unit.heads:
            details = True if isinstance(head, CommandHead) else lost
            self._begin(head, head.row(self._step, self._cell, self._at, details))  # type: ignore[arg-type]
        self._write_refusals()
        self.commands = [(command, head.written) for command, head in unit.commands]

    def _begin(self, head: Head, row: Row) -> None:
        if self._recording:
            self._write(row)
        else:
            head.step = 0

    def _write(self, row: Row) -> None:
        self.rows.append(row)
        self._step += 1

    def _causes(self, head: Head | None) -> tuple[int | None, int]:
        """The cause and the chain of an entry: what led to it, or itself."""
        return (None, self._step) if head is None or not head.step else (head.step, head.chain)

    def _write_refusals(self) -> None:
        if self._recording:
            for error, element, tried, head in self._unit.refusals:
                self._write(rejected_row(error, element, tried, *self._causes(head), self._cell, self._at))

    def _lost(self) -> tuple[Any, ...]:
        """What would have changed."""
        lost = []
        for tracked in self._unit.tracked.values():
            if tracked.added:
                stored = tracked.store.rows.get(tracked.identity)
                names = tracked.schema.names
                before = None if stored is None else _values_before(tracked.schema, tracked.identity, stored)
                lost.append((tracked.schema.element, tracked.identity, names, before, tracked.values))
        return tuple(lost)

    def _save(self, tracked: Tracked) -> None:
        """A row for the store, and the entry that says what changed; none where nothing did."""
        schema, identity, values = tracked.schema, tracked.identity, tracked.values
        names = schema.names
        stored = tracked.store.rows.get(identity)
        if stored is None:
            if values is None:
                return
        elif stored[2] == values and stored[1] is names and not tracked.taken:
            return
        version = tracked.aggregate._version
        if version != (NEVER_SAVED if stored is None else stored[0]):
            self._refuse_version(tracked, stored)
        for field in schema.unique:
            self._check_unique(tracked, field)
        version += 1
        row = None if values is None else (version, names, values)
        self.saved.append((tracked, row, version, tracked.aggregate._events[tracked.taken :]))
        if self._recording:
            before = None if stored is None else _values_before(schema, identity, stored)
            cause, chain = self._causes(tracked.head)
            self._write(
                (CHANGED, cause, chain, self._cell, self._at, schema.element, identity, version, names, before, values)
            )

    def _publish(self, event: Event, tracked: Tracked, head: Head | None) -> None:
        """An event in its stream, and what becomes of it: deliveries, or the reasons why not."""
        schema, aggregate = event._schema, tracked.schema.element
        category, routes = self._registry.publication(schema.element, aggregate)
        stream = f"{category}-{tracked.identity}"
        causes, origin, correlation, causation = NO_LINEAGE if head is None else head.lineage
        targets = routes.targets(causes)
        cause, chain = self._causes(head)
        row = (
            EVENT, cause, chain, self._cell, self._at, schema.element, schema.names,
            schema.snapshot(event.__dict__), stream, self._position(stream), category,
            event._raised[1],  # type: ignore[index]
            causes, origin, correlation, causation, targets, aggregate, tracked.identity,
        )  # fmt: skip
        step = self._step if self._recording else 0
        self.events.append((event, step, row))
        if targets:
            parent, shared = (None if head is None else head.delivery), chain_for(head)
            self.queued += [Delivery(row, step, target, shared, parent) for target in targets]
        if self._recording:
            self._write(row)
            if len(targets) != routes.named or not targets:
                self._explain(routes, targets, row, step)

    def _position(self, stream: str) -> int:
        position = self._lengths.get(stream)
        if position is None:
            position = self._world.events.lengths.get(stream, 0)
        self._lengths[stream] = position + 1
        return position

    def _explain(self, routes: Routes, targets: Targets, row: Row, step: int) -> None:
        event, stream, causes = row[5], row[8], row[12]
        prefix = (step, row[2], self._cell, self._at)
        for handler, method, rule, wanted, found in routes.barred:
            self._write((SKIPPED, *prefix, handler, method, event, rule, wanted, found))
        found = ", ".join(causes) or "plain code"
        for handler, method, source in routes.open:
            if (handler, method) not in targets:
                self._write((SKIPPED, *prefix, handler, method, event, "source_stream", source, found))
        if not routes.named:
            self._write((UNHANDLED, *prefix, event, stream))

    # Refusals; nothing is written yet, so that an error loses nothing.

    def _refuse_version(self, tracked: Tracked, stored: StoredRow | None) -> None:
        element, loaded = tracked.schema.element, tracked.aggregate._version
        identity = tracked.identity
        if loaded == NEVER_SAVED:
            self._refuse(tracked, ValidationError(
                {tracked.schema.identity or "id": [f"{identity!r} is the identity of another one already"]},
                element,
                ["Get that one from its repository, or choose another identity."],
            ))  # fmt: skip
        now = "it has been removed" if stored is None else f"it is at version {stored[0]} now"
        self._refuse(tracked, ExpectedVersionError(
            f"{element} {short_id(identity)} was loaded at version {loaded}, and {now}: somebody else "
            f"saved it meanwhile. Get it again, as in domain.repository_for({element}).get({identity!r}), "
            "and repeat the change."
        ))  # fmt: skip

    def _check_unique(self, tracked: Tracked, field: str) -> None:
        place = tracked.schema.names.index(field)
        value = None if tracked.values is None else tracked.values[place]
        if value is None:
            return
        others = [t for t in self._unit.tracked.values() if t.added and t.store is tracked.store]
        stored = set(tracked.store.identities_with(field, value, tracked.schema)) - {t.identity for t in others}
        if stored or any(t is not tracked and t.values and t.values[place] == value for t in others):
            self._refuse(tracked, ValidationError(
                {field: [f"{value!r} is taken: another {tracked.schema.element} has it, and it has to be unique"]},
                tracked.schema.element,
            ))  # fmt: skip

    def _refuse(self, tracked: Tracked, error: ValidationError | ExpectedVersionError) -> None:
        tried = dict(zip(tracked.schema.names, tracked.values or (), strict=False))
        self._unit.refusals.append((error, tracked.schema.element, tried, tracked.head))
        raise error


def _order_of_raising(raised: tuple[Event, Tracked, Head | None]) -> int:
    return raised[0]._raised[2]  # type: ignore[index]


def _values_before(schema: Schema, identity: Any, stored: StoredRow) -> tuple[Any, ...]:
    """The values before, in the order of the fields of today, where an older class stored them."""
    if stored[1] is schema.names:
        return stored[2]
    try:
        return current(schema, identity, stored)
    except ConfigurationError:
        known = dict(zip(stored[1], stored[2], strict=True))
        return tuple([known.get(name) for name in schema.names])


def rejected_row(
    error: ValidationError | ExpectedVersionError,
    element: str,
    tried: Mapping[str, Any],
    cause: int | None,
    chain: int,
    cell: str | None,
    at: float,
) -> Row:
    """What the journal gets of something that was refused.

    Args:
        error: what was raised.
        element: what refused.
        tried: values by field name; of those that are not plain the repr is kept.
        cause: the step that it happened in, or None.
        chain: the step that began the chain.
        cell: where it comes from.
        at: the time, in seconds since 1970 (UTC).

    Returns:
        A row of the kind `rejected`.
    """
    messages = getattr(error, "messages", None) or {"_entity": [str(error)]}
    pairs = tuple((field, text) for field, texts in messages.items() for text in texts)
    return (REJECTED, cause, chain, cell, at, element, pairs, tuple((f, _plain(v)) for f, v in tried.items()))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__}>"
