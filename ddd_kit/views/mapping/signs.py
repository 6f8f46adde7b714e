"""The signs of the kinds, as shapes: fonts differ in what they have for them, and in its size."""

from __future__ import annotations

from ddd_kit.views.layout.routes import Point
from ddd_kit.views.mapping.cards import SYMBOL


def corners(kind: str, x: float, y: float) -> list[Point]:
    """The corners of a kind's sign.

    Args:
        kind: of an element.
        x: left side in px.
        y: middle in px.

    Returns:
        Points in px; none for an event, whose sign is a circle.

    Example:
        >>> corners("command", 0, 0)
        [(1, -4.5), (9.0, 0), (1, 4.5)]
    """
    half = SYMBOL / 2
    if kind == "aggregate":
        return [(x + 0.5, y - 4), (x + 8.5, y - 4), (x + 8.5, y + 4), (x + 0.5, y + 4)]
    if kind == "event handler":
        return [(x, y), (x + half, y - half), (x + SYMBOL, y), (x + half, y + half)]
    if kind == "stream":
        return [(x + 2.5, y - 3), (x + SYMBOL, y - 3), (x + SYMBOL - 2.5, y + 3), (x, y + 3)]
    if kind in _SHAPES:
        return [(x + right, y + down) for right, down in _SHAPES[kind]]
    return [] if kind == "event" else [(x + 1, y - half), (x + SYMBOL, y), (x + 1, y + half)]


def bars(kind: str, x: float, y: float) -> list[list[Point]]:
    """The lines across a kind's sign.

    Args:
        kind: of an element.
        x: left side in px.
        y: middle in px.

    Returns:
        Both ends of each, in px.

    Example:
        >>> bars("projection", 0, 0)
        [[(0.5, -1.3), (8.5, -1.3)], [(0.5, 1.3), (8.5, 1.3)]]
    """
    return [[(x + right, y + down) for right, down in line] for line in _BARS.get(kind, ())]


# Signs that are lines around nothing, as their characters are.
OUTLINED = frozenset(
    ("projection", "repository", "projector", "application service", "command handler", "entity",
     "value object", "query", "upcaster")
)  # fmt: skip
_SQUARE: tuple[Point, ...] = ((0.5, -4), (8.5, -4), (8.5, 4), (0.5, 4))
_BARS: dict[str, tuple[tuple[Point, Point], ...]] = {
    "projection": (((0.5, -1.3), (8.5, -1.3)), ((0.5, 1.3), (8.5, 1.3))),
    "repository": (((3.2, -4), (3.2, 4)), ((5.8, -4), (5.8, 4))),
}
# Corners, in px from the left side and from the middle.
_SHAPES: dict[str, tuple[Point, ...]] = {
    "projection": _SQUARE,
    "repository": _SQUARE,
    "entity": _SQUARE,
    "value object": ((2, -2.5), (7, -2.5), (7, 2.5), (2, 2.5)),
    "projector": ((1.5, 0), (4.5, -4.5), (7.5, 0), (4.5, 4.5)),
    "query": ((0.5, -3.5), (8.5, -3.5), (4.5, 4)),
    "upcaster": ((0.5, 3.5), (8.5, 3.5), (4.5, -4)),
    "command handler": ((1, -4), (8.5, 0), (1, 4)),
    "process manager": ((0, 0), (2.5, -4), (6.5, -4), (9, 0), (6.5, 4), (2.5, 4)),
    "subscriber": ((8, -4.5), (8, 4.5), (0, 0)),
    "query handler": ((0, -4), (9, -4), (4.5, 4)),
    "other context": (
        (3, -4.5), (6, -4.5), (6, -1.5), (9, -1.5), (9, 1.5), (6, 1.5),
        (6, 4.5), (3, 4.5), (3, 1.5), (0, 1.5), (0, -1.5), (3, -1.5),
    ),
    "application service": ((0, 4), (0, -1), (4.5, -4.5), (9, -1), (9, 4)),  # a house
    "domain service": ((4.5, -4.5), (9, -1), (7.5, 4), (1.5, 4), (0, -1)),  # a pentagon
}  # fmt: skip
