"""Exercises of the notebook on aggregates and their boundary."""

from __future__ import annotations

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.trial import Trial

LESSON = "02-aggregates"

_REACHING_BEGIN = """
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer, String

shop = Domain(name="Shop")


@shop.aggregate
class Inventory:
    book_id = Identifier(identifier=True)
    in_stock = Integer(required=True)


@shop.event(part_of="Order")
class OrderShipped:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)


@shop.aggregate
class Order:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)
    status = String(default="PENDING")

    def ship_order(self):
"""
_REACHING = """        self.status = "SHIPPED"
        inventory = shop.repository_for(Inventory).get(self.book_id)
        inventory.in_stock -= self.quantity
        shop.repository_for(Inventory).add(inventory)
"""
_TELLING = """        self.status = "SHIPPED"
        self.raise_(OrderShipped(book_id=self.book_id, quantity=self.quantity))


@shop.event_handler(part_of=Inventory, stream_category="order")
class ManageInventory:
    @handle(OrderShipped)
    def reduce_stock_level(self, event):
        inventory = shop.repository_for(Inventory).get(event.book_id)
        inventory.in_stock -= event.quantity
        shop.repository_for(Inventory).add(inventory)
"""


@point(
    "An order that is not saved leaves the stock alone",
    "What does `ship_order` touch that is not the order's own?",
    "Three lines of `ship_order` load, change and save another aggregate. The order may only tell.",
    "Of `ship_order` keep `self.status = …` and add "
    "`self.raise_(OrderShipped(book_id=self.book_id, quantity=self.quantity))`; the other lines go into a handler.",
)
def _leaves_alone(shop: Trial) -> str:
    shop.fields("OrderShipped", "book_id", "quantity")
    stock = shop.new("Inventory", book_id="emma", in_stock=10)
    order = shop.stored(shop.new("Order", book_id="emma", quantity=3))
    shop.call(order, "ship_order")
    left = shop.stored(stock).in_stock
    shop.expect(
        left == 10,
        "`ship_order()` was called, and the order was not saved. There were 10 in stock, and there should still be 10; "
        f"there are {left}.",
    )
    return "`ship_order()` without saving: 10 before, 10 after"


@point(
    "A shipped order says so",
    "How does anybody hear that the order was shipped?",
    "The order has an event for that: `OrderShipped`. An aggregate raises it in the method that does it.",
    "`self.raise_(OrderShipped(book_id=self.book_id, quantity=self.quantity))` in `ship_order`",
)
def _says_so(shop: Trial) -> str:
    shop.new("Inventory", book_id="emma", in_stock=10)
    order = shop.act(shop.new("Order", book_id="emma", quantity=3), "ship_order")
    status = shop.stored(order).status
    shop.expect(
        str(status) == "SHIPPED",
        f"After `ship_order()` and saving, the order's status is {status!r}, not 'SHIPPED'.",
        _STATUS,
    )
    events = shop.events("OrderShipped")
    if not events:
        raise NotYet("`ship_order()` was called and the order saved; no `OrderShipped` was raised.")
    shop.expect(len(events) == 1, f"One order was shipped, and {len(events)} `OrderShipped` were raised.")
    said = shop.values(events[0])
    shop.expect(
        (said["book_id"], said["quantity"]) == ("emma", 3),
        f"3 copies of “emma” were shipped, and the event says {said['quantity']} of “{said['book_id']}”.",
        _SAID,
    )
    return "one `OrderShipped`, of 3 copies of “emma”"


_STATUS = (
    "What did `ship_order` do for the order itself?",
    "The order still has a status of its own; it changes in `ship_order` as before.",
    '`self.status = "SHIPPED"`',
)
_SAID = (
    "From where does the event get its values?",
    "The event is about this very order: its book, its quantity.",
    "`OrderShipped(book_id=self.book_id, quantity=self.quantity)`",
)


@point(
    "The stock follows",
    "Who takes the books off now?",
    "Write an event handler that is part of `Inventory` and listens to the category `order`.",
    '`@shop.event_handler(part_of=Inventory, stream_category="order")`, with a method that has `@handle(OrderShipped)` '
    "and does what `ship_order` did with the inventory",
)
def _follows(shop: Trial) -> str:
    stock = shop.new("Inventory", book_id="emma", in_stock=10)
    other = shop.new("Inventory", book_id="dune", in_stock=7)
    shop.act(shop.new("Order", book_id="emma", quantity=3), "ship_order")
    left, right = shop.stored(stock).in_stock, shop.stored(other).in_stock
    if left == 10:
        why = "There were 10 in stock, an order of 3 was shipped and saved, and there are still 10."
        ran = shop.ran()
        if ran:
            raise NotYet(f"{why} `{ran[0].handler}` ran. Did it save the inventory?", _SAVE)
        heard = [each.name for each in shop.of_kind()]
        if heard:
            raise NotYet(f"{why} `{heard[0]}` did not run: it does not listen to orders.", _LISTEN)
        raise NotYet(f"{why} Nobody listens to `OrderShipped`.")
    shop.expect(
        left == 7,
        f"There were 10 in stock, 3 were shipped, and there are {left}. There should be 7.",
        _TWICE if left == 4 else None,
    )
    shop.expect(
        right == 7, f"Copies of “emma” were shipped, and those of “dune” went from 7 to {right}.", _BOOK
    )
    shop.act(shop.new("Order", book_id="dune", quantity=2), "ship_order")
    left, right = shop.stored(stock).in_stock, shop.stored(other).in_stock
    shop.expect(
        (left, right) == (7, 5),
        f"Then 2 of 7 copies of “dune” were shipped: {right} of “dune” and {left} of “emma” are left. There should be 5 "
        "and 7.",
        _BOOK,
    )
    return "10 in stock, 3 shipped and saved, 7 left; 7 of another book stay 7, until 2 of them are shipped"


_SAVE = (
    "What a repository hands out is a copy. When does a change become true?",
    "After you have changed the inventory, its repository has to hear of it.",
    "End the method with `shop.repository_for(Inventory).add(inventory)`.",
)
_LISTEN = (
    "On which stream is `OrderShipped`, and to which one does your handler listen?",
    "A handler with `part_of=Inventory` hears what inventories raise. It has an option for another category.",
    '`@shop.event_handler(part_of=Inventory, stream_category="order")`',
)
_TWICE = (
    "The books were taken off twice. Who does it, beside your handler?",
    "Look for a second place that changes the inventory: in `ship_order`, or in another handler.",
    "Only the handler changes `in_stock`; `ship_order` changes the order and raises the event.",
)
_BOOK = (
    "There is more than one book in the shop. Which one was ordered?",
    "The event says which book it is about, and how many copies.",
    "`shop.repository_for(Inventory).get(event.book_id)`, and take off `event.quantity`",
)


EXERCISES = (
    Exercise(
        name="stop-reaching",
        lesson=LESSON,
        title="Stop reaching into the stock",
        minutes=5,
        task="""
`Order.ship_order()` loads the inventory and changes it. Change the model so that an order leaves the inventory alone:

- `ship_order()` sets the status to `"SHIPPED"` and raises `OrderShipped` with the `book_id` and the `quantity` of the order,
- an event handler takes the copies off `in_stock` of the right `Inventory`.
""",
        starter=_REACHING_BEGIN + _REACHING + "\n\n# Change ship_order above. Your event handler:\n",
        solution=_REACHING_BEGIN + _TELLING,
        points=(_leaves_alone, _says_so, _follows),
        untested="what happens when the order is shipped twice, or when there are too few copies.",
    ),
)
