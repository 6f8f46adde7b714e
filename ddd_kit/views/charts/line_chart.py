"""A numeric field over the steps, as a picture that can be clicked in: a line for each instance."""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice
from math import isnan, nan
from typing import Any, NamedTuple

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.engine import Engine
from ddd_kit.journal.entry import CHANGED, KIND_AT
from ddd_kit.journal.journal import AGGREGATE_AT, ID_AT, Journal
from ddd_kit.journal.sentence import short_id
from ddd_kit.views.charts.line_drawing import (
    BOTTOM,
    SAMPLE,
    SMALL,
    TOP,
    UNITS,
    Drawing,
    Plot,
    draw,
    others,
    path_of,
    share,
)
from ddd_kit.views.charts.line_paths import apart
from ddd_kit.views.charts.scale import text
from ddd_kit.views.charts.series import Line, Series, changed_last, numeric_fields, series
from ddd_kit.views.following import Memory
from ddd_kit.views.links import Link, linked, unlinked
from ddd_kit.views.markup import plain, value
from ddd_kit.views.text_width import ellipsis

WIDTH, HEIGHT = 560, 220  # px
PANE = 400  # px, the least width of a pane
LEADING = 14.0
INKS = (  # of the lines, on light and dark ground; each has dashes of its own, too
    ("#1d4f91", "#9cc2ff", "none"),
    ("#7a5200", "#f0c46a", "7 3"),
    ("#5b2c9f", "#d2b8ff", "2 3"),
    ("#166534", "#7ad99a", "9 3 2 3"),
    ("#9f1239", "#ffa3b8", "14 4"),
    ("#0b6470", "#6fd6e0", "5 2 1 2"),
    ("#a2197f", "#ff9be0", "1 4"),
    ("#3f4a5a", "#c5ccd6", "14 3 3 3 3 3"),
)
STYLE = (
    ".ddd{" + "".join(f"--ddd-ink{i}:{light};" for i, (light, _, _) in enumerate(INKS)) + "}"
    '[data-jp-theme-light="false"] .ddd,.vscode-dark .ddd,html[theme=dark] .ddd{'
    + "".join(f"--ddd-ink{i}:{dark};" for i, (_, dark, _) in enumerate(INKS))
    + "}"
    + "".join(
        f".ddd .ddd-ink{i}{{color:var(--ddd-ink{i})}}.ddd path.ddd-ink{i}{{stroke-dasharray:{dashes}}}"
        for i, (_, _, dashes) in enumerate(INKS)
    )
    + ".ddd .ddd-chart{display:flex;max-width:900px}"
    ".ddd .ddd-chart svg{display:block;flex:none;overflow:visible}"
    ".ddd .ddd-chart .ddd-window{overflow:hidden}"
    ".ddd .ddd-chart .ddd-plot{flex:1 1 0;min-width:120px;width:100%}"
    f".ddd .ddd-chart text{{font:{SMALL:g}px system-ui,sans-serif;fill:currentColor}}"
    ".ddd .ddd-chart .ddd-end{text-anchor:end}.ddd .ddd-chart .ddd-middle{text-anchor:middle}"
    ".ddd .ddd-chart path{fill:none;stroke:currentColor;stroke-width:2;vector-effect:non-scaling-stroke}"
    ".ddd .ddd-chart .ddd-band{color:var(--ddd-faint);fill:currentColor;fill-opacity:.18;stroke-width:1;"
    "stroke-opacity:.5}"
    ".ddd .ddd-chart line{stroke:var(--ddd-line);stroke-width:1}"
    ".ddd .ddd-chart .ddd-cut{stroke:var(--ddd-faint);stroke-dasharray:1 3}"
    ".ddd .ddd-chart .ddd-now{color:var(--ddd-accent)}.ddd .ddd-chart text.ddd-now{font-weight:700}"
    ".ddd .ddd-chart line.ddd-now{stroke:currentColor;stroke-width:1.5}"
    ".ddd .ddd-chart rect.ddd-now{fill:currentColor;fill-opacity:.13}"
    ".ddd .ddd-chart .ddd-later{opacity:.35}"
    ".ddd .ddd-chart circle{fill:currentColor;stroke:transparent;stroke-width:8px}"
    ".ddd .ddd-chart circle[data-act]{cursor:pointer}"
    ".ddd .ddd-chart circle[data-act]:hover{stroke:currentColor;stroke-opacity:.3}"
    ".ddd .ddd-chart .ddd-held{font-weight:700;paint-order:stroke;stroke-width:3px;stroke-linejoin:round;"
    "stroke:var(--ddd-paper,var(--jp-layout-color1,var(--vscode-editor-background,transparent)))}"
    ".ddd .ddd-chart-head{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 10px;margin-bottom:6px}"
    ".ddd .ddd-chart-head select{font:13px/1.4 system-ui,sans-serif;color:var(--ddd-text);max-width:100%;"
    "background:var(--ddd-paper,Canvas);border:1px solid var(--ddd-line);border-radius:5px;padding:3px 6px}"
)
_OPTION = Markup('<option value="%s"%s>%s</option>')
_CURRENT = "<circle", Markup('<circle aria-current="step"')
_SELECTED = Markup(" selected")
_drawings: Memory[Drawing] = Memory(8)


def chart_pane(engine: Engine, choice: tuple[str, str] | None, step: int, link: Link = linked) -> h.Element:
    """The chart of a field, and the choice of another one.

    Args:
        engine: the domain.
        choice: aggregate and field; None, or a pair that is not there any more, for what changed last.
        step: the step that is shown.
        link: makes what can be clicked.

    Returns:
        An element.
    """
    with engine.lock:
        offered = numeric_fields(engine)
        if not offered:
            return h.p(".ddd-empty")[
                "No aggregate has a numeric field, so there is nothing to draw: give one a field such as ",
                h.code["in_stock = Integer()"],
                ".",
            ]
        known = choice if choice is not None and choice in offered else None
        chosen = known or changed_last(engine.journal, offered) or offered[0]
        return h.div[
            h.div(".ddd-chart-head")[_choice(offered, chosen, link), _odd(series(engine, *chosen))],
            line_chart(engine, *chosen, step, width=PANE, link=link),
        ]


def _choice(offered: list[tuple[str, str]], chosen: tuple[str, str], link: Link) -> h.Element:
    if link is unlinked:
        return h.b[plain(".".join(chosen))]
    options = [
        _OPTION % (" ".join(each), _SELECTED if each == chosen else "", plain(".".join(each)))
        for each in offered
    ]
    return h.select(data_act="chart", aria_label="field")[options]


def _odd(drawn: Series) -> h.Element | None:
    """What is missing from the chart, and why."""
    if drawn.odd is None:
        return None
    return h.small["values that are no numbers, as ", value(drawn.odd), ", leave gaps"]


def line_chart(
    engine: Engine,
    aggregate: type | str,
    field: str,
    step: int,
    *,
    width: int = WIDTH,
    height: int = HEIGHT,
    link: Link = linked,
) -> h.Element:
    """Draw a numeric field over the steps of the journal, with the values at one of them.

    Args:
        engine: the domain.
        aggregate: its class or name.
        field: the name of the field.
        step: the step that is shown; what comes after its unit of work is faint.
        width: in px, 300 or more: in so much room no texts overlap; the chart takes what there is.
        height: in px, 120 or more.
        link: makes what can be clicked.

    Returns:
        An element.

    Raises:
        IncorrectUsageError: when there is no such aggregate or field, or the field holds no numbers.
    """
    with engine.lock:
        journal = engine.journal
        drawn = series(engine, aggregate, field)
        if drawn.least > drawn.most:
            return h.p(".ddd-empty")[_nothing(drawn)]
        key = (drawn.aggregate, field, width, height, link, journal.first_step, journal.last_step)
        drawing = _drawings.get(journal, key, lambda: draw(journal, drawn, width, height, link))
        return _chart(journal, drawn, drawing, step)


def _nothing(drawn: Series) -> str:
    if not drawn.lines:
        return f"No {drawn.aggregate} has been saved yet, so there is no {drawn.field} to draw."
    return f"No {drawn.aggregate} has had a number as its {drawn.field} yet, so there is nothing to draw."


class Shown(NamedTuple):
    """A line that has a name.

    Attributes:
        identity: of the instance.
        line: its values.
        look: the class of its colour and dashes.
    """

    identity: Any
    line: Line
    look: str


def _chart(journal: Journal, drawn: Series, drawing: Drawing, step: int) -> h.Element:
    plot = drawing.plot
    done = journal.batch_end(step)  # nobody sees half a unit of work
    shown = [Shown(key, line, f"ddd-ink{i}") for i, (key, line) in enumerate(drawn.named.items())]
    changed = _changed(journal, drawn, step)
    shown += changed
    cut = bisect_right(drawing.points, step, key=lambda point: point.step)
    return h.div(".ddd-chart", role="group", aria_label=_words(drawn, shown, step, done))[
        drawing.axis,
        h.svg(".ddd-plot", width="100%", height=str(plot.height))[
            drawing.ground,
            _marker(plot, step, done),
            _steps(drawing, step),
            _halves(drawing, [h.path(".ddd-now", d=path_of(each.line, plot)) for each in changed], done),
            h.g[_circles(drawing, cut)],
            h.g(".ddd-later")[(point.circle for point in drawing.points[cut:])],
            _held(plot, shown, done),
        ],
        _names(drawn, plot, shown),
    ]


def _changed(journal: Journal, drawn: Series, step: int) -> list[Shown]:
    """The line of the instance that the step changed, where it is one of those that have none."""
    if not drawn.others or not journal.first_step <= step <= journal.last_step:
        return []
    row = journal.rows[step - journal.first_step]
    if row[KIND_AT] != CHANGED or row[AGGREGATE_AT] != drawn.aggregate or row[ID_AT] not in drawn.others:
        return []
    return [Shown(row[ID_AT], drawn.others[row[ID_AT]], "ddd-now")]


def _words(drawn: Series, shown: list[Shown], step: int, done: int) -> str:
    """The chart for those who cannot see it."""
    held = [(each.identity, each.line.at(done)) for each in shown]
    told = [f"{plain(short_id(identity))} {text(number)}" for identity, number in held if not isnan(number)]
    return f"{drawn.aggregate}.{drawn.field} by step; at step {step}: {', '.join(told) or 'nothing yet'}"


def _marker(plot: Plot, step: int, done: int) -> h.Node:
    """Where the step is, and the unit of work that it belongs to."""
    if step < plot.across.low:
        return None
    x, end, top = plot.across(step), plot.across(done), TOP - 8
    size = {"y": f"{top:.1f}", "height": f"{plot.height - BOTTOM - top:.1f}"}
    return [
        h.rect(".ddd-now", size, x=share(x), width=share(end - x)),
        h.line(".ddd-now", x1=share(x), x2=share(x), y1=f"{top:.1f}", y2=f"{plot.height - BOTTOM:.1f}"),
    ]


def _steps(drawing: Drawing, step: int) -> h.Node:
    """The numbers below; the one that is shown in place of those near it."""
    plot, y = drawing.plot, f"{drawing.plot.height - 6:.1f}"
    here = plot.across(max(step, plot.across.low))
    near = 36 * UNITS / plot.room
    return [
        [
            h.text(".ddd-middle.ddd-faint", x=share(x), y=y)[n]
            for x, n in drawing.steps
            if abs(x - here) > near
        ],
        h.text(".ddd-middle.ddd-now", x=share(here), y=y)[f"{step:,}"],
    ]


def _halves(drawing: Drawing, more: list[h.Element], done: int) -> h.Node:
    """The lines up to a step, and faintly after it: two windows on the same drawing."""
    height = drawing.plot.height
    cut = max(0.0, min(drawing.plot.across(done), UNITS))
    return [
        h.svg(
            class_=look,
            x=share(start),
            width=share(end - start),
            height=str(height),
            viewBox=f"{start:.1f} 0 {end - start:.1f} {height}",
            preserveAspectRatio="none",
        )[drawing.lines, more]
        for start, end, look in ((0.0, cut, "ddd-window"), (cut, UNITS, "ddd-window ddd-later"))
        if end > start
    ]


def _circles(drawing: Drawing, cut: int) -> h.Node:
    """The points up to the step; the last of them is where the keyboard begins."""
    if not cut:
        return None
    last = drawing.points[cut - 1].circle.replace(*_CURRENT, 1)
    return [(point.circle for point in islice(drawing.points, cut - 1)), last]


def _held(plot: Plot, shown: list[Shown], done: int) -> h.Node:
    """The values at the step, beside it."""
    held = [(each.look, number) for each in shown if not isnan(number := each.line.at(done))]
    places = [plot.up(number) for _, number in held]
    texts = apart(places, LEADING, TOP, plot.height - BOTTOM)
    x = share(plot.across(done))
    return [
        h.svg(x=x)[
            h.circle(class_=look, cy=f"{place:.1f}", r="4.5"),
            h.text(class_=f"ddd-held {look}", x="8", y=f"{y + 4:.1f}")[text(number)],
        ]
        for (look, number), place, y in zip(held, places, texts, strict=True)
    ]


def _names(drawn: Series, plot: Plot, shown: list[Shown]) -> h.Element:
    """The names of the lines, where they end."""
    ends = [(each.look, short_id(each.identity), each.identity, _last(each.line)) for each in shown]
    if drawn.others:
        low, high = _last(drawn.lowest), _last(drawn.highest)
        whole = f"{others(drawn)}: from {text(low)} to {text(high)}"
        ends.append(("ddd-band", others(drawn), whole, (low + high) / 2))
    ends = [end for end in ends if not isnan(end[-1])]
    places = apart([plot.up(end[-1]) for end in ends], LEADING, TOP, plot.height - BOTTOM)
    return h.svg(width=f"{plot.held + plot.names:.1f}", height=str(plot.height))[
        (_name(plot, end[0], end[1], end[2], y) for end, y in zip(ends, places, strict=True))
    ]


def _last(line: Line) -> float:
    """The last value that was one."""
    return next((number for number in reversed(line.values) if not isnan(number)), nan)


def _name(plot: Plot, look: str, name: str, whole: Any, y: float) -> h.Element:
    shown = ellipsis(plain(name), plot.names - SAMPLE, SMALL)
    left, right = plot.held, plot.held + SAMPLE
    return h.g(class_="ddd-faint" if look == "ddd-band" else look)[
        h.path(class_=look, d=f"M{left:.1f} {y:.1f}H{right - 4:.1f}"),
        h.text(x=f"{right:.1f}", y=f"{y + 4:.1f}")[shown, h.title[plain(whole)]],
    ]
