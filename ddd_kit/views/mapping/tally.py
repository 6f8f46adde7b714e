"""How often one element led to another, counted from the journal."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar
from weakref import WeakKeyDictionary

from ddd_kit.journal.entry import (
    CALLED,
    CAUSE_AT,
    CHANGED,
    COMMAND,
    EVENT,
    FAULT,
    HANDLED,
    KIND_AT,
    OK,
    REJECTED,
    SKIPPED,
    Row,
    place,
)
from ddd_kit.journal.journal import Journal

HANDLED_BY, CHANGES, RAISES, HEARD_BY, ISSUES = "handled by", "changes", "raises", "heard by", "issues"
PUBLISHED = "published on"  # a stream; which one, the element says
DROPPED = "drop"  # the fault that keeps a delivery from its handler
RESCUE = "handle_error"  # the method that takes a handler's errors, not events
ENOUGH = 20

Key = tuple[str, str, str]
Name = TypeVar("Name", str, Key)
Steps = defaultdict[Name, "array[int]"]
Events = Sequence[tuple[int, Row]]
Troubles = dict[str, dict[tuple[str, ...], None]]

_TAKEN, _TAKER = place(COMMAND, "type"), place(COMMAND, "handler")
_COMMAND_OUTCOME, _OUTCOME = place(COMMAND, "outcome"), place(HANDLED, "outcome")
_RAISED, _RAISER = place(EVENT, "type"), place(EVENT, "aggregate")
_HANDLER, _METHOD, _HEARD = place(HANDLED, "handler"), place(HANDLED, "method"), place(HANDLED, "event")
_SKIPPED, _MISSED, _RULE = place(SKIPPED, "handler"), place(SKIPPED, "event"), place(SKIPPED, "rule")
_WANTED, _FOUND = place(SKIPPED, "wanted"), place(SKIPPED, "found")
_COMMAND_ERROR, _ERROR = place(COMMAND, "error"), place(HANDLED, "error")
_CHANGED, _BEFORE, _AFTER = place(CHANGED, "aggregate"), place(CHANGED, "before"), place(CHANGED, "after")
_FAULT, _LOST, _MEANT = place(FAULT, "fault"), place(FAULT, "event"), place(FAULT, "handler")
_SERVICE = place(CALLED, "service")
_REFUSER, _MESSAGES = place(REJECTED, "element"), place(REJECTED, "messages")


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by source, target and kind of what leads from one to the other.

    Attributes:
        count: how often it went well; `published on` has no target.
        failed: how often it did not.
        skipped: how often a handler was not run, for `heard by`; also where a fault dropped the delivery.
        rules: the rule that kept a handler out last, for `heard by`; or `drop`.
        rejected: how often an element refused values.
        instances: how many there are of an aggregate.
        troubles: by element, each different reason why it did not run, failed or refused in all of the
            journal: rule, wanted and found value, or outcome and error.
    """

    count: Counter[Key]
    failed: Counter[Key]
    skipped: Counter[Key]
    rules: dict[Key, str]
    rejected: Counter[str]
    instances: Counter[str]
    troubles: Troubles


def tally(journal: Journal, until: int | None = None, events: Events | None = None) -> Tally:
    """Count what led to what.

    What a command's handler did is counted twice: as from the command, and as from the handler. New entries
    are read once; after that every step takes the same short time.

    Args:
        journal: of a world.
        until: the last step to count; all when None.
        events: those of the world, which keeps them also where the journal folds, or does not record them;
            those in the journal when None.

    Returns:
        The counts.

    Example:
        >>> from ddd_kit import Domain
        >>> tally(Domain(name="Bookshop").journal).count
        Counter()
    """
    known = _known.get(journal)
    if known is None or not known.belongs_to(journal, events):
        known = _known[journal] = _Read(journal, events)
    try:
        known.go_on()
    except BaseException:  # what an interrupt left half counted is counted anew
        del _known[journal]
        raise
    return known.until(journal.last_step if until is None else until)


class _Read:
    """What was read of a journal so far: at which steps each thing happened.

    The count up to a step is then found by bisection, without going through the journal again.

    Attributes:
        rows: those of the journal; once the oldest are folded it has others, and all is counted anew.
        first: the step of the first of them.
        done: how many of them are in.
        events: those of the world, if they are counted there.
        heard: how many of those are in.
        begun: how many instances of an aggregate the folded entries left.
    """

    def __init__(self, journal: Journal, events: Events | None) -> None:
        self.rows = journal.rows
        self.first = journal.first_step
        self.done = 0
        self.events = events
        self.heard = 0
        self.begun = Counter(aggregate for aggregate, _ in journal.state_at(self.first - 1))
        self.count: Steps[Key] = defaultdict(_no_steps)
        self.failed: Steps[Key] = defaultdict(_no_steps)
        self.skipped: Steps[Key] = defaultdict(_no_steps)
        self.rules: defaultdict[Key, list[str]] = defaultdict(list)
        self.rejected: Steps[str] = defaultdict(_no_steps)
        self.created: Steps[str] = defaultdict(_no_steps)
        self.removed: Steps[str] = defaultdict(_no_steps)
        self.troubles: Troubles = {}

    def belongs_to(self, journal: Journal, events: Events | None) -> bool:
        """Whether these rows are still the beginning of the journal's, and the events those of its world."""
        return self.rows is journal.rows and self.first == journal.first_step and self.events is events

    def go_on(self) -> None:
        """Read the rows that are new."""
        rows, first = self.rows, self.first
        for index in range(self.done, len(rows)):
            row = rows[index]
            count = _COUNTING.get(row[KIND_AT])
            if count is not None and (self.events is None or count is not _event):
                count(self, row, first + index)
        self.done = len(rows)
        for step, row in islice(self.events or (), self.heard, None):
            _event(self, row, step)
            self.heard += 1

    def until(self, step: int) -> Tally:
        """The counts up to a step."""
        skipped = _up_to(self.skipped, step)
        instances = _up_to(self.created, step)
        instances.update(self.begun)
        instances.subtract(_up_to(self.removed, step))
        return Tally(
            _up_to(self.count, step),
            _up_to(self.failed, step),
            skipped,
            {key: self.rules[key][n - 1] for key, n in skipped.items()},
            _up_to(self.rejected, step),
            instances,
            self.troubles,
        )

    def actors(self, row: Row) -> Sequence[str]:
        """Who did what an entry tells of, as far as its cause is kept."""
        cause = row[CAUSE_AT]
        return () if cause is None or cause < self.first else actors(self.rows[cause - self.first])

    def trouble(self, element: str, make: Callable[[], tuple[str, ...]]) -> None:
        """Note a reason; the first of each kind are enough to know how much room they take."""
        reasons = self.troubles.setdefault(element, {})
        if len(reasons) < ENOUGH:
            reasons[make()] = None


# What was read of each journal.
_known: WeakKeyDictionary[Journal, _Read] = WeakKeyDictionary()


def _no_steps() -> array[int]:
    return array("Q")


def _up_to(happened: Steps[Name], step: int) -> Counter[Name]:
    counts = ((name, bisect_right(steps, step)) for name, steps in happened.items())
    return Counter({name: count for name, count in counts if count})


def actors(row: Row) -> Sequence[str]:
    """Who did what an entry led to.

    Args:
        row: the entry that was the cause.

    Returns:
        A handler; a command and its handler; or nobody.
    """
    if row[KIND_AT] == HANDLED:
        return (row[_HANDLER],)
    if row[KIND_AT] == CALLED:
        return (row[_SERVICE],)
    return _command_and_handler(row) if row[KIND_AT] == COMMAND else ()


def _command_and_handler(row: Row) -> Sequence[str]:
    command, taker = row[_TAKEN], row[_TAKER]
    return (command, taker.partition(".")[0]) if taker else (command,)


def _command(read: _Read, row: Row, step: int) -> None:
    well = row[_COMMAND_OUTCOME] == OK
    command, *handler = _command_and_handler(row)
    read.count[command, "", PUBLISHED].append(step)
    if not well:
        read.trouble(command, lambda: (row[_COMMAND_OUTCOME], row[_COMMAND_ERROR] or ""))
    for name in handler:
        (read.count if well else read.failed)[command, name, HANDLED_BY].append(step)
    for name in read.actors(row):
        read.count[name, command, ISSUES].append(step)


def _event(read: _Read, row: Row, step: int) -> None:
    event = row[_RAISED]
    read.count[row[_RAISER], event, RAISES].append(step)
    read.count[event, "", PUBLISHED].append(step)


def _handled(read: _Read, row: Row, step: int) -> None:
    if row[_METHOD] == RESCUE:
        return
    key = row[_HEARD], row[_HANDLER], HEARD_BY
    if row[_OUTCOME] == OK:
        read.count[key].append(step)
    else:
        read.failed[key].append(step)
        read.trouble(row[_HANDLER], lambda: (row[_OUTCOME], row[_ERROR] or ""))


def _skip(read: _Read, row: Row, step: int) -> None:
    key = row[_MISSED], row[_SKIPPED], HEARD_BY
    read.skipped[key].append(step)
    read.rules[key].append(row[_RULE])
    read.trouble(row[_SKIPPED], lambda: (row[_RULE], row[_WANTED], row[_FOUND]))


def _fault(read: _Read, row: Row, step: int) -> None:
    if row[_FAULT] != DROPPED:
        return
    key = row[_LOST], row[_MEANT], HEARD_BY
    read.skipped[key].append(step)
    read.rules[key].append(DROPPED)
    read.trouble(row[_MEANT], lambda: (DROPPED, "", ""))


def _change(read: _Read, row: Row, step: int) -> None:
    aggregate = row[_CHANGED]
    for name in read.actors(row):
        read.count[name, aggregate, CHANGES].append(step)
    if row[_BEFORE] is None:
        read.created[aggregate].append(step)
    elif row[_AFTER] is None:
        read.removed[aggregate].append(step)


def _reject(read: _Read, row: Row, step: int) -> None:
    read.rejected[row[_REFUSER]].append(step)
    read.trouble(row[_REFUSER], lambda: ("rejected", refusal(row[_MESSAGES])))


def refusal(messages: Iterable[tuple[str, str]]) -> str:
    """What a rejection says, in one line.

    Args:
        messages: pairs of a field and a text, as in the journal.

    Returns:
        A text.

    Example:
        >>> refusal([("quantity", "must be at least 1"), ("_entity", "is shipped")])
        'quantity: must be at least 1; is shipped'
    """
    return "; ".join(text if field == "_entity" else f"{field}: {text}" for field, text in messages)


_COUNTING: Mapping[str, Callable[[_Read, Row, int], None]] = {
    COMMAND: _command,
    EVENT: _event,
    HANDLED: _handled,
    SKIPPED: _skip,
    CHANGED: _change,
    REJECTED: _reject,
    FAULT: _fault,
}
