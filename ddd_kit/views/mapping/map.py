"""The map of a model, with the path of a step: as SVG on a light and on a dark ground, and as text."""

from __future__ import annotations

from pathlib import Path

from ddd_kit.engine.engine import Engine
from ddd_kit.views.mapping.map_svg import svgs
from ddd_kit.views.mapping.map_text import description, to_text
from ddd_kit.views.mapping.sketch import sketch
from ddd_kit.views.picture import Picture


def domain_map(engine: Engine, step: int | None = None, *, streams: bool = False) -> Picture:
    """Draw a model from left to right, as its events flow.

    Args:
        engine: the domain.
        step: whose path is bold; None for the newest chain, 0 for the time before the first step.
        streams: whether streams are nodes of their own.

    Returns:
        A picture that shows by itself in a cell.

    Raises:
        IncorrectUsageError: when there is no such step.

    Example:
        >>> from ddd_kit import Domain
        >>> domain_map(Domain(name="Bookshop"))
        Bookshop
          No elements yet: define one with @domain.aggregate in a cell, and show the map again.
    """
    drawn = sketch(engine, step, streams=streams)
    light, dark = svgs(drawn)

    def save(path: Path) -> None:
        from ddd_kit.views.mapping import draw

        draw.save(drawn, path)

    return Picture(light, dark, to_text(drawn), description(drawn), save)
