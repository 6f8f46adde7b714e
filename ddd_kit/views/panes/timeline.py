"""The ticks of the bar: a small sign for each step, grouped by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from typing import NamedTuple

import htpy as h
from markupsafe import Markup

from ddd_kit.journal.entry import COMMAND, HANDLED, KIND_AT, OK, Row, place
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.tree import SYMBOLS
from ddd_kit.views.following import Memory
from ddd_kit.views.links import Link, linked
from ddd_kit.views.markup import joined
from ddd_kit.views.palette import DARK, LIGHT
from ddd_kit.views.panes.steps import Steps, label, steps_of

ROOM = 64
NARROWEST = 3  # ticks, which the name of a cell needs
GAP = 0.6  # ticks between two cells
INKS = {
    "command": "command",
    "event": "event",
    "handled": "event-handler",
    "changed": "aggregate",
    "rejected": "bad",
    "skipped": "hollow",
    "unhandled": "hollow",
    "fault": "bad",
    "called": "application-service",
}
WRONG = SYMBOLS["rejected"]
_buttons: Memory[Markup] = Memory(1000)
_OUTCOME = {kind: place(kind, "outcome") for kind in (COMMAND, HANDLED)}
STYLE = (
    f".ddd{{--ddd-on-ink:{LIGHT.paper}}}"
    '[data-jp-theme-light="false"] .ddd,.vscode-dark .ddd,html[theme=dark] .ddd'
    f"{{--ddd-on-ink:{DARK.paper}}}"
    ".ddd .ddd-ticks{display:flex;align-items:flex-end;gap:8px;min-width:0;font-size:11px;line-height:15px}"
    ".ddd .ddd-strip{display:flex;gap:9px;min-width:0;overflow-x:auto;scrollbar-width:thin;"
    "padding:1px 3px 4px}"
    ".ddd .ddd-cell{flex:none;min-width:45px}"
    # As wide as its ticks; what is longer has its whole in the title.
    ".ddd .ddd-cell-name{display:block;width:0;min-width:100%;overflow:hidden;white-space:nowrap;"
    "text-overflow:ellipsis;color:var(--ddd-faint)}"
    ".ddd .ddd-cell-ticks{display:flex;gap:2px;padding-top:2px}"
    # With more weight than the rules of the kinds, which may come later on a page, and would hide the sign.
    ".ddd .ddd-ticks .ddd-tick{box-sizing:border-box;display:block;flex:none;width:13px;height:19px;margin:0;"
    "padding:0;"
    "border:0;border-radius:3px;overflow:hidden;text-align:center;font:11px/19px system-ui,sans-serif;"
    "background:var(--ddd-ink);color:var(--ddd-on-ink)}"
    ".ddd button.ddd-tick{cursor:pointer}"
    + "".join(f".ddd .ddd-tick.ddd-{ink}{{--ddd-ink:var(--ddd-{ink})}}" for ink in sorted({*INKS.values()}))
    + ".ddd .ddd-tick.ddd-later{color:var(--ddd-ink);"
    "background:color-mix(in srgb,var(--ddd-ink) 15%,transparent)}"
    ".ddd .ddd-tick.ddd-hollow{background:none;color:var(--ddd-faint);outline:1px dashed;outline-offset:-1px}"
    ".ddd .ddd-tick.ddd-hollow.ddd-later:not(:focus-visible){outline-color:var(--ddd-line)}"
    ".ddd .ddd-tick[aria-current]{box-shadow:0 0 0 1px var(--ddd-on-ink),0 0 0 3px var(--ddd-accent)}"
    ".ddd .ddd-more{flex:none;white-space:nowrap;padding-bottom:6px}"
)


class Tick(NamedTuple):
    """How a step looks.

    Attributes:
        step: the step.
        ink: a value of `INKS`.
        sign: one character.
    """

    step: int
    ink: str
    sign: str


def ticks(journal: Journal, step: int, *, link: Link = linked, room: int = ROOM) -> h.Element:
    """A sign for each step around the one that is shown.

    Args:
        journal: the journal; definitions have no tick.
        step: the step that is shown; 0 for the time before the first.
        link: makes what can be clicked.
        room: how many ticks fit beside each other, 8 or more; names of cells and gaps count, too.

    Returns:
        An element.
    """
    steps = steps_of(journal)
    numbers, shown = steps.numbers, steps.place(step)
    if not numbers:
        return h.div(".ddd-ticks")[h.small["no steps yet"]]
    window = _window(steps, max(shown, 0), room)
    current = numbers[shown] if shown >= 0 else 0
    return h.div(".ddd-ticks", role="group", aria_label="timeline", data_roving="")[
        _more(window.start, numbers[window.start - 1], "earlier", link),
        h.div(".ddd-strip", data_scroll="ticks", data_edges="")[
            (_cell(journal, name, part, current, link) for name, part in cells(journal, steps, window))
        ],
        _more(len(numbers) - window.stop, numbers[min(window.stop, len(numbers) - 1)], "later", link),
    ]


def _more(count: int, step: int, where: str, link: Link) -> h.Node:
    return h.span(".ddd-more")[link(f"… {count:,} {where}", "step", step)] if count else None


def _window(steps: Steps, shown: int, room: int) -> range:
    """Which places have room: the same ones as long as the step stays within a block of them."""
    size = max(1, int(room / (2 * (NARROWEST + GAP))))
    end = len(steps.numbers)
    first = shown // size * size
    last = min(first + size, end)
    rest = room - sum(_costs(steps, range(first, last), None))
    before = [*accumulate(_costs(steps, range(first - 1, max(first - room, 0) - 1, -1), first))]
    after = [*accumulate(_costs(steps, range(last, min(last + room, end)), last - 1))]
    left = _fitting(before, max(rest / 2, rest - (after[-1] if after else 0)))
    right = _fitting(after, rest - (before[left - 1] if left else 0))
    return range(first - left, last + right)


def _costs(steps: Steps, places: Iterable[int], edge: int | None) -> Iterator[float]:
    """How many ticks' room each step needs beside those that are there, the one at the edge nearest."""
    cell, run = None if edge is None else steps.start(steps.numbers[edge]), NARROWEST
    for each in places:
        start = steps.start(steps.numbers[each])
        run = run + 1 if start == cell else 1
        cell = start
        yield NARROWEST + GAP if run == 1 else float(run > NARROWEST)


def _fitting(costs: list[float], room: float) -> int:
    return sum(cost <= room for cost in costs)


def cells(journal: Journal, steps: Steps, window: range) -> Iterator[tuple[str, list[Tick]]]:
    """Ticks by the cell that they come from.

    Args:
        journal: the journal.
        steps: its steps.
        window: which of them.

    Yields:
        The name of a cell, and its ticks.
    """
    numbers = steps.numbers[window.start : window.stop]
    for start, part in groupby(numbers, steps.start):
        yield steps.cell(start), [_tick(step, journal.rows[step - journal.first_step]) for step in part]


def _tick(step: int, row: Row) -> Tick:
    kind = row[KIND_AT]
    failed = kind in _OUTCOME and row[_OUTCOME[kind]] != OK
    return Tick(step, *(("bad", WRONG) if failed else (INKS[kind], SYMBOLS[kind])))


def _cell(journal: Journal, name: str, part: list[Tick], current: int, link: Link) -> h.Element:
    return h.span(".ddd-cell", role="group", aria_label=name)[
        joined(
            h.span(".ddd-cell-name", title=name, aria_hidden="true")[name],
            h.span(".ddd-cell-ticks")[joined(*(_button(journal, tick, current, link) for tick in part))],
        )
    ]


def _button(journal: Journal, tick: Tick, current: int, link: Link) -> Markup:
    state = (tick.step > current) - (tick.step < current)
    return _buttons.get(journal, (tick, state, link), lambda: _made(journal, tick, current, link))


def _made(journal: Journal, tick: Tick, current: int, link: Link) -> Markup:
    words = label(journal, tick.step)
    look = f"ddd-tick ddd-{tick.ink}{' ddd-later' if tick.step > current else ''}"
    now = tick.step == current
    return joined(link(tick.sign, "step", tick.step, words, look=look, title=words, current=now))
