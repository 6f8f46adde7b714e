"""Right answers in another style: what a solution says in other words, by the exercise and the style."""

Pairs = tuple[tuple[str, str], ...]

_READS_LIST = """        books = shop.view_for(BestSeller).query.order_by("-copies")
        return books.limit(query.how_many).all()
"""
_SORTS = """        lines = shop.repository_for(BestSeller).query.all()
        return sorted(lines, key=lambda line: -line.copies)[: query.how_many]
"""
_BUYS = "shop.repository_for(PurchaseOrder).add(PurchaseOrder(book_id=event.book_id, quantity=50))"
_BUYS_BY_COMMAND = """shop.process(Buy(book_id=event.book_id))


@shop.command(part_of=PurchaseOrder)
class Buy:
    book_id = Identifier(required=True)


@shop.command_handler(part_of=PurchaseOrder)
class Buyer:
    @handle(Buy)
    def buy(self, command):
        shop.repository_for(PurchaseOrder).add(PurchaseOrder(book_id=command.book_id, quantity=50))"""
_SHIPS = """        repository = shop.repository_for(Order)
        order = repository.get(command.order_id)
        order.ship_order()
        repository.add(order)
"""
_SERVICE = """        Shipping().ship(command.order_id)


from ddd_kit import use_case


@shop.application_service(part_of=Order)
class Shipping:
    @use_case
    def ship(self, order_id):
        order = shop.repository_for(Order).get(order_id)
        order.ship_order()
        shop.repository_for(Order).add(order)
"""
_RULE = """        if self.status == "SHIPPED":
            raise ValidationError({"status": ["is SHIPPED, and cannot be cancelled"]})
"""
_REPOSITORY = """

@shop.repository(part_of=Inventory)
class Shelves:
    def of(self, book_id):
        return self.find_by(book_id=book_id)


@shop.event_handler"""
_REMEMBERS_ONE_BY_ONE = """        card.orders = [*card.orders, event.order_id]
        card.points += event.quantity
"""
_ADDS_UP = """        card.orders = {**card.orders, event.order_id: event.quantity}
        card.points = sum(card.orders.values())
"""
_REGISTERS = """

shop.register(PackParcels, part_of=Parcel, stream_category="order")
"""
_SETTINGS = """shop = Domain(name="Shop", seed=1)
shop.config["event_processing"] = "async"
shop.config["command_processing"] = "async"
shop.config["journal_limit"] = 3
shop.faults.deliver_twice()
"""
_NOTES = """        try:
            printer.print_label()
        except OutOfPaperError:
            shop.repository_for(Note).add(Note(says="no paper"))
"""
_NOTE_CLASS = """class PrintLabels:
    pass


@shop.aggregate
class Note:
    says = String()


@shop.event_handler(part_of=Note, stream_category="order")
class PrintOrNote:"""
_FIELDS = """    book_id = Identifier(required=True)
    quantity = Integer(required=True)
    price = Integer("""
_ANNOTATED = """    book_id: str
    quantity: int
    price: Integer("""
_PLUS = """    def __add__(self, other):
        return self.plus(other)

    def plus(self, other):
"""
_RETURNS = 'return {"card_id": data["card_id"], "amount": data["pounds"] * 100, "currency": "GBP"}'
_IN_PLACE = """data["amount"] = data.pop("pounds") * 100
        data["currency"] = "GBP"
        return data"""
_COUNTS = """        self.failures += 1
        if self.failures == 1:
"""
_WARNS = """        if not self.warned:
            self.warned = True
"""
_STOCK_TWICE = """

@shop.event_handler(part_of=LoyaltyCard, stream_category="order")
class GivePoints:
"""

STYLES: dict[str, dict[str, Pairs]] = {
    "pack-parcels": {
        "the aggregate by its name": (("part_of=Parcel", 'part_of="Parcel"'),),
        "any event of any category": (
            ('stream_category="order"', 'stream_category="$all"'),
            ("@handle(OrderShipped)", '@handle("$any")'),
            ("if event.quantity > 1", "if isinstance(event, OrderShipped) and event.quantity >= 2"),
        ),
        "registered, without a decorator": (
            ('@shop.event_handler(part_of=Parcel, stream_category="order")\n', ""),
            ("from ddd_kit import Domain", "from ddd_kit import BaseEventHandler, Domain"),
            ("class PackParcels:", "class PackParcels(BaseEventHandler):"),
            (
                "Parcel(order_id=event.order_id))\n",
                f"Parcel(order_id=event.order_id))\n{_REGISTERS}",
            ),
        ),
    },
    "missing-mail": {
        "part of what it hears": (('part_of=Mail, stream_category="order"', "part_of=Order"),),
    },
    "stop-reaching": {
        "an event of a dictionary": (
            (
                "OrderShipped(book_id=self.book_id, quantity=self.quantity)",
                "OrderShipped({'book_id': self.book_id, 'quantity': self.quantity})",
            ),
        ),
    },
    "order-total": {
        "annotations": (
            (
                _FIELDS,
                _ANNOTATED,
            ),
        ),
        "the line by a filter": (
            (
                "line = self.get_one_from_lines(book_id=book_id)",
                "line = self.filter_lines(book_id=book_id)[0]",
            ),
        ),
    },
    "money": {
        "annotations": (("price = ValueObject(Money, required=True)", "price: Money"),),
        "an operator besides": (("    def plus(self, other):\n", _PLUS),),
    },
    "no-more-than-there-is": {
        "an error of one text": (
            ('{"reserved": ["must not be more than in_stock"]}', '"there are not so many"'),
        ),
    },
    "reduce-stock": {
        "by names": (
            ("@handle(OrderShipped)", '@handle("OrderShipped")'),
            ("part_of=Inventory", 'part_of="Inventory"'),
        ),
        "a repository of its own": (
            ("repository.find_by(book_id=event.book_id)", "repository.of(event.book_id)"),
            ("\n\n@shop.event_handler", _REPOSITORY),
        ),
        "a query": (
            (
                "repository.find_by(book_id=event.book_id)",
                "repository.query.filter(book_id=event.book_id).first",
            ),
        ),
        "hold mode, a short journal, and faults": (
            (
                'shop = Domain(name="Shop")\n',
                _SETTINGS,
            ),
        ),
        "without a journal": (
            (
                'shop = Domain(name="Shop")\n',
                'shop = Domain(name="Shop")\nshop.config["journal"] = False\n',
            ),
        ),
    },
    "reorder": {
        "a command in between": ((_BUYS, _BUYS_BY_COMMAND),),
    },
    "two-handlers": {
        "a note for somebody": (
            ("        printer.print_label()\n", _NOTES),
            ("class PrintLabels:", _NOTE_CLASS),
        ),
    },
    "hear-returns": {
        "part of what it hears": (('part_of=Inventory, stream_category="parcel"', "part_of=Parcel"),),
    },
    "audit-log": {
        "the name in the metadata": (("type(event).__name__", "event._metadata.headers.type.split('.')[1]"),),
    },
    "ship-by-command": {
        "annotations": (
            (
                "class ShipOrder:\n    order_id = Identifier(required=True)",
                "class ShipOrder:\n    order_id: str",
            ),
        ),
        "an application service": ((_SHIPS, _SERVICE),),
    },
    "place-order": {
        "the order refuses": (
            ("quantity = Integer(required=True, min_value=1)", "quantity = Integer(required=True)"),
            (
                "    quantity = Integer(required=True)\n    status",
                "    quantity = Integer(required=True, min_value=1)\n    status",
            ),
        ),
        "an identity of another name": (
            ("class Order:\n", "class Order:\n    order_id = Identifier(identifier=True)\n"),
            ("return order.id", "return order.order_id"),
        ),
    },
    "cancel-order": {
        "only what is pending": (('if self.status == "SHIPPED"', 'if self.status != "PENDING"'),),
        "an invariant": (
            (_RULE, ""),
            (
                "    def cancel_order(self):",
                "    @invariant.pre\n    def what_is_shipped_stays(self):\n"
                + _RULE
                + "\n    def cancel_order(self):",
            ),
        ),
    },
    "newest-count": {
        "a number that is not there at first": (
            (
                "number = Integer(default=0)\n\n\n@shop.event_handler",
                "number = Integer()\n\n\n@shop.event_handler",
            ),
            ("> window.number", "> (window.number or 0)"),
        ),
    },
    "twice-is-once": {
        "what each order gave": (
            ("orders = List(content_type=String)", "orders = Dict()"),
            ("import Identifier", "import Dict, Identifier"),
            (_REMEMBERS_ONE_BY_ONE, _ADDS_UP),
        ),
        "the id of the message": (
            ("event.order_id in", "event._metadata.headers.id in"),
            ("*card.orders, event.order_id", "*card.orders, event._metadata.headers.id"),
        ),
    },
    "call-again": {
        "a wider error": (("ConnectionError,))", "OSError,))"),),
    },
    "note-the-failure": {
        "more in the reason": (("reason=str(error)", "reason=repr(error)"),),
        "it is tried again": (
            (
                'part_of=Notification, stream_category="order"',
                'part_of=Notification, stream_category="order", retries=1',
            ),
        ),
    },
    "apply-events": {
        "annotations that are texts": (
            (
                "from ddd_kit import Domain, apply",
                "from __future__ import annotations\n\nfrom ddd_kit import Domain, apply",
            ),
        ),
    },
    "old-pounds": {
        "the data changed in its place": ((_RETURNS, _IN_PLACE),),
    },
    "best-sellers": {
        "sorted in Python": ((_READS_LIST, _SORTS),),
        "categories, and handle": (
            ("aggregates=[Order]", 'stream_categories=["order"]'),
            ("@on(OrderShipped)", "@handle(OrderShipped)"),
            ("import Domain", "import handle, Domain"),
        ),
    },
    "wait-for-payment": {
        "categories": (
            ("aggregates=[Order, Payment, Parcel]", 'stream_categories=["order", "payment", "parcel"]'),
        ),
        "complete by a call": (
            (
                ", end=True)\n    def be_done(self, event):\n        pass",
                ")\n    def be_done(self, event):\n        self.mark_as_complete()",
            ),
        ),
    },
    "cancel-when-payment-fails": {
        "a flag": (
            ("failures = Integer(default=0)", "warned = Boolean(default=False)"),
            (_COUNTS, _WARNS),
            ("import Identifier", "import Boolean, Identifier"),
        ),
    },
    "mend-what-the-lint-finds": {"one class": ((_STOCK_TWICE, "\n"),)},
    "a-subscriber-at-the-door": {
        "a fraction": (('payload["cents"] // 100', 'payload["cents"] / 100'),),
    },
}
