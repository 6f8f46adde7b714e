"""The map in words: as a tree for a terminal, as a sentence for those who cannot see a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ddd_kit.views.cards import plural
from ddd_kit.views.markup import plain
from ddd_kit.views.palette import STYLES
from ddd_kit.views.sketch import FAILED, IDLE, ON, SKIPPED, Arrow, Node, Sketch, count_text

EMPTY = "No elements yet: define one with @domain.aggregate in a cell, and show the map again."
ORDER = ("aggregate", "command", "event", "event handler")
MARKS = {ON: "*", FAILED: "!", SKIPPED: "-"}
MEANINGS = {ON: "* on the path of this step", FAILED: "! failed", SKIPPED: "- skipped"}


def to_text(drawn: Sketch) -> str:
    """The map as text: each aggregate with its commands and events, and who hears them.

    Args:
        drawn: the map.

    Returns:
        Lines; the mark before a line says what became of it in this step.
    """
    lines = [_headline(drawn)]
    if not drawn.nodes:
        return plain(f"{lines[0]}\n  {EMPTY}")
    nodes = {node.card.name: node for node in _once(drawn)}
    told: set[str] = set()
    for node in sorted(nodes.values(), key=lambda n: ORDER.index(n.card.kind)):
        if node.card.name not in told:
            lines += _element(drawn, nodes, node, told)
    marks = {line[0] for line in lines[1:]} & set(MARKS.values())
    return plain("\n".join([*lines, *_legend(marks)]))


def _once(drawn: Sketch) -> list[Node]:
    return [node for node in drawn.nodes if not node.again]


def _legend(marks: set[str]) -> Iterator[str]:
    if marks:
        yield ", ".join(MEANINGS[state] for state, mark in MARKS.items() if mark in marks)


def _headline(drawn: Sketch) -> str:
    where = f", {drawn.trail.cell}" if drawn.trail.cell else ""
    return (
        f"{drawn.name}, step {drawn.trail.step} of {drawn.last_step}{where}"
        if drawn.trail.step
        else drawn.name
    )


def _element(drawn: Sketch, nodes: dict[str, Node], node: Node, told: set[str]) -> Iterator[str]:
    """An element, and below it the commands that lead to it, or its events and their handlers."""
    yield _line(node, 1)
    told.add(node.card.name)
    if node.card.kind == "aggregate":
        for arrow in _into(drawn, node.card.name):
            if nodes[arrow.source].card.kind == "command":
                told.add(arrow.source)
                yield _line(nodes[arrow.source], 2, arrow)
    for arrow in _out_of(drawn, node.card.name):
        target = nodes[arrow.target]
        if node.card.kind == "aggregate" and target.card.kind == "event":
            told.add(arrow.target)
            yield _line(target, 2, arrow)
            yield from _handlers(drawn, nodes, arrow.target, told)
        elif node.card.kind == "event":
            told.add(arrow.target)
            yield _line(target, 2, arrow, _effects(drawn, arrow.target))


def _handlers(drawn: Sketch, nodes: dict[str, Node], event: str, told: set[str]) -> Iterator[str]:
    for arrow in _out_of(drawn, event):
        told.add(arrow.target)
        yield _line(nodes[arrow.target], 3, arrow, _effects(drawn, arrow.target))


def _effects(drawn: Sketch, handler: str) -> str:
    targets = [arrow.target for arrow in _out_of(drawn, handler)]
    return f" -> {', '.join(targets)}" if targets else ""


def _line(node: Node, depth: int, arrow: Arrow | None = None, effects: str = "") -> str:
    """A node in one line; of a handler that hears several events the arrow says what became of this one."""
    state = arrow.state if arrow and node.card.kind == "event handler" else node.state
    symbol = "◇" if state == SKIPPED else STYLES[node.card.kind].symbol
    status = node.card.status if state in (SKIPPED, FAILED) and node.state == state else ()
    facts = [*node.card.lines, *([count_text(arrow.count)] if arrow and arrow.count else [])]
    words = f"{symbol} {node.card.name}{effects}  ({', '.join(facts)})"
    told = f"  {' '.join(status)}" if status else ""
    return f"{MARKS.get(state, ' ')}{'  ' * depth}{words}{told}".rstrip()


def _out_of(drawn: Sketch, name: str) -> list[Arrow]:
    return _in_order(drawn, (arrow for arrow in drawn.arrows if arrow.source == name))


def _into(drawn: Sketch, name: str) -> list[Arrow]:
    return _in_order(drawn, (arrow for arrow in drawn.arrows if arrow.target == name))


def _in_order(drawn: Sketch, arrows: Iterable[Arrow]) -> list[Arrow]:
    place = {node.card.name: i for i, node in enumerate(_once(drawn))}
    return sorted(arrows, key=lambda arrow: (place[arrow.source], place[arrow.target]))


def description(drawn: Sketch) -> str:
    """The map in a few sentences: what is on it, and what the step did.

    Args:
        drawn: the map.

    Returns:
        One line.
    """
    if not drawn.nodes:
        return plain(f"Map of {drawn.name}. {EMPTY}")
    counts = Counter(node.card.kind for node in _once(drawn))
    kinds = ", ".join(plural(counts[kind], kind) for kind in STYLES if counts[kind])
    return plain(" ".join([f"Map of {drawn.name}: {kinds}.", *_story(drawn)]))


def _story(drawn: Sketch) -> Iterator[str]:
    path = drawn.trail
    if path.nodes:
        names = list(path.nodes)
        shown = [*names[:6], "…"] if len(names) > 7 else names
        yield f"{path.cell or f'Step {path.step}'}: {' → '.join(shown)}."
    for node in _once(drawn):
        if node.card.status and node.state in (SKIPPED, FAILED):
            yield f"{node.card.name} {' '.join(node.card.status)}."
    if not path.nodes and all(arrow.state in (IDLE, SKIPPED) for arrow in drawn.arrows):
        yield "Nothing has happened yet."
