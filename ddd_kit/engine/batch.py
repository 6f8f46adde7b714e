"""What is written together, and the aggregates that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.message import Command, Event
from ddd_kit.building_blocks.schema import Schema
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.store import Row as StoredRow
from ddd_kit.engine.store import Store
from ddd_kit.journal.entry import Row

if TYPE_CHECKING:
    from ddd_kit.engine.head import CommandHead, Head


class Tracked:
    """An aggregate that a unit of work knows: so that an identity is always the same object in it.

    Attributes:
        aggregate: the object.
        store: where it is kept.
        schema: of the newest class.
        identity: its identity.
        version: that of the object; at the end of the unit the one that it is saved with.
        added: whether it is to be saved, or removed.
        taken: how many of its events are published with it, and have yet to leave it.
        values: once it is added: the state then; None where it is to be removed.
        head: the message that it was added for, once it is.
        row: at the end of the unit: what is stored; None where it is removed.
    """

    __slots__ = ("added", "aggregate", "head", "identity", "row", "schema", "store", "taken", "values",
                 "version")  # fmt: skip
    values: tuple[Any, ...] | None
    head: Head | None
    row: StoredRow | None

    def __init__(
        self, aggregate: Aggregate, store: Store, schema: Schema, identity: Any, version: int
    ) -> None:
        self.aggregate = aggregate
        self.store = store
        self.schema = schema
        self.identity = identity
        self.version = version
        self.added = False
        self.taken = 0

    @property
    def removed(self) -> bool:
        """Whether it is to be removed."""
        return self.added and self.values is None


class Batch:
    """What is written together. Each of the writes may be done twice, so that an interrupt cannot tear it.

    Args:
        rows: what the journal gets.
        first_step: the step of the first of them.
        done: the delivery that needs no longer wait.

    Attributes:
        saved: the aggregates that are stored or removed.
        commands: the commands that were processed.
        events: the events that are published, each with its aggregate and what it was raised for.
        event_rows: where there are some, what the event store gets of them.
        first_event: how many events there were before.
        lengths: how many events the streams have after it that got some.
        queued: deliveries that begin to wait.
    """

    __slots__ = ("commands", "done", "event_rows", "events", "first_event", "first_step", "lengths", "queued",
                 "rows", "saved")  # fmt: skip
    event_rows: list[tuple[int, Row]]
    first_event: int
    lengths: dict[str, int]
    queued: list[Delivery]

    def __init__(self, rows: list[Row], first_step: int, done: Delivery | None = None) -> None:
        self.rows = rows
        self.first_step = first_step
        self.done = done
        self.saved: list[Tracked] = []
        self.commands: tuple[tuple[Command, CommandHead], ...] = ()
        self.events: list[tuple[Event, Tracked, Head | None]] = []
