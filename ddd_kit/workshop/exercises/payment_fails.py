"""An exercise on a process that comes to another end: the payment fails."""

from __future__ import annotations

from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.paid_and_sent import (
    FULFILMENT,
    IMPORTS,
    LESSON,
    ORDERS,
    PARCELS,
    PAYMENTS,
    managers,
    parcels,
    place,
    running,
    sent_by,
    silence,
)
from ddd_kit.workshop.trial import Trial

_SHOP = (
    IMPORTS.replace("Identifier, String", "Identifier, Integer, String")
    + ORDERS
    + """
    def cancel(self):
        self.status = "cancelled"


@shop.command(part_of=Order)
class CancelOrder:
    order_id = Identifier(required=True)


@shop.command_handler(part_of=Order)
class OrderDesk:
    @handle(CancelOrder)
    def cancel(self, command):
        order = shop.repository_for(Order).get(command.order_id)
        order.cancel()
        shop.repository_for(Order).add(order)
"""
    + PAYMENTS.replace(
        "\n\n@shop.aggregate\n",
        '\n\n@shop.event(part_of="Payment")\nclass PaymentFailed:\n    order_id = Identifier(required=True)\n'
        "\n\n@shop.aggregate\n",
    ).replace(
        "    order_id = Identifier(required=True)\n\n    def",
        "    order_id = Identifier(required=True)\n    asked = Integer(default=1)\n\n    def",
    )
    + """
    def fail(self):
        self.raise_(PaymentFailed(order_id=self.order_id))


@shop.command(part_of=Payment)
class AskAgain:
    order_id = Identifier(required=True)


@shop.command_handler(part_of=Payment)
class Till:
    @handle(AskAgain)
    def ask(self, command):
        payment = shop.repository_for(Payment).find_by(order_id=command.order_id)
        payment.asked += 1
        shop.repository_for(Payment).add(payment)
"""
    + PARCELS
)

_PATIENT = (
    FULFILMENT.replace(
        "    address = String()\n", "    address = String()\n    failures = Integer(default=0)\n"
    )
    + """
    @handle(PaymentFailed, correlate="order_id")
    def lose_patience(self, event):
        self.failures += 1
        if self.failures == 1:
            shop.process(AskAgain(order_id=self.order_id))
        else:
            shop.process(CancelOrder(order_id=self.order_id))
            self.mark_as_complete()
"""
)


def _begin(shop: Trial, *order_ids: str) -> list[Any]:
    """Place orders, and open a payment for each."""
    if not managers(shop):
        raise NotYet(
            "There is no process manager in the model any more: that part was there already.", stops=True
        )
    for order_id in order_ids:
        place(shop, order_id)
    return [shop.new("Payment", id=f"for-{order_id}", order_id=order_id) for order_id in order_ids]


def _status(shop: Trial, order_id: str) -> str:
    return str(shop.one("Order", id=order_id).status)


@point(
    "A payment that fails once is asked for again",
    "A card fails. What does a friendly shop do first?",
    "The process manager needs a method for `PaymentFailed`, which sends the command `AskAgain`.",
    '`@handle(PaymentFailed, correlate="order_id")`, and in it `shop.process(AskAgain(order_id=self.order_id))`',
)
def _once(shop: Trial) -> str:
    payments = _begin(shop, "ada-1", "ben-1")
    for payment in payments:
        shop.act(payment, "fail")
    asked, cancelled = len(sent_by(shop, "AskAgain")), len(sent_by(shop, "CancelOrder"))
    if not asked and not cancelled and not shop.ran("PaymentFailed"):
        raise NotYet(f"The payments of two orders failed once each. {silence(shop, 'PaymentFailed')}")
    if cancelled == 1:
        raise NotYet(
            "The payments of ada-1 and ben-1 failed once each, and one of the orders was cancelled. What failed before "
            "was counted for both together.",
            _EACH_ITS_OWN,
        )
    if cancelled or "cancelled" in (_status(shop, "ada-1"), _status(shop, "ben-1")):
        raise NotYet("The payments of two orders failed once each, and the orders were cancelled.", _PATIENCE)
    shop.expect(
        asked == 2,
        f"The payments of two orders failed once each, and `AskAgain` was sent {asked} times. It should be twice.",
    )
    over = [str(each) for each in running(shop) if each.complete]
    shop.expect(
        not over,
        f"The payments failed once, and the process is over already ({'; '.join(over)}), so that nobody hears of it when "
        "the money comes.",
        _NOT_YET_OVER,
    )
    return "two orders, one failure each: asked again, twice, and nothing cancelled"


@point(
    "The second time, the order is cancelled",
    "How does the process know that it is the second time?",
    "It has fields. Count the failures in one of them, and send `CancelOrder` when it is the second.",
    "`failures = Integer(default=0)`; `self.failures += 1` and `if self.failures == 1:` ask again, `else:` "
    "`shop.process(CancelOrder(order_id=self.order_id))`",
)
def _twice(shop: Trial) -> str:
    (payment,) = _begin(shop, "ada-1")
    for _ in range(2):
        shop.act(payment, "fail")
    asked, senders = len(sent_by(shop, "AskAgain")), sent_by(shop, "CancelOrder")
    status = _status(shop, "ada-1")
    if status == "cancelled" and not any(sender in managers(shop) for sender in senders):
        raise NotYet(
            "The payment failed twice, and the order was cancelled, but not by a `CancelOrder` of the process manager.",
            _BY_COMMAND,
        )
    shop.expect(
        status == "cancelled",
        f"The payment of an order failed twice, and the order is “{status}”. `AskAgain` was sent {asked} times, "
        f"`CancelOrder` {len(senders)} times.",
    )
    shop.expect(
        asked == 1,
        f"The payment of an order failed twice, and `AskAgain` was sent {asked} times. It should be once, the first time.",
        None if asked else _EACH_ITS_OWN,
    )
    return "failed twice: asked again once, then cancelled"


@point(
    "A cancelled order is over, even if money comes",
    "The order is cancelled, and a day later the money comes after all. What will be sent?",
    "`end=True` would end the process with the first failure. It has another way to say that it is over.",
    "`self.mark_as_complete()`, after `CancelOrder`",
)
def _over(shop: Trial) -> str:
    (payment,) = _begin(shop, "ada-1")
    for what in ("fail", "fail", "receive"):
        shop.act(payment, what)
    shop.expect(
        not parcels(shop),
        f"The payment failed twice, then the money came, and a parcel left the shop for an order that is "
        f"“{_status(shop, 'ada-1')}”.",
    )
    waits = [str(each) for each in running(shop) if not each.complete]
    shop.expect(not waits, f"The order is cancelled, and its process still waits: {'; '.join(waits)}.")
    return "cancelled, and money that comes later sends nothing"


@point(
    "Who pays at the second try gets the parcel",
    "The card failed once and works now. Does your process still know what to do?",
    "After `AskAgain` the process has to go on hearing `PaymentReceived`.",
    "Leave the method of `PaymentReceived` as it was, and complete the process in the second failure only.",
)
def _second_try(shop: Trial) -> str:
    (payment,) = _begin(shop, "ada-1")
    for what in ("fail", "receive"):
        shop.act(payment, what)
    sent = parcels(shop)
    shop.expect(
        sent == {"ada-1": ["12 Hill Street"]},
        f"The payment failed once, then the money came, and {sum(map(len, sent.values()))} parcels left. It should be "
        "one, to 12 Hill Street.",
    )
    shop.expect(
        _status(shop, "ada-1") == "placed", f"The parcel left, and the order is “{_status(shop, 'ada-1')}”."
    )
    return "failed once, then paid: one parcel"


_PATIENCE = (
    "How often has it failed so far?",
    "The first time, the shop asks again. The process has to remember that it did.",
    "A field, as `failures = Integer(default=0)`, and `CancelOrder` only when it is 2",
)
_EACH_ITS_OWN = (
    "Whose failures does your process count?",
    "A variable outside of the class, or on the class, is one for all orders. Where does each process keep what is its own?",
    "A field of the process manager: `failures = Integer(default=0)`, and `self.failures += 1`",
)
_NOT_YET_OVER = (
    "With which failure does the process end?",
    "`end=True` ends it each time, after the method ran. Here it depends on what the process remembers.",
    "No `end=True` at `PaymentFailed`, and `self.mark_as_complete()` after `CancelOrder`",
)
_BY_COMMAND = (
    "Who decides whether an order can be cancelled?",
    "A process manager does not change an order. It asks for it by a command, and the order desk sees to it.",
    "`shop.process(CancelOrder(order_id=self.order_id))`",
)

CANCEL = Exercise(
    name="cancel-when-payment-fails",
    lesson=LESSON,
    title="Cancel when the payment fails",
    minutes=10,
    task="""
Now a payment may fail, and `PaymentFailed` says so. The first time, the process manager should send `AskAgain`. The second time it should
send `CancelOrder`, and the process is over: money that comes later sends no parcel. Leave the rest as it is.
""",
    starter=_SHOP + "\n\n# Change this:" + FULFILMENT.replace("\n\n", "\n", 1),
    solution=_SHOP + _PATIENT,
    points=(_once, _twice, _over, _second_try),
    untested="what becomes of the money that comes too late.",
)
