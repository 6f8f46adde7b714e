"""Answers to the exercises on the way to production."""

from tests.workshop.answers_of import Answers, Wrong, base

_START = base("mend-what-the-lint-finds")
_HEAD, _HANDLER = _START.split("@shop.event_handler")
_HANDLER = "@shop.event_handler" + _HANDLER
_STOCK = """        inventory = shop.repository_for(Inventory).find_by(book_id=event.book_id)
        inventory.in_stock -= 1
        shop.repository_for(Inventory).add(inventory)
"""
_CARD = """        card = shop.repository_for(LoyaltyCard).find_by(customer=event.customer)
        card.points += 10
        shop.repository_for(LoyaltyCard).add(card)
"""
_DESK = """
@shop.command_handler(part_of=Order)
class Desk:
    @handle(CancelOrder)
    def on_cancel(self, command):
        orders = shop.repository_for(Order)
        order = orders.get(command.order_id)
        order.cancel()
        orders.add(order)
"""
_ONE_CLASS = f"""
@shop.event_handler(part_of=Order)
class AfterPayment:
    @handle(PayAnOrder)
    def shelf(self, event):
{_STOCK}
    @handle(PayAnOrder)
    def card(self, event):
{_CARD}"""
_TWO_CLASSES = f"""
@shop.event_handler(part_of=LoyaltyCard, stream_category="order")
class ThankCustomers:
    @handle("PayAnOrder")
    def thank(self, event):
{_CARD}

@shop.event_handler(part_of=Inventory, stream_category="order")
class Shelf:
    @handle("PayAnOrder")
    def lower(self, event):
{_STOCK}"""
_POINTS_ONLY = _TWO_CLASSES.split("@shop.event_handler(part_of=Inventory", maxsplit=1)[0]


def _named(code: str) -> str:
    return code.replace("PayAnOrder", "OrderPaid")


_DOOR_START = base("a-subscriber-at-the-door")


def _door(body: str, head: str = '@shop.subscriber(stream="payments")', method: str = "__call__") -> str:
    lines = "\n".join(f"        {line}" for line in body.strip().splitlines())
    return f"{_DOOR_START}\n{head}\nclass Door:\n    def {method}(self, payload):\n{lines}\n"


_SENDS = 'shop.process(PayOrder(order_id=payload["reference"], euros=payload["cents"] // 100))'
_ASKS_FIRST = f'if payload["type"] == "charge.succeeded":\n    {_SENDS}'

ANSWERS = {
    "mend-what-the-lint-finds": Answers(
        right=_named(_HEAD + _DESK + _TWO_CLASSES),
        alternative=_named(_HEAD + _ONE_CLASS + _DESK),
        wrong=[
            Wrong(_START, "The lint says", "tell, or does it ask"),
            Wrong(_HEAD + _DESK + _TWO_CLASSES, "The lint says", "tell, or does it ask"),
            Wrong(_START.replace("PayAnOrder", "OrderSold"), "no event `OrderPaid`", "tell, or does it ask"),
            Wrong(_named(_START), "The lint says", "Who opens the letter"),
            Wrong(
                _named(_HEAD.split("@shop.command(")[0] + _TWO_CLASSES),
                "no command `CancelOrder`",
                "thrown away",
            ),
            Wrong(
                _named(_HEAD + _TWO_CLASSES + _DESK.replace("        order.cancel()\n", "")),
                "the order is “pending”",
                "Who opens the letter",
            ),
            Wrong(_named(_HEAD + _DESK + _POINTS_ONLY), "10 are in stock", "before you mended"),
            Wrong(_named(_START) + _DESK, "There were 10 in stock, and there are 10", "cannot be found"),
            Wrong(
                _named(_HEAD + _DESK + _TWO_CLASSES).replace(
                    '@shop.event(part_of="Order")',
                    '@shop.event(part_of="Order", suppress_checks=["EVENT_NOT_PAST_TENSE"])',
                ),
                "asks the lint not to look",
                "nobody looks",
            ),
        ],
    ),
    "a-subscriber-at-the-door": Answers(
        right=_door(_ASKS_FIRST),
        alternative=_DOOR_START
        + """
from ddd_kit import current_domain


@shop.subscriber(stream="payments", broker="default")
class Translator:
    def __call__(self, message: dict):
        match message:
            case {"type": "charge.succeeded", "reference": order_id, "cents": cents}:
                current_domain.process(PayOrder(order_id=order_id, euros=int(cents / 100)))
""",
        wrong=[
            Wrong(_DOOR_START, "no subscriber", "Who stands at the door"),
            Wrong(
                _DOOR_START
                + "\n\n@shop.event_handler(part_of=Order)\nclass Door:\n"
                + '    @handle("$any")\n    def hear(self, event): ...\n',
                "this is no event",
                "Who stands at the door",
            ),
            Wrong(
                _door(_ASKS_FIRST, '@shop.subscriber(stream="payment")'), "sends on `payments`", "which door"
            ),
            Wrong(_door(_ASKS_FIRST.replace(" // 100", "")), "1200 euros", "How many cents"),
            Wrong(_door(_SENDS), "a charge that failed", "What is in `type`"),
            Wrong(
                _door('order_id, cents = payload["reference"], payload["cents"]\n' + _ASKS_FIRST),
                "KeyError",
                "says hello each morning",
            ),
            Wrong(
                _door(
                    'order = shop.repository_for(Order).get(payload["reference"])\n'
                    'order.pay(payload["cents"] // 100)\nshop.repository_for(Order).add(order)'
                ),
                "changed the order itself",
                "Who decides",
            ),
            Wrong(_door("print(payload)"), "no `PayOrder` was sent", "Who stands at the door"),
        ],
    ),
}
