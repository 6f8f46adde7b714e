"""Answers to the exercises on eventual consistency."""

from textwrap import indent

from tests.workshop.answers_of import Answers, Wrong, base


def _changed(name: str, *pairs: tuple[str, str]) -> str:
    code = base(name)
    for old, new in pairs:
        assert old in code
        code = code.replace(old, new)
    return code


# promise-books

_DOC = '        """Promise so many copies to a customer."""\n'
_OFF = "inventory.in_stock -= event.quantity\n"
_BOTH = (_OFF, _OFF + "        inventory.reserved = inventory.reserved - event.quantity\n")
_ADDS = (_DOC, "        self.reserved += quantity\n")


def _reserving(body: str, off: tuple[str, str] = _BOTH) -> str:
    return _changed("promise-books", (_DOC, body), off)


_LIMIT = """        if self.reserved + quantity > self.in_stock:
            raise ValidationError({"quantity": ["so many are not free"]})
        self.reserved = self.reserved + quantity
"""
_INVARIANT = """        self.reserved += quantity

    @invariant.post
    def promised_is_there(self):
        if self.reserved > self.in_stock:
            raise ValidationError({"reserved": ["more is promised than there is"]})
"""

_TOO_EARLY = (
    '        self.status = "SHIPPED"\n',
    """        self.status = "SHIPPED"
        inventory = shop.repository_for(Inventory).find_by(book_id=self.book_id)
        inventory.reserved -= self.quantity
        shop.repository_for(Inventory).add(inventory)
""",
)

# newest-count

_ONE_FOR_ALL = """
@shop.aggregate
class Newest:
    number = Integer(default=0)


@shop.event_handler(part_of=ShopWindow, stream_category="shelf")
class WriteSign:
    @handle(CopiesCounted)
    def write(self, event):
        newest = shop.repository_for(Newest).query.first or Newest()
        if event.number > newest.number:
            newest.number = event.number
            shop.repository_for(Newest).add(newest)
            window = shop.repository_for(ShopWindow).find_by(book_id=event.book_id)
            window.copies = event.copies
            shop.repository_for(ShopWindow).add(window)
"""

_SET = "        window.copies = event.copies\n        shop.repository_for(ShopWindow).add(window)\n"
_FIELD = "    copies = Integer(default=0)\n"


def _writing(body: str, field: str = "") -> str:
    return _changed("newest-count", (_SET, body), (_FIELD, _FIELD + field))


_KEPT = """        if event.number <= window.seen:
            return
        window.copies, window.seen = event.copies, event.number
        shop.repository_for(ShopWindow).add(window)
"""

# tell-when-sure

_SAVE = "        shop.repository_for(Inventory).add(inventory)\n"
_NOTE = "\n\n@shop.aggregate\nclass Notification"
_MAIL = 'part_of=Notification, stream_category="order")'
_HEAR = "    @handle(OrderShipped)\n    def tell("
_GONE = """

@shop.event(part_of=Inventory)
class BooksGone:
    order = Identifier(required=True)
"""


def _telling(*pairs: tuple[str, str]) -> str:
    return _changed("tell-when-sure", *pairs)


_EVENT = (_NOTE, _GONE + _NOTE)
_RAISE = (_SAVE, "        inventory.raise_(BooksGone(order=event.order_id))\n" + _SAVE)
_TO_STOCK = (_MAIL, 'part_of=Notification, stream_category="inventory")')
_TAKES = (_HEAR, "    @handle(BooksGone)\n    def tell(")
_WHICH = ("Notification(order_id=event.order_id)", "Notification(order_id=event.order)")

ANSWERS = {
    "promise-books": Answers(
        right=_reserving(_LIMIT),
        alternative=_reserving(_INVARIANT, (_OFF, "inventory.reserved -= event.quantity\n        " + _OFF)),
        wrong=[
            Wrong(
                _changed("promise-books", (_DOC, _LIMIT), _TOO_EARLY),
                "the stock has not heard of it yet, and somebody reserves 3",
                "Is the promise over",
            ),
            Wrong(_reserving(_INVARIANT), "was not accepted", "between the two lines"),
            Wrong(_reserving(_ADDS[1]), "has to be refused, and it was done", "Ten copies, eight"),
            Wrong(_reserving(_LIMIT, (_OFF, _OFF)), "5 are in stock and 8 reserved", "leave the shop"),
            Wrong(_reserving("        self.in_stock -= quantity\n"), "still on the shelf", "left the shelf"),
            Wrong(_reserving(_LIMIT.replace(">", ">=")), "the last 2, which are free", "Two are free"),
            Wrong(
                _reserving(_LIMIT.replace("self.reserved + quantity > ", "quantity > ")),
                "8 are reserved, and then 3 more",
                "Ten copies, eight",
            ),
            Wrong(
                _reserving(_LIMIT.replace("ValidationError({", "ValueError({")), "ValueError", "Ten copies"
            ),
        ],
    ),
    "newest-count": Answers(
        right=_writing(_KEPT, "    seen = Integer(default=0)\n"),
        alternative=_changed(
            "newest-count", (_SET, "        window.write(event)\n" + _SET.splitlines()[1] + "\n")
        ).replace(
            _FIELD,
            _FIELD
            + """    numbers: list[int] = []

    def write(self, event):
        if not self.numbers or event.number > max(self.numbers):
            self.copies = event.copies
        self.numbers = [*self.numbers, event.number]
""",
        ),
        wrong=[
            Wrong(
                base("newest-count"), "the window shows 12. It should be 5, the newer", "an old count after"
            ),
            Wrong(
                _writing(_SET.replace("= event.copies", "= max(window.copies, event.copies)")),
                "the window shows 12",
                "You compare numbers of copies",
            ),
            Wrong(
                _writing(
                    _KEPT.replace("= event.copies, event.number", "= event.copies, window.seen"),
                    "    seen = Integer(default=0)\n",
                ),
                "the window shows 12. It should be 5, the newer",
                "an old count after",
            ),
            Wrong(
                _writing(
                    _KEPT.replace("window.seen:", "window.seen or window.seen:"),
                    "    seen = Integer(default=0)\n",
                ),
                "the window shows 8",
                "who has set that",
            ),
            Wrong(
                _writing(
                    _SET.replace(
                        "        window",
                        "        if event.number > WriteSign.newest:\n            "
                        "WriteSign.newest = event.number\n            window",
                        1,
                    )
                ).replace("class WriteSign:\n", "class WriteSign:\n    newest = 0\n\n"),
                "the window shows 0",
                "Who remembers the counts",
            ),
            Wrong(base("newest-count") + _ONE_FOR_ALL, "Its window shows 0", "each counts for itself"),
            Wrong(
                _writing("        if event.number > 1 or not window.copies:\n" + indent(_SET, "    ")),
                "in the order first, third, second",
                "who has set that",
            ),
            Wrong(
                base("newest-count").replace('stream_category="shelf"', 'stream_category="shop_window"'),
                "0 deliveries wait",
                "Who hears",
            ),
        ],
    ),
    "tell-when-sure": Answers(
        right=_telling(_EVENT, _RAISE, _TO_STOCK, _TAKES, _WHICH),
        alternative=_changed(
            "tell-when-sure",
            (
                _SAVE,
                _SAVE
                + "        shop.repository_for(Notification).add(Notification(order_id=event.order_id))\n",
            ),
        ).rpartition("@shop.event_handler")[0],
        wrong=[
            Wrong(base("tell-when-sure"), "nobody had taken them off", "Whose word"),
            Wrong(
                _telling(_EVENT, _TO_STOCK, _TAKES, _WHICH), "there are 0 notifications", "Who should hear"
            ),
            Wrong(_telling(_EVENT, _RAISE, _TAKES, _WHICH), "there are 0 notifications", "Who should hear"),
            Wrong(
                _telling(_EVENT, _RAISE)
                + """
@shop.event_handler(part_of=Notification, stream_category="inventory")
class MoreMail:
    @handle(BooksGone)
    def tell(self, event):
        shop.repository_for(Notification).add(Notification(order_id=event.order))
""",
                "there are 2 notifications",
                "more than one mail",
            ),
            Wrong(
                _telling(_EVENT, _RAISE, _TO_STOCK, _TAKES, _WHICH).replace(
                    "        inventory.in_stock -=",
                    "        if inventory.in_stock >= event.quantity:\n            inventory.in_stock -=",
                ),
                "2 copies are in stock and 3 were shipped: the inventory",
                "Whose word",
            ),
            Wrong(
                _telling(
                    _EVENT,
                    (_SAVE, _RAISE[1].replace("event.order_id", "event.book_id")),
                    _TO_STOCK,
                    _TAKES,
                    _WHICH,
                ),
                "is about order 'emma'",
                "Which order",
            ),
        ],
    ),
}
