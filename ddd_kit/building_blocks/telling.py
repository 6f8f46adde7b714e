"""How `to_dict` tells values: as JSON has them."""

from __future__ import annotations

import copy
import datetime as dt
import decimal
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from ddd_kit.building_blocks.schema import Values
from ddd_kit.fields import FieldSpec
from ddd_kit.fields.spec import Relation


def teller(
    specs: Mapping[str, FieldSpec],
    values_of: Callable[[Values], tuple[Any, ...]],
    by_name: Callable[[tuple[Any, ...]], Values],
) -> Callable[[Values], Values]:
    """How the values of a class are told.

    As Protean's, `to_dict` gives what JSON can hold: exact numbers and times as texts, parts opened up.

    Args:
        specs: of its fields.
        values_of: takes values by name, gives them in order.
        by_name: the way back.

    Returns:
        Takes values by name, returns them as `to_dict` gives them.
    """
    told_fields = {name: spec for name, spec in specs.items() if not refers(spec)}
    ways = {name: _way_of_telling(spec) for name, spec in told_fields.items()}
    if len(ways) == len(specs) and not any(ways.values()):
        return lambda values: by_name(values_of(values))
    left_out = {
        name for name, spec in specs.items() if spec.nested and spec.nested.relation is Relation.VALUE
    }

    def told(values: Values) -> Values:
        return {
            name: values[name] if way is None else way(values[name])
            for name, way in ways.items()
            if name not in left_out or values[name] is not None
        }

    return told


def refers(spec: FieldSpec) -> bool:
    """Whether a field holds the identity of another aggregate.

    Args:
        spec: of the field.

    Returns:
        True for one made with `Reference`.
    """
    return spec.nested is not None and spec.nested.relation is Relation.REFERENCE


def _way_of_telling(spec: FieldSpec) -> Callable[[Any], Any] | None:
    return None if spec.nested is None and _is_plain(spec.type) else _told


def _is_plain(annotation: Any) -> bool:
    """Whether a type holds nothing but values that `to_dict` gives as they are."""
    if get_origin(annotation) is Literal:
        return True
    inner = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _is_plain(inner[0])
    if inner:
        return get_origin(annotation) in (Union, types.UnionType) and all(map(_is_plain, inner))
    return annotation in (str, int, float, bool, bytes, complex, type(None))


def _told(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return [_told(each) for each in value]
    if isinstance(value, dict):
        return {key: _told(each) for key, each in value.items()}
    to_dict = getattr(value, "to_dict", None)
    return to_dict() if to_dict is not None and hasattr(value, "_schema") else copy.deepcopy(value)
