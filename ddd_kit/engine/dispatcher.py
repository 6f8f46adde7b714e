"""Who runs: deliveries one by one, first in, first out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.message import restore as restore_message
from ddd_kit.engine.batch import Batch
from ddd_kit.engine.context import active_engine
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.head import DeliveryHead, told
from ddd_kit.engine.registry import Registered
from ddd_kit.engine.unit import Unit, run_unit
from ddd_kit.exceptions import ConfigurationError, EndlessChainError
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

    def __init__(self, engine: Engine, world: World, kept_if_failed: bool, since: int) -> None:
        self._engine = engine
        self._world = world
        self._kept_if_failed = kept_if_failed
        self._since = since
        self._errors: list[Exception] = []
        self._failed: set[Delivery] = set()

    def deliver_all(self) -> int:
        """Make all deliveries that wait, and those that they lead to.

        Returns:
            How many were made.

        Raises:
            Exception: what a handler raised, as it is; several as an `ExceptionGroup`.
        """
        waiting = self._world.waiting
        made = 0
        outside = active_engine.get()
        try:
            active_engine.set(self._engine)
            while waiting and (delivery := self._next(waiting)) is not None:
                made += 1
                self._deliver(delivery)
        except BaseException as interrupt:
            self._note_waiting(interrupt)
            raise
        finally:
            active_engine.set(outside)
        if self._errors:
            self._raise()
        return made

    def _next(self, waiting: Sequence[Delivery]) -> Delivery | None:
        """The first one that has not failed in this round."""
        if not self._failed:
            return waiting[0]
        return next((delivery for delivery in waiting if delivery not in self._failed), None)

    def deliver(self, delivery: Delivery) -> None:
        """Make one delivery.

        Args:
            delivery: one that waits.

        Raises:
            Exception: what the handler raised, as it is.
        """
        outside = active_engine.get()
        try:
            active_engine.set(self._engine)
            self._deliver(delivery)
        except BaseException as interrupt:
            self._note_waiting(interrupt)
            raise
        finally:
            active_engine.set(outside)
        if self._errors:
            self._raise()

    def _deliver(self, delivery: Delivery) -> None:
        registry, name = self._engine.registry, delivery.event
        handler, event = registry.taker(delivery.handler, delivery.method, name), registry.elements.get(name)
        if handler is None or event is None:
            self._skip([delivery], "retired", name if event is None else delivery.target)
            return
        chain, limit = delivery.chain, self._engine.config["max_chain_length"]
        if chain.count >= limit:
            self._stop(delivery, limit)
            return
        chain.count += 1
        retries, attempt = handler.options["retries"], 0
        while True:
            attempt += 1
            again = handler.options["retry_exceptions"] if attempt <= retries else ()
            kept = self._kept_if_failed or handler.rescues
            head = DeliveryHead(delivery, delivery.method, attempt, again, kept)
            try:
                run_unit(self._engine, self._world, Unit(head), _call, handler, event, head)
                return
            except Exception as error:  # noqa: BLE001 - it is recorded, and raised when all is delivered
                if head.outcome != RETRIED:
                    self._fail(handler, event, delivery, error)
                    return

    def _fail(self, handler: Registered, event: Registered, delivery: Delivery, error: Exception) -> None:
        what = f"{delivery.target} failed on {delivery.event}: what it did is undone."
        if handler.rescues:
            head = DeliveryHead(delivery, "handle_error", 1, (), self._kept_if_failed)
            try:
                run_unit(self._engine, self._world, Unit(head), _call, handler, event, head, error)
                return
            except Exception as unexpected:  # noqa: BLE001 - as above
                what = (
                    f"{delivery.handler}.handle_error failed on {delivery.event}, after {delivery.target} "
                    f"had failed with {told(error)}."
                )
                error = unexpected
        error.add_note(what)
        self._failed.add(delivery)
        self._errors.append(error)

    def _stop(self, delivery: Delivery, limit: int) -> None:
        """End a chain that seems to have no end: all that waits of it is skipped."""
        cycle = delivery.cycle()
        rest = [waiting for waiting in self._world.waiting if waiting.chain is delivery.chain]
        self._skip(rest, "max_chain_length", str(limit))
        error = EndlessChainError(
            f"The chain {' -> '.join(cycle)} does not end: it was stopped after {limit:,} deliveries that "
            "one event led to. Let one of these handlers not react to what it causes itself, or raise "
            "domain.config['max_chain_length'].",
            cycle,
        )
        self._errors.append(error)

    def _skip(self, deliveries: list[Delivery], rule: str, wanted: str) -> None:
        world, cell = self._world, current_origin.get().label
        for delivery in deliveries:
            row = (
                SKIPPED, delivery.step, delivery.row[2], cell, world.now(), delivery.handler,
                delivery.method, delivery.event, rule, wanted, str(delivery.chain.count),
            )  # fmt: skip
            rows = [row] if self._engine.config["journal"] else []
            world.apply(Batch(rows, world.journal.last_step + 1, delivery))

    def _note_waiting(self, interrupt: BaseException) -> None:
        waiting = len(self._world.waiting)
        waits = "1 delivery waits" if waiting == 1 else f"{waiting:,} deliveries wait"
        interrupt.add_note(
            f"What the interrupted delivery did is undone. {waits}: domain.deliver_all() goes on, "
            "domain.waiting shows them, domain.reset() drops them."
        )
        for error in self._errors:
            interrupt.add_note(f"Before it: {told(error)}. {' '.join(error.__notes__)}")

    def _raise(self) -> None:
        if len(self._errors) == 1:
            error: Exception = self._errors[0]
        else:
            error = ExceptionGroup(f"{len(self._errors)} deliveries failed", self._errors)
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


def _call(handler: Registered, event: Registered, head: DeliveryHead, *error: Exception) -> None:
    """The method that a head names, in a fresh instance."""
    getattr(handler.cls(), head.method)(*error, _message(event, head.delivery))


def _message(event: Registered, delivery: Delivery) -> Any:
    """The event as its newest class has it."""
    row, schema = delivery.row, event.schema
    if row[_NAMES] is schema.names:
        return restore_message(event.cls, schema.restore(row[_VALUES]), row)
    known = {n: v for n, v in zip(row[_NAMES], row[_VALUES], strict=True) if n in schema.fields}
    try:
        return restore_message(event.cls, schema.check(known), row)
    except ValueError as error:
        field, texts = next(iter(schema.explain(error).messages.items()))  # type: ignore[arg-type]
        raise ConfigurationError(
            f"{delivery.event} was raised when its class had other fields: '{field}' {texts[0]}. Give "
            f"'{field}' a default and run the cell of {delivery.event} again, or empty the domain with "
            "domain.reset()."
        ) from error
