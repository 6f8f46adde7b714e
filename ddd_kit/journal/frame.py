"""Tables of entries; the only place below the views that needs pandas, and only when asked."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from ddd_kit.building_blocks.part import plain
from ddd_kit.journal.entry import COLUMNS, KIND_AT, Entry, Row, place
from ddd_kit.journal.values import by_name

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
    "fault": {"element": "handler", "rule": "fault", "found": "detail"},
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


@contextmanager
def _without_collector() -> Iterator[None]:
    """What is made here would be looked through again and again: 100,000 entries took half as long again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@_without_collector()
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
    by_kind: defaultdict[str, tuple[list[int], list[Row]]] = defaultdict(lambda: ([], []))
    for index, (_, row) in enumerate(rows):
        indexes, same = by_kind[row[KIND_AT]]
        indexes.append(index)
        same.append(row)
    for kind, (indexes, same) in by_kind.items():
        places = np.array(indexes)
        parts = list(zip(*same, strict=True))
        for name, at in _places(kind):
            columns[name][places] = parts[at]
        if "values" in COLUMNS[kind]:
            columns["payload"][places] = _payloads(kind, same)
    times = (columns.pop("time").astype(float) * 1e6).astype("int64")
    made = {name: pandas.Series(values, dtype=object) for name, values in columns.items()}
    made["at"] = pandas.Series(pandas.to_datetime(times, unit="us", utc=True))
    made["duration"] = pandas.Series(columns["duration"].astype(float))
    for whole in ("cause", "chain", "version", "position", "attempt"):
        made[whole] = pandas.Series(_whole(columns[whole], np))
    table = pandas.DataFrame(
        {"at" if name == "time" else name: made["at" if name == "time" else name] for name in _COLUMNS}
    )
    table.index = pandas.Index(np.fromiter((step for step, _ in rows), "int64", len(rows)), name="step")
    return cast("pd.DataFrame", table)


def _whole(values: Any, np: Any) -> Any:
    """Whole numbers of which some are missing."""
    missing = values == None  # noqa: E711 - each of them is compared
    numbers = np.where(missing, 0, values).astype("int64")
    return _pandas().arrays.IntegerArray(numbers, missing.astype(bool))


def _payloads(kind: str, rows: list[Row]) -> list[dict[str, Any]]:
    """The values of messages by name."""
    names, values = place(kind, "names"), place(kind, "values")
    return [by_name(row[names], row[values]) for row in rows]


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
        (entry.step, entry.cell, entry.aggregate, entry.id, entry.version, field, plain(before), plain(after))  # type: ignore[attr-defined]
        for entry in entries
        for field, (before, after) in entry.changes.items()  # type: ignore[attr-defined]
    ]
    table: pd.DataFrame = _pandas().DataFrame.from_records(records, columns=columns)
    return table
