"""The open unit of work: what it knows, what it is going to save, what it is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.message import Command, Event
from ddd_kit.building_blocks.schema import Schema
from ddd_kit.engine.commit import work_out, work_out_undone
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.head import CommandHead, DeliveryHead, Head
from ddd_kit.engine.store import Store, current
from ddd_kit.exceptions import ExpectedVersionError, IncorrectUsageError, TransactionError, ValidationError

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.world import Batch, World

R = TypeVar("R")
Refusal = tuple[ValidationError | ExpectedVersionError, str, dict[str, Any], "Head | None"]


class Tracked:
    """An aggregate that a unit of work knows: so that an identity is always the same object in it.

    Attributes:
        aggregate: the object.
        store: where it is kept.
        schema: of the newest class.
        identity: its identity.
        added: whether it is to be saved, or removed.
        values: the state at `add`; None where it is to be removed.
        taken: how many of its events were there at `add`.
        head: the message that it was added for.
    """

    added = False
    values: tuple[Any, ...] | None = None
    taken = 0
    head: Head | None = None

    def __init__(self, aggregate: Aggregate, store: Store, schema: Schema, identity: Any) -> None:
        self.aggregate = aggregate
        self.store = store
        self.schema = schema
        self.identity = identity

    @property
    def removed(self) -> bool:
        """Whether it is to be removed."""
        return self.added and self.values is None


class Unit:
    """What is saved together, or not at all.

    Args:
        head: the delivery that the unit makes, or None.

    Attributes:
        tracked: the aggregates that it knows, by name and identity.
        events: those that are going to be published, each with its aggregate and what it was raised for.
        refusals: what was not accepted in it.
        commands: those that were processed in it.
        head: the message that is being worked on.
        heads: all of them, in the order in which they began.
        undone_by: the error of an inner unit, or None.
        batch: what was worked out to be saved.
    """

    undone_by: BaseException | None = None
    batch: Batch | None = None

    def __init__(self, head: DeliveryHead | None = None) -> None:
        self.tracked: dict[tuple[str, Any], Tracked] = {}
        self.events: list[tuple[Event, Tracked, Head | None]] = []
        self.refusals: list[Refusal] = []
        self.commands: list[tuple[Command, CommandHead]] = []
        self.delivery = head
        self.head: Head | None = head
        self.heads: list[Head] = [] if head is None else [head]

    @property
    def done(self) -> Delivery | None:
        """The delivery that this unit made, unless it has to be made again."""
        made = self.delivery
        return made.delivery if made is not None and not made.waits else None

    def add(self, aggregate: Aggregate, store: Store, schema: Schema) -> None:
        """Save an aggregate as it is now when the unit ends.

        Args:
            aggregate: the object, of the newest class or of an older one.
            store: where it goes.
            schema: of the newest class.

        Raises:
            IncorrectUsageError: when another object of the same identity is part of the unit.
            ConfigurationError: when an object of an older class does not fit the newest one.
        """
        own = aggregate._schema
        values = own.snapshot(aggregate.__dict__)
        identity = aggregate.__dict__[own.identity]  # type: ignore[index]
        if own is not schema:
            values = current(schema, identity, (0, own.names, values))
        self._take(aggregate, store, schema, identity).values = values

    def remove(self, aggregate: Aggregate, store: Store, schema: Schema) -> None:
        """Remove an aggregate when the unit ends; one that was only added in it is left out.

        Args:
            aggregate: the object.
            store: where it is.
            schema: of the newest class.

        Raises:
            IncorrectUsageError: when another object of the same identity is part of the unit.
        """
        identity = aggregate._identity
        tracked = self._take(aggregate, store, schema, identity)
        tracked.values = None
        if aggregate._version < 0:
            del self.tracked[store.aggregate, identity]
            self.events = [raised for raised in self.events if raised[1] is not tracked]

    def _take(self, aggregate: Aggregate, store: Store, schema: Schema, identity: Any) -> Tracked:
        key = (store.aggregate, identity)
        tracked = self.tracked.get(key)
        if tracked is None:
            tracked = self.tracked[key] = Tracked(aggregate, store, schema, identity)
        elif tracked.aggregate is not aggregate:
            raise IncorrectUsageError(
                f"{aggregate!r}: another object of this identity is part of the unit of work already. "
                "Change the one that the repository gave you."
            )
        tracked.added = True
        head = tracked.head = self.head
        events = aggregate._events
        if events:
            self.events += [(event, tracked, head) for event in events[tracked.taken :]]
            tracked.taken = len(events)
        return tracked

    def refuse(
        self, error: ValidationError | ExpectedVersionError, element: str, tried: dict[str, Any]
    ) -> None:
        """Remember that values were not accepted, for the journal.

        Args:
            error: what was raised.
            element: what refused.
            tried: values by field name.
        """
        self.refusals.append((error, element, tried, self.head))


def commit(engine: Engine, world: World, unit: Unit) -> None:
    """Save what a unit of work holds; the lock is held.

    Args:
        engine: the domain.
        world: its state.
        unit: the unit that ends well.

    Raises:
        ExpectedVersionError: when somebody else saved an aggregate meanwhile.
        ValidationError: when a value that has to be unique is not.
        TransactionError: when an inner unit was undone.
    """
    if unit.undone_by is not None:
        raise TransactionError(
            "Nothing of this unit of work was saved, because a unit inside it failed with "
            f"{type(unit.undone_by).__name__}: {unit.undone_by}. Let that error pass, or catch it outside of "
            "the outer unit."
        ) from unit.undone_by
    if unit.delivery is not None:
        unit.delivery.end()
    unit.batch = work_out(engine, world, unit)
    world.apply(unit.batch)


def undo(engine: Engine, world: World, unit: Unit, error: BaseException) -> None:
    """Save nothing of a unit of work, and note what it was for; the lock is held.

    Args:
        engine: the domain.
        world: its state.
        unit: the unit that fails; one that was saved before an interrupt came stays saved.
        error: what was raised.
    """
    if unit.batch is not None and world.latest is unit.batch:
        return
    if unit.delivery is not None:
        unit.delivery.end(error)
    if unit.heads or unit.refusals:
        world.apply(work_out_undone(engine, world, unit))


def run_unit(engine: Engine, world: World, unit: Unit, body: Callable[[], R]) -> R:
    """Let something happen as a unit of work of its own; the lock is held.

    Args:
        engine: the domain.
        world: its state, in which no unit is open.
        unit: a new unit.
        body: what happens.

    Returns:
        What the body returns; all is saved then.

    Raises:
        BaseException: what the body raised, or as `commit`; nothing is saved then.
    """
    world.unit = unit
    try:
        result = body()
        commit(engine, world, unit)
    except BaseException as error:
        undo(engine, world, unit, error)
        raise
    finally:
        world.unit = None
    return result
