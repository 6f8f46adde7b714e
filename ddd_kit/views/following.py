"""What views make of a journal, kept while it lives and carried on as it grows: no row is read twice."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from ddd_kit.journal.entry import Row
from ddd_kit.journal.journal import Journal

MOST_FOLLOWERS = 24  # of one journal; each may be as long as the journal
F = TypeVar("F", bound="Follower")
T = TypeVar("T")


class Follower:
    """Something made of a journal's rows, in order; `follow` gives it.

    It must not hold the journal, or neither would ever be forgotten.

    Args:
        journal: where it begins.

    Attributes:
        first_step: the oldest step that the journal kept when this began.
        seen: how many rows were read.
    """

    def __init__(self, journal: Journal) -> None:
        self.first_step = journal.first_step
        self.seen = 0

    def read(self, step: int, rows: Sequence[Row]) -> None:
        """Take in what has happened since.

        Args:
            step: of the first of the rows.
            rows: at least one.
        """
        raise NotImplementedError


_followers: WeakKeyDictionary[Journal, dict[tuple[Hashable, ...], Follower]] = WeakKeyDictionary()


def follow(journal: Journal, kind: type[F], *about: Hashable) -> F:
    """What a journal's rows come to so far.

    Args:
        journal: the journal; its domain's lock is held, if others may write meanwhile.
        kind: what is made of them.
        *about: further arguments of that class.

    Returns:
        The same object as before, up to date; a new one where older entries were folded since.
    """
    known = _followers.setdefault(journal, {})
    key = (kind, *about)
    found: Any = known.pop(key, None)
    if found is None or found.first_step != journal.first_step:
        found = kind(journal, *about)
    rows = journal.rows
    if len(rows) > found.seen:
        found.read(found.first_step + found.seen, rows[found.seen :] if found.seen else rows)
        found.seen = len(rows)
    known[key] = found  # an interrupt before this leaves none, and the next call a new one
    if len(known) > MOST_FOLLOWERS:
        del known[next(iter(known))]
    return found  # type: ignore[no-any-return]


class Memory(Generic[T]):
    """What was made of single steps of journals, which never change; of many the newest.

    Args:
        most: how many are kept of one journal.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: WeakKeyDictionary[Journal, dict[Hashable, T]] = WeakKeyDictionary()

    def get(self, journal: Journal, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept, or is made now.

        Args:
            journal: what it is made of.
            key: what else decides what it is.
            make: makes it.

        Returns:
            The same object as before, unless it was forgotten.
        """
        kept = self._kept.setdefault(journal, {})
        found = kept.get(key)
        if found is None:
            found = make()
            if len(kept) >= self._most:
                for old in list(kept)[: self._most // 2]:
                    del kept[old]
            kept[key] = found
        return found
