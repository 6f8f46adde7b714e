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
    return [] if kind == "event" else [(x + 1, y - half), (x + SYMBOL, y), (x + 1, y + half)]
