"""A text that somebody takes elsewhere: what it shows is what it says, and it can be saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ddd_kit.views.target import target_of


@dataclass(frozen=True)
class Source:
    """A text in some language; `str()` and `repr()` of it are the text.

    Attributes:
        text: the whole text, which ends with a line's end.

    Example:
        >>> Source("answer = 42")
        answer = 42
    """

    text: str = field(repr=False)
    # What stands around the text in a file, by the file's suffix.
    suffixes: ClassVar[Mapping[str, str]] = {".txt": "{}"}

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def save(self, path: str | Path) -> Path:
        """Save the text.

        Args:
            path: a file name that ends as such files do; the error names the endings.

        Returns:
            Where it was saved.

        Raises:
            IncorrectUsageError: for something that names no file.
            ValueError: for another kind of file.
        """
        target = target_of(path, "save", f"run{next(iter(self.suffixes))}")
        around = self.suffixes.get(target.suffix.lower())
        if around is None:
            raise ValueError(f"save({str(path)!r}): this is saved as {' or '.join(self.suffixes)}.")
        target.write_text(around.format(self.text.rstrip("\n")) + "\n", encoding="utf-8")
        return target
