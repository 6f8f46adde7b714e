"""Cards: an aggregate, a message; and tables: a stream, what a query found."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import htpy as h
from markupsafe import Markup

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.message import Event, Message
from ddd_kit.engine.event_store import Stream
from ddd_kit.engine.query import Query
from ddd_kit.engine.result_set import ResultSet
from ddd_kit.exceptions import DddKitError
from ddd_kit.journal.entry import EventEntry
from ddd_kit.views.markup import (
    counted,
    exactly,
    framed,
    identity,
    listed,
    name,
    plain,
    stream_name,
    symbol,
    value,
)
from ddd_kit.views.panes.inside import path_cell, told_row
from ddd_kit.views.panes.inside import rows as rows_of

MOST_FIELDS = 60
LONGEST_VALUE = 120
MOST_COLUMNS = 12
MOST_INSTANCES = 50
MOST_EVENTS = 100


def aggregate(shown: Aggregate) -> Markup:
    """A card of an aggregate as the object in hand is now.

    Args:
        shown: the aggregate, saved or not.

    Returns:
        HTML.
    """
    saved = f"version {shown._version}" if shown._version >= 0 else "not saved yet"
    kind, element = "aggregate", shown._schema.element
    head = h.p[symbol(kind), " ", name(element, kind), " ", identity(shown._identity), " ", h.small[saved]]
    return framed(head, _fields(_values(shown)), _raised(shown))


def _values(shown: Aggregate | Message) -> dict[str, Any]:
    # Not `to_dict`: a user's class may have its own.
    schema = shown._schema
    return {field: schema.stored(field, shown.__dict__.get(field)) for field in schema.names}


def _raised(shown: Aggregate) -> h.Element | None:
    """The events that wait for the aggregate to be saved."""
    if not shown._events:
        return None
    events = [h.span[symbol("event"), " ", name(event._schema.element, "event")] for event in shown._events]
    hint = "raised; handlers hear of it when this is added to its repository"
    return h.p[listed(events, 10), " ", h.small[hint]]


def _fields(values: Mapping[str, Any]) -> h.Element:
    rows = [
        h.tr[h.th(scope="row")[path_cell(row.path)], h.td[told_row(row, LONGEST_VALUE)]]
        for field, held in list(values.items())[:MOST_FIELDS]
        for row in islice(rows_of(field, held, None), MOST_FIELDS)
    ]
    more = [h.tr[h.th(scope="row")["…"], h.td[f"{len(values) - MOST_FIELDS} more fields"]]]
    return h.table(".ddd-table")[h.tbody[rows + more * (len(values) > MOST_FIELDS)]]


def message(shown: Message) -> Markup:
    """A card of an event or a command.

    Args:
        shown: the message, published or not.

    Returns:
        HTML.
    """
    kind = "event" if isinstance(shown, Event) else "command"
    head = h.p[symbol(kind), " ", name(shown._schema.element, kind), " ", _whereabouts(shown, kind)]
    return framed(head, _fields(_values(shown)))


def _whereabouts(shown: Message, kind: str) -> h.Element:
    try:
        stream = shown._metadata.headers.stream
    except DddKitError:  # its aggregate is not there (any more)
        stream = None
    if shown._record is not None and stream:
        return h.small["on ", stream_name(stream)]
    if kind == "command":
        return h.small["not processed yet"]
    if stream is None:
        return h.small["not raised yet"]
    return h.small["raised, not saved yet: it goes to ", stream_name(stream)]


def results(shown: ResultSet[Any]) -> Markup:
    """A table of what a query found: a row each.

    Args:
        shown: what was found; of many the first are shown.

    Returns:
        HTML.
    """
    items = list(shown[:MOST_INSTANCES])
    if not items:
        return framed(h.p["Nothing found."])
    schema = items[0]._schema
    fields = schema.names[:MOST_COLUMNS]
    numbers = {field for field in fields if all(_is_number(item.__dict__.get(field)) for item in items)}
    head = h.tr[[h.th(".ddd-number" if f in numbers else "", scope="col")[plain(f)] for f in fields]]
    rows = [h.tr[[_cell(item, field, field in numbers) for field in fields]] for item in items]
    title = h.p[symbol("aggregate"), " ", name(schema.element, "aggregate"), " ", h.small[_extent(shown)]]
    table = h.table(".ddd-table")[h.thead[head], h.tbody[rows]]
    return framed(title, table, _rest(len(shown) - len(items), len(schema.names) - len(fields)))


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)


def _cell(item: Aggregate, field: str, number: bool) -> h.Element:
    held = item._schema.stored(field, item.__dict__.get(field))
    if field == item._schema.identity:
        return h.td[identity(held)]
    is_uuid = isinstance(held, str) and len(held) == 36
    return h.td(".ddd-number" if number else "")[value(held) if is_uuid else exactly(held, 40)]


def _extent(shown: ResultSet[Any]) -> str:
    if shown.offset == 0 and len(shown) == shown.total:
        return f"{shown.total:,}"
    return f"{shown.offset + 1:,} to {shown.offset + len(shown):,} of {shown.total:,}"


def _rest(instances: int, fields: int) -> h.Element | None:
    left = {"more row": instances, "more field": fields}
    told = [counted(number, word) for word, number in left.items() if number > 0]
    return h.p[h.small[f"… {' and '.join(told)}"]] if told else None


def query(shown: Query[Any]) -> Markup:
    """A table of what a query finds now.

    Args:
        shown: the query; no more objects are made than are shown.

    Returns:
        HTML.
    """
    size = MOST_INSTANCES if shown.size is None else min(shown.size, MOST_INSTANCES)
    found = shown.limit(size).all()
    return results(found)


def stream(shown: Stream) -> Markup:
    """A table of the events of a stream or a category: a row each.

    Args:
        shown: the stream; of a long one the end is shown.

    Returns:
        HTML.
    """
    events = list(shown[-MOST_EVENTS:])
    several = any(event.stream != shown.name for event in events)
    title = h.p["Stream ", stream_name(shown.name), " ", h.small[counted(len(shown), "event")]]
    if not events:
        return framed(title)
    columns = ["position", "event", "says", *(["stream"] if several else []), "from", "step"]
    head = h.tr[(h.th(scope="col")[column] for column in columns)]
    table = h.table(".ddd-table")[h.thead[head], h.tbody[(_event_row(event, several) for event in events)]]
    hidden = len(shown) - len(events)
    earlier = h.p[h.small[f"… {counted(hidden, 'earlier event')}"]] if hidden else None
    return framed(title, earlier, table)


def _event_row(event: EventEntry, several: bool) -> h.Element:
    payload = {key: held for key, held in event.held.items() if held is not None}
    says = [h.span[h.span(".ddd-faint")[plain(key)], " ", value(held)] for key, held in payload.items()]
    return h.tr[
        h.td[str(event.position)],
        h.td[symbol("event"), " ", name(event.type, "event")],
        h.td[listed(says, MOST_COLUMNS)],
        h.td[stream_name(event.stream)] if several else None,
        h.td[plain(event.cell or "")],
        h.td[str(event.step) if event.step else ""],
    ]
