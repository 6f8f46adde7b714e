"""The open unit of work: what it knows, what it is going to save, what it is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.schema import Schema
from ddd_kit.engine.batch import Batch, Tracked
from ddd_kit.engine.commit import work_out, work_out_undone
from ddd_kit.engine.head import DeliveryHead, Head
from ddd_kit.engine.store import Store, current
from ddd_kit.exceptions import ExpectedVersionError, IncorrectUsageError, TransactionError, ValidationError

if TYPE_CHECKING:
    from ddd_kit.engine.model import Model
    from ddd_kit.engine.world import World

R = TypeVar("R")


class Unit(Batch):
    """What is saved together, or not at all.

    Args:
        delivery: the delivery that the unit makes, or None.

    Attributes:
        delivery: the same.
        head: the message that is being worked on.
        tracked: the aggregates that it knows, by name and identity.
        refusals: what was not accepted in it.
        undone_by: the error of an inner unit, or None.
    """

    __slots__ = ("delivery", "head", "refusals", "tracked", "undone_by")

    def __init__(self, delivery: DeliveryHead | None = None) -> None:
        self.delivery = delivery
        self.head: Head | None = delivery
        self.tracked: dict[tuple[str, Any], Tracked] = {}
        self.events = []
        self.commands = []
        self.refusals: list[
            tuple[ValidationError | ExpectedVersionError, str, dict[str, Any], Head | None]
        ] = []
        self.undone_by: BaseException | None = None

    @property
    def heads(self) -> list[Head]:
        """The messages that it is for, in the order in which they began."""
        heads: list[Head] = [] if self.delivery is None else [self.delivery]
        return heads + [head for _, head in self.commands]

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
        own, state = aggregate._schema, aggregate.__dict__
        values = own.snapshot(state)
        identity = aggregate._identity
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
        tracked.head = head = self.head
        events = aggregate._events
        if events:
            for event in events[tracked.taken :]:
                self.events.append((event, tracked, head))
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


def commit(model: Model, world: World, unit: Unit) -> None:
    """Save what a unit of work holds; the lock is held.

    Args:
        model: the domain.
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
            f"{type(unit.undone_by).__name__}: {str(unit.undone_by).rstrip('.')}. Let that error pass, or "
            "catch it outside of the outer unit."
        ) from unit.undone_by
    if unit.delivery is not None:
        unit.delivery.end()
    work_out(model, world, unit)
    world.apply(unit)


def undo(model: Model, world: World, unit: Unit, error: BaseException) -> None:
    """Save nothing of a unit of work, and note what it was for; the lock is held.

    Args:
        model: the domain.
        world: its state.
        unit: the unit that fails; one that was saved before an interrupt came stays saved.
        error: what was raised.
    """
    if world.latest is unit:
        return
    if unit.delivery is not None:
        unit.delivery.end(error)
    if unit.delivery is not None or unit.commands or unit.refusals:
        world.apply(work_out_undone(model, world, unit))


def run_unit(model: Model, world: World, unit: Unit, body: Callable[..., R], *given: Any) -> R:
    """Let something happen as a unit of work of its own; the lock is held.

    Args:
        model: the domain.
        world: its state, in which no unit is open.
        unit: a new unit.
        body: what happens.
        *given: what it is called with.

    Returns:
        What the body returns; all is saved then.

    Raises:
        BaseException: what the body raised, or as `commit`; nothing is saved then.
    """
    world.unit = unit
    try:
        result = body(*given)
        commit(model, world, unit)
    except BaseException as error:
        undo(model, world, unit, error)
        raise
    finally:
        world.unit = None
    return result
