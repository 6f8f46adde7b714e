"""Answers: why a value is what it is, why a handler stayed silent, what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import htpy as h
from markupsafe import Markup

from ddd_kit.building_blocks.part import Part
from ddd_kit.engine.delivery import Delivery, Waiting
from ddd_kit.engine.explain import Check, WhyNot
from ddd_kit.journal.causality import Why
from ddd_kit.journal.entry import (
    EVENT,
    CalledEntry,
    ChangedEntry,
    CommandEntry,
    DefinedEntry,
    Entry,
    EventEntry,
    HandledEntry,
    place,
)
from ddd_kit.journal.parts import ABSENT, differences
from ddd_kit.journal.sentence import details, field_change
from ddd_kit.views.kinds import UNKNOWN
from ddd_kit.views.links import Link, unlinked
from ddd_kit.views.markup import (
    counted,
    framed,
    hearer,
    identity,
    name,
    plain,
    stream_name,
    symbol,
    value,
    with_code,
)

_STREAM = place(EVENT, "stream")
MOST_DELIVERIES = 100
LONGEST_CHAIN = 60
LONGEST_SENTENCE = 2000
_BEGINNING = 3  # what is shown of a longer one before the gap
STYLE = (
    ".ddd .ddd-sentence{border-left:3px solid var(--ddd-accent);padding:1px 0 1px 10px;margin:2px 0 6px}"
    ".ddd ol.ddd-list{padding-left:26px}.ddd ul.ddd-list{padding-left:2px;list-style:none}"
    ".ddd h3.ddd-question{font:600 14px/1.5 inherit;color:inherit;margin:0 0 6px}"
    ".ddd .ddd-list .ddd-link{vertical-align:top}"
    ".ddd .ddd-list li{margin:0;padding:0}.ddd .ddd-list li::marker{color:var(--ddd-faint)}"
)


def why(shown: Why) -> Markup:
    """The sentence, and below it the chain of causes, one by one.

    Args:
        shown: the answer of `domain.why`.

    Returns:
        HTML.
    """
    return framed(*_why(shown, unlinked, UNKNOWN), style=STYLE)


def why_panel(shown: Why, link: Link = unlinked, kinds: Mapping[str, str] = UNKNOWN) -> h.Element:
    """A question about a value as a heading, and its answer.

    Args:
        shown: the answer of `domain.why`.
        link: makes each cause a way to its step.
        kinds: of the elements, by name.

    Returns:
        An element.
    """
    question = h.h3(".ddd-question")["Why is ", plain(shown.field), " ", _held(shown), "?"]
    return h.div[question, *_why(shown, link, kinds)]


def _held(shown: Why) -> h.Node:
    if isinstance(shown.chain[-1], DefinedEntry):
        return h.b[value(shown.held[-1])] if shown.held else "its default"
    held = shown.values[1]
    return "gone" if held is ABSENT else h.b[value(held)]


def _why(shown: Why, link: Link, kinds: Mapping[str, str]) -> tuple[h.Element, h.Element]:
    return _sentence(shown.sentence), causes(shown.chain, shown.complete, link, shown, kinds)


def _sentence(text: str) -> h.Element:
    shown = text if len(text) <= LONGEST_SENTENCE else text[: LONGEST_SENTENCE - 1] + "…"
    return h.p(".ddd-sentence")[with_code(shown)]


def causes(
    chain: Sequence[Entry],
    complete: bool,
    link: Link = unlinked,
    asked: Why | None = None,
    kinds: Mapping[str, str] = UNKNOWN,
) -> h.Element:
    """A chain of causes, one by one; of a long one the ends.

    Args:
        chain: entries, the first cause first.
        complete: whether the first of them has no cause.
        link: makes each of them a way to its step.
        asked: the question that the last of them answers; None where the last is shown elsewhere.
        kinds: of the elements, by name; what is not there is of the usual kind.

    Returns:
        A numbered list.
    """
    count = len(chain) - (asked is None)
    gap = max(0, count - LONGEST_CHAIN)
    shown = [*range(min(count, _BEGINNING)), *range(_BEGINNING + gap, count)]
    items = [h.li[_cause(chain[at], chain[at - 1] if at else None, link, asked, kinds)] for at in shown]
    if gap:
        items.insert(_BEGINNING, h.li[h.small[f"… {gap:,} more links"]])
    return h.ol(".ddd-list")[_first_cause(chain[0], complete, kinds), items]


def _first_cause(first: Entry, complete: bool, kinds: Mapping[str, str]) -> h.Element | None:
    if isinstance(first, DefinedEntry):
        return None
    if not complete:
        return h.li[h.small["what came before is not in the journal any more"]]
    return h.li[h.code[plain(first.cell)] if first.cell else "code outside a cell", " ", _deed(first, kinds)]


def _deed(first: Entry, kinds: Mapping[str, str]) -> h.Node:
    if isinstance(first, EventEntry):
        if first.source is not None:
            return ["heard it from ", h.b[plain(first.source)]]
        kind = kinds.get(first.aggregate, "aggregate")
        return ["saved ", symbol(kind), " ", name(first.aggregate, kind), " ", identity(first.aggregate_id)]
    if isinstance(first, ChangedEntry) and first.after is None:
        return "removed it"
    deeds = {
        "command": "gave a command",
        "changed": "saved it",
        "rejected": "gave values",
        "called": "used a service",
    }
    return deeds.get(first.kind, "let it happen")


def _cause(
    entry: Entry, cause: Entry | None, link: Link, asked: Why | None, kinds: Mapping[str, str]
) -> h.Node:
    """One of a chain: who did what, and its step."""
    step = h.small[f" step {entry.step}"]
    if isinstance(entry, EventEntry):
        told = [_who(entry, entry.type, "event", link), plain(details(entry.held))]
        return [*told, " was raised on ", stream_name(entry.category), step]
    if isinstance(entry, CommandEntry):
        told = [_who(entry, entry.type, "command", link), plain(details(entry.held))]
        return [*told, f" was taken by {plain(entry.handler or 'nobody')}", step]
    if isinstance(entry, HandledEntry):
        heard = ["listens to ", stream_name(cause.category)] if isinstance(cause, EventEntry) else "heard it"
        who = _who(entry, entry.handler, kinds.get(entry.handler, "event handler"), link)
        return [who, " ", heard, f" and ran {plain(entry.method)}", step]
    if isinstance(entry, CalledEntry):
        kind = kinds.get(entry.service, "application service")
        return [_who(entry, entry.service, kind, link), f" ran {plain(entry.method)}", step]
    if isinstance(entry, DefinedEntry):
        return [_who(entry, entry.element, entry.element_kind, link), " was defined again", step]
    assert isinstance(entry, ChangedEntry)
    assert asked is not None
    return [*_effect(entry, asked, link, kinds), step]


def _who(entry: Entry, who: str, kind: str, link: Link) -> h.Node:
    return link([symbol(kind), " ", name(who, kind)], "step", entry.step)


def _effect(entry: ChangedEntry, asked: Why, link: Link, kinds: Mapping[str, str]) -> list[h.Node]:
    before, after = asked.values
    kind = kinds.get(entry.aggregate, "aggregate")
    head = [_who(entry, entry.aggregate, kind, link), " ", identity(entry.id), " "]
    if before is ABSENT:
        return [*head, f"began with {plain(asked.field)} ", h.b[value(after)]]
    is_entity = isinstance(before, Part) and before.identity is not None
    inside = dict(differences(asked.field, before, after)) if is_entity else {}
    if inside and asked.field not in inside and after is not ABSENT:
        return [*head, plain(", ".join(field_change(path, *both, "→") for path, both in inside.items()))]
    old = h.span(".ddd-faint")[value(before)]
    new: h.Node = h.small["removed"] if after is ABSENT else h.b[value(after)]
    return [*head, plain(asked.field), " ", old, " → ", new]


def why_not(shown: WhyNot) -> Markup:
    """The sentence, and below it every rule that was checked.

    Args:
        shown: the answer of `domain.why_not`.

    Returns:
        HTML.
    """
    return framed(_sentence(shown.sentence), _checks(shown), style=STYLE)


def why_not_panel(shown: WhyNot, link: Link = unlinked, kinds: Mapping[str, str] = UNKNOWN) -> h.Element:
    """A question about a handler as a heading, and its answer.

    Args:
        shown: the answer of `domain.why_not`.
        link: makes the event a way to its step.
        kinds: of the elements, by name.

    Returns:
        An element.
    """
    kind = kinds.get(shown.handler, "event handler")
    who: h.Node = [symbol(kind), " ", name(shown.handler, kind)]
    question = h.h3(".ddd-question")["Why did ", who, " not run?" if shown.broken else " run?"]
    event = None if shown.event is None else h.p[_cause(shown.event, None, link, None, kinds)]
    return h.div[question, _sentence(shown.sentence), event, _checks(shown)]


def _checks(shown: WhyNot) -> h.Element:
    return h.ul(".ddd-list")[[_check(check) for check in shown.checks]]


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
    kind, called = hearer(delivery.handler, delivery.method, "event handler")
    return h.li[h.code[str(place)], " ", event, " → ", h.span[symbol(kind), " ", called]]
