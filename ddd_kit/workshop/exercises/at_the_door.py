"""An exercise on a subscriber: the messages of a payment provider, in the words of the shop."""

from __future__ import annotations

from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.trial import Trial

_BEGIN = """
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer, String

shop = Domain(name="Shop")


@shop.aggregate
class Order:
    price = Integer(required=True)  # in euros
    status = String(default="pending")

    def pay(self, euros):
        if euros >= self.price:
            self.status = "paid"


@shop.command(part_of=Order)
class PayOrder:
    order_id = Identifier(required=True)
    euros = Integer(required=True)


@shop.command_handler(part_of=Order)
class OrderDesk:
    @handle(PayOrder)
    def pay(self, command):
        order = shop.repository_for(Order).get(command.order_id)
        order.pay(command.euros)
        shop.repository_for(Order).add(order)
"""
_DOOR = """

@shop.subscriber(stream="payments")
class HearPaymentProvider:
    def __call__(self, payload):
        if payload["type"] == "charge.succeeded":
            shop.process(PayOrder(order_id=payload["reference"], euros=payload["cents"] // 100))
"""


def _says(shop: Trial, **payload: Any) -> None:
    """The provider sends a message."""
    shop.run(f"hearing {payload}", lambda: shop.engine.brokers["default"].publish("payments", payload))


def _commands(shop: Trial) -> list[Any]:
    return shop.commands("PayOrder")


def _door(shop: Trial) -> None:
    """Make sure that somebody hears the stream."""
    doors = shop.of_kind("subscriber")
    if not doors:
        others = [each.name for each in shop.of_kind()]
        more = (
            f" `{others[0]}` is an event handler: it hears events of models, and this is no event."
            if others
            else ""
        )
        raise NotYet(f"There is no subscriber in the model.{more}", stops=True)
    streams = [str(each.options.get("stream")) for each in doors]
    if "payments" not in streams:
        raise NotYet(
            f"`{doors[0].name}` hears the stream `{streams[0]}`, and the provider sends on `payments`.",
            _STREAM,
            stops=True,
        )


@point(
    "A charge that succeeded pays the order",
    "Who stands at the door, and knows both languages?",
    "A subscriber is a class that is called with the message, a dictionary. It sends the command that the message means.",
    '`@shop.subscriber(stream="payments")`, and in the class `def __call__(self, payload):` with '
    '`shop.process(PayOrder(order_id=payload["reference"], ...))`',
)
def _paid(shop: Trial) -> str:
    _door(shop)
    order = shop.new("Order", id="ada-1", price=12)
    _says(shop, type="charge.succeeded", reference="ada-1", cents=1200)
    asked, status = _commands(shop), shop.stored(order).status
    if status == "paid" and not asked:
        raise NotYet(
            "The order is paid, and no `PayOrder` was sent: the door has changed the order itself.",
            _BY_COMMAND,
        )
    if not asked:
        raise NotYet("The provider told of a charge that succeeded, and no `PayOrder` was sent.")
    euros = asked[-1].payload["euros"]
    shop.expect(
        euros == 12,
        f"The provider told of 1200 cents, and `PayOrder` says {euros} euros. It should be 12.",
        _CENTS,
    )
    shop.expect(
        len(asked) == 1, f"One message came, and `PayOrder` was sent {len(asked)} times. It should be once."
    )
    shop.expect(
        status == "paid", f"The provider told of a charge that succeeded, and the order is “{status}”."
    )
    _another(shop)
    return "1200 cents for ada-1: PayOrder of 12 euros, and the order is paid; 500 cents for ben-1: PayOrder of 5"


def _another(shop: Trial) -> None:
    """Another message, which pays less than another order costs."""
    other = shop.new("Order", id="ben-1", price=20)
    _says(shop, type="charge.succeeded", reference="ben-1", cents=500)
    last = _commands(shop)[-1].payload
    shop.expect(
        (last["order_id"], last["euros"]) == ("ben-1", 5),
        f"Then the provider told of 500 cents for ben-1, and the last `PayOrder` is one of {last['euros']} euros for "
        f"{last['order_id']}.",
        _CENTS,
    )
    status = shop.stored(other).status
    shop.expect(status == "pending", f"5 euros came for an order of 20, and it is “{status}”.", _BY_COMMAND)


@point(
    "A charge that failed pays nothing",
    "What is in `type`?",
    "Only one type of message means that the money is there.",
    '`if payload["type"] == "charge.succeeded":`',
)
def _failed(shop: Trial) -> str:
    _door(shop)
    order = shop.new("Order", id="ada-1", price=12)
    _says(shop, type="charge.failed", reference="ada-1", cents=1200)
    asked = len(_commands(shop))
    shop.expect(
        not asked and shop.stored(order).status == "pending",
        f"The provider told of a charge that failed. `PayOrder` was sent {asked} times, and the order is "
        f"“{shop.stored(order).status}”.",
    )
    return "charge.failed, and no PayOrder"


@point(
    "Messages that mean nothing to the shop do no harm",
    "The provider says hello each morning. What is in such a message, and what is not?",
    "Look at the `type` first; take `reference` and `cents` only out of messages that have them.",
    'All of it inside of `if payload["type"] == "charge.succeeded":`',
)
def _hello(shop: Trial) -> str:
    _door(shop)
    _says(shop, type="hello")
    _says(shop, type="balance.available", cents=99)
    asked = len(_commands(shop))
    shop.expect(not asked, f"The provider said hello, and `PayOrder` was sent {asked} times.")
    shop.new("Order", id="ada-1", price=12)
    _says(shop, type="charge.refunded", reference="ada-1", cents=1200)
    asked = len(_commands(shop))
    shop.expect(
        not asked,
        f"The provider told of a charge that was refunded, and `PayOrder` was sent {asked} times. Of all types only "
        "`charge.succeeded` means that the money is there.",
    )
    return "hello, balance.available, charge.refunded: nothing happens"


_STREAM = (
    "Behind which door does the provider knock?",
    "Compare the name of the stream with the one in the task.",
    '`@shop.subscriber(stream="payments")`',
)
_CENTS = (
    "How many cents are a euro?",
    "The provider counts in cents, and the shop in euros. Who should know both?",
    '`euros=payload["cents"] // 100`',
)
_BY_COMMAND = (
    "Who decides what enough money is?",
    "The door only translates. The shop has a word for what is asked of it: a command.",
    '`shop.process(PayOrder(order_id=payload["reference"], euros=payload["cents"] // 100))`',
)

AT_THE_DOOR = Exercise(
    name="a-subscriber-at-the-door",
    lesson="12-to-production",
    title="A subscriber at the door",
    minutes=6,
    task="""
The payment provider sends messages on the stream `payments`, as this one:
`{"type": "charge.succeeded", "reference": "ada-1", "cents": 1200}`. The `reference` is the id of an order. Write a subscriber that says it
in the words of the shop: `PayOrder` with `order_id` and `euros`. Messages of any other `type`, as `charge.failed` or `hello`, mean
nothing to the shop, and may lack `reference` and `cents`.
""",
    starter=_BEGIN + "\n\n# Your subscriber:\n",
    solution=_BEGIN + _DOOR,
    points=(_paid, _failed, _hello),
    untested="amounts that are not whole euros, and messages that come twice.",
)
