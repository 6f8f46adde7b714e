"""The exercise on what is inside of an aggregate, of the notebook on aggregates."""

from __future__ import annotations

from typing import Any

from ddd_kit.workshop.exercise import Exercise, point
from ddd_kit.workshop.trial import Trial

LESSON = "02-aggregates"

_BASKET_BEGIN = """
from ddd_kit import Domain
from ddd_kit.fields import HasMany, Identifier, Integer

shop = Domain(name="Shop")


@shop.entity(part_of="Order")
class OrderLine:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)
    price = Integer(required=True)  # of one copy


@shop.aggregate
class Order:
    lines = HasMany(OrderLine)
    total_amount = Integer(default=0)

    def add_book(self, book_id, quantity, price):
        self.add_lines(OrderLine(book_id=book_id, quantity=quantity, price=price))
"""
_BASKET_END = """
    # Your methods change_quantity(self, book_id, quantity) and remove_book(self, book_id),
    # and a total_amount that is always right:
"""
_BASKET_ANSWER = """        self.total_amount += quantity * price

    def change_quantity(self, book_id, quantity):
        line = self.get_one_from_lines(book_id=book_id)
        self.total_amount += (quantity - line.quantity) * line.price
        line.quantity = quantity

    def remove_book(self, book_id):
        line = self.get_one_from_lines(book_id=book_id)
        self.total_amount -= line.quantity * line.price
        self.remove_lines(line)
"""


def _basket(shop: Trial) -> Any:
    """An order of two copies for 9 each and one for 12, not saved."""
    order = shop.make("Order")
    shop.call(order, "add_book", "emma", quantity=2, price=9)
    shop.call(order, "add_book", "dune", quantity=1, price=12)
    return order


def _total(
    shop: Trial, order: Any, expected: int, done: str, hints: tuple[str, str, str] | None = None
) -> None:
    """What an order costs, before it is saved and after."""
    for moment in ("before it is saved", "after it was saved"):
        total = getattr(order, "total_amount", None)
        total = shop.run("asking for total_amount", total) if callable(total) else total
        shop.expect(
            total == expected,
            f"{done}. The `total_amount` is {total} {moment}; it should be {expected}.",
            hints,
        )
        order = shop.stored(shop.save(order)) if moment.startswith("before") else order


@point(
    "The total is right when books come in",
    "Who knows that a line came in? Exactly then the total has to change.",
    "`add_book` is the place: it adds the line, and then adds up.",
    "`self.total_amount += quantity * price` at the end of `add_book`",
)
def _comes_in(shop: Trial) -> str:
    done = "2 copies for 9 each and 1 for 12 were added"
    total = getattr(_basket(shop), "total_amount", None)
    only = {21: _PER_COPY, 12: _LAST}.get(total) if isinstance(total, int) else None
    _total(shop, _basket(shop), 30, done, only)
    return f"{done}: 30"


_PER_COPY = (
    "What do two copies cost?",
    "The price is that of one copy. The line knows how many there are.",
    "Add `quantity * price`, not `price`.",
)
_LAST = (
    "There are two lines. Which of them is in the total?",
    "A new line does not take the place of the ones before: add to the total, or add up all lines.",
    "`self.total_amount += quantity * price`, with a plus",
)


@point(
    "The total follows a changed quantity",
    "The order is asked to change a line. What else has to change with it?",
    "Find the line by its book, change its quantity, and see to the total in the same method.",
    "`self.get_one_from_lines(book_id=book_id)` gives the line. Then set its `quantity`, and set `total_amount` to the sum of "
    "`line.quantity * line.price` over `self.lines`.",
)
def _changes(shop: Trial) -> str:
    order = shop.stored(shop.save(_basket(shop)))
    shop.call(order, "change_quantity", "dune", 3)
    lines = {str(line.book_id): line.quantity for line in order.lines}
    shop.expect(
        lines == {"emma": 2, "dune": 3},
        "With 2 of “emma” and 1 of “dune” in it, `change_quantity('dune', 3)` was called, and the lines are "
        f"{_counted(lines)}.",
        _LINE,
    )
    done = "2 copies for 9 each, and the one for 12 became 3"
    hints = _ADDED if order.total_amount == 66 else None
    _total(shop, order, 54, done, hints)
    shop.call(order, "change_quantity", "emma", 1)
    _total(shop, order, 45, "Then the 2 for 9 each became 1", hints)
    return f"{done}: 54; then 1 for 9: 45"


_LINE = (
    "Which line is meant, and what is it told?",
    "The line of that book stays, with another quantity; all others stay as they are.",
    "`self.get_one_from_lines(book_id=book_id).quantity = quantity`",
)
_ADDED = (
    "How much of the line was in the total before?",
    "What the line cost until now is in the total already; only the difference comes to it.",
    "Add up all lines anew: `self.total_amount = sum(line.quantity * line.price for line in self.lines)`",
)


@point(
    "The total follows a line that goes",
    "A book is taken out again. What did its line cost?",
    "`HasMany` gives an order `remove_lines` beside `add_lines`. The total changes in the same method.",
    "`self.remove_lines(self.get_one_from_lines(book_id=book_id))`, and then the total as in the other methods",
)
def _goes(shop: Trial) -> str:
    order = shop.stored(shop.save(_basket(shop)))
    other = shop.stored(shop.save(_basket(shop)))
    for basket, book, left in ((order, "emma", {"dune": 1}), (other, "dune", {"emma": 2})):
        shop.call(basket, "remove_book", book)
        lines = {str(line.book_id): line.quantity for line in basket.lines}
        shop.expect(
            lines == left,
            f"Of 2 copies of “emma” and 1 of “dune”, `remove_book('{book}')` left {_counted(lines)}.",
            _WHICH_GOES,
        )
    _total(shop, order, 12, "The 2 copies for 9 each were removed, 1 for 12 is left")
    _total(shop, other, 18, "The 1 for 12 was removed, 2 for 9 each are left")
    shop.call(order, "remove_book", "dune")
    _total(shop, order, 0, "The last line was removed")
    return "30, after a line was removed 12 or 18, and 0 when nothing is left"


_WHICH_GOES = (
    "Which line was to go, and which one went?",
    "A line is found by its book: its place among the others says nothing.",
    "`self.remove_lines(self.get_one_from_lines(book_id=book_id))`",
)


def _counted(lines: dict[str, int]) -> str:
    return " and ".join(f"{count} of “{book}”" for book, count in lines.items()) or "no lines"


EXERCISES = (
    Exercise(
        name="order-total",
        lesson=LESSON,
        title="The total follows its lines",
        minutes=6,
        task="""
An order has lines, and its `total_amount` is still 0, whatever is in it. Let the order keep it right: `total_amount` is the sum of
`quantity * price` of all lines, at any time.

- Complete `add_book(book_id, quantity, price)`.
- Write `change_quantity(book_id, quantity)`: the line of that book gets this quantity.
- Write `remove_book(book_id)`: the line of that book goes.

Each book has one line at most.
""",
        starter=_BASKET_BEGIN + _BASKET_END,
        solution=_BASKET_BEGIN + _BASKET_ANSWER,
        points=(_comes_in, _changes, _goes),
        untested="a book that is added twice, a book that is not in the order, and a quantity of 0 or less.",
    ),
)
