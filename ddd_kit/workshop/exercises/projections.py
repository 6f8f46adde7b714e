"""Exercises of the notebook on projections: a list that follows from events, and a question to it."""

from __future__ import annotations

from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.trial import Trial

LESSON = "10-projections"

_MODEL = """
from ddd_kit import Domain, on, read
from ddd_kit.fields import Identifier, Integer

shop = Domain(name="Shop")


@shop.event(part_of="Order")
class OrderPlaced:
    order_id = Identifier(required=True)
    book_id = Identifier(required=True)
    quantity = Integer(required=True)


@shop.event(part_of="Order")
class OrderShipped:
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

    def ship_order(self):
        self.raise_(OrderShipped(order_id=self.id, book_id=self.book_id, quantity=self.quantity))

"""
_QUESTION = """
@shop.query(part_of="BestSeller")
class MostSold:
    how_many = Integer(required=True)

"""
_LIST = """
@shop.projection
class BestSeller:
    book_id = Identifier(identifier=True)
    copies = Integer(default=0)


@shop.projector(projector_for=BestSeller, aggregates=[Order])
class CountCopies:
    @on(OrderShipped)
    def count(self, event):
        books = shop.repository_for(BestSeller)
        book = books.get_or_none(event.book_id) or BestSeller(book_id=event.book_id)
        book.copies += event.quantity
        books.add(book)

"""
_READER = """
@shop.query_handler(part_of=BestSeller)
class AskTheList:
    @read(MostSold)
    def first(self, query):
        books = shop.view_for(BestSeller).query.order_by("-copies")
        return books.limit(query.how_many).all()
"""


def order(shop: Trial, book: str, quantity: int, *, shipped: bool = True) -> Any:
    """An order that was placed, and shipped if wished.

    Args:
        shop: the model, whose `Order` has `place(book_id, quantity)` and `ship_order()`.
        book: its `book_id`.
        quantity: of copies.
        shipped: whether it is shipped, too.

    Returns:
        The order.

    Raises:
        NotYet: when that fails, in a projector too.
    """
    cls: Any = shop.element("aggregate", "Order").cls
    call = f"`Order.place('{book}', {quantity})`"
    placed = shop.save(shop.run(call, lambda: cls.place(book, quantity)))
    return shop.act(placed, "ship_order") if shipped else placed


def rebuilt(shop: Trial, projection: str) -> Any:
    """A projection is emptied, and its projectors hear every event once more.

    Args:
        shop: the model.
        projection: its name.

    Returns:
        What became of it.

    Raises:
        NotYet: when a projector fails.
    """
    result = shop.run(f"rebuilding `{projection}`", lambda: shop.engine.rebuild_projection(projection))
    if result.errors:
        raise NotYet(f"`{projection}` was rebuilt, and that failed: {result.errors[0]}")
    return result


def listens(shop: Trial, projection: str) -> None:
    """Make sure that a projection is there, and that something keeps it up.

    Args:
        shop: the model.
        projection: its name.

    Raises:
        NotYet: when there is none, or no projector of it.
    """
    shop.element("projection", projection)
    if not shop.engine.projectors_for(projection):
        raise NotYet(f"There is a projection `{projection}`, and no projector that writes it.", _PROJECTOR)


_PROJECTOR = (
    "The list is there. Who writes on it?",
    "A projector is for one projection, hears some aggregates, and has a method with `@on` for each event.",
    "`@shop.projector(projector_for=…, aggregates=[Order])`, and in it `@on(…)`",
)


def _sold(shop: Trial) -> dict[str, int]:
    listens(shop, "BestSeller")
    shop.fields("BestSeller", "book_id", "copies")
    return {each.book_id: each.copies for each in shop.all("BestSeller")}


@point(
    "The list counts what was shipped",
    "What is one line of this list about, and when does it change?",
    "A projection has an identity, here the book. Its projector hears `OrderShipped`, looks for the line of that book, changes it "
    "and saves it.",
    "`book = books.get_or_none(event.book_id) or BestSeller(book_id=event.book_id)`, then "
    "`book.copies += event.quantity` and `books.add(book)`",
)
def _counts(shop: Trial) -> str:
    listens(shop, "BestSeller")
    order(shop, "emma", 3)
    order(shop, "dune", 4)
    found = _sold(shop)
    shop.expect(
        found == {"emma": 3, "dune": 4},
        f"3 copies of “emma” were shipped and 4 of “dune”. On the list stands: {_told(found)}.",
    )
    return "3 of emma, 4 of dune"


@point(
    "A second order of the same book is added to the first",
    "The book is on the list already. What should become of its line?",
    "There is one line for each book. The second order changes it; it does not write a new one in its place.",
    "`books.get_or_none(event.book_id)` gives the line, or None where there is none yet.",
)
def _adds_up(shop: Trial) -> str:
    order(shop, "emma", 3)
    order(shop, "emma", 2)
    found = _sold(shop)
    shop.expect(
        found == {"emma": 5},
        f"3 and then 2 copies of “emma” were shipped, which is 5. On the list stands: {_told(found)}.",
    )
    return "3 and 2 of emma: 5"


@point(
    "What is only ordered does not count",
    "When is a book sold: when it is ordered, or when it is shipped?",
    "Two events have a book and a quantity. Which one does your projector hear?",
    "`@on(OrderShipped)`, and nothing for `OrderPlaced`",
)
def _only_shipped(shop: Trial) -> str:
    order(shop, "emma", 3, shipped=False)
    found = _sold(shop)
    shop.expect(
        not sum(found.values()),
        f"An order was placed and not shipped. On the list stands: {_told(found)}.",
    )
    return "3 ordered and not shipped: none"


@point(
    "The question is answered, the best first",
    "Who answers a query?",
    "A query handler that is part of `BestSeller` has a method with `@read(MostSold)`. It reads, sorts, and gives back so "
    "many lines.",
    '`shop.view_for(BestSeller).query.order_by("-copies").limit(query.how_many).all()`; the minus means: largest first',
)
def _answers(shop: Trial) -> str:
    for book, quantity in (("emma", 3), ("dune", 9), ("momo", 5)):
        order(shop, book, quantity)
    query = shop.make("MostSold", how_many=2)
    answer = shop.run("asking `MostSold(how_many=2)`", lambda: shop.engine.dispatch(query))
    if answer is None:
        raise NotYet("`MostSold(how_many=2)` was asked, and the answer is None.", _RETURN)
    lines = shop.run("reading the answer", lambda: [each.book_id for each in answer])
    asked = "9 of “dune”, 5 of “momo” and 3 of “emma” were shipped, and `MostSold(how_many=2)` was asked."
    if lines == ["emma", "momo"]:
        raise NotYet(f"{asked} The answer is `emma` and `momo`: the fewest first.", _SORT)
    shop.expect(
        lines == ["dune", "momo"],
        f"{asked} The answer should be dune, momo; it is {', '.join(lines) or 'empty'}.",
    )
    best = shop.run(
        "asking `MostSold(how_many=1)`",
        lambda: [each.book_id for each in shop.engine.dispatch(shop.make("MostSold", how_many=1))],
    )
    shop.expect(
        best == ["dune"],
        f"Of the three, `MostSold(how_many=1)` should give dune; it gives {', '.join(best) or 'nothing'}.",
        _HOW_MANY,
    )
    return "the two best of three: dune, momo; the best: dune"


_RETURN = (
    "Who asks gets what the method gives back. What is that?",
    "A method without `return` gives None.",
    "`return shop.view_for(BestSeller).query…`",
)
_HOW_MANY = (
    "How many lines are asked for, and who says it?",
    "The query has a field for it. Your handler is given the query.",
    "`.limit(query.how_many)`",
)
_SORT = (
    "Which end of the list is the best?",
    "`order_by` begins with the smallest. A sign turns it round.",
    '`order_by("-copies")`',
)


def _told(found: dict[str, int]) -> str:
    return ", ".join(f"{copies} of “{book}”" for book, copies in sorted(found.items())) or "nothing"


EXERCISES = (
    Exercise(
        name="best-sellers",
        lesson=LESSON,
        title="A list of best-sellers",
        minutes=8,
        task="""
The owner wants a list of the books of which most were shipped, for the shop window. Write

- a projection `BestSeller`, with a `book_id` that identifies it, and the number of `copies`,
- its projector, which adds the `quantity` of each `OrderShipped`,
- a query handler that answers the query `MostSold`, which is there: the lines of so many books as `how_many` says, the one
  with the most copies first.
""",
        starter=_MODEL + _QUESTION + "\n# Your list, its projector and its query handler:\n",
        solution=_MODEL + _QUESTION + _LIST + _READER,
        points=(_counts, _adds_up, _only_shipped, _answers),
        untested="two books of which as many were shipped.",
    ),
)
