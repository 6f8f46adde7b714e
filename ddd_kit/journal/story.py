"""What a step did, in one sentence, with its cause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ddd_kit.journal.entry import DEFINED, KIND_AT, Entry, SkippedEntry
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.sentence import brief
from ddd_kit.journal.telling import Part, counted, event_of, parts_of, passed_over


@dataclass(frozen=True, slots=True, repr=False)
class Story:
    """A sentence about a step.

    Attributes:
        parts: its texts in order, each with its role: the kind of the element that it names, as `event`;
            `element` where the kind is not known; `cell`, `old` or `new` for a value; else an empty text.

    Example:
        >>> Story((("In [1]", "cell"), (": 90", "")))
        In [1]: 90
    """

    parts: tuple[Part, ...]

    @property
    def sentence(self) -> str:
        """The whole as a text of one line, which is the repr too.

        Example:
            >>> Story((("in_stock ", ""), ("90", "new"))).sentence
            'in_stock 90'
        """
        return "".join(text for text, _ in self.parts)

    def __repr__(self) -> str:
        return self.sentence


def story(journal: Journal, step: int) -> Story:
    """What a step did, and because of what.

    Args:
        journal: of a world.
        step: a step; 0 stands for the time before the first.

    Returns:
        A sentence; for a step that is not kept any more it says so.

    Raises:
        IncorrectUsageError: when there is no such step yet.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Inventory:
        ...     in_stock: int = 0
        >>> inventory = domain.repository_for(Inventory).add(Inventory(id="i-1", in_stock=100))
        >>> story(domain.journal, domain.journal.last_step)
        Outside a cell: Inventory i-1 was added with in_stock 100.
    """
    if step < journal.first_step:
        return Story(((beginning(journal), ""),))
    entry = journal.step(step)
    where = brief(entry.cell) if entry.cell else "Outside a cell"
    told = _ended(parts_of(journal, entry))
    return Story(((where, "cell"), (": ", ""), *told, *_passed_over(journal, entry)))


def beginning(journal: Journal) -> str:
    """What is to be said of the time before the first step that is kept.

    Args:
        journal: of a world.

    Returns:
        A sentence.

    Example:
        >>> from ddd_kit import Domain
        >>> beginning(Domain(name="Bookshop").journal)
        'Nothing has happened yet.'
    """
    if journal.first_step > 1:
        return f"What happened up to step {journal.first_step - 1:,} is not in the journal any more."
    if journal.state_at(0) or (journal.missed and all(row[KIND_AT] == DEFINED for row in journal.rows)):
        return "What has happened so far was not recorded."
    return "Nothing has happened yet."


def _ended(parts: list[Part]) -> Iterator[Part]:
    """With one full stop, also where a message brings its own."""
    *most, (text, role) = parts
    yield from most
    yield text, role
    if not text.endswith((".", "!", "?", "…")):
        yield ".", ""


def _passed_over(journal: Journal, entry: Entry) -> list[Part]:
    """How many handlers of the same event did not run."""
    event = event_of(journal, entry)
    names = set() if event is None else passed_over(journal, event, entry.step)
    word = "handler"
    if isinstance(entry, SkippedEntry):
        names.discard(entry.handler)
        word = "other handler"
    return [(f" {counted(len(names), word)} skipped.", "")] if names else []
