"""Values as JSON has them become values again; see `values` for how they were written.

Nothing in a file names a class to be made. An enum's member is looked for in the types of the field that
holds it, and nowhere else.
"""

from __future__ import annotations

import base64
import datetime as dt
import math
import re
import types
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from ddd_kit.building_blocks.part import Part, Parts
from ddd_kit.engine.run_file.values import DEEPEST, OF, PART, PARTS, TAG

_HEXADECIMAL = re.compile(r"-?0x[0-9a-f]+")
EnumTypes = tuple[type[Enum], ...]
# Reads a value of a field inside of a part: data, the part's element, the field, and how deep it is.
Inner = Callable[[Any, str, str, int], Any]


class UnreadableError(ValueError):
    """Something that stands for no value; the text says what is wrong.

    Attributes:
        line: the line that it is about, where that is not the one that is being read; else None.
    """

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.line = line


def _inner(data: Any, element: str, field: str, depth: int) -> Any:  # noqa: ARG001 - as others take them
    return decode(data, (), depth)


def decode(data: Any, enums: EnumTypes = (), depth: int = 0, inner: Inner = _inner) -> Any:
    """The value that stands in a file.

    Args:
        data: as JSON has it.
        enums: the enums that a member may be of.
        depth: in how many lists and the like it is.
        inner: reads what is inside of a value object or an entity.

    Returns:
        The value; of a member of another enum its plain value.

    Raises:
        UnreadableError: when it stands for no value.

    Example:
        >>> decode({"$": "tuple", "of": [1, {"$": "set", "of": [2.5]}]})
        (1, {2.5})
    """
    if data is None or isinstance(data, str | bool | int):
        return data
    if depth > DEEPEST:
        raise UnreadableError(f"lists and the like in more than {DEEPEST} levels")
    if isinstance(data, float):
        if math.isfinite(data):
            return data
        raise UnreadableError("a number that is too large, or none")
    if isinstance(data, list):
        return [decode(each, enums, depth + 1, inner) for each in data]
    if isinstance(data, dict):
        return _from_object(data, enums, depth + 1, inner)
    raise UnreadableError(f"{type(data).__name__} is nothing that JSON has")


def _from_object(data: dict[str, Any], enums: EnumTypes, depth: int, inner: Inner) -> Any:
    tag = data.get(TAG)
    if tag is None and TAG not in data:
        return {key: decode(each, enums, depth, inner) for key, each in data.items()}
    if tag == "enum":
        return _found_member(data, enums, depth)
    if tag == PART:
        return _part(data, depth, inner)
    reader = _READERS.get(tag) if isinstance(tag, str) else None
    known = {TAG, OF, "zone", "fold"} if tag in ("datetime", "time") else {TAG, OF}
    if reader is None or OF not in data or not known.issuperset(data):
        raise UnreadableError(f"{tag!r} is no kind of value, or it lacks something")
    try:
        if tag == "dict":
            pairs = [(decode(key, enums, depth), decode(each, enums, depth)) for key, each in data[OF]]
            return dict(pairs)
        if isinstance(data[OF], list):
            return reader([decode(each, enums, depth, inner) for each in data[OF]])
        if isinstance(data[OF], str):
            return reader(data[OF], **{key: data[key] for key in ("zone", "fold") if key in data})
    except UnreadableError:
        raise
    except (ValueError, TypeError, ArithmeticError) as error:
        raise UnreadableError(f"that is no {tag}: {error}") from error
    raise UnreadableError(f"that is no {tag}")


def _part(data: dict[str, Any], depth: int, inner: Inner) -> Part:
    """A value object or an entity as it was stored; no class is looked for."""
    element, identity, names, of = (data.get(key) for key in ("element", "identity", "names", OF))
    if data.keys() != {TAG, OF, "element", "identity", "names"} or not isinstance(element, str):
        raise UnreadableError("that is no value object or entity")
    if not isinstance(names, list) or not isinstance(of, list) or not all(isinstance(n, str) for n in names):
        raise UnreadableError(f"that is no {element}")
    if len(names) != len(of) or len(set(names)) != len(names):
        raise UnreadableError(f"{len(names)} names and {len(of)} values in {element}")
    if identity is not None and identity not in names:
        raise UnreadableError(f"{element} has no field that is its identity")
    values = [inner(each, element, name, depth) for name, each in zip(names, of, strict=True)]
    part = Part(element, identity, tuple(names), tuple(values))
    try:
        hash(part.id)
        str(part.id)
    except (TypeError, ValueError) as error:
        raise UnreadableError(f"an identity of {element} that is none: {error}") from error
    return part


def _parts(of: Any) -> Parts:
    if not all(isinstance(part, Part) for part in _values(of)):
        raise UnreadableError("that is no list of value objects or entities")
    return Parts(of)


def is_nested(data: Any) -> bool:
    """Whether something in a file stands for value objects or entities.

    Args:
        data: as JSON has it.

    Returns:
        True for one, and for several.
    """
    return isinstance(data, dict) and data.get(TAG) in (PART, PARTS)


def _found_member(data: dict[str, Any], enums: EnumTypes, depth: int) -> Any:
    name, cls = data.get("name"), data.get("class")
    if not {TAG, OF, "name", "class"}.issuperset(data) or not isinstance(cls, str):
        raise UnreadableError("that is no member of an enum")
    if not isinstance(name, str) and (name is not None or OF not in data):
        raise UnreadableError("that is no member of an enum")
    value = decode(data[OF], enums, depth) if OF in data else name
    for enum in sorted(enums, key=lambda each: each.__name__ != cls):
        member = enum.__members__.get(name) if name is not None else None
        if member is not None and (OF not in data or member.value == value):
            return member
        try:
            return enum(value)
        except Exception:  # noqa: BLE001 - its own `_missing_` may raise anything
            if member is not None:
                return member
    return value


def is_member(data: Any) -> bool:
    """Whether something in a file stands for a member of an enum, or holds one.

    Args:
        data: as JSON has it.

    Returns:
        True where a member is in it.
    """
    if isinstance(data, dict):
        return data.get(TAG) == "enum" or any(map(is_member, data.values()))
    return isinstance(data, list | tuple) and any(map(is_member, data))


def enums_in(annotation: Any) -> EnumTypes:
    """The enums that a type names.

    Args:
        annotation: the type of a field.

    Returns:
        Their classes, in order.

    Example:
        >>> class Colour(Enum):
        ...     RED = "red"
        >>> enums_in(list[Colour] | None)
        (<enum 'Colour'>,)
    """
    return tuple(dict.fromkeys(_enums(annotation, 0)))


def _enums(annotation: Any, depth: int) -> Iterator[type[Enum]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, Enum):
            yield annotation
    elif depth < DEEPEST:  # a type may name itself
        for part in (*get_args(annotation), getattr(annotation, "__value__", None)):
            yield from _enums(part, depth + 1)


def _strings(of: Any) -> str:
    if not isinstance(of, str):
        raise UnreadableError("a text is missing")
    return of


def _values(of: Any) -> list[Any]:
    if not isinstance(of, list):
        raise UnreadableError("a list is missing")
    return of


def _hexadecimal(of: Any) -> int:
    if not _HEXADECIMAL.fullmatch(_strings(of)):
        raise UnreadableError("that is no hexadecimal number")
    return int(of, 16)


def _special(of: Any) -> float:
    if of not in ("nan", "inf", "-inf"):
        raise UnreadableError("that is no float")
    return math.nan if of == "nan" else float(of)  # one object, so that it is found where it is an identity


def _exact(of: Any) -> Decimal:
    value = Decimal(_strings(of))
    if value.is_snan():
        raise UnreadableError("a signaling NaN")
    return value


def _span(of: Any) -> dt.timedelta:
    days, seconds, microseconds = _values(of)
    if any(type(part) is not int for part in (days, seconds, microseconds)):
        raise UnreadableError("that is no timedelta")
    return dt.timedelta(days, seconds, microseconds)


def _pair(of: Any) -> complex:
    real, imaginary = _values(of)
    if any(type(part) is not float for part in (real, imaginary)):
        raise UnreadableError("that is no complex number")
    return complex(real, imaginary)


def _instant(of: Any, zone: Any = None, fold: Any = 0) -> dt.datetime:
    value, found = dt.datetime.fromisoformat(_strings(of)).replace(fold=fold), _zone(zone)
    return value if found is None or value.tzinfo is None else value.astimezone(found)


def _time_of_day(of: Any, zone: Any = None, fold: Any = 0) -> dt.time:
    value, found = dt.time.fromisoformat(_strings(of)).replace(fold=fold), _zone(zone)
    return value if found is None else value.replace(tzinfo=found)


def _zone(key: Any) -> ZoneInfo | None:
    """The time zone of a name; None where this machine does not know it, so that the offset stands."""
    if key is None:
        return None
    try:
        return ZoneInfo(_strings(key))
    except (OSError, ValueError, KeyError):
        return None


_READERS: Mapping[str, Callable[..., Any]] = {
    "str": lambda of: base64.b64decode(_strings(of), validate=True).decode("utf-8", "surrogatepass"),
    "int": _hexadecimal,
    "float": _special,
    "complex": _pair,
    "bytes": lambda of: base64.b64decode(_strings(of), validate=True),
    "Decimal": _exact,
    "UUID": lambda of: UUID(_strings(of)),
    "datetime": _instant,
    "time": _time_of_day,
    "date": lambda of: dt.date.fromisoformat(_strings(of)),
    "timedelta": _span,
    "tuple": lambda of: tuple(_values(of)),
    "set": lambda of: set(_values(of)),
    "frozenset": lambda of: frozenset(_values(of)),
    "dict": dict,
    PARTS: _parts,
}
