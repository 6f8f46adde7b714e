"""The nodes of a map: what is written on them, and how much room that takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ddd_kit.engine.glossary.words import unwritten_of
from ddd_kit.views.mapping import facts
from ddd_kit.views.mapping.facts import INSIDE, REASON
from ddd_kit.views.palette import STYLES
from ddd_kit.views.text_width import ellipsis, text_width

LABEL, SMALL = 13.0, facts.SMALL  # font sizes in px; nothing is smaller
PAD = 10.0
SYMBOL, INDENT = 9.0, 15.0
FIRST, SECOND, LEADING, FOOT = 19.0, 34.0, 14.0, 9.0  # baselines from the top; room below the last one
APART = 7.0  # more room between what an element is and what became of it
NARROWEST, WIDEST = 96.0, 320.0
REASON_LINES = 3
# What fits from the start, so that a node keeps its size while it counts.
MANY = {
    "aggregate": "1,000 instances",
    "projection": "1,000 instances",
    "process manager": "1,000 processes",
    "stream": "1,000 events",
}
# What is on a map that is no element.
PLACES = ("stream", "other context")
# The sign of what the lint has to say, on the upper edge: half its width, and how far from the right side.
REMARK, REMARK_AWAY = 5.5, 11.0
STAND = 240.0  # where the processes of a manager stand is told in a line of this width


@dataclass(frozen=True, slots=True)
class Card:
    """A node of a map.

    Attributes:
        name: of the element.
        kind: what it is.
        label: its name, shortened where it is too long.
        lines: what stands below it, each not too long.
        facts: the same in full.
        status: why it did not run, or what went wrong, in lines; below all else.
        reason: the same in full.
        title: everything in full, for a tooltip.
        spoken: the same without its description, for a screen reader.
        width: in px.
        height: in px, with room for the longest status that there was.
        tight: the height in px that it needs now.
        retired: whether no cell defines it any more.
        problem: whether something about its definition is wrong.
        remark: what the lint has to say of it, and what to do; empty where it has nothing to say.
        faint: whether that may well be as it is meant to be.
        doc: what the user wrote about it.
    """

    name: str
    kind: str
    label: str
    lines: tuple[str, ...]
    facts: tuple[str, ...]
    status: tuple[str, ...]
    reason: str
    title: str
    spoken: str
    width: float
    height: float
    tight: float
    retired: bool
    problem: bool
    remark: str = ""
    faint: bool = False
    doc: str = ""

    @property
    def inside(self) -> list[str]:
        """The kinds of the elements that have their place in it, in the order of `INSIDE`."""
        return [kind for kind in INSIDE if any(STYLES[kind].symbol in line for line in self.lines)]


def card(
    name: str, node: Mapping[str, Any], status: str = "", reserved: Iterable[str] = (), most: str = ""
) -> Card:
    """Write a node's texts into the room that there is.

    Args:
        name: of the element.
        node: its attributes in the graph.
        status: why it did not run, or what went wrong.
        reserved: other statuses that the node must have room for, so that it keeps its size.
        most: the longest text that counts its instances or messages.

    Returns:
        The card.

    Example:
        >>> made = card("Order", {"kind": "aggregate", "label": "Order", "instances": 3})
        >>> made.lines, made.width, made.height
        (('3 instances',), 108.0, 43.0)
    """
    told = tuple(facts.facts(node))
    said = _Said(
        name,
        node["kind"],
        node["label"],
        told,
        tuple(node["stand"] if fact is node.get("standing") else _short(fact) for fact in told),
        status,
        tuple(reserved),
        most,
        node.get("doc") or ("" if node["kind"] in PLACES else unwritten_of(node["label"])),
        bool(node.get("retired")),
        bool(node.get("problem")),
        node.get("remark", ""),
        bool(node.get("faint")),
    )
    return _written(said)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a card says, before it is known how much room that takes."""

    name: str
    kind: str
    label: str
    facts: tuple[str, ...]
    lines: tuple[str, ...]
    status: str
    reserved: tuple[str, ...]
    most: str
    doc: str
    retired: bool
    problem: bool
    remark: str
    faint: bool


@lru_cache(maxsize=1024)
def _written(said: _Said) -> Card:
    """The card, remembered: most are the same at each step."""
    room = WIDEST - 2 * PAD
    label = ellipsis(said.label, room - INDENT, LABEL, bold=True)
    lines = tuple(ellipsis(fact, room, SMALL) for fact in said.lines)
    counted = [text for text in (MANY.get(said.kind, ""), said.most) if text]
    widths = [INDENT + text_width(label, LABEL, bold=True), *(text_width(line, SMALL) for line in lines)]
    widths += [min(text_width(text, SMALL), STAND) for text in counted]
    wrap_at = max(REASON, *widths)
    wrapped = wrap(said.status, wrap_at)
    others = [wrap(text, wrap_at) for text in said.reserved]
    widths += [text_width(line, SMALL) for text in [wrapped, *others] for line in text]
    most = max(len(text) for text in [wrapped, *others])
    height = (SECOND if lines else FIRST) + LEADING * (len(lines) - 1) + FOOT
    told = [text for text in (f"{said.kind} {said.label}", *said.facts, said.status) if text]
    return Card(
        said.name,
        said.kind,
        label,
        lines,
        said.facts,
        wrapped,
        said.status,
        "\n".join([*told, said.doc] if said.doc else told),
        _in_words(", ".join([*told, *said.remark.split("\n")[:1]] if said.remark else told)),
        max(NARROWEST, -(-max(widths) // 1) + 2 * PAD),
        height + LEADING * most + APART * bool(most),
        height + LEADING * len(wrapped) + APART * bool(wrapped),
        said.retired,
        said.problem,
        said.remark,
        said.faint,
        said.doc,
    )


def _short(fact: str) -> str:
    """A line about another element must not make a card much wider than its own do."""
    return ellipsis(fact, REASON, SMALL) if fact.startswith(_SIGNS) else fact


def _in_words(text: str) -> str:
    """The same with kinds in place of their signs, as `entity OrderItem`."""
    for kind in INSIDE:
        text = text.replace(f"{STYLES[kind].symbol} ", f"{kind} ")
    return text


_SIGNS = tuple(STYLES[kind].symbol for kind in INSIDE)


def corner(shown: Card) -> float:
    """How round the corners of a card are, in px: a stream looks like a pipe.

    Args:
        shown: the card.

    Returns:
        The radius.
    """
    return 14.0 if shown.kind == "stream" else 4.0


@lru_cache(maxsize=1024)
def fullest(tight: Card) -> Card:
    """The same card, as high as it ever gets: where a line begins at its upper side, or a script fills it.

    Args:
        tight: the card.

    Returns:
        One whose height is that of its place.
    """
    return replace(tight, tight=tight.height)


@lru_cache(maxsize=1024)
def again(first: Card) -> Card:
    """The card of an element that is drawn a second time: its name only.

    Args:
        first: the card that says all.

    Returns:
        A smaller one.
    """
    width = INDENT + text_width(first.label, LABEL, bold=True)
    return replace(
        first,
        lines=(),
        facts=(),
        status=(),
        reason="",
        remark="",
        width=max(NARROWEST, -(-width // 1) + 2 * PAD),
        height=FIRST + FOOT,
        tight=FIRST + FOOT,
    )


def wrap(text: str, width: float) -> tuple[str, ...]:
    """Break a text into lines of the small size; what does not fit ends in an ellipsis.

    Args:
        text: any text.
        width: the room in px.

    Returns:
        At most `REASON_LINES` lines; none for an empty text.

    Example:
        >>> wrap("skipped: came from plain code, not from manage_order", 190)
        ('skipped: came from plain code,', 'not from manage_order')
    """
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", SMALL) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > REASON_LINES:
        lines[REASON_LINES - 1 :] = [" ".join(lines[REASON_LINES - 1 :])]
    return tuple(ellipsis(line, width, SMALL) for line in lines)
