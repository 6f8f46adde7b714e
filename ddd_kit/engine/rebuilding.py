"""Rebuilding a projection: it is emptied, and its projectors hear every event of theirs once more."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ddd_kit.building_blocks.aggregate import set_events, set_version
from ddd_kit.building_blocks.element import Kind, set_values
from ddd_kit.engine.commit import commit
from ddd_kit.engine.context import active_engine
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.dispatcher import _attempt, _rescue, _skip
from ddd_kit.engine.event_store import CATEGORY_AT, POSITION_AT, STREAM_AT
from ddd_kit.engine.head import NO_LINEAGE, DeliveryHead, Lineage, Lost, told
from ddd_kit.engine.names import ALL
from ddd_kit.engine.registry import Registered
from ddd_kit.engine.unit import Unit
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import CHAIN_AT, DEFINED, EVENT, REBUILT, RETRIED, HandledEntry, Row, place

if TYPE_CHECKING:
    from ddd_kit.building_blocks.aggregate import Aggregate
    from ddd_kit.engine.running import Running

_TYPE, _CAUSES = place(EVENT, "type"), place(EVENT, "causes")


@dataclass
class RebuildResult:
    """What became of a projection that was rebuilt; `domain.rebuild_projection` gives it.

    Attributes:
        projection_name: the name of the projection.
        projectors_processed: how many projectors heard the events again.
        categories_processed: how many categories they hear, together.
        events_dispatched: how many events there were in these, but those that are skipped; one counts once
            for each projector.
        events_skipped: how many a projector failed on, or are not defined any more.
        errors: why, in words; none where all went well.
    """

    projection_name: str
    projectors_processed: int = 0
    categories_processed: int = 0
    events_dispatched: int = 0
    events_skipped: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def success(self) -> bool:
        """Whether all went well."""
        return not self.errors


class _Beginning:
    """What the unit of work is for that empties a projection: the entry that marks where it begins.

    Args:
        projection: the name of the projection.

    Attributes:
        step: of the entry; None where nothing is recorded.
        chain: the same; 0 where nothing is recorded.
    """

    delivery = None
    lineage: Lineage = NO_LINEAGE
    waits = False
    step: int | None = None
    chain = 0

    def __init__(self, projection: str) -> None:
        self._projection = projection

    def row(self, step: int, cell: str | None, at: float, lost: Lost | None) -> Row:  # noqa: ARG002 - as heads
        """What the journal gets."""
        self.step = self.chain = step
        return (DEFINED, None, step, cell, at, self._projection, str(Kind.PROJECTION), REBUILT)


class _Confined:
    """A projector that may change its projection alone.

    Args:
        engine: the domain.
        projector: the projector.
    """

    def __init__(self, engine: Running, projector: Registered) -> None:
        self._engine = engine
        self._projector = projector
        self._handler = projector.instance()

    def __getattr__(self, method: str) -> Callable[..., None]:
        run = getattr(self._handler, method)

        def run_confined(*given: Any) -> None:
            __tracebackhide__ = True
            run(*given)
            self._check(method)

        return run_confined

    def _check(self, method: str) -> None:
        unit, projection = self._engine.world.unit, self._projector.options["projector_for"]
        assert unit is not None
        others = [command._schema.element for command, _ in unit.commands if command is not None]
        others += [event[0]._schema.element for event in unit.events]
        others += [name for name, _ in unit.added if name != projection]
        if others:
            raise IncorrectUsageError(
                f"{self._projector.name}.{method} led to {others[0]}, and while {projection} is rebuilt its "
                f"projectors change {projection} alone, so that nothing else happens twice. Let an event "
                f"handler, or a projector of its own, see to {others[0]}."
            )


def _confined(engine: Running, projector: Registered) -> Registered:
    confined = copy.copy(projector)
    confined.instance = lambda: _Confined(engine, projector)
    return confined


class _Heard(NamedTuple):
    """A projector, and the categories that it hears."""

    projector: Registered
    categories: tuple[str, ...]


def rebuild(engine: Running, projection: str) -> RebuildResult:
    """Empty a projection, and let its projectors hear all events of theirs again; the lock is held.

    What waits to be delivered to them is left out: it goes on waiting. Faults are left out, too.

    Args:
        engine: the domain, of which no unit of work is open.
        projection: the name of the projection.

    Returns:
        What became of it.
    """
    __tracebackhide__ = True
    registry = engine.registry
    element = registry.find(projection, Kind.PROJECTION)
    heard = [
        _Heard(_confined(engine, projector), registry.hears(projector))
        for projector in registry.of_kind(Kind.PROJECTOR)
        if projector.options["projector_for"] == projection
    ]
    result = RebuildResult(projection, len(heard), sum(len(each.categories) for each in heard))
    if not heard:
        result.errors.append(
            f"{projection} has no projector, so there is nothing to rebuild it from. Define one with "
            f"@domain.projector(projector_for={projection}, aggregates=[...])."
        )
        return result
    with _as_now(engine):
        _replay(engine, heard, _empty(engine, element), result)
    return result


@contextmanager
def _as_now(engine: Running) -> Iterator[None]:
    """A block in which the domain's name means this one, and what fails does not wait."""
    outside, mode = active_engine.get(), engine.config["event_processing"]
    try:
        active_engine.set(engine.standing() if engine.own else engine)
        engine.config["event_processing"] = "sync"
        yield
    except BaseException as interrupt:
        interrupt.add_note("The projection is not complete: rebuild it again.")
        raise
    finally:
        engine.config["event_processing"] = mode
        active_engine.set(outside)


def _empty(engine: Running, projection: Registered) -> int:
    """Remove all records, whatever class stored them; return the step that marks the beginning."""
    world, beginning = engine.world, _Beginning(projection.name)
    unit = Unit(beginning)  # type: ignore[arg-type]  # all that is asked of the head of a delivery
    store, schema = world.stores[projection.name], projection.schema
    cls = cast("type[Aggregate]", projection.cls)
    for identity, (version, _, _) in store.rows.items():
        gone = cls.__new__(cls)
        set_values(gone, {schema.identity: identity})
        set_events(gone, [])
        set_version(gone, version)
        unit.added[projection.name, identity] = (gone, store, schema, None, beginning, 0)  # type: ignore[assignment]
    commit(engine, world, unit)
    return beginning.chain


def _replay(engine: Running, heard: list[_Heard], beginning: int, result: RebuildResult) -> None:
    """Every event there is, in the order in which they were saved, to every projector that hears it."""
    world = engine.world
    wait = {(d.row[STREAM_AT], d.row[POSITION_AT], d.handler, d.method) for d in world.waiting}
    for step, row in tuple(world.events.rows):
        for projector in _hearing(heard, row[CATEGORY_AT]):
            failed = [
                error
                for method in _methods(engine, projector, row)
                if (row[STREAM_AT], row[POSITION_AT], projector.name, method) not in wait
                and (error := _deliver_again(engine, projector, (step, row), (method, beginning))) is not None
            ]
            if failed:
                result.events_skipped += 1
                result.errors += failed
            else:
                result.events_dispatched += 1


def _hearing(heard: list[_Heard], category: str) -> Iterator[Registered]:
    return (each.projector for each in heard if category in each.categories or ALL in each.categories)


def _methods(engine: Running, projector: Registered, row: Row) -> list[str]:
    routes = engine.registry.routes(row[_TYPE], row[CATEGORY_AT])
    return [method for name, method in routes.targets(row[_CAUSES]) if name == projector.name]


def _deliver_again(
    engine: Running, projector: Registered, numbered: tuple[int, Row], where: tuple[str, int]
) -> str | None:
    """One event to one method of a confined projector, as often as its `retries` say; returns what failed."""
    __tracebackhide__ = True
    (step, row), (method, beginning) = numbered, where
    recorded = step if row[CHAIN_AT] else None
    in_chain = (*row[:CHAIN_AT], beginning, *row[CHAIN_AT + 1 :])
    delivery = Delivery(in_chain, recorded, (projector.name, method, row[_TYPE]), [0], None)
    event = engine.registry.elements.get(row[_TYPE])
    if event is None:
        _skip(engine, [delivery], "retired", delivery.event)
        return (
            f"{delivery.event} is not defined any more, and {delivery.target} takes it: run its cell again."
        )
    attempt = 1
    while True:
        head = DeliveryHead(delivery, method, attempt)
        try:
            _attempt(engine, projector, event, head)
            return None
        except Exception as error:  # noqa: BLE001 - it is recorded, and told in the result
            if head.outcome != RETRIED:
                unrescued = _rescue(engine, projector, event, delivery, error)
                return (
                    None if unrescued is None else f"{delivery.target} on {delivery.event}: {told(unrescued)}"
                )
        attempt += 1


def go_on(engine: Running, handled: HandledEntry) -> None:
    """Let one event of a rebuild be heard again, which another rebuild began; the lock is held.

    Args:
        engine: the domain, as a fork that begins in the middle of a rebuild.
        handled: what was recorded of it.
    """
    projector = engine.registry.elements.get(handled.handler)
    if projector is None or projector.kind is not Kind.PROJECTOR or handled.cause is None:
        return
    row = engine.world.events.at(handled.cause)
    if handled.delivered_to in _methods(engine, projector, row):
        with _as_now(engine):
            again = _confined(engine, projector)
            _deliver_again(engine, again, (handled.cause, row), (handled.delivered_to, handled.chain))
