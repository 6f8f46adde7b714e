"""The exercise on cancelling an order, of the notebook on commands."""

from __future__ import annotations

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.trial import Trial

_ORDER = """
from ddd_kit import Domain, handle, invariant
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Identifier, Integer, String

shop = Domain(name="Shop")


@shop.event(part_of="Order")
class OrderCancelled:
    order_id = Identifier(required=True)


@shop.aggregate
class Order:
    order_id = Identifier(identifier=True)
    quantity = Integer(required=True)
    status = String(default="PENDING")

    def ship_order(self):
        self.status = "SHIPPED"
"""
_DESK = """

@shop.command(part_of="Order")
class CancelOrder:
    order_id = Identifier(required=True)


@shop.command_handler(part_of=Order)
class OrderDesk:
    @handle(CancelOrder)
    def cancel(self, command):
        repository = shop.repository_for(Order)
        order = repository.get(command.order_id)
        order.cancel_order()
        repository.add(order)
"""


@point(
    "A pending order can be cancelled",
    "The desk asks the order to cancel itself. Can it?",
    "Write the method `cancel_order` in `Order`. It changes the status, and tells about it.",
    '`self.status = "CANCELLED"`, then `self.raise_(OrderCancelled(order_id=self.order_id))`',
)
def _cancels(shop: Trial) -> str:
    order = shop.new("Order", order_id="ada", quantity=2)
    shop.process("CancelOrder", order_id="ada")
    status = shop.stored(order).status
    shop.expect(
        status == "CANCELLED",
        f"A pending order was cancelled by `CancelOrder`, and its status is {status!r}, not 'CANCELLED'.",
    )
    events = shop.events("OrderCancelled")
    shop.expect(
        len(events) == 1,
        f"An order was cancelled, and there are {len(events)} `OrderCancelled`; there should be one.",
        _TELL,
    )
    told = shop.values(events[0])["order_id"]
    shop.expect(told == "ada", f"The order “ada” was cancelled, and the event is about “{told}”.", _TELL)
    other = shop.new("Order", order_id="ben", quantity=1)
    shop.process("CancelOrder", order_id="ben")
    status, about = (
        shop.stored(other).status,
        [shop.values(each)["order_id"] for each in shop.events("OrderCancelled")],
    )
    shop.expect(
        (status, about) == ("CANCELLED", ["ada", "ben"]),
        f"Then the order “ben” was cancelled: its status is {status!r}, and the events are about {', '.join(about)}.",
        _TELL,
    )
    return "PENDING became CANCELLED, and there is one `OrderCancelled` of each order"


_TELL = (
    "How does the rest of the shop hear that the order was cancelled?",
    "There is an event for it: `OrderCancelled`. The order raises it, once, when it is cancelled.",
    "`self.raise_(OrderCancelled(order_id=self.order_id))` in `cancel_order`",
)


@point(
    "Shipping still works",
    "Which orders does your rule refuse?",
    "The rule is about cancelling. An order that is pending may become SHIPPED as before.",
    "Check in `cancel_order` only, or with `@invariant.pre`, which is asked before a change.",
)
def _still_ships(shop: Trial) -> str:
    order = shop.act(shop.new("Order", order_id="ada", quantity=2), "ship_order")
    status = shop.stored(order).status
    shop.expect(status == "SHIPPED", f"After `ship_order()` the status is {status!r}, not 'SHIPPED'.")
    return "PENDING became SHIPPED"


@point(
    "A shipped order cannot be cancelled",
    "The parcel is on its way. Who knows that?",
    "The order knows its status. Where it does not fit, raise `ValidationError`.",
    'At the start of `cancel_order`: `if self.status == "SHIPPED": raise ValidationError({"status": ["is SHIPPED"]})`',
)
def _not_shipped(shop: Trial) -> str:
    order = shop.act(shop.new("Order", order_id="ada", quantity=2), "ship_order")
    try:
        shop.refusal(
            "cancelling an order that is shipped", lambda: shop.process("CancelOrder", order_id="ada")
        )
    except NotYet as found:
        status, events = shop.stored(order).status, shop.count("OrderCancelled")
        if found.__cause__ is None and status == "SHIPPED" and not events:
            why = f"{found} It is still SHIPPED, but who asked was told nothing."
            raise NotYet(why, _SAY_NO) from found
        raise
    _unchanged(shop, order)
    return "`CancelOrder` for a shipped order was refused; it is SHIPPED, and nobody was told otherwise"


def _unchanged(shop: Trial, order: object) -> None:
    status, events = shop.stored(order).status, shop.count("OrderCancelled")
    shop.expect(
        (status, events) == ("SHIPPED", 0),
        f"Cancelling a shipped order was refused, and yet the order is {status}, with {events} `OrderCancelled`.",
    )


_SAY_NO = (
    "What does the one who asked see?",
    "To do nothing is no answer. A rule that is broken raises an error, and who asked gets it.",
    '`raise ValidationError({"status": ["is SHIPPED"]})` in the place of `return`, or of the `if` around it all',
)


@point(
    "Whoever asks",
    "The desk is not the only one who may call `cancel_order`. Who keeps the rule then?",
    "A rule in the handler holds for those who come by command. What an order may do, the order has to know itself.",
    "Move the `if` with its `raise` from the handler into `Order.cancel_order`.",
)
def _whoever(shop: Trial) -> str:
    order = shop.act(shop.new("Order", order_id="ada", quantity=2), "ship_order")
    shop.refusal(
        "`order.cancel_order()` on a shipped order, without the desk,",
        lambda: shop.act(order, "cancel_order"),
    )
    _unchanged(shop, order)
    return "`order.cancel_order()` on a shipped order was refused by the order itself"


CANCEL_ORDER = Exercise(
    name="cancel-order",
    lesson="06-commands",
    title="Cancel, but only what is not shipped",
    minutes=5,
    task="""
The desk takes `CancelOrder`, and calls `cancel_order()`, which is missing. Write it:

- The order's status becomes `"CANCELLED"`, and it raises `OrderCancelled` with its `order_id`.
- A shipped order is not cancelled. Who asks for it gets a `ValidationError`, whether by the command or by calling `cancel_order()`.
""",
    starter=_ORDER + "\n    # Your method cancel_order(self):\n" + _DESK,
    solution=_ORDER
    + """
    def cancel_order(self):
        if self.status == "SHIPPED":
            raise ValidationError({"status": ["is SHIPPED, and cannot be cancelled"]})
        self.status = "CANCELLED"
        self.raise_(OrderCancelled(order_id=self.order_id))
"""
    + _DESK,
    points=(_cancels, _still_ships, _not_shipped, _whoever),
    untested="an order that is cancelled twice, and one that is shipped after it was cancelled.",
)
