"""How far a learner has come: kept in a file beside the notebooks, and nowhere else."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

FILE = "workshop-progress.json"


@dataclass(slots=True)
class Standing:
    """How far a learner has come with one exercise.

    Attributes:
        checks: how often it was checked.
        hints: how many hints were asked for.
        solution: whether the solution was asked for before a check was passed.
        passed: when it was passed first, as an ISO date and time in UTC; "" for not yet.
        answer: the cell that passed, as it was typed, or "".
    """

    checks: int = 0
    hints: int = 0
    solution: bool = False
    passed: str = ""
    answer: str = ""


@dataclass(slots=True)
class Progress:
    """The standings of all exercises that were begun.

    Attributes:
        path: the file; None keeps them in memory only.
        standings: by the names of the exercises.
        unsaved: why the file could not be written, or "".
    """

    path: Path | None
    standings: dict[str, Standing] = field(default_factory=dict)
    unsaved: str = ""

    @classmethod
    def read(cls, path: Path) -> Progress:
        """What a file holds; one that cannot be read counts as empty.

        Args:
            path: of the file.
        """
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, {str(name): Standing(**standing) for name, standing in held.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            return cls(path)

    def of(self, name: str) -> Standing:
        """The standing of an exercise.

        Args:
            name: of the exercise.
        """
        return self.standings.setdefault(name, Standing())

    def note_check(self, name: str, *, passed: bool, answer: str = "") -> None:
        """Note that an exercise was checked.

        Args:
            name: of the exercise.
            passed: whether all was right.
            answer: the cell with the model, as it was typed.
        """
        standing = self.of(name)
        standing.checks += 1
        if passed:
            standing.passed = standing.passed or datetime.now(UTC).isoformat(timespec="minutes")
            standing.answer = answer or standing.answer
        self._write()

    def note_hint(self, name: str) -> None:
        """Note that a hint was asked for.

        Args:
            name: of the exercise.
        """
        self.of(name).hints += 1
        self._write()

    def note_solution(self, name: str) -> None:
        """Note that the solution was asked for; after the exercise was passed that counts for nothing.

        Args:
            name: of the exercise.
        """
        standing = self.of(name)
        standing.solution = standing.solution or not standing.passed
        self._write()

    def begin_again(self) -> None:
        """Forget all of it, and delete the file."""
        self.standings.clear()
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _write(self) -> None:
        if self.path is None:
            return
        held = {name: asdict(standing) for name, standing in self.standings.items()}
        try:
            self.path.write_text(json.dumps(held, indent=1, ensure_ascii=False), encoding="utf-8")
            self.unsaved = ""
        except OSError as error:
            self.unsaved = f"Progress is not kept: {self.path.name} cannot be written ({error.strerror})."
