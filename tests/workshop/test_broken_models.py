"""Whatever a learner's model does, a check answers, names the cause, and leaves no traces."""

from __future__ import annotations

import builtins
import gc
import sys
import time
from typing import Any

import pytest

from ddd_kit import Domain, current_domain
from ddd_kit.workshop.checking import examine
from ddd_kit.workshop.course import EXERCISES
from ddd_kit.workshop.showing import as_html, as_text
from tests.workshop.answers_of import base, checked, shop_of

REDUCE = EXERCISES["reduce-stock"]
BASE = base("reduce-stock")
HANDLER = """
@shop.event_handler(part_of=Inventory, stream_category="order")
class KeepStock:
    @handle(OrderShipped)
    def keep(self, event):
        inventories = shop.repository_for(Inventory)
        inventory = inventories.find_by(book_id=event.book_id)
        {}
"""
RULE = """
    @invariant.post
    def never(self):
        raise RuntimeError('broken')
"""


def _changed(before: str, after: str) -> str:
    assert before in BASE
    return BASE.replace(before, after)


def _body(*lines: str) -> str:
    return BASE + HANDLER.format("\n        ".join(lines))


# What is broken: the model, and what the answer has to say.
BROKEN = {
    "no model": ("x = 1", "There is no `shop` yet"),
    "a text in its place": ("shop = 'bookshop'", "of type str"),
    "a class in its place": (BASE + "\nshop = Order", "is a class, Order"),
    "the past in its place": (BASE + "\nshop = shop.at(1)", "view of the past"),
    "a fork in its place": (BASE + "\nshop = shop.fork()", "`shop` is a fork"),
    "a block left open": (
        BASE + "\nfrom ddd_kit import UnitOfWork\nunit = UnitOfWork(shop)\nunit.start()",
        "is open",
    ),
    "an empty domain": ("from ddd_kit import Domain\nshop = Domain(name='Bookshop')", "it is empty"),
    "a missing aggregate": (_changed("class Inventory", "class Stock"), "no `Inventory`"),
    "a missing field": (_changed("in_stock = Integer", "stock = Integer"), "no field 'in_stock'"),
    "a missing method": (_changed("def ship_order", "def send"), "no method `ship_order`"),
    "a method that needs more": (
        _changed("def ship_order(self)", "def ship_order(self, to)"),
        "missing 1 required",
    ),
    "an event of another kind": (
        _changed('@shop.event(part_of="Order")', '@shop.command(part_of="Order")'),
        "event",
    ),
    "an event without its values": (_changed(", quantity=self.quantity))", "))"), "quantity"),
    "a text where a number belongs": (
        _changed("in_stock = Integer(default=0)", "in_stock = String()"),
        "in_stock",
    ),
    "an exception": (_body("1 / 0"), "ZeroDivisionError: division by zero. That was in line"),
    "an attribute that is not there": (_body("inventory.stock -= 1"), "stock"),
    "what is not found": (_body("inventories.find_by(book_id='x')"), "No Inventory has book_id='x'"),
    "an endless loop": (_body("while True:", "    pass"), "does not end"),
    "an endless loop that catches all": (
        _body("while True:", "    try:", "        1 / 0", "    except:", "        pass"),
        "does not end",
    ),
    "an endless loop in a line": (_body("return [each for each in iter(int, 1)]"), "does not end"),
    "an endless loop through the kit": (
        _body("while True:", "    inventories.add(inventory)"),
        "does not end",
    ),
    "a call of itself": (_body("self.keep(event)"), "RecursionError"),
    "an exit": (_body("raise SystemExit"), "SystemExit"),
    "an exit by function": (_body("import sys", "sys.exit(3)"), "SystemExit"),
    "a question to somebody": (_body("input('How many?')"), "waits for somebody to type"),
    "a long sleep": (_body("import time", "time.sleep(3600)"), "time.sleep(3600) waits"),
    "an event that leads to itself": (
        _body(
            "order = shop.repository_for(Order).get(event.order_id)",
            "order.ship_order()",
            "shop.repository_for(Order).add(order)",
        ),
        "OrderShipped",
    ),
    "an error that cannot say what it is": (
        _body("class Mute(Exception):", "    def __str__(self):", "        raise ValueError", "raise Mute"),
        "Mute: (an error that cannot say what it is)",
    ),
    "an error that never comes to say it": (
        _body(
            "class Endless(SystemExit):",
            "    def __str__(self):",
            "        while True:",
            "            pass",
            "raise Endless",
        ),
        "does not end",
    ),
    "an error of a million letters": (_body("raise RuntimeError('x' * 1_000_000)"), "x…x"),
    "errors in a group": (_body("raise BaseExceptionGroup('several', [SystemExit()])"), "several"),
    "an object that shows nothing": (
        _changed(
            "class Inventory:", "class Inventory:\n    def __getattribute__(self, name):\n        1 / 0\n"
        ),
        "division by zero",
    ),
    "a rule that always fails": (
        _changed("class Inventory:", "class Inventory:" + RULE).replace(
            "import Domain", "import invariant, Domain"
        ),
        "RuntimeError: broken",
    ),
    "markup in an error": (
        _body("raise RuntimeError('<script>alert(1)</script>')"),
        "<script>alert(1)</script>",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_model_gets_an_answer_that_names_the_cause(what: str) -> None:
    code, cause = BROKEN[what]
    found = checked("reduce-stock", code)
    assert not found.passed
    assert cause in (found.trouble or found.first.text), as_text(found)  # type: ignore[union-attr]
    assert "<script>" not in as_html(found, hints=3)


def test_the_limit_of_lines_is_what_ends_a_loop_and_no_clock() -> None:
    """A model that runs as many lines as it may gets through."""
    code = _body(
        "for _ in range(200):",
        "    pass",
        "inventory.in_stock -= event.quantity",
        "inventories.add(inventory)",
    )
    assert examine(REDUCE, shop_of(code), lines=2_000).passed
    found = examine(REDUCE, shop_of(code), lines=100).first
    assert found is not None
    assert "stopped after 100 lines" in found.text


def test_a_check_leaves_python_as_it_was() -> None:
    before = sys.gettrace(), builtins.input, time.sleep
    checked("reduce-stock", BROKEN["an endless loop that catches all"][0])
    assert (sys.gettrace(), builtins.input, time.sleep) == before


def test_a_check_is_not_seen_in_the_domain() -> None:
    shop = shop_of(REDUCE.solution)
    step, stored = shop.journal.last_step, shop.repository_for("Order").query.count()
    assert examine(REDUCE, shop).passed
    assert (shop.journal.last_step, shop.repository_for("Order").query.count()) == (step, stored)


def test_a_check_leaves_nothing_behind() -> None:
    """Neither in settings, identities, times or deliveries, nor in what is the current domain."""
    seeded = REDUCE.solution.replace('Domain(name="Shop")', 'Domain(name="Shop", seed=7)')
    shops = [shop_of(seeded), shop_of(seeded)]
    latest = Domain(name="Later")
    for shop in shops:
        shop.config["event_processing"] = "async"
        _ship_one(shop)
    examine(REDUCE, shops[0])
    assert current_domain == latest
    assert dict(shops[0].config) == dict(shops[1].config)
    assert (len(shops[0].waiting), shops[0].seed) == (1, 7)
    assert [_ship_one(shop) for shop in shops[:1]] == [_ship_one(shop) for shop in shops[1:]]
    gc.collect()
    assert not shops[0].forks


def _ship_one(shop: Any) -> Any:
    order = shop.registry.find("Order").cls(book_id="emma", quantity=1)
    order.ship_order()
    shop.repository_for("Order").add(order)
    return order.id


def test_what_a_model_prints_is_kept_for_the_points_that_are_not_yet_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    always_three = _body(
        "for each in range(100):",
        "    print(f'<{each}>')",
        "inventory.in_stock -= 3",
        "inventories.add(inventory)",
    )
    found = checked("reduce-stock", always_three)
    assert capsys.readouterr() == ("", "")
    assert [finding.printed[:7] for finding in found.findings] == ["", "", "<0>\n<1>"]
    assert found.findings[2].printed.splitlines()[-2:] == ["<19>", "…"]
    assert "Your code printed:\n        <0>" in as_text(found)
    assert "&lt;0&gt;" in as_html(found)


def test_a_million_letters_that_are_printed_do_not_fill_the_page() -> None:
    found = checked("reduce-stock", _body("import sys", "print('x' * 1_000_000, file=sys.stderr)"))
    assert len(found.findings[0].printed) < 3_000
    assert found.findings[0].printed.endswith("…")


def test_a_handler_that_asks_another_domain_is_told_so_and_undone() -> None:
    """As when the lesson's `domain` was copied into the exercise."""
    other: Any = Domain(name="Lesson")

    @other.aggregate
    class Note:
        """Something that is written."""

    shop = shop_of(_body("other.repository_for('Note').add(Note())"))
    shop.registry.find("KeepStock").cls.keep.__globals__.update(other=other, Note=Note)
    step = other.journal.last_step
    found = examine(REDUCE, shop)
    assert "`Lesson`" in found.notes[0]
    assert "taken back" in found.notes[0]
    assert other.journal.last_step == step
    assert other.repository_for(Note).query.count() == 0


def test_an_interrupt_ends_the_check() -> None:
    with pytest.raises(KeyboardInterrupt):
        checked("reduce-stock", _body("raise KeyboardInterrupt"))


def test_the_same_reason_is_not_told_twice() -> None:
    found = checked("reduce-stock", BROKEN["what is not found"][0])
    assert [finding.state for finding in found.findings] == ["not yet", "later", "later"]
