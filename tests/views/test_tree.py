"""The journal as nested lists."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ddd_kit import Domain, handle
from ddd_kit.fields import Integer
from ddd_kit.journal.origin import origin
from ddd_kit.views import tree
from markup_reader import PAYLOADS, Reader, assert_harmless, text_of


@pytest.fixture
def shop() -> Any:
    """A model with a handler that runs, one that is kept out and one that fails."""
    domain = Domain(name="Bookshop", seed=7)

    @domain.event(part_of="Order")
    class OrderShipped:
        quantity = Integer(required=True)

    @domain.aggregate
    class Order:
        quantity = Integer(default=10)
        status: Any = "PENDING"

        def ship(self) -> None:
            self.status = "SHIPPED"
            self.raise_(OrderShipped(quantity=self.quantity))

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

    domain.Order, domain.Inventory = Order, Inventory
    return domain


def ship(shop: Any) -> None:
    with origin("In [1]"):
        order = shop.repository_for(shop.Order).add(shop.Order(id="o-1"))
        shop.repository_for(shop.Inventory).add(shop.Inventory(in_stock=100, id="i-1"))
    order.ship()
    with origin("In [2]"):
        shop.repository_for(shop.Order).add(order)


def lines(html: str) -> list[str]:
    """Without the steps and the durations."""
    return [
        re.sub(r"^( *)\d+ ", r"\1", re.sub(r"\d+(\.\d+)? ms", "0.1 ms", line))
        for line in text_of(html).splitlines()
    ]


def test_a_run_is_grouped_by_cell_and_indented_by_cause(shop: Any) -> None:
    ship(shop)
    assert lines(tree.journal(shop.journal)) == [
        "In [1]",
        "  ■ Order o-1 added quantity 10, status PENDING",
        "  ■ Inventory i-1 added in_stock 100",
        "In [2]",
        "  ■ Order o-1 status PENDING → SHIPPED",
        "  ● OrderShipped quantity 10 order-o-1",
        "    ◇ Email.notify skipped: its source stream is manage_order, the event came from plain code",
        "    ◆ ManageInventory.reduce ✓ 0.1 ms",
        "      ■ Inventory i-1 in_stock 100 → 90",
    ]


def test_the_new_value_is_bold_and_the_skipped_one_faint(shop: Any) -> None:
    ship(shop)
    html = tree.journal(shop.journal)
    assert "→ <b><bdi>90</bdi></b>" in html
    assert re.search(r'class="ddd-entry ddd-off"[^>]*>.*?Email\.notify', html)
    assert 'title="step 12, ' in html


def test_failures_retries_rejections_and_silence_are_told(shop: Any) -> None:
    ship(shop)

    @shop.event(part_of=shop.Order)
    class Lost: ...

    @shop.event_handler(part_of=shop.Order, retries=1)
    class Clumsy:
        @handle("OrderShipped")
        def drop(self, event: Any) -> None:
            raise ValueError(f"no <b>paper</b> for {event.quantity}")

    order = shop.Order(id="o-2")
    order.ship()
    order.raise_(Lost())
    with pytest.raises(ValueError, match="no"):
        shop.repository_for(shop.Order).add(order)
    with pytest.raises(Exception, match="not accepted"):
        shop.Order(quantity="many")
    shop.repository_for(shop.Order).remove(order)
    said = lines(tree.journal(shop.journal))
    assert "    ◆ Clumsy.drop attempt 1 ✗ retried: ValueError: no <b>paper</b> for 10" in said
    assert "    ◆ Clumsy.drop attempt 2 ✗ failed: ValueError: no <b>paper</b> for 10" in said
    assert "    ○ nobody listens to Lost on order-o-2" in said
    assert any(line.startswith("  ✗ Order rejected: quantity: ") for line in said)
    assert "  ■ Order o-2 removed" in said


def test_commands_are_told_with_who_took_them(shop: Any) -> None:
    @shop.command(part_of=shop.Order, stream_category="manage_order")
    class ShipOrder:
        number = Integer(identifier=True)

    with pytest.raises(Exception, match="Nobody"):
        shop.process(ShipOrder(number=1))

    @shop.command_handler(part_of=shop.Order)
    class Orders:
        @handle(ShipOrder)
        def ship(self, command: Any) -> None: ...

    shop.process(ShipOrder(number=2))
    first, second = lines(tree.journal(shop.journal))[1:]
    assert first.startswith("  ▶ ShipOrder number 1 manage_order:command-1 nobody took it ✗ failed: ")
    assert second == "  ▶ ShipOrder number 2 manage_order:command-2 → Orders.ship ✓ 0.1 ms"


def test_of_a_long_journal_the_end_is_shown(shop: Any) -> None:
    for number in range(300):
        shop.repository_for(shop.Order).add(shop.Order(id=f"o-{number}"))
    said = text_of(tree.journal(shop.journal)).splitlines()
    assert said[0] == "… 105 earlier: slice the journal to see them, as in domain.journal[:100]"
    assert "o-100" in said[2]
    assert "o-299" in said[-1]
    assert len(said) == 202


def test_definitions_at_the_end_do_not_push_the_run_out_of_sight(shop: Any) -> None:
    """A model whose cell runs again and again."""
    ship(shop)
    for _ in range(300):
        shop.event_handler(part_of=shop.Order)(type("Empty", (), {}))
    assert "→ 90" in text_of(tree.journal(shop.journal))


def test_definitions_are_shown_to_those_who_ask_for_them(shop: Any) -> None:
    said = lines(tree.journal(shop.journal.of(kind="defined")))
    assert said[1] == "  ● event OrderShipped registered"
    assert text_of(tree.journal(shop.journal)) == "Nothing has happened yet but 5 definitions."


def test_nothing_at_all_is_told_in_words() -> None:
    domain = Domain(name="Bookshop")
    assert text_of(tree.journal(domain.journal)) == "The journal is empty: nothing has happened yet."
    assert (
        text_of(tree.journal(domain.journal.of(kind="event")))
        == "No entries: nothing of the kind has happened."
    )


def test_a_chain_of_hundreds_is_neither_too_deep_nor_too_wide(shop: Any) -> None:
    @shop.event(part_of=shop.Order)
    class Counted:
        left = Integer(required=True)

    def count(left: int) -> None:
        order = shop.Order(id=f"o-{left}")
        order.raise_(Counted(left=left))
        shop.repository_for(shop.Order).add(order)

    @shop.event_handler(part_of=shop.Order)
    class Countdown:
        @handle(Counted)
        def go_on(self, event: Any) -> None:
            if event.left:
                count(event.left - 1)

    count(400)
    reader = Reader(tree.journal(shop.journal, longest=2000))
    assert reader.deepest == tree.DEEPEST + 1
    assert reader.text.count("because of step") > 1000
    assert reader.text.count("Countdown.go_on") == 401


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_looks_like_markup_is_text(shop: Any, payload: str) -> None:
    @shop.aggregate
    class Note:
        text: Any
        given: Any = None

    @shop.event(part_of=Note)
    class Noted:
        text: Any

    @shop.event_handler(part_of=Note)
    class Broken:
        @handle(Noted)
        def fail(self, event: Any) -> None:
            raise RuntimeError(event.text)

    note = Note(text=payload)
    note.raise_(Noted(text=payload))
    with origin(payload), pytest.raises(RuntimeError):
        shop.repository_for(Note).add(note)
    note.given = payload
    shop.repository_for(Note).add(note)
    assert_harmless(tree.journal(shop.journal), payload)
    for entry in shop.journal:
        Reader(tree.entry(entry))


def test_one_entry_shows_all_that_it_holds(shop: Any) -> None:
    ship(shop)
    said = text_of(tree.entry(shop.journal.of(kind="skipped")[0]))
    assert " | rule | source_stream" in said
    assert " | found | plain code" in said
    for entry in shop.journal:
        Reader(tree.entry(entry))


def test_a_thousand_entries_stay_small(shop: Any) -> None:
    for number in range(1000):
        shop.repository_for(shop.Order).add(shop.Order(status="x" * 100_000, id=f"o-{number}"))
    assert len(tree.journal(shop.journal)) < 400_000
