"""What a learner has done, to look at and to hand in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import htpy as h
from markupsafe import Markup

from ddd_kit.views.markup import framed, plain
from ddd_kit.workshop.exercise import Exercise
from ddd_kit.workshop.progress import Progress, Standing

_PAGE = (
    "body{max-width:60em;margin:2em auto;padding:0 1em;background:#fff;color:#1f2933;"
    "font:15px/1.6 system-ui,sans-serif}"
    "pre{background:#f4f6f8;padding:.8em;overflow-x:auto}summary{cursor:pointer}"
)


@dataclass(frozen=True, slots=True)
class Report:
    """A table of exercises, with how far a learner has come; it shows by itself in a cell.

    Attributes:
        learner: their name, or "".
        rows: exercises and standings, in the order of the course.
        unsaved: why this is not kept in a file, or "".
    """

    learner: str
    rows: tuple[tuple[Exercise, Standing], ...]
    unsaved: str = ""

    def save(self, path: str | os.PathLike[str] = "workshop-report.html") -> Path:
        """Write it as one HTML file, with the answers that passed, to hand in.

        Args:
            path: of the file, which is replaced.

        Returns:
            The path.

        Raises:
            OSError: when it cannot be written.
        """
        title = f"Workshop report{f' of {self.learner}' if self.learner else ''}"
        page = h.html(lang="en")[
            h.head[h.meta(charset="utf-8"), h.title[plain(title)], h.style[Markup(_PAGE)]],  # noqa: S704 - our own constant
            h.body[
                h.h1[plain(title)],
                Markup(self._repr_html_()),  # noqa: S704 - htpy has escaped it
                [_answer(exercise, standing) for exercise, standing in self.rows if standing.answer],
            ],
        ]
        written = Path(path)
        written.write_text(str(page), encoding="utf-8")
        return written

    def __repr__(self) -> str:
        lines = [self._sum()]
        lines.extend(
            f"  {_state(standing):8} {exercise.lesson:26} {exercise.title}"
            for exercise, standing in self.rows
        )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head = ("Notebook", "Exercise", "State", "Checks", "Hints", "Solution seen first")
        return framed(
            h.p[plain(self._sum())],
            h.table(".ddd-table")[
                h.thead[h.tr[(h.th(scope="col")[word] for word in head)]],
                h.tbody[(_row(exercise, standing) for exercise, standing in self.rows)],
            ],
        )

    def _sum(self) -> str:
        done = sum(standing.passed != "" for _, standing in self.rows)
        return f"{done} of {len(self.rows)} exercises done. {self.unsaved}".rstrip(" .") + "."


def report_of(exercises: Sequence[Exercise], progress: Progress, learner: str) -> Report:
    """The report of a learner.

    Args:
        exercises: all that it is about.
        progress: how far they have come.
        learner: their name, or "".
    """
    rows = tuple((each, progress.standings.get(each.name, Standing())) for each in exercises)
    return Report(learner, rows, progress.unsaved)


def _state(standing: Standing) -> str:
    if standing.passed:
        return "done"
    return "begun" if standing.checks else "not yet"


def _row(exercise: Exercise, standing: Standing) -> h.Element:
    done = standing.passed and h.small[f" {standing.passed[:16].replace('T', ' ')}"]
    return h.tr[
        h.td[exercise.lesson],
        h.td[exercise.title],
        h.td[h.span(class_="ddd-good" if standing.passed else None)[_state(standing)], done],
        h.td(".ddd-number")[str(standing.checks)],
        h.td(".ddd-number")[str(standing.hints)],
        h.td["yes" if standing.solution else ""],
    ]


def _answer(exercise: Exercise, standing: Standing) -> h.Element:
    return h.details[h.summary[f"The answer to “{exercise.title}”"], h.pre[h.code[plain(standing.answer)]]]
