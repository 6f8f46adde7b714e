"""What a newcomer sees in JupyterLab: the first notebook, before and after running it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lab import Lab, Theme

pytestmark = pytest.mark.browser

NOTEBOOK = "04-events-and-handlers.ipynb"
PICTURE = "img[src^='data:image/svg+xml']"
TAKEN_FROM_STOCK = re.compile(r"in_stock\W+100\s*(→|->)\s*90")


def test_running_it_shows_the_map_the_journal_and_the_new_stock(lab: Lab, shots: Path) -> None:
    """In light and in dark."""
    lab.open(NOTEBOOK)
    lab.run_all()
    lab.fit()
    themes: tuple[Theme, ...] = ("light", "dark")
    for theme in themes:
        lab.theme(theme)
        expect(lab.outputs().locator(f"svg, {PICTURE}").first).to_be_visible()
        journal = lab.outputs().filter(has_text="OrderShipped").filter(has_text="ManageInventory")
        expect(journal.filter(has_text=TAKEN_FROM_STOCK).first).to_be_visible()
        lab.shoot(shots / f"first notebook {theme}.png")


def test_as_committed_and_not_trusted_it_still_shows_a_map(lab: Lab) -> None:
    lab.open(NOTEBOOK)
    assert not lab.page.evaluate("() => [...window.panel.content.model.cells].some(cell => cell.trusted)")
    lab.fit()
    picture = lab.outputs().locator(PICTURE).first
    expect(picture).to_be_visible()
    assert picture.evaluate("async image => { await image.decode(); return image.naturalWidth; }") > 300
    assert picture.get_attribute("alt")
