"""The map in words: as a tree for a terminal, as a sentence for those who cannot see a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ddd_kit.journal.sentence import context_in
from ddd_kit.views.mapping.cards import PLACES
from ddd_kit.views.mapping.facts import plural
from ddd_kit.views.mapping.graph import REACTORS
from ddd_kit.views.mapping.sketch import FAILED, IDLE, ON, SKIPPED, Arrow, Node, Sketch, count_text
from ddd_kit.views.markup import plain
from ddd_kit.views.palette import STYLES

EMPTY = "No elements yet: define one with @domain.aggregate in a cell, and show the map again."
ORDER = (
    "aggregate", "command", "other context", "event", "stream", *sorted(REACTORS), "projection",
    "query handler", "application service", "domain service",
)  # fmt: skip
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
    lines += _Telling(drawn).lines()
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
        f"{drawn.name}, step {drawn.trail.step:,} of {drawn.last_step:,}{where}"
        if drawn.trail.step
        else drawn.name
    )


class _Telling:
    """A map while it is told: each element once, and below it those that its arrows lead to."""

    def __init__(self, drawn: Sketch) -> None:
        self.nodes = {node.card.name: node for node in _once(drawn)}
        self.told: set[str] = set()
        self.out: dict[str, list[Arrow]] = {name: [] for name in self.nodes}
        self.into: dict[str, list[Arrow]] = {name: [] for name in self.nodes}
        place = {name: i for i, name in enumerate(self.nodes)}
        for arrow in sorted(drawn.arrows, key=lambda arrow: (place[arrow.source], place[arrow.target])):
            self.out[arrow.source].append(arrow)
            self.into[arrow.target].append(arrow)

    def lines(self) -> Iterator[str]:
        """The elements by kind."""
        for node in sorted(self.nodes.values(), key=lambda n: ORDER.index(n.card.kind)):
            if node.card.name not in self.told:
                yield from self._element(node)

    def _kind(self, name: str) -> str:
        return self.nodes[name].card.kind

    def _element(self, node: Node) -> Iterator[str]:
        """An element, and below it the commands that lead to it, or its events and their handlers."""
        name, kind = node.card.name, node.card.kind
        direct = kind == "stream" and any(self._kind(a.target) not in REACTORS for a in self.out[name])
        yield self._line(node, 1, effects=self._effects(name) if direct else "")
        self.told.add(name)
        if kind == "aggregate":
            yield from self._commands(name)
            for arrow in self.out[name]:
                if self._kind(arrow.target) == "event":
                    yield self._line(self.nodes[arrow.target], 2, arrow, self._stream(arrow.target))
                    yield from self._handlers(arrow.target, 3)
        elif kind in ("event", "stream"):
            yield from self._handlers(name, 2)
        elif kind == "other context":
            yield from self._handlers(name, 2)
            for arrow in self.out[name]:
                if self._kind(arrow.target) == "event" and arrow.target not in self.told:
                    yield self._line(self.nodes[arrow.target], 2, arrow, self._stream(arrow.target))
                    yield from self._handlers(arrow.target, 3)

    def _commands(self, aggregate: str) -> Iterator[str]:
        """Those that lead to an aggregate, by a stream or without one."""
        for arrow in self.into[aggregate]:
            commands = self.into[arrow.source] if self._kind(arrow.source) == "stream" else [arrow]
            for sent in commands:
                if self._kind(sent.source) == "command" and sent.source not in self.told:
                    self.told.add(sent.source)
                    yield self._line(self.nodes[sent.source], 2, sent, self._stream(sent.source))

    def _handlers(self, heard: str, depth: int) -> Iterator[str]:
        self.told.add(heard)
        for arrow in self.out[heard]:
            if self._kind(arrow.target) in REACTORS:
                self.told.add(arrow.target)
                yield self._line(self.nodes[arrow.target], depth, arrow, self._effects(arrow.target))

    def _stream(self, message: str) -> str:
        return (
            self._effects(message) if any(self._kind(a.target) == "stream" for a in self.out[message]) else ""
        )

    def _effects(self, name: str) -> str:
        targets = [self.nodes[a.target].card for a in self.out[name]]
        labels = [card.label if card.kind in PLACES else card.name for card in targets]
        return f" -> {', '.join(labels)}" if labels else ""

    def _line(self, node: Node, depth: int, arrow: Arrow | None = None, effects: str = "") -> str:
        """A node in one line; of a handler that hears several events the arrow says what became of this."""
        card = node.card
        state = arrow.state if arrow and card.kind in REACTORS else node.state
        symbol = "◇" if state == SKIPPED else STYLES[card.kind].symbol
        status = card.reason if state in (SKIPPED, FAILED) and node.state == state else ""
        facts = [*card.facts, *([count_text(arrow.count)] if arrow and arrow.count else [])]
        words = f"{symbol} {card.label if card.kind in PLACES else card.name}{effects}  ({', '.join(facts)})"
        told = f"  {status}" if status else ""
        return f"{MARKS.get(state, ' ')}{'  ' * depth}{words}{told}".rstrip()


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
        names = [context_in(name) or name.removeprefix("\0context ") for name in path.nodes]
        shown = [*names[:6], "…"] if len(names) > 7 else names
        yield f"{path.cell or f'Step {path.step:,}'}: {' → '.join(shown)}."
    for node in _once(drawn):
        if node.card.status and node.state in (SKIPPED, FAILED):
            told = f"{node.card.name} {node.card.reason}"
            yield told if told.endswith((".", "!", "?", "…")) else f"{told}."
    is_before = path.step < drawn.first_step
    if is_before or (not path.nodes and all(arrow.state in (IDLE, SKIPPED) for arrow in drawn.arrows)):
        yield drawn.before
