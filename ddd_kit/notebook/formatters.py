"""Shows what the kit makes as HTML where it stands alone in a cell; a terminal goes on showing text."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.message import Message
from ddd_kit.engine.comparison import Comparison
from ddd_kit.engine.delivery import Waiting
from ddd_kit.engine.event_store import Stream
from ddd_kit.engine.explain import WhyNot
from ddd_kit.engine.processes import Processes
from ddd_kit.engine.query import Query
from ddd_kit.engine.rehydration import Rehydration
from ddd_kit.engine.result_set import ResultSet
from ddd_kit.journal.causality import Why
from ddd_kit.journal.entries import Entries
from ddd_kit.journal.entry import Entry

# The views load when something is shown for the first time.
_VIEWS: tuple[tuple[type, str, str], ...] = (
    (Entries, "tree", "journal"),
    (Entry, "tree", "entry"),
    (Aggregate, "state", "aggregate"),
    (Message, "state", "message"),
    (ResultSet, "state", "results"),
    (Query, "state", "query"),
    (Stream, "state", "stream"),
    (Waiting, "answers", "waiting"),
    (Why, "answers", "why"),
    (WhyNot, "answers", "why_not"),
    (Comparison, "comparison", "comparison"),
    (Rehydration, "rehydration", "rehydration"),
    (Processes, "panes.processes", "processes"),
)


def register(shell: Any) -> None:
    """Let a shell show the kit's objects as HTML.

    Args:
        shell: an `InteractiveShell`.
    """
    formatter = shell.display_formatter.formatters["text/html"]
    for cls, module, function in _VIEWS:
        formatter.for_type(cls, _shown_by(module, function))


def _shown_by(module: str, function: str) -> Callable[[Any], str | None]:
    def show(shown: Any) -> str | None:
        """HTML, or None where IPython should go on with the text."""
        try:
            own = getattr(type(shown), "_repr_html_", None)
            if own is not None:
                return own(shown)  # type: ignore[no-any-return]
            return str(getattr(import_module(f"ddd_kit.views.{module}"), function)(shown))
        except Exception as error:  # noqa: BLE001 - a picture that fails must not hide the text
            # IPython would print a traceback above the text, as if the cell had failed.
            warnings.warn(
                f"{type(shown).__name__} is shown as text, because its picture failed with "
                f"{type(error).__name__}: {error}. This is a fault of ddd_kit: please report it.",
                RuntimeWarning,
                stacklevel=2,
            )
            return None

    return show
