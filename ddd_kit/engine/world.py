"""The state of one run of a model: stores, streams, journal, waiting deliveries."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import Aggregate, _set_events, _set_version
from ddd_kit.building_blocks.message import Message, write_down
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.event_store import EventStore
from ddd_kit.engine.identities import Identities, clock
from ddd_kit.engine.store import Row as StoredRow
from ddd_kit.engine.store import Store
from ddd_kit.journal.entry import Row
from ddd_kit.journal.journal import Journal

if TYPE_CHECKING:
    from ddd_kit.engine.unit_of_work import UnitOfWork


@dataclass(slots=True, eq=False)
class Batch:
    """All that one unit of work changes, worked out before anything is written.

    Attributes:
        first_step: the step of the first row.
        rows: what the journal gets.
        writes: what the stores get: store, identity, row or None.
        first_event: how many events there were before.
        events: what the event store gets.
        event_steps: the steps of these events.
        bound: the messages whose records these are.
        saved: objects with the version and the events that are left to them.
        queued: deliveries that begin to wait.
        done: the delivery that needs no longer wait.
    """

    first_step: int
    rows: list[Row] = field(default_factory=list)
    writes: list[tuple[Store, Any, StoredRow | None]] = field(default_factory=list)
    first_event: int = 0
    events: list[Row] = field(default_factory=list)
    event_steps: list[int] = field(default_factory=list)
    bound: list[tuple[Message, Row]] = field(default_factory=list)
    saved: list[tuple[Aggregate, int, list[Any]]] = field(default_factory=list)
    queued: list[Delivery] = field(default_factory=list)
    done: Delivery | None = None


class World:
    """One run of a model.

    Args:
        settings: the domain's configuration, of which the journal reads its limit.
        seed: makes identities and times repeat; None for real ones.

    Attributes:
        frozen: why nothing can be changed here, or None.
        unit: the unit of work that is open, or None.
        delivering: whether deliveries are being worked off.
    """

    def __init__(self, settings: Mapping[str, Any], seed: int | None = None) -> None:
        self.stores: dict[str, Store] = {}
        self.events = EventStore()
        self.journal = Journal(settings)
        self.waiting: deque[Delivery] = deque()
        self.identities = Identities(seed)
        self.now: Callable[[], float] = clock(seed)
        self.frozen: str | None = None
        self.unit: UnitOfWork | None = None
        self.delivering = False
        self._unfinished: Batch | None = None

    def store(self, aggregate: str) -> Store:
        """The store of an aggregate, by its name."""
        store = self.stores.get(aggregate)
        if store is None:
            store = self.stores[aggregate] = Store(aggregate)
        return store

    def apply(self, batch: Batch) -> None:
        """Write a batch, whole: an interrupt in the middle is raised when all is written.

        Args:
            batch: worked out against the present state.
        """
        self._unfinished = batch
        try:
            self._write(batch)
        except BaseException:
            self.finish()
            raise
        self._unfinished = None

    def finish(self) -> None:
        """Complete a batch that an interrupt tore; each of its writes may be done twice."""
        if self._unfinished is not None:
            self._write(self._unfinished)
            self._unfinished = None

    def _write(self, batch: Batch) -> None:
        for store, identity, row in batch.writes:
            store.write(identity, row)
        if batch.events:
            self.events.append(batch.events, batch.event_steps, batch.first_event)
        if batch.rows:
            self.journal.append(batch.rows, batch.first_step)
        for message, record in batch.bound:
            write_down(message, record)
        for aggregate, version, events in batch.saved:
            _set_version(aggregate, version)
            _set_events(aggregate, events)
        self._queue(batch)

    def _queue(self, batch: Batch) -> None:
        waiting = self.waiting
        if batch.queued and (not waiting or waiting[-1] is not batch.queued[-1]):
            waiting.extend(batch.queued)
        if batch.done is not None and batch.done in waiting:
            waiting.remove(batch.done)
