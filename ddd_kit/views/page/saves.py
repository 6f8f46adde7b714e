"""What was saved, for the page: the rows of an aggregate before and after, and what changed inside of it."""

from __future__ import annotations

from typing import Any

from ddd_kit.journal.entry import ChangedEntry
from ddd_kit.journal.sentence import arrival, held_fields
from ddd_kit.views.markup import plain
from ddd_kit.views.page.tables import Instances, Values
from ddd_kit.views.panes.effects import difference
from ddd_kit.views.panes.inside import Row, entity_text
from ddd_kit.views.panes.inside import rows as rows_of

SAME = 0  # in place of values: those that were saved last
Shape = dict[str, Any]


class Saves:
    """Writes saves, one after the other.

    Args:
        values: numbers values.
        instances: numbers aggregates.

    Attributes:
        absent: the number of what is not there.
    """

    def __init__(self, values: Values, instances: Instances) -> None:
        self.values, self.instances = values, instances
        self.absent = values.said("\0 nothing")
        self._held: dict[int, tuple[list[Any], list[int]]] = {}  # names and values of each as saved last

    def begun(self, instance: Any, saved: Any) -> list[Any]:
        """What was there before the first entry."""
        number, held_by = self.instances.number(instance), zip(saved.names, saved.stored, strict=True)
        rows = [row for field, held in held_by for row in rows_of(field, held, None)]
        names, held = [plain(row.path) for row in rows], [self._number(row) for row in rows]
        self._held[number] = names, held
        return [number, saved.version, names, held]

    def row(self, e: ChangedEntry) -> tuple[Shape, list[Any]]:
        """A save.

        Args:
            e: what was saved.

        Returns:
            What saves of one sort have in common; and values before and after: those that were saved last,
            and those that stay, are not said again.
        """
        changes = e.changed_fields if e.change == "changed" else {}
        rows = [
            row
            for field, held in e.held.items()
            for row in rows_of(field, held, changes.get(field), changed_first=False)
        ]
        before, after = self._both(e, rows)
        names = [plain(row.path) for row in rows]
        shape = {"aggregate": plain(e.aggregate), "names": names}
        number = self.instances.number((e.aggregate, e.id))
        own: list[Any] = [number, e.version]
        own.append(SAME if before is not None and self._held.get(number) == (names, before) else before)
        if after is None:
            self._held.pop(number, None)
            return shape, [*own, None]
        self._held[number] = self._kept(names, after)
        if before is None:
            own += [after, _hidden(e, rows)]
            if not any(row.is_entity for row in rows):
                return shape, own
            told_of = [[plain(name), self.values.number(held)] for name, held in held_fields(e).items()]
            return shape, [*own, [], told_of]
        differing = [place for place, held in enumerate(after) if held != before[place]]
        own.append([number for place in differing for number in (place, after[place])])
        told = [place for place, row in enumerate(rows) if row.state != "same"]
        apart = [None if rows[at].is_entity else difference(rows[at].before, rows[at].held) for at in told]
        fine = self._fine(e)
        if any(apart) or told != differing or fine:
            own.append(apart if any(apart) else [])
        if told != differing or fine:
            own.append(told)
        return shape, [*own, fine] if fine else own

    def _both(self, e: ChangedEntry, rows: list[Row]) -> tuple[list[int] | None, list[int] | None]:
        """The values of the rows, before and after."""
        before = [self._before(row) for row in rows]
        after = [self.absent if row.state == "removed" else self._number(row) for row in rows]
        if e.before is None:
            return None, after
        return (before, None) if e.after is None else (before, after)

    def _before(self, row: Row) -> int:
        if row.state == "added":
            return self.absent
        if row.state in ("same", "removed"):
            return self._number(row)
        return self._number(row.was) if row.is_entity else self.values.number(row.before)

    def _number(self, row: Row) -> int:
        return (
            self.values.said(entity_text(row._replace(changes={})))
            if row.is_entity
            else self.values.number(row.held)
        )

    def _kept(self, names: list[str], after: list[int]) -> tuple[list[str], list[int]]:
        """Rows that are there after a change."""
        pairs = [(name, held) for name, held in zip(names, after, strict=True) if held != self.absent]
        return [name for name, _ in pairs], [held for _, held in pairs]

    def _fine(self, e: ChangedEntry) -> list[list[Any]]:
        """Where something changed inside of the aggregate: each change, as the journal tells it."""
        changes = e.changes
        if changes.keys() == e.changed_fields.keys() and not any(arrival(*both) for both in changes.values()):
            return []
        return [
            [
                plain(path),
                self._number(Row(path, before)),
                self._number(Row(path, after)),
                difference(before, after),
                arrival(before, after),
            ]
            for path, (before, after) in changes.items()
        ]


def _hidden(e: ChangedEntry, rows: list[Row]) -> list[int]:
    """Where the identity stands, which is told anyway, and what is nothing."""
    told = held_fields(e)
    own = {name for name, held in e.held.items() if name not in told}
    return [place for place, row in enumerate(rows) if row.path in own]
