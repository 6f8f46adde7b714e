"""Who runs: deliveries one by one, first in, first out."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from ddd_kit.building_blocks.message import Message
from ddd_kit.building_blocks.message import restore as restore_message
from ddd_kit.engine.batch import Batch
from ddd_kit.engine.commit import commit, undo
from ddd_kit.engine.context import active_engine
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.head import DeliveryHead, told
from ddd_kit.engine.registry import Registered
from ddd_kit.engine.unit import Unit
from ddd_kit.exceptions import ConfigurationError, EndlessChainError
from ddd_kit.journal.entry import CHAIN_AT, EVENT, RETRIED, SKIPPED, ChangedEntry, Row, place
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

    def __init__(self, engine: Engine, world: World, kept_if_failed: bool, since: int) -> None:
        self._engine = engine
        self._world = world
        self._kept_if_failed = kept_if_failed
        self._since = since
        self._failed: dict[Delivery, Exception] = {}

    def deliver_all(self) -> int:
        """Make all deliveries that wait, and those that they lead to.

        Returns:
            How many were made.

        Raises:
            Exception: what a handler raised, as it is; several as an `ExceptionGroup`.
        """
        __tracebackhide__ = True
        waiting, failed = self._world.waiting, self._failed
        made = 0
        outside = active_engine.get()
        try:
            active_engine.set(self._engine)
            while waiting:
                delivery = waiting[0]
                if failed:  # those that failed may go on waiting
                    left = next((each for each in waiting if each not in failed), None)
                    if left is None:
                        break
                    delivery = left
                made += 1
                self._deliver(delivery)
        except BaseException as interrupt:
            self._note_waiting(interrupt)
            raise
        finally:
            active_engine.set(outside)
        if failed:
            self._raise()
        return made

    def deliver(self, delivery: Delivery) -> None:
        """Make one delivery.

        Args:
            delivery: one that waits.

        Raises:
            Exception: what the handler raised, as it is.
        """
        __tracebackhide__ = True
        outside = active_engine.get()
        try:
            active_engine.set(self._engine)
            self._deliver(delivery)
        except BaseException as interrupt:
            self._note_waiting(interrupt)
            raise
        finally:
            active_engine.set(outside)
        if self._failed:
            self._raise()

    def _deliver(self, delivery: Delivery) -> None:
        __tracebackhide__ = True
        engine, key = self._engine, (delivery.handler, delivery.method, delivery.event)
        handler, event = engine.registry.takers.get(key) or engine.registry.taker(*key)
        if handler is None or event is None:
            self._skip([delivery], "retired", delivery.event if event is None else delivery.target)
            return
        chain, limit = delivery.chain, engine.config["max_chain_length"]
        if chain.count >= limit:
            self._stop(delivery, limit)
            return
        chain.count += 1
        attempt = 0
        while True:
            attempt += 1
            head = DeliveryHead(delivery, delivery.method, attempt)
            try:
                self._attempt(handler, event, head)
                return
            except Exception as error:  # noqa: BLE001 - it is recorded, and raised when all is delivered
                if head.outcome != RETRIED:
                    self._fail(handler, event, delivery, error)
                    return

    def _attempt(
        self, handler: Registered, event: Registered, head: DeliveryHead, rescued: Exception | None = None
    ) -> None:
        """Run the method that a head names, in a fresh instance and in a unit of work of its own."""
        __tracebackhide__ = True
        engine, world = self._engine, self._world
        world.unit = unit = Unit(head)
        try:
            row, schema = head.delivery.row, event.schema
            if row[_NAMES] is schema.names:
                message = restore_message(event.cls, schema.restore(row[_VALUES]), row)
            else:
                message = _upgraded(event, row)
            method = getattr(handler.cls(), head.method)
            if rescued is None:
                method(message)
            else:
                method(rescued, message)
            commit(engine, world, unit)
        except BaseException as error:
            again, kept = (), self._kept_if_failed
            if rescued is None:
                kept = kept or handler.rescues
                if head.attempt <= handler.options["retries"]:
                    again = handler.options["retry_exceptions"]
            head.fail(error, again, kept)
            undo(engine, world, unit)
            raise
        finally:
            world.unit = None

    def _fail(self, handler: Registered, event: Registered, delivery: Delivery, error: Exception) -> None:
        what = f"{delivery.target} failed on {delivery.event}: what it did is undone."
        if handler.rescues:
            try:
                self._attempt(handler, event, DeliveryHead(delivery, "handle_error", 1), error)
                return
            except Exception as unexpected:  # noqa: BLE001 - as above
                what = (
                    f"{delivery.handler}.handle_error failed on {delivery.event}, after {delivery.target} "
                    f"had failed with {told(error)}."
                )
                error = unexpected
        error.add_note(what)
        self._failed[delivery] = error.with_traceback(_from_the_model(error.__traceback__))

    def _stop(self, delivery: Delivery, limit: int) -> None:
        """End a chain that seems to have no end: all that waits of it is skipped."""
        cycle = delivery.cycle()
        rest = [waiting for waiting in self._world.waiting if waiting.chain is delivery.chain]
        self._skip(rest, "max_chain_length", str(limit))
        self._failed[delivery] = EndlessChainError(
            f"The chain {' -> '.join(cycle)} does not end: it was stopped after {limit:,} deliveries that "
            "one event led to. Let one of these handlers not react to what it causes itself, or raise "
            "domain.config['max_chain_length'].",
            cycle,
        )

    def _skip(self, deliveries: list[Delivery], rule: str, wanted: str) -> None:
        world, cell = self._world, current_origin.get().label
        for delivery in deliveries:
            row = (
                SKIPPED, delivery.step, delivery.row[CHAIN_AT], cell, world.now(), delivery.handler,
                delivery.method, delivery.event, rule, wanted, str(delivery.chain.count),
            )  # fmt: skip
            rows = [row] if self._engine.config["journal"] else []
            world.apply(Batch(rows, world.journal.last_step + 1, delivery))

    def _note_waiting(self, interrupt: BaseException) -> None:
        waiting = len(self._world.waiting)
        waits = "1 delivery waits" if waiting == 1 else f"{waiting:,} deliveries wait"
        interrupt.add_note(
            f"What the interrupted delivery did is undone. {waits}: domain.deliver_all() goes on, "
            "domain.waiting shows them, domain.reset() drops them. If a handler never ends, correct its "
            "cell first."
        )
        for error in self._failed.values():
            interrupt.add_note(f"Before it: {told(error)}. {' '.join(error.__notes__)}")

    def _raise(self) -> None:
        __tracebackhide__ = True
        errors = list(self._failed.values())
        error = errors[0] if len(errors) == 1 else ExceptionGroup(f"{len(errors)} deliveries failed", errors)
        error.add_note(self._saved())
        raise error

    def _saved(self) -> str:
        """What is saved in spite of the errors."""
        journal = self._world.journal
        saved = {
            (entry.aggregate, entry.id): f"{entry.aggregate} {short_id(entry.id)} (step {entry.step})"
            for entry in journal.between(self._since, journal.last_step)
            if isinstance(entry, ChangedEntry)
        }
        if not saved:
            return "What was saved before stays saved."
        more = f" and {len(saved) - _NOTED:,} more" if len(saved) > _NOTED else ""
        return f"Saved all the same: {', '.join(list(saved.values())[:_NOTED])}{more}."


def _from_the_model(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of the kit that it begins with: they tell a modeller nothing."""
    found = trace
    while found is not None and found.tb_frame.f_globals.get("__name__", "").startswith("ddd_kit."):
        found = found.tb_next
    return found or trace


def _upgraded(event: Registered, row: Row) -> Message:
    """An event that an older class wrote down, as the newest class has it."""
    schema = event.schema
    known = {n: v for n, v in zip(row[_NAMES], row[_VALUES], strict=True) if n in schema.fields}
    try:
        return restore_message(event.cls, schema.check(known), row)
    except ValueError as error:
        field, texts = next(iter(schema.explain(error).messages.items()))  # type: ignore[arg-type]
        raise ConfigurationError(
            f"{event.name} was raised when its class had other fields: '{field}' {texts[0]}. Give "
            f"'{field}' a default and run the cell of {event.name} again, or empty the domain with "
            "domain.reset()."
        ) from error
