"""Who runs: deliveries one by one, first in, first out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.message import restore as restore_message
from ddd_kit.engine.context import active_engine
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.head import DeliveryHead
from ddd_kit.engine.registry import Registered
from ddd_kit.engine.unit_of_work import UnitOfWork
from ddd_kit.engine.world import Batch
from ddd_kit.exceptions import EndlessChainError
from ddd_kit.journal.entry import EVENT, RETRIED, SKIPPED, ChangedEntry, place
from ddd_kit.journal.origin import current_origin
from ddd_kit.journal.sentence import short_id

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.world import World

_NAMES, _VALUES = place(EVENT, "names"), place(EVENT, "values")
_NOTED = 5


class Dispatcher:
    """Makes deliveries in a world.

    Args:
        engine: the domain.
        world: its state.
        kept_if_failed: whether a delivery that fails goes on waiting, as in hold mode.
        since: the step from which on a note about an error says what is saved.
    """

    def __init__(self, engine: Engine, world: World, *, kept_if_failed: bool, since: int) -> None:
        self._engine = engine
        self._world = world
        self._kept_if_failed = kept_if_failed
        self._since = since
        self._errors: list[Exception] = []

    def deliver_all(self) -> int:
        """Make all deliveries that wait, and those that they lead to.

        Returns:
            How many were made.

        Raises:
            Exception: what a handler raised, as it is; several as an `ExceptionGroup`.
        """
        failed: set[Delivery] = set()
        made = 0
        world = self._world
        token = active_engine.set(self._engine)
        world.delivering = True
        try:
            while (delivery := self._next(failed)) is not None:
                made += 1
                if not self._deliver(delivery):
                    failed.add(delivery)
        except BaseException as interrupt:
            self._note_waiting(interrupt)
            raise
        finally:
            world.delivering = False
            active_engine.reset(token)
        self._raise()
        return made

    def _next(self, failed: set[Delivery]) -> Delivery | None:
        waiting = self._world.waiting
        if not failed:
            return waiting[0] if waiting else None
        return next((delivery for delivery in waiting if delivery not in failed), None)

    def deliver(self, delivery: Delivery) -> None:
        """Make one delivery.

        Args:
            delivery: one that waits.

        Raises:
            Exception: what the handler raised, as it is.
        """
        token = active_engine.set(self._engine)
        self._world.delivering = True
        try:
            self._deliver(delivery)
        except BaseException as interrupt:
            self._note_waiting(interrupt)
            raise
        finally:
            self._world.delivering = False
            active_engine.reset(token)
        self._raise()

    def _deliver(self, delivery: Delivery) -> bool:
        """Make a delivery; False when it failed."""
        registry = self._engine.registry
        name = delivery.event
        handler, event = registry.taker(delivery.handler, delivery.method, name), registry.elements.get(name)
        if handler is None or event is None:
            self._skip([delivery], "retired", name if event is None else delivery.target)
            return True
        chain = delivery.chain
        limit = self._engine.config["max_chain_length"]
        if chain.count >= limit:
            self._stop(delivery, limit)
            return False
        chain.count += 1
        return self._attempts(delivery, handler, event)

    def _attempts(self, delivery: Delivery, handler: Registered, event: Registered) -> bool:
        rescue = getattr(handler.cls, "handle_error", None)
        kept = self._kept_if_failed or rescue is not None
        attempt = 1
        while True:
            again = _again(handler, attempt) if handler.options["retries"] else _never
            head = DeliveryHead(delivery, attempt, delivery.method, again, kept)
            try:
                with UnitOfWork(self._engine, head):
                    getattr(handler.cls(), delivery.method)(_message(event, delivery))
                return True
            except Exception as error:
                if head.outcome != RETRIED:
                    return self._failed(delivery, error, rescue, event)
            attempt += 1

    def _failed(self, delivery: Delivery, error: Exception, rescue: Any, event: Registered) -> bool:
        if rescue is not None:
            head = DeliveryHead(delivery, 1, "handle_error", _never, self._kept_if_failed)
            try:
                with UnitOfWork(self._engine, head):
                    rescue(error, _message(event, delivery))
                return True
            except Exception as unexpected:
                error = unexpected
        self._errors.append(error)
        error.add_note(f"{delivery.target} failed on {delivery.event}: what it did is undone.")
        return False

    def _stop(self, delivery: Delivery, limit: int) -> None:
        """End a chain that seems to have no end: all that waits of it is skipped."""
        delivery.chain.stopped = True
        cycle = delivery.cycle()
        rest = [waiting for waiting in self._world.waiting if waiting.chain is delivery.chain]
        self._skip(rest, "max_chain_length", str(limit))
        error = EndlessChainError(
            f"The chain {' -> '.join(cycle)} does not end: it was stopped after {limit:,} deliveries that one event "
            "led to. Let one of these handlers not react to what it causes itself, or raise "
            "domain.config['max_chain_length'].",
            cycle,
        )
        self._errors.append(error)

    def _skip(self, deliveries: list[Delivery], rule: str, wanted: str) -> None:
        world, cell = self._world, current_origin.get().label
        for delivery in deliveries:
            row = (
                SKIPPED, delivery.step or None, delivery.row[2], cell, world.now(), delivery.handler,
                delivery.method, delivery.event, rule, wanted, str(delivery.chain.count),
            )  # fmt: skip
            world.apply(Batch(world, [row] if self._engine.config["journal"] else [], delivery))

    def _note_waiting(self, interrupt: BaseException) -> None:
        waiting = len(self._world.waiting)
        interrupt.add_note(
            f"{waiting} deliver{'y waits' if waiting == 1 else 'ies wait'}, the interrupted one first, and what it "
            "did is undone. domain.deliver_all() goes on; domain.waiting shows them; domain.reset() drops them."
        )

    def _raise(self) -> None:
        if not self._errors:
            return
        if len(self._errors) == 1:
            error: Exception = self._errors[0]
        else:
            error = ExceptionGroup(f"{len(self._errors)} deliveries failed", self._errors)
        error.add_note(self._saved())
        raise error

    def _saved(self) -> str:
        """What is saved in spite of the errors."""
        steps = self._world.journal.between(self._since, self._world.journal.last_step)
        saved = [
            f"{entry.aggregate} {short_id(entry.id)} (step {entry.step})"
            for entry in steps
            if isinstance(entry, ChangedEntry)
        ]
        more = f" and {len(saved) - _NOTED:,} more" if len(saved) > _NOTED else ""
        if not saved:
            return "What was saved before stays saved."
        return f"Saved all the same: {', '.join(saved[:_NOTED])}{more}."


def _message(event: Registered, delivery: Delivery) -> Any:
    """The event as its newest class has it."""
    row = delivery.row
    schema = event.cls._schema  # type: ignore[attr-defined]
    if row[_NAMES] is schema.names:
        return restore_message(event.cls, schema.restore(row[_VALUES]), row)
    known = {n: v for n, v in zip(row[_NAMES], row[_VALUES], strict=True) if n in schema.fields}
    message = event.cls(**known)
    return restore_message(event.cls, dict(message.__dict__), row)


def _again(handler: Registered, attempt: int) -> Any:
    left = handler.options["retries"] - attempt + 1
    if left <= 0:
        return _never
    return lambda error: isinstance(error, handler.options["retry_exceptions"])


def _never(error: BaseException) -> bool:
    return False
