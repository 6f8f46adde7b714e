"""When a widget's callback may run: in the main thread, between cells.

A front end may send a widget's messages to a thread of the kernel's own ("subshells", JupyterLab 4.4 and
later), so that they come while a cell runs; others let them wait. Here they wait in any case: then nothing
runs at the same time as a cell, and an interrupt reaches what a callback runs as it reaches a cell.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ddd_kit.notebook.cells import on_cell_end, running_cell

Callback = Callable[[], None]
_waiting: deque[Callback] = deque()
_listening: list[Callback] = []


def take_turn(callback: Callback) -> None:
    """Run something in the main thread, now or when the running cell has ended.

    Args:
        callback: deals with its own errors.
    """
    _waiting.append(callback)
    if running_cell() is not None:
        _listen()
    elif threading.current_thread() is threading.main_thread() or not _hand_over():
        _run_all()


def _listen() -> None:
    if not _listening:
        _listening.append(on_cell_end(lambda _: _run_all()))


def _hand_over() -> bool:
    """Let the main thread's event loop go on; False where there is none."""
    loop = getattr(getattr(_shell(), "kernel", None), "io_loop", None)
    if loop is None:
        return False
    loop.add_callback(_run_between_cells)
    return True


def _shell() -> Any:
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return get_ipython() if get_ipython is not None else None


def _run_between_cells() -> None:
    if running_cell() is not None:  # one that awaits something, and lets the loop go on meanwhile
        _listen()
    else:
        _run_all()


def _run_all() -> None:
    while _listening:
        _listening.pop()()
    while _waiting:
        with _interruptible():
            _waiting.popleft()()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let an interrupt raise KeyboardInterrupt, which a kernel ignores between cells."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
