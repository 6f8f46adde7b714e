"""The session of the guide, typed into a real IPython in a process of its own."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest

import seed_model

TESTS = Path(__file__).parents[1]
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
LISTENING = 'part_of=Inventory, stream_category="order"'
JOURNAL = "print(domain.journal)"


def cells_of_the_model(listening: str) -> list[str]:
    """The model as somebody types it: a class to a cell."""
    source = Path(seed_model.__file__).read_text().split("SESSION = ")[0].split('"""', 2)[2]
    assert source.count(LISTENING) == 1
    lines = source.replace(LISTENING, listening).splitlines()
    tree = ast.parse("\n".join(lines))
    starts = [
        min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) for node in tree.body
    ]
    # A blank line ends a cell that is typed.
    return [
        "\n".join(line for line in lines[start - 1 : node.end_lineno] if line.strip())
        for start, node in zip(starts, tree.body, strict=True)
    ]


def typed_into_ipython(cells: list[str], folder: Path) -> dict[int, str]:
    """What IPython shows, by the number of the cell."""
    options = ("--simple-prompt", "--colors=NoColor", "--no-banner", "--no-confirm-exit", "--no-term-title")
    done = subprocess.run(
        [sys.executable, "-m", "IPython", *options, "--HistoryManager.enabled=False"],
        input="\n\n".join(cells) + "\n\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"IPYTHONDIR": str(folder), "PYTHONPATH": str(TESTS), "NO_COLOR": "1"},
    )
    assert not done.stderr, done.stderr
    parts = re.split(r"^In \[(\d+)\]: (?: *\.\.\.: )*", done.stdout, flags=re.MULTILINE)
    numbered = groupby(zip(parts[1::2], parts[2::2], strict=True), key=lambda pair: int(pair[0]))
    return {number: "".join(text for _, text in shown).strip() for number, shown in numbered}


@pytest.mark.parametrize("listening", ["part_of=Order", LISTENING])
def test_the_guides_session_gives_the_guides_values(listening: str, tmp_path: Path) -> None:
    model = cells_of_the_model(listening)
    shown = typed_into_ipython([*model, *seed_model.SESSION, JOURNAL], tmp_path)
    said = [shown[len(model) + n] for n in range(1, len(seed_model.SESSION) + 2)]
    prompts = [f"Out[{len(model) + n}]: " for n in range(1, 9)]
    order = re.fullmatch(rf"{re.escape(prompts[1])}(<Order: Order object \(id: {UUID}\)>)", said[1])
    inventory = re.fullmatch(
        rf"{re.escape(prompts[3])}(<Inventory: Inventory object \(id: ({UUID})\)>)", said[3]
    )
    assert order, said[1]
    assert inventory, said[3]
    assert said[0] == said[2] == said[4] == said[6] == ""
    assert said[5] == prompts[5] + order[1]
    stock = ast.literal_eval(said[7].removeprefix(prompts[7]))
    assert list(stock.items()) == [("book_id", "1"), ("in_stock", 90), ("id", inventory[2])]
    assert f"In [{len(model) + 6}]\n" in said[8]
    assert "in_stock 100 -> 90" in said[8]
