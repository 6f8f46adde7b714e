"""Wrong answers that know the numbers and names of an example, or remember things in Python."""

from dataclasses import dataclass

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ByHeart:
    """A wrong answer.

    Attributes:
        name: of the exercise.
        pairs: what is another way than in the solution.
        says: a part of the reason at the first point that is not yet right.
    """

    name: str
    pairs: Pairs
    says: str


_REMEMBERED = """        if event.order_id in card.orders:
            return
        card.orders = [*card.orders, event.order_id]
"""
_SEEN = """        if (card.id, event.order_id) in seen:
            return
        seen.add((card.id, event.order_id))
"""
_HANDLER = "\n\n@shop.event_handler"
_MANAGER = "\n\n@shop.process_manager"

BY_HEART = (
    ByHeart("stop-reaching", (("-= event.quantity", "-= 3"),), "2 of 7 copies of “dune”"),
    ByHeart(
        "stop-reaching",
        (
            (
                "OrderShipped(book_id=self.book_id, quantity=self.quantity)",
                'OrderShipped(book_id="emma", quantity=3)',
            ),
        ),
        "2 of 7 copies of “dune”",
    ),
    ByHeart(
        "order-total",
        (
            (
                "        line = self.get_one_from_lines(book_id=book_id)\n        self.total_amount -=",
                "        line = self.lines[0]\n        self.total_amount -=",
            ),
        ),
        "`remove_book('dune')` left 1 of “dune”",
    ),
    ByHeart(
        "order-total",
        (
            (
                "self.total_amount -= line.quantity * line.price",
                "self.total_amount = 12 if self.total_amount == 30 else 0",
            ),
        ),
        "it should be 18",
    ),
    ByHeart("money", (("amount=self.amount + other.amount", "amount=12"),), "should be 7 USD; it is 12 USD"),
    ByHeart(
        "money",
        (("if other.currency != self.currency", 'if (self.currency, other.currency) == ("EUR", "USD")'),),
        "5 USD plus 5 EUR should be refused",
    ),
    ByHeart(
        "no-more-than-there-is",
        (("self.reserved > self.in_stock", "self.reserved > 5"),),
        "Throwing away 3 of 5",
    ),
    ByHeart(
        "reduce-stock",
        (("find_by(book_id=event.book_id)", 'find_by(book_id="emma")'),),
        "Then 3 of 7 copies of “dune”",
    ),
    ByHeart(
        "reorder",
        (("PurchaseOrder(book_id=event.book_id", 'PurchaseOrder(book_id="emma"'),),
        "50 copies of “dune”, and it is",
    ),
    ByHeart(
        "reorder",
        (("StockDepleted(book_id=self.book_id", 'StockDepleted(book_id="emma"'),),
        "last copy of “dune”",
    ),
    ByHeart(
        "reorder",
        (("if self.in_stock == 0", 'if self.book_id == "emma" and self.in_stock == 0'),),
        "two `PurchaseOrder`, and there are 1",
    ),
    ByHeart(
        "two-handlers",
        (("inventory.in_stock -= event.quantity", "inventory.in_stock = 7"),),
        "Then 2 more were shipped: 7",
    ),
    ByHeart(
        "hear-returns",
        (
            (
                "inventory.in_stock += event.quantity",
                'inventory.in_stock += event.quantity * (event.book_id == "emma")',
            ),
        ),
        "2 of “dune” came back",
    ),
    ByHeart(
        "ship-by-command",
        (("repository.get(command.order_id)", 'repository.get("ada")'),),
        "`ShipOrder(order_id='ben')`",
    ),
    ByHeart(
        "place-order", (("quantity=command.quantity", "quantity=3"),), "quantity of 1, and the order has 3"
    ),
    ByHeart(
        "cancel-order",
        (("OrderCancelled(order_id=self.order_id)", 'OrderCancelled(order_id="ada")'),),
        "about ada, ada",
    ),
    ByHeart(
        "promise-books",
        (("inventory.reserved -= event.quantity", "inventory.reserved = 0"),),
        "5 are in stock and 0 reserved",
    ),
    ByHeart("promise-books", (("self.in_stock - self.reserved", "10 - self.reserved"),), "2 copies are left"),
    ByHeart(
        "newest-count",
        (
            (_HANDLER, "\n\nseen = {}" + _HANDLER),
            ("> window.number", "> seen.get(event.book_id, 0)"),
            ("window.number = event.number", "seen[event.book_id] = event.number"),
        ),
        "the window shows 0",
    ),
    ByHeart(
        "twice-is-once",
        ((_REMEMBERED, _SEEN), (_HANDLER, "\n\nseen = set()" + _HANDLER)),
        "in a fork of this world",
    ),
    ByHeart(
        "note-the-failure",
        (("reason=str(error)", 'reason="nobody lives at nowhere"'),),
        "nobody lives at the Moon",
    ),
    ByHeart(
        "apply-events", (("self.in_stock = event.copies", "self.in_stock = 6"),), "Then somebody counted 9"
    ),
    ByHeart("refund", (("self.balance + amount > self.worth", "amount > 20"),), "12 of them refunded"),
    ByHeart("old-pounds", (('data["pounds"] * 100', "5000"),), "5000 and 5000 pence"),
    ByHeart("best-sellers", (("query.how_many", "2"),), "`MostSold(how_many=1)` should give dune"),
    ByHeart(
        "wait-for-payment",
        (
            (_MANAGER, "\n\naddresses = {}" + _MANAGER),
            ("        self.address = event.address", "        addresses[event.order_id] = event.address"),
            (
                "shop.process(ShipOrder(order_id=self.order_id, address=self.address))",
                "shop.process(ShipOrder(order_id=self.order_id, address=addresses[self.order_id]))",
            ),
        ),
        "its parcel went to 9 Far Road",
    ),
    ByHeart(
        "cancel-when-payment-fails",
        (
            (_MANAGER, "\n\nfailures = {}" + _MANAGER),
            ("self.failures += 1", "failures[self.order_id] = failures.get(self.order_id, 0) + 1"),
            ("if self.failures == 1", "if failures[self.order_id] == 1"),
        ),
        "sent 0 times",
    ),
    ByHeart(
        "mend-what-the-lint-finds", (("card.points += 10", "card.points = 10"),), "It should be 8 and 20"
    ),
    ByHeart("a-subscriber-at-the-door", (('payload["cents"] // 100', "12"),), "500 cents for ben-1"),
    ByHeart("a-subscriber-at-the-door", (('payload["reference"]', '"ada-1"'),), "5 euros for ada-1"),
    ByHeart(
        "a-subscriber-at-the-door",
        (
            (
                'if payload["type"] == "charge.succeeded"',
                'if "reference" in payload and payload["type"] != "charge.failed"',
            ),
        ),
        "a charge that was refunded",
    ),
)
