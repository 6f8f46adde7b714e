"""An exercise of the notebook on failures: a mail that fails must not stop a shipment, and must not be forgotten."""

from __future__ import annotations

from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.failures import LESSON
from ddd_kit.workshop.trial import Trial

_SHOP = '''
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer, String

shop = Domain(name="Shop")


def send_mail(address):
    """Fails for what is no address."""
    if "@" not in address:
        raise ValueError(f"nobody lives at {address}")


@shop.aggregate
class Order:
    quantity = Integer(required=True)
    address = String(required=True)

    def ship_order(self):
        self.raise_(OrderShipped(order_id=self.id, quantity=self.quantity, address=self.address))


@shop.event(part_of=Order)
class OrderShipped:
    order_id = Identifier(required=True)
    quantity = Integer(required=True)
    address = String(required=True)


@shop.aggregate
class Inventory:
    in_stock = Integer(required=True)


@shop.aggregate
class Notification:
    order_id = Identifier(required=True)


@shop.aggregate
class FailedMail:
    order_id = Identifier(required=True)
    reason = String(required=True)


@shop.event_handler(part_of=Inventory, stream_category="order")
class ManageInventory:
    @handle(OrderShipped)
    def take_off(self, event):
        inventory = shop.repository_for(Inventory).query.first
        inventory.in_stock -= event.quantity
        shop.repository_for(Inventory).add(inventory)


@shop.event_handler(part_of=Notification, stream_category="order")
class EmailNotifications:
    @handle(OrderShipped)
    def notify_customer(self, event):
        send_mail(event.address)
        shop.repository_for(Notification).add(Notification(order_id=event.order_id))
'''
_HANDLE_ERROR = '''
    @classmethod
    def handle_error(cls, error, event):
        """Somebody has to ring the customer."""
        shop.repository_for(FailedMail).add(FailedMail(order_id=event.order_id, reason=str(error)))
'''

_TAKES = (
    "`handle_error` was called, and could not be. What is it given?",
    "Two things: the error, and the event that was dealt with.",
    "`@classmethod`, and below it `def handle_error(cls, error, event):`",
)
_ADD = (
    "The error is gone, and nobody will know. Who rings the customer tomorrow?",
    "There is an aggregate for it, `FailedMail`. It has to be made and saved.",
    "`shop.repository_for(FailedMail).add(FailedMail(order_id=event.order_id, reason=str(error)))`",
)


def _ship(shop: Trial, *addresses: str) -> tuple[Any, list[Any], str]:
    """An inventory of 10, orders of 2 copies that are shipped, and why that failed, or ""."""
    stock = shop.new("Inventory", in_stock=10)
    orders = [shop.new("Order", quantity=2, address=address) for address in addresses]
    failed = ""
    for order in orders:
        try:
            shop.act(order, "ship_order")
        except NotYet as found:
            if not shop.count("OrderShipped"):
                raise
            failed = found.why
    return stock, orders, failed


@point(
    "Whose mail goes out, gets it as before",
    "What has to stay as it was?",
    "For an address that is right: one `Notification`, and no `FailedMail`.",
    "Leave `notify_customer` as it was in the beginning.",
)
def _goes_out(shop: Trial) -> str:
    _ship(shop, "ada@example.org")
    sent, noted = len(shop.all("Notification")), len(shop.all("FailedMail"))
    shop.expect(
        (sent, noted) == (1, 0),
        f"An order for ada@example.org was shipped: {sent} notifications and {noted} failed mails. It should be 1 and 0.",
    )
    return "a right address: one notification, no failed mail"


@point(
    "A mail that fails does not trouble the one who ships",
    "The parcel has left the shop. Should the desk get an error because of a mail?",
    "An event handler may have a method that gets what its other methods raise.",
    "In `EmailNotifications`: `@classmethod`, `def handle_error(cls, error, event):`",
)
def _no_trouble(shop: Trial) -> str:
    _, _, failed = _ship(shop, "nowhere")
    if failed:
        rescued = any(each.method == "handle_error" for each in shop.ran("OrderShipped"))
        raise NotYet(
            f"An order for the address “nowhere” was shipped. {failed}",
            _TAKES if rescued and "argument" in failed else None,
        )
    return "an address that is none: the shipment goes through"


@point("It is noted", *_ADD)
def _noted(shop: Trial) -> str:
    _, (order, other), _ = _ship(shop, "nowhere", "the Moon")
    found = shop.all("FailedMail")
    shop.expect(
        len(found) == 2,
        f"Two orders were shipped, for the addresses “nowhere” and “the Moon”, and there are {len(found)} failed mails. "
        "It should be two.",
    )
    noted, shipped = {str(each.order_id) for each in found}, {str(order.id), str(other.id)}
    shop.expect(
        noted == shipped,
        f"The failed mails are about orders {_listed(noted)}, and {_listed(shipped)} were shipped.",
        _WHOSE,
    )
    for each, address in ((order, "nowhere"), (other, "the Moon")):
        reason = shop.one("FailedMail", order_id=each.id).reason
        shop.expect(
            f"nobody lives at {address}" in reason,
            f"The reason of the failed mail is {reason!r}; the error said “nobody lives at {address}”.",
            _REASON,
        )
    return "two failed mails, each with the order and the text of the error"


def _listed(ids: set[str]) -> str:
    return " and ".join(repr(each) for each in sorted(ids))


_WHOSE = (
    "Which customer should somebody ring?",
    "The event says which order it was.",
    "`FailedMail(order_id=event.order_id, ...)`",
)
_REASON = (
    "What should the one who rings the customer know?",
    "The first thing that `handle_error` is given is the error itself.",
    "`reason=str(error)`",
)


@point(
    "The stock is right, and nobody is said to have a mail who has none",
    "Three orders were shipped, one of them with a wrong address. How many mails went out, and how many books?",
    "The stock goes down for each order; a `Notification` is there for each mail that went out.",
    "Where `send_mail` fails, nothing more of `notify_customer` should run: let it raise.",
)
def _the_rest(shop: Trial) -> str:
    stock, _, _ = _ship(shop, "ada@example.org", "nowhere", "ben@example.org")
    left, sent, noted = (
        shop.stored(stock).in_stock,
        len(shop.all("Notification")),
        len(shop.all("FailedMail")),
    )
    shop.expect(
        (left, sent, noted) == (4, 2, 1),
        f"Three orders of 2 copies, one of them with a wrong address: {left} of 10 in stock, {sent} notifications, "
        f"{noted} failed mails. It should be 4, 2 and 1.",
    )
    return "three orders, one wrong address: 4 of 10 in stock, 2 notifications, 1 failed mail"


EXERCISES = (
    Exercise(
        name="note-the-failure",
        lesson=LESSON,
        title="A mail that fails",
        minutes=5,
        task="""
An order was shipped to somebody whose mail address is wrong, and the desk that shipped it got an error on the screen. About a mail!

Change `EmailNotifications`: when `send_mail` fails, shipping goes through, and a `FailedMail` is saved with the `order_id` and the
text of the error as its `reason`, so that somebody can ring the customer. All others get their `Notification` as before.
""",
        starter=_SHOP + "\n\n# Change `EmailNotifications` above.\n",
        solution=_SHOP + _HANDLE_ERROR,
        points=(_goes_out, _no_trouble, _noted, _the_rest),
        untested="a `FailedMail` that cannot be saved either.",
    ),
)
