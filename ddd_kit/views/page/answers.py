"""What the page has to know to say why a handler did not run, and what definitions did to fields."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import Any

from ddd_kit.engine.engine import Engine
from ddd_kit.engine.explain import why_not
from ddd_kit.exceptions import DddKitError
from ddd_kit.journal.causality import Why, why
from ddd_kit.journal.entry import (
    CAUSE_AT,
    CHANGED,
    DEFINED,
    KIND_AT,
    SKIPPED,
    CalledEntry,
    ChangedEntry,
    CommandEntry,
    DefinedEntry,
    Entry,
    EventEntry,
    FaultEntry,
    HandledEntry,
    SkippedEntry,
    place,
)
from ddd_kit.journal.journal import Journal
from ddd_kit.views.markup import plain, value
from ddd_kit.views.page.tables import text_in

_HANDLER, _RULE = place(SKIPPED, "handler"), place(SKIPPED, "rule")
_ELEMENT = place(DEFINED, "element")
_NAMES, _AGGREGATE, _ID, _AFTER = (
    place(CHANGED, "names"),
    place(CHANGED, "aggregate"),
    place(CHANGED, "id"),
    place(CHANGED, "after"),
)
_END = ChangedEntry(0, CHANGED, None, 0, None, 0.0, "", None, 0, (), None, ())


class Answers:
    """The rules that were checked for handlers that did not run; the same ones are asked for once.

    Asking costs the length of the journal, so that asking for each of many thousand steps would take minutes.

    Args:
        engine: the domain; its lock is held.

    Attributes:
        rows: each either an error's text, or the rules: whether it let the event through, its name, its text.
    """

    def __init__(self, engine: Engine) -> None:
        self.rows: list[Any] = []
        self._engine = engine
        self._known: dict[Any, int] = {}
        self._kept_out: defaultdict[tuple[int | None, str], list[Any]] = defaultdict(list)
        self._defined: defaultdict[str, list[int]] = defaultdict(list)
        for step, row in engine.journal.numbered_rows():
            if row[KIND_AT] == SKIPPED:
                self._kept_out[row[CAUSE_AT], row[_HANDLER]].append(row[_RULE:])
            elif row[KIND_AT] == DEFINED:
                self._defined[row[_ELEMENT]].append(step)

    def number(self, skipped: SkippedEntry | FaultEntry) -> int:
        """The number of the answer about a handler that did not run; -1 where its event is not kept."""
        if skipped.cause is None or skipped.cause < self._engine.journal.first_step:
            return -1
        event = self._engine.journal.step(skipped.cause)
        assert isinstance(event, EventEntry)
        handler = skipped.handler
        sent = any(target == handler for target, _ in event.deliveries)
        key = (
            skipped.step if sent else 0,  # what became of a delivery may name its steps
            handler,
            event.type,
            event.category,
            event.causes,
            tuple(self._kept_out[event.step, handler]),
            bisect_right(self._defined[handler], event.step),
        )
        if key not in self._known:
            self._known[key] = len(self.rows)
            self.rows.append(self._asked(handler, event))
        return self._known[key]

    def _asked(self, handler: str, event: EventEntry) -> str | list[Any]:
        try:
            checks = why_not(self._engine, handler, event).checks
        except DddKitError as error:
            return plain(error)
        return [[check.passed, check.rule, plain(check)] for check in checks]


def clause(journal: Journal, entry: CommandEntry | EventEntry | HandledEntry | CalledEntry) -> str:
    """An entry as a link in a chain of causes, in the words of `why`.

    Args:
        journal: where it is.
        entry: one that others may come from.

    Returns:
        A clause that begins with the name of the message or the handler.
    """
    known = entry.cause is not None and entry.cause >= journal.first_step
    before: list[Entry] = [journal.step(entry.cause)] if known and entry.cause else []
    told = Why("", "", "", (*before[:1], entry, _END) if _tells(before) else (entry, _END), complete=False)
    return plain(told.clauses[-2])


def _tells(before: list[Entry]) -> bool:
    """Whether a cause is one that `why` has words for."""
    return bool(before) and isinstance(before[0], EventEntry | CommandEntry | HandledEntry | CalledEntry)


def redefined(journal: Journal) -> dict[str, list[Any]]:
    """The values that a new definition of their aggregate brought, which no save tells of.

    Args:
        journal: the journal; its domain's lock is held.

    Returns:
        By step and field of the question: the sentence, the steps of the definitions, and the value in
        words, or None.
    """
    counts: defaultdict[str, int] = defaultdict(int)
    for row in journal.rows:
        if row[KIND_AT] == DEFINED:
            counts[row[_ELEMENT]] += 1
    found: dict[str, list[Any]] = {}
    for step, row in journal.numbered_rows():
        if row[KIND_AT] == CHANGED and counts[row[_AGGREGATE]] > 1 and row[_AFTER] is not None:
            for field in row[_NAMES]:
                answer = _why(journal, row, field, step)
                if answer is not None:
                    found[f"{step} {plain(field)}"] = answer
    return found


def _why(journal: Journal, row: tuple[Any, ...], field: str, step: int) -> list[Any] | None:
    try:
        told = why(journal, row[_AGGREGATE], row[_ID], field, step)
    except DddKitError:
        return None
    if not isinstance(told.chain[-1], DefinedEntry):
        return None
    held = text_in(value(told.held[-1])) if told.held else None
    return [plain(told.sentence), [entry.step for entry in told.chain], held]
