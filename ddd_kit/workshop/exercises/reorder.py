"""An exercise on what follows from what: the last copy goes, and new ones are ordered."""

from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.shipping import INVENTORY, ORDER, TAKE_OFF, ship
from ddd_kit.workshop.trial import Trial


@point(
    "When the last copy goes, the inventory says so",
    "Who notices first that a shelf is empty?",
    "The aggregate that changes is the one that tells. Look at how `Order` does it.",
    "In `take`, after the change: `if self.in_stock == 0: self.raise_(StockDepleted(book_id=self.book_id))`.",
)
def _depleted(shop: Trial) -> str:
    shop.element("event", "StockDepleted", part_of="Inventory")
    shop.fields("StockDepleted", "book_id")
    stock = shop.new("Inventory", book_id="emma", in_stock=3)
    ship(shop, 3)
    left, told = shop.stored(stock).in_stock, shop.events("StockDepleted")
    shop.expect(left == 0, f"3 of 3 copies were shipped, and {left} are left. There should be none.", _TAKEN)
    shop.expect(
        len(told) == 1,
        f"3 of 3 copies were shipped. `StockDepleted` should have been raised once, and was raised {_times(len(told))}.",
    )
    shop.new("Inventory", book_id="dune", in_stock=2)
    ship(shop, 2, book="dune")
    for each, gone in zip(shop.events("StockDepleted"), ("emma", "dune"), strict=False):
        book = shop.values(each)["book_id"]
        shop.expect(
            book == gone, f"The last copy of “{gone}” went, and `StockDepleted` has the book_id {book!r}."
        )
    return "3 in stock, 3 shipped: one StockDepleted"


_TAKEN = (
    "Was something of `ManageInventory` or `take` lost on the way?",
    "`take` lowers `in_stock`, and `ManageInventory` calls it and saves the inventory.",
    "`self.in_stock -= quantity` is the first line of `take`; what you add comes after it.",
)


@point(
    "While there are copies left, it is silent",
    "What if there are five, and three of them go?",
    "The event is raised on one condition.",
    "`if self.in_stock == 0:` comes before `self.raise_(...)`, and after the change.",
)
def _silent(shop: Trial) -> str:
    shop.new("Inventory", book_id="emma", in_stock=5)
    ship(shop, 3)
    told, asked = shop.count("StockDepleted"), len(shop.all("PurchaseOrder"))
    shop.expect(
        not told, f"3 of 5 copies were shipped, 2 are left, and `StockDepleted` was raised {_times(told)}."
    )
    shop.expect(
        not asked,
        "3 of 5 copies were shipped, 2 are left, and there is a `PurchaseOrder` already.",
        _DIRECTLY,
    )
    return "5 in stock, 3 shipped: nothing said, nothing bought"


@point(
    "Somebody hears of it, and orders 50 copies from the publisher",
    "`StockDepleted` was raised. Who listens to inventories?",
    "Write an event handler for `StockDepleted`. It may be part of `PurchaseOrder`, and then it has to name the "
    "category that it listens to.",
    '`@shop.event_handler(part_of=PurchaseOrder, stream_category="inventory")`, and in its method '
    "`shop.repository_for(PurchaseOrder).add(PurchaseOrder(book_id=event.book_id, quantity=50))`.",
)
def _ordered(shop: Trial) -> str:
    shop.new("Inventory", book_id="dune", in_stock=8)
    shop.new("Inventory", book_id="emma", in_stock=3)
    ship(shop, 3)
    if not shop.all("PurchaseOrder"):
        raise _nothing_ordered(shop)
    ordered = shop.one("PurchaseOrder")
    _fifty_of(ordered, "emma")
    heard = {each.step for each in shop.ran("StockDepleted")}
    shop.expect(
        all(heard & {each.step for each in shop.led_to(made)} for made in shop.changes("PurchaseOrder")),
        "The `PurchaseOrder` was made, and not because of `StockDepleted`: it should be its handler that makes it.",
        _DIRECTLY,
    )
    ship(shop, 8, book="dune")
    for next_one in shop.all("PurchaseOrder"):
        if next_one.id != ordered.id:
            _fifty_of(next_one, "dune")
    asked = len(shop.all("PurchaseOrder"))
    shop.expect(
        asked == 2,
        f"“emma” was sold out, and then “dune”. There should be two `PurchaseOrder`, and there are {asked}.",
    )
    return "3 in stock, 3 shipped: StockDepleted, and 50 more are on the way; so for another book"


def _fifty_of(ordered: Any, book: str) -> None:
    if (ordered.book_id, ordered.quantity) != (book, 50):
        raise NotYet(
            f"“{book}” is sold out. There should be a `PurchaseOrder` of 50 copies of “{book}”, and it is one of "
            f"{ordered.quantity} copies of “{ordered.book_id}”.",
            _WHAT_TO_BUY,
        )


def _nothing_ordered(shop: Trial) -> NotYet:
    why = "The last copy went, `StockDepleted` was raised, and there is no `PurchaseOrder`."
    ran = shop.ran("StockDepleted")
    if ran:
        return NotYet(f"{why} `{ran[0].handler}` ran. Did it save what it made?", _SAVE)
    busy = {each.handler for each in shop.ran()}
    deaf = [each.name for each in shop.of_kind() if each.name not in busy]
    if deaf:
        return NotYet(f"{why} `{deaf[0]}` was not asked: it does not hear `StockDepleted`.", _DEAF)
    return NotYet(f"{why} Nobody listens to `StockDepleted`.")


_SAVE = (
    "A `PurchaseOrder(...)` alone is an object in memory. Who keeps it?",
    "What is not added to its repository is gone when the method ends.",
    "`shop.repository_for(PurchaseOrder).add(PurchaseOrder(book_id=event.book_id, quantity=50))`",
)
_DEAF = (
    "On which stream is `StockDepleted`, and to which one does your handler listen?",
    "Inventories raise it. A handler hears the category of its `part_of`, unless it names another.",
    '`stream_category="inventory"`, and `@handle(StockDepleted)` above the method',
)
_DIRECTLY = (
    "Who should decide that books are bought: the one who ships, or the one who hears that the shelf is empty?",
    "Each handler does one thing. One takes books off; another one, which hears `StockDepleted`, buys.",
    "The line with `PurchaseOrder(...)` belongs into a method with `@handle(StockDepleted)`, in a handler of its own.",
)
_WHAT_TO_BUY = (
    "What does the event say, and what does the task?",
    "The book is the one of the event; how many is always the same number.",
    "`PurchaseOrder(book_id=event.book_id, quantity=50)`",
)


def _times(count: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(count, f"{count} times")


_TAKE = INVENTORY.replace(
    "default=0)\n", "default=0)\n\n    def take(self, quantity):\n        self.in_stock -= quantity\n"
)
_REORDER = (
    ORDER
    + _TAKE
    + """

@shop.aggregate
class PurchaseOrder:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)


@shop.event_handler(part_of=Inventory, stream_category="order")
class ManageInventory:
    @handle(OrderShipped)
    def reduce_stock_level(self, event):
"""
    + TAKE_OFF.format(change="inventory.take(event.quantity)")
)
_TELLS = """        self.in_stock -= quantity
        if self.in_stock == 0:
            self.raise_(StockDepleted(book_id=self.book_id))


@shop.event(part_of=Inventory)
class StockDepleted:
    book_id = Identifier(required=True)
"""

REORDER = Exercise(
    name="reorder",
    lesson="04-events-and-handlers",
    title="The last copy goes, and new ones are ordered",
    minutes=8,
    task="""
A handler changes an aggregate, and that one may have something to tell, too.

1. Let `Inventory.take` raise an event `StockDepleted`, which has a `book_id`, when it takes the last copy: when
   `in_stock` comes to 0.
2. Whenever that happens, a `PurchaseOrder` of 50 copies of that book is made. Write the handler for it.
""",
    starter=_REORDER + "\n\n# Change `take` above. Your event and your event handler:\n",
    solution=_REORDER.replace("        self.in_stock -= quantity\n", _TELLS)
    + """

@shop.event_handler(part_of=PurchaseOrder, stream_category="inventory")
class Reorder:
    @handle(StockDepleted)
    def ask_the_publisher(self, event):
        shop.repository_for(PurchaseOrder).add(PurchaseOrder(book_id=event.book_id, quantity=50))
""",
    points=(_depleted, _silent, _ordered),
    untested="what happens when more is shipped than there is, and when the 50 copies come in.",
)
