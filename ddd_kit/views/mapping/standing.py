"""Where the processes of a process manager stood after any step, found without going through the journal."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from ddd_kit.building_blocks.process_manager import COMPLETE
from ddd_kit.journal.entry import CAUSE_AT, CHANGED, HANDLED, KIND_AT, OK, Row, place
from ddd_kit.journal.journal import Journal
from ddd_kit.views.following import Follower, follow
from ddd_kit.views.mapping.cards import SMALL
from ddd_kit.views.text_width import ellipsis, text_width

NONE_YET = "none has begun"
_HANDLER, _HEARD, _OUTCOME = place(HANDLED, "handler"), place(HANDLED, "event"), place(HANDLED, "outcome")
_SAVED, _ID = place(CHANGED, "aggregate"), place(CHANGED, "id")
_NAMES, _AFTER = place(CHANGED, "names"), place(CHANGED, "after")


class Position(NamedTuple):
    """Where a process stands.

    Attributes:
        event: the one that it took last; empty where the journal does not tell.
        complete: whether it is over.
    """

    event: str
    complete: bool


class Standing(Follower):
    """The processes of one manager; `standing` gives it.

    Args:
        journal: where it begins.
        manager: the name of the process manager.
    """

    def __init__(self, journal: Journal, manager: str) -> None:
        super().__init__(journal)
        self._manager = manager
        self._came: defaultdict[Position, array[int]] = defaultdict(lambda: array("Q"))
        self._went: defaultdict[Position, array[int]] = defaultdict(lambda: array("Q"))
        self._now: dict[Any, Position] = {}
        self._steps: defaultdict[Any, list[tuple[int, Position | None]]] = defaultdict(list)
        for (aggregate, identity), saved in journal.state_at(self.first_step - 1).items():
            if aggregate == manager:
                self._move(identity, self.first_step - 1, Position("", _is_over(saved.names, saved.stored)))

    def read(self, step: int, rows: Sequence[Row]) -> None:
        """Take in what has happened since."""
        heard: dict[int | None, str] = {}
        for number, row in enumerate(rows, step):
            if row[KIND_AT] == HANDLED:
                if row[_HANDLER] == self._manager and row[_OUTCOME] == OK:
                    heard[number] = row[_HEARD]
            elif row[KIND_AT] == CHANGED and row[_SAVED] == self._manager:
                identity, known = row[_ID], self._now.get(row[_ID])
                if row[_AFTER] is None:
                    self._move(identity, number, None)
                    continue
                event = heard.get(row[CAUSE_AT]) or (known.event if known else "")
                self._move(identity, number, Position(event, _is_over(row[_NAMES], row[_AFTER])))

    def _move(self, identity: Any, step: int, to: Position | None) -> None:
        before = self._now.pop(identity, None)
        if to is not None:
            self._now[identity] = to
        if to == before:
            return
        if before is not None:
            self._went[before].append(step)
        if to is not None:
            self._came[to].append(step)
        self._steps[identity].append((step, to))

    def counts(self, step: int) -> Counter[Position]:
        """How many processes stood where.

        Args:
            step: after which step.

        Returns:
            Numbers above 0, in the order in which those positions were first reached.
        """
        counts = {
            where: bisect_right(came, step) - bisect_right(self._went.get(where, ()), step)
            for where, came in self._came.items()
        }
        return Counter({where: count for where, count in counts.items() if count})

    def moves(self) -> list[int]:
        """The steps in which a process came to another position, or went."""
        return sorted({step for steps in (*self._came.values(), *self._went.values()) for step in steps})

    def most(self) -> Counter[Position]:
        """How many processes ever came to each position: no step has more there."""
        return Counter({where: len(came) for where, came in self._came.items()})

    def taken(self, identity: Any, step: int) -> tuple[Position | None, frozenset[str]]:
        """What a process had taken.

        Args:
            identity: of the process.
            step: after which step.

        Returns:
            Its position, None where it had not begun; and the events that it took, as far as is known.
        """
        where: Position | None = None
        events: set[str] = set()
        for number, moved_to in self._steps.get(identity, ()):
            if number > step:
                break
            where = moved_to
            if where is None:
                events.clear()
            else:
                events.add(where.event)
        return where, frozenset(events)


def _is_over(names: Sequence[str], values: Sequence[Any]) -> bool:
    return bool(dict(zip(names, values, strict=True)).get(COMPLETE))


def standing(journal: Journal, manager: str) -> Standing:
    """Where the processes of a manager stand, by step.

    Args:
        journal: of a world; its domain's lock is held, if others may write meanwhile.
        manager: the name of the process manager.

    Returns:
        The same object as before, up to date.

    Example:
        >>> from ddd_kit import Domain
        >>> standing(Domain(name="Bookshop").journal, "Fulfilment").counts(0)
        Counter()
    """
    return follow(journal, Standing, manager)


def told(counts: Counter[Position]) -> str:
    """Where processes stand, in words; those that wait come first.

    Args:
        counts: how many stand where.

    Returns:
        As `2 after OrderPlaced · 1 complete`.

    Example:
        >>> told(Counter({Position("Paid", True): 1, Position("OrderPlaced", False): 2}))
        '2 after OrderPlaced · 1 complete'
    """
    return " · ".join(_parts(counts)) or NONE_YET


def _parts(counts: Counter[Position]) -> list[str]:
    waiting: Counter[str] = Counter()
    for where, count in counts.items():
        waiting[where.event] += 0 if where.complete else count
    over = sum(count for where, count in counts.items() if where.complete)
    parts = [f"{n:,} after {event}" if event else f"{n:,} begun" for event, n in waiting.items() if n]
    return [*parts, *([f"{over:,} complete"] if over else [])]


def told_within(counts: Counter[Position], room: float) -> str:
    """The same, without the positions in the middle where there is no room for all.

    Args:
        counts: how many stand where.
        room: in px, at the small size.

    Returns:
        As `2 after OrderPlaced · … 3 more · 1 complete`.

    Example:
        >>> counts = Counter({Position(f"Event{n}", False): 1 for n in range(9)})
        >>> told_within(counts, 160)
        '1 after Event0 · … 8 more'
    """
    parts = _parts(counts)
    end = parts[-1:] if any(where.complete for where, count in counts.items() if count) else []
    middle = parts[: len(parts) - len(end)]
    if not middle:
        return "".join(end) or NONE_YET
    for count in range(len(middle), 0, -1):
        more = [f"… {len(middle) - count:,} more"] if count < len(middle) else []
        line = " · ".join([*middle[:count], *more, *end])
        if text_width(line, SMALL) <= room:
            return line
    rest = "".join(f" · {part}" for part in (*more, *end))
    return ellipsis(middle[0], room - text_width(rest, SMALL), SMALL) + rest
