"""The state of one run of a model: stores, streams, journal, waiting deliveries."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.aggregate import saved as mark_saved
from ddd_kit.building_blocks.message import Command, Event, write_down
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.event_store import EventStore
from ddd_kit.engine.identities import Identities, clock
from ddd_kit.engine.store import Row as StoredRow
from ddd_kit.engine.store import Store
from ddd_kit.journal.entry import Row
from ddd_kit.journal.journal import Journal

if TYPE_CHECKING:
    from ddd_kit.engine.unit import Unit


class Batch:
    """What is written together. Each write may be done twice, so that an interrupt cannot tear it.

    Args:
        world: where it is going to be written.
        rows: what the journal gets.
        done: the delivery that needs no longer wait.

    Attributes:
        first_step: the step of the first row.
        first_event: how many events there were before.
        saved: for each aggregate its store, its identity and the row, None to remove it; the object, its
            version, and the events that are left to it.
        events: events with their steps, 0 where nothing is recorded, and rows.
        commands: commands with their rows.
        queued: deliveries that begin to wait.
    """

    first_event = 0
    saved: Sequence[tuple[Store, Any, StoredRow | None, Aggregate, int, list[Event]]] = ()
    events: Sequence[tuple[Event, int, Row]] = ()
    commands: Sequence[tuple[Command, Row]] = ()
    queued: Sequence[Delivery] = ()

    def __init__(self, world: World, rows: list[Row], done: Delivery | None = None) -> None:
        self.first_step = world.journal.last_step + 1
        self.rows = rows
        self.done = done


class Stores(dict[str, Store]):
    """Stores by the name of their aggregates; one that is asked for is there."""

    def __missing__(self, aggregate: str) -> Store:
        store = self[aggregate] = Store(aggregate)
        return store


class World:
    """One run of a model.

    Args:
        settings: the domain's configuration, of which the journal reads its limit.
        seed: makes identities and times repeat; None for real ones.

    Attributes:
        frozen: why nothing can be changed here, or None.
        unit: the unit of work that is open, or None.
        latest: the batch that was written last, or is being written.
        unfinished: a batch that several interrupts tore, or None; `finish` completes it.
    """

    def __init__(self, settings: Mapping[str, Any], seed: int | None = None) -> None:
        self.stores = Stores()
        self.events = EventStore()
        self.journal = Journal(settings)
        self.waiting: deque[Delivery] = deque()
        self.identities = Identities(seed)
        self.now: Callable[[], float] = clock(seed)
        self.frozen: str | None = None
        self.unit: Unit | None = None
        self.latest: Batch | None = None
        self.unfinished: Batch | None = None

    def apply(self, batch: Batch) -> None:
        """Write a batch, whole: an interrupt in the middle is raised when all is written.

        Args:
            batch: worked out against the present state.
        """
        self.latest = self.unfinished = batch
        try:
            self._write(batch)
        except BaseException:
            self.finish()
            raise
        self.unfinished = None

    def finish(self) -> None:
        """Complete a batch that several interrupts tore."""
        if self.unfinished is not None:
            self._write(self.unfinished)
            self.unfinished = None

    def _write(self, batch: Batch) -> None:
        for store, identity, stored, aggregate, version, events in batch.saved:
            store.write(identity, stored)
            mark_saved(aggregate, version, events)
        if batch.rows:
            self.journal.append(batch.rows, batch.first_step)
        if batch.events:
            self.events.append(batch.events, batch.first_event)
            for event, _, row in batch.events:
                write_down(event, row)
        for command, row in batch.commands:
            write_down(command, row)
        if batch.queued and (not self.waiting or self.waiting[-1] is not batch.queued[-1]):
            self.waiting.extend(batch.queued)
        if batch.done is not None:
            if self.waiting and self.waiting[0] is batch.done:
                self.waiting.popleft()
            elif batch.done in self.waiting:
                self.waiting.remove(batch.done)
