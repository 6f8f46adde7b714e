"""A world as it stood after a step, rebuilt from the journal; nothing in it can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddd_kit.engine.delivery import Chain, Delivery
from ddd_kit.engine.world import World
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import HandledEntry, Row, SkippedEntry
from ddd_kit.journal.journal import Journal

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine


def world_at(engine: Engine, step: int) -> World:
    """The world after the unit of work that a step belongs to.

    Args:
        engine: the domain.
        step: a step; 0 for the time before the first.

    Returns:
        A world that refuses every change.

    Raises:
        IncorrectUsageError: when there is no such step, it is not kept any more, or nothing is recorded.
    """
    present = engine.world
    journal = present.journal
    if not engine.config["journal"]:
        raise IncorrectUsageError("domain.at(...): nothing is recorded while domain.config['journal'] is False.")
    if not isinstance(step, int) or not journal.first_step - 1 <= step <= journal.last_step:
        raise IncorrectUsageError(f"domain.at({step!r}): there is no such step; {journal.extent}")
    end = journal.batch_end(step)
    past = World(engine.config)
    for (aggregate, identity), saved in journal.state_at(end).items():
        past.stores[aggregate].write(identity, (saved.version, saved.names, saved.values))
    kept = [(s, row) for s, row in zip(present.events.steps, present.events.rows, strict=True) if s <= end]
    past.events.append([(None, s, row) for s, row in kept], 0)
    past.journal = journal.until(end)
    past.waiting.extend(_waiting(past.journal, kept))
    past.frozen = (
        f"This is {engine.name} as it was after step {end}: the past cannot be changed. Use the domain itself, "
        "which stands at the newest step."
    )
    return past


def _waiting(journal: Journal, events: list[tuple[int, Row]]) -> list[Delivery]:
    """The deliveries that had not been made by then."""
    made = {
        (entry.cause, entry.handler, entry.method if entry.method != "handle_error" else None)
        for entry in journal
        if isinstance(entry, SkippedEntry) or (isinstance(entry, HandledEntry) and entry.outcome in ("ok", "failed"))
    }
    return [
        Delivery(row, step, target, Chain(), None)
        for step, row in events
        if step >= journal.first_step
        for target in row[16]
        if (step, *target) not in made and (step, target[0], None) not in made
    ]
