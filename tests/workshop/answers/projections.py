"""Answers to the exercises on projections."""

from tests.workshop.answers_of import Answers, Wrong, base

_LIST = """
@shop.projection
class BestSeller:
    book_id = Identifier(identifier=True)
    copies = Integer(required=True)


@shop.projector(projector_for=BestSeller, aggregates=[Order])
class Tally:
    @on(OrderShipped)
    def tally(self, event):
        repository = shop.repository_for(BestSeller)
        line = repository.get_or_none(event.book_id)
        if line is None:
            line = BestSeller(book_id=event.book_id, copies=event.quantity)
        else:
            line.copies = line.copies + event.quantity
        repository.add(line)
"""
_READER = """
@shop.query_handler(part_of=BestSeller)
class Clerk:
    @read(MostSold)
    def best(self, query):
        return shop.view_for(BestSeller).query.order_by("-copies").limit(query.how_many).all()
"""
_OTHER_LIST = """
@shop.projection
class BestSeller:
    book_id = Identifier(identifier=True)
    copies = Integer(default=0)
    orders = Integer(default=0)


@shop.projector(projector_for="BestSeller", stream_categories=["order"])
class Tally:
    @on("OrderPlaced")
    def open_line(self, event):
        if not shop.view_for(BestSeller).exists(event.book_id):
            shop.repository_for(BestSeller).add(BestSeller(book_id=event.book_id))

    @on("OrderShipped")
    def tally(self, event):
        line = shop.repository_for(BestSeller).get(event.book_id)
        line.orders += 1
        line.copies += event.quantity
        shop.repository_for(BestSeller).add(line)


@shop.query_handler(part_of="BestSeller")
class Clerk:
    @read("MostSold")
    def best(self, query):
        lines = list(shop.view_for(BestSeller).query.all())
        return sorted(lines, key=lambda line: line.copies, reverse=True)[: query.how_many]
"""
_NEW_EACH_TIME = (
    _LIST.split("        repository = ", maxsplit=1)[0]
    + """        repository = shop.repository_for(BestSeller)
        repository.add(BestSeller(book_id=event.book_id, copies=event.quantity))
"""
)


def _best(old: str = "", new: str = "") -> str:
    answer = _LIST + _READER
    assert old in answer
    return base("best-sellers") + answer.replace(old, new)


_FIELD = "    customer = String()\n\n\n@shop.projector"
_ADDED = "customer=event.customer)"
_TAKES_OFF = """
    @on(VoucherTaken)
    def less(self, event):
        lines = shop.repository_for(OrderList)
        line = lines.get(event.order_id)
        line.total = line.total - event.amount
        lines.add(line)
"""
_ASKS_ORDER = """
    @on(VoucherTaken)
    def less(self, event):
        lines = shop.repository_for(OrderList)
        line = lines.get(event.order_id)
        line.total = shop.repository_for(Order).get(event.order_id).total_amount
        lines.add(line)
"""
_TWO_NUMBERS = """
    @on("VoucherTaken")
    def less(self, event):
        self._write(event.order_id, -event.amount)

    def _write(self, order_id, more):
        lines = shop.repository_for(OrderList)
        line = lines.find_by(order_id=order_id)
        line.total += more
        lines.add(line)
"""


def _total(handler: str = _TAKES_OFF, value: str = ", total=event.total_amount)") -> str:
    code = base("new-total").split("\n\n# Change the list")[0]
    assert _FIELD in code
    assert _ADDED in code
    field = _FIELD.replace("\n\n\n", "\n    total = Integer()\n\n\n")
    return code.replace(_FIELD, field).replace(_ADDED, _ADDED[:-1] + value) + handler


_PAGE = """
@shop.projection
class BookPage:
    book_id = Identifier(identifier=True)
    in_stock = Integer(default=0)
    ordered = Integer(default=0)


@shop.projector(projector_for=BookPage, aggregates=[Order, Inventory])
class WritePages:
    @on(StockChanged)
    def stock(self, event):
        pages = shop.repository_for(BookPage)
        page = pages.get_or_none(event.book_id) or BookPage(book_id=event.book_id)
        page.in_stock = event.in_stock
        pages.add(page)

    @on(OrderPlaced)
    def orders(self, event):
        pages = shop.repository_for(BookPage)
        page = pages.get_or_none(event.book_id) or BookPage(book_id=event.book_id)
        page.ordered = page.ordered + event.quantity
        pages.add(page)
"""
_FIND = "pages.get_or_none(event.book_id) or BookPage(book_id=event.book_id)\n        page.{}"
_TWO_PROJECTORS = """
@shop.projection
class BookPage:
    book_id = Identifier(identifier=True)
    in_stock = Integer(default=0)
    ordered = Integer(default=0)


def page_of(book_id):
    known = {page.book_id: page for page in shop.repository_for(BookPage).query.all()}
    return known.get(book_id, BookPage(book_id=book_id))


@shop.projector(projector_for=BookPage, aggregates=[Inventory])
class FromStock:
    @on(StockChanged)
    def write(self, event):
        page = page_of(event.book_id)
        page.in_stock = event.in_stock
        shop.repository_for(BookPage).add(page)


@shop.projector(projector_for=BookPage, aggregates=[Order])
class FromOrders:
    @on(OrderPlaced)
    def write(self, event):
        page = page_of(event.book_id)
        page.ordered += event.quantity
        shop.repository_for(BookPage).add(page)
"""
_ASKS_SHELF = "shop.repository_for(Inventory).get(event.book_id).in_stock"


def _page(old: str = "", new: str = "") -> str:
    assert old in _PAGE
    return base("book-page") + _PAGE.replace(old, new)


ANSWERS = {
    "best-sellers": Answers(
        right=_best(),
        alternative=base("best-sellers") + _OTHER_LIST,
        wrong=[
            Wrong(base("best-sellers"), "no projection `BestSeller`", "one line of this list"),
            Wrong(
                base("best-sellers") + _LIST.split("\n\n@shop.projector", maxsplit=1)[0],
                "no projector that writes it",
                "Who writes on it",
            ),
            Wrong(
                _best("        repository.add(line)\n", "        pass\n"),
                "stands: nothing",
                "when does it change",
            ),
            Wrong(
                base("best-sellers") + _NEW_EACH_TIME + _READER,
                "identity of another one",
                "on the list already",
            ),
            Wrong(_best("line.copies + event", "event"), "stands: 2 of “emma”", "on the list already"),
            Wrong(
                _best("@on(OrderShipped)", "@on(OrderPlaced)"),
                "placed and not shipped",
                "When is a book sold",
            ),
            Wrong(base("best-sellers") + _LIST, "MostSold", "Who answers"),
            Wrong(_best('"-copies"', '"copies"'), "the fewest first", "Which end"),
            Wrong(_best(".limit(query.how_many)", ""), "dune, momo, emma", "Who answers"),
            Wrong(_best("return shop", "shop"), "the answer is None", "gives back"),
        ],
    ),
    "new-total": Answers(
        right=_total(),
        alternative=_total(_TWO_NUMBERS),
        wrong=[
            Wrong(base("new-total"), "no field `total`", "Two places"),
            Wrong(_total(value=")"), "Ada None", "Two places"),
            Wrong(_total(""), "Ada 30", "after it was placed"),
            Wrong(_total(_TAKES_OFF.replace("- event", "+ event")), "Ada 35", "after it was placed"),
            Wrong(
                _total(value=", total=shop.repository_for(Order).get(event.order_id).total_amount)"),
                "Before rebuilding",
                "Were they so",
            ),
            Wrong(_total(_ASKS_ORDER), "An order was removed", "An order was deleted"),
        ],
    ),
    "book-page": Answers(
        right=_page(),
        alternative=base("book-page") + _TWO_PROJECTORS,
        wrong=[
            Wrong(base("book-page"), "no projection `BookPage`", "how many copies there are"),
            Wrong(_page("[Order, Inventory]", "[Order]"), "Nobody hears `StockChanged`", "Whose event"),
            Wrong(_page("[Order, Inventory]", "[Inventory]"), "Nobody hears `OrderPlaced`", "Whose event"),
            Wrong(_page("= event.in_stock", "+= event.in_stock"), "stands: 17", "how many copies there are"),
            Wrong(_page("page.ordered + event", "event"), "stands: 3 ordered", "copies are wanted"),
            Wrong(
                _page(_FIND.format("ordered"), "pages.get(event.book_id)\n        page.ordered"),
                "no page of it",
                "never in stock",
            ),
            Wrong(
                _page(
                    _FIND.format("in_stock"),
                    "BookPage(book_id=event.book_id, ordered=0)\n"
                    "        if (old := pages.get_or_none(event.book_id)) is not None:\n"
                    "            page, old.ordered = old, 0\n"
                    "        page.in_stock",
                ),
                "6 in stock, 0 ordered",
                "two numbers",
            ),
            Wrong(_page("= event.in_stock", f"= {_ASKS_SHELF}"), "rebuilt", "made anew"),
        ],
    ),
}
