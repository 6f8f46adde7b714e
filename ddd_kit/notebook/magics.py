"""What one types with a `%`: `%%trace`, `%why`, `%domain`."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from textwrap import shorten
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.context import current_engine, living_engines, newest
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.explain import WhyNot
from ddd_kit.exceptions import IncorrectUsageError, did_you_mean
from ddd_kit.journal.causality import Why
from ddd_kit.notebook import asking
from ddd_kit.notebook.tracing import Tracer
from ddd_kit.views.markup import counted

_WAYS = "%trace on is for every later cell, %trace off ends that, %%trace on its first line is for one cell."


@magics_class
class ModelMagics(Magics):
    """The magics of the kit.

    Args:
        shell: an `InteractiveShell`.
        tracer: shows what cells cause.
    """

    def __init__(self, shell: Any, tracer: Tracer) -> None:
        super().__init__(shell)
        self._shell = shell
        self._tracer = tracer

    @no_var_expand
    @line_cell_magic
    def trace(self, line: str, cell: str | None = None) -> None:
        """Show below a cell what it caused: commands, events, handlers and changed fields, as a tree.

        `%%trace` on the first line shows it for this cell; everything else in the cell works as without it.
        `%trace on` shows it for every later cell, `%trace off` ends that, `%trace` says which it is.
        """
        if cell is not None:  # called by code; in a cell the heading was made a line magic
            self._trace_body(line, cell)
            return
        wanted = line.split()
        if wanted == ["cell"]:
            self._tracer.watch()
        elif wanted == ["on"]:
            self._tracer.start()
        elif wanted == ["off"]:
            self._tracer.stop()
        elif not wanted:
            _say(f"Trace is {'on' if self._tracer.every_cell else 'off'}. {_WAYS}")
        else:
            raise UsageError(_no_way(line.strip()))

    def _trace_body(self, line: str, cell: str) -> None:
        if line.strip():
            raise UsageError(_no_way(f"cell {line}"))
        self._tracer.watch()
        self._shell.run_cell(cell).raise_error()

    @no_var_expand
    @line_magic
    def why(self, line: str) -> Why | WhyNot:
        """Why a field has its value, or why an event handler did not run.

        `%why inventory.in_stock` goes back from a value to the cell that led to it; any expression that ends
        in a field will do, as `orders[0].status`. `%why ManageInventory` tells which rule kept the handler
        from the latest event that it did not take, `%why ManageInventory OrderShipped` from one of a kind.
        """
        return asking.answer(line, self._shell.user_ns)

    @line_magic
    def domain(self, line: str) -> None:
        """Which domain is the current one, what is in it, and which others there are."""
        if line.strip():
            raise UsageError(
                f"%domain takes nothing, not {line.strip()!r}: it says which domain is the current one. "
                "`with other.domain_context():` makes another one current for a block."
            )
        gc.collect()  # a domain whose cell ran again lives on until then
        try:
            current = current_engine()
        except IncorrectUsageError as error:
            _say(str(error))
            return
        others = [e for e in living_engines() if e is not current and self._is_to_be_told_of(e)]
        _say(f"{self._named(current)}: {_entries(current)}", *_elements(current))
        for other in sorted(others, key=lambda engine: engine.name):
            _say(f"Another: {self._named(other)}: {_entries(other)}")

    def _is_to_be_told_of(self, engine: Engine) -> bool:
        """Not one whose cell ran again, and which only old outputs in `Out` still hold."""
        return newest(engine.name) is engine or bool(self._variables(engine))

    def _named(self, engine: Engine) -> str:
        """With the variables that hold it, as several may have the same name."""
        names = self._variables(engine)
        return f"{engine.name} (`{'`, `'.join(names)}`)" if names else engine.name

    def _variables(self, engine: Engine) -> list[str]:
        return [n for n, value in self._shell.user_ns.items() if value is engine and not n.startswith("_")]


def _entries(engine: Engine) -> str:
    elements, entries = len(engine.registry.elements), len(engine.journal)
    return f"{counted(elements, 'element')}, {counted(entries, 'journal entry', 'journal entries')}"


def _elements(engine: Engine) -> Iterator[str]:
    for kind in Kind:
        names = [element.name for element in engine.registry.of_kind(kind)]
        if names:
            yield shorten(f"{counted(len(names), kind.value)}: {', '.join(names)}", 100, placeholder=" ...")


def _say(first: str, *lines: str) -> None:
    print(first, *lines, sep="\n  ")  # noqa: T201 - a magic answers in words


def _no_way(given: str) -> str:
    if given.split()[:1] == ["cell"]:
        return f"%%trace takes nothing after it, not {given[5:].strip()!r}. {_WAYS}"
    hint = did_you_mean(given, ["on", "off"]) or "."
    return f"%trace takes on or off, not {given!r}{hint} {_WAYS}"
