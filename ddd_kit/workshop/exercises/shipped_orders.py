"""The exercise on orders that stay as they are once they are shipped, of the notebook on invariants."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ddd_kit.exceptions import ValidationError
from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.trial import Trial

_ORDER = """
from ddd_kit import Domain, invariant
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Identifier, Integer, String

shop = Domain(name="Shop")


@shop.aggregate
class Order:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)
    address = String(default="")
    status = String(default="PENDING")

    def change_quantity(self, quantity):
        self.quantity = quantity

    def ship_order(self):
        self.status = "SHIPPED"
"""


def _order(shop: Trial, name: str = "emma") -> Any:
    return shop.new("Order", book_id=name, quantity=2, address="Elm Street 1")


def _shipped(shop: Trial) -> Any:
    return shop.stored(shop.act(_order(shop), "ship_order"))


@point(
    "Until it is shipped, an order can be changed",
    "Is this order shipped?",
    "The rule is about orders whose status is `SHIPPED`; look at its `if`.",
    '`if self.status == "SHIPPED":`, and only under it the `raise`',
)
def _changes(shop: Trial) -> str:
    shop.fields("Order", "book_id", "quantity", "address", "status")
    order = _order(shop)
    shop.act(order, "change_quantity", 5)
    quantity = shop.stored(order).quantity
    shop.expect(
        quantity == 5, f"A pending order of 2 copies was changed to 5, and its quantity is {quantity}."
    )
    return "a pending order of 2 copies became one of 5"


@point(
    "It can be shipped",
    "When is your rule asked: before the status becomes `SHIPPED`, or after?",
    "A rule with `post` sees the order as it is after the change. There is another kind, which sees it before.",
    "`@invariant.pre` in the place of `@invariant.post`",
)
def _ships(shop: Trial) -> str:
    status = _shipped(shop).status
    shop.expect(
        status == "SHIPPED", f"After `ship_order()` the status is {status!r}, not 'SHIPPED'.", _STATUS
    )
    return "PENDING became SHIPPED"


_STATUS = (
    "What does `ship_order` have to do?",
    "The method was right at the start: it sets the status.",
    '`self.status = "SHIPPED"`',
)


@point(
    "A shipped order does not change any more",
    "The parcel is on its way. Who refuses a change now?",
    "Write a method with `@invariant.pre` that raises `ValidationError` when the status is `SHIPPED`.",
    '`if self.status == "SHIPPED": raise ValidationError({"status": ["is SHIPPED, nothing changes any more"]})`, '
    "in a method with `@invariant.pre`",
)
def _stays(shop: Trial) -> str:
    order = _shipped(shop)
    _refused(shop, order, "change_quantity(5)", lambda: shop.call(order, "change_quantity", 5), None)
    return "`change_quantity(5)` was refused, and it is still 2 copies"


@point(
    "Nothing of it does, by no way",
    "Somebody does not call your method, and sets a field. Is your rule asked?",
    "A check at the start of a method guards only that method. A rule of the whole object is asked before every change.",
    "Move the check out of the method, into one of its own with `@invariant.pre`.",
)
def _by_no_way(shop: Trial) -> str:
    changes = {"quantity": 7, "address": "Oak Street 2", "book_id": "dune", "status": "PENDING"}
    for field, value in changes.items():
        order = _shipped(shop)
        _refused(shop, order, f"{field} = {value!r}", partial(setattr, order, field, value), field)
    return "quantity, address, book and status stay, also when they are set directly"


def _refused(shop: Trial, order: Any, what: str, function: Callable[[], Any], field: str | None) -> None:
    """Try a change of a shipped order, and look at what is saved then."""
    before = shop.stored(order).to_dict()
    try:
        shop.refusal(f"`order.{what}` on a shipped order", function)
    except NotYet as found:
        if found.__cause__ is not None and not isinstance(found.__cause__, ValidationError):
            raise
        changed = getattr(order, field or "quantity")
        raise NotYet(
            f"On a shipped order of 2 copies, `order.{what}` was done, and it is {changed!r} now."
        ) from found
    after = shop.stored(order).to_dict()
    shop.expect(
        after == before, f"`order.{what}` was refused, and yet the order is another one now: {after}."
    )


SHIPPED_STAYS = Exercise(
    name="shipped-stays",
    lesson="03-invariants",
    title="What is shipped stays",
    minutes=4,
    task="""
An order whose `status` is `"SHIPPED"` does not change any more: a `ValidationError` refuses any change of any field, by a method or by
hand. Until then it may be changed, and of course it may be shipped.
""",
    starter=_ORDER + "\n    # Your rule:\n",
    solution=_ORDER
    + """
    @invariant.pre
    def what_is_shipped_stays(self):
        if self.status == "SHIPPED":
            raise ValidationError({"status": ["is SHIPPED, nothing changes any more"]})
""",
    points=(_changes, _ships, _stays, _by_no_way),
    untested="what the error says, and shipping the same order twice.",
)
