"""Looks at a learner's model: what is right, what is not yet, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ddd_kit.engine.context import living_engines
from ddd_kit.engine.engine import Engine
from ddd_kit.exceptions import EndlessChainError
from ddd_kit.journal.entries import Entries
from ddd_kit.workshop.budget import LINES, LineBudget, OutOfLinesError
from ddd_kit.workshop.exercise import Exercise, NotYet, Point
from ddd_kit.workshop.printed import Printed
from ddd_kit.workshop.trial import Trial
from ddd_kit.workshop.words import did, shortened

RIGHT, NOT_YET, LATER = "right", "not yet", "later"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at one point.

    Attributes:
        point: the point.
        state: `RIGHT`, `NOT_YET`, or `LATER` for what was not looked at.
        text: what was seen, or why not yet.
        hints: three, for what is not yet.
        evidence: what the journal had of it, or None.
        printed: what the learner's code printed meanwhile, for what is not yet; "" for nothing.
    """

    point: Point
    state: str
    text: str = ""
    hints: tuple[str, str, str] = ("", "", "")
    evidence: Entries | None = None
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check.

    Attributes:
        exercise: what was checked.
        findings: one for each point.
        trouble: why nothing could be looked at, or "".
        notes: what else was noticed.
    """

    exercise: Exercise
    findings: tuple[Finding, ...] = ()
    trouble: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether all points are right."""
        return not self.trouble and all(finding.state == RIGHT for finding in self.findings)

    @property
    def first(self) -> Finding | None:
        """The first point that is not yet right; None where all are."""
        return next((finding for finding in self.findings if finding.state == NOT_YET), None)


def examine(exercise: Exercise, model: Any, lines: int = LINES) -> Checked:
    """Look at a model, each point in an empty world of its own.

    Args:
        exercise: what it should be able to do.
        model: the learner's domain, or whatever stands in its place; None for nothing.
        lines: of the learner's code that one point may run, from 1.

    Returns:
        What was found; whatever the model does, this does not fail.

    Raises:
        KeyboardInterrupt: when somebody interrupts the check.
    """
    trouble = _unusable(exercise, model)
    if trouble:
        return Checked(exercise, trouble=trouble)
    findings: list[Finding] = []
    elsewhere = {engine: engine.journal.last_step for engine in living_engines() if engine.trunk is None}
    stopped = False
    for point in exercise.points:
        if stopped:
            findings.append(Finding(point, LATER))
            continue
        finding, stopped = _look(point, model, lines)
        known = finding.state == NOT_YET and finding.text in {each.text for each in findings}
        findings.append(Finding(point, LATER) if known else finding)
    return Checked(exercise, tuple(findings), notes=tuple(_taken_back(elsewhere, exercise, model)))


def _unusable(exercise: Exercise, model: Any) -> str:
    name = exercise.variable
    if model is None:
        return (
            f"There is no `{name}` yet. Run the cell with your model first, with its `{name} = Domain(...)`."
        )
    if isinstance(model, type):
        return f"`{name}` is a class, {model.__name__}, and has to be a domain: `{name} = Domain(...)`."
    if not isinstance(model, Engine):
        return (
            f"`{name}` is of type {type(model).__name__}, and no domain: something else has got its name. "
            f"Run the cell again in which `{name} = Domain(...)` stands."
        )
    return _not_its_time(name, model)


def _not_its_time(name: str, model: Engine) -> str:
    """Why a domain cannot be tried as it is, or ""."""
    if model.world.frozen is not None:
        return f"`{name}` is a view of the past, which cannot be tried. Check the domain itself."
    if model.trunk is not None:
        return (
            f"`{name}` is a fork, and your handlers would ask it for repositories. Check the domain that it "
            f"was forked from, as `{name} = Domain(...)` made it."
        )
    if model.world.unit is not None:
        return f"A unit of work is open in `{name}`: end its `with` block, then check."
    return ""


def _look(point: Point, model: Engine, lines: int) -> tuple[Finding, bool]:
    """What is found at a point, and whether the points after it are worth a look."""
    trial = Trial(model)
    with Printed() as printed:
        try:
            with LineBudget(lines):
                return Finding(point, RIGHT, point.look(trial)), False
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - of a learner's model anything may come
            found = _not_yet(error, lines)
    text, hints = shortened(found.why), found.hints or point.hints
    return Finding(point, NOT_YET, text, hints, trial.journal, printed.text), found.stops


def _not_yet(error: BaseException, lines: int) -> NotYet:
    """What an error means that a look at a point ended with."""
    if isinstance(error, NotYet):
        hints = _CHAIN if isinstance(error.__cause__, EndlessChainError) else error.hints
        return NotYet(error.why, hints, stops=error.stops)
    if isinstance(error, OutOfLinesError):
        why = f"Your code runs and does not end. It was stopped after {lines:,} lines, in {error.place}."
        return NotYet(why, _ENDLESS, stops=True)
    try:
        with LineBudget(lines):  # an error of a learner's class runs their code to say what it is
            return NotYet(did("trying your model", error), stops=True)
    except OutOfLinesError as endless:
        return _not_yet(endless, lines)


def _taken_back(elsewhere: dict[Engine, int], exercise: Exercise, model: Engine) -> list[str]:
    """What the model did in other domains, which is undone: a check leaves no traces."""
    notes = []
    for engine, step in elsewhere.items():
        if engine.journal.last_step == step or engine.world.unit is not None:
            continue
        engine.rewind(step)
        mine = "itself" if engine is model else "another domain"
        notes.append(
            f"Your code changed {mine}, `{engine.name}`, and not the world of the check; that was taken "
            f"back. Handlers have to ask `{exercise.variable}`, or `current_domain`, for repositories."
        )
    return notes


_ENDLESS = (
    "A loop goes round and round. Which line should end it?",
    "Look at the line that is named: does anything in the loop change what its condition asks for?",
    "Do the work once: the next event or command calls the next method, and most models need no `while`.",
)
_CHAIN = (
    "One event leads to another, and that one to the first again. Follow the names in the text.",
    "Which of the handlers should stop when there is nothing left to do?",
    "Let the handler look at the state first, and do nothing where it is already as it should be.",
)
