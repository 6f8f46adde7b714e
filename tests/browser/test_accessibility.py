"""axe-core's rules find nothing serious in the workbench, whatever it shows, in light and in dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from bench import DEMO, Bench
from lab import Lab, Theme

pytestmark = pytest.mark.browser

SHIP_TWO = """
Order = type(domain.repository_for("Order").query.first)
for quantity in (1, 2):
    order = Order(book_id=1, quantity=quantity)
    order.ship_order()
    domain.repository_for(Order).add(order)
"""


def violations(page: Page, theme: Theme, place: str = ".ddd-workbench") -> list[str]:
    """What is serious or critical, with the elements and what is wrong with them; in the dark, of colours."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": ["color-contrast"]} if theme == "dark" else {})
    # JupyterLab's body is 0 px high, and whatever stands in it axe takes for hidden.
    page.evaluate("() => { document.body.style.height = '100vh'; }")
    found = Axe().run(page, place, options).response["violations"]
    page.evaluate("() => { document.body.style.height = ''; }")
    return [
        f"{rule['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(lab: Lab, theme: Theme) -> None:
    """On each tab, with an open menu, an answer, a step back, a field's error, and deliveries that wait."""
    lab.theme(theme)
    lab.open(lab.write("demo.ipynb", [DEMO]))
    lab.run_all()
    bench, page = Bench(lab.page), lab.page
    bench.expect_demo()
    lab.fit()
    assert violations(page, theme) == []
    bench.tab("Streams").click()
    bench.tab("State").click()
    bench.button("back step").click()
    expect(bench.right).to_contain_text("100 → 90")
    bench.menu.click()
    expect(bench.button("Close this workbench")).to_be_visible()
    assert violations(page, theme) == []
    page.keyboard.press("Escape")
    bench.button("last step").click()
    bench.tab("Chart").click()
    expect(bench.left.locator(".ddd-chart")).to_be_visible()
    bench.node("EmailNotifications").click()
    expect(bench.right).to_contain_text("Why did")
    bench.field("book_id").locator("input").fill("1")
    bench.field("quantity").locator("input").fill("0")
    expect(bench.all).to_contain_text("quantity=0")
    bench.run()
    expect(bench.field("quantity").get_by_role("alert")).to_be_visible()
    bench.switch_hold("on")
    lab.run(SHIP_TWO)
    bench.all.locator("details[data-keep=waiting] > summary").click()
    expect(bench.all.locator("details[data-keep=waiting]")).to_contain_text("2 wait")
    assert violations(page, theme) == []
    # The laboratory: a fault, a breakpoint, the question before going back, a fork, two runs side by side.
    bench.faults.click()
    bench.button("drop").click()
    bench.all.locator("select[data-act=pause]").select_option("OrderPlaced")
    expect(bench.faults).to_contain_text("faults: 2")
    assert violations(page, theme) == []
    bench.runs.click()
    bench.all.locator("[data-act=rewind]").click()
    expect(bench.notice).to_contain_text("for good?")
    bench.button("Fork instead").click()
    expect(bench.part("bar")).to_contain_text("a fork from step")
    lab.run("workbench.runs[-1].deliver_all()")
    bench.tab("Compare").click()
    expect(bench.left).to_contain_text("then they part")
    bench.runs.click()
    assert violations(page, theme) == []
    # And it would find something.
    bench.story.evaluate("e => { e.querySelector('.ddd-story').style.color = '#7f7f7f'; }")
    assert "color-contrast" in "".join(violations(page, theme, "[data-part=story]"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_what_opens_above(lab: Lab, theme: Theme) -> None:
    """A fault that could never strike, those that are on, and the run as a text in a box."""
    lab.theme(theme)
    lab.open(lab.write("demo.ipynb", [DEMO]))
    lab.run_all()
    bench, page = Bench(lab.page), lab.page
    bench.expect_demo()
    lab.fit()
    bench.faults.click()
    bench.aim("event", "OrderPlaced")
    expect(bench.part("bar")).to_contain_text("No handler handles OrderPlaced")
    assert violations(page, theme) == []
    bench.aim("event", "OrderShipped")
    bench.aim("how often", "1 in 2")
    bench.button("delay by 1").click()
    expect(bench.faults).to_contain_text("faults: 1")
    assert violations(page, theme) == []
    page.keyboard.press("Escape")
    bench.menu.click()
    bench.button("Write it as a test (pytest)").click()
    expect(bench.notice.get_by_role("textbox")).to_be_visible()
    assert violations(page, theme) == []
