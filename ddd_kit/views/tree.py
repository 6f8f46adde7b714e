"""The journal as a tree of nested lists: grouped by cell, indented by cause."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, cast

import htpy as h
from markupsafe import Markup

from ddd_kit.journal.entries import Entries
from ddd_kit.journal.entry import (
    CalledEntry,
    ChangedEntry,
    CommandEntry,
    DefinedEntry,
    Entry,
    EventEntry,
    FaultEntry,
    HandledEntry,
    RejectedEntry,
    SkippedEntry,
    UnhandledEntry,
)
from ddd_kit.journal.process_mark import completed, unmarked
from ddd_kit.journal.sentence import (
    arrival,
    brief,
    content,
    context_in,
    held_fields,
    injected,
    milliseconds,
    reason,
    rules_told,
    said_by,
    short_path,
    taker,
)
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
from ddd_kit.views.kinds import UNKNOWN, kinds_of
from ddd_kit.views.links import Link, Shown, unlinked
from ddd_kit.views.markup import (
    exactly,
    framed,
    hearer,
    identity,
    joined,
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
    kinds = kinds_of(entries._journal)
    if not groups:
        return framed(h.p[nothing(entries)])
    earlier = f"… {first:,} earlier: slice the journal to see them, as in domain.journal[:100]"
    note = h.p[h.small[earlier]] if first else None
    return framed(h.div(".ddd-tree")[note, (_group(part, kinds) for part in groups)], style=STYLE)


def _group(part: CellGroup, kinds: Mapping[str, str]) -> h.Element:
    nodes = h.ul[(_node(n, 1, kinds) for n in part.nodes)]
    return h.div[h.p[h.b[plain(part.cell or "outside a cell")]], nodes]


def _node(node: Node, depth: int, kinds: Mapping[str, str]) -> h.Element:
    children = node.children
    if not children:
        return h.li[line(node.entry, kinds)]
    if depth == DEEPEST:  # a chain of causes may be a thousand long, and a page is only so wide
        children = list(_below(node))
        items = [h.li[line(n.entry, kinds), h.small[f"  because of step {n.entry.cause}"]] for n in children]
    else:
        items = [_node(child, depth + 1, kinds) for child in children]
    return h.li[line(node.entry, kinds), h.ul[items]]


def _below(node: Node) -> Iterator[Node]:
    stack = node.children[::-1]
    while stack:
        child = stack.pop()
        yield Node(child.entry)
        stack += child.children[::-1]


def line(entry: Entry, kinds: Mapping[str, str] = UNKNOWN) -> h.Element:
    """An entry as one line.

    Args:
        entry: any entry.
        kinds: what the elements are that it names, by name; see `kinds_of`.

    Returns:
        An element; a pointer over it shows the step and the time.
    """
    off = ".ddd-off" if entry.kind in ("skipped", "unhandled") else ""
    number = h.small(".ddd-step")[str(entry.step)]
    return h.span(f".ddd-entry{off}", title=when(entry))[joined(number, " ", told(entry, kinds=kinds))]


def when(entry: Entry) -> str:
    """The step, the time and the cause of an entry."""
    caused = f", because of step {entry.cause}" if entry.cause else ""
    return f"step {entry.step}, {entry.at:%Y-%m-%d %H:%M:%S} UTC{caused}"


def told(entry: Entry, link: Link = unlinked, kinds: Mapping[str, str] = UNKNOWN) -> Markup:
    """What a line says of an entry.

    Args:
        entry: any entry.
        link: makes what can be asked about: values that were saved, why a handler did not run.
        kinds: what the elements are that it names, by name; see `kinds_of`.

    Returns:
        Elements and texts.
    """
    if isinstance(entry, ChangedEntry):
        parts = _changed(entry, link, kinds.get(entry.aggregate, "aggregate"))
    elif isinstance(entry, SkippedEntry):
        parts = _skipped(entry, link, kinds.get(entry.handler, "event handler"))
    elif isinstance(entry, FaultEntry):
        parts = _fault(entry, link)
    else:
        parts = _LINES[entry.kind](entry, kinds)
    return Markup(" ").join(part for part in parts if part is not None)


def _payload(payload: Mapping[str, Any]) -> h.Element | None:
    return _pairs({k: v for k, v in payload.items() if k != "id" and not k.endswith("_id") and v is not None})


def _pairs(
    named: Mapping[str, Any], shown: Callable[[str, Any], Shown] = lambda _, held: value(held)
) -> h.Element | None:
    pairs = [
        h.span[joined(h.span(".ddd-faint")[plain(key)], " ", shown(key, held))]
        for key, held in islice(named.items(), FIELDS)
    ]
    return h.span[listed(pairs, FIELDS, len(named))] if pairs else None


def _outcome(entry: CommandEntry | HandledEntry | CalledEntry) -> h.Element:
    if entry.outcome == "ok":
        return h.small[joined(h.span(".ddd-good")["✓"], f" {milliseconds(entry.duration)}")]
    text = f"✗ {entry.outcome}" + (f": {entry.error}" if entry.error else "")
    return h.span(".ddd-bad")[exactly(text)]


def _command(entry: CommandEntry, _: Mapping[str, str]) -> list[Any]:
    taken = [h.small["→"], plain(entry.handler)] if entry.handler else [h.span(".ddd-bad")["nobody took it"]]
    stream = h.small[stream_name(entry.stream)]
    head = [symbol("command"), name(entry.type, "command"), _payload(entry.held), stream]
    return [*head, *taken, _outcome(entry)]


def _event(entry: EventEntry, _: Mapping[str, str]) -> list[Any]:
    stream = h.small[stream_name(entry.stream)]
    source = h.small[f"from {plain(entry.source)}"] if entry.source is not None else None
    return [symbol("event"), name(entry.type, "event"), _payload(said_by(entry)), stream, source]


def _handled(entry: HandledEntry, kinds: Mapping[str, str]) -> list[Any]:
    kind, target = hearer(entry.handler, entry.method, kinds.get(entry.handler, "event handler"))
    attempt = entry.attempt > 1 or entry.outcome == "retried"
    how = "handed over to" if context_in(entry.handler) else None
    return [
        symbol(kind),
        how,
        h.span[target],
        f"attempt {entry.attempt}" if attempt else None,
        _outcome(entry),
    ]


def _called(entry: CalledEntry, kinds: Mapping[str, str]) -> list[Any]:
    kind = kinds.get(entry.service, "application service")
    target = h.span[joined(name(entry.service, kind), f".{plain(entry.method)}")]
    return [symbol(kind), target, _outcome(entry)]


def _skipped(entry: SkippedEntry, link: Link, kind: str) -> list[Any]:
    target = plain(taker(entry.handler, entry.method))
    why = link(plain(reason(entry)), "whynot", entry.step)
    return [symbol(kind, SYMBOLS["skipped"]), target, h.small[joined("skipped: ", why)]]


def _fault(entry: FaultEntry, link: Link) -> list[Any]:
    target = f"{plain(taker(entry.handler, entry.method))}:"
    told: Shown = plain(injected(entry))
    if entry.fault == "drop":
        told = link(told, "whynot", entry.step)
    return [h.span(".ddd-bad")[SYMBOLS["fault"]], target, h.span(".ddd-bad")[told]]


def _changed(entry: ChangedEntry, link: Link, kind: str) -> list[Any]:
    head = [symbol(kind), name(entry.aggregate, kind), identity(entry.id)]
    if entry.change == "removed":
        return [*head, "removed"]
    if entry.change == "created":
        begun = held_fields(unmarked(entry, kind))
        return [*head, "added", _pairs(begun, lambda field, held: _asked(entry.step, field, held, link))]
    over, entry = completed(entry, kind), unmarked(entry, kind)
    changed = entry.changes
    changes = [_change(entry.step, field, *both, link) for field, both in islice(changed.items(), FIELDS)]
    told = listed(changes, FIELDS, len(changed))
    unchanged = None if over else h.small["saved, no field changed"]
    return [*head, told or unchanged, h.small["complete"] if over else None]


def _change(step: int, field: str, before: Any, after: Any, link: Link) -> h.Element:
    came = arrival(before, after)
    if not came:
        return _difference(field, before, _asked(step, field, after, link))
    held = _pairs(content(after, field)) if came == "added" else None
    asked = link(came, "why", f"{step} {plain(field)}")
    told = joined(_path(field), " ", asked)
    return h.span[told if held is None else joined(told, ": ", held)]


def _difference(field: str, before: Any, after: Shown) -> h.Element:
    """As `in_stock 100 → 90`, the new value in bold."""
    old = h.span(".ddd-faint")[value(before)]
    return h.span[joined(_path(field), " ", old, " → ", h.b[after])]


def _path(field: str) -> h.Element:
    return h.span(".ddd-faint")[plain(short_path(field))]


def _asked(step: int, field: str, held: Any, link: Link) -> Shown:
    """A value that can be asked about."""
    return link(value(held), "why", f"{step} {plain(field)}", f"why {plain(field)} {plain(brief(held))}?")


def _rejected(entry: RejectedEntry, _: Mapping[str, str]) -> list[Any]:
    told = "; ".join(text if field == "_entity" else f"{field}: {text}" for field, text in entry.messages)
    rules = [" by ", h.b[exactly(rules_told(entry))]] if entry.rules else []
    return [h.span(".ddd-bad")["✗ ", plain(entry.element), " rejected", rules, ": ", exactly(told)]]


def _unhandled(entry: UnhandledEntry, _: Mapping[str, str]) -> list[Any]:
    mark = symbol("event", SYMBOLS["unhandled"])
    return [mark, "nobody listens to", plain(entry.type), h.small[joined("on ", stream_name(entry.stream))]]


def _defined(entry: DefinedEntry, _: Mapping[str, str]) -> list[Any]:
    kind = entry.element_kind
    return [symbol(kind), kind, name(entry.element, kind), entry.change]


_LINES = cast(
    Mapping[str, Callable[[Entry, Mapping[str, str]], list[Any]]],
    {
        "command": _command,
        "event": _event,
        "handled": _handled,
        "called": _called,
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
