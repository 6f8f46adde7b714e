"""Where each process stands: what it has heard, what it may still hear, and whether it is complete."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.process_manager import COMPLETE
from ddd_kit.engine.model import name_of
from ddd_kit.engine.process import identity_of
from ddd_kit.engine.registry import Registered
from ddd_kit.engine.replay import world_at
from ddd_kit.engine.store import current
from ddd_kit.journal.entry import (
    CAUSE_AT,
    CHANGED,
    EVENT,
    HANDLED,
    KIND_AT,
    OK,
    SKIPPED,
    HandledEntry,
    Row,
    SkippedEntry,
    entry,
    place,
)
from ddd_kit.journal.sentence import reason, short_id

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.recorded import Recorded
    from ddd_kit.engine.world import World

_NAMES, _VALUES = place(EVENT, "names"), place(EVENT, "values")
_SAVED, _ID = place(CHANGED, "aggregate"), place(CHANGED, "id")
_HANDLER, _SKIPPED = place(HANDLED, "handler"), place(SKIPPED, "handler")


@dataclass(frozen=True, slots=True)
class Heard:
    """An event on its way to a process.

    Attributes:
        step: of the entry that tells what became of it.
        event: its name.
        event_step: in which it was published.
        method: the one that takes it.
        outcome: as the journal has it: `ok`, `failed`, `retried`, `interrupted`, or `skipped`.
        detail: what was raised, or why it was skipped; an empty text where there is nothing to say.
    """

    step: int
    event: str
    event_step: int
    method: str
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True)
class ProcessState:
    """One process, as it stands.

    Attributes:
        manager: the name of the process manager.
        id: the value that its events have in common.
        state: its values by field name.
        complete: whether it is over.
        heard: the events that were for it, in order, as far as the journal goes back.
        awaits: the events that it has not taken yet, in order of definition; none once it is complete.
    """

    manager: str
    id: Any
    state: dict[str, Any]
    complete: bool
    heard: tuple[Heard, ...]
    awaits: tuple[str, ...]

    @property
    def position(self) -> str | None:
        """The name of the event that it took last; None where the journal does not go back so far."""
        return next((heard.event for heard in reversed(self.heard) if heard.outcome == OK), None)

    def __str__(self) -> str:
        name = f"{self.manager} {short_id(self.id)}"
        if self.complete:
            return f"{name}: complete" + (f", since {self.position}" if self.position else "")
        after = f"after {self.position}, " if self.position else ""
        return f"{name}: {after}waits for {' or '.join(self.awaits) or 'nothing'}"


class Processes(tuple[ProcessState, ...]):
    """The processes of one manager, in the order in which they began; a line for each as the repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n".join(map(str, self)) or "No process has begun."


def processes(engine: Recorded, manager: type | str, step: int | None = None) -> Processes:
    """Where each process of a manager stands.

    Args:
        engine: the domain.
        manager: the process manager's class or name.
        step: after which step, from 0; None for now.

    Returns:
        The processes, in the order in which they began.

    Raises:
        IncorrectUsageError: when there is no such process manager, or no such step.

    Example:
        >>> from ddd_kit import Domain, handle
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     def place(self):
        ...         self.raise_(OrderPlaced(order_id=self.id))
        >>> @domain.event(part_of=Order)
        ... class OrderPlaced:
        ...     order_id: str
        >>> @domain.event(part_of=Order)
        ... class OrderShipped:
        ...     order_id: str
        >>> @domain.process_manager(aggregates=[Order])
        ... class Fulfilment:
        ...     @handle(OrderPlaced, start=True, correlate="order_id")
        ...     def on_placed(self, event): ...
        ...     @handle(OrderShipped, correlate="order_id", end=True)
        ...     def on_shipped(self, event): ...
        >>> order = Order(id="o-1")
        >>> order.place()
        >>> domain.repository_for(Order).add(order)
        <Order: ...>
        >>> processes(domain, Fulfilment)
        Fulfilment o-1: after OrderPlaced, waits for OrderShipped
    """
    with engine.lock:
        element = engine.registry.find(name_of(manager), Kind.PROCESS_MANAGER)
        world = engine.world if step is None else world_at(cast("Engine", engine), step, "processes")
        found = dict(world.stores[element.name].rows)
        heard: dict[Any, list[Heard]] = {identity: [] for identity in found}
        for identity, each in _heard(world, element):
            heard.setdefault(identity, []).append(each)
    return Processes(_state(element, identity, row, heard[identity]) for identity, row in found.items())


def _state(element: Registered, identity: Any, row: Any, heard: list[Heard]) -> ProcessState:
    schema = element.schema
    state = dict(zip(schema.names, current(schema, identity, row), strict=True))
    complete = bool(state.pop(COMPLETE))
    taken = {each.event for each in heard if each.outcome == OK}
    awaits = () if complete else awaited(element, taken)
    return ProcessState(element.name, identity, state, complete, tuple(heard), awaits)


def awaited(element: Registered, taken: Container[str]) -> tuple[str, ...]:
    """The events that a process which is not complete has not taken yet.

    Args:
        element: its manager.
        taken: the names of those that it took.

    Returns:
        Names, in order of definition, without those that only begin a process.
    """
    first = {event for (_, event), role in element.roles.items() if role.start}
    return tuple(dict.fromkeys(e for _, e in element.roles if e not in taken and e not in first))


def _heard(world: World, element: Registered) -> Iterator[tuple[Any, Heard]]:
    """What was on its way to processes of a manager, each with the process that it was for."""
    name, journal = element.name, world.journal
    saved: dict[int | None, Any] = {}
    for row in journal.rows:
        if row[KIND_AT] == CHANGED and row[_SAVED] == name:
            saved[row[CAUSE_AT]] = row[_ID]
    for step, row in journal[:].numbered_rows():
        if (row[KIND_AT] == HANDLED and row[_HANDLER] == name) or (
            row[KIND_AT] == SKIPPED and row[_SKIPPED] == name
        ):
            e = entry(step, row)
            if e.cause is None:
                continue
            if isinstance(e, HandledEntry):
                told = Heard(step, e.event, e.cause, e.delivered_to, e.outcome, e.error or "")
            elif isinstance(e, SkippedEntry):
                told = Heard(step, e.event, e.cause, e.method, "skipped", reason(e))
            if step in saved:
                yield saved[step], told
            else:
                yield _belongs_to(element, told, world.events.at(e.cause)), told


def _belongs_to(element: Registered, heard: Heard, row: Row) -> Any:
    """The process that an event is for, as the manager correlates today; None where that cannot be told."""
    role = element.roles.get((heard.method, heard.event))
    values = dict(zip(row[_NAMES], row[_VALUES], strict=True))
    value = None if role is None else values.get(role.correlate)
    return None if value is None else identity_of(element, value)
