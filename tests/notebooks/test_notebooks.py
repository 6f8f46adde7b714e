"""Every notebook runs from top to bottom, again in the same kernel, and is committed as it runs."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))

PICTURE = re.compile(r"data:image/svg\+xml;base64,([\w+/=]+)")
CHANGES_FROM_RUN_TO_RUN = (
    (re.compile(r"<[^>]*>"), "\n"),  # tags: a wider number moves a drawing
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b[0-9a-f]{8}\b|\b(?=[0-9a-f]*\d)[0-9a-f]{4,7}\b"), "<id>"),  # its beginning
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"), "<time>"),
    (re.compile(r"\d+(\.\d+)?(e-\d+)? ?(ns|us|µs|ms|s)\b"), "<duration>"),
    (re.compile(r"(In|Out) ?(?:\[\d+\]|#91;\d+#93;)"), r"\1 [ ]"),  # Mermaid writes signs by their numbers
    (re.compile(r" at 0x[0-9a-f]+"), ""),
    (re.compile(r"The \S+ extension is already loaded\. To reload it, use:\s+%reload_ext \S+"), ""),
    (re.compile(r"\s+"), " "),
)


Runs = tuple[NotebookNode, NotebookNode, NotebookNode]


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def runs(request: pytest.FixtureRequest) -> Runs:
    """A notebook as committed, after a run, and after a second run in the same kernel."""
    committed = nbformat.read(request.param, as_version=4)
    first = nbformat.read(request.param, as_version=4)
    client = NotebookClient(first, timeout=60, resources={"metadata": {"path": str(request.param.parent)}})
    client.reset_execution_trackers()
    with client.setup_kernel():
        run_cells(client, first)
        second = client.nb = nbformat.from_dict(first)
        run_cells(client, second)
    return committed, first, second


def run_cells(client: NotebookClient, notebook: NotebookNode) -> None:
    for index, cell in enumerate(notebook.cells):
        client.execute_cell(cell, index)


def test_running_it_twice_in_one_kernel_shows_the_same(runs: Runs) -> None:
    _, first, second = runs
    assert shown(second) == shown(first)


def test_it_is_committed_as_it_runs(runs: Runs) -> None:
    committed, first, _ = runs
    assert shown(committed) == shown(first), "run `make notebooks`, look at what changed, and commit it"


def test_it_is_committed_with_a_picture_that_needs_no_kernel(
    runs: Runs,
) -> None:
    committed, _, _ = runs
    assert any(PICTURE.search(text) for cell in committed.cells for text in texts(cell))


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


def shown(notebook: NotebookNode) -> list[str]:
    """For each cell, the text that a reader sees, without what differs from run to run."""
    return [stable("".join(texts(cell))) for cell in notebook.cells]


def texts(cell: NotebookNode) -> Iterator[str]:
    """The texts in all representations of all outputs; what is printed comes in pieces of any size."""
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield f"\n{output.ename}: {output.evalue}\n"
        else:
            for kind, value in sorted(output.data.items()):
                if kind.startswith("text/") or kind.endswith("+xml"):
                    yield f"\n{value}\n"


def stable(text: str) -> str:
    text = PICTURE.sub(lambda found: f">{base64.b64decode(found[1]).decode()}<", text)
    for pattern, replacement in CHANGES_FROM_RUN_TO_RUN:
        text = pattern.sub(replacement, text)
    return html.unescape(text).strip()
