"""Answers to the exercises on aggregates."""

from tests.workshop.answers_of import Answers, Wrong, base

_REACH = """        inventory = shop.repository_for(Inventory).get(self.book_id)
        inventory.in_stock -= self.quantity
        shop.repository_for(Inventory).add(inventory)
"""
_RAISE = "        self.raise_(OrderShipped(book_id=self.book_id, quantity=self.quantity))\n"
_HANDLER = """

@shop.event_handler(part_of=Inventory, stream_category="order")
class KeepStock:
    @handle(OrderShipped)
    def on_shipped(self, event):
        inventories = shop.repository_for(Inventory)
        stock = inventories.get(event.book_id)
        stock.in_stock = stock.in_stock - event.quantity
        inventories.add(stock)
"""


def _order(reach: str, after: str = "") -> str:
    return base("stop-reaching").replace(_REACH, reach) + after


_LINES = base("order-total")
_SUM = "self.total_amount = sum(line.quantity * line.price for line in self.lines)"
_RIGHT_TOTAL = f"""        {_SUM}

    def change_quantity(self, book_id, quantity):
        for line in self.lines:
            if line.book_id == book_id:
                line.quantity = quantity
        {_SUM}

    def remove_book(self, book_id):
        self.remove_lines(self.get_one_from_lines(book_id=book_id))
        {_SUM}
"""


def _total(methods: str, old: str = "", new: str = "") -> str:
    return _LINES.replace("\n    # Your methods", methods + "\n    # My methods").replace(old, new)


_MONEY = """
@shop.value_object
class Money:
    amount: int
    currency: str = "EUR"

    def plus(self, other):
        assert self.currency == other.currency, "not the same currency"
        return self.replace(amount=self.amount + other.amount)

"""


def _money(money: str, price: str = "    price = ValueObject(Money, required=True)") -> str:
    begin, end = base("money").split("# Your value object:\n")
    return begin + money + end.replace("    # and its price:", price)


ANSWERS = {
    "stop-reaching": Answers(
        right=_order(_RAISE, _HANDLER),
        alternative=_order(
            '        self.raise_(OrderShipped(book_id=f"{self.book_id}", quantity=self.quantity))\n',
            """

from ddd_kit import current_domain


@shop.event_handler(part_of=Order)
class TellTheShelves:
    @handle("OrderShipped")
    def tell(self, event):
        repository = current_domain.repository_for(Inventory)
        for inventory in repository.query.filter(book_id=event.book_id).all():
            inventory.in_stock = inventory.in_stock - event.quantity
            repository.add(inventory)
""",
        ),
        wrong=[
            Wrong(_order(_REACH + _RAISE), "the order was not saved", "not the order's own"),
            Wrong(_order("", _HANDLER), "no `OrderShipped` was raised", "How does anybody hear"),
            Wrong(_order(_RAISE), "Nobody listens", "Who takes the books off"),
            Wrong(
                _order(_RAISE, _HANDLER.replace(', stream_category="order"', "")),
                "does not listen to orders",
                "to which one does your handler listen",
            ),
            Wrong(
                _order(_RAISE, _HANDLER.replace("        inventories.add(stock)\n", "")),
                "Did it save",
                "is a copy",
            ),
            Wrong(
                _order(_RAISE, _HANDLER + _HANDLER.replace("KeepStock", "KeepStockToo")),
                "there are 4",
                "taken off twice",
            ),
            Wrong(
                _order(_RAISE, _HANDLER).replace('        self.status = "SHIPPED"\n', ""),
                "status is 'PENDING'",
                "for the order itself",
            ),
        ],
    ),
    "order-total": Answers(
        right=_total(_RIGHT_TOTAL),
        alternative=_LINES.replace("    total_amount = Integer(default=0)\n", "")
        + """
    @property
    def total_amount(self):
        return sum(line.quantity * line.price for line in self.lines)

    def change_quantity(self, book_id, quantity):
        old = [line for line in self.lines if line.book_id == book_id]
        self.remove_lines(old)
        self.add_book(book_id, quantity, old[0].price)

    def remove_book(self, book_id):
        self.remove_lines([line for line in self.lines if line.book_id == book_id])
""",
        wrong=[
            Wrong(
                _total("        self.total_amount += price\n"), "is 21 before it is saved", "two copies cost"
            ),
            Wrong(_total("        self.total_amount = quantity * price\n"), "is 12", "two lines"),
            Wrong(
                _total("        self.total_amount += quantity * price\n"),
                "has no method `change_quantity`",
                "asked to change a line",
            ),
            Wrong(
                _total(
                    "        self.total_amount += quantity * price\n\n"
                    "    def change_quantity(self, book_id, quantity):\n"
                    "        line = self.get_one_from_lines(book_id=book_id)\n"
                    "        line.quantity = quantity\n"
                    "        self.total_amount += quantity * line.price\n"
                ),
                "is 66",
                "in the total before",
            ),
            Wrong(
                _total(_RIGHT_TOTAL).replace("            if line.book_id == book_id:\n    ", ""),
                "3 of “emma” and 3 of “dune”",
                "Which line is meant",
            ),
            Wrong(
                _total(_RIGHT_TOTAL.replace("book_id=book_id))\n        " + _SUM, "book_id=book_id))")),
                "should be 12",
                "What did its line cost",
            ),
        ],
    ),
    "money": Answers(
        right=_money(_MONEY),
        alternative=_money(
            """
from ddd_kit import ValueObject as Value


@shop.value_object
class Money(Value):
    amount = Integer(required=True)
    currency = String(required=True, default="EUR")

    def plus(self, other):
        sums = {self.currency: self.amount + other.amount}
        return Money(amount=sums[other.currency], currency=other.currency)
"""
        ),
        wrong=[
            Wrong(
                _money(_MONEY.replace("@shop.value_object", "@shop.aggregate")),
                "is an aggregate, and should be a value object",
                "Two notes of five euros",
            ),
            Wrong(_money(_MONEY.replace(' = "EUR"', ' = "USD"')), "has the currency 'USD'", "nobody names"),
            Wrong(
                _money(
                    _MONEY.replace(
                        "self.replace(amount=self.amount + other.amount)", "self.amount + other.amount"
                    )
                ),
                "returned the number 12",
                "wants something back",
            ),
            Wrong(
                _money(_MONEY.replace("self.replace(amount=self", "Money(amount=self")),
                "7 USD; it is 7 EUR",
                "nine euros and three euros",
            ),
            Wrong(
                _money(
                    _MONEY.replace(
                        '        assert self.currency == other.currency, "not the same currency"\n', ""
                    )
                ),
                "should be refused; it gave 10 EUR",
                "five euros and five dollars",
            ),
            Wrong(_money(_MONEY, "    price = Integer()"), "", "one object be inside"),
            Wrong(
                _money(_MONEY, "    price = ValueObject(Money)"), "has to be refused", "one object be inside"
            ),
        ],
    ),
}
