"""An exercise of the notebook on projections: a list gets a field more, and is rebuilt for the old days."""

from __future__ import annotations

from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.projections import LESSON, listens, rebuilt
from ddd_kit.workshop.trial import Trial

_MODEL = """
from ddd_kit import Domain, on
from ddd_kit.fields import Identifier, Integer, String

shop = Domain(name="Shop")


@shop.event(part_of="Order")
class OrderPlaced:
    order_id = Identifier(required=True)
    customer = String(required=True)
    total_amount = Integer(required=True)


@shop.event(part_of="Order")
class VoucherTaken:  # so much less is to be paid
    order_id = Identifier(required=True)
    amount = Integer(required=True)


@shop.aggregate
class Order:
    customer = String(required=True)
    total_amount = Integer(required=True)

    @classmethod
    def place(cls, customer, total_amount):
        order = cls(customer=customer, total_amount=total_amount)
        told = {"customer": customer, "total_amount": total_amount}
        order.raise_(OrderPlaced(order_id=order.id, **told))
        return order

    def take_voucher(self, amount):
        self.total_amount -= amount
        self.raise_(VoucherTaken(order_id=self.id, amount=amount))


@shop.projection
class OrderList:
    order_id = Identifier(identifier=True)
    customer = String(){field}


@shop.projector(projector_for=OrderList, aggregates=[Order])
class WriteOrderList:
    @on(OrderPlaced)
    def add_line(self, event):
        lines = shop.repository_for(OrderList)
        lines.add(OrderList(order_id=event.order_id, customer=event.customer{value}))
"""
_VOUCHER = """
    @on(VoucherTaken)
    def take_off(self, event):
        lines = shop.repository_for(OrderList)
        line = lines.get(event.order_id)
        line.total -= event.amount
        lines.add(line)
"""


def _placed(shop: Trial, customer: str, total: int, *vouchers: int) -> Any:
    listens(shop, "OrderList")
    shop.fields("OrderList", "order_id", "customer", "total")
    cls: Any = shop.element("aggregate", "Order").cls
    order = shop.save(shop.run(f"`Order.place('{customer}', {total})`", lambda: cls.place(customer, total)))
    for amount in vouchers:
        shop.act(order, "take_voucher", amount)
    return order


def _totals(shop: Trial) -> dict[str, Any]:
    return {each.customer: each.total for each in shop.all("OrderList")}


@point(
    "The list has the total of an order",
    "Two places have to know of the new field. Which?",
    "`OrderList` gets the field, and `add_line` fills it in.",
    "`total = Integer()` in `OrderList`, and `total=event.total_amount` where the line is made",
)
def _has_total(shop: Trial) -> str:
    _placed(shop, "Ada", 30)
    found = _totals(shop)
    shop.expect(
        found == {"Ada": 30},
        f"Ada's order is 30 euros. On the list stands: {_told(found)}.",
    )
    return "an order of 30 euros, 30 on the list"


@point(
    "A voucher makes it less",
    "What happens to an order after it was placed, that changes what is to be paid?",
    "`VoucherTaken` is not heard yet. Its line is there already: load it, change it, save it.",
    "`@on(VoucherTaken)`, and a method that takes `event.amount` off `line.total`",
)
def _less(shop: Trial) -> str:
    _placed(shop, "Ada", 30, 5)
    _placed(shop, "Ben", 12)
    found = _totals(shop)
    shop.expect(
        found == {"Ada": 25, "Ben": 12},
        f"Ada's order is 30 euros, less a voucher of 5; Ben's is 12. On the list stands: {_told(found)}.",
    )
    return "30 less a voucher of 5: 25; another order of 12: 12"


@point(
    "Rebuilt, it says the same",
    "When the list is made anew, the orders are as they are today. Were they so when the event was raised?",
    "A projector has to take all it needs from the events, and nothing from what an order says today.",
    "`event.total_amount` and `event.amount`; `shop.repository_for(Order)` has no place in a projector.",
)
def _same_again(shop: Trial) -> str:
    _placed(shop, "Ada", 30, 5, 2)
    _placed(shop, "Ben", 12)
    before = _totals(shop)
    result = rebuilt(shop, "OrderList")
    after = _totals(shop)
    shop.expect(
        after == before,
        f"Before rebuilding stands on the list: {_told(before)}. After it: {_told(after)}. It follows from the same events.",
    )
    shop.expect(
        after == {"Ada": 23, "Ben": 12},
        f"Ada's order is 30 euros, less vouchers of 5 and 2; Ben's is 12. After rebuilding stands on the list: {_told(after)}.",
    )
    return f"{result.events_dispatched} events were heard again: Ada 23, Ben 12"


@point(
    "It does so when an order is gone, too",
    "An order was deleted, and its events are kept. What can a projector know of it?",
    "Somebody asks the repository of orders, and there is no such order any more.",
    "All that `OrderList` needs is in the events: `event.total_amount` and `event.amount`.",
)
def _without_order(shop: Trial) -> str:
    order = _placed(shop, "Ada", 30, 5)
    shop.remove(order)
    try:
        rebuilt(shop, "OrderList")
    except NotYet as stopped:
        raise NotYet(f"An order was removed, since it is paid and old. {stopped.why}") from stopped
    found = _totals(shop)
    shop.expect(
        found == {"Ada": 25},
        f"Ada's order of 30 euros, less a voucher of 5, was removed, and the list rebuilt. On it stands: {_told(found)}.",
    )
    return "an order that is gone is still on the rebuilt list, with 25"


def _told(found: dict[str, Any]) -> str:
    return ", ".join(f"{customer} {total}" for customer, total in sorted(found.items())) or "nothing"


EXERCISES = (
    Exercise(
        name="new-total",
        lesson=LESSON,
        title="One field more, for old orders too",
        minutes=6,
        task="""
The list of orders should show how much is to be paid. Give `OrderList` a field `total`, a whole number, and let its projector keep it: the
`total_amount` of `OrderPlaced`, less the `amount` of each `VoucherTaken`.

The shop is ten years old. The list will be rebuilt from its events, and has to say the same as if it had always had the field; even
for orders that are not kept any more.
""",
        starter=_MODEL.replace("{field}", "").replace("{value}", "")
        + "\n\n# Change the list and its projector above.\n",
        solution=_MODEL.replace("{field}", "\n    total = Integer()").replace(
            "{value}", ", total=event.total_amount"
        )
        + _VOUCHER,
        points=(_has_total, _less, _same_again, _without_order),
        untested="a voucher that is worth more than the order.",
    ),
)
