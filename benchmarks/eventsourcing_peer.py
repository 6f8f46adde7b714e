"""The peer eventsourcing, written the way its tutorial teaches: in memory, one process.

Aggregates with `@event` methods, an application, a process application with a `policy`, a system of both, its
`SingleThreadedRunner`. Each order is handled before `save` returns.
"""

# eventsourcing is not installed where types are checked.
# mypy: disable-error-code="misc, untyped-decorator"

from __future__ import annotations

from typing import Any, ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.system import ProcessApplication, SingleThreadedRunner, System

from benchmarks.contender import BOOK, IN_STOCK, Bookseller, ShipAndHandle, other_book


class Order(Aggregate):
    """An order of one book."""

    @event("Placed")
    def __init__(self, book_id: str, quantity: int, total_amount: float) -> None:
        self.book_id = book_id
        self.quantity = quantity
        self.total_amount = total_amount
        self.status = "PENDING"

    def ship_order(self) -> None:
        """Ship it, and say what the handler wants to know."""
        self._ship(book_id=self.book_id, quantity=self.quantity, total_amount=self.total_amount)

    @event("Shipped")
    def _ship(self, book_id: str, quantity: int, total_amount: float) -> None:  # noqa: ARG002 - go into the event
        self.status = "SHIPPED"


def inventory_id(book_id: str) -> UUID:
    """Make the id of a book's inventory: it follows from the book, as the tutorial does it."""
    return uuid5(NAMESPACE_URL, f"/inventories/{book_id}")


class Inventory(Aggregate):
    """How many of one book there are."""

    create_id = staticmethod(inventory_id)

    @event("Opened")
    def __init__(self, book_id: str, in_stock: int) -> None:
        self.book_id = book_id
        self.in_stock = in_stock

    @event("Taken")
    def take(self, quantity: int) -> None:
        """Take some off."""
        self.in_stock -= quantity


class Orders(Application[UUID]):
    """Stores orders."""


class Inventories(ProcessApplication[UUID]):
    """Stores inventories, and handles what becomes of orders."""

    @singledispatchmethod
    def policy(self, domain_event: Any, processing_event: Any) -> None:
        """Do nothing about an event that has no method of its own."""

    @policy.register(Order.Shipped)
    def reduce_stock_level(self, domain_event: Any, processing_event: Any) -> None:
        """Find the inventory by its book, take some off, save."""
        inventory = self.repository.get(Inventory.create_id(domain_event.book_id))
        inventory.take(quantity=domain_event.quantity)
        processing_event.collect_events(inventory)


class Eventsourcing(Bookseller):
    """The bookshop on eventsourcing.

    Args:
        cache: Keep aggregates in its cache, without limit and put there when saved, as its documentation
            advises for one process. Off is its default.
        copy: Copy what comes out of the cache, as is its default. Off is meant for immutable aggregates only.
        forward: Look for newer events of what comes out of the cache, as is its default (fast-forwarding).
    """

    order: ClassVar[Any] = Order
    inventory: ClassVar[Any] = Inventory
    applications: ClassVar[list[Any]] = [Orders, Inventories]
    runner_class: ClassVar[Any] = SingleThreadedRunner

    def __init__(self, cache: bool = True, copy: bool = True, forward: bool = False) -> None:
        self.env = {"AGGREGATE_CACHE_MAXSIZE": "0"} if cache else {}
        if not forward:
            self.env["AGGREGATE_CACHE_FASTFORWARD"] = "n"
        if not copy:
            self.env["DEEPCOPY_FROM_AGGREGATE_CACHE"] = "n"

    def prepare(self, stored: int) -> ShipAndHandle:
        """See `Contender.prepare`."""
        runner = self.runner_class(System(pipes=[self.applications]), env=self.env)
        runner.start()
        self.runner, (self.orders, self.inventories) = runner, map(runner.get, self.applications)
        for book_id in [*map(other_book, range(stored // 2)), BOOK]:
            self.inventories.save(self.inventory(book_id, IN_STOCK))
        for number in range(stored // 2):
            self._ship_and_handle(other_book(number))()
        return self._ship_and_handle(BOOK)

    def _ship_and_handle(self, book_id: str) -> ShipAndHandle:
        order_class, orders = self.order, self.orders

        def run() -> None:
            order = order_class(book_id=book_id, quantity=1, total_amount=10.0)
            order.ship_order()
            orders.save(order)

        return run

    def age(self, orders: int, work: ShipAndHandle) -> None:  # noqa: ARG002 - not needed here
        """See `Contender.age`: the inventory's events are saved in one go."""
        inventory = self._inventory()
        for _ in range(orders):
            inventory.take(1)
        self.inventories.save(inventory)

    def stock(self) -> int:
        """See `Contender.stock`."""
        return int(self._inventory().in_stock)

    def _inventory(self) -> Any:
        return self.inventories.repository.get(inventory_id(BOOK))

    def events(self) -> int:
        """See `Contender.events`: each order leaves two, placed and shipped."""
        return int(self.orders.recorder.max_notification_id() or 0) // 2
