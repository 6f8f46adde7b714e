"""Tables of entries; the only place below the views that needs pandas, and only when asked."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from ddd_kit.journal.entry import COLUMNS, KIND_AT, Entry, Row, by_name, place

if TYPE_CHECKING:
    import pandas as pd

# Columns of the table that stand in a row under another name.
_SOURCES: Mapping[str, Mapping[str, str]] = {
    "command": {"element": "type", "method": "handler"},
    "event": {"element": "type", "id": "aggregate_id"},
    "handled": {"element": "handler"},
    "skipped": {"element": "handler"},
    "changed": {"element": "aggregate"},
    "rejected": {},
    "unhandled": {"element": "type"},
    "defined": {},
}
_COLUMNS = (
    "kind", "cause", "chain", "cell", "time", "element", "method", "event", "aggregate", "id", "version",
    "stream", "position", "attempt", "outcome", "error", "duration", "rule", "wanted", "found",
    "change", "payload",
)  # fmt: skip


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise ModuleNotFoundError(
            "A table of the journal needs pandas. Install it with: pip install pandas", name="pandas"
        ) from error
    return pd


def of_entries(rows: list[tuple[int, Row]]) -> pd.DataFrame:
    """One row an entry, built column by column.

    Args:
        rows: steps with their rows.

    Returns:
        The table, indexed by step.
    """
    pandas = _pandas()
    import numpy as np  # pandas brings it

    columns = {name: np.full(len(rows), None, dtype=object) for name in _COLUMNS}
    kinds = [row[KIND_AT] for _, row in rows]
    for kind in set(kinds):
        same = [row for _, row in rows if row[KIND_AT] == kind]
        places = np.flatnonzero(np.array(kinds) == kind)
        parts = list(zip(*same, strict=True))
        for name, at in _places(kind):
            columns[name][places] = parts[at]
        if "values" in COLUMNS[kind]:
            columns["payload"][places] = _payloads(kind, same)
    columns["at"] = pandas.to_datetime(
        (columns.pop("time").astype(float) * 1e6).astype("int64"), unit="us", utc=True
    )
    for whole in ("cause", "chain", "version", "position", "attempt"):
        columns[whole] = pandas.array(columns[whole], dtype="Int64")
    table = pandas.DataFrame(columns, index=pandas.Index([step for step, _ in rows], name="step"))
    return cast("pd.DataFrame", table[["at" if name == "time" else name for name in _COLUMNS]])


def _payloads(kind: str, rows: list[Row]) -> list[dict[str, Any]]:
    """The values of messages by name.

    Without the garbage collector, which would look through all of them again and again: with it 100,000
    entries took half as long again.
    """
    names, values = place(kind, "names"), place(kind, "values")
    collecting = gc.isenabled()
    gc.disable()
    try:
        return [by_name(row[names], row[values]) for row in rows]
    finally:
        if collecting:
            gc.enable()


def _places(kind: str) -> list[tuple[str, int]]:
    renamed = _SOURCES[kind]
    wanted = {name: renamed.get(name, name) for name in _COLUMNS}
    return [(name, place(kind, source)) for name, source in wanted.items() if source in COLUMNS[kind]]


def of_changes(entries: Iterable[Entry]) -> pd.DataFrame:
    """One row for each field that changed.

    Args:
        entries: entries of the kind `changed`.

    Returns:
        The table.
    """
    columns = ("step", "cell", "aggregate", "id", "version", "field", "before", "after")
    records = [
        (entry.step, entry.cell, entry.aggregate, entry.id, entry.version, field, before, after)  # type: ignore[attr-defined]
        for entry in entries
        for field, (before, after) in entry.changes.items()  # type: ignore[attr-defined]
    ]
    table: pd.DataFrame = _pandas().DataFrame.from_records(records, columns=columns)
    return table
