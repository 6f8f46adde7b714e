"""What a test of a stretch of the journal has to give, to do and to expect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import (
    DEFINED,
    FAILED,
    FAULT,
    INTERRUPTED,
    REBUILT,
    CalledEntry,
    ChangedEntry,
    CommandEntry,
    DefinedEntry,
    Entry,
    EventEntry,
    HandledEntry,
    SkippedEntry,
    is_heard_again,
)
from ddd_kit.journal.journal import Instance, Journal, Saved
from ddd_kit.journal.sentence import phrase, short_id
from ddd_kit.views.exports.stretch import Steps, stretch

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine

CALL = "test_from"


@dataclass(frozen=True)
class Scenario:
    """A stretch of the journal, made whole.

    Attributes:
        entries: all that belongs to it, in order: the chains of its steps, and of the units that began them.
        units: what cells did themselves, a list for each unit of work.
        given: the aggregates that were stored before and that it touches or names.
    """

    entries: list[Entry]
    units: list[list[Entry]]
    given: dict[Instance, Saved]

    @property
    def changes(self) -> list[ChangedEntry]:
        """What was saved, in order."""
        return [entry for entry in self.entries if isinstance(entry, ChangedEntry)]

    @property
    def last_changes(self) -> dict[Instance, ChangedEntry]:
        """What was saved last, by aggregate."""
        return {(entry.aggregate, entry.id): entry for entry in self.changes}

    def raises(self, unit: list[Entry], *, held: bool) -> bool:
        """Whether what a cell did was answered by an error.

        Args:
            unit: one of the units.
            held: whether deliveries wait until they are asked for.
        """
        if any(isinstance(entry, CommandEntry) and entry.outcome == FAILED for entry in unit):
            return True
        chains = {entry.chain for entry in unit}
        return not held and failing(entry for entry in self.entries if entry.chain in chains)


def failing(entries: Iterable[Entry]) -> bool:
    """Whether the last attempt of one of some deliveries failed, or a chain did not end."""
    last: dict[tuple[int | None, str, str], str] = {}
    for entry in entries:
        if isinstance(entry, HandledEntry):
            last[entry.cause, entry.handler, entry.delivered_to] = entry.outcome
        elif isinstance(entry, SkippedEntry) and entry.rule == "max_chain_length":
            return True
    return FAILED in last.values()


def scenario(journal: Journal, steps: Steps, *, everything: bool) -> Scenario:
    """The scenario that some steps belong to.

    Args:
        journal: of the domain.
        steps: a step, a range of steps, or None for all.
        everything: whether all that was stored before is given.

    Returns:
        What happened, from its beginning to its end.

    Raises:
        IncorrectUsageError: when there are no such steps or not any more, nothing happened in them that a
            test can do again, or something else came in between.
    """
    asked = [entry for entry in stretch(journal, steps, CALL) if _happened(entry)]
    _check_kept(journal, asked, steps)
    ends = {journal.batch_end(entry.chain) for entry in asked}
    began = [e for e in journal if journal.batch_end(e.step) in ends and _happened(e) and _began(journal, e)]
    chains = {entry.chain for entry in began}
    entries = [entry for entry in journal if entry.chain in chains and _happened(entry)]
    if not any(_can_be_done(entry) for entry in began):
        raise IncorrectUsageError(
            f"{CALL}({steps!r}): there was no command, and nothing was saved. Choose other steps."
        )
    _check_whole(journal, entries)
    units: dict[int, list[Entry]] = {}
    for entry in began:
        units.setdefault(journal.batch_end(entry.step), []).append(entry)
    before = dict(journal.state_at(entries[0].step - 1))
    return Scenario(entries, list(units.values()), before if everything else _touched(before, entries))


def _happened(entry: Entry) -> bool:
    """Whether an entry is no definition; to build a projection anew is none."""
    return entry.kind != DEFINED or is_rebuild(entry)


def is_rebuild(entry: Entry) -> bool:
    """Whether a projection was built anew."""
    return isinstance(entry, DefinedEntry) and entry.change == REBUILT


def _began(journal: Journal, entry: Entry) -> bool:
    """Whether a cell did it: itself, or by a service, whose arguments nobody knows."""
    while entry.cause is not None:
        cause = journal.step(entry.cause) if entry.cause >= journal.first_step else None
        if not isinstance(cause, CalledEntry):
            return False
        entry = cause
    return True


def _can_be_done(entry: Entry) -> bool:
    if isinstance(entry, EventEntry):
        return entry.source is not None
    return isinstance(entry, CommandEntry | ChangedEntry) or is_rebuild(entry)


def _check_kept(journal: Journal, asked: list[Entry], steps: Steps) -> None:
    for entry in asked:
        if entry.chain < journal.first_step:
            raise IncorrectUsageError(
                f"{CALL}({steps!r}): step {entry.step} follows from step {entry.chain}, which is not kept; "
                f"{journal.extent}"
            )


def _check_whole(journal: Journal, entries: list[Entry]) -> None:
    """Refuse what a test cannot do again: interrupts, faults, and what others did to the same in between."""
    own = {entry.step for entry in entries}
    changed = {(entry.aggregate, entry.id) for entry in entries if isinstance(entry, ChangedEntry)}
    for entry in entries:
        if getattr(entry, "outcome", None) == INTERRUPTED:
            raise IncorrectUsageError(f"{CALL}: step {entry.step} was interrupted; no test does that again.")
        if isinstance(entry, EventEntry) and entry.source is not None and "@" not in entry.aggregate:
            raise IncorrectUsageError(
                f"{CALL}: step {entry.step} came from {entry.source}; a test of one domain does not do that "
                "again. Choose other steps."
            )
        if isinstance(entry, HandledEntry) and is_heard_again(entry) and entry.cause not in own:
            raise IncorrectUsageError(
                f"{CALL}: in step {entry.step} {entry.handler} heard the event of step {entry.cause} again. "
                f"Take it in: {CALL}(range({entry.cause}, {entries[-1].step + 1}))."
            )
        if entry.kind == FAULT:
            raise IncorrectUsageError(
                f"{CALL}: step {entry.step} is an injected fault ({phrase(entry)}); a test is made of a run "
                "without faults."
            )
    for entry in journal.between(entries[0].step, entries[-1].step):
        if not isinstance(entry, ChangedEntry) or entry.step in own:
            continue
        if (entry.aggregate, entry.id) in changed:
            raise IncorrectUsageError(
                f"{CALL}: step {entry.step} changed {entry.aggregate} {short_id(entry.id)} in between. "
                f"Take it in: {CALL}(range({entries[0].step}, {entries[-1].step + 1}))."
            )


def check_sync(engine: Engine, told: Scenario) -> None:
    """Refuse deliveries that were held while other things happened, or still are: in sync mode none are.

    Args:
        engine: a domain in sync mode, which may have been in hold mode before.
        told: what the test is to do.

    Raises:
        IncorrectUsageError: when there are some; the text says what to do.
    """
    began = [unit[0].step for unit in told.units]
    waiting = {delivery.step for delivery in engine.world.waiting}
    for entry in told.entries:
        since = engine.journal.batch_end(entry.chain)
        if isinstance(entry, HandledEntry) and any(since < step < entry.step for step in began):
            what = f"the delivery of step {entry.step} was held while other things happened"
        elif entry.step in waiting:
            what = f"a delivery of the event of step {entry.step} still waits"
        else:
            continue
        raise IncorrectUsageError(
            f"{CALL}: {what}, and the domain is in sync mode now. Set domain.config['event_processing'] = "
            "'async' and ask again: a test is made for the mode that the domain is in."
        )


def _touched(before: dict[Instance, Saved], entries: list[Entry]) -> dict[Instance, Saved]:
    """Of what was stored, that which is changed or named, or is named by what is."""
    named = mentioned(value for entry in entries for value in _told(entry))
    found: dict[Instance, Saved] = {}
    while more := {key: saved for key, saved in before.items() if key not in found and _in(key[1], named)}:
        found |= more
        named |= mentioned(value for saved in more.values() for value in saved.stored)
    return {key: saved for key, saved in before.items() if key in found}


def _in(value: Any, values: set[Any]) -> bool:
    try:
        return value in values
    except TypeError:
        return False


def _told(entry: Entry) -> Iterator[Any]:
    if isinstance(entry, CommandEntry | EventEntry):
        yield from entry.values
    elif isinstance(entry, ChangedEntry):
        yield from (entry.id, *(entry.before or ()), *(entry.after or ()))
    elif isinstance(entry, HandledEntry):
        for _, identity, _, before, after in entry.undone:
            yield from (identity, *(before or ()), *(after or ()))


def mentioned(values: Iterable[Any]) -> set[Any]:
    """Values, and those in them, as far as they can be in a set.

    Args:
        values: any.

    Returns:
        All that may be an identity or a time.
    """
    found: set[Any] = set()
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple | set | frozenset):
            waiting += value
        else:
            try:
                found.add(value)
            except TypeError:
                continue
    return found
