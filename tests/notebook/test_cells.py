"""Which cell an entry comes from, and what becomes of elements whose cell runs again."""

from __future__ import annotations

import gc
import importlib
import subprocess
import sys

import IPython
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.terminal.interactiveshell import TerminalInteractiveShell

import ddd_kit
from ddd_kit.engine.context import living_engines
from ddd_kit.journal.origin import NOWHERE, current_origin
from ddd_kit.notebook import cells
from ddd_kit.notebook.cells import classes_in, install
from shells import HANDLER, MODEL, SHIP, STOCK, Shell, open_shell

ORIGIN = "from ddd_kit.journal.origin import current_origin\ntuple(current_origin.get())"


EMPTY = "@domain.aggregate\nclass {}: ...\n"


def hooks(shell: Shell) -> list[type]:
    """The kit's among the callbacks of a shell."""
    called = [getattr(f, "__self__", None) for f in shell.shell.events.callbacks["pre_run_cell"]]
    return [type(hook) for hook in called if type(hook).__name__ == "CellHooks"]


def both(name: str) -> str:
    return HANDLER.format(name=name)


# Where entries come from


@pytest.mark.parametrize("cls", [InteractiveShell, TerminalInteractiveShell])
def test_entries_bear_the_number_and_the_id_of_their_cell(cls: type[InteractiveShell]) -> None:
    with open_shell(cls) as shell:
        shell.run(MODEL, "a")
        shell.run("1 + 1")
        shell.run(STOCK)
        assert [entry.cell for entry in shell.domain.journal] == ["In [1]"] * 3 + ["In [3]"]
        assert shell.domain.registry.elements["Order"].cell_id == "a"
        assert shell.run(ORIGIN, "b") == ("In [4]", "b")


def test_after_a_cell_nothing_says_where_entries_come_from(shell: Shell) -> None:
    shell.run("1 / 0", fails=True)
    assert current_origin.get() is NOWHERE
    shell.run("def broken(", fails=True)
    assert current_origin.get() is NOWHERE
    shell.run("")
    assert current_origin.get() is NOWHERE


def test_a_run_without_a_number_takes_none(shell: Shell) -> None:
    """What a widget or a front end runs for itself must not bear the name of the last or the next cell."""
    shell.run("1")
    assert shell.run(ORIGIN, number=False) == (None, None)
    assert shell.run(ORIGIN, "b", number=False) == (None, "b")
    shell.shell.run_cell(
        "from ddd_kit.journal.origin import current_origin as o\nseen = o.get()", silent=True
    )
    assert shell.shell.user_ns["seen"] is NOWHERE
    assert shell.run(ORIGIN) == ("In [2]", None)


def test_a_cell_within_a_cell_leaves_the_outer_ones_name_in_place(shell: Shell) -> None:
    """As `%run other.ipynb` does it."""
    shell.shell.user_ns["shell"] = shell.shell
    shell.run(ORIGIN)
    shell.run(f"inner = shell.run_cell({ORIGIN!r}).result\nouter = tuple(current_origin.get())", "b")
    assert shell.shell.user_ns["inner"] == shell.shell.user_ns["outer"] == ("In [2]", "b")


def test_an_asynchronous_cell_and_its_tasks_bear_its_name(shell: Shell) -> None:
    shell.run(ORIGIN)
    shell.run("import asyncio\nasync def ask():\n    return tuple(current_origin.get())")
    assert shell.run("await asyncio.create_task(ask())", "b") == ("In [3]", "b")
    assert shell.run(ORIGIN) == ("In [4]", None)
    assert current_origin.get() is NOWHERE


def test_installing_again_or_reloading_the_kit_changes_nothing(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell.shell)
    before = shell.shell.events.callbacks["pre_run_cell"][:]
    install(shell.shell)
    shell.shell.user_ns["ddd_kit"] = ddd_kit
    shell.run("import importlib; importlib.reload(ddd_kit)")
    assert shell.shell.events.callbacks["pre_run_cell"] == before
    assert current_origin.get() is NOWHERE


def test_reloading_the_hooks_replaces_the_old_ones(shell: Shell) -> None:
    """As happens to somebody who works on the kit itself."""
    names = {name: value for name, value in vars(cells).items() if not name.startswith("__")}
    shell.shell.user_ns.update(cells=cells, importlib=importlib, this=shell.shell)
    try:
        shell.run("importlib.reload(cells).install(this)")
        assert current_origin.get() is NOWHERE
        assert shell.run(ORIGIN, "b") == ("In [2]", "b")
        assert hooks(shell) == [cells.CellHooks]
    finally:
        for name, value in names.items():
            setattr(cells, name, value)


IMPORTING = """
from IPython.terminal.interactiveshell import TerminalInteractiveShell
shell = TerminalInteractiveShell.instance()
shell.run_cell({cell!r}, {options})
shell.run_cell({second!r}, store_history=True)
first, second = shell.user_ns["first"], shell.user_ns["second"]
print(first.journal[0].cell, first.registry.elements["Early"].cell_id, second.journal[0].cell)
"""
FIRST = 'from ddd_kit import Domain; first = Domain(name="Bookshop")\n@first.aggregate\nclass Early: ...'
AWAIT = "\nimport asyncio; await asyncio.sleep(0)"
SECOND = 'second = Domain(name="Bookshop")\n@second.aggregate\nclass Late: ...'


@pytest.mark.parametrize(
    ("cell", "options", "said"),
    [
        (FIRST, "store_history=True, cell_id='a'", "In [1] a In [2]"),
        (FIRST + AWAIT, "store_history=True, cell_id='a'", "In [1] a In [2]"),
        (FIRST, "store_history=False", "None None In [1]"),
        (FIRST, "silent=True", "None None In [1]"),
        (FIRST, "silent=True, store_history=True", "None None In [1]"),
    ],
)
def test_the_cell_that_imports_the_kit_is_known_too(cell: str, options: str, said: str) -> None:
    script = IMPORTING.format(cell=cell, options=options, second=SECOND)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == f"{said}\n", done.stderr


def test_outside_ipython_the_kit_does_not_load_it() -> None:
    script = "import ddd_kit, sys; print('IPython' in sys.modules, 'ddd_kit.notebook' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "False False\n"


# What a cell defines no longer


@pytest.mark.parametrize("cell_id", ["h", None])
def test_a_cell_run_three_times_handles_each_event_once(shell: Shell, cell_id: str | None) -> None:
    shell.run(MODEL, "m")
    shell.run(STOCK)
    for _ in range(3):
        shell.run(both("ManageInventory"), cell_id)
    shell.run(SHIP)
    assert shell.stock == 90
    assert shell.changes("ManageInventory") == ["registered", "replaced", "replaced"]


def test_a_renamed_handler_does_not_fire_twice(shell: Shell) -> None:
    shell.run(MODEL, "m")
    shell.run(STOCK)
    shell.run(both("ManageInventory"), "h")
    shell.run(both("KeepStock"), "h")
    shell.run(SHIP)
    assert shell.stock == 90
    assert shell.changes("ManageInventory") == ["registered", "retired"]


def test_what_is_gone_from_the_source_is_gone_before_the_rest_of_the_cell_runs(shell: Shell) -> None:
    """Else a command handler that is renamed would be refused as a second one, and events handled twice."""
    shell.run(MODEL, "m")
    shell.run(STOCK)
    shell.run(both("ManageInventory"), "h")
    shell.run(both("KeepStock") + SHIP, "h")
    assert shell.stock == 90


def test_a_definition_that_was_not_reached_this_time_leaves_after_the_run(shell: Shell) -> None:
    shell.run(MODEL, "m")
    shell.run("wanted = True")
    conditional = "if wanted:\n    @domain.aggregate\n    class Shelf: ..."
    shell.run(conditional, "c")
    assert "Shelf" in shell.elements
    shell.run("wanted = False")
    shell.run(conditional, "c")
    assert "Shelf" not in shell.elements
    assert shell.domain.journal[-1].cell == "In [5]"


def test_a_cell_that_fails_retires_only_what_is_gone_from_its_source(shell: Shell) -> None:
    shell.run(MODEL, "m")
    shell.run(EMPTY.format("Shelf") + EMPTY.format("Room") + EMPTY.format("Box"), "c")
    shell.run(EMPTY.format("Shelf") + "1 / 0\n" + EMPTY.format("Room"), "c", fails=True)
    assert shell.elements[-2:] == ["Shelf", "Room"]
    shell.run(EMPTY.format("Shelf"), "c")
    assert shell.elements[-1] == "Shelf"


def test_a_cell_that_is_no_python_retires_nothing(shell: Shell) -> None:
    shell.run(MODEL, "m")
    shell.run(EMPTY.format("Shelf"), "c")
    shell.run("@domain.aggregate\nclass Room(", "c", fails=True)
    assert "Shelf" in shell.elements
    shell.run(EMPTY.format("Room"), "c")
    assert "Shelf" not in shell.elements


def test_a_class_that_moved_to_another_cell_stays(shell: Shell) -> None:
    shell.run(MODEL, "m")
    shell.run(EMPTY.format("Shelf") + EMPTY.format("Room"), "c")
    shell.run(EMPTY.format("Shelf"), "d")
    shell.run(EMPTY.format("Room"), "c")
    assert {"Shelf", "Room"} <= set(shell.elements)
    assert "retired" not in shell.changes("Shelf")


def test_a_class_under_a_cell_magic_keeps_its_place(shell: Shell) -> None:
    shell.run(MODEL, "m")
    shell.run(EMPTY.format("Shelf"), "c")
    shell.run("%%capture\n@domain.aggregate\nclass Shelf: ...", "c")
    assert shell.changes("Shelf") == ["registered", "replaced"]


def test_a_class_that_a_function_makes_keeps_its_place(shell: Shell) -> None:
    """Its name stands in no source, so only a run can tell that it is gone."""
    shell.run(MODEL, "m")
    shell.run("def make(name):\n    domain.aggregate(type(name, (), {'__module__': '__main__'}))")
    shell.run("make('Shelf')", "c")
    shell.run("make('Shelf')", "c")
    assert shell.changes("Shelf") == ["registered", "replaced"]
    shell.run("make('Room')", "c")
    assert shell.changes("Shelf")[-1] == "retired"


def test_a_class_that_another_cell_defines_meanwhile_stays(shell: Shell) -> None:
    shell.run(MODEL, "m")
    shell.shell.user_ns.update(this=shell.shell, empty=EMPTY.format("Shelf"), elsewhere=False)
    source = "if elsewhere:\n    this.run_cell(empty, cell_id='d')\nelse:\n    exec(empty)"
    shell.run(source, "c")
    shell.run("elsewhere = True")
    shell.run(source, "c")
    assert shell.changes("Shelf") == ["registered", "replaced"]


def test_without_cell_ids_nothing_is_retired(shell: Shell) -> None:
    """A terminal and nbclient give none: there `domain.forget` is the way."""
    shell.run(MODEL)
    shell.run(EMPTY.format("Shelf"))
    shell.run(EMPTY.format("Room"))
    assert {"Shelf", "Room"} <= set(shell.elements)


def test_what_a_module_defines_stays_though_it_is_imported_only_once(shell: Shell) -> None:
    sys.modules.pop("seed_model", None)
    shell.run("from seed_model import domain", "i")
    before = shell.elements
    shell.run("from seed_model import domain", "i")
    assert shell.elements == before != []


def test_an_older_domain_keeps_what_a_cell_now_defines_in_a_newer_one(shell: Shell) -> None:
    """A list of domains that one cell makes, to compare them."""
    shell.run("domains = []")
    shell.run(MODEL + "\ndomains.append(domain)", "m")
    shell.run(MODEL + "\ndomains.append(domain)", "m")
    assert [list(domain.registry.elements) for domain in shell.shell.user_ns["domains"]] == [
        shell.elements
    ] * 2


def test_elements_of_every_living_domain_are_looked_after(shell: Shell) -> None:
    shell.run(MODEL, "m")
    shell.run("other = Domain(name='Library')")
    shell.run("@other.aggregate\nclass Shelf: ...\n@domain.aggregate\nclass Room: ...", "c")
    shell.run("pass", "c")
    assert list(shell.shell.user_ns["other"].registry.elements) == []
    assert "Room" not in shell.elements


def test_a_domain_that_nobody_holds_is_forgotten() -> None:
    ddd_kit.Domain(name="Short")
    ddd_kit.Domain(name="Last")  # the one made last is held
    gc.collect()
    names = [engine.name for engine in living_engines()]
    assert "Last" in names
    assert "Short" not in names


@pytest.mark.parametrize(
    ("source", "classes"),
    [
        ("class A: ...\nif 1:\n    class B: ...\ndef f():\n    class C: ...", {"A", "B", "C"}),
        ("text = 'class A: ...'  # class B", set()),
        ("class A(", None),
        ("a = '\0'", None),
    ],
)
def test_classes_in_a_source(source: str, classes: set[str] | None) -> None:
    assert classes_in(source, str) == classes
