"""The open unit of work: what it knows, what it is going to save, what it is for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic_core import ValidationError as PydanticError

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.invariants import check_rules
from ddd_kit.building_blocks.schema import Schema
from ddd_kit.engine.batch import Commands, Key, Raised
from ddd_kit.engine.commit import commit, undo
from ddd_kit.engine.context import open_block
from ddd_kit.engine.head import DeliveryHead, Head
from ddd_kit.engine.sourcing import settled
from ddd_kit.engine.store import Store, current
from ddd_kit.exceptions import ExpectedVersionError, IncorrectUsageError, ValidationError

if TYPE_CHECKING:
    from ddd_kit.engine.model import Model
    from ddd_kit.engine.world import World

R = TypeVar("R")
# What was raised, what refused, the values that were tried, and the message that it happened for.
Refusal = tuple[ValidationError | ExpectedVersionError, str, dict[str, Any], Head | None]
# The object, where it is kept, the schema of its newest class, its state (None to remove it), the message
# that it was added for, and how many of its events are published with it.
Added = tuple[Aggregate, Store, Schema, "tuple[Any, ...] | None", Head | None, int]


class Unit:
    """What is saved together, or not at all.

    Args:
        delivery: the delivery that the unit makes, or None.

    Attributes:
        delivery: the same.
        head: the message that is being worked on.
        known: the objects that it knows, so that an identity is always the same object in it.
        added: those of them that are to be saved or removed, in order.
        events: what is to be published, in order of the aggregates.
        commands: the commands that were processed in it.
        refusals: what was not accepted in it.
        undone_by: the error of an inner unit, or None.
        is_block: whether it stands open as a `with` block.
        first_step: once it is saved: the step of the first entry that it may have.
    """

    __slots__ = ("added", "commands", "delivery", "events", "first_step", "head", "is_block", "known",
                 "refusals", "undone_by")  # fmt: skip
    first_step: int

    def __init__(self, delivery: DeliveryHead | None = None) -> None:
        self.delivery = delivery
        self.head: Head | None = delivery
        self.known: dict[Key, Aggregate] = {}
        self.added: dict[Key, Added] = {}
        self.events: list[Raised] = []
        self.commands: Commands = ()
        self.refusals: tuple[Refusal, ...] = ()
        self.undone_by: BaseException | None = None
        self.is_block = False

    def add(self, aggregate: Aggregate, store: Store, schema: Schema, model: Model) -> None:
        """Save an aggregate as it is now when the unit ends.

        Args:
            aggregate: the object, of the newest class or of an older one.
            store: where it goes.
            schema: of the newest class.
            model: the domain that the unit is of.

        Raises:
            IncorrectUsageError: when another object of the same identity is part of the unit.
            ConfigurationError: when an object of an older class does not fit the newest one.
            ValidationError: when a list or the like was changed from inside to what its field refuses.
        """
        own, state = aggregate._schema, aggregate.__dict__
        if own.rechecked or model.link.aggregate_enrichers:
            _complete(aggregate, store, model)
        values, identity = own.snapshot(state), state[own.identity]  # type: ignore[index]
        if own.sourced or own.facts:
            values = self._of_events(aggregate, store, model, values)
        if own is not schema:
            values = current(schema, identity, (0, own.names, values))
        key = (store.aggregate, identity)
        known = self.known.setdefault(key, aggregate)
        if known is not aggregate:
            raise _another(aggregate)
        events, head = aggregate._events, self.head
        if events:
            earlier = self.added.get(key)
            for event in events if earlier is None else events[earlier[-1] :]:
                self.events.append((event, aggregate, key, head))
        self.added[key] = (aggregate, store, schema, values, head, len(events))

    def _of_events(
        self, aggregate: Aggregate, store: Store, model: Model, values: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """The values of an aggregate that its events tell, or that are told by one."""
        if aggregate._schema.sourced:
            values = settled(model, model.world, aggregate, values)  # type: ignore[arg-type]
        if aggregate._schema.facts:
            self._forget_fact(aggregate, (store.aggregate, aggregate._identity))
            model.link.tell_fact(aggregate, store, values)
        return values

    def _forget_fact(self, aggregate: Aggregate, key: Key) -> None:
        """Take back the event that told the state of an aggregate which is added once more."""
        earlier = self.added.get(key)
        told = [event for event in aggregate._events if event._schema.is_fact]
        if earlier is not None and told:
            aggregate._events[:] = [event for event in aggregate._events if event not in told]
            self.events = [raised for raised in self.events if raised[0] not in told]
            self.added[key] = (*earlier[:-1], earlier[-1] - len(told))

    def remove(self, aggregate: Aggregate, store: Store, schema: Schema) -> None:
        """Remove an aggregate when the unit ends; one that was only added in it is left out.

        Args:
            aggregate: the object.
            store: where it is.
            schema: of the newest class.

        Raises:
            IncorrectUsageError: when another object of the same identity is part of the unit.
        """
        key = (store.aggregate, aggregate._identity)
        if self.known.setdefault(key, aggregate) is not aggregate:
            raise _another(aggregate)
        if aggregate._version < 0:
            del self.known[key], self.added[key]
            self.events = [raised for raised in self.events if raised[1] is not aggregate]
            return
        events, head, taken = aggregate._events, self.head, self.added[key][-1] if key in self.added else 0
        self.events += [(event, aggregate, key, head) for event in events[taken:]]
        self.added[key] = (aggregate, store, schema, None, head, len(events))

    def refuse(
        self, error: ValidationError | ExpectedVersionError, element: str, tried: dict[str, Any]
    ) -> None:
        """Remember that values were not accepted, for the journal.

        Args:
            error: what was raised.
            element: what refused.
            tried: values by field name.
        """
        self.refusals += ((error, element, tried, self.head),)


def _complete(aggregate: Aggregate, store: Store, model: Model) -> None:
    """Give an aggregate what a save gives it, and check it as a whole."""
    for enricher in model.link.aggregate_enrichers:
        enricher(aggregate)
    schema = aggregate._schema
    if schema.completed:
        store.complete(aggregate, dt.datetime.fromtimestamp(model.world.now(), dt.UTC))
    if schema.rechecked:
        _check_again(aggregate)


def _check_again(aggregate: Aggregate) -> None:
    """Lists and the like may have been changed from inside, which no assignment saw."""
    schema = aggregate._schema
    values = {name: aggregate.__dict__[name] for name in schema.names}
    try:
        schema.check(values)
        if schema.guarded:
            check_rules(aggregate, "post")
    except PydanticError as error:
        rejection = schema.explain(error)
    except ValidationError as error:
        rejection = error
    else:
        return
    tried = {name: schema.stored(name, value) for name, value in values.items()}
    aggregate._link.reject(rejection, tried, aggregate)
    raise rejection


def _another(aggregate: Aggregate) -> IncorrectUsageError:
    return IncorrectUsageError(
        f"{aggregate!r}: another object of this identity is part of the unit of work already. "
        "Change the one that the repository gave you."
    )


def check_block(model: Model, unit: Unit | None) -> None:
    """Refuse what looks as if it were part of a unit of work, and is not.

    Args:
        model: the domain that is to be changed.
        unit: its open unit, or None.

    Raises:
        IncorrectUsageError: in the block of a unit of another domain, or while another task has one open.
    """
    block = open_block.get()
    if block is unit:
        return
    if unit is not None and unit.is_block:
        raise IncorrectUsageError(
            "Another task has a unit of work open, and waits in the middle of it: this would be saved or "
            "undone with it. Do not await anything inside `with UnitOfWork():`."
        )
    if unit is None and block is not None and block.is_block:
        raise IncorrectUsageError(
            f"The unit of work that is open here is of another domain, so this would be saved on its own. "
            f"Name the domain of the unit: UnitOfWork(domain), with the one called {model.name}."
        )


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
    __tracebackhide__ = True
    world.unit = unit
    try:
        result = body(*given)
        commit(model, world, unit)
    except BaseException:
        undo(model, world, unit)
        raise
    finally:
        world.unit = None
    return result
