"""A numeric field of an aggregate over the steps of the journal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.registry import Registered
from ddd_kit.exceptions import IncorrectUsageError, did_you_mean
from ddd_kit.journal.entry import CELL_AT, CHANGED, DEFINED, KIND_AT
from ddd_kit.journal.journal import AGGREGATE_AT, ID_AT, Journal
from ddd_kit.journal.sentence import brief, short_id
from ddd_kit.views.figure import axes, ground_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED = 12  # lines with a name; the others are grey
ROOM = 0.07  # of the width of the chart, which the name of a cell needs
WIDTH, HEIGHT = 7.5, 3.6  # inches

Line = list[tuple[int, float]]
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
        element = _found(engine, aggregate)
        _check_field(element, field)
        lines = _lines(journal, element.name, field)
        cells = list(_cells(journal))
        first, last = journal.first_step, journal.last_step
    ax = axes(ax, WIDTH, HEIGHT, "domain.chart()")
    _draw_lines(ax, lines, last)
    ax.set_title(f"{element.name}.{field}", pad=18)  # above the names of the cells
    ax.set_xlabel("step")
    ax.set_ylabel(field)
    _draw_steps(ax, lines, cells, first, last)
    return ax


def _found(engine: Engine, aggregate: type | str) -> Registered:
    if isinstance(aggregate, type):
        engine.refuse_foreign(aggregate)
    return engine.registry.find(getattr(aggregate, "__name__", str(aggregate)), Kind.AGGREGATE)


def _check_field(element: Registered, field: str) -> None:
    schema = element.cls._schema  # type: ignore[attr-defined]
    numeric = [name for name, spec in schema.fields.items() if _may_be_number(spec.type)]
    has = f"Its numeric fields: {', '.join(numeric)}." if numeric else "It has no numeric field."
    if field not in schema.fields:
        raise IncorrectUsageError(
            f"{element.name} has no field '{field}'{did_you_mean(field, schema.names) or f'. {has}'}"
        )
    if field not in numeric:
        raise IncorrectUsageError(
            f"{element.name}.{field} holds no numbers, so there is no line to draw. {has}"
        )


def _may_be_number(annotation: Any) -> bool:
    """Whether a field of this type may hold a number; the values tell where the type does not."""
    parts = get_args(annotation)
    if annotation is Any:
        return True
    if parts:
        return any(_may_be_number(part) for part in parts)
    if isinstance(annotation, type):
        return issubclass(annotation, int | float | Decimal) and annotation is not bool
    return _is_number(annotation)  # a choice


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _lines(journal: Journal, aggregate: str, field: str) -> dict[Any, Line]:
    """Steps and values by identity, in the order in which the instances came to be; NaN for no value."""
    lines: dict[Any, Line] = {}
    start = journal.first_step - 1
    for (name, identity), saved in journal.state_at(start).items():
        if name == aggregate:
            value = dict(zip(saved.names, saved.values, strict=True)).get(field)
            lines[identity] = [(start, _number(value, aggregate, field))]
    for step, row in journal.numbered_rows():
        if row[KIND_AT] == CHANGED and row[AGGREGATE_AT] == aggregate:
            names, _, after = row[-3:]
            value = None if after is None else dict(zip(names, after, strict=True)).get(field)
            lines.setdefault(row[ID_AT], []).append((step, _number(value, aggregate, field)))
    return lines


def _number(value: Any, aggregate: str, field: str) -> float:
    if value is None:
        return math.nan
    if not _is_number(value):
        raise IncorrectUsageError(
            f"{aggregate}.{field} holds {brief(value)}, which is no number, so there is no line to draw."
        )
    return float(value)


def _cells(journal: Journal) -> Iterator[tuple[int, str]]:
    """The first step of each stretch of one cell, with its label; definitions do not count."""
    before = None
    for step, row in journal.numbered_rows():
        if row[KIND_AT] != DEFINED and row[CELL_AT] != before:
            before = row[CELL_AT]
            yield step, before or "outside a cell"


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
    steps, values = zip(*line, strict=True)
    return [*steps, max(last, steps[-1])], [*values, values[-1]]


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
    start = max(first, min(line[0][0] for line in lines.values()))
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
