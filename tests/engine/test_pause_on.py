"""`domain.pause_on`: from an event on, deliveries are held, and whoever runs the cell gets control back."""

from __future__ import annotations

from typing import Any

import pytest

from ddd_kit import Domain, UnitOfWork, handle
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.fields import Identifier


class Shop:
    """An order that is placed is paid by one handler, and what is paid is shipped by another."""

    def __init__(self, **config: Any) -> None:
        domain: Any = Domain(name="Bookshop", config=config)
        self.domain = domain
        self.calls: list[str] = []
        calls = self.calls

        def event(name: str) -> Any:
            made = type(name, (), {"__annotations__": {"order_id": str}})
            return domain.event(part_of="Order")(made)

        self.Placed, self.Paid, self.Unheard = map(event, ("OrderPlaced", "OrderPaid", "OrderUnheard"))

        @domain.aggregate
        class Order:
            note = Identifier()

            def tell(self, event: Any) -> None:
                self.raise_(event(order_id=self.id))

        orders = self.orders = domain.repository_for(Order)
        self.Order = Order

        @domain.event_handler(part_of=Order)
        class Payment:
            @handle(self.Placed)
            def pay(inner, event: Any) -> None:  # noqa: N805
                calls.append("pay")
                order = orders.get(event.order_id)
                order.tell(self.Paid)
                orders.add(order)
                calls.append("paid")

        @domain.event_handler(part_of=Order)
        class Mail:
            @handle(self.Placed)
            def thank(self, _: Any) -> None:
                calls.append("thank")

        @domain.event_handler(part_of=Order)
        class Shipping:
            @handle(self.Paid)
            def ship(self, _: Any) -> None:
                calls.append("ship")

    def raise_event(self, *events: Any) -> None:
        order = self.Order()
        for event in events:
            order.tell(event)
        self.orders.add(order)

    def waiting(self) -> list[str]:
        return [delivery.target for delivery in self.domain.waiting]

    @property
    def mode(self) -> str:
        return str(self.domain.config["event_processing"])


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_from_the_event_on_its_deliveries_wait(shop: Shop) -> None:
    shop.domain.pause_on(shop.Placed)
    shop.raise_event(shop.Placed)
    assert shop.calls == []
    assert shop.waiting() == ["Payment.pay", "Mail.thank"]
    assert shop.mode == "async"


def test_other_events_go_on_until_then(shop: Shop) -> None:
    shop.domain.pause_on(shop.Placed)
    shop.raise_event(shop.Paid)
    assert (shop.calls, shop.waiting(), shop.mode) == (["ship"], [], "sync")


def test_in_a_handler_its_unit_of_work_ends_and_everything_else_waits(shop: Shop) -> None:
    shop.domain.pause_on(shop.Paid)
    shop.raise_event(shop.Placed)
    assert shop.calls == ["pay", "paid"]
    assert shop.waiting() == ["Mail.thank", "Shipping.ship"]
    assert [e.outcome for e in shop.domain.journal.of(kind="handled")] == ["ok"]


def test_an_event_that_nobody_hears_pauses_what_waits_too(shop: Shop) -> None:
    @shop.domain.event_handler(part_of=shop.Order)
    class Telling:
        @handle(shop.Paid)
        def tell(inner, _: Any) -> None:  # noqa: N805
            shop.raise_event(shop.Unheard)

        @handle(shop.Placed)
        def other(self, event: Any) -> None: ...

    shop.domain.pause_on(shop.Unheard)
    shop.raise_event(shop.Paid, shop.Paid)
    assert shop.calls == ["ship"]
    assert shop.waiting() == ["Shipping.ship", "Telling.tell"]


def test_resume_goes_on_up_to_the_next_such_event(shop: Shop) -> None:
    shop.domain.pause_on(shop.Placed, shop.Paid)
    shop.raise_event(shop.Placed)
    assert shop.domain.resume() == 1
    assert shop.calls == ["pay", "paid"]
    assert (shop.waiting(), shop.mode) == (["Mail.thank", "Shipping.ship"], "async")
    assert shop.domain.resume() == 2
    assert (shop.calls[2:], shop.mode) == (["thank", "ship"], "sync")


def test_deliver_all_makes_all_without_stopping_and_stays_in_hold_mode(shop: Shop) -> None:
    shop.domain.pause_on(shop.Placed, shop.Paid)
    shop.raise_event(shop.Placed)
    assert shop.domain.deliver_all() == 3
    assert (shop.waiting(), shop.mode) == ([], "async")


def test_deliver_makes_one(shop: Shop) -> None:
    shop.domain.pause_on(shop.Placed)
    shop.raise_event(shop.Placed)
    shop.domain.deliver(1)
    assert shop.calls == ["thank"]
    assert shop.waiting() == ["Payment.pay"]


def test_sync_by_hand_and_deliver_all_stops_at_the_next(shop: Shop) -> None:
    shop.domain.pause_on(shop.Placed, shop.Paid)
    shop.raise_event(shop.Placed)
    shop.domain.config["event_processing"] = "sync"
    assert shop.domain.deliver_all() == 1
    assert shop.waiting() == ["Mail.thank", "Shipping.ship"]


def test_breakpoints_are_added_and_taken_away(shop: Shop) -> None:
    assert shop.domain.pause_on() == ()
    assert shop.domain.pause_on(shop.Placed) == ("OrderPlaced",)
    assert shop.domain.pause_on(shop.Placed) == ("OrderPlaced",)
    assert shop.domain.pause_on("OrderPaid") == ("OrderPlaced", "OrderPaid")
    assert shop.domain.pause_on(None, shop.Paid) == ("OrderPaid",)
    assert shop.domain.pause_on(None) == ()
    shop.raise_event(shop.Placed)
    assert (shop.waiting(), shop.mode) == ([], "sync")
    assert not shop.domain.faults.active


def test_it_stays_through_reset_and_for_a_class_that_is_defined_again(shop: Shop) -> None:
    shop.domain.pause_on(shop.Paid)
    shop.domain.reset()
    again = shop.domain.event(part_of="Order")(type("OrderPaid", (), {"__annotations__": {"order_id": str}}))
    shop.raise_event(again)
    assert shop.waiting() == ["Shipping.ship"]


def test_a_command_gives_its_result_back_and_no_error(shop: Shop) -> None:
    @shop.domain.command(part_of=shop.Order)
    class PlaceOrder: ...

    @shop.domain.command_handler(part_of=shop.Order)
    class Taking:
        @handle(PlaceOrder)
        def place(inner, _: Any) -> str:  # noqa: N805
            shop.raise_event(shop.Placed)
            return "placed"

    shop.domain.pause_on(shop.Placed)
    assert shop.domain.process(PlaceOrder()) == "placed"
    assert shop.waiting() == ["Payment.pay", "Mail.thank"]


def test_an_event_that_is_not_saved_pauses_nothing(shop: Shop) -> None:
    shop.domain.pause_on(shop.Placed)
    unit = UnitOfWork(shop.domain).start()
    shop.raise_event(shop.Placed)
    unit.rollback()
    assert (shop.mode, shop.waiting()) == ("sync", [])


def test_what_failed_before_the_pause_is_raised(shop: Shop) -> None:
    @shop.domain.event_handler(part_of=shop.Order)
    class Failing:
        @handle(shop.Placed)
        def fail(self, _: Any) -> None:
            raise ValueError("no paper")

    @shop.domain.event_handler(part_of=shop.Order)
    class Telling:
        @handle(shop.Placed)
        def tell(inner, _: Any) -> None:  # noqa: N805
            shop.raise_event(shop.Unheard)

    shop.domain.pause_on(shop.Unheard)
    with pytest.raises(ValueError, match="no paper"):
        shop.raise_event(shop.Placed)
    assert shop.waiting() == ["Shipping.ship"]


def test_without_a_journal_it_pauses_all_the_same() -> None:
    shop = Shop(journal=False)
    shop.domain.pause_on(shop.Paid)
    shop.raise_event(shop.Placed)
    assert shop.waiting() == ["Mail.thank", "Shipping.ship"]


def test_in_hold_mode_it_changes_nothing() -> None:
    shop = Shop(event_processing="async")
    shop.domain.pause_on(shop.Paid)
    shop.raise_event(shop.Placed)
    assert shop.domain.deliver_all() == 3
    assert shop.waiting() == []


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("OrderPiad", "OrderPiad is not an event of Bookshop: did you mean 'OrderPaid'"),
        ("Payment", "Payment is an event handler of Bookshop, not an event"),
        (1, "1 is no event: give its class, or the name of that"),
    ],
)
def test_what_is_no_event_is_refused(shop: Shop, given: Any, text: str) -> None:
    with pytest.raises(IncorrectUsageError, match=text):
        shop.domain.pause_on(shop.Placed, given)
    assert shop.domain.pause_on() == (), "and nothing of the call is kept"


def test_the_past_and_open_units_refuse_it(shop: Shop) -> None:
    shop.raise_event(shop.Placed)
    with pytest.raises(IncorrectUsageError, match="the past cannot be changed"):
        shop.domain.at(1).pause_on(shop.Placed)
    with (
        pytest.raises(IncorrectUsageError, match=r"resume\(\): a unit of work is open"),
        UnitOfWork(shop.domain),
    ):
        shop.domain.resume()
    assert shop.mode == "sync"


def test_the_state_at_the_pause_can_be_looked_at(shop: Shop) -> None:
    shop.domain.pause_on(shop.Paid)
    shop.raise_event(shop.Placed)
    step = shop.domain.journal.last_step
    shop.domain.resume()
    assert [d.target for d in shop.domain.at(step).waiting] == ["Mail.thank", "Shipping.ship"]
