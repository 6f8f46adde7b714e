"""How the state of an event-sourced aggregate arises: one event, one `@apply`, one change after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.event_store import STREAM_AT
from ddd_kit.engine.names import event_stream
from ddd_kit.engine.upcasting import revived
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import EventEntry, entry
from ddd_kit.journal.parts import differences
from ddd_kit.journal.sentence import brief, details, short_id

if TYPE_CHECKING:
    from ddd_kit.engine.model import Model


@dataclass(frozen=True, slots=True)
class Applied:
    """What one event did to the state.

    Attributes:
        event: the event.
        version: the version of the aggregate after it, from 0.
        methods: the `@apply` methods that ran.
        changes: what they changed, as `{field: (before, after)}`; inside of the aggregate a path takes the
            place of the field.
    """

    event: EventEntry
    version: int
    methods: tuple[str, ...]
    changes: dict[str, tuple[Any, Any]]

    def __repr__(self) -> str:
        told = [f"{name} {brief(before)} -> {brief(after)}" for name, (before, after) in self.changes.items()]
        event = f"{self.event.type}{details(self.event.payload)}"
        return f"{self.version}  {event}  {', '.join(self.methods)}: {', '.join(told) or 'nothing changed'}"


@dataclass(frozen=True, slots=True, repr=False)
class Rehydration:
    """How the state of an event-sourced aggregate arises from its events; `domain.rehydrate` gives it.

    Attributes:
        aggregate: the name of its class.
        id: its identity.
        applied: what each event did, in order.
        removed: whether it is not in its repository any more.
    """

    aggregate: str
    id: Any
    applied: tuple[Applied, ...]
    removed: bool = False

    def to_text(self) -> str:
        """A line for the aggregate, and one for each event.

        Returns:
            A text of several lines, which is the repr too.
        """
        gone = ", removed since" if self.removed else ""
        count = f"{len(self.applied):,} event{'' if len(self.applied) == 1 else 's'}"
        head = f"{self.aggregate} {short_id(self.id)} arose from {count}{gone}"
        return "\n".join([head, *(f"  {applied}" for applied in self.applied)])

    def __repr__(self) -> str:
        return self.to_text()


def rehydrated(model: Model, aggregate: str, identity: Any, step: int | None = None) -> Rehydration:
    """Tell the events of an aggregate again, one by one; nothing of the run is touched.

    Args:
        model: the domain.
        aggregate: the name of an event-sourced aggregate.
        identity: of the one that is meant.
        step: as it was after this step; as it is when None.

    Returns:
        What each event did.

    Raises:
        IncorrectUsageError: when it is not event-sourced, or nothing happened to it yet.
    """
    element = model.registry.find(aggregate, Kind.AGGREGATE)
    if not element.schema.sourced:
        raise IncorrectUsageError(
            f"{aggregate} is not event-sourced, so its state does not arise from its events. "
            "domain.why(...) tells what led to a value."
        )
    with model.lock:
        world = model.world
        stream = event_stream(model.registry.category(aggregate), identity)
        until = world.journal.last_step if step is None else world.journal.batch_end(step)
        pairs = [pair for pair in world.events.rows if pair[1][STREAM_AT] == stream and pair[0] <= until]
        if not pairs:
            raise IncorrectUsageError(f"Nothing has happened to {aggregate} {short_id(identity)} yet.")
        removed = identity not in world.stores[aggregate].rows
    schema, cls = element.schema, element.cls
    current = cls._blank(identity)  # type: ignore[attr-defined]
    before = schema.snapshot(current.__dict__)
    applied = []
    for version, (number, row) in enumerate(pairs):
        current._tell([revived(model.registry, row)])
        after = schema.snapshot(current.__dict__)
        changes = {
            path: pair
            for name, old, new in zip(schema.names, before, after, strict=True)
            for path, pair in differences(name, old, new)
        }
        event = entry(number, row)
        assert isinstance(event, EventEntry)
        methods = cls._appliers.get(event.type, ())  # type: ignore[attr-defined]
        applied.append(Applied(event, version, methods, changes))
        before = after
    return Rehydration(aggregate, identity, tuple(applied), removed)
