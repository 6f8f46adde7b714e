"""ddd_kit itself, as a user gets it: everything at its default, the journal on."""

from __future__ import annotations

import ddd_kit
import ddd_kit.fields
from benchmarks import bookshop
from benchmarks.contender import BOOK, Bookseller, ShipAndHandle


class DddKit(Bookseller):
    """The bookshop on ddd_kit.

    Args:
        journal: Record what happens. Off is for measuring what recording costs.
    """

    def __init__(self, journal: bool = True) -> None:
        self.journal = journal

    def prepare(self, stored: int) -> ShipAndHandle:
        """See `Contender.prepare`."""
        self.shop = bookshop.open_bookshop(ddd_kit, ddd_kit.fields)
        if not self.journal:
            self.shop.domain.config["journal"] = False
        bookshop.fill(self.shop, stored)
        return bookshop.ship_and_handle(self.shop, BOOK)

    def stock(self) -> int:
        """See `Contender.stock`."""
        return bookshop.stock(self.shop)

    def events(self) -> int:
        """See `Contender.events`."""
        return len(self.shop.domain.stream("order"))
