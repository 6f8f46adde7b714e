"""Takes out of the model what a cell defined in an earlier run, and does not define any more."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from ddd_kit.engine.context import living_engines
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.registry import Registered

Defined = list[tuple[Engine, Registered]]


class Retiring:
    """What the cells of a shell define.

    Args:
        shell: an `InteractiveShell`.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._classes: dict[str, set[str]] = {}

    def begin(self, cell: str, source: str) -> Defined:
        """Retire what stood in the source the last time, and does not any more: before the cell runs.

        Args:
            cell: the id of the cell.
            source: of the cell, as it was typed.

        Returns:
            What else its earlier runs left.
        """
        classes = classes_in(source, self._shell.transform_cell)
        if classes is not None:
            gone = self._classes.get(cell, set()) - classes
            self._classes[cell] = classes
            for engine, element in list(self._defined_by(cell)):
                if element.name in gone:
                    _retire(engine, element)
        return list(self._defined_by(cell))

    def end(self, cell: str | None, earlier: Defined) -> None:
        """Retire what the run that ended well did not define again.

        Args:
            cell: the id of the cell.
            earlier: what its earlier runs left.
        """
        before = {element for _, element in earlier}
        now = [element for _, element in self._defined_by(cell)]
        again = {element.name for element in now if element not in before}
        for engine, element in earlier:
            if element.name not in again:  # else it is in a newer domain, and the older one keeps its own
                _retire(engine, element)

    def _defined_by(self, cell: str | None) -> Iterator[tuple[Engine, Registered]]:
        """What a cell defined itself; a module that it imports defines its elements only once."""
        module = self._shell.user_module.__name__
        for engine in living_engines():
            for element in list(engine.registry.elements.values()):
                if element.cell_id == cell and element.cls.__module__ == module:
                    yield engine, element


def _retire(engine: Engine, element: Registered) -> None:
    if engine.registry.elements.get(element.name) is element:
        engine.retire(element.name)


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
