"""Where the nodes of a layered drawing stand within their column, such that flows run straight.

The method is that of Brandes and Koepf, "Fast and Simple Horizontal Coordinate Assignment" (2001): each node
is aligned with the median of its neighbours in four ways (neighbours left or right, upper or lower median),
and the four drawings are averaged. Blocks of aligned nodes are compacted over the graph of blocks, in two
passes, in place of the paper's classes, whose shifts can overlap (Brandes, Walter and Zink, "Erratum", 2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import TopologicalSorter
from itertools import pairwise

from ddd_kit.views.layout.crossings import Columns, Edge, ProperGraph

Heights = Sequence[float]


def centres(graph: ProperGraph, columns: Columns, heights: Heights, gap: float) -> list[float]:
    """Return the vertical centre of every node, dummies included.

    Args:
        graph: the graph with its dummies.
        columns: its nodes in their final order.
        heights: the height of each node in px; 0 for dummies.
        gap: free room between two nodes in px; half of it between a node and a passing edge.

    Returns:
        A centre in px for each node, of which the smallest may be negative.

    >>> from ddd_kit.views.layout.crossings import proper
    >>> chain = proper([0, 1, 2], [(0, 1), (1, 2)])
    >>> centres(chain, chain.columns, [10, 30, 20], 8)
    [0.0, 0.0, 0.0]
    """
    blocked = _blocked_pieces(graph, columns)
    drawings = [
        _drawing(graph, columns, heights, gap, blocked, leftwards=leftwards, upwards=upwards)
        for leftwards in (False, True)
        for upwards in (False, True)
    ]
    narrowest = min(drawings, key=_extent)
    for drawing, upwards in zip(drawings, (False, True, False, True), strict=True):
        end = max if upwards else min
        shift = end(narrowest) - end(drawing)
        drawing[:] = [y + shift for y in drawing]
    return [sum(sorted(ys)[1:3]) / 2 for ys in zip(*drawings, strict=True)]


def distance(graph: ProperGraph, heights: Heights, gap: float, upper: int, lower: int) -> float:
    """Return how far apart the centres of two neighbours in a column have to be, in px.

    >>> from ddd_kit.views.layout.crossings import proper
    >>> distance(proper([0, 0], []), [10, 30], 8, 0, 1)
    28.0
    """
    room = gap / 2 if graph.is_dummy(upper) or graph.is_dummy(lower) else gap
    return (heights[upper] + heights[lower]) / 2 + room


def _extent(drawing: list[float]) -> float:
    return max(drawing, default=0) - min(drawing, default=0)


def _blocked_pieces(graph: ProperGraph, columns: Columns) -> set[Edge]:
    """Pieces that cross an inner piece of a long edge, which shall stay straight ("type 1 conflicts")."""
    blocked: set[Edge] = set()
    for left, right in pairwise(columns):
        place = {node: i for i, node in enumerate(left)}
        upper_bound, waiting = -1, []
        for node in right:
            waiting.append(node)
            inner = _inner_neighbour(graph, node)
            if inner is None and node != right[-1]:
                continue
            lower_bound = len(left) if inner is None else place[inner]
            for other in waiting:
                if _inner_neighbour(graph, other) is None:
                    blocked |= {
                        (near, other)
                        for near in graph.before[other]
                        if not upper_bound <= place[near] <= lower_bound
                    }
            upper_bound, waiting = lower_bound, []
    return blocked


def _inner_neighbour(graph: ProperGraph, node: int) -> int | None:
    """The dummy before a dummy, if there is one."""
    if graph.is_dummy(node) and graph.is_dummy(graph.before[node][0]):
        return graph.before[node][0]
    return None


def _drawing(
    graph: ProperGraph,
    columns: Columns,
    heights: Heights,
    gap: float,
    blocked: set[Edge],
    *,
    leftwards: bool,
    upwards: bool,
) -> list[float]:
    """One of the four drawings: aligned with one side's neighbours, by the upper or lower median."""
    if upwards:
        columns = [column[::-1] for column in columns]
    neighbours = graph.before
    if leftwards:
        columns, neighbours = columns[::-1], graph.after
        blocked = {(right, left) for left, right in blocked}
    block_of = _blocks(columns, neighbours, blocked)
    place = _compacted(graph, columns, block_of, heights, gap)
    sign = -1.0 if upwards else 1.0
    return [sign * place[block] for block in block_of]


def _blocks(columns: Columns, neighbours: list[list[int]], blocked: set[Edge]) -> list[int]:
    """Name for every node the block it belongs to, by the block's first node."""
    block_of = list(range(len(neighbours)))
    position = {node: i for column in columns for i, node in enumerate(column)}
    for column in columns:
        last = -1
        for node in column:
            near = sorted(neighbours[node], key=position.__getitem__)
            for median in near[(len(near) - 1) // 2 : len(near) // 2 + 1]:
                if position[median] > last and (median, node) not in blocked:
                    block_of[node] = block_of[median]
                    last = position[median]
                    break
    return block_of


def _compacted(
    graph: ProperGraph, columns: Columns, block_of: list[int], heights: Heights, gap: float
) -> dict[int, float]:
    """Place the blocks as far up as they go, then each as far down as its lower neighbours let it."""
    below: dict[int, dict[int, float]] = {block: {} for block in block_of}
    for column in columns:
        for upper, lower in pairwise(column):
            one, other = block_of[upper], block_of[lower]
            apart = distance(graph, heights, gap, upper, lower)
            below[one][other] = max(apart, below[one].get(other, 0))
    upwards = list(TopologicalSorter(below).static_order())
    place: dict[int, float] = dict.fromkeys(upwards, 0.0)
    for block in reversed(upwards):
        for other, apart in below[block].items():
            place[other] = max(place[other], place[block] + apart)
    for block in upwards:
        if below[block]:
            place[block] = min(place[other] - apart for other, apart in below[block].items())
    return place
