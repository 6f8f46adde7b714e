"""Keeps open workbenches up to date: after each cell, now and then inside a long one, and between cells.

Between cells tasks and threads that a cell began may go on. The kernel's own event loop looks after them: it
runs in the main thread, and while no cell does.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextvars import Context
from typing import Protocol

from ddd_kit.engine.engine import Engine
from ddd_kit.journal.origin import Origin
from ddd_kit.notebook.cells import on_cell_begin, on_cell_end, running_cell

PAUSE = 1.0  # seconds between two drawings inside a cell or between cells, at least
SHARE = 0.06  # of that time at most goes into drawing


class Shown(Protocol):
    """What is kept up to date."""

    @property
    def domain(self) -> Engine:
        """What it shows."""

    def cell_began(self, origin: Origin) -> None:
        """A cell begins to run."""

    def cell_ended(self, origin: Origin) -> None:
        """A cell has ended, well or not."""

    def glance(self) -> None:
        """Show what has changed inside a cell that still runs; in a thread of its own."""

    def catch_up(self) -> None:
        """Show what has changed since the last cell, if anything has; in the main thread, between cells."""

    def refresh(self) -> None:
        """Show the present state."""


_open: list[Shown] = []
_hooks: list[Callable[[], None]] = []
_ticker: list[_Ticker] = []
_timer: list[asyncio.TimerHandle] = []
_cost = [0.0]  # seconds that the last drawing inside a cell took
_cost_between = [0.0]  # the same between cells


def watch(shown: Shown) -> None:
    """Keep something up to date.

    Args:
        shown: until `forget` is called with it.
    """
    _open.append(shown)
    if not _hooks:
        _hooks.extend([on_cell_begin(_begin), on_cell_end(_end)])
    _set_timer()


def forget(shown: Shown) -> None:
    """Leave something as it is; when nothing is watched any more, nothing of this is left behind.

    Args:
        shown: what `watch` was called with; what is not watched is ignored.
    """
    _open[:] = [each for each in _open if each is not shown]
    if not _open:
        while _hooks:
            _hooks.pop()()
        _stop_timer()


def watched() -> list[Shown]:
    """What is kept up to date, in order of opening."""
    return list(_open)


def refresh_all(engine: Engine) -> None:
    """Show the present state of a domain everywhere.

    Args:
        engine: the domain.
    """
    for shown in watched():
        if shown.domain is engine:
            shown.refresh()


def _begin(origin: Origin) -> None:
    for shown in watched():
        shown.cell_began(origin)
    if _open:
        _ticker.append(_Ticker())


def _end(origin: Origin) -> None:
    while _ticker:
        _ticker.pop().stop()
    for shown in watched():
        shown.cell_ended(origin)
    _set_timer()


def _set_timer() -> None:
    """Look again in a while, if anything is watched; where the main thread has no event loop, never."""
    if threading.current_thread() is not threading.main_thread():
        return
    _stop_timer()
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # as in a terminal
        return
    if _open:
        # In a context of its own: what a cell set there, as its origin, is not kept.
        _timer.append(loop.call_later(_rest(_cost_between[0]), _between_cells, context=Context()))


def _stop_timer() -> None:
    while _timer:
        _timer.pop().cancel()


def _between_cells() -> None:
    try:
        if running_cell() is None:  # one that awaits something lets the loop go on, and has a ticker
            _cost_between[0] = _seconds(lambda shown: shown.catch_up())
    finally:
        _set_timer()


def _rest(cost: float) -> float:
    """Seconds until the next drawing, after one that took so many."""
    return max(PAUSE, cost / SHARE)


def _seconds(draw: Callable[[Shown], None]) -> float:
    """What it takes to draw all that is watched."""
    start = time.perf_counter()
    for shown in watched():
        draw(shown)
    return time.perf_counter() - start


class _Ticker:
    """Draws now and then while a cell runs, in a thread of its own; where there are no threads, never."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ddd_kit workbench", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # as in a browser's kernel
            self._over.set()

    def stop(self) -> None:
        """Wait until a drawing that has begun is done, so that the last one is drawn last."""
        if not self._over.is_set():
            self._over.set()
            self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_rest(_cost[0])):
            _cost[0] = _seconds(lambda shown: shown.glance())
