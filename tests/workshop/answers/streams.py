"""Answers to the exercises on streams."""

from tests.workshop.answers_of import Answers, Wrong, base

_PUT_BACK = """
    @handle(BooksReturned)
    def put_back(self, event):
        repository = shop.repository_for(Inventory)
        inventory = repository.find_by(book_id=event.book_id)
        inventory.in_stock += event.quantity
        repository.add(inventory)
"""
_TAKES = 'part_of=Inventory, stream_category="order"'


def _listening(options: str, code: str | None = None) -> str:
    """The one handler of the shop with other options."""
    return (code or base("hear-returns")).replace(
        f"@shop.event_handler({_TAKES})", f"@shop.event_handler({options})"
    )


def _one_more(options: str, body: str = _PUT_BACK) -> str:
    return base("hear-returns") + f"\n@shop.event_handler({options})\nclass OnTheShelfAgain:{body}"


def _mailing(options: str, body: str = "") -> str:
    code = base("asked-for").replace(
        'part_of=Notification, stream_category="order"', f"part_of=Notification{options}"
    )
    return code.replace(
        "    def notify_customer(self, event):\n", f"    def notify_customer(self, event):\n{body}"
    )


def _at_the_desk() -> str:
    """Nobody listens; whoever does what is asked for makes the mail."""
    code = base("asked-for").split("# Change this:")[0]
    mail = "        shop.repository_for(Notification).add(Notification(order_id=order.id))\n"
    saved = "        order.ship_order()\n        shop.repository_for(Order).add(order)\n"
    return code.replace(saved, saved + mail, 1)


def _log(options: str, takes: str = '"$any"', does: str = "type(event).__name__", more: str = "") -> str:
    return (
        base("audit-log")
        + f"""
@shop.event_handler({options})
class Archive:
    @handle({takes})
    def keep(self, event):
        line = LogEntry(what={does})
        shop.repository_for(LogEntry).add(line)
{more}
"""
    )


_ALL = 'part_of=LogEntry, stream_category="$all"'
_TWICE = """
    @handle(OrderShipped)
    def keep_orders(self, event):
        shop.repository_for(LogEntry).add(LogEntry(what="OrderShipped"))

    @handle(OrderShipped)
    def keep_them_again(self, event):
        shop.repository_for(LogEntry).add(LogEntry(what="OrderShipped"))
"""
_BY_NAME = """
    @handle(BooksReturned)
    def keep_parcels(self, event):
        shop.repository_for(LogEntry).add(LogEntry(what="BooksReturned"))
"""

ANSWERS = {
    "hear-returns": Answers(
        right=_one_more('part_of=Inventory, stream_category="parcel"'),
        alternative=_listening('part_of=Inventory, stream_category="$all"'),
        wrong=[
            Wrong(
                base("hear-returns"),
                "its stream_category is `order`, and the event is on `parcel`",
                "which stream",
            ),
            Wrong(
                _listening('part_of=Inventory, stream_category="parcel"'),
                "is `parcel`",
                "Who hears orders now",
            ),
            Wrong(_one_more('part_of=Inventory, stream_category="return"'), "still 10", "which stream"),
            Wrong(_one_more("part_of=Inventory"), "still 10", "which stream"),
            Wrong(
                _listening('part_of=Inventory, stream_category="$all"', _one_more("part_of=Parcel")),
                "there are 14",
                "how much",
            ),
            Wrong(_one_more("part_of=Parcel", _PUT_BACK.replace("+=", "-=")), "there are 8", "how much"),
            Wrong(
                _one_more("part_of=Parcel", _PUT_BACK.replace("event.quantity", "2")),
                "and there are 6",
                "come and go",
            ),
        ],
    ),
    "asked-for": Answers(
        right=_mailing(', stream_category="order", source_stream="manage_order"'),
        alternative=_at_the_desk(),
        wrong=[
            Wrong(
                base("asked-for"), "imported by an `ImportOrder`, and a `Notification`", "By which message"
            ),
            Wrong(_mailing(', stream_category="manage_order"'), "the event is on `order`", "Two questions"),
            Wrong(
                _mailing(', stream_category="order", source_stream="order"'),
                "the event came from `manage_order`",
                "Two questions",
            ),
            Wrong(
                _mailing(', stream_category="order", source_stream="import"'),
                "its source_stream is `import`",
                "Two questions",
            ),
            Wrong(_mailing(', source_stream="manage_order"'), "its stream_category", "Two questions"),
            Wrong(
                _mailing(
                    ', stream_category="order"',
                    "        if (event._metadata.domain.origin_stream or '').startswith('shop::import'):\n"
                    "            return\n",
                ),
                "shipped by plain code",
                "no message asked",
            ),
        ],
    ),
    "audit-log": Answers(
        right=_log(_ALL),
        alternative=_log(_ALL, "OrderShipped", '"OrderShipped"', _BY_NAME),
        wrong=[
            Wrong(base("audit-log"), "Nobody listens to `OrderShipped`", "part of `LogEntry`"),
            Wrong(_log("part_of=LogEntry"), "its stream_category is", "part of `LogEntry`"),
            Wrong(_log('part_of=LogEntry, stream_category="order"'), "A parcel was unpacked", "Who else"),
            Wrong(_log(_ALL, "OrderShipped"), "A parcel was unpacked", "Who else"),
            Wrong(
                _log(_ALL, does="str(event)"), "The log should have `OrderShipped`", "name of what happened"
            ),
            Wrong(_log(_ALL, more=_TWICE), "`OrderShipped`, `OrderShipped`", "part of `LogEntry`"),
            Wrong(
                _log(_ALL).replace("shop.repository_for(LogEntry).add(line)", "pass"),
                "Did it save the line",
                "Who keeps it",
            ),
        ],
    ),
}
