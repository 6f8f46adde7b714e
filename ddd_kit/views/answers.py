"""Answers: why a value is what it is, why a handler stayed silent, what waits."""

from __future__ import annotations

from typing import Any

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.delivery import Delivery, Waiting
from ddd_kit.engine.explain import Check, WhyNot
from ddd_kit.journal.causality import Why
from ddd_kit.journal.entry import EVENT, ChangedEntry, CommandEntry, Entry, EventEntry, HandledEntry, place
from ddd_kit.journal.sentence import details
from ddd_kit.views.markup import counted, framed, identity, name, plain, stream_name, symbol, value, with_code

_STREAM = place(EVENT, "stream")
MOST_DELIVERIES = 100
LONGEST_CHAIN = 60
STYLE = (
    ".ddd .ddd-sentence{border-left:3px solid var(--ddd-accent);padding:1px 0 1px 10px;margin:2px 0 6px}"
    ".ddd ol.ddd-list{padding-left:26px}.ddd ul.ddd-list{padding-left:2px;list-style:none}"
    ".ddd .ddd-list li{margin:0;padding:0}.ddd .ddd-list li::marker{color:var(--ddd-faint)}"
)


def why(shown: Why) -> Markup:
    """The sentence, and below it the chain of causes, one by one.

    Args:
        shown: the answer of `domain.why`.

    Returns:
        HTML.
    """
    chain = list(zip((None, *shown.chain), shown.chain, strict=False))
    links = [h.li[_link(entry, cause, shown)] for cause, entry in chain]
    if len(links) > LONGEST_CHAIN:
        links[3 : 3 - LONGEST_CHAIN] = [h.li[h.small[f"… {len(links) - LONGEST_CHAIN:,} more links"]]]
    return framed(_sentence(shown.sentence), h.ol(".ddd-list")[_first_cause(shown), links], style=STYLE)


def _sentence(text: str) -> h.Element:
    return h.p(".ddd-sentence")[with_code(text)]


def _first_cause(shown: Why) -> h.Element:
    if not shown.complete:
        return h.li[h.small["what came before is not in the journal any more"]]
    where = shown.chain[0].cell
    return h.li[h.code[plain(where)] if where else "code outside a cell", " ", _deed(shown.chain[0])]


def _deed(first: Entry) -> Any:
    if isinstance(first, EventEntry):
        return ["saved ", symbol("aggregate"), " ", name(first.aggregate, "aggregate"), " ",
                identity(first.aggregate_id)]  # fmt: skip
    return "gave a command" if isinstance(first, CommandEntry) else "saved it"


def _link(entry: Entry, cause: Entry | None, shown: Why) -> Any:
    step = h.small[f" step {entry.step}"]
    if isinstance(entry, EventEntry):
        told = [symbol("event"), " ", name(entry.type, "event"), plain(details(entry.payload))]
        return [*told, " was raised on ", stream_name(entry.category), step]
    if isinstance(entry, CommandEntry):
        told = [symbol("command"), " ", name(entry.type, "command"), plain(details(entry.payload))]
        return [*told, " was taken by ", plain(entry.handler), step]
    if isinstance(entry, HandledEntry):
        heard = ["listens to ", stream_name(cause.category)] if isinstance(cause, EventEntry) else "heard it"
        told = [symbol("event handler"), " ", name(entry.handler, "event handler"), " ", heard]
        return [*told, f" and ran {plain(entry.method)}", step]
    return [*_effect(entry, shown), step] if isinstance(entry, ChangedEntry) else step


def _effect(entry: ChangedEntry, shown: Why) -> list[Any]:
    before, after = entry.changes.get(shown.field, (None, None))
    head = [symbol("aggregate"), " ", name(shown.aggregate, "aggregate"), " ", identity(shown.id), " "]
    if entry.before is None:
        return [*head, f"began with {plain(shown.field)} ", h.b[value(after)]]
    return [*head, plain(shown.field), " ", h.span(".ddd-faint")[value(before)], " → ", h.b[value(after)]]


def why_not(shown: WhyNot) -> Markup:
    """The sentence, and below it every rule that was checked.

    Args:
        shown: the answer of `domain.why_not`.

    Returns:
        HTML.
    """
    checks = h.ul(".ddd-list")[(_check(check) for check in shown.checks)]
    return framed(_sentence(shown.sentence), checks, style=STYLE)


def _check(check: Check) -> h.Element:
    mark = h.span(".ddd-good")["✓"] if check.passed else h.span(".ddd-bad")["✗"]
    return h.li[mark, " ", h.b[plain(check.rule)], ": ", with_code(check)]


def waiting(shown: Waiting) -> Markup:
    """The deliveries that wait, the next first; each with the number that `domain.deliver` takes.

    Args:
        shown: `domain.waiting`.

    Returns:
        HTML.
    """
    if not shown:
        return framed(h.p["No delivery is waiting."])
    listed = list(shown[:MOST_DELIVERIES])
    more = f"… {len(shown) - len(listed):,} more. " if len(shown) > len(listed) else ""
    hint = "domain.deliver(n) makes one, domain.deliver_all() all."
    return framed(
        h.p[counted(len(shown), "delivery waits", "deliveries wait")],
        h.ul(".ddd-list")[(_delivery(place, delivery) for place, delivery in enumerate(listed))],
        h.p[h.small[more, hint]],
        style=STYLE,
    )


def _delivery(place: int, delivery: Delivery) -> h.Element:
    stream = stream_name(delivery.row[_STREAM])
    event = h.span[symbol("event"), " ", name(delivery.event, "event"), " ", h.small["on ", stream]]
    handler = h.span[symbol("event handler"), " ", name(delivery.handler, "event handler")]
    return h.li[h.code[str(place)], " ", event, " → ", handler, f".{plain(delivery.method)}"]
