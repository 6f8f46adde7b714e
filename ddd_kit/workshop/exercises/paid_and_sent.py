"""The shop whose orders are paid and sent, with which the exercises on process managers begin."""

from __future__ import annotations

from typing import Any

from ddd_kit.workshop.exercise import NotYet
from ddd_kit.workshop.trial import Trial

LESSON = "11-process-managers"
MANAGER = "process manager"
ADDRESSES = {"ada-1": "12 Hill Street", "ada-2": "the office", "ben-1": "3 Mill Lane"}

IMPORTS = """
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, String

shop = Domain(name="Shop")
"""
PARCELS = """

@shop.event(part_of="Parcel")
class OrderShipped:
    order_id = Identifier(required=True)


@shop.aggregate
class Parcel:
    order_id = Identifier(required=True)
    address = String(required=True)

    def hand_over(self):
        self.raise_(OrderShipped(order_id=self.order_id))


@shop.command(part_of=Parcel)
class ShipOrder:
    order_id = Identifier(required=True)
    address = String(required=True)


@shop.command_handler(part_of=Parcel)
class PackingTable:
    @handle(ShipOrder)
    def pack(self, command):
        parcel = Parcel(order_id=command.order_id, address=command.address)
        parcel.hand_over()
        shop.repository_for(Parcel).add(parcel)
"""
ORDERS = """

@shop.event(part_of="Order")
class OrderPlaced:
    order_id = Identifier(required=True)
    address = String(required=True)


@shop.aggregate
class Order:
    address = String(required=True)
    status = String(default="new")

    def place(self):
        self.status = "placed"
        self.raise_(OrderPlaced(order_id=self.id, address=self.address))
"""
PAYMENTS = """

@shop.event(part_of="Payment")
class PaymentReceived:
    order_id = Identifier(required=True)


@shop.aggregate
class Payment:
    order_id = Identifier(required=True)

    def receive(self):
        self.raise_(PaymentReceived(order_id=self.order_id))
"""
FULFILMENT = """

@shop.process_manager(aggregates=[Order, Payment, Parcel])
class Fulfilment:
    order_id = Identifier()
    address = String()

    @handle(OrderPlaced, start=True, correlate="order_id")
    def wait_for_money(self, event):
        self.order_id = event.order_id
        self.address = event.address

    @handle(PaymentReceived, correlate="order_id")
    def have_it_sent(self, event):
        shop.process(ShipOrder(order_id=self.order_id, address=self.address))

    @handle(OrderShipped, correlate="order_id", end=True)
    def be_done(self, event):
        pass
"""


def place(shop: Trial, order_id: str, **more: Any) -> Any:
    """Place an order, and make sure that it says so."""
    order = shop.make("Order", id=order_id, address=ADDRESSES[order_id], **more)
    before = shop.count("OrderPlaced")
    shop.call(order, "place")
    shop.save(order)
    shop.expect(
        shop.count("OrderPlaced") > before,
        "`Order.place()` was called and saved, and no `OrderPlaced` was raised: that part was there already.",
        _AS_IT_WAS,
    )
    return order


def parcels(shop: Trial) -> dict[str, list[str]]:
    """The addresses of the parcels that were packed, by the order."""
    packed: dict[str, list[str]] = {}
    for parcel in shop.all("Parcel"):
        packed.setdefault(parcel.order_id, []).append(parcel.address)
    return packed


def managers(shop: Trial) -> list[str]:
    """The names of the process managers."""
    return [each.name for each in shop.of_kind(MANAGER)]


def running(shop: Trial) -> list[Any]:
    """All processes: where each of them stands."""
    return [each for name in managers(shop) for each in shop.engine.processes(name)]


def sent_by(shop: Trial, command: str) -> list[str]:
    """Who sent the commands of a class: the names of handlers, "" for others."""
    steps = {each.step: each.handler for each in shop.ran()}
    return [steps.get(each.cause, "") for each in shop.commands(command)]


def silence(shop: Trial, event: str) -> str:
    """Why no process took an event, in a sentence."""
    for each in shop.of_kind(MANAGER):
        told = shop.engine.why_not(each.cls, event)
        if told.broken:
            return f"`{each.name}` did not take `{event}`: {'; '.join(map(str, told.broken))}."
    return f"No process manager took `{event}`."


def packed_by_itself(shop: Trial, sent: dict[str, list[str]]) -> None:
    """Make sure that parcels were asked for by commands of a process manager."""
    senders = sent_by(shop, "ShipOrder")
    if sent and not senders:
        raise NotYet(
            f"A parcel went to {next(iter(sent.values()))[0]}, and no `ShipOrder` was sent: somebody packed it "
            "without asking the packing table.",
            _BY_COMMAND,
        )
    others = [each for each in senders if each not in managers(shop)]
    if others:
        who = f"`{others[0]}`" if others[0] else "nobody of the model's handlers"
        raise NotYet(f"`ShipOrder` was sent by {who}, and not by the process manager.", _BY_COMMAND)


_BY_COMMAND = (
    "Who knows how a parcel is packed? And who only knows that it is time to?",
    "A process manager changes no other aggregate. It sends a command, and the one who takes it does the work.",
    "`shop.process(ShipOrder(order_id=self.order_id, address=self.address))` in the process manager",
)
_AS_IT_WAS = (
    "Compare `Order` with the cell that you began with. What is missing?",
    "An aggregate tells what has happened; without that, no process begins.",
    "Take `Order` and `OrderPlaced` as they were: `place` ends with `self.raise_(OrderPlaced(...))`.",
)
