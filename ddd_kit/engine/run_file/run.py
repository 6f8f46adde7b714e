"""What a file holds, on its way to become a world."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ddd_kit.engine.run_file.decoding import UnreadableError
from ddd_kit.engine.run_file.rows import Line, Members
from ddd_kit.engine.run_file.shape import ElementShape
from ddd_kit.engine.store import Row as StoredRow
from ddd_kit.journal.entry import Row
from ddd_kit.journal.journal import Instance, Saved


@dataclass
class Run:
    """What a file holds.

    Attributes:
        path: of the file.
        members: found the members of enums.
        header: the first line.
        elements: the shapes of the model, by name.
        journal: which steps there are.
        before: what was folded.
        rows: of the journal.
        ends: the last steps of the units of work.
        unrecorded: events that are not in the journal, with their steps.
        events: all events, with their steps, once the file is read.
        stored: rows by aggregate and identity.
        chains: their lengths, by number.
        deliveries: their lines, by number.
        identities: where they come from.
        clock: where times come from.
        line: the line that is being read.
        begins: the first line of each kind.
    """

    path: Path
    members: Members
    header: Line = field(default_factory=dict)
    elements: dict[str, ElementShape] = field(default_factory=dict)
    journal: Line = field(default_factory=dict)
    before: dict[Instance, Saved] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    unrecorded: list[tuple[int, Row]] = field(default_factory=list)
    events: list[tuple[int, Row]] = field(default_factory=list)
    stored: dict[str, dict[Any, StoredRow]] = field(default_factory=dict)
    chains: dict[int, list[int]] = field(default_factory=dict)
    deliveries: dict[int, Line] = field(default_factory=dict)
    identities: Line = field(default_factory=dict)
    clock: Line = field(default_factory=dict)
    line: int = 1
    begins: dict[str, int] = field(default_factory=dict)
    names: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    event_steps: set[int] = field(default_factory=set)
    places: dict[tuple[str, int], int] = field(default_factory=dict)

    def one(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The same tuple for the same names, which is never that of a class.

        Args:
            names: of fields.

        Returns:
            One that is equal.

        Raises:
            UnreadableError: when a name stands there twice.
        """
        known = self.names.get(names)
        if known is None:
            if len(set(names)) != len(names):
                raise UnreadableError("a field has two values")
            known = self.names[names] = names
        return known
