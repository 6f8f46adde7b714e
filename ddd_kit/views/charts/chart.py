"""A numeric field of an aggregate over the steps of the journal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ddd_kit.engine.engine import Engine
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.sentence import brief, short_id
from ddd_kit.views.charts.figure import axes, ground_of
from ddd_kit.views.charts.series import Line, series
from ddd_kit.views.panes.steps import NOWHERE, steps_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED = 12  # lines with a name; the others are grey
ROOM = 0.07  # of the width of the chart, which the name of a cell needs
WIDTH, HEIGHT = 7.5, 3.6  # inches

Points = tuple[list[float], list[float]]  # steps, and values


def chart(engine: Engine, aggregate: type | str, field: str, ax: Axes | None = None) -> Axes:
    """Draw a numeric field over the steps of the journal, a line for each instance.

    Args:
        engine: the domain.
        aggregate: its class or name.
        field: the name of the field.
        ax: where to draw; a new figure when None.

    Returns:
        The axes.

    Raises:
        IncorrectUsageError: when there is no such aggregate or field, or the field holds no numbers.
        ModuleNotFoundError: when matplotlib is missing; the text says what to install.
    """
    with engine.lock:
        journal = engine.journal
        drawn = series(engine, aggregate, field)
        if drawn.odd is not None:
            raise IncorrectUsageError(
                f"{drawn.aggregate}.{field} holds {brief(drawn.odd)}, which is no number, "
                "so there is no line to draw."
            )
        lines = dict(drawn.lines)
        steps = steps_of(journal)
        cells = [(step, cell or NOWHERE) for step, cell in zip(steps.starts, steps.cells, strict=True)]
        first, last = journal.first_step, journal.last_step
    ax = axes(ax, WIDTH, HEIGHT, "domain.chart()")
    _draw_lines(ax, lines, last)
    ax.set_title(f"{drawn.aggregate}.{field}", pad=18)  # above the names of the cells
    ax.set_xlabel("step")
    ax.set_ylabel(field)
    _draw_steps(ax, lines, cells, first, last)
    return ax


def _draw_lines(ax: Axes, lines: dict[Any, Line], last: int) -> None:
    named = list(lines.items())[:NAMED]
    for identity, line in named:
        steps, values = _to_the_end(line, last)
        drawn = ax.step(steps, values, where="post", label=short_id(identity), linewidth=2)
        ax.plot(steps[:-1], values[:-1], "o", color=drawn[0].get_color(), markersize=4)
    if len(lines) > NAMED:
        _draw_rest(ax, list(lines.values())[NAMED:], last)
    if len(lines) > 1:
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize="small")
    elif lines:
        ax.legend(frameon=False, fontsize="small")


def _to_the_end(line: Line, last: int) -> Points:
    """The steps and the values of a line that goes on to the last step."""
    return [*line.steps, max(last, line.steps[-1])], [*line.values, line.values[-1]]


def _draw_rest(ax: Axes, rest: list[Line], last: int) -> None:
    """All other lines as one, with gaps: as many lines as instances would take seconds."""
    steps: list[float] = []
    values: list[float] = []
    for line in rest:
        more_steps, more_values = _to_the_end(line, last)
        steps += [*more_steps, math.nan]
        values += [*more_values, math.nan]
    look: dict[str, Any] = {"color": ground_of(ax).line, "alpha": 0.5, "linewidth": 1, "zorder": 1.5}
    ax.step(steps, values, where="post", label=f"{len(rest):,} more", **look)


def _draw_steps(
    ax: Axes, lines: dict[Any, Line], cells: list[tuple[int, str]], first: int, last: int
) -> None:
    """The axis of steps, from where something is drawn; where a cell begins, a faint line with its label."""
    from matplotlib.ticker import MaxNLocator

    faint = ground_of(ax).faint
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    if not lines:
        ax.set(xticks=[], yticks=[])
        middle: dict[str, Any] = {"transform": ax.transAxes, "ha": "center", "va": "center"}
        ax.text(0.5, 0.5, "Nothing recorded yet", color=faint, **middle)
        return
    start = max(first, min(line.steps[0] for line in lines.values()))
    end = max(last, start + 1)
    room = (end - start) * ROOM
    ax.set_xlim(start - room / 2, end + room / 2)
    free_from = -math.inf
    for step, label in _visible(cells, start):
        ax.axvline(step, color=faint, linewidth=0.8, linestyle=":", zorder=0.5)
        if step >= free_from:
            ax.text(step, 1.01, label, transform=ax.get_xaxis_transform(), fontsize="small", color=faint)
            free_from = step + room * max(1.0, len(label) / 6)


def _visible(cells: list[tuple[int, str]], start: int) -> list[tuple[int, str]]:
    """The cells from a step on, the one that it is in first."""
    earlier = [(start, label) for step, label in cells if step <= start]
    return [*earlier[-1:], *(cell for cell in cells if cell[0] > start)]
