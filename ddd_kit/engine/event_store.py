"""Events by stream, append only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from ddd_kit.journal.entry import EVENT, EventEntry, Row, entry, place
from ddd_kit.journal.sentence import phrase, short_stream

STREAM_AT, POSITION_AT = place(EVENT, "stream"), place(EVENT, "position")
CATEGORY_AT = place(EVENT, "category")


class EventStore:
    """All events of a world, in the order in which they were saved; `World.apply` adds them.

    Attributes:
        rows: the events, as the journal has them.
        steps: their steps; that of the newest entry where nothing was recorded.
        lengths: how many events each stream has.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.steps: list[int] = []
        self.lengths: dict[str, int] = {}

    def until(self, count: int) -> EventStore:
        """A store of the first events.

        Args:
            count: how many.

        Returns:
            A copy.
        """
        past = EventStore()
        past.rows, past.steps = self.rows[:count], self.steps[:count]
        past.lengths = {row[STREAM_AT]: row[POSITION_AT] + 1 for row in past.rows}
        return past

    def stream(self, name: str) -> Stream:
        """The events of one stream or of a whole category.

        Args:
            name: the full name, as `bookshop::order` or `bookshop::order-<id>`.

        Returns:
            The events, in order.
        """
        at = CATEGORY_AT if any(row[CATEGORY_AT] == name for row in self.rows) else STREAM_AT
        chosen = [(s, row) for s, row in zip(self.steps, self.rows, strict=True) if row[at] == name]
        return Stream(name, chosen)


class Stream(Sequence[EventEntry]):
    """The events of a stream or a category, in order; read-only.

    Args:
        name: its full name.
        rows: pairs of a step and a row.
    """

    def __init__(self, name: str, rows: list[tuple[int, Row]]) -> None:
        self.name = name
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> EventEntry: ...
    @overload
    def __getitem__(self, index: slice) -> Stream: ...
    def __getitem__(self, index: int | slice) -> EventEntry | Stream:
        """One event by its place from 0, or some of them."""
        if isinstance(index, slice):
            return Stream(self.name, self._rows[index])
        return entry(*self._rows[index])  # type: ignore[return-value]

    def __iter__(self) -> Iterator[EventEntry]:
        for step, row in self._rows:
            yield entry(step, row)  # type: ignore[misc]

    def to_text(self) -> str:
        """A line for the stream, and one for each event."""
        lines = [f"{event.position} {phrase(event)}" for event in self[-100:]]
        hidden = len(self) - len(lines)
        earlier = [f"… {hidden:,} earlier events"] if hidden else []
        title = f"Stream {short_stream(self.name)}: {len(self)} event{'' if len(self) == 1 else 's'}"
        return "\n".join([title, *("  " + line for line in [*earlier, *lines])])

    def __repr__(self) -> str:
        return self.to_text()
