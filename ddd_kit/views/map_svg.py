"""A map as a self-contained SVG."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import htpy
from markupsafe import Markup

from ddd_kit.views.cards import APART, FIRST, INDENT, LABEL, LEADING, PAD, SECOND, SMALL, SYMBOL
from ddd_kit.views.curves import arrow_head, without_head
from ddd_kit.views.legend import Item, legend_lines
from ddd_kit.views.map_text import EMPTY, description
from ddd_kit.views.markup import plain
from ddd_kit.views.palette import DARK, LIGHT, STYLES, Ground
from ddd_kit.views.routes import Point
from ddd_kit.views.signs import corners
from ddd_kit.views.sketch import FAILED, ON, PLAIN, SKIPPED, Arrow, Node, Sketch, count_text
from ddd_kit.views.text_width import text_width

FONTS = "system-ui,DejaVu Sans,Verdana,Arial,sans-serif"
MARGIN = 14.0
LEGEND_GAP, LEGEND_LINE = 22.0, 18.0
NARROWEST = 320.0
Rule = tuple[str, str]
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
            (_arrow(arrow) for arrow in drawn.arrows), (_node(node) for node in drawn.nodes)
        ],
        (_legend(line, top + LEGEND_LINE * i) for i, line in enumerate(legend)),
        [] if drawn.nodes else htpy.text(class_="faint", x=number(MARGIN), y="34")[EMPTY],
    ]
    once = Markup(str(htpy.g[content]))  # noqa: S704 - htpy has escaped it
    return _document(drawn, LIGHT, width, height, once), _document(drawn, DARK, width, height, once)


def _document(drawn: Sketch, ground: Ground, width: float, height: float, content: Markup) -> str:
    size = {
        "width": number(width),
        "height": number(height),
        "viewBox": f"0 0 {number(width)} {number(height)}",
    }
    whole = htpy.svg(xmlns="http://www.w3.org/2000/svg", role="img", class_=root(ground), **size)[
        htpy.title[clean(f"Map of {drawn.name}")],
        htpy.desc[clean(description(drawn))],
        htpy.style[Markup(style(drawn, ground))],  # noqa: S704 - our own constants only
        content,
    ]
    return str.__str__(str(whole))  # not Markup, which would escape what is added to it


def style(drawn: Sketch, ground: Ground) -> str:
    """The style sheet of a map; every rule keeps to this map, wherever on a page the SVG is put."""
    kinds = dict.fromkeys(node.card.kind for node in drawn.nodes)
    rules = [
        *_shapes(ground),
        *(rule for kind in kinds for rule in _kind_rules(kind, ground)),
        *_states(ground),
    ]
    return "".join(f".{root(ground)} {selector}{{{body}}}" for selector, body in rules)


def root(ground: Ground) -> str:
    """The class of the whole SVG."""
    return "ddd-kit-map-dark" if ground is DARK else "ddd-kit-map"


def _shapes(ground: Ground) -> list[Rule]:
    return [
        ("text", f"font:{number(SMALL)}px {FONTS};fill:{ground.text}"),
        (".label", f"font-weight:700;font-size:{number(LABEL)}px"),
        (".paper", f"fill:{ground.paper}"),
        (".faint", f"fill:{ground.faint}"),
        (".bad", f"fill:{ground.bad}"),
        (".line", f"fill:none;stroke:{ground.line};stroke-width:1.3"),
        (".head", f"fill:{ground.line}"),
        (".count", f"text-anchor:middle;fill:{ground.faint}"),
        (".rule", f"stroke:{ground.text};stroke-opacity:.25"),
    ]


def _kind_rules(kind: str, ground: Ground) -> list[Rule]:
    ink = STYLES[kind].dark if ground is DARK else STYLES[kind].light
    return [
        (f".{slug(kind)} .card", f"fill:{ink.fill};stroke:{ink.line}"),
        (f".{slug(kind)} .sign", f"fill:{ink.text};stroke:{ink.text}"),
    ]


def _states(ground: Ground) -> Iterator[Rule]:
    for state, colour in ((ON, ground.accent), (FAILED, ground.bad)):
        yield f".{state} .line", f"stroke:{colour};stroke-width:2.4"
        yield f".{state} .head", f"fill:{colour}"
        yield f".{state} .count", f"fill:{colour};font-weight:700"
        yield f".{state} .card", f"stroke:{colour};stroke-width:2.4"
    yield ".idle .line", "stroke-opacity:.55"
    yield ".idle .head", "fill-opacity:.55"
    yield ".skipped .line", "stroke-dasharray:4 4"
    yield ".skipped .card", "stroke-dasharray:4 3;fill-opacity:.45"
    yield ".again .card", "fill-opacity:.5"
    yield ".retired .card", f"fill:{ground.panel};stroke:{ground.faint};stroke-dasharray:1 3"


def slug(kind: str) -> str:
    """The class of a kind in style sheets."""
    return kind.replace(" ", "-")


def number(value: float) -> str:
    """A number with at most one decimal."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def clean(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return NOT_IN_XML.sub("\ufffd", plain(text))


def _node(node: Node) -> htpy.Element:
    card, box = node.card, node.box
    looks = {node.state: node.state != PLAIN, "retired": card.retired, "again": node.again}
    states = " ".join(look for look, holds in looks.items() if holds)
    return htpy.g(
        class_=f"{slug(card.kind)} {states}".strip(),
        transform=f"translate({number(box.x)} {number(box.y)})",
        data_element=clean(card.name),
    )[
        htpy.title[clean(card.title)],
        htpy.rect(class_="card", width=number(box.width), height=number(box.height), rx="4"),
        _sign(card.kind, PAD, FIRST - 4.5, hollow=node.state == SKIPPED),
        htpy.text(class_="label", x=number(PAD + INDENT), y=number(FIRST))[clean(card.label)],
        _card_lines(node),
    ]


def _card_lines(node: Node) -> Iterator[htpy.Element]:
    card = node.card
    wrong = len(card.lines) - 1 if card.problem and not card.retired else -1
    for i, line in enumerate(card.lines):
        place = {"x": number(PAD), "y": number(SECOND + LEADING * i)}
        yield htpy.text(class_="bad" if i == wrong else None, **place)[clean(line)]
    if not card.status:
        return
    top = SECOND + LEADING * (len(card.lines) - 1) + APART
    yield htpy.path(class_="rule", d=f"M0 {number(top - 2)}H{number(node.box.width)}")
    for i, line in enumerate(card.status, 1):
        place = {"x": number(PAD), "y": number(top + LEADING * i)}
        yield htpy.text(class_="bad" if node.state == FAILED else None, **place)[clean(line)]


def _sign(kind: str, x: float, y: float, *, hollow: bool = False) -> htpy.Element:
    look = {"class": "sign", "fill-opacity": "0" if hollow else None}
    points = corners(kind, x, y)
    if not points:
        return htpy.circle(look, cx=number(x + SYMBOL / 2), cy=number(y), r="4")
    return htpy.path(look, d=f"M{_joined(points)}z")


def _joined(points: Iterable[Point]) -> str:
    return "L".join(f"{number(x)} {number(y)}" for x, y in points)


def _arrow(arrow: Arrow) -> htpy.Element:
    return htpy.g(class_=arrow.state if arrow.state != PLAIN else None)[
        htpy.title[clean(arrow.title)],
        htpy.path(class_="line", d=line_data(arrow)),
        htpy.path(class_="head", d=f"M{_joined(arrow_head(arrow.pieces[-1]))}z"),
        _count(arrow),
    ]


def line_data(arrow: Arrow) -> str:
    """The path of an arrow up to its head."""
    pieces = without_head(arrow.pieces)
    parts = [f"M{number(pieces[0][0][0])} {number(pieces[0][0][1])}"]
    for piece in pieces:
        numbers = " ".join(f"{number(x)} {number(y)}" for x, y in piece[1:])
        parts.append(f"{'C' if len(piece) == 4 else 'L'}{numbers}")
    return "".join(parts)


def _count(arrow: Arrow) -> htpy.Element | None:
    if arrow.label is None:
        return None
    box = arrow.label
    place = {"x": number(box.x + box.width / 2), "y": number(box.bottom - 2)}
    return htpy.text(class_="count", **place)[count_text(arrow.count)]


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
