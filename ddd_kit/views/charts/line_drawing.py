"""What of a chart of lines stays from step to step.

The drawing is as wide as its place: lines stretch, texts and points do not. So places across are in
thousandths of the width, and heights in px.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan

import htpy as h
from markupsafe import Markup

from ddd_kit.journal.journal import Journal
from ddd_kit.journal.sentence import short_id
from ddd_kit.views.charts.line_paths import band_path, step_path, thinned
from ddd_kit.views.charts.scale import Scale, around, text, texts, ticks
from ddd_kit.views.charts.series import Line, Series
from ddd_kit.views.links import Link, unlinked
from ddd_kit.views.markup import plain
from ddd_kit.views.panes.steps import label, steps_of
from ddd_kit.views.text_width import ellipsis, text_width

TOP, BOTTOM = 24.0, 24.0  # px above and below the lines: names of cells, steps
UNITS = 1000.0  # the width of the plot
SMALL = 11.0
LONGEST_NAME, SAMPLE = 100.0, 22.0  # px: of an instance's name; of the piece of its line beside it
APART = 66.0  # px from one step's number to the next
MOST_POINTS, MOST_CORNERS = 240, 1200
CLOSE = 9.0  # px from point to point; nearer ones, and those that stand for others, are small
_CIRCLE = Markup('<circle class="%s" cx="%s" cy="%s" r="%s"%s><title>%s</title></circle>')
_ACT = Markup(' role="button" data-act="step" data-arg="%d"')


@dataclass(frozen=True, slots=True)
class Point:
    """A place where an instance was saved.

    Attributes:
        step: the step.
        circle: the drawing.
    """

    step: int
    circle: Markup


@dataclass(frozen=True, slots=True)
class Plot:
    """Where things are in a chart.

    Attributes:
        across: from steps to thousandths of the plot.
        up: from values to px.
        columns: how many columns a line is drawn in.
        room: the least width of the plot in px.
        held: the room to the right of it for values, in px.
        names: the room to the right of them for names, in px.
        height: in px.
    """

    across: Scale
    up: Scale
    columns: int
    room: float
    held: float
    names: float
    height: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart without the step that is shown.

    Attributes:
        plot: where things are.
        axis: the values at the left.
        ground: the lines of the grid, and the names of the cells.
        steps: where steps are written below, and their texts.
        lines: the paths.
        points: what can be clicked, in order of the steps.
    """

    plot: Plot
    axis: Markup
    ground: Markup
    steps: list[tuple[float, str]]
    lines: Markup
    points: list[Point]


def draw(journal: Journal, drawn: Series, width: int, height: int, link: Link) -> Drawing:
    """Draw a series.

    Args:
        journal: where it comes from.
        drawn: the numbers, at least one.
        width: the least width in px.
        height: in px.
        link: makes what can be clicked.

    Returns:
        What stays from step to step.
    """
    low, high = around(drawn.least, drawn.most)
    marks = ticks(low, high, max(2, int((height - TOP - BOTTOM) / 30)), whole=drawn.whole)
    numbers = texts(marks)
    gutter = max(text_width(number, SMALL) for number in [*numbers, "step"]) + 14
    held = max(text_width(text(value), SMALL, bold=True) for value in (drawn.least, drawn.most)) + 14
    names = _names_width(drawn)
    room = max(60.0, width - gutter - held - names)
    columns = max(1, MOST_CORNERS // (3 * (len(drawn.named) + 2 * bool(drawn.others))))
    start = next(iter(drawn.named.values())).steps[0]
    across = Scale(start, max(journal.last_step, start + 1), 0.0, UNITS)
    plot = Plot(across, Scale(low, high, height - BOTTOM, TOP), columns, room, held, names, height)
    steps = ticks(across.low, across.high, max(2, int(room / APART)), whole=True)
    return Drawing(
        plot=plot,
        axis=_once(
            _axis([(plot.up(m), number) for m, number in zip(marks, numbers, strict=True)], gutter, height)
        ),
        ground=_once(h.g[(_level(plot.up(mark)) for mark in marks), _cells(journal, plot)]),
        steps=[(across(step), f"{int(step):,}") for step in steps if step >= journal.first_step],
        lines=_once(h.g[_band(drawn, plot), _lines(drawn, plot)]),
        points=sorted(_points(journal, drawn, plot, link), key=lambda point: point.step),
    )


def _once(element: h.Element) -> Markup:
    return Markup(str(element))  # noqa: S704 - htpy has escaped it


def _names_width(drawn: Series) -> float:
    """How much room the names of the lines need, in px, with the pieces of line beside them."""
    names = [plain(short_id(identity)) for identity in drawn.named]
    if drawn.others:
        names += [others(drawn), "0" * 8]  # one of them may be named, too
    return min(LONGEST_NAME, max(text_width(name, SMALL) for name in names)) + SAMPLE + 4


def others(drawn: Series) -> str:
    """What is said of the instances that have no line of their own."""
    return f"{len(drawn.others):,} more"


def share(place: float) -> str:
    """A place across, whatever the width.

    Example:
        >>> share(125)
        '12.5%'
    """
    return f"{place * 100 / UNITS:.2f}".rstrip("0").rstrip(".") + "%"


def _axis(marks: list[tuple[float, str]], width: float, height: int) -> h.Element:
    right = f"{width - 9:.1f}"
    return h.svg(width=f"{width:.1f}", height=str(height), aria_hidden="true")[
        (h.text(".ddd-end", x=right, y=f"{y + 4:.1f}")[number] for y, number in marks),
        h.text(".ddd-end", x=right, y=f"{height - 6:.1f}")["step"],
    ]


def _level(y: float) -> h.Element:
    return h.line(x1="0", x2="100%", y1=f"{y:.1f}", y2=f"{y:.1f}")


def _cells(journal: Journal, plot: Plot) -> Iterator[h.Element]:
    """Where cells begin: as many as can be named without one name running into the next."""
    steps, across = steps_of(journal), plot.across
    bottom = f"{plot.height - BOTTOM:.1f}"
    place = max(0, bisect_right(steps.starts, across.low) - 1)
    while place < len(steps.starts):
        x = across(max(steps.starts[place], across.low))
        whole = steps.cell(steps.starts[place])
        name = ellipsis(whole, min(LONGEST_NAME, plot.room * (1 - x / UNITS) + plot.held + plot.names), SMALL)
        yield h.line(".ddd-cut", x1=share(x), x2=share(x), y1="14", y2=bottom)
        yield h.text(".ddd-faint", x=share(x), y="10")[name, h.title[whole] if name != whole else None]
        free = x + (text_width(name, SMALL) + 12) * UNITS / plot.room
        place = bisect_right(steps.starts, across.back(free), place + 1)


def _band(drawn: Series, plot: Plot) -> h.Element | None:
    if not drawn.others:
        return None
    bounds = drawn.lowest, drawn.highest
    return h.path(".ddd-band", d=band_path(bounds, plot.columns, plot.across, plot.up, plot.across.high))


def _lines(drawn: Series, plot: Plot) -> Iterator[h.Element]:
    for place, line in enumerate(drawn.named.values()):
        yield h.path(f".ddd-ink{place}", d=path_of(line, plot))


def path_of(line: Line, plot: Plot) -> str:
    """A line as the `d` of a path."""
    kept = thinned(line, plot.across.low, plot.across.high + 1, plot.columns)
    return step_path(line, kept, plot.across, plot.up, plot.across.high)


def _points(journal: Journal, drawn: Series, plot: Plot, link: Link) -> Iterator[Point]:
    """The points of all lines; those that the journal has folded are no steps any more."""
    columns = max(1, MOST_POINTS // (3 * len(drawn.named)))
    for place, line in enumerate(drawn.named.values()):
        kept = thinned(line, plot.across.low, plot.across.high + 1, columns)
        whole = len(kept) == sum(not isnan(number) for number in line.values)
        radius = "3.5" if whole and len(kept) * CLOSE < plot.room else "1.5"
        for index in kept:
            step, value = line.steps[index], line.values[index]
            if step >= journal.first_step and not isnan(value):
                x, y = share(plot.across(step)), f"{plot.up(value):.1f}"
                act = _ACT % step if link is not unlinked else ""
                yield Point(step, _CIRCLE % (f"ddd-ink{place}", x, y, radius, act, label(journal, step)))
