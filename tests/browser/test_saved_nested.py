"""A saved run whose aggregates hold value objects and entities: the page says what the live views say."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from ddd_kit.journal.causality import why
from ddd_kit.views import tree
from rich_model import rich

pytestmark = pytest.mark.browser

ROWS = """() => Object.fromEntries([...document.querySelectorAll('.ddd-row')].map(row =>
    [row.querySelector('.ddd-row-step').dataset.arg, row.querySelector('.ddd-told').textContent]))"""
TABLE = """() => [...document.querySelectorAll('#ddd-right tr')].map(row =>
    [...row.children].map(cell => cell.textContent.trim()))"""


@pytest.fixture
def page(browser: Browser, tmp_path: Path, shots: Path) -> Iterator[Page]:
    errors: list[str] = []
    shown = browser.new_context(offline=True, viewport={"width": 1300, "height": 900}).new_page()
    shown.on("pageerror", lambda error: errors.append(str(error)))
    shown.goto(rich().domain.save_html(tmp_path / "run.html").as_uri())
    yield shown
    shown.screenshot(path=shots / "saved_nested.png")
    shown.context.close()
    assert errors == []


def turn(page: Page, step: int, right: str = "changes") -> list[list[str]]:
    page.evaluate("change => turn(change)", {"step": step, "right": right, "first": None, "page": 0})
    return page.evaluate(TABLE)  # type: ignore[no-any-return]


def ask(page: Page, arg: str) -> str:
    page.evaluate("arg => ACTS.why(arg)", arg)
    return page.locator("#ddd-right .ddd-sentence").text_content() or ""


def text_of(markup: object) -> str:
    return html.unescape(re.sub("<[^>]*>", "", str(markup)))


def saves(domain: Any) -> list[int]:
    return [entry.step for entry in domain.journal.of(kind="changed", aggregate="Order")]


def test_the_rows_of_the_journal(page: Page) -> None:
    domain = rich().domain
    shown = page.evaluate(ROWS)
    for entry in domain.journal:
        if entry.kind not in ("defined", "command", "handled"):  # a duration is another one each time
            assert shown[str(entry.step)] == text_of(tree.told(entry)), entry


def test_what_a_step_changed_inside(page: Page) -> None:
    domain = rich().domain
    shown = turn(page, saves(domain)[2])
    assert shown[1:4] == [
        ["items[sku=B]", "quantity 2, price Money(7.50, EUR)", "removed"],
        ["items[sku=C]", "not there", "quantity 3, price Money(2.00, EUR)"],
        ["total.amount", "20.00", "26.00 (+6.00)"],
    ]
    assert ["items[sku=A]", *["quantity 2, price Money(5.00, EUR)"] * 2] in shown
    assert not any(row[0] == "items[sku=B]" for row in turn(page, saves(domain)[3]))


def test_the_state_has_a_row_for_each_entity(page: Page) -> None:
    domain = rich().domain
    shown = turn(page, saves(domain)[2], "state")
    assert ["items[sku=B]", "quantity 2, price Money(7.50, EUR) removed"] in shown
    assert ["items[sku=C]", "new quantity 3, price Money(2.00, EUR)"] in shown
    assert ["total", "Money(20.00, EUR) → Money(26.00, EUR)"] in shown
    shown = turn(page, saves(domain)[3], "state")
    assert ["items[sku=C]", "quantity 3, price Money(2.00, EUR)"] in shown
    assert not any(row[0] == "items[sku=B]" for row in shown)


def test_the_rules_that_did_not_hold(page: Page) -> None:
    turn(page, rich().domain.journal.of(kind="rejected")[0].step)
    shown = page.locator("#ddd-right").text_content() or ""
    assert "at_most_ten_books of Order: must not be more than ten books" in shown
    assert "it saw items[sku=A] quantity 2, price Money(5.00, EUR), items[sku=C] quantity 12" in shown


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (1, "items[sku=A].quantity"),
        (2, "total.amount"),
        (2, "total"),
        (2, "items[sku=B]"),
        (3, "status"),
        (3, "customer_id"),
    ],
)
def test_questions_have_the_answers_of_the_domain(page: Page, number: int, path: str) -> None:
    domain = rich().domain
    step = saves(domain)[number]
    wanted = why(domain.journal, "Order", "o-1", path, step).sentence.replace("`", "")
    shown = re.sub(r"OrderItem B|quantity 2, price Money\(7.50, EUR\)", "…", ask(page, f"{step} {path}"))
    assert shown == re.sub(r"OrderItem B", "…", wanted)
