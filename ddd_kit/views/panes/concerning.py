"""The steps that concern one element: what it did, what was done to it, and what that led to."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from ddd_kit.journal.entry import (
    CALLED,
    CAUSE_AT,
    CHANGED,
    COMMAND,
    EVENT,
    FAULT,
    HANDLED,
    KIND_AT,
    REJECTED,
    SKIPPED,
    UNHANDLED,
    Row,
    place,
)
from ddd_kit.journal.journal import Journal
from ddd_kit.views.following import Follower, follow

_NAMES: Mapping[str, tuple[int, ...]] = {
    COMMAND: (place(COMMAND, "type"),),
    EVENT: (place(EVENT, "type"), place(EVENT, "aggregate")),
    HANDLED: (place(HANDLED, "handler"), place(HANDLED, "event")),
    SKIPPED: (place(SKIPPED, "handler"), place(SKIPPED, "event")),
    CHANGED: (place(CHANGED, "aggregate"),),
    REJECTED: (place(REJECTED, "element"),),
    UNHANDLED: (place(UNHANDLED, "type"),),
    FAULT: (place(FAULT, "handler"), place(FAULT, "event")),
    CALLED: (place(CALLED, "service"),),
}
_ACTORS: Mapping[str, int] = {
    COMMAND: place(COMMAND, "type"),
    HANDLED: place(HANDLED, "handler"),
    SKIPPED: place(SKIPPED, "handler"),
    FAULT: place(FAULT, "handler"),
    CALLED: place(CALLED, "service"),
}
_TAKER = place(COMMAND, "handler")


class Concerning(Follower):
    """The steps of a journal that concern an element; `concerning` gives them.

    Args:
        journal: where it begins.
        element: the name of the element.

    Attributes:
        numbers: the steps, in order.
    """

    def __init__(self, journal: Journal, element: str) -> None:
        super().__init__(journal)
        self.numbers = array("q")
        self._element = element
        self._taker = f"{element}."
        self._deeds: set[int] = set()  # where it ran

    def read(self, step: int, rows: Sequence[Row]) -> None:
        """Take in what has happened since."""
        element, deeds, append = self._element, self._deeds, self.numbers.append
        for number, row in enumerate(rows, step):
            kind = row[KIND_AT]
            if row[CAUSE_AT] in deeds or element in [row[at] for at in _NAMES.get(kind, ())]:
                append(number)
                if kind in _ACTORS:
                    self._note(number, row)
            elif kind == COMMAND and (row[_TAKER] or "").startswith(self._taker):
                append(number)
                deeds.add(number)

    def _note(self, step: int, row: Row) -> None:
        """That an element acted, which is where its effects come from, and what it heard before."""
        kind = row[KIND_AT]
        if row[_ACTORS[kind]] != self._element:
            return
        self._deeds.add(step)
        cause = row[CAUSE_AT]  # None where the event was not recorded
        if kind not in (COMMAND, CALLED) and cause is not None and cause >= self.first_step:
            self._insert(cause)

    def _insert(self, step: int) -> None:
        at = bisect_left(self.numbers, step)
        if self.numbers[at] != step:
            self.numbers.insert(at, step)


def concerning(journal: Journal, element: str) -> Sequence[int]:
    """The steps that concern an element: those that name it, what it heard, and what it did.

    Args:
        journal: the journal; its domain's lock is held, if others may write meanwhile.
        element: the name of an element.

    Returns:
        Steps, in order; not to be changed.
    """
    return follow(journal, Concerning, element).numbers
