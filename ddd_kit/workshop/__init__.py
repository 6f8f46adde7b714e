"""Exercises for a class: what to do, what is right so far, hints, and how far one has come."""

from __future__ import annotations

import sys
from typing import Any

from ddd_kit.exceptions import IncorrectUsageError, did_you_mean
from ddd_kit.workshop.course import EXERCISES, lessons, of_lesson
from ddd_kit.workshop.desk import current_desk
from ddd_kit.workshop.panel import ProgressBar, Result, Text
from ddd_kit.workshop.report import Report, report_of
from ddd_kit.workshop.showing import DEGREES, solution_text, task_text

__all__ = ["begin_again", "check", "exercise", "exercises", "hint", "progress", "report", "solution"]


def exercises() -> Text:
    """All exercises of the course, by notebook.

    Returns:
        A list that shows by itself in a cell.

    Example:
        >>> "reduce-stock" in str(exercises())
        True
    """
    lines = []
    for lesson in lessons():
        lines.append(f"**{lesson}**\n")
        lines.extend(f"- `{each.name}`: {each.title}, {each.minutes} minutes" for each in of_lesson(lesson))
        lines.append("")
    return Text("\n".join(lines))


def exercise(name: str) -> Text:
    """Show an exercise.

    Args:
        name: as "reduce-stock"; `exercises()` lists all.

    Returns:
        The task, which shows by itself in a cell.

    Raises:
        IncorrectUsageError: when there is no such exercise.

    Example:
        >>> print(str(exercise("reduce-stock")).splitlines()[0])
        #### ✎ Take shipped books off the stock
    """
    return Text(task_text(current_desk().take(name)))


def check(name: str | None = None, model: Any = None) -> Result:
    """Look at your model: what is right, what is not yet, and why.

    The model is tried in empty worlds of its own, so that nothing of it is seen in your domain. What
    counts is what happens: events, streams, handlers, state. The text of your code is not looked at.

    Args:
        name: of the exercise; None for the one that was shown or checked last.
        model: your domain; None for the variable of that name which the exercise says, as `shop`.

    Returns:
        What was found, which shows by itself in a cell, with buttons for hints and a solution. `passed` says
        whether all is right.

    Raises:
        IncorrectUsageError: when there is no such exercise, or none was shown yet.

    Example:
        >>> print(check("reduce-stock", model="nothing yet"))
        There is nothing to look at yet.
          `shop` is of type str, and no domain: something else has got its name. Run the cell again in which \
`shop = Domain(...)` stands.
    """
    wanted = current_desk().take(name)
    if model is None:
        model = sys._getframe(1).f_globals.get(wanted.variable)
    return Result(current_desk(), current_desk().check(wanted, model))


def hint(name: str | None = None) -> Text:
    """Ask for a hint at the first point that is not yet right.

    There are three, from a nudge to nearly the answer.

    Args:
        name: of the exercise; None for the one that was shown or checked last.

    Returns:
        The hints so far, which show by themselves in a cell.

    Raises:
        IncorrectUsageError: when there is no such exercise, or none was shown yet.

    Example:
        >>> print(hint("reduce-stock"))
        **A nudge:** ...
    """
    asked = current_desk().ask(current_desk().take(name))
    told = [f"**{degree}:** {text}" for degree, text in zip(DEGREES, asked, strict=False)]
    return Text("\n\n".join(told) or "All is right already: there is nothing to hint at.")


def solution(name: str | None = None) -> Text:
    """Look at a right answer; it is shown, and not run.

    Args:
        name: of the exercise; None for the one that was shown or checked last.

    Returns:
        The answer, which shows by itself in a cell.

    Raises:
        IncorrectUsageError: when there is no such exercise, or none was shown yet.

    Example:
        >>> "@shop.event_handler" in str(solution("reduce-stock"))
        True
    """
    wanted = current_desk().take(name)
    current_desk().solve(wanted)
    return Text(solution_text(wanted))


def progress(lesson: str | None = None) -> ProgressBar:
    """A quiet bar: which exercises are done. It moves when a check is passed.

    Args:
        lesson: a notebook, as "04-events-and-handlers"; None for the whole course.

    Returns:
        The bar, which shows by itself in a cell.

    Raises:
        IncorrectUsageError: when that notebook has no exercises.

    Example:
        >>> progress("04-events-and-handlers")
        0 of ... exercises done: ...
    """
    if lesson is not None and lesson not in lessons():
        guess = did_you_mean(lesson, lessons()) or f"; those that have some: {', '.join(lessons())}."
        raise IncorrectUsageError(f"There are no exercises of a notebook {lesson!r}{guess}")
    return ProgressBar(current_desk(), of_lesson(lesson) if lesson else list(EXERCISES.values()))


def report(learner: str = "") -> Report:
    """What you have done, as a table; `report("Ada").save()` writes a file to hand in.

    All of it is in the file `workshop-progress.json` beside your notebooks; nothing is sent anywhere.

    Args:
        learner: your name, for the heading; "" for none.

    Returns:
        The table, which shows by itself in a cell, with a method `save(path)`.

    Example:
        >>> repr(report()).split(' ', 1)[0]
        '0'
    """
    return report_of(list(EXERCISES.values()), current_desk().progress, learner)


def begin_again() -> None:
    """Forget what was done, and delete `workshop-progress.json`.

    Example:
        >>> begin_again()
    """
    current_desk().begin_again()
