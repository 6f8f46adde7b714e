"""The bookshop of Protean's guide to event handlers, as users write it, and the session that the guide shows.

Beside the guide's `Order`, `Inventory` and `ManageInventory` there is its last example: `EmailNotifications`
sends a notification when an order was shipped by a `ShipOrder` command, not when plain code shipped it.
"""

from ddd_kit import Domain, handle
from ddd_kit.fields import Float, Identifier, Integer, String

domain = Domain(name="Bookshop")


@domain.event(part_of="Order")
class OrderShipped:
    order_id = Identifier(required=True)
    book_id = Identifier(required=True)
    quantity = Integer(required=True)
    total_amount = Float(required=True)


@domain.aggregate
class Order:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)
    total_amount = Float(required=True)
    status = String(choices=["PENDING", "SHIPPED", "DELIVERED"], default="PENDING")

    def ship_order(self):
        self.status = "SHIPPED"
        self.raise_(
            OrderShipped(
                order_id=self.id,
                book_id=self.book_id,
                quantity=self.quantity,
                total_amount=self.total_amount,
            )
        )


@domain.aggregate
class Inventory:
    book_id = Identifier(required=True)
    in_stock = Integer(required=True)


@domain.event_handler(part_of=Inventory, stream_category="order")
class ManageInventory:
    @handle(OrderShipped)
    def reduce_stock_level(self, event):
        repository = domain.repository_for(Inventory)
        inventory = repository.find_by(book_id=event.book_id)
        inventory.in_stock -= event.quantity
        repository.add(inventory)


@domain.command(part_of=Order, stream_category="manage_order")
class ShipOrder:
    order_id = Identifier(required=True)


@domain.command_handler(part_of=Order)
class ManageOrder:
    @handle(ShipOrder)
    def ship_order(self, command):
        repository = domain.repository_for(Order)
        order = repository.get(command.order_id)
        order.ship_order()
        repository.add(order)


@domain.event(part_of="Notification")
class NotificationSent:
    notification_id = Identifier(required=True)
    order_id = Identifier(required=True)


@domain.aggregate
class Notification:
    order_id = Identifier(required=True)
    sent = String(choices=["NO", "YES"], default="NO")

    def send(self):
        self.sent = "YES"
        self.raise_(NotificationSent(notification_id=self.id, order_id=self.order_id))


@domain.event_handler(part_of=Notification, stream_category="order", source_stream="manage_order")
class EmailNotifications:
    @handle(OrderShipped)
    def notify_customer(self, event):
        notification = Notification(order_id=event.order_id)
        notification.send()
        domain.repository_for(Notification).add(notification)


SESSION = (
    "order = Order(book_id=1, quantity=10, total_amount=100)",
    "domain.repository_for(Order).add(order)",
    "inventory = Inventory(book_id=1, in_stock=100)",
    "domain.repository_for(Inventory).add(inventory)",
    "order.ship_order()",
    "domain.repository_for(Order).add(order)",
    "stock = domain.repository_for(Inventory).get(inventory.id)",
    "stock.to_dict()",
)
"""The cells of the guide's session, In [1] to In [8]."""
