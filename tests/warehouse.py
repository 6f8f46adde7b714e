"""A model in which everything happens that a journal tells: what goes well, and what does not."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace
from typing import Any

from ddd_kit import Domain, handle
from ddd_kit.fields import Integer
from ddd_kit.journal.origin import origin


def warehouse(**config: Any) -> SimpleNamespace:  # noqa: C901 - one class after the other
    """The model, and the domain under `domain`; nothing has happened in it yet.

    A shipped order takes from the stock; a low stock gives a command. Of the other handlers of a shipped
    order, one is kept out by its source, one fails twice, and one fails and takes its error itself.
    """
    domain = Domain(name="Warehouse", seed=7, config=config)

    @domain.event(part_of="Order")
    class OrderShipped:
        order_id: str
        quantity = Integer(default=10)

    @domain.event(part_of="Order")
    class Forgotten: ...

    @domain.event(part_of="Inventory")
    class StockLow:
        left = Integer()

    @domain.aggregate
    class Order:
        quantity = Integer(default=10, min_value=1)
        status: str = "PENDING"
        note: Any = None
        paid: bool = False

        def ship(self) -> None:
            self.status, self.note, self.paid = "SHIPPED", "fast", True
            self.raise_(OrderShipped(order_id=self.id, quantity=self.quantity))

    @domain.aggregate
    class Inventory:
        in_stock = Integer(required=True)
        price: float = 1.5

    @domain.aggregate
    class Purchase:
        amount = Integer()

    @domain.command(part_of=Order, stream_category="manage_order")
    class ShipOrder:
        order_id: str

    @domain.command(part_of=Purchase)
    class Buy:
        amount = Integer()

    @domain.command(part_of=Purchase)
    class Dream: ...

    @domain.command_handler(part_of=Order)
    class ManageOrder:
        @handle(ShipOrder)
        def ship(self, command: Any) -> None:
            order = domain.repository_for(Order).get(command.order_id)
            order.ship()
            domain.repository_for(Order).add(order)

    @domain.command_handler(part_of=Purchase)
    class Buyer:
        @handle(Buy)
        def buy(self, command: Any) -> None:
            domain.repository_for(Purchase).add(Purchase(id="p-1", amount=command.amount))

    @domain.event_handler(part_of=Inventory, stream_category="order")
    class ManageInventory:
        @handle(OrderShipped)
        def reduce(self, event: Any) -> None:
            inventory = domain.repository_for(Inventory).query.first
            inventory.in_stock -= event.quantity
            inventory.price += 0.25
            if inventory.in_stock < 50:
                inventory.raise_(StockLow(left=inventory.in_stock))
            domain.repository_for(Inventory).add(inventory)

    @domain.event_handler(part_of=Order, source_stream="web")
    class Email:
        @handle(OrderShipped)
        def notify(self, event: Any) -> None: ...

    @domain.event_handler(part_of=Order, retries=1)
    class Clumsy:
        @handle(OrderShipped)
        def drop(self, event: Any) -> None:
            order = domain.repository_for(Order).get(event.order_id)
            order.note = "lost"
            domain.repository_for(Order).add(order)
            raise ValueError("no paper.")

    @domain.event_handler(part_of=Order)
    class Careful:
        @handle(OrderShipped)
        def drop(self, _: Any) -> None:
            raise KeyError("key")

        @classmethod
        def handle_error(cls, error: Exception, event: Any) -> None: ...

    @domain.event_handler(part_of=Purchase, stream_category="inventory")
    class Reorder:
        @handle(StockLow)
        def again(self, _: Any) -> None:
            domain.process(Buy(amount=100))

    names = {name: element.cls for name, element in domain.registry.elements.items()}
    return SimpleNamespace(domain=domain, **names)


def stocked(**config: Any) -> SimpleNamespace:
    """With an order of 10 and 100 in stock, from In [1]."""
    shop = warehouse(**config)
    with origin("In [1]"):
        shop.order = shop.domain.repository_for(shop.Order).add(shop.Order(id="o-1"))
        shop.domain.repository_for(shop.Inventory).add(shop.Inventory(id="i-1", in_stock=100))
    return shop


def shipped(**config: Any) -> SimpleNamespace:
    """Also with that order shipped by plain code, from In [2]."""
    shop = stocked(**config)
    shop.order.ship()
    with origin("In [2]"), suppress(ValueError):
        shop.domain.repository_for(shop.Order).add(shop.order)
    return shop


def commanded() -> SimpleNamespace:
    """Also with an order of 60 shipped by a command, from In [3]."""
    shop = shipped()
    with origin("In [3]"), suppress(ValueError):
        shop.domain.repository_for(shop.Order).add(shop.Order(id="o-2", quantity=60))
        shop.domain.process(shop.ShipOrder(order_id="o-2"))
    return shop


def step_of(domain: Domain, kind: str, number: int = -1, **wanted: Any) -> int:
    """The step of one of the entries of a kind, by default the last, which have these values."""
    found = [e for e in domain.journal.of(kind=kind) if all(getattr(e, k) == v for k, v in wanted.items())]
    return found[number].step
