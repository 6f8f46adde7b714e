"""The rows of the table: what each measures, and the bound that it is held to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks import imports
from benchmarks.pairs import Effort, Pairs, Side, measure
from benchmarks.worker import (
    BLOCKS,
    DDD_KIT,
    EVENTSOURCING,
    EVENTSOURCING_BLOCKS,
    EVENTSOURCING_TUNED,
    FLOOR,
    PROTEAN,
    Worker,
)

ENTRIES = 99_990
"""How full the journal is when it is read: just below its default limit, so that nothing has been folded."""

SILENT = {"journal": False}
"""Options of a ddd_kit that records nothing."""


@dataclass(frozen=True)
class Figure:
    """One figure of the table.

    Args:
        value: What was measured.
        most: The bound that it may not exceed, if any.
        least: The bound that it must reach, if any.
        detail: What else goes into the JSON.
    """

    name: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """Say whether the bound holds: ok, over, or nothing where there is none."""
        if self.most is None and self.least is None:
            return ""
        too_much = self.most is not None and self.value > self.most
        too_little = self.least is not None and self.value < self.least
        return "over" if too_much or too_little else "ok"


Row = Callable[[bool], Iterator[Figure]]
"""Yields figures; is told whether there is little time."""


def _pair(name: str, pairs: Pairs, **bounds: float) -> Figure:
    return Figure(name, pairs.ratio, "x", detail=pairs.detail(), **bounds)


def floor(quick: bool) -> Iterator[Figure]:
    """The work beside the same work in plain Python."""
    pairs = measure(Side(DDD_KIT), Side(FLOOR), Effort(2, 20) if quick else Effort(5, 40))
    yield _pair("cost in times the floor", pairs, most=7)


def eventsourcing(quick: bool) -> Iterator[Figure]:
    """The work beside eventsourcing's."""
    effort = Effort(2, 20) if quick else Effort(5, 30)
    pairs = measure(Side(EVENTSOURCING), Side(DDD_KIT), effort)
    yield _pair("faster than eventsourcing, its cache on", pairs, least=12)
    if not quick:
        pairs = measure(Side(EVENTSOURCING, options={"forward": True}), Side(DDD_KIT), effort)
        yield _pair("... its cache on, fast-forwarding too, as is its default", pairs)
    for name, copy in () if quick else (("", True), (", and copying from its cache off", False)):
        pairs = measure(Side(EVENTSOURCING_TUNED, options={"copy": copy}), Side(DDD_KIT), effort)
        yield _pair(f"... tuned by hand{name}", pairs)
    for orders in (10, 100) if quick else (10, 100, 2000):
        side = Side(EVENTSOURCING, orders=orders, options={"cache": False}, at_once=3)
        pairs = measure(side, Side(DDD_KIT, orders=orders), Effort(2 if quick else 8, 3))
        yield _pair(f"... its cache off, after {orders:,} orders", pairs)


def protean(quick: bool) -> Iterator[Figure]:
    """The work beside protean's."""
    for stored, chapters in ((100, 1), (50, 1)) if quick else ((100, 5), (50, 5), (400, 2)):
        side = Side(PROTEAN, stored=stored, at_once=1)
        pairs = measure(side, Side(DDD_KIT, stored=stored), Effort(chapters, 8))
        bound = {"least": 200.0} if stored == 100 else {}
        yield _pair(f"faster than protean, {stored} aggregates stored", pairs, **bound)


def entities(quick: bool) -> Iterator[Figure]:
    """An order of ten items gets an eleventh, and one of them changes; loaded and saved in between."""
    name = "an order's items: faster than"
    effort = Effort(2, 10) if quick else Effort(5, 30)
    for suffix, cache in (("its cache on", True), ("its cache off", False)):
        pairs = _beside_eventsourcing("Items", effort, {"cache": cache})
        yield _pair(f"{name} eventsourcing, {suffix}", pairs)
    yield _pair(f"{name} protean", _beside_protean("Items", Effort(1 if quick else 5, 8)))


def sourced(quick: bool) -> Iterator[Figure]:
    """Loading an aggregate that follows from 1,000 events."""
    name = "load of 1,000 events{}: faster than {}"
    effort = Effort(2, 10) if quick else Effort(5, 20)
    for with_one, snapshot in (("", False), (", with a snapshot", True)):
        options = {"snapshot": snapshot}
        pairs = _beside_eventsourcing("Stream", effort, options, options)
        yield _pair(name.format(with_one, "eventsourcing"), pairs)
        pairs = _beside_protean("Stream", Effort(1, 2 if quick else 4), options)
        yield _pair(name.format(with_one, "protean"), pairs)


def rebuilding(quick: bool) -> Iterator[Figure]:
    """Making a projection anew from 1,000 events."""
    name = "projection from 1,000 events: faster than"
    pairs = _beside_eventsourcing("Report", Effort(2, 5) if quick else Effort(4, 15), {})
    yield _pair(f"{name} eventsourcing", pairs)
    yield _pair(f"{name} protean", _beside_protean("Report", Effort(1, 2 if quick else 4)))


def _beside_eventsourcing(
    work: str, effort: Effort, theirs: dict[str, Any], ours: dict[str, Any] | None = None
) -> Pairs:
    peer = Side(f"{EVENTSOURCING_BLOCKS}:{work}", stored=0, options=theirs)
    return measure(peer, _block(work, "ddd_kit", ours or {}), effort)


def _beside_protean(work: str, effort: Effort, options: dict[str, Any] | None = None) -> Pairs:
    peer = replace(_block(work, "protean", options or {}), at_once=1)
    return measure(peer, _block(work, "ddd_kit", options or {}), effort)


def _block(work: str, kit: str, options: dict[str, Any]) -> Side:
    return Side(f"{BLOCKS}:{work}", stored=0, options={"kit": kit, **options})


def growth(quick: bool) -> Iterator[Figure]:
    """Many aggregates beside few."""
    many = 20_000 if quick else 100_000
    pairs = measure(Side(DDD_KIT, stored=many), Side(DDD_KIT), Effort(2, 20) if quick else Effort(3, 40))
    yield _pair(f"cost with {many:,} aggregates stored, in times that with 100", pairs, most=1.2)
    yield Figure("... rare costs included", pairs.overall, "x")


def recording(quick: bool) -> Iterator[Figure]:
    """What the journal adds to a run."""
    silent = Side(DDD_KIT, options=SILENT)
    pairs = measure(Side(DDD_KIT), silent, Effort(2, 20) if quick else Effort(5, 40))
    yield Figure("what recording adds", 100 * (pairs.ratio - 1), "%", most=25, detail=pairs.detail())


def memory(quick: bool) -> Iterator[Figure]:
    """What the journal adds to memory: what a run leaves behind with it, less what it leaves without."""
    orders = 1_000 if quick else 5_000
    with Worker(DDD_KIT) as on, Worker(DDD_KIT, **SILENT) as off:
        for worker in (on, off):
            worker.call("prepare", 100, 0)
        (recorded, entries), (silent, _) = on.call("traced_bytes", orders), off.call("traced_bytes", orders)
    detail = {"entries": entries, "entries an order": entries / orders, "bytes": [recorded, silent]}
    yield Figure(
        "memory of a journal entry", (recorded - silent) / entries / 1000, "KB", most=0.4, detail=detail
    )


def collector(_quick: bool) -> Iterator[Figure]:
    """The garbage collector while the journal fills."""
    with Worker(DDD_KIT) as worker:
        worker.call("prepare", 100, 0)
        filled = worker.call("fill_journal", ENTRIES)
    pause = max(filled["longest"], filled["full"])
    yield Figure("longest pause of the collector", 1000 * pause, "ms", most=50, detail=filled)


def past(quick: bool) -> Iterator[Figure]:
    """The state at steps throughout a full journal."""
    times = 10 if quick else 40
    with _full_journal() as worker:
        every, first = worker.call("state_at", times)
        yield Figure(
            "state of all aggregates at a step", 1000 * every, "ms", most=20, detail={"first": first}
        )
        world, first = worker.call("world_at", times)
        yield Figure(
            "... as a domain with streams, journal and deliveries",
            1000 * world,
            "ms",
            detail={"first": first},
        )
        one, first = worker.call("aggregate_at", times)
        yield Figure("state of one aggregate at a step", 1000 * one, "ms", most=1, detail={"first": first})


def table(quick: bool) -> Iterator[Figure]:
    """A full journal as a DataFrame."""
    times = 3 if quick else 7
    with _full_journal() as worker:
        frame, plain = worker.call("to_frame", times), worker.call("plain_frame", times)
    yield Figure("all entries to a DataFrame", frame, "s", most=0.5)
    yield Figure("... in times pandas' own for four plain columns", frame / plain, "x")


@contextmanager
def _full_journal() -> Iterator[Worker]:
    with Worker(DDD_KIT) as worker:
        worker.call("prepare", 100, 0)
        worker.call("fill_journal", ENTRIES)
        yield worker


def start(quick: bool) -> Iterator[Figure]:
    """Importing."""
    pairs = 5 if quick else 25
    value, seconds = imports.ratio("import ddd_kit", "import pydantic", pairs)
    yield Figure("import ddd_kit, in times import pydantic", value, "x", most=2, detail={"seconds": seconds})
    value, seconds = imports.ratio("import ddd_kit", "from pydantic import BaseModel", pairs)
    yield Figure("... in times from pydantic import BaseModel", value, "x", detail={"seconds": seconds})
    loaded = imports.loaded_at_once()
    yield Figure("heavy libraries that it loads", len(loaded), "", most=0, detail={"loaded": loaded})


def drawing(quick: bool) -> Iterator[Figure]:
    """The map."""
    with Worker(DDD_KIT) as worker:
        yield Figure("map of 100 elements", 1000 * worker.call("map_of", 3 if quick else 9), "ms", most=200)


ROWS: tuple[Row, ...] = (
    floor,
    eventsourcing,
    protean,
    entities,
    sourced,
    rebuilding,
    growth,
    recording,
    memory,
    collector,
    past,
    table,
    start,
    drawing,
)
