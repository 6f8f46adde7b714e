"""The last touch on a layered drawing: what stands needlessly far from its neighbours moves towards them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ddd_kit.views.layout.alignment import Heights, distance
from ddd_kit.views.layout.crossings import Columns, ProperGraph

ROUNDS = 12
STRAIGHT = 0.05  # px that the eye does not see


def settled(
    graph: ProperGraph, columns: Columns, centres: list[float], heights: Heights, gap: float
) -> list[float]:
    """Move nodes, together with all that is in a straight line with them, to the median of their neighbours.

    Averaging four drawings leaves some nodes far from the only node they belong to. Lines that are straight
    stay so, and no node passes another (in the manner of *medianpos* and *minedge* in Gansner et al. 1993,
    section 4).

    Args:
        graph: the graph with its dummies.
        columns: its nodes in their final order.
        centres: the vertical centre of each node in px.
        heights: the height of each node in px; 0 for dummies.
        gap: free room between two nodes in px.

    Returns:
        The new centres.

    >>> from ddd_kit.views.layout.crossings import proper
    >>> graph = proper([0, 1, 1], [(0, 1), (0, 2)])
    >>> settled(graph, graph.columns, [0, 0, 90], [10, 10, 10], 8)
    [0, 0, 18.0]
    """
    room = _Room(graph, columns, list(centres), heights, gap)
    for _ in range(ROUNDS):
        lines = sorted(room.lines(), key=lambda line: (abs(room.wish(line)), len(line)))
        if not sum([room.move(line) for line in lines]):
            break
    return room.y


class _Room:
    """The centres while they move, and how much room each node has."""

    def __init__(
        self, graph: ProperGraph, columns: Columns, y: list[float], heights: Heights, gap: float
    ) -> None:
        self.y = y
        self.real = graph.real
        self.near = [before + after for before, after in zip(graph.before, graph.after, strict=True)]
        self.above: dict[int, tuple[int, float]] = {}
        self.below: dict[int, tuple[int, float]] = {}
        for column in columns:
            for upper, lower in pairwise(column):
                apart = distance(graph, heights, gap, upper, lower)
                self.below[upper] = lower, -apart
                self.above[lower] = upper, apart

    def lines(self) -> list[list[int]]:
        """The nodes, grouped by what is joined by straight edges."""
        seen: set[int] = set()
        lines: list[list[int]] = []
        for start in range(len(self.y)):
            if start in seen:
                continue
            line = [start]
            seen.add(start)
            for node in line:
                for other in self.near[node]:
                    if other not in seen and abs(self.y[other] - self.y[node]) < STRAIGHT:
                        seen.add(other)
                        line.append(other)
            lines.append(line)
        return lines

    def wish(self, line: list[int]) -> float:
        """How far down the nearest place is from where the line's edges would be shortest in total."""
        pulls = sorted(pull for node in line for pull in self._pulls(node) if abs(pull) >= STRAIGHT)
        if not pulls:
            return 0.0
        # All places between the two medians are equally good.
        least, most = pulls[(len(pulls) - 1) // 2], pulls[len(pulls) // 2]
        return max(least, min(most, 0.0))

    def move(self, line: list[int]) -> bool:
        """Move a line as far as it wishes and can; say whether it did."""
        by = self.wish(line)
        by = min([by, *self._free(line, self.below)]) if by > 0 else max([by, *self._free(line, self.above)])
        if abs(by) < STRAIGHT:
            return False
        for node in line:
            self.y[node] += by
        return True

    def _pulls(self, node: int) -> Iterator[float]:
        for other in self.near[node]:
            yield self.y[other] - self.y[node]
            if max(node, other) < self.real:  # counts twice: a bend in a long edge is a lesser evil
                yield self.y[other] - self.y[node]

    def _free(self, line: list[int], beside: dict[int, tuple[int, float]]) -> Iterator[float]:
        """How far down each node of a line may move until it meets its neighbour."""
        for node in line:
            if node in beside:
                other, apart = beside[node]
                yield self.y[other] - self.y[node] + apart
