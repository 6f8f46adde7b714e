"""What a contender offers: a bookshop to prepare, and one ship-and-handle to run in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

BOOK = "the-book"
"""The book that every measured order asks for; other books fill the store."""

IN_STOCK = 10_000_000
"""How many of each book there are at first: more than any run ships."""

ShipAndHandle = Callable[[], object]
"""Makes an order of one book, ships it and adds it; a handler takes one off the stock."""


class Contender(ABC):
    """A way of writing the bookshop; one instance serves one worker process."""

    @abstractmethod
    def prepare(self, stored: int) -> ShipAndHandle:
        """Open an empty shop, store aggregates in it and return one ship-and-handle.

        Args:
            stored: How many aggregates there are besides the inventory of `BOOK`: one half
                inventories of other books, one half orders of them, shipped and handled.
        """

    def age(self, orders: int, ship: ShipAndHandle) -> None:
        """Give `BOOK` a past of that many orders, by the quickest way to the same state."""
        for _ in range(orders):
            ship()

    @abstractmethod
    def stock(self) -> int:
        """Return how many of `BOOK` are left, read the way a user would read it."""

    @abstractmethod
    def events(self) -> int:
        """Return how many `OrderShipped` events are stored."""


def other_book(number: int) -> str:
    """Name one of the books that only fill the store."""
    return f"book-{number}"
