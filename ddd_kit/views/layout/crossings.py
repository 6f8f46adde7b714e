"""The order of nodes within the columns of a layered drawing, chosen so that few edges cross."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

Edge = tuple[int, int]
Columns = list[list[int]]

PATIENCE = 4  # sweeps without progress before a start is given up
HOPEFUL = 1.6  # orders with more than so many times the least crossings are not worth transposing


@dataclass(frozen=True)
class ProperGraph:
    """A graph whose edges all lead from one column to the next.

    Edges that span several columns are cut into pieces by *dummy* nodes, one in each column they pass
    (Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures", 1981).

    Attributes:
        columns: the nodes of each column, top to bottom; numbers from ``real`` on are dummies.
        before: for each node its neighbours in the column to its left.
        after: for each node its neighbours in the column to its right.
        chains: for each edge, in the order they were given, the nodes it leads through, both ends included.
        real: how many nodes are not dummies.
    """

    columns: Columns
    before: list[list[int]]
    after: list[list[int]]
    chains: list[list[int]]
    real: int

    @property
    def dummies(self) -> int:
        """How many dummies there are."""
        return len(self.before) - self.real

    def is_dummy(self, node: int) -> bool:
        """Say whether the node only stands for an edge that passes."""
        return node >= self.real


def proper(column_of: Sequence[int], edges: Iterable[Edge]) -> ProperGraph:
    """Cut long edges into pieces.

    Args:
        column_of: the column of each node, counted from 0.
        edges: pairs of node numbers, of which the first stands in a column further left.

    Returns:
        The graph with dummies; nodes keep their order within their column.

    >>> proper([0, 1, 2], [(0, 1), (1, 2), (0, 2)]).columns
    [[0], [1, 3], [2]]
    """
    columns: Columns = [[] for _ in range(max(column_of, default=-1) + 1)]
    for node, number in enumerate(column_of):
        columns[number].append(node)
    chains: list[list[int]] = []
    count = len(column_of)
    for source, target in edges:
        passed = range(column_of[source] + 1, column_of[target])
        dummies = list(range(count, count + len(passed)))
        count += len(passed)
        for number, dummy in zip(passed, dummies, strict=True):
            columns[number].append(dummy)
        chains.append([source, *dummies, target])
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for chain in chains:
        for left, right in pairwise(chain):
            after[left].append(right)
            before[right].append(left)
    return ProperGraph(columns, before, after, chains, len(column_of))


def count_crossings(graph: ProperGraph, columns: Columns) -> int:
    """Return how many pairs of edge pieces cross when the columns are ordered so.

    Args:
        graph: the graph.
        columns: its nodes, ordered anew within each column.

    >>> graph = proper([0, 0, 1, 1], [(0, 3), (1, 2)])
    >>> count_crossings(graph, graph.columns), count_crossings(graph, [[0, 1], [3, 2]])
    (1, 0)
    """
    position = _positions(graph, columns)
    return sum(_crossings_after(column, graph.after, position) for column in columns)


def untangle(graph: ProperGraph) -> Columns:
    """Return the columns in an order with few crossings.

    Each of a few starts is improved by sweeps to the right and to the left that sort every column by the
    barycentres of its neighbours (Sugiyama et al. 1981), and by exchanging neighbours as long as that helps
    (*transpose* in Gansner et al. 1993). The same graph always gives the same order.

    >>> untangle(proper([0, 0, 1, 1], [(0, 3), (1, 2)]))
    [[0, 1], [3, 2]]
    """
    best, least = graph.columns, None
    for start in islice(_starts(graph), _affordable(graph)):
        columns, crossings = _improved(graph, start)
        if least is None or crossings < least:
            best, least = columns, crossings
        if least == 0:
            break
    return _upright(graph, best)


def _affordable(graph: ProperGraph) -> int:
    """How many starts to try: each saves about 2% more, but a large map shall not keep its reader waiting."""
    return 4 if len(graph.before) <= 200 else 2 if len(graph.before) <= 1000 else 1


def _starts(graph: ProperGraph) -> Iterator[Columns]:
    rightwards = [node for column in graph.columns for node in column]
    leftwards = [node for column in reversed(graph.columns) for node in column]
    yield _as_reached(graph, rightwards, depth_first=True)
    yield _as_reached(graph, leftwards, depth_first=True)
    yield _as_reached(graph, rightwards, depth_first=False)
    yield _as_reached(graph, leftwards, depth_first=False)


def _as_reached(graph: ProperGraph, roots: Iterable[int], *, depth_first: bool) -> Columns:
    """Order each column as a search over the edges, seen without direction, comes to its nodes."""
    number = {node: i for i, column in enumerate(graph.columns) for node in column}
    columns: Columns = [[] for _ in graph.columns]
    seen: set[int] = set()
    for root in roots:
        fresh = [root]
        while fresh:
            node = fresh.pop() if depth_first else fresh.pop(0)
            if node in seen:
                continue
            seen.add(node)
            columns[number[node]].append(node)
            around = [n for n in graph.after[node] + graph.before[node] if n not in seen]
            fresh += reversed(around) if depth_first else around
    return columns


def _improved(graph: ProperGraph, start: Columns) -> tuple[Columns, int]:
    order = _Order(graph, start)
    best, least = start, order.crossings()
    failures = sweep = 0
    while least and failures < PATIENCE:
        order.sweep(rightwards=sweep % 2 == 0, ties_turned=sweep % 4 >= 2)
        crossings = order.crossings()
        if crossings < least * HOPEFUL:
            crossings -= order.transpose()
        sweep, failures = sweep + 1, failures + 1
        if crossings < least:
            best, least, failures = [list(column) for column in order.columns], crossings, 0
    return best, least


def _upright(graph: ProperGraph, columns: Columns) -> Columns:
    """Turn the drawing upside down if then more nodes stand in the order in which they were given."""
    pairs = 0
    for column in columns:
        nodes = [node for node in column if not graph.is_dummy(node)]
        pairs += sum(1 if one < other else -1 for one, other in pairwise(nodes))
    return columns if pairs >= 0 else [column[::-1] for column in columns]


class _Order:
    """An order of the columns while it is being improved."""

    def __init__(self, graph: ProperGraph, columns: Columns) -> None:
        self.graph = graph
        self.columns = [list(column) for column in columns]
        self.position = _positions(graph, columns)

    def crossings(self) -> int:
        return sum(_crossings_after(column, self.graph.after, self.position) for column in self.columns)

    def sweep(self, *, rightwards: bool, ties_turned: bool) -> None:
        """Sort each column by the barycentres of its neighbours in the column done before."""
        neighbours = self.graph.before if rightwards else self.graph.after
        numbers = range(len(self.columns))
        for number in numbers if rightwards else reversed(numbers):
            self._place(number, self._sorted(self.columns[number], neighbours, ties_turned))

    def transpose(self) -> int:
        """Exchange nodes that stand one above the other while that helps; return the crossings saved."""
        total = 0
        changed = set(range(len(self.columns)))
        while changed:
            again: set[int] = set()
            for number in sorted(changed):
                saved = self._exchange(number)
                if saved:
                    again |= {number - 1, number + 1}
                    total += saved
            changed = again & set(range(len(self.columns)))
        return total

    def _sorted(self, column: list[int], neighbours: list[list[int]], ties_turned: bool) -> list[int]:
        where = self.position.__getitem__
        centre = {node: sum(map(where, near)) / len(near) for node in column if (near := neighbours[node])}
        moved = iter(sorted(reversed(centre) if ties_turned else centre, key=centre.__getitem__))
        return [next(moved) if node in centre else node for node in column]

    def _exchange(self, number: int) -> int:
        column = self.columns[number]
        where = self.position.__getitem__
        before = {node: sorted(map(where, self.graph.before[node])) for node in column}
        after = {node: sorted(map(where, self.graph.after[node])) for node in column}
        saved = 0
        waiting = list(range(len(column) - 1))
        while waiting:
            exchanged = []
            for i in waiting:
                upper, lower = column[i], column[i + 1]
                gain = _tangle(before[upper], before[lower]) + _tangle(after[upper], after[lower])
                if gain > 0:
                    column[i], column[i + 1] = lower, upper
                    exchanged.append(i)
                    saved += gain
            near = {j for i in exchanged for j in (i - 1, i, i + 1)}
            waiting = sorted(j for j in near if 0 <= j < len(column) - 1)
        if saved:
            self._place(number, column)
        return saved

    def _place(self, number: int, column: list[int]) -> None:
        self.columns[number] = column
        for place, node in enumerate(column):
            self.position[node] = place


def _tangle(upper: list[int], lower: list[int]) -> int:
    """How many crossings fewer there are when two nodes with such neighbours are exchanged."""
    saved = 0
    for above in upper:
        for below in lower:
            if above > below:
                saved += 1
            elif above < below:
                saved -= 1
    return saved


def _crossings_after(column: list[int], after: list[list[int]], position: list[int]) -> int:
    ends: list[int] = []
    crossings = 0
    for node in column:
        for end in sorted([position[target] for target in after[node]]):
            crossings += len(ends) - bisect_right(ends, end)
            insort(ends, end)
    return crossings


def _positions(graph: ProperGraph, columns: Columns) -> list[int]:
    position = [0] * len(graph.before)
    for column in columns:
        for place, node in enumerate(column):
            position[node] = place
    return position
