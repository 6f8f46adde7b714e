"""Which cell an entry comes from, and who is told when a cell begins and ends."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from collections.abc import Iterator

import IPython
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.terminal.interactiveshell import TerminalInteractiveShell

import ddd_kit
from ddd_kit.journal.origin import NOWHERE, Origin, current_origin
from ddd_kit.notebook import cells
from ddd_kit.notebook.cells import install, on_cell_begin, on_cell_end, running_cell
from shells import MODEL, STOCK, Shell, open_shell

ORIGIN = "from ddd_kit.journal.origin import current_origin\ntuple(current_origin.get())"


def hooks(shell: Shell) -> list[type]:
    """The kit's among the callbacks of a shell."""
    called = [getattr(f, "__self__", None) for f in shell.shell.events.callbacks["pre_run_cell"]]
    return [type(hook) for hook in called if type(hook).__name__ == "CellHooks"]


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
        cells._running.clear()


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


# Who is told


@pytest.fixture
def told(shell: Shell) -> Iterator[list[tuple[str, Origin, Origin | None]]]:
    """What is told around cells: when, of which cell, and which one runs and which origin holds then."""
    told: list[tuple[str, Origin, Origin | None]] = []
    stops = [
        on_cell_begin(lambda cell: told.append(("begin", cell, running_cell()))),
        on_cell_end(lambda cell: told.append(("end", cell, running_cell()))),
    ]
    yield told
    for stop in stops:
        stop()


@pytest.mark.parametrize(
    ("source", "fails"),
    [
        ("1", False),
        ("1 / 0", True),
        ("def broken(", True),
        ("raise KeyboardInterrupt", True),
        ("raise SystemExit", True),
        ("import asyncio; await asyncio.sleep(0)", False),
        ("get_ipython().run_cell('1')", False),
        ("get_ipython().run_cell('1', store_history=True)", False),
    ],
)
@pytest.mark.filterwarnings("ignore:To exit:UserWarning")
def test_a_cell_is_told_of_once_however_it_ends(
    shell: Shell, told: list[object], source: str, fails: bool
) -> None:
    shell.run(source, "a", fails=fails)
    cell = Origin("In [1]", "a")
    assert told == [("begin", cell, cell), ("end", cell, None)]


def test_origins_are_in_place_when_a_cell_is_told_of(shell: Shell) -> None:
    seen = []
    stops = [on_cell_begin(lambda _: seen.append(current_origin.get())),
             on_cell_end(lambda _: seen.append(current_origin.get()))]  # fmt: skip
    shell.run("1", "a")
    assert seen == [("In [1]", "a"), NOWHERE]
    for stop in stops:
        stop()


def test_silent_and_empty_runs_are_not_told_of(shell: Shell, told: list[object]) -> None:
    shell.shell.run_cell("1", silent=True)
    shell.run("")
    assert told == []


def test_after_unregistering_nothing_is_told(shell: Shell) -> None:
    told: list[Origin] = []
    first, second = on_cell_end(told.append), on_cell_end(told.append)
    first()
    first()
    shell.run("1")
    assert told == [("In [1]", None)]
    second()
    shell.run("1")
    assert len(told) == 1


def test_a_callback_that_fails_warns_and_keeps_nobody_from_running(shell: Shell, told: list[object]) -> None:
    def fail(cell: Origin) -> None:
        raise ZeroDivisionError("by nothing")

    stops = [on_cell_begin(fail), on_cell_end(fail)]
    later: list[Origin] = []
    stops += [on_cell_begin(later.append), on_cell_end(later.append)]
    with pytest.warns(RuntimeWarning, match="fail, called around a cell, failed with ZeroDivisionError: by"):
        assert shell.run("1 + 1") == 2
    assert len(later) == len(told) == 2
    for stop in stops:
        stop()


ASKING = """
from threading import Thread
asked = [running_cell(), get_ipython().run_cell("running_cell()").result]
thread = Thread(target=lambda: asked.append(running_cell()))
thread.start(); thread.join()
"""


def test_which_cell_runs_is_known_in_it_and_in_every_thread(shell: Shell) -> None:
    shell.shell.user_ns["running_cell"] = running_cell
    shell.run(ASKING, "a")
    assert shell.shell.user_ns["asked"] == [("In [1]", "a")] * 3
    assert running_cell() is None
    shell.shell.run_cell("silently = running_cell()", silent=True)
    assert shell.shell.user_ns["silently"] is None


def test_a_run_in_another_thread_is_told_of_and_is_not_the_one_that_runs(
    shell: Shell, told: list[object]
) -> None:
    """As in a subshell of a kernel, also while a cell runs."""

    def elsewhere() -> None:
        thread = threading.Thread(target=shell.run, args=("1", "t"), kwargs={"number": False})
        thread.start()
        thread.join()

    other, cell = Origin(None, "t"), Origin("In [1]", "a")
    elsewhere()
    assert told == [("begin", other, None), ("end", other, None)]
    shell.shell.user_ns["elsewhere"] = elsewhere
    shell.run("elsewhere()", "a")
    assert told[2:] == [
        ("begin", cell, cell),
        ("begin", other, cell),
        ("end", other, cell),
        ("end", cell, None),
    ]


def test_an_interrupt_that_hits_the_hook_itself_costs_one_cell_at_most(
    shell: Shell, told: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(hooks: cells.CellHooks, run: cells.Run) -> None:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(cells.CellHooks, "_drop", interrupted)
    shell.run("1", "a")
    told.clear()
    shell.run("1", "b")
    cell = Origin("In [2]", "b")
    assert told == [("begin", cell, cell), ("end", cell, None)]
    assert current_origin.get() is NOWHERE
