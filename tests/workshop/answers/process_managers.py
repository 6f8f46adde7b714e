"""Answers to the exercises on process managers."""

from tests.workshop.answers_of import Answers, Wrong, base

_SHIP = "shop.process(ShipOrder(order_id=self.order_id, address=self.address))"
_KEEP = "self.order_id = event.order_id\n        self.address = event.address"


def _manager(
    *,
    options: str = "aggregates=[Order, Payment, Parcel]",
    placed: str = _KEEP,
    paid: str = _SHIP,
    end: str = ", end=True",
) -> str:
    return (
        base("wait-for-payment")
        + f"""
@shop.process_manager({options})
class FromWishToParcel:
    order_id = Identifier()
    address = String()

    @handle(OrderPlaced, start=True, correlate="order_id")
    def begin(self, event):
        {placed}

    @handle(PaymentReceived, correlate="order_id")
    def paid(self, event):
        {paid}

    @handle(OrderShipped, correlate="order_id"{end})
    def over(self, event):
        pass
"""
    )


_WAITS_BY_LOOKING = (
    base("wait-for-payment")
    + """
@shop.process_manager(stream_categories=["order", "payment"])
class Watch:
    order_id = Identifier(identifier=True)

    @handle("OrderPlaced", start=True, correlate={"order_id": "order_id"})
    def note(self, event):
        self.order_id = event.order_id

    @handle("PaymentReceived", correlate={"order_id": "order_id"})
    def send(self, event):
        order = shop.repository_for(Order).get(self.order_id)
        shop.process(ShipOrder(order_id=order.id, address=order.address))
        self.mark_as_complete()
"""
)
_EVENT_HANDLER = (
    base("wait-for-payment")
    + """
@shop.event_handler(part_of=Parcel, stream_category="payment")
class ShipPaidOrders:
    @handle(PaymentReceived)
    def ship(self, event):
        order = shop.repository_for(Order).get(event.order_id)
        shop.process(ShipOrder(order_id=order.id, address=order.address))
"""
)
_PACKS = (
    "parcel = Parcel(order_id=self.order_id, address=self.address)\n"
    "        parcel.hand_over()\n"
    "        shop.repository_for(Parcel).add(parcel)"
)


def _correlated(placed: str, paid: str, shipped: str) -> str:
    return (
        base("two-orders-at-once")
        .replace('start=True, correlate="customer"', f"start=True, correlate={placed}")
        .replace('PaymentReceived, correlate="customer"', f"PaymentReceived, correlate={paid}")
        .replace('OrderShipped, correlate="customer"', f"OrderShipped, correlate={shipped}")
    )


_BY_REFERENCE = '{"order_id": "reference"}'
_ORDER = '"order_id"'
_LAST = base("two-orders-at-once").split("# Mend this:")[0]


def _patient(body: str, mark: str = "", fields: str = "failures = Integer(default=0)") -> str:
    lines = "\n".join(f"        {line}" for line in body.strip().splitlines())
    start = base("cancel-when-payment-fails").replace(
        "    address = String()\n\n    @handle(OrderPlaced,",
        f"    address = String()\n    {fields}\n\n    @handle(OrderPlaced,",
    )
    return f"""{start.rstrip()}

    @handle(PaymentFailed, correlate="order_id"{mark})
    def on_failure(self, event):
{lines}
"""


_COUNT = """
self.failures = self.failures + 1
if self.failures >= 2:
    shop.process(CancelOrder(order_id=event.order_id))
    self.mark_as_complete()
else:
    shop.process(AskAgain(order_id=event.order_id))
"""
_BY_STATUS = """
if self.status == "asked again":
    self.mark_as_complete()
    shop.process(CancelOrder(order_id=self.order_id))
    return
self.status = "asked again"
shop.process(AskAgain(order_id=self.order_id))
"""
_REACHES_IN = """
self.failures += 1
if self.failures == 1:
    shop.process(AskAgain(order_id=self.order_id))
else:
    order = shop.repository_for(Order).get(self.order_id)
    order.cancel()
    shop.repository_for(Order).add(order)
    self.mark_as_complete()
"""
_TOGETHER = """
failures.append(event.order_id)
if len(failures) % 2:
    shop.process(AskAgain(order_id=self.order_id))
else:
    shop.process(CancelOrder(order_id=self.order_id))
    self.mark_as_complete()
"""

ANSWERS = {
    "wait-for-payment": Answers(
        right=_manager(),
        alternative=_WAITS_BY_LOOKING,
        wrong=[
            Wrong(base("wait-for-payment"), "no process manager", "Who remembers"),
            Wrong(_EVENT_HANDLER, "an event handler, which remembers nothing", "two days ago"),
            Wrong(_manager(placed=f"{_KEEP}\n        {_SHIP}"), "none was paid", "before a parcel"),
            Wrong(_manager(options="aggregates=[Payment]"), "there are 0", "Who remembers"),
            Wrong(_manager(options="aggregates=[Order]"), "did not take `PaymentReceived`", "Whose events"),
            Wrong(_manager(paid="pass"), "sent no `ShipOrder`", "What should happen"),
            Wrong(_manager(placed="self.order_id = event.order_id"), "address", "Which event knows"),
            Wrong(
                _manager(paid=_SHIP.replace("self.address", "event.address")), "address", "Which event knows"
            ),
            Wrong(_manager(paid=_PACKS), "without asking the packing table", "how a parcel is packed"),
            Wrong(_manager(end=""), "2 parcels left", "second time"),
        ],
    ),
    "two-orders-at-once": Answers(
        right=_correlated(_ORDER, _BY_REFERENCE, _ORDER),
        alternative=_LAST
        + """
@shop.process_manager(aggregates=["Order", "Payment"])
class OneOrder:
    address = String()
    customer = String()
    id = Identifier(identifier=True)

    @handle(OrderPlaced, start=True, correlate={"id": "order_id"})
    def begin(self, event):
        self.customer, self.address = event.customer, event.address

    @handle(PaymentReceived, correlate={"id": "reference"})
    def send(self, event):
        shop.process(ShipOrder(customer=self.customer, order_id=self.id, address=self.address))
        self.mark_as_complete()
""",
        wrong=[
            Wrong(base("two-orders-at-once"), "there is one process, “Ada”", "in common"),
            Wrong(_correlated(_ORDER, '"customer"', _ORDER), "no parcel left", "Which field"),
            Wrong(_correlated(_ORDER, _BY_REFERENCE, '"customer"'), "not complete", "Which event tells"),
            Wrong(_correlated('"address"', _BY_REFERENCE, _ORDER), "no parcel left", "Which field"),
            Wrong(_LAST, "no process manager", "in common"),
        ],
    ),
    "cancel-when-payment-fails": Answers(
        right=_patient(_COUNT),
        alternative=_patient(_BY_STATUS, fields='status = String(default="new")'),
        wrong=[
            Wrong(base("cancel-when-payment-fails"), "did not take `PaymentFailed`", "friendly shop"),
            Wrong(
                _patient("shop.process(CancelOrder(order_id=self.order_id))\nself.mark_as_complete()"),
                "the orders were cancelled",
                "How often",
            ),
            Wrong(_patient(_COUNT, ", end=True"), "is over already", "which failure"),
            Wrong(
                _patient("shop.process(AskAgain(order_id=self.order_id))"), "order is “placed”", "second time"
            ),
            Wrong(
                _patient(_COUNT.replace("    self.mark_as_complete()\n", "")), "a parcel left", "a day later"
            ),
            Wrong(_patient(_REACHES_IN), "not by a `CancelOrder`", "Who decides"),
            Wrong("failures = []\n" + _patient(_TOGETHER), "both together", "Whose failures"),
        ],
    ),
}
