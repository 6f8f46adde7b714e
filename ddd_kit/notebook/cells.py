"""Tells the journal, and whoever else wants to know, which cell runs."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from ddd_kit.journal.origin import Origin, current_origin
from ddd_kit.notebook import completion, formatters
from ddd_kit.notebook.retiring import Defined, Retiring

_MARK = "_ddd_kit_cells"
CellCallback = Callable[[Origin], object]
_at_begin: dict[object, CellCallback] = {}
_at_end: dict[object, CellCallback] = {}
_running: list[Run] = []


def on_cell_begin(callback: CellCallback) -> Callable[[], None]:
    """Have something called whenever a cell begins, when its entries bear its name already.

    A run within a run, as `%run other.ipynb` makes them, is not told of; nor is a silent run.

    Args:
        callback: takes the origin of the cell; what it raises becomes a RuntimeWarning.

    Returns:
        A function that ends it; calling it again changes nothing.

    Example:
        >>> stop = on_cell_begin(lambda cell: print(cell.label))
        >>> stop()
    """
    return _subscribe(_at_begin, callback)


def on_cell_end(callback: CellCallback) -> Callable[[], None]:
    """Have something called whenever a cell ended, whether it failed, was interrupted or not.

    Args:
        callback: takes the origin of the cell; what it raises becomes a RuntimeWarning.

    Returns:
        A function that ends it; calling it again changes nothing.

    Example:
        >>> stop = on_cell_end(lambda cell: print(cell.label))
        >>> stop()
    """
    return _subscribe(_at_end, callback)


def running_cell() -> Origin | None:
    """The cell that runs in the main thread at this moment; any thread may ask.

    Returns:
        Its origin, and of a run within a run that of the outer one. None between cells, and during a silent
        run.

    Example:
        >>> running_cell() is None
        True
    """
    main = threading.main_thread().ident
    return next((run.origin for run in _running[:] if run.thread == main), None)


def innermost_run() -> Run | None:
    """The run that this very code is in, as the body of a cell magic may be; None where there is none.

    Example:
        >>> innermost_run() is None
        True
    """
    thread = threading.get_ident()
    return next((run for run in reversed(_running) if run.thread == thread), None)


def _subscribe(callbacks: dict[object, CellCallback], callback: CellCallback) -> Callable[[], None]:
    key = object()
    callbacks[key] = callback
    return lambda: callbacks.pop(key, None) and None


def _tell(callbacks: Iterable[CellCallback], cell: Origin) -> None:
    failed = []
    for callback in list(callbacks):
        try:
            callback(cell)
        except Exception as error:  # noqa: BLE001 - neither the cell nor the others are to suffer from it
            name = getattr(callback, "__qualname__", type(callback).__qualname__)
            failed.append(f"{name}, called around a cell, failed with {type(error).__name__}: {error}")
    for text in failed:  # a warning may be an error, and then ends this
        warnings.warn(text, RuntimeWarning, stacklevel=2)


def install(shell: Any) -> None:
    """Let a shell say which cell runs, and show what the kit makes; doing it again changes nothing.

    Args:
        shell: an `InteractiveShell`.
    """
    known = getattr(shell, _MARK, None)
    if isinstance(known, CellHooks):
        return
    if known is not None:  # of a copy of this module that has been reloaded
        known.uninstall()
    hooks = CellHooks(shell)
    setattr(shell, _MARK, hooks)
    hooks.install()
    formatters.register(shell)
    completion.install(shell)


@dataclass(slots=True, eq=False)
class Run:
    """A cell that runs.

    Attributes:
        info: IPython's `ExecutionInfo`.
        origin: what its entries bear.
        previous: what ran before it.
        outermost: whether it is no run within a run.
        thread: where it runs.
        at_end: called with the origin when it has ended.
        earlier: what earlier runs of the cell left in the model.
    """

    info: Any
    origin: Origin
    previous: Origin
    outermost: bool
    thread: int
    at_end: list[CellCallback] = field(default_factory=list)
    earlier: Defined = field(default_factory=list)

    def is_of(self, info: Any) -> bool:
        """Whether it is the run that IPython speaks of, which may do so with a copy."""
        return (self.info.raw_cell, _id_of(self.info)) == (info.raw_cell, _id_of(info))


class CellHooks:
    """What happens before and after each cell.

    Args:
        shell: an `InteractiveShell`.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._runs: list[Run] = []
        self._retiring = Retiring(shell)

    def install(self) -> None:
        """From now on, and for the cell that runs already."""
        self._shell.events.register("pre_run_cell", self.begin)
        self._shell.events.register("post_run_cell", self.end)
        info = _running_now()
        if info is not None and not info.silent:  # no hook will tell of the end of a silent run
            self.begin(info)

    def uninstall(self) -> None:
        """As if it had never been installed."""
        self._shell.events.unregister("pre_run_cell", self.begin)
        self._shell.events.unregister("post_run_cell", self.end)
        for run in self._runs[::-1]:
            self._drop(run)

    def begin(self, info: Any) -> None:
        """A cell begins: its entries bear its name, and what is gone from its source leaves the model.

        Args:
            info: IPython's `ExecutionInfo`.
        """
        self._drop_ended()
        outer = current_origin.get()
        thread = threading.get_ident()
        outermost = all(other.thread != thread for other in _running)
        run = Run(info, self._origin_of(info, outer), outer, outermost, thread)
        self._runs.append(run)
        _running.append(run)
        current_origin.set(run.origin)
        cell = _id_of(info)
        if cell is not None:
            run.earlier = self._retiring.begin(cell, info.raw_cell)
        if outermost:
            _tell(_at_begin.values(), run.origin)

    def end(self, result: Any) -> None:
        """A cell ended: what it defined in an earlier run, and not in this one, leaves the model.

        Args:
            result: IPython's `ExecutionResult`, or None after some interrupts.
        """
        run = self._ended(result)
        if run is None:
            return
        self._drop(run)
        if run.earlier and result is not None and result.success:
            token = current_origin.set(run.origin)
            try:
                self._retiring.end(run.origin.cell_id, run.earlier)
            finally:
                current_origin.reset(token)
        _tell([*run.at_end, *(_at_end.values() if run.outermost else ())], run.origin)

    def _origin_of(self, info: Any, outer: Origin) -> Origin:
        if not info.store_history:  # it has no number, as what a widget runs, or a cell within a cell
            return Origin(outer.label, _id_of(info) or outer.cell_id)
        # Some versions of IPython count up before a cell runs, others after; its display hook knows.
        return Origin(f"In [{self._shell.displayhook.prompt_count}]", _id_of(info))

    def _ended(self, result: Any) -> Run | None:
        runs = self._runs[::-1]
        exact = (run for run in runs if result is not None and run.info is result.info)
        return next(exact, None) or next((r for r in runs if result is None or r.is_of(result.info)), None)

    def _drop(self, run: Run) -> None:
        for runs in (self._runs, _running):
            if run in runs:
                runs.remove(run)
        # An asynchronous cell runs in a context of its own: then there is nothing to put back here.
        if current_origin.get() is run.origin:
            current_origin.set(run.previous)

    def _drop_ended(self) -> None:
        """The run whose end an interrupt kept from us."""
        last = self._shell.last_execution_result
        for run in [run for run in self._runs if last is not None and run.info is last.info]:
            self._drop(run)


def _id_of(info: Any) -> str | None:
    return getattr(info, "cell_id", None)


def _running_now() -> Any:
    """IPython's record of the cell that runs at this moment, or None: no hook tells of it once it runs."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "run_cell_async" and "info" in frame.f_locals:
            return frame.f_locals["info"]
        frame = frame.f_back
    return None
