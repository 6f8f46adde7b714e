"""What a unit of work does something for: a command, or the delivery of an event."""

from __future__ import annotations

from time import perf_counter
from typing import Any, NamedTuple

from ddd_kit.building_blocks.message import Command
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.names import without_command
from ddd_kit.journal.entry import (
    CALLED,
    COMMAND,
    EVENT,
    FAILED,
    HANDLED,
    INTERRUPTED,
    OK,
    RETRIED,
    UNDONE,
    Row,
    place,
)

_STREAM, _CATEGORY, _SEQUENCE = place(EVENT, "stream"), place(EVENT, "category"), place(EVENT, "sequence_id")
_CAUSES, _CORRELATION = place(EVENT, "causes"), place(EVENT, "correlation_id")
_CHAIN = place(EVENT, "chain")


# Aggregates that would have been saved: name, identity, field names, values before and after.
Lost = tuple[tuple[Any, ...], ...]


class Lineage(NamedTuple):
    """What an event inherits from what it came about because of.

    Attributes:
        causes: the categories of all messages that led to it, the nearest last.
        origin_stream: the stream of the nearest.
        correlation_id: shared by all that one message led to.
        causation_id: the id of the nearest.
    """

    causes: tuple[str, ...] = ()
    origin_stream: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None


NO_LINEAGE = Lineage()


def _joined(causes: tuple[str, ...], category: str) -> tuple[str, ...]:
    """Each category once, so that an endless chain does not grow."""
    category = without_command(category)
    return causes if category in causes else (*causes, category)


class CommandHead:
    """A command that is being processed.

    Args:
        command: the command.
        address: who takes it, its category, its stream and its id.
        parent: what it is processed in, or None.

    Attributes:
        step: its step, once it is known; None where nothing is recorded.
        delivery: the delivery that it is processed in, or None.
        lineage: what the events inherit that it leads to.
        written: what the journal got, once it did.
    """

    __slots__ = ("_command", "_error", "_handler", "_outcome", "_parent", "_started", "_stream", "_took",
                 "chain", "delivery", "lineage", "message_id", "step", "written")  # fmt: skip

    def __init__(
        self, command: Command, address: tuple[str | None, str, str, str], parent: Head | None
    ) -> None:
        handler, category, stream, message_id = address
        self._command = (
            command._schema.element,
            command._schema.names,
            command._schema.snapshot(command.__dict__),
        )
        self._handler = handler
        self._stream = stream
        self._parent = parent
        self._outcome: str | None = None
        self._error: str | None = None
        self._took = 0.0
        self.message_id = message_id
        self.written: Row = ()
        self.step: int | None = None
        self.chain = 0
        self.delivery: Delivery | None = parent.delivery if parent else None
        inherited: Lineage = parent.lineage if parent else NO_LINEAGE
        self.lineage: Lineage = Lineage(
            _joined(inherited.causes, category), stream, inherited.correlation_id or message_id, message_id
        )
        self._started = perf_counter()

    def end(self, error: BaseException | None = None) -> None:
        """Note the time, and the error if it failed."""
        self._took = perf_counter() - self._started
        if error is not None:
            self._outcome = FAILED if isinstance(error, Exception) else INTERRUPTED
            self._error = told(error)

    def row(self, step: int, cell: str | None, at: float, lost: Lost | None) -> Row:
        """What the journal gets.

        Args:
            step: its step.
            cell: where it comes from.
            at: the time.
            lost: what would have changed where the unit of work was undone, else None.

        Returns:
            A row of the kind `command`.
        """
        self.step = step
        parent = self._parent
        self.chain = (parent.chain if parent else 0) or step
        cause = parent.step if parent else None
        outcome = self._outcome or (OK if lost is None else UNDONE)
        self.written = (
            COMMAND, cause, self.chain, cell, at, *self._command, self._stream, self._handler,
            self._took, outcome, self._error, self.message_id,
        )  # fmt: skip
        return self.written


class CallHead:
    """A method of a service that runs.

    Args:
        service: the name of its class.
        method: its name.
        parent: what it is called in, or None.

    Attributes:
        step: its step, once it is known; None where nothing is recorded.
        chain: the step that began the chain.
        delivery: the delivery that it is called in, or None.
        lineage: what the events inherit that are raised in it.
    """

    def __init__(self, service: str, method: str, parent: Head | None) -> None:
        self._names = (service, method)
        self._parent = parent
        self._outcome: str | None = None
        self._error: str | None = None
        self._took = 0.0
        self.step: int | None = None
        self.chain = 0
        self.delivery: Delivery | None = parent.delivery if parent else None
        self.lineage: Lineage = parent.lineage if parent else NO_LINEAGE
        self._started = perf_counter()

    def end(self, error: BaseException | None = None) -> None:
        """Note the time, and the error if it failed."""
        self._took = perf_counter() - self._started
        if error is not None:
            self._outcome = FAILED if isinstance(error, Exception) else INTERRUPTED
            self._error = told(error)

    def row(self, step: int, cell: str | None, at: float, lost: Lost | None) -> Row:
        """What the journal gets.

        Args:
            step: its step.
            cell: where it comes from.
            at: the time.
            lost: what would have changed where the unit of work was undone, else None.

        Returns:
            A row of the kind `called`.
        """
        self.step = step
        parent = self._parent
        self.chain = (parent.chain if parent else 0) or step
        cause = parent.step if parent else None
        outcome = self._outcome or (OK if lost is None else UNDONE)
        return (CALLED, cause, self.chain, cell, at, *self._names, self._took, outcome, self._error)


class DeliveryHead:
    """A delivery that is being made.

    Args:
        delivery: the event on its way.
        method: the name of the method that runs.
        attempt: 1 for the first.

    Attributes:
        outcome: how the attempt went, as the journal says it.
        step: its step, once it is known; None where nothing is recorded.
        chain: the step that began the chain.
        waits: whether the delivery still has to be made; once it failed.
    """

    __slots__ = ("_error", "_started", "attempt", "chain", "delivery", "method", "outcome", "step", "waits")
    _error: str
    step: int | None
    chain: int
    waits: bool

    def __init__(self, delivery: Delivery, method: str, attempt: int) -> None:
        self.delivery = delivery
        self.method = method
        self.attempt = attempt
        self.outcome = OK
        self._started = perf_counter()

    @property
    def lineage(self) -> Lineage:
        """What the events inherit that it leads to; most deliveries lead to none."""
        row = self.delivery.row
        message_id = f"{row[_STREAM]}-{row[_SEQUENCE]}"
        causes = _joined(row[_CAUSES], row[_CATEGORY])
        return Lineage(causes, row[_STREAM], row[_CORRELATION] or message_id, message_id)

    def fail(self, error: BaseException, again: tuple[type[Exception], ...], kept: bool) -> None:
        """Note that the attempt failed.

        Args:
            error: what was raised.
            again: the errors after which the delivery is tried again.
            kept: whether the delivery goes on waiting when the attempt fails for good.
        """
        self._error = told(error)
        if not isinstance(error, Exception):
            self.outcome, self.waits = INTERRUPTED, True
        elif isinstance(error, again):
            self.outcome, self.waits = RETRIED, True
        else:
            self.outcome, self.waits = FAILED, kept

    def row(self, step: int, cell: str | None, at: float, lost: Lost | None) -> Row:
        """What the journal gets; the time that the attempt took ends here.

        Args:
            step: its step.
            cell: where it comes from.
            at: the time, in seconds since 1970 (UTC).
            lost: what would have changed where the unit of work was undone, else None.

        Returns:
            A row of the kind `handled`.
        """
        delivery, outcome = self.delivery, self.outcome
        error, waits = (None, False) if outcome == OK else (self._error, self.waits)
        handler, method, event = delivery.names
        self.step = step
        self.chain = chain = delivery.row[_CHAIN] or step
        return (
            HANDLED, delivery.step, chain, cell, at, handler, self.method, method, event, self.attempt,
            perf_counter() - self._started, outcome, error, waits, lost or (),
        )  # fmt: skip


Head = CommandHead | DeliveryHead | CallHead


def told(error: BaseException) -> str:
    """An error as the journal keeps it.

    Args:
        error: what was raised.

    Returns:
        Its type and its text; a text that cannot be made is left out.

    Example:
        >>> told(ValueError("no stock"))
        'ValueError: no stock'
    """
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a broken text must not hide the error
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
