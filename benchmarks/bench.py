"""One contender at work: prepared, timed, and checked for having done the work."""

from __future__ import annotations

import gc
from itertools import repeat
from time import process_time

from benchmarks.contender import Contender

ROUND = 0.01
"""About how many seconds one timed round takes, where the work takes less."""


class WrongResultError(Exception):
    """A contender was quick, but what it left says that it did not do the work."""


class Bench:
    """Runs one contender inside a worker process.

    Times are the process's own (`time.process_time`): what else the machine does does not count.
    """

    def __init__(self, contender: Contender) -> None:
        self.contender = contender

    def prepare(self, stored: int, orders: int) -> None:
        """Store that many aggregates, and do the work that often beforehand."""
        self.work = self.contender.prepare(stored)
        self.contender.age(orders, self.work)
        self.before = self.contender.tally()
        self.times = 0
        gc.collect()

    def run(self, count: int) -> float:
        """Do the work that often; return the seconds that once took."""
        self.contender.ready(count)
        work = self.work
        start = process_time()
        for _ in repeat(None, count):
            work()
        seconds = process_time() - start
        self.times += count
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
        """Check that all that the contender counts grew by one each time the work was done.

        Raises:
            WrongResultError: If anything did not.
        """
        now = self.contender.tally()
        grown = {name: now[name] - before for name, before in self.before.items()}
        if set(grown.values()) != {self.times}:
            found = ", ".join(f"{count} {name}" for name, count in grown.items())
            raise WrongResultError(f"the work was done {self.times} times: {found}")
