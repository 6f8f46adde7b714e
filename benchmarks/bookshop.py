"""The bookshop as ddd_kit and protean both read it: one model, word for word the same for either."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from benchmarks.contender import BOOK, IN_STOCK, ShipAndHandle, other_book


@dataclass(frozen=True)
class Bookshop:
    """A domain and its three elements that the benchmark uses."""

    domain: Any
    order: Any
    inventory: Any


def open_bookshop(kit: ModuleType, fields: ModuleType) -> Bookshop:
    """Define the bookshop with a framework that speaks this API.

    Args:
        kit: The module that `Domain`, `handle` and `current_domain` come from.
        fields: The module that the fields come from.
    """
    domain = kit.Domain(name="Bookshop")
    domain.config["event_processing"] = "sync"
    domain.config["command_processing"] = "sync"
    event = _define_event(domain, fields)
    order = _define_order(domain, fields, event)
    inventory = _define_inventory(domain, fields)
    _define_handler(domain, kit, event, inventory)
    domain.init(traverse=False)
    return Bookshop(domain, order, inventory)


def _define_event(domain: Any, fields: Any) -> Any:
    @domain.event(part_of="Order")
    class OrderShipped:
        order_id = fields.Identifier(required=True)
        book_id = fields.Identifier(required=True)
        quantity = fields.Integer(required=True)
        total_amount = fields.Float(required=True)

    return OrderShipped


def _define_order(domain: Any, fields: Any, event: Any) -> Any:
    @domain.aggregate
    class Order:
        book_id = fields.Identifier(required=True)
        quantity = fields.Integer(required=True)
        total_amount = fields.Float(required=True)
        status = fields.String(choices=["PENDING", "SHIPPED"], default="PENDING")

        def ship_order(self: Any) -> None:
            self.status = "SHIPPED"
            self.raise_(
                event(
                    order_id=self.id,
                    book_id=self.book_id,
                    quantity=self.quantity,
                    total_amount=self.total_amount,
                )
            )

    return Order


def _define_inventory(domain: Any, fields: Any) -> Any:
    @domain.aggregate
    class Inventory:
        book_id = fields.Identifier(required=True)
        in_stock = fields.Integer(required=True)

    return Inventory


def _define_handler(domain: Any, kit: Any, event: Any, inventory: Any) -> None:
    @domain.event_handler(part_of=inventory, stream_category="bookshop::order")
    class ManageInventory:
        @kit.handle(event)  # type: ignore[untyped-decorator]
        def reduce_stock_level(self, event: Any) -> None:
            repository = kit.current_domain.repository_for(inventory)
            found = repository.find_by(book_id=event.book_id)
            found.in_stock -= event.quantity
            repository.add(found)


def fill(shop: Bookshop, stored: int) -> None:
    """Store the inventory of `BOOK` and half as many others as asked; ship an order of each of those."""
    inventories = shop.domain.repository_for(shop.inventory)
    for book_id in [*map(other_book, range(stored // 2)), BOOK]:
        inventories.add(shop.inventory(book_id=book_id, in_stock=IN_STOCK))
    for number in range(stored // 2):
        ship_and_handle(shop, other_book(number))()


def ship_and_handle(shop: Bookshop, book_id: str) -> ShipAndHandle:
    """Return one ship-and-handle of that book."""
    domain, order_class = shop.domain, shop.order

    def run() -> None:
        order = order_class(book_id=book_id, quantity=1, total_amount=10.0)
        order.ship_order()
        domain.repository_for(order_class).add(order)

    return run


def stock(shop: Bookshop) -> int:
    """Return how many of `BOOK` are left."""
    return int(shop.domain.repository_for(shop.inventory).find_by(book_id=BOOK).in_stock)
