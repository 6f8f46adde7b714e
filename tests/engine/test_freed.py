"""A domain that nobody holds any more goes, with all that happened in it."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from ddd_kit import Domain, demo, handle


def gone(made: weakref.ref[Domain]) -> bool:
    Domain(name="Another")  # else the last one made is the current one, and stays
    gc.collect()
    return made() is None


def used() -> weakref.ref[Domain]:
    domain: Any = Domain(name="Bookshop")

    @domain.aggregate
    class Order:
        quantity: int = 1

        def ship(self) -> None:
            self.raise_(OrderShipped())  # type: ignore[attr-defined]

    @domain.event(part_of=Order)
    class OrderShipped: ...

    @domain.event_handler(part_of=Order)
    class Notify:
        @handle(OrderShipped)
        def tell(self, event: Any) -> None: ...

    order = Order()
    order.ship()  # type: ignore[attr-defined]
    domain.repository_for(Order).add(order)
    return weakref.ref(domain)


def test_one_that_was_used() -> None:
    assert gone(used())


def test_one_whose_map_and_journal_were_shown() -> None:
    made = used()
    domain = made()
    assert domain is not None
    repr(domain.map())
    repr(domain.journal)
    del domain
    assert gone(made)


def test_one_whose_workbench_was_closed() -> None:
    bench = demo()
    made = weakref.ref(bench.domain)
    bench.close()
    del bench
    assert gone(made)  # type: ignore[arg-type]
