"""Models that the tests of the pictures draw."""

from __future__ import annotations

import runpy
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ddd_kit import Domain, handle
from ddd_kit.fields import Integer, String
from ddd_kit.journal.origin import origin

SEED = Path(__file__).parents[1] / "seed_model.py"


def seed(*, run: bool = True) -> SimpleNamespace:
    """The guide's bookshop, after its session, or before."""
    names = runpy.run_path(str(SEED))
    for number, cell in enumerate(names["SESSION"] if run else (), 1):
        with origin(f"In [{number}]"):
            exec(cell, names)
    return SimpleNamespace(**names)


def ship_by_command(shop: SimpleNamespace) -> None:
    """Ship another order, as the command does."""
    order = shop.Order(book_id=1, quantity=5, total_amount=50)
    shop.domain.repository_for(shop.Order).add(order)
    with origin("In [9]"):
        shop.domain.process(shop.ShipOrder(order_id=order.id))


def troubled(error: str = "no paper", doc: str = "What a customer wants.", name: str = "Desk") -> Domain:
    """A handler fails; one is skipped by its source, one by its stream; one is retired; one leads back."""
    domain = Domain(name=name)

    @domain.event(part_of="Order")
    class OrderPaid:
        amount = Integer(default=3)

    class Draft:
        __doc__ = doc
        status = String(default="NEW")

        def pay(self) -> None:
            self.status = "PAID"
            self.raise_(OrderPaid())

    Order = domain.aggregate(type("Order", (Draft,), {"__doc__": doc}))  # noqa: N806

    @domain.aggregate
    class Invoice: ...

    @domain.event_handler(part_of=Invoice, stream_category="order")
    class Billing:
        @handle(OrderPaid)
        def bill(self, _: Any) -> None:
            raise ValueError(error)

    @domain.event_handler(part_of=Invoice)
    class WrongStream:
        @handle(OrderPaid)
        def never(self, event: Any) -> None: ...

    @domain.event_handler(part_of=Order, source_stream="web")
    class FromWeb:
        @handle(OrderPaid)
        def note(self, event: Any) -> None: ...

    @domain.event_handler(part_of=Order)
    class Confirm:
        @handle(OrderPaid)
        def confirm(self, _: Any) -> None:
            order = domain.repository_for(Order).query.first
            order.status = "CONFIRMED"
            domain.repository_for(Order).add(order)

    @domain.event_handler(part_of=Invoice, stream_category="order")
    class OldOne:
        @handle(OrderPaid)
        def old(self, event: Any) -> None: ...

    @domain.event(part_of="Oder")
    class Lost: ...

    @domain.command(part_of=Order)
    class PayOrder: ...

    domain.retire("OldOne")
    with origin("In [3]"), suppress(ValueError):
        order = Order()
        order.pay()
        domain.repository_for(Order).add(order)
    return domain


def chained(count: int, *, run: bool = False) -> Domain:
    """A model of so many elements in which each aggregate's first event leads to the next aggregate."""
    domain = Domain(name=f"Shop of {count}")
    groups = count // 5
    for i in range(groups):
        domain.aggregate(type(f"Aggregate{i}", (), {}))
        domain.command(part_of=f"Aggregate{i}")(type(f"ChangeAggregate{i}", (), {}))
        for word in ("Opened", "Closed"):
            domain.event(part_of=f"Aggregate{i}")(type(f"Aggregate{i}{word}", (), {}))
        if i:
            _linked(domain, i)
    if run:
        _open_all(domain, groups)
    return domain


def _linked(domain: Domain, i: int) -> None:
    def on_opened(self: Any, event: Any) -> None:
        domain.repository_for(f"Aggregate{i}").add(domain.registry.elements[f"Aggregate{i}"].cls())

    methods = {"on_opened": handle(f"Aggregate{i - 1}Opened")(on_opened)}
    handler = type(f"UpdateAggregate{i}", (), methods)
    domain.event_handler(part_of=f"Aggregate{i}", stream_category=f"aggregate{i - 1}")(handler)


def _open_all(domain: Domain, groups: int) -> None:
    for i in range(groups):
        aggregate = domain.registry.elements[f"Aggregate{i}"].cls()
        aggregate.raise_(domain.registry.elements[f"Aggregate{i}Opened"].cls())
        domain.repository_for(f"Aggregate{i}").add(aggregate)


LONG = "AnAggregateWhoseNameIsSoLongThatItHasNoRoomOnAnyMapInTheWorld"[:60]


def long_names() -> Domain:
    """Every name has 60 characters."""
    domain = Domain(name="Long")
    domain.aggregate(type(LONG, (), {}))
    event = domain.event(part_of=LONG)(type(f"E{LONG[1:]}", (), {}))
    methods = {"m" * 60: handle(event)(lambda *_: None)}
    domain.event_handler(part_of=LONG)(type(f"H{LONG[1:]}", (), methods))
    domain.command(part_of=LONG, stream_category="c" * 60)(type(f"C{LONG[1:]}", (), {}))
    return domain


MODELS = {
    "empty": lambda: Domain(name="Empty"),
    "seed before its session": lambda: seed(run=False).domain,
    "seed": lambda: seed().domain,
    "troubled": troubled,
    "long names": long_names,
    "30 elements": lambda: chained(30, run=True),
    "100 elements": lambda: chained(100, run=True),
}


def faulty() -> Domain:
    """The seed's shop with a broker that doubles, drops, delays and fails."""
    shop = seed()
    domain, faults = shop.domain, shop.domain.faults
    for switch in (
        faults.deliver_twice,
        faults.drop,
        lambda: faults.delay(by=1),
        lambda: faults.fail(times=1),
    ):
        switch()
        with suppress(Exception):
            ship_by_command(shop)
        faults.clear()
    return domain  # type: ignore[no-any-return]
