"""A bookshop with value objects, entities, invariants and the other fields; and a session of it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as Exact
from types import SimpleNamespace

from ddd_kit import Domain, handle, invariant
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import (
    Boolean,
    Date,
    DateTime,
    Decimal,
    Dict,
    HasMany,
    HasOne,
    Identifier,
    Integer,
    List,
    Reference,
    Status,
    String,
    Text,
    ValueObject,
)
from ddd_kit.journal.origin import origin


def rich(*, run: bool = True) -> SimpleNamespace:
    """The bookshop, after its session, or before."""
    domain = Domain(name="Bookshop", seed=7)

    @domain.value_object
    class Money:
        amount = Decimal(required=True, min_value=0)
        currency = String(max_length=3, default="EUR")

    @domain.value_object(part_of="Customer")
    class Address:
        street = String(required=True)
        city = String(required=True)

    @domain.aggregate
    class Customer:
        name = String(required=True)
        address = ValueObject(Address)
        born = Date()
        is_member = Boolean(default=False)

    @domain.event(part_of="Order")
    class OrderPlaced:
        order_id = Identifier(required=True)
        total = ValueObject(Money)

    @domain.entity(part_of="Order")
    class OrderItem:
        sku = Identifier(identifier=True)
        quantity = Integer(min_value=1, default=1)
        price = ValueObject(Money, required=True)

    @domain.entity(part_of="Order")
    class Invoice:
        number = String(required=True)
        due = DateTime()

    @domain.aggregate
    class Order:
        """What a customer wants."""

        customer = Reference(Customer, required=True)
        items = HasMany(OrderItem)
        invoice = HasOne(Invoice)
        total = ValueObject(Money, default=lambda: Money(amount=0))
        status = Status(
            ["DRAFT", "PLACED", "SHIPPED"],
            default="DRAFT",
            transitions={"DRAFT": ["PLACED"], "PLACED": ["SHIPPED"]},
        )
        note = Text()
        tags = List(String())
        extra = Dict()

        @invariant.post
        def at_most_ten_books(self) -> None:
            if sum(item.quantity for item in self.items) > 10:
                raise ValidationError({"items": ["must not be more than ten books"]})

        def order_book(self, sku: str, quantity: int, price: Money) -> None:
            """Add a book to it."""
            self.add_items(OrderItem(sku=sku, quantity=quantity, price=price))
            self.total = Money(amount=self.total.amount + price.amount * quantity)

        def change_quantity(self, sku: str, quantity: int) -> None:
            """More or fewer copies of a book."""
            self.get_one_from_items(sku=sku).quantity = quantity

        def place(self) -> None:
            """Send it to the shop."""
            self.status = "PLACED"
            self.raise_(OrderPlaced(order_id=self.id, total=self.total))

    @domain.command(part_of=Order)
    class PlaceOrder:
        order_id = Identifier(required=True)

    @domain.command_handler(part_of=Order)
    class OrderDesk:
        @handle(PlaceOrder)
        def place(self, command: PlaceOrder) -> None:
            order = domain.repository_for(Order).get(command.order_id)
            order.place()
            domain.repository_for(Order).add(order)

    @domain.aggregate
    class Account:
        customer_id = Identifier(required=True)
        owed = ValueObject(Money)

    @domain.event_handler(part_of=Account, stream_category="order")
    class Bookkeeping:
        @handle(OrderPlaced)
        def charge(self, event: OrderPlaced) -> None:
            order = domain.repository_for(Order).get(event.order_id)
            domain.repository_for(Account).add(Account(customer_id=order.customer_id, owed=event.total))

    shop = SimpleNamespace(**{key: value for key, value in locals().items() if key != "run"})
    if run:
        session(shop)
    return shop


def session(shop: SimpleNamespace) -> None:
    """A customer orders books, changes an order, and goes too far."""
    domain, money = shop.domain, shop.Money
    orders = domain.repository_for(shop.Order)
    with origin("In [2]"):
        customer = shop.Customer(
            id="c-1",
            name="Ada",
            address=shop.Address(street="Main St 1", city="London"),
            born=dt.date(1815, 12, 10),
            is_member=True,
        )
        domain.repository_for(shop.Customer).add(customer)
    with origin("In [3]"):
        order = shop.Order(id="o-1", customer=customer, tags=["gift"], extra={"wrapped": True})
        order.order_book("A", 1, money(amount=Exact("5.00")))
        order.order_book("B", 2, money(amount=Exact("7.50")))
        orders.add(order)
    with origin("In [4]"):
        order.change_quantity("A", 2)
        order.invoice = shop.Invoice(id="i-1", number="2026-1", due=dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
        orders.add(order)
    with origin("In [5]"):
        order.remove_items(order.get_one_from_items(sku="B"))
        order.order_book("C", 3, money(amount=Exact("2.00")))
        orders.add(order)
    with origin("In [6]"):
        try:
            order.change_quantity("C", 12)
        except ValidationError as error:
            shop.refused = error
    with origin("In [7]"):
        domain.process(shop.PlaceOrder(order_id="o-1"))
    shop.customer, shop.order = customer, orders.get("o-1")
