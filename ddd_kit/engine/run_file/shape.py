"""The shape of a model: what of its definitions a file keeps, to tell later whether the model has changed."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic_core import PydanticUndefined
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

if TYPE_CHECKING:
    from ddd_kit.building_blocks.schema import Schema
    from ddd_kit.engine.registry import Registered, Registry
    from ddd_kit.fields import FieldSpec

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class FieldShape(TypedDict):
    """A field.

    Attributes:
        name: its name.
        type: its type in words, with its limits.
        default: whether it has a default.
        identity: whether it is the identity.
        unique: whether no two aggregates may share a value.
    """

    name: str
    type: str
    default: bool
    identity: bool
    unique: bool


class ElementShape(TypedDict):
    """An element of a model.

    Attributes:
        name: its name.
        kind: what it is, as `event handler`.
        options: its options, those that are texts and numbers.
        fields: its fields, in order.
        methods: of a handler: pairs of a method and the message that it takes.
    """

    name: str
    kind: str
    options: dict[str, str | int | bool | None]
    fields: tuple[FieldShape, ...]
    methods: tuple[tuple[str, str], ...]


for _shape_class in (FieldShape, ElementShape):
    setattr(_shape_class, "__pydantic_config__", {"extra": "forbid", "strict": True})  # noqa: B010


def shapes(registry: Registry) -> dict[str, ElementShape]:
    """The shape of every element of a model.

    Args:
        registry: the definitions.

    Returns:
        Shapes by name, in order of definition.
    """
    return {element.name: _shape(element) for element in registry.elements.values()}


def _shape(element: Registered) -> ElementShape:
    schema: Schema | None = getattr(element, "schema", None)
    return {
        "name": element.name,
        "kind": str(element.kind),
        "options": {
            name: value
            for name, value in element.options.items()
            if value is None or isinstance(value, str | int)
        },
        "fields": tuple(_field(name, spec) for name, spec in schema.fields.items()) if schema else (),
        "methods": element.methods,
    }


def _field(name: str, spec: FieldSpec) -> FieldShape:
    return {
        "name": name,
        "type": type_in_words(spec.type),
        "default": spec.default is not PydanticUndefined,
        "identity": bool(spec.identifier),
        "unique": bool(spec.unique),
    }


def type_in_words(annotation: Any) -> str:
    """A type as people write it, the same in every process.

    Args:
        annotation: a type as pydantic takes it.

    Returns:
        Its names and limits; functions that check a value are left out.

    Example:
        >>> from ddd_kit.fields import Integer
        >>> type_in_words(Integer(min_value=1).type)
        'int (ge=1) | None'
    """
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        limits = sorted(dict.fromkeys(text for part in parts[1:] for text in _limits(part)))
        base = type_in_words(parts[0])
        return f"{base} ({', '.join(limits)})" if limits else base
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(map(type_in_words, parts)))
    if origin is Literal:
        return f"one of {', '.join(map(_told, parts))}"
    if origin is not None:
        return f"{type_in_words(origin)}[{', '.join(map(type_in_words, parts))}]"
    return _name(annotation)


def _name(annotation: Any) -> str:
    if annotation is type(None):
        return "None"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return f"{annotation.__name__} ({', '.join(annotation.__members__)})"
    return getattr(annotation, "__name__", None) or _told(annotation)


def _limits(part: Any) -> Iterator[str]:
    """What a part of an annotation says about the values: `ge=1`."""
    for limit in (*getattr(part, "metadata", ()), part):
        module = type(limit).__module__
        if module.startswith("annotated_types") and not hasattr(limit, "func"):
            yield ", ".join(f"{name}={_told(getattr(limit, name))}" for name in type(limit).__slots__ or ())


def _told(value: Any) -> str:
    return _ADDRESS.sub("", repr(value))
