"""Entries as a tree: grouped by cell, indented by cause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ddd_kit.journal.entries import Entries
from ddd_kit.journal.entry import DEFINED, REBUILT, Entry, is_heard_again
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.process_mark import phrase_of
from ddd_kit.journal.story import beginning

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
    "fault": "↯",
    "called": "⌂",
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
        if not definitions and _is_definition(entry):
            continue
        if not groups or groups[-1].cell != entry.cell:
            groups.append(CellGroup(entry.cell))
            nodes = {}
        node = nodes[entry.step] = Node(entry)
        parent = nodes.get((entry.chain if is_heard_again(entry) else entry.cause) or 0)
        (parent.children if parent else groups[-1].nodes).append(node)
    return groups


def _is_definition(entry: Entry) -> bool:
    """Where a projection is rebuilt, something happens."""
    return entry.kind == DEFINED and getattr(entry, "change", None) != REBUILT


def first_shown(entries: Entries, longest: int, *, definitions: bool) -> int:
    """Where the end of a long journal begins.

    Args:
        entries: a journal or a part of one.
        longest: how many entries are shown at most.
        definitions: whether entries of the kind `defined` are shown.

    Returns:
        The place of the first entry that is shown, from 0.
    """
    left = longest
    for place in range(len(entries) - 1, -1, -1):
        if definitions or not _is_definition(entries[place]):
            left -= 1
        if left == 0:
            return place
    return 0


def only_definitions(entries: Entries) -> bool:
    """Whether somebody asked for definitions; in a whole journal they are left out."""
    return not isinstance(entries, Journal) and all(entry.kind == "defined" for entry in entries)


def nothing(entries: Entries) -> str:
    """What is said where no entry is shown.

    Args:
        entries: a journal or a part of one.

    Returns:
        A sentence.
    """
    if not isinstance(entries, Journal):
        return "No entries: nothing of the kind has happened."
    if not len(entries):
        told = beginning(entries)
        return f"The journal is empty: {told[:1].lower()}{told[1:]}"
    return f"Nothing has happened yet but {len(entries):,} definition{'' if len(entries) == 1 else 's'}."


def to_text(entries: Entries) -> str:
    """The tree of some entries as text; of a long journal the end.

    Args:
        entries: a journal or a part of one.

    Returns:
        Lines: `In [6]`, and below it what it did.
    """
    definitions = only_definitions(entries)
    first = first_shown(entries, LONGEST, definitions=definitions)
    groups = group(entries[first:], definitions=definitions)
    lines = [line for part in groups for line in _group_lines(part, entries._journal)]
    if not lines:
        return nothing(entries)
    earlier = [f"… {first:,} earlier entries: slice the journal to see them, as in domain.journal[:100]"]
    return "\n".join([*(earlier if first else []), *lines])


def _group_lines(part: CellGroup, journal: Journal) -> Iterator[str]:
    yield part.cell or "outside a cell"
    for node in part.nodes:
        yield from _node_lines(node, 1, journal)


def _node_lines(root: Node, depth: int, journal: Journal) -> Iterator[str]:
    """Without recursion: a chain of causes may be a thousand long."""
    stack = [(root, depth)]
    while stack:
        node, level = stack.pop()
        yield f"{'  ' * min(level, 20)}{SYMBOLS[node.entry.kind]} {phrase_of(journal, node.entry)}"
        stack += [(child, level + 1) for child in reversed(node.children)]
