"""Events by stream, append only."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any, overload

from ddd_kit.journal.entry import EVENT, EventEntry, Row, entry, place
from ddd_kit.journal.sentence import phrase, short_stream

STREAM_AT, POSITION_AT = place(EVENT, "stream"), place(EVENT, "position")
CATEGORY_AT = place(EVENT, "category")
STEP = itemgetter(0)


class EventStore:
    """All events of a world, in the order in which they were saved; `World.apply` adds them.

    Attributes:
        rows: pairs of a step, that of the newest entry where nothing was recorded, and the event, as the
            journal has it.
        lengths: how many events each stream has.
    """

    def __init__(self) -> None:
        self.rows: list[tuple[int, Row]] = []
        self.lengths: dict[str, int] = {}
        self._by_stream: dict[str, list[Row]] = {}  # filled when an event-sourced aggregate is loaded
        self._indexed = 0

    def until(self, step: int) -> EventStore:
        """A store of the events up to a step.

        Args:
            step: the last step that is in it.

        Returns:
            A copy.
        """
        past = EventStore()
        past.rows = self.rows[: bisect_right(self.rows, step, key=STEP)]
        past.lengths = {row[STREAM_AT]: row[POSITION_AT] + 1 for _, row in past.rows}
        return past

    def at(self, step: int) -> Row:
        """The event of a step.

        Args:
            step: one that recorded an event.

        Returns:
            Its row.
        """
        return self.rows[bisect_left(self.rows, step, key=STEP)][1]

    def of_stream(self, name: str) -> list[Row]:
        """The events of one stream, for what is loaded from it.

        Args:
            name: the full name, as `bookshop::order-<id>`.

        Returns:
            Rows in order; not to be changed.
        """
        rows, streams = self.rows, self._by_stream
        for _, row in rows[self._indexed :] if self._indexed else rows:
            known = streams.setdefault(row[STREAM_AT], [])
            if row[POSITION_AT] == len(known):  # an interrupt may have come in between
                known.append(row)
            self._indexed += 1
        return streams.get(name, [])

    def stream(self, name: str) -> Stream:
        """The events of one stream or of a whole category.

        Args:
            name: the full name, as `bookshop::order` or `bookshop::order-<id>`.

        Returns:
            The events, in order.
        """
        at = CATEGORY_AT if any(row[CATEGORY_AT] == name for _, row in self.rows) else STREAM_AT
        return Stream(name, [pair for pair in self.rows if pair[1][at] == name])


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

    @property
    def rows(self) -> list[Row]:
        """The events as the journal has them."""
        return [row for _, row in self._rows]

    def to_cloudevents(self) -> list[dict[str, Any]]:
        """The events as CloudEvents 1.0, in the JSON batch format: see `to_cloudevent` of one of them.

        Returns:
            A dictionary for each event, in order; `json.dumps` takes the whole list.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.event(part_of=Order)
            ... class OrderShipped: ...
            >>> order = Order(id="o-1")
            >>> order.raise_(OrderShipped())
            >>> saved = domain.repository_for(Order).add(order)
            >>> [event["type"] for event in domain.stream("order").to_cloudevents()]
            ['bookshop.OrderShipped']
        """
        return [event.to_cloudevent() for event in self]

    def to_text(self) -> str:
        """A line for the stream, and one for each event."""
        lines = [f"{event.position} {phrase(event)}" for event in self[-100:]]
        hidden = len(self) - len(lines)
        earlier = [f"… {hidden:,} earlier events"] if hidden else []
        title = f"Stream {short_stream(self.name)}: {len(self):,} event{'' if len(self) == 1 else 's'}"
        return "\n".join([title, *("  " + line for line in [*earlier, *lines])])

    def __repr__(self) -> str:
        return self.to_text()
