"""Exercises of the notebook on events and handlers."""

from typing import Any

from ddd_kit.exceptions import ObjectNotFoundError
from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.trial import Trial
from ddd_kit.workshop.words import did

LESSON = "04-events-and-handlers"

_ORDER = """
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
"""
_INVENTORY = """

@shop.aggregate
class Inventory:
    book_id = Identifier(required=True)
    in_stock = Integer(default=0)
"""
_TAKE_OFF = """        repository = shop.repository_for(Inventory)
        inventory = repository.find_by(book_id=event.book_id)
        {change}
        repository.add(inventory)
"""


def _ship(shop: Trial, quantity: int) -> None:
    """Ship an order of “emma”, and make sure that it says so."""
    before = shop.count("OrderShipped")
    shop.act(shop.new("Order", book_id="emma", quantity=quantity), "ship_order")
    if shop.count("OrderShipped") == before:
        raise NotYet(
            "`Order.ship_order()` was called and saved, and no `OrderShipped` was raised: that part was there "
            "already.",
            _TELL,
        )


_TELL = (
    "Compare `ship_order` with the cell that you began with. What is missing?",
    "An aggregate tells what has happened; without that, nobody can listen.",
    "Take `Order` and `OrderShipped` as they were: `ship_order` ends with `self.raise_(OrderShipped(...))`.",
)


# 1: reduce-stock


@point(
    "The books that were shipped are taken off the stock",
    "Who hears of an order that was shipped? An aggregate only tells; somebody has to listen.",
    "Write an event handler that is part of `Inventory`. A handler listens to its own aggregate, unless it names "
    "another category.",
    '`@shop.event_handler(part_of=Inventory, stream_category="order")`, and in it a method with '
    "`@handle(OrderShipped)` that loads the inventory with `find_by(book_id=event.book_id)`, changes `in_stock`, "
    "and saves it.",
)
def _taken_off(shop: Trial) -> str:
    stock = shop.new("Inventory", book_id="emma", in_stock=10)
    try:
        _ship(shop, 3)
    except NotYet as stopped:
        if isinstance(stopped.__cause__, ObjectNotFoundError):
            raise NotYet(stopped.why, _WHICH_ID) from stopped.__cause__
        raise
    left = shop.stored(stock).in_stock
    ran: Any = shop.journal.of(kind="handled")
    if left == 10:
        raise _nothing_taken(shop, ran)
    if not ran:
        raise NotYet(
            f"The stock went from 10 to {left}, and no handler ran: the order reached into the inventory by itself.",
            _REACHED_IN,
        )
    if left == 13:
        raise NotYet("There were 10 in stock, 3 were shipped, and there are 13: more than before.", _SIGN)
    shop.expect(
        left == 7, f"There were 10 in stock, 3 were shipped, and there are {left}. There should be 7."
    )
    return "10 in stock, 3 shipped, 7 left"


def _nothing_taken(shop: Trial, ran: Any) -> NotYet:
    why = "There were 10 in stock, 3 were shipped, and there are still 10."
    heard = [each.name for each in shop.handlers()]
    if ran:
        return NotYet(f"{why} `{ran[0].handler}` ran. Did it save what it changed?", _SAVE)
    if heard:
        return NotYet(
            f"{why} `{heard[0]}` was not asked: it does not listen to the events of orders.", _LISTEN
        )
    return NotYet(f"{why} Nobody listens to `OrderShipped`.")


_SAVE = (
    "What a repository hands out is a copy. When does a change become true?",
    "After you have changed the inventory, the repository has to hear of it.",
    "End the method with `repository.add(inventory)`.",
)
_LISTEN = (
    "Look at the map: on which stream is `OrderShipped`, and to which one does your handler listen?",
    "A handler with `part_of=Inventory` hears what inventories raise. It has an option for another category. And a "
    "method takes an event only when `@handle(...)` says so.",
    '`@shop.event_handler(part_of=Inventory, stream_category="order")`, and in it `@handle(OrderShipped)`',
)
_REACHED_IN = (
    "What would become of `Order` if the warehouse were rebuilt tomorrow?",
    "The order tells, and is done. The change of the stock belongs into an event handler.",
    "Take `ship_order` as it was, and write a class with `@shop.event_handler(part_of=Inventory, "
    'stream_category="order")`.',
)
_SIGN = (
    "The parcel left the shop. Are there more books now, or fewer?",
    "Look at the line that changes `in_stock`.",
    "`inventory.in_stock -= event.quantity`, with a minus",
)
_WHICH_ID = (
    "What was looked for, and by which of its fields?",
    "An inventory has an identity of its own. What it has in common with the order is the book.",
    "`repository.find_by(book_id=event.book_id)`",
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
    _ship(shop, 3)
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
        _ship(shop, quantity)
    left = shop.stored(stock).in_stock
    shop.expect(left == 5, f"Of 10 copies 3 and then 2 were shipped, and {left} are left. There should be 5.")
    return "10 in stock, 3 and then 2 shipped, 5 left"


# 2: reorder


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
    _ship(shop, 3)
    left, told = shop.stored(stock).in_stock, shop.events("StockDepleted")
    shop.expect(left == 0, f"3 of 3 copies were shipped, and {left} are left. There should be none.", _TAKEN)
    shop.expect(
        len(told) == 1,
        f"3 of 3 copies were shipped. `StockDepleted` should have been raised once, and was raised {_times(len(told))}.",
    )
    book = shop.values(told[0])["book_id"]
    shop.expect(
        book == "emma", f"The last copy of “emma” went, and `StockDepleted` has the book_id {book!r}."
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
    _ship(shop, 3)
    told, asked = shop.count("StockDepleted"), len(shop.all("PurchaseOrder"))
    shop.expect(
        not told, f"3 of 5 copies were shipped, 2 are left, and `StockDepleted` was raised {_times(told)}."
    )
    shop.expect(
        not asked,
        f"3 of 5 copies were shipped, 2 are left, and there is a `PurchaseOrder` already.",
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
    _ship(shop, 3)
    if not shop.all("PurchaseOrder"):
        raise _nothing_ordered(shop)
    ordered = shop.one("PurchaseOrder")
    shop.expect(
        (ordered.book_id, ordered.quantity) == ("emma", 50),
        f"“emma” is sold out. There should be a `PurchaseOrder` of 50 copies of “emma”, and it is one of "
        f"{ordered.quantity} copies of “{ordered.book_id}”.",
        _WHAT_TO_BUY,
    )
    because = {
        each.event for each in shop.journal.of(kind="handled") if each.step in _causes(shop, "PurchaseOrder")
    }
    shop.expect(
        because == {"StockDepleted"},
        "The `PurchaseOrder` was made, and not because of `StockDepleted`: it should be its handler that makes it.",
        _DIRECTLY,
    )
    return "3 in stock, 3 shipped: StockDepleted, and 50 more are on the way"


def _nothing_ordered(shop: Trial) -> NotYet:
    deaf = [
        each.name
        for each in shop.handlers()
        if each.name not in {ran.handler for ran in shop.journal.of(kind="handled")}
    ]
    why = "The last copy went, `StockDepleted` was raised, and there is no `PurchaseOrder`."
    if deaf:
        return NotYet(f"{why} `{deaf[0]}` was not asked: it does not hear `StockDepleted`.", _DEAF)
    return NotYet(why)


def _causes(shop: Trial, aggregate: str) -> set[int | None]:
    return {each.cause for each in shop.journal.of(kind="changed") if each.aggregate == aggregate}


_DEAF = (
    "On which stream is `StockDepleted`, and to which one does your handler listen?",
    "Inventories raise it, so it is of the category `inventory`. A handler hears the category of its `part_of`, "
    "unless it names another.",
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


# 3: two-handlers


@point(
    "With paper in the printer, both things happen",
    "What did the handler do before you changed it?",
    "Two things follow from `OrderShipped`: the stock goes down, and a label is printed.",
    "One method lowers `in_stock` and saves the inventory; another calls `printer.print_label()` and saves the "
    "printer. Both have `@handle(OrderShipped)`.",
)
def _both(shop: Trial) -> str:
    stock, printer = _stock_and_printer(shop, paper=5)
    _ship(shop, 3)
    left, labels = shop.stored(stock).in_stock, shop.stored(printer).labels
    shop.expect(
        left == 7, f"There were 10 in stock, 3 were shipped, and there are {left}. There should be 7."
    )
    shop.expect(
        labels == 1,
        f"There was paper, one order was shipped, and {labels} labels were printed. It should be 1.",
    )
    return "10 in stock, 3 shipped, 7 left; one label"


@point(
    "Without paper, the stock is right all the same",
    "Why does it matter to the shelf that the printer failed?",
    "All that one handler method does is kept together, or undone together. What if there were two methods?",
    "Write two handlers, or one with two methods, each with `@handle(OrderShipped)`: one for the stock, one for the "
    "label.",
)
def _stock_anyway(shop: Trial) -> str:
    stock, _ = _stock_and_printer(shop, paper=0)
    _ship_without_paper(shop)
    left = shop.stored(stock).in_stock
    failed: Any = [each for each in shop.journal.of(kind="handled") if each.outcome == "failed"]
    if left == 10 and failed:
        raise NotYet(
            "There were 10 in stock, 3 were shipped, and there are still 10. "
            f"`{failed[0].handler}.{failed[0].method}` failed, and with the label everything else that it did was undone."
        )
    shop.expect(
        left == 7, f"There were 10 in stock, 3 were shipped, and there are {left}. There should be 7."
    )
    return "no label, and 10 in stock, 3 shipped, 7 left"


@point(
    "Nobody hides that the printer failed",
    "Who fills in paper, if nobody learns that there is none?",
    "An error that is caught and dropped is seen by nobody. Let it be raised, in a handler where it does no harm.",
    "No `try` around `print_label()`: the handler of the label fails, and the one of the stock has done its work.",
)
def _seen(shop: Trial) -> str:
    _stock_and_printer(shop, paper=0)
    errors = _ship_without_paper(shop)
    failed = [each for each in shop.journal.of(kind="handled") if each.outcome == "failed"]
    shop.expect(
        errors or failed, "An order was shipped without paper, and no handler failed: nobody will notice."
    )
    return "the handler of the label failed, and the journal has it"


def _stock_and_printer(shop: Trial, paper: int) -> tuple[Any, Any]:
    stock = shop.new("Inventory", book_id="emma", in_stock=10)
    return stock, shop.new("Printer", name="label printer", paper=paper)


def _ship_without_paper(shop: Trial) -> list[Exception]:
    errors = shop.attempt(lambda: _ship(shop, 3))
    for error in errors:
        if type(error).__name__ != "OutOfPaper":
            raise NotYet(did("shipping an order without paper", error), _ANOTHER) from error
    return errors


_ANOTHER = (
    "This is not the printer's error. Which line did it come from?",
    "The text says what failed. Mend that first.",
    "Run the cell, ship an order by hand, and look at `shop.journal`.",
)

_TAKE = _INVENTORY.replace(
    "default=0)\n", "default=0)\n\n    def take(self, quantity):\n        self.in_stock -= quantity\n"
)
_REORDER = (
    _ORDER
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
    + _TAKE_OFF.format(change="inventory.take(event.quantity)")
)
_TELLS = """        self.in_stock -= quantity
        if self.in_stock == 0:
            self.raise_(StockDepleted(book_id=self.book_id))


@shop.event(part_of=Inventory)
class StockDepleted:
    book_id = Identifier(required=True)
"""
_PRINTER = (
    _ORDER
    + _INVENTORY
    + """

class OutOfPaper(Exception):
    pass


@shop.aggregate
class Printer:
    name = String(required=True)
    paper = Integer(default=0)
    labels = Integer(default=0)

    def print_label(self):
        if self.paper == 0:
            raise OutOfPaper("please fill in paper")
        self.paper -= 1
        self.labels += 1

"""
)
_STOCK = "    @handle(OrderShipped)\n    def {name}(self, event):\n" + _TAKE_OFF.format(
    change="inventory.in_stock -= event.quantity"
)
_LABEL = """        printers = shop.repository_for(Printer)
        printer = printers.find_by(name="label printer")
        printer.print_label()
        printers.add(printer)
"""

EXERCISES = (
    Exercise(
        name="reduce-stock",
        lesson=LESSON,
        title="Take shipped books off the stock",
        minutes=5,
        task="""
Here is the shop, without anybody who listens. Write an event handler so that `in_stock` of the right `Inventory`
goes down by the `quantity` of each `OrderShipped`. Leave `Order` as it is: it knows nothing of the inventory.
""",
        starter=_ORDER + _INVENTORY + "\n\n# Your event handler:\n",
        solution=_ORDER
        + _INVENTORY
        + '\n\n@shop.event_handler(part_of=Inventory, stream_category="order")\nclass ManageInventory:\n'
        + _STOCK.format(name="take_off"),
        points=(_taken_off, _others_stay, _each_once),
        untested="what happens when more is shipped than there is, and when a book has no inventory.",
    ),
    Exercise(
        name="reorder",
        lesson=LESSON,
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
    ),
    Exercise(
        name="two-handlers",
        lesson=LESSON,
        title="The printer is out of paper",
        minutes=5,
        task="""
Whenever an order is shipped, the stock goes down and a label is printed. Both are done by one handler method, and that
is a mistake: without paper, `print_label` fails, and the stock does not go down either, though the parcel has left.

Change the handler, so that the stock is right in any case. The printer's failure must not be hidden: somebody has to
fill in paper. Leave `Printer` as it is.
""",
        starter=_PRINTER
        + "\n# Change this:\n"
        + '@shop.event_handler(part_of=Inventory, stream_category="order")\nclass AfterShipping:\n'
        + _STOCK.format(name="do_everything")
        + "\n"
        + _LABEL,
        solution=_PRINTER
        + '\n@shop.event_handler(part_of=Inventory, stream_category="order")\nclass ManageInventory:\n'
        + _STOCK.format(name="take_off")
        + '\n\n@shop.event_handler(part_of=Printer, stream_category="order")\nclass PrintLabels:\n'
        + "    @handle(OrderShipped)\n    def print_label(self, event):\n"
        + _LABEL,
        points=(_both, _stock_anyway, _seen),
        untested="whether the label is printed later, when there is paper again.",
    ),
)
