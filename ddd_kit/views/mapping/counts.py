"""The lines of a map's arrows, and where there is room for their counts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile

from ddd_kit.views.layout.curves import Segment, sampled, segments
from ddd_kit.views.layout.labels import Occupied, beside
from ddd_kit.views.layout.routes import Box
from ddd_kit.views.mapping.arrange import AGAIN, Arrangement
from ddd_kit.views.mapping.flow import Pair

COUNT_HEIGHT = 12.0
AIR = 3.0  # between a node and a count


@lru_cache(maxsize=32)
def placed_lines(
    layout: Arrangement, counted: tuple[tuple[Pair, float], ...], shared: tuple[Pair, ...]
) -> tuple[dict[Pair, tuple[tuple[Segment, ...], Box | None]], dict[str, Box]]:
    """The lines of the arrows, and where there is room for their counts, by the ends of the arrows.

    Args:
        layout: where everything stands.
        counted: the ends of each arrow, and the width of its count in px; 0 where it has none.
        shared: the ends of those that say the same count once, where they begin alike.

    Returns:
        Those; and, by the element where they begin, where there is room for what several say once.
    """
    pieces = {(u, v.removesuffix(AGAIN)): tuple(segments(route)) for (u, v), route in layout.routes.items()}
    points = {ends: sampled(line) for ends, line in pieces.items()}
    taken = Occupied(_with_air(box) for box in layout.boxes.values())
    for line in points.values():
        taken.take_line(line)
    trunks = dict(_trunks(dict(counted), points, shared, taken))
    return {ends: (pieces[ends], _label(width, points[ends], taken)) for ends, width in counted}, trunks


def _trunks(
    widths: dict[Pair, float],
    points: dict[Pair, list[tuple[float, float]]],
    shared: tuple[Pair, ...],
    taken: Occupied,
) -> Iterator[tuple[str, Box]]:
    """Room for a count where several arrows have not parted yet."""
    beginnings: dict[str, list[Pair]] = {}
    for ends in shared:
        if widths[ends]:
            beginnings.setdefault(ends[0], []).append(ends)
    for source, group in beginnings.items():
        alike = takewhile(
            lambda each: len(set(each)) == 1, zip(*(points[ends] for ends in group), strict=False)
        )
        trunk = [each[0] for each in alike]
        width = max(widths[ends] for ends in group)
        if len(group) > 1 and len(trunk) > 1 and trunk[-1][0] - trunk[0][0] >= width:
            box = _label(width, trunk, taken)
            if box is not None:
                yield source, box


def _with_air(box: Box) -> Box:
    return Box(box.x - AIR, box.y - AIR, box.width + 2 * AIR, box.height + 2 * AIR)


def _label(width: float, points: list[tuple[float, float]], taken: Occupied) -> Box | None:
    box = beside(points, width, COUNT_HEIGHT, taken) if width else None
    if box is not None:
        taken.take(box)
    return box
