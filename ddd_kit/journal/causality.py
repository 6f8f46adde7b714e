"""Why a value is what it is: the chain of causes, as data with a sentence as its repr."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ddd_kit.building_blocks.part import Part
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import (
    CAUSE_AT,
    CHANGED,
    DEFINED,
    KIND_AT,
    MESSAGE,
    CalledEntry,
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
from ddd_kit.journal.parts import ABSENT, Place, differences, elements_at, held_at, paths, place_of
from ddd_kit.journal.sentence import (
    brief,
    context_in,
    details,
    field_change,
    short_id,
    short_path,
    short_stream,
    taker,
)
from ddd_kit.journal.values import same

_NAMES, _BEFORE, _AFTER = place(CHANGED, "names"), place(CHANGED, "before"), place(CHANGED, "after")
_ELEMENT, _AGGREGATE = place(DEFINED, "element"), place(CHANGED, "aggregate")
_UNKNOWN = object()
_MOST_PATHS = 8


@dataclass(frozen=True, slots=True, repr=False)
class Why:
    """The chain that led to a value; `domain.why` gives it.

    Attributes:
        aggregate: the name of the aggregate that holds it.
        id: the identity of the aggregate.
        field: the field, or a path, as `items[sku=A].quantity`.
        chain: the entries, from the first cause to the change itself; where a new definition of the aggregate
            brought the field, the definitions that may have been it.
        complete: False where the journal does not reach back to the first cause.
        held: in order, what the field held before and after; for a field that a new definition brought, as
            far as a later save recorded it.
        place: where the field is inside of the aggregate.

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
    place: Place = ()

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
            if first.source is not None:
                return []
            return [f"{where} saved {first.aggregate} {short_id(first.aggregate_id)}"]
        if isinstance(first, CommandEntry | CalledEntry):
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
        return f"{self.aggregate} {short_id(self.id)} {short_path(self.field)}"

    def _effect(self) -> str:
        before, after = self.values
        if before is ABSENT:
            return f"{self._subject} began as {brief(after)}"
        if after is ABSENT:
            return f"{self._subject} was removed: {brief(before)}"
        if isinstance(before, Part) and isinstance(after, Part) and before.identity is not None:
            inside = dict(differences(self.field, before, after))
            if self.field not in inside:  # what changed within it, as both are called the same
                told = ", ".join(field_change(path, *both) for path, both in inside.items())
                return f"{self.aggregate} {short_id(self.id)} {told}"
        return f"{self._subject} {brief(before)} -> {brief(after)}"

    @property
    def values(self) -> tuple[Any, Any]:
        """What was there before the last link of the chain, and after it; `ABSENT` for nothing."""
        last = self.chain[-1]
        if not isinstance(last, ChangedEntry):
            return ABSENT, self.held[-1] if self.held else ABSENT
        place = self.place or (self.field,)
        return held_at(place, last.names, last.before), held_at(place, last.names, last.after)

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


def _place(path: str, *held: tuple[tuple[str, ...], tuple[Any, ...] | None]) -> Place | None:
    """Where a path leads, in the first of these values where it leads anywhere."""
    found = (place_of(path, names, values) for names, values in held if values is not None)
    return next((place for place in found if place is not None), None)


def _clause(entry: Entry, cause: Entry | None) -> str:
    if isinstance(entry, EventEntry) and entry.source is not None:
        said = entry.held["payload"] if entry.type == MESSAGE else entry.held
        return f"{entry.type}{details(said)} came from {entry.source} on `{entry.category}`"
    if isinstance(entry, EventEntry):
        return f"{entry.type}{details(entry.held)} was raised on `{short_stream(entry.category)}`"
    if isinstance(entry, CommandEntry):
        stream = short_stream(entry.stream)
        return f"{entry.type}{details(entry.held)} on `{stream}` was taken by {entry.handler}"
    if isinstance(entry, CalledEntry):
        return f"{entry.service} ran {entry.method}"
    assert isinstance(entry, HandledEntry)
    heard = "heard it"
    if isinstance(cause, EventEntry):
        heard = f"listens to `{cause.category if cause.source else short_stream(cause.category)}`"
    if context_in(entry.handler):
        return f"{taker(entry.handler, entry.method)} {heard}"
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
        field: the field's name, or a path, as `items[sku=A].quantity` or `total.amount`.
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
    expected: Any = _UNKNOWN  # what the next save found
    plain = (field,) if field.isidentifier() else None  # a field that was not there yet
    place = None
    for number in reversed(steps[:kept]):
        row = rows[number - first]
        names, before, after = row[_NAMES], row[_BEFORE], row[_AFTER]
        place = place or _place(field, (names, after), (names, before)) or plain
        if after is None or place is None:
            continue
        found, held = held_at(place, names, before), held_at(place, names, after)
        redefined = _redefined(journal, row, place, (held, expected), (number, later))
        if redefined is not None:
            return Why(aggregate, identity, field, *redefined)
        if _sets(found, held, is_new=before is None):
            chain, complete = chain_of(journal, number)
            return Why(aggregate, identity, field, chain, complete, place=place)
        if place[0] in names:
            expected, later = found, number
    raise IncorrectUsageError(
        f"The journal knows no change of {aggregate} {short_id(identity)} {field}: {journal.extent} "
        f"{_what_there_is(journal, steps[:kept], field)}"
    )


def _what_there_is(journal: Journal, steps: Sequence[int], field: str) -> str:
    """What can be asked about inside of an aggregate, where a path leads nowhere."""
    if steps and not field.isidentifier():
        row = journal.rows[steps[-1] - journal.first_step]
        known = list(paths(row[_NAMES], row[_AFTER] or row[_BEFORE]))
        if known:
            return f"Inside of it there is: {', '.join(known[:_MOST_PATHS])}."
    return "An object counts when it was added to its repository."


def _sets(before: Any, after: Any, *, is_new: bool) -> bool:
    """Whether a save gave a place its value, or took it away."""
    if after is ABSENT:
        return not is_new and before is not ABSENT
    return is_new or before is ABSENT or not same(before, after)


def _redefined(
    journal: Journal, row: Row, place: Place, held: tuple[Any, Any], between: tuple[int, int]
) -> tuple[tuple[Entry, ...], bool, tuple[Any, ...]] | None:
    """The definitions between two saves that gave a place its value, and the values; None for none.

    Args:
        journal: the journal.
        row: the earlier save.
        place: of the value.
        held: what the earlier save left there, and what the later one found.
        between: the steps of both.
    """
    saved, expected = held
    known = saved is not ABSENT
    if expected is ABSENT or (known and (expected is _UNKNOWN or same(expected, saved))):
        return None
    first, (begin, end) = journal.first_step, between
    elements = {row[_AGGREGATE], *elements_at(place, row[_NAMES], row[_AFTER])}
    found = [
        step
        for step, other in enumerate(journal.rows[begin + 1 - first : end - first], begin + 1)
        if other[KIND_AT] == DEFINED and other[_ELEMENT] in elements
    ]
    values = (saved,) * known + (() if expected is _UNKNOWN else (expected,))
    return (tuple(map(journal.step, found)), True, values) if found else None
