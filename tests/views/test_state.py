"""Cards and tables: aggregates, messages, streams, what a query found, answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from markupsafe import Markup

from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer
from ddd_kit.journal.origin import origin
from ddd_kit.views import answers, state
from markup_reader import PAYLOADS, Reader, assert_harmless, text_of


@pytest.fixture
def shop() -> Any:
    domain = Domain(name="Bookshop", seed=7)

    @domain.event(part_of="Order")
    class OrderShipped:
        order_id = Identifier(required=True)
        quantity = Integer(required=True)
        note: Any = None

    @domain.aggregate
    class Order:
        book_id = Identifier(default="1")
        quantity = Integer(default=10)
        note: Any = None

        def ship(self) -> None:
            self.raise_(OrderShipped(order_id=self.id, quantity=self.quantity, note=self.note))

    @domain.aggregate
    class Inventory:
        in_stock = Integer(required=True)

    @domain.event_handler(part_of=Inventory, stream_category="order")
    class ManageInventory:
        @handle(OrderShipped)
        def reduce(self, event: Any) -> None:
            repository = domain.repository_for(Inventory)
            inventory = repository.query.first
            inventory.in_stock -= event.quantity
            repository.add(inventory)

    @domain.event_handler(part_of=Order, source_stream="manage_order")
    class Email:
        @handle(OrderShipped)
        def notify(self, event: Any) -> None: ...

    domain.Order, domain.Inventory, domain.OrderShipped = Order, Inventory, OrderShipped
    return domain


def shipped(shop: Any, **values: Any) -> Any:
    order = shop.Order(**values)
    order.ship()
    return shop.repository_for(shop.Order).add(order)


def rows(html: str) -> list[list[str]]:
    return [
        line.strip().removeprefix("| ").split(" | ") for line in text_of(html).splitlines() if " | " in line
    ]


# Aggregates and messages


def test_the_card_of_an_aggregate_has_its_name_id_version_and_fields(shop: Any) -> None:
    order = shop.Order(id="o-1")
    assert text_of(state.aggregate(order)).splitlines()[0] == "■ Order o-1 not saved yet"
    shop.repository_for(shop.Order).add(order)
    html = state.aggregate(order)
    assert text_of(html).splitlines()[0] == "■ Order o-1 version 0"
    assert rows(html) == [["book_id", "'1'"], ["quantity", "10"], ["note", "None"], ["id", "o-1"]]


def test_a_card_names_the_events_that_are_not_saved_yet(shop: Any) -> None:
    order = shop.Order(id="o-1")
    order.ship()
    hint = "raised; handlers hear of it when this is added to its repository"
    assert text_of(state.aggregate(order)).endswith(f"● OrderShipped {hint}")


def test_the_card_of_a_message_says_where_it_is(shop: Any) -> None:
    shop.repository_for(shop.Inventory).add(shop.Inventory(in_stock=100))
    event = shop.OrderShipped(order_id=1, quantity=2)
    assert text_of(state.message(event)).splitlines()[0] == "● OrderShipped not raised yet"
    order = shop.Order(id="o-1")
    order.raise_(event)
    assert (
        text_of(state.message(event)).splitlines()[0].endswith("raised, not saved yet: it goes to order-o-1")
    )
    shop.repository_for(shop.Order).add(order)
    assert text_of(state.message(event)).splitlines()[0] == "● OrderShipped on order-o-1"
    assert rows(state.message(event))[:2] == [["order_id", "'1'"], ["quantity", "2"]]


def test_the_card_of_an_event_whose_aggregate_is_gone_is_still_there(shop: Any) -> None:
    order = shop.Order(id="o-1")
    order.ship()
    shop.forget("Order")
    assert "OrderShipped" in text_of(state.message(order._events[0]))


def test_values_that_cannot_be_told_do_not_hide_the_others(shop: Any) -> None:
    class Untold:
        def __repr__(self) -> str:
            raise ValueError

    @shop.aggregate
    class Box:
        inside: Any = None
        size: int = 3

    said = rows(state.aggregate(Box(inside=Untold())))
    assert said[:2] == [["inside", "<Untold that cannot be shown>"], ["size", "3"]]


def test_a_text_that_claims_to_be_html_is_not_believed(shop: Any) -> None:
    @shop.aggregate
    class Note:
        text: Any = None

    class Sly:
        def __html__(self) -> str:
            return "<script>alert(1)</script>"

        def __repr__(self) -> str:
            return Markup("<script>alert(2)</script>")

    for given in (Markup("<script>alert(1)</script>"), Sly()):
        assert "<script" not in state.aggregate(Note(text=given))
        shop.repository_for(Note).add(Note(text=given))
    assert "<script" not in state.results(shop.repository_for(Note).query.all())


# What a query found


def test_a_result_has_a_row_for_each_aggregate(shop: Any) -> None:
    for number in range(3):
        shop.repository_for(shop.Order).add(shop.Order(quantity=number, id=f"o-{number}"))
    html = state.results(shop.repository_for(shop.Order).query.all())
    assert text_of(html).splitlines()[0] == "■ Order 3"
    assert rows(html)[0] == ["book_id", "quantity", "note", "id"]
    assert [row[1::2] for row in rows(html)[1:]] == [["0", "o-0"], ["1", "o-1"], ["2", "o-2"]]


def test_an_identity_is_short_in_a_table_and_whole_in_its_title(shop: Any) -> None:
    order = shop.repository_for(shop.Order).add(shop.Order())
    html = state.results(shop.repository_for(shop.Order).query.all())
    assert rows(html)[1][-1] == order.id[:8]
    assert order.id in Reader(html).titles


def test_a_page_says_which_part_it_is(shop: Any) -> None:
    for number in range(12):
        shop.repository_for(shop.Order).add(shop.Order(id=f"o-{number}"))
    page = shop.repository_for(shop.Order).query.offset(5).limit(4)
    assert text_of(state.query(page)).splitlines()[0] == "■ Order 6 to 9 of 12"
    assert text_of(state.results(page.all())) == text_of(state.query(page))
    assert text_of(state.query(page.filter(quantity=99))) == "Nothing found."


def test_of_many_results_the_first_are_shown(shop: Any) -> None:
    for number in range(500):
        shop.repository_for(shop.Order).add(shop.Order(note="x" * 10_000, id=f"o-{number}"))
    html = state.results(shop.repository_for(shop.Order).query.all())
    assert len(rows(html)) == 51
    assert text_of(html).endswith("… 450 more rows")
    assert len(html) < 150_000
    assert (
        text_of(state.query(shop.repository_for(shop.Order).query)).splitlines()[0]
        == "■ Order 1 to 50 of 500"
    )


# Streams


def test_a_stream_has_a_row_for_each_event(shop: Any) -> None:
    shop.repository_for(shop.Inventory).add(shop.Inventory(in_stock=100))
    with origin("In [3]"):
        order = shipped(shop, id="o-1")
    step = str(shop.journal.of(kind="event")[0].step)
    assert rows(state.stream(shop.stream(order))) == [
        ["position", "event", "says", "from", "step"],
        ["0", "● OrderShipped", "order_id o-1, quantity 10", "In [3]", step],
    ]
    assert rows(state.stream(shop.stream("order")))[1][3] == "order-o-1"
    assert text_of(state.stream(shop.stream("order")[:0])) == "Stream order 0 events"


def test_of_a_long_stream_the_end_is_shown(shop: Any) -> None:
    order = shop.Order(id="o-1")
    shop.forget("ManageInventory")
    for _ in range(1000):
        order.ship()
    shop.repository_for(shop.Order).add(order)
    html = state.stream(shop.stream("order"))
    assert "… 900 earlier events" in text_of(html)
    assert [rows(html)[place][0] for place in (1, -1)] == ["900", "999"]


# Answers


def test_why_has_the_sentence_and_the_chain(shop: Any) -> None:
    inventory = shop.repository_for(shop.Inventory).add(shop.Inventory(in_stock=100, id="i-1"))
    with origin("In [6]"):
        shipped(shop, id="o-1")
    sentence, *chain = text_of(answers.why(shop.why(inventory, "in_stock"))).splitlines()
    assert sentence.startswith(
        "In [6] saved Order o-1: OrderShipped (quantity 10) was raised on order; ManageInventory"
    )
    assert [line.rsplit(" step ")[0] for line in chain] == [
        "In [6] saved ■ Order o-1",
        "● OrderShipped (quantity 10) was raised on order",
        "◆ ManageInventory listens to order and ran reduce",
        "■ Inventory i-1 in_stock 100 → 90",
    ]


def test_why_of_a_new_and_of_a_commanded_value(shop: Any) -> None:
    @shop.command(part_of=shop.Order)
    class Place:
        quantity = Integer()

    @shop.command_handler(part_of=shop.Order)
    class Orders:
        @handle(Place)
        def place(self, command: Any) -> Any:
            return shop.repository_for(shop.Order).add(shop.Order(quantity=command.quantity, id="o-1"))

    order = shop.process(Place(quantity=3))
    said = text_of(answers.why(shop.why(order, "quantity"))).splitlines()[1:]
    assert [line.rsplit(" step ")[0] for line in said] == [
        "code outside a cell gave a command",
        "▶ Place (quantity 3) was taken by Orders.place",
        "■ Order o-1 began with quantity 3",
    ]


def test_why_says_where_the_journal_ends(shop: Any) -> None:
    inventory = shop.repository_for(shop.Inventory).add(shop.Inventory(in_stock=100, id="i-1"))
    chain = replace(shop.why(inventory, "in_stock"), complete=False)
    assert (
        text_of(answers.why(chain)).splitlines()[1].strip()
        == "what came before is not in the journal any more"
    )


def test_a_backtick_in_a_value_stays(shop: Any) -> None:
    shop.repository_for(shop.Inventory).add(shop.Inventory(in_stock=100, id="i-1"))
    shipped(shop, note="back`tick")
    inventory = shop.repository_for(shop.Inventory).get("i-1")
    assert text_of(answers.why(shop.why(inventory, "in_stock"))).count("back`tick") == 2


def test_why_not_lists_every_rule(shop: Any) -> None:
    shop.repository_for(shop.Inventory).add(shop.Inventory(in_stock=100))
    shipped(shop)
    sentence, *checks = text_of(answers.why_not(shop.why_not("Email"))).splitlines()
    assert sentence.startswith("Email did not take OrderShipped")
    assert [line.split(":")[0].strip() for line in checks] == [
        "✓ event",
        "✓ stream_category",
        "✗ source_stream",
    ]
    assert checks[-1].endswith("its source_stream is manage_order, and the event came from plain code")


def test_waiting_deliveries_bear_the_number_that_deliver_takes(shop: Any) -> None:
    assert text_of(answers.waiting(shop.waiting)) == "No delivery is waiting."
    shop.config["event_processing"] = "async"
    for number in range(150):
        shipped(shop, id=f"o-{number}")
    said = text_of(answers.waiting(shop.waiting)).splitlines()
    assert said[0] == "150 deliveries wait"
    assert said[2].strip() == "1 ● OrderShipped on order-o-1 → ◆ ManageInventory.reduce"
    assert said[-1].startswith("… 50 more. ")


# Values that look like markup


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_looks_like_markup_is_text_everywhere(shop: Any, payload: str) -> None:
    shop.repository_for(shop.Inventory).add(shop.Inventory(in_stock=100, id="i-1"))
    with origin(payload):
        order = shipped(shop, note=payload, id=payload.encode("ascii", "backslashreplace").decode()[:200])
    inventory = shop.repository_for(shop.Inventory).get("i-1")
    order.ship()
    pictures = [
        state.aggregate(order),
        state.message(order._events[0]),
        state.results(shop.repository_for(shop.Order).query.all()),
        state.stream(shop.stream("order")),
        answers.why(shop.why(inventory, "in_stock")),
    ]
    for html in pictures:
        assert_harmless(html, payload)
    shop.config["event_processing"] = "async"
    shop.repository_for(shop.Order).add(order)
    assert_harmless(answers.waiting(shop.waiting), order.id)
    Reader(answers.why_not(shop.why_not("Email")))
