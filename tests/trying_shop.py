"""A shop with something to try of each kind: use cases, queries, named queries, messages, services."""

from __future__ import annotations

from enum import Enum
from types import SimpleNamespace
from typing import Any

from ddd_kit import Domain, apply, current_domain, handle, invariant, on, read, use_case
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Identifier, Integer, String


class Speed(Enum):
    SLOW = 1
    FAST = 2


def open_shop() -> SimpleNamespace:  # noqa: C901 - a model in one piece
    """Two orders and three books in stock."""
    domain = Domain(name="Bookshop", seed=7)

    @domain.aggregate
    class Order:
        copies = Integer(default=1, min_value=1)
        status = String(choices=["OPEN", "PLACED"], default="OPEN")

        def place(self) -> None:
            self.status = "PLACED"
            self.raise_(OrderPlaced(order_id=self.id))

    @domain.event(part_of=Order)
    class OrderPlaced:
        order_id = Identifier(required=True)

    @domain.aggregate
    class Inventory:
        book = Identifier(identifier=True)
        in_stock = Integer(default=5)

    @domain.command(part_of=Order)
    class PlaceOrder:
        order_id = Identifier(required=True)

    @domain.command_handler(part_of=Order)
    class OrderDesk:
        @handle(PlaceOrder)
        def place(self, command: Any) -> None:
            order = current_domain.repository_for(Order).get(command.order_id)
            order.place()
            current_domain.repository_for(Order).add(order)

    @domain.application_service(part_of=Order)
    class Shop:
        @use_case
        def order(self, order_id: str, copies: int = 1, speed: Speed = Speed.SLOW) -> str:
            current_domain.repository_for(Order).add(Order(id=order_id, copies=copies))
            return f"{order_id} {speed.name}"

        @use_case
        def fail(self) -> None:
            raise ValueError("it is closed")

        def tell(self) -> None: ...

    @domain.repository(part_of=Inventory)
    class Shelves:
        def holding_less_than(self, copies: int = 5) -> Any:
            return self.query.filter(in_stock__lt=copies).order_by("book").all()  # type: ignore[attr-defined]

    @domain.domain_service(part_of=[Order, Inventory])
    class Taking:
        def __init__(self, order: Any, inventories: Any) -> None:
            super().__init__(order, *inventories)
            self.order, self.inventories = order, inventories

        @invariant.pre
        def enough_is_there(self) -> None:
            if any(each.in_stock < self.order.copies for each in self.inventories):
                raise ValidationError({"in_stock": ["is too little"]})

        def take(self, times: int = 1) -> str:
            for each in self.inventories:
                each.in_stock -= self.order.copies * times
            return "taken"

    @domain.projection
    class OrderList:
        order_id = Identifier(identifier=True)
        status = String()

    @domain.projector(projector_for=OrderList, aggregates=[Order])
    class WriteOrderList:
        @on(OrderPlaced)
        def add(self, event: Any) -> None:
            current_domain.repository_for(OrderList).add(OrderList(order_id=event.order_id, status="placed"))

    @domain.query(part_of=OrderList)
    class OrdersOfStatus:
        status = String(required=True, choices=["placed", "paid"])

    @domain.query_handler(part_of=OrderList)
    class ReadOrderList:
        @read(OrdersOfStatus)
        def of_status(self, query: Any) -> Any:
            return current_domain.view_for(OrderList).query.filter(status=query.status).all()

    @domain.subscriber(stream="payments")
    class HearPayments:
        def __call__(self, payload: dict[str, Any]) -> None:
            if payload["type"] == "paid" and payload.get("cents"):
                current_domain.process(PlaceOrder(order_id=payload["reference"]))

    @domain.subscriber(stream="payments")
    class CountPayments:
        def __call__(self, payload: dict[str, Any]) -> None: ...

    @domain.event(part_of="Card")
    class CardSold:
        worth = Integer(required=True)

    @domain.aggregate(event_sourced=True)
    class Card:
        card_id = Identifier(identifier=True)
        worth = Integer()

        @classmethod
        def sell(cls, card_id: str, worth: int) -> Any:
            card = cls._create_new(card_id=card_id)  # type: ignore[attr-defined]
            card.raise_(CardSold(worth=worth))
            return card

        @apply
        def sold(self, event: CardSold) -> None:
            self.worth = event.worth

    @domain.process_manager(aggregates=[Order])
    class Fulfilment:
        order_id = Identifier()

        @handle(OrderPlaced, start=True, correlate="order_id")
        def begin(self, event: Any) -> None: ...

    orders, shelves = domain.repository_for(Order), domain.repository_for(Inventory)
    for number in (1, 2):
        orders.add(Order(id=f"o-{number}", copies=number))
    for book, copies in (("Emma", 9), ("Dune", 3), ("Momo", 1)):
        shelves.add(Inventory(book=book, in_stock=copies))
    return SimpleNamespace(**locals())
