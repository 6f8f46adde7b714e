"""Entries as a tree: grouped by cell, indented by cause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ddd_kit.journal.entry import Entry
from ddd_kit.journal.journal import Entries
from ddd_kit.journal.sentence import phrase

LONGEST = 200
SYMBOLS = {
    "command": "▶",
    "event": "●",
    "handled": "◆",
    "skipped": "◇",
    "changed": "■",
    "rejected": "✗",
    "unhandled": "○",
    "defined": "+",
}


@dataclass(slots=True)
class Node:
    """An entry and what it led to."""

    entry: Entry
    children: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class CellGroup:
    """What one cell did.

    Attributes:
        cell: its label, or None for entries from nowhere in particular.
        nodes: the entries that nothing before them in this cell led to.
    """

    cell: str | None
    nodes: list[Node] = field(default_factory=list)


def group(entries: Entries, *, definitions: bool = False) -> list[CellGroup]:
    """The tree of some entries.

    Args:
        entries: a journal or a part of one.
        definitions: whether entries of the kind `defined` are among them.

    Returns:
        Groups in the order in which the cells ran; a cell that ran twice under one number is one group.
    """
    groups: list[CellGroup] = []
    nodes: dict[int, Node] = {}
    for entry in entries:
        if entry.kind == "defined" and not definitions:
            continue
        if not groups or groups[-1].cell != entry.cell:
            groups.append(CellGroup(entry.cell))
            nodes = {}
        node = nodes[entry.step] = Node(entry)
        parent = nodes.get(entry.cause or 0)
        (parent.children if parent else groups[-1].nodes).append(node)
    return groups


def to_text(entries: Entries) -> str:
    """The tree of some entries as text; of a long journal the end.

    Args:
        entries: a journal or a part of one.

    Returns:
        Lines: `In [6]`, and below it what it did.
    """
    shown = entries[-LONGEST:]
    lines = [line for part in group(shown) for line in _group_lines(part)]
    if len(entries) > len(shown):
        lines.insert(0, f"… {len(entries) - len(shown):,} earlier entries, as domain.journal[:100]")
    return "\n".join(lines) or "The journal is empty: nothing has happened yet."


def _group_lines(part: CellGroup) -> Iterator[str]:
    yield part.cell or "outside a cell"
    for node in part.nodes:
        yield from _node_lines(node, 1)


def _node_lines(root: Node, depth: int) -> Iterator[str]:
    """Without recursion: a chain of causes may be a thousand long."""
    stack = [(root, depth)]
    while stack:
        node, level = stack.pop()
        yield f"{'  ' * min(level, 20)}{SYMBOLS[node.entry.kind]} {phrase(node.entry)}"
        stack += [(child, level + 1) for child in reversed(node.children)]
