"""Entities, event sourcing and projections as ddd_kit and protean both read them: one model for either.

No annotation here is a text, as protean reads the one that tells which event a method applies.
"""

import logging
import warnings
from contextlib import nullcontext
from importlib import import_module
from typing import Any

from benchmarks.contender import BOOK, EVENTS, IN_STOCK, ITEMS, TITLES, Contender, Work, other_book

ALL_EVENTS = 10_000_000
"""A threshold that no stream reaches, so that no snapshot is kept unasked."""


class Kit:
    """A framework that speaks this API, with a domain in it whose context stays open.

    Args:
        name: `ddd_kit` or `protean`.
    """

    def __init__(self, name: str) -> None:
        logging.disable(logging.INFO)
        warnings.filterwarnings("ignore", message="No configuration file found")
        self.name = name
        self.module: Any = import_module(name)
        self.fields: Any = import_module(f"{name}.fields")
        self.projector: Any = getattr(self.module, "on", None) or import_module(f"{name}.core.projector").on
        self.domain: Any = self.module.Domain(name="Bookshop")
        self.domain.config["event_processing"] = "sync"
        self.domain.config["command_processing"] = "sync"

    def begin(self) -> None:
        """Take the elements as they are defined, and open the context."""
        self.domain.init(traverse=False)
        self.domain.domain_context().push()

    def unit_of_work(self) -> Any:
        """Return a unit of work, in which laying out many aggregates costs the least."""
        return self.module.UnitOfWork()

    def many_reads(self) -> Any:
        """Return the block in which reading much costs the least.

        Outside of a unit of work protean copies everything it stores in memory for each event that it reads:
        1,000 would take more than a minute.
        """
        return self.unit_of_work() if self.name == "protean" else nullcontext()


class Items(Contender):
    """An order of ten items is loaded, gets an eleventh and is saved; loaded again, one of its items changes.

    Args:
        kit: See `Kit`.
    """

    def __init__(self, kit: str) -> None:
        self.kit = Kit(kit)
        self.order, self.item = self._define()
        self.waiting: list[str] = []
        self.worked: list[str] = []

    def _define(self) -> tuple[Any, Any]:
        domain, fields = self.kit.domain, self.kit.fields

        @domain.entity(part_of="Order")
        class OrderItem:
            sku = fields.Identifier(identifier=True)
            quantity = fields.Integer(required=True)

        @domain.aggregate
        class Order:
            customer = fields.String(required=True)
            items = fields.HasMany(OrderItem)

        self.kit.begin()
        return Order, OrderItem

    def prepare(self, stored: int) -> Work:
        """See `Contender.prepare`: so many orders besides those that are worked on."""
        self._place("other", range(stored))
        orders, item, waiting, worked = self._orders(), self.item, self.waiting, self.worked

        def run() -> None:
            identity = waiting.pop()
            order = orders.get(identity)
            order.add_items(item(sku=f"{identity}-new", quantity=2))
            orders.add(order)
            order = orders.get(identity)
            order.get_one_from_items(sku=f"{identity}-3").quantity = 5
            orders.add(order)
            worked.append(identity)

        return run

    def _orders(self) -> Any:
        return self.kit.domain.repository_for(self.order)

    def _place(self, word: str, numbers: range) -> list[str]:
        names = [f"{word}-{number}" for number in numbers]
        with self.kit.unit_of_work():
            for name in names:
                order = self.order(id=name, customer="Ann")
                order.add_items([self.item(sku=f"{name}-{n}", quantity=1) for n in range(ITEMS)])
                self._orders().add(order)
        return names

    def ready(self, times: int) -> None:
        """See `Contender.ready`: an order for each."""
        done = len(self.worked)
        self.waiting += self._place("order", range(done, done + times))

    def tally(self) -> dict[str, int]:
        """See `Contender.tally`."""
        orders = [self._orders().get(identity) for identity in self.worked]
        return {
            "added": sum(len(order.items) - ITEMS for order in orders),
            "changed": sum(
                order.get_one_from_items(sku=f"{order.id}-3").quantity == 5 and order.customer == "Ann"
                for order in orders
            ),
        }


class Stream(Contender):
    """An inventory is loaded that follows from its events.

    Args:
        kit: See `Kit`.
        snapshot: Load from a snapshot of the state after all events; else each event is told.
    """

    def __init__(self, kit: str, snapshot: bool = False) -> None:
        self.kit = Kit(kit)
        self.kit.domain.config["snapshot_threshold"] = ALL_EVENTS
        self.snapshot = snapshot
        self.inventory, self.opened, self.taken = self._define()
        self.loaded = 0

    def _define(self) -> tuple[Any, Any, Any]:
        domain, fields, apply = self.kit.domain, self.kit.fields, self.kit.module.apply

        @domain.event(part_of="Inventory")
        class InventoryOpened:
            book_id = fields.Identifier(required=True)
            in_stock = fields.Integer(required=True)

        @domain.event(part_of="Inventory")
        class BooksTaken:
            book_id = fields.Identifier(required=True)
            quantity = fields.Integer(required=True)

        @domain.aggregate(event_sourced=True)
        class Inventory:
            book_id = fields.Identifier(identifier=True)
            in_stock = fields.Integer()

            @apply  # type: ignore[untyped-decorator]
            def opened(self, event: InventoryOpened) -> None:
                self.book_id = event.book_id
                self.in_stock = event.in_stock

            @apply  # type: ignore[untyped-decorator]
            def taken(self, event: BooksTaken) -> None:
                self.in_stock -= event.quantity

        self.kit.begin()
        return Inventory, InventoryOpened, BooksTaken

    def prepare(self, stored: int) -> Work:
        """See `Contender.prepare`: so many inventories of one event, besides the one that is loaded."""
        repository = self.kit.domain.repository_for(self.inventory)
        for book_id in map(other_book, range(stored)):
            repository.add(self._with_events(book_id, 1))
        repository.add(self._with_events(BOOK, EVENTS))
        if self.snapshot:
            with self.kit.many_reads():
                self.kit.domain.create_snapshot(self.inventory, BOOK)
        left, many_reads = IN_STOCK - (EVENTS - 1), self.kit.many_reads

        def run() -> None:
            with many_reads():
                self.loaded += repository.get(BOOK).in_stock == left

        return run

    def _with_events(self, book_id: str, count: int) -> Any:
        inventory = self.inventory._create_new(book_id=book_id)
        inventory.raise_(self.opened(book_id=book_id, in_stock=IN_STOCK))
        for _ in range(count - 1):
            inventory.raise_(self.taken(book_id=book_id, quantity=1))
        return inventory

    def tally(self) -> dict[str, int]:
        """See `Contender.tally`."""
        return {"loaded": self.loaded}


class Report(Contender):
    """A projection, of how many of each book were sold, is emptied and made anew from its events.

    Args:
        kit: See `Kit`.
    """

    def __init__(self, kit: str) -> None:
        self.kit = Kit(kit)
        self.order, self.shipped, self.sales = self._define()
        self.rebuilt = 0

    def _define(self) -> tuple[Any, Any, Any]:
        domain, fields, on = self.kit.domain, self.kit.fields, self.kit.projector

        @domain.event(part_of="Order")
        class OrderShipped:
            order_id = fields.Identifier(required=True)
            book_id = fields.Identifier(required=True)
            quantity = fields.Integer(required=True)

        @domain.aggregate
        class Order:
            book_id = fields.Identifier(required=True)

        @domain.projection
        class Sales:
            book_id = fields.Identifier(identifier=True)
            sold = fields.Integer(default=0)

        @domain.projector(projector_for=Sales, aggregates=[Order])
        class CountSales:
            @on(OrderShipped)  # type: ignore[untyped-decorator]
            def shipped(self, event: OrderShipped) -> None:
                repository = domain.repository_for(Sales)
                try:
                    sales = repository.get(event.book_id)
                except not_found:
                    sales = Sales(book_id=event.book_id)  # type: ignore[call-arg]
                sales.sold += event.quantity
                repository.add(sales)

        not_found = import_module(f"{self.kit.module.__name__}.exceptions").ObjectNotFoundError
        self.kit.begin()
        return Order, OrderShipped, Sales

    def prepare(self, stored: int) -> Work:  # noqa: ARG002 - the events are all that it is made from
        """See `Contender.prepare`."""
        domain, sales = self.kit.domain, self.sales
        orders = domain.repository_for(self.order)
        with self.kit.unit_of_work():
            for number in range(EVENTS):
                order = self.order(book_id=other_book(number % TITLES))
                order.raise_(self.shipped(order_id=order.id, book_id=order.book_id, quantity=1))
                orders.add(order)

        many_reads = self.kit.many_reads

        def run() -> None:
            with many_reads():
                result = domain.rebuild_projection(sales)
            self.rebuilt += result.success and result.events_dispatched == EVENTS

        return run

    def tally(self) -> dict[str, int]:
        """See `Contender.tally`."""
        sales = self.kit.domain.repository_for(self.sales)
        for book_id in map(other_book, range(TITLES)):
            assert sales.get(book_id).sold == EVENTS // TITLES
        return {"rebuilt": self.rebuilt}
