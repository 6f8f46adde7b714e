"""A correlation id that is given with a command: all that comes of it bears the id."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from ddd_kit.building_blocks.message import set_raised
from ddd_kit.engine.head import NO_LINEAGE, Head, Lineage

if TYPE_CHECKING:
    from ddd_kit.building_blocks.message import Command
    from ddd_kit.engine.unit import Unit

CORRELATION = "_correlation_id"  # among the extensions of a command, which nobody sees


class _Correlated:
    """Stands above a command whose correlation id was given: all that comes of it inherits the id."""

    def __init__(self, parent: Head | None, correlation_id: str) -> None:
        self._parent = parent
        self.delivery = parent.delivery if parent else None
        inherited: Lineage = parent.lineage if parent else NO_LINEAGE
        self.lineage = inherited._replace(correlation_id=correlation_id)

    @property
    def step(self) -> int | None:
        return self._parent.step if self._parent else None

    @property
    def chain(self) -> int:
        return self._parent.chain if self._parent else 0


Take = Callable[["Command", "Unit"], Any]


def correlating(take: Take, correlation_id: str) -> Take:
    """How a command is taken whose correlation id is given.

    Args:
        take: how others are taken.
        correlation_id: what all that comes of it shares.

    Returns:
        The same, with the id.
    """
    return partial(_taken, take, correlation_id)


def _taken(take: Take, correlation_id: str, command: Command, unit: Unit) -> Any:
    __tracebackhide__ = True
    known = command._raised[3] if command._raised is not None else ()
    set_raised(command, (None, "", 0, (*known, (CORRELATION, correlation_id))))
    parent = unit.head
    unit.head = cast(Any, _Correlated(parent, correlation_id))
    try:
        return take(command, unit)
    finally:
        unit.head = parent
