"""A bookshop that has an element of every kind, and a session of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ddd_kit import Domain, apply, current_domain, handle, on, read, use_case
from ddd_kit.fields import HasMany, Identifier, Integer, String, ValueObject
from ddd_kit.journal.origin import origin


def every_kind(*, run: bool = True) -> SimpleNamespace:  # noqa: C901 - of each kind one
    """The bookshop, after its session, or before."""
    domain = Domain(name="Bookshop", seed=7)

    @domain.value_object
    class Money:
        amount = Integer(default=0)

    @domain.aggregate
    class Order:
        items = HasMany("OrderItem")
        total = ValueObject(Money)
        status = String(default="new")

        def place(self) -> None:
            self.status = "placed"
            self.raise_(OrderPlaced(order_id=self.id, copies=len(self.items)))

    @domain.entity(part_of=Order)
    class OrderItem:
        sku = Identifier(identifier=True)
        price = ValueObject(Money)

    @domain.event(part_of=Order)
    class OrderPlaced:
        order_id = Identifier(required=True)
        copies = Integer()

    @domain.aggregate(event_sourced=True)
    class Payment:
        payment_id = Identifier(identifier=True)
        order_id = Identifier()
        status = String(default="asked")

        @classmethod
        def ask(cls, order_id: str) -> Any:
            payment = cls._create_new(payment_id=f"p-{order_id}")
            payment.raise_(PaymentAsked(payment_id=payment.payment_id, order_id=order_id))
            return payment

        def confirm(self) -> None:
            self.raise_(PaymentConfirmed(payment_id=self.payment_id, order_id=self.order_id))

        @apply
        def asked(self, event: PaymentAsked) -> None:
            self.order_id = event.order_id

        @apply
        def confirmed(self, _: PaymentConfirmed) -> None:
            self.status = "confirmed"

    @domain.event(part_of=Payment)
    class PaymentAsked:
        payment_id = Identifier(required=True)
        order_id = Identifier(required=True)

    @domain.event(part_of=Payment)
    class PaymentConfirmed:
        payment_id = Identifier(required=True)
        order_id = Identifier(required=True)

    @domain.command(part_of=Payment)
    class AskForPayment:
        order_id = Identifier(required=True)

    @domain.command(part_of=Payment)
    class ConfirmPayment:
        order_id = Identifier(required=True)

    @domain.command_handler(part_of=Payment)
    class Cashier:
        @handle(AskForPayment)
        def ask(self, command: Any) -> None:
            domain.repository_for(Payment).add(Payment.ask(command.order_id))

        @handle(ConfirmPayment)
        def confirm(self, command: Any) -> None:
            payment = domain.repository_for(Payment).get(f"p-{command.order_id}")
            payment.confirm()
            domain.repository_for(Payment).add(payment)

    @domain.process_manager(aggregates=[Order, Payment])
    class Fulfilment:
        order_id = Identifier()
        status = String(default="new")

        @handle(OrderPlaced, start=True, correlate="order_id")
        def on_placed(self, event: Any) -> None:
            self.status = "awaiting payment"
            current_domain.process(AskForPayment(order_id=event.order_id))

        @handle(PaymentConfirmed, correlate="order_id", end=True)
        def on_confirmed(self, _: Any) -> None:
            self.status = "paid"

    @domain.projection
    class OrderList:
        order_id = Identifier(identifier=True)
        status = String(default="placed")

    @domain.projector(projector_for=OrderList, aggregates=[Order, Payment])
    class OrderListProjector:
        @on(OrderPlaced)
        def add(self, event: Any) -> None:
            domain.repository_for(OrderList).add(OrderList(order_id=event.order_id))

        @on(PaymentConfirmed)
        def mark_as_paid(self, event: Any) -> None:
            listed = domain.repository_for(OrderList).get(event.order_id)
            listed.status = "paid"
            domain.repository_for(OrderList).add(listed)

    @domain.query(part_of=OrderList)
    class OrderOfId:
        order_id = Identifier(required=True)

    @domain.query_handler(part_of=OrderList)
    class OrderQueries:
        @read(OrderOfId)
        def order_of_id(self, query: Any) -> Any:
            return domain.repository_for(OrderList).get(query.order_id)

    @domain.domain_service(part_of=[Order, Payment])
    class Discounts:
        def __init__(self, order: Any, payment: Any) -> None:
            super().__init__(order, payment)
            self.order = order

        def give(self) -> None:
            self.order.total = Money(amount=1)

    @domain.application_service(part_of=Order)
    class Ordering:
        @use_case
        def place(self, order_id: str) -> None:
            order = Order(id=order_id)
            order.add_items(OrderItem(sku="A", price=Money(amount=5)))
            order.place()
            domain.repository_for(Order).add(order)

    @domain.subscriber(stream="bank")
    class HearBank:
        def __call__(self, payload: dict[str, Any]) -> None:
            current_domain.process(ConfirmPayment(order_id=payload["order"]))

    shop = SimpleNamespace(**{key: value for key, value in locals().items() if key != "run"})
    if run:
        with origin("In [2]"):
            Ordering().place("o-1")
        with origin("In [3]"):
            domain.brokers["default"].publish("bank", {"order": "o-1"})
        with origin("In [4]"):
            shop.found = domain.dispatch(OrderOfId(order_id="o-1"))
            order = domain.repository_for(Order).get("o-1")
            Discounts(order, domain.repository_for(Payment).get("p-o-1")).give()
            domain.repository_for(Order).add(order)
    return shop
