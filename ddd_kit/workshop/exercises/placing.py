"""The exercise on placing an order, of the notebook on commands."""

from __future__ import annotations

from functools import partial

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.taking_commands import taken
from ddd_kit.workshop.trial import Trial

_BEGIN = """
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer, String

shop = Domain(name="Shop")


@shop.aggregate
class Order:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)
    status = String(default="PENDING")
"""


@point(
    "A request becomes an order",
    "Who makes the order? Not the one who asks.",
    "The handler takes what is in the command, makes an `Order` of it, and adds that to its repository.",
    "`order = Order(book_id=command.book_id, quantity=command.quantity)`, `shop.repository_for(Order).add(order)`",
)
def _becomes(shop: Trial) -> str:
    taken(shop, "PlaceOrder", "book_id", "quantity")
    shop.process("PlaceOrder", book_id="emma", quantity=3)
    orders = shop.all("Order")
    shop.expect(
        len(orders) == 1,
        f"One `PlaceOrder` was processed, and there {_are(len(orders), 'order')} in the repository.",
    )
    order = orders[0]
    shop.expect(
        (order.book_id, order.quantity, order.status) == ("emma", 3, "PENDING"),
        f"3 copies of “emma” were asked for. The order is about {order.quantity} of “{order.book_id}”, {order.status}.",
    )
    return "3 copies of “emma” asked for, a PENDING order of 3 of “emma”"


def _are(count: int, what: str) -> str:
    return {0: f"is no {what}", 1: f"is one {what}"}.get(count, f"are {count} {what}s")


@point(
    "Who asks gets the order's id",
    "Somebody has ordered, and wants to ask for the order later. What do they need?",
    "What a handler's method returns is what `shop.process(...)` returns.",
    "`return order.id` at the end of the method",
)
def _returns(shop: Trial) -> str:
    seen = []
    for book, quantity in (("emma", 1), ("dune", 2)):
        answer = shop.process("PlaceOrder", book_id=book, quantity=quantity)
        made = shop.one("Order", book_id=book)
        shop.expect(
            made.quantity == quantity,
            f"“{book}” was asked for with a quantity of {quantity}, and the order has {made.quantity}.",
            _AS_ASKED,
        )
        if answer is None:
            raise NotYet("`PlaceOrder` was processed, and nothing came back; it should be the order's `id`.")
        shop.expect(
            answer == made._identity,
            f"`PlaceOrder` was processed, and gave back {answer!r}. The `id` of the order is {made._identity!r}.",
            _ID,
        )
        seen.append(answer)
    return f"two requests, two ids ({', '.join(str(each)[:8] for each in seen)})"


_AS_ASKED = (
    "How many copies were asked for?",
    "The command knows it, and the order takes it from there.",
    "`Order(book_id=command.book_id, quantity=command.quantity)`",
)
_ID = (
    "What comes back is something else than the id.",
    "Each order is given an `id` by itself; it is there as soon as the order is made.",
    "`return order.id`, of the very order that was added",
)


@point(
    "Nobody orders nothing",
    "What does a request for 0 copies ask for?",
    "A field has an option for the smallest value that makes sense. Give it to the command, or to the order, or to both.",
    "`quantity = Integer(required=True, min_value=1)` in `PlaceOrder`",
)
def _not_nothing(shop: Trial) -> str:
    for quantity in (0, -1):
        shop.refusal(
            f"ordering {quantity} copies",
            partial(shop.process, "PlaceOrder", book_id="emma", quantity=quantity),
        )
    orders = len(shop.all("Order"))
    shop.expect(orders == 0, f"0 and -1 copies were refused, and yet there {_are(orders, 'order')}.", _BEFORE)
    return "0 and -1 copies were refused, and no order is there"


_BEFORE = (
    "It was refused. Was it refused before the order was saved?",
    "A handler that fails saves nothing. What else saves an order here?",
    "Let the command refuse it: `min_value=1` at its `quantity`.",
)


PLACE_ORDER = Exercise(
    name="place-order",
    lesson="06-commands",
    title="Place an order",
    minutes=4,
    task="""
Write a command `PlaceOrder`, part of `Order`, with a `book_id` and a `quantity`, and a command handler that

- makes such an order and saves it,
- returns the order's `id`.

Who asks for fewer than one copy gets a `ValidationError`, and no order is made.
""",
    starter=_BEGIN + "\n\n# Your command and its handler:\n",
    solution=_BEGIN
    + """

@shop.command(part_of=Order)
class PlaceOrder:
    book_id = Identifier(required=True)
    quantity = Integer(required=True, min_value=1)


@shop.command_handler(part_of=Order)
class OrderDesk:
    @handle(PlaceOrder)
    def place(self, command):
        order = Order(book_id=command.book_id, quantity=command.quantity)
        shop.repository_for(Order).add(order)
        return order.id
""",
    points=(_becomes, _returns, _not_nothing),
    untested="requests without a book, and whether there are enough copies in stock.",
)
