"""The legend of a map: the kinds and states that are on it, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ddd_kit.views.mapping.cards import INDENT, SMALL
from ddd_kit.views.mapping.sketch import FAILED, IDLE, ON, SKIPPED, Sketch
from ddd_kit.views.palette import STYLES
from ddd_kit.views.text_width import text_width

SPACE = 16.0  # px between two items
STROKE = 10.0  # how much wider than a sign a piece of line is


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the legend.

    Attributes:
        word: what it stands for.
        x: left side in px.
        kind: of elements, whose sign it shows; empty for a line.
        state: of nodes and arrows, whose line it shows; empty for a sign.
    """

    word: str
    x: float
    kind: str
    state: str

    @property
    def text_x(self) -> float:
        """Where the word begins."""
        return self.x + INDENT + (0 if self.kind else STROKE)

    @property
    def right(self) -> float:
        """Where the word ends."""
        return self.text_x + text_width(self.word, SMALL)


def legend_lines(drawn: Sketch, width: float) -> Iterator[list[Item]]:
    """The legend, broken into lines.

    Args:
        drawn: the map.
        width: the room in px.

    Yields:
        The items of a line.
    """
    line: list[Item] = []
    for word, kind, state in words(drawn):
        item = Item(word, line[-1].right + SPACE if line else 0.0, kind, state)
        if line and item.right > width:
            yield line
            line, item = [], Item(word, 0.0, kind, state)
        line.append(item)
    if line:
        yield line


def kinds_on(drawn: Sketch) -> list[str]:
    """The kinds of the elements on a map, with those that have their place within others' cards.

    Args:
        drawn: the map.

    Returns:
        Keys of `STYLES`, in its order.
    """
    present = {kind for node in drawn.nodes for kind in (node.card.kind, *node.card.inside)}
    return [kind for kind in STYLES if kind in present]


def words(drawn: Sketch) -> Iterator[tuple[str, str, str]]:
    """What is on a map, in words.

    Args:
        drawn: the map.

    Yields:
        A word with the kind or the state that it stands for; the other of both is empty.
    """
    present = kinds_on(drawn)
    yield from ((STYLES[kind].word, kind, "") for kind in present)
    states = {node.state for node in drawn.nodes} | {arrow.state for arrow in drawn.arrows}
    cell = f", {drawn.trail.cell}" if drawn.trail.cell else ""
    never = "not yet" if drawn.first_step == 1 else f"not since step {drawn.first_step:,}"
    told = {ON: f"step {drawn.trail.step:,}{cell}", SKIPPED: "skipped", FAILED: "failed", IDLE: never}
    yield from ((word, "", state) for state, word in told.items() if state in states)
