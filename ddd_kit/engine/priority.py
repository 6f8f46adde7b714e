"""Priorities, as Protean's servers know them; there is no server in a kernel, so that they are only told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum


class Priority(IntEnum):
    """How urgent a message is for a server of Protean's; here nothing waits behind anything else."""

    BULK = -100
    LOW = -50
    NORMAL = 0
    HIGH = 50
    CRITICAL = 100


_current: ContextVar[int] = ContextVar("priority", default=Priority.NORMAL)


@contextmanager
def processing_priority(priority: int) -> Iterator[None]:
    """Name a priority for what is processed in a block; accepted as Protean's, without effect on the order.

    Args:
        priority: one of `Priority`, or any number; higher is more urgent.

    Example:
        >>> with processing_priority(Priority.LOW):
        ...     current_priority()
        <Priority.LOW: -50>
    """
    token = _current.set(priority)
    try:
        yield
    finally:
        _current.reset(token)


def current_priority() -> int:
    """The priority that the innermost `processing_priority` named; `NORMAL` outside.

    Returns:
        The priority.

    Example:
        >>> current_priority()
        <Priority.NORMAL: 0>
    """
    return _current.get()
