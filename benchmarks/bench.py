"""One contender at work: prepared, timed, and checked for having done the work."""

from __future__ import annotations

import gc
from itertools import repeat
from time import process_time

from benchmarks.contender import Contender

ROUND = 0.01
"""About how many seconds one timed round takes, where one ship-and-handle takes less."""


class WrongResultError(Exception):
    """A contender was quick, but the stock or the events say that it did not do the work."""


class Bench:
    """Runs one contender inside a worker process.

    Times are the process's own (`time.process_time`): what else the machine does does not count.
    """

    def __init__(self, contender: Contender) -> None:
        self.contender = contender

    def prepare(self, stored: int, orders: int) -> None:
        """Open a shop with that many stored aggregates, and that many past orders of the book."""
        self.ship = self.contender.prepare(stored)
        self.contender.age(orders, self.ship)
        self.stock, self.events = self.contender.stock(), self.contender.events()
        self.shipped = 0
        gc.collect()

    def run(self, count: int) -> float:
        """Ship and handle that many orders; return the seconds that one took."""
        ship = self.ship
        start = process_time()
        for _ in repeat(None, count):
            ship()
        seconds = process_time() - start
        self.shipped += count
        return seconds / count

    def warm_up(self, at_once: int | None) -> int:
        """Run a little first; return how many make one round.

        Args:
            at_once: What to return; None for as many as fill a round.
        """
        self.run(1)
        if at_once:
            return at_once
        count = 1
        while (seconds := count * min(self.run(count), self.run(count))) < ROUND / 4:
            count *= 4
        return max(1, round(count * ROUND / seconds))

    def check(self) -> None:
        """Check that the stock fell by one, and the stored events grew by one, with every order.

        Raises:
            WrongResultError: If either did not.
        """
        sold, stored = self.stock - self.contender.stock(), self.contender.events() - self.events
        if (sold, stored) != (self.shipped, self.shipped):
            raise WrongResultError(f"{self.shipped} orders shipped, {sold} taken off, {stored} events stored")
