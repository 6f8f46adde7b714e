"""A shop with a process manager: an order is paid and shipped, or cancelled."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ddd_kit import Domain, current_domain, handle
from ddd_kit.fields import Float, Identifier, String


def fulfilment(**options: Any) -> SimpleNamespace:  # noqa: C901 - a model, not a decision
    """A domain of its own, and what is in it."""
    domain = Domain(name="Shop", seed=3, **options)

    @domain.aggregate
    class Order:
        status = String(default="new")

        def place(self) -> None:
            self.raise_(OrderPlaced(order_id=self.id, total=10.0))

        def ship(self) -> None:
            self.raise_(OrderShipped(number=self.id))

        def cancel(self) -> None:
            self.status = "cancelled"

    @domain.event(part_of=Order)
    class OrderPlaced:
        order_id = Identifier()
        total = Float()

    @domain.event(part_of=Order)
    class OrderShipped:
        number = Identifier(required=True)

    @domain.aggregate
    class Payment:
        order_id = Identifier(required=True)
        amount = Float()

        def confirm(self) -> None:
            self.raise_(PaymentConfirmed(order_id=self.order_id))

        def fail(self) -> None:
            self.raise_(PaymentFailed(order_id=self.order_id))

    @domain.event(part_of=Payment)
    class PaymentConfirmed:
        order_id = Identifier(required=True)

    @domain.event(part_of=Payment)
    class PaymentFailed:
        order_id = Identifier(required=True)

    @domain.command(part_of=Payment)
    class RequestPayment:
        order_id = Identifier(required=True)
        amount = Float()

    @domain.command(part_of=Order)
    class CancelOrder:
        order_id = Identifier(required=True)

    @domain.command_handler(part_of=Payment)
    class TakePayments:
        @handle(RequestPayment)
        def request(self, command: Any) -> None:
            payments = current_domain.repository_for(Payment)
            identity = f"p-{command.order_id}"
            payment = payments.get_or_none(identity) or Payment(id=identity, order_id=command.order_id)
            payment.amount = command.amount
            payments.add(payment)

    @domain.command_handler(part_of=Order)
    class TakeOrders:
        @handle(CancelOrder)
        def cancel(self, command: Any) -> None:
            orders = current_domain.repository_for(Order)
            order = orders.get_or_none(command.order_id)
            if order is not None:
                order.cancel()
                orders.add(order)

    @domain.process_manager(stream_categories=["shop::order", "payment"])
    class Fulfilment:
        order_id = Identifier(required=True)
        status = String(default="new")

        @handle(OrderPlaced, start=True, correlate="order_id")
        def on_placed(self, event: Any) -> None:
            self.order_id = event.order_id
            self.status = "awaiting payment"
            current_domain.process(RequestPayment(order_id=event.order_id, amount=event.total))

        @handle(PaymentConfirmed, correlate="order_id")
        def on_confirmed(self, event: Any) -> None:  # noqa: ARG002 - as handlers are
            self.status = "paid"

        @handle(OrderShipped, correlate={"order_id": "number"})
        def on_shipped(self, event: Any) -> None:  # noqa: ARG002 - as handlers are
            self.status = "shipped"
            self.mark_as_complete()

        @handle(PaymentFailed, correlate="order_id", end=True)
        def on_failed(self, event: Any) -> None:  # noqa: ARG002 - as handlers are
            self.status = "cancelled"
            current_domain.process(CancelOrder(order_id=self.order_id))

    known = dict(locals())
    return SimpleNamespace(**{k: v for k, v in known.items() if k != "options"})


def let(shop: SimpleNamespace, what: str, order_id: str, domain: Any = None) -> None:
    """Let something happen to an order: `place`, `ship`, `confirm` or `fail`."""
    domain = domain or shop.domain
    cls = shop.Order if what in ("place", "ship") else shop.Payment
    identity = order_id if cls is shop.Order else f"p-{order_id}"
    repository = domain.repository_for(cls)
    found = repository.get_or_none(identity)
    if found is None:
        found = cls(id=identity) if cls is shop.Order else cls(id=identity, order_id=order_id)
    getattr(found, what)()
    repository.add(found)
