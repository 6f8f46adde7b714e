"""The state of one run of a model: stores, streams, journal, waiting deliveries."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import set_version
from ddd_kit.building_blocks.message import set_record
from ddd_kit.engine.batch import Batch
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.event_store import EventStore
from ddd_kit.engine.identities import Identities, clock
from ddd_kit.engine.store import Store
from ddd_kit.journal.journal import Journal, Saved

if TYPE_CHECKING:
    from ddd_kit.engine.unit import Unit


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
        if batch.rows and self.journal.missed:
            self.begin_journal_anew()
        self.latest = self.unfinished = batch
        try:
            self._write(batch)
        except BaseException:
            self.finish()
            raise

    def begin_journal_anew(self) -> None:
        """Let the journal start from the present state, because it was switched off for a while."""
        step = self.journal.last_step
        self.journal.begin_anew({
            (store.aggregate, identity): Saved(step, *row)
            for store in self.stores.values()
            for identity, row in store.rows.items()
        })  # fmt: skip

    def finish(self) -> None:
        """Complete the batch that an interrupt tore, if there is one."""
        if self.unfinished is not None:
            self._write(self.unfinished)

    def _write(self, batch: Batch) -> None:  # noqa: C901 - one write after the other
        for tracked in batch.saved:
            tracked.store.write(tracked.identity, tracked.row)
            set_version(tracked.aggregate, tracked.version)
            if (
                tracked.taken
            ):  # these two lines are done both or not at all: no interrupt comes without a call
                del tracked.aggregate._events[: tracked.taken]
                tracked.taken = 0
        if batch.rows:
            self.journal.append(batch.rows, batch.first_step)
        elif batch.saved:
            self.journal.missed = True
        if batch.events:
            events, first = self.events, batch.first_event
            events.lengths.update(batch.lengths)
            events.rows[first:] = batch.event_rows
            for (event, _, _), (_, written) in zip(batch.events, batch.event_rows):  # noqa: B905 - same length
                set_record(event, written)
            queued = batch.queued
            if queued and (not self.waiting or self.waiting[-1] is not queued[-1]):
                self.waiting.extend(queued)
        for command, head in batch.commands:
            set_record(command, head.written)
        done = batch.done
        if done is not None:
            if self.waiting and self.waiting[0] is done:
                self.waiting.popleft()
            elif done in self.waiting:
                self.waiting.remove(done)
        self.unfinished = None
