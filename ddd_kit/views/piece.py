"""A view of HTML that shows by itself in a cell, and has words for a terminal."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Piece:
    """A table or a list with its words.

    Attributes:
        html: a piece of a page that needs nothing from elsewhere.
        text: the same in words, for a terminal.

    Example:
        >>> Piece("<p>100</p>", "100")
        100
    """

    html: str = field(repr=False)
    text: str

    def to_text(self) -> str:
        """The view in words.

        Returns:
            Lines of text.
        """
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html
