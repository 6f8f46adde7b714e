"""Who runs: deliveries one by one, first in, first out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING

from ddd_kit.building_blocks.message import restore as restore_message
from ddd_kit.engine.batch import note
from ddd_kit.engine.commit import commit, undo
from ddd_kit.engine.context import active_engine
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.fault import settle
from ddd_kit.engine.head import DeliveryHead, told
from ddd_kit.engine.registry import Registered
from ddd_kit.engine.unit import Unit
from ddd_kit.engine.upcasting import upgraded
from ddd_kit.exceptions import EndlessChainError
from ddd_kit.journal.entry import CHAIN_AT, EVENT, RETRIED, SKIPPED, ChangedEntry, place
from ddd_kit.journal.origin import current_origin
from ddd_kit.journal.sentence import short_id

if TYPE_CHECKING:
    from ddd_kit.engine.running import Running
    from ddd_kit.engine.world import World
    from ddd_kit.journal.journal import Journal

_NAMES, _VALUES = place(EVENT, "names"), place(EVENT, "values")
_NOTED = 5


Failed = dict[Delivery, Exception]
Make = Callable[["Running", Delivery], Exception | None]


def deliver_all(engine: Running, since: int) -> int:
    """Make all deliveries that wait, and those that they lead to; the lock is held.

    Args:
        engine: the domain; in hold mode a delivery that fails goes on waiting.
        since: the step from which on a note about an error says what is saved.

    Returns:
        How many were made.

    Raises:
        Exception: what a handler raised, as it is; several as an `ExceptionGroup`.
    """
    __tracebackhide__ = True
    world = engine.world
    waiting = world.waiting
    failed: Failed = {}
    made = 0
    outside = active_engine.get()
    try:
        active_engine.set(engine.standing() if engine.own else engine)
        make: Make = _deliver
        stops = False
        if engine.registry.disturbed:
            make, stops = _way(engine, waiting)
        while waiting:
            delivery = waiting[0]
            if failed:  # those that failed may go on waiting
                left = next((each for each in waiting if each not in failed), None)
                if left is None:
                    break
                delivery = left
            made += 1
            error = make(engine, delivery)
            if error is not None:
                failed[delivery] = error
            if stops and engine.config["event_processing"] == "async":
                break
    except BaseException as interrupt:
        _note_waiting(world, interrupt, failed)
        raise
    finally:
        active_engine.set(outside)
    if failed:
        _raise(world, failed, since)
    return made


def deliver(engine: Running, delivery: Delivery, earlier: int = 0) -> None:
    """Make one delivery; the lock is held.

    Args:
        engine: the domain; in hold mode the delivery goes on waiting if it fails.
        delivery: one that waits.
        earlier: how many attempts to make it were made already.

    Raises:
        Exception: what the handler raised, as it is.
    """
    __tracebackhide__ = True
    world = engine.world
    since = world.journal.last_step + 1
    outside = active_engine.get()
    try:
        active_engine.set(engine.standing() if engine.own else engine)
        if earlier:
            error = _deliver(engine, delivery, partial(_attempt_again, earlier))
        else:
            error = (_disturb if engine.faults.active else _deliver)(engine, delivery)
    except BaseException as interrupt:
        _note_waiting(world, interrupt, {})
        raise
    finally:
        active_engine.set(outside)
    if error is not None:
        _raise(world, {delivery: error}, since)


def _attempt(
    engine: Running,
    handler: Registered,
    event: Registered,
    head: DeliveryHead,
    rescued: Exception | None = None,
) -> None:
    """Run the method that a head names, in a fresh instance and in a unit of work of its own."""
    __tracebackhide__ = True
    world, delivery = engine.world, head.delivery
    world.unit = unit = Unit(head)
    try:
        row, schema = delivery.row, event.schema
        if row[_NAMES] is schema.names:
            message = restore_message(event.cls, schema.restore(row[_VALUES]), row)
        else:
            message = upgraded(engine.registry, event, row)
        method = getattr(handler.instance(), head.method)
        if rescued is None:
            method(message)
        else:
            method(rescued, message)
        commit(engine, world, unit)
    except BaseException as error:
        again, kept = (), engine.config["event_processing"] == "async"
        if rescued is None:
            kept = kept or handler.rescues
            if head.attempt <= handler.options["retries"]:
                again = handler.options["retry_exceptions"]
        head.fail(error, again, kept)
        undo(engine, world, unit)
        raise
    finally:
        world.unit = None


def _way(engine: Running, waiting: deque[Delivery]) -> tuple[Make, bool]:
    """How deliveries are made where faults or breakpoints may be set, and whether one may hold them."""
    if not engine.faults.active:
        return _deliver, False
    settle(waiting)
    return _disturb, bool(engine.faults.breakpoints) and engine.config["event_processing"] == "sync"


def _disturb(engine: Running, delivery: Delivery) -> Exception | None:
    """Make a delivery which faults may let fail."""
    __tracebackhide__ = True
    waiting = engine.world.waiting
    error = _deliver(engine, delivery, _attempt_perhaps)
    settle(waiting)
    if delivery not in waiting:
        engine.faults.forget(delivery)
    return error


def _attempt_perhaps(engine: Running, handler: Registered, event: Registered, head: DeliveryHead) -> None:
    __tracebackhide__ = True
    _attempt(engine, engine.faults.break_handler(handler, head.delivery), event, head)


def _attempt_again(
    earlier: int, engine: Running, handler: Registered, event: Registered, head: DeliveryHead
) -> None:
    """An attempt after some that are in the past, from which a run is repeated."""
    __tracebackhide__ = True
    head.attempt += earlier
    (_attempt_perhaps if engine.faults.active else _attempt)(engine, handler, event, head)


def _deliver(engine: Running, delivery: Delivery, try_it: Callable[..., None] = _attempt) -> Exception | None:
    """Make a delivery, and return the error if there is one for the caller."""
    __tracebackhide__ = True
    names = delivery.names
    handler, event = engine.registry.takers.get(names) or engine.registry.taker(*names)
    if handler is None or event is None:
        gone = delivery.event if event is None else delivery.target
        _skip(engine, [delivery], "retired", gone)
        return None
    chain, limit = delivery.chain, engine.config["max_chain_length"]
    if chain[0] >= limit:
        return _stop(engine, delivery, limit)
    chain[0] += 1
    attempt = 1
    while True:
        head = DeliveryHead(delivery, names[1], attempt)
        try:
            try_it(engine, handler, event, head)
            return None
        except Exception as error:  # noqa: BLE001 - it is recorded, and raised when all is delivered
            if head.outcome != RETRIED:
                return _rescue(engine, handler, event, delivery, error)
        attempt += 1


def _rescue(
    engine: Running, handler: Registered, event: Registered, delivery: Delivery, error: Exception
) -> Exception | None:
    """Let `handle_error` deal with what was raised; return what is left of it for the caller."""
    what = f"{delivery.target} failed on {delivery.event}: what it did is undone."
    if handler.rescues:
        try:
            _attempt(engine, handler, event, DeliveryHead(delivery, "handle_error", 1), error)
            return None
        except Exception as unexpected:  # noqa: BLE001 - as above
            what = (
                f"{delivery.handler}.handle_error failed on {delivery.event}, after {delivery.target} "
                f"had failed with {told(error)}."
            )
            error = unexpected
    if handler.name not in engine.registry.borders:  # beyond a border, it was told there
        error.add_note(what)
    return error.with_traceback(_from_the_model(error.__traceback__))


def _stop(engine: Running, delivery: Delivery, limit: int) -> EndlessChainError:
    """End a chain that seems to have no end: all that waits of it is skipped."""
    cycle = delivery.cycle()
    rest = [waiting for waiting in engine.world.waiting if waiting.chain is delivery.chain]
    _skip(engine, rest, "max_chain_length", str(limit))
    return EndlessChainError(
        f"The chain {' -> '.join(cycle)} does not end: it was stopped after {limit:,} deliveries that "
        "one event led to. Let one of these handlers not react to what it causes itself, or raise "
        "domain.config['max_chain_length'].",
        cycle,
    )


def _skip(engine: Running, deliveries: list[Delivery], rule: str, wanted: str) -> None:
    world, cell = engine.world, current_origin.get().label
    for delivery in deliveries:
        row = (
            SKIPPED, delivery.step, delivery.row[CHAIN_AT], cell, world.now(), *delivery.names, rule, wanted,
            str(delivery.chain[0]),
        )  # fmt: skip
        rows = [row] if engine.config["journal"] else []
        world.apply(note(rows, world.journal.last_step + 1, delivery))


def _note_waiting(world: World, interrupt: BaseException, failed: Failed) -> None:
    waiting = len(world.waiting)
    waits = "1 delivery waits" if waiting == 1 else f"{waiting:,} deliveries wait"
    interrupt.add_note(
        f"What the interrupted delivery did is undone. {waits}: domain.deliver_all() goes on, "
        "domain.waiting shows them, domain.reset() drops them. If a handler never ends, correct its "
        "cell first."
    )
    for error in failed.values():
        interrupt.add_note(f"Before it: {told(error)}. {' '.join(error.__notes__)}")


def _raise(world: World, failed: Failed, since: int) -> None:
    __tracebackhide__ = True
    errors = list(failed.values())
    error = errors[0] if len(errors) == 1 else ExceptionGroup(f"{len(errors):,} deliveries failed", errors)
    error.add_note(_saved(world.journal, since))
    raise error


def _saved(journal: Journal, since: int) -> str:
    """What is saved in spite of the errors."""
    saved = {
        (entry.aggregate, entry.id): f"{entry.aggregate} {short_id(entry.id)} (step {entry.step})"
        for entry in journal.between(since, journal.last_step)
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
