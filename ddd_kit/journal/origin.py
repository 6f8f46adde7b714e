"""Where entries come from: the cell, or what stands for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Origin(NamedTuple):
    """What runs: its label, as `In [6]`, and the front end's id of the cell, where it gives one."""

    label: str | None = None
    cell_id: str | None = None


NOWHERE = Origin()
current_origin: ContextVar[Origin] = ContextVar("ddd_kit_origin", default=NOWHERE)


@contextmanager
def origin(label: str, cell_id: str | None = None) -> Iterator[None]:
    """Say where the entries written in this block come from.

    Args:
        label: what people read, as `Try it`.
        cell_id: the id of the cell, if it is one.

    Example:
        >>> with origin("Try it"):
        ...     current_origin.get().label
        'Try it'
    """
    token = current_origin.set(Origin(label, cell_id))
    try:
        yield
    finally:
        current_origin.reset(token)
