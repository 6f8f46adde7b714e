"""What became of an event: who took it, who failed, who was passed over, who has it waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

import htpy as h

from ddd_kit.engine.engine import Engine
from ddd_kit.journal.entry import (
    CAUSE_AT,
    FAULT,
    HANDLED,
    KIND_AT,
    SKIPPED,
    CalledEntry,
    CommandEntry,
    EventEntry,
    FaultEntry,
    HandledEntry,
    Row,
    SkippedEntry,
    entry,
    place,
)
from ddd_kit.journal.sentence import context_in, injected, milliseconds, reason
from ddd_kit.journal.tree import SYMBOLS
from ddd_kit.views.kinds import kinds_of
from ddd_kit.views.links import Link, unlinked
from ddd_kit.views.markup import exactly, hearer, name, plain, symbol

MOST = 100
_HANDLER, _DELIVERED_TO, _WAITS = (
    place(HANDLED, "handler"),
    place(HANDLED, "delivered_to"),
    place(HANDLED, "waits"),
)
_PASSED_OVER, _METHOD = place(SKIPPED, "handler"), place(SKIPPED, "method")
_FAULT, _MEANT, _MEANT_FOR = place(FAULT, "fault"), place(FAULT, "handler"), place(FAULT, "method")

Target = tuple[str, str]


class Hearing(NamedTuple):
    """What became of an event at one handler method.

    Attributes:
        handler: the handler's name.
        method: the method's name.
        last: what happened last there, or None where nothing has yet.
        waits: whether the delivery waits.
    """

    handler: str
    method: str
    last: HandledEntry | SkippedEntry | FaultEntry | None
    waits: bool


def hearings(engine: Engine, event: EventEntry) -> list[Hearing]:
    """What became of an event until now.

    Args:
        engine: the domain.
        event: an event of its journal.

    Returns:
        The handler methods that it was sent to, in order of definition, then those that were passed over.
    """
    waiting = {(d.handler, d.method) for d in engine.world.waiting if d.step == event.step}
    last = _last(engine, event)
    targets = [*event.deliveries, *(target for target in last if target not in event.deliveries)]
    return [Hearing(*target, _read(last.get(target)), target in waiting) for target in targets]


def _read(numbered: tuple[int, Row] | None) -> HandledEntry | SkippedEntry | FaultEntry | None:
    return None if numbered is None else cast(HandledEntry | SkippedEntry | FaultEntry, entry(*numbered))


def _last(engine: Engine, event: EventEntry) -> dict[Target, tuple[int, Row]]:
    """The last entry of each handler method; no further than all is known, as a journal may be long."""
    journal = engine.journal
    step, end = event.step, journal.batch_end(event.step)
    unknown = Counter(event.deliveries)
    found: dict[Target, tuple[int, Row]] = {}
    for number, row in enumerate(journal.rows[step + 1 - journal.first_step :], step + 1):
        if row[CAUSE_AT] == step and row[KIND_AT] in _READ:
            target = _READ[row[KIND_AT]](row, unknown)
            if target is not None:
                found[target] = number, row
        if number >= end and not +unknown:
            break
    return found


def _ran(row: Row, unknown: Counter[Target]) -> Target:
    target = (row[_HANDLER], row[_DELIVERED_TO])
    unknown[target] -= not row[_WAITS]
    return target


def _was_passed_over(row: Row, unknown: Counter[Target]) -> Target:
    target = (row[_PASSED_OVER], row[_METHOD])
    unknown[target] -= 1
    return target


def _was_disturbed(row: Row, unknown: Counter[Target]) -> Target | None:
    """What a fault did to the number of deliveries; only one that was dropped has come to its end."""
    target = (row[_MEANT], row[_MEANT_FOR])
    dropped = row[_FAULT] == "drop"
    unknown[target] += (row[_FAULT] == "deliver_twice") - dropped
    return target if dropped else None


_READ: Mapping[str, Callable[[Row, Counter[Target]], Target | None]] = {
    HANDLED: _ran,
    SKIPPED: _was_passed_over,
    FAULT: _was_disturbed,
}


def heard(engine: Engine, event: EventEntry, link: Link = unlinked) -> h.Element:
    """Who heard an event, one by one.

    Args:
        engine: the domain.
        event: an event of its journal.
        link: makes each a way to its step, or to why it did not run.

    Returns:
        A list, or that there is nobody.
    """
    found = hearings(engine, event)
    if not found:
        return h.p["Nobody listens to it."]
    more = h.li[h.small[f"… {len(found) - MOST:,} more"]] if len(found) > MOST else None
    kinds = kinds_of(engine.journal)
    return h.ul(".ddd-list")[[h.li[_line(hearing, link, kinds)] for hearing in found[:MOST]], more]


def _line(hearing: Hearing, link: Link, kinds: Mapping[str, str]) -> h.Node:
    last, kind = hearing.last, kinds.get(hearing.handler, "event handler")
    if isinstance(last, SkippedEntry):
        passed: h.Node = [symbol(kind, SYMBOLS["skipped"]), " ", plain(hearing.handler)]
        label = f"why did {plain(hearing.handler)} not run?"
        method = "" if context_in(hearing.handler) else f".{plain(hearing.method)}"
        why = h.small["skipped: ", plain(reason(last))]
        return [link(passed, "whynot", last.step, label), f"{method} ", why]
    method = " " if context_in(hearing.handler) else f".{plain(hearing.method)} "
    kind = hearer(hearing.handler, hearing.method, kind)[0]
    who = [symbol(kind), " ", name(context_in(hearing.handler) or hearing.handler, kind)]
    if isinstance(last, FaultEntry):
        lost = h.span(".ddd-bad")[f"{SYMBOLS['fault']} {injected(last)}"]
        return [link(who, "step", last.step), method, lost, h.small[f" step {last.step}"]]
    waits = h.span["waits"] if hearing.waits else None
    if last is None:
        return [who, method, waits or h.small["what became of it is not recorded"]]
    error = [": ", exactly(last.error)] if last.error else None
    told = [link(who, "step", last.step), method, outcome(last), error, h.small[f" step {last.step}"]]
    return [*told, [", and ", waits] if waits else None]


def outcome(entry: CommandEntry | HandledEntry | CalledEntry) -> h.Element:
    """How a handler fared.

    Args:
        entry: that it ran.

    Returns:
        As `✓ ran in 0.2 ms`, or `✗ failed after 0.2 ms`.
    """
    took, doing = milliseconds(entry.duration), "ran"
    if isinstance(entry, HandledEntry):
        took += f", attempt {entry.attempt:,}" if entry.attempt > 1 or entry.outcome == "retried" else ""
        doing = (
            "ran" if entry.method == entry.delivered_to else f"ran {plain(entry.method)} after that failed"
        )
        doing = "was handed over" if context_in(entry.handler) else doing
    if entry.outcome == "ok":
        return h.span[h.span(".ddd-good")["✓"], f" {doing} in {took}"]
    return h.span(".ddd-bad")[f"✗ {entry.outcome} after {took}"]
