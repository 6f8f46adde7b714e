"""why_not about an event that a handler missed before it was defined anew."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ddd_kit import Domain, handle


@pytest.fixture
def shop() -> SimpleNamespace:
    """An event that `Take` was skipped for, as it listens to its own aggregate's stream."""
    domain = Domain(name="Shop")

    @domain.aggregate
    class Order:
        def ship(self) -> None:
            self.raise_(Shipped())

    @domain.event(part_of=Order)
    class Shipped: ...

    @domain.aggregate
    class Note: ...

    def define(**options: Any) -> Any:
        @domain.event_handler(part_of=Note, **options)
        class Take:
            @handle(Shipped)
            def on(self, event: Any) -> None: ...

        return Take

    def ship() -> Any:
        order = Order()
        order.ship()
        domain.repository_for(Order).add(order)
        return domain.stream(Order)[-1]

    return SimpleNamespace(domain=domain, define=define, ship=ship)


def test_the_rule_of_then_is_named_and_that_the_handler_was_defined_anew(shop: SimpleNamespace) -> None:
    shop.define()
    event = shop.ship()
    handler = shop.define(stream_category="order")
    since = shop.domain.journal.last_step
    for answer in (shop.domain.why_not(handler), shop.domain.why_not(handler, event)):
        assert answer.sentence == (
            f"Take did not take Shipped (step {event.step}): its stream_category is `note`, and the event is "
            f"on `order`; Take was defined anew since (step {since})."
        )
        assert [check.rule for check in answer.broken] == ["stream_category", "defined_since"]


def test_so_is_a_source_stream_with_both_values(shop: SimpleNamespace) -> None:
    shop.define(stream_category="order", source_stream="shelf")
    event = shop.ship()
    answer = shop.domain.why_not(shop.define(stream_category="order"), event)
    assert "its source_stream is `shelf`, and the event came from plain code; Take was" in answer.sentence


def test_a_handler_that_took_it_did_though_its_rules_would_keep_it_out_now(shop: SimpleNamespace) -> None:
    shop.define(stream_category="order")
    event = shop.ship()
    assert shop.domain.why_not(shop.define(), event).broken == ()


def test_of_a_handler_that_was_not_defined_then_no_delivery_is_claimed(shop: SimpleNamespace) -> None:
    shop.domain.forget(shop.define(stream_category="order"))
    event = shop.ship()
    answer = shop.domain.why_not(shop.define(stream_category="order"), event)
    assert "no delivery was made, as Take was not defined then or did not take Shipped" in answer.sentence
    assert f"defined anew since (step {shop.domain.journal.last_step})" in answer.sentence


def test_of_a_forgotten_handler_the_rule_of_then_is_named_too(shop: SimpleNamespace) -> None:
    handler = shop.define()
    event = shop.ship()
    shop.domain.forget(handler)
    text = shop.domain.why_not("Take", event).sentence
    assert "its stream_category is `note`, and the event is on `order`; Take is not defined any" in text


def test_an_event_of_which_the_rules_tell_nothing_was_not_taken_without_a_delivery(
    shop: SimpleNamespace,
) -> None:
    """The handler was defined while nothing was recorded."""
    event = shop.ship()
    shop.domain.config["journal"] = False
    handler = shop.define(stream_category="order")
    shop.domain.config["journal"] = True
    answer = shop.domain.why_not(handler, event)
    assert answer.broken
    assert "did not take" in answer.sentence
