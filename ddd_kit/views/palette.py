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
    # Parts of an aggregate: its colour, paler.
    "entity": Style(
        "□", "entity", Ink("#fff7d0", "#c9b45c", "#6f5c00"), Ink("#3f3a1d", "#b09b46", "#ecd976")
    ),
    "value object": Style(
        "▫", "value object", Ink("#fffbe6", "#cfc07e", "#6f5c00"), Ink("#35321f", "#9c8c4c", "#ecd976")
    ),
    # A read model is green.
    "projection": Style(
        "▤", "projection", Ink("#bfe6c4", "#5fa06a", "#1c6330"), Ink("#1f4a2b", "#6cb57c", "#9fe0ac")
    ),
    "query handler": Style(
        "▼", "query handler", Ink("#e0f3e3", "#7fb388", "#2a6a3b"), Ink("#1d3526", "#62996f", "#aadcb5")
    ),
    "query": Style("▽", "query", Ink("#cdebd1", "#6faa79", "#1c6330"), Ink("#20422a", "#68a876", "#9fe0ac")),
    # Whatever reacts is lilac, as a policy.
    "projector": Style(
        "◊", "projector", Ink("#e6d8fb", "#9a76cf", "#5b2c9f"), Ink("#3a2c58", "#a98ae0", "#d2b8ff")
    ),
    "process manager": Style(
        "⬢", "process manager", Ink("#d8bdfa", "#8559c2", "#51238f"), Ink("#50367f", "#b598ea", "#d9c4ff")
    ),
    "subscriber": Style(
        "◀", "subscriber", Ink("#ead9f7", "#a978c9", "#6b2a8c"), Ink("#43295a", "#b888d8", "#e0bcff")
    ),
    # Another system, or another context, is pink.
    "other context": Style(
        "✚", "other context", Ink("#fbcfe0", "#cf7fa0", "#97245c"), Ink("#5b2440", "#dd86ab", "#ffb3d1")
    ),
    # What EventStorming has no sticky for: no strong colour of its own, but a shape.
    "application service": Style(
        "⌂", "application service", Ink("#dbe7fb", "#7f9cc9", "#355a91"), Ink("#22334d", "#6a86b3", "#b3c9ea")
    ),
    "domain service": Style(
        "⬟", "domain service", Ink("#f3ecd2", "#b3a468", "#665a1c"), Ink("#3b3722", "#a59860", "#ddd09a")
    ),
    "repository": Style(
        "▥", "repository", Ink("#e8ecf1", "#8592a5", "#475569"), Ink("#2a313b", "#7f8da1", "#b9c4d3")
    ),
    "upcaster": Style(
        "△", "upcaster", Ink("#fbe3c8", "#cf9a5c", "#8a4300"), Ink("#4d3217", "#d0954f", "#ffbe7d")
    ),
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
