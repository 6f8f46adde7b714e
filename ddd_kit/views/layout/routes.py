"""The lines of a layered drawing: through which points each edge runs, and its SVG path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

Point = tuple[float, float]
Route = list[Point]


@dataclass(frozen=True)
class Box:
    """A node's rectangle; all numbers in px.

    Attributes:
        x: left side.
        y: upper side.
        width: width.
        height: height.

    >>> Box(10, 20, 100, 40).right, Box(10, 20, 100, 40).middle
    (110, 40.0)
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of the right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of the lower side."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """The y halfway down, where edges begin and end."""
        return self.y + self.height / 2


def level(stretches: Iterable[tuple[float, float, float]]) -> Route:
    """Return a route that runs level within columns and changes its height only between them.

    Between columns there are no boxes, so a route whose level parts are free of boxes never runs through one.

    Args:
        stretches: from x, to x, and y of each level part in px, left to right.

    >>> level([(50, 60, 10), (80, 130, 30), (160, 160, 50)])
    [(50, 10), (60, 10), (80, 30), (130, 30), (160, 50)]
    """
    points: Route = []
    for start, end, y in stretches:
        points += [(start, y)] if start == end else [(start, y), (end, y)]
    return points


def beside(source: Box, target: Box, edge: float, reach: float) -> Route:
    """Return a bow from one box to another of the same column, around the right side of those in between.

    Args:
        source: where the edge begins.
        target: where it ends.
        edge: the right side of the column, as x in px.
        reach: how far beyond it the bow may go, in px.

    >>> beside(Box(0, 0, 50, 20), Box(0, 90, 60, 20), edge=60, reach=16)
    [(50, 10.0), (60, 10.0), (76, 10.0), (76, 100.0), (60, 100.0)]
    """
    out, back = [(source.right, source.middle), (edge, source.middle)], [(edge, target.middle)]
    bow = [(edge + reach, source.middle), (edge + reach, target.middle)]
    return _without_repeats([*out, *bow, *back, (target.right, target.middle)])


def loop(box: Box, reach: float) -> Route:
    """Return a small loop over the upper right corner of a box.

    Args:
        box: the box that the edge leaves and enters.
        reach: how far above the box the loop may go, in px.

    >>> loop(Box(0, 0, 80, 20), 8)
    [(48.0, 0), (48.0, -8), (72.0, -8), (72.0, 0)]
    """
    width = min(24.0, box.width / 2)
    end = box.right - min(8.0, box.width / 4)
    return [(end - width, box.y), (end - width, box.y - reach), (end, box.y - reach), (end, box.y)]


def path_data(route: Sequence[Point]) -> str:
    """Return the ``d`` of an SVG path along a route: level lines, joined by smooth cubic curves.

    The path stays within the hull of the route's points. Three sides of a rectangle become one bow.

    Args:
        route: points in px.

    Returns:
        Path commands with numbers rounded to one decimal; empty for an empty route.

    >>> path_data([(0, 0), (10, 0), (30, 20)])
    'M0 0L10 0C20 0 20 20 30 20'
    >>> path_data([(0, 0), (12, 0), (12, 9), (0, 9)])
    'M0 0C12 0 12 9 0 9'
    """
    if not route:
        return ""
    return "M" + _numbers(route[0]) + "".join(_commands(route))


def _commands(route: Sequence[Point]) -> Iterator[str]:
    i = 1
    while i < len(route):
        if _is_bow(route[i - 1 : i + 3]):
            yield "C" + _numbers(*route[i : i + 3])
            i += 3
            continue
        (x0, y0), (x1, y1) = route[i - 1], route[i]
        if x0 == x1 or y0 == y1:
            yield "L" + _numbers((x1, y1))
        else:
            middle = (x0 + x1) / 2
            yield "C" + _numbers((middle, y0), (middle, y1), (x1, y1))
        i += 1


def _is_bow(points: Sequence[Point]) -> bool:
    if len(points) < 4:
        return False
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points
    return (y0 == y1 and x1 == x2 and y2 == y3) or (x0 == x1 and y1 == y2 and x2 == x3)


def _without_repeats(points: Iterable[Point]) -> Route:
    return [point for point, _ in groupby(points)]


def _numbers(*points: Point) -> str:
    return " ".join(_number(value) for point in points for value in point)


def _number(value: float) -> str:
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")  # + 0.0 makes -0.0 plain
