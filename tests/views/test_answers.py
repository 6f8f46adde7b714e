"""The Why tab: a question as a heading, and its answer."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ddd_kit.journal.causality import why
from ddd_kit.journal.origin import origin
from ddd_kit.views import answers
from ddd_kit.views.links import linked
from markup_reader import PAYLOADS, assert_harmless, text_of
from warehouse import commanded, shipped, step_of, stocked


def lines(shown: Any) -> list[str]:
    return [line.strip() for line in text_of(str(shown)).splitlines()]


def acts(shown: Any) -> list[tuple[str, str]]:
    return re.findall(r'<button[^>]*data-act="(\w+)" data-arg="([^"]*)"', str(shown))


@pytest.fixture(scope="module")
def run() -> Any:
    return commanded()


def test_a_question_about_a_value_is_the_heading(run: Any) -> None:
    asked = why(run.domain.journal, "Inventory", "i-1", "in_stock")
    html = str(answers.why_panel(asked))
    assert html.startswith('<div><h3 class="ddd-question">Why is in_stock <b><bdi>30</bdi></b>?</h3>')
    assert asked.sentence.replace("`", "") in text_of(html)


def test_each_cause_of_a_value_is_the_way_to_its_step(run: Any) -> None:
    asked = why(run.domain.journal, "Inventory", "i-1", "in_stock")
    assert acts(answers.why_panel(asked, linked)) == [("step", str(entry.step)) for entry in asked.chain]
    assert acts(answers.why_panel(asked)) == []
    assert "<button" not in answers.why(asked)


def test_the_panel_answers_for_the_step_that_is_looked_at(run: Any) -> None:
    step = step_of(run.domain, "changed", id="i-1", version=1)
    asked = why(run.domain.journal, "Inventory", "i-1", "in_stock", step)
    assert lines(answers.why_panel(asked))[0].startswith("Why is in_stock 90?")
    assert "100 → 90" in lines(answers.why_panel(asked))[-1]


def test_a_question_about_a_handler_is_the_heading(run: Any) -> None:
    shown = run.domain.why_not("Email")
    assert lines(answers.why_not_panel(shown))[0].startswith("Why did ◆ Email not run?")
    event = step_of(run.domain, "event", type="OrderShipped")
    assert acts(answers.why_not_panel(shown, linked)) == [("step", str(event))]
    assert lines(answers.why_not_panel(shown))[-1].startswith("✗ source_stream: its source_stream is web")


def test_a_handler_that_ran_is_asked_why_it_did() -> None:
    shop = shipped()
    assert lines(answers.why_not_panel(shop.domain.why_not("ManageInventory")))[0].startswith(
        "Why did ◆ ManageInventory run?"
    )


def test_a_handler_that_no_event_came_to_has_an_answer_too() -> None:
    shown = answers.why_not_panel(stocked().domain.why_not("Reorder"), linked)
    assert lines(shown)[0].startswith("Why did ◆ Reorder not run?")
    assert acts(shown) == []


def test_of_a_long_chain_the_ends_are_shown_in_few_elements() -> None:
    shop = commanded()
    asked = why(shop.domain.journal, "Inventory", "i-1", "in_stock")
    long = type(asked)("Inventory", "i-1", "in_stock", asked.chain[:-1] * 400 + asked.chain[-1:])
    html = str(answers.why_panel(long, linked))
    assert f"… {len(long.chain) - answers.LONGEST_CHAIN:,} more links" in text_of(html)
    assert len(acts(html)) == answers.LONGEST_CHAIN
    assert len(html) < 30_000
    sentence = re.search(r'ddd-sentence">(.*?)</p>', html)
    assert sentence
    assert len(re.sub(r"</?code>", "", sentence[1])) <= answers.LONGEST_SENTENCE


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_looks_like_markup_is_text(payload: str) -> None:
    shop = stocked()
    shop.order.note = payload
    with origin(payload):
        shop.domain.repository_for(shop.Order).add(shop.order)
    assert_harmless(str(answers.why_panel(shop.domain.why(shop.order, "note"), linked)), payload)
