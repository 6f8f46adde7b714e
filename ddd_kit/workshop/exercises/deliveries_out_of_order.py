"""An exercise of the notebook on eventual consistency: an old message comes after a newer one."""

from __future__ import annotations

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.eventual_consistency import LESSON
from ddd_kit.workshop.trial import Trial

_COUNTS = """
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer

shop = Domain(name="Shop")


@shop.aggregate
class Shelf:
    book_id = Identifier(required=True)
    counts = Integer(default=0)

    def count(self, copies):
        self.counts += 1
        self.raise_(CopiesCounted(book_id=self.book_id, copies=copies, number=self.counts))


@shop.event(part_of=Shelf)
class CopiesCounted:
    book_id = Identifier(required=True)
    copies = Integer(required=True)
    number = Integer(required=True)  # 1 for the first count of a shelf, 2 for the next one, ...


@shop.aggregate
class ShopWindow:
    book_id = Identifier(required=True)
    copies = Integer(default=0)


@shop.event_handler(part_of=ShopWindow, stream_category="shelf")
class WriteSign:
    @handle(CopiesCounted)
    def write(self, event):
        window = shop.repository_for(ShopWindow).find_by(book_id=event.book_id)
        window.copies = event.copies
        shop.repository_for(ShopWindow).add(window)
"""
_COPIES = "    copies = Integer(default=0)\n"

_HEARS = (
    "Who hears of `CopiesCounted`?",
    "The handler of the starter was right in one thing: on which stream are the events of shelves?",
    '`@shop.event_handler(part_of=ShopWindow, stream_category="shelf")`, once.',
)
_LARGER = (
    "You compare numbers of copies. Is the larger number the newer one?",
    "Somebody bought seven copies between two counts. Which field of the event says which count is newer?",
    "Compare `event.number` with the number of the count that the window shows.",
)
_REMEMBER = (
    "The handler runs, an old count comes, then a newer one. What does it compare with, and who has set that?",
    "The number of the newest count has to be saved with the window, each time when the sign is written.",
    "Inside the `if`: `window.copies = event.copies` and `window.number = event.number`, then `add(window)`.",
)
_OUTSIDE = (
    "Nothing is written at all, though another point went well before. Who remembers the counts of that other shop?",
    "A variable of Python is not saved and not undone with the rest, and is gone when the kernel restarts.",
    "Keep the number in the window: `number = Integer(default=0)` in `ShopWindow`.",
)


def _shown(shop: Trial, book: str, counts: tuple[int, ...], places: tuple[int, ...]) -> int:
    """What the window shows after some counts, when they were delivered in some order."""
    shop.fields("ShopWindow", "book_id", "copies")
    shelf, window = shop.new("Shelf", book_id=book), shop.new("ShopWindow", book_id=book)
    shop.hold()
    for copies in counts:
        shop.act(shelf, "count", copies)
    waiting = shop.waiting
    if waiting != len(counts):
        raise NotYet(
            f"A shelf was counted {len(counts)} times, and {waiting} deliveries wait. One handler should hear "
            "of each count.",
            _HEARS,
            stops=True,
        )
    for place in places:
        shop.deliver(place)
    return int(shop.stored(window).copies)


@point(
    "When all comes in its order, the window shows the last count",
    "A new count came. What should the window show?",
    "Each count replaces the one before; it may be larger or smaller.",
    "Where the count is newer: `window.copies = event.copies`, and save the window.",
)
def _in_order(shop: Trial) -> str:
    shown = _shown(shop, "emma", (8, 12, 5), (0, 0, 0))
    shop.expect(
        shown == 5,
        f"8, then 12, then 5 copies were counted and delivered in this order, and the window shows {shown}. "
        "It should be 5.",
        _LARGER if shown == 12 else _REMEMBER if shown == 8 else None,
    )
    return "counted 8, 12, 5: it shows 5"


@point(
    "An old count that comes late changes nothing",
    "The handler gets an old count after a newer one. How could it know?",
    "`event.number` says which count it is. What would the window have to remember, to see that one is old?",
    "Give `ShopWindow` a field `number = Integer(default=0)`. In the handler: `if event.number > window.number:`, and then "
    "set both `copies` and `number`.",
)
def _late(shop: Trial) -> str:
    shown = _shown(shop, "emma", (12, 5), (1, 0))
    shop.expect(
        shown == 5,
        f"12 and then 5 copies were counted, the second count was delivered first, and the window shows {shown}. "
        "It should be 5, the newer one.",
        None if shown else _OUTSIDE,
    )
    return "counted 12, then 5, delivered the other way round: it shows 5"


@point(
    "Each book has its own newest count",
    "There are many shelves, and each counts for itself.",
    "Where is the number of the newest count kept? There should be one for each book.",
    "A field of `ShopWindow` is right: there is one window for each book.",
)
def _each_book(shop: Trial) -> str:
    _shown(shop, "dune", (4, 6, 2), (0, 0, 0))
    shown = _shown(shop, "emma", (11,), (0,))
    shop.expect(
        shown == 11,
        f"The shelf of “dune” was counted three times, then that of “emma” for the first time: 11 copies. Its window "
        f"shows {shown}.",
    )
    return "three counts of one book, then one of another: it shows that"


@point(
    "Whatever the order is",
    "Three counts can come in six orders. Which of them is the newest, in each?",
    "The newest has the highest `number`, wherever it comes.",
    "Keep the number of the count that is shown, in the window, and skip what is not newer.",
)
def _any_order(shop: Trial) -> str:
    counts, names = (7, 3, 9), ("first", "second", "third")
    places = {(0, 2, 1): (0, 1, 0), (1, 0, 2): (1, 0, 0), (2, 0, 1): (2, 0, 0), (2, 1, 0): (2, 1, 0)}
    for order, taken in places.items():
        shown = _shown(shop, f"book {order}", counts, taken)
        came = ", ".join(names[place] for place in order)
        shop.expect(
            shown == 9,
            f"7, then 3, then 9 copies were counted. Delivered in the order {came}, the window shows {shown}. It should "
            "be 9.",
            _REMEMBER,
        )
    return "three counts, four orders: it shows the newest in each"


EXERCISES = (
    Exercise(
        name="newest-count",
        lesson=LESSON,
        title="The newest count wins, in any order",
        minutes=6,
        task="""
A shelf is counted now and then, and the sign in the shop window shows the newest count. But deliveries come in any order, and a
late one puts an old number on the sign. For good: nobody counts again until Saturday.

Mend it: whatever the order of the deliveries, in the end `ShopWindow.copies` is the count with the highest `number`. You may
give `ShopWindow` more fields (with a default). Leave `Shelf` and `CopiesCounted` as they are.
""",
        starter=_COUNTS + "\n\n# Mend `ShopWindow` and `WriteSign` above.\n",
        solution=_COUNTS.replace(_COPIES, _COPIES + "    number = Integer(default=0)\n").replace(
            """        window.copies = event.copies
        shop.repository_for(ShopWindow).add(window)
""",
            """        if event.number > window.number:
            window.copies = event.copies
            window.number = event.number
            shop.repository_for(ShopWindow).add(window)
""",
        ),
        points=(_in_order, _late, _each_book, _any_order),
        untested="a count that never comes, or comes twice.",
    ),
)
