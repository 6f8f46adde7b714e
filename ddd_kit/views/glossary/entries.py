"""A glossary in order: groups of entries, each a word with what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from ddd_kit.engine.glossary.term import ACROSS, ELSEWHERE, Term

TITLES = {ACROSS: "Across aggregates", ELSEWHERE: "From elsewhere"}


@dataclass(slots=True)
class Entry:
    """A word of the model with what is in it.

    Attributes:
        element: the name of the element.
        term: for the element itself; None where only some of its parts are shown.
        parts: fields, invariants, operations and reactions.
    """

    element: str
    term: Term | None = None
    parts: list[Term] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """Entries that belong together.

    Attributes:
        title: what they belong to, as `Order`; empty for an alphabetical list.
        context: the domain.
        entries: the words.
    """

    title: str
    context: str
    entries: list[Entry]


def grouped(terms: Iterable[Term]) -> list[Group]:
    """Terms by what they belong to, in the order in which they are.

    Args:
        terms: of one context or several.

    Returns:
        Groups.
    """
    return [
        Group(TITLES.get(home, home), context, list(_entries(part)))
        for (context, home), part in groupby(terms, lambda term: (term.context, term.home))
    ]


def alphabetical(terms: Iterable[Term]) -> list[Group]:
    """Terms from A to Z; what is in an element stays with it.

    Args:
        terms: of one context or several.

    Returns:
        One group, or none.
    """
    entries = sorted(_entries(terms), key=lambda entry: (entry.element.casefold(), entry.element))
    return [Group("", "", entries)] if entries else []


def _entries(terms: Iterable[Term]) -> Iterator[Entry]:
    for (_, element), part in groupby(terms, lambda term: (term.context, term.holder)):
        entry = Entry(element)
        for term in part:
            if term.is_part:
                entry.parts.append(term)
            else:
                entry.term = term
        yield entry


def first(groups: Sequence[Group], most: int) -> tuple[list[Group], int]:
    """The first rows of a glossary.

    Args:
        groups: all of it.
        most: how many rows there may be.

    Returns:
        Groups with whole entries, one at least; and how many rows are left.
    """
    shown: list[Group] = []
    room, left = most, 0
    for group in groups:
        kept = []
        for entry in group.entries:
            rows = 1 + len(entry.parts)
            if left or (room < rows and room < most):
                left += rows
            else:
                kept.append(entry)
                room -= rows
        if kept:
            shown.append(Group(group.title, group.context, kept))
    return shown, left
