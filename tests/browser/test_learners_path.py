"""A learner at an exercise in JupyterLab: a wrong answer, its reason, hints, a right answer, and the bar."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from ddd_kit.workshop.course import EXERCISES
from lab import Lab, Theme

pytestmark = pytest.mark.browser

EXERCISE = EXERCISES["reduce-stock"]
DEAF = EXERCISE.solution.replace(', stream_category="order"', "")


@pytest.fixture
def learner(lab: Lab) -> Lab:
    """A notebook with a bar and an exercise, as those of the course."""
    lab.open(
        lab.write(
            "learner.ipynb", ["from ddd_kit.workshop import begin_again, check, exercise, hint, progress"]
        )
    )
    lab.run_at(0)
    lab.run("begin_again()")
    lab.run(f"progress({EXERCISE.lesson!r})")
    lab.run(f"exercise({EXERCISE.name!r})")
    return lab


def test_from_a_wrong_answer_to_a_right_one(learner: Lab, shots: Path) -> None:
    """The reason names the mistake, hints come one by one as they are asked for, and the bar moves."""
    expect(_cell(learner, EXERCISE.title).last).to_contain_text("event handler")
    done = learner.outputs().get_by_role("img", name=re.compile("exercises done"))
    expect(done).to_have_attribute("aria-label", re.compile("^0 of"))
    learner.run(DEAF)
    learner.run(f"check({EXERCISE.name!r})")
    result = _cell(learner, "Not yet").last
    expect(result).to_contain_text("ManageInventory")
    expect(result).to_contain_text("there are still 10")
    expect(result).not_to_contain_text("A nudge")
    button = learner.page.get_by_role("button", name="Hint").last
    for degree in ("A nudge", "The way", "Nearly the answer"):
        expect(result).not_to_contain_text(degree)
        button.click()
        expect(result).to_contain_text(degree)
    expect(button).to_be_disabled()
    result.get_by_text("What the journal has of it").first.click()
    expect(result).to_contain_text("skipped")
    learner.page.get_by_role("button", name="Show a solution").last.click()
    expect(result).to_contain_text('stream_category="order"')
    _shoot(learner, shots, "a wrong answer")
    learner.run(EXERCISE.solution)
    learner.run(f"check({EXERCISE.name!r})")
    expect(_cell(learner, "All right").last).to_contain_text("7 left")
    expect(done).to_have_attribute("aria-label", re.compile("^1 of"))
    _shoot(learner, shots, "a right answer")


def _cell(lab: Lab, text: str) -> Locator:
    return lab.outputs().filter(has_text=text)


def _shoot(lab: Lab, shots: Path, name: str) -> None:
    lab.fit()
    themes: tuple[Theme, ...] = ("light", "dark")
    for theme in themes:
        lab.theme(theme)
        lab.shoot(shots / f"{name} {theme}.png")
