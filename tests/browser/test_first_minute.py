"""The first minute with the workbench, in a real JupyterLab."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bench import DEMO, LAST, Bench
from lab import Lab, Theme

pytestmark = pytest.mark.browser

SHIP = """
Order = type(domain.repository_for("Order").query.first)
order = Order(book_id=1, quantity={quantity})
order.ship_order()
domain.repository_for(Order).add(order)
"""
CELLS = "() => [window.panel.content.widgets.length, window.panel.content.activeCellIndex]"
TO_CELL = "() => { window.panel.content.mode = 'command'; window.panel.content.activate(); }"
WIDE = "width => Math.abs(document.querySelector('.ddd-workbench').offsetWidth - width) < 2"


def fit_cell(lab: Lab, width: int) -> None:
    """Make the window so wide that the workbench in a cell is `width` pixels wide, and as high as it."""
    box, size = lab.page.locator(".ddd-workbench").bounding_box(), lab.page.viewport_size
    assert box is not None
    assert size is not None
    lab.page.set_viewport_size(
        {"width": size["width"] + round(width - box["width"]), "height": size["height"]}
    )
    lab.page.wait_for_function(WIDE, arg=width)
    lab.fit()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_first_minute_by_clicks(lab: Lab, theme: Theme, shots: Path) -> None:
    """In a cell that is 900 pixels wide, and in one of 1,400."""
    lab.theme(theme)
    lab.open(lab.write("demo.ipynb", [DEMO]))
    for number, width in ((1, 900), (3, 1400)):
        lab.run_at(0)
        bench = Bench(lab.page)
        expect(bench.all).to_be_visible()
        fit_cell(lab, width)
        click_through_the_first_minute(bench)
        # Whatever later cells do appears in the same workbench, without a call.
        lab.run(SHIP.format(quantity=number))
        expect(bench.left).to_contain_text(f"In [{number + 1}]")
        expect(bench.story).to_contain_text(f"In [{number + 1}]: OrderShipped (quantity {number})")
        lab.shoot(shots / f"the first minute {theme} {width}.png", ".ddd-workbench")


def click_through_the_first_minute(bench: Bench) -> None:
    # Four things have happened, the last is selected, and one sentence says what.
    for number in (1, 2, 3, 4):
        expect(bench.left).to_contain_text(f"demo {number}")
    bench.expect_step(LAST, LAST)
    expect(bench.story).to_have_text(
        re.compile(
            r"demo 4: OrderShipped \(quantity 10\) made ManageInventory take Inventory \w{8} "
            r"from in_stock 100 to 90\. 1 handler skipped\."
        )
    )
    expect(bench.why_90).to_be_visible()
    bench.expect_tidy()
    # Arrow-left: map, journal and state go back together.
    bench.node("Inventory").focus()
    bench.page.keyboard.press("ArrowLeft")
    bench.expect_step(33, LAST)
    expect(bench.left.locator("[aria-current=step]")).to_have_attribute("data-arg", "33")
    bench.tab("State").click()
    expect(bench.right).to_contain_text(re.compile(r"in_stock\W*100 → 90"))
    for step in (32, 31, 30, 29):
        bench.page.keyboard.press("ArrowLeft")
        bench.expect_step(step, LAST)
    expect(bench.right).to_contain_text(re.compile(r"in_stock\W*100■"))
    expect(bench.node("Order")).to_contain_text("2 instances")
    # A click on 90 says why.
    bench.button("last step").click()
    bench.expect_step(LAST, LAST)
    bench.tab("Changes").click()
    bench.why_90.click()
    expect(bench.right).to_contain_text("Why is in_stock 90?")
    for link in ("demo 4", "OrderShipped", "order", "ManageInventory", "reduce_stock_level", "100"):
        expect(bench.right).to_contain_text(link)
    # A click on the dashed handler says why it did not run; so does its arrow.
    bench.node("EmailNotifications").click()
    expect(bench.right).to_contain_text(re.compile(r"Why did \W*EmailNotifications not run"))
    expect(bench.right).to_contain_text(re.compile("source_stream is manage_order.*plain code"))
    # Try it: an order, ship_order(), Run, and the Python beside it.
    bench.choose("PENDING")
    expect(bench.all).to_contain_text("order.ship_order()")
    bench.run()
    expect(bench.story).to_contain_text("Try it")
    expect(bench.part("map")).to_contain_text("1 instance")
    expect(bench.left).to_contain_text("StockDepleted")


def test_the_first_minute_by_keyboard_alone(lab: Lab) -> None:
    """And no key of JupyterLab's command mode does anything there."""
    lab.open(lab.write("demo.ipynb", [DEMO]))
    lab.run_all()
    bench, press = Bench(lab.page), lab.page.keyboard.press
    bench.expect_demo()
    lab.page.evaluate(TO_CELL)
    bench.press_until("Tab", bench.button("first step"))
    before = lab.page.evaluate(CELLS)
    for key in ("a", "b", "d", "d", "x", "j", "k", "m", "1", "Shift+M", "ArrowDown", "ArrowUp"):
        press(key)
    # Arrows step, and map, journal and state follow.
    press("ArrowLeft")
    bench.expect_step(33, LAST)
    expect(bench.left.locator("[aria-current=step]")).to_have_attribute("data-arg", "33")
    press("Home")
    bench.expect_step(14, LAST)
    press("End")
    bench.expect_step(LAST, LAST)
    # Tab leads to the map, down and up to its nodes: the dashed handler says why it did not run.
    bench.press_until("Tab", bench.part("map").locator("[data-act=element]"))
    bench.press_until("ArrowDown", bench.node("EmailNotifications"))
    press("ArrowDown")
    press("ArrowUp")
    expect(bench.node("EmailNotifications")).to_be_focused()
    press("Enter")
    expect(bench.right).to_contain_text(re.compile(r"Why did \W*EmailNotifications not run"))
    expect(bench.left).to_contain_text("only EmailNotifications")
    expect(bench.node("EmailNotifications")).to_be_focused()
    press("Escape")
    expect(bench.left).not_to_contain_text("only EmailNotifications")
    # The value 90 says why.
    bench.press_until("Tab", bench.tab("Why"))
    bench.press_until("ArrowUp", bench.tab("Changes"))
    press("Enter")
    expect(bench.why_90).to_be_visible()
    expect(bench.tab("Changes")).to_be_focused()
    bench.press_until("Tab", bench.why_90)
    press("Enter")
    expect(bench.right).to_contain_text("Why is in_stock 90?")
    # Try it: an order, ship_order(), Run.
    bench.press_until("Tab", bench.target)
    for _ in range(20):
        if "PENDING" in bench.target.locator("option:checked").inner_text():
            break
        press("ArrowDown")
    expect(bench.all).to_contain_text("order.ship_order()")
    bench.press_until("Tab", bench.button("Run"))
    press("b")
    press("Enter")
    expect(bench.story).to_contain_text("Try it")
    expect(bench.left).to_contain_text("StockDepleted")
    assert bench.has_focus()
    assert lab.page.evaluate(CELLS) == before
