"""The context map drawn with matplotlib, for slides and papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddd_kit.views.charts.figure import axes, ground_of, saved_only
from ddd_kit.views.context_map import (
    CONTEXT,
    FOOT,
    LEADING,
    MARGIN,
    PAD,
    SMALL,
    TITLE,
    WIDEST,
    Placed,
    badges,
)
from ddd_kit.views.layout.curves import arrow_head, segments, without_head
from ddd_kit.views.mapping.draw import DPI, INCH, Pen
from ddd_kit.views.mapping.map_style import STROKE
from ddd_kit.views.text_width import ellipsis, text_width

if TYPE_CHECKING:
    from pathlib import Path


def save(drawn: Placed, path: Path) -> None:
    """Save a context map as a file of pixels, or in another format that matplotlib knows.

    Args:
        drawn: the map.
        path: a file name whose ending names the format, as `.png`.

    Raises:
        ModuleNotFoundError: when matplotlib is missing; the text says what to install.
    """
    asked, lines = f"save({path.name!r})", drawn.foot()
    inner = max(drawn.layout.width, *(text_width(line, SMALL) for line in lines))
    width = inner + 2 * MARGIN
    height = drawn.layout.height + 2 * MARGIN + FOOT + LEADING * (len(lines) - 1)
    figure = saved_only(width / INCH, height / INCH, asked)
    ax = axes(figure.add_axes((0, 0, 1, 1)), width / INCH, height / INCH, asked)
    ax.set(xlim=(-MARGIN, width - MARGIN), ylim=(height - MARGIN, -MARGIN), aspect="equal")
    ax.set_axis_off()
    pen = Pen(ax, ground_of(ax))
    for edge in drawn.graph.edges:
        _crossing(pen, drawn, edge)
    for name in drawn.graph:
        _context(pen, drawn, name)
    for i, line in enumerate(lines):
        pen.text(0, drawn.layout.height + FOOT + LEADING * i, line, SMALL, pen.ground.faint)
    figure.savefig(path, dpi=DPI)


def _context(pen: Pen, drawn: Placed, name: str) -> None:
    box, data, ground = drawn.layout.boxes[name], drawn.graph.nodes[name], pen.ground
    look: dict[str, Any] = {"linewidth": 1.6, "facecolor": ground.panel, "edgecolor": ground.line}
    if data["kind"] != CONTEXT:
        look["linestyle"] = (0, (5, 4))
    pen.rectangle(box.x, box.y, box.width, box.height, 18, **look)
    title, says, middle = ellipsis(name, WIDEST, TITLE, bold=True), data["says"], box.x + box.width / 2
    pen.text(
        middle - text_width(title, TITLE, bold=True) / 2, box.y + 27, title, TITLE, ground.text, bold=True
    )
    pen.text(middle - text_width(says, SMALL) / 2, box.y + 46, says, SMALL, ground.faint)


def _crossing(pen: Pen, drawn: Placed, edge: tuple[str, str]) -> None:
    routes, box, ground = drawn.layout.routes, drawn.layout.boxes[edge], pen.ground
    first, last = segments(routes[edge[0], edge]), segments(routes[edge, edge[1]])
    for pieces in (first, without_head(last)):
        pen.line(pieces, facecolor="none", edgecolor=ground.line, linewidth=STROKE)
    pen.polygon(arrow_head(last[-1]), facecolor=ground.line)
    ink = pen.ink("event")
    look = {"linewidth": 1, "facecolor": ink.fill, "edgecolor": ink.line}
    pen.rectangle(box.x, box.y, box.width, box.height, 5, **look)
    for i, line in enumerate(drawn.labels[edge]):
        pen.text(box.x + PAD / 2, box.y + LEADING * i + 15, line, SMALL, ground.text)
    for role, left, top, wide in badges(drawn.graph.edges[edge]["roles"], first[-1], last[0], box):
        pen.rectangle(left, top, wide, 15, 4, linewidth=0, facecolor=ground.text)
        pen.text(left + 4.5, top + 11.5, role, 10, ground.paper, bold=True)
