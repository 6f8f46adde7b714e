"""A bookshop in one call: a model to look at, in which four things have happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddd_kit.building_blocks.handler import handle
from ddd_kit.domain import Domain
from ddd_kit.fields import Identifier, Integer, String
from ddd_kit.journal.origin import origin

if TYPE_CHECKING:
    from ddd_kit.notebook.widgets.workbench import Workbench


# One function, so that `ddd_kit.demo??` shows the whole model, as it would stand in the cells of a notebook.
def demo() -> Workbench:
    """A bookshop and its workbench: the first minute with ddd_kit.

    Orders are placed and shipped. What is shipped is taken from the shelf; when the shelf is empty, books are
    ordered from the publisher; and whoever's order was shipped by a command gets a mail.

    Four things have happened, and the journal calls them *demo 1* to *demo 4*: 105 copies of a book came in;
    one customer ordered 5 of them, and another one 90; the 5 were shipped by a command, and 10 more by
    plain code, which leaves 90 on the shelf. The order of 90 waits: ship it, and see what follows.

    Identities repeat from run to run, so that everybody in a class sees the same.

    Returns:
        The workbench, which shows by itself at the end of a cell; its `.domain` is the bookshop.

    Raises:
        ModuleNotFoundError: when ipywidgets or anywidget is missing; the text says what to install.

    Example:
        >>> workbench = demo()
        >>> workbench.domain
        <Domain Bookshop: 13 elements, 34 journal entries>
        >>> workbench.close()
    """
    domain = Domain(name="Bookshop", seed=7)

    # The shelf.

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

    # The orders of customers.

    @domain.aggregate
    class Order:
        """What a customer wants."""

        book_id = Identifier(required=True)
        quantity = Integer(min_value=1)
        status = String(choices=["PENDING", "SHIPPED"], default="PENDING")

        def ship_order(self) -> None:
            """Hand the parcel over."""
            self.status = "SHIPPED"
            self.raise_(OrderShipped(order_id=self.id, book_id=self.book_id, quantity=self.quantity))

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
        def place_order(self, command: PlaceOrder) -> str:
            order = Order(book_id=command.book_id, quantity=command.quantity)
            order.raise_(OrderPlaced(order_id=order.id))
            domain.repository_for(Order).add(order)
            return order.id

        @handle(ShipOrder)
        def ship_order(self, command: ShipOrder) -> None:
            order = domain.repository_for(Order).get(command.order_id)
            order.ship_order()
            domain.repository_for(Order).add(order)

    # What follows from what.

    @domain.event_handler(part_of=Inventory, stream_category="order")
    class ManageInventory:
        """What is shipped is not on the shelf any more."""

        @handle(OrderShipped)
        def reduce_stock_level(self, event: OrderShipped) -> None:
            inventory = domain.repository_for(Inventory).find_by(book_id=event.book_id)
            inventory.take_out(event.quantity)
            domain.repository_for(Inventory).add(inventory)

    @domain.aggregate
    class Notification:
        """A mail to a customer."""

        order_id = Identifier(required=True)

    @domain.event_handler(part_of=Notification, stream_category="order", source_stream="manage_order")
    class EmailNotifications:
        """Whoever ships by a command wants the customer to know."""

        @handle(OrderShipped)
        def notify_customer(self, event: OrderShipped) -> None:
            domain.repository_for(Notification).add(Notification(order_id=event.order_id))

    @domain.event_handler(part_of=PurchaseOrder, stream_category="inventory")
    class Reorder:
        """An empty shelf is filled again."""

        @handle(StockDepleted)
        def when_depleted(self, event: StockDepleted) -> None:
            domain.repository_for(PurchaseOrder).add(PurchaseOrder(book_id=event.book_id, quantity=100))

    # What has happened. The journal shows each label in the place of a cell's number.

    with origin("demo 1"):  # 105 copies come in
        domain.repository_for(Inventory).add(Inventory(book_id=1, in_stock=105))

    with origin("demo 2"):  # customers order 5 and 90 of them
        five = domain.process(PlaceOrder(book_id=1, quantity=5))
        domain.process(PlaceOrder(book_id=1, quantity=90))

    with origin("demo 3"):  # the 5 are shipped by a command, so that a mail goes out
        domain.process(ShipOrder(order_id=five))

    with origin("demo 4"):  # 10 are sold over the counter and shipped by plain code: no mail
        order = Order(book_id=1, quantity=10)
        order.ship_order()
        domain.repository_for(Order).add(order)

    return domain.explore()
