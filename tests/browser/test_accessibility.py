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


def violations(page: Page) -> list[str]:
    """What is serious or critical, with the elements and what is wrong with them."""
    # JupyterLab's body is 0 px high, and whatever stands in it axe takes for hidden.
    page.evaluate("() => { document.body.style.height = '100vh'; }")
    results = Axe().run(page, ".ddd-workbench", {"resultTypes": ["violations", "passes"]}).response
    page.evaluate("() => { document.body.style.height = ''; }")
    looked_at = {rule["id"]: len(rule["nodes"]) for rule in results["passes"]}
    assert looked_at["color-contrast"] > 50
    return [
        f"{rule['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for rule in results["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(lab: Lab, theme: Theme) -> None:
    lab.theme(theme)
    lab.open(lab.write("demo.ipynb", [DEMO]))
    lab.run_all()
    bench, page = Bench(lab.page), lab.page
    bench.expect_demo()
    lab.fit()
    # The tabs, a pair at a time.
    assert violations(page) == []
    bench.tab("Streams").click()
    bench.tab("State").click()
    expect(bench.right).to_contain_text("PENDING")
    assert violations(page) == []
    bench.tab("Chart").click()
    expect(bench.left.locator(".ddd-chart")).to_be_visible()
    bench.node("EmailNotifications").click()
    expect(bench.right).to_contain_text("Why did")
    assert violations(page) == []
    # A step back, an open menu, a field's error, and deliveries that wait.
    page.keyboard.press("Escape")
    bench.tab("Journal").click()
    bench.tab("Changes").click()
    bench.button("back step").click()
    bench.menu.click()
    expect(bench.button("Close this workbench")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    bench.button("last step").click()
    bench.field("quantity").locator("input").fill("0")
    bench.field("book_id").locator("input").fill("1")
    expect(bench.all).to_contain_text("quantity=0")
    bench.run()
    expect(bench.field("quantity").get_by_role("alert")).to_be_visible()
    bench.button("hold").click()
    lab.run(SHIP_TWO)
    bench.all.locator("details[data-keep=waiting] > summary").click()
    expect(bench.all.locator("details[data-keep=waiting]")).to_contain_text("2 wait")
    assert violations(page) == []
