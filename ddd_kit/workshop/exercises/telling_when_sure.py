"""An exercise of the notebook on eventual consistency: the customer is told what is true already."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.eventual_consistency import LESSON
from ddd_kit.workshop.trial import Trial

_SHOP = '''
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


@shop.aggregate
class Inventory:
    book_id = Identifier(required=True)
    in_stock = Integer(required=True)

    @invariant.post
    def never_below_zero(self):
        """There are no books that are not there."""
        if self.in_stock < 0:
            raise ValidationError({"in_stock": ["so many are not there"]})


@shop.aggregate
class Notification:
    order_id = Identifier(required=True)


@shop.event_handler(part_of=Inventory, stream_category="order")
class ManageInventory:
    @handle(OrderShipped)
    def take_off(self, event):
        inventory = shop.repository_for(Inventory).find_by(book_id=event.book_id)
        inventory.in_stock -= event.quantity
        shop.repository_for(Inventory).add(inventory)


@shop.event_handler(part_of=Notification, stream_category="order")
class EmailNotifications:
    @handle(OrderShipped)
    def tell(self, event):
        shop.repository_for(Notification).add(Notification(order_id=event.order_id))
'''
_EVENT = """

@shop.event(part_of=Inventory)
class StockReduced:
    order_id = Identifier(required=True)
"""
_SAVES = "        shop.repository_for(Inventory).add(inventory)\n"

_SURE = (
    "“It is on its way”, says the mail, and the stock knows nothing of it. Whose word should the mail wait for?",
    "Let the inventory say when it has taken the books off, in an event of its own; the mail listens to that.",
    (
        "`@shop.event(part_of=Inventory) class StockReduced`, with an `order_id`; in `ManageInventory` "
        "`inventory.raise_(StockReduced(order_id=event.order_id))` before `add`; and `EmailNotifications` has "
        '`stream_category="inventory"` and `@handle(StockReduced)`.'
    ),
)
_NO_MAIL = (
    "The stock was taken off. Who should hear of that, and say so to the customer?",
    "Look at the map: is there a way from the inventory to `EmailNotifications`?",
    (
        "The inventory has to raise an event before it is saved, and the handler of the mail needs "
        '`stream_category="inventory"`.'
    ),
)


def _shipped(shop: Trial, quantity: int, in_stock: int = 10) -> tuple[Any, Any]:
    """An order that is shipped, of which nobody has heard, and the inventory of its book."""
    shop.fields("Notification", "order_id")
    shelf = shop.new("Inventory", book_id="emma", in_stock=in_stock)
    order = shop.new("Order", book_id="emma", quantity=quantity)
    shop.hold()
    shop.act(order, "ship_order")
    return order, shelf


@point("The customer hears of it after all deliveries", *_NO_MAIL)
def _told(shop: Trial) -> str:
    order, shelf = _shipped(shop, 3)
    shop.deliver_all()
    left = shop.stored(shelf).in_stock
    if left != 7:
        raise NotYet(
            f"3 of 10 copies were shipped, all was delivered, and {left} are in stock. It should be 7.",
            (
                "Who takes the books off the stock?",
                "`ManageInventory` did it in the starter, when an order was shipped.",
                "Leave `ManageInventory` on `OrderShipped`; let it raise an event besides.",
            ),
        )
    told = shop.all("Notification")
    if len(told) != 1:
        raise NotYet(
            f"One order was shipped, all was delivered, and there are {len(told)} notifications. It should be one.",
            _NO_MAIL
            if not told
            else (
                "The customer gets more than one mail. Who sends them?",
                "Is there still a handler that listens to `OrderShipped` and makes a `Notification`?",
                "`EmailNotifications` should have one method, for the event of the inventory.",
            ),
        )
    shop.expect(
        told[0].order_id == order.id,
        f"The notification is about order {told[0].order_id!r}, and order {order.id!r} was shipped.",
        (
            "Which order is the mail about?",
            "The event that the mail hears has to say which order it was.",
            "Give your event a field `order_id`, and set it to `event.order_id`.",
        ),
    )
    return "shipped and delivered: one notification, about this order"


@point("Never before the books are off the stock", *_SURE)
def _never_before(shop: Trial) -> str:
    _, shelf = _shipped(shop, 3)
    made = 0
    while shop.waiting:
        shop.deliver(-1)  # the latest first: whoever listens to the order itself comes too early
        made += 1
        left, told = shop.stored(shelf).in_stock, len(shop.all("Notification"))
        shop.expect(
            not told or left == 7,
            "3 of 10 copies were shipped, and the last delivery in the line was made first. The customer was told, "
            f"and {left} are in stock: nobody had taken them off.",
        )
    return "the last delivery first: the mail still comes after the stock"


@point("No mail for what is not there", *_SURE)
def _not_there(shop: Trial) -> str:
    _, shelf = _shipped(shop, 3, in_stock=2)
    with suppress(NotYet):  # it is refused: that is right
        shop.deliver_all()
    left, told = shop.stored(shelf).in_stock, len(shop.all("Notification"))
    shop.expect(
        left == 2,
        f"2 copies are in stock, 3 were shipped, and `in_stock` is {left}. The invariant should refuse it.",
        (
            "There was a rule about the number in stock. Is it still there?",
            "`Inventory` had an `@invariant.post` in the starter.",
            "Leave `never_below_zero` in `Inventory` as it was.",
        ),
    )
    shop.expect(
        told == 0,
        "2 copies are in stock and 3 were shipped: the inventory refused, and the customer was told all the same.",
    )
    return "2 in stock, 3 shipped: refused, and nobody was told"


EXERCISES = (
    Exercise(
        name="tell-when-sure",
        lesson=LESSON,
        title="Tell the customer when it is sure",
        minutes=7,
        task="""
The customer gets a mail as soon as anybody hears of `OrderShipped`. It may come before the books are off the stock, and even when
there are none. The shop wants it otherwise: a `Notification` only when `in_stock` of the book has gone down for this order.

Change the model so that the mail waits for the inventory, in any order of deliveries. One `Notification` with the `order_id` for
each shipped order. Leave `Order` and `OrderShipped` as they are.
""",
        starter=_SHOP + "\n\n# Change the handlers above; you may add an event.\n",
        solution=_SHOP.replace(
            _SAVES,
            "        inventory.raise_(StockReduced(order_id=event.order_id))\n" + _SAVES,
        )
        .replace(
            "\n\n@shop.aggregate\nclass Notification", _EVENT + "\n\n@shop.aggregate\nclass Notification"
        )
        .replace(
            'part_of=Notification, stream_category="order")',
            'part_of=Notification, stream_category="inventory")',
        )
        .replace("    @handle(OrderShipped)\n    def tell(", "    @handle(StockReduced)\n    def tell("),
        points=(_told, _never_before, _not_there),
        untested="what becomes of an order whose books are not there.",
    ),
)
