"""Which column each node of a flow stands in: cycles are cut, then edges are made short."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

Edge = tuple[int, int]


def flow_columns(graph: nx.DiGraph) -> dict[int, int]:
    """Return the column of every node of a graph that may have cycles.

    Args:
        graph: a connected graph with at least one node and without self loops.

    Returns:
        Column numbers, of which the smallest is 0; all edges point right but for `feedback_edges`.

    >>> import networkx as nx
    >>> flow_columns(nx.DiGraph([("order", "placed"), ("placed", "policy"), ("policy", "order")]))
    {'order': 0, 'placed': 1, 'policy': 2}
    """
    back = feedback_edges(graph)
    acyclic = nx.DiGraph()
    acyclic.add_nodes_from(graph)
    acyclic.add_edges_from((v, u) if (u, v) in back else (u, v) for u, v in graph.edges())
    return columns(acyclic)


def feedback_edges(graph: nx.DiGraph) -> set[Edge]:
    """Return a minimal set of edges to turn round, so that no cycle is left.

    The flow enters at the nodes without incoming edges, or else at the one added first; nodes are ranked by
    their distance from there, then in the order they were added. Edges to a higher rank stay, then others as
    long as they close no cycle, those to the highest ranks first: so of two nodes that are equally far, the
    one added first comes left. (The greedy heuristic of Eades, Lin and Smyth, 1993, starts flows anywhere.)

    Args:
        graph: a directed graph without self loops.

    Returns:
        The edges that point against the flow; turning round any fewer of them leaves a cycle.

    >>> import networkx as nx
    >>> feedback_edges(nx.DiGraph([(0, 1), (1, 2), (2, 0)]))
    {(2, 0)}
    """
    rank = {node: i for i, node in enumerate(_by_distance(graph))}
    within = {node: i for i, part in enumerate(nx.strongly_connected_components(graph)) for node in part}
    cyclic = [(u, v) for u, v in graph.edges() if within[u] == within[v]]
    after: dict[int, list[int]] = {node: [] for node in graph}
    for source, target in cyclic:
        if rank[source] < rank[target]:
            after[source].append(target)
    back: set[Edge] = set()
    against = [edge for edge in cyclic if rank[edge[0]] > rank[edge[1]]]
    for source, target in sorted(against, key=lambda edge: (-rank[edge[1]], rank[edge[0]])):
        if _leads_to(after, target, source):
            back.add((source, target))
        else:
            after[source].append(target)
    return back


def _by_distance(graph: nx.DiGraph) -> list[int]:
    """The nodes, breadth first from where the flow enters; then likewise what that misses."""
    given = {node: i for i, node in enumerate(graph)}
    reached: list[int] = []
    fresh = [node for node in graph if not graph.pred[node]]
    seen: set[int] = set()
    for start in [None, *graph]:
        if start is not None and start not in seen:
            fresh = [start]
        while fresh:
            seen.update(fresh)
            reached += fresh
            fresh = sorted({n for node in fresh for n in graph.succ[node]} - seen, key=given.__getitem__)
    return reached


def _leads_to(after: dict[int, list[int]], start: int, goal: int) -> bool:
    seen = {start}
    fresh = [start]
    while fresh:
        for node in after[fresh.pop()]:
            if node == goal:
                return True
            if node not in seen:
                seen.add(node)
                fresh.append(node)
    return False


def columns(graph: nx.DiGraph) -> dict[int, int]:
    """Return the column of every node such that all edges point right and their total length is least.

    The method is the network simplex of Gansner, Koutsofios, North and Vo, "A Technique for Drawing Directed
    Graphs" (1993), section 2.3. It starts from the longest paths.

    Args:
        graph: a connected acyclic graph with at least one node.

    Returns:
        Column numbers, of which the smallest is 0.

    >>> import networkx as nx
    >>> columns(nx.DiGraph([("a", "b"), ("b", "c"), ("d", "c")]))
    {'a': 0, 'b': 1, 'c': 2, 'd': 1}
    """
    column = longest_paths(graph)
    tree = _Tree(graph, column)
    # Degenerate steps could go round for ever in theory, and a drawing does not need the last unit of length.
    for _ in range(4 * len(graph) + 20):
        if not tree.improve():
            break
    first = min(column.values())
    return {node: column[node] - first for node in graph}


def longest_paths(graph: nx.DiGraph) -> dict[int, int]:
    """Return for every node the number of edges of the longest path that leads to it.

    Args:
        graph: an acyclic graph.

    Raises:
        networkx.NetworkXUnfeasible: the graph has a cycle.

    >>> import networkx as nx
    >>> longest_paths(nx.DiGraph([(0, 1), (1, 2), (0, 2)]))
    {0: 0, 1: 1, 2: 2}
    """
    return {node: number for number, layer in enumerate(nx.topological_generations(graph)) for node in layer}


class _Tree:
    """A spanning tree of edges that are one column long, and the steps which make it the best such tree.

    The tree is kept rooted: each node but the root hangs on the rest of the graph by one tree edge. A node's
    *pull* is its outgoing minus its incoming edges, so moving a branch right by one column shortens the
    drawing by the sum of its pulls: these sums are the cut values of the paper.
    """

    def __init__(self, graph: nx.DiGraph, column: dict[int, int]) -> None:
        self.column = column
        self.after = {node: list(graph.succ[node]) for node in graph}
        self.before = {node: list(graph.pred[node]) for node in graph}
        self.root = next(iter(graph))
        self.neighbours: dict[int, list[int]] = {node: [] for node in graph}
        self._span()

    def improve(self) -> bool:
        """Move the branch that wants it most; say whether there was one."""
        parent, order = self._rooted()
        pull = {node: len(self.after[node]) - len(self.before[node]) for node in order}
        for node in reversed(order[1:]):
            pull[parent[node]] += pull[node]
        node = max(order, key=lambda n: self._gain(n, parent, pull))
        if self._gain(node, parent, pull) <= 0:
            return False
        self._move(node, parent, rightwards=pull[node] > 0)
        return True

    def _gain(self, node: int, parent: dict[int, int], pull: dict[int, int]) -> int:
        if node == self.root:
            return 0
        hangs_right_of_parent = self.column[node] > self.column[parent[node]]
        return pull[node] if hangs_right_of_parent else -pull[node]

    def _move(self, top: int, parent: dict[int, int], *, rightwards: bool) -> None:
        branch = self._branch(top, parent[top])
        edges = self._leaving(branch) if rightwards else self._entering(branch)
        slack, inside, outside = min(edges)
        self._shift(branch, slack if rightwards else -slack)
        self._unlink(top, parent[top])
        self._link(inside, outside)

    def _span(self) -> None:
        """Grow the tree from the root; where no edge is short enough, move what is grown so far."""
        reached: dict[int, None] = {self.root: None}
        fresh = [self.root]
        while True:
            while fresh:
                self._grow(fresh.pop(), reached, fresh)
            if len(reached) == len(self.column):
                return
            rightwards = [(slack, 1, node) for slack, node, _ in self._leaving(reached)]
            leftwards = [(slack, -1, node) for slack, node, _ in self._entering(reached)]
            slack, direction, node = min(rightwards + leftwards)
            self._shift(reached, slack * direction)
            fresh.append(node)

    def _grow(self, node: int, reached: dict[int, None], fresh: list[int]) -> None:
        here = self.column[node]
        tight = [n for n in self.after[node] if self.column[n] == here + 1]
        tight += [n for n in self.before[node] if self.column[n] == here - 1]
        for other in tight:
            if other not in reached:
                reached[other] = None
                fresh.append(other)
                self._link(node, other)

    def _rooted(self) -> tuple[dict[int, int], list[int]]:
        parent = {self.root: self.root}
        order = [self.root]
        for node in order:
            for other in self.neighbours[node]:
                if other not in parent:
                    parent[other] = node
                    order.append(other)
        return parent, order

    def _branch(self, top: int, parent: int) -> dict[int, None]:
        branch = {top: None}
        fresh = [top]
        while fresh:
            for other in self.neighbours[fresh.pop()]:
                if other not in branch and other != parent:
                    branch[other] = None
                    fresh.append(other)
        return branch

    def _leaving(self, nodes: dict[int, None]) -> list[tuple[int, int, int]]:
        """Edges out of the nodes as (how much too long, end inside, end outside)."""
        column = self.column
        return [(column[o] - column[n] - 1, n, o) for n in nodes for o in self.after[n] if o not in nodes]

    def _entering(self, nodes: dict[int, None]) -> list[tuple[int, int, int]]:
        column = self.column
        return [(column[n] - column[o] - 1, n, o) for n in nodes for o in self.before[n] if o not in nodes]

    def _shift(self, nodes: Iterable[int], by: int) -> None:
        for node in nodes:
            self.column[node] += by

    def _link(self, one: int, other: int) -> None:
        self.neighbours[one].append(other)
        self.neighbours[other].append(one)

    def _unlink(self, one: int, other: int) -> None:
        self.neighbours[one].remove(other)
        self.neighbours[other].remove(one)
