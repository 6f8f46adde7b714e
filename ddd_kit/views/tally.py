"""How often one element led to another, counted from the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from ddd_kit.journal.entry import CAUSE_AT, CHANGED, COMMAND, EVENT, HANDLED, KIND_AT, SKIPPED, Row, place
from ddd_kit.journal.journal import Journal

HANDLED_BY, CHANGES, RAISES, HEARD_BY, ISSUES = "handled by", "changes", "raises", "heard by", "issues"
RESCUE = "handle_error"  # the method that takes a handler's errors, not events
ENOUGH = 20

Key = tuple[str, str, str]

# What is counted of a whole journal so far: its first step, its rows that are in, the counts.
_known: WeakKeyDictionary[Journal, tuple[int, int, Tally]] = WeakKeyDictionary()

_TAKEN, _TAKER = place(COMMAND, "type"), place(COMMAND, "handler")
_COMMAND_OUTCOME, _OUTCOME = place(COMMAND, "outcome"), place(HANDLED, "outcome")
_RAISED, _RAISER = place(EVENT, "type"), place(EVENT, "aggregate")
_HANDLER, _METHOD, _HEARD = place(HANDLED, "handler"), place(HANDLED, "method"), place(HANDLED, "event")
_SKIPPED, _MISSED, _RULE = place(SKIPPED, "handler"), place(SKIPPED, "event"), place(SKIPPED, "rule")
_WANTED, _FOUND = place(SKIPPED, "wanted"), place(SKIPPED, "found")
_COMMAND_ERROR, _ERROR = place(COMMAND, "error"), place(HANDLED, "error")
_CHANGED = place(CHANGED, "aggregate")


@dataclass(slots=True)
class Tally:
    """Counts by source, target and kind of what leads from one to the other.

    Attributes:
        count: how often it went well.
        failed: how often it did not.
        skipped: how often a handler was not run, for `heard by`.
        rules: the rule that kept a handler out last, for `heard by`.
        troubles: by handler or command, each different reason why it did not run or failed: rule, wanted and
            found value, or outcome and error.
    """

    count: Counter[Key] = field(default_factory=Counter)
    failed: Counter[Key] = field(default_factory=Counter)
    skipped: Counter[Key] = field(default_factory=Counter)
    rules: dict[Key, str] = field(default_factory=dict)
    troubles: dict[str, dict[tuple[str, ...], None]] = field(default_factory=dict)

    def trouble(self, element: str, *reason: str) -> None:
        """Note a reason; the first of each kind are enough to know how much room they take."""
        reasons = self.troubles.setdefault(element, {})
        if len(reasons) < ENOUGH:
            reasons[reason] = None


def tally(journal: Journal, until: int | None = None) -> Tally:
    """Count what led to what.

    What a command's handler did is counted twice: as from the command, and as from the handler.

    Args:
        journal: of a world.
        until: the last step to count; all when None.

    Returns:
        The counts, not to be changed: those of a whole journal are kept, so that only new rows are read.

    Example:
        >>> from ddd_kit import Domain
        >>> tally(Domain(name="Bookshop").journal).count
        Counter()
    """
    if until is not None:
        return _counted(journal, Tally(), 0, max(0, until + 1 - journal.first_step))
    first, done, counts = _known.get(journal, (0, 0, Tally()))
    if first != journal.first_step:
        first, done, counts = journal.first_step, 0, Tally()
    end = len(journal.rows)
    _counted(journal, counts, done, end)
    _known[journal] = first, end, counts
    return counts


def _counted(journal: Journal, counts: Tally, start: int, end: int) -> Tally:
    """Add some rows, by their places."""
    rows, first = journal.rows, journal.first_step
    for row in rows[start:end]:
        count = _COUNTING.get(row[KIND_AT])
        if count is not None:
            cause = row[CAUSE_AT]
            count(counts, row, () if cause is None or cause < first else actors(rows[cause - first]))
    return counts


def actors(row: Row) -> tuple[str, ...]:
    """Who did what an entry led to.

    Args:
        row: the entry that was the cause.

    Returns:
        A handler; a command and its handler; or nobody.
    """
    if row[KIND_AT] == HANDLED:
        return (row[_HANDLER],)
    if row[KIND_AT] == COMMAND:
        return tuple(_command_and_handler(row))
    return ()


def _command_and_handler(row: Row) -> Iterator[str]:
    yield row[_TAKEN]
    if row[_TAKER]:
        yield row[_TAKER].split(".")[0]


def _command(counts: Tally, row: Row, causes: tuple[str, ...]) -> None:
    well = row[_COMMAND_OUTCOME] == "ok"
    command, *handler = _command_and_handler(row)
    if not well:
        counts.trouble(command, row[_COMMAND_OUTCOME], row[_COMMAND_ERROR] or "")
    for name in handler:
        (counts.count if well else counts.failed)[command, name, HANDLED_BY] += 1
    for name in causes:
        counts.count[name, command, ISSUES] += 1


def _event(counts: Tally, row: Row, _: tuple[str, ...]) -> None:
    counts.count[row[_RAISER], row[_RAISED], RAISES] += 1


def _handled(counts: Tally, row: Row, _: tuple[str, ...]) -> None:
    if row[_METHOD] == RESCUE:
        return
    key = row[_HEARD], row[_HANDLER], HEARD_BY
    if row[_OUTCOME] != "ok":
        counts.trouble(row[_HANDLER], row[_OUTCOME], row[_ERROR] or "")
    (counts.count if row[_OUTCOME] == "ok" else counts.failed)[key] += 1


def _skip(counts: Tally, row: Row, _: tuple[str, ...]) -> None:
    key = row[_MISSED], row[_SKIPPED], HEARD_BY
    counts.skipped[key] += 1
    counts.rules[key] = row[_RULE]
    counts.trouble(row[_SKIPPED], row[_RULE], row[_WANTED], row[_FOUND])


def _change(counts: Tally, row: Row, causes: tuple[str, ...]) -> None:
    for name in causes:
        counts.count[name, row[_CHANGED], CHANGES] += 1


_COUNTING: Mapping[str, Callable[[Tally, Row, tuple[str, ...]], None]] = {
    COMMAND: _command,
    EVENT: _event,
    HANDLED: _handled,
    SKIPPED: _skip,
    CHANGED: _change,
}
