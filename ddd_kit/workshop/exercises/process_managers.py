"""Exercises of the notebook on process managers."""

from __future__ import annotations

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.paid_and_sent import (
    FULFILMENT,
    IMPORTS,
    LESSON,
    MANAGER,
    ORDERS,
    PARCELS,
    PAYMENTS,
    managers,
    packed_by_itself,
    parcels,
    place,
    running,
    silence,
)
from ddd_kit.workshop.exercises.payment_fails import CANCEL
from ddd_kit.workshop.exercises.two_orders import TWO_ORDERS
from ddd_kit.workshop.trial import Trial


def _pay(shop: Trial, order_id: str) -> None:
    payment = shop.new("Payment", id=f"payment-{len(shop.all('Payment')) + 1}", order_id=order_id)
    try:
        shop.act(payment, "receive")
    except NotYet as stopped:
        if isinstance(stopped.__cause__, AttributeError) and "address" in str(stopped.__cause__):
            raise NotYet(stopped.why, _REMEMBER) from stopped.__cause__
        if "address" in getattr(stopped.__cause__, "messages", {}):
            raise NotYet(stopped.why, _REMEMBER) from stopped.__cause__
        raise


@point(
    "With each order a process begins",
    "Who remembers an order from the day when it is placed to the day when it is paid?",
    "Write a process manager. The method that takes `OrderPlaced` begins a process, and says by which field it is found.",
    "`@shop.process_manager(aggregates=[Order, Payment, Parcel])` above a class, and in it a method with "
    '`@handle(OrderPlaced, start=True, correlate="order_id")`',
)
def _begins(shop: Trial) -> str:
    if not managers(shop):
        others = [each.name for each in shop.of_kind()]
        more = f" `{others[0]}` is an event handler, which remembers nothing." if others else ""
        raise NotYet(f"There is no {MANAGER} in the model.{more}", _FORGETS if others else None, stops=True)
    for order_id in ("ada-1", "ben-1"):
        place(shop, order_id)
    sent = parcels(shop)
    if sent:
        raise NotYet(
            f"Two orders were placed and none was paid, and {sum(map(len, sent.values()))} parcels left the shop.",
            _TOO_EARLY,
        )
    begun = len(running(shop))
    why = "" if begun else " " + silence(shop, "OrderPlaced")
    shop.expect(
        begun == 2, f"Two orders were placed, and there should be two processes; there are {begun}.{why}"
    )
    return "two orders placed, two processes, and no parcel yet"


@point(
    "When the money is there, the parcel goes to the right address",
    "What should happen when `PaymentReceived` comes, and who does it?",
    "A second method takes `PaymentReceived` and sends the command `ShipOrder`. What it needs for that was in "
    "`OrderPlaced`.",
    '`@handle(PaymentReceived, correlate="order_id")`, and in it `shop.process(ShipOrder(order_id=self.order_id, '
    "address=self.address))`; the first method has to keep both.",
)
def _sent(shop: Trial) -> str:
    for order_id in ("ada-1", "ben-1"):
        place(shop, order_id)
    elsewhere = shop.another()
    there = elsewhere.make("Order", id="ada-1", address="9 Far Road")
    elsewhere.call(there, "place")
    elsewhere.save(there)
    _pay(shop, "ada-1")
    sent = parcels(shop)
    packed_by_itself(shop, sent)
    if sent.get("ada-1") == ["9 Far Road"]:
        raise NotYet(
            "ada-1 (12 Hill Street) was paid, and its parcel went to 9 Far Road: that is the address of an “ada-1” in "
            "another world.",
            _OUTSIDE,
        )
    if not sent:
        took = [each for each in shop.ran("PaymentReceived") if each.handler in managers(shop)]
        if took:
            raise NotYet(
                f"An order was paid, and no parcel was packed. `{took[0].handler}.{took[0].method}` ran, and sent no "
                "`ShipOrder`."
            )
        raise NotYet(
            f"An order was paid, and no parcel was packed. {silence(shop, 'PaymentReceived')}", _LISTEN
        )
    if sent != {"ada-1": ["12 Hill Street"]}:
        seen = ", ".join(f"{order_id} to {', '.join(to)}" for order_id, to in sent.items())
        raise NotYet(
            "Two orders were placed, of ada-1 (12 Hill Street) and ben-1 (3 Mill Lane), and ada-1 was paid. What left "
            f"the shop: {seen}.",
            _REMEMBER,
        )
    return "ada-1 paid, its parcel to 12 Hill Street; ben-1 still waits"


@point(
    "When the parcel has left, the process is over",
    "The same money comes a second time. What does your process do?",
    "A process hears nothing more once it is complete. With which event is it?",
    '`@handle(OrderShipped, correlate="order_id", end=True)`, above a method that may do nothing',
)
def _over(shop: Trial) -> str:
    place(shop, "ada-1")
    for _ in range(2):
        _pay(shop, "ada-1")
    sent = len(parcels(shop).get("ada-1", []))
    shop.expect(
        sent == 1,
        f"An order was paid, and its money came a second time: {sent} parcels left. It should be one.",
    )
    waits = [each for each in running(shop) if not each.complete]
    shop.expect(
        not waits,
        f"The parcel has left, and the process is not complete: {waits[0]}." if waits else "",
    )
    return "paid twice, one parcel; the process is complete"


_FORGETS = (
    "What can an event handler know of an event that came two days ago?",
    "Something has to keep the address from `OrderPlaced` until `PaymentReceived` comes: a class with fields.",
    "`@shop.process_manager(aggregates=[Order, Payment, Parcel])` in the place of `@shop.event_handler(...)`",
)
_TOO_EARLY = (
    "What has to be there before a parcel is packed?",
    "In the method for `OrderPlaced`, only remember. `ShipOrder` belongs into the one for `PaymentReceived`.",
    'Move `shop.process(ShipOrder(...))` into the method with `@handle(PaymentReceived, correlate="order_id")`.',
)
_REMEMBER = (
    "Which event knows the address, and which one does not?",
    "`PaymentReceived` has no address. What the process needs later, it has to keep in a field of its own.",
    "A field `address = String()`; `self.address = event.address` at `OrderPlaced`, `self.address` at the money",
)
_OUTSIDE = (
    "Where is the address kept, from one event to the next?",
    "A variable of Python, or of the class, is one for all worlds, and is gone when the kernel restarts. Fields are saved.",
    "A field `address = String()` of the process manager; `self.address = event.address`",
)
_LISTEN = (
    "Whose events does your process manager hear?",
    "`PaymentReceived` is raised by `Payment`. A process manager names all aggregates that it listens to.",
    '`aggregates=[Order, Payment, Parcel]`, and a method with `@handle(PaymentReceived, correlate="order_id")`',
)

_WAIT = Exercise(
    name="wait-for-payment",
    lesson=LESSON,
    title="Wait for the money, then ship",
    minutes=8,
    task="""
Orders are placed, payments come, parcels are packed, and nobody brings the three together. Write a process manager: an order that
is placed waits until its `PaymentReceived` comes; then `ShipOrder` is sent, with the address of the order. Once
`OrderShipped` is there, the process is over. Leave the rest as it is.
""",
    starter=IMPORTS + ORDERS + PAYMENTS + PARCELS + "\n\n# Your process manager:\n",
    solution=IMPORTS + ORDERS + PAYMENTS + PARCELS + FULFILMENT,
    points=(_begins, _sent, _over),
    untested="what happens when the money comes before the order.",
)

EXERCISES = (_WAIT, TWO_ORDERS, CANCEL)
