"""Exercises of the notebook on streams."""

from collections import Counter

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.asked_for import ASKED_FOR
from ddd_kit.workshop.exercises.shipping import INVENTORY, ORDER, STOCK, TAKE_OFF, ship
from ddd_kit.workshop.trial import Trial

_PARCEL = """

@shop.event(part_of="Parcel")
class BooksReturned:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)


@shop.aggregate
class Parcel:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)

    def unpack(self):
        self.raise_(BooksReturned(book_id=self.book_id, quantity=self.quantity))

"""


def _unpack(shop: Trial, quantity: int, book: str = "emma") -> None:
    """Unpack a parcel with copies of a book, and make sure that it says so."""
    before = shop.count("BooksReturned")
    shop.act(shop.new("Parcel", book_id=book, quantity=quantity), "unpack")
    if shop.count("BooksReturned") == before:
        raise NotYet(
            "`Parcel.unpack()` was called and saved, and no `BooksReturned` was raised: that part was there already.",
            (
                "Compare `unpack` with the cell that you began with. What is missing?",
                "A parcel tells that books came back; without that, nobody can listen.",
                "Take `Parcel` and `BooksReturned` as they were.",
            ),
        )


# 1: hear-returns


@point(
    "Books that come back are put on the shelf",
    "On which stream is `BooksReturned`, and to which one does its handler listen?",
    "Parcels raise it, so its category is `parcel`. A handler class listens to one category, for all of its methods.",
    'A second class: `@shop.event_handler(part_of=Inventory, stream_category="parcel")`, with `put_back` in it.',
)
def _put_back(shop: Trial) -> str:
    stock = shop.new("Inventory", book_id="emma", in_stock=10)
    _unpack(shop, 2)
    there = shop.stored(stock).in_stock
    if there == 10 and not shop.ran("BooksReturned"):
        raise NotYet(
            f"There were 10 in stock, 2 came back, and there are still 10. {shop.silence('BooksReturned')}"
        )
    shop.expect(
        there == 12,
        f"There were 10 in stock, 2 came back, and there are {there}. There should be 12.",
        _ONE_PUTS,
    )
    return "10 in stock, 2 came back, 12 there"


@point(
    "Books that are shipped are still taken off",
    "Who hears orders now?",
    "One category more must not be one category less: orders still have to be heard.",
    'One class with `stream_category="order"`, as it was, and another one with `stream_category="parcel"`.',
)
def _still_taken_off(shop: Trial) -> str:
    stock = shop.new("Inventory", book_id="emma", in_stock=10)
    ship(shop, 3)
    left = shop.stored(stock).in_stock
    if left == 10 and not shop.ran("OrderShipped"):
        raise NotYet(
            f"There were 10 in stock, 3 were shipped, and there are still 10. {shop.silence('OrderShipped')}"
        )
    shop.expect(
        left == 7, f"There were 10 in stock, 3 were shipped, and there are {left}. There should be 7."
    )
    return "10 in stock, 3 shipped, 7 left"


@point(
    "A whole day comes out right",
    "What if parcels come and go, one after the other?",
    "Each event changes the stock once, by its own quantity.",
    "`inventory.in_stock += event.quantity` for what comes back, `-=` for what is shipped, in one method each.",
)
def _a_day(shop: Trial) -> str:
    stock = shop.new("Inventory", book_id="emma", in_stock=10)
    dune = shop.new("Inventory", book_id="dune", in_stock=4)
    ship(shop, 3)
    _unpack(shop, 1)
    _unpack(shop, 2)
    ship(shop, 5)
    there, others = shop.stored(stock).in_stock, shop.stored(dune).in_stock
    shop.expect(
        there == 5,
        f"Of 10 copies 3 went, 1 and 2 came back, and 5 went: 5 should be left, and there are {there}.",
    )
    shop.expect(
        others == 4, f"Only copies of “emma” came and went, and those of “dune” went from 4 to {others}."
    )
    _unpack(shop, 2, book="dune")
    others = shop.stored(dune).in_stock
    shop.expect(
        others == 6, f"Then 2 of “dune” came back to the 4, and there are {others}. There should be 6."
    )
    return "10, and after 3 out, 1 and 2 in, 5 out: 5; another book stays as it is until it comes back, too"


_ONE_PUTS = (
    "Two copies came back. How often, and by how much, does the stock change?",
    "Look at the journal: which methods took `BooksReturned`, and what did each do?",
    "`inventory.in_stock += event.quantity`, in one method with `@handle(BooksReturned)` that is heard once",
)


# 3: audit-log


@point(
    "What orders tell is in the log",
    "To which category does a handler listen that is part of `LogEntry`?",
    'There is a category that means all of them, and an event that means any: they are written `"$all"` and `"$any"`.',
    '`@shop.event_handler(part_of=LogEntry, stream_category="$all")`, with a method `@handle("$any")` that adds '
    "`LogEntry(what=type(event).__name__)` to its repository.",
)
def _orders_logged(shop: Trial) -> str:
    ship(shop, 3)
    _expect_log(shop, ["OrderShipped"], "An order was shipped")
    return "an order shipped, one line"


@point(
    "What others tell is in it, too",
    "Who else in this shop has something to tell?",
    'Orders are not all: `stream_category="$all"` hears every category, and `@handle("$any")` every event.',
    '`@shop.event_handler(part_of=LogEntry, stream_category="$all")` and `@handle("$any")`',
)
def _parcels_logged(shop: Trial) -> str:
    _unpack(shop, 2)
    _expect_log(shop, ["BooksReturned"], "A parcel was unpacked")
    return "a parcel unpacked, one line"


@point(
    "One line for each, and no more",
    "What happens to an event that two of your methods take?",
    "Each event should be taken by one method, once.",
    'One handler class with one method: `@handle("$any")`.',
)
def _each_logged(shop: Trial) -> str:
    ship(shop, 3)
    _unpack(shop, 2)
    ship(shop, 1)
    _expect_log(
        shop, ["OrderShipped", "BooksReturned", "OrderShipped"], "Two orders and a parcel went through"
    )
    return "three events, three lines"


def _expect_log(shop: Trial, wanted: list[str], what: str) -> None:
    lines = [line.what for line in shop.all("LogEntry")]
    if Counter(lines) == Counter(wanted):
        return
    asked = f"{what}. The log should have {_lines(wanted)}, and it has {_lines(lines)}."
    if not lines and not shop.ran():
        raise NotYet(f"{asked} {shop.silence(wanted[0])}")
    if not lines:
        raise NotYet(f"{asked} `{shop.ran()[0].handler}` ran. Did it save the line?", _SAVE)
    if set(wanted).isdisjoint(lines):
        raise NotYet(asked, _NAMED)
    raise NotYet(asked)


def _lines(lines: list[str]) -> str:
    return ", ".join(f"`{line}`" for line in lines) or "no line"


_SAVE = (
    "A `LogEntry(...)` alone is an object in memory. Who keeps it?",
    "What is not added to its repository is gone when the method ends.",
    "`shop.repository_for(LogEntry).add(LogEntry(what=type(event).__name__))`",
)
_NAMED = (
    "The line should be the name of what happened, and nothing else.",
    "An event is an object, its class has a name.",
    "`what=type(event).__name__`",
)

_RETURNS = ORDER + INVENTORY + _PARCEL
_HEAD = '\n@shop.event_handler(part_of=Inventory, stream_category="{category}")\nclass {name}:\n'
_PUT_BACK = "    @handle(BooksReturned)\n    def put_back(self, event):\n" + TAKE_OFF.format(
    change="inventory.in_stock += event.quantity"
)
_TAKE = _HEAD.format(category="order", name="ManageInventory") + STOCK.format(name="take_off")
_LOG = (
    ORDER
    + _PARCEL
    + """
@shop.aggregate
class LogEntry:
    what = String(required=True)
"""
)

EXERCISES = (
    Exercise(
        name="hear-returns",
        lesson="05-streams",
        title="Hear what parcels tell, too",
        minutes=5,
        task="""
Sometimes books come back. Somebody has written `put_back` for that, and it is right; only it never runs. Find out why,
with `shop.why_not(ManageInventory)` after you have unpacked a `Parcel`, or by looking. Then change the handlers, so that
books that come back (`BooksReturned`) are put on the shelf, and those that are shipped are taken off as before.
""",
        starter=_RETURNS
        + _TAKE
        + "\n"
        + _PUT_BACK
        + "\n\n# Change the handler above, or write another one:\n",
        solution=_RETURNS + _TAKE + "\n" + _HEAD.format(category="parcel", name="TakeBack") + _PUT_BACK,
        points=(_put_back, _still_taken_off, _a_day),
        untested="what happens when a book comes back that has no inventory.",
    ),
    ASKED_FOR,
    Exercise(
        name="audit-log",
        lesson="05-streams",
        title="A log of everything",
        minutes=5,
        task="""
The tax office wants a list of everything that happens in the shop. Write an event handler that makes a `LogEntry` for
each event, whoever raises it. Its `what` is the name of the event's class, as `OrderShipped`.
""",
        starter=_LOG + "\n\n# Your event handler:\n",
        solution=_LOG
        + """

@shop.event_handler(part_of=LogEntry, stream_category="$all")
class WriteLog:
    @handle("$any")
    def write(self, event):
        shop.repository_for(LogEntry).add(LogEntry(what=type(event).__name__))
""",
        points=(_orders_logged, _parcels_logged, _each_logged),
        untested="events that are added to the model later; a handler that names each event would miss them.",
    ),
)
