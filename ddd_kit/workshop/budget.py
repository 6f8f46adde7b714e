"""An end to endless loops: code may run so many lines, and no more.

A kernel in a browser has neither signals nor threads, so the lines themselves are counted.
"""

from __future__ import annotations

import builtins
import linecache
import sys
import time
from functools import cache
from pathlib import Path
from threading import get_ident
from types import CodeType, FrameType
from typing import Any, Self

LINES = 100_000
_INSTRUCTIONS = 10  # of bytecode, in a line, at most
_KIT = str(Path(__file__).resolve().parent.parent)


class OutOfLinesError(BaseException):
    """Code ran more lines than it may.

    It is no `Exception`, so that `except Exception:` inside of an endless loop does not take it. A bare
    `except:` does; that loop is stopped again as soon as it drops this error.

    Args:
        budget: whose lines are used up.
        place: the line that was to run next.
    """

    def __init__(self, budget: LineBudget, place: Place) -> None:
        super().__init__(f"{budget.lines:,} lines were run, and no end: {place}")
        self.place = place
        self._budget = budget

    def __del__(self) -> None:
        self._budget._count_again(sys._getframe(1))


class Waited(Exception):  # noqa: N818 - what the code did; the message to the learner is made of it
    """Code waited: for somebody to type something, or for time to pass."""


class Place:
    """A line of code, in words.

    Args:
        code: of the function.
        line: its number in the file or cell, from 1.

    Attributes:
        function: its name, with its class.
        line: its number.
        source: the line itself, or "" where it is not known.
    """

    def __init__(self, code: CodeType, line: int) -> None:
        self.function = code.co_qualname.rsplit("<locals>.", 1)[-1]
        self.line = line
        self.source = linecache.getline(code.co_filename, line).strip()

    def __str__(self) -> str:
        where = "the cell" if self.function == "<module>" else f"`{self.function}`"
        return f"line {self.line} of {where}" + (f", `{self.source}`" if self.source else "")


class LineBudget:
    """A block in which code outside of the kit may run only so many lines, and may not wait.

    Args:
        lines: how many, from 1.

    Example:
        >>> with LineBudget(1000):
        ...     sum(range(10))
        45
    """

    def __init__(self, lines: int = LINES) -> None:
        self.lines = lines
        self._left = lines
        self._instructions = lines * _INSTRUCTIONS
        self._in_force = False
        self._outside: Any = None

    def __enter__(self) -> Self:
        self._outside, self._in_force = sys.gettrace(), True
        self._waits = builtins.input, time.sleep
        self._thread = get_ident()
        builtins.input, time.sleep = self._input, self._sleep
        sys.settrace(self._call)
        return self

    def __exit__(self, *_: object) -> None:
        self._in_force = False
        sys.settrace(self._outside)
        builtins.input, time.sleep = self._waits

    def _input(self, prompt: object = "", /) -> str:
        if get_ident() != self._thread:
            return self._waits[0](prompt)
        raise Waited("input() waits for somebody to type, and nobody does while a model is checked")

    def _sleep(self, seconds: Any, /) -> None:
        if get_ident() != self._thread:  # a kernel has threads of its own, which may
            return self._waits[1](seconds)
        raise Waited(f"time.sleep({seconds!r}) waits; in a model, time passes without it")

    def _call(self, frame: FrameType, event: str, argument: object) -> Any:
        if of_the_kit(frame.f_code.co_filename):
            return None
        frame.f_trace_opcodes = True  # `while True: pass` comes to no new line
        return self._line(frame, event, argument)

    def _line(self, frame: FrameType, event: str, argument: object) -> Any:  # noqa: ARG002 - as Python calls it
        if event == "line":
            self._left -= 1
        elif event == "opcode":
            self._instructions -= 1
        if self._left < 0 or self._instructions < 0:
            raise OutOfLinesError(self, Place(frame.f_code, frame.f_lineno))
        return self._line

    def _count_again(self, frame: FrameType | None) -> None:
        """Python stops counting when the count raises an error."""
        if not self._in_force:
            return
        while frame is not None:
            if not of_the_kit(frame.f_code.co_filename):
                frame.f_trace = self._line
            frame = frame.f_back
        sys.settrace(self._call)


@cache
def of_the_kit(filename: str) -> bool:
    """Whether a file is one of this package.

    Args:
        filename: as a code object has it.
    """
    return (
        filename.startswith(_KIT) or filename == "<string>"
    )  # which methods of dataclasses are said to be from
