"""An exercise of the notebook on failures: a message that comes twice."""

from __future__ import annotations

from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.trial import Trial

LESSON = "08-when-things-fail"

_SHOP = """
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer, List, String

shop = Domain(name="Bookshop")


@shop.aggregate
class Order:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)

    def ship_order(self):
        self.raise_(OrderShipped(order_id=self.id, book_id=self.book_id, quantity=self.quantity))


@shop.event(part_of=Order)
class OrderShipped:
    order_id = Identifier(required=True)
    book_id = Identifier(required=True)
    quantity = Integer(required=True)


@shop.aggregate
class Inventory:
    book_id = Identifier(required=True)
    in_stock = Integer(required=True)


@shop.event_handler(part_of=Inventory, stream_category="order")
class ManageInventory:
    @handle(OrderShipped)
    def take_off(self, event):
        inventory = shop.repository_for(Inventory).find_by(book_id=event.book_id)
        inventory.in_stock -= event.quantity
        shop.repository_for(Inventory).add(inventory)
"""
_FIELD = "    in_stock = Integer(required=True)\n"
_OFF = """        inventory.in_stock -= event.quantity
        shop.repository_for(Inventory).add(inventory)
"""

_OUTSIDE = (
    "The same order was shipped in another world before: each point begins in an empty one. Who remembers it?",
    (
        "A variable of Python knows nothing of what is saved or undone, and is gone when the kernel restarts. Where do "
        "things stand that are saved together with the stock?"
    ),
    "Give `Inventory` a field, as `taken_off = List(content_type=String)`, and keep the ids of the orders in it.",
)
_SAVED = (
    "The handler ran. Did it save what it changed?",
    "What a repository hands out is a copy; only `add` makes it true.",
    "End the method with `shop.repository_for(Inventory).add(inventory)`.",
)
_MORE_THAN_ONE = (
    "You remember something. Is it enough to remember the last one?",
    "Between the first and the second time another message may come.",
    "Keep a list of all ids: `inventory.taken_off = [*inventory.taken_off, event.order_id]`.",
)


def _stock(shop: Trial) -> Any:
    return shop.new("Inventory", book_id="emma", in_stock=10)


def _ship(shop: Trial, order: str, quantity: int) -> None:
    shop.act(shop.new("Order", id=order, book_id="emma", quantity=quantity), "ship_order")


def _left(shop: Trial, stock: Any, so_far: str) -> int:
    """What is left; an explanation when nothing was taken off at all."""
    left = int(shop.stored(stock).in_stock)
    if left == 10:
        if not shop.attempts("OrderShipped"):
            raise NotYet(
                f"{so_far} and there are still 10: no handler listens to `OrderShipped`.", stops=True
            )
        ran_before = f"{so_far} and there are still 10, though the handler ran."
        raise NotYet(ran_before, _OUTSIDE if _remembers(shop) else _SAVED)
    return left


def _remembers(shop: Trial) -> bool:
    """Whether an order that nobody has heard of yet is taken off: then the handler saves, and knows the others."""
    stock = shop.new("Inventory", book_id="persuasion", in_stock=10)
    fresh = shop.new("Order", book_id="persuasion", quantity=1)
    shop.act(fresh, "ship_order")
    return int(shop.stored(stock).in_stock) != 10


@point(
    "A message that comes once takes its books off",
    "Three are shipped. How many should go?",
    "The first time that the handler hears of an order it does what it did.",
    "`inventory.in_stock -= event.quantity`, then `add(inventory)`, for an order that is new to it.",
)
def _once(shop: Trial) -> str:
    stock = _stock(shop)
    _ship(shop, "order-1", 3)
    left = _left(shop, stock, "There were 10 in stock, 3 were shipped,")
    shop.expect(left == 7, f"There were 10 in stock, 3 were shipped, and {left} are left. There should be 7.")
    return "10 in stock, 3 shipped, 7 left"


@point(
    "A message that comes twice does so once",
    "How could the handler know that it has dealt with this very order already?",
    "The event says which order it is. Keep that where the stock is, so that both are saved together.",
    "A field `taken_off = List(content_type=String)` in `Inventory`; in the handler `if event.order_id in "
    "inventory.taken_off: return`, and else add the id to the list.",
)
def _twice(shop: Trial) -> str:
    stock = _stock(shop)
    shop.doubled()
    _ship(shop, "order-1", 3)
    left = _left(shop, stock, "There were 10 in stock, 3 were shipped, the message came twice,")
    shop.expect(
        left == 7,
        f"There were 10 in stock, 3 were shipped, the message came twice, and {left} are left. There should be 7.",
    )
    return "3 shipped, the message came twice, 7 left"


@point(
    "Two orders that look alike are two",
    "Ada orders three, and Ben orders three of the same book. What is different?",
    "Not the book, and not the quantity. Every order has an identity.",
    "Remember `event.order_id`.",
)
def _alike(shop: Trial) -> str:
    stock = _stock(shop)
    shop.doubled()
    _ship(shop, "order-2", 3)
    _ship(shop, "order-3", 3)
    left = _left(shop, stock, "Of 10 in stock two orders took 3 each,")
    shop.expect(
        left == 4,
        f"Of 10 in stock two orders took 3 each, all messages came twice, and {left} are left. There should be 4.",
    )
    return "two orders of 3, all twice, 4 of 10 left"


@point("The second time may be late", *_MORE_THAN_ONE)
def _late(shop: Trial) -> str:
    stock = _stock(shop)
    shop.hold()
    shop.doubled()
    _ship(shop, "order-4", 3)
    _ship(shop, "order-5", 2)
    for place in range(len(shop.engine.waiting) // 2):
        shop.deliver(place)  # each for the first time; what is left is the second time of each
    shop.deliver_all()
    left = _left(shop, stock, "Of 10 in stock two orders took 3 and 2,")
    shop.expect(
        left == 5,
        "Two orders of 3 and 2 copies were shipped. Both messages came, and then both came again: of 10 copies "
        f"{left} are left. There should be 5.",
    )
    return "first, second, first again, second again: 5 of 10 left"


EXERCISES = (
    Exercise(
        name="twice-is-once",
        lesson=LESSON,
        title="A message that comes twice",
        minutes=7,
        task="""
Message brokers deliver at least once, and that means: now and then twice. Make `ManageInventory` idempotent, so that the books of
an order are taken off `in_stock` once, however often its `OrderShipped` comes, and also when another one came in between.

You may add fields (with a default) or aggregates. Leave `Order` and `OrderShipped` as they are.
""",
        starter=_SHOP + "\n\n# Mend `ManageInventory` above, and whatever it needs.\n",
        solution=_SHOP.replace(_FIELD, _FIELD + "    taken_off = List(content_type=String)\n").replace(
            _OFF,
            "        if event.order_id in inventory.taken_off:\n            return\n"
            "        inventory.taken_off = [*inventory.taken_off, event.order_id]\n" + _OFF,
        ),
        points=(_once, _twice, _alike, _late),
        untested="how long the list of orders gets in a year.",
    ),
)
