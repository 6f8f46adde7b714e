"""`%%trace` and `%trace on`: what a cell caused, and nothing else, below it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.terminal.interactiveshell import TerminalInteractiveShell

from ddd_kit.journal.origin import origin
from ddd_kit.notebook import tracing
from ddd_kit.notebook.cells import innermost_run
from shells import HANDLER, MODEL, SHIP, STOCK, Shell, open_shell

QUIET = SHIP.rstrip() + ";"
NOTHING = "Nothing happened in this cell."
LIBRARY = """
library = Domain(name="Library")
@library.aggregate
class Loan:
    days: int = 14
"""


class Shop:
    """A shell with the extension, and what its cells print."""

    def __init__(self, shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
        self.shell = shell
        self._capsys = capsys

    def run(self, source: str, cell_id: str | None = None, **options: Any) -> list[str]:
        """The lines that a cell shows, without identities and times."""
        self._capsys.readouterr()
        self.shell.run(source, cell_id, **options)
        captured = self._capsys.readouterr()
        shown = re.sub(r"\x1b\[[0-9;]*m", "", captured.out + captured.err)
        return re.sub(r"\b[0-9a-f]{8}\b", "#", re.sub(r"[\d.,]+ m?s\b", "T ms", shown)).splitlines()


def shipped(cell: int, stock: int) -> list[str]:
    """The tree of a shipment."""
    return [
        f"In [{cell}]",
        "  ■ Order # added: quantity 10",
        "  ● OrderShipped (quantity 10) on order-#",
        "    ◆ ManageInventory.reduce ran, T ms",
        f"      ■ Inventory # in_stock {stock} -> {stock - 10}",
    ]


@pytest.fixture
def shop(shell: Shell, capsys: pytest.CaptureFixture[str]) -> Iterator[Shop]:
    """Five cells have run, and 100 books are in stock."""
    for cell in ("%load_ext ddd_kit", MODEL, STOCK, HANDLER.format(name="ManageInventory"), QUIET):
        shell.run(cell)
    yield Shop(shell, capsys)
    shell.run("%unload_ext ddd_kit")


# What is shown


def test_the_tree_holds_what_this_cell_caused_and_its_field_changes(shop: Shop) -> None:
    assert shop.run("%%trace\n" + QUIET) == shipped(6, 90)


def test_a_cell_that_does_nothing_says_so_in_one_line(shop: Shop) -> None:
    assert shop.run("%%trace\n1;") == [NOTHING]
    assert shop.run("%%trace") == [NOTHING]


def test_definitions_are_shown_where_nothing_else_happened(shop: Shop) -> None:
    assert shop.run("%%trace\n@domain.aggregate\nclass Shelf: ...") == [
        "In [6]",
        "  + aggregate Shelf registered",
    ]
    assert shop.run("%%trace\n@domain.aggregate\nclass Room: ...\n" + QUIET) == shipped(7, 90)


def test_several_domains_have_a_heading_each(shop: Shop) -> None:
    """One that is made in this very cell is among them, one with definitions only is not."""
    shop.run("idle = Domain(name='Idle')")
    loan = f"{LIBRARY}\nlibrary.repository_for(Loan).add(Loan())\n@idle.aggregate\nclass Idler: ..."
    tree = shipped(7, 90)
    assert shop.run(f"%%trace\n{QUIET}\n{loan}") == [
        *("Bookshop", *tree),
        *("Library", "In [7]", "  ■ Loan # added: days 14"),
    ]


def test_after_a_reset_the_new_journal_is_shown(shop: Shop) -> None:
    reset = f"{QUIET}\ndomain.reset()\n{STOCK};"
    assert shop.run("%%trace\n" + reset) == ["In [6]", "  ■ Inventory # added: in_stock 100"]


def test_a_journal_that_is_folded_meanwhile_shows_what_is_kept(shop: Shop) -> None:
    shop.run("domain.config['journal_limit'] = 8")
    many = "for _ in range(9):\n" + "\n".join(f"    {line}" for line in QUIET.splitlines())
    shown = shop.run("%%trace\n" + many)
    assert shown[-4:] == shipped(7, 10)[1:]
    assert len(shown) < 14


def test_without_a_journal_the_reason_is_said(shop: Shop) -> None:
    shop.run("domain.config['journal'] = False")
    [said] = shop.run("%%trace\n" + QUIET)
    assert said == 'Nothing was recorded in this cell: config["journal"] of Bookshop is False.'


def test_what_others_do_meanwhile_is_not_this_cells(shop: Shop) -> None:
    """A widget's callback, and another thread."""

    def try_it() -> None:
        with origin("Try it"):
            shop.shell.run(QUIET, number=False)

    def elsewhere() -> None:
        thread = threading.Thread(target=shop.shell.run, args=(QUIET,), kwargs={"number": False})
        thread.start()
        thread.join()

    shop.shell.shell.user_ns.update(try_it=try_it, elsewhere=elsewhere)
    assert shop.run("%%trace\ntry_it()\nelsewhere()")[-1] == NOTHING
    assert shop.shell.stock == 70


def test_a_task_belongs_to_the_cell_that_made_it(shop: Shop) -> None:
    ship = "\n".join(f"    {line}" for line in SHIP.strip().splitlines())
    shop.run(f"import asyncio\nasync def ship():\n    await asyncio.sleep(0)\n{ship}")
    assert shop.run("%%trace\nawait asyncio.create_task(ship())") == shipped(7, 90)
    shop.run("async def later(): return asyncio.create_task(ship())\ntask = await later()")
    assert shop.run("%%trace\nawait task") == [NOTHING]
    assert shop.shell.stock == 70


def test_the_tree_can_be_read_without_style_and_attributes(shop: Shop) -> None:
    """As an untrusted notebook and a code host show it."""
    shown: list[dict[str, str]] = []
    shell = shop.shell.shell
    shell.display_formatter.active_types = ["text/plain", "text/html"]
    shell.display_pub.publish = lambda data, _metadata: shown.append(data)
    shop.run("%%trace\n" + QUIET)
    [data] = shown
    assert data["text/plain"].startswith("In [6]\n  ■ Order ")
    assert Outline.of(data["text/html"]) == [
        (1, "■ Order # added quantity 10"),
        (1, "● OrderShipped quantity 10 order-#"),
        (2, "◆ ManageInventory.reduce ✓ T ms"),
        (3, "■ Inventory # in_stock 90 → 80"),
    ]


class Outline(HTMLParser):
    """The items of nested lists, with their depth."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[tuple[int, str]] = []
        self.depth = 0

    @classmethod
    def of(cls, html: str) -> list[tuple[int, str]]:
        outline = cls()
        outline.feed(html)
        texts = [(depth, " ".join(text.split())) for depth, text in outline.items]
        hidden = [(r"\b[0-9a-f]{8}\b", "#"), (r"[\d.,]+ m?s\b", "T ms"), (r"^\d+ ", "")]
        for pattern, instead in hidden:
            texts = [(depth, re.sub(pattern, instead, text)) for depth, text in texts]
        return texts

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        self.depth += tag == "ul"
        if tag == "li":
            self.items.append((self.depth, ""))

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "ul"

    def handle_data(self, data: str) -> None:
        if self.items and self.depth:
            depth, text = self.items[-1]
            self.items[-1] = (depth, text + data)


# The cell is otherwise what it is without


def test_the_last_expression_is_shown_and_given(shop: Shop) -> None:
    assert shop.shell.run("%%trace\n1 + 1") == 2


def test_a_cell_awaits(shop: Shop) -> None:
    awaiting = f"import asyncio\nawait asyncio.sleep(0)\n{QUIET}"
    assert shop.run("%%trace\n" + awaiting) == shipped(6, 90)


def test_a_class_that_the_cell_defines_no_longer_is_retired(shop: Shop) -> None:
    shop.run("%%trace\n@domain.aggregate\nclass Shelf: ...", "c")
    shop.run("%%trace\n@domain.aggregate\nclass Room: ...", "c")
    assert "Room" in shop.shell.elements
    assert "Shelf" not in shop.shell.elements


def test_a_future_import_may_follow(shop: Shop) -> None:
    shop.run("%%trace\nfrom __future__ import annotations\ndef f(a: Unknown): ...\nf")


def test_an_error_comes_after_the_tree_with_its_line(shop: Shop) -> None:
    shown = shop.run(f"%%trace\n{QUIET}\n1 / 0", fails=True)
    assert shown[:5] == shipped(6, 90)
    assert "-> 6 1 / 0" in "\n".join(shown[5:])
    assert shown[-1] == "ZeroDivisionError: division by zero"


def test_an_interrupted_cell_shows_its_tree(shop: Shop) -> None:
    shown = shop.run(f"%%trace\n{QUIET}\nraise KeyboardInterrupt", fails=True)
    assert shown[:5] == shipped(6, 90)


def test_a_cell_that_is_no_python_shows_its_error_only(shop: Shop) -> None:
    shown = shop.run("%%trace\ndef broken(", fails=True)
    assert NOTHING not in shown
    assert any(line.startswith("SyntaxError") for line in shown)


def test_afterwards_the_shell_shows_errors_itself(shop: Shop) -> None:
    shop.run("%%trace\n1 / 0", fails=True)
    assert "showtraceback" not in vars(shop.shell.shell)


def test_somebody_elses_way_to_show_errors_is_used_and_stays(shop: Shop) -> None:
    seen = []
    theirs = shop.shell.shell.showtraceback = lambda *args, **_: seen.append(args)
    assert shop.run(f"%%trace\n{QUIET}\n1 / 0", fails=True) == shipped(6, 90)
    assert len(seen) == 1
    assert shop.shell.shell.showtraceback is theirs


def test_a_tree_that_fails_hides_neither_the_error_nor_itself(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(watch: tracing.Watch) -> None:
        raise ValueError("no tree")

    monkeypatch.setattr(tracing.Watch, "_trace", fail)
    with pytest.warns(RuntimeWarning, match="ValueError: no tree"):
        shown = shop.run("%%trace\n1 / 0", fails=True)
    assert shown[-1] == "ZeroDivisionError: division by zero"


# Together with other magics


@pytest.mark.parametrize(
    "heads", ["%%time\n%%trace", "%%trace\n%%time", "%%trace\n\n%%time", "%%trace\n%%trace"]
)
def test_it_stands_above_or_below_time(shop: Shop, heads: str) -> None:
    shown = shop.run(f"{heads}\n{QUIET}")
    assert shown[-5:] == shipped(6, 90)
    assert ("Wall time" in "".join(shown)) is ("time" in heads)


def test_what_another_magic_runs_as_a_cell_is_part_of_this_one(shop: Shop) -> None:
    assert shop.run("%%trace\n%%capture\n" + QUIET) == shipped(6, 90)


def test_below_capture_the_tree_is_captured(shop: Shop) -> None:
    assert shop.run("%%capture shown\n%%trace\n" + SHIP) == []
    assert shop.shell.shell.user_ns["shown"].stdout.splitlines()[1] == "In [6]"


def test_code_may_call_it_as_a_cell_magic(shop: Shop) -> None:
    source = "get_ipython().run_cell_magic('trace', '', {!r})"
    assert shop.run(source.format(SHIP))[1:] == shipped(6, 90)
    assert NOTHING in shop.run(source.format("1 / 0"), fails=True)


def test_a_silent_run_shows_nothing(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    shop.shell.shell.run_cell("%%trace\n" + SHIP, silent=True)
    assert capsys.readouterr().out == ""
    assert innermost_run() is None


# On and off


def test_on_is_for_every_later_cell_until_off(shop: Shop) -> None:
    assert shop.run(f"%trace on\n{QUIET}") == []
    assert shop.run(QUIET) == shipped(7, 80)
    assert shop.run("%%trace\n" + QUIET) == shipped(8, 70)
    assert shop.run(f"{QUIET}\n1 / 0", fails=True)[:5] == shipped(9, 60)
    assert shop.run(f"{QUIET}\n%trace off") == []
    assert shop.run(QUIET) == []


def test_on_is_quiet_where_nothing_but_definitions_happened(shop: Shop) -> None:
    shop.run("%trace on")
    assert shop.run("1;") == []
    assert shop.run("@domain.aggregate\nclass Shelf: ...") == []
    assert shop.run("") == []


def test_after_an_error_only_what_is_new_is_shown(shop: Shop) -> None:
    """As when a magic shows an error and goes on."""
    caught = f"try:\n    1 / 0\nexcept ZeroDivisionError:\n    get_ipython().showtraceback()\n{QUIET}"
    shown = shop.run(f"%%trace\n{caught}")
    assert shown[0] == NOTHING
    assert shown[-5:] == shipped(6, 90)


def test_trace_alone_says_which_it_is(shop: Shop) -> None:
    assert shop.run("%trace")[0].startswith("Trace is off. %trace on")
    shop.run("%trace on\n%trace on")
    assert shop.run("%trace")[0].startswith("Trace is on. ")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("%trace onn", "%trace takes on or off, not 'onn': did you mean 'on'?"),
        ("%trace on off", "%trace takes on or off, not 'on off'"),
        ("%%trace on\n1", "%%trace takes nothing after it, not 'on'."),
        ("get_ipython().run_cell_magic('trace', 'on', '1')", "%%trace takes nothing after it, not 'on'."),
    ],
)
def test_another_argument_is_refused_with_the_way_out(shop: Shop, source: str, said: str) -> None:
    shown = shop.run(source, fails=True)[-1]
    assert shown.startswith(f"UsageError: {said}")
    assert "%trace off ends that" in shown


# How it is typed


def test_a_terminal_waits_for_the_rest_of_the_cell_and_prints_the_tree(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with open_shell(TerminalInteractiveShell) as shell:
        shell.run("%load_ext ddd_kit")
        assert shell.shell.check_complete("%%trace")[0] == "incomplete"
        assert shell.shell.check_complete("%%trace\norder.ship()\n\n")[0] == "complete"
        shell.run(MODEL)
        capsys.readouterr()
        shell.run("%%trace\n" + STOCK + ";")
        assert capsys.readouterr().out.startswith("In [3]\n  ■ Inventory ")


def test_it_is_offered_and_explained(shop: Shop) -> None:
    with provisionalcompleter():
        offered = [found.text for found in shop.shell.shell.Completer.completions("%%tra", 5)]
    assert "%%trace" in offered
    assert any("as a tree" in line for line in shop.run("%%trace?"))


@pytest.mark.parametrize("head", ["%%tracemalloc", "%trace2", "# %%trace", "x = 1"])
def test_other_cells_are_left_alone(shop: Shop, head: str) -> None:
    assert "'cell'" not in shop.shell.shell.transform_cell(f"{head}\n1")
