"""The floor: plain objects, a uuid4, a dict, a list; no validation, no recording."""

from __future__ import annotations

from uuid import uuid4

from benchmarks.contender import BOOK, IN_STOCK, Bookseller, ShipAndHandle, other_book


class OrderShipped:
    """What happened to an order."""

    def __init__(self, order_id: str, book_id: str, quantity: int, total_amount: float) -> None:
        self.order_id = order_id
        self.book_id = book_id
        self.quantity = quantity
        self.total_amount = total_amount


class Order:
    """An order of one book; what it raises waits in a list until it is added."""

    def __init__(self, book_id: str, quantity: int, total_amount: float) -> None:
        self.id = str(uuid4())
        self.book_id = book_id
        self.quantity = quantity
        self.total_amount = total_amount
        self.status = "PENDING"
        self.raised: list[OrderShipped] = []

    def ship_order(self) -> None:
        """Ship it, and say so."""
        self.status = "SHIPPED"
        self.raised.append(OrderShipped(self.id, self.book_id, self.quantity, self.total_amount))


class Inventory:
    """How many of one book there are."""

    def __init__(self, book_id: str, in_stock: int) -> None:
        self.book_id = book_id
        self.in_stock = in_stock


class Shop:
    """Everything that is stored, and the one handler."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.inventories: dict[str, Inventory] = {}
        self.events: list[OrderShipped] = []

    def add(self, order: Order) -> None:
        """Store the order and its events, then handle them."""
        self.orders[order.id] = order
        for event in order.raised:
            self.events.append(event)
            self.reduce_stock_level(event)
        order.raised = []

    def reduce_stock_level(self, event: OrderShipped) -> None:
        """Find the inventory by its book, take some off, save."""
        inventory = self.inventories[event.book_id]
        inventory.in_stock -= event.quantity
        self.inventories[inventory.book_id] = inventory


class Floor(Bookseller):
    """The least that Python can do the work with."""

    def prepare(self, stored: int) -> ShipAndHandle:
        """See `Contender.prepare`."""
        self.shop = Shop()
        for book_id in [*map(other_book, range(stored // 2)), BOOK]:
            self.shop.inventories[book_id] = Inventory(book_id, IN_STOCK)
        for number in range(stored // 2):
            self._ship_and_handle(other_book(number))()
        return self._ship_and_handle(BOOK)

    def _ship_and_handle(self, book_id: str) -> ShipAndHandle:
        shop = self.shop

        def run() -> None:
            order = Order(book_id=book_id, quantity=1, total_amount=10.0)
            order.ship_order()
            shop.add(order)

        return run

    def stock(self) -> int:
        """See `Contender.stock`."""
        return self.shop.inventories[BOOK].in_stock

    def events(self) -> int:
        """See `Contender.events`."""
        return len(self.shop.events)
