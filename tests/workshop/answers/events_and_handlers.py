"""Answers to the exercises on events and handlers."""

from tests.workshop.answers_of import Answers, Wrong, base

_HANDLER = """
@shop.event_handler({options})
class KeepStock:
    @handle(OrderShipped)
    def on_shipped(self, event):
        inventories = shop.repository_for(Inventory)
{body}
"""


def _with(body: str, options: str = 'part_of=Inventory, stream_category="order"') -> str:
    lines = "\n".join(f"        {line}" for line in body.strip().splitlines())
    return base("reduce-stock") + _HANDLER.format(options=options, body=lines)


_RIGHT = """
inventory = inventories.find_by(book_id=event.book_id)
inventory.in_stock -= event.quantity
inventories.add(inventory)
"""
_REACHING_IN = """        self.status = "shipped"
        inventory = shop.repository_for(Inventory).find_by(book_id=self.book_id)
        inventory.in_stock -= self.quantity
        shop.repository_for(Inventory).add(inventory)
"""


def _tells(condition: str = "self.in_stock <= 0", raised: str = "StockDepleted(book_id=self.book_id)") -> str:
    """The shop with an inventory that tells, and nobody who listens."""
    event = '@shop.event(part_of="Inventory")\nclass StockDepleted:\n    book_id = Identifier(required=True)'
    shelf = "@shop.aggregate\nclass Inventory"
    start = base("reorder").replace(shelf, f"{event}\n\n\n{shelf}")
    lowers = "        self.in_stock -= quantity\n"
    return start.replace(lowers, f"{lowers}        if {condition}:\n            self.raise_({raised})\n")


def _buys(options: str, does: str = "shop.repository_for(PurchaseOrder).add(more)") -> str:
    return f"""
@shop.event_handler({options})
class FillTheShelf:
    @handle(StockDepleted)
    def buy(self, event):
        more = PurchaseOrder(book_id=event.book_id, quantity=50)
        {does}
"""


_HEARS = 'part_of=PurchaseOrder, stream_category="inventory"'
_BUYS_AT_ONCE = _tells().replace(
    "        repository.add(inventory)\n",
    "        repository.add(inventory)\n"
    "        if inventory.in_stock == 0:\n"
    "            more = PurchaseOrder(book_id=event.book_id, quantity=50)\n"
    "            shop.repository_for(PurchaseOrder).add(more)\n",
)


def _after_shipping(head: str) -> str:
    """The shop with a printer, and something else in the place of its handler."""
    return base("two-handlers").split("# Change this:")[0] + head


_PRINT = 'printer = shop.repository_for(Printer).find_by(name="label printer")'
_TWO_METHODS = f"""
@shop.event_handler(part_of=Order)
class AfterShipping:
    @handle(OrderShipped)
    def label(self, event):
        {_PRINT}
        printer.print_label()
        shop.repository_for(Printer).add(printer)

    @handle(OrderShipped)
    def shelf(self, event):
        inventory = shop.repository_for(Inventory).find_by(book_id=event.book_id)
        inventory.in_stock -= event.quantity
        shop.repository_for(Inventory).add(inventory)
"""
_STOCK_CLASS = """
@shop.event_handler(part_of=Inventory, stream_category="order")
class Shelf:
    @handle(OrderShipped)
    def lower(self, event):
        shelves = shop.repository_for(Inventory)
        inventory = shelves.find_by(book_id=event.book_id)
        inventory.in_stock -= event.quantity
        shelves.add(inventory)
"""
_LABEL_CLASS = f"""
@shop.event_handler(part_of=Printer, stream_category="order")
class Labels:
    @handle(OrderShipped)
    def one_more(self, event):
        {_PRINT}
        printer.print_label()
        shop.repository_for(Printer).add(printer)
"""
_CAUGHT = base("two-handlers").replace(
    "        printer.print_label()\n",
    "        try:\n            printer.print_label()\n        except OutOfPaperError:\n            pass\n",
)
_LABEL_FIRST = _after_shipping(
    f"""
@shop.event_handler(part_of=Inventory, stream_category="order")
class AfterShipping:
    @handle(OrderShipped)
    def do_everything(self, event):
        inventory = shop.repository_for(Inventory).find_by(book_id=event.book_id)
        inventory.in_stock -= event.quantity
        shop.repository_for(Inventory).add(inventory)
        self.print_it()

    def print_it(self):
        {_PRINT}
        printer.print_label()
        shop.repository_for(Printer).add(printer)
"""
)

ANSWERS = {
    "reduce-stock": Answers(
        right=_with(_RIGHT),
        alternative=base("reduce-stock")
        + """
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
        wrong=[
            Wrong(_with(_RIGHT, "part_of=Inventory"), "does not listen", "on which stream"),
            Wrong(_with(_RIGHT.replace("inventories.add(inventory)", "")), "Did it save", "is a copy"),
            Wrong(_with(_RIGHT.replace("-=", "+=")), "more than before", "more books now"),
            Wrong(
                _with(_RIGHT.replace("book_id=event.book_id", "id=event.order_id")),
                "not possible",
                "which of its",
            ),
            Wrong(
                base("reduce-stock").replace('        self.status = "shipped"\n', _REACHING_IN),
                "reached into",
                "rebuilt tomorrow",
            ),
            Wrong(
                _with(_RIGHT.replace("find_by(book_id=event.book_id)", "query.first")), "“dune”", "Which one"
            ),
            Wrong(_with(_RIGHT.replace("event.quantity", "3")), "There should be 5", "one after the other"),
            Wrong(_with("while True: pass"), "does not end", "round and round"),
        ],
    ),
    "reorder": Answers(
        right=_tells() + _buys(_HEARS),
        alternative=_tells("not self.in_stock") + _buys("part_of=Inventory"),
        wrong=[
            Wrong(base("reorder"), "no event `StockDepleted`", "notices first"),
            Wrong(_tells("False") + _buys(_HEARS), "not at all", "notices first"),
            Wrong(_tells("True") + _buys(_HEARS), "2 are left, and `StockDepleted` was raised once", "five"),
            Wrong(
                _tells(raised="StockDepleted(book_id=self.id)") + _buys(_HEARS),
                "“emma” went",
                "notices first",
            ),
            Wrong(_tells(), "Nobody listens", "Who listens"),
            Wrong(_tells() + _buys("part_of=PurchaseOrder"), "`FillTheShelf` was not asked", "which stream"),
            Wrong(_tells() + _buys(_HEARS, "pass"), "Did it save what it made", "Who keeps it"),
            Wrong(
                _tells() + _buys(_HEARS).replace("quantity=50", "quantity=5"),
                "one of 5 copies",
                "what does the task",
            ),
            Wrong(_BUYS_AT_ONCE, "not because of", "Who should decide"),
        ],
    ),
    "two-handlers": Answers(
        right=_after_shipping(_LABEL_CLASS + _STOCK_CLASS),
        alternative=_after_shipping(_TWO_METHODS),
        wrong=[
            Wrong(base("two-handlers"), "everything else that it did was undone", "the shelf"),
            Wrong(_LABEL_FIRST, "`AfterShipping.do_everything` failed", "the shelf"),
            Wrong(_CAUGHT, "nobody will notice", "Who fills in paper"),
            Wrong(_after_shipping(_STOCK_CLASS), "0 labels", "before you changed it"),
            Wrong(_after_shipping(_LABEL_CLASS), "there are 10. There should be 7", "before you changed it"),
            Wrong(
                _after_shipping(_LABEL_CLASS + _STOCK_CLASS + _STOCK_CLASS.replace("Shelf", "Again")),
                "there are 4",
                "before you changed it",
            ),
        ],
    ),
}
