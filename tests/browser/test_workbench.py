"""The first minute with the workbench, and what must not spoil it, in a real JupyterLab."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from lab import Lab, Theme

pytestmark = pytest.mark.browser

DEMO = "import ddd_kit\nworkbench = ddd_kit.demo()\ndomain = workbench.domain\nworkbench"
SHIP = """
Order = type(domain.repository_for("Order").query.first)
order = Order(book_id=1, quantity={quantity})
order.ship_order()
domain.repository_for(Order).add(order)
"""


class Bench:
    """The first workbench on a page, as people find their way in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.all = page.locator(".ddd-workbench").first

    def part(self, name: str) -> Locator:
        return self.all.locator(f"[data-part={name}]").first

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.all.get_by_role("button", name=name)

    def tab(self, name: str) -> Locator:
        return self.all.get_by_role("tab", name=name)

    def expect_step(self, step: int, last: int) -> None:
        expect(self.part("bar")).to_contain_text(f"step {step} of {last}")

    def node(self, name: str) -> Locator:
        return self.part("map").locator(f"[data-act=element][data-arg={name}]").first

    def arrow(self, event: str, handler: str) -> Locator:
        return self.part("map").locator(f"[data-act=edge][data-arg='{event} {handler}']")


@pytest.fixture
def bench(lab: Lab) -> Bench:
    """The demo's workbench, in a notebook of its own."""
    lab.open(lab.write("demo.ipynb", [DEMO]))
    lab.run_all()
    return Bench(lab.page)


def fit_cell(lab: Lab, width: int) -> None:
    """Make the window so wide that a workbench in a cell is `width` pixels wide."""
    for _ in range(3):
        box = lab.page.locator(".ddd-workbench").first.bounding_box()
        size = lab.page.viewport_size
        assert box is not None
        assert size is not None
        if abs(box["width"] - width) < 2:
            return
        lab.page.set_viewport_size({"width": size["width"] + round(width - box["width"]), "height": 1200})
        lab.page.wait_for_timeout(250)


def overflowing(bench: Bench) -> list[str]:
    """The texts in the workbench that are cut off, or wider than what they stand in without a way to scroll."""
    return bench.all.evaluate("""root => [...root.querySelectorAll('.ddd-canvas *')]
        .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && !e.closest('svg, .ddd-sr')
            && ['hidden', 'clip'].includes(getComputedStyle(e).overflowX)
            && getComputedStyle(e).textOverflow !== 'ellipsis')
        .map(e => `${e.className}: ${e.textContent.slice(0, 60)}`)""")  # type: ignore[no-any-return]


@pytest.mark.parametrize("width", [900, 1400])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_first_minute_by_clicks(lab: Lab, theme: Theme, width: int) -> None:
    lab.theme(theme)
    lab.open(lab.write("demo.ipynb", [DEMO]))
    lab.run_all()
    bench = Bench(lab.page)
    fit_cell(lab, width)
    lab.fit()
    # Four things have happened, the last is selected, and one sentence says what.
    for number in (1, 2, 3, 4):
        expect(bench.part("left")).to_contain_text(f"demo {number}")
    bench.expect_step(34, 34)
    story = bench.part("story")
    expect(story).to_have_text(
        re.compile(
            r"demo 4: OrderShipped \(quantity 10\) made ManageInventory take Inventory \w{8} "
            r"from in_stock 100 to 90\. 1 handler skipped\."
        )
    )
    changes = bench.part("right")
    expect(changes.get_by_role("button", name=re.compile("why is in_stock 90"))).to_be_visible()
    assert overflowing(bench) == []
    # Arrow-left: map, journal and state go back together.
    bench.node("Inventory").focus()
    lab.page.keyboard.press("ArrowLeft")
    bench.expect_step(33, 34)
    expect(bench.part("left").locator("[aria-current=step]")).to_have_attribute("data-arg", "33")
    bench.tab("State").click()
    expect(bench.part("right")).to_contain_text(re.compile(r"in_stock\W*100 → 90"))
    for step in (32, 31, 30, 29):
        lab.page.keyboard.press("ArrowLeft")
        bench.expect_step(step, 34)
    expect(bench.part("right")).to_contain_text(re.compile(r"in_stock\W*100■"))
    expect(bench.node("Order")).to_contain_text("2 instances")
    # A click on 90 says why.
    bench.button("last step").click()
    bench.expect_step(34, 34)
    bench.tab("Changes").click()
    changes.get_by_role("button", name=re.compile("why is in_stock 90")).click()
    why = bench.part("right")
    expect(why).to_contain_text("Why is in_stock 90?")
    for link in ("demo 4", "OrderShipped", "order", "ManageInventory", "reduce_stock_level", "100"):
        expect(why).to_contain_text(link)
    # A click on the dashed handler says why it did not run; so does its arrow.
    bench.node("EmailNotifications").click()
    expect(why).to_contain_text(re.compile(r"Why did \W*EmailNotifications not run"))
    expect(why).to_contain_text(re.compile("source_stream is manage_order.*plain code"))
    # Try it: an order, ship_order(), Run, and the Python beside it.
    form = bench.all.locator(".ddd-try").first
    targets = form.get_by_role("combobox").first
    targets.select_option(next(text for text in targets.locator("option").all_inner_texts() if "PENDING" in text))
    expect(bench.all).to_contain_text("order.ship_order()")
    bench.button("Run").click()
    expect(bench.part("story")).to_contain_text(re.compile("Try it"))
    expect(bench.part("map")).to_contain_text("1 instance")
    expect(bench.part("left")).to_contain_text("StockDepleted")
    # Whatever later cells do appears in the same workbench, without a call.
    lab.run(SHIP.format(quantity=3))
    expect(bench.part("left")).to_contain_text("In [2]")
    expect(bench.part("story")).to_contain_text(re.compile(r"In \[2\]: OrderShipped \(quantity 3\)"))
    assert lab.script_errors == []
