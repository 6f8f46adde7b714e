"""The events of each stream category up to a step, and how far each handler is with them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.handler import ANY
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.event_store import CATEGORY_AT, STEP
from ddd_kit.engine.names import ALL, snake_case
from ddd_kit.engine.registry import LISTENERS, Registered
from ddd_kit.engine.replay import waited
from ddd_kit.exceptions import DddKitError
from ddd_kit.journal.entry import EVENT, Row, place

TYPE_AT, _DELIVERIES = place(EVENT, "type"), place(EVENT, "deliveries")


class Listener(NamedTuple):
    """How far a handler is with a category.

    Attributes:
        handler: its name.
        position: how many of the first events it is done with.
        waits: how many deliveries wait for it.
        last: the place of the last event that it was concerned with, from 0; None where there is none.
        took: whether it took that one, or was passed over.
        gone: whether it does not listen any more, and still has deliveries waiting.
    """

    handler: str
    position: int
    waits: int
    last: int | None
    took: bool
    gone: bool


class Categories:
    """The events up to the end of a unit of work, by category.

    Args:
        engine: the domain.
        step: a step of that unit of work; 0 for the time before the first.

    Attributes:
        places: by category, in order of definition, where in `rows` its events are.
        events: the events of the world: pairs of a step and a row.
    """

    def __init__(self, engine: Engine, step: int) -> None:
        self._engine = engine
        self.events = engine.world.events.rows
        end = engine.journal.batch_end(step)
        newest = step >= engine.journal.last_step
        count = len(self.events) if newest else bisect_right(self.events, end, key=STEP)
        self.places: dict[str, list[int]] = {category: [] for category in _defined(engine)}
        self._latest: dict[tuple[str, str], int] = {}
        for index in range(count):
            _, row = self.events[index]
            category = row[CATEGORY_AT]
            self.places.setdefault(category, []).append(index)
            self._latest[category, row[TYPE_AT]] = index
        self._pending = _pending(engine, end, count)
        registry = engine.registry
        self._handlers = [
            (handler, category)
            for handler in registry.of_kind(*LISTENERS)
            for category in categories_of(engine, handler)
        ]

    def find(self, step: int) -> tuple[str, int] | None:
        """Where an event is.

        Args:
            step: its step, not after that unit of work.

        Returns:
            Its category and its place there, from 0; None where there is no event of that step.
        """
        index = bisect_left(self.events, step, key=STEP)
        if index == len(self.events) or self.events[index][0] != step:
            return None
        category = self.events[index][1][CATEGORY_AT]
        return category, bisect_left(self.places[category], index)

    def listeners(self, category: str) -> list[Listener]:
        """The handlers that listen to a category.

        Args:
            category: its full name.

        Returns:
            In order of definition; last those that are gone, and still have deliveries waiting.
        """
        known = [
            self._listener(h, category) for h, listens_to in self._handlers if listens_to in (ALL, category)
        ]
        names = {listener.handler for listener in known}
        gone = [name for name, waits_on in self._pending if waits_on == category and name not in names]
        return [
            *known,
            *(Listener(name, *self._position(name, category), None, False, True) for name in gone),
        ]

    def _listener(self, handler: Registered, category: str) -> Listener:
        last = self._last(handler, category)
        took = last is not None and any(handler.name == name for name, _ in self.events[last][1][_DELIVERIES])
        at = None if last is None else bisect_left(self.places[category], last)
        return Listener(handler.name, *self._position(handler.name, category), at, took, False)

    def _position(self, handler: str, category: str) -> tuple[int, int]:
        """How many of the first events a handler is done with, and how many deliveries wait for it."""
        places = self.places[category]
        waiting = self._pending.get((handler, category), ())
        return (bisect_left(places, min(waiting)) if waiting else len(places)), len(waiting)

    def _last(self, handler: Registered, category: str) -> int | None:
        """The last event of a type that the handler takes, which does not wait for it."""
        types = {taken for _, taken in handler.methods}
        places = self.places[category]
        if ANY in types:
            last = places[-1] if places else -1
        else:
            last = max((self._latest.get((category, taken), -1) for taken in types), default=-1)
        pending = set(self._pending.get((handler.name, category), ()))
        if last not in pending:
            return None if last < 0 else last
        for index in reversed(places[: bisect_left(places, last)]):
            if index not in pending and (ANY in types or self.events[index][1][TYPE_AT] in types):
                return index
        return None


def _pending(engine: Engine, end: int, count: int) -> dict[tuple[str, str], list[int]]:
    """By handler and category, the events that waited for it after a step, once for each delivery."""
    world = engine.world
    events = world.events.rows
    places = [(handler, bisect_left(events, step, key=STEP)) for step, (handler, _) in waited(world, end)]
    found: dict[tuple[str, str], list[int]] = {}
    for handler, index in (*places, *_unrecorded(engine, count)):
        found.setdefault((handler, events[index][1][CATEGORY_AT]), []).append(index)
    return found


def _unrecorded(engine: Engine, count: int) -> Iterator[tuple[str, int]]:
    waiting = [d for d in engine.world.waiting if d.step is None]
    if waiting:
        places = {id(row): index for index, (_, row) in enumerate(engine.world.events.rows[:count])}
        yield from ((d.handler, places[id(d.row)]) for d in waiting if id(d.row) in places)


def _defined(engine: Engine) -> Iterator[str]:
    aggregates = engine.registry.of_kind(Kind.AGGREGATE)
    return (category for each in aggregates for category in categories_of(engine, each))


def categories_of(engine: Engine, element: Registered) -> tuple[str, ...]:
    """The categories of events that an element has to do with.

    Args:
        engine: the domain.
        element: an element, perhaps a retired one.

    Returns:
        The full category that an event or the events of an aggregate are on, or those that a handler
        listens to, perhaps `$all`; none where it is part of an aggregate that there is not.
    """
    registry = engine.registry
    try:
        if element.kind is Kind.AGGREGATE:
            return (registry.full(element.options["stream_category"] or snake_case(element.name)),)
        if element.kind in LISTENERS:
            return registry.hears(element)
        return (registry.category(registry.owner(element).name),)
    except DddKitError:
        return ()


def is_recorded(engine: Engine, step: int, row: Row) -> bool:
    """Whether the journal has an event still, so that one can go to its step."""
    journal = engine.journal
    return journal.first_step <= step <= journal.last_step and journal.rows[step - journal.first_step] is row
