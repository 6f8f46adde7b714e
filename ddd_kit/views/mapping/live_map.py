"""The map of the workbench: one drawing for light and dark pages, with nodes and arrows to be clicked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.engine import Engine
from ddd_kit.views.mapping.cards import PLACES, SMALL, corner, fullest
from ddd_kit.views.mapping.legend import words
from ddd_kit.views.mapping.map_style import BOLD, PALE, STROKE, THIN, live_style, sheet, slug
from ddd_kit.views.mapping.map_svg import (
    arrow_svg,
    card_svg,
    clean,
    empty_svg,
    line_data,
    looks,
    number,
    once,
    place,
)
from ddd_kit.views.mapping.map_text import EMPTY, description
from ddd_kit.views.mapping.sketch import FAILED, IDLE, ON, PLAIN, SKIPPED, Arrow, Node, Sketch, sketch
from ddd_kit.views.markup import joined, plain
from ddd_kit.views.palette import STYLES
from ddd_kit.views.text_width import text_width

HIT = 12.0  # px; how wide the part of an arrow is that can be clicked
RING, CHOSEN = 6.0, 3.0  # px around a node, of the frame that shows the focus, and of that of a chosen one
AIR = RING + 2.0  # px around the whole, in which that frame has room
MOST_LEADS = 4
_MAP = ".ddd .ddd-map"
_LEGEND = ".ddd .ddd-legend"
_STROKES = {
    ON: f"{BOLD}px solid var(--ddd-accent)",
    SKIPPED: f"{STROKE}px dashed var(--ddd-map-line)",
    FAILED: f"{BOLD}px solid var(--ddd-bad)",
    IDLE: f"{THIN}px solid var(--ddd-map-line);opacity:{PALE}",
}

STYLE = (
    live_style(_MAP)
    + sheet(
        _MAP,
        [
            ("text", "user-select:none;-webkit-user-select:none"),
            ("[data-act]", "cursor:pointer"),
            ("[data-act]:focus-visible", "outline:none"),
            (".ring", "fill:none;stroke:none"),
            (".chosen", "fill:none;stroke:var(--ddd-map-text);stroke-width:1.6"),
            ("[data-act]:focus-visible>.ring", "stroke:var(--ddd-map-focus);stroke-width:2.5"),
            ("[data-act]:hover>.card", f"stroke-width:{BOLD}"),
            (".hit", f"fill:none;stroke:transparent;stroke-width:{HIT:g};pointer-events:stroke"),
            ("[data-act]:hover>.hit", "stroke:var(--ddd-map-line);stroke-opacity:.4"),
            ("[data-act]:focus-visible>.hit", "stroke:var(--ddd-map-focus);stroke-opacity:.55"),
        ],
    )
    + f"{_LEGEND}{{display:flex;flex-wrap:wrap;gap:0 14px;list-style:none;font-size:12px;"
    "color:var(--ddd-faint)}"
    + sheet(
        _LEGEND,
        [
            ("li", "margin:0;white-space:nowrap"),
            ("i", "display:inline-block;width:22px;margin-right:5px;vertical-align:4px"),
            *((f".ddd-is-{state}", f"border-top:{stroke}") for state, stroke in _STROKES.items()),
        ],
    )
)


def live_map(
    engine: Engine,
    step: int | None = None,
    *,
    element: str | None = None,
    streams: bool = False,
    roomy: bool = False,
) -> str:
    """The map of a model with the path of a step, to be clicked in.

    Nodes have the act `element`, those of streams `left`; arrows from an event to a handler have `edge`.

    Args:
        engine: the domain.
        step: whose path is bold; None for the newest chain.
        element: the name of the element that is chosen, if any.
        streams: whether streams are nodes of their own.
        roomy: whether each node is as high as it gets at any step, for a script that goes to others.

    Returns:
        An SVG for a page with `STYLE`; the one for light pages is the one for dark pages.

    Raises:
        IncorrectUsageError: when there is no such step.

    Example:
        >>> from ddd_kit import Domain
        >>> "No elements yet" in live_map(Domain(name="Bookshop"))
        True
    """
    drawn = sketch(engine, step, streams=streams)
    if roomy:
        drawn = replace(drawn, nodes=tuple(replace(node, card=fullest(node.card)) for node in drawn.nodes))
    width, height = drawn.width + 2 * AIR, drawn.height + 2 * AIR
    if not drawn.nodes:
        width, height = text_width(EMPTY, SMALL) + 2 * AIR, 60.0
    size = {
        "width": number(width),
        "height": number(height),
        "viewBox": f"0 0 {number(width)} {number(height)}",
    }
    whole = h.svg(class_="ddd-map", role="group", aria_label=clean(f"Map of {drawn.name}"), **size)[
        h.desc[clean(description(drawn))],
        h.g(transform=f"translate({number(AIR)} {number(AIR)})")[
            h.g(aria_hidden="true")[joined(*map(arrow_svg, drawn.arrows))],
            joined(*_nodes(drawn, element), *_hits(drawn)),
        ],
        None if drawn.nodes else empty_svg(),
    ]
    return str.__str__(str(whole))  # not Markup, which would escape what is added to it


def legend_html(engine: Engine, step: int | None = None, *, streams: bool = False) -> h.Element:
    """The legend of the live map: the kinds and states that are on it, and no others.

    Args:
        engine: the domain.
        step: as for `live_map`.
        streams: as for `live_map`.

    Returns:
        A list that wraps where there is no room.

    Raises:
        IncorrectUsageError: when there is no such step.
    """
    items = words(sketch(engine, step, streams=streams))
    return h.ul(".ddd-legend")[(h.li[_sample(kind, state), plain(word)] for word, kind, state in items)]


def _sample(kind: str, state: str) -> h.Node:
    if kind:
        return [h.span(class_=f"ddd-{slug(kind)}", aria_hidden="true")[STYLES[kind].symbol], " "]
    return h.i(class_=f"ddd-is-{state}", aria_hidden="true")


def _nodes(drawn: Sketch, element: str | None) -> Iterator[Markup]:
    """The nodes in the order in which one reads them: the keys lead from one to the next."""
    labels = {node.card.name: node.card.label for node in drawn.nodes}
    leads: dict[str, list[str]] = {}
    for arrow in drawn.arrows:
        leads.setdefault(arrow.source, []).append(labels[arrow.target])
    revealed = _revealed(drawn)
    for node in sorted(drawn.nodes, key=lambda node: (node.box.x, node.box.y)):
        to = () if node.again else tuple(sorted(leads.get(node.card.name, ())))
        yield _node(node, to, node.card.name == element, str(drawn.trail.step) if node is revealed else None)


def _revealed(drawn: Sketch) -> Node | None:
    """What the step is about; where it is drawn twice, the one that the path ends at."""
    about = [node for node in drawn.nodes if node.card.name == drawn.trail.about]
    return max(about, key=lambda node: (node.state != PLAIN, node.again), default=None)


@lru_cache(maxsize=2048)
def _node(node: Node, leads: tuple[str, ...], chosen: bool, revealed: str | None) -> Markup:
    card = node.card
    is_stream = card.kind in PLACES
    group = h.g(
        class_=looks(node),
        transform=place(node),
        data_act="left" if is_stream else "element",
        data_arg="streams" if is_stream else clean(card.name),
        data_reveal=revealed,
        role="button",
        tabindex="-1",
        aria_label=clean(", ".join(_spoken(node, leads))),
        aria_pressed=None if is_stream else str(chosen).lower(),
    )
    marks = [_frame(node, CHOSEN, "chosen")] if chosen else []
    return once(group[joined(_frame(node, RING, "ring"), card_svg(node), *marks)])


def _frame(node: Node, away: float, look: str) -> h.Element:
    sides = {"width": number(node.box.width + 2 * away), "height": number(node.shown.height + 2 * away)}
    round_ = number(corner(node.card) + away)
    return h.rect(class_=look, x=number(-away), y=number(-away), **sides, rx=round_)


def _spoken(node: Node, leads: tuple[str, ...]) -> Iterator[str]:
    """As `aggregate Order, 3 instances, on the path of this step, leads to OrderShipped`."""
    yield node.card.spoken
    if node.again:
        yield "drawn again"
    if node.state == ON:
        yield "on the path of this step"
    if leads:
        more = f" and {len(leads) - MOST_LEADS} more" if len(leads) > MOST_LEADS else ""
        yield f"leads to {', '.join(leads[:MOST_LEADS])}{more}"


def _hits(drawn: Sketch) -> Iterator[Markup]:
    """What can be clicked of the arrows, over all else, in the order in which one reads them."""
    place_of = {node.card.name: (node.box.x, node.box.y) for node in reversed(drawn.nodes)}
    asking = (arrow for arrow in drawn.arrows if arrow.asks)
    return map(_hit, sorted(asking, key=lambda arrow: (place_of[arrow.source], place_of[arrow.target])))


@lru_cache(maxsize=2048)
def _hit(arrow: Arrow) -> Markup:
    label = clean(arrow.title)
    act = {"data_act": "element" if len(arrow.asks) == 1 else "edge", "data_arg": clean(" ".join(arrow.asks))}
    return once(
        h.g(**act, role="button", tabindex="-1", aria_label=label)[
            joined(h.title[label], h.path(class_="hit", d=line_data(arrow.pieces)))
        ]
    )
