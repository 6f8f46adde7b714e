"""A map as a self-contained SVG."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import htpy
from markupsafe import Markup

from ddd_kit.views.layout.curves import Segment, arrow_head, without_head
from ddd_kit.views.layout.routes import Point
from ddd_kit.views.mapping.cards import (
    APART,
    FIRST,
    INDENT,
    LEADING,
    PAD,
    PLACES,
    REMARK,
    REMARK_AWAY,
    SECOND,
    SMALL,
    SYMBOL,
    corner,
)
from ddd_kit.views.mapping.legend import Item, kinds_on, legend_lines
from ddd_kit.views.mapping.map_style import inks, remark_rules, sheet, slug, style
from ddd_kit.views.mapping.map_text import EMPTY, description
from ddd_kit.views.mapping.signs import OUTLINED, bars, corners
from ddd_kit.views.mapping.sketch import FAILED, PLAIN, SKIPPED, Arrow, Node, Sketch, count_text
from ddd_kit.views.markup import joined, plain
from ddd_kit.views.palette import DARK, LIGHT, Ground
from ddd_kit.views.text_width import text_width

MARGIN = 14.0
LEGEND_GAP, LEGEND_LINE = 22.0, 18.0
NARROWEST = 320.0
NOT_IN_XML = re.compile("[\ufffe\uffff]")


def svgs(drawn: Sketch) -> tuple[str, str]:
    """Draw a map.

    Args:
        drawn: cards and lines in their places.

    Returns:
        Two SVG documents that need nothing from elsewhere, on a light and on a dark ground. They differ in
        their style sheets only.
    """
    least = NARROWEST if drawn.nodes else text_width(EMPTY, SMALL)
    width = max(least, drawn.width) + 2 * MARGIN
    legend = list(legend_lines(drawn, width - 2 * MARGIN))
    top = drawn.height + MARGIN + LEGEND_GAP
    height = top + LEGEND_LINE * (len(legend) - 1) + MARGIN if drawn.nodes else 60.0
    content: list[htpy.Node] = [
        htpy.rect(class_="paper", width="100%", height="100%", rx="6"),
        htpy.g(transform=f"translate({number(MARGIN)} {number(MARGIN)})")[
            joined(*map(arrow_svg, drawn.arrows), *map(_node, drawn.nodes))
        ],
        (_legend(line, top + LEGEND_LINE * i) for i, line in enumerate(legend)),
        [] if drawn.nodes else empty_svg(),
    ]
    drawing = once(htpy.g[content])
    return _document(drawn, LIGHT, width, height, drawing), _document(drawn, DARK, width, height, drawing)


def empty_svg() -> htpy.Element:
    """What stands where there are no nodes."""
    return htpy.text(class_="faint", x=number(MARGIN), y="34")[EMPTY]


def _document(drawn: Sketch, ground: Ground, width: float, height: float, content: Markup) -> str:
    size = {
        "width": number(width),
        "height": number(height),
        "viewBox": f"0 0 {number(width)} {number(height)}",
    }
    whole = htpy.svg(xmlns="http://www.w3.org/2000/svg", role="img", class_=root(ground), **size)[
        htpy.title[clean(f"Map of {drawn.name}")],
        htpy.desc[clean(description(drawn))],
        htpy.style[Markup(_style(drawn, ground))],  # noqa: S704 - our own constants only
        content,
    ]
    return str.__str__(str(whole))  # not Markup, which would escape what is added to it


def _style(drawn: Sketch, ground: Ground) -> str:
    kinds, colours = kinds_on(drawn), inks(ground)
    where = f".{root(ground)}"
    remarks = sheet(where, remark_rules(ground)) if any(node.card.remark for node in drawn.nodes) else ""
    return style(where, ground, {kind: colours[kind] for kind in kinds}) + remarks


def root(ground: Ground) -> str:
    """The class of the whole SVG."""
    return "ddd-kit-map-dark" if ground is DARK else "ddd-kit-map"


def number(value: float) -> str:
    """A number with at most one decimal."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def clean(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return NOT_IN_XML.sub("\ufffd", plain(text))


def looks(node: Node) -> str:
    """The classes of a node: its kind, and what became of it."""
    card = node.card
    states = {node.state: node.state != PLAIN, "retired": card.retired, "again": node.again}
    return " ".join([slug(card.kind), *(state for state, holds in states.items() if holds)])


def place(node: Node) -> str:
    """Where a node stands, as a transformation."""
    return f"translate({number(node.shown.x)} {number(node.shown.y)})"


@lru_cache(maxsize=1024)
def _node(node: Node) -> Markup:
    name = None if node.card.kind in PLACES else clean(node.card.name)
    return once(htpy.g(class_=looks(node), transform=place(node), data_element=name)[card_svg(node)])


def card_svg(node: Node) -> Markup:
    """What is on a node, from its upper left corner."""
    card, box = node.card, node.shown
    return joined(
        htpy.title[clean(card.title)],
        htpy.rect(class_="card", width=number(box.width), height=number(box.height), rx=number(corner(card))),
        _sign(card.kind, PAD, FIRST - 4.5, hollow=node.state == SKIPPED),
        htpy.text(class_="label", x=number(PAD + INDENT), y=number(FIRST))[clean(card.label)],
        *_card_lines(node),
        _remark(node) if card.remark else "",
    )


def _card_lines(node: Node) -> Iterator[htpy.Element]:
    card = node.card
    wrong = len(card.lines) - 1 if card.problem and not card.retired else -1
    for i, line in enumerate(card.lines):
        place = {"x": number(PAD), "y": number(SECOND + LEADING * i)}
        yield htpy.text(class_="bad" if i == wrong else None, **place)[clean(line)]
    if not card.status:
        return
    top = SECOND + LEADING * (len(card.lines) - 1) + APART
    yield htpy.path(class_="rule", d=f"M{number(PAD)} {number(top - 2)}H{number(node.box.width - PAD)}")
    for i, line in enumerate(card.status, 1):
        place = {"x": number(PAD), "y": number(top + LEADING * i)}
        yield htpy.text(class_="bad" if node.state == FAILED else None, **place)[clean(line)]


def _remark(node: Node) -> htpy.Element:
    """A small sign on the upper edge: the lint has to say something; what, a pointer is told."""
    x = node.box.width - REMARK_AWAY
    return htpy.g(class_="remark faintly" if node.card.faint else "remark")[
        htpy.title[clean(node.card.remark)],
        htpy.circle(cx=number(x), cy="0", r=number(REMARK)),
        htpy.path(d=f"M{number(x)} -3V.8M{number(x)} 2.2V3.4"),
    ]


def _sign(kind: str, x: float, y: float, *, hollow: bool = False) -> htpy.Element:
    look = {"class": "sign", "fill-opacity": "0" if hollow or kind in OUTLINED else None}
    points = corners(kind, x, y)
    if not points:
        return htpy.circle(look, cx=number(x + SYMBOL / 2), cy=number(y), r="4")
    return htpy.path(
        look, d=f"M{_joined(points)}z{''.join(f'M{_joined(line)}' for line in bars(kind, x, y))}"
    )


def _joined(points: Iterable[Point]) -> str:
    return "L".join(f"{number(x)} {number(y)}" for x, y in points)


@lru_cache(maxsize=2048)
def arrow_svg(arrow: Arrow) -> Markup:
    """A line with its head and its count."""
    return once(
        htpy.g(class_=arrow.state if arrow.state != PLAIN else None)[
            joined(htpy.title[clean(arrow.title)], _line(arrow.pieces), *_count(arrow))
        ]
    )


@lru_cache(maxsize=2048)
def _line(pieces: tuple[Segment, ...]) -> Markup:
    """A line with its head: the same at each step."""
    head = htpy.path(class_="head", d=f"M{_joined(arrow_head(pieces[-1]))}z")
    return once(htpy.path(class_="line", d=line_data(pieces))) + once(head)


def once(element: htpy.Element) -> Markup:
    """What an element comes to, to be kept."""
    return Markup(str(element))  # noqa: S704 - htpy has escaped it


@lru_cache(maxsize=2048)
def line_data(pieces: tuple[Segment, ...]) -> str:
    """The path of an arrow up to its head."""
    shortened = without_head(pieces)
    parts = [f"M{number(shortened[0][0][0])} {number(shortened[0][0][1])}"]
    for piece in shortened:
        numbers = " ".join(f"{number(x)} {number(y)}" for x, y in piece[1:])
        parts.append(f"{'C' if len(piece) == 4 else 'L'}{numbers}")
    return "".join(parts)


def _count(arrow: Arrow) -> Iterator[htpy.Element]:
    box = arrow.label
    if box is not None and arrow.count:
        place = {"x": number(box.x + box.width / 2), "y": number(box.bottom - 2)}
        yield htpy.text(class_="count", **place)[count_text(arrow.count)]


def _legend(items: list[Item], y: float) -> htpy.Element:
    return htpy.g(transform=f"translate({number(MARGIN)} {number(y)})")[
        (
            htpy.g(class_=slug(item.kind) or item.state)[
                _sign(item.kind, item.x, -4) if item.kind else _stroke(item.x),
                htpy.text(class_="faint", x=number(item.text_x))[clean(item.word)],
            ]
            for item in items
        )
    ]


def _stroke(x: float) -> htpy.Element:
    return htpy.path(class_="line", d=f"M{number(x)} -4H{number(x + INDENT + 4)}")
