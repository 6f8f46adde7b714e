"""From a graph to coordinates: a layered drawing from left to right, in plain Python.

The steps are those of Sugiyama, Tagawa and Toda (1981): turn round the edges that close cycles and give each
node a column (`layering`), order the columns so that few edges cross (`crossings`), place the nodes so that
flows run straight (`alignment`, `settling`), draw the lines (`routes`). `drawing` puts the steps together.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from ddd_kit.views.layout.drawing import Drawing, Size
from ddd_kit.views.layout.routes import Box, Route, path_data

__all__ = ["Box", "Layout", "Route", "layered", "path_data"]


@dataclass(frozen=True)
class Layout:
    """Where to draw a graph; all numbers in px, from the upper left corner.

    Attributes:
        width: width of the drawing.
        height: height of the drawing.
        boxes: the rectangle of each node, in the graph's order.
        routes: for each pair of nodes with an edge the points of its line, in the direction of the edge;
            parallel edges share one. `path_data` makes a smooth SVG path of it.
    """

    width: float
    height: float
    boxes: dict[Hashable, Box]
    routes: dict[tuple[Hashable, Hashable], Route]


def layered(
    graph: nx.DiGraph | nx.MultiDiGraph,
    sizes: Mapping[Hashable, Size],
    *,
    ranks: Mapping[Hashable, int] | None = None,
    gap_x: float = 44,
    gap_y: float = 20,
) -> Layout:
    """Lay a directed graph out in columns, as its edges flow from left to right.

    Edges lead from the right side of a box to the left side of another. Where edges close a cycle, the node
    nearest to where the flow enters comes left, or else the one added first; the edge that leads back to it
    leaves on the left and arrives on the right. Parts that are not connected are stacked in common columns;
    nodes without edges to others come last, in rows.

    The same graph, with nodes and edges added in the same order, always gives the same layout.

    Args:
        graph: the nodes and edges; self loops, parallel edges and cycles are fine.
        sizes: width and height of each node in px.
        ranks: the columns to put the nodes in, for all nodes, as integers that grow to the right; without it
            they follow from the edges. Nodes without edges stay in their columns then, too.
        gap_x: free room between two columns in px, more than 0; up to twice as much where lines are steep.
        gap_y: free room between two boxes of a column in px, more than 0.

    Returns:
        Boxes and routes, from (0, 0) on; an empty graph gives a layout of size 0.

    Raises:
        ValueError: the graph has no directions, a node has no size or no rank, or a number is out of range.

    >>> import networkx as nx
    >>> graph = nx.DiGraph([("PlaceOrder", "Order")])
    >>> layout = layered(graph, {"PlaceOrder": (90, 34), "Order": (60, 34)}, gap_x=40)
    >>> layout.boxes["Order"]
    Box(x=130, y=0.0, width=60, height=34)
    >>> layout.routes["PlaceOrder", "Order"]
    [(90, 17.0), (130, 17.0)]
    """
    _check(graph, sizes, ranks, gap_x, gap_y)
    names = list(graph)
    number = {name: i for i, name in enumerate(names)}
    plain = nx.DiGraph()
    plain.add_nodes_from(range(len(names)))
    plain.add_edges_from((number[u], number[v]) for u, v in graph.edges())
    fixed = None if ranks is None else _without_empty([ranks[name] for name in names])
    drawing = Drawing([sizes[name] for name in names], gap_x, gap_y)
    drawing.draw(plain, fixed)
    return Layout(
        drawing.width,
        drawing.height,
        {name: drawing.boxes[i] for i, name in enumerate(names)},
        {(names[u], names[v]): drawing.routes[u, v] for u, v in plain.edges()},
    )


def _check(
    graph: nx.DiGraph,
    sizes: Mapping[Hashable, Size],
    ranks: Mapping[Hashable, int] | None,
    gap_x: float,
    gap_y: float,
) -> None:
    if not graph.is_directed():
        raise ValueError("A layered layout needs a directed graph; make one with graph.to_directed().")
    if not (gap_x > 0 and gap_y > 0):
        raise ValueError(f"Gaps must be more than 0 px, not gap_x={gap_x!r}, gap_y={gap_y!r}.")
    for node in graph:
        if node not in sizes:
            raise ValueError(f"Node {node!r} has no size; add sizes[{node!r}] = (width, height).")
        if not all(math.isfinite(side) and side > 0 for side in sizes[node]):
            raise ValueError(f"Node {node!r} has the size {sizes[node]!r}; both numbers must be more than 0.")
        if ranks is not None and node not in ranks:
            raise ValueError(f"Node {node!r} has no rank; ranks must name all nodes or be left out.")


def _without_empty(ranks: Sequence[int]) -> list[int]:
    order = {rank: i for i, rank in enumerate(sorted(set(ranks)))}
    return [order[rank] for rank in ranks]
