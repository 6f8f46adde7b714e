"""Answers to the exercises on commands."""

from tests.workshop.answers_of import Answers, Wrong, base

_SHIP = """

@shop.command(part_of=Order, stream_category="manage_order")
class ShipOrder:
    order_id: str


@shop.command_handler(part_of=Order)
class Desk:
    @handle(ShipOrder)
    def on_ship(self, wish):
        orders = shop.repository_for(Order)
        wanted = orders.get(wish.order_id)
        wanted.ship_order()
        orders.add(wanted)
"""


def _ship(old: str = "", new: str = "") -> str:
    return base("ship-by-command") + _SHIP.replace(old, new)


_PLACE = """

@shop.command(part_of=Order)
class PlaceOrder:
    book_id = Identifier(required=True)
    quantity = Integer(required=True, min_value=1)


@shop.command_handler(part_of=Order)
class Desk:
    @handle(PlaceOrder)
    def on_place(self, wish):
        order = Order(**{"book_id": wish.book_id, "quantity": wish.quantity})
        shop.repository_for(Order).add(order)
        return order.id
"""


def _place(old: str = "", new: str = "") -> str:
    return base("place-order") + _PLACE.replace(old, new)


_CANCEL = """
    def cancel_order(self):
        if self.status != "PENDING":
            raise ValidationError({"_entity": [f"is {self.status}"]})
        self.status = "CANCELLED"
        self.raise_(OrderCancelled(order_id=self.order_id))
"""
_BARE = """
    def cancel_order(self):
        self.status = "CANCELLED"
        self.raise_(OrderCancelled(order_id=self.order_id))
"""
_IN_DESK = (
    "        order.cancel_order()\n",
    (
        '        if order.status == "SHIPPED":\n'
        '            raise ValidationError({"status": ["is SHIPPED"]})\n'
        "        order.cancel_order()\n"
    ),
)


_NEVER_SHIPPED = """
    @invariant.post
    def rule(self):
        if self.status == "SHIPPED":
            raise ValidationError({"status": ["is SHIPPED"]})
"""


def _cancel(method: str, old: str = "", new: str = "") -> str:
    begin, end = base("cancel-order").split("\n    # Your method cancel_order(self):\n")
    return begin + method + end.replace(old, new)


ANSWERS = {
    "ship-by-command": Answers(
        right=_ship(),
        alternative=base("ship-by-command")
        + """
from ddd_kit import Command, CommandHandler, current_domain


@shop.command(part_of="Order")
class ShipOrder(Command):
    order_id = Identifier(required=True)
    remark = String()


@shop.command_handler(part_of="Order")
class Desk(CommandHandler):
    @handle("ShipOrder")
    def ship(self, command):
        order = current_domain.repository_for("Order").find_by(order_id=command.order_id)
        order.ship_order()
        current_domain.repository_for("Order").add(order)
        return True
""",
        wrong=[
            Wrong(
                _ship().partition("@shop.command_handler")[0], "no command handler takes it", "Who hears it"
            ),
            Wrong(
                base("ship-by-command")
                + "\n@shop.event(part_of=Order)\nclass ShipOrder:\n    order_id: str\n",
                "is an event, and should be a command",
                "a request",
            ),
            Wrong(_ship("        orders.add(wanted)\n", ""), "Did the handler save it", "is a copy"),
            Wrong(
                _ship("wanted.ship_order()", 'wanted.status = "SHIPPED"'),
                "no `OrderShipped` was raised",
                "Who raises the event",
            ),
            Wrong(
                _ship("get(wish.order_id)", "get(wish)"), "was not possible", "By what does the repository"
            ),
            Wrong(
                _ship(
                    "        wanted.ship_order()\n",
                    '        if wanted.status == "PENDING":\n            wanted.ship_order()\n',
                ),
                "has to be refused, and it was done",
                "Who says no",
            ),
            Wrong(_ship("order_id: str", "order: str"), "has no field `order_id`", "a request"),
        ],
    ),
    "place-order": Answers(
        right=_place(),
        alternative=base("place-order").replace(
            "Integer(required=True)", "Integer(required=True, min_value=1)"
        )
        + """
@shop.command(part_of=Order)
class PlaceOrder:
    book_id: str
    quantity: int


@shop.command_handler(part_of=Order)
class Desk:
    @handle(PlaceOrder)
    def place(self, command):
        order = shop.repository_for(Order).add(Order(command.to_dict()))
        return str(order.id)
""",
        wrong=[
            Wrong(_place("        return order.id\n", ""), "nothing came back", "ask for the order later"),
            Wrong(
                _place("return order.id", "return order"), "gave back <Order", "something else than the id"
            ),
            Wrong(
                _place("        shop.repository_for(Order).add(order)\n", ""),
                "there is no order in the repository",
                "Who makes the order",
            ),
            Wrong(_place(", min_value=1", ""), "Ordering 0 copies has to be refused", "0 copies"),
            Wrong(_place("min_value=1", "min_value=0"), "Ordering 0 copies has to be refused", "0 copies"),
            Wrong(
                _place('"quantity": wish.quantity', '"quantity": 1'),
                "is about 1 of “emma”",
                "Who makes the order",
            ),
        ],
    ),
    "cancel-order": Answers(
        right=_cancel(_CANCEL),
        alternative=_cancel(
            _BARE
            + """
    @invariant.pre
    def what_is_shipped_stays(self):
        if self.status == "SHIPPED":
            raise ValidationError({"status": ["is SHIPPED, and nothing changes any more"]})
"""
        ),
        wrong=[
            Wrong(_cancel(_BARE), "has to be refused, and it was done", "on its way"),
            Wrong(_cancel(_BARE, *_IN_DESK), "without the desk", "The desk is not the only one"),
            Wrong(
                _cancel(
                    _CANCEL.replace('raise ValidationError({"_entity": [f"is {self.status}"]})', "return")
                ),
                "was told nothing",
                "the one who asked see",
            ),
            Wrong(
                _cancel(_CANCEL.replace("        self.raise_(OrderCancelled(order_id=self.order_id))\n", "")),
                "there are 0 `OrderCancelled`",
                "rest of the shop",
            ),
            Wrong(_cancel(_CANCEL.replace('"CANCELLED"', '"CANCELED"')), "not 'CANCELLED'", "Can it?"),
            Wrong(_cancel(_CANCEL + _NEVER_SHIPPED), "was not possible", "does your rule refuse"),
        ],
    ),
}
