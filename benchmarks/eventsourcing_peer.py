"""The peer eventsourcing: in memory, one process, each order handled before `save` returns.

Events are classes with an `apply` of their own: quicker than its decorated methods.
"""

# eventsourcing is not installed where types are checked.
# mypy: disable-error-code="misc, untyped-decorator"

from __future__ import annotations

from typing import Any, ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate
from eventsourcing.system import NewSingleThreadedRunner, ProcessApplication, SingleThreadedRunner, System
from eventsourcing.utils import get_topic

from benchmarks.contender import BOOK, IN_STOCK, Contender, ShipAndHandle, other_book


class Order(Aggregate):
    """An order of one book."""

    def __init__(self, book_id: str, quantity: int, total_amount: float) -> None:
        self.book_id = book_id
        self.quantity = quantity
        self.total_amount = total_amount
        self.status = "PENDING"

    class Shipped(Aggregate.Event):
        """It was shipped; says what the handler wants to know."""

        book_id: str
        quantity: int
        total_amount: float

        def apply(self, aggregate: Any) -> None:
            """Make the order a shipped one."""
            aggregate.status = "SHIPPED"

    def ship_order(self) -> None:
        """Ship it."""
        self.trigger_event(
            self.Shipped, book_id=self.book_id, quantity=self.quantity, total_amount=self.total_amount
        )


class Inventory(Aggregate):
    """How many of one book there are; its id follows from the book, so finding it costs next to nothing."""

    def __init__(self, book_id: str, in_stock: int) -> None:
        self.book_id = book_id
        self.in_stock = in_stock

    @staticmethod
    def create_id(book_id: str) -> UUID:
        """Make the id of a book's inventory."""
        return uuid5(NAMESPACE_URL, f"/inventories/{book_id}")

    class Taken(Aggregate.Event):
        """Some were taken off."""

        quantity: int

        def apply(self, aggregate: Any) -> None:
            """Take them off."""
            aggregate.in_stock -= self.quantity

    def take(self, quantity: int) -> None:
        """Take some off."""
        self.trigger_event(self.Taken, quantity=quantity)


class Orders(Application[UUID]):
    """Stores orders."""


class Inventories(ProcessApplication[UUID]):
    """Stores inventories, and handles what becomes of orders; other topics are not even looked at."""

    topics: ClassVar[list[str]] = [get_topic(Order.Shipped)]

    @singledispatchmethod
    def policy(self, domain_event: Any, processing_event: Any) -> None:
        """Do nothing about an event that has no method of its own."""

    @policy.register
    def reduce_stock_level(self, domain_event: Order.Shipped, processing_event: Any) -> None:
        """Find the inventory by its book, take some off, save."""
        inventory = self.repository.get(Inventory.create_id(domain_event.book_id))
        inventory.take(domain_event.quantity)
        processing_event.collect_events(inventory)


class Eventsourcing(Contender):
    """A system of two applications in one of the library's own single-threaded runners.

    Args:
        cache: Keep aggregates in its cache, without limit and put there when saved, which is the
            quickest (fast-forwarding scans the aggregate's events each time). Off is its default.
        copy: Copy what comes out of the cache. Off is meant for immutable aggregates only.
        pull: Take its default runner, whose applications pull events from storage; the other hands
            over the event that was saved, which is quicker.
    """

    def __init__(self, cache: bool = True, copy: bool = True, pull: bool = False) -> None:
        self.runner_class = SingleThreadedRunner if pull else NewSingleThreadedRunner
        self.env = {"DEEPCOPY_FROM_AGGREGATE_CACHE": "y" if copy else "n"}
        if cache:
            self.env |= {"AGGREGATE_CACHE_MAXSIZE": "0", "AGGREGATE_CACHE_FASTFORWARD": "n"}

    def prepare(self, stored: int) -> ShipAndHandle:
        """See `Contender.prepare`."""
        runner: Any = self.runner_class(System([[Orders, Inventories]]), env=self.env)
        runner.start()
        self.runner, self.orders, self.inventories = runner, runner.get(Orders), runner.get(Inventories)
        for book_id in [*map(other_book, range(stored // 2)), BOOK]:
            self.inventories.save(Inventory(book_id, IN_STOCK))
        for number in range(stored // 2):
            self._ship_and_handle(other_book(number))()
        return self._ship_and_handle(BOOK)

    def _ship_and_handle(self, book_id: str) -> ShipAndHandle:
        orders = self.orders

        def run() -> None:
            order = Order(book_id=book_id, quantity=1, total_amount=10.0)
            order.ship_order()
            orders.save(order)

        return run

    def age(self, orders: int, ship: ShipAndHandle) -> None:  # noqa: ARG002 - not needed here
        """See `Contender.age`: the inventory's events are saved in one go."""
        inventory = self.inventories.repository.get(Inventory.create_id(BOOK))
        for _ in range(orders):
            inventory.take(1)
        self.inventories.save(inventory)

    def stock(self) -> int:
        """See `Contender.stock`."""
        return int(self.inventories.repository.get(Inventory.create_id(BOOK)).in_stock)

    def events(self) -> int:
        """See `Contender.events`: each order leaves two, placed and shipped."""
        return int(self.orders.recorder.max_notification_id() or 0) // 2
