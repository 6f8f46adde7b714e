"""The peer protean: in memory, synchronous, its log of every handled message switched off."""

from __future__ import annotations

import logging
import warnings

import protean
import protean.fields
from protean import UnitOfWork

from benchmarks import bookshop
from benchmarks.contender import BOOK, Bookseller, ShipAndHandle


class Protean(Bookseller):
    """The bookshop on protean, inside one domain context that stays open."""

    def __init__(self) -> None:
        logging.disable(logging.INFO)
        warnings.filterwarnings("ignore", message="No configuration file found")

    def prepare(self, stored: int) -> ShipAndHandle:
        """See `Contender.prepare`; one unit of work for all, since each copies the whole store."""
        self.shop = bookshop.open_bookshop(protean, protean.fields)
        self.context = self.shop.domain.domain_context()
        self.context.push()
        with UnitOfWork():
            bookshop.fill(self.shop, stored)
        return bookshop.ship_and_handle(self.shop, BOOK)

    def stock(self) -> int:
        """See `Contender.stock`."""
        return bookshop.stock(self.shop)

    def events(self) -> int:
        """See `Contender.events`."""
        store = self.shop.domain.event_store.store
        return len(store.read("bookshop::order", no_of_messages=1_000_000))
