"""`%why` and `%domain` in a shell."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ddd_kit.journal.causality import Why
from shells import HANDLER, MODEL, SHIP, STOCK, Shell


@pytest.fixture
def shop(shell: Shell) -> Shell:
    for cell in ("%load_ext ddd_kit", MODEL, STOCK, HANDLER.format(name="ManageInventory"), SHIP):
        shell.run(cell)
    return shell


def test_why_gives_an_answer_that_shows_as_such(shop: Shell) -> None:
    shop.run("inventory = domain.repository_for(Inventory).query.first")
    found = shop.run("%why inventory.in_stock")
    assert isinstance(found, Why)
    shop.shell.display_formatter.active_types = ["text/plain", "text/html"]
    assert "<ol" in shop.shell.display_formatter.format(found)[0]["text/html"]
    shop.run("answer = %why inventory.in_stock")
    assert shop.shell.user_ns["answer"].sentence == found.sentence


def test_braces_in_a_question_are_pythons(shop: Shell) -> None:
    """IPython would put in values for them."""
    assert isinstance(shop.run("%why dict.fromkeys({order.id}, order)[order.id].quantity"), Why)


def test_a_question_without_an_answer_makes_the_cell_fail_without_a_traceback(
    shop: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.run("%why order.quantty", fails=True)
    said = capsys.readouterr().err
    assert said == "UsageError: %why order.quantty: Order has no field 'quantty': did you mean 'quantity'?\n"


def test_domain_names_the_current_one_what_is_in_it_and_the_others(
    shop: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.run("library = _hidden = Domain(name='Library')\nbook_club = library")
    capsys.readouterr()
    shop.run("%domain")
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Library (`library`, `book_club`): 0 elements, 0 journal entries"
    assert "Another: Bookshop (`domain`): 4 elements, 9 journal entries" in said
    assert [line for line in said if "Library" in line] == said[:1]
    shop.run("with domain.domain_context():\n    %domain")
    assert capsys.readouterr().out.splitlines()[:4] == [
        "Bookshop (`domain`): 4 elements, 9 journal entries",
        "  2 aggregates: Order, Inventory",
        "  1 event: OrderShipped",
        "  1 event handler: ManageInventory",
    ]


def test_domain_tells_of_an_older_one_only_where_a_variable_holds_it(
    shop: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.run("kept = Domain(name='Library')")
    shop.run("library = Domain(name='Library')\nas_Out_does = [library]")
    shop.run("library = Domain(name='Library')")
    capsys.readouterr()
    shop.run("%domain")
    assert [line for line in capsys.readouterr().out.splitlines() if "Library" in line] == [
        "Library (`library`): 0 elements, 0 journal entries",
        "Another: Library (`kept`): 0 elements, 0 journal entries",
    ]


def test_a_domain_whose_cell_ran_again_is_not_among_the_others(
    shop: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.run("gone = Domain(name='Gone')\ngone = None\nDomain(name='Stays')")
    capsys.readouterr()
    shop.run("%domain")
    assert "Gone" not in capsys.readouterr().out


def test_many_names_stay_on_one_line(shop: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shop.run(
        "for n in range(50):\n    domain.aggregate(type(f'Aggregate{n}', (), {'__module__': '__main__'}))"
    )
    capsys.readouterr()
    shop.run("with domain.domain_context():\n    %domain")
    longest = max(capsys.readouterr().out.splitlines(), key=len)
    assert longest.endswith(" ...")
    assert len(longest) < 110


def test_domain_takes_nothing(shop: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shop.run("%domain Library", fails=True)
    said = capsys.readouterr().err
    assert said.startswith("UsageError: %domain takes nothing, not 'Library'")
    assert "domain_context()" in said


def test_without_a_domain_the_way_to_make_one_is_said() -> None:
    script = """
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
shell.run_cell("%load_ext ddd_kit")
shell.run_cell("%domain")
shell.run_cell("%%trace")
shell.run_cell("%why order.quantity")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        'There is no domain yet. Make one: domain = Domain(name="Bookshop").',
        "Nothing happened in this cell.",
    ]
    assert "there is no name 'order'" in done.stderr
