"""What a learner's code prints while it is checked."""

from __future__ import annotations

import io
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from typing import Self

_LETTERS, _LINES = 2_000, 20


class Printed(io.TextIOBase):
    """A block in which what is printed is kept, and not shown: several worlds would print the same.

    Example:
        >>> with Printed() as printed:
        ...     print("3 are left")
        >>> printed.text
        '3 are left'
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[str] = []
        self._room = _LETTERS
        self._more = False
        self._redirected = ExitStack()

    def __enter__(self) -> Self:
        self._redirected.enter_context(redirect_stdout(self))
        self._redirected.enter_context(redirect_stderr(self))
        return self

    def __exit__(self, *_: object) -> None:
        self._redirected.close()

    def writable(self) -> bool:
        """Yes, as for any file that is printed to."""
        return True

    def write(self, text: str) -> int:
        """Keep a text, as far as there is room."""
        if self._room:
            self._kept.append(text[: self._room])
        self._more = self._more or len(text) > self._room
        self._room -= min(len(text), self._room)
        return len(text)

    @property
    def text(self) -> str:
        """The first lines of it; where there was more, they end with dots."""
        lines = "".join(self._kept).rstrip().splitlines()
        return "\n".join([*lines[:_LINES], *["…"] * (self._more or len(lines) > _LINES)])
