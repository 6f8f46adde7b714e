"""Mermaid diagrams as texts, in which names and values are text, whatever they look like.

Mermaid reads words, brackets, semicolons, Markdown and HTML in labels. What is not a letter, a digit or a
blank is therefore written as an entity code, as Mermaid calls `#35;` for `#`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Container
from typing import Any

from ddd_kit.views.exports.source import Source
from ddd_kit.views.markup import plain

LONGEST_LABEL = 120  # characters
WIDTH = 44  # characters in a line that is broken
# JupyterLab's own limit; elsewhere it is often 50,000.
LONGEST_SOURCE = 100_000
# Letters, digits, blanks, brackets and commas mean nothing there; nor do these signs inside of a word, unless
# they make an address of it.
_MEANS_SOMETHING = re.compile(r"(?<=[^\W_])[-_](?=[^\W_])|(?<=[^\W_])(?<![Ww]{3})\.(?=[^\W_])|([^\w ,()]|_)")
# Mermaid's own signs for the beginning and the end of an entity.
_SIGNS = re.compile("ﬂ(?=°)|¶(?=ß)")
NEW_LINE = "<br/>"


class Mermaid(Source):
    r"""A diagram in Mermaid's language: a notebook that knows the language draws it, elsewhere it is a text.

    JupyterLab (from version 4.1) draws it by itself; on a code host's page it goes into a code block that is
    marked `mermaid`, which is what `.save("model.md")` writes.

    Args:
        text: the diagram.

    Example:
        >>> Mermaid("flowchart LR\n  n0[Order]")
        flowchart LR
          n0[Order]
    """

    suffixes = {".mmd": "{}", ".mermaid": "{}", ".md": "```mermaid\n{}\n```"}  # noqa: RUF012 - as its base

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """What a notebook shows; the front end chooses. One too large to be drawn is a text only."""
        bundle = {"text/vnd.mermaid": self.text, "text/plain": self.text}
        if len(self.text) > LONGEST_SOURCE:
            del bundle["text/vnd.mermaid"]
        return {
            kind: text
            for kind, text in bundle.items()
            if (include is None or kind in include) and (exclude is None or kind not in exclude)
        }


def label(text: Any, *, wrapped: bool = False) -> str:
    """A text as it can stand in any label of a diagram.

    Args:
        text: any object.
        wrapped: whether it is broken into short lines, and may be twice as long.

    Returns:
        One line of source, at least a character long, in which nothing has a meaning for Mermaid but its
        own line breaks.

    Example:
        >>> label('in_stock = "<b>"; end'), label("a - b"), label("")
        ('in_stock #61; #34;#60;b#62;#34;#59; end', 'a #45; b', '#160;')
    """
    words = _SIGNS.sub(r"\g<0> ", " ".join(plain(text).split()))
    longest = 2 * LONGEST_LABEL if wrapped else LONGEST_LABEL
    shown = words if len(words) <= longest else words[: longest - 1] + "…"
    lines = textwrap.wrap(shown, WIDTH) if wrapped else [shown]
    return NEW_LINE.join(_MEANS_SOMETHING.sub(_code, line) for line in lines) or "#160;"


def _code(found: re.Match[str]) -> str:
    return f"#{ord(found[1])};" if found[1] else found[0]
