"""Tells the journal which cell runs, and takes out of the model what a cell no longer defines."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from ddd_kit.engine.context import living_engines
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.registry import Registered
from ddd_kit.journal.origin import Origin, current_origin
from ddd_kit.notebook.formatters import register

_MARK = "_ddd_kit_cells"


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
    register(shell)


@dataclass(slots=True, eq=False)
class _Run:
    """A cell that runs: what came before it, and what its earlier runs left."""

    info: Any
    origin: Origin
    previous: Origin
    earlier: list[tuple[Engine, Registered]]

    def is_of(self, info: Any) -> bool:
        """Whether it is the run that IPython speaks of, which may do so with a copy."""
        mine = self.info
        return mine is info or (mine.raw_cell, _id_of(mine)) == (info.raw_cell, _id_of(info))


class CellHooks:
    """What happens before and after each cell.

    Args:
        shell: an `InteractiveShell`.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._runs: list[_Run] = []
        self._classes: dict[str, set[str]] = {}

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
        while self._runs:
            _restore(self._runs.pop())

    def begin(self, info: Any) -> None:
        """A cell begins: its entries bear its name, and what is gone from its source leaves the model.

        Args:
            info: IPython's `ExecutionInfo`.
        """
        outer = current_origin.get()
        run = _Run(info, self._origin_of(info, outer), outer, [])
        self._runs.append(run)
        current_origin.set(run.origin)
        if _id_of(info) is not None:
            self._retire_gone(run)
            run.earlier = list(self._defined_by(run.origin.cell_id))

    def end(self, result: Any) -> None:
        """A cell ended: what it defined in an earlier run, and not in this one, leaves the model.

        Args:
            result: IPython's `ExecutionResult`, or None after some interrupts.
        """
        run = self._ended(result)
        if run is None:
            return
        _restore(run)
        if run.earlier and result is not None and result.success:
            token = current_origin.set(run.origin)
            try:
                self._retire_missing(run)
            finally:
                current_origin.reset(token)

    def _origin_of(self, info: Any, outer: Origin) -> Origin:
        if not info.store_history:  # it has no number, as what a widget runs, or a cell within a cell
            return Origin(outer.label, _id_of(info) or outer.cell_id)
        # Some versions of IPython count up before a cell runs, others after; its display hook knows.
        return Origin(f"In [{self._shell.displayhook.prompt_count}]", _id_of(info))

    def _ended(self, result: Any) -> _Run | None:
        runs = self._runs
        run = next((r for r in reversed(runs) if result is None or r.is_of(result.info)), None)
        if run is not None:
            runs.remove(run)
        return run

    def _retire_gone(self, run: _Run) -> None:
        """What stood in the source the last time, and does not any more: before the rest of the cell runs."""
        cell = run.origin.cell_id
        assert cell is not None
        classes = classes_in(run.info.raw_cell, self._shell.transform_cell)
        if classes is None:
            return
        gone = self._classes.get(cell, set()) - classes
        self._classes[cell] = classes
        for engine, element in list(self._defined_by(cell)):
            if element.name in gone:
                _retire(engine, element)

    def _retire_missing(self, run: _Run) -> None:
        earlier = {element for _, element in run.earlier}
        now = [element for _, element in self._defined_by(run.origin.cell_id)]
        again = {element.name for element in now if element not in earlier}
        for engine, element in run.earlier:
            if element.name not in again:  # else it is in a newer domain, and the older one keeps its own
                _retire(engine, element)

    def _defined_by(self, cell: str | None) -> Iterator[tuple[Engine, Registered]]:
        """What a cell defined itself; a module that it imports defines its elements only once."""
        module = self._shell.user_module.__name__
        for engine in living_engines():
            for element in list(engine.registry.elements.values()):
                if element.cell_id == cell and element.cls.__module__ == module:
                    yield engine, element


def _restore(run: _Run) -> None:
    # An asynchronous cell runs in a context of its own: then there is nothing to put back here.
    if current_origin.get() is run.origin:
        current_origin.set(run.previous)


def _retire(engine: Engine, element: Registered) -> None:
    if engine.registry.elements.get(element.name) is element:
        engine.retire(element.name)


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


def classes_in(source: str, transform: Callable[[str], str]) -> set[str] | None:
    """The classes that a cell defines, cell magics and functions included.

    Args:
        source: of the cell, as it was typed.
        transform: makes Python of what only IPython understands.

    Returns:
        Their names, or None for a source that is no Python.

    Example:
        >>> classes_in("class Order: ...", str)
        {'Order'}
    """
    try:
        tree = ast.parse(transform(source))
    except (SyntaxError, ValueError):
        return None
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Call):
            names |= classes_in(_magic_body(node), transform) or set()
    return names


def _magic_body(call: ast.Call) -> str:
    """The cell below a cell magic, as `%%time`."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "run_cell_magic" and len(call.args) == 3:
        body = call.args[2]
        if isinstance(body, ast.Constant) and isinstance(body.value, str):
            return body.value
    return ""
