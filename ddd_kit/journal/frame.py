"""Tables of entries; the only place below the views that needs pandas, and only when asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ddd_kit.journal.entry import CHANGED, COLUMNS, Entry, Row, by_name, copied, place

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
    "change", "payload", "changes",
)  # fmt: skip


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ModuleNotFoundError(
            "A table of the journal needs pandas. Install it with: pip install pandas", name="pandas"
        ) from error
    return pandas


def of_entries(rows: list[tuple[int, Row]]) -> pd.DataFrame:
    """One row an entry, built column by column.

    Args:
        rows: steps with their rows.

    Returns:
        The table, indexed by step.
    """
    pandas = _pandas()
    columns: dict[str, list[Any]] = {name: [None] * len(rows) for name in _COLUMNS}
    copies = {kind: [(columns[c], at) for c, at in _places(kind)] for kind in COLUMNS}
    payloads = {kind: (place(kind, "names"), place(kind, "values")) for kind in ("command", "event")}
    for index, (_, row) in enumerate(rows):
        kind = row[0]
        for column, at in copies[kind]:
            column[index] = row[at]
        if kind in payloads:
            names, values = payloads[kind]
            columns["payload"][index] = by_name(row[names], row[values])
        elif kind == CHANGED:
            columns["changes"][index] = _changes(row)
    columns["at"] = pandas.to_datetime(columns.pop("time"), unit="s", utc=True)
    for whole in ("cause", "chain", "version", "position", "attempt"):
        columns[whole] = pandas.array(columns[whole], dtype="Int64")
    table = pandas.DataFrame(columns, index=pandas.Index([step for step, _ in rows], name="step"))
    return table[["at" if name == "time" else name for name in _COLUMNS]]


def _places(kind: str) -> list[tuple[str, int]]:
    renamed = _SOURCES[kind]
    wanted = {name: renamed.get(name, name) for name in _COLUMNS}
    return [(name, place(kind, source)) for name, source in wanted.items() if source in COLUMNS[kind]]


def _changes(row: Row) -> dict[str, tuple[Any, Any]]:
    names, before, after = row[-3:]
    absent = (None,) * len(names)
    return {
        name: (copied(old), copied(new))
        for name, old, new in zip(names, before or absent, after or absent, strict=True)
        if old != new
    }


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
