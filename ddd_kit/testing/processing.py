"""Commands in a domain itself, with all that follows from them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

from ddd_kit.engine.context import current_engine
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.upcasting import revived
from ddd_kit.journal.entry import EVENT, KIND_AT
from ddd_kit.testing.event_log import EventLog


class ProcessResult:
    """What came of a command; `process_and_wait` makes it.

    Args:
        result: what the command's handler returned.
        events: the events that it led to.
        error: what was raised, or None.
    """

    def __init__(self, *, result: Any, events: Iterable[Any], error: Exception | None) -> None:
        self._result, self._events, self._error = result, EventLog(events), error

    @property
    def result(self) -> Any:
        """What the command's handler returned."""
        return self._result

    @property
    def events(self) -> EventLog:
        """The events that it led to, those of handlers too, in order."""
        return self._events

    @property
    def error(self) -> Exception | None:
        """What was raised, or None."""
        return self._error

    @property
    def succeeded(self) -> bool:
        """Whether nothing was raised."""
        return self._error is None

    @property
    def failed(self) -> bool:
        """Whether something was raised."""
        return self._error is not None

    def __repr__(self) -> str:
        return f"<ProcessResult {'failed' if self.failed else 'succeeded'} events={len(self._events)}>"


def process_and_wait(
    command: Any,
    domain: Engine | None = None,
    *,
    until: Callable[[], bool] | None = None,
    max_cycles: int = 5,
) -> ProcessResult:
    """Process a command in the domain itself, and make the deliveries that it leads to, in hold mode too.

    Unlike `given`, this changes what is stored.

    Args:
        command: the command.
        domain: the domain; the current one when None.
        until: stops early once it is true; asked between deliveries.
        max_cycles: as for `drain`.

    Returns:
        What came of it.

    Example:
        >>> from ddd_kit import Domain, handle
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> @domain.command(part_of=Order)
        ... class PlaceOrder: ...
        >>> @domain.command_handler(part_of=Order)
        ... class ManageOrder:
        ...     @handle(PlaceOrder)
        ...     def place(self, command):
        ...         return "placed"
        >>> outcome = process_and_wait(PlaceOrder(), domain)
        >>> outcome, outcome.result
        (<ProcessResult succeeded events=0>, 'placed')
    """
    engine = (domain or current_engine()).standing()
    before = len(engine.world.events.rows)
    result, error = None, None
    try:
        result = engine.process(command)
        if engine.waiting:
            drain(engine, until=until, max_cycles=max_cycles)
    except Exception as raised:  # noqa: BLE001 - the test asks for it
        error = raised
    rows = [row for _, row in engine.world.events.rows[before:] if row[KIND_AT] == EVENT]
    return ProcessResult(result=result, events=[revived(engine.registry, row) for row in rows], error=error)


def drain(
    domain: Engine | None = None, *, until: Callable[[], bool] | None = None, max_cycles: int = 5
) -> int:
    """Make the deliveries that wait, until something is true, or none waits.

    Args:
        domain: the domain; the current one when None.
        until: what is waited for; None for a single round.
        max_cycles: how many rounds there are at most, 1 or more; a round makes all that waits.

    Returns:
        How many rounds there were; a UserWarning says when `until` is still not true after the last.

    Raises:
        ValueError: for less than one round.
        Exception: what a handler raised; several as an `ExceptionGroup`.

    Example:
        >>> from ddd_kit import Domain
        >>> drain(Domain(name="Bookshop"))
        1
    """
    if max_cycles < 1:
        raise ValueError(f"drain(max_cycles={max_cycles!r}): at least 1 round is needed.")
    engine = (domain or current_engine()).standing()
    for cycle in range(1, max_cycles + 1):
        engine.deliver_all()
        if until is None or until():
            return cycle
    warnings.warn(
        f"drain(): `until` is still not true after {max_cycles} rounds, and nothing waits. See max_cycles.",
        UserWarning,
        stacklevel=2,
    )
    return max_cycles
