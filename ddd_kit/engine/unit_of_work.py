"""Units of work: what is saved together, or not at all (Fowler, PoEAA; Evans, ch. 6)."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.message import Command, Event
from ddd_kit.building_blocks.schema import Schema
from ddd_kit.engine.commit import work_out, work_out_undone
from ddd_kit.engine.context import current_engine
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.head import CommandHead, DeliveryHead, Head
from ddd_kit.engine.store import Row as StoredRow
from ddd_kit.engine.store import Store
from ddd_kit.exceptions import ExpectedVersionError, IncorrectUsageError, TransactionError, ValidationError

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.world import World


class Pending:
    """An aggregate that is going to be saved, as it was when it was added.

    Attributes:
        aggregate: the object.
        store: where it goes.
        schema: of its class.
        identity: its identity.
        values: the state at `add`; None where it is to be removed.
        taken: how many of its events were there at `add`.
        head: the message that it was added for.
    """

    __slots__ = ("aggregate", "head", "identity", "schema", "store", "taken", "values")

    def __init__(self, aggregate: Aggregate, store: Store, schema: Schema, identity: Any) -> None:
        self.aggregate = aggregate
        self.store = store
        self.schema = schema
        self.identity = identity
        self.values: tuple[Any, ...] | None = None
        self.taken = 0
        self.head: Head | None = None

    @property
    def stored(self) -> StoredRow | None:
        """What is stored under its identity now."""
        return self.store.rows.get(self.identity)


class UnitOfWork:
    """What is saved together, or not at all. Units inside another join it.

    Args:
        engine: the domain; the current one when left out.

    Raises:
        ExpectedVersionError: at the end, when somebody else saved one of the aggregates meanwhile.
        ValidationError: at the end, when a value that has to be unique is not.
        TransactionError: at the end, when an inner unit was undone.

    Example:
        >>> from ddd_kit import Domain, UnitOfWork
        >>> from ddd_kit.fields import Identifier
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     book_id = Identifier(required=True)
        >>> with UnitOfWork():
        ...     order = domain.repository_for(Order).add(Order(book_id=1))
        ...     domain.repository_for(Order).query.count()
        1
    """

    __slots__ = ("_delivery", "_first_step", "_outer", "_world", "commands", "engine", "events", "head", "heads", "identities",
                 "in_progress", "pending", "rejections", "undone_by")  # fmt: skip

    def __init__(self, engine: Engine | None = None, delivery: DeliveryHead | None = None) -> None:
        self.engine = engine if engine is not None else current_engine()
        self._delivery = delivery
        self._outer: UnitOfWork | None = None
        self.in_progress = False

    def __enter__(self) -> UnitOfWork:
        if self.in_progress:
            raise IncorrectUsageError("This unit of work is open already. Make another one inside: UnitOfWork().")
        lock = self.engine.lock
        lock.acquire()
        try:
            self._open(self.engine.world)
        except BaseException:
            lock.release()
            raise
        return self

    def _open(self, world: World) -> None:
        if world.frozen is not None:
            raise IncorrectUsageError(world.frozen)
        self._world = world
        self._outer = world.unit
        if self._outer is None:
            world.finish()
            self.pending: dict[tuple[str, Any], Pending] = {}
            self.identities: dict[tuple[str, Any], Aggregate] = {}
            self.events: list[tuple[Event, Pending, Head | None]] = []
            self.rejections: list[tuple[ValidationError | ExpectedVersionError, str, dict[str, Any], Head | None]] = []
            self.heads: list[Head] = []
            self.commands: list[tuple[Command, CommandHead]] = []
            self.head: Head | None = None
            self.undone_by: BaseException | None = None
            if self._delivery is not None:
                self.head = self._delivery
                self.heads.append(self._delivery)
            world.unit = self
        self.in_progress = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._close(error)
        finally:
            self.in_progress = False
            self.engine.lock.release()
        if error is None and self._outer is None and self._delivery is None:
            self.engine.work_off(self._first_step)

    def start(self) -> UnitOfWork:
        """Open the unit; the same as entering it with `with`."""
        return self.__enter__()

    def commit(self) -> None:
        """Save what was added; the same as leaving the block without an error."""
        self._check_open("commit")
        self.__exit__(None, None, None)

    def rollback(self) -> None:
        """Save nothing of it; the same as leaving the block by an error."""
        self._check_open("rollback")
        undone = TransactionError("The unit of work was rolled back on request.")
        self.__exit__(type(undone), undone, None)

    def _check_open(self, what: str) -> None:
        if not self.in_progress:
            raise IncorrectUsageError(f"UnitOfWork.{what}(): it is not open. Use `with UnitOfWork():`.")

    def _close(self, error: BaseException | None) -> None:
        if self._outer is not None:
            if error is not None:
                root = self._world.unit
                assert root is not None
                root.undone_by = root.undone_by or error
            return
        try:
            if error is None:
                self._commit()
            else:
                self._undo(error)
        finally:
            self._world.unit = None

    def _commit(self) -> None:
        try:
            if self.undone_by is not None:
                raise TransactionError(
                    "Nothing of this unit of work was saved, because a unit inside it failed with "
                    f"{type(self.undone_by).__name__}: {self.undone_by}. Let that error pass, or do the inner "
                    "work in a unit of its own."
                ) from self.undone_by
            if self._delivery is not None:
                self._delivery.end()
            batch = work_out(self.engine, self._world, self)
        except BaseException as error:
            self._undo(error)
            raise
        self._first_step = batch.first_step
        self._world.apply(batch)

    def _undo(self, error: BaseException) -> None:
        if self._delivery is not None:
            self._delivery.end(error)
        batch = work_out_undone(self.engine, self._world, self)
        if batch is not None:
            self._world.apply(batch)

    @property
    def done(self) -> Delivery | None:
        """The delivery that this unit made, unless it has to be made again."""
        made = self._delivery
        if made is None or not made.leaves_queue:
            return None
        return made.delivery

    def add(self, aggregate: Aggregate, store: Store) -> None:
        """Save an aggregate as it is now when the unit ends.

        Args:
            aggregate: the object.
            store: where it goes.

        Raises:
            IncorrectUsageError: when another object of the same identity is part of the unit.
        """
        pending = self._pending_for(aggregate, store)
        pending.values = pending.schema.snapshot(aggregate.__dict__)

    def remove(self, aggregate: Aggregate, store: Store) -> None:
        """Remove an aggregate when the unit ends.

        Args:
            aggregate: the object.
            store: where it is.

        Raises:
            IncorrectUsageError: when another object of the same identity is part of the unit.
            InvalidOperationError: when it was never saved.
        """
        self._pending_for(aggregate, store).values = None

    def _pending_for(self, aggregate: Aggregate, store: Store) -> Pending:
        schema = aggregate._schema
        identity = aggregate.__dict__[schema.identity]  # type: ignore[index]
        key = (schema.element, identity)
        pending = self.pending.get(key)
        if pending is None:
            known = self.identities.get(key)
            if known is not None and known is not aggregate:
                self._refuse_twin(aggregate)
            pending = self.pending[key] = Pending(aggregate, store, schema, identity)
            self.identities[key] = aggregate
        elif pending.aggregate is not aggregate:
            self._refuse_twin(aggregate)
        pending.head = head = self.head
        events = aggregate._events
        if len(events) > pending.taken:
            self.events += [(event, pending, head) for event in events[pending.taken :]]
            pending.taken = len(events)
        return pending

    @staticmethod
    def _refuse_twin(aggregate: Aggregate) -> None:
        raise IncorrectUsageError(
            f"{aggregate!r}: another object of this identity is part of the unit of work already. "
            "Change the one that the repository gave you."
        )

    def reject(self, error: Any, element: str, tried: dict[str, Any]) -> None:
        """Remember that values were not accepted, for the journal.

        Args:
            error: what was raised.
            element: what refused.
            tried: values by field name.
        """
        self.rejections.append((error, element, tried, self.head))


