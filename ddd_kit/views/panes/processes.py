"""Where the processes of a manager stand, as HTML: what each has heard, what it waits for, what it holds."""

from __future__ import annotations

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.processes import Heard, Processes, ProcessState
from ddd_kit.journal.entry import OK
from ddd_kit.views.markup import counted, exactly, framed, identity, joined, name, plain, symbol

NEWEST = 50
MOST_HEARD = 12
STYLE = (
    ".ddd table.ddd-processes{border-collapse:collapse;color:inherit;font:inherit;margin:2px 0}"
    ".ddd table.ddd-processes tr:nth-child(n){background:none}"
    ".ddd table.ddd-processes :is(th,td){text-align:left;vertical-align:baseline;padding:2px 12px 2px 0;"
    "border:0;font-weight:400;white-space:normal;overflow-wrap:anywhere}"
    ".ddd table.ddd-processes :is(th,.ddd-event-heard){white-space:nowrap}"
    ".ddd table.ddd-processes thead th{opacity:.7;font-size:90%}"
    ".ddd table.ddd-processes td:last-child{min-width:10em}"
)
_COLUMNS = ("process", "has heard", "waits for", "holds")


def processes(found: Processes) -> Markup:
    """The processes of one manager to stand alone in a cell.

    Args:
        found: what `domain.processes` gave.

    Returns:
        HTML with its style.
    """
    if not found:
        return framed(h.p[plain(repr(found))])
    hidden = max(0, len(found) - NEWEST)
    over = sum(each.complete for each in found)
    head = h.p[
        symbol("process manager"), " ", name(found[0].manager, "process manager"),
        h.small[f" {counted(len(found), 'process', 'processes')}, {over:,} complete"],
    ]  # fmt: skip
    earlier = h.p[h.small[f"… {counted(hidden, 'earlier process', 'earlier processes')}"]] if hidden else None
    titles = h.thead[h.tr[joined(*(h.th(scope="col")[each] for each in _COLUMNS))]]
    rows = h.tbody[joined(*map(_row, found[hidden:]))]
    return framed(head, earlier, h.table(".ddd-processes")[titles, rows], style=STYLE)


def _row(process: ProcessState) -> h.Element:
    hidden = max(0, len(process.heard) - MOST_HEARD)
    heard = [h.small[f"… {hidden:,} before"]] if hidden else []
    heard += [_heard(each) for each in process.heard[hidden:]]
    awaits = [_event(event) for event in process.awaits]
    holds = [
        h.div[h.span(".ddd-faint")[plain(field)], " ", h.b[exactly(value)]]
        for field, value in process.state.items()
        if value != process.id
    ]
    return h.tr[
        h.th(scope="row")[identity(process.id)],
        h.td[heard or h.small["what the journal has no more"]],
        h.td[h.small["complete"] if process.complete else awaits or h.small["nothing"]],
        h.td[holds or h.small["nothing else"]],
    ]


def _heard(heard: Heard) -> h.Element:
    wrong = "" if heard.outcome == OK else f" {heard.outcome}" + (f": {heard.detail}" if heard.detail else "")
    return h.div[_event(heard.event), h.small(".ddd-bad")[plain(wrong)] if wrong else None]


def _event(event: str) -> h.Element:
    return h.div(".ddd-event-heard")[symbol("event"), " ", name(event, "event")]
