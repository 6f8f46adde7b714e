"""An exercise on events that came about because somebody asked for it."""

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.shipping import ORDER, ship
from ddd_kit.workshop.trial import Trial


@point(
    "Who asked for it gets a mail",
    "What did the handler do before you changed it?",
    "It still listens to orders, for that is where `OrderShipped` is. Where the event came from is another option.",
    '`@shop.event_handler(part_of=Notification, stream_category="order", source_stream="manage_order")`',
)
def _asked(shop: Trial) -> str:
    order = shop.new("Order", book_id="emma", quantity=3)
    shop.process("ShipOrder", order_id=order.id)
    if not shop.count("OrderShipped"):
        raise NotYet(
            "`ShipOrder` was processed, and no `OrderShipped` was raised: that part was there already.", _DESK
        )
    sent = shop.all("Notification")
    if not sent:
        raise NotYet(
            "An order was shipped because of a `ShipOrder`, and there is no `Notification`. "
            + ("" if shop.ran("OrderShipped") else shop.silence("OrderShipped")),
            _TOO_STRICT,
        )
    shop.expect(
        [each.order_id for each in sent] == [order.id],
        f"One order was shipped because of a `ShipOrder`, and there are {len(sent)} of `Notification`. "
        "There should be one, with the `order_id` of the order.",
    )
    return "one ShipOrder, one Notification"


@point(
    "Old orders that are imported make no mails",
    "By which message did this `OrderShipped` come about?",
    "`ImportOrder` goes to another stream, `import`. A handler may say which source it cares for.",
    '`source_stream="manage_order"`, as one more option of the handler',
)
def _imported(shop: Trial) -> str:
    shop.process("ImportOrder", book_id="emma", quantity=3)
    sent = len(shop.all("Notification"))
    shop.expect(
        not sent,
        f"An old order was imported by an `ImportOrder`, and {_mails(sent)} sent. Nobody should hear of it.",
    )
    return "one ImportOrder, no Notification"


@point(
    "What plain code ships makes none, either",
    "And if no message asked for it at all?",
    "An event that came from plain code has no source stream. A handler that wants one does not take it.",
    '`source_stream="manage_order"`, and no other condition',
)
def _plain(shop: Trial) -> str:
    ship(shop, 3)
    sent = len(shop.all("Notification"))
    shop.expect(
        not sent,
        f"An order was shipped by plain code, by `ship_order()` and saving, and {_mails(sent)} sent. "
        "There should be none.",
    )
    return "shipped by hand, no Notification"


def _mails(sent: int) -> str:
    return "a `Notification` was" if sent == 1 else f"{sent} of `Notification` were"


_TOO_STRICT = (
    "Two questions are mixed up easily: where is the event, and where did it come from?",
    "`stream_category` is where the event is: `order`. `source_stream` is where the message is that led to it.",
    '`stream_category="order", source_stream="manage_order"`',
)
_DESK = (
    "Compare `Order` and `OrderDesk` with the cell that you began with. What is missing?",
    "A command asks; its handler loads the order, ships it, and saves it.",
    "Take `OrderDesk` as it was: only `EmailNotifications` has to change.",
)

_MODEL = (
    ORDER
    + """

@shop.command(part_of=Order, stream_category="manage_order")
class ShipOrder:
    order_id = Identifier(required=True)


@shop.command(part_of=Order, stream_category="import")
class ImportOrder:
    book_id = Identifier(required=True)
    quantity = Integer(required=True)


@shop.command_handler(part_of=Order)
class OrderDesk:
    @handle(ShipOrder)
    def ship(self, command):
        order = shop.repository_for(Order).get(command.order_id)
        order.ship_order()
        shop.repository_for(Order).add(order)

    @handle(ImportOrder)
    def take_over(self, command):
        order = Order(book_id=command.book_id, quantity=command.quantity)
        order.ship_order()
        shop.repository_for(Order).add(order)


@shop.aggregate
class Notification:
    order_id = Identifier(required=True)

"""
)
_HANDLER = """
@shop.event_handler({options})
class EmailNotifications:
    @handle(OrderShipped)
    def notify_customer(self, event):
        shop.repository_for(Notification).add(Notification(order_id=event.order_id))
"""

ASKED_FOR = Exercise(
    name="asked-for",
    lesson="05-streams",
    title="No mail for an order of 1998",
    minutes=4,
    task="""
The shop takes over the orders of its old system, each by a command `ImportOrder`. Now customers get mails that a book of
1998 is on its way. Change `EmailNotifications`, so that a `Notification` is made only for an order that was shipped
because of a `ShipOrder`: not for those that are imported, and not for those that somebody ships by plain code.
""",
    starter=_MODEL
    + "\n# Change this:"
    + _HANDLER.format(options='part_of=Notification, stream_category="order"'),
    solution=_MODEL
    + _HANDLER.format(options='part_of=Notification, stream_category="order", source_stream="manage_order"'),
    points=(_asked, _imported, _plain),
    untested="a message that leads to a `ShipOrder` over several steps.",
)
