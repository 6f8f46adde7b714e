"""An exercise of the notebook on failures: a message that comes twice."""

from __future__ import annotations

from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.trial import Trial

LESSON = "08-when-things-fail"

_SHOP = """
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer, List, String

shop = Domain(name="Shop")


@shop.aggregate
class Order:
    customer = String(required=True)
    quantity = Integer(required=True)

    def ship_order(self):
        self.raise_(OrderShipped(order_id=self.id, customer=self.customer, quantity=self.quantity))


@shop.event(part_of=Order)
class OrderShipped:
    order_id = Identifier(required=True)
    customer = String(required=True)
    quantity = Integer(required=True)


@shop.aggregate
class LoyaltyCard:
    customer = String(required=True)
    points = Integer(default=0)


@shop.event_handler(part_of=LoyaltyCard, stream_category="order")
class GivePoints:
    @handle(OrderShipped)
    def give(self, event):
        card = shop.repository_for(LoyaltyCard).find_by(customer=event.customer)
        card.points += event.quantity
        shop.repository_for(LoyaltyCard).add(card)
"""
_FIELD = "    points = Integer(default=0)\n"
_GIVE = """        card.points += event.quantity
        shop.repository_for(LoyaltyCard).add(card)
"""

_OUTSIDE = (
    "This very order was shipped in another world before. Who remembers that, if not the world itself?",
    (
        "A variable of Python knows nothing of what is saved or undone, and is gone when the kernel restarts. Where do "
        "things stand that are saved together with the points?"
    ),
    "Give `LoyaltyCard` a field, as `orders = List(content_type=String)`, and keep the ids of the orders in it.",
)
_SAVED = (
    "The handler ran. Did it save what it changed?",
    "What a repository hands out is a copy; only `add` makes it true.",
    "End the method with `shop.repository_for(LoyaltyCard).add(card)`.",
)
_MORE_THAN_ONE = (
    "You remember something. Is it enough to remember the last one?",
    "Between the first and the second time another message may come.",
    "Keep a list of all ids: `card.orders = [*card.orders, event.order_id]`.",
)


def _card(shop: Trial, customer: str = "Ada") -> Any:
    shop.fields("LoyaltyCard", "customer", "points")
    return shop.new("LoyaltyCard", customer=customer)


def _ship(shop: Trial, order: str, quantity: int) -> None:
    shop.act(shop.new("Order", id=order, customer="Ada", quantity=quantity), "ship_order")


def _points(shop: Trial, card: Any, so_far: str) -> int:
    """The points on a card; an explanation when there are none at all."""
    points = int(shop.stored(card).points)
    if points == 0:
        if not shop.ran("OrderShipped"):
            raise NotYet(f"{so_far} and there are 0 points: no handler heard of `OrderShipped`.", stops=True)
        why = f"{so_far} and there are 0 points, though the handler ran."
        raise NotYet(why, _OUTSIDE if _remembers(shop) else _SAVED)
    return points


def _remembers(shop: Trial) -> bool:
    """Whether an order that is new to the model gives points: then the handler saves, and knows the others."""
    card = _card(shop, "Ben")
    shop.act(shop.new("Order", customer="Ben", quantity=1), "ship_order")
    return bool(shop.stored(card).points)


@point(
    "A message that comes once gives its points",
    "Ada buys three books. How many points should she have?",
    "The first time that the handler hears of an order it does what it did.",
    "`card.points += event.quantity`, then `add(card)`, for an order that is new to it.",
)
def _once(shop: Trial) -> str:
    card = _card(shop)
    _ship(shop, "order-1", 3)
    points = _points(shop, card, "3 books were shipped to Ada,")
    shop.expect(points == 3, f"3 books were shipped to Ada, and she has {points} points. It should be 3.")
    return "3 books shipped, 3 points"


@point(
    "A message that comes twice does so once",
    "How could the handler know that it has dealt with this very order already?",
    "The event says which order it is. Keep that where the points are, so that both are saved together.",
    "A field `orders = List(content_type=String)` in `LoyaltyCard`; in the handler `if event.order_id in card.orders: "
    "return`, and else add the id to the list.",
)
def _twice(shop: Trial) -> str:
    card = _card(shop)
    shop.doubled()
    _ship(shop, "order-1", 3)
    points = _points(shop, card, "3 books were shipped to Ada, the message came twice,")
    shop.expect(
        points == 3,
        f"3 books were shipped to Ada, the message came twice, and she has {points} points. It should be 3.",
    )
    _elsewhere(shop)
    return "3 books shipped, the message came twice, 3 points"


def _elsewhere(shop: Trial) -> None:
    """A message that has come in another world has not come in this one."""
    card = _card(shop, "Ben")
    shop.hold()
    shop.act(shop.new("Order", id="order-6", customer="Ben", quantity=2), "ship_order")
    shop.beside().deliver_all()
    shop.deliver_all()
    points = shop.stored(card).points
    shop.expect(
        points == 2,
        "2 books were shipped to Ben. The message came in a fork of this world, and then it came here: here he has "
        f"{points} points. It should be 2.",
        _OUTSIDE,
    )


@point(
    "Two orders that look alike are two",
    "Ada orders three books, and next week three again. What is different?",
    "Not the customer, and not the quantity. Every order has an identity.",
    "Remember `event.order_id`.",
)
def _alike(shop: Trial) -> str:
    card = _card(shop)
    shop.doubled()
    _ship(shop, "order-2", 3)
    _ship(shop, "order-3", 3)
    points = _points(shop, card, "Two orders of 3 books were shipped to Ada,")
    shop.expect(
        points == 6,
        f"Two orders of 3 books were shipped to Ada, each message came twice, and she has {points} points. It should "
        "be 6.",
    )
    return "two orders of 3, all twice, 6 points"


@point("The second time may be late", *_MORE_THAN_ONE)
def _late(shop: Trial) -> str:
    card = _card(shop)
    shop.hold()
    shop.doubled()
    _ship(shop, "order-4", 3)
    _ship(shop, "order-5", 2)
    for place in range(shop.waiting // 2):
        shop.deliver(place)  # each for the first time; what is left is the second time of each
    shop.deliver_all()
    points = _points(shop, card, "Two orders of 3 and 2 books were shipped to Ada,")
    shop.expect(
        points == 5,
        "Two orders of 3 and 2 books were shipped to Ada. Both messages came, and then both came again: she has "
        f"{points} points. It should be 5.",
    )
    return "first, second, first again, second again: 5 points"


EXERCISES = (
    Exercise(
        name="twice-is-once",
        lesson=LESSON,
        title="A message that comes twice",
        minutes=7,
        task="""
Whoever buys a book gets a point on her `LoyaltyCard`. Ada has found out that she sometimes gets twice as many, and tells nobody: some
messages come twice. Make `GivePoints` idempotent, so that an order gives its points once, however often its `OrderShipped`
comes, and also when another one comes in between.

You may add fields (with a default) or aggregates. Leave `Order` and `OrderShipped` as they are.
""",
        starter=_SHOP + "\n\n# Mend `GivePoints` above, and whatever it needs.\n",
        solution=_SHOP.replace(_FIELD, _FIELD + "    orders = List(content_type=String)\n").replace(
            _GIVE,
            "        if event.order_id in card.orders:\n            return\n"
            "        card.orders = [*card.orders, event.order_id]\n" + _GIVE,
        ),
        points=(_once, _twice, _alike, _late),
        untested="how long the list of orders gets in a year.",
    ),
)
