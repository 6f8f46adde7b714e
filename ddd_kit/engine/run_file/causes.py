"""Which entries may have led to which, and what else of an entry its readers rely on."""

from __future__ import annotations

from ddd_kit.engine.run_file.decoding import UnreadableError
from ddd_kit.journal.entry import (
    CAUSE_AT,
    CHAIN_AT,
    CHANGED,
    DEFINED,
    FAULT,
    HANDLED,
    KIND_AT,
    REBUILT,
    REJECTED,
    SKIPPED,
    UNHANDLED,
    Row,
    entry,
    place,
)
from ddd_kit.journal.sentence import phrase

_LEAD_TO_NOTHING = (CHANGED, SKIPPED, REJECTED, UNHANDLED, DEFINED, FAULT)
_OF_AN_EVENT = (HANDLED, SKIPPED, UNHANDLED, FAULT)
_DEFINITION = place(DEFINED, "change")
_BEFORE, _AFTER = place(CHANGED, "before"), place(CHANGED, "after")
# Columns that hold one of a few words, for which sentences have texts.
_WORDS = {SKIPPED: place(SKIPPED, "rule"), FAULT: place(FAULT, "fault")}


def check_row(step: int, row: Row, rows: list[Row], first: int, event_steps: set[int]) -> None:
    """Refuse a row that cannot follow on those before it.

    Args:
        step: its step.
        row: whose columns are of the right types.
        rows: those before it that are kept.
        first: the step of the first of them.
        event_steps: the steps of all recorded events so far.

    Raises:
        UnreadableError: when it cannot.
    """
    kind, cause, chain = row[KIND_AT], row[CAUSE_AT], row[CHAIN_AT]
    if chain > step:
        raise UnreadableError(f"its chain began at step {chain}, which comes after it")
    if cause is not None:
        if not 1 <= cause < step:
            raise UnreadableError(f"its cause is step {cause}, which is not before it")
        if cause >= first and _leads_to_nothing(rows[cause - first], kind):
            raise UnreadableError(f"its cause is step {cause}, which is no message")
        if kind in _OF_AN_EVENT and cause not in event_steps:
            raise UnreadableError(f"its cause is step {cause}, which is no event")
    if kind == CHANGED and row[_BEFORE] is None and row[_AFTER] is None:
        raise UnreadableError("it has neither values before nor after")
    if kind in _WORDS and row[_WORDS[kind]] not in _known_words:
        _learn_word(step, row)


def _leads_to_nothing(cause: Row, kind: str) -> bool:
    emptied = cause[KIND_AT] == DEFINED and cause[_DEFINITION] == REBUILT and kind == CHANGED
    return cause[KIND_AT] in _LEAD_TO_NOTHING and not emptied


_known_words: set[str] = set()


def _learn_word(step: int, row: Row) -> None:
    """A word is known where there is a sentence for it."""
    word = row[_WORDS[row[KIND_AT]]]
    try:
        phrase(entry(step, row))
    except KeyError as error:
        raise UnreadableError(f"there is no {row[KIND_AT]} entry of the kind {word!r}") from error
    _known_words.add(word)
