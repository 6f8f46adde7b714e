"""Values as JSON has them: what JSON lacks bears a tag, as `{"$": "date", "of": "2024-01-01"}`."""

from __future__ import annotations

import base64
import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from ddd_kit.building_blocks.part import Part, Parts

TAG, OF = "$", "of"
PART, PARTS = "part", "parts"  # a value object or an entity, and several of them
DEEPEST = 30  # lists in lists; JSON readers stop at 200 levels, of which a dictionary may take three
_LONGEST_NUMBER = 2_000  # bits; Python refuses to read decimal numbers from about 2,100 bits on


class UnwritableError(ValueError):
    """A value that a file cannot keep; the text goes on after `holds`."""


def encode(value: Any, depth: int = 0) -> Any:
    """A value as JSON has it.

    Args:
        value: plain data: None, texts, numbers, dates and times, `bytes`, `UUID`, `Decimal`, members of
            enums, and lists, tuples, sets and dictionaries of them; value objects and entities as they are
            stored.
        depth: in how many lists and the like it is.

    Returns:
        What `json.dumps` takes.

    Raises:
        UnwritableError: for an object of another class, or more than 30 lists in one another.

    Example:
        >>> encode((1, {2.5}))
        {'$': 'tuple', 'of': [1, {'$': 'set', 'of': [2.5]}]}
    """
    write = _WRITERS.get(type(value))
    if write is not None:
        if depth > DEEPEST:
            raise UnwritableError(f"lists and the like in more than {DEEPEST} levels")
        return write(value, depth + 1)
    if isinstance(value, Enum):
        return _member(value, depth + 1)
    raise UnwritableError(f"an object of the class {type(value).__qualname__}")


def encode_tried(value: Any) -> Any:
    """A value that was refused, as JSON has it: of a text or number of a class of its own, the plain one.

    Args:
        value: as the journal keeps it.

    Returns:
        What `json.dumps` takes.

    Example:
        >>> class Price(float): ...
        >>> encode_tried(Price(2))
        2.0
    """
    if type(value) in _WRITERS or isinstance(value, Enum):
        return encode(value)
    plain = next((to_plain(value) for kind, to_plain in _PLAIN_OF.items() if isinstance(value, kind)), value)
    return encode(plain)


# Past what the class has made of `str(value)` and the like.
_PLAIN_OF: Mapping[type, Callable[[Any], Any]] = {
    str: lambda value: str.__getitem__(value, slice(None)),
    int: int.__int__,
    float: float.__float__,
}


def _tagged(tag: str, of: Any, **more: Any) -> dict[str, Any]:
    return {TAG: tag, OF: of, **more}


def _text(value: str, _: int) -> Any:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a pair that stands for one character
        return _tagged("str", base64.b64encode(value.encode("utf-8", "surrogatepass")).decode())
    return value


def _whole(value: int, _: int) -> Any:
    return value if value.bit_length() <= _LONGEST_NUMBER else _tagged("int", hex(value))


def _fraction(value: float, _: int) -> Any:
    return value if math.isfinite(value) else _tagged("float", repr(value))


def _decimal(value: Decimal, _: int) -> Any:
    if value.is_snan():
        raise UnwritableError("a signaling NaN")
    return _tagged("Decimal", str(value))


def _moment(value: dt.datetime | dt.time, _: int) -> Any:
    zone = getattr(value.tzinfo, "key", None)
    more: dict[str, Any] = {"zone": zone} if isinstance(zone, str) else {}
    if value.fold:  # the second of two equal times, when clocks are put back
        more["fold"] = 1
    return _tagged(type(value).__name__, value.isoformat(), **more)


def _many(tag: str) -> Callable[[Iterable[Any], int], Any]:
    return lambda values, depth: _tagged(tag, [encode(value, depth) for value in values])


def _dictionary(value: dict[Any, Any], depth: int) -> Any:
    if TAG not in value and all(type(key) is str and key.isascii() for key in value):
        return {key: encode(each, depth) for key, each in value.items()}
    return _tagged("dict", [[encode(key, depth), encode(each, depth)] for key, each in value.items()])


def _member(value: Enum, depth: int) -> Any:
    tag = {TAG: "enum", "class": type(value).__name__, "name": value.name}
    try:
        return {**tag, OF: encode(value.value, depth)}
    except UnwritableError:
        if value.name is None:
            raise
        return tag


def _part(value: Part, depth: int) -> Any:
    more = {"element": value.element, "identity": value.identity, "names": list(value.names)}
    return _tagged(PART, [encode(each, depth) for each in value.values], **more)


_WRITERS: Mapping[type, Callable[[Any, int], Any]] = {
    type(None): lambda value, _: value,
    bool: lambda value, _: value,
    str: _text,
    int: _whole,
    float: _fraction,
    complex: lambda value, depth: _tagged("complex", [encode(value.real, depth), encode(value.imag, depth)]),
    bytes: lambda value, _: _tagged("bytes", base64.b64encode(value).decode()),
    Decimal: _decimal,
    UUID: lambda value, _: _tagged("UUID", str(value)),
    dt.datetime: _moment,
    dt.time: _moment,
    dt.date: lambda value, _: _tagged("date", value.isoformat()),
    dt.timedelta: lambda value, _: _tagged("timedelta", [value.days, value.seconds, value.microseconds]),
    list: lambda values, depth: [encode(value, depth) for value in values],
    tuple: _many("tuple"),
    Part: _part,
    Parts: _many(PARTS),
    set: _many("set"),
    frozenset: _many("frozenset"),
    dict: _dictionary,
}
