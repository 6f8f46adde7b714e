"""What the elements are that entries name: entries hold names only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ddd_kit.journal.entry import DEFINED, KIND_AT, Row, place
from ddd_kit.journal.journal import Journal
from ddd_kit.views.following import Follower, follow
from ddd_kit.views.palette import STYLES

_ELEMENT, _KIND = place(DEFINED, "element"), place(DEFINED, "element_kind")
UNKNOWN: Mapping[str, str] = {}


class Kinds(Follower):
    """The kinds of the elements that a journal names; `kinds_of` gives them.

    Args:
        journal: where it begins.

    Attributes:
        known: kinds by name, as they were defined last.
    """

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self.known: dict[str, str] = {}

    def read(self, step: int, rows: Sequence[Row]) -> None:  # noqa: ARG002 - as others
        """Take in what has happened since."""
        for row in rows:
            if row[KIND_AT] == DEFINED and row[_KIND] in STYLES:
                self.known[row[_ELEMENT]] = row[_KIND]


def kinds_of(journal: Journal) -> Mapping[str, str]:
    """The kinds of the elements that a journal names.

    Args:
        journal: the journal; its domain's lock is held, if others may write meanwhile.

    Returns:
        Kinds by name, as `projector`; without those whose definition was folded. Not to be changed.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> kinds_of(domain.journal)
        {'Order': 'aggregate'}
    """
    return follow(journal, Kinds).known
