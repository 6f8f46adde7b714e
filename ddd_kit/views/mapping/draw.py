"""The map drawn with matplotlib, for slides and papers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ddd_kit.engine.engine import Engine
from ddd_kit.views.charts.figure import axes, ground_of, saved_only
from ddd_kit.views.layout.curves import Segment, arrow_head, without_head
from ddd_kit.views.mapping.cards import (
    APART,
    FIRST,
    INDENT,
    LABEL,
    LEADING,
    PAD,
    REMARK,
    REMARK_AWAY,
    SECOND,
    SMALL,
    SYMBOL,
    corner,
)
from ddd_kit.views.mapping.legend import legend_lines
from ddd_kit.views.mapping.map_style import BOLD, PALE, STROKE, THIN
from ddd_kit.views.mapping.map_text import EMPTY
from ddd_kit.views.mapping.signs import OUTLINED, bars, corners
from ddd_kit.views.mapping.sketch import FAILED, IDLE, ON, SKIPPED, Arrow, Node, Sketch, count_text, sketch
from ddd_kit.views.markup import plain
from ddd_kit.views.palette import DARK, STYLES, Ground, Ink
from ddd_kit.views.text_width import text_width

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

INCH = 96.0  # px
DPI = 192  # of a saved picture: two pixels for one of the map
MARGIN = 14.0
FOOT = 22.0  # px from the nodes to the first line of the legend
LINE = 18.0


def draw(engine: Engine, ax: Axes | None = None, step: int | None = None, *, streams: bool = False) -> Axes:
    """Draw the map of a model on axes, in px of the map.

    Args:
        engine: the domain.
        ax: where to draw; a new figure when None.
        step: whose path is bold; None for the newest chain.
        streams: whether streams are nodes of their own.

    Returns:
        The axes.

    Raises:
        IncorrectUsageError: when there is no such step.
        ModuleNotFoundError: when matplotlib is missing; the text says what to install.
    """
    return _drawn(sketch(engine, step, streams=streams), ax, "domain.draw()")


def save(drawn: Sketch, path: Path) -> None:
    """Save a map as a file of pixels, or in another format that matplotlib knows.

    Args:
        drawn: the map.
        path: a file name whose ending names the format, as `.png`.

    Raises:
        ModuleNotFoundError: when matplotlib is missing; the text says what to install.
    """
    asked = f"save({path.name!r})"
    width, height, _ = _room(drawn)
    figure = saved_only(width / INCH, height / INCH, asked)
    _drawn(drawn, figure.add_axes((0, 0, 1, 1)), asked)
    figure.savefig(path, dpi=DPI)


def _room(drawn: Sketch) -> tuple[float, float, list[Any]]:
    """Width and height with margins, and the lines of the legend."""
    legend = list(legend_lines(drawn, drawn.width))
    width = max([drawn.width, text_width(EMPTY, SMALL), *(line[-1].right for line in legend)]) + 2 * MARGIN
    return width, drawn.height + FOOT + LINE * len(legend) + 2 * MARGIN, legend


def _drawn(drawn: Sketch, ax: Axes | None, asked: str) -> Axes:
    width, height, legend = _room(drawn)
    ax = axes(ax, width / INCH, height / INCH, asked)
    ax.set(xlim=(-MARGIN, width - MARGIN), ylim=(height - MARGIN, -MARGIN), aspect="equal")
    ax.set_axis_off()
    pen = Pen(ax, ground_of(ax))
    for arrow in drawn.arrows:
        _arrow(pen, arrow)
    for node in drawn.nodes:
        _node(pen, node)
    for i, line in enumerate(legend, 1):
        for item in line:
            _legend_item(pen, item, drawn.height + FOOT + LINE * (i - 1))
    if not drawn.nodes:
        pen.text(0, 20, EMPTY, SMALL, pen.ground.faint)
    return ax


class Pen:
    """What draws on the axes, in their coordinates: all keeps its proportions at every size."""

    def __init__(self, ax: Axes, ground: Ground) -> None:
        self.ax = ax
        self.ground = ground
        self.per_px = self._points_per_px()
        self._order = 1.0

    def _points_per_px(self) -> float:
        """Points of line width that look like one px of the map at the axes' present size."""
        self.ax.apply_aspect()
        (x0, _), (x1, _) = self.ax.transData.transform([(0, 0), (1, 0)])
        figure = self.ax.get_figure()
        return float(x1 - x0) * 72 / (figure.dpi if figure is not None else 72)

    def path(self, vertices: Any, codes: Any = None, **look: Any) -> None:
        """Draw a path; what is drawn later lies on top."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        self._order += 0.001
        look["linewidth"] = look.get("linewidth", 0) * self.per_px
        self.ax.add_artist(PathPatch(Path(vertices, codes), zorder=self._order, **look))

    def line(self, pieces: Sequence[Segment], **look: Any) -> None:
        """Draw a line of straight and curved pieces."""
        from matplotlib.path import Path

        vertices, codes = [pieces[0][0]], [Path.MOVETO]
        for piece in pieces:
            vertices += piece[1:]
            codes += [Path.LINETO] if len(piece) == 2 else [Path.CURVE4] * 3
        self.path(vertices, codes, **look)

    def polygon(self, points: Any, **look: Any) -> None:
        """Draw a closed shape."""
        self.path([*points, points[0]], **look)

    def text(self, x: float, y: float, text: str, size: float, colour: str, *, bold: bool = False) -> None:
        """Write a text as outlines: so it fits its box, whatever the size of the figure."""
        from matplotlib.font_manager import FontProperties
        from matplotlib.textpath import TextPath

        font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
        outline = TextPath((0, 0), plain(text).replace("$", r"\$"), size=size, prop=font)
        vertices = outline.vertices * (1, -1) + (x, y)
        if len(vertices):
            self.path(vertices, outline.codes, facecolor=colour)

    def rectangle(self, x: float, y: float, width: float, height: float, round_: float, **look: Any) -> None:
        """Draw a box with round corners."""
        from matplotlib.patches import FancyBboxPatch

        self._order += 0.001
        look["linewidth"] *= self.per_px
        shape = f"round,pad=0,rounding_size={round_}"
        self.ax.add_artist(
            FancyBboxPatch(
                (x, y), width, height, boxstyle=shape, mutation_aspect=1, zorder=self._order, **look
            )
        )

    def ink(self, kind: str) -> Ink:
        """The colours of a kind."""
        return STYLES[kind].dark if self.ground is DARK else STYLES[kind].light

    def circle(self, x: float, y: float, radius: float, **look: Any) -> None:
        """Draw a circle."""
        from matplotlib.patches import Circle

        self._order += 0.001
        look["linewidth"] *= self.per_px
        self.ax.add_artist(Circle((x, y), radius, zorder=self._order, **look))

    def sign(self, kind: str, x: float, y: float, *, hollow: bool = False) -> None:
        """Draw the sign of a kind."""
        colour = self.ink(kind).text
        look = {"facecolor": "none" if hollow or kind in OUTLINED else colour, "edgecolor": colour}
        points = corners(kind, x, y)
        if points:
            self.polygon(points, linewidth=1, **look)
        else:
            self.circle(x + SYMBOL / 2, y, 4, linewidth=1, **look)
        for line in bars(kind, x, y):
            self.path(line, linewidth=1, **look)

    def line_look(self, state: str) -> dict[str, Any]:
        """How a line of a state looks."""
        colour = {ON: self.ground.accent, FAILED: self.ground.bad}.get(state, self.ground.line)
        return {
            "edgecolor": colour,
            "linewidth": {ON: BOLD, FAILED: BOLD, IDLE: THIN}.get(state, STROKE),
            "linestyle": (0, (3, 3)) if state == SKIPPED else "solid",
            "alpha": PALE if state == IDLE else None,
        }


def _arrow(pen: Pen, arrow: Arrow) -> None:
    look = pen.line_look(arrow.state)
    pen.line(without_head(arrow.pieces), facecolor="none", **look)
    pen.polygon(arrow_head(arrow.pieces[-1]), facecolor=look["edgecolor"], alpha=look["alpha"])
    if arrow.label is not None and arrow.count:
        strong = arrow.state in (ON, FAILED)
        colour = look["edgecolor"] if strong else pen.ground.faint
        pen.text(arrow.label.x, arrow.label.bottom - 2, count_text(arrow.count), SMALL, colour, bold=strong)


def _node(pen: Pen, node: Node) -> None:
    card, box, ground = node.card, node.shown, pen.ground
    pen.rectangle(box.x, box.y, box.width, box.height, corner(card), **_card_look(pen, node))
    pen.sign(card.kind, box.x + PAD, box.y + FIRST - 4.5, hollow=node.state == SKIPPED)
    pen.text(box.x + PAD + INDENT, box.y + FIRST, card.label, LABEL, ground.text, bold=True)
    for i, line in enumerate(card.lines):
        wrong = card.problem and not card.retired and i == len(card.lines) - 1
        pen.text(box.x + PAD, box.y + SECOND + LEADING * i, line, SMALL, ground.bad if wrong else ground.text)
    if card.remark:
        _remark(pen, node)
    if card.status:
        _status(pen, node, box.y + SECOND + LEADING * (len(card.lines) - 1) + APART)


def _remark(pen: Pen, node: Node) -> None:
    colour = pen.ground.faint if node.card.faint else pen.ground.text
    x, y = node.shown.right - REMARK_AWAY, node.shown.y
    pen.circle(x, y, REMARK, facecolor=pen.ground.paper, edgecolor=colour, linewidth=1)
    for top, bottom in ((-3, 0.8), (2.2, 3.4)):
        pen.path([(x, y + top), (x, y + bottom)], edgecolor=colour, linewidth=1.2 if node.card.faint else 1.6)


def _status(pen: Pen, node: Node, top: float) -> None:
    box = node.box
    pen.path(
        [(box.x + PAD, top - 2), (box.right - PAD, top - 2)],
        edgecolor=pen.ground.text,
        linewidth=1,
        alpha=0.25,
    )
    colour = pen.ground.bad if node.state == FAILED else pen.ground.text
    for i, line in enumerate(node.card.status, 1):
        pen.text(box.x + PAD, top + LEADING * i, line, SMALL, colour)


def _card_look(pen: Pen, node: Node) -> dict[str, Any]:
    from matplotlib.colors import to_rgba

    ink, ground = pen.ink(node.card.kind), pen.ground
    strong = {ON: ground.accent, FAILED: ground.bad}.get(node.state)
    faded = 0.45 if node.state == SKIPPED or node.again else 1.0
    look = {
        "facecolor": to_rgba(ink.fill, faded),
        "edgecolor": strong or ink.line,
        "linewidth": BOLD if strong else 1.0,
        "linestyle": (0, (3, 2)) if node.state == SKIPPED else "solid",
    }
    if node.card.retired:
        look |= {"facecolor": ground.panel, "edgecolor": ground.faint, "linestyle": (0, (1, 3))}
    return look


def _legend_item(pen: Pen, item: Any, y: float) -> None:
    if item.kind:
        pen.sign(item.kind, item.x, y - 4)
    else:
        look = pen.line_look(item.state)
        pen.path([(item.x, y - 4), (item.x + INDENT + 4, y - 4)], facecolor="none", **look)
    pen.text(item.text_x, y, item.word, SMALL, pen.ground.faint)
