"""What holds for all notebooks of the course, as they are committed."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from ddd_kit.workshop.course import EXERCISES, lessons, of_lesson

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = {path.stem: nbformat.read(path, as_version=4) for path in sorted(FOLDER.glob("*.ipynb"))}
LESSONS = {
    name: notebook for name, notebook in NOTEBOOKS.items() if re.match(r"\d\d-", name) and name[:2] != "00"
}

WORDS_A_MINUTE = 130  # of prose in a foreign field; those who read a text of their own field manage 240
SECONDS_A_LINE = 1.2  # of code that is read, not written


def prose(notebook: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def minutes_told(notebook: NotebookNode) -> int:
    found = re.search(r"[Aa]bout (\d+) minutes", prose(notebook))
    assert found, "it says how long it takes"
    return int(found[1])


def test_the_course_begins_and_ends_where_it_says() -> None:
    assert next(iter(NOTEBOOKS)) == "00-start-here"
    assert "sandbox" in NOTEBOOKS
    assert [name[:2] for name in LESSONS] == [f"{number:02}" for number in range(1, len(LESSONS) + 1)]
    assert lessons() == [name for name in LESSONS if of_lesson(name)]


@pytest.mark.parametrize("name", LESSONS)
def test_it_begins_with_the_question_that_it_answers(name: str) -> None:
    text = prose(LESSONS[name])
    assert text.startswith("# ")
    question = re.search(r"\*\*(.+?)\*\*", text, re.DOTALL)
    assert question is not None
    assert "?" in question[1]


@pytest.mark.parametrize("name", LESSONS)
def test_it_takes_ten_to_twenty_minutes_and_says_so(name: str) -> None:
    """Prose and code are counted, and the minutes that its exercises say."""
    notebook = LESSONS[name]
    code = "\n".join(
        cell.source for cell in notebook.cells if cell.cell_type == "code" and "starter-" not in cell.id
    )
    reading = len(prose(notebook).split()) / WORDS_A_MINUTE + code.count("\n") * SECONDS_A_LINE / 60
    told = minutes_told(notebook)
    assert 10 <= told <= 20
    assert reading <= told, f"{reading:.0f} minutes of reading"


@pytest.mark.parametrize("name", LESSONS)
def test_the_minutes_of_its_exercises_are_those_that_each_of_them_tells(name: str) -> None:
    exercises = of_lesson(name)
    count = {2: "two", 3: "three"}[len(exercises)]
    minutes = sum(exercise.minutes for exercise in exercises)
    begin = " ".join(LESSONS[name].cells[0].source.split())
    assert f"minutes to read and run, and {minutes} for the {count} exercises." in begin


@pytest.mark.parametrize("name", LESSONS)
def test_it_ends_with_two_or_three_exercises_and_the_way_on(name: str) -> None:
    """Each is shown, begun and checked, in order; what it begins with is the exercise's own text."""
    cells = LESSONS[name].cells
    code = [cell.source.strip() for cell in cells if cell.cell_type == "code"]
    expected: list[str] = []
    for exercise in of_lesson(name):
        expected += [f'exercise("{exercise.name}")', exercise.starter.strip(), f'check("{exercise.name}")']
    assert 2 <= len(of_lesson(name)) <= 3
    assert code[-len(expected) :] == expected
    assert any(source.endswith(f'progress("{name}")') for source in code)
    assert "## Your turn" in prose(LESSONS[name])
    assert "## Next" in cells[-1].source


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_its_links_lead_to_what_there_is(name: str) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", prose(NOTEBOOKS[name])):
        assert link.startswith("https://") or (FOLDER / link).exists(), link


def test_each_term_is_explained_once_in_the_course() -> None:
    """A term is bold where it is explained, and nowhere else."""
    terms = Counter(
        " ".join(term.lower().split())
        for notebook in LESSONS.values()
        for term in re.findall(r"\*\*(.+?)\*\*", prose(notebook), re.DOTALL)
        if "?" not in term
    )
    assert [term for term, times in terms.items() if times > 1] == []
    needed = (
        *(
            "aggregate",
            "event",
            "event handler",
            "repository",
            "entity",
            "value object",
            "identity",
            "invariant",
        ),
        *("stream", "category", "command", "command handler", "eventual consistency", "idempotent"),
        *("event sourcing", "projection", "process manager", "bounded context"),
    )
    known = " | ".join(terms)
    assert [term for term in needed if term not in known] == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_error_and_no_warning_is_shown(name: str) -> None:
    for cell in NOTEBOOKS[name].cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", output.text


def test_every_exercise_belongs_to_a_notebook() -> None:
    assert {exercise.lesson for exercise in EXERCISES.values()} <= set(LESSONS)
