"""The laboratory: hold, fork, compare, replay and break a run, as a class does."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from bench import DEMO, LAST, Bench
from lab import Lab

pytestmark = pytest.mark.browser

SELL = """
Order = type(domain.repository_for("Order").query.first)
def sell(quantity):
    order = Order(book_id=1, quantity=quantity)
    order.ship_order()
    workbench.domain.repository_for(Order).add(order)
"""
HALF = """
from ddd_kit import handle
@domain.event_handler(part_of="Inventory", stream_category="order")
class ManageInventory:
    @handle("OrderShipped")
    def reduce_stock_level(self, event):
        stock = domain.repository_for("Inventory")
        inventory = stock.find_by(book_id=event.book_id)
        inventory.in_stock -= event.quantity // 2 if event.quantity == 10 else event.quantity
        stock.add(inventory)
"""
CAREFUL = """
from ddd_kit import handle
taken = set()
@domain.event_handler(part_of="Inventory", stream_category="order")
class ManageInventory:
    @handle("OrderShipped")
    def reduce_stock_level(self, event):
        if event.order_id not in taken:
            taken.add(event.order_id)
            stock = domain.repository_for("Inventory")
            inventory = stock.find_by(book_id=event.book_id)
            inventory.in_stock -= event.quantity
            stock.add(inventory)
"""


@pytest.fixture
def bench(lab: Lab) -> Bench:
    """The demo's workbench, in a notebook of its own."""
    lab.open(lab.write("laboratory.ipynb", [DEMO, SELL]))
    lab.run_all()
    bench = Bench(lab.page)
    bench.expect_demo()
    lab.fit()
    return bench


def shelf(bench: Bench) -> None:
    """Show the state of the shelf."""
    bench.tab("State").click()


def test_the_second_of_two_held_deliveries_is_taken_first(lab: Lab, bench: Bench) -> None:
    """The state in between is on screen: one order has left the shelf, the other has not."""
    bench.switch_hold("on")
    lab.run("sell(20); sell(3)")
    waiting = bench.all.locator("details[data-keep=waiting]")
    expect(waiting.locator("summary")).to_contain_text("2 wait")
    shelf(bench)
    expect(bench.right).to_contain_text(re.compile(r"in_stock\s*90"))
    waiting.locator("summary").click()
    waiting.locator("[data-act=deliver][data-arg='1']").click()
    expect(waiting.locator("summary")).to_contain_text("1 waits")
    expect(bench.right).to_contain_text(re.compile(r"in_stock\s*(90\s*→\s*)?87"))
    bench.button("all").click()
    expect(bench.right).to_contain_text(re.compile(r"in_stock\s*(87\s*→\s*)?67"))
    expect(waiting).to_have_count(0)


def test_an_event_holds_what_follows(lab: Lab, bench: Bench) -> None:
    """pause_on gives the cell back, and the bar shows what waits; resume goes on."""
    lab.run("domain.pause_on('OrderShipped'); sell(20)")
    expect(bench.all.locator("details[data-keep=waiting] summary")).to_contain_text("1 waits")
    expect(bench.faults).to_contain_text("faults: 1")
    expect(bench.part("bar").locator("[data-act=hold]")).to_have_attribute("aria-pressed", "true")
    lab.run("domain.resume()")
    expect(bench.story).to_contain_text("from in_stock 90 to 70")


def test_a_fork_in_which_the_order_is_not_shipped(lab: Lab, bench: Bench) -> None:
    """It stands beside the run that there was, with what only one of them did, and can be tried on."""
    bench.part("bar").get_by_role("button", name="step 29: ").click()
    bench.runs.click()
    bench.button("Fork here, after step 29").click()
    bench.expect_step(29, 29)
    expect(bench.part("bar")).to_contain_text("a fork from step 29 on")
    shelf(bench)
    expect(bench.right).to_contain_text(re.compile(r"in_stock\s*(105\s*→\s*)?100"))
    bench.tab("Compare").click()
    expect(bench.left).to_contain_text("then they part")
    expect(bench.left.get_by_role("row", name=re.compile(r"in_stock 90 100"))).to_be_visible()
    lab.run("sell(4)")
    expect(bench.part("bar")).to_contain_text("of 34")
    expect(bench.left.get_by_role("row", name=re.compile(r"in_stock 90 96"))).to_be_visible()
    bench.runs.click()
    bench.button("show Bookshop").click()
    bench.expect_step(LAST, LAST)
    expect(bench.right).to_contain_text(re.compile(r"in_stock\s*(100\s*→\s*)?90"))
    assert lab.ask("domain.repository_for('Inventory').query.first.in_stock") == "90"


def test_a_handler_that_was_edited_comes_out_differently(lab: Lab, bench: Bench) -> None:
    """The run is repeated with the new code: 100 -> 90 has become 100 -> 95, and is marked."""
    lab.run(HALF)
    bench.runs.click()
    bench.button("Replay with the code of today").click()
    expect(bench.left).to_contain_text("then they part")
    marked = bench.left.locator("tr.ddd-apart").filter(has_text="in_stock")
    expect(marked).to_contain_text("100 → 90")
    expect(marked).to_contain_text("100 → 95")
    expect(bench.left.get_by_role("row", name=re.compile(r"in_stock 90 95"))).to_be_visible()


def test_going_back_for_good_is_asked_first(lab: Lab, bench: Bench) -> None:
    """What happened after the step is gone only after a second click."""
    bench.part("bar").get_by_role("button", name="step 29: ").click()
    bench.runs.click()
    bench.button("Go back to step 29 for good …").click()
    expect(bench.notice).to_contain_text("Go back to step 29 for good?")
    bench.button("Leave it").click()
    expect(bench.notice).to_be_empty()
    bench.expect_step(29, LAST)
    bench.runs.click()
    bench.button("Go back to step 29 for good …").click()
    bench.button("Go back to step 29").click()
    bench.expect_step(29, 29)
    assert lab.ask("domain.repository_for('Inventory').query.first.in_stock") == "100"


def test_a_message_that_comes_twice_shows_who_is_idempotent(lab: Lab, bench: Bench) -> None:
    """The stock falls twice with the first handler, and once with one that remembers."""
    bench.faults.click()
    bench.aim("handler", "ManageInventory")
    bench.button("deliver twice").click()
    expect(bench.faults).to_contain_text("faults: 1")
    lab.run("sell(10)")
    expect(bench.story).to_contain_text("to 70")
    expect(bench.left).to_contain_text("delivered twice")
    lab.run(CAREFUL)
    lab.run("sell(10)")
    shelf(bench)
    expect(bench.right).to_contain_text(re.compile(r"in_stock\s*(70\s*→\s*)?60"))
    lab.run("sell(10)")
    expect(bench.right).to_contain_text(re.compile(r"in_stock\s*(60\s*→\s*)?50"))
    bench.faults.click()
    bench.all.locator("[data-act=unfault]").click()
    expect(bench.faults).not_to_contain_text("faults: 1")


@pytest.mark.parametrize(
    ("words", "left"), [("drop", 90), ("fail once", 90), ("delay by 1", 80), ("out of order", 80)]
)
def test_what_else_a_broker_does(lab: Lab, bench: Bench, words: str, left: int) -> None:
    """It is in the journal as injected, and the state shows what came of it."""
    bench.faults.click()
    bench.aim("handler", "ManageInventory")
    bench.button(words).click()
    expect(bench.faults).to_contain_text("faults: 1")
    lab.run("try: sell(10)\nexcept Exception as error: print(error)")
    shelf(bench)
    expect(bench.right).to_contain_text(re.compile(rf"in_stock\s*(\d+\s*→\s*)?{left}"))
    if words != "out of order":  # one delivery has only one order
        expect(bench.left).to_contain_text("injected")


def test_an_event_whose_deliveries_fail_twice_and_then_succeed(lab: Lab, bench: Bench) -> None:
    """The event, how often and how many are chosen; two attempts tell that they failed."""
    bench.faults.click()
    bench.aim("event", "OrderShipped")
    bench.aim("how many", "2")
    bench.button("fail the first 2 times").click()
    expect(bench.faults).to_contain_text("faults: 1")
    expect(bench.button("switch off: fails the first 2 times: OrderShipped → any handler")).to_be_visible()
    bench.page.keyboard.press("Escape")
    bench.switch_hold("on")
    lab.run("sell(10)")
    for time in ("time 1 of 2", "time 2 of 2"):
        bench.button("deliver next").click()
        expect(bench.notice).to_contain_text(
            f"ManageInventory.reduce_stock_level was made to fail on OrderShipped, {time}"
        )
    expect(bench.left).to_contain_text("injected")
    bench.button("deliver next").click()
    expect(bench.story).to_contain_text("from in_stock 90 to 80")
    expect(bench.notice).to_be_empty()


def test_a_fault_is_chosen_and_switched_off_by_keys_alone(lab: Lab, bench: Bench) -> None:
    """An event that nobody handles is told; the focus stays in the menu; Escape leaves it."""
    keyboard, menu = bench.page.keyboard, bench.all.locator("details[data-keep=faults]")
    bench.faults.focus()
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(bench.all.get_by_role("combobox", name="event", exact=True)).to_be_focused()
    for _ in range(2):
        keyboard.press("ArrowDown")
    expect(menu.get_by_role("status")).to_have_text("No handler handles OrderPlaced: choose another event.")
    expect(bench.button("drop")).to_be_disabled()
    keyboard.press("ArrowDown")
    expect(menu.get_by_role("status")).to_be_empty()
    keyboard.press("Tab")
    expect(bench.all.get_by_role("combobox", name="handler", exact=True)).to_be_focused()
    keyboard.press("ArrowDown")
    bench.press_until("Tab", bench.button("drop"))
    keyboard.press("Enter")
    expect(bench.faults).to_contain_text("faults: 1")
    expect(bench.button("drop")).to_be_focused()
    off = bench.button("switch off: dropped: OrderShipped → ManageInventory")
    bench.press_until("Tab", off)
    keyboard.press("Enter")
    expect(off).to_have_count(0)
    expect(bench.faults).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(bench.faults).to_be_focused()


MODEL = """
import ddd_kit
from ddd_kit import Domain, handle
domain = Domain(name="Bookshop", seed=7)
@domain.aggregate
class Order:
    quantity: int
    def ship(self):
        self.raise_(OrderShipped(quantity=self.quantity))
@domain.event(part_of=Order)
class OrderShipped:
    quantity: int
@domain.aggregate
class Inventory:
    in_stock: int
@domain.event_handler(part_of=Inventory, stream_category="order")
class ManageInventory:
    @handle(OrderShipped)
    def reduce_stock_level(self, event):
        inventory = domain.repository_for(Inventory).get("shelf")
        inventory.in_stock -= event.quantity
        domain.repository_for(Inventory).add(inventory)
"""
RUN = """
domain.repository_for(Inventory).add(Inventory(id="shelf", in_stock=100))
order = Order(quantity=10)
order.ship()
domain.repository_for(Order).add(order)
domain.save("run.jsonl")
"""


def test_a_run_outlives_its_kernel(lab: Lab) -> None:
    """State, streams, journal and workbench come back from the file, in a new kernel with the same cells."""
    lab.open(lab.write("saved.ipynb", [MODEL]))
    lab.run_all()
    lab.run(RUN)
    steps = lab.ask("domain.journal.last_step")
    lab.restart()
    lab.run_at(0)
    lab.run("verdict = domain.load('run.jsonl'); workbench = domain.explore(); workbench")
    bench = Bench(lab.page)
    expect(bench.story).to_contain_text("from in_stock 100 to 90")
    bench.expect_step(int(steps), int(lab.ask("domain.journal.last_step")))
    assert lab.ask("verdict.level") == "'fine'"
    assert lab.ask("len(domain.stream('order'))") == "1"
    bench.button("why is in_stock 90?").click()
    expect(bench.right).to_contain_text("ManageInventory listens to order")
