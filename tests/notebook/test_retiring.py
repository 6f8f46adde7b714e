"""What becomes of elements whose cell runs again."""

from __future__ import annotations

import gc
import sys

import pytest

import ddd_kit
from ddd_kit.engine.context import living_engines
from ddd_kit.notebook.retiring import classes_in
from shells import HANDLER, MODEL, SHIP, STOCK, Shell

EMPTY = "@domain.aggregate\nclass {}: ...\n"


def both(name: str) -> str:
    return HANDLER.format(name=name)


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
