"""What a contender offers: something to prepare, and the work that is timed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

BOOK = "the-book"
"""The book that every measured order asks for; other books fill the store."""

IN_STOCK = 10_000_000
"""How many of each book there are at first: more than any run ships."""

ITEMS = 10
"""How many items an order has, before one more is added."""

EVENTS = 1_000
"""How many events an aggregate or a projection follows from."""

TITLES = 20
"""How many books these events tell of, where it is a projection."""

Work = Callable[[], object]
"""What is timed, done once."""

ShipAndHandle = Work
"""Makes an order of one book, ships it and adds it; a handler takes one off the stock."""


class Contender(ABC):
    """A way of doing the work; one instance serves one worker process."""

    @abstractmethod
    def prepare(self, stored: int) -> Work:
        """Begin empty, store what there is to be beforehand, and return the work.

        Args:
            stored: How many aggregates there are to be, where the work leaves that open.
        """

    def age(self, orders: int, work: Work) -> None:
        """Give it a past in which the work was done that often, by the quickest way to the same state."""
        for _ in range(orders):
            work()

    def ready(self, times: int) -> None:  # noqa: B027 - most need nothing
        """Lay out what the work takes to be done that often; that is not timed."""

    @abstractmethod
    def tally(self) -> dict[str, int]:
        """Return figures that grow by one each time the work is done, read the way a user would read them."""


class Bookseller(Contender):
    """A way of writing the bookshop, whose work is one ship-and-handle."""

    @abstractmethod
    def prepare(self, stored: int) -> ShipAndHandle:
        """Open an empty shop, store aggregates in it and return one ship-and-handle.

        Args:
            stored: How many aggregates there are besides the inventory of `BOOK`: one half
                inventories of other books, one half orders of them, shipped and handled.
        """

    @abstractmethod
    def stock(self) -> int:
        """Return how many of `BOOK` are left, read the way a user would read it."""

    @abstractmethod
    def events(self) -> int:
        """Return how many `OrderShipped` events are stored."""

    def tally(self) -> dict[str, int]:
        """See `Contender.tally`."""
        return {"taken off": -self.stock(), "events stored": self.events()}


def other_book(number: int) -> str:
    """Name one of the books that only fill the store."""
    return f"book-{number}"
