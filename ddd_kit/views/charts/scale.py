"""Axes: round numbers along a range, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 1e-300  # a smaller range is none
_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"))


@dataclass(frozen=True, slots=True)
class Scale:
    """From numbers to places.

    Attributes:
        low: a number.
        high: a larger one.
        start: the place of the low one.
        end: the place of the high one.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, number: float) -> float:
        """The place of a number."""
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)

    def back(self, place: float) -> float:
        """The number of a place."""
        return self.low + (place - self.start) / (self.end - self.start) * (self.high - self.low)


def around(low: float, high: float) -> tuple[float, float]:
    """A range with some air, in which zero is the end where it is near.

    Args:
        low: the smallest number.
        high: the largest one, which may be the same.

    Returns:
        Two numbers that differ.

    Example:
        >>> around(90, 100), around(0, 100), around(5, 5), around(0, 0)
        ((89.0, 101.0), (0, 110.0), (4.5, 5.5), (-1.0, 1.0))
    """
    span = high - low
    if span < max(LEAST, abs(high) * 1e-12):
        air = max(abs(high) / 10, LEAST) if high else 1.0
        return low - air, high + air
    bottom = low - span / 10
    top = high + span / 10
    return (0 if 0 <= low <= span / 2 else bottom), (0 if -span / 2 <= high <= 0 else top)


def ticks(low: float, high: float, most: int, *, whole: bool = False) -> list[float]:
    """Round numbers in a range.

    Args:
        low: where it begins.
        high: where it ends, more than that.
        most: how many there may be, 2 or more.
        whole: whether only whole numbers make sense.

    Returns:
        Numbers at equal distances; for a very small range perhaps none.

    Example:
        >>> ticks(88, 102, 5), ticks(1, 2, 5, whole=True)
        ([90, 95, 100], [1, 2])
    """
    rough = (high - low) / most
    power = math.floor(math.log10(rough))
    step = next(s for s in (10.0**power * f for f in (1, 2, 5, 10)) if s >= rough)
    if whole:
        step = max(1.0, step)
    first, last = math.ceil(low / step), math.floor(high / step)
    count = last - first + 1
    found = [(first + i) * step for i in range(min(count, most + 1))]
    return [round(n, -math.floor(math.log10(step))) if step < 1 else _as_int(n) for n in found]


def _as_int(number: float) -> float:
    return int(number) if abs(number) < 1e15 else number


def texts(numbers: Sequence[float]) -> list[str]:
    """Numbers of an axis, written alike, no two the same.

    Args:
        numbers: at equal distances.

    Returns:
        A text for each.

    Example:
        >>> texts([0, 0.5, 1]), texts([0, 500_000, 1_000_000]), texts([1e20, 2e20])
        (['0', '0.5', '1.0'], ['0', '0.5M', '1.0M'], ['1e20', '2e20'])
    """
    return ["0" if number == 0 else told for number, told in zip(numbers, _alike(numbers), strict=True)]


def _alike(numbers: Sequence[float]) -> list[str]:
    largest = max(map(abs, numbers), default=0.0)
    step = numbers[1] - numbers[0] if len(numbers) > 1 else largest or 1.0
    digits = -math.floor(math.log10(step))
    if not 1e-5 < largest < 1e15:
        places = max(0, math.floor(math.log10(largest or 1.0)) + digits)
        return [f"{n:.{places}e}".replace("e+", "e") for n in numbers]
    for unit, letter in _UNITS:
        places = max(0, digits + round(math.log10(unit)))
        if largest >= unit and places <= 2:
            return [f"{n / unit:,.{places}f}{letter}" for n in numbers]
    return [f"{n:,.{max(0, digits)}f}" for n in numbers]


def text(number: float) -> str:
    """A single value.

    Example:
        >>> text(90.0), text(1234567.5), text(0.1), text(1e20)
        ('90', '1,234,567.5', '0.1', '1e20')
    """
    if number and not 1e-4 <= abs(number) < 1e15:
        return f"{number:.4g}".replace("e+", "e")
    return f"{number:,.4f}".rstrip("0").rstrip(".")
