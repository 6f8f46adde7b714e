"""What `%load_ext ddd_kit` brings, and that `%unload_ext` takes it away again."""

from __future__ import annotations

import pytest

from shells import MODEL, SHIP, STOCK, Shell

MAGICS = {"trace", "why", "domain"}


def magics(shell: Shell) -> tuple[set[str], set[str]]:
    """Those of the kit that work in a line, and in a cell."""
    found = shell.shell.magics_manager.magics
    return MAGICS & set(found["line"]), MAGICS & set(found["cell"])


def test_loading_twice_changes_nothing(shell: Shell) -> None:
    before = len(shell.shell.input_transformers_cleanup)
    shell.run("%load_ext ddd_kit\n%load_ext ddd_kit")
    shell.run("import ddd_kit; ddd_kit.load_ipython_extension(get_ipython())")
    assert magics(shell) == (MAGICS, {"trace"})
    assert len(shell.shell.input_transformers_cleanup) == before + 1


def test_reloading_leaves_one_of_each(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(shell.shell.input_transformers_cleanup)
    shell.run("%load_ext ddd_kit")
    shell.run("%trace on")
    shell.run("%reload_ext ddd_kit")
    assert magics(shell) == (MAGICS, {"trace"})
    assert len(shell.shell.input_transformers_cleanup) == before + 1
    shell.run("%trace")
    assert "Trace is off." in capsys.readouterr().out


def test_after_unloading_only_the_journal_knows_of_cells(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    before = list(shell.shell.input_transformers_cleanup)
    callbacks = {event: called[:] for event, called in shell.shell.events.callbacks.items()}
    shell.run("%load_ext ddd_kit")
    shell.run(MODEL)
    shell.run("%trace on")
    shell.run(STOCK)
    shell.run("%unload_ext ddd_kit")
    assert magics(shell) == (set(), set())
    assert shell.shell.input_transformers_cleanup == before
    assert shell.shell.events.callbacks == callbacks
    capsys.readouterr()
    shell.run(SHIP.rstrip() + ";")
    assert capsys.readouterr().out == ""
    assert shell.domain.journal[-1].cell == "In [6]"
    shell.run("%why order.quantity", fails=True)


def test_unloading_in_a_cell_that_is_traced_ends_it(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run("%load_ext ddd_kit")
    shell.run("%%trace\n%unload_ext ddd_kit")
    assert capsys.readouterr().out == ""
    assert "showtraceback" not in vars(shell.shell)


def test_a_magic_that_somebody_else_has_put_in_place_of_one_stays(shell: Shell) -> None:
    shell.run("%load_ext ddd_kit")
    shell.shell.register_magic_function(lambda _: None, "line", "why")
    shell.run("%unload_ext ddd_kit")
    assert magics(shell) == ({"why"}, set())


def test_loading_brings_the_journals_hooks_to_a_shell_without_them(shell: Shell) -> None:
    """As in a shell that is not the one of its process."""
    shell.shell._ddd_kit_cells.uninstall()
    del shell.shell._ddd_kit_cells
    shell.run("%load_ext ddd_kit")
    shell.run(MODEL)
    assert shell.domain.journal[0].cell == "In [2]"
