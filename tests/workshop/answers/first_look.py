"""Answers to the exercises of the first look."""

from tests.workshop.answers_of import Answers, Wrong, base

_SAVE_ONE = "shop.repository_for(Parcel).add(Parcel(order_id=event.order_id))"
_MANY = "event.quantity > 1"
_OPTIONS = 'part_of=Parcel, stream_category="order"'


def _packs(condition: str = _MANY, does: str = _SAVE_ONE, options: str = _OPTIONS) -> str:
    return (
        base("pack-parcels")
        + f"""
@shop.event_handler({options})
class Packing:
    @handle(OrderShipped)
    def pack_it(self, event):
        if {condition}:
            {does}
"""
    )


_PACKS_EARLY_RETURN = (
    base("pack-parcels")
    + """
@shop.event_handler(part_of=Order)
class Packing:
    @handle("OrderShipped")
    def pack_it(self, event):
        order = shop.repository_for(Order).get(event.order_id)
        if order.quantity < 2:
            return
        shop.repository_for(Parcel).add(Parcel(order_id=order.id))
"""
)
_REFUSES_ONE = (
    base("pack-parcels")
    + f"""
@shop.event_handler({_OPTIONS})
class Packing:
    @handle(OrderShipped)
    def pack_it(self, event):
        if event.quantity == 1:
            raise ValueError("too small for a parcel")
        {_SAVE_ONE}
"""
)
_ORDER_PACKS = base("pack-parcels").replace(
    '        self.status = "shipped"\n',
    '        self.status = "shipped"\n'
    "        if self.quantity > 1:\n"
    "            shop.repository_for(Parcel).add(Parcel(order_id=self.id))\n",
)
_NO_METHOD = base("pack-parcels") + f"\n@shop.event_handler({_OPTIONS})\nclass Packing:\n    pass\n"

_SILENT = 'part_of=Mail, source_stream="manage_order"'


def _mails(options: str) -> str:
    return base("missing-mail").replace(_SILENT, options)


_SECOND_HANDLER = (
    _mails('part_of=Mail, stream_category="order"')
    + """
@shop.event_handler(part_of=Order)
class WriteMore:
    @handle(OrderShipped)
    def write(self, event):
        shop.repository_for(Mail).add(Mail(order_id=event.order_id))
"""
)
_ORDER_WRITES = base("missing-mail").replace(
    '        self.status = "shipped"\n',
    '        self.status = "shipped"\n        shop.repository_for(Mail).add(Mail(order_id=self.id))\n',
)
_WRONG_ORDER = _mails("part_of=Order").replace(
    "Mail(order_id=event.order_id)", "Mail(order_id=event.book_id)"
)
_FIRST_ORDER = _mails("part_of=Order").replace(
    "Mail(order_id=event.order_id)", "Mail(order_id=shop.repository_for(Order).query.first.id)"
)

ANSWERS = {
    "pack-parcels": Answers(
        right=_packs(),
        alternative=_PACKS_EARLY_RETURN,
        wrong=[
            Wrong(_packs(options="part_of=Parcel"), "its stream_category is `parcel`", "Which option"),
            Wrong(_packs(options='part_of=Parcel, stream_category="orders"'), "is `orders`", "Which option"),
            Wrong(_packs(does="Parcel(order_id=event.order_id)"), "`Packing.pack_it` ran", "who keeps it"),
            Wrong(_packs(condition="event.quantity > 3"), "nothing was saved", "Did the method make"),
            Wrong(_packs(condition="True"), "1 book was shipped, and there is 1 parcel", "How many books"),
            Wrong(_packs(condition="event.quantity > 2"), "there are 0 parcels", "How many books"),
            Wrong(_packs(does=_SAVE_ONE.replace("event.order_id", "event.book_id")), "'emma'", "for whom"),
            Wrong(_packs(does=f"{_SAVE_ONE}; {_SAVE_ONE}"), "there are 2 parcels", "Which of your handlers"),
            Wrong(_REFUSES_ONE, "too small for a parcel", "How many books"),
            Wrong(_ORDER_PACKS, "no handler ran", "have to know"),
            Wrong(_NO_METHOD, "`Packing` did not run", "Which building block"),
        ],
    ),
    "missing-mail": Answers(
        right=_mails('part_of=Mail, stream_category="order"'),
        alternative=_mails("part_of=Order"),
        wrong=[
            Wrong(
                base("missing-mail"),
                "Ask `shop.why_not(WriteMails)`",
                "The handler is there",
            ),
            Wrong(
                _mails('part_of=Mail, stream_category="order", source_stream="manage_order"'),
                "plain code",
                "One ✓",
            ),
            Wrong(_mails("part_of=Mail"), "its stream_category is `mail`", "Which option"),
            Wrong(_mails('part_of=Mail, stream_category="orders"'), "is `orders`", "Which option"),
            Wrong(_SECOND_HANDLER, "there are 2 mails", "Which of your handlers"),
            Wrong(_ORDER_WRITES, "no handler ran", "have to know"),
            Wrong(_WRONG_ORDER, "'emma'", "the right order"),
            Wrong(_FIRST_ORDER, "for the same order", "the right order"),
        ],
    ),
}
