"""A saved run of a model that has every kind of element: the page says what the live views say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page

from ddd_kit.views.mapping.live_map import live_map
from ddd_kit.views.panes.changes import story_html
from every_kind import every_kind

pytestmark = pytest.mark.browser

LABELS = """() => [...document.querySelectorAll('#ddd-map [data-act=element][aria-pressed]')]
    .map(node => node.getAttribute('aria-label')).sort()"""
LINE = """() => document.querySelector('#ddd-map [data-arg=Fulfilment]')
    .querySelector('.label + text + text').textContent"""
STANDS = "() => [...document.querySelectorAll('.ddd-stands')].map(each => each.textContent)"
BOLD = "() => [...document.querySelectorAll('#ddd-story b')].map(b => [b.className, b.textContent])"


@pytest.fixture(scope="module")
def shop() -> SimpleNamespace:
    shop = every_kind()

    @shop.domain.command(part_of=shop.Order)
    class CancelOrder: ...  # nobody handles it, which the lint says

    return shop


@pytest.fixture
def page(browser: Browser, shop: SimpleNamespace, tmp_path: Path, shots: Path) -> Iterator[Page]:
    errors: list[str] = []
    shown = browser.new_context(offline=True, viewport={"width": 1300, "height": 900}).new_page()
    shown.on("pageerror", lambda error: errors.append(str(error)))
    shown.goto(shop.domain.save_html(tmp_path / "run.html").as_uri())
    yield shown
    shown.screenshot(path=shots / "saved_kinds.png")
    shown.context.close()
    assert errors == []


def turn(page: Page, step: int, right: str = "changes") -> None:
    page.evaluate("change => turn(change)", {"step": step, "right": right, "first": None, "page": 0})


def steps(shop: SimpleNamespace) -> list[int]:
    return [entry.step for entry in shop.domain.journal if entry.kind != "defined"]


def step_of(shop: SimpleNamespace, method: str) -> int:
    return next(e.step for e in shop.domain.journal.of(kind="handled") if e.method == method)


def test_the_cards_of_the_map_say_the_same_at_each_step(page: Page, shop: SimpleNamespace) -> None:
    for step in steps(shop):
        turn(page, step)
        drawn = re.findall(
            r'data-act="element"[^>]*aria-label="([^"]*)"[^>]*aria-pressed', live_map(shop.domain, step)
        )
        assert len(drawn) > 10
        assert page.evaluate(LABELS) == sorted(map(unescape, drawn)), step


def test_where_processes_stand(page: Page, shop: SimpleNamespace) -> None:
    began, ended = step_of(shop, "on_placed"), step_of(shop, "on_confirmed")
    for step, line in ((began - 1, "none has begun"), (began, "1 after OrderPlaced"), (ended, "1 complete")):
        turn(page, step)
        assert page.evaluate(LINE) == line
    turn(page, began, "state")
    assert page.evaluate(STANDS) == ["after OrderPlaced, waits for PaymentConfirmed"]
    turn(page, ended, "state")
    assert page.evaluate(STANDS) == ["complete, since PaymentConfirmed"]


def test_the_sentence_names_each_element_in_the_colour_of_its_kind(page: Page, shop: SimpleNamespace) -> None:
    seen: set[str] = set()
    for step in steps(shop):
        turn(page, step)
        wanted = re.findall(
            r'<b(?: class="([^"]*)")?>([^<]*)</b>', str(story_html(shop.domain.journal, step))
        )
        shown = [tuple(pair) for pair in page.evaluate(BOLD)]
        assert shown == [(look, unescape(text)) for look, text in wanted], step
        seen |= {look for look, _ in shown}
    assert {"ddd-projector", "ddd-process-manager", "ddd-application-service", "ddd-subscriber"} <= seen


def test_a_mark_says_what_the_lint_found(page: Page) -> None:
    title = page.locator("#ddd-map [data-arg=CancelOrder] .remark title").text_content() or ""
    assert title.startswith("Nobody handles CancelOrder.")
