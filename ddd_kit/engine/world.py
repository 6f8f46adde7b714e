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
    from ddd_kit.engine.consumer_groups import Group
    from ddd_kit.engine.sourcing import Snapshot
    from ddd_kit.engine.unit import Unit


class Stores(dict[str, Store]):
    """Stores by the name of their aggregates; one that is asked for is there."""

    def __missing__(self, aggregate: str) -> Store:
        store = self[aggregate] = Store(aggregate)
        return store

    def hold(self, identity: Any) -> bool:
        """Whether an aggregate of any kind has this identity."""
        return any(identity in store.rows for store in self.values())


class World:
    """One run of a model.

    Args:
        settings: the domain's configuration, of which the journal reads its limit.
        seed: makes identities and times repeat; None for real ones.

    Attributes:
        frozen: why nothing can be changed here, or None.
        unit: the unit of work that is open, or None.
        latest: the unit of work that was written last, or is being written; None for what is no unit.
        unfinished: a batch that several interrupts tore, or None; `finish` completes it.
    """

    def __init__(self, settings: Mapping[str, Any], seed: int | None = None) -> None:
        self.stores = Stores()
        self.events = EventStore()
        self.journal = Journal(settings)
        self.waiting: deque[Delivery] = deque()
        self.identities = Identities(seed)
        self.now: Callable[[], float] = clock(seed)
        self.snapshots: dict[tuple[str, Any], Snapshot] = {}  # of event-sourced aggregates; can be lost
        self.results: dict[str, Any] = {}  # of commands that were processed under an idempotency key
        self.groups: dict[tuple[str, str, str], Group] = {}  # that read from brokers; not recorded
        self.frozen: str | None = None
        self.unit: Unit | None = None
        self.latest: Unit | None = None
        self.unfinished: Batch | None = None

    def apply(self, batch: Batch, unit: Unit | None = None) -> None:  # noqa: C901, PLR0912 - write by write
        """Write a batch, whole: an interrupt in the middle is raised when all is written.

        Each of the writes may be done twice, so that an interrupt cannot tear the batch: what it wrote is
        written again.

        Args:
            batch: worked out against the present state.
            unit: the unit of work that ends with it, if one does.
        """
        rows, first_step, saved, published, commands, done = batch
        journal, waiting = self.journal, self.waiting
        if journal.missed and rows:
            self.begin_journal_anew()
        self.latest, self.unfinished = unit, batch
        try:
            for store, identity, before, row, aggregate, version in saved:
                store.write(identity, before, row)
                set_version(aggregate, version)
            if rows:
                journal.append(rows, first_step)
            elif saved:
                journal.missed = True
            if published is not None:
                first_event, event_rows, events, lengths, queued = published
                self.events.lengths.update(lengths)
                self.events.rows[first_event:] = event_rows
                for (event, aggregate, _, _), (_, written) in zip(events, event_rows):  # noqa: B905 - same length
                    set_record(event, written)
                    unpublished = aggregate._events
                    if unpublished and unpublished[0] is event:
                        del unpublished[0]  # what was raised since `add` stays
                if queued and (not waiting or waiting[-1] is not queued[-1]):
                    waiting.extend(queued)
            for command, head in commands:
                if command is not None:  # a call of a service has none
                    set_record(command, head.written)  # type: ignore[union-attr]
            if done is not None:
                if waiting and waiting[0] is done:
                    waiting.popleft()
                elif done in waiting:
                    waiting.remove(done)
            self.unfinished = None
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
            self.apply(self.unfinished, self.latest)
