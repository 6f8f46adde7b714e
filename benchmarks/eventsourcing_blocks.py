"""Entities, event sourcing and projections on the peer eventsourcing, in its own idiom.

An aggregate's entities are plain objects in a dictionary of its own, since all of its aggregates follow from
their events; a projection is a view of its own that its `ProjectionRunner` fills.
"""

# eventsourcing is not installed where types are checked.
# mypy: disable-error-code="misc, untyped-decorator"

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.popo import POPOTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner

from benchmarks.contender import BOOK, EVENTS, IN_STOCK, ITEMS, TITLES, Contender, Work, other_book
from benchmarks.eventsourcing_peer import Inventory, inventory_id


@dataclass
class OrderItem:
    """One of the items of an order."""

    sku: str
    quantity: int


class Order(Aggregate):
    """An order of several items."""

    @staticmethod
    def create_id(number: str) -> UUID:
        """Make the id of an order: it follows from its number, as the tutorial does it."""
        return uuid5(NAMESPACE_URL, f"/orders/{number}")

    @event("Placed")
    def __init__(self, number: str, customer: str) -> None:
        self.number = number
        self.customer = customer
        self.items: dict[str, OrderItem] = {}

    @event("ItemAdded")
    def add_item(self, sku: str, quantity: int) -> None:
        """Add one item."""
        self.items[sku] = OrderItem(sku, quantity)

    @event("QuantityChanged")
    def change_quantity(self, sku: str, quantity: int) -> None:
        """Change how many of an item are wanted."""
        self.items[sku].quantity = quantity


class Orders(Application[UUID]):
    """Stores orders."""


class Items(Contender):
    """An order of ten items is loaded, gets an eleventh and is saved; loaded again, one of its items changes.

    Args:
        cache: As in `eventsourcing_peer.Eventsourcing`.
    """

    def __init__(self, cache: bool = True) -> None:
        env = {"AGGREGATE_CACHE_MAXSIZE": "0", "AGGREGATE_CACHE_FASTFORWARD": "n"} if cache else {}
        self.orders = Orders(env=env)
        self.waiting: list[str] = []
        self.worked: list[str] = []

    def prepare(self, stored: int) -> Work:
        """See `Contender.prepare`: so many orders besides those that are worked on."""
        self._place("other", range(stored))
        orders, waiting, worked = self.orders, self.waiting, self.worked

        def run() -> None:
            number = waiting.pop()
            identity = Order.create_id(number)
            order: Any = orders.repository.get(identity)
            order.add_item(sku=f"{number}-new", quantity=2)
            orders.save(order)
            order = orders.repository.get(identity)
            order.change_quantity(sku=f"{number}-3", quantity=5)
            orders.save(order)
            worked.append(number)

        return run

    def _place(self, word: str, numbers: range) -> list[str]:
        names = [f"{word}-{number}" for number in numbers]
        for name in names:
            order = Order(name, "Ann")
            for n in range(ITEMS):
                order.add_item(sku=f"{name}-{n}", quantity=1)
            self.orders.save(order)
        return names

    def ready(self, times: int) -> None:
        """See `Contender.ready`: an order for each."""
        done = len(self.worked)
        self.waiting += self._place("order", range(done, done + times))

    def tally(self) -> dict[str, int]:
        """See `Contender.tally`."""
        orders: list[Any] = [self.orders.repository.get(Order.create_id(number)) for number in self.worked]
        return {
            "added": sum(len(order.items) - ITEMS for order in orders),
            "changed": sum(order.items[f"{order.number}-3"].quantity == 5 for order in orders),
        }


class Inventories(Application[UUID]):
    """Stores inventories, and snapshots of them when it is told to take one."""

    is_snapshotting_enabled = True


class Stream(Contender):
    """An inventory is loaded that follows from its events; the cache is off, as it would leave none to tell.

    Args:
        snapshot: Load from a snapshot of the state after all events; else each event is told.
    """

    def __init__(self, snapshot: bool = False) -> None:
        self.inventories = Inventories()
        self.snapshot = snapshot
        self.loaded = 0

    def prepare(self, stored: int) -> Work:
        """See `Contender.prepare`: so many inventories of one event, besides the one that is loaded."""
        for book_id in map(other_book, range(stored)):
            self.inventories.save(Inventory(book_id, IN_STOCK))
        inventory = Inventory(BOOK, IN_STOCK)
        for _ in range(EVENTS - 1):
            inventory.take(quantity=1)
        self.inventories.save(inventory)
        identity, repository = inventory_id(BOOK), self.inventories.repository
        if self.snapshot:
            self.inventories.take_snapshot(identity)
        left = IN_STOCK - (EVENTS - 1)

        def run() -> None:
            found: Any = repository.get(identity)
            self.loaded += found.in_stock == left

        return run

    def tally(self) -> dict[str, int]:
        """See `Contender.tally`."""
        return {"loaded": self.loaded}


class Shipment(Aggregate):
    """An order of one book, whose only event says that it was shipped."""

    @event("Shipped")
    def __init__(self, book_id: str, quantity: int) -> None:
        self.book_id = book_id
        self.quantity = quantity


class Shipments(Application[UUID]):
    """Stores shipments; all applications of this class read the same ones, as those of one database would.

    Its runner makes an application of its own, and one in memory would be empty.
    """

    recorder_of_all: ClassVar[Any] = None

    def construct_recorder(self) -> Any:
        """Return the one recorder that there is."""
        cls = type(self)
        cls.recorder_of_all = cls.recorder_of_all or super().construct_recorder()
        return cls.recorder_of_all


class Sales(POPOTrackingRecorder):
    """How many of each book were sold."""

    def __init__(self) -> None:
        super().__init__()
        self.sold: dict[str, int] = {}

    def add(self, book_id: str, quantity: int, tracking: Any) -> None:
        """Count some as sold, together with the place of the event that said so."""
        with self._database_lock:
            self._assert_tracking_uniqueness(tracking)
            self.sold[book_id] = self.sold.get(book_id, 0) + quantity
            self._insert_tracking(tracking)


class CountSales(Projection[Sales]):
    """Counts what is sold."""

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Any) -> None:  # noqa: ARG002 - nothing else happens
        """Note that an event was seen that has no method of its own."""
        self.view.insert_tracking(tracking)

    @process_event.register(Shipment.Shipped)
    def shipped(self, domain_event: Any, tracking: Any) -> None:
        """Count it."""
        self.view.add(domain_event.book_id, domain_event.quantity, tracking)


class Report(Contender):
    """A projection, of how many of each book were sold, is made anew from its events, into an empty view."""

    def prepare(self, stored: int) -> Work:  # noqa: ARG002 - the events are all that it is made from
        """See `Contender.prepare`."""
        shipments = Shipments()
        for number in range(EVENTS):
            shipments.save(Shipment(other_book(number % TITLES), 1))
        last = shipments.recorder.max_notification_id()
        expected = {other_book(number): EVENTS // TITLES for number in range(TITLES)}
        self.rebuilt = 0

        def run() -> None:
            with ProjectionRunner(
                application_class=Shipments, projection_class=CountSales, view_class=Sales
            ) as runner:
                runner.wait(last, timeout=60)
            self.rebuilt += runner.view.sold == expected

        return run

    def tally(self) -> dict[str, int]:
        """See `Contender.tally`."""
        return {"rebuilt": self.rebuilt}
