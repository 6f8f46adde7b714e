"""Two contenders side by side: small rounds in turn, a ratio for each pair, the median of the ratios."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from benchmarks.worker import Worker


@dataclass(frozen=True)
class Side:
    """One half of a pair.

    Args:
        contender: See `Worker`.
        stored: How many aggregates are stored before the first round.
        orders: How many orders of the book are shipped before the first round.
        options: What the contender takes.
        at_once: How many ship-and-handles make a round; None for as many as fill one.
    """

    contender: str
    stored: int = 100
    orders: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    at_once: int | None = None


@dataclass(frozen=True)
class Effort:
    """How much measuring a pair is worth.

    Args:
        chapters: How often both sides start in fresh processes with fresh shops.
        rounds: How many rounds each side has in a chapter.
    """

    chapters: int
    rounds: int


@dataclass(frozen=True)
class Pairs:
    """What was measured: for each pair of rounds, the seconds that one ship-and-handle took."""

    seconds: list[tuple[float, float]]

    @property
    def ratios(self) -> list[float]:
        """How many times the second side's cost the first side's is, pair by pair."""
        return [first / second for first, second in self.seconds]

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return median(self.ratios)

    @property
    def quartiles(self) -> tuple[float, float]:
        """A quarter of the ratios is below the first of these, a quarter above the second."""
        low, _, high = quantiles(self.ratios, n=4)
        return low, high

    @property
    def overall(self) -> float:
        """The ratio of the sums: rare costs, such as the garbage collector's, count here."""
        return sum(first for first, _ in self.seconds) / sum(second for _, second in self.seconds)

    def detail(self) -> dict[str, Any]:
        """Return what goes into the JSON."""
        return {
            "rounds": len(self.seconds),
            "quartiles": self.quartiles,
            "overall": self.overall,
            "microseconds": [1e6 * median(side) for side in zip(*self.seconds, strict=True)],
        }


def measure(first: Side, second: Side, effort: Effort) -> Pairs:
    """Measure two sides, one round of each in turn, and check afterwards that both did the work."""
    return Pairs([pair for _ in range(effort.chapters) for pair in _chapter(first, second, effort.rounds)])


def _chapter(first: Side, second: Side, rounds: int) -> Iterator[tuple[float, float]]:
    sides = (first, second)
    with ExitStack() as stack:
        one, two = (stack.enter_context(Worker(side.contender, **side.options)) for side in sides)
        for worker, side in zip((one, two), sides, strict=True):
            worker.call("prepare", side.stored, side.orders)
        here, there = (w.call("warm_up", side.at_once) for w, side in zip((one, two), sides, strict=True))
        for _ in range(rounds):
            yield one.call("run", here), two.call("run", there)
        for worker in (one, two):
            worker.call("check")
