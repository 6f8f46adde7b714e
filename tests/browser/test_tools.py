"""What the workbench can do besides: play, slide, hold, filter, zoom, save, copy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from bench import DEMO, LAST, Bench
from lab import Lab

pytestmark = pytest.mark.browser

SHIP_THREE = """
Order = type(domain.repository_for("Order").query.first)
for quantity in (1, 2, 3):
    order = Order(book_id=1, quantity=quantity)
    order.ship_order()
    domain.repository_for(Order).add(order)
"""


FASTER_THAN_ANSWERS = """slider => {
    for (const step of [20, 30, 25, 18]) {
        slider.value = step;
        slider.dispatchEvent(new Event('input', {bubbles: true}));
    }
}"""


@pytest.fixture
def bench(lab: Lab) -> Bench:
    """The demo's workbench, in a notebook of its own."""
    lab.open(lab.write("demo.ipynb", [DEMO]))
    lab.run_all()
    bench = Bench(lab.page)
    bench.expect_demo()
    lab.fit()
    return bench


def test_the_ways_through_time(lab: Lab, bench: Bench) -> None:
    """Ticks, rows and the slider go to a step; play runs to the end and stops; live follows what is new."""
    bench.part("bar").get_by_role("button", name="step 31: ").click()
    bench.expect_step(31, LAST)
    bench.left.get_by_role("button", name="step 25: ").click()
    bench.expect_step(25, LAST)
    drag_the_slider(bench)
    bench.left.get_by_role("button", name="step 31: ").click()
    bench.expect_step(31, LAST)
    # Play.
    play = bench.part("bar").locator("[data-act=play]")
    play.click()
    expect(play).to_contain_text("pause")
    bench.expect_step(LAST, LAST)
    expect(play).to_contain_text("play")
    play.click()
    bench.expect_step(14, LAST)
    play.click()
    expect(play).to_contain_text("play")
    play.press("Home")  # it may have gone on meanwhile
    bench.expect_step(14, LAST)
    # Live.
    live = bench.part("bar").locator("[data-act=live]")
    expect(live).to_have_attribute("aria-pressed", "false")
    lab.run(SHIP_THREE)
    bench.expect_step(14, 49)
    live.click()
    bench.expect_step(49, 49)
    expect(live).to_have_attribute("aria-pressed", "true")


def drag_the_slider(bench: Bench) -> None:
    """Slowly, so that it has been answered while it is held; then fast, where the last place counts."""
    slider, mouse = bench.all.get_by_role("slider", name="step"), bench.page.mouse
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] * 25 / LAST, middle)
    mouse.down()
    for share, about in ((0.6, "2[01]"), (0.9, "3[01]"), (0.5, "1[67]")):
        mouse.move(box["x"] + box["width"] * share, middle)
        expect(bench.part("bar")).to_contain_text(re.compile(f"step {about} of {LAST}"))
    mouse.up()
    slider.evaluate(FASTER_THAN_ANSWERS)
    bench.expect_step(18, LAST)
    expect(slider).to_have_value("18")


def test_hold_mode_delivers_when_it_is_told_to(lab: Lab, bench: Bench) -> None:
    """What waits is listed; the next one, a chosen one and all can be delivered; off, all are."""
    bench.switch_hold("on")
    lab.run(SHIP_THREE)
    waiting = bench.all.locator("details[data-keep=waiting]")
    expect(waiting).to_contain_text("3 wait")
    expect(bench.right).not_to_contain_text("in_stock")
    bench.button("deliver next").click()
    expect(bench.story).to_contain_text("from in_stock 90 to 89")
    expect(waiting).to_contain_text("2 wait")
    waiting.locator("summary").click()
    waiting.get_by_role("button").nth(1).click()
    expect(bench.story).to_contain_text("from in_stock 89 to 86")
    expect(waiting).to_contain_text("1 waits")
    expect(waiting).to_have_attribute("open", "")
    bench.button("all").click()
    expect(bench.story).to_contain_text("from in_stock 86 to 84")
    expect(waiting).to_have_count(0)
    lab.run(SHIP_THREE)
    expect(waiting).to_contain_text("3 wait")
    bench.switch_hold("off")


def test_an_element_narrows_journal_and_state_down(lab: Lab, bench: Bench) -> None:
    bench.tab("State").click()
    expect(bench.right).to_contain_text("PENDING")
    bench.node("Inventory").click()
    expect(bench.left).to_contain_text("only Inventory")
    expect(bench.left).not_to_contain_text("OrderPlaced")
    expect(bench.right).not_to_contain_text("PENDING")
    expect(bench.node("Inventory")).to_have_attribute("aria-pressed", "true")
    lab.page.keyboard.press("Escape")
    expect(bench.left).to_contain_text("OrderPlaced")
    expect(bench.right).to_contain_text("PENDING")
    bench.node("Order").click()
    expect(bench.form).to_contain_text("Try it")
    expect(bench.target.locator("option:checked")).to_contain_text("Order")
    bench.button("only Order: show everything again").click()
    expect(bench.left).not_to_contain_text("only Order")
    # Streams and charts stand on the other tabs.
    bench.tab("Streams").click()
    expect(bench.left).to_contain_text("purchase_order")
    bench.tab("Chart").click()
    expect(bench.left.locator(".ddd-chart")).to_be_visible()
    bench.left.get_by_role("combobox", name="field").select_option("Order quantity")
    expect(bench.left.get_by_role("combobox", name="field")).to_have_value("Order quantity")


def test_the_map_zooms_and_shows_streams(lab: Lab, bench: Bench) -> None:
    svg, box = bench.part("map").locator("svg"), bench.part("map").locator("[data-pan]")
    own = svg.evaluate("e => [e.viewBox.baseVal.width, e.getBoundingClientRect().width]")
    assert own[0] == own[1]
    for button, share in (
        ("larger", 1.25),
        ("larger", 1.6),
        ("smaller", 1.25),
        ("as large as its text wants", 1),
    ):
        bench.button(button).click()
        assert svg.evaluate("e => e.getBoundingClientRect().width") == pytest.approx(own[0] * share, abs=1)
    for _ in range(4):
        bench.button("larger").click()
    bench.button("back step").click()
    bench.expect_step(LAST - 1, LAST)
    assert box.evaluate("e => e.scrollWidth > e.clientWidth")
    bench.button("the whole map").click()
    assert box.evaluate("e => e.scrollWidth <= e.clientWidth")
    before = svg.locator("[data-act=left]").count()
    bench.button("streams").click()
    expect(bench.button("streams")).to_have_attribute("aria-pressed", "true")
    assert before == 0
    stream = svg.locator("[data-act=left]").first
    expect(stream).to_be_visible()
    stream.click()
    expect(bench.tab("Streams")).to_have_attribute("aria-selected", "true")


def test_what_it_gives_away(lab: Lab, bench: Bench) -> None:
    """The map as a picture, the journal as text, and the Python of a form for the clipboard."""
    for words, name, part in (
        ("Save the map (SVG)", "Bookshop map.svg", "<svg xmlns="),
        ("Save the journal (text)", "Bookshop journal.txt", "demo 4"),
    ):
        bench.menu.click()
        with lab.page.expect_download() as download:
            bench.button(words).click()
        assert download.value.suggested_filename == name
        assert part in Path(download.value.path()).read_text(encoding="utf-8")
        expect(bench.button(words)).to_be_hidden()
    lab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    bench.choose("PENDING")
    expect(bench.all).to_contain_text("order.ship_order()")
    copy = bench.button("copy this Python")
    copy.click()
    expect(copy).to_have_text("copied")
    copied = lab.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.splitlines()[1:] == ["order.ship_order()", "domain.repository_for(Order).add(order)"]
    expect(copy).to_have_text("copy")
    lab.run(SHIP_THREE + copied)
    expect(bench.story).to_contain_text("OrderShipped (quantity 90)")


def test_the_whole_run_is_saved_as_a_page(lab: Lab, bench: Bench, browser: Browser, tmp_path: Path) -> None:
    """The workbench gives it away, and it opens from disk without a network, at the same step."""
    bench.menu.click()
    with lab.page.expect_download() as download:
        bench.button("Save all as a page (HTML)").click()
    assert download.value.suggested_filename == "Bookshop.html"
    path = tmp_path / "Bookshop.html"
    download.value.save_as(path)
    context = browser.new_context(offline=True)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    expect(page.locator("#ddd-place")).to_contain_text(f"step {LAST} of {LAST}")
    expect(page.locator("#ddd-story")).to_contain_text("from in_stock 100 to 90")
    page.locator("#ddd-right").get_by_role("button", name="why is in_stock 90?").click()
    expect(page.locator("#ddd-right")).to_contain_text("ManageInventory listens to order")
    context.close()
    assert errors == []


def test_the_run_as_a_test_can_be_selected_and_copied(lab: Lab, bench: Bench) -> None:
    """That up to the step shown; Ctrl+A in the box is not JupyterLab's, and a button copies, too."""
    lab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    bench.button("back step").click()
    bench.expect_step(LAST - 1, LAST)
    bench.menu.click()
    bench.button("Write it as a test (pytest)").click()
    box = bench.notice.get_by_role("textbox", name=f"Steps 14 to {LAST - 1} as a test for pytest")
    expect(box).to_have_value(re.compile("domain.process\\(ShipOrder"))
    wanted = box.input_value()
    box.click()
    lab.page.keyboard.press("Control+a")
    lab.page.keyboard.press("Control+c")
    assert lab.page.evaluate("() => navigator.clipboard.readText()") == wanted
    bench.expect_step(LAST - 1, LAST)
    bench.menu.click()
    bench.button("Write it as a diagram (Mermaid)").click()
    expect(bench.notice).to_contain_text("as a sequence diagram")
    bench.button("copy this text").click()
    expect(bench.button("copy this text")).to_have_text("copied")
    copied = lab.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == bench.notice.get_by_role("textbox").input_value()
    assert copied.startswith("sequenceDiagram")
    bench.button("dismiss").click()
    expect(bench.notice).to_be_empty()
