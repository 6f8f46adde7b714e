"""That a process is complete: kept in a field that nobody wrote, and told in a word."""

from __future__ import annotations

from dataclasses import replace

from ddd_kit.building_blocks.process_manager import COMPLETE
from ddd_kit.journal.entry import DEFINED, KIND_AT, ChangedEntry, Entry, place
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.sentence import phrase

PROCESS_MANAGER = "process manager"
_ELEMENT, _KIND = place(DEFINED, "element"), place(DEFINED, "element_kind")


def unmarked(entry: ChangedEntry, kind: str) -> ChangedEntry:
    """An entry without the mark of complete processes.

    Args:
        entry: what was saved.
        kind: what that is, as `process manager`.

    Returns:
        The entry itself, unless it is of a process.
    """
    if kind != PROCESS_MANAGER or COMPLETE not in entry.names:
        return entry
    at = entry.names.index(COMPLETE)
    names = (*entry.names[:at], *entry.names[at + 1 :])
    before, after = (
        part if part is None else (*part[:at], *part[at + 1 :]) for part in (entry.before, entry.after)
    )
    return replace(entry, names=names, before=before, after=after)


def completed(entry: ChangedEntry, kind: str) -> bool:
    """Whether a process came to its end with this.

    Args:
        entry: what was saved.
        kind: what that is.

    Returns:
        False for all but processes.
    """
    if kind != PROCESS_MANAGER or entry.after is None or COMPLETE not in entry.names:
        return False
    at = entry.names.index(COMPLETE)
    return bool(entry.after[at]) and not (entry.before and entry.before[at])


def phrase_of(journal: Journal, entry: Entry) -> str:
    """An entry in words, as a line of the journal has it; a process that came to its end is complete.

    Args:
        journal: where it is.
        entry: any entry.

    Returns:
        One line without a full stop.
    """
    if not isinstance(entry, ChangedEntry) or not is_process(journal, entry):
        return phrase(entry)
    told = phrase(unmarked(entry, PROCESS_MANAGER))
    return f"{told}, complete" if completed(entry, PROCESS_MANAGER) else told


def is_process(journal: Journal, entry: ChangedEntry) -> bool:
    """Whether an entry is of a process, as the journal's definitions tell.

    Args:
        journal: where it is.
        entry: what was saved.

    Returns:
        False also where the definition is not kept any more.
    """
    return COMPLETE in entry.names and any(
        row[KIND_AT] == DEFINED and row[_ELEMENT] == entry.aggregate and row[_KIND] == PROCESS_MANAGER
        for row in journal.rows
    )
