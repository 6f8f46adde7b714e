"""Two runs side by side: what both have, what only one has, and the fields that differ at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.comparison import Comparison, Difference, Part
from ddd_kit.engine.engine import Engine
from ddd_kit.journal.journal import Journal
from ddd_kit.views import tree
from ddd_kit.views.markup import counted, framed, identity, name, plain, value

SHOWN = 40  # entries of one side of one part
AROUND = 2  # entries shown of what both have, next to where they part
STYLE = (
    tree.STYLE
    + ".ddd table.ddd-runs{table-layout:fixed;width:100%;max-width:1100px;border-collapse:collapse;"
    "color:inherit;font:inherit;margin:4px 0}"
    ".ddd table.ddd-runs :is(th,td){width:50%;text-align:left;vertical-align:top;padding:2px 10px;"
    "white-space:normal;overflow-wrap:anywhere;border:0}"
    ".ddd table.ddd-runs td+td,.ddd table.ddd-runs th+th{border-left:1px solid var(--ddd-line)}"
    ".ddd table.ddd-runs td[colspan]{width:100%;color:var(--ddd-faint)}"
    ".ddd table.ddd-runs tr.ddd-apart td{background:color-mix(in srgb,var(--ddd-accent) 8%,transparent)}"
    ".ddd table.ddd-runs tr:nth-child(n):not(.ddd-apart){background:none}"
    ".ddd table.ddd-runs ul{margin:0;padding-left:0;list-style:none}"
    ".ddd table.ddd-runs th{font-weight:600;padding-bottom:4px}"
    ".ddd table.ddd-ends{color:inherit;margin:4px 0 10px}"
)


def comparison(shown: Comparison) -> Markup:
    """Two runs side by side.

    Args:
        shown: what `compare` or `domain.replay` gave.

    Returns:
        HTML.
    """
    return framed(*content(shown), style=STYLE)


def content(shown: Comparison) -> Iterator[h.Node]:
    """The parts of it, for a page that has `STYLE`.

    Args:
        shown: what `compare` gave.

    Yields:
        Elements.
    """
    yield h.p[h.b[plain(shown.sentence)]]
    if shown.same:
        return
    if shown.differences:
        yield _ends(shown.differences)
    heads = [h.th(scope="col")[title(run)] for run in (shown.left, shown.right)]
    yield h.table(".ddd-runs")[
        h.thead[h.tr[heads]], h.tbody[(row for part in shown.parts for row in _part(shown, part))]
    ]


def _ends(differences: Sequence[Difference]) -> h.Node:
    more = len(differences) - SHOWN
    return h.fragment[
        h.table(".ddd-table.ddd-ends")[
            h.thead[h.tr[(h.th(scope="col")[word] for word in ("at the end", "field", "left", "right"))]],
            h.tbody[(_difference(each) for each in differences[:SHOWN])],
        ],
        h.p[h.small[f"… {more:,} more fields"]] if more > 0 else None,
    ]


def title(engine: Engine) -> str:
    """Which run of its model a domain is.

    Args:
        engine: the domain, a fork of it, or the past.

    Returns:
        A few words.

    Example:
        >>> from ddd_kit import Domain
        >>> title(Domain(name="Bookshop").fork())
        'Bookshop, a fork from step 0 on'
    """
    if engine.world.frozen is not None:
        return f"{plain(engine.name)} as it was after step {engine.journal.last_step:,}"
    if engine.is_replay:
        return f"{plain(engine.name)}, replayed from step {engine.forked_at or 0:,} on"
    if engine.forked_at is not None:
        return f"{plain(engine.name)}, a fork from step {engine.forked_at:,} on"
    return plain(engine.name)


def _part(shown: Comparison, part: Part) -> Iterator[h.Element]:
    ours, theirs = shown.left.journal, shown.right.journal
    if not part.same:
        yield h.tr(".ddd-apart")[h.td[_entries(ours, part.left)], h.td[_entries(theirs, part.right)]]
        return
    hidden = len(part.left) - AROUND
    if hidden > 0:
        yield h.tr[h.td(colspan="2")[f"… {counted(hidden, 'entry', 'entries')} in common"]]
    for left, right in zip(part.left[-AROUND:], part.right[-AROUND:], strict=True):
        yield h.tr[h.td[_line(ours, left)], h.td[_line(theirs, right)]]


def _entries(journal: Journal, steps: tuple[int, ...]) -> h.Element:
    if not steps:
        return h.small["nothing"]
    more = len(steps) - SHOWN
    return h.ul[
        (h.li[_line(journal, step)] for step in steps[:SHOWN]),
        h.li[h.small[f"… {more:,} more"]] if more > 0 else None,
    ]


def _line(journal: Journal, step: int) -> h.Element:
    return tree.line(journal.step(step))


def _difference(each: Difference) -> h.Element:
    who = each.right_id if each.left_id is None else each.left_id
    instance = h.td[name(each.aggregate, "aggregate"), " ", identity(who)]
    if each.field is None:
        there: list[Any] = [h.small["there"], h.small["not there"]]
        left, right = there if each.right_id is None else there[::-1]
        return h.tr[instance, h.td, h.td[left], h.td[right]]
    return h.tr[
        instance, h.td[plain(each.field)], h.td[value(each.left)], h.td[h.b(".ddd-new")[value(each.right)]]
    ]
