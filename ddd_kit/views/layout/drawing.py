"""Puts the steps of a layered layout together: parts of a graph below each other, in common columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from ddd_kit.views.layout.alignment import centres
from ddd_kit.views.layout.crossings import ProperGraph, proper, untangle
from ddd_kit.views.layout.layering import flow_columns
from ddd_kit.views.layout.routes import Box, Route, beside, level, loop
from ddd_kit.views.layout.settling import settled

Edge = tuple[int, int]
Size = tuple[float, float]

LOOP = 0.75  # how much of the free room above a box a self loop takes
STEEP = 8  # lines that rise more than so many times the room between columns get up to twice as much
ROWS_ASPECT = 2.5  # width to height of a block of nodes without edges, if nothing else gives its width


@dataclass(frozen=True)
class Part:
    """A connected part of the graph, arranged; its nodes are counted from 0.

    Attributes:
        names: the number of each node in the whole graph.
        column_of: the column of each node.
        edges: the edges from column to column, as they are meant.
        flow: the same edges, all pointing right: ``flow.chains`` has one for each of ``edges``.
        level_edges: the edges within a column.
        y: the vertical centre of each node and dummy in px, from anywhere.
    """

    names: list[int]
    column_of: list[int]
    edges: list[Edge]
    flow: ProperGraph
    level_edges: list[Edge]
    y: list[float]


class Drawing:
    """A layout in the making.

    Args:
        sizes: width and height in px of the nodes 0, 1, 2, ...
        gap_x: free room between columns in px.
        gap_y: free room between boxes in px.

    Attributes:
        boxes: the boxes drawn so far.
        routes: the routes drawn so far.

    >>> drawing = Drawing([(50, 20), (50, 20)], gap_x=40, gap_y=20)
    >>> drawing.draw(nx.DiGraph([(0, 1)]))
    >>> drawing.width, drawing.height, drawing.routes
    (140, 20.0, {(0, 1): [(50, 10.0), (90, 10.0)]})
    """

    def __init__(self, sizes: Sequence[Size], gap_x: float, gap_y: float) -> None:
        self.sizes = sizes
        self.gap_x = gap_x
        self.gap_y = gap_y
        self.boxes: dict[int, Box] = {}
        self.routes: dict[Edge, Route] = {}
        self._lanes: list[tuple[float, float]] = []

    @property
    def width(self) -> float:
        """The right end of all boxes and routes, in px."""
        xs = [x for route in self.routes.values() for x, _ in route]
        return max(xs + [box.right for box in self.boxes.values()], default=0)

    @property
    def height(self) -> float:
        """The lower end of all boxes and routes, in px."""
        ys = [y for route in self.routes.values() for _, y in route]
        return max(ys + [box.bottom for box in self.boxes.values()], default=0)

    def draw(self, graph: nx.DiGraph, ranks: Sequence[int] | None = None) -> None:
        """Place all nodes and edges.

        Args:
            graph: nodes 0, 1, 2, ... and their edges.
            ranks: the column of each node, if that is not to follow from the edges.
        """
        connected, alone = _components(graph)
        if ranks is not None and alone:
            connected, alone = [*connected, alone], []
        parts = [self._arranged(graph, names, ranks) for names in connected]
        self._lanes = self._common_columns(parts)
        loops = dict.fromkeys(nx.nodes_with_selfloops(graph), self.gap_y * LOOP)
        for part in parts:
            self._draw_part(part, loops)
        self._draw_rows(alone, loops)
        self.routes |= {(node, node): loop(self.boxes[node], reach) for node, reach in loops.items()}

    def _arranged(self, graph: nx.DiGraph, names: list[int], ranks: Sequence[int] | None) -> Part:
        """Give a part's nodes their columns, their order and their height."""
        number = {name: i for i, name in enumerate(names)}
        edges = [(number[u], number[v]) for u in names for v in graph.succ[u] if u != v]
        column_of = _columns(len(names), edges) if ranks is None else [ranks[name] for name in names]
        across = [(u, v) for u, v in edges if column_of[u] != column_of[v]]
        flow = proper(column_of, [(u, v) if column_of[u] < column_of[v] else (v, u) for u, v in across])
        heights = [self.sizes[name][1] for name in names] + [0.0] * flow.dummies
        order = untangle(flow)
        y = settled(flow, order, centres(flow, order, heights, self.gap_y), heights, self.gap_y)
        level_edges = [(u, v) for u, v in edges if column_of[u] == column_of[v]]
        return Part(names, column_of, across, flow, level_edges, y)

    def _common_columns(self, parts: list[Part]) -> list[tuple[float, float]]:
        """Left and right side of each column: all parts share them, which makes for a calm picture."""
        steepest = self._steepest(parts)
        widths: dict[int, float] = {}
        for part in parts:
            for name, column in zip(part.names, part.column_of, strict=True):
                widths[column] = max(widths.get(column, 0), self.sizes[name][0])
        lanes: list[tuple[float, float]] = []
        for column in range(len(widths)):
            room = self.gap_x * min(2, max(1, steepest.get(column, 0) / (self.gap_x * STEEP)))
            left = lanes[-1][1] + room if lanes else 0
            lanes.append((left, left + widths[column]))
        return lanes

    def _steepest(self, parts: list[Part]) -> dict[int, float]:
        """How far, in px, lines rise or fall at most between each column and the one before."""
        rises: dict[int, float] = {}
        for part in parts:
            for chain in part.flow.chains:
                for column, (left, right) in enumerate(pairwise(chain), part.column_of[chain[0]] + 1):
                    rises[column] = max(rises.get(column, 0), abs(part.y[left] - part.y[right]))
        return rises

    def _draw_part(self, part: Part, loops: dict[int, float]) -> None:
        """Place a part under all that is there."""
        tops = [part.y[i] - self.sizes[name][1] / 2 - loops.get(name, 0) for i, name in enumerate(part.names)]
        down = self._free_y() - min(tops + part.y)
        y = [down + centre for centre in part.y]
        for i, name in enumerate(part.names):
            width, height = self.sizes[name]
            self.boxes[name] = Box(self._lanes[part.column_of[i]][0], y[i] - height / 2, width, height)
        for (u, v), chain in zip(part.edges, part.flow.chains, strict=True):
            self.routes[part.names[u], part.names[v]] = self._route(part, chain, y, turned=chain[0] != u)
        for u, v in part.level_edges:
            side = self._lanes[part.column_of[u]][1]
            ends = part.names[u], part.names[v]
            self.routes[ends] = beside(self.boxes[ends[0]], self.boxes[ends[1]], side, self.gap_x / 2)

    def _route(self, part: Part, chain: list[int], y: list[float], *, turned: bool) -> Route:
        left, right = (self.boxes[part.names[end]] for end in (chain[0], chain[-1]))
        first, last = part.column_of[chain[0]], part.column_of[chain[-1]]
        heights = [y[node] for node in chain]
        if turned:  # beside the edges that end at the middle, so that both can be told apart
            heights[0] += _aside(left, heights[1] - heights[0], len(chain))
            heights[-1] += _aside(right, heights[-2] - heights[-1], len(chain))
        starts = [left.right, *(lane[0] for lane in self._lanes[first + 1 : last + 1])]
        ends = [*(lane[1] for lane in self._lanes[first:last]), right.x]
        route = level(zip(starts, ends, heights, strict=True))
        return route[::-1] if turned else route

    def _draw_rows(self, names: list[int], loops: dict[int, float]) -> None:
        """Place nodes without edges to others in rows, as wide as what is drawn above them."""
        room = sum((self.sizes[n][0] + self.gap_y) * (self.sizes[n][1] + self.gap_y) for n in names)
        for row in self._rows(names, max(self.width, math.sqrt(room * ROWS_ASPECT))):
            x, y = 0.0, self._free_y() + max(loops.get(name, 0) for name in row)
            for name in row:
                self.boxes[name] = Box(x, y, *self.sizes[name])
                x += self.sizes[name][0] + self.gap_y

    def _rows(self, names: list[int], width: float) -> Iterator[list[int]]:
        row: list[int] = []
        end = 0.0
        for name in names:
            if row and end + self.sizes[name][0] > width:
                yield row
                row, end = [], 0.0
            row.append(name)
            end += self.sizes[name][0] + self.gap_y
        if row:
            yield row

    def _free_y(self) -> float:
        return self.height + self.gap_y if self.boxes else 0.0


def _aside(box: Box, towards: float, length: int) -> float:
    """How far from the middle of a box an edge against the flow ends: on the side it comes from."""
    upwards = towards < 0 and length > 2  # a short one stays below, parallel to the edge that leads there
    return -box.height / 4 if upwards else box.height / 4


def _columns(count: int, edges: list[Edge]) -> list[int]:
    graph = nx.DiGraph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(edges)
    columns = flow_columns(graph)
    return [columns[node] for node in range(count)]


def _components(graph: nx.DiGraph) -> tuple[list[list[int]], list[int]]:
    """The nodes of each connected part, by first node, and the nodes without edges to others."""
    parts = sorted(sorted(part) for part in nx.weakly_connected_components(graph))
    return [part for part in parts if len(part) > 1], [part[0] for part in parts if len(part) == 1]
