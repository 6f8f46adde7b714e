"""Exercises of the notebook on commands."""

from __future__ import annotations

from typing import Any

from ddd_kit.exceptions import ObjectNotFoundError
from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.cancelling import CANCEL_ORDER
from ddd_kit.workshop.exercises.placing import PLACE_ORDER
from ddd_kit.workshop.exercises.taking_commands import taken
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


@point(
    "One can ask for it",
    "What is a request, in a model? A class too, with what it is about in its fields.",
    "Write a class `ShipOrder` with `@shop.command(part_of=Order)`, and a class with `@shop.command_handler(part_of=Order)`.",
    "`order_id = Identifier(required=True)` is all that `ShipOrder` has. In the handler a method with `@handle(ShipOrder)`.",
)
def _can_ask(shop: Trial) -> str:
    taken(shop, "ShipOrder", "order_id")
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
    PLACE_ORDER,
    CANCEL_ORDER,
)
