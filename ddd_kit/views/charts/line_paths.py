"""Lines that go on at a height until the next step: thinned, and as the paths of an SVG."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import isnan

from ddd_kit.views.charts.scale import Scale
from ddd_kit.views.charts.series import Line


def thinned(line: Line, low: float, high: float, columns: int) -> list[int]:
    """Which points to draw: in each column of a chart the least, the most and the last.

    Args:
        line: the values.
        low: the step at the left side.
        high: the step at the right side, larger.
        columns: how many there are, 1 or more.

    Returns:
        Indexes, in order, at most three a column.

    Example:
        >>> line = Line()
        >>> for step in range(100):
        ...     line.add(step, step % 10)
        >>> thinned(line, 0, 100, 2)
        [0, 9, 49, 50, 59, 99]
    """
    steps, values = line.steps, line.values
    if len(steps) <= 3 * columns:
        return list(range(len(steps)))
    width = (high - low) / columns
    kept: list[int] = []
    start = 0
    while start < len(steps):
        column = (steps[start] - low) // width
        end = bisect_left(steps, low + width * (column + 1), start + 1)
        kept += sorted({*_extremes(values[start:end], start), end - 1})
        start = end
    return kept


def _extremes(values: Sequence[float], start: int) -> Iterator[int]:
    known = values if not any(map(isnan, values)) else [value for value in values if not isnan(value)]
    if known:
        yield start + values.index(min(known))
        yield start + values.index(max(known))


def step_path(line: Line, indexes: Iterable[int], across: Scale, up: Scale, end: float) -> str:
    """A line that keeps its height until the next step.

    Args:
        line: the values.
        indexes: which of them to draw, in order.
        across: from steps to places.
        up: from values to places.
        end: the step up to which it goes.

    Returns:
        The `d` of a path; it has gaps where there is no value.
    """
    parts: list[str] = []
    on = False
    for index in indexes:
        x, value = across(line.steps[index]), line.values[index]
        if on:
            parts.append(f"H{x:.1f}")
        if not isnan(value):
            parts.append(f"V{up(value):.1f}" if on else f"M{x:.1f} {up(value):.1f}")
        on = not isnan(value)
    if on:
        parts.append(f"H{across(end):.1f}")
    return "".join(parts)


def band_path(bounds: tuple[Line, Line], columns: int, across: Scale, up: Scale, end: float) -> str:
    """The area between two lines.

    Args:
        bounds: the lower values and the upper ones.
        columns: as for `thinned`.
        across: from steps to places.
        up: from values to places.
        end: the step up to which it goes.

    Returns:
        The `d` of a path.
    """
    lowest, highest = bounds
    if not lowest.steps:
        return ""
    start = lowest.steps[0]
    kept = {line.steps[index] for line in bounds for index in thinned(line, start, end + 1, columns)}
    steps = sorted(kept)
    ends = [*steps[1:], max(end, steps[-1])]
    pieces = [
        (across(a), across(b), up(highest.at(a)), up(lowest.at(a))) for a, b in zip(steps, ends, strict=True)
    ]
    runs = [list(run) for there, run in groupby(pieces, lambda piece: not isnan(piece[2])) if there]
    return "".join(map(_around, runs))


def _around(pieces: list[tuple[float, float, float, float]]) -> str:
    there = "".join(f"V{top:.1f}H{right:.1f}" for _, right, top, _ in pieces)
    back = "".join(f"V{bottom:.1f}H{left:.1f}" for left, _, _, bottom in reversed(pieces))
    return f"M{pieces[0][0]:.1f} {pieces[0][2]:.1f}{there}{back}z"


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places near the wanted ones, so far from each other that texts there do not overlap.

    Args:
        wanted: places in any order.
        gap: the distance that they need.
        low: the first place that there is.
        high: the last place that there is; where they do not fit, the distance is smaller.

    Returns:
        A place for each, in the same order.

    Example:
        >>> apart([50, 52, 10], 14, 0, 60)
        [46, 60, 10]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    gap = min(gap, (high - low) / max(1, len(wanted) - 1))
    places = list(wanted)
    free = low
    for i in order:
        places[i] = free = max(wanted[i], free)
        free += gap
    free = high
    for i in reversed(order):
        places[i] = min(places[i], free)
        free = places[i] - gap
    return places
