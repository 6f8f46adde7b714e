"""An exercise on correlation: two orders of one customer."""

from __future__ import annotations

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.paid_and_sent import (
    FULFILMENT,
    IMPORTS,
    LESSON,
    PARCELS,
    managers,
    packed_by_itself,
    parcels,
    place,
    running,
    silence,
)
from ddd_kit.workshop.trial import Trial

_PARCELS = (
    PARCELS.replace(
        "class OrderShipped:\n    order_id",
        "class OrderShipped:\n    customer = String(required=True)\n    order_id",
    )
    .replace(
        "OrderShipped(order_id=self.order_id)", "OrderShipped(order_id=self.order_id, customer=self.customer)"
    )
    .replace(
        "class Parcel:\n    order_id", "class Parcel:\n    customer = String(required=True)\n    order_id"
    )
    .replace(
        "class ShipOrder:\n    order_id",
        "class ShipOrder:\n    customer = String(required=True)\n    order_id",
    )
    .replace(
        "        parcel = Parcel(order_id=command.order_id, address=command.address)\n",
        "        parcel = Parcel(customer=command.customer, order_id=command.order_id, address=command.address)\n",
    )
)
_SHOP = (
    IMPORTS
    + """

@shop.event(part_of="Order")
class OrderPlaced:
    order_id = Identifier(required=True)
    customer = String(required=True)
    address = String(required=True)


@shop.aggregate
class Order:
    customer = String(required=True)
    address = String(required=True)

    def place(self):
        self.raise_(OrderPlaced(order_id=self.id, customer=self.customer, address=self.address))


@shop.event(part_of="Payment")
class PaymentReceived:
    customer = String(required=True)
    reference = Identifier(required=True)  # what the bank calls the id of an order


@shop.aggregate
class Payment:
    customer = String(required=True)
    reference = Identifier(required=True)

    def receive(self):
        self.raise_(PaymentReceived(customer=self.customer, reference=self.reference))
"""
    + _PARCELS
)
_FULFILMENT = (
    FULFILMENT.replace(
        "    order_id = Identifier()\n", "    customer = String()\n    order_id = Identifier()\n"
    )
    .replace(
        "        self.order_id = event.order_id\n",
        "        self.customer = event.customer\n        self.order_id = event.order_id\n",
    )
    .replace(
        "shop.process(ShipOrder(order_id=self.order_id, address=self.address))",
        "shop.process(ShipOrder(customer=self.customer, order_id=self.order_id, address=self.address))",
    )
)
_BY_CUSTOMER = _FULFILMENT.replace('correlate="order_id"', 'correlate="customer"')
_BY_ORDER = _FULFILMENT.replace(
    'PaymentReceived, correlate="order_id"', 'PaymentReceived, correlate={"order_id": "reference"}'
)


def _pay(shop: Trial, order_id: str) -> None:
    shop.act(shop.new("Payment", id=f"for-{order_id}", reference=order_id, customer="Ada"), "receive")


def _two(shop: Trial) -> None:
    """Ada places two orders."""
    for order_id in ("ada-1", "ada-2"):
        place(shop, order_id, customer="Ada")


@point(
    "Two orders of one customer are two processes",
    "What do the two orders of Ada have in common, and what not?",
    "`correlate` names the field of the event by which its process is found. Customers come back; which field is "
    "never the same for two orders?",
    '`@handle(OrderPlaced, start=True, correlate="order_id")`',
)
def _two_processes(shop: Trial) -> str:
    if not managers(shop):
        raise NotYet(
            "There is no process manager in the model any more: that part was there already.", stops=True
        )
    _two(shop)
    begun = running(shop)
    if len(begun) == 1:
        raise NotYet(
            f"Ada placed two orders, and there is one process, “{begun[0].id}”: the second order was heard by the "
            "process of the first, which now remembers the second."
        )
    shop.expect(
        len(begun) == 2, f"Ada placed two orders, and there are {len(begun)} processes. It should be two."
    )
    return "Ada placed two orders: two processes"


@point(
    "The money for the one sends the one",
    "Which field of `PaymentReceived` says for which order the money is?",
    "The bank has another name for it, `reference`. `correlate` may say that the one is the other.",
    '`@handle(PaymentReceived, correlate={"order_id": "reference"})`: the field here, and the one of the event',
)
def _the_one(shop: Trial) -> str:
    _two(shop)
    _pay(shop, "ada-1")
    sent = parcels(shop)
    packed_by_itself(shop, sent)
    if not sent:
        raise NotYet(
            "Ada placed the orders ada-1 and ada-2, the money for ada-1 came, and no parcel left. "
            + ("" if shop.ran("PaymentReceived") else silence(shop, "PaymentReceived"))
        )
    shop.expect(
        sent == {"ada-1": ["12 Hill Street"]},
        "Ada placed the orders ada-1, to 12 Hill Street, and ada-2, to the office. The money for ada-1 came, and what "
        f"left the shop is {_seen(sent)}.",
    )
    return "ada-1 was paid and left; ada-2 still waits"


@point(
    "The second may be paid first, and both come to an end",
    "Both parcels have left. Which event tells the processes, and how does it find them?",
    "Each method of the process manager has a `correlate`, that of `OrderShipped` too.",
    '`@handle(OrderShipped, correlate="order_id", end=True)`',
)
def _both(shop: Trial) -> str:
    _two(shop)
    for order_id in ("ada-2", "ada-1"):
        _pay(shop, order_id)
    sent = parcels(shop)
    shop.expect(
        sent == {"ada-1": ["12 Hill Street"], "ada-2": ["the office"]},
        "Ada placed the orders ada-1, to 12 Hill Street, and ada-2, to the office, and paid the second first. What left "
        f"the shop is {_seen(sent)}.",
    )
    waits = [str(each) for each in running(shop) if not each.complete]
    shop.expect(
        not waits,
        f"Both parcels have left, and there are processes that are not complete: {'; '.join(waits)}.",
    )
    return "two parcels, each to its address; both processes are complete"


def _seen(sent: dict[str, list[str]]) -> str:
    return ", ".join(f"{order_id} to {' and '.join(to)}" for order_id, to in sent.items()) or "nothing"


TWO_ORDERS = Exercise(
    name="two-orders-at-once",
    lesson=LESSON,
    title="Two orders at once",
    minutes=6,
    task="""
Here is a shop that works, as long as nobody places two orders. Ada does: `ada-1` to her home and `ada-2` to the office. She pays the
first, and the second is sent. Mend the process manager, so that each order has a process of its own. The bank sends the id of
the order too, and calls it `reference`. Leave events, commands and aggregates as they are.
""",
    starter=_SHOP + "\n\n# Mend this:" + _BY_CUSTOMER.replace("\n\n", "\n", 1),
    solution=_SHOP + _BY_ORDER,
    points=(_two_processes, _the_one, _both),
    untested="what happens when the bank sends a reference that there is not.",
)
