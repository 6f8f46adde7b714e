"""Calls of services: they have a place in the journal, and what happens in them knows it as its cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ddd_kit.engine.batch import note
from ddd_kit.engine.context import active_engine
from ddd_kit.engine.head import CallHead
from ddd_kit.engine.unit import Unit, check_block, run_unit
from ddd_kit.journal.origin import current_origin

if TYPE_CHECKING:
    from ddd_kit.engine.running import Running
    from ddd_kit.engine.world import World


def call(engine: Running, names: tuple[str, str], body: Callable[[], Any], in_unit: bool) -> Any:
    """Let a method of a service run.

    Args:
        engine: the domain.
        names: of the service's class and of the method.
        body: what it does.
        in_unit: whether all that it saves is saved together.

    Returns:
        What the body returns.

    Raises:
        BaseException: what the body raised.
    """
    __tracebackhide__ = True
    with engine.lock:
        world = engine.open_world()
        outer = world.unit
        if not in_unit and outer is None:
            return _beside(engine, world, names, body)
        check_block(engine, outer)
        unit = outer or Unit()
        outside = active_engine.get()
        try:
            active_engine.set(engine.standing() if engine.own else engine)
            if outer is not None:
                return _within(unit, names, body)
            result = run_unit(engine, world, unit, _within, unit, names, body)
        except BaseException as error:
            unit.undone_by = unit.undone_by or (error if in_unit else None)
            raise
        finally:
            active_engine.set(outside)
        engine.work_off(unit)
    return result


def _within(unit: Unit, names: tuple[str, str], body: Callable[[], Any]) -> Any:
    __tracebackhide__ = True
    outer = unit.head
    head = CallHead(*names, outer)
    unit.head = head
    unit.commands += ((None, head),)
    try:
        result = body()
    except BaseException as error:
        head.end(error)
        raise
    finally:
        unit.head = outer
    head.end()
    return result


def _beside(engine: Running, world: World, names: tuple[str, str], body: Callable[[], Any]) -> Any:
    """A call outside of any unit of work: what it saves is saved one by one."""
    __tracebackhide__ = True
    head = CallHead(*names, None)
    try:
        result = body()
    except BaseException as error:
        head.end(error)
        raise
    else:
        head.end()
    finally:
        if engine.config["journal"]:
            step = world.journal.last_step + 1
            world.apply(note([head.row(step, current_origin.get().label, world.now(), None)], step))
    return result
