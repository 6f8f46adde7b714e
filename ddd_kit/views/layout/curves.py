"""Lines of a map as curves: their points, and their ends."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from ddd_kit.views.layout.routes import Point, Route, path_data

HEAD = 8.0  # length of an arrow head in px
HALF = 4.0  # half its width
PIECES = 10  # straight pieces that stand for one curve

Segment = tuple[Point, ...]
_COMMAND = re.compile(r"([MLC])([^MLC]*)")


def segments(route: Route) -> list[Segment]:
    """The pieces of a line as its SVG path has them: straight ones of 2 points, cubic curves of 4.

    Args:
        route: the points of an edge.

    Returns:
        Pieces, each of which begins where the one before ends.

    Example:
        >>> segments([(0, 0), (10, 0), (30, 20)])
        [((0.0, 0.0), (10.0, 0.0)), ((10.0, 0.0), (20.0, 0.0), (20.0, 20.0), (30.0, 20.0))]
    """
    pieces: list[Segment] = []
    here: Point = (0.0, 0.0)
    for letter, numbers in _COMMAND.findall(path_data(route)):
        values = [float(number) for number in numbers.split()]
        points = list(zip(values[::2], values[1::2], strict=True))
        if letter != "M":
            pieces.append((here, *points))
        here = points[-1]
    return pieces


def without_head(pieces: Sequence[Segment]) -> list[Segment]:
    """The same line, ending inside its arrow head, whose tip a wide line would cover.

    Args:
        pieces: a line with at least one piece.

    Returns:
        The pieces, the last of which is shorter.

    Example:
        >>> without_head([((0, 0), (20, 0))])
        [((0, 0), (14.0, 0.0))]
    """
    *rest, last = pieces
    (x, y), (dx, dy) = last[-1], direction(last)
    return [*rest, (*last[:-1], (x - dx * (HEAD - 2), y - dy * (HEAD - 2)))]


def direction(piece: Segment) -> Point:
    """Where a piece points at its end, as a vector of length 1."""
    (x0, y0), (x1, y1) = piece[-2:]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    return (x1 - x0) / length, (y1 - y0) / length


def arrow_head(piece: Segment) -> tuple[Point, Point, Point]:
    """The corners of the triangle at the end of a line; the second one is its tip."""
    (x, y), (dx, dy) = piece[-1], direction(piece)
    back = x - dx * HEAD, y - dy * HEAD
    return (back[0] - dy * HALF, back[1] + dx * HALF), (x, y), (back[0] + dy * HALF, back[1] - dx * HALF)


def sampled(pieces: Sequence[Segment]) -> list[Point]:
    """Points along a line, close enough to see what it touches.

    Args:
        pieces: a line.

    Returns:
        Points from its start to its end.

    Example:
        >>> sampled([((0, 0), (10, 0))])
        [(0, 0), (10, 0)]
    """
    points = [piece[0] for piece in pieces[:1]]
    for piece in pieces:
        points += [piece[-1]] if len(piece) == 2 else list(_along(piece))
    return points


def _along(piece: Segment) -> Iterator[Point]:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = piece
    for i in range(1, PIECES + 1):
        t = i / PIECES
        a, b, c, d = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3
        yield a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3
