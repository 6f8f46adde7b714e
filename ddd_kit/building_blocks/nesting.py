"""Fields that hold building blocks: how their values are accepted, written down, and made anew."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, cast

import pydantic  # its parts load when first used
from pydantic_core import PydanticCustomError

from ddd_kit.building_blocks.part import Part, Parts
from ddd_kit.building_blocks.refusing import INSIDE
from ddd_kit.exceptions import ConfigurationError, ValidationError
from ddd_kit.fields.spec import FieldSpec, Nested, Relation

if TYPE_CHECKING:
    from ddd_kit.building_blocks.element import Element

# Gives the newest class of a class or a name.
Find = Callable[[type | str], type]
SINGLE = (Relation.VALUE, Relation.ONE)
ENTITIES = (Relation.ONE, Relation.MANY)


def annotated(spec: FieldSpec, find: Find) -> Any:
    """The type of a field that holds building blocks, as pydantic takes it.

    Args:
        spec: of the field.
        find: gives the newest class of the one that it holds.

    Returns:
        A type that accepts objects of that class, dictionaries of values, and what was stored.
    """
    nested = cast(Nested, spec.nested)
    check = _one_checked if nested.relation in SINGLE else _all_checked

    def accept(value: Any) -> Any:
        if value is None and (spec.required or nested.relation not in SINGLE):
            if spec.required:
                raise PydanticCustomError("missing", "is required")
            return []
        return None if value is None else check(nested, find, value)

    return Annotated[Any, pydantic.PlainValidator(accept)]


def _one_checked(nested: Nested, find: Find, value: Any) -> Any:
    cls = find(nested.target)
    if type(value) is cls:
        return value
    if isinstance(value, Part) and value.element == nested.name:
        return thawed(value, find)
    if isinstance(value, Mapping):
        values = dict(value)
    elif getattr(getattr(value, "_schema", None), "element", None) == nested.name:
        values = dict(value.__dict__)  # an object of an older class
    else:
        example = f"{nested.name}({', '.join(f'{name}=...' for name in list(_schema(cls).fields)[:2])})"
        article = "an" if nested.name[:1] in "AEIOUaeiou" else "a"
        text = f"should be {article} {nested.name}, as {example}"
        raise PydanticCustomError(INSIDE, "{text}", {"text": text})
    try:
        return cls(**values)
    except ValidationError as error:
        raise PydanticCustomError(INSIDE, "{text}", {"text": _inside(error), "error": error}) from error


def _all_checked(nested: Nested, find: Find, value: Any) -> list[Any]:
    cls = find(nested.target)
    if isinstance(value, str | Mapping | cls) or not isinstance(value, Iterable):
        value = [value]
    return [_one_checked(nested, find, each) for each in value]


def _schema(cls: Any) -> Any:
    return cls._schema


def _inside(error: ValidationError) -> str:
    return "; ".join(
        text if field == "_entity" else f"{field}: {text}"
        for field, texts in error.messages.items()
        for text in texts
    )


def frozen(value: Any) -> Any:
    """A building block, or several, as they are stored.

    Args:
        value: a value object, an entity, a list of them, or None.

    Returns:
        A part, a tuple of parts, or None.
    """
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return Parts([_part(each) for each in value])
    return _part(value)


def _part(element: Element) -> Part:
    schema = element._schema
    identity = schema.identity
    return Part(schema.element, identity, schema.names, schema.snapshot(element.__dict__))


def thawed(part: Any, find: Find) -> Any:
    """What was stored, as objects of the newest classes.

    Args:
        part: a part, a tuple of parts, or None.
        find: gives the newest class of a name.

    Returns:
        The object, a list of objects, or None.

    Raises:
        ConfigurationError: when what was stored does not fit the newest class.
    """
    if part is None:
        return None
    if not isinstance(part, Part):
        return [thawed(each, find) for each in part]
    cls: Any = find(part.element)
    schema = cls._schema
    if part.names == schema.names:
        return cls._restored(schema.restore(part.values))
    stored = {n: v for n, v in zip(part.names, part.values, strict=True) if n in schema.fields}
    try:
        return cls._restored(schema.check(stored))
    except ValueError as error:
        field, texts = next(iter(schema.explain(error).messages.items()))
        raise ConfigurationError(
            f"A {part.element} was stored when its class had other fields: '{field}' {texts[0]}. Give "
            f"'{field}' a default and run the cell of {part.element} again, or empty the domain with "
            "domain.reset()."
        ) from error


def snapshot_of(
    names: tuple[str, ...], nested: Mapping[str, Nested], mutable: frozenset[str]
) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """How the values of an element with parts are written down.

    Args:
        names: of its fields.
        nested: those that hold building blocks.
        mutable: those whose values may change from inside.

    Returns:
        Takes values by name, returns them in order, untouched by later changes.
    """
    ways = [frozen if n in nested else copy.deepcopy if n in mutable else None for n in names]
    pairs = list(zip(names, ways, strict=True))

    def snapshot(values: dict[str, Any]) -> tuple[Any, ...]:
        return tuple([values[name] if way is None else way(values[name]) for name, way in pairs])

    return snapshot


def restore_of(
    names: tuple[str, ...], nested: Mapping[str, Nested], mutable: frozenset[str], find: Find
) -> Callable[[tuple[Any, ...]], dict[str, Any]]:
    """The way back from `snapshot_of`.

    Args:
        names: of its fields.
        nested: those that hold building blocks.
        mutable: those whose values may change from inside.
        find: gives the newest class of a name.

    Returns:
        Takes values in order, returns them by name, free to be changed.
    """

    def revived(value: Any) -> Any:
        return thawed(value, find)

    ways = [revived if n in nested else copy.deepcopy if n in mutable else None for n in names]
    pairs = list(zip(names, ways, strict=True))

    def restore(values: tuple[Any, ...]) -> dict[str, Any]:
        return {
            name: value if way is None else way(value)
            for (name, way), value in zip(pairs, values, strict=True)
        }

    return restore
