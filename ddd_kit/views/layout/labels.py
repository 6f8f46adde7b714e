"""Where the counts of a map's edges stand: beside their lines, over nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from ddd_kit.views.layout.routes import Box, Point

CELL = 48.0  # px; the side of the squares by which things that may overlap are found
CLEARANCE = 2.5


class Occupied:
    """The rectangles that are taken.

    Args:
        boxes: those taken from the start.

    >>> taken = Occupied([Box(0, 0, 10, 10)])
    >>> taken.is_free(Box(5, 5, 10, 10)), taken.is_free(Box(20, 0, 10, 10))
    (False, True)
    """

    def __init__(self, boxes: Iterable[Box] = ()) -> None:
        self._squares: dict[tuple[int, int], list[Box]] = {}
        for box in boxes:
            self.take(box)

    def take(self, box: Box) -> None:
        """Take a rectangle."""
        for square in _squares(box):
            self._squares.setdefault(square, []).append(box)

    def take_line(self, points: Sequence[Point]) -> None:
        """Take what a line covers, piece by piece."""
        for (x0, y0), (x1, y1) in pairwise(points):
            x, y = min(x0, x1) - CLEARANCE / 2, min(y0, y1) - CLEARANCE / 2
            self.take(Box(x, y, abs(x1 - x0) + CLEARANCE, abs(y1 - y0) + CLEARANCE))

    def is_free(self, box: Box) -> bool:
        """Say whether nothing overlaps a rectangle."""
        return not any(
            overlap(box, other) for square in _squares(box) for other in self._squares.get(square, ())
        )


def overlap(one: Box, other: Box) -> bool:
    """Say whether two rectangles share more than a side.

    >>> overlap(Box(0, 0, 10, 10), Box(9, 9, 5, 5)), overlap(Box(0, 0, 10, 10), Box(10, 0, 5, 5))
    (True, False)
    """
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def _squares(box: Box) -> Iterator[tuple[int, int]]:
    for column in range(int(box.x // CELL), int(box.right // CELL) + 1):
        for row in range(int(box.y // CELL), int(box.bottom // CELL) + 1):
            yield column, row


def beside(points: Sequence[Point], width: float, height: float, taken: Occupied) -> Box | None:
    """Find room for a label next to a line, as near to its middle as there is.

    Args:
        points: along the line.
        width: of the label in px.
        height: of the label in px.
        taken: what it must not overlap; the line itself, too.

    Returns:
        The label's rectangle, or None where there is no room.

    >>> beside([(0, 0), (40, 0)], 10, 12, Occupied())
    Box(x=15.0, y=-15.5, width=10, height=12)
    """
    places = list(_places(points))
    middle = (len(places) - 1) / 2
    for place in sorted(range(len(places)), key=lambda i: abs(i - middle)):
        for box in _both_sides(*places[place], width, height):
            if taken.is_free(box):
                return box
    return None


def _places(points: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    """Points on a line, about 8 px apart, each with the direction of the line."""
    for (x0, y0), (x1, y1) in pairwise(points):
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        along = (x1 - x0) / length, (y1 - y0) / length
        count = round(length / 8) | 1  # an odd number, so that the middle is one of them
        for i in range(count):
            t = (i + 0.5) / count
            yield (
                (x0 + (x1 - x0) * t, y0 + (y1 - y0) * t),
                along,
            )


def _both_sides(point: Point, along: Point, width: float, height: float) -> Iterator[Box]:
    nx, ny = along[1], -along[0]
    if ny > 0:
        nx, ny = -nx, -ny
    away = abs(nx) * width / 2 + abs(ny) * height / 2 + CLEARANCE + 1
    for side in (1, -1):
        x, y = point[0] + side * nx * away, point[1] + side * ny * away
        yield Box(x - width / 2, y - height / 2, width, height)
