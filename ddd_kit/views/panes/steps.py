"""The steps that a reader can go to: all but definitions, with their cells and their words."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from ddd_kit.journal.entry import CELL_AT, DEFINED, KIND_AT, ChangedEntry, Entry, Row
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.process_mark import completed, unmarked
from ddd_kit.journal.sentence import brief, field_change, held_fields, phrase, short_id
from ddd_kit.views.following import Follower, Memory, follow
from ddd_kit.views.kinds import kinds_of
from ddd_kit.views.markup import plain

FIELDS = 8  # that a label tells of
LONGEST_LABEL, LONGEST_CELL = 200, 80
NOWHERE = "outside a cell"
_labels: Memory[str] = Memory(4000)


class Steps(Follower):
    """The steps of a journal without definitions, and where each cell begins.

    Attributes:
        numbers: the steps, in order.
        starts: the first step of each stretch of one cell.
        cells: the label of each stretch.
    """

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self.numbers = array("q")
        self.starts: list[int] = []
        self.cells: list[str | None] = []

    def read(self, step: int, rows: Sequence[Row]) -> None:
        """Take in what has happened since."""
        numbers, cells = self.numbers, self.cells
        for number, row in enumerate(rows, step):
            if row[KIND_AT] == DEFINED:
                continue
            numbers.append(number)
            if not cells or row[CELL_AT] != cells[-1]:
                self.starts.append(number)
                cells.append(row[CELL_AT])

    def place(self, step: int) -> int:
        """Where the last step up to a step stands in `numbers`; -1 where there is none."""
        return bisect_right(self.numbers, step) - 1

    def start(self, step: int) -> int:
        """The first step of the stretch of one cell that a step is in."""
        return self.starts[bisect_right(self.starts, step) - 1]

    def cell(self, step: int) -> str:
        """The name of the cell that a step comes from."""
        name = self.cells[bisect_right(self.starts, step) - 1] or NOWHERE
        return plain(name if len(name) <= LONGEST_CELL else name[: LONGEST_CELL - 1] + "…")


def steps_of(journal: Journal) -> Steps:
    """The steps that a reader can go to.

    Args:
        journal: the journal.

    Returns:
        Steps and cells, up to date; not to be changed.
    """
    return follow(journal, Steps)


def label(journal: Journal, step: int) -> str:
    """A step in words, for a screen reader and for a pointer.

    Args:
        journal: the journal.
        step: a step that is kept.

    Returns:
        As `step 6: Inventory 9272d70f in_stock 100 → 90`.
    """
    return _labels.get(journal, step, lambda: f"step {step}: {_told(journal, journal.step(step))}")


def _told(journal: Journal, entry: Entry) -> str:
    try:
        text = plain(_phrase(entry, kinds_of(journal)))
    except Exception:  # noqa: BLE001 - a value that cannot be told must not hide the step
        text = untold(entry)
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"


def untold(entry: Entry) -> str:
    """What is said of an entry that cannot be told."""
    return f"{entry.kind}, with a value that cannot be shown"


def _phrase(entry: Entry, kinds: Mapping[str, str]) -> str:
    if not isinstance(entry, ChangedEntry) or entry.change == "removed":
        return phrase(entry)
    kind = kinds.get(entry.aggregate, "")
    over, entry = completed(entry, kind), unmarked(entry, kind)
    subject = f"{entry.aggregate} {short_id(entry.id)}"
    if entry.change == "created":
        held = held_fields(entry)
        told = _first(held, lambda key: f"{key} {brief(held[key])}")
        return f"{subject} added: {told}" if told else f"{subject} added"
    changes = entry.changes
    told = _first(changes, lambda key: field_change(key, *changes[key], "→"))
    ended = ["complete"] if over else []
    return f"{subject} {', '.join([told, *ended] if told else ended) or 'saved, no field changed'}"


def _first(fields: Mapping[str, Any], told: Callable[[str], str]) -> str:
    """The first of some fields in words: there may be hundreds."""
    hidden = [f"… {len(fields) - FIELDS} more"] if len(fields) > FIELDS else []
    return ", ".join([*map(told, islice(fields, FIELDS)), *hidden])
