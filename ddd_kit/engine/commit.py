"""The end of a unit of work: what it changes is checked and worked out before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import NEVER_SAVED
from ddd_kit.building_blocks.part import Part, is_parts
from ddd_kit.engine.batch import Key, Published, Raised, Saved, note
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.head import NO_LINEAGE, Head, Lost
from ddd_kit.engine.routing import Routes
from ddd_kit.engine.store import current
from ddd_kit.exceptions import ConfigurationError, ExpectedVersionError, TransactionError, ValidationError
from ddd_kit.journal.entry import CHANGED, EVENT, REJECTED, SKIPPED, UNHANDLED, Row, place
from ddd_kit.journal.origin import current_origin
from ddd_kit.journal.sentence import short_id
from ddd_kit.journal.values import same

if TYPE_CHECKING:
    from ddd_kit.building_blocks.aggregate import Aggregate
    from ddd_kit.building_blocks.schema import Schema
    from ddd_kit.engine.model import Model
    from ddd_kit.engine.store import Row as StoredRow
    from ddd_kit.engine.unit import Unit
    from ddd_kit.engine.world import World

Targets = tuple[tuple[str, str], ...]
_TYPE, _STREAM, _CAUSES = place(EVENT, "type"), place(EVENT, "stream"), place(EVENT, "causes")
Where = tuple["str | None", float]  # the cell, and the time in seconds since 1970 (UTC)


def commit(model: Model, world: World, unit: Unit) -> None:  # noqa: C901, PLR0912 - see below
    """Save what a unit of work holds, in the order of the journal; the lock is held.

    One function for what happens at each save, with names of its own instead of an object's: as methods
    of an object it took a quarter more of the whole time of a dispatch.

    Args:
        model: the domain.
        world: its state.
        unit: the unit that ends well.

    Raises:
        ExpectedVersionError: when somebody else saved an aggregate meanwhile.
        ValidationError: when a value that has to be unique is not.
        TransactionError: when an inner unit was undone.
    """
    __tracebackhide__ = True
    if unit.undone_by is not None:
        raise _undone(unit.undone_by) from unit.undone_by
    cell, at = current_origin.get().label, world.now()
    recording, made = model.config["journal"], unit.delivery
    rows: list[Row] = []
    saved: list[Saved] = []
    unit.first_step = step = first_step = world.journal.last_step + 1
    if unit.commands or unit.refusals or not recording:
        rows = _opening(unit, step, recording, (cell, at))
        step += len(rows)
    elif made is not None:  # the same without loops, for the most frequent case: 40 instructions of 2,230
        rows.append(made.row(step, cell, at, None))
        step += 1
    for key, (aggregate, store, schema, values, head, taken) in unit.added.items():
        element, identity = key
        names, stored = schema.names, store.rows.get(identity)
        if stored is None:
            known, before = NEVER_SAVED, None
        else:
            known, stored_names, before = stored
            if stored_names is not names:
                before = _upgraded(schema, identity, stored)
        if aggregate._version != known:
            _refuse_version(unit, key, stored)
        if stored is not None and not taken:
            try:
                unchanged = before == values
            except Exception:  # noqa: BLE001 - whatever a value's own comparison raises, as an array's
                unchanged = same(before, values)
            if unchanged:
                continue
        if schema.unique:
            _check_unique(unit, key)
        version = known + (happened(aggregate, taken) if schema.sourced else 1)
        row = None if values is None else (version, names, values)
        saved.append((store, identity, before, row, aggregate, version))
        if recording:
            if head is None:
                cause, chain = None, step
            else:
                cause, chain = head.step, head.chain
            rows.append((
                CHANGED, cause, chain, cell, at, element, identity, version, names, before, values,
            ))  # fmt: skip
            step += 1
    published = _published(model, world, unit, rows, (cell, at)) if unit.events else None
    done = None if made is None else made.delivery
    world.apply((rows, first_step, saved, published, unit.commands, done), unit)


def happened(aggregate: Aggregate, taken: int) -> int:
    """How many events of an event-sourced aggregate are saved, those that only tell its state aside."""
    return sum(not event._schema.is_fact for event in aggregate._events[:taken])


def undo(model: Model, world: World, unit: Unit) -> None:
    """Save nothing of a unit of work, and note what it was for; the lock is held.

    Args:
        model: the domain.
        world: its state.
        unit: the unit that fails; one that was saved before an interrupt came stays saved.
    """
    made = unit.delivery
    if world.latest is unit or not (made is not None or unit.commands or unit.refusals):
        return
    done = made.delivery if made is not None and not made.waits else None
    step, where = world.journal.last_step + 1, (current_origin.get().label, world.now())
    rows = _opening(unit, step, model.config["journal"], where, _lost(unit))
    world.apply(note(rows, step, done, unit.commands))


def _undone(error: BaseException) -> TransactionError:
    return TransactionError(
        "Nothing of this unit of work was saved, because a unit inside it failed with "
        f"{type(error).__name__}: {str(error).rstrip('.')}. Let that error pass, or "
        "catch it outside of the outer unit."
    )


def _opening(unit: Unit, step: int, recording: bool, where: Where, lost: Lost | None = None) -> list[Row]:
    """The messages that the unit was for, and what was refused."""
    rows: list[Row] = []
    heads: list[Head] = [] if unit.delivery is None else [unit.delivery]
    for head in heads + [head for _, head in unit.commands]:
        row = head.row(step, *where, lost)
        if recording:
            rows.append(row)
            step += 1
        else:
            head.step, head.chain = None, 0
    for error, element, tried, refused_in in unit.refusals if recording else ():
        cause = (None, step) if refused_in is None else (refused_in.step, refused_in.chain)
        rows.append(rejected_row(error, element, tried, cause, where))
        step += 1
    return rows


def _lost(unit: Unit) -> Lost:
    """What would have changed."""
    lost = []
    for (element, identity), (_, store, schema, values, _, _) in unit.added.items():
        stored = store.rows.get(identity)
        before = None if stored is None else _upgraded(schema, identity, stored)
        lost.append((element, identity, schema.names, before, values))
    return tuple(lost)


def _published(model: Model, world: World, unit: Unit, rows: list[Row], where: Where) -> Published:
    """Events in their streams, and what becomes of them: deliveries, or the reasons why not."""
    cell, at = where
    registry, store, recording = model.registry, world.events, model.config["journal"]
    if len(unit.events) > 1:
        unit.events.sort(key=_order_of_raising)
    event_rows: list[tuple[int, Row]] = []
    queued: list[Delivery] = []
    lengths: dict[str, int] = {}
    for event, _, (owner, identity), head in unit.events:
        schema = event._schema
        names = (schema.element, owner)
        category, certain, routes = registry.publications.get(names) or registry.publication(*names)
        stream = f"{category}-{identity}"
        position = lengths.get(stream) or store.lengths.get(stream, 0)
        lengths[stream] = position + 1
        step = unit.first_step + len(rows) if recording else None
        if head is None:
            parent, cause, chain = None, None, step or 0
            causes, origin, correlation, causation = NO_LINEAGE
        else:
            parent, cause, chain = head.delivery, head.step, head.chain
            causes, origin, correlation, causation = head.lineage
        targets = routes.targets(causes) if certain is None else certain
        row = (
            EVENT, cause, chain, cell, at, schema.element, schema.names, schema.snapshot(event.__dict__),
            stream, position, category, event._raised[1],  # type: ignore[index]
            causes, origin, correlation, causation, targets, owner, identity,
            schema.version, event._raised[3],  # type: ignore[index]
        )  # fmt: skip
        event_rows.append((step or world.journal.last_step, row))
        if targets:
            shared = [0] if parent is None else parent.chain
            for handler, method in targets:
                queued.append(Delivery(row, step, (handler, method, schema.element), shared, parent))
        if step is not None:
            rows.append(row)
            if certain is None:
                rows += _explained(routes, targets, row, (step, chain, cell, at))
    if registry.disturbed and model.faults.active:
        queued = model.faults.interfere(event_rows, queued, rows, unit.first_step)
    return len(store.rows), event_rows, unit.events, lengths, queued


def _explained(
    routes: Routes, targets: Targets, row: Row, prefix: tuple[int, int, str | None, float]
) -> Iterator[Row]:
    """What the journal gets of the handlers that do not take an event."""
    event, stream, causes = row[_TYPE], row[_STREAM], row[_CAUSES]
    for handler, method, rule, wanted, found in routes.barred:
        yield (SKIPPED, *prefix, handler, method, event, rule, wanted, found)
    found = ", ".join(causes) or "plain code"
    for handler, method, source in routes.open:
        if (handler, method) not in targets:
            yield (SKIPPED, *prefix, handler, method, event, "source_stream", source, found)
    if not routes.open and not routes.barred:
        yield (UNHANDLED, *prefix, event, stream)


def _refuse_version(unit: Unit, key: Key, stored: StoredRow | None) -> None:
    (element, identity), (aggregate, _, schema, _, _, _) = key, unit.added[key]
    loaded = aggregate._version
    if loaded == NEVER_SAVED:
        _refuse(unit, key, ValidationError(
            {schema.identity or "id": [f"{identity!r} is the identity of another one already"]},
            element,
            ["Get that one from its repository, or choose another identity."],
        ))  # fmt: skip
    if stored is None:
        _refuse(unit, key, ExpectedVersionError(
            f"{element} {short_id(identity)} was saved at version {loaded}, and is not in its repository any "
            f"more: it was removed, or the domain was reset. Make a new {element}."
        ))  # fmt: skip
    else:
        _refuse(unit, key, ExpectedVersionError(
            f"{element} {short_id(identity)} was loaded at version {loaded}, "
            f"and it is at version {stored[0]} now: "
            f"somebody else saved it meanwhile. Get it again, as in domain.repository_for({element})"
            f".get({identity!r}), and repeat the change."
        ))  # fmt: skip


def _check_unique(unit: Unit, key: Key) -> None:
    element = key[0]
    _, store, schema, values, _, _ = unit.added[key]
    others = {i: added[3] for (name, i), added in unit.added.items() if name == element}
    for field in schema.unique:
        place = schema.names.index(field)
        value = None if values is None else values[place]
        if value is None:
            continue
        stored = set(store.identities_with(field, value, schema)) - others.keys()
        stored |= {i for i, v in others.items() if v and i != key[1] and v[place] == value}
        if stored:
            text = f"{element} with {field} {value!r} is already present."
            phrase = f"{field} {value!r} is that of {element} {short_id(next(iter(stored)))} already"
            _refuse(unit, key, ValidationError(
                {field: [text]},
                element,
                ["Choose another value, or change the one that has it first."],
                phrases={(field, text): phrase},
            ))  # fmt: skip


def _refuse(unit: Unit, key: Key, error: ValidationError | ExpectedVersionError) -> None:
    _, _, schema, values, head, _ = unit.added[key]
    tried = dict(zip(schema.names, values or (), strict=False))
    unit.refusals += ((error, key[0], tried, head),)
    raise error


def _order_of_raising(raised: Raised) -> int:
    return raised[0]._raised[2]  # type: ignore[index]


def _upgraded(schema: Schema, identity: Any, stored: StoredRow) -> tuple[Any, ...]:
    """The stored values in the order of the fields of today, where an older class stored them."""
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
    rules = tuple(
        (rule.name, rule.element, rule.text, tuple((name, _plain(value)) for name, value in rule.seen))
        for rule in getattr(error, "rules", ())
    )
    held = tuple((field, _plain(value)) for field, value in tried.items())
    return (REJECTED, *cause, *where, element, pairs, held, rules)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | Part) or is_parts(value):
        return value
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - a broken repr must not hide the refusal
        return f"<{type(value).__name__}>"
