"""The same workbench in Notebook 7 and in Voila, and what is left of it where nothing runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, Page, expect

from bench import DEMO, LAST, Bench, maps
from lab import Lab, Watched, write_notebook
from servers import NOTEBOOK, VOILA, Site, serve

pytestmark = pytest.mark.browser

ICON_FONT = "/npm/@fortawesome/fontawesome-free@"
"""Voila's page asks for it; it is not ours, and not missed offline."""

OPENED = "() => window.jupyterapp?.shell.currentWidget?.context"
RUN_ALL = """async () => {
    const {shell, commands} = window.jupyterapp;
    const panel = shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
    await commands.execute('notebook:run-all-cells');
}"""
SAVE = "async () => { await window.panel.context.save(); }"
TRUSTED = "() => window.panel.content.model.cells.get(0).trusted"
DECODED = "async image => { await image.decode(); return image.naturalWidth; }"


@contextmanager
def opened(browser: Browser, site: Site, folder: Path, path: str, allowed: str = "") -> Iterator[Watched]:
    """A page of a server with the demo's notebook; fails when it asked another host for anything."""
    source = folder / "notebooks"
    source.mkdir()
    write_notebook(source / "demo.ipynb", [DEMO])
    with serve(site, source, folder) as url:
        start, _, token = url.partition(site.page)
        watched = Watched(browser.new_page(viewport={"width": 1300, "height": 1100}), allowed)
        watched.page.goto(f"{start}{path}{token}", timeout=60_000)
        yield watched
        watched.page.close()
        assert watched.requests_elsewhere == []
        assert watched.script_errors == []


def look_around(page: Page) -> None:
    """The first picture, a step back, why it is 90, and Try it; one map is to be seen all the while."""
    bench = Bench(page)
    expect(bench.all).to_be_visible(timeout=60_000)
    bench.expect_demo()
    expect(maps(page)).to_have_count(1)
    assert bench.overflowing() == []
    bench.button("back step").click()
    bench.expect_step(LAST - 1, LAST)
    bench.button("last step").click()
    bench.why_90.click()
    expect(bench.right).to_contain_text("Why is in_stock 90?")
    bench.choose("PENDING")
    expect(bench.all).to_contain_text("order.ship_order()")
    bench.run()
    expect(bench.story).to_contain_text("Try it: OrderShipped (quantity 90) led to StockDepleted")
    expect(bench.node("PurchaseOrder")).to_contain_text("1 instance")
    expect(maps(page)).to_have_count(1)


def test_notebook_7_shows_the_same(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, NOTEBOOK, tmp_path, "notebooks/demo.ipynb") as watched:
        watched.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.context", timeout=60_000
        )
        watched.page.evaluate(RUN_ALL)
        look_around(watched.page)


def test_voila_shows_the_same(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, VOILA, tmp_path, "voila/render/demo.ipynb", ICON_FONT) as watched:
        look_around(watched.page)


def expect_static(page: Page) -> None:
    """The map and the sentence are there, though nothing runs."""
    expect(maps(page)).to_have_count(1)
    picture = maps(page).first
    assert picture.evaluate(DECODED) > 300
    assert "ManageInventory" in (picture.get_attribute("alt") or "")
    sentence = page.get_by_text("demo 4: OrderShipped (quantity 10) made ManageInventory take Inventory")
    expect(sentence).to_contain_text("from in_stock 100 to 90. 1 handler skipped.")
    expect(sentence).to_be_visible()
    page.get_by_text("Journal", exact=True).last.click()
    expect(page.get_by_text("EmailNotifications.notify_customer").last).to_be_visible()


def test_where_nothing_runs_its_picture_and_its_sentence_stay(lab: Lab, browser: Browser) -> None:
    """In a page without scripts and network, in a notebook without its kernel, in one without trust."""
    lab.open(lab.write("demo.ipynb", [DEMO]))
    lab.run_all()
    Bench(lab.page).expect_demo()
    expect(maps(lab.page)).to_have_count(1)
    lab.page.evaluate(SAVE)
    saved = nbformat.read(lab.served / "demo.ipynb", as_version=4)
    html, _ = HTMLExporter().from_notebook_node(saved)
    (lab.served / "demo.html").write_text(html, encoding="utf-8")
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((lab.served / "demo.html").as_uri())
    expect_static(page)
    context.close()
    # In a notebook that is trusted, without its kernel.
    lab.close()
    lab.open("demo.ipynb")
    assert lab.page.evaluate(TRUSTED)
    expect_static(lab.page)
    # In one that is not.
    saved.cells.append(nbformat.v4.new_markdown_cell("Another notebook, which nobody has trusted."))
    nbformat.write(saved, lab.served / "other.ipynb")
    lab.open("other.ipynb")
    assert not lab.page.evaluate(TRUSTED)
    expect(lab.page.locator(".ddd-workbench")).to_have_count(0)
    expect_static(lab.page)
