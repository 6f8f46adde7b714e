"""What an annotation or a field accepts, as a form asks for it."""

from __future__ import annotations

import datetime as dt
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, ForwardRef, Literal, Self, Union, get_args, get_origin
from uuid import UUID

import pydantic
from pydantic_core import PydanticUndefined

from ddd_kit.fields import FieldSpec
from ddd_kit.views.trying.parameters import UNSET, Kind, Parameter, is_showable

_KINDS: Mapping[Any, Kind] = {bool: "flag", int: "whole", float: "number", str: "text"}
# What a text can say, and how Python makes it of one where nobody coerces it.
MAKERS: Mapping[Any, tuple[str, str]] = {
    dt.date: ("from datetime import date", "date.fromisoformat"),
    dt.datetime: ("from datetime import datetime", "datetime.fromisoformat"),
    dt.time: ("from datetime import time", "time.fromisoformat"),
    Decimal: ("from decimal import Decimal", "Decimal"),
    UUID: ("from uuid import UUID", "UUID"),
}
_WORDS: Mapping[Any, str] = {
    dt.date: "a date, as 2024-12-31",
    dt.datetime: "a time, as 2024-12-31T23:59",
    dt.time: "a time of day, as 23:59",
    Decimal: "a number",
}


def of_field(name: str, spec: FieldSpec, suggests: str = "") -> Parameter:
    """What a form asks for a field.

    Args:
        name: of the field.
        spec: what the field accepts.
        suggests: the aggregate whose identities are offered.

    Returns:
        The parameter.
    """
    shape = _shape(spec.type)
    choices = spec.choices or _choices(shape)
    kind: Kind = "choice" if choices else _kind(shape, _only_an_object)
    undefined = spec.default is PydanticUndefined
    known = not undefined and not callable(spec.default) and is_showable(spec.default, choices)
    return Parameter(
        name=name,
        kind=_stated(kind, shape),
        required=undefined,
        default=spec.default if known else UNSET,
        choices=_with_none(kind, choices, shape),
        bounds=_bounds(kind, shape.limits),
        hint=_hint(kind, shape, spec.description),
        optional=shape.optional,
        suggests=suggests if kind in ("text", "whole", "literal") else "",
    )


def of_argument(argument: inspect.Parameter, annotation: Any, suggests: str = "") -> Parameter:
    """What a form asks for an argument of a method.

    Args:
        argument: from the method's signature.
        annotation: its annotation, evaluated; `inspect.Parameter.empty` for none.
        suggests: the aggregate whose identities are offered.

    Returns:
        The parameter.
    """
    empty = inspect.Parameter.empty
    shape = _shape_of_default(argument.default, suggests) if annotation is empty else _shape(annotation)
    choices = _choices(shape)
    kind: Kind = "choice" if choices else _kind(shape, _no_literal)
    required = argument.default is empty
    known = not required and is_showable(argument.default, choices)
    only = shape.types[0] if kind == "text" and len(shape.types) == 1 else None
    return Parameter(
        name=argument.name,
        kind=_stated(kind, shape),
        required=required,
        default=argument.default if known else UNSET,
        choices=_with_none(kind, choices, shape),
        bounds=_bounds(kind, shape.limits),
        hint=_hint(kind, shape, ""),
        optional=shape.optional,
        suggests=suggests if kind in ("text", "whole", "literal") else "",
        made=only if only in MAKERS else None,
        positional=argument.kind is inspect.Parameter.POSITIONAL_ONLY,
    )


@dataclass(slots=True)
class _Shape:
    """What an annotation accepts: types apart from None, whether None, and limits."""

    types: list[Any] = field(default_factory=list)
    optional: bool = False
    limits: dict[str, Any] = field(default_factory=dict)


def _shape(annotation: Any) -> _Shape:
    shape = _Shape()
    _look_into(annotation, shape)
    return shape


def _look_into(annotation: Any, shape: _Shape) -> None:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *notes = get_args(annotation)
        shape.limits |= dict(_limits(notes))
        _look_into(inner, shape)
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            _look_into(part, shape)
    elif isinstance(annotation, FieldSpec):
        _look_into(annotation.type, shape)
    elif annotation is None or annotation is type(None):
        shape.optional = True
    elif hasattr(annotation, "__supertype__"):  # a NewType
        _look_into(annotation.__supertype__, shape)
    elif hasattr(annotation, "__value__"):  # a name for a type
        _look_into(annotation.__value__, shape)
    elif annotation not in shape.types:
        shape.types.append(annotation)


def _limits(notes: list[Any]) -> Iterator[tuple[str, Any]]:
    for note in notes:
        yield from _limits(getattr(note, "metadata", []))
        for limit in ("ge", "gt", "le", "lt"):
            number = getattr(note, limit, None)
            if isinstance(number, int | float):
                yield limit, number


def _bounds(kind: Kind, limits: Mapping[str, Any]) -> tuple[float | None, float | None]:
    one = 1 if kind == "whole" else 0
    low = limits.get("ge", limits["gt"] + one if "gt" in limits else None)
    high = limits.get("le", limits["lt"] - one if "lt" in limits else None)
    return low, high


_LIMIT_WORDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def _limits_in_words(limits: Mapping[str, Any]) -> str:
    if limits.keys() == {"ge", "le"}:
        return f"{limits['ge']} to {limits['le']}"
    return ", ".join(f"{_LIMIT_WORDS[limit]} {number}" for limit, number in limits.items())


def _choices(shape: _Shape) -> tuple[Any, ...]:
    """The values of Enums and Literals, where nothing else is accepted."""
    values: list[Any] = []
    for each in shape.types:
        if get_origin(each) is Literal:
            values += [value for value in get_args(each) if value is not None]
            shape.optional = shape.optional or None in get_args(each)
        elif isinstance(each, type) and issubclass(each, Enum):
            values += list(each)
        else:
            return ()
    return tuple(values)


def _kind(shape: _Shape, is_opaque: Callable[[Any], bool]) -> Kind:
    kinds = {_KINDS[each] for each in shape.types if each in _KINDS}
    others = [each for each in shape.types if each not in _KINDS]
    if any(map(is_opaque, others)):
        return "object" if len(shape.types) == len(others) else "literal"
    if kinds <= {"text"} and shape.types and all(each in MAKERS for each in others):
        return "text"
    if others or not kinds:
        return "literal"
    if len(kinds) == 1:
        return kinds.pop()
    return "number" if kinds == {"whole", "number"} else "literal"


def _only_an_object(given: Any) -> bool:
    """Whether only an object of a class will do for a field: pydantic makes none of a text or a literal."""
    origin = get_origin(given) or given
    if origin is Any or not isinstance(origin, type):
        return isinstance(given, str | ForwardRef)
    try:
        schema = pydantic.TypeAdapter(given, config={"arbitrary_types_allowed": True}).core_schema
    except Exception:  # noqa: BLE001 - a model with a configuration of its own, which pydantic makes of a literal
        return False
    return schema["type"] in ("is-instance", "is-subclass", "callable")


def _no_literal(given: Any) -> bool:
    """Whether an argument is an object that is written neither as a literal nor made of a text."""
    origin = get_origin(given) or given
    if origin is Any or origin in MAKERS:
        return False
    if not isinstance(origin, type):
        return isinstance(given, str | ForwardRef) or given is Self
    if origin.__module__ == "collections.abc":
        return not any(issubclass(literal, origin) for literal in (str, bytes, list, tuple, set, dict))
    return origin.__module__ not in ("builtins", "typing") or origin in (type, frozenset)


def _shape_of_default(default: Any, suggests: str) -> _Shape:
    """What an argument without an annotation seems to accept."""
    if suggests and (default is None or default is inspect.Parameter.empty):
        return _Shape([str], optional=default is None)
    if default is None:
        return _Shape(optional=True)
    kind = type(default)
    return _Shape([kind]) if kind in _KINDS or isinstance(default, Enum) else _Shape()


def _stated(kind: Kind, shape: _Shape) -> Kind:
    """A flag that may be None has three states, and so is a choice."""
    return "choice" if kind == "flag" and shape.optional else kind


def _with_none(kind: Kind, choices: tuple[Any, ...], shape: _Shape) -> tuple[Any, ...]:
    return (True, False) if kind == "flag" and shape.optional else choices


def _hint(kind: Kind, shape: _Shape, description: str) -> str:
    if kind == "object":
        return " or ".join(_name(each) for each in shape.types)
    words = [description, _limits_in_words(shape.limits) if kind in ("whole", "number") else ""]
    words += [_WORDS[each] for each in shape.types if each in _WORDS]
    return "; ".join(word for word in words if word)


def _name(given: Any) -> str:
    if isinstance(given, ForwardRef):
        return given.__forward_arg__
    return given if isinstance(given, str) else getattr(given, "__name__", str(given))
