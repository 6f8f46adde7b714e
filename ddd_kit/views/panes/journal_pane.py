"""A window of the journal: rows that can be clicked, grouped by cell and indented by cause."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.engine import Engine
from ddd_kit.engine.glossary.words import doc_of, first_sentence, unwritten_of
from ddd_kit.journal.entry import CAUSE_AT, TIME_AT, ChangedEntry, CommandEntry, Entry, EventEntry
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.story import beginning
from ddd_kit.journal.tree import nothing
from ddd_kit.views.following import Memory
from ddd_kit.views.kinds import kinds_of
from ddd_kit.views.links import Link, linked
from ddd_kit.views.mapping.sketch import facts_of
from ddd_kit.views.markup import joined, name, plain, shortened
from ddd_kit.views.panes.concerning import concerning
from ddd_kit.views.panes.steps import label, steps_of, untold
from ddd_kit.views.tree import told, when

SIZE = 30
LONGEST_MEANING = 200  # characters
DEEPEST = 8
INDENT = 19  # px
PAST, NOW, LATER = "", " ddd-now", " ddd-later"
STYLE = (
    ".ddd .ddd-rows{list-style:none;margin:0;padding:0}"
    ".ddd .ddd-rows .ddd-row{position:relative;display:flex;align-items:flex-start;gap:7px;margin:0;"
    "padding:0 4px 0 0;border-radius:4px;line-height:21px;overflow-wrap:anywhere}"
    + "".join(f".ddd .ddd-row.ddd-in{depth}{{--ddd-in:{INDENT * depth}px}}" for depth in range(DEEPEST + 1))
    + ".ddd .ddd-row .ddd-told{flex:1;min-width:0;padding-left:var(--ddd-in)}"
    # A name that fills a line must not leave its symbol behind.
    ".ddd .ddd-told>[role=img]:first-child{float:left;margin-right:.35em}"
    ".ddd .ddd-row-step{flex:none;min-width:38px;margin:0;padding:0;border:0;background:none;"
    "text-align:right;font:11px/21px var(--jp-code-font-family,monospace);color:var(--ddd-faint)}"
    ".ddd button.ddd-row-step{cursor:pointer}"
    # The whole row is the button; what else can be clicked lies above it.
    ".ddd .ddd-row-step::after{content:'';position:absolute;inset:0;border-radius:4px}"
    ".ddd .ddd-row .ddd-link{position:relative;z-index:1}"
    ".ddd .ddd-row:hover{background:rgba(128,128,128,.12)}"
    ".ddd .ddd-row-step:focus-visible{outline:none!important}"
    ".ddd .ddd-row-step:focus-visible::after{outline:2px solid var(--ddd-accent);outline-offset:-1px}"
    ".ddd .ddd-row.ddd-now{background:color-mix(in srgb,var(--ddd-accent) 9%,transparent);"
    "box-shadow:inset 0 0 0 2px var(--ddd-accent)}"
    ".ddd .ddd-row.ddd-later :is(.ddd-told,.ddd-told *){color:var(--ddd-faint);font-weight:400}"
    ".ddd .ddd-cell-head{display:flex;gap:10px;align-items:baseline;margin:8px 0 1px 4px;font-size:12px;"
    "color:var(--ddd-faint)}"
    ".ddd .ddd-cell-head b{overflow-wrap:anywhere}"
    ".ddd .ddd-cell-head small{font-size:11px;white-space:nowrap}"
    ".ddd .ddd-chip{font:12px/1.5 system-ui,sans-serif;color:var(--ddd-text);background:none;margin:0 0 2px;"
    "border:1px solid var(--ddd-line);border-radius:11px;padding:1px 9px;overflow-wrap:anywhere;"
    "text-align:left}"
    ".ddd button.ddd-chip{cursor:pointer}"
)
_inner: Memory[Markup] = Memory(2000)
_rows: Memory[Markup] = Memory(4000)


class Row(NamedTuple):
    """A row in its place.

    Attributes:
        step: the step.
        depth: how far it is indented, from 0.
        because: its cause, where that is not the row that it is indented under.
    """

    step: int
    depth: int
    because: int | None


def journal_pane(
    engine: Engine,
    step: int,
    *,
    element: str | None = None,
    first: int | None = None,
    size: int = SIZE,
    link: Link = linked,
) -> h.Element:
    """A window of the journal around a step.

    Args:
        engine: the domain.
        step: the step that is shown; 0 for the time before the first.
        element: the name of an element, to show only what concerns it.
        first: the step that another window begins with; None for the window that the step is in.
        size: how many entries are shown at most, 2 or more.
        link: makes what can be clicked.

    Returns:
        An element.
    """
    with engine.lock:
        journal = engine.journal
        numbers = concerning(journal, element) if element else steps_of(journal).numbers
        chip = [_chip(engine, element, link), _facts(engine, element, step)] if element else None
        if not numbers:
            return h.div[chip, h.p(".ddd-empty")[_none(journal, element)]]
        window = _window(numbers, step, first, size)
        return h.div[
            chip,
            _page(window.start, numbers[max(0, window.start - size)], "earlier", link),
            _groups(journal, numbers, window, step, link),
            _page(len(numbers) - window.stop, numbers[min(window.stop, len(numbers) - 1)], "later", link),
        ]


def _chip(engine: Engine, element: str, link: Link) -> h.Element:
    """What the rows are narrowed down to, and the way back."""
    registry = engine.registry
    known = registry.elements.get(element) or registry.retired.get(element)
    shown = name(element, known.kind.value) if known else h.b[plain(element)]
    words = f"only {plain(element)}: show everything again"
    chip = link(["only ", shown, " \N{MULTIPLICATION SIGN}"], "clear", label=words, look="ddd-chip")
    meaning = first_sentence(doc_of(known.cls)) or unwritten_of(known.name) if known else ""
    told = meaning if len(meaning) <= LONGEST_MEANING else meaning[: LONGEST_MEANING - 1] + "…"
    return h.p[chip, h.small[" ", shortened(told, meaning)]]


def _facts(engine: Engine, element: str, step: int) -> h.Element | None:
    """What the map says of it at this step."""
    facts = facts_of(engine, element, step)
    return h.p[h.small[plain(" · ".join(facts))]] if facts else None


def _page(count: int, first: int, where: str, link: Link) -> h.Element | None:
    return h.p[h.small[link(f"… {count:,} {where}", "page", f"journal {first}")]] if count else None


def _window(numbers: Sequence[int], step: int, first: int | None, size: int) -> range:
    """Which places are shown: the same ones as long as the step stays within half a window."""
    if first is None:
        half = max(1, size // 2)
        place = max(0, bisect_right(numbers, step) - 1)
        start = max(0, (place // half - 1) * half)
    else:
        start = min(bisect_left(numbers, first), len(numbers) - 1)
    return range(start, min(start + size, len(numbers)))


def _groups(
    journal: Journal, numbers: Sequence[int], window: range, step: int, link: Link
) -> Iterator[h.Element]:
    steps = steps_of(journal)
    before = steps.start(numbers[window.start - 1]) if window.start else None
    for start, group in groupby(numbers[window.start : window.stop], steps.start):
        part = list(group)
        since = f"{_clock(journal, part[0])}{', continued' if start == before else ''}"
        yield h.div[
            h.p(".ddd-cell-head")[h.b[steps.cell(start)], h.small[since]],
            h.ul(".ddd-rows")[(_row(journal, row, step, link) for row in _tree(journal, part))],
        ]


def _clock(journal: Journal, step: int) -> str:
    at = dt.datetime.fromtimestamp(journal.rows[step - journal.first_step][TIME_AT], dt.UTC)
    return f"{at:%H:%M:%S} UTC"


def _none(journal: Journal, element: str | None) -> str:
    if element is None:
        return nothing(journal)
    folded = f" {beginning(journal)}" if journal.first_step > 1 else ""
    return f"Nothing in the journal concerns {plain(element)}.{folded}"


def _tree(journal: Journal, part: Sequence[int]) -> Iterator[Row]:
    """Some steps of one cell, each below its cause."""
    rows, first = journal.rows, journal.first_step
    causes = {step: rows[step - first][CAUSE_AT] for step in part}
    effects: dict[int | None, list[int]] = {}
    for step, cause in causes.items():
        effects.setdefault(cause if cause in causes else None, []).append(step)
    stack = [(step, 0) for step in reversed(effects[None])]
    while stack:  # a chain of causes may be a thousand long
        step, depth = stack.pop()
        hidden = causes[step] not in causes or depth > DEEPEST
        yield Row(step, min(depth, DEEPEST), causes[step] if hidden else None)
        stack += [(effect, depth + 1) for effect in reversed(effects.get(step, ()))]


def _row(journal: Journal, row: Row, step: int, link: Link) -> Markup:
    state = NOW if row.step == step else LATER if row.step > step else PAST
    return _rows.get(journal, (row, state, link), lambda: _made(journal, row, state, link))


def _made(journal: Journal, row: Row, state: str, link: Link) -> Markup:
    entry, now = journal.step(row.step), state == NOW
    kind = " ddd-off" if entry.kind in ("skipped", "unhandled") else ""
    words = label(journal, row.step)
    made = h.li(
        class_=f"ddd-row ddd-in{row.depth}{kind}{state}",
        aria_level=str(row.depth + 1),
        data_reveal="true" if now else None,
    )[
        joined(
            link(
                f"{row.step:,}",
                "step",
                row.step,
                words,
                look="ddd-row-step",
                title=_title(entry),
                current=now,
            ),
            h.span(".ddd-told")[joined(_line(journal, entry, link), _cause(row, link))],
        )
    ]
    return Markup(str(made))  # noqa: S704 - htpy has escaped it


def _line(journal: Journal, entry: Entry, link: Link) -> Markup:
    """What a row says, which is the same wherever it stands."""
    return _inner.get(journal, (entry.step, link), lambda: _told(journal, entry, link))


def _told(journal: Journal, entry: Entry, link: Link) -> Markup:
    try:
        return told(entry, link, kinds_of(journal))
    except Exception:  # noqa: BLE001 - a value that cannot be told must not hide the other rows
        return joined(untold(entry))


def _cause(row: Row, link: Link) -> h.Element | str:
    if row.because is None:
        return ""
    return h.small[joined(" ", link(f"because of step {row.because:,}", "step", row.because))]


def _title(entry: Entry) -> str:
    """When it was, and what is shortened in the row."""
    whole = {ChangedEntry: "id", EventEntry: "stream", CommandEntry: "stream"}.get(type(entry))
    return plain(f"{when(entry)}: {getattr(entry, whole)}" if whole else when(entry))
