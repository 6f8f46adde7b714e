"""The lines of a run file: of what kinds they are, in which order they stand, and what each has to hold.

The columns of an entry are those of its dataclass in `ddd_kit.journal.entry`; a new kind needs nothing here.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

import pydantic  # its parts load when first used
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.run_file.shape import ElementShape
from ddd_kit.journal.entry import _CLASSES, COLUMNS, EVENT, KINDS

FORMAT, VERSION = "ddd_kit run", 1
HEADER, ELEMENT, JOURNAL, BEFORE, ENTRY = "header", "element", "journal", "before", "entry"
STORED, CHAIN, DELIVERY, IDENTITIES, CLOCK = "stored", "chain", "delivery", "identities", "clock"
ORDER = (
    HEADER, ELEMENT, JOURNAL, BEFORE, EVENT, ENTRY, STORED, CHAIN, DELIVERY, IDENTITIES, CLOCK,
)  # fmt: skip
ONCE = (HEADER, JOURNAL, IDENTITIES, CLOCK)

_CONFIG: pydantic.ConfigDict = {"extra": "forbid", "strict": True}
_LAST_TIME = 253_370_764_800.0  # 1 January 9999: later ones are out of reach in some time zones

Number = Annotated[int, pydantic.Field(ge=0, le=2**53)]
Time = Annotated[float, pydantic.Field(ge=0, lt=_LAST_TIME)]
Names = tuple[str, ...]
Values = tuple[Any, ...]
_Lost = tuple[str, Any, Names, Values | None, Values | None]

# Columns that came later, with what they hold in a file that was written before.
ADDED: Mapping[str, Mapping[str, Any]] = {
    "rejected": {"rules": ()},
    EVENT: {"type_version": 1, "extensions": ()},
}

# What the annotation of a column does not say.
_OF_COLUMN: Mapping[str, Any] = {
    "time": Time,
    "undone": tuple[_Lost, ...],
    "change": Literal["registered", "replaced", "retired", "forgotten", "rebuilt"],
    "element_kind": Literal[tuple(map(str, Kind))],
}


@cache
def columns_of(kind: str) -> dict[str, Any]:
    """The columns of a kind of entry.

    Args:
        kind: a kind of entry.

    Returns:
        Their types in Python by name, in order.

    Example:
        >>> columns_of("unhandled")["stream"]
        <class 'str'>
    """
    hints = get_type_hints(_CLASSES[kind])
    return {name: hints[name] for name in COLUMNS[kind]}


def _wire(hint: Any) -> Any:
    """A column's type as it is checked: whole numbers and times have limits that views rely on."""
    if hint is int:
        return Number
    if hint is float:
        return Annotated[float, pydantic.Field(ge=0, allow_inf_nan=False)]
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return Union[tuple(map(_wire, parts))]  # noqa: UP007 - of a tuple
    if origin is tuple:
        return tuple[tuple(part if part is ... else _wire(part) for part in parts)]  # type: ignore[misc]
    return hint


def _line(name: str, columns: Mapping[str, Any]) -> Any:
    line = TypedDict(name, {"line": Literal[name], **columns})  # type: ignore[misc]
    line.__pydantic_config__ = _CONFIG  # type: ignore[attr-defined]
    return line


def _entry(line: str, kind: str) -> Any:
    ends = {"ends_unit": NotRequired[Literal[True]]} if line == ENTRY else {}
    wires = {name: _OF_COLUMN.get(name) or _wire(hint) for name, hint in columns_of(kind).items()}
    wires |= {name: NotRequired[wires[name]] for name in ADDED.get(kind, ()) if name in wires}
    return _line(line, {"step": Number, **ends, **wires, "kind": Literal[kind]})


_SAVED = {"aggregate": str, "id": Any, "version": Number, "names": Names, "values": Values}
_COLUMNS: Mapping[str, Mapping[str, Any]] = {
    HEADER: {
        "format": Literal["ddd_kit run"], "version": Literal[1], "kit": str, "domain": str, "streams": str,
        "seed": Any, "saved_at": str, "lines": Number, "sha256": str,
    },
    ELEMENT: {"element": ElementShape},
    JOURNAL: {"first_step": Annotated[Number, pydantic.Field(ge=1)], "last_step": Number, "missed": bool},
    BEFORE: {"step": Number, **_SAVED},
    STORED: _SAVED,
    CHAIN: {"number": Number, "made": Number},
    DELIVERY: {
        "number": Number, "stream": str, "position": Number, "step": Number | None, "handler": str,
        "method": str, "late": Number, "chain": Number, "parent": Number | None, "waits": bool,
    },
    IDENTITIES: {
        "seeded": bool, "branched": bool,
        "state": tuple[Annotated[int, pydantic.Field(ge=0, lt=2**32)], ...],
        "batch": tuple[Annotated[str, pydantic.Field(min_length=1, max_length=36)], ...],
    },
    CLOCK: {"now": Time | None},
}  # fmt: skip


@cache
def checker() -> pydantic.TypeAdapter[dict[str, Any]]:
    """What checks a line, of whatever kind it is; made when first used, because that takes 20 ms."""
    entries = [_entry(ENTRY, kind) for kind in KINDS]
    by_kind: Any = Annotated[Union[tuple(entries)], pydantic.Field(discriminator="kind")]  # noqa: UP007 - of a tuple
    others = [_line(name, columns) for name, columns in _COLUMNS.items()]
    lines = (by_kind, _entry(EVENT, EVENT), *others)
    line: Any = Annotated[Union[tuple(lines)], pydantic.Field(discriminator="line")]  # noqa: UP007 - of a tuple
    return pydantic.TypeAdapter(line)


def told(error: pydantic.ValidationError) -> str:
    """What pydantic found wrong with a line, first of all.

    Args:
        error: what it raised.

    Returns:
        A clause.
    """
    found = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if found["type"].startswith("union_tag"):
        return "it is no line of a run"
    place = ".".join(str(part) for part in found["loc"] if part not in (*ORDER, *KINDS))
    text = found["msg"].split(" at line ", maxsplit=1)[0].rstrip(".")
    return f"{place}: {text[:1].lower()}{text[1:]}" if place else text
