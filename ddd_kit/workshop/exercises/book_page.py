"""An exercise of the notebook on projections: one list that follows two aggregates."""

from __future__ import annotations

from ddd_kit.exceptions import ObjectNotFoundError
from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.projections import LESSON, listens, order, rebuilt
from ddd_kit.workshop.trial import Trial

_MODEL = """
from ddd_kit import Domain, on
from ddd_kit.fields import Identifier, Integer

shop = Domain(name="Shop")


@shop.event(part_of="Order")
class OrderPlaced:
    order_id = Identifier(required=True)
    book_id = Identifier(required=True)
    quantity = Integer(required=True)


@shop.aggregate
class Order:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)

    @classmethod
    def place(cls, book_id, quantity):
        order = cls(book_id=book_id, quantity=quantity)
        order.raise_(OrderPlaced(order_id=order.id, book_id=book_id, quantity=quantity))
        return order


@shop.event(part_of="Inventory")
class StockChanged:
    book_id = Identifier(required=True)
    in_stock = Integer(required=True)  # what there is now


@shop.aggregate
class Inventory:
    book_id = Identifier(identifier=True)
    in_stock = Integer(default=0)

    def change(self, in_stock):
        self.in_stock = in_stock
        self.raise_(StockChanged(book_id=self.book_id, in_stock=in_stock))

"""
_PAGE = """
@shop.projection
class BookPage:
    book_id = Identifier(identifier=True)
    in_stock = Integer(default=0)
    ordered = Integer(default=0)


@shop.projector(projector_for=BookPage, aggregates=[Order, Inventory])
class WritePages:
    @on(StockChanged)
    def set_stock(self, event):
        page = self.page(event.book_id)
        page.in_stock = event.in_stock
        shop.repository_for(BookPage).add(page)

    @on(OrderPlaced)
    def count_order(self, event):
        page = self.page(event.book_id)
        page.ordered += event.quantity
        shop.repository_for(BookPage).add(page)

    def page(self, book_id):
        return shop.repository_for(BookPage).get_or_none(book_id) or BookPage(book_id=book_id)
"""


def _page(shop: Trial, book: str) -> tuple[int, int]:
    """What stands on the page of a book: in stock, ordered."""
    found = shop.one("BookPage", book_id=book)
    return found.in_stock, found.ordered


def _there(shop: Trial) -> None:
    listens(shop, "BookPage")
    shop.fields("BookPage", "book_id", "in_stock", "ordered")


def _stock(shop: Trial, book: str, *numbers: int) -> None:
    inventory = shop.make("Inventory", book_id=book)
    shop.call(inventory, "change", numbers[0])
    shop.save(inventory)
    for number in numbers[1:]:
        shop.act(inventory, "change", number)


def _heard(shop: Trial, event: str, said: str) -> None:
    """Make sure that something hears an event."""
    if not shop.ran(event):
        raise NotYet(f"{said} Nobody hears `{event}`.", _HEAR[event])


_HEAR: dict[str, tuple[str, str, str]] = {
    "StockChanged": (
        "Whose event is `StockChanged`?",
        "A projector names the aggregates that it hears, in `aggregates`. Is `Inventory` among them, and is there a method?",
        "`aggregates=[Order, Inventory]`, and a method with `@on(StockChanged)`",
    ),
    "OrderPlaced": (
        "Whose event is `OrderPlaced`?",
        "A projector names the aggregates that it hears, in `aggregates`. Is `Order` among them, and is there a method?",
        "`aggregates=[Order, Inventory]`, and a method with `@on(OrderPlaced)`",
    ),
}


@point(
    "The page follows the stock",
    "Which event says how many copies there are?",
    "`StockChanged` says what there is now. The page takes that number as it is.",
    "`@on(StockChanged)`, and a method with `page.in_stock = event.in_stock`",
)
def _follows_stock(shop: Trial) -> str:
    _there(shop)
    _stock(shop, "emma", 10, 7)
    _heard(shop, "StockChanged", "The stock of “emma” changed to 10, and then to 7.")
    found, _ = _page(shop, "emma")
    shop.expect(found == 7, f"The stock of “emma” changed to 10, and then to 7. On its page stands: {found}.")
    return "the stock changed to 10 and to 7: 7"


@point(
    "The page follows the orders",
    "Which event says that copies are wanted?",
    "`OrderPlaced` is about one order. The page counts them together.",
    "`@on(OrderPlaced)`, and a method with `page.ordered += event.quantity`",
)
def _follows_orders(shop: Trial) -> str:
    _there(shop)
    _stock(shop, "emma", 10)
    _stock(shop, "dune", 4)
    for quantity in (2, 3):
        order(shop, "emma", quantity, shipped=False)
    _heard(shop, "OrderPlaced", "Two orders of “emma” were placed, for 2 and for 3 copies.")
    emma, dune = _page(shop, "emma"), _page(shop, "dune")
    shop.expect(
        emma[1] == 5,
        f"Two orders of “emma” were placed, for 2 and for 3 copies. On its page stands: {emma[1]} ordered.",
    )
    shop.expect(
        (emma[0], *dune) == (10, 4, 0),
        "10 of “emma” and 4 of “dune” are in stock, and “emma” was ordered. On the pages stands: "
        f"{emma[0]} of “emma” in stock, {dune[0]} of “dune” in stock and {dune[1]} ordered.",
        _KEEP,
    )
    return "2 and 3 ordered: 5; the stock, and another book, stay as they are"


_KEEP = (
    "The page has two numbers. What becomes of the one that the event says nothing of?",
    "A page that is made anew for each event forgets the other number. Load the one that is there.",
    "`page = pages.get_or_none(event.book_id) or BookPage(book_id=event.book_id)`",
)


@point(
    "It does not matter which event comes first",
    "A book is ordered that was never in stock. Is there a page for it?",
    "Either event may be the first one of a book. Each method has to make the page where there is none.",
    "`page = pages.get_or_none(event.book_id) or BookPage(book_id=event.book_id)`, in both methods",
)
def _either_first(shop: Trial) -> str:
    _there(shop)
    try:
        order(shop, "momo", 4, shipped=False)
    except NotYet as stopped:
        if isinstance(stopped.__cause__, ObjectNotFoundError):
            why = f"“momo” was ordered before any came in, and there is no page of it. {stopped.why}"
            raise NotYet(why) from stopped.__cause__
        raise
    _stock(shop, "momo", 6)
    found = _page(shop, "momo")
    shop.expect(
        found == (6, 4),
        "4 of “momo” were ordered, and then 6 came in. On its page stands: "
        f"{found[0]} in stock, {found[1]} ordered.",
        _KEEP,
    )
    return "ordered first, then in stock: 6 and 4"


@point(
    "Rebuilt, it says the same",
    "Where do the numbers come from when the list is made anew?",
    "The projector hears all events once more, in their order. It must not ask the inventory of today.",
    "`page.in_stock = event.in_stock`, and no `shop.repository_for(Inventory)`",
)
def _same_again(shop: Trial) -> str:
    _there(shop)
    _stock(shop, "emma", 10, 7)
    order(shop, "emma", 2, shipped=False)
    shop.remove(shop.one("Inventory", book_id="emma"))
    rebuilt(shop, "BookPage")
    found = _page(shop, "emma")
    shop.expect(
        found == (7, 2),
        "7 of “emma” were in stock and 2 ordered. The shop has taken the book off its shelves for good, and rebuilt the pages: "
        f"{found[0]} in stock, {found[1]} ordered.",
    )
    return "7 in stock and 2 ordered, as before"


EXERCISES = (
    Exercise(
        name="book-page",
        lesson=LESSON,
        title="One page, two sources",
        minutes=8,
        task="""
The web page of a book shows how many copies are in stock, and how many are ordered. The first is known by `Inventory`, the
second by `Order`. Write

- a projection `BookPage`, with a `book_id` that identifies it, and the whole numbers `in_stock` and `ordered`, both 0 by default,
- a projector that follows both: `StockChanged` says how many copies are in stock now, `OrderPlaced` how many more are ordered.

Some books are ordered before the first copy is in stock.
""",
        starter=_MODEL + "\n# Your projection and its projector:\n",
        solution=_MODEL + _PAGE,
        points=(_follows_stock, _follows_orders, _either_first, _same_again),
        untested="an order that is shipped or cancelled.",
    ),
)
