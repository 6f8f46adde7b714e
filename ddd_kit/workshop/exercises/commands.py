"""Exercises of the notebook on commands."""

from __future__ import annotations

from functools import partial
from typing import Any

from ddd_kit.exceptions import ObjectNotFoundError
from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.cancelling import CANCEL_ORDER
from ddd_kit.workshop.trial import Trial

# Ship by command

_ORDER = """
from ddd_kit import Domain, handle, invariant
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Identifier, Integer, String

shop = Domain(name="Shop")


@shop.event(part_of="Order")
class OrderShipped:
    order_id = Identifier(required=True)


@shop.aggregate
class Order:
    order_id = Identifier(identifier=True)
    quantity = Integer(required=True)
    status = String(default="PENDING")

    def ship_order(self):
        self.status = "SHIPPED"
        self.raise_(OrderShipped(order_id=self.order_id))

    @invariant.pre
    def what_is_shipped_stays(self):
        if self.status == "SHIPPED":
            raise ValidationError({"status": ["is SHIPPED already"]})
"""


def _command(shop: Trial, name: str, *fields: str) -> None:
    """Make sure that there is a command with some fields, and somebody who takes it."""
    shop.element("command", name, "Order")
    shop.fields(name, *fields)
    taken = {taken for handler in shop.of_kind("command handler") for _, taken in handler.methods}
    if name not in taken:
        raise NotYet(f"There is a command `{name}`, and no command handler takes it.", _NOBODY, stops=True)


_NOBODY = (
    "You can ask now. Who hears it?",
    "Commands are taken by a class with `@shop.command_handler(part_of=Order)`, in a method with `@handle(...)`.",
    "`@handle(ShipOrder)` above a method `def ship(self, command):`, in such a class; with your own command's name",
)


@point(
    "One can ask for it",
    "What is a request, in a model? A class too, with what it is about in its fields.",
    "Write a class `ShipOrder` with `@shop.command(part_of=Order)`, and a class with `@shop.command_handler(part_of=Order)`.",
    "`order_id = Identifier(required=True)` is all that `ShipOrder` has. In the handler a method with `@handle(ShipOrder)`.",
)
def _can_ask(shop: Trial) -> str:
    _command(shop, "ShipOrder", "order_id")
    shop.refusal("a `ShipOrder` for no order", lambda: shop.make("ShipOrder"))
    return "`ShipOrder(order_id)` is taken by a command handler; without an order it is refused"


@point(
    "Who asks gets the order shipped",
    "What do you do to ship an order without a command? The handler does the same.",
    "Three lines: get the order from its repository, call `ship_order()`, add it again.",
    "`order = shop.repository_for(Order).get(command.order_id)`, `order.ship_order()`, `shop.repository_for(Order).add(order)`",
)
def _ships(shop: Trial) -> str:
    order = shop.new("Order", order_id="ada", quantity=2)
    shop.new("Order", order_id="ben", quantity=1)
    _ask(shop, "ShipOrder", order_id="ada")
    status, events = shop.stored(order).status, shop.count("OrderShipped")
    done = "`ShipOrder(order_id='ada')` was processed"
    if status == "SHIPPED" and not events:
        raise NotYet(f"{done}. The order is SHIPPED, and no `OrderShipped` was raised.", _BY_ITSELF)
    shop.expect(
        status == "SHIPPED",
        f"{done}, and the order's status is {status!r}. Did the handler save it?",
        _SAVE if status == "PENDING" else None,
    )
    shop.expect(events == 1, f"{done}, and there are {events} `OrderShipped`; there should be one.")
    other = shop.one("Order", order_id="ben").status
    shop.expect(other == "PENDING", f"{done}, and the order of ben became {other}.", _THAT_ONE)
    _ask(shop, "ShipOrder", order_id="ben")
    other = shop.one("Order", order_id="ben").status
    shop.expect(
        other == "SHIPPED",
        f"Then `ShipOrder(order_id='ben')` was processed, and ben's order is {other}.",
        _THAT_ONE,
    )
    return (
        "one order asked for, that one SHIPPED, one `OrderShipped`; another order stays until it is asked for"
    )


def _ask(shop: Trial, command: str, **values: Any) -> Any:
    try:
        return shop.process(command, **values)
    except NotYet as stopped:
        if isinstance(stopped.__cause__, ObjectNotFoundError):
            raise NotYet(stopped.why, _WHICH) from stopped.__cause__
        raise


_BY_ITSELF = (
    "Who raises the event of an order?",
    "The order can do it all already: `ship_order`. The handler need not set any field.",
    "`order.ship_order()` in the place of `order.status = …`",
)
_SAVE = (
    "What a repository hands out is a copy. When does a change become true?",
    "After `ship_order()` the repository has to hear of it.",
    "End the method with `shop.repository_for(Order).add(order)`.",
)
_THAT_ONE = (
    "Which order was asked for?",
    "The command says it: `command.order_id`.",
    "`shop.repository_for(Order).get(command.order_id)`",
)
_WHICH = (
    "By what does the repository find an order?",
    "`get` takes the identity, and it is in the command.",
    "`shop.repository_for(Order).get(command.order_id)`",
)


@point(
    "What the order refuses stays refused",
    "An order is shipped already, and somebody asks again. Who says no, and does it reach the one who asked?",
    "The order has a rule about that. The handler must not go around it, and not swallow its error.",
    "Call `order.ship_order()`, without `try`, and without an `if`.",
)
def _refuses(shop: Trial) -> str:
    shop.new("Order", order_id="ada", quantity=2)
    _ask(shop, "ShipOrder", order_id="ada")
    shop.refusal("shipping an order that is shipped", lambda: shop.process("ShipOrder", order_id="ada"))
    events = shop.count("OrderShipped")
    shop.expect(
        events == 1, f"`ShipOrder` was asked twice for one order, and there are {events} `OrderShipped`."
    )
    return "the second `ShipOrder` was refused; still one `OrderShipped`"


# Place an order

_PLACE_BEGIN = (
    _ORDER.partition("@shop.event")[0]
    .replace("handle, invariant", "handle")
    .replace("from ddd_kit.exceptions import ValidationError\n", "")
    + """@shop.aggregate
class Order:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)
    status = String(default="PENDING")
"""
)


@point(
    "A request becomes an order",
    "Who makes the order? Not the one who asks.",
    "The handler takes what is in the command, makes an `Order` of it, and adds that to its repository.",
    "`order = Order(book_id=command.book_id, quantity=command.quantity)`, `shop.repository_for(Order).add(order)`",
)
def _becomes(shop: Trial) -> str:
    _command(shop, "PlaceOrder", "book_id", "quantity")
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
            answer == made.id,
            f"`PlaceOrder` was processed, and gave back {answer!r}. The `id` of the order is {made.id!r}.",
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


EXERCISES = (
    Exercise(
        name="ship-by-command",
        lesson="06-commands",
        title="Ship by command",
        minutes=5,
        task="""
An order can be shipped, and nobody can ask for it yet. Write

- a command `ShipOrder`, part of `Order`, with a required `order_id`,
- a command handler that ships this order.

Leave `Order` as it is.
""",
        starter=_ORDER + "\n\n# Your command and its handler:\n",
        solution=_ORDER
        + """

@shop.command(part_of=Order)
class ShipOrder:
    order_id = Identifier(required=True)


@shop.command_handler(part_of=Order)
class OrderDesk:
    @handle(ShipOrder)
    def ship(self, command):
        repository = shop.repository_for(Order)
        order = repository.get(command.order_id)
        order.ship_order()
        repository.add(order)
""",
        points=(_can_ask, _ships, _refuses),
        untested="which stream the command is on, and what happens for an order that there is not.",
    ),
    Exercise(
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
        starter=_PLACE_BEGIN + "\n\n# Your command and its handler:\n",
        solution=_PLACE_BEGIN
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
    ),
    CANCEL_ORDER,
)
