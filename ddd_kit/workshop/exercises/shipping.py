"""The shop that ships, with which several exercises begin."""

from ddd_kit.workshop.exercise import NotYet
from ddd_kit.workshop.trial import Trial

ORDER = """
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer, String

shop = Domain(name="Shop")


@shop.event(part_of="Order")
class OrderShipped:
    order_id = Identifier(required=True)
    book_id = Identifier(required=True)
    quantity = Integer(required=True)


@shop.aggregate
class Order:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)
    status = String(default="pending")

    def ship_order(self):
        self.status = "shipped"
        self.raise_(OrderShipped(order_id=self.id, book_id=self.book_id, quantity=self.quantity))
"""
INVENTORY = """

@shop.aggregate
class Inventory:
    book_id = Identifier(required=True)
    in_stock = Integer(default=0)
"""
TAKE_OFF = """        repository = shop.repository_for(Inventory)
        inventory = repository.find_by(book_id=event.book_id)
        {change}
        repository.add(inventory)
"""
STOCK = "    @handle(OrderShipped)\n    def {name}(self, event):\n" + TAKE_OFF.format(
    change="inventory.in_stock -= event.quantity"
)


def ship(shop: Trial, quantity: int, book: str = "emma") -> None:
    """Ship an order of a book, and make sure that it says so."""
    before = shop.count("OrderShipped")
    shop.act(shop.new("Order", book_id=book, quantity=quantity), "ship_order")
    if shop.count("OrderShipped") == before:
        raise NotYet(
            "`Order.ship_order()` was called and saved, and no `OrderShipped` was raised: that part was there "
            "already.",
            _TELL,
        )


_TELL = (
    "Compare `ship_order` with the cell that you began with. What is missing?",
    "An aggregate tells what has happened; without that, nobody can listen.",
    "Take `Order` and `OrderShipped` as they were: `ship_order` ends with `self.raise_(OrderShipped(...))`.",
)
