"""Lets a cell begin with `%%trace` and be, for the rest, the cell that it would be without it."""

from __future__ import annotations

import re

from IPython.core.inputtransformer2 import cell_magic

_HEADING = re.compile(r"%%trace(?![\w?])(.*)")


class TraceHeading:
    r"""Makes a line magic of the first line of a cell.

    A cell magic would get the rest as a text, which it cannot run as IPython runs cells: with `await`, line
    numbers, and the classes that a cell defines.

    Attributes:
        has_side_effects: IPython does not try it out to see whether a cell is complete: then a terminal
            waits for the rest, as below any cell magic.

    Example:
        >>> print("".join(TraceHeading()(["%%trace\n", "order.ship()\n"])))
        get_ipython().run_line_magic('trace', 'cell')
        order.ship()
        <BLANKLINE>
    """

    has_side_effects = True

    def __call__(self, lines: list[str]) -> list[str]:
        """The lines of a cell as Python has them; a cell without the heading stays as it is."""
        found = _HEADING.match(lines[0]) if lines else None
        if found is None:
            return lines
        argument = f"cell {found[1].strip()}".strip()
        return [f"get_ipython().run_line_magic('trace', {argument!r})\n", *self._rest(lines[1:])]

    def _rest(self, lines: list[str]) -> list[str]:
        """Only on the first line does IPython know a cell magic."""
        start = next((place for place, line in enumerate(lines) if line.strip()), 0)
        if not lines or not lines[start].startswith("%%"):
            return lines
        below: list[str] = cell_magic(lines[start:])
        return below
