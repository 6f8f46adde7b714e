"""What a learner has done: checks, hints, solutions, the bar, the report, and the file it is kept in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ddd_kit import workshop
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.workshop.course import EXERCISES, lessons, of_lesson
from ddd_kit.workshop.desk import Desk
from ddd_kit.workshop.progress import FILE, Progress
from tests.workshop.answers_of import base, shop_of

NAME = "reduce-stock"
LESSON = EXERCISES[NAME].lesson


@pytest.fixture(autouse=True)
def _at_a_new_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _sit_down(monkeypatch)


@pytest.fixture
def right() -> Any:
    return shop_of(EXERCISES[NAME].solution)


@pytest.fixture
def unfinished() -> Any:
    return shop_of(base(NAME))


def test_a_check_takes_the_model_from_where_it_is_called(right: Any) -> None:
    namespace: dict[str, Any] = {"shop": right}
    exec(f"from ddd_kit.workshop import check\nresult = check({NAME!r})", namespace)
    assert namespace["result"].passed


def test_without_a_name_the_last_exercise_is_meant(right: Any) -> None:
    workshop.exercise(NAME)
    assert workshop.check(model=right).checked.exercise.name == NAME


def test_without_any_exercise_the_way_to_name_one_is_told() -> None:
    with pytest.raises(IncorrectUsageError, match=r"Name one, as in check\(") as caught:
        workshop.check()
    assert "exercises() lists all" in str(caught.value)


def test_a_mistyped_name_is_guessed() -> None:
    with pytest.raises(IncorrectUsageError, match="did you mean 'reduce-stock'"):
        workshop.exercise("reduce-stocks")
    with pytest.raises(IncorrectUsageError, match="no exercises of a notebook 'nowhere'"):
        workshop.progress("nowhere")


def test_hints_come_one_by_one_and_stay(unfinished: Any) -> None:
    hints = EXERCISES[NAME].points[0].hints
    result = workshop.check(NAME, unfinished)
    assert hints[0] not in repr(result)
    assert hints[0] in workshop.hint()
    assert hints[1] not in repr(result)
    assert all(hint in workshop.hint() for hint in hints[:2])
    assert hints[2] in workshop.hint()
    assert hints[2] in workshop.hint()
    assert all(hint in repr(result) for hint in hints)
    assert workshop.report().rows[_place()][1].hints == 3


def test_a_mistake_has_hints_of_its_own(unfinished: Any) -> None:
    """Those for the point itself, asked for before, are not shown with another mistake."""
    workshop.check(NAME, unfinished)
    workshop.hint()
    listens_elsewhere = EXERCISES[NAME].solution.replace(', stream_category="order"', "")
    result = workshop.check(NAME, shop_of(listens_elsewhere))
    assert "A nudge" not in repr(result)
    assert "to which one does your handler listen" in workshop.hint()


def test_before_the_first_check_hints_are_those_of_the_first_point() -> None:
    assert EXERCISES[NAME].points[0].hints[0] in workshop.hint(NAME)


def test_when_all_is_right_there_is_nothing_to_hint_at(right: Any) -> None:
    workshop.check(NAME, right)
    assert workshop.hint() == "All is right already: there is nothing to hint at."


def test_a_solution_is_shown_and_not_run(unfinished: Any) -> None:
    step = unfinished.journal.last_step
    assert EXERCISES[NAME].solution.strip() in workshop.solution(NAME)
    assert unfinished.journal.last_step == step
    assert not workshop.check(NAME, unfinished).passed


def test_the_report_says_what_was_done(right: Any, unfinished: Any) -> None:
    workshop.check(NAME, unfinished)
    workshop.solution()
    workshop.check(NAME, right)
    standing = workshop.report().rows[_place()][1]
    assert (standing.checks, standing.solution, bool(standing.passed)) == (2, True, True)
    assert f"1 of {len(EXERCISES)} exercises done" in repr(workshop.report())
    row = workshop.report()._repr_html_().split("<tr>")[_place() + 2]
    assert "done" in row
    assert "yes" in row


def test_a_solution_that_is_looked_at_afterwards_does_not_count(right: Any) -> None:
    workshop.check(NAME, right)
    workshop.solution()
    assert not workshop.report().rows[_place()][1].solution


def test_a_report_is_one_file_with_the_answers_as_text(tmp_path: Path, right: Any) -> None:
    workshop.check(NAME, right)
    standing = workshop.report().rows[_place()][1]
    standing.answer = "print('<script>alert(1)</script>')"
    page = workshop.report("Ada <b>").save(tmp_path / "ada.html").read_text(encoding="utf-8")
    assert "Workshop report of Ada &lt;b&gt;" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "http" not in page


def test_progress_is_there_in_another_kernel(right: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop.check(NAME, right)
    _sit_down(monkeypatch)
    assert repr(workshop.progress(LESSON)).startswith(f"1 of {len(of_lesson(LESSON))} ")
    workshop.begin_again()
    assert not Path(FILE).exists()
    assert repr(workshop.progress(LESSON)).startswith("0 of")


@pytest.mark.parametrize(
    "held", ["", "[]", "{", '{"reduce-stock": 5}', '{"reduce-stock": {"cheated": true}}']
)
def test_a_file_that_cannot_be_read_counts_as_empty(tmp_path: Path, held: str) -> None:
    (tmp_path / FILE).write_text(held, encoding="utf-8")
    assert Progress.read(tmp_path / FILE).standings == {}


def test_where_no_file_can_be_written_progress_is_kept_in_memory(tmp_path: Path, right: Any) -> None:
    (tmp_path / FILE).mkdir()
    workshop.check(NAME, right)
    assert "1 of" in repr(workshop.progress(LESSON))
    assert f"{FILE} cannot be written" in repr(workshop.report())
    assert f"{FILE} cannot be written" in workshop.report()._repr_html_()


def test_the_file_holds_nothing_but_exercises(right: Any) -> None:
    workshop.check(NAME, right)
    held = json.loads(Path(FILE).read_text(encoding="utf-8"))
    assert set(held) == {NAME}
    assert set(held[NAME]) == {"checks", "hints", "solution", "passed", "answer"}


def test_the_bar_names_each_exercise_and_how_many_are_done(right: Any) -> None:
    bar = workshop.progress(LESSON)
    assert EXERCISES[NAME].title in bar._repr_html_()
    before = bar._repr_html_().count("ddd-done")
    workshop.check(NAME, right)
    assert bar._repr_html_().count("ddd-done") == before + 1


def test_all_exercises_are_listed_by_notebook() -> None:
    listed = workshop.exercises()
    assert all(f"`{name}`" in listed for name in EXERCISES)
    assert all(f"**{lesson}**" in listed for lesson in lessons())


def _sit_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new kernel, whose notebook lies in the present folder."""
    monkeypatch.setattr("ddd_kit.workshop.desk._desks", [Desk(Progress.read(Path.cwd() / FILE))])


def _place() -> int:
    return list(EXERCISES).index(NAME)
