"""A bookshop in one call: a model to look at, in which four things have happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.handler import handle
from ddd_kit.domain import Domain
from ddd_kit.engine.context import current_domain
from ddd_kit.fields import Identifier, Integer, String
from ddd_kit.journal.origin import origin

if TYPE_CHECKING:
    from ddd_kit.notebook.widgets.workbench import Workbench


def demo() -> Workbench:
    """A bookshop and its workbench: the first minute with ddd_kit.

    Orders are placed and shipped, which takes books from the stock; whoever ordered by a command gets a mail;
    when the stock is used up, books are ordered from the publisher. Four things have happened: books came in,
    orders were placed, one was shipped by a command, one by plain code. One order waits: ship it.

    Identities repeat from run to run, so that a class sees the same.

    Returns:
        The workbench, which shows by itself at the end of a cell; its `.domain` is the bookshop.

    Raises:
        ModuleNotFoundError: when ipywidgets or anywidget is missing; the text says what to install.

    Example:
        >>> workbench = demo()
        >>> workbench.domain
        <Domain Bookshop: 13 elements, ... journal entries>
        >>> workbench.close()
    """
    domain = Domain(name="Bookshop", seed=7)
    model = _stock(domain) | _orders(domain)
    _policies(domain, model)
    _happen(domain, model)
    return domain.explore()


Model = dict[str, Any]


def _stock(domain: Domain) -> Model:
    @domain.aggregate
    class Inventory:
        """How many copies of a book lie on the shelf."""

        book_id = Identifier(required=True)
        in_stock = Integer(min_value=0)

        def take_out(self, quantity: int) -> None:
            """Take copies from the shelf."""
            self.in_stock -= quantity
            if self.in_stock == 0:
                self.raise_(StockDepleted(book_id=self.book_id))

    @domain.event(part_of=Inventory)
    class StockDepleted:
        """The last copy of a book was taken from the shelf."""

        book_id = Identifier(required=True)

    @domain.aggregate
    class PurchaseOrder:
        """What the shop asks the publisher for."""

        book_id = Identifier(required=True)
        quantity = Integer(min_value=1)

    return {"Inventory": Inventory, "StockDepleted": StockDepleted, "PurchaseOrder": PurchaseOrder}


def _orders(domain: Domain) -> Model:
    @domain.aggregate
    class Order:
        """What a customer wants."""

        book_id = Identifier(required=True)
        quantity = Integer(min_value=1)
        status = String(choices=["PENDING", "SHIPPED"], default="PENDING")

        def ship_order(self) -> None:
            """Hand the parcel over."""
            self.status = "SHIPPED"
            shipped = OrderShipped(order_id=self.id, book_id=self.book_id, quantity=self.quantity)
            self.raise_(shipped)

    @domain.event(part_of=Order)
    class OrderPlaced:
        """A customer ordered a book."""

        order_id = Identifier(required=True)

    @domain.event(part_of=Order)
    class OrderShipped:
        """The parcel of an order left the shop."""

        order_id = Identifier(required=True)
        book_id = Identifier(required=True)
        quantity = Integer()

    @domain.command(part_of=Order)
    class PlaceOrder:
        """Order a book."""

        book_id = Identifier(required=True)
        quantity = Integer(min_value=1, default=1)

    @domain.command(part_of=Order, stream_category="manage_order")
    class ShipOrder:
        """Send what was ordered."""

        order_id = Identifier(required=True)

    @domain.command_handler(part_of=Order)
    class ManageOrders:
        """Does what customers and staff ask for."""

        @handle(PlaceOrder)
        def place_order(self, command: Any) -> str:
            order = Order(book_id=command.book_id, quantity=command.quantity)
            order.raise_(OrderPlaced(order_id=order.id))
            current_domain.repository_for(Order).add(order)
            return order.id

        @handle(ShipOrder)
        def ship_order(self, command: Any) -> None:
            orders = current_domain.repository_for(Order)
            order = orders.get(command.order_id)
            order.ship_order()
            orders.add(order)

    return {"Order": Order, "OrderShipped": OrderShipped, "PlaceOrder": PlaceOrder, "ShipOrder": ShipOrder}


def _policies(domain: Domain, model: Model) -> None:
    """What follows from what."""

    @domain.event_handler(part_of=model["Inventory"], stream_category="order")
    class ManageInventory:
        """What is shipped is not on the shelf any more."""

        @handle(model["OrderShipped"])
        def reduce_stock_level(self, event: Any) -> None:
            shelf = current_domain.repository_for(model["Inventory"])
            inventory = shelf.find_by(book_id=event.book_id)
            inventory.take_out(event.quantity)
            shelf.add(inventory)

    @domain.aggregate
    class Notification:
        """A mail to a customer."""

        order_id = Identifier(required=True)

    @domain.event_handler(part_of=Notification, stream_category="order", source_stream="manage_order")
    class EmailNotifications:
        """Who shipped by a command wants the customer to know."""

        @handle(model["OrderShipped"])
        def notify_customer(self, event: Any) -> None:
            current_domain.repository_for(Notification).add(Notification(order_id=event.order_id))

    @domain.event_handler(part_of=model["PurchaseOrder"], stream_category="inventory")
    class Reorder:
        """An empty shelf is filled again."""

        @handle(model["StockDepleted"])
        def when_depleted(self, event: Any) -> None:
            purchase = model["PurchaseOrder"](book_id=event.book_id, quantity=100)
            current_domain.repository_for(model["PurchaseOrder"]).add(purchase)


def _happen(domain: Domain, model: Model) -> None:
    """Books come in; orders are placed; one is shipped by a command, and one by plain code."""
    with origin("demo 1"):
        domain.repository_for(model["Inventory"]).add(model["Inventory"](book_id=1, in_stock=105))
    with origin("demo 2"):
        order_id = domain.process(model["PlaceOrder"](book_id=1, quantity=5))
        domain.process(model["PlaceOrder"](book_id=1, quantity=90))
    with origin("demo 3"):
        domain.process(model["ShipOrder"](order_id=order_id))
    with origin("demo 4"):
        order = model["Order"](book_id=1, quantity=10)
        order.ship_order()
        domain.repository_for(model["Order"]).add(order)
