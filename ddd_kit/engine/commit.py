"""What the end of a unit of work changes: checked and worked out as a batch before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.message import Event
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.head import NO_LINEAGE, CommandHead, DeliveryHead, Head, chain_for
from ddd_kit.engine.names import event_stream
from ddd_kit.engine.store import current
from ddd_kit.engine.world import Batch
from ddd_kit.exceptions import ConfigurationError, ExpectedVersionError, ValidationError
from ddd_kit.journal.entry import CHANGED, EVENT, REJECTED, SKIPPED, UNHANDLED
from ddd_kit.journal.origin import current_origin
from ddd_kit.journal.sentence import short_id

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.unit_of_work import Pending, UnitOfWork
    from ddd_kit.engine.world import World


def work_out(engine: Engine, world: World, unit: UnitOfWork) -> Batch:
    """What a unit of work saves.

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
    commit = _Commit(engine, world, unit)
    saves = [pending for pending in unit.pending.values() if commit.is_needed(pending)]
    for pending in saves:
        commit.check(pending, saves)
    commit.open(unit, undone=False)
    for pending in saves:
        commit.save(pending)
    if unit.events:
        for event, pending, head in _in_order_of_raising(unit.events):
            commit.publish(event, pending, head)
    commit.batch.done = unit.done
    return commit.batch


def work_out_undone(engine: Engine, world: World, unit: UnitOfWork) -> Batch | None:
    """What a unit of work leaves behind that saves nothing: what it was for, and what was refused.

    Args:
        engine: the domain.
        world: its state.
        unit: the unit that fails.

    Returns:
        What is to be written, or None where there is nothing to say.
    """
    if not unit.heads and not unit.rejections:
        return None
    commit = _Commit(engine, world, unit)
    commit.open(unit, undone=True)
    commit.batch.done = unit.done
    return commit.batch


def _in_order_of_raising(events: list[tuple[Event, Pending, Head | None]]) -> list[Any]:
    return events if len(events) == 1 else sorted(events, key=_order)


def _order(raised: tuple[Event, Pending, Head | None]) -> int:
    event = raised[0]
    return event._raised.order if event._raised else 0


class _Commit:
    """A batch in the making."""

    def __init__(self, engine: Engine, world: World, unit: UnitOfWork) -> None:
        self._registry = engine.registry
        self._world = world
        self._unit = unit
        self._at = world.now()
        self._cell = current_origin.get().label
        self._recording = engine.config["journal"]
        self._step = world.journal.last_step + 1
        self.batch = Batch(self._step, first_event=len(world.events.rows))
        self._lengths: dict[str, int] = {}

    # The checks; nothing is written yet, so that an error loses nothing.

    def is_needed(self, pending: Pending) -> bool:
        """An aggregate that is stored as it is, and has nothing to tell, is not saved again."""
        stored = pending.stored
        if stored is None:
            return pending.values is not None
        return bool(pending.taken) or stored[2] != pending.values or stored[1] is not pending.schema.names

    def check(self, pending: Pending, saves: list[Pending]) -> None:
        stored = pending.stored
        version = pending.aggregate._version
        if stored is not None and version < 0:
            self._refuse(pending, ValidationError(
                {pending.schema.identity or "id": [f"'{pending.identity}' is the identity of another one already"]},
                pending.schema.element,
                ["Get that one from its repository, or choose another identity."],
            ))  # fmt: skip
        if version >= 0 and (stored is None or stored[0] != version):
            self._refuse_version(pending, stored[0] if stored is not None else None)
        for field in pending.schema.unique:
            self._check_unique(pending, field, saves)

    def _refuse_version(self, pending: Pending, now: int | None) -> None:
        element, loaded = pending.schema.element, pending.aggregate._version
        is_now = "it has been removed" if now is None else f"it is at version {now} now"
        self._refuse(pending, ExpectedVersionError(
            f"{element} {short_id(pending.identity)} was loaded at version {loaded}, and {is_now}: somebody else "
            f"saved it meanwhile. Get it again, as in domain.repository_for({element}).get({pending.identity!r}), "
            "and repeat the change."
        ))  # fmt: skip

    def _check_unique(self, pending: Pending, field: str, saves: list[Pending]) -> None:
        if pending.values is None or (value := pending.values[pending.schema.names.index(field)]) is None:
            return
        place = pending.schema.names.index(field)
        leaving = {p.identity for p in saves if p.store is pending.store}
        stored = set(pending.store.identities_with(field, value, pending.schema)) - leaving
        twins = [
            p for p in saves
            if p.store is pending.store and p is not pending and p.values and p.values[place] == value
        ]  # fmt: skip
        if stored or twins:
            self._refuse(pending, ValidationError(
                {field: [f"{value!r} is taken: another {pending.schema.element} has it, and it has to be unique"]},
                pending.schema.element,
            ))  # fmt: skip

    def _refuse(self, pending: Pending, error: ValidationError | ExpectedVersionError) -> None:
        names, values = pending.schema.names, pending.values or ()
        self._unit.rejections.append(
            (error, pending.schema.element, dict(zip(names, values, strict=False)), pending.head)
        )
        raise error

    # What is written, in the order of the journal.

    def open(self, unit: UnitOfWork, *, undone: bool) -> None:
        """The messages that the unit was for, and what was refused."""
        for head in unit.heads:
            lost = self._lost(unit) if undone and isinstance(head, DeliveryHead) else ()
            row = (
                head.row(self._step, self._cell, self._at, undone)
                if isinstance(head, CommandHead)
                else head.row(self._step, self._cell, self._at, lost)
            )
            self._record(row, head)
        self.batch.bound += [(command, head.written) for command, head in unit.commands]
        for error, element, tried, refused_in in unit.rejections:
            self._write(rejected_row(error, element, tried, *self._causes(refused_in), self._cell, self._at))

    def _record(self, row: tuple[Any, ...], head: Head) -> None:
        if self._recording:
            self._write(row)
        else:
            head.step = 0

    def _write(self, row: tuple[Any, ...]) -> None:
        if self._recording:
            self.batch.rows.append(row)
            self._step += 1

    def _causes(self, head: Head | None) -> tuple[int | None, int]:
        """The cause and the chain of an entry: what led to it, or itself."""
        if head is None or not head.step:
            return None, self._step
        return head.step, head.chain

    @staticmethod
    def _lost(unit: UnitOfWork) -> tuple[Any, ...]:
        return tuple(
            (p.schema.element, p.identity, p.schema.names, stored[2] if (stored := p.stored) else None, p.values)
            for p in unit.pending.values()
        )

    def save(self, pending: Pending) -> None:
        """A row for the store, and the entry that says what changed."""
        schema, stored = pending.schema, pending.stored
        version = pending.aggregate._version + 1
        names, values = schema.names, pending.values
        row = None if values is None else (version, names, values)
        self.batch.writes.append((pending.store, pending.identity, row))
        self.batch.saved.append((pending.aggregate, version, pending.aggregate._events[pending.taken :]))
        if self._recording:
            before = None if stored is None else _comparable(schema, pending.identity, stored)
            cause, chain = self._causes(pending.head)
            self.batch.rows.append(
                (CHANGED, cause, chain, self._cell, self._at, schema.element, pending.identity, version,
                 names, before, values)
            )  # fmt: skip
            self._step += 1

    def publish(self, event: Event, pending: Pending, head: Head | None) -> None:
        """An event in its stream, and what becomes of it: deliveries, or the reasons why not."""
        aggregate = pending.schema.element
        category = self._registry.category(aggregate)
        stream = event_stream(category, pending.identity)
        position = self._lengths.get(stream)
        if position is None:
            position = self._world.events.length(stream)
        self._lengths[stream] = position + 1
        causes, origin, correlation, causation = NO_LINEAGE if head is None else head.lineage
        schema = event._schema
        routes = self._registry.routes(schema.element, category)
        targets = routes.names
        if targets is None:
            targets = tuple(
                (r.handler, r.method) for r in routes.open if r.source is None or r.source in causes
            )
        cause, chain = self._causes(head)
        row = (
            EVENT, cause, chain, self._cell, self._at, schema.element, schema.names,
            schema.snapshot(event.__dict__), stream, position, category, event._raised.sequence_id,  # type: ignore[union-attr]
            causes, origin, correlation, causation, targets, aggregate, pending.identity,
        )  # fmt: skip
        step = self._step if self._recording else 0
        self.batch.events.append(row)
        self.batch.event_steps.append(step)
        self.batch.bound.append((event, row))
        self._write(row)
        if targets:
            parent = None if head is None else head.delivery
            shared = chain_for(head)
            self.batch.queued += [Delivery(row, step, target, shared, parent) for target in targets]
        if self._recording and (routes.barred or len(targets) < len(routes.open) or not targets):
            self._explain(routes, targets, row, step)

    def _explain(self, routes: Any, targets: tuple[tuple[str, str], ...], row: Any, step: int) -> None:
        event, chain, stream, causes = row[5], row[2], row[8], row[12]
        prefix = (step, chain, self._cell, self._at)
        for handler, method, rule, wanted, found in routes.barred:
            self._write((SKIPPED, *prefix, handler, method, event, rule, wanted, found))
        found = ", ".join(causes) or "plain code"
        for handler, method, source in routes.open:
            if (handler, method) not in targets:
                self._write((SKIPPED, *prefix, handler, method, event, "source_stream", source, found))
        if not routes.open and not routes.barred:
            self._write((UNHANDLED, *prefix, event, stream))


def _comparable(schema: Any, identity: Any, stored: Any) -> tuple[Any, ...]:
    """The values before, in the order of the fields of today, where an older class stored them."""
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
) -> tuple[Any, ...]:
    """What the journal gets of something that was refused.

    Args:
        error: what was raised.
        element: what refused.
        tried: values by field name; of those that are not plain the repr is kept.
        cause: the step that it happened in, or None.
        chain: the step that began the chain.
        cell: where it comes from.
        at: the time.

    Returns:
        A row of the kind `rejected`.
    """
    messages = getattr(error, "messages", None) or {"_entity": [str(error)]}
    pairs = tuple((field, text) for field, texts in messages.items() for text in texts)
    return (REJECTED, cause, chain, cell, at, element, pairs, tuple((f, _plain(v)) for f, v in tried.items()))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__}>"


