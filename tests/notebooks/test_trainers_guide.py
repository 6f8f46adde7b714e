"""The trainer's guide knows the course: its notebooks, their minutes, and their exercises."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from ddd_kit.workshop.course import EXERCISES, lessons, of_lesson

FOLDER = Path(__file__).parents[2] / "notebooks"
GUIDE = (FOLDER / "TRAINER.md").read_text(encoding="utf-8")
SECTIONS = {found[1]: found[0] for found in re.finditer(r"### (\d\d) .*?(?=\n### )", GUIDE, re.DOTALL)}


@pytest.mark.parametrize("lesson", lessons())
def test_it_has_minutes_a_question_exercises_and_a_mistake_for_each_notebook(lesson: str) -> None:
    section = SECTIONS[lesson[:2]]
    begin = nbformat.read(FOLDER / f"{lesson}.ipynb", as_version=4).cells[0].source
    reading = re.findall(r"About (\d+)\s+minutes to read", begin)
    exercises = sum(exercise.minutes for exercise in of_lesson(lesson))
    assert re.match(rf"### \d\d [\w ]+ · {reading[0]} and {exercises}\n", section)
    assert "**Ask" in section
    assert "?" in section.split("**Ask", 1)[1]
    assert "**Common mistake:**" in section
    named = section.split("**Exercises:**", 1)[1].split(".", 1)[0]
    assert set(re.findall(r"`([\w-]+)`", named)) == {exercise.name for exercise in of_lesson(lesson)}


def test_its_links_lead_to_what_there_is() -> None:
    assert [
        link for link in re.findall(r"\]\((?!https)([^)#]+)\)", GUIDE) if not (FOLDER / link).exists()
    ] == []


def test_it_has_a_plan_for_two_hours_for_45_minutes_and_for_a_day() -> None:
    for heading in ("## Two hours", "## Forty-five minutes", "## A day", "## Before the class"):
        assert heading in GUIDE


def test_exercises_that_it_names_exist() -> None:
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", GUIDE))
    assert named <= set(EXERCISES)
