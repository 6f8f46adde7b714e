"""Which of two layouts a map gets: a flow from left to right, or, where that is too wide, a column a kind."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import networkx as nx

from ddd_kit.views.layout.drawing import Size
from ddd_kit.views.layout.layout import layered
from ddd_kit.views.layout.routes import Box, Route
from ddd_kit.views.mapping.cards import NARROWEST

GAP_X, GAP_Y = 32.0, 16.0
WIDEST = 1280.0  # px of a flow; a cell of a notebook is about 1,000 px wide
AGAIN = "\0"  # ends the key of an element that is drawn a second time, on the right
COLUMNS = {
    "command": 0, "application service": 0, "other context": 0, "domain service": 0, "command stream": 1,
    "aggregate": 2, "event": 3, "stream": 4, "event handler": 5, "projector": 5, "process manager": 5,
    "subscriber": 5, "projection": 6, "query handler": 7,
}  # fmt: skip
LAST = 6

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """Where everything stands; all numbers in px. The same one is given for the same model.

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


def arranged(
    kinds: Mapping[str, str], sizes: Mapping[str, Size], edges: Iterable[Edge], between: float = 0.0
) -> Arrangement:
    """Lay a map out.

    A model whose handlers lead from one aggregate to the next and so on makes a flow that is too wide to
    read. It gets a column a kind, and what handlers change or issue is drawn again on the right; what only
    they lead to stands there alone.

    Args:
        kinds: the kind of each element, a key of `COLUMNS`, by name.
        sizes: width and height of each element in px, and of it drawn again under its name and `AGAIN`.
        edges: pairs of names.
        between: room that is needed between two columns at the least, in px.

    Returns:
        Boxes and routes.

    >>> kinds = {"Order": "aggregate", "OrderPaid": "event"}
    >>> sizes = dict.fromkeys([*kinds, "Order" + AGAIN, "OrderPaid" + AGAIN], (100, 40))
    >>> arranged(kinds, sizes, [("Order", "OrderPaid")]).boxes["OrderPaid"].x
    132.0
    """
    return _remembered(tuple(kinds.items()), tuple(sizes.items()), tuple(edges), max(GAP_X, between))


@lru_cache(maxsize=32)
def _remembered(
    kinds: tuple[tuple[str, str], ...],
    sizes: tuple[tuple[str, Size], ...],
    edges: tuple[Edge, ...],
    gap: float,
) -> Arrangement:
    """The layout, remembered: a step back or forward moves nothing, and takes no time."""
    kind_of: dict[str, str] = dict(kinds)
    size_of: dict[Hashable, Size] = dict(sizes)
    plain = nx.DiGraph()
    plain.add_nodes_from(kind_of)
    plain.add_edges_from(edges)
    if _least_width(plain) <= WIDEST:
        found = _laid_out(plain, size_of, GAP_X)
        if found.width <= WIDEST:  # whatever the gap: numbers that grow shall not make it another picture
            return found if gap == GAP_X else _laid_out(plain, size_of, gap)
    back = {(u, v) for u, v in edges if u != v and _goes_back(kind_of[u], kind_of[v])}
    ends = {v for _, v in back if not plain.out_degree(v) and all(edge in back for edge in plain.in_edges(v))}
    turned = nx.DiGraph()
    turned.add_nodes_from(kind_of)
    turned.add_edges_from((u, v + AGAIN if (u, v) in back and v not in ends else v) for u, v in edges)
    ranks: dict[Hashable, int] = {
        name: COLUMNS[kind_of[name]] if name in kind_of and name not in ends else LAST for name in turned
    }
    return _laid_out(turned, size_of, gap, ranks)


def _goes_back(source: str, target: str) -> bool:
    return COLUMNS[source] > COLUMNS[target]


def _least_width(plain: nx.DiGraph) -> float:
    """What a flow needs at the least: cheaper to know than its layout."""
    layers: int = nx.dag_longest_path_length(nx.condensation(plain)) + 1 if plain else 0
    return layers * (NARROWEST + GAP_X) - GAP_X


def _laid_out(
    plain: nx.DiGraph, sizes: dict[Hashable, Size], gap: float, ranks: dict[Hashable, int] | None = None
) -> Arrangement:
    layout = layered(plain, sizes, ranks=ranks, gap_x=gap, gap_y=GAP_Y)
    boxes, routes = cast("dict[str, Box]", layout.boxes), cast("dict[Edge, Route]", layout.routes)
    return Arrangement(layout.width, layout.height, boxes, routes)
