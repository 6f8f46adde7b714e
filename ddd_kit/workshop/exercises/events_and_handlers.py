"""Exercises of the notebook on events and handlers."""

from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.trial import Trial

LESSON = "04-events-and-handlers"

_MODEL = """
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer, String

shop = Domain(name="Bookshop")


@shop.event(part_of="Order")
class OrderShipped:
    order_id = Identifier(required=True)
    book_id = Identifier(required=True)
    quantity = Integer(required=True)


@shop.aggregate
class Order:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)
    status = String(default="pending")

    def ship_order(self):
        self.status = "shipped"
        self.raise_(OrderShipped(order_id=self.id, book_id=self.book_id, quantity=self.quantity))


@shop.aggregate
class Inventory:
    book_id = Identifier(required=True)
    in_stock = Integer(default=0)
"""


@point(
    "The books that were shipped are taken off the stock",
    "Who hears of an order that was shipped? An aggregate only tells; somebody has to listen.",
    "Write an event handler that is part of `Inventory`. A handler listens to its own aggregate, unless it names "
    "another category.",
    '`@shop.event_handler(part_of=Inventory, stream_category="order")`, and in it a method with '
    "`@handle(OrderShipped)` that loads the inventory with `find_by(book_id=event.book_id)`, changes `in_stock`, and saves it.",
)
def _taken_off(shop: Trial) -> str:
    stock = shop.new("Inventory", book_id="emma", in_stock=10)
    shop.act(shop.new("Order", book_id="emma", quantity=3), "ship_order")
    if not shop.count("OrderShipped"):
        raise NotYet(
            "`Order.ship_order()` was called and saved, and no `OrderShipped` was raised: that part was there already."
        )
    left = shop.stored(stock).in_stock
    if left == 10:
        ran: Any = shop.journal.of(kind="handled")
        heard = [each.name for each in shop.handlers()]
        why = "There were 10 in stock, 3 were shipped, and there are still 10."
        if ran:
            raise NotYet(f"{why} `{ran[0].handler}` ran. Did it save what it changed?", _SAVE)
        if heard:
            raise NotYet(
                f"{why} `{heard[0]}` was not asked: it does not listen to the events of orders.", _LISTEN
            )
        raise NotYet(f"{why} Nobody listens to `OrderShipped`.")
    shop.expect(
        left == 7, f"There were 10 in stock, 3 were shipped, and there are {left}. There should be 7."
    )
    return "10 in stock, 3 shipped, 7 left"


_SAVE = (
    "What a repository hands out is a copy. When does a change become true?",
    "After you have changed the inventory, the repository has to hear of it.",
    "End the method with `repository.add(inventory)`.",
)
_LISTEN = (
    "Look at the map: on which stream is `OrderShipped`, and to which one does your handler listen?",
    "A handler with `part_of=Inventory` hears what inventories raise. It has an option for another category.",
    '`@shop.event_handler(part_of=Inventory, stream_category="order")`',
)


@point(
    "Other books stay as they are",
    "There is more than one book in the shop. Which one was ordered?",
    "The event says which book it is about.",
    "`repository.find_by(book_id=event.book_id)` finds the inventory of that book.",
)
def _others_stay(shop: Trial) -> str:
    dune = shop.new("Inventory", book_id="dune", in_stock=7)
    shop.new("Inventory", book_id="emma", in_stock=10)
    shop.act(shop.new("Order", book_id="emma", quantity=3), "ship_order")
    left = shop.stored(dune).in_stock
    shop.expect(left == 7, f"Copies of “emma” were shipped, and those of “dune” went from 7 to {left}.")
    return "7 copies of another book before, 7 after"


@point(
    "It happens once for each shipment",
    "What if two orders are shipped, one after the other?",
    "Each event is about one order. Its quantity is in it.",
    "Take off `event.quantity`, and nothing that your handler remembers from before.",
)
def _each_once(shop: Trial) -> str:
    stock = shop.new("Inventory", book_id="emma", in_stock=10)
    for quantity in (3, 2):
        shop.act(shop.new("Order", book_id="emma", quantity=quantity), "ship_order")
    left = shop.stored(stock).in_stock
    shop.expect(left == 5, f"Of 10 copies 3 and then 2 were shipped, and {left} are left. There should be 5.")
    return "10 in stock, 3 and then 2 shipped, 5 left"


EXERCISES = (
    Exercise(
        name="reduce-stock",
        lesson=LESSON,
        title="Take shipped books off the stock",
        minutes=5,
        task="""
Here is the shop, without anybody who listens. Write an **event handler** so that `in_stock` of the right `Inventory`
goes down by the `quantity` of each `OrderShipped`. Leave `Order` as it is: it knows nothing of the inventory.
""",
        starter=_MODEL + "\n\n# Your event handler:\n",
        solution=_MODEL
        + """

@shop.event_handler(part_of=Inventory, stream_category="order")
class ManageInventory:
    @handle(OrderShipped)
    def take_off(self, event):
        repository = shop.repository_for(Inventory)
        inventory = repository.find_by(book_id=event.book_id)
        inventory.in_stock -= event.quantity
        repository.add(inventory)
""",
        points=(_taken_off, _others_stay, _each_once),
        untested="what happens when more is shipped than there is, and when a book has no inventory.",
    ),
)
