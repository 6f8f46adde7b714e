"""A shop whose run has something of everything that a run file has to keep."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from ddd_kit import Domain, UnitOfWork, handle
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Identifier, Integer, String
from ddd_kit.journal.origin import origin


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


def shop(seed: int | None = 7, name: str = "Shop", **config: Any) -> Domain:
    """The model, of which nothing has run yet."""
    domain = Domain(name=name, seed=seed, config=config)

    @domain.aggregate
    class Order:
        quantity = Integer(min_value=1)
        status = String(choices=["PENDING", "SHIPPED"], default="PENDING")
        colour: Colour = Colour.RED
        price: Decimal = Decimal("9.90")
        due: dt.date | None = None
        tags: list[str] = []  # noqa: RUF012 - as users write it
        marks: dict[int, tuple[int, ...]] | None = None

        def ship(self) -> None:
            self.status = "SHIPPED"
            self.raise_(Shipped(order_id=self.id, quantity=self.quantity, colour=self.colour))

    @domain.event(part_of=Order)
    class Shipped:
        order_id = Identifier(required=True)
        quantity = Integer()
        colour: Colour | None = None

    @domain.aggregate
    class Stock:
        left = Integer(default=100)

        def take(self, quantity: int) -> None:
            self.left -= quantity
            self.raise_(Taken(quantity=quantity))

    @domain.event(part_of=Stock)
    class Taken:
        quantity = Integer()

    @domain.command(part_of=Order)
    class Ship:
        order_id = Identifier(required=True)

    @domain.command_handler(part_of=Order)
    class ManageOrders:
        @handle(Ship)
        def ship(self, command: Ship) -> None:
            order = domain.repository_for("Order").get(command.order_id)
            order.ship()
            domain.repository_for("Order").add(order)

    @domain.event_handler(part_of=Stock, stream_category="order")
    class TakeOut:
        @handle(Shipped)
        def take_out(self, event: Shipped) -> None:
            stock = domain.repository_for("Stock").get("s-1")
            stock.take(event.quantity)
            domain.repository_for("Stock").add(stock)
            if event.quantity == 13:
                raise ValueError("thirteen")

    @domain.event_handler(part_of=Stock, stream_category="order", source_stream="elsewhere")
    class Elsewhere:
        @handle(Shipped)
        def hear(self, event: Shipped) -> None: ...

    @domain.event_handler(part_of=Order, stream_category="stock")
    class Count:
        @handle(Taken)
        def count(self, event: Taken) -> None: ...

    return domain


def run(domain: Domain) -> None:
    """Something of everything: changes, events, failures, refusals, and deliveries that wait at the end."""
    order_class, ship = domain.registry.elements["Order"].cls, domain.registry.elements["Ship"].cls
    orders, stocks = domain.repository_for("Order"), domain.repository_for("Stock")
    with origin("In [1]"):
        stocks.add(domain.registry.elements["Stock"].cls(id="s-1"))
        orders.add(order_class(id="o-1", quantity=2, colour=Colour.BLUE, tags=["a"], marks={1: (2, 3)}))
        orders.add(order_class(id="o-2", quantity=13, due=dt.date(2024, 2, 29)))
        orders.add(order_class(id="o-3", quantity=1))
        orders.remove(orders.get("o-3"))
    with origin("In [2]"):
        domain.process(ship(order_id="o-1"))
        for refused in (lambda: order_class(quantity=0), lambda: domain.process(ship(order_id="o-2"))):
            with suppress(ValidationError, ValueError):
                refused()
    domain.config["event_processing"] = "async"
    with origin("In [3]"), UnitOfWork(domain):
        for quantity in (3, 4):
            order = order_class(quantity=quantity)
            order.ship()
            orders.add(order)
    domain.deliver(0)


def outline(domain: Domain) -> tuple[Any, ...]:
    """All of a world that can be compared."""
    world = domain.world
    return (
        list(world.journal.rows),
        (world.journal.first_step, world.journal.last_step, world.journal.missed),
        list(world.journal._window.batch_ends),
        dict(world.journal._window.before),
        list(world.events.rows),
        dict(world.events.lengths),
        {name: dict(store.rows) for name, store in world.stores.items() if store.rows},
        [(d.names, d.step, d.row, tuple(d.chain), d.cycle()) for d in world.waiting],
    )


def saved(tmp_path: Path, **options: Any) -> tuple[Domain, Path]:
    """A domain that has run, and the file of it."""
    domain = shop(**options)
    run(domain)
    path = tmp_path / "run.jsonl"
    domain.save(path)
    return domain, path
