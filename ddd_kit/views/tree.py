"""The journal as a tree of nested lists: grouped by cell, indented by cause."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import htpy as h
from markupsafe import Markup

from ddd_kit.journal.entries import Entries
from ddd_kit.journal.entry import (
    ChangedEntry,
    CommandEntry,
    DefinedEntry,
    Entry,
    EventEntry,
    HandledEntry,
    RejectedEntry,
    SkippedEntry,
    UnhandledEntry,
)
from ddd_kit.journal.sentence import milliseconds, reason
from ddd_kit.journal.tree import (
    LONGEST,
    SYMBOLS,
    CellGroup,
    Node,
    first_shown,
    group,
    nothing,
    only_definitions,
)
from ddd_kit.views.markup import (
    exactly,
    framed,
    identity,
    listed,
    name,
    plain,
    stream_name,
    symbol,
    value,
)

DEEPEST = 12
FIELDS = 6
STYLE = (
    ".ddd .ddd-tree{position:relative;padding-left:46px}"
    ".ddd .ddd-tree p{margin-top:8px;font-weight:600;font-size:12px;color:var(--ddd-faint)}"
    ".ddd .ddd-tree ul{list-style:none;margin:0;padding:0}"
    ".ddd .ddd-tree li{margin:0;padding:0}"
    ".ddd .ddd-tree li ul{margin-left:7px;padding-left:15px;border-left:1px solid var(--ddd-line)}"
    ".ddd .ddd-tree .ddd-step{position:absolute;left:0;width:30px;text-align:right;"
    "font:11px/22px var(--jp-code-font-family,monospace);opacity:.65}"
    ".ddd .ddd-off,.ddd .ddd-off span{color:var(--ddd-faint)}"
)


def journal(entries: Entries, longest: int = LONGEST) -> Markup:
    """The tree of some entries; of many the last ones.

    Args:
        entries: a journal or a part of one.
        longest: how many entries are shown at most.

    Returns:
        HTML.
    """
    chosen = only_definitions(entries)
    first = first_shown(entries, longest, definitions=chosen)
    groups = group(entries[first:], definitions=chosen)
    if not groups:
        return framed(h.p[nothing(entries)])
    earlier = f"… {first:,} earlier: slice the journal to see them, as in domain.journal[:100]"
    note = h.p[h.small[earlier]] if first else None
    return framed(h.div(".ddd-tree")[note, (_group(part) for part in groups)], style=STYLE)


def _group(part: CellGroup) -> h.Element:
    return h.div[h.p[h.b[plain(part.cell or "outside a cell")]], h.ul[(_node(n, 1) for n in part.nodes)]]


def _node(node: Node, depth: int) -> h.Element:
    children = node.children
    if not children:
        return h.li[line(node.entry)]
    if depth == DEEPEST:  # a chain of causes may be a thousand long, and a page is only so wide
        children = list(_below(node))
        items = [h.li[line(n.entry), h.small[f"  because of step {n.entry.cause}"]] for n in children]
    else:
        items = [_node(child, depth + 1) for child in children]
    return h.li[line(node.entry), h.ul[items]]


def _below(node: Node) -> Iterator[Node]:
    stack = node.children[::-1]
    while stack:
        child = stack.pop()
        yield Node(child.entry)
        stack += child.children[::-1]


def line(entry: Entry) -> h.Element:
    """An entry as one line.

    Args:
        entry: any entry.

    Returns:
        An element; a pointer over it shows the step and the time.
    """
    off = ".ddd-off" if entry.kind in ("skipped", "unhandled") else ""
    when = f"step {entry.step}, {entry.at:%Y-%m-%d %H:%M:%S} UTC"
    caused = f", because of step {entry.cause}" if entry.cause else ""
    return h.span(f".ddd-entry{off}", title=when + caused)[
        h.small(".ddd-step")[str(entry.step)], " ", _spaced(_LINES[entry.kind](entry))
    ]


def _spaced(parts: list[Any]) -> list[Any]:
    shown = [part for part in parts if part is not None]
    return [piece for place, part in enumerate(shown) for piece in ((" ", part) if place else (part,))]


def _payload(payload: Mapping[str, Any]) -> h.Element | None:
    return _pairs({k: v for k, v in payload.items() if k != "id" and not k.endswith("_id") and v is not None})


def _pairs(told: Mapping[str, Any]) -> h.Element | None:
    pairs = [h.span[h.span(".ddd-faint")[plain(key)], " ", value(held)] for key, held in told.items()]
    return h.span[listed(pairs, FIELDS)] if pairs else None


def _outcome(entry: CommandEntry | HandledEntry) -> h.Element:
    if entry.outcome == "ok":
        return h.small[h.span(".ddd-good")["✓"], f" {milliseconds(entry.duration)}"]
    text = f"✗ {entry.outcome}" + (f": {entry.error}" if entry.error else "")
    return h.span(".ddd-bad")[exactly(text)]


def _command(entry: CommandEntry) -> list[Any]:
    taken = [h.small["→"], plain(entry.handler)] if entry.handler else [h.span(".ddd-bad")["nobody took it"]]
    stream = h.small[stream_name(entry.stream)]
    head = [symbol("command"), name(entry.type, "command"), _payload(entry.payload), stream]
    return [*head, *taken, _outcome(entry)]


def _event(entry: EventEntry) -> list[Any]:
    stream = h.small[stream_name(entry.stream)]
    return [symbol("event"), name(entry.type, "event"), _payload(entry.payload), stream]


def _handled(entry: HandledEntry) -> list[Any]:
    attempt = entry.attempt > 1 or entry.outcome == "retried"
    target = h.span[name(entry.handler, "event handler"), f".{plain(entry.method)}"]
    return [symbol("event handler"), target, f"attempt {entry.attempt}" if attempt else None, _outcome(entry)]


def _skipped(entry: SkippedEntry) -> list[Any]:
    target = f"{plain(entry.handler)}.{plain(entry.method)}"
    return [symbol("event handler", SYMBOLS["skipped"]), target, h.small["skipped: ", plain(reason(entry))]]


def _changed(entry: ChangedEntry) -> list[Any]:
    head = [symbol("aggregate"), name(entry.aggregate, "aggregate"), identity(entry.id)]
    if entry.change == "removed":
        return [*head, "removed"]
    if entry.change == "created":
        told = {key: v for key, (_, v) in entry.changes.items() if v != entry.id and v is not None}
        return [*head, "added", _pairs(told)]
    changes = listed((_difference(field, *values) for field, values in entry.changes.items()), FIELDS)
    return [*head, changes or h.small["saved, no field changed"]]


def _difference(field: str, before: Any, after: Any) -> h.Element:
    """As `in_stock 100 → 90`, the new value in bold."""
    old = h.span(".ddd-faint")[value(before)]
    return h.span[h.span(".ddd-faint")[plain(field)], " ", old, " → ", h.b[value(after)]]


def _rejected(entry: RejectedEntry) -> list[Any]:
    told = "; ".join(text if field == "_entity" else f"{field}: {text}" for field, text in entry.messages)
    return [h.span(".ddd-bad")["✗ ", plain(entry.element), " rejected: ", exactly(told)]]


def _unhandled(entry: UnhandledEntry) -> list[Any]:
    mark = symbol("event", SYMBOLS["unhandled"])
    return [mark, "nobody listens to", plain(entry.type), h.small["on ", stream_name(entry.stream)]]


def _defined(entry: DefinedEntry) -> list[Any]:
    kind = entry.element_kind
    return [symbol(kind), kind, name(entry.element, kind), entry.change]


_LINES = cast(
    Mapping[str, Callable[[Entry], list[Any]]],
    {
        "command": _command,
        "event": _event,
        "handled": _handled,
        "skipped": _skipped,
        "changed": _changed,
        "rejected": _rejected,
        "unhandled": _unhandled,
        "defined": _defined,
    },
)


def entry(shown: Entry) -> Markup:
    """One entry: its line, and below it all that it holds.

    Args:
        shown: any entry.

    Returns:
        HTML.
    """
    rows = [
        h.tr[h.th(scope="row")[plain(field)], h.td[exactly(held, 200)]]
        for field, held in shown.to_dict().items()
        if field not in ("step", "time") and held is not None
    ]
    return framed(h.p[line(shown)], h.table(".ddd-table")[h.tbody[rows]])
