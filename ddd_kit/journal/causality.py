"""Why a value is what it is: the chain of causes, as data with a sentence as its repr."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import (
    CAUSE_AT,
    CHANGED,
    DEFINED,
    KIND_AT,
    ChangedEntry,
    CommandEntry,
    DefinedEntry,
    Entry,
    EventEntry,
    HandledEntry,
    Row,
    place,
)
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.sentence import brief, details, short_id, short_stream
from ddd_kit.journal.values import same

_NAMES, _BEFORE, _AFTER = place(CHANGED, "names"), place(CHANGED, "before"), place(CHANGED, "after")
_ELEMENT, _AGGREGATE = place(DEFINED, "element"), place(CHANGED, "aggregate")
_UNKNOWN = object()


@dataclass(frozen=True, slots=True, repr=False)
class Why:
    """The chain that led to a value; `domain.why` gives it.

    Attributes:
        aggregate: the name of the aggregate that holds it.
        id: the identity of the aggregate.
        field: the field.
        chain: the entries, from the first cause to the change itself; where a new definition of the aggregate
            brought the field, the definitions that may have been it.
        complete: False where the journal does not reach back to the first cause.
        held: in order, what the field held before and after; for a field that a new definition brought, as
            far as a later save recorded it.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     quantity: int = 1
        >>> order = domain.repository_for(Order).add(Order(id="o-1"))
        >>> domain.why(order, "quantity")
        Code outside a cell saved it: Order o-1 quantity began as 1.
    """

    aggregate: str
    id: Any
    field: str
    chain: tuple[Entry, ...]
    complete: bool = True
    held: tuple[Any, ...] = ()

    @property
    def clauses(self) -> tuple[str, ...]:
        """One clause for each link, to be read in order.

        Returns:
            Texts, from the first cause to the value.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.why(order, "quantity").clauses
            ('code outside a cell saved it', 'Order o-1 quantity began as 1')
        """
        if isinstance(self.chain[-1], DefinedEntry):
            return (self._redefined(),)
        links = [
            _clause(entry, cause) for cause, entry in zip([None, *self.chain], self.chain[:-1], strict=False)
        ]
        opening = [] if self.complete else ["what came before is not in the journal any more"]
        return (*opening, *self._first_cause(), *links, self._effect())

    def _first_cause(self) -> list[str]:
        first = self.chain[0]
        where = first.cell or "code outside a cell"
        if not self.complete:
            return []
        if isinstance(first, EventEntry):
            return [f"{where} saved {first.aggregate} {short_id(first.aggregate_id)}"]
        if isinstance(first, CommandEntry):
            return [f"{where} asked for it"]
        return [f"{where} saved it"]

    def _redefined(self) -> str:
        value = f" {brief(self.held[-1])}" if self.held else ""
        by = "by " if len(self.chain) > 1 else ""
        when = f"when {self.aggregate} was defined again ({by}step {self.chain[-1].step})"
        if len(self.held) > 1:
            return f"{self._subject} {brief(self.held[0])} ->{value} {when}"
        return f"{self._subject} got its default{value} {when}"

    @property
    def _subject(self) -> str:
        return f"{self.aggregate} {short_id(self.id)} {self.field}"

    def _effect(self) -> str:
        last = self.chain[-1]
        assert isinstance(last, ChangedEntry)
        before, after = last.changed_fields.get(self.field, (None, None))
        if last.before is None:
            return f"{self._subject} began as {brief(after)}"
        return f"{self._subject} {brief(before)} -> {brief(after)}"

    @property
    def sentence(self) -> str:
        """The chain in one sentence.

        Returns:
            A text of one line, which is the repr too.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.why(order, "quantity").sentence
            'Code outside a cell saved it: Order o-1 quantity began as 1.'
        """
        opening, *rest = self.clauses
        text = f"{opening}: {'; '.join(rest)}." if rest else f"{opening}."
        return text[:1].upper() + text[1:]

    def __repr__(self) -> str:
        return self.sentence


def _clause(entry: Entry, cause: Entry | None) -> str:
    if isinstance(entry, EventEntry):
        return f"{entry.type}{details(entry.payload)} was raised on `{short_stream(entry.category)}`"
    if isinstance(entry, CommandEntry):
        stream = short_stream(entry.stream)
        return f"{entry.type}{details(entry.payload)} on `{stream}` was taken by {entry.handler}"
    assert isinstance(entry, HandledEntry)
    heard = f"listens to `{short_stream(cause.category)}`" if isinstance(cause, EventEntry) else "heard it"
    return f"{entry.handler} {heard} and ran {entry.method}"


def chain_of(journal: Journal, step: int) -> tuple[tuple[Entry, ...], bool]:
    """A step and its causes, back to the first.

    Args:
        journal: the journal.
        step: a step that is kept.

    Returns:
        The entries, the first cause first, and whether the journal reaches back to it.

    Raises:
        IncorrectUsageError: when there is no such step, or it is not kept any more.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     quantity: int = 1
        >>> order = domain.repository_for(Order).add(Order(id="o-1"))
        >>> entries, complete = chain_of(domain.journal, 2)
        >>> [entry.kind for entry in entries], complete
        (['changed'], True)
    """
    steps, complete = steps_to(journal, step)
    return tuple(map(journal.step, steps)), complete


def steps_to(journal: Journal, step: int) -> tuple[list[int], bool]:
    """The steps of a chain of causes; for those who need few of its entries.

    Args:
        journal: the journal.
        step: a step that is kept.

    Returns:
        The steps from the first cause to this one, and whether the journal reaches back to the first.

    Raises:
        IncorrectUsageError: when there is no such step, or it is not kept any more.
    """
    rows, first = journal.rows, journal.first_step
    steps, cause = [step], journal.step(step).cause
    while cause is not None and cause >= first:
        steps.append(cause)
        cause = rows[cause - first][CAUSE_AT]
    return steps[::-1], cause is None


def why(journal: Journal, aggregate: str, identity: Any, field: str, step: int | None = None) -> Why:
    """Why a field of an aggregate has the value that it has.

    Args:
        journal: the journal of its world.
        aggregate: its name.
        identity: its identity.
        field: the field's name.
        step: as seen after this step; the newest when None.

    Returns:
        The chain of causes of the last change of that field.

    Raises:
        IncorrectUsageError: when the journal knows of no such change.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     quantity: int = 1
        >>> order = domain.repository_for(Order).add(Order(id="o-1"))
        >>> why(domain.journal, "Order", "o-1", "quantity")
        Code outside a cell saved it: Order o-1 quantity began as 1.
    """
    until = journal.last_step if step is None else journal.batch_end(step)
    steps = journal.steps_of(aggregate, identity)
    rows, first = journal.rows, journal.first_step
    kept = bisect_right(steps, until)
    later = steps[kept] if kept < len(steps) else journal.last_step + 1
    expected = _UNKNOWN  # what the next save found
    for number in reversed(steps[:kept]):
        row = rows[number - first]
        if row[_AFTER] is None:
            continue
        redefined = _redefined(journal, row, field, expected, (number, later))
        if redefined is not None:
            return Why(aggregate, identity, field, *redefined)
        if _sets(row, field):
            chain, complete = chain_of(journal, number)
            return Why(aggregate, identity, field, chain, complete)
        if field in row[_NAMES]:
            expected, later = row[_BEFORE][row[_NAMES].index(field)], number
    raise IncorrectUsageError(
        f"The journal knows no change of {aggregate} {short_id(identity)} {field}: {journal.extent} "
        "An object counts when it was added to its repository."
    )


def _sets(row: Row, field: str) -> bool:
    """Whether a change gave a field its value."""
    names, before, after = row[_NAMES], row[_BEFORE], row[_AFTER]
    if after is None or field not in names:
        return False
    place_of_field = names.index(field)
    return before is None or not same(before[place_of_field], after[place_of_field])


def _redefined(
    journal: Journal, row: Row, field: str, expected: Any, between: tuple[int, int]
) -> tuple[tuple[Entry, ...], bool, tuple[Any, ...]] | None:
    """The definitions between two saves that gave a field its value, and the values; None for none.

    Args:
        journal: the journal.
        row: the earlier save.
        field: the field's name.
        expected: what the later save found in it.
        between: the steps of both.
    """
    known = field in row[_NAMES]
    saved = row[_AFTER][row[_NAMES].index(field)] if known else None
    if known and (expected is _UNKNOWN or expected == saved):
        return None
    first, (begin, end) = journal.first_step, between
    found = [
        step
        for step, other in enumerate(journal.rows[begin + 1 - first : end - first], begin + 1)
        if other[KIND_AT] == DEFINED and other[_ELEMENT] == row[_AGGREGATE]
    ]
    held = (saved,) * known + (() if expected is _UNKNOWN else (expected,))
    return (tuple(map(journal.step, found)), True, held) if found else None
