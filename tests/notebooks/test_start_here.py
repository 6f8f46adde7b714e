"""The first page knows the course: its notebooks, in order, and the minutes that each of them tells."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

FOLDER = Path(__file__).parents[2] / "notebooks"
ROW = re.compile(r"^\| (\d+) \| \[(.+?)\]\((.+?)\.ipynb\) \| (.+?) \| (\d+) \|$", re.MULTILINE)


def prose(name: str) -> str:
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


ROWS = ROW.findall(prose("00-start-here"))


def test_it_lists_all_notebooks_in_order() -> None:
    numbered = sorted(path.stem for path in FOLDER.glob("[0-9][0-9]-*.ipynb"))
    assert [name for _, _, name, _, _ in ROWS] == numbered[1:]
    assert [int(number) for number, *_ in ROWS] == list(range(1, len(ROWS) + 1))


def test_it_calls_them_by_their_titles_and_asks_a_question_for_each() -> None:
    assert [title for _, title, *_ in ROWS] == [prose(name).splitlines()[0][2:] for _, _, name, _, _ in ROWS]
    assert [question for *_, question, _ in ROWS if not question.endswith("?")] == []


def test_it_says_the_minutes_that_they_say() -> None:
    told = {name: re.search(r"[Aa]bout (\d+)\s+minutes", prose(name)) for _, _, name, _, _ in ROWS}
    assert {name: minutes for _, _, name, _, minutes in ROWS} == {
        name: found and found[1] for name, found in told.items()
    }


def test_it_leads_to_the_sandbox_the_appendix_and_the_trainers_guide() -> None:
    for link in ("building-blocks.ipynb", "sandbox.ipynb", "TRAINER.md"):
        assert f"]({link})" in prose("00-start-here")
