"""What a step did: the sentence, and all that its entry holds, with what led to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import htpy as h

from ddd_kit.engine.engine import Engine
from ddd_kit.journal.causality import steps_to
from ddd_kit.journal.entries import Entries
from ddd_kit.journal.entry import (
    DEFINED,
    CalledEntry,
    ChangedEntry,
    CommandEntry,
    DefinedEntry,
    EventEntry,
    FaultEntry,
    HandledEntry,
    RejectedEntry,
    SkippedEntry,
    UnhandledEntry,
)
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.process_mark import completed, unmarked
from ddd_kit.journal.sentence import context_in, injected, reason, said_by, short_stream
from ddd_kit.journal.story import story
from ddd_kit.journal.tree import SYMBOLS
from ddd_kit.views import answers
from ddd_kit.views.kinds import kinds_of
from ddd_kit.views.links import Link, unlinked
from ddd_kit.views.markup import exactly, hearer, identity, listed, name, plain, stream_name, symbol
from ddd_kit.views.palette import STYLES
from ddd_kit.views.panes.effects import LONGEST_VALUE, MOST_FIELDS, effects, field_table, more_fields, undone
from ddd_kit.views.panes.hearing import heard, outcome
from ddd_kit.views.panes.inside import path_cell, told_row
from ddd_kit.views.panes.inside import rows as rows_of

LONGEST_ERROR = 5000
STYLE = (
    ".ddd .ddd-changes table.ddd-table{width:100%}"
    ".ddd .ddd-changes .ddd-table :is(th,td){padding:3px 12px 3px 6px;vertical-align:top}"
    ".ddd .ddd-changes .ddd-table th{overflow-wrap:normal}"
    ".ddd .ddd-changes .ddd-table th[scope=row]{color:inherit;max-width:11em;overflow-wrap:anywhere}"
    ".ddd .ddd-changes .ddd-table th:first-child{width:30%}"
    ".ddd .ddd-changes .ddd-table th.ddd-short{white-space:nowrap}"
    ".ddd .ddd-changes .ddd-table tr.ddd-new>*"
    "{background:color-mix(in srgb,var(--ddd-accent) 9%,transparent)}"
    ".ddd .ddd-changes .ddd-new small{color:inherit}"
    ".ddd.ddd .ddd-changes small>code{color:var(--ddd-text)}"
    ".ddd .ddd-changes .ddd-heading{color:var(--ddd-faint);margin:10px 0 2px}"
    ".ddd .ddd-changes .ddd-error{white-space:pre-wrap;overflow-wrap:anywhere;margin:2px 0}"
)


def story_html(journal: Journal, step: int) -> h.Element:
    """The sentence about a step, for the bar below the panels.

    Args:
        journal: of a world.
        step: a step; 0 for the time before the first.

    Returns:
        An element that stands within a line; names and new values are bold.

    Raises:
        IncorrectUsageError: when there is no such step yet.
    """
    kinds = kinds_of(journal)
    return h.span(".ddd-sentence-parts")[
        [_part(text, role, kinds) for text, role in story(journal, step).parts]
    ]


def _part(text: str, role: str, kinds: Mapping[str, str]) -> h.Node:
    if role in STYLES:
        role = kinds.get(text.partition(" ")[0], role)  # as `Order o-1`
    if role in STYLES:
        return name(text, role)
    return h.b[plain(text)] if role in ("element", "new") else plain(text)


def changes(engine: Engine, step: int, link: Link = unlinked) -> h.Element:
    """All that the entry of a step holds, and what led to it.

    Args:
        engine: the domain.
        step: a step; 0 for the time before the first.
        link: makes values ways to why they are so, and causes and effects ways to their steps.

    Returns:
        An element; its rules are `STYLE` and `answers.STYLE`.

    Raises:
        IncorrectUsageError: when there is no such step yet.
    """
    with engine.lock:
        journal = engine.journal
        if step < journal.first_step:
            return h.p(".ddd-empty")[story(journal, step).sentence]
        steps, complete = steps_to(journal, step)
        entry, chain = journal.step(step), Entries(journal, steps)
        shown = _SHOWN[entry.kind](engine, entry, link)
        reasons = (
            [_heading("because"), answers.causes(chain, complete, link, kinds=kinds_of(journal))]
            if entry.kind != DEFINED
            else None
        )
        return h.div(".ddd-changes")[shown, reasons]


def _heading(text: str) -> h.Element:
    return h.p(".ddd-heading")[text]


def _head(kind: str, of: str, *rest: h.Node, mark: str | None = None) -> h.Element:
    return h.p[symbol(kind, mark), " ", name(of, kind), rest]


def _changed(engine: Engine, entry: ChangedEntry, link: Link) -> h.Node:
    version = {
        "created": f"new, version {entry.version}",
        "changed": f"version {entry.version - 1} → {entry.version}",
        "removed": f"removed, it was at version {entry.version - 1}",
    }[entry.change]
    kind = kind_of(engine, entry.aggregate, "aggregate")
    over, entry = completed(entry, kind), unmarked(entry, kind)
    nothing = h.p[h.small["saved, no field changed"]] if not entry.changes and not over else None
    head = _head(kind, entry.aggregate, " ", identity(entry.id), " ", h.small[version])
    return [
        head,
        nothing,
        field_table(entry, link),
        h.p["With that the process is complete."] if over else None,
    ]


def _event(engine: Engine, entry: EventEntry, link: Link) -> h.Node:
    where: list[h.Node] = [" ", h.small["on ", stream_name(entry.stream), f" at position {entry.position:,}"]]
    raiser: h.Node = [
        symbol("aggregate"),
        " ",
        name(entry.aggregate, "aggregate"),
        " ",
        identity(entry.aggregate_id),
    ]
    return [
        _head("event", entry.type, *where),
        h.p["raised by ", raiser] if entry.source is None else h.p["came from ", h.b[plain(entry.source)]],
        _values(said_by(entry)),
        _heading("heard by"),
        heard(engine, entry, link),
    ]


def _values(payload: Mapping[str, Any]) -> h.Node:
    if not payload:
        return h.p[h.small["It has no fields."]]
    rows = [
        h.tr[h.th(scope="row")[plain(field)], h.td[exactly(held, LONGEST_VALUE)]]
        for field, held in list(payload.items())[:MOST_FIELDS]
    ]
    if len(payload) > MOST_FIELDS:
        rows.append(more_fields(len(payload) - MOST_FIELDS))
    return h.table(".ddd-table")[h.tbody[rows]]


def _command(engine: Engine, entry: CommandEntry, link: Link) -> h.Node:
    taker: h.Node = [symbol("command handler"), " ", h.b[plain(entry.handler)]] if entry.handler else "nobody"
    return [
        _head("command", entry.type, " ", h.small["on ", stream_name(entry.stream)]),
        _values(entry.held),
        h.p["taken by ", taker, " ", outcome(entry) if entry.handler else None],
        _error(entry),
        _done(engine, entry, link),
    ]


def _handled(engine: Engine, entry: HandledEntry, link: Link) -> h.Node:
    kind = kind_of(engine, entry.handler, "event handler")
    head = _head(kind, entry.handler, f".{plain(entry.method)}")
    lost = undone(entry)
    if context := context_in(entry.handler):
        head = _head("other context", context, " is another domain: the event was handed over to it")
        there = h.p[h.small["What it led to there is in the journal of that domain."]]
        return [head, h.p[outcome(entry)], _error(entry), there]
    return [
        head,
        h.p[outcome(entry)],
        _error(entry),
        _done(engine, entry, link),
        [_heading("undone, because it failed"), lost] if lost else None,
    ]


def _called(engine: Engine, entry: CalledEntry, link: Link) -> h.Node:
    kind = kind_of(engine, entry.service, "application service")
    return [
        _head(kind, entry.service, f".{plain(entry.method)}"),
        h.p[outcome(entry)],
        _error(entry),
        _done(engine, entry, link),
    ]


def kind_of(engine: Engine, element: str, usual: str) -> str:
    """What an element is, as far as the model still tells.

    Args:
        engine: the domain.
        element: its name.
        usual: what it is where the model does not tell.

    Returns:
        A key of `palette.STYLES`.
    """
    known = engine.registry.elements.get(element) or engine.registry.retired.get(element)
    return str(known.kind) if known is not None else usual


def _error(entry: CommandEntry | HandledEntry | CalledEntry) -> h.Element | None:
    return h.p(".ddd-error.ddd-bad")[plain(entry.error)[:LONGEST_ERROR]] if entry.error else None


def _done(engine: Engine, entry: CommandEntry | HandledEntry | CalledEntry, link: Link) -> h.Node:
    did = effects(engine.journal, entry.step, link)
    nothing = h.p[h.small["It saved nothing, and raised nothing."]]
    return [_heading("it did"), did] if did else nothing if entry.outcome == "ok" else None


def _skipped(engine: Engine, entry: SkippedEntry, link: Link) -> h.Node:
    kind = kind_of(engine, entry.handler, "event handler")
    found = ", ".join(map(short_stream, entry.found.split(", ")))
    values = [(".ddd-new", entry.rule, stream_name(entry.wanted), plain(found))]
    return [
        _head(kind, context, " did not get it", mark=SYMBOLS["skipped"])
        if (context := context_in(entry.handler))
        else _head(kind, entry.handler, f".{plain(entry.method)} did not run", mark=SYMBOLS["skipped"]),
        _table(("rule", "wanted", "found"), values) if entry.rule != "retired" else None,
        h.p[plain(reason(entry)), ": ", link("every rule that was checked", "whynot", entry.step)],
    ]


def _fault(engine: Engine, entry: FaultEntry, link: Link) -> h.Node:
    event = link([symbol("event"), " ", name(entry.event, "event")], "step", entry.cause or 0)
    told: h.Node = plain(injected(entry))
    kind = kind_of(engine, entry.handler, "event handler")
    return [
        h.p[h.span(".ddd-bad")[SYMBOLS["fault"]], " ", h.b[told]],
        h.p[event, " to ", hearer(entry.handler, entry.method, kind)[1]],
        h.p[h.small["domain.faults shows what is switched on, domain.faults.clear() ends it."]],
        h.p[link("why it did not run", "whynot", entry.step)] if entry.fault == "drop" else None,
    ]


def _table(columns: Iterable[str], rows: Iterable[tuple[str, str, h.Node, h.Node]]) -> h.Element:
    """A table of three columns; each row with its class, and a text at its head."""
    head = h.tr[[h.th(scope="col")[column] for column in columns]]
    body = [h.tr(style)[h.th(scope="row")[plain(first)], h.td[a], h.td[b]] for style, first, a, b in rows]
    return h.table(".ddd-table")[h.thead[head], h.tbody[body]]


def _rejected(engine: Engine, entry: RejectedEntry, _: Link) -> h.Node:
    element = engine.registry.elements.get(entry.element)
    sign: h.Node = (
        [symbol(element.kind), " ", name(entry.element, element.kind)]
        if element
        else h.b[plain(entry.element)]
    )
    tried = dict(entry.tried)
    refused = {field for field, _ in entry.messages}
    wrong = [(".ddd-new", field, text) for field, text in entry.messages]
    others = [(".ddd-faint", field, "") for field in tried if field not in refused]
    rows = [(style, "as a whole" if field == "_entity" else field,
             exactly(tried[field], LONGEST_VALUE) if field in tried else "", plain(text))
            for style, field, text in [*wrong, *others][:MOST_FIELDS]]  # fmt: skip
    return [
        h.p[h.span(".ddd-bad")["✗"], " ", sign, " was rejected"],
        _table(("field", "tried", "message"), rows),
        [_heading("rules that did not hold"), _rules(entry)] if entry.rules else None,
    ]


def _rules(entry: RejectedEntry) -> h.Element:
    """Each rule with its class, its text, and the values that it saw."""
    return h.ul(".ddd-list")[
        (
            h.li[
                h.b[plain(rule)],
                h.small[" of ", plain(element)],
                ": ",
                h.span(".ddd-bad")[plain(text)],
                h.p[h.small["it saw "], listed(_seen(seen), MOST_FIELDS)] if seen else None,
            ]
            for rule, element, text, seen in entry.rules[:MOST_FIELDS]
        )
    ]


def _seen(seen: Iterable[tuple[str, Any]]) -> list[h.Element]:
    """Values that a rule looked at, one for each entity among them."""
    found = [row for name_, held in seen for row in rows_of(name_, held, None)]
    return [
        h.span[h.span(".ddd-faint")[path_cell(row.path)], " ", told_row(row, LONGEST_VALUE)] for row in found
    ]


def _unhandled(_: Engine, entry: UnhandledEntry, link: Link) -> h.Node:
    event = link(
        [symbol("event", SYMBOLS["unhandled"]), " ", name(entry.type, "event")], "step", entry.cause or 0
    )
    return h.p["Nobody listens to ", event, " ", h.small["on ", stream_name(entry.stream)]]


def _defined(_: Engine, entry: DefinedEntry, link: Link) -> h.Node:  # noqa: ARG001 - as the others
    kind = entry.element_kind
    return h.p[symbol(kind), " the ", kind, " ", name(entry.element, kind), f" was {entry.change}"]


_SHOWN = cast(
    Mapping[str, Callable[[Engine, Any, Link], h.Node]],
    {
        "command": _command,
        "event": _event,
        "handled": _handled,
        "called": _called,
        "skipped": _skipped,
        "changed": _changed,
        "rejected": _rejected,
        "unhandled": _unhandled,
        "defined": _defined,
        "fault": _fault,
    },
)
