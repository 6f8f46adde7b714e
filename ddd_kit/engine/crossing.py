"""How an event gets into another domain: a delivery at the border, and what it leads to on the other side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from ddd_kit.building_blocks.element import OPTIONS, Kind
from ddd_kit.building_blocks.handler import ANY
from ddd_kit.engine.commit import commit
from ddd_kit.engine.context import active_engine, newest
from ddd_kit.engine.incoming import receive
from ddd_kit.engine.process import pass_by
from ddd_kit.engine.registry import BORDER, CROSS, Registered
from ddd_kit.journal.entry import EVENT, Row, place

if TYPE_CHECKING:
    from ddd_kit.engine.delivery import Delivery
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.head import DeliveryHead
    from ddd_kit.engine.running import Running

_AGGREGATE, _TYPE, _VERSION = place(EVENT, "aggregate"), place(EVENT, "type"), place(EVENT, "type_version")
# The domains whose deliveries are being made further up, each of which waits for the next.
_on_the_way: ContextVar[tuple[Running, ...]] = ContextVar("ddd_kit_on_the_way", default=())


class Crossing:
    """Hands an event over to another domain; in the place of a handler.

    Args:
        name: of the other domain.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def receive(self, event: Any) -> None:  # noqa: ARG002 - the row says it as it was written
        """Hand an event over.

        Args:
            event: the event, as this domain has it.

        Raises:
            Exception: what a handler of the other domain raised; several as an `ExceptionGroup`.
        """
        __tracebackhide__ = True
        here = active_engine.get()
        assert here is not None
        if here.trunk is not None:
            pass_by(here, "fork", self.name, here.name)
            return
        there = newest(self.name)
        if there is None:
            pass_by(here, "retired", f"{BORDER}{self.name}", "")
            return
        delivery = _let_go(here)
        _hand_over(here, there, delivery)


def border(name: str) -> Registered:
    """What takes deliveries to another domain.

    Args:
        name: of the other domain.

    Returns:
        An element that is part of no model.
    """
    options = dict(OPTIONS[Kind.EVENT_HANDLER])
    element = Registered(BORDER + name, Kind.EVENT_HANDLER, Crossing, options, methods=((CROSS, ANY),))
    element.instance = partial(Crossing, name)
    return element


def _let_go(here: Running) -> Delivery:
    """End the delivery well on this side: what happens on the other does not undo it."""
    world = here.world
    unit = world.unit
    assert unit is not None
    delivery = cast("DeliveryHead", unit.delivery).delivery
    commit(here, world, unit)
    unit.delivery = unit.head = None
    world.unit = None
    return delivery


def _hand_over(here: Running, there: Engine, delivery: Delivery) -> None:
    __tracebackhide__ = True
    row = delivery.row
    with there.lock:
        name = there.registry.called_here(here.name, row[_TYPE], row[_VERSION])
        if name is None:
            return
        unit = receive(there, row, name, f"{here.name}.{row[_AGGREGATE]}")
        _one_chain(there, delivery)
        busy = there in _on_the_way.get() or there is here
        if not busy and there.world.unit is None:
            with _through(here):
                there.work_off(unit)


def _one_chain(there: Running, delivery: Delivery) -> None:
    """Count what follows with what led to it, so that a circle through several domains ends."""
    waiting = there.world.waiting
    row: Row | None = there.world.events.rows[-1][1]
    for queued in reversed(waiting):
        if queued.row is not row:
            break
        queued.chain = delivery.chain


@contextmanager
def _through(here: Running) -> Iterator[None]:
    token = _on_the_way.set((*_on_the_way.get(), here))
    try:
        yield
    finally:
        _on_the_way.reset(token)
