"""Exercises of the notebook on events and handlers."""

from typing import Any

from ddd_kit.exceptions import ObjectNotFoundError
from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.reorder import REORDER
from ddd_kit.workshop.exercises.shipping import INVENTORY, ORDER, STOCK, ship
from ddd_kit.workshop.exercises.two_handlers import TWO_HANDLERS
from ddd_kit.workshop.trial import Trial


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
        ship(shop, 3)
    except NotYet as stopped:
        if isinstance(stopped.__cause__, ObjectNotFoundError):
            raise NotYet(stopped.why, _WHICH_ID) from stopped.__cause__
        raise
    left = shop.stored(stock).in_stock
    ran = shop.ran()
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


def _nothing_taken(shop: Trial, ran: list[Any]) -> NotYet:
    why = "There were 10 in stock, 3 were shipped, and there are still 10."
    heard = [each.name for each in shop.of_kind()]
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
    "With `part_of=Inventory` it hears what inventories raise, unless it names another category.",
    '`@shop.event_handler(part_of=Inventory, stream_category="order")`, and in it `@handle(OrderShipped)`',
)
_REACHED_IN = (
    "What would become of `Order` if the warehouse were rebuilt tomorrow?",
    "The order tells, and is done. The change of the stock belongs into an event handler.",
    '`ship_order` as it was, and a class with `@shop.event_handler(part_of=Inventory, stream_category="order")`',
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
    ship(shop, 3)
    left = shop.stored(dune).in_stock
    shop.expect(left == 7, f"Copies of “emma” were shipped, and those of “dune” went from 7 to {left}.")
    ship(shop, 3, book="dune")
    left = shop.stored(dune).in_stock
    shop.expect(
        left == 4, f"Then 3 of 7 copies of “dune” were shipped, and {left} are left. There should be 4."
    )
    return "7 copies of another book before, 7 after; then 3 of them are shipped: 4"


@point(
    "It happens once for each shipment",
    "What if two orders are shipped, one after the other?",
    "Each event is about one order. Its quantity is in it.",
    "Take off `event.quantity`, and nothing that your handler remembers from before.",
)
def _each_once(shop: Trial) -> str:
    stock = shop.new("Inventory", book_id="emma", in_stock=10)
    for quantity in (3, 2):
        ship(shop, quantity)
    left = shop.stored(stock).in_stock
    shop.expect(left == 5, f"Of 10 copies 3 and then 2 were shipped, and {left} are left. There should be 5.")
    return "10 in stock, 3 and then 2 shipped, 5 left"


_REDUCE_STOCK = Exercise(
    name="reduce-stock",
    lesson="04-events-and-handlers",
    title="Take shipped books off the stock",
    minutes=5,
    task="""
Here is the shop, without anybody who listens. Write an event handler so that `in_stock` of the right `Inventory`
goes down by the `quantity` of each `OrderShipped`. Leave `Order` as it is: it knows nothing of the inventory.
""",
    starter=ORDER + INVENTORY + "\n\n# Your event handler:\n",
    solution=ORDER
    + INVENTORY
    + '\n\n@shop.event_handler(part_of=Inventory, stream_category="order")\nclass ManageInventory:\n'
    + STOCK.format(name="take_off"),
    points=(_taken_off, _others_stay, _each_once),
    untested="what happens when more is shipped than there is, and when a book has no inventory.",
)

EXERCISES = (_REDUCE_STOCK, REORDER, TWO_HANDLERS)
