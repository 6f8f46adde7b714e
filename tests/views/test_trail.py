"""The path of a step."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest

from ddd_kit import Domain, handle
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import COLUMNS, SkippedEntry, entry
from ddd_kit.journal.sentence import reason
from ddd_kit.views.mapping.trail import trail, why_skipped
from shops import seed, ship_by_command, troubled


def step_of(domain: Any, kind: str) -> int:
    return int(domain.journal.of(kind=kind)[-1].step)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("command", "ShipOrder"),
        ("event", "NotificationSent"),
        ("handled", "EmailNotifications"),
        ("skipped", "EmailNotifications"),
        ("changed", "Notification"),
        ("unhandled", "NotificationSent"),
        ("rejected", "Order"),
        ("defined", "EmailNotifications"),
    ],
)
def test_each_kind_of_entry_tells_of_an_element(kind: str, name: str) -> None:
    shop = seed()
    ship_by_command(shop)
    with pytest.raises(Exception, match="quantity"):
        shop.Order(book_id=1, quantity="many", total_amount=1)
    assert trail(shop.domain.journal, step_of(shop.domain, kind)).about == name


def test_the_newest_chain_is_about_its_last_entry() -> None:
    assert trail(seed().domain.journal).about == "Inventory"


def test_the_path_of_a_step_is_what_led_to_it() -> None:
    shop = seed()
    ship_by_command(shop)
    found = trail(shop.domain.journal, step_of(shop.domain, "changed"))
    assert list(found.links) == [
        ("ShipOrder", "Order"),
        ("Order", "OrderShipped"),
        ("OrderShipped", "EmailNotifications"),
        ("EmailNotifications", "Notification"),
    ]


def test_what_went_wrong_beside_the_path_is_told_too() -> None:
    domain = troubled()
    found = trail(domain.journal, step_of(domain, "changed"))
    assert found.failed == {("OrderPaid", "Billing"): "failed: ValueError: no paper"}
    assert {handler for _, handler in found.skipped} == {"WrongStream", "FromWeb"}


def test_a_handler_that_made_it_at_the_second_attempt_did_not_fail() -> None:
    domain = Domain(name="Desk")
    attempts: list[Any] = []
    order = domain.aggregate(type("Order", (), {}))
    event = domain.event(part_of="Order")(type("OrderPaid", (), {}))

    @domain.event_handler(part_of=order, retries=1)
    class Billing:
        @handle(event)
        def bill(self, given: Any) -> None:
            attempts.append(given)
            if len(attempts) == 1:
                raise ValueError("no paper")

    paid = order()
    paid.raise_(event())
    domain.repository_for(order).add(paid)
    assert trail(domain.journal).failed == {}
    assert [e.outcome for e in domain.journal.of(kind="handled")] == ["retried", "ok"]


def test_before_the_first_step_there_is_no_path() -> None:
    journal = seed().domain.journal
    assert trail(journal, 0) == trail(Domain(name="Empty").journal)
    assert trail(journal, 0).about == ""


def test_a_step_that_there_is_not_is_refused() -> None:
    with pytest.raises(IncorrectUsageError, match="There is no step 99"):
        trail(seed().domain.journal, 99)


def test_a_step_of_a_chain_of_thousands_is_found_in_10_ms() -> None:
    domain = Domain(name="Echo", config={"max_chain_length": 2_000})

    @domain.event(part_of="Sound")
    class Heard: ...

    @domain.aggregate
    class Sound: ...

    def heard() -> None:
        sound = Sound()
        sound.raise_(Heard())
        domain.repository_for(Sound).add(sound)

    @domain.event_handler(part_of=Sound)
    class Echo:
        @handle(Heard)
        def again(self, _: Any) -> None:
            if domain.journal.last_step < 3_000:
                heard()

    heard()
    durations = []
    for step in range(1_500, 1_510):
        start = time.process_time()
        trail(domain.journal, step)
        durations.append(time.process_time() - start)
    assert min(durations) < 0.01


def test_the_length_of_a_chain_has_its_thousands_apart() -> None:
    told = "the chain is longer than 1,000 deliveries"
    assert why_skipped("max_chain_length", "1000", "1000") == f"skipped: {told}"
    values: dict[str, Any] = dict.fromkeys(COLUMNS["skipped"], "")
    values |= {"kind": "skipped", "rule": "max_chain_length", "wanted": "1000", "found": "1000"}
    assert reason(cast(SkippedEntry, entry(1, tuple(values.values())))) == told
