"""What is offered after a dot: the words for users, in every completer of IPython."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter

import ddd_kit
from ddd_kit.notebook import completion
from shells import HANDLER, MODEL, SHIP, STOCK, Shell

ORDER = ["id", "quantity", "raise_", "ship", "to_dict"]
DOMAIN = {
    *("aggregate", "event", "command", "event_handler", "command_handler", "register", "forget", "init"),
    *("repository_for", "process", "domain_context", "reset", "config", "name", "at"),
    *("journal", "stream", "why", "why_not", "map", "graph", "draw", "chart"),
    *("waiting", "deliver", "deliver_all"),
}
MACHINERY = {
    *("lock", "link", "registry", "world", "open_world", "refuse_foreign", "retire", "work_off", "seed"),
    *("append", "rows", "numbered_rows", "until", "begin_anew", "instance_at", "batch_end", "steps_of"),
    *("missed", "schema", "mro"),
}
JOURNAL = {
    *("step", "of", "between", "changes", "to_frame", "to_text"),
    *("last_step", "first_step", "extent", "state_at"),
}


@pytest.fixture(params=[True, False], ids=["jedi", "no jedi"])
def shop(shell: Shell, request: pytest.FixtureRequest) -> Shell:
    for cell in (MODEL, STOCK, HANDLER.format(name="ManageInventory"), SHIP):
        shell.run(cell)
    shell.run("from ddd_kit import current_domain")
    shell.shell.Completer.use_jedi = request.param
    return shell


def offered(shop: Shell, source: str) -> list[str]:
    with provisionalcompleter():
        found = list(shop.shell.Completer.completions(source, len(source)))
    return [each.text.rsplit(".")[-1] for each in found]


def test_fields_and_methods_of_an_aggregate(shop: Shell) -> None:
    assert offered(shop, "order.") == ORDER
    assert offered(shop, "x = 1\nprint(order.qu") == ["quantity"]


def test_fields_of_an_event(shop: Shell) -> None:
    shop.run("event = OrderShipped(quantity=1)")
    assert offered(shop, "event.") == ["payload", "quantity", "to_dict"]


@pytest.mark.parametrize("source", ["domain.", "current_domain.", "f(x=domain."])
def test_the_words_of_a_domain(shop: Shell, source: str) -> None:
    found = set(offered(shop, source))
    assert found >= DOMAIN
    assert not found & MACHINERY


@pytest.mark.parametrize("source", ["domain.journal.", "current_domain.journal."])
def test_the_words_of_a_journal(shop: Shell, source: str) -> None:
    found = set(offered(shop, source))
    assert found >= JOURNAL
    assert not found & MACHINERY


def test_the_words_of_a_repository_and_of_its_query(shop: Shell) -> None:
    shop.run("orders = domain.repository_for(Order)\npending = orders.query.filter(quantity=10)")
    assert offered(shop, "orders.") == [
        "add", "exists", "find", "find_by", "get", "get_or_none", "query", "remove",
    ]  # fmt: skip
    words = [
        *(
            "all",
            "count",
            "delete",
            "exclude",
            "filter",
            "first",
            "limit",
            "offset",
            "only",
            "order_by",
            "raw",
            "update",
        ),
    ]
    assert offered(shop, "orders.query.") == offered(shop, "pending.") == words


def test_the_fields_of_an_entry(shop: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert {"step", "kind", "cause"} <= set(offered(shop, "domain.journal[-1]."))
    assert "cause" not in offered(shop, "domain.journal[99].")
    assert capsys.readouterr().err == ""


def test_a_name_that_the_cell_gives_something_else_is_left_to_ipython(shell: Shell) -> None:
    shell.run(MODEL)
    shell.run("order = Order()")
    shell.shell.Completer.use_jedi = True  # without, some versions of IPython know no better
    assert "raise_" not in offered(shell, "order = 5\norder.")
    assert "raise_" not in offered(shell, "for order in range(3):\n    order.")


def test_other_objects_are_left_to_ipython(shop: Shell) -> None:
    shop.run("text = 'abc'")
    assert offered(shop, "text.isdec") == ["isdecimal"]


def test_completing_runs_nobodys_code(shell: Shell) -> None:
    shell.run(MODEL)
    shell.run(
        "@domain.aggregate\nclass Shy:\n    @property\n    def told(self): asked.append(1); return self"
    )
    shell.run("asked = []\nshy = Shy()")
    shell.shell.Completer.use_jedi = False  # it does so
    assert offered(shell, "shy.told.") == []
    shell.run("class Other:\n    @property\n    def told(self): asked.append(2); return shy\nother = Other()")
    assert "ship" not in offered(shell, "other.told.")
    assert shell.shell.user_ns["asked"] == []


def test_installing_again_leaves_one_matcher(shell: Shell) -> None:
    completion.install(shell.shell)
    names = [getattr(m, "matcher_identifier", None) for m in shell.shell.Completer.custom_matchers]
    assert names.count("ddd_kit.words") == 1


def words(given: Any) -> set[str]:
    return set(dir(given))


def test_dir_of_a_domain_shows_its_words_and_a_subclasss(shop: Shell) -> None:
    class Mine(ddd_kit.Domain):
        def greet(self) -> None: ...

    found = words(Mine(name="Mine"))
    assert found >= DOMAIN | {"greet"}
    assert not found & MACHINERY
    assert not [name for name in found if name.startswith("_")]


def test_dir_of_a_journal_and_a_part_of_it_shows_what_can_be_read(shop: Shell) -> None:
    assert words(shop.domain.journal) >= JOURNAL
    assert words(shop.domain.journal[:]) >= {"of", "between", "changes", "to_frame", "to_text"}
    assert not (words(shop.domain.journal) | words(shop.domain.journal[:])) & MACHINERY


def test_what_is_not_offered_is_there_all_the_same(shop: Shell) -> None:
    assert shop.domain.registry.elements
    assert shop.domain.journal.rows
