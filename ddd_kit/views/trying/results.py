"""What something returned, as a small table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import htpy as h

from ddd_kit.building_blocks.element import Element
from ddd_kit.engine.query import Query
from ddd_kit.engine.registry import BASES
from ddd_kit.engine.result_set import ResultSet
from ddd_kit.views.markup import counted, exactly, identity, name, plain, symbol

MOST_ROWS = 10
MOST_COLUMNS = 8
_LONGEST_LINE = 80  # what is shorter is read more easily as Python writes it
_LONGEST_VALUE = 40
_LISTS = (list, tuple, set, frozenset)


def returned_table(value: Any) -> str:
    """What something returned, as a table with at most 10 rows and 8 columns.

    Args:
        value: an element of a model, what a query found, a list, a dictionary; or anything else.

    Returns:
        HTML; nothing for what is no table, and where something in it cannot be told.

    Example:
        >>> "and 90 more" in returned_table(list(range(100))), returned_table("words")
        (True, '')
    """
    try:
        return str(_table(value) or "")
    except Exception:  # noqa: BLE001 - objects of a model may do anything when they are looked at
        return ""


def _table(value: Any) -> h.Node | None:
    if isinstance(value, Query):
        size = MOST_ROWS if value.size is None else min(value.size, MOST_ROWS)
        found = value.limit(size).all()
        return _found(found, found.total - found.offset if value.size is None else value.size)
    if isinstance(value, ResultSet):
        return _found(value, len(value))
    if isinstance(value, Element):
        return _of_elements([value], 1, 1)
    if type(value) in _LISTS and value:
        return _of_items(list(islice(value, MOST_ROWS)), len(value), is_long=_is_long(value))
    if type(value) is dict and _is_long(value):
        pairs = islice(value.items(), MOST_ROWS)
        rows = [[exactly(key, _LONGEST_VALUE), exactly(held, _LONGEST_VALUE)] for key, held in pairs]
        return _drawn("", ["key", "value"], rows, len(value) - len(rows))
    return None


def _is_long(value: Any) -> bool:
    try:
        return len(repr(value)) > _LONGEST_LINE
    except Exception:  # noqa: BLE001 - then a table tells what can be told of it
        return True


def _found(found: ResultSet[Any], size: int) -> h.Node | None:
    """The first of what a query found, which are as many as it asked for, or as there are."""
    items = list(found[:MOST_ROWS])
    count = min(size, found.total - found.offset)
    return _of_elements(items, count, found.total) if items else None


def _of_items(items: Sequence[Any], count: int, *, is_long: bool) -> h.Node | None:
    if _are_of_one_class(items):
        return _of_elements(items, count, count)
    if all(type(item) is dict and item for item in items):
        return _of_dictionaries(items, count)
    if not is_long:
        return None
    return _drawn("", ["value"], [[exactly(item, 100)] for item in items], count - len(items))


def _are_of_one_class(items: Sequence[Any]) -> bool:
    return all(isinstance(item, Element) and type(item) is type(items[0]) for item in items)


def _of_elements(items: Sequence[Any], count: int, total: int) -> h.Node:
    schema = items[0]._schema
    kind = next((kind.value for kind, base in BASES.items() if isinstance(items[0], base)), "value object")
    rows = [[_held(item, field) for field in schema.names] for item in items]
    of_all = f" of {total:,}" * (total > count)
    told = [" ", h.small[f"{count:,}{of_all}"]] if total > 1 else None
    title = h.span[symbol(kind), " ", name(schema.element, kind), told]
    return _drawn(title, schema.names, rows, count - len(items))


def _held(item: Any, field: str) -> h.Element:
    held = item._schema.stored(field, item.__dict__.get(field))
    if field == item._schema.identity and isinstance(held, str):
        return identity(held)
    return exactly(held, _LONGEST_VALUE)


def _of_dictionaries(items: Sequence[Mapping[Any, Any]], count: int) -> h.Node:
    keys = list(dict.fromkeys(key for item in items for key in item))
    rows = [[exactly(item[key], _LONGEST_VALUE) if key in item else "" for key in keys] for item in items]
    return _drawn(h.small[counted(count, "row")], list(map(str, keys)), rows, count - len(items))


def _drawn(title: h.Node, columns: Sequence[str], rows: Sequence[Iterable[h.Node]], hidden: int) -> h.Node:
    head = h.tr[[h.th(scope="col")[plain(column)] for column in columns[:MOST_COLUMNS]]]
    body = [h.tr[[h.td[cell] for cell in islice(row, MOST_COLUMNS)]] for row in rows]
    fields = len(columns) - MOST_COLUMNS
    told = [f"{hidden:,} more"] * (hidden > 0) + [counted(fields, "more field")] * (fields > 0)
    table = h.div(".ddd-returned")[h.table(".ddd-table")[h.thead[head], h.tbody[body]]]
    more = h.p[h.small[f"and {' and '.join(told)}"]] if told else None
    return h.fragment[h.p[h.span(".ddd-faint")["returned"], " ", title], table, more]
