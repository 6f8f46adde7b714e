"""Two bounded contexts that hear each other: sales, and a warehouse."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer, String


def two_contexts(**options: Any) -> SimpleNamespace:
    """Both domains, and what is in them."""
    sales, warehouse = Domain(name="Sales", seed=1, **options), Domain(name="Warehouse", seed=2, **options)

    @sales.aggregate
    class Order:
        sku = String()
        quantity = Integer()
        status = String(default="new")

        def place(self) -> None:
            self.raise_(OrderPlaced(order_id=self.id, sku=self.sku, quantity=self.quantity))

        def pack(self) -> None:
            self.raise_(OrderPacked(order_id=self.id))

    @sales.event(part_of=Order)
    class OrderPlaced:
        order_id = Identifier(required=True)
        sku = String()
        quantity = Integer()

    @sales.event(part_of=Order)
    class OrderPacked:
        order_id = Identifier(required=True)

    @warehouse.aggregate
    class Stock:
        sku = Identifier(identifier=True)
        left = Integer(default=10)

        def reserve(self, order_id: str, quantity: int) -> None:
            if quantity > self.left:
                raise ValueError("not enough")
            self.left -= quantity
            self.raise_(StockReserved(order_id=order_id))

    @warehouse.event(part_of=Stock)
    class StockReserved:
        order_id = Identifier(required=True)

    @warehouse.event_handler(part_of=Stock, stream_category="sales::order")
    class Reserve:
        @handle(OrderPlaced)
        def reserve(self, event: Any) -> None:
            stocks = warehouse.repository_for(Stock)
            stock = stocks.get(event.sku)
            stock.reserve(event.order_id, event.quantity)
            stocks.add(stock)

    @sales.event_handler(part_of=Order, stream_category="warehouse::stock")
    class Confirm:
        @handle("StockReserved")
        def confirm(self, event: Any) -> None:
            orders = sales.repository_for(Order)
            order = orders.get(event.order_id)
            order.status = "confirmed"
            orders.add(order)

    warehouse.repository_for(Stock).add(Stock(sku="A"))
    known = dict(locals())
    return SimpleNamespace(**{k: v for k, v in known.items() if k != "options"})


def place(both: SimpleNamespace, order_id: str, quantity: int = 1, sales: Any = None) -> None:
    """Place an order; in a fork of sales if one is given."""
    order = both.Order(id=order_id, sku="A", quantity=quantity)
    order.place()
    (sales or both.sales).repository_for(both.Order).add(order)
