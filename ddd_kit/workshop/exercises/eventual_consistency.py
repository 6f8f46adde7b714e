"""An exercise of the notebook on eventual consistency: what is promised while the stock has not heard yet."""

from __future__ import annotations

from typing import Any

from ddd_kit.exceptions import ValidationError
from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.trial import Trial

LESSON = "07-eventual-consistency"

_HEAD = """
from ddd_kit import Domain, handle, invariant
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Identifier, Integer, String

shop = Domain(name="Shop")


@shop.aggregate
class Order:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)
    status = String(default="PENDING")

    def ship_order(self):
        self.status = "SHIPPED"
        self.raise_(OrderShipped(order_id=self.id, book_id=self.book_id, quantity=self.quantity))


@shop.event(part_of=Order)
class OrderShipped:
    order_id = Identifier(required=True)
    book_id = Identifier(required=True)
    quantity = Integer(required=True)
"""

_PROMISE = (
    _HEAD
    + '''

@shop.aggregate
class Inventory:
    book_id = Identifier(required=True)
    in_stock = Integer(required=True)
    reserved = Integer(default=0)

    def reserve(self, quantity):
        """Promise so many copies to a customer."""


@shop.event_handler(part_of=Inventory, stream_category="order")
class ManageInventory:
    @handle(OrderShipped)
    def take_off(self, event):
        inventory = shop.repository_for(Inventory).find_by(book_id=event.book_id)
        inventory.in_stock -= event.quantity
        shop.repository_for(Inventory).add(inventory)
'''
)
_RESERVE = '''        """Promise so many copies to a customer."""
'''

_REFUSE = (
    "Ten copies, eight of them promised. How many can still be promised, and who has to know?",
    "`reserve` is inside of the inventory, which knows `in_stock` and `reserved`: it can decide at once.",
    (
        "`if quantity > self.in_stock - self.reserved: raise ValidationError({'reserved': ['...']})`, or an "
        "`@invariant.post` that says `self.reserved <= self.in_stock`."
    ),
)
_SHIPPED = (
    "When promised copies leave the shop, what becomes of the promise?",
    "Two numbers change when an order is shipped. Your handler hears of it.",
    "In the handler: `inventory.reserved -= event.quantity`, beside the line for `in_stock`.",
)
_ALL_GONE = (
    "Five of the eight are gone. What of the three that are promised to somebody else?",
    "An order takes back its own promise, and no other.",
    "`inventory.reserved -= event.quantity`, and not `= 0`",
)
_RULE = (
    "Your rule is right before and after. And between the two lines of the handler?",
    "An invariant looks after every assignment. Which of the two numbers may go down first?",
    "`inventory.reserved -= event.quantity` first, and then `inventory.in_stock -= event.quantity`.",
)


def _shelf(shop: Trial) -> Any:
    shop.fields("Inventory", "book_id", "in_stock", "reserved")
    return shop.new("Inventory", book_id="emma", in_stock=10)


@point(
    "A promise is noted",
    "What does the shop know after somebody has called `reserve(3)`?",
    "The copies are still on the shelf. What is one number more than before?",
    "In `reserve`: `self.reserved += quantity`.",
)
def _noted(shop: Trial) -> str:
    shelf = shop.act(_shelf(shop), "reserve", 3)
    if shelf.in_stock != 10:
        raise NotYet(
            f"Of 10 copies 3 were reserved, and `in_stock` is {shelf.in_stock}. They are still on the shelf: it "
            "should be 10 until they are shipped.",
            (
                "Has anything left the shelf when something is only promised?",
                "There are two numbers: what is there, and how much of it is promised.",
                "`reserve` changes `reserved` alone: `self.reserved += quantity`.",
            ),
        )
    shop.expect(
        shelf.reserved == 3, f"`reserve(3)` was called and saved, and `reserved` is {shelf.reserved}, not 3."
    )
    return "10 in stock, 3 of them reserved"


@point("More than is free is refused, at once", *_REFUSE)
def _refused(shop: Trial) -> str:
    shelf = shop.act(_shelf(shop), "reserve", 8)
    shop.refusal("of 10 copies 8 are reserved, and then 3 more: that", lambda: shop.act(shelf, "reserve", 3))
    try:
        shop.act(shelf, "reserve", 2)
    except NotYet as found:
        raise NotYet(
            f"Of 10 copies 8 were reserved, and then the last 2, which are free. {found.why}",
            (
                "Two are free, and two are asked for. Is that too much?",
                "Compare with what is free: exactly as much as that may go.",
                "`quantity > free` is refused; `quantity == free` is not.",
            ),
        ) from None
    return "8 of 10 promised: 3 more refused, 2 more accepted"


@point(
    "A promise is kept while nobody has heard of the shipment yet",
    "The parcel is on its way, and the stock does not know it. Is the promise over?",
    "`in_stock` still counts the eight copies, so they have to be promised until it goes down. Who lowers `reserved`, and when?",
    "Lower `reserved` in `ManageInventory` alone, together with `in_stock`.",
)
def _in_between(shop: Trial) -> str:
    shelf = shop.act(_shelf(shop), "reserve", 8)
    order = shop.new("Order", book_id="emma", quantity=8)
    shop.hold()
    shop.act(order, "ship_order")
    shop.refusal(
        "8 of 10 copies were promised and shipped, the stock has not heard of it yet, and somebody "
        "reserves 3: that",
        lambda: shop.act(shelf, "reserve", 3),
    )
    return "8 shipped, no delivery made: 3 more are still refused"


@point("What was shipped is promised no more", *_SHIPPED)
def _kept(shop: Trial) -> str:
    shelf = shop.act(_shelf(shop), "reserve", 8)
    shop.expect(
        shelf.reserved == 8, f"`reserve(8)` was called and saved, and `reserved` is {shelf.reserved}."
    )
    shop.hold()
    for quantity, expected in ((5, (5, 3)), (3, (2, 0))):
        shop.act(shop.new("Order", book_id="emma", quantity=quantity), "ship_order")
        try:
            shop.deliver_all()
        except NotYet as found:
            raise NotYet(found.why, _RULE if isinstance(found.__cause__, ValidationError) else None) from None
        now = shop.stored(shelf)
        shop.expect(
            (now.in_stock, now.reserved) == expected,
            f"8 of 10 copies were promised, of which 5 were shipped{' and then 3' * (quantity == 3)}, and all was delivered: "
            f"{now.in_stock} are in stock and {now.reserved} reserved. It should be {expected[0]} and {expected[1]}.",
            _ALL_GONE if now.reserved == 0 and expected[1] else None,
        )
    shop.refusal("2 copies are left, and somebody reserves 3: that", lambda: shop.act(shelf, "reserve", 3))
    return "8 of 10 promised, 5 shipped: 5 in stock, 3 reserved; 3 shipped: 2 and 0"


EXERCISES = (
    Exercise(
        name="promise-books",
        lesson=LESSON,
        title="Promise no more than there is",
        minutes=7,
        task="""
Ten copies of *Emma* are in stock. Ada is promised eight, and while her parcel is on its way, Ben asks for three. That must be
refused at once, so it has to be known inside of one aggregate.

1. Write `Inventory.reserve(quantity)`: it adds to `reserved`, and is refused with a `ValidationError` when more than
   `in_stock - reserved` is asked for. `in_stock` stays as it is.
2. When the order is shipped, `ManageInventory` takes its books off both `in_stock` and `reserved`.
""",
        starter=_PROMISE + "\n\n# Fill in `reserve` above, and mend the handler.\n",
        solution=_PROMISE.replace(
            _RESERVE,
            _RESERVE
            + """        free = self.in_stock - self.reserved
        if quantity > free:
            raise ValidationError({"reserved": [f"{quantity} copies are asked for, and {free} are free"]})
        self.reserved += quantity
""",
        ).replace(
            "inventory.in_stock -= event.quantity\n",
            "inventory.in_stock -= event.quantity\n        inventory.reserved -= event.quantity\n",
        ),
        points=(_noted, _refused, _in_between, _kept),
        untested="an order that is shipped though nothing was reserved for it.",
    ),
)
