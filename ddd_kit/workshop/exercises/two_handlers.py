"""An exercise on two handlers of one event, of which one fails."""

from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.shipping import INVENTORY, ORDER, STOCK, ship
from ddd_kit.workshop.trial import Trial
from ddd_kit.workshop.words import a, did


@point(
    "With paper in the printer, both things happen",
    "What did the handler do before you changed it?",
    "Two things follow from `OrderShipped`: the stock goes down, and a label is printed.",
    "One method lowers `in_stock` and saves the inventory; another calls `printer.print_label()` and saves the "
    "printer. Both have `@handle(OrderShipped)`.",
)
def _both(shop: Trial) -> str:
    stock, printer = _stock_and_printer(shop, paper=5)
    ship(shop, 3)
    left, labels = shop.stored(stock).in_stock, shop.stored(printer).labels
    shop.expect(
        left == 7, f"There were 10 in stock, 3 were shipped, and there are {left}. There should be 7."
    )
    shop.expect(
        labels == 1,
        f"There was paper, one order was shipped, and {labels} labels were printed. It should be 1.",
    )
    ship(shop, 2)
    left, labels = shop.stored(stock).in_stock, shop.stored(printer).labels
    shop.expect(
        (left, labels) == (5, 2),
        f"Then 2 more were shipped: {left} are in stock, and {labels} labels were printed. It should be 5 and 2.",
    )
    return "10 in stock, 3 shipped, 7 left, one label; 2 more, 5 left, two labels"


@point(
    "Without paper, the stock is right all the same",
    "Why does it matter to the shelf that the printer failed?",
    "All that one handler method does is kept together, or undone together. What if there were two methods?",
    "Write two handlers, or one with two methods, each with `@handle(OrderShipped)`: one for the stock, one for the "
    "label.",
)
def _stock_anyway(shop: Trial) -> str:
    stock, _ = _stock_and_printer(shop, paper=0)
    _ship_without_paper(shop)
    left = shop.stored(stock).in_stock
    failed = _failed(shop)
    if left == 10 and failed:
        raise NotYet(
            "There were 10 in stock, 3 were shipped, and there are still 10. "
            f"`{failed[0].handler}.{failed[0].method}` failed, and with the label everything else that it did was undone."
        )
    shop.expect(
        left == 7, f"There were 10 in stock, 3 were shipped, and there are {left}. There should be 7."
    )
    return "no label, and 10 in stock, 3 shipped, 7 left"


@point(
    "Nobody hides that the printer failed",
    "Who fills in paper, if nobody learns that there is none?",
    "An error that is caught and dropped is seen by nobody. Let it be raised, in a handler where it does no harm.",
    "No `try` around `print_label()`: the handler of the label fails, and the one of the stock has done its work.",
)
def _seen(shop: Trial) -> str:
    _stock_and_printer(shop, paper=0)
    errors = _ship_without_paper(shop)
    told = [each for each in shop.events() if each.type != "OrderShipped"]
    known = ("Order", "Inventory", "Printer")
    noted = [each for each in shop.changes() if each.aggregate not in known]
    shop.expect(
        errors or _failed(shop) or told or noted,
        "An order was shipped without paper, and no handler failed: nobody will notice.",
    )
    if not errors and not _failed(shop):
        return f"no handler failed, and somebody is told: {a(told[0].type if told else noted[0].aggregate)}"
    return "the handler of the label failed, and the journal has it"


def _failed(shop: Trial) -> list[Any]:
    return [each for each in shop.ran() if each.outcome == "failed"]


def _stock_and_printer(shop: Trial, paper: int) -> tuple[Any, Any]:
    stock = shop.new("Inventory", book_id="emma", in_stock=10)
    return stock, shop.new("Printer", name="label printer", paper=paper)


def _ship_without_paper(shop: Trial) -> list[Exception]:
    errors = shop.attempt(lambda: ship(shop, 3))
    for error in errors:
        if type(error).__name__ != "OutOfPaperError":
            raise NotYet(did("shipping an order without paper", error), _ANOTHER) from error
    return errors


_ANOTHER = (
    "This is not the printer's error. Which line did it come from?",
    "The text says what failed. Mend that first.",
    "Run the cell, ship an order by hand, and look at `shop.journal`.",
)

_PRINTER = (
    ORDER
    + INVENTORY
    + """

class OutOfPaperError(Exception):
    pass


@shop.aggregate
class Printer:
    name = String(required=True)
    paper = Integer(default=0)
    labels = Integer(default=0)

    def print_label(self):
        if self.paper == 0:
            raise OutOfPaperError("please fill in paper")
        self.paper -= 1
        self.labels += 1

"""
)
_LABEL = """        printers = shop.repository_for(Printer)
        printer = printers.find_by(name="label printer")
        printer.print_label()
        printers.add(printer)
"""


TWO_HANDLERS = Exercise(
    name="two-handlers",
    lesson="04-events-and-handlers",
    title="The printer is out of paper",
    minutes=5,
    task="""
Whenever an order is shipped, the stock goes down and a label is printed. Both are done by one handler method, and that
is a mistake: without paper, `print_label` fails, and the stock does not go down either, though the parcel has left.

Change the handler, so that the stock is right in any case. The printer's failure must not be hidden: somebody has to
fill in paper. Leave `Printer` as it is.
""",
    starter=_PRINTER
    + "\n# Change this:\n"
    + '@shop.event_handler(part_of=Inventory, stream_category="order")\nclass AfterShipping:\n'
    + STOCK.format(name="do_everything")
    + "\n"
    + _LABEL,
    solution=_PRINTER
    + '\n@shop.event_handler(part_of=Inventory, stream_category="order")\nclass ManageInventory:\n'
    + STOCK.format(name="take_off")
    + '\n\n@shop.event_handler(part_of=Printer, stream_category="order")\nclass PrintLabels:\n'
    + "    @handle(OrderShipped)\n    def print_label(self, event):\n"
    + _LABEL,
    points=(_both, _stock_anyway, _seen),
    untested="whether the label is printed later, when there is paper again.",
)
