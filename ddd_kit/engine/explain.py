"""Why a handler did not take an event: every rule that was checked, with the values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.handler import ANY
from ddd_kit.building_blocks.message import Message
from ddd_kit.engine.names import ALL
from ddd_kit.engine.registry import LISTENERS, Registered
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import (
    CAUSE_AT,
    EVENT,
    FAULT,
    SKIPPED,
    DefinedEntry,
    Entry,
    EventEntry,
    FaultEntry,
    HandledEntry,
    SkippedEntry,
    entry,
    place,
)
from ddd_kit.journal.sentence import injected, reason, short_stream

if TYPE_CHECKING:
    from ddd_kit.engine.recorded import Recorded

PROCESS_RULES = ("not_started", "complete", "uncorrelated")
_DELIVERIES, _TYPE = place(EVENT, "deliveries"), place(EVENT, "type")
_STREAM, _POSITION = place(EVENT, "stream"), place(EVENT, "position")


@dataclass(frozen=True, slots=True)
class Check:
    """A rule, with both values.

    Attributes:
        rule: `defined`, `methods`, `event`, `stream_category`, `source_stream`, `defined_before`,
            `defined_since`, `delivered`, `chain` or `process`.
        wanted: what the handler asks for.
        found: what the event has.
        passed: whether the rule lets the event through.

    Example:
        >>> print(Check("stream_category", "inventory", "order", passed=False))
        its stream_category is `inventory`, and the event is on `order`
    """

    rule: str
    wanted: str
    found: str
    passed: bool

    def __str__(self) -> str:
        return _TEXTS[self.rule].format(wanted=self.wanted, found=self.found)


_TEXTS = {
    "defined": "{wanted}",
    "methods": "{wanted}",
    "event": "it takes {wanted}, and this event is {found}",
    "stream_category": "its stream_category is `{wanted}`, and the event is on `{found}`",
    "source_stream": "its source_stream is `{wanted}`, and the event came from {found}",
    "defined_before": "{wanted}",
    "defined_since": "{wanted}",
    "delivered": "{wanted}",
    "chain": "{wanted}",
    "process": "{wanted}",
}


@dataclass(frozen=True, slots=True, repr=False)
class WhyNot:
    """Why a handler did not take an event; `domain.why_not` gives it.

    Attributes:
        handler: the name of the handler.
        event: the event, or None where there is none that it could have taken.
        checks: every rule that was checked, in order.

    Example:
        >>> from ddd_kit import Domain, handle
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Inventory: ...
        >>> @domain.event_handler(part_of=Inventory, stream_category="order")
        ... class ManageInventory:
        ...     @handle("OrderShipped")
        ...     def reduce_stock_level(self, event): ...
        >>> domain.why_not(ManageInventory)
        ManageInventory did not run: OrderShipped has not been saved yet.
          ✗ defined: OrderShipped has not been saved yet
    """

    handler: str
    event: EventEntry | None
    checks: tuple[Check, ...]

    @property
    def broken(self) -> tuple[Check, ...]:
        """The rules that kept the event out; none where the handler took it.

        Returns:
            Some of `checks`, in their order.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory: ...
            >>> @domain.event_handler(part_of=Inventory, stream_category="order")
            ... class ManageInventory:
            ...     @handle("OrderShipped")
            ...     def reduce_stock_level(self, event): ...
            >>> [check.rule for check in domain.why_not(ManageInventory).broken]
            ['defined']
        """
        return tuple(check for check in self.checks if not check.passed)

    @property
    def sentence(self) -> str:
        """The reasons in one sentence.

        Returns:
            A text of one line.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory: ...
            >>> @domain.event_handler(part_of=Inventory, stream_category="order")
            ... class ManageInventory:
            ...     @handle("OrderShipped")
            ...     def reduce_stock_level(self, event): ...
            >>> domain.why_not(ManageInventory).sentence
            'ManageInventory did not run: OrderShipped has not been saved yet.'
        """
        if self.event is None:
            return f"{self.handler} did not run: {self._reasons()}."
        name = f"{self.event.type} (step {self.event.step})" if self.event.step else self.event.type
        if not self.broken:
            return f"{self.handler} did take {name}: every rule let it through."
        return f"{self.handler} did not take {name}: {self._reasons()}."

    def _reasons(self) -> str:
        return "; ".join(str(check) for check in self.broken)

    def to_text(self) -> str:
        """The sentence, and below it a line for each rule.

        Returns:
            A text of several lines, which is the repr too.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory: ...
            >>> @domain.event_handler(part_of=Inventory, stream_category="order")
            ... class ManageInventory:
            ...     @handle("OrderShipped")
            ...     def reduce_stock_level(self, event): ...
            >>> print(domain.why_not(ManageInventory).to_text())
            ManageInventory did not run: OrderShipped has not been saved yet.
              ✗ defined: OrderShipped has not been saved yet
        """
        lines = [f"  {'✓' if check.passed else '✗'} {check.rule}: {check}" for check in self.checks]
        return "\n".join([self.sentence, *lines])

    def __repr__(self) -> str:
        return self.to_text()


def why_not(engine: Recorded, handler: type | str, event: Any = None) -> WhyNot:
    """Why a handler did not take an event.

    Args:
        engine: the domain.
        handler: its class or name.
        event: an event, its entry, its class or name; None for the latest that the handler did not take.

    Returns:
        Every rule that was checked, with the values.

    Raises:
        IncorrectUsageError: when there is no such handler or event, it is no handler of events, or the event
            was not published.
        ConfigurationError: when the handler is part of an aggregate that there is not.

    Example:
        >>> from ddd_kit import Domain, handle
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Inventory: ...
        >>> @domain.event_handler(part_of=Inventory, stream_category="order")
        ... class ManageInventory:
        ...     @handle("OrderShipped")
        ...     def reduce_stock_level(self, event): ...
        >>> why_not(domain, "ManageInventory").event is None
        True
    """
    name = getattr(handler, "__name__", str(handler))
    if name not in engine.registry.elements and _was_defined(engine, name):
        text = f"{name} is not defined any more: no cell defines it, or it was forgotten"
        gone = Check("defined", text, "", False)
        known = event if isinstance(event, EventEntry) else None
        recorded = () if known is None else _recorded(engine, name, known)
        return WhyNot(name, known if recorded else None, (*recorded, gone))
    element = engine.registry.find(name)
    if element.kind not in LISTENERS:
        raise IncorrectUsageError(
            f"why_not({name}): that is {element.kind.with_article}, not an event handler."
        )
    found = _event(engine, element, event)
    if found is None:
        return WhyNot(name, None, (_no_such_event(engine, element, event),))
    return WhyNot(name, found, tuple(_checks(engine, element, found)))


def _was_defined(engine: Recorded, name: str) -> bool:
    """Whether there was a handler of that name that was retired or forgotten."""
    if name in engine.registry.retired:
        return True
    definitions = engine.world.journal.of(kind="defined")
    return any(isinstance(e, DefinedEntry) and e.element == name for e in definitions)


def _no_such_event(engine: Recorded, handler: Registered, event: Any) -> Check:
    names = [taken for _, taken in handler.methods]
    if not names:
        return _no_methods(handler)
    wanted = getattr(event, "__name__", None) or " or ".join(dict.fromkeys(names))
    count = len(engine.world.events.rows)
    text = "has not been saved yet" if count == 0 else "has not happened yet, or it took every one of them"
    return Check("defined", f"{'an event' if wanted == ANY else wanted} {text}", "", False)


def _no_methods(handler: Registered) -> Check:
    text = f"{handler.name} has no method that takes an event: put @handle(...) before one"
    return Check("methods", text, "", False)


def _event(engine: Recorded, handler: Registered, asked: Any) -> EventEntry | None:
    if isinstance(asked, EventEntry):
        return asked
    if isinstance(asked, Message):
        if asked._record is None:
            raise IncorrectUsageError(
                f"{asked!r} has not been published: raise it on an aggregate, and add that to its repository."
            )
        return _latest(engine, lambda row: row is asked._record)
    if asked is not None:
        name = getattr(asked, "__name__", str(asked))
        engine.registry.find(name, Kind.EVENT)
        return _latest(engine, lambda row: row[_TYPE] == name)
    named = {taken for _, taken in handler.methods}

    dropped = _dropped(engine, handler)

    def missed(row: Any) -> bool:
        sent = any(target[0] == handler.name for target in row[_DELIVERIES])
        return not sent or (row[_STREAM], row[_POSITION]) in dropped

    return (
        _latest(engine, lambda row: missed(row) and row[_TYPE] in named)
        or _latest(engine, lambda row: row[_TYPE] in named and _undelivered(engine, handler, row))
        or _latest(engine, missed)
        or _latest(engine, lambda row: not missed(row))
    )


def _undelivered(engine: Recorded, handler: Registered, row: Any) -> bool:
    return any(d.row is row and d.handler == handler.name for d in engine.world.waiting)


def _dropped(engine: Recorded, handler: Registered) -> set[tuple[str, int]]:
    """Stream and position of the events that a fault or its processes kept from a handler."""
    faults = (e for e in engine.world.journal.of(kind=FAULT) if isinstance(e, FaultEntry))
    steps = [e.cause for e in faults if e.fault == "drop" and e.handler == handler.name and e.cause]
    if handler.roles:
        skipped = (e for e in engine.world.journal.of(kind=SKIPPED) if isinstance(e, SkippedEntry))
        steps += [
            e.cause for e in skipped if e.handler == handler.name and e.rule in PROCESS_RULES and e.cause
        ]
    rows = (engine.world.events.at(step) for step in steps)
    return {(row[_STREAM], row[_POSITION]) for row in rows}


def _latest(engine: Recorded, wanted: Any) -> EventEntry | None:
    for step, row in reversed(engine.world.events.rows):
        if wanted(row):
            return entry(step, row)  # type: ignore[return-value]
    return None


def _checks(engine: Recorded, handler: Registered, event: EventEntry) -> Iterator[Check]:
    since = _defined_since(engine, handler, event)
    if since and not _defined_after(engine, handler, event):
        yield from _as_it_was(engine, handler, event, since)
        return
    checks = tuple(_rules(engine, handler, event))
    yield from checks
    told = any(check.rule == "delivered" for check in checks)
    if all(check.passed for check in checks) and not told and not _sent(handler, event):
        text = f"no delivery to {handler.name} was made, and the journal does not tell why"
        yield Check("delivered", text, "", False)


def _as_it_was(engine: Recorded, handler: Registered, event: EventEntry, since: int) -> Iterator[Check]:
    """What the journal recorded, as the rules of a handler that was defined anew are others now."""
    name = handler.name
    if _sent(handler, event):
        yield Check("event", event.type, event.type, True)
        yield from _fate(engine, handler, event)
        return
    recorded = _recorded(engine, name, event)
    if recorded:
        yield Check("event", event.type, event.type, True)
        yield from recorded
        anew = f"{name} was defined anew since (step {since})"
    else:
        anew = (
            f"no delivery was made, as {name} was not defined then or did not take {event.type}; it was "
            f"defined anew since (step {since})"
        )
    yield Check("defined_since", anew, "", False)


def _recorded(engine: Recorded, handler: str, event: EventEntry) -> tuple[Check, ...]:
    """The rules that kept a handler out when the event was saved, with the values of that time."""
    found = (e for e in _after(engine, event) if isinstance(e, SkippedEntry) and e.handler == handler)
    return tuple(dict.fromkeys(map(_kept_out, found)))


def _kept_out(e: SkippedEntry) -> Check:
    if e.rule == "stream_category":
        return Check(e.rule, short_stream(e.wanted), short_stream(e.found), False)
    if e.rule == "source_stream":
        causes = e.found.split(", ")
        came_from = ", ".join(c if c == "plain code" else f"`{short_stream(c)}`" for c in causes)
        return Check(e.rule, short_stream(e.wanted), came_from, False)
    return _left_out(e)


def _left_out(e: SkippedEntry) -> Check:
    if e.rule in PROCESS_RULES:
        return Check("process", reason(e), "", False)
    return Check("chain", f"the delivery was skipped: {e.rule}", "", False)


def _after(engine: Recorded, event: EventEntry) -> Iterator[Entry]:
    """What an event led to itself, as far as it was recorded."""
    journal = engine.world.journal
    begin = max(event.step + 1, journal.first_step) if event.step else journal.last_step + 1
    for step, row in journal.between(begin, journal.last_step).numbered_rows():
        if row[CAUSE_AT] == event.step:
            yield entry(step, row)


def _sent(handler: Registered, event: EventEntry) -> bool:
    return any(target == handler.name for target, _ in event.deliveries)


def _rules(engine: Recorded, handler: Registered, event: EventEntry) -> Iterator[Check]:
    registry = engine.registry
    taken = [name for _, name in handler.methods]
    heard = registry.hears(handler)
    source = registry.source(handler)
    if not taken:
        yield _no_methods(handler)
        return
    yield Check("event", " or ".join(dict.fromkeys(taken)) or "no event", event.type,
                event.type in taken or ANY in taken)  # fmt: skip
    yield Check("stream_category", ", ".join(map(short_stream, heard)), short_stream(event.category),
                event.category in heard or ALL in heard)  # fmt: skip
    if source is not None:
        came_from = ", ".join(f"`{short_stream(cause)}`" for cause in event.causes) or "plain code"
        yield Check("source_stream", short_stream(source), came_from, source in event.causes)
    yield from _fate(engine, handler, event)


def _fate(engine: Recorded, handler: Registered, event: EventEntry) -> Iterator[Check]:
    """What became of the event, as far as the rules do not tell."""
    where = (event.stream, event.position)
    if any(
        d.handler == handler.name and (d.row[_STREAM], d.row[_POSITION]) == where
        for d in engine.world.waiting
    ):
        yield Check("delivered", "the delivery waits: domain.deliver_all() makes it", "", False)
        return
    if not _sent(handler, event):
        heard = [
            e for e in _after(engine, event) if isinstance(e, HandledEntry) and e.handler == handler.name
        ]
        if heard and heard[-1].outcome == "ok":
            told = f"{heard[-1].method} ran in step {heard[-1].step}, when the projection was rebuilt"
            yield Check("delivered", told, "", True)
        elif _defined_after(engine, handler, event):
            text = f"{handler.name} was defined after the event, and handlers start at the newest event"
            yield Check("defined_before", text, "", False)
        return
    for later in _after(engine, event):
        if isinstance(later, SkippedEntry) and later.handler == handler.name:
            yield _left_out(later)
        elif isinstance(later, FaultEntry) and (later.handler, later.fault) == (handler.name, "drop"):
            text = f"the delivery to {later.method} was {injected(later)} in step {later.step}"
            yield Check("delivered", text, "", False)
        elif isinstance(later, HandledEntry) and later.handler == handler.name:
            ran = f"{later.method} ran in step {later.step}"
            failed = (
                f"{later.method} {later.outcome} in step {later.step}: {later.error}; what it did is undone"
            )
            well = later.outcome == "ok"
            yield Check("delivered", ran if well else failed, "", well)


def _defined_after(engine: Recorded, handler: Registered, event: EventEntry) -> bool:
    steps = _definitions(engine, handler)
    return bool(steps) and steps[0] > event.step


def _defined_since(engine: Recorded, handler: Registered, event: EventEntry) -> int:
    """The step in which a handler was last defined, if that is after the event; otherwise 0."""
    last = max(_definitions(engine, handler), default=0)
    return last if last > event.step > 0 else 0


def _definitions(engine: Recorded, handler: Registered) -> list[int]:
    definitions = engine.world.journal.of(kind="defined")
    return [e.step for e in definitions if isinstance(e, DefinedEntry) and e.element == handler.name]
