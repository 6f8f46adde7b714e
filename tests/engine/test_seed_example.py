"""The guide's last example: a notification is sent when a command of `manage_order` shipped the order."""

import runpy
from types import SimpleNamespace

import pytest


@pytest.fixture
def shop():
    """The guide's bookshop, with one order and the stock for it."""
    shop = SimpleNamespace(**runpy.run_module("seed_model"))
    shop.orders = shop.domain.repository_for(shop.Order)
    shop.stock = shop.domain.repository_for(shop.Inventory)
    shop.notifications = shop.domain.repository_for(shop.Notification)
    shop.order = shop.orders.add(shop.Order(book_id=1, quantity=10, total_amount=100))
    shop.inventory = shop.stock.add(shop.Inventory(book_id=1, in_stock=100))
    return shop


def sent(shop):
    """The notifications that the stream tells of."""
    return [event.payload["order_id"] for event in shop.domain.stream(shop.Notification)]


def test_the_session_gives_the_values_of_the_guide():
    """`book_id=1` comes back as '1', and 10 of 100 books are gone."""
    shop = vars(SimpleNamespace(**runpy.run_module("seed_model")))
    outputs = []
    for cell in shop["SESSION"]:
        try:
            outputs.append(eval(cell, shop))
        except SyntaxError:
            exec(cell, shop)
            outputs.append(None)
    order, inventory = shop["order"], shop["inventory"]
    assert list(outputs[7].items()) == [("book_id", "1"), ("in_stock", 90), ("id", inventory.id)]
    assert outputs[1] is outputs[5] is order
    assert repr(order) == f"<Order: Order object (id: {order.id})>"
    assert repr(outputs[3]) == f"<Inventory: Inventory object (id: {inventory.id})>"
    assert outputs[4] is None


def test_an_order_shipped_by_a_command_sends_a_notification(shop):
    """And takes the books from the stock, as any order does."""
    shop.domain.process(shop.ShipOrder(order_id=shop.order.id))
    assert shop.orders.get(shop.order.id).status == "SHIPPED"
    assert shop.stock.get(shop.inventory.id).in_stock == 90
    assert sent(shop) == [shop.order.id]
    assert shop.notifications.find_by(order_id=shop.order.id).sent == "YES"


def test_an_order_shipped_by_plain_code_sends_none(shop):
    """But takes the books from the stock."""
    shop.order.ship_order()
    shop.orders.add(shop.order)
    assert shop.stock.get(shop.inventory.id).in_stock == 90
    assert sent(shop) == []
    assert shop.notifications.query.count() == 0


def test_why_not_names_the_rule_and_both_values(shop):
    shop.order.ship_order()
    shop.orders.add(shop.order)
    answer = shop.domain.why_not(shop.EmailNotifications)
    assert "its source_stream is `manage_order`, and the event came from plain code" in answer.sentence
    [broken] = answer.broken
    assert (broken.rule, broken.wanted, broken.found) == ("source_stream", "manage_order", "plain code")


def test_the_notification_names_the_event_and_the_command_that_led_to_it(shop):
    """Its chain of causes goes back to the command, in metadata and in the journal."""
    shop.domain.process(shop.ShipOrder(order_id=shop.order.id))
    [command] = shop.domain.journal.of(kind="command")
    [shipped] = shop.domain.stream(shop.Order)
    [notified] = shop.domain.stream(shop.Notification)
    assert shipped.causation_id == command.message_id
    assert notified.causation_id == shipped.message_id
    assert notified.correlation_id == shipped.correlation_id == command.message_id
    assert notified.causes == ("bookshop::manage_order", "bookshop::order")
    assert notified.chain == command.step
    handled = shop.domain.journal.step(notified.cause)
    assert (handled.handler, handled.method, handled.cause) == (
        "EmailNotifications", "notify_customer", shipped.step,
    )  # fmt: skip


def test_the_command_goes_to_the_stream_of_its_category(shop):
    shop.domain.process(shop.ShipOrder(order_id=shop.order.id))
    [command] = shop.domain.journal.of(kind="command")
    assert command.stream == f"bookshop::manage_order:command-{command.message_id}"
    assert (command.handler, command.outcome) == ("ManageOrder.ship_order", "ok")


def test_nobody_listens_to_the_notification_and_the_journal_says_so(shop):
    shop.domain.process(shop.ShipOrder(order_id=shop.order.id))
    [unhandled] = shop.domain.journal.of(kind="unhandled")
    assert unhandled.type == "NotificationSent"
    assert unhandled.cause == shop.domain.stream(shop.Notification)[0].step


def test_the_journal_shows_the_session_as_a_tree(shop):
    """Cause above effect, each with its symbol."""
    shop.domain.process(shop.ShipOrder(order_id=shop.order.id))
    told = [line.split("ran,")[0].rstrip() for line in repr(shop.domain.journal).splitlines()]
    order, stock = shop.order.id[:8], shop.inventory.id[:8]
    assert f"    ■ Order {order} status PENDING -> SHIPPED" in told
    assert f"    ● OrderShipped (quantity 10, total_amount 100.0) on order-{order}" in told
    assert "      ◆ ManageInventory.reduce_stock_level" in told
    assert f"        ■ Inventory {stock} in_stock 100 -> 90" in told
    assert "      ◆ EmailNotifications.notify_customer" in told
