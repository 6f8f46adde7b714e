"""Which of two layouts a map gets: a flow from left to right, or, where that is too wide, a column a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import networkx as nx

from ddd_kit.views.cards import NARROWEST
from ddd_kit.views.drawing import Size
from ddd_kit.views.layout import layered
from ddd_kit.views.routes import Box, Route

GAP_X, GAP_Y = 40.0, 16.0
WIDEST = 1280.0  # px of a flow; a cell of a notebook is about 1,000 px wide
AGAIN = "\0"  # ends the key of an element that is drawn a second time, on the right
COLUMNS = {"command": 0, "aggregate": 1, "event": 2, "event handler": 3}
LAST = 4

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where everything stands; all numbers in px.

    Attributes:
        width: of all.
        height: of all.
        boxes: by name; those drawn again under the name and `AGAIN`.
        routes: by the names of their boxes.
    """

    width: float
    height: float
    boxes: dict[str, Box]
    routes: dict[Edge, Route]


def arranged(kinds: Mapping[str, str], sizes: Mapping[str, Size], edges: list[Edge]) -> Arrangement:
    """Lay a map out.

    A model whose handlers lead from one aggregate to the next and so on makes a flow that is too wide to
    read. It gets a column a kind, and what handlers change or issue is drawn again on the right.

    Args:
        kinds: the kind of each element, by name.
        sizes: width and height of each element in px, and of it drawn again under its name and `AGAIN`.
        edges: pairs of names.

    Returns:
        Boxes and routes.

    >>> kinds = {"Order": "aggregate", "OrderPaid": "event"}
    >>> sizes = dict.fromkeys([*kinds, "Order" + AGAIN, "OrderPaid" + AGAIN], (100, 40))
    >>> arranged(kinds, sizes, [("Order", "OrderPaid")]).boxes["OrderPaid"].x
    140.0
    """
    plain = nx.DiGraph()
    plain.add_nodes_from(kinds)
    plain.add_edges_from(edges)
    if _least_width(plain) <= WIDEST:
        flow = _remembered(tuple((name, *sizes[name]) for name in kinds), tuple(edges), None)
        if flow.width <= WIDEST:
            return flow
    turned = [(u, v + AGAIN if _goes_back(kinds[u], kinds[v]) else v) for u, v in edges]
    again = dict.fromkeys(v for _, v in turned if v.endswith(AGAIN))
    ranks = {name: COLUMNS[kind] for name, kind in kinds.items()} | dict.fromkeys(again, LAST)
    return _remembered(tuple((name, *sizes[name]) for name in ranks), tuple(turned), tuple(ranks.values()))


def _goes_back(source: str, target: str) -> bool:
    return COLUMNS[source] > COLUMNS[target]


def _least_width(plain: nx.DiGraph) -> float:
    """What a flow needs at the least: cheaper to know than its layout."""
    layers: int = nx.dag_longest_path_length(nx.condensation(plain)) + 1 if plain else 0
    return layers * (NARROWEST + GAP_X) - GAP_X


@lru_cache(maxsize=32)
def _remembered(
    sizes: tuple[tuple[str, float, float], ...], edges: tuple[Edge, ...], ranks: tuple[int, ...] | None
) -> Arrangement:
    """The layout, remembered: a step back or forward moves nothing, and takes no time."""
    plain = nx.DiGraph()
    plain.add_nodes_from(name for name, _, _ in sizes)
    plain.add_edges_from(edges)
    layout = layered(
        plain,
        {name: (width, height) for name, width, height in sizes},
        ranks=None if ranks is None else dict(zip(plain, ranks, strict=True)),
        gap_x=GAP_X,
        gap_y=GAP_Y,
    )
    boxes, routes = cast("dict[str, Box]", layout.boxes), cast("dict[Edge, Route]", layout.routes)
    return Arrangement(layout.width, layout.height, boxes, routes)
