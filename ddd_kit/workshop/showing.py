"""Exercises and what was found, as HTML, Markdown and words."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h
from markupsafe import Markup

from ddd_kit.views import tree
from ddd_kit.views.markup import framed, plain, with_code
from ddd_kit.workshop.checking import LATER, NOT_YET, RIGHT, Checked, Finding
from ddd_kit.workshop.exercise import Exercise
from ddd_kit.workshop.progress import Standing

DEGREES = ("A nudge", "The way", "Nearly the answer")
_SIGNS = {
    RIGHT: ("✓", "ddd-good", "right"),
    NOT_YET: ("✗", "ddd-bad", "not yet"),
    LATER: ("·", "ddd-faint", "later"),
}
_STYLE = (
    ".ddd .ddd-found{list-style:none;margin:6px 0 0;padding:0}"
    ".ddd .ddd-found>li{display:grid;grid-template-columns:1.6em minmax(0,1fr);margin:4px 0;"
    "overflow-wrap:anywhere}"
    ".ddd .ddd-found details{margin:4px 0}.ddd .ddd-found summary{cursor:pointer;color:var(--ddd-faint)}"
    ".ddd .ddd-hint{border-left:3px solid var(--ddd-accent);margin:6px 0;padding:2px 0 2px 10px}"
    ".ddd pre.ddd-answer{margin:4px 0 8px;padding:8px 12px;background:rgba(128,128,128,.1)}"
    ".ddd .ddd-verdict{font-weight:600}"
    ".ddd .ddd-steps{display:flex;flex-wrap:wrap;gap:4px 18px;align-items:center}"
    ".ddd .ddd-steps b{font-weight:400}"
    ".ddd .ddd-track{display:flex;gap:3px;width:100%;max-width:36em;margin:4px 0}"
    ".ddd .ddd-track span{flex:1;height:6px;border-radius:3px;background:rgba(128,128,128,.28)}"
    ".ddd .ddd-track .ddd-done{background:var(--ddd-good)}"
)


def task_text(exercise: Exercise) -> str:
    """An exercise to read, as Markdown.

    Args:
        exercise: the exercise.

    Returns:
        A heading, the task, and how to go on.
    """
    name = exercise.name
    return (
        f"#### ✎ {exercise.title}\n\n{exercise.task.strip()}\n\n"
        f"*About {exercise.minutes} minutes. Write your model in the next cell and run it, then "
        f'`check("{name}")`. When you are stuck: `hint("{name}")`.*'
    )


def solution_text(exercise: Exercise) -> str:
    """A right answer, as Markdown.

    Args:
        exercise: the exercise.
    """
    return f"**One right answer** (there are others):\n\n```python\n{exercise.solution.strip()}\n```"


def verdict(checked: Checked) -> str:
    """What came of a check, in one line."""
    if checked.passed:
        return f"All right: {checked.exercise.title}."
    right = sum(finding.state == RIGHT for finding in checked.findings)
    if not checked.findings:
        return "There is nothing to look at yet."
    return f"Not yet: {right} of {len(checked.findings)} points are right."


def as_html(checked: Checked, hints: int = 0, solved: Exercise | None = None) -> Markup:
    """What came of a check.

    Args:
        checked: the findings.
        hints: how many hints are shown at the first point that is not yet right, from 0 to 3.
        solved: the exercise whose solution is shown too, or None.

    Returns:
        HTML that needs no style to be read.
    """
    first = checked.first
    said = h.p(class_=["ddd-verdict", checked.passed and "ddd-good"])[plain(verdict(checked))]
    return framed(
        said,
        checked.trouble and h.p[with_code(checked.trouble)],
        h.ul(".ddd-found")[(_finding(each, hints if each is first else 0) for each in checked.findings)],
        [h.p[h.b["Note: "], with_code(note)] for note in checked.notes],
        checked.passed and h.p[h.small["Not tested: ", with_code(checked.exercise.untested)]],
        solved is not None and _answer(solved),
        style=_STYLE,
    )


def _answer(exercise: Exercise) -> list[h.Element]:
    code = h.code[exercise.solution.strip()]
    return [h.p["One right answer; there are others:"], h.pre(".ddd-answer")[code]]


def _finding(finding: Finding, hints: int) -> h.Element:
    sign, look, word = _SIGNS[finding.state]
    return h.li[
        h.span(class_=look, role="img", aria_label=word)[sign],
        h.div[
            h.b[with_code(finding.point.says)],
            finding.state == LATER and h.small[" comes after that"],
            finding.text and h.div[with_code(finding.text)],
            [
                h.div(".ddd-hint")[h.small[f"{degree}: "], with_code(text)]
                for degree, text in list(zip(DEGREES, finding.hints, strict=True))[:hints]
            ],
            finding.printed and _printed(finding.printed),
            finding.evidence is not None
            and h.details[h.summary["What the journal has of it"], Markup(tree.journal(finding.evidence))],  # noqa: S704 - of our own views
        ],
    ]


def _printed(text: str) -> h.Element:
    return h.details[h.summary["What your code printed"], h.pre(".ddd-answer")[plain(text)]]


def as_text(checked: Checked, hints: int = 0) -> str:
    """What came of a check, in words for a terminal.

    Args:
        checked: the findings.
        hints: as for `as_html`.
    """
    lines = [verdict(checked)]
    if checked.trouble:
        lines.append(f"  {checked.trouble}")
    for finding in checked.findings:
        lines.append(f"  {_SIGNS[finding.state][0]} {finding.point.says}")
        if finding.text:
            lines.append(f"      {finding.text}")
        if finding is checked.first:
            shown = zip(DEGREES[:hints], finding.hints[:hints], strict=True)
            lines.extend(f"      {degree}: {text}" for degree, text in shown)
            lines.extend(["      Your code printed:"] if finding.printed else [])
            lines.extend(f"        {line}" for line in finding.printed.splitlines())
    lines.extend(f"  Note: {note}" for note in checked.notes)
    if checked.passed:
        lines.append(f"  Not tested: {checked.exercise.untested}")
    return "\n".join(lines)


def bar(exercises: Sequence[Exercise], standings: dict[str, Standing]) -> Markup:
    """How far a learner has come, as a quiet bar.

    Args:
        exercises: those that it is about.
        standings: by their names.
    """
    done = [standings.get(each.name, Standing()).passed != "" for each in exercises]
    words = f"{sum(done)} of {len(done)} exercises done"
    return framed(
        h.div(".ddd-track", role="img", aria_label=words)[
            (h.span(class_="ddd-done" if one else None) for one in done)
        ],
        h.div(".ddd-steps")[
            h.small[words],
            (
                h.small(class_="ddd-good" if one else None)["✓ " if one else "○ ", plain(each.title)]
                for each, one in zip(exercises, done, strict=True)
            ),
        ],
        style=_STYLE,
    )


def bar_text(exercises: Sequence[Exercise], standings: dict[str, Standing]) -> str:
    """How far a learner has come, in words.

    Args:
        exercises: those that it is about.
        standings: by their names.
    """
    signs = ["✓" if standings.get(each.name, Standing()).passed else "○" for each in exercises]
    titles = ", ".join(f"{sign} {each.title}" for sign, each in zip(signs, exercises, strict=True))
    return f"{signs.count('✓')} of {len(signs)} exercises done: {titles}"
