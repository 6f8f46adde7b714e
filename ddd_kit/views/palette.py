"""Colours, shapes and words of the kinds of elements, as on the stickies of EventStorming (Brandolini).

No meaning hangs on colour alone: each kind has a symbol and a word too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ink:
    """How a kind looks on one ground.

    Attributes:
        fill: the area of a node.
        line: its border.
        text: words and symbols of the kind on the plain ground.
    """

    fill: str
    line: str
    text: str


@dataclass(frozen=True, slots=True)
class Style:
    """How a kind of element is shown.

    Attributes:
        symbol: one character.
        word: the kind in words.
        light: on a light ground.
        dark: on a dark ground.
    """

    symbol: str
    word: str
    light: Ink
    dark: Ink


STYLES: Mapping[str, Style] = {
    "command": Style(
        "▶", "command", Ink("#a9c7f7", "#5b84c4", "#1d4f91"), Ink("#27456f", "#6f9ce0", "#9cc2ff")
    ),
    "command handler": Style(
        "▷", "command handler", Ink("#dbe7fb", "#7f9cc9", "#355a91"), Ink("#22334d", "#6a86b3", "#b3c9ea")
    ),
    "aggregate": Style(
        "■", "aggregate", Ink("#fdeea3", "#c2a83e", "#6f5c00"), Ink("#544a18", "#c9b04a", "#ecd976")
    ),
    "event": Style("●", "event", Ink("#fcc78d", "#cf8a3c", "#8a4300"), Ink("#6a3f12", "#e09a4a", "#ffbe7d")),
    "event handler": Style(
        "◆", "event handler", Ink("#dcc5fb", "#9a76cf", "#5b2c9f"), Ink("#44306b", "#a98ae0", "#d2b8ff")
    ),
    # EventStorming has no sticky for it: no colour of its own, but a shape.
    "stream": Style(
        "▰", "stream", Ink("#e8ecf1", "#8592a5", "#475569"), Ink("#2a313b", "#7f8da1", "#b9c4d3")
    ),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """The colours that are not those of a kind.

    Attributes:
        paper: the ground.
        panel: areas on it.
        line: borders and edges.
        text: words.
        faint: words of less weight.
        accent: the path of the present step.
        good: what went well, and new values.
        bad: what failed, and old values.
    """

    paper: str
    panel: str
    line: str
    text: str
    faint: str
    accent: str
    good: str
    bad: str


LIGHT = Ground("#ffffff", "#f8fafc", "#6b7a90", "#1f2937", "#64748b", "#c8430b", "#166534", "#9f1239")
DARK = Ground("#15191f", "#1d232b", "#76859a", "#e5e9ef", "#9aa7b8", "#ff8f52", "#7ad99a", "#ffa3b8")
