"""A world as it stood after a step, rebuilt from the journal; nothing in it can be changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ddd_kit.engine.delivery import Chain, Delivery
from ddd_kit.engine.fault import Delayed
from ddd_kit.engine.world import World
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import CAUSE_AT, CHAIN_AT, EVENT, FAULT, HANDLED, KIND_AT, SKIPPED, place

if TYPE_CHECKING:
    from ddd_kit.engine.config import Config
    from ddd_kit.engine.engine import Engine
    from ddd_kit.journal.journal import Journal


_WAITS, _HANDLER = place(HANDLED, "waits"), place(HANDLED, "handler")
_DELIVERED_TO, _METHOD, _RULE = (
    place(HANDLED, "delivered_to"),
    place(SKIPPED, "method"),
    place(SKIPPED, "rule"),
)
_DELIVERIES, _TYPE = place(EVENT, "deliveries"), place(EVENT, "type")
_FAULT = place(FAULT, "fault")
# Rules by which a delivery that waited is skipped.
NOT_MADE = ("retired", "max_chain_length", "not_started", "complete", "uncorrelated", "fork")


def world_at(engine: Engine, step: int, what: str = "at", settings: Config | None = None) -> World:
    """The world after the unit of work that a step belongs to.

    Args:
        engine: the domain.
        step: a step; 0 for the time before the first.
        what: the method that asks, for errors.
        settings: of the domain that is going to stand on it; those of `engine` when None.

    Returns:
        A world that refuses every change.

    Raises:
        IncorrectUsageError: when there is no such step, it is not kept any more, or nothing is recorded.
    """
    present = engine.world
    journal = present.journal
    if not engine.config["journal"]:
        raise IncorrectUsageError(
            f"domain.{what}(...): nothing is recorded while domain.config['journal'] is False."
        )
    if type(step) is not int or not journal.first_step - 1 <= step <= journal.last_step:
        raise IncorrectUsageError(f"domain.{what}({step!r}): there is no such step; {journal.extent}")
    end = journal.batch_end(step)
    past = World(settings or engine.config)
    for (aggregate, identity), row in journal.state_at(end).rows():
        past.stores[aggregate].rows[identity] = row
    past.events = present.events.until(end)
    past.journal = journal.until(end, settings or engine.config)
    past.waiting.extend(_waiting(present, end))
    past.frozen = (
        f"This is {engine.name} as it was after step {end}: the past cannot be changed. Use the domain "
        "itself, which stands at the newest step."
    )
    return past


def _waiting(present: World, end: int) -> list[Delivery]:
    """The deliveries that waited after a step: those that were made later, and those that still wait.

    Those of the present are as they wait. Earlier ones are in order of their events; where a fault changed
    the order, as they were made since.
    """
    if end == present.journal.last_step:
        return _as_they_wait(present)
    unrecorded = [d for d in present.waiting if d.step is None]
    found = []
    for step, target in waited(present, end):
        row = present.events.at(step)
        place = row[_DELIVERIES].index(target) if target in row[_DELIVERIES] else 0
        found.append((step, place, Delivery(row, step, (*target, row[_TYPE]), [0], None)))
    if not _out_of_order(present.journal, {step for step, _, _ in found}):
        found.sort(key=lambda each: each[:2])
    return unrecorded + [delivery for _, _, delivery in found]


def _as_they_wait(present: World) -> list[Delivery]:
    """Copies of all deliveries that wait: as late as they are, and as far in their chains."""
    chains: dict[int, Chain] = {}
    copies: dict[Delivery, Delivery] = {}
    for waiting in present.waiting:
        path: list[Delivery] = []
        link: Delivery | None = waiting
        while link is not None and link not in copies:
            path.append(link)
            link = link.parent
        for each in reversed(path):
            chain = chains.setdefault(id(each.chain), [*each.chain])
            parent = None if each.parent is None else copies[each.parent]
            twin = Delivery(each.row, each.step, each.names, chain, parent)
            copies[each] = Delayed(twin, each.by) if isinstance(each, Delayed) and each.by else twin
    return [copies[waiting] for waiting in present.waiting]


def _out_of_order(journal: Journal, events: set[int]) -> bool:
    """Whether a fault changed the order of deliveries of some events."""
    if not events:
        return False
    return any(
        row[KIND_AT] == FAULT and row[CAUSE_AT] in events and row[_FAULT] in ("delay", "shuffle")
        for row in journal.rows[max(0, min(events) - journal.first_step) :]
    )


def waited(present: World, end: int) -> list[tuple[int, tuple[str, str]]]:
    """Which deliveries waited after a step, as far as their events were recorded.

    Args:
        present: the world as it is now.
        end: the last step of a unit of work.

    Returns:
        For each the step of the event, and the names of the handler and its method; in the order in which
        they were made since, then those that wait still.
    """
    still = ((d.step, (d.handler, d.method)) for d in present.waiting if d.step is not None and d.step <= end)
    return [*made_later(present, end), *still]


def made_later(present: World, end: int) -> Iterator[tuple[int, tuple[str, str]]]:
    """The deliveries that waited after a step, and were made or dropped since.

    Args:
        present: the world as it is now.
        end: the last step of a unit of work.

    Yields:
        The step of the event, and the names of the handler and its method; the same twice where a fault
        let it be delivered twice.
    """
    journal = present.journal
    for row in journal.rows[max(0, end + 1 - journal.first_step) :]:
        kind, cause = row[KIND_AT], row[CAUSE_AT]
        if cause is None or cause > end or row[CHAIN_AT] > cause:  # the last: a projection is rebuilt
            continue
        if kind == HANDLED and not row[_WAITS]:
            yield cause, (row[_HANDLER], row[_DELIVERED_TO])
        elif kind == SKIPPED and row[_RULE] in NOT_MADE:
            yield cause, (row[_HANDLER], row[_METHOD])
