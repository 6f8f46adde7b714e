"""Where processes stand: on their manager's card, on cards of the state, and what is ready for the page."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from ddd_kit.views.mapping.sketch import sketch
from ddd_kit.views.mapping.standing import NONE_YET, Position, standing, told, told_within
from ddd_kit.views.page.map_part import marks
from ddd_kit.views.page.record import record
from ddd_kit.views.panes.instances import instances
from ddd_kit.views.text_width import text_width
from every_kind import every_kind
from markup_reader import text_of

MANY = 40


@pytest.fixture(scope="module")
def shop() -> SimpleNamespace:
    return every_kind()


def step_of(domain: Any, method: str) -> int:
    return next(e.step for e in domain.journal.of(kind="handled") if e.method == method)


def fulfilment(domain: Any, step: int | None = None) -> Any:
    return next(node.card for node in sketch(domain, step).nodes if node.card.name == "Fulfilment")


def test_the_card_says_how_many_stand_where_at_each_step(shop: SimpleNamespace) -> None:
    domain = shop.domain
    began, ended = step_of(domain, "on_placed"), step_of(domain, "on_confirmed")
    assert fulfilment(domain, began - 1).lines[:2] == ("0 processes", NONE_YET)
    assert fulfilment(domain, began).lines[:2] == ("1 process", "1 after OrderPlaced")
    assert fulfilment(domain, ended).lines[:2] == ("1 process", "1 complete")
    assert fulfilment(domain).lines[1] == "1 complete"


def test_the_card_keeps_its_size(shop: SimpleNamespace) -> None:
    domain = shop.domain
    cards = [fulfilment(domain, step) for step in range(domain.journal.last_step + 1)]
    assert len({(card.width, card.height) for card in cards}) == 1


def test_without_any_process_the_card_has_no_such_line() -> None:
    assert fulfilment(every_kind(run=False).domain).lines[1] == "on_placed, on_confirmed"


def test_many_processes_are_counted_as_the_engine_counts_them() -> None:
    shop = every_kind()
    for number in range(MANY):
        shop.Ordering().place(f"x-{number}")
    for number in range(0, MANY, 2):
        shop.domain.brokers["default"].publish("bank", {"order": f"x-{number}"})
    domain = shop.domain
    for step in range(step_of(domain, "on_placed"), domain.journal.last_step, 23):
        known = domain.processes("Fulfilment", domain.journal.batch_end(step))
        expected = Counter(Position(each.position or "", each.complete) for each in known)
        assert standing(domain.journal, "Fulfilment").counts(domain.journal.batch_end(step)) == expected
    assert fulfilment(domain).lines[1] == f"{MANY // 2} after OrderPlaced · {MANY // 2 + 1} complete"


def test_who_began_before_the_first_step_that_is_kept_is_counted_all_the_same() -> None:
    shop = every_kind()
    shop.Ordering().place("o-2")
    shop.domain.config["journal_limit"] = 4
    shop.domain.repository_for(shop.Order).add(shop.Order(id="o-3"))
    assert shop.domain.journal.first_step > step_of(every_kind().domain, "on_placed")
    line = fulfilment(shop.domain).lines[1]
    assert line.endswith("1 complete")
    assert line.startswith("1 ")


def test_a_process_that_is_removed_does_not_stand_anywhere() -> None:
    shop = every_kind()
    processes = shop.domain.repository_for(shop.Fulfilment)
    processes.remove(processes.get("o-1"))
    assert fulfilment(shop.domain).lines[:2] == ("0 processes", NONE_YET)


def test_of_many_positions_some_are_left_out_where_there_is_no_room() -> None:
    counts = Counter({Position(f"SomethingHappened{n}", False): n for n in range(1, 9)})
    counts[Position("Last", True)] = 1000
    line = told_within(counts, 240)
    assert line == "1 after Som… · … 7 more · 1,000 complete"
    assert text_width(line, 11) <= 240
    assert told(counts).count(" after ") == 8


def test_the_state_says_where_a_process_stands_and_what_it_awaits(shop: SimpleNamespace) -> None:
    domain = shop.domain
    began, ended = step_of(domain, "on_placed"), step_of(domain, "on_confirmed")
    waits = "after OrderPlaced, waits for PaymentConfirmed"
    assert waits in text_of(str(instances(domain, began)))
    assert "complete, since PaymentConfirmed" in text_of(str(instances(domain, ended)))
    assert waits in repr(domain.state(began))
    assert "after " not in text_of(str(instances(domain, began, element="Order")))


def test_the_state_shows_each_instance_as_what_it_is(shop: SimpleNamespace) -> None:
    shown = text_of(str(instances(shop.domain, shop.domain.journal.last_step)))
    assert "⬢ Fulfilment" in shown
    assert "▤ OrderList" in shown
    assert "▤ OrderList: 1 instance" in repr(shop.domain.state())


def test_a_projector_and_a_service_lead_to_what_they_are_about(shop: SimpleNamespace) -> None:
    last = shop.domain.journal.last_step
    assert "▤ OrderList" in text_of(str(instances(shop.domain, last, element="OrderListProjector")))
    assert "■ Order" in text_of(str(instances(shop.domain, last, element="Discounts")))


def test_the_page_knows_from_which_step_on_they_stand_where(shop: SimpleNamespace) -> None:
    domain = shop.domain
    data = record(domain)
    moves = marks(domain, data["shapes"])["nodes"]["Fulfilment"]["standing"]
    assert [text for _, text in moves] == ["1 after OrderPlaced", "1 complete"]
    for step, text in moves:
        assert fulfilment(domain, step).lines[1] == text
    assert data["elements"]["Fulfilment"]["awaits"] == ["PaymentConfirmed"]
    assert data["elements"]["Discounts"]["of"] == "Order"
