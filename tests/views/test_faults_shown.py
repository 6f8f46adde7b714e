"""What faults did to deliveries, wherever the journal is shown."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from ddd_kit.journal.origin import origin
from ddd_kit.journal.story import story
from ddd_kit.views import tree
from ddd_kit.views.links import linked
from ddd_kit.views.mapping.tally import tally
from ddd_kit.views.mapping.trail import trail
from ddd_kit.views.panes import changes, journal_pane, timeline
from ddd_kit.views.panes.concerning import concerning
from ddd_kit.views.panes.hearing import heard, hearings
from ddd_kit.views.panes.positions import Categories
from ddd_kit.views.panes.steps import label
from live_reader import read
from markup_reader import text_of
from shops import seed, ship_by_command

DROPPED = "EmailNotifications.notify_customer: dropped (injected)"
TWICE = "ManageInventory.reduce_stock_level: delivered twice (injected)"


@pytest.fixture
def shop() -> SimpleNamespace:
    """One handler gets an order's event twice, the other never."""
    shop = seed()
    shop.domain.faults.deliver_twice(handler=shop.ManageInventory)
    shop.domain.faults.drop(handler="EmailNotifications")
    ship_by_command(shop)
    return shop


def fault(shop: SimpleNamespace, kind: str) -> Any:
    [found] = [entry for entry in shop.domain.journal.of(kind="fault") if entry.fault == kind]
    return found


def test_the_journal_has_a_line_for_each_in_text_and_in_html(shop: SimpleNamespace) -> None:
    text = shop.domain.journal.to_text()
    assert f"      ↯ {TWICE}" in text
    assert f"      ↯ {DROPPED}" in text
    html = text_of(str(tree.journal(shop.domain.journal)))
    assert f"↯ {TWICE}" in html
    assert f"↯ {DROPPED}" in html


@pytest.mark.parametrize(
    ("switch", "words"),
    [
        (lambda f: f.deliver_twice(handler="ManageInventory"), "delivered twice"),
        (lambda f: f.drop(handler="ManageInventory"), "dropped"),
        (lambda f: f.delay(by=2, handler="ManageInventory"), "delayed by 2 deliveries"),
        (lambda f: f.delay(handler="ManageInventory"), "delayed by 1 delivery"),
        (lambda f: f.shuffle(seed=1), "out of order, place 2 instead of 1"),
        (lambda f: f.fail(times=2, handler="ManageInventory"), "made to fail, time 1 of 2"),
    ],
)
def test_every_fault_has_words(switch: Any, words: str) -> None:
    shop = seed()
    shop.domain.config["event_processing"] = "async"
    switch(shop.domain.faults)
    ship_by_command(shop)
    if words.startswith("made to fail"):
        with pytest.raises(Exception, match="was made to fail"):
            shop.domain.deliver()
    told = shop.domain.journal.of(kind="fault")
    assert words in repr(told)
    step = next(entry.step for entry in told if entry.handler == "ManageInventory")
    sentence = story(shop.domain.journal, step).sentence
    assert re.fullmatch(
        rf".*: OrderShipped \(quantity 5, total_amount 50\.0\) on its way to "
        rf"ManageInventory\.reduce_stock_level was {words} \(injected\)\.",
        sentence,
    )
    assert label(shop.domain.journal, step) == (
        f"step {step}: ManageInventory.reduce_stock_level: {words} (injected)"
    )


def test_the_journal_pane_asks_why_a_dropped_delivery_was_not_made(shop: SimpleNamespace) -> None:
    dropped = fault(shop, "drop")
    pane = read(journal_pane.journal_pane(shop.domain, dropped.step))
    asked = [link for link in pane.all(act="whynot") if link.attrs["data-arg"] == str(dropped.step)]
    assert [link.text for link in asked] == ["dropped (injected)"]
    assert not [
        link
        for link in pane.all(act="whynot")
        if link.attrs["data-arg"] == str(fault(shop, "deliver_twice").step)
    ]


def test_the_answer_names_the_fault(shop: SimpleNamespace) -> None:
    dropped = fault(shop, "drop")
    answer = shop.domain.why_not("EmailNotifications", shop.domain.journal.step(dropped.cause))
    assert f"the delivery to notify_customer was dropped (injected) in step {dropped.step}" in answer.sentence


def test_the_timeline_has_a_sign_of_its_own(shop: SimpleNamespace) -> None:
    ticks = read(timeline.ticks(shop.domain.journal, shop.domain.journal.last_step)).all(look="ddd-tick")
    signs = [tick.text for tick in ticks if tick.has("ddd-bad")]
    assert signs == ["↯", "↯"]
    picture = shop.domain.timeline()
    assert "2 faults injected" in repr(picture)
    assert "fault injected" in picture.svg
    assert picture.svg.count('href="#ddd-sign-7"') == 3, "two ticks and the legend"


@pytest.mark.parametrize("kind", ["deliver_twice", "drop"])
def test_the_changes_tab_tells_all_that_its_entry_holds(shop: SimpleNamespace, kind: str) -> None:
    entry = fault(shop, kind)
    said = text_of(str(changes.changes(shop.domain, entry.step, linked)))
    assert {"deliver_twice": "delivered twice", "drop": "dropped"}[kind] + " (injected)" in said
    assert f"OrderShipped to {entry.handler}.{entry.method}" in said
    assert ("why it did not run" in said) == (kind == "drop")
    assert "ShipOrder" in said, "what led to it"


def test_an_event_tells_what_became_of_each_delivery(shop: SimpleNamespace) -> None:
    event = shop.domain.journal.step(fault(shop, "drop").cause)
    said = text_of(str(heard(shop.domain, event)))
    assert f"EmailNotifications.notify_customer ↯ dropped (injected) step {fault(shop, 'drop').step}" in said
    runs = [e.step for e in shop.domain.journal.of(kind="handled") if e.cause == event.step]
    assert len(runs) == 2
    [inventory] = [h for h in hearings(shop.domain, event) if h.handler == "ManageInventory"]
    assert inventory.last is not None
    assert inventory.last.step == runs[-1], "the second delivery is the last"


def test_a_dropped_delivery_is_counted_and_drawn_like_a_handler_that_was_skipped(
    shop: SimpleNamespace,
) -> None:
    key = ("OrderShipped", "EmailNotifications", "heard by")
    before = tally(shop.domain.journal, fault(shop, "drop").step - 1).skipped[key]
    counts = tally(shop.domain.journal)
    assert (counts.skipped[key], counts.rules[key]) == (before + 1, "drop")
    assert trail(shop.domain.journal).skipped == {
        ("OrderShipped", "EmailNotifications"): "skipped: dropped by a fault that was injected"
    }
    text = shop.domain.map().to_text()
    assert "skipped: dropped by a fault that was injected" in text
    assert "◇ EmailNotifications" in text


@pytest.mark.parametrize("kind", ["deliver_twice", "drop"])
def test_a_step_of_its_own_is_about_the_handler(shop: SimpleNamespace, kind: str) -> None:
    entry = fault(shop, kind)
    assert trail(shop.domain.journal, entry.step).about == entry.handler
    assert shop.domain.map(entry.step).svg


def test_it_concerns_its_handler_and_its_event(shop: SimpleNamespace) -> None:
    dropped = fault(shop, "drop")
    assert {dropped.cause, dropped.step} <= set(concerning(shop.domain.journal, "EmailNotifications"))
    assert dropped.step in concerning(shop.domain.journal, "OrderShipped")
    assert dropped.step not in concerning(shop.domain.journal, "ManageInventory")


def test_positions_count_each_delivery_that_waits() -> None:
    shop = seed()
    shop.domain.config["event_processing"] = "async"
    shop.domain.faults.deliver_twice(handler=shop.ManageInventory)
    ship_by_command(shop)
    step = shop.domain.journal.last_step

    def waits(at: int) -> int:
        [found] = [
            listener.waits
            for listener in Categories(shop.domain, at).listeners("bookshop::order")
            if listener.handler == "ManageInventory"
        ]
        return found

    assert waits(step) == 2
    shop.domain.deliver()
    assert (waits(step), waits(shop.domain.journal.last_step)) == (2, 1)


def test_a_table_has_the_fault_and_its_detail() -> None:
    shop = seed()
    shop.domain.faults.delay(by=2, handler=shop.ManageInventory)
    with origin("In [9]"):
        ship_by_command(shop)
    table = shop.domain.journal.to_frame()
    row = table[table["kind"] == "fault"].iloc[0]
    assert (row["element"], row["method"], row["event"]) == (
        "ManageInventory",
        "reduce_stock_level",
        "OrderShipped",
    )
    assert (row["rule"], row["found"]) == ("delay", "2 deliveries")
