"""How the state of an event-sourced aggregate arises, as HTML: an event, its method, what it changed."""

from __future__ import annotations

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.rehydration import Applied, Rehydration
from ddd_kit.journal.sentence import details
from ddd_kit.views.links import Link, unlinked
from ddd_kit.views.markup import counted, exactly, framed, identity, joined, name, plain, symbol

NEWEST = 50
STYLE = (
    ".ddd table.ddd-arising{border-collapse:collapse;color:inherit;font:inherit;margin:2px 0}"
    ".ddd table.ddd-arising tr:nth-child(n){background:none}"
    ".ddd table.ddd-arising :is(th,td){text-align:left;vertical-align:baseline;padding:2px 12px 2px 0;"
    "border:0;font-weight:400;white-space:normal;overflow-wrap:anywhere}"
    ".ddd table.ddd-arising tr:last-child{background:var(--ddd-new,rgba(128,128,128,.12))}"
)


def rehydration(told: Rehydration) -> Markup:
    """A rehydration to stand alone in a cell.

    Args:
        told: what each event did.

    Returns:
        HTML with its style.
    """
    return framed(panel(told, unlinked), style=STYLE)


def panel(told: Rehydration, link: Link) -> h.Element:
    """What each event did to the state, the newest last.

    Args:
        told: the same.
        link: leads to the step of an event.

    Returns:
        An element; its rules are `STYLE`.
    """
    hidden = max(0, len(told.applied) - NEWEST)
    rows = [_row(applied, link) for applied in told.applied[hidden:]]
    gone = ", removed since" if told.removed else ""
    count = counted(len(told.applied), "event")
    head = h.p[
        symbol("aggregate"), " ", name(told.aggregate, "aggregate"), " ", identity(told.id),
        h.small[f" arose from {count}{gone}"],
    ]  # fmt: skip
    earlier = h.p[h.small[f"… {counted(hidden, 'earlier event')}"]] if hidden else None
    return h.div[head, earlier, h.table(".ddd-arising")[h.tbody[joined(*rows)]]]


def _row(applied: Applied, link: Link) -> h.Element:
    event = applied.event
    shown = joined(symbol("event"), " ", name(event.type, "event"))
    led = link(shown, "step", str(event.step), f"go to step {event.step}") if event.step else shown
    changes = [
        h.div[
            h.span(".ddd-faint")[plain(path)], " ",
            h.span(".ddd-faint")[exactly(before)], " → ", h.b[exactly(after)],
        ]
        for path, (before, after) in applied.changes.items()
    ]  # fmt: skip
    return h.tr[
        h.th(scope="row")[h.small[str(applied.version)]],
        h.td[led, h.small[plain(details(event.payload))]],
        h.td[h.small["@apply "], plain(", ".join(applied.methods))],
        h.td[changes or h.small["nothing changed"]],
    ]
