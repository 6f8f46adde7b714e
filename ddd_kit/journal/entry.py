"""Journal entries: frozen records that hold names, ids and plain values, never classes.

The engine writes each entry down as a plain tuple, a row, because tuples of plain values are quick to
make and leave the care of the garbage collector. A row holds the fields of its entry but the step,
in the same order; the step is its position. An entry is made when somebody reads it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass, fields
from typing import Any, NoReturn, TypeVar, dataclass_transform

from ddd_kit.journal.parts import differences
from ddd_kit.journal.values import by_name, copied, same

Row = tuple[Any, ...]
T = TypeVar("T")

COMMAND, EVENT, HANDLED, SKIPPED = "command", "event", "handled", "skipped"
CHANGED, REJECTED, UNHANDLED, DEFINED = "changed", "rejected", "unhandled", "defined"
FAULT, CALLED = "fault", "called"
REBUILT = "rebuilt"  # what is said of the definition of a projection that is made anew from the events

MESSAGE = "Message"  # the type of what a broker brought, whatever it says

OK, FAILED, RETRIED, UNDONE, INTERRUPTED = "ok", "failed", "retried", "undone", "interrupted"

# Places in a row, for code that reads many rows.
KIND_AT, CAUSE_AT, CHAIN_AT, CELL_AT, TIME_AT = range(5)


@dataclass_transform(frozen_default=True)
def _kind(cls: type[T]) -> type[T]:
    """A dataclass with the methods of `Entry`: writing them for each kind took a tenth of the import."""
    return dataclass(init=False, repr=False, eq=False)(cls)


@_kind
class Entry:
    """What all entries have.

    Attributes:
        step: its number, from 1.
        kind: `command`, `event`, `handled`, `skipped`, `changed`, `rejected`, `unhandled`, `defined`,
            `fault` or `called`.
        cause: the step that led to it, or None.
        chain: the step that began the chain of causes.
        cell: where it comes from, as `In [6]` or `Try it`; None where nothing said so.
        time: when, in seconds since 1970 (UTC).
    """

    step: int
    kind: str
    cause: int | None
    chain: int
    cell: str | None
    time: float

    def __init__(self, *values: Any, **named: Any) -> None:
        vars(self).update(zip(self.__dataclass_fields__, values), **named)  # noqa: B905 - the rest is named

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.to_dict().values()))

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.to_dict().items())
        return f"{type(self).__name__}({told})"

    @property
    def at(self) -> dt.datetime:
        """When, in UTC."""
        return dt.datetime.fromtimestamp(self.time, dt.UTC)

    def to_dict(self) -> dict[str, Any]:
        """All fields by name, flat."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@_kind
class CommandEntry(Entry):
    """`domain.process` took a command.

    Attributes:
        type: the command's name.
        names: its field names.
        values: its values, in the same order.
        stream: the stream it went to.
        handler: the handler's class and method, or None where there is none.
        duration: in seconds.
        outcome: `ok`, `failed`, `interrupted`, or `undone` (it went well, but what it was part of failed).
        error: what was raised, as `ValueError: text`, or None.
        message_id: the id of the command.
    """

    type: str
    names: tuple[str, ...]
    values: tuple[Any, ...]
    stream: str
    handler: str | None
    duration: float
    outcome: str
    error: str | None
    message_id: str

    @property
    def payload(self) -> dict[str, Any]:
        """The values by field name."""
        return by_name(self.names, self.values)

    @property
    def held(self) -> dict[str, Any]:
        """The same, with value objects and entities as they are stored."""
        return dict(zip(self.names, self.values, strict=True))


@_kind
class EventEntry(Entry):
    """An event was appended to its stream.

    Attributes:
        type: the event's name.
        names: its field names.
        values: its values, in the same order.
        stream: the stream, as `bookshop::order-<id>`.
        position: its place in the stream, from 0.
        category: the category of the stream, as `bookshop::order`.
        sequence_id: aggregate version and place among the events of one save, as `0.1`.
        causes: the categories of the messages that led to it, the nearest last.
        origin_stream: the stream of the message that caused it, or None.
        correlation_id: shared by all that one message led to, or None.
        causation_id: the id of the message that caused it, or None.
        deliveries: the handler methods that it was sent to, as pairs of names.
        aggregate: the name of the aggregate that raised it; of one in another domain as `Sales.Order`; for a
            message of a broker the stream and the broker, as `payments@default`.
        aggregate_id: the identity of the one that did.
        type_version: of its class, from 1.
        extensions: pairs of a name and a value: what the domain's enrichers added.
    """

    type: str
    names: tuple[str, ...]
    values: tuple[Any, ...]
    stream: str
    position: int
    category: str
    sequence_id: str
    causes: tuple[str, ...]
    origin_stream: str | None
    correlation_id: str | None
    causation_id: str | None
    deliveries: tuple[tuple[str, str], ...]
    aggregate: str
    aggregate_id: Any
    type_version: int
    extensions: tuple[tuple[str, Any], ...]

    @property
    def payload(self) -> dict[str, Any]:
        """The values by field name."""
        return by_name(self.names, self.values)

    @property
    def held(self) -> dict[str, Any]:
        """The same, with value objects and entities as they are stored."""
        return dict(zip(self.names, self.values, strict=True))

    @property
    def source(self) -> str | None:
        """Where it comes from: `Sales` or `the broker default`; None where it was raised here."""
        domain, _, name = self.aggregate.rpartition(".")
        return f"the broker {name.rpartition('@')[2]}" if "@" in name else domain or None

    @property
    def message_id(self) -> str:
        """The id of the event: its stream and its place in it."""
        return f"{self.stream}-{self.sequence_id}"

    def to_cloudevent(self) -> dict[str, Any]:
        """The event as a CloudEvent 1.0, in the JSON event format, for tools that know nothing of the kit.

        Its `source` is the category, as `/bookshop/order`, its `subject` the identity of the aggregate, and
        its `type` as `bookshop.OrderShipped`. The extension attributes `sequence`, `correlationid` and
        `causationid` are its place in the stream and the messages that led to it. Values that JSON lacks
        are texts: times, decimals, enums by value.

        Returns:
            A dictionary that `json.dumps` takes.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.event(part_of=Order)
            ... class OrderShipped:
            ...     quantity: int
            >>> order = Order(id="o-1")
            >>> order.raise_(OrderShipped(quantity=5))
            >>> saved = domain.repository_for(Order).add(order)
            >>> event = domain.journal[-2].to_cloudevent()
            >>> event["source"], event["subject"], event["type"], event["data"]
            ('/bookshop/order', 'o-1', 'bookshop.OrderShipped', {'quantity': 5})
        """
        from ddd_kit.journal.cloud_event import cloud_event

        return cloud_event(self)


@_kind
class HandledEntry(Entry):
    """A handler method ran; one entry an attempt.

    Attributes:
        handler: the handler's name.
        method: the name of the method that ran: that of the delivery, or `handle_error`.
        delivered_to: the method that the event was delivered to.
        event: the type of the event.
        attempt: 1 for the first.
        duration: in seconds.
        outcome: `ok`, `failed`, `retried` (failed, and tried again), or `interrupted`.
        error: what was raised, as `ValueError: text`, or None.
        waits: whether the delivery goes on waiting after it.
        undone: what would have changed, had it not failed: `(aggregate, id, names, before, after)` each.
    """

    handler: str
    method: str
    delivered_to: str
    event: str
    attempt: int
    duration: float
    outcome: str
    error: str | None
    waits: bool
    undone: tuple[tuple[Any, ...], ...]


@_kind
class SkippedEntry(Entry):
    """A handler method that takes this type of event did not run.

    Attributes:
        handler: the handler's name.
        method: the method's name.
        event: the type of the event.
        rule: what kept it out: `stream_category`, `source_stream`, `retired` or `max_chain_length`; a process
            manager `not_started`, `complete` or `uncorrelated`.
        wanted: the value that the rule asks for.
        found: the value that the event has.
    """

    handler: str
    method: str
    event: str
    rule: str
    wanted: str
    found: str


@_kind
class ChangedEntry(Entry):
    """An aggregate was saved, or removed.

    Attributes:
        aggregate: its name.
        id: its identity.
        version: the version that it has now, from 0.
        names: its field names.
        before: the values before, in the same order; None where it was created.
        after: the values after; None where it was removed.
    """

    aggregate: str
    id: Any
    version: int
    names: tuple[str, ...]
    before: tuple[Any, ...] | None
    after: tuple[Any, ...] | None

    @property
    def change(self) -> str:
        """`created`, `changed` or `removed`."""
        if self.before is None:
            return "created"
        return "removed" if self.after is None else "changed"

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """What differs, as `{field: (before, after)}`; None stands for no value.

        Inside of the aggregate a path takes the place of the field, as `items[sku=A].quantity`.
        """
        if self.before is None or self.after is None:
            return self.changed_fields
        found: dict[str, tuple[Any, Any]] = {}
        for name, old, new in zip(self.names, self.before, self.after, strict=True):
            found.update(differences(name, copied(old), copied(new)))
        return found

    @property
    def changed_fields(self) -> dict[str, tuple[Any, Any]]:
        """The aggregate's own fields that differ, as `{field: (before, after)}`; None stands for no value."""
        absent = (None,) * len(self.names)
        pairs = zip(self.before or absent, self.after or absent, strict=True)
        both = self.before is not None and self.after is not None
        return {
            name: (copied(old), copied(new))
            for name, (old, new) in zip(self.names, pairs, strict=True)
            if not both or not same(old, new)
        }

    @property
    def held(self) -> dict[str, Any]:
        """The values after, or before where it was removed, as they are stored."""
        return dict(zip(self.names, self.after or self.before or (), strict=True))

    @property
    def state(self) -> dict[str, Any] | None:
        """The values after, by field name; None where it was removed."""
        return None if self.after is None else by_name(self.names, self.after)


@_kind
class RejectedEntry(Entry):
    """A validation, an invariant or a version check said no.

    Attributes:
        element: what refused.
        messages: pairs of a field and a text.
        tried: pairs of a field and the value that was tried.
        rules: the invariants that did not hold: the name of each, the class that has it, what it says, and
            pairs of a name and a value that it looked at.
    """

    element: str
    messages: tuple[tuple[str, str], ...]
    tried: tuple[tuple[str, Any], ...]
    rules: tuple[tuple[str, str, str, tuple[tuple[str, Any], ...]], ...]


@_kind
class UnhandledEntry(Entry):
    """An event that nobody listens to.

    Attributes:
        type: the event's name.
        stream: its stream.
    """

    type: str
    stream: str


@_kind
class DefinedEntry(Entry):
    """An element was registered, replaced or retired.

    Attributes:
        element: its name.
        element_kind: what it is, as `event handler`.
        change: `registered`, `replaced`, `retired` or `forgotten`; `rebuilt` where a projection is
            emptied, and its projectors hear the events again.
    """

    element: str
    element_kind: str
    change: str


@_kind
class FaultEntry(Entry):
    """`domain.faults` did something to a delivery, as a message broker might.

    Attributes:
        fault: `deliver_twice`, `drop`, `delay`, `shuffle` or `fail`.
        handler: the handler's name.
        method: the method's name.
        event: the type of the event.
        detail: by how much, as `2 deliveries` or `time 1 of 2`; an empty text where there is nothing to say.
    """

    fault: str
    handler: str
    method: str
    event: str
    detail: str


@_kind
class CalledEntry(Entry):
    """A method of a service ran: a use case of an application service, or a domain service.

    Attributes:
        service: the name of its class.
        method: the method's name.
        duration: in seconds.
        outcome: `ok`, `failed`, `interrupted`, or `undone` (it went well, but what it was part of failed).
        error: what was raised, as `ValueError: text`, or None.
    """

    service: str
    method: str
    duration: float
    outcome: str
    error: str | None


def is_heard_again(entry: Entry) -> bool:
    """Whether a handler heard an event again, because its projection was rebuilt.

    Args:
        entry: any entry.

    Returns:
        True where the event came before the beginning of the chain, which is that of the rebuild.

    Example:
        >>> is_heard_again(entry(3, (UNHANDLED, 2, 1, "In [4]", 0.0, "OrderShipped", "shop::order-1")))
        False
    """
    return entry.kind in (HANDLED, SKIPPED) and (entry.cause or 0) < entry.chain < entry.step


_CLASSES: Mapping[str, type[Entry]] = {
    COMMAND: CommandEntry,
    EVENT: EventEntry,
    HANDLED: HandledEntry,
    SKIPPED: SkippedEntry,
    CHANGED: ChangedEntry,
    REJECTED: RejectedEntry,
    UNHANDLED: UnhandledEntry,
    DEFINED: DefinedEntry,
    FAULT: FaultEntry,
    CALLED: CalledEntry,
}
KINDS = tuple(_CLASSES)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    kind: tuple(f.name for f in fields(cls))[1:] for kind, cls in _CLASSES.items()
}


def place(kind: str, column: str) -> int:
    """Where a field stands in the rows of a kind.

    Args:
        kind: a kind of entry.
        column: the name of a field of that kind.

    Returns:
        The index, from 0.

    Example:
        >>> place(CHANGED, "aggregate")
        5
    """
    return COLUMNS[kind].index(column)


def entry(step: int, row: Row) -> Entry:
    """The entry that a row stands for.

    Args:
        step: its number, from 1.
        row: as the engine wrote it.

    Returns:
        A frozen record.

    Example:
        >>> entry(3, (UNHANDLED, 2, 1, "In [4]", 0.0, "OrderShipped", "shop::order-1")).type
        'OrderShipped'
    """
    return _CLASSES[row[KIND_AT]](step, *map(copied, row))
