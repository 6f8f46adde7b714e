"""Runs in the browser's Python before the first cell: an extension of IPython, in a wheel of its own.

Pyodide loads a package of its distribution when a *cell* imports it. Behind `journal.to_frame()` and
`domain.chart()` it is ddd_kit that imports pandas and matplotlib; here that works the same, for readers who
are online. Offline the import fails as ever, and ddd_kit says what is missing.
"""

import sys
from collections.abc import Callable
from functools import wraps
from importlib import invalidate_caches
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

PACKAGES = ("matplotlib", "pandas")


class FromPyodide(MetaPathFinder):
    """Asked last: fetches a package that nobody else has found."""

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Where `name` is, once it has been fetched; None if it is not one of ours, or cannot be had."""
        if name not in PACKAGES:
            return None
        from js import navigator
        from pyodide.ffi import can_run_sync, run_sync
        from pyodide_js import loadPackage

        # Without JSPI, Python in this browser cannot wait for a download.
        if not navigator.onLine or not can_run_sync():
            return None
        run_sync(loadPackage(name))
        invalidate_caches()
        return PathFinder.find_spec(name)


def load_ipython_extension(shell: Any) -> None:
    """What IPython calls."""
    sys.meta_path.append(FromPyodide())
    for name in ("run_cell", "run_cell_async"):
        setattr(shell, name, _telling_the_cell(shell, getattr(shell, name)))


def _telling_the_cell(shell: Any, run: Callable[..., Any]) -> Callable[..., Any]:
    """The same method, told which cell of the page runs, as in JupyterLab with a server.

    So a cell that runs again takes back what it defined before, and its workbench takes the old one's place.
    """

    @wraps(run)
    def told(*arguments: Any, cell_id: str | None = None, **more: Any) -> Any:
        metadata = (shell.kernel.get_parent() or {}).get("metadata") or {}
        return run(*arguments, cell_id=cell_id or metadata.get("cellId"), **more)

    return told
