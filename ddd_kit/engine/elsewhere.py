"""Events that come without their aggregate: as if they had happened elsewhere, or long ago."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import NEVER_SAVED, Aggregate, set_events, set_version
from ddd_kit.building_blocks.element import set_values
from ddd_kit.engine.unit import Unit, run_unit

if TYPE_CHECKING:
    from ddd_kit.building_blocks.message import Event
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.registry import Registered


def publish(engine: Engine, event: Event, owner: Registered, identity: Any) -> None:
    """Append an event to a stream of an aggregate of which nothing is stored, and let handlers take it.

    Args:
        engine: the domain, or a fork of one.
        event: an event that is part of that aggregate; it stays as it is.
        owner: the aggregate, as the model has it.
        identity: whose stream it is.

    Raises:
        IncorrectUsageError: in the past.
        ConfigurationError: when it is part of another aggregate.
        Exception: what a handler raised; several as an `ExceptionGroup`.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> @domain.event(part_of=Order)
        ... class OrderShipped: ...
        >>> publish(domain, OrderShipped(), domain.registry.find("Order"), "o-1")
        >>> domain.stream("order-o-1")
        Stream order-o-1: 1 event
          0 OrderShipped on order-o-1
    """
    __tracebackhide__ = True
    with engine.lock:
        world, unit = engine.open_world(), Unit()
        stored = world.stores[owner.name].rows.get(identity)
        carrier = _carrier(owner.cls, identity, NEVER_SAVED if stored is None else stored[0])
        run_unit(engine, world, unit, _raise, unit, carrier, event, (owner.name, identity))
        engine.work_off(unit)


def _carrier(cls: Any, identity: Any, version: int) -> Aggregate:
    """What raises the event: an aggregate that is never saved, so nothing has to be known of it."""
    carrier: Aggregate = cls.__new__(cls)
    set_values(carrier, {cls._schema.identity: identity})
    set_events(carrier, [])
    set_version(carrier, version)
    return carrier


def _raise(unit: Unit, carrier: Aggregate, event: Event, key: tuple[str, Any]) -> None:
    Aggregate.raise_(carrier, event)
    unit.events.append((carrier._events[-1], carrier, key, None))
