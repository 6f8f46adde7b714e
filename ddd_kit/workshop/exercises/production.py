"""Exercises of the notebook on the way to production."""

from __future__ import annotations

from typing import Any

from ddd_kit.engine.lint.finding import (
    EVENT_NOT_PAST_TENSE,
    TWO_AGGREGATES_IN_ONE_UNIT,
    UNUSED_COMMAND,
    Finding,
)
from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.at_the_door import AT_THE_DOOR
from ddd_kit.workshop.trial import Trial
from ddd_kit.workshop.words import listed

_BEGIN = """
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer, String

shop = Domain(name="Shop")


@shop.event(part_of="Order")
class PayAnOrder:
    order_id = Identifier(required=True)
    book_id = Identifier(required=True)
    customer = String(required=True)


@shop.aggregate
class Order:
    book_id = Identifier(required=True)
    customer = String(required=True)
    status = String(default="pending")

    def pay(self):
        self.status = "paid"
        self.raise_(PayAnOrder(order_id=self.id, book_id=self.book_id, customer=self.customer))

    def cancel(self):
        self.status = "cancelled"


@shop.aggregate
class Inventory:
    book_id = Identifier(required=True)
    in_stock = Integer(default=0)


@shop.aggregate
class LoyaltyCard:
    customer = String(required=True)
    points = Integer(default=0)


@shop.command(part_of=Order)
class CancelOrder:
    order_id = Identifier(required=True)


@shop.event_handler(part_of=Inventory, stream_category="order")
class WhenPaid:
    @handle(PayAnOrder)
    def do_it_all(self, event):
        inventory = shop.repository_for(Inventory).find_by(book_id=event.book_id)
        inventory.in_stock -= 1
        shop.repository_for(Inventory).add(inventory)
        card = shop.repository_for(LoyaltyCard).find_by(customer=event.customer)
        card.points += 10
        shop.repository_for(LoyaltyCard).add(card)
"""
_PAID = """


# An order is paid, for the lint looks at what has happened, too:
shop.repository_for(Inventory).add(Inventory(book_id="emma", in_stock=10))
shop.repository_for(LoyaltyCard).add(LoyaltyCard(customer="Ada"))
order = Order(book_id="emma", customer="Ada")
order.pay()
shop.repository_for(Order).add(order)

# Run this, then shop.lint() in a cell of your own, and mend what it finds.
"""
_MENDED = (
    _BEGIN.split("@shop.event_handler", maxsplit=1)[0].replace("PayAnOrder", "OrderPaid")
    + """@shop.command_handler(part_of=Order)
class OrderDesk:
    @handle(CancelOrder)
    def cancel(self, command):
        order = shop.repository_for(Order).get(command.order_id)
        order.cancel()
        shop.repository_for(Order).add(order)


@shop.event_handler(part_of=Inventory, stream_category="order")
class TakeFromShelf:
    @handle(OrderPaid)
    def take(self, event):
        inventory = shop.repository_for(Inventory).find_by(book_id=event.book_id)
        inventory.in_stock -= 1
        shop.repository_for(Inventory).add(inventory)


@shop.event_handler(part_of=LoyaltyCard, stream_category="order")
class GivePoints:
    @handle(OrderPaid)
    def give(self, event):
        card = shop.repository_for(LoyaltyCard).find_by(customer=event.customer)
        card.points += 10
        shop.repository_for(LoyaltyCard).add(card)
"""
)


def _pay(shop: Trial) -> tuple[Any, Any, Any]:
    """Ada pays an order of “emma”: the order, the inventory and her card."""
    stock = shop.new("Inventory", book_id="emma", in_stock=10)
    card = shop.new("LoyaltyCard", customer="Ada")
    order = shop.new("Order", id="ada-1", book_id="emma", customer="Ada")
    shop.act(order, "pay")
    return order, stock, card


def _of(shop: Trial, rule: str) -> list[Finding]:
    return [each for each in shop.findings() if each.rule == rule]


@point(
    "The event says that something has happened",
    "Read the name of the event aloud. Does it tell, or does it ask?",
    "An event is named for what has happened, in the past tense, as `OrderShipped` is.",
    "Call it `OrderPaid`, in all the places where it stands: the class, `raise_` and `@handle`.",
)
def _past_tense(shop: Trial) -> str:
    found = _of(shop, EVENT_NOT_PAST_TENSE)
    shop.expect(not found, f"The lint says: {' '.join(each.sentence for each in found)}")
    shop.element("event", "OrderPaid", "Order")
    _pay(shop)
    told = shop.count("OrderPaid")
    shop.expect(
        told == 1,
        f"`Order.pay()` was called and saved, and {told} of `OrderPaid` were raised; it should be one.",
    )
    return "an order is paid: OrderPaid"


@point(
    "`CancelOrder` is done",
    "A customer sends `CancelOrder`. Who opens the letter?",
    "The order knows how to be cancelled. A command handler loads it, lets it do that, and saves it.",
    "`@shop.command_handler(part_of=Order)`, and in it a method with `@handle(CancelOrder)` that calls `order.cancel()`",
)
def _cancelled(shop: Trial) -> str:
    if "CancelOrder" not in {each.name for each in shop.of_kind("command")}:
        raise NotYet(
            "There is no command `CancelOrder` any more. The lint is quiet then, but customers still want to cancel.",
            _NOT_AWAY,
        )
    found = _of(shop, UNUSED_COMMAND)
    shop.expect(not found, f"The lint says: {' '.join(each.sentence for each in found)}")
    order = shop.new("Order", book_id="emma", customer="Ada")
    shop.process("CancelOrder", order_id=order.id)
    status = shop.stored(order).status
    shop.expect(
        status == "cancelled",
        f"`CancelOrder` was processed, and the order is “{status}”. It should be “cancelled”.",
    )
    return "one CancelOrder, and the order is cancelled"


@point(
    "Who pays gets points, and the book is taken off the stock",
    "What did the shop do when an order was paid, before you mended it?",
    "`in_stock` goes down by one, and `points` go up by ten, each in a handler of `OrderPaid`.",
    "Keep the lines of `WhenPaid`; they only move into two methods, each with `@handle(OrderPaid)`.",
)
def _both(shop: Trial) -> str:
    _, stock, card = _pay(shop)
    left, points = shop.stored(stock).in_stock, shop.stored(card).points
    more = "" if shop.ran() else " No handler ran."
    shop.expect(
        (left, points) == (9, 10),
        f"There were 10 in stock and no points, and an order was paid: {left} are in stock, and there are {points} points. "
        f"It should be 9 and 10.{more}",
    )
    shop.act(shop.new("Order", book_id="emma", customer="Ada"), "pay")
    left, points = shop.stored(stock).in_stock, shop.stored(card).points
    shop.expect(
        (left, points) == (8, 20),
        f"Another order was paid: {left} are in stock, and there are {points} points. It should be 8 and 20.",
    )
    return "10 in stock and no points; one order paid: 9 and 10; another: 8 and 20"


@point(
    "Stock and points are two units of work",
    "The loyalty card cannot be found. Should the stock be wrong for that?",
    "What one method saves is done as a whole or not at all. The stock and the points need a method each.",
    "Two methods with `@handle(OrderPaid)`, in one class or two: the one saves `Inventory`, the other `LoyaltyCard`",
)
def _two_units(shop: Trial) -> str:
    stock = shop.new("Inventory", book_id="emma", in_stock=10)
    order = shop.new("Order", book_id="emma", customer="somebody without a card")
    shop.attempt(lambda: shop.act(order, "pay"))
    left = shop.stored(stock).in_stock
    shop.expect(
        left == 9,
        f"Somebody without a card paid an order. There were 10 in stock, and there are {left}. It should be 9, with a card "
        "or without one.",
    )
    found = [each.sentence for each in shop.findings() if each.rule == TWO_AGGREGATES_IN_ONE_UNIT]
    shop.expect(not found, f"The lint says: {' '.join(found)}")
    return "without a card the stock is right all the same"


@point(
    "The lint finds nothing more",
    "What does `shop.lint()` say?",
    "Each finding says what to do about it.",
    "Run `shop.lint()` in a cell of its own, and follow it line by line.",
)
def _nothing_more(shop: Trial) -> str:
    _pay(shop)
    found = shop.findings()
    shop.expect(not found, f"The lint says: {' '.join(each.sentence for each in found)}")
    silenced = [each.name for each in _silent(shop)]
    if silenced:
        raise NotYet(f"{listed(silenced)} asks the lint not to look (`suppress_checks`).", _NOT_SILENT)
    return "no findings"


def _silent(shop: Trial) -> list[Any]:
    kinds = ("aggregate", "event", "command", "event handler", "command handler")
    return [each for kind in kinds for each in shop.of_kind(kind) if each.options.get("suppress_checks")]


_NOT_AWAY = (
    "Is a letter answered when it is thrown away?",
    "Leave the command, and write what it lacks: somebody who handles it.",
    "`@shop.command_handler(part_of=Order)`, and in it a method with `@handle(CancelOrder)`",
)
_NOT_SILENT = (
    "Is a fault mended when nobody looks?",
    "Take the option away, and see what the lint says then.",
    "No `suppress_checks` in the model",
)

_MEND = Exercise(
    name="mend-what-the-lint-finds",
    lesson="12-to-production",
    title="Mend what the lint finds",
    minutes=8,
    task="""
Run the model, then `shop.lint()`. It finds three things. Mend them all, and lose nothing of what the shop does: when an order is paid, one copy
of its book is taken off the stock, and the customer gets 10 points. The event is to be called `OrderPaid`, and `CancelOrder` has to
cancel the order.
""",
    starter=_BEGIN.rstrip() + _PAID,
    solution=_MENDED,
    points=(_past_tense, _cancelled, _both, _two_units, _nothing_more),
    untested="what happens to a paid order that is cancelled.",
)

EXERCISES = (_MEND, AT_THE_DOOR)
