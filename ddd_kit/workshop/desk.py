"""The learner's desk: which exercise lies on it, what was found last, and which hints were asked for."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from ddd_kit.exceptions import IncorrectUsageError, did_you_mean
from ddd_kit.workshop.checking import Checked, examine
from ddd_kit.workshop.course import EXERCISES
from ddd_kit.workshop.exercise import Exercise
from ddd_kit.workshop.progress import FILE, Progress
from ddd_kit.workshop.showing import DEGREES

_CELL = re.compile(r"In \[\d+\]")


class Bar(Protocol):
    """What shows how far a learner has come."""

    def refresh(self) -> None:
        """Show where the learner stands now."""


class Desk:
    """What one learner is at.

    Args:
        progress: how far they have come.

    Attributes:
        progress: the same.
    """

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self._bars: dict[tuple[str, ...], Bar] = {}
        self._current: str | None = None
        self._last: dict[str, Checked] = {}
        self._asked: dict[tuple[str, tuple[str, str, str]], int] = {}

    def take(self, name: str | None) -> Exercise:
        """An exercise by its name.

        Args:
            name: of the exercise; None for the one that was taken last.

        Returns:
            The exercise, which is the current one from now on.

        Raises:
            IncorrectUsageError: when there is no such exercise, or none was taken yet.
        """
        name = name or self._current
        if name is None:
            first = next(iter(EXERCISES))
            raise IncorrectUsageError(
                f'Which exercise? Name one, as in check("{first}"); exercises() lists all.'
            )
        if name not in EXERCISES:
            guess = did_you_mean(name, EXERCISES) or "."
            raise IncorrectUsageError(f"There is no exercise {name!r}{guess} exercises() lists all.")
        self._current = name
        return EXERCISES[name]

    def check(self, exercise: Exercise, model: Any) -> Checked:
        """Look at a model, and note what was found.

        Args:
            exercise: what it should be able to do.
            model: the learner's domain, or None.
        """
        checked = self._last[exercise.name] = examine(exercise, model)
        answer = _typed(model) if checked.passed else ""
        self.progress.note_check(exercise.name, passed=checked.passed, answer=answer)
        self._tell()
        return checked

    def hints(self, exercise: Exercise) -> list[str]:
        """The hints that were asked for at the point where the learner is.

        Args:
            exercise: the exercise.

        Returns:
            From none to three.
        """
        hints = self._hints(exercise)
        return list(hints[: self._asked.get((exercise.name, hints), 0)]) if hints else []

    def ask(self, exercise: Exercise) -> list[str]:
        """Ask for the next hint.

        Args:
            exercise: the exercise.

        Returns:
            All up to that; none when nothing is left to hint at.
        """
        hints = self._hints(exercise)
        if not hints:
            return []
        asked = self._asked.get((exercise.name, hints), 0)
        if asked < len(DEGREES):
            self._asked[exercise.name, hints] = asked + 1
            self.progress.note_hint(exercise.name)
        return self.hints(exercise)

    def solve(self, exercise: Exercise) -> None:
        """Note that somebody looks at the solution.

        Args:
            exercise: the exercise.
        """
        self.progress.note_solution(exercise.name)

    def begin_again(self) -> None:
        """Forget what was done."""
        self.progress.begin_again()
        self._last.clear()
        self._asked.clear()
        self._tell()

    def shown(self, bar: Bar, exercises: Sequence[str]) -> None:
        """Keep a bar up to date, in the place of the one before it.

        Args:
            bar: which was just shown.
            exercises: the names of those that it is about.
        """
        self._bars[tuple(exercises)] = bar

    def _hints(self, exercise: Exercise) -> tuple[str, str, str] | None:
        last = self._last.get(exercise.name)
        if last is None or last.trouble:
            return exercise.points[0].hints
        return last.first.hints if last.first else None

    def _tell(self) -> None:
        for bar in self._bars.values():
            bar.refresh()


def _typed(model: Any) -> str:
    """The cells in which a model was defined, as they were typed; "" outside of IPython."""
    shell = _shell()
    if shell is None:
        return ""
    inputs = shell.user_ns.get("In", [])
    cells = {
        entry.element: entry.cell or "" for entry in model.journal.of(kind="defined")
    }  # the newest of each
    numbers = sorted({int(cell[4:-1]) for cell in cells.values() if _CELL.fullmatch(cell)})
    return "\n\n".join(inputs[number] for number in numbers if number < len(inputs))


_desks: list[Desk] = []


def current_desk() -> Desk:
    """The desk of this kernel; its progress is kept beside the notebook, and elsewhere in memory only."""
    if not _desks:
        _desks.append(Desk(Progress.read(Path.cwd() / FILE) if in_notebook() else Progress(None)))
    return _desks[0]


def in_notebook() -> bool:
    """Whether this is a notebook's kernel, and no terminal or program."""
    return hasattr(_shell(), "kernel")


def _shell() -> Any:
    return getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
