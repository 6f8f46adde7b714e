"""A shop with a read model: a list of orders that a projector keeps up from the events of two aggregates."""

from __future__ import annotations

from types import SimpleNamespace

from ddd_kit import Domain, handle, on
from ddd_kit.fields import Identifier, Integer, String


def shop(**options):
    """The model, newly made.

    Args:
        **options: of the domain.

    Returns:
        The domain and its classes by name.
    """
    domain = Domain(name="Bookshop", **options)

    @domain.aggregate
    class Customer:
        name = String(required=True)

        def rename(self, name):
            self.name = name
            self.raise_(CustomerRenamed(customer_id=self.id, name=name))

    @domain.event(part_of=Customer)
    class CustomerRenamed:
        customer_id = Identifier(required=True)
        name = String(required=True)

    @domain.aggregate
    class Order:
        customer_id = Identifier(required=True)
        quantity = Integer(default=1, min_value=1)
        status = String(default="placed")

        @classmethod
        def place(cls, **values):
            order = cls(**values)
            told = {"order_id": order.id, "customer_id": order.customer_id, "quantity": order.quantity}
            order.raise_(OrderPlaced(**told))
            return order

        def ship(self):
            self.status = "shipped"
            self.raise_(OrderShipped(order_id=self.id))

        def cancel(self):
            self.raise_(OrderCancelled(order_id=self.id))

    @domain.event(part_of=Order)
    class OrderPlaced:
        order_id = Identifier(required=True)
        customer_id = Identifier(required=True)
        quantity = Integer(required=True)

    @domain.event(part_of=Order)
    class OrderShipped:
        order_id = Identifier(required=True)

    @domain.event(part_of=Order)
    class OrderCancelled:
        order_id = Identifier(required=True)

    @domain.command(part_of=Order)
    class PlaceOrder:
        customer_id = Identifier(required=True)
        quantity = Integer(default=1)

    @domain.command_handler(part_of=Order)
    class Clerk:
        @handle(PlaceOrder)
        def place(self, command):
            order = Order.place(customer_id=command.customer_id, quantity=command.quantity)
            domain.repository_for(Order).add(order)
            return order.id

    @domain.aggregate
    class Tally:
        placed = Integer(default=0)

    @domain.event_handler(part_of=Tally, stream_category="order")
    class Counting:
        @handle(OrderPlaced)
        def count(self, event):  # noqa: ARG002
            tallies = domain.repository_for(Tally)
            tally = tallies.get_or_none("t-1") or Tally(id="t-1")
            tally.placed += 1
            tallies.add(tally)

    @domain.projection
    class OrderList:
        order_id = Identifier(identifier=True)
        customer_id = Identifier()
        customer = String(default="unknown")
        quantity = Integer()
        status = String()

    made = SimpleNamespace(**{name: value for name, value in locals().items() if name != "options"})
    projector(made)
    return made


def projector(made, shipped="shipped"):
    """Define the projector, as its cell does.

    Args:
        made: what `shop` gave.
        shipped: what it calls an order that is shipped.
    """
    domain = made.domain

    @domain.projector(projector_for=made.OrderList, aggregates=[made.Order, made.Customer])
    class OrderListProjector:
        @on(made.OrderPlaced)
        def add(self, event):
            entry = made.OrderList(
                order_id=event.order_id,
                customer_id=event.customer_id,
                quantity=event.quantity,
                status="placed",
            )
            domain.repository_for(made.OrderList).add(entry)

        @on(made.OrderShipped)
        def mark_as_shipped(self, event):
            entries = domain.repository_for(made.OrderList)
            entry = entries.get(event.order_id)
            entry.status = shipped
            entries.add(entry)

        @on(made.OrderCancelled)
        def remove(self, event):
            domain.repository_for(made.OrderList).query.filter(order_id=event.order_id).delete()

        @on(made.CustomerRenamed)
        def rename(self, event):
            entries = domain.repository_for(made.OrderList)
            for entry in entries.query.filter(customer_id=event.customer_id):
                entry.customer = event.name
                entries.add(entry)

    made.OrderListProjector = OrderListProjector


def records(domain, projection="OrderList"):
    """What is stored of the projection, without what only counts saves."""
    return {
        key: dict(zip(names, values, strict=True))
        for key, (_, names, values) in stored(domain, projection).items()
    }


def stored(domain, projection="OrderList"):
    """What is stored of the projection, as it is."""
    return dict(domain.world.stores[projection].rows)


def run(made):
    """Three orders, of which one is shipped and one is cancelled, and a customer who takes another name."""
    domain, orders = made.domain, made.domain.repository_for(made.Order)
    customer = domain.repository_for(made.Customer).add(made.Customer(id="c-1", name="Ann"))
    for number in (1, 2, 3):
        orders.add(made.Order.place(id=f"o-{number}", customer_id="c-1", quantity=number))
    for number, deed in ((1, "ship"), (2, "cancel")):
        order = orders.get(f"o-{number}")
        getattr(order, deed)()
        orders.add(order)
    customer.rename("Anna")
    domain.repository_for(made.Customer).add(customer)
