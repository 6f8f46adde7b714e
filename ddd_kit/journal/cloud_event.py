"""Events as CloudEvents 1.0, in the JSON event format, for brokers and tools that know nothing of the kit.

The rules are those of the CloudEvents specification, version 1.0.2, of its JSON event format, and of its
extensions `sequence` and `correlation`.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pydantic_core import to_jsonable_python

from ddd_kit.journal.sentence import brief

if TYPE_CHECKING:
    from ddd_kit.journal.entry import EventEntry

SPECVERSION = "1.0"
# What the specification keeps out of its strings: controls, lone surrogates, non-characters.
_REFUSED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_PLACE = 10  # digits


def cloud_event(entry: EventEntry) -> dict[str, Any]:
    """An event as a CloudEvent.

    Args:
        entry: an event of a stream or of the journal.

    Returns:
        What `json.dumps` takes: the attributes of the specification, and the payload as `data`.

    Example:
        >>> from ddd_kit.journal.entry import entry
        >>> shipped = entry(3, (
        ...     "event", None, 3, "In [4]", 0.0, "OrderShipped", ("quantity",), (5,), "shop::order-1", 0,
        ...     "shop::order", "0.1", (), None, None, None, (), "Order", "1", 1, ()))
        >>> event = cloud_event(shipped)
        >>> event["source"], event["type"], event["subject"], event["id"]
        ('/shop/order', 'shop.OrderShipped', '1', 'shop::order-1-0.1')
        >>> event["time"], event["data"]
        ('1970-01-01T00:00:00+00:00', {'quantity': 5})
    """
    domain = entry.category.rpartition("::")[0]
    attributes = {
        "specversion": SPECVERSION,
        "id": entry.message_id,
        "source": "/" + "/".join(_segment(part) for part in entry.category.split("::")),
        "type": f"{domain}.{entry.type}" if domain else entry.type,
        "subject": str(entry.aggregate_id),
        "time": entry.at.isoformat(),
        "datacontenttype": "application/json",
        "sequence": f"{entry.position:0{_LONGEST_PLACE}}",
        "correlationid": entry.correlation_id,
        "causationid": entry.causation_id,
    }
    told = {name: _string(value) for name, value in attributes.items() if value}
    return {**told, "data": {name: _jsonable(value) for name, value in entry.payload.items()}}


def _segment(text: str) -> str:
    """A part of an address's path."""
    return quote(text, safe="", errors="backslashreplace")


def _string(text: str) -> str:
    return _REFUSED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _jsonable(value: Any) -> Any:
    """A value of what JSON has; one that cannot be told so is told in short."""
    try:
        made = to_jsonable_python(value, bytes_mode="base64", serialize_unknown=True, fallback=brief)
    except ValueError:  # it contains itself, or text that is none
        return _SURROGATE.sub("?", brief(value))
    return _strict(made)


def _strict(value: Any) -> Any:
    """The same without what Python's `json` writes and others do not read."""
    if isinstance(value, dict):
        return {key: _strict(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_strict(each) for each in value]
    if isinstance(value, str):
        return _SURROGATE.sub("?", value)
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
