"""A right answer passes in any style, and one that knows the example by heart does not."""

from __future__ import annotations

import pytest

from ddd_kit.workshop.course import EXERCISES
from ddd_kit.workshop.showing import as_text
from tests.workshop.answers_of import checked
from tests.workshop.by_heart import BY_HEART, ByHeart
from tests.workshop.other_styles import STYLES, Pairs

_STYLES = [(name, style, pairs) for name, styles in STYLES.items() for style, pairs in styles.items()]
_REACHES = {  # what a later exercise asks for may do all that an earlier one asks for
    ("stop-reaching", "promise-books"),
    ("stop-reaching", "tell-when-sure"),
    ("reduce-stock", "stop-reaching"),
    ("reduce-stock", "reorder"),
    ("reduce-stock", "hear-returns"),
    ("reduce-stock", "promise-books"),
    ("reduce-stock", "tell-when-sure"),
    ("wait-for-payment", "cancel-when-payment-fails"),
}


def _solution(name: str, pairs: Pairs) -> str:
    code = EXERCISES[name].solution
    for old, new in pairs:
        assert old in code
        code = code.replace(old, new)
    return code


@pytest.mark.parametrize(
    ("name", "style", "pairs"), _STYLES, ids=[f"{name}-{style}" for name, style, _ in _STYLES]
)
def test_a_right_answer_passes_in_another_style(name: str, style: str, pairs: Pairs) -> None:
    found = checked(name, _solution(name, pairs))
    assert found.passed, f"{style}: {as_text(found)}"
    assert not found.notes


@pytest.mark.parametrize("answer", BY_HEART, ids=[f"{each.name}-{each.says}" for each in BY_HEART])
def test_an_answer_that_knows_the_example_by_heart_does_not_pass(answer: ByHeart) -> None:
    found = checked(answer.name, _solution(answer.name, answer.pairs))
    assert found.first is not None, found.trouble or "it passed"
    assert answer.says in found.first.text


@pytest.mark.parametrize("name", EXERCISES)
def test_a_solution_of_another_exercise_does_not_pass(name: str) -> None:
    others = [other for other in EXERCISES if other != name and (name, other) not in _REACHES]
    assert [other for other in others if checked(name, EXERCISES[other].solution).passed] == []
