"""Domains with long and with odd journals."""

from __future__ import annotations

from functools import cache
from typing import Any

from ddd_kit import Domain, handle
from ddd_kit.fields import Float, Integer
from ddd_kit.journal.entry import CHANGED
from ddd_kit.journal.origin import origin


@cache
def busy(entries: int, instances: int = 5, cells: int = 30) -> Domain:
    """A shop in which so much has happened: so many stocks, orders shipped; not to be changed."""
    return made_busy(entries, instances, cells)


def made_busy(entries: int, instances: int = 5, cells: int = 30) -> Domain:
    """The same, to be changed; each shipped order is five entries, and 21 orders are a cell."""
    domain = Domain(name="Busy", seed=3, config={"journal_limit": 1_000_000})

    @domain.event(part_of="Order")
    class Shipped:
        quantity = Integer(default=1)

    @domain.aggregate
    class Order:
        quantity = Integer(default=1)
        status: str = "PENDING"

        def ship(self) -> None:
            self.status = "SHIPPED"
            self.raise_(Shipped(quantity=self.quantity))

    @domain.aggregate
    class Stock:
        left = Integer(default=1000)

    @domain.event_handler(part_of=Stock, stream_category="order")
    class TakeStock:
        @handle(Shipped)
        def take(self, event: Any) -> None:
            stock = domain.repository_for(Stock).get(f"s-{event.quantity % instances}")
            stock.left -= event.quantity
            domain.repository_for(Stock).add(stock)

    @domain.event_handler(part_of=Order, source_stream="manage_order")
    class Email:
        @handle(Shipped)
        def notify(self, event: Any) -> None: ...

    with origin("In [1]"):
        for number in range(instances):
            domain.repository_for(Stock).add(Stock(id=f"s-{number}"))
    number = 0
    while domain.journal.last_step < entries:
        with origin(f"In [{2 + number * 5 * cells // entries}]"):
            order = Order(id=f"o-{number}", quantity=1 + number % 7)
            order.ship()
            domain.repository_for(Order).add(order)
        number += 1
    return domain


def accounts(histories: dict[str, list[Any]], *, cell: str = "In [1]", limit: int = 100_000) -> Domain:
    """Accounts with the balances that they had, one after the other in turn; `...` removes one."""
    domain = Domain(name="Bank", config={"journal_limit": limit})

    @domain.aggregate
    class Account:
        balance = Float()

    repository, objects = domain.repository_for(Account), {}
    for turn in range(max(map(len, histories.values()), default=0)):
        for identity, history in histories.items():
            if turn < len(history):
                with origin(cell):
                    account = objects.setdefault(identity, Account(id=identity))
                    if history[turn] is ...:
                        repository.remove(account)
                        continue
                    account.balance = history[turn]
                    repository.add(account)
    return domain


def counting_down(length: int) -> Domain:
    """A chain of causes: each event leads to the next."""
    domain = Domain(name="Rocket", config={"max_chain_length": 10_000})

    @domain.event(part_of="Countdown")
    class Counted:
        left = Integer(required=True)

    @domain.aggregate
    class Countdown:
        left = Integer(required=True)

    def count(left: int) -> None:
        countdown = Countdown(id=f"c-{left}", left=left)
        countdown.raise_(Counted(left=left))
        domain.repository_for(Countdown).add(countdown)

    @domain.event_handler(part_of=Countdown)
    class GoOn:
        @handle(Counted)
        def go_on(self, event: Any) -> None:
            if event.left:
                count(event.left - 1)

    with origin("In [5]"):
        count(length)
    return domain


class Odd:
    """Neither can it be shown nor compared, as some arrays."""

    def __repr__(self) -> str:
        raise RuntimeError

    def __deepcopy__(self, memo: Any) -> Odd:
        return Odd()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Odd):
            raise TypeError
        return False

    __hash__ = None  # type: ignore[assignment]


def odd() -> Domain:
    """A box is saved twice with something odd in it."""
    domain = Domain(name="Odd")

    @domain.aggregate
    class Box:
        held: Any = None

    for version in (None, 0):
        row = (CHANGED, None, 2, "In [1]", 0.0, "Box", "b", version or 0, ("held", "id"),
               None if version is None else (Odd(), "b"), (Odd(), "b"))  # fmt: skip
        domain.journal.append([row], domain.journal.last_step + 1)
    return domain
