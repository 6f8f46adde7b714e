"""Every exercise: its solution, two right answers, and wrong ones with the reason and the hint they get."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from ddd_kit.workshop.course import EXERCISES
from ddd_kit.workshop.exercise import Exercise
from ddd_kit.workshop.showing import as_text
from tests.workshop.answers_of import Answers, Wrong, checked

_MODULES = sorted(
    path.stem for path in (Path(__file__).parent / "answers").glob("*.py") if path.stem != "__init__"
)
ANSWERS: dict[str, Answers] = {}
for _name in _MODULES:
    ANSWERS.update(import_module(f"tests.workshop.answers.{_name}").ANSWERS)
_WRONG = [(name, wrong) for name, answers in ANSWERS.items() for wrong in answers.wrong]
_EMPTY = 'from ddd_kit import Domain\n\nshop = Domain(name="Bookshop")\n'


def test_each_exercise_has_answers() -> None:
    assert set(ANSWERS) == set(EXERCISES)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_passes(name: str) -> None:
    found = checked(name, EXERCISES[name].solution)
    assert found.passed, as_text(found)
    assert not found.notes


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("which", ["right", "alternative"])
def test_a_right_answer_passes(name: str, which: str) -> None:
    found = checked(name, getattr(ANSWERS[name], which))
    assert found.passed, as_text(found)


@pytest.mark.parametrize(("name", "wrong"), _WRONG, ids=[f"{name}-{wrong.says}" for name, wrong in _WRONG])
def test_a_wrong_answer_gets_its_reason_and_its_hint(name: str, wrong: Wrong) -> None:
    found = checked(name, wrong.code)
    assert not found.passed
    assert found.first is not None, found.trouble
    assert wrong.says in found.first.text
    assert wrong.hint in found.first.hints[0]


@pytest.mark.parametrize("name", ANSWERS)
def test_three_wrong_answers_at_least_are_known(name: str) -> None:
    assert len({wrong.code for wrong in ANSWERS[name].wrong}) >= 3


@pytest.mark.parametrize("name", EXERCISES)
def test_what_it_begins_with_does_not_pass(name: str) -> None:
    found = checked(name, EXERCISES[name].starter)
    assert not found.passed
    assert found.first is not None, "what it begins with is a model that can be looked at"


@pytest.mark.parametrize("name", EXERCISES)
def test_an_empty_model_does_not_pass(name: str) -> None:
    assert not checked(name, _EMPTY).passed


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_an_exercise_is_written_in_full(exercise: Exercise) -> None:
    """Title, task and what is not tested; and hints in three degrees that all differ."""
    assert exercise.title
    assert exercise.task.strip()
    assert exercise.untested.endswith(".")
    assert 2 <= exercise.minutes <= 15
    assert len(exercise.points) >= 2
    for point in exercise.points:
        assert len(set(point.hints)) == 3
        assert all(point.hints)
