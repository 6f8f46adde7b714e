"""Plain values in entries: copied where they could be changed from inside, compared whatever they are."""

from __future__ import annotations

import copy
from typing import Any

from ddd_kit.building_blocks.part import plain


def by_name(names: tuple[str, ...], values: tuple[Any, ...]) -> dict[str, Any]:
    """Values by field name; those that can change are copies.

    Args:
        names: field names.
        values: as many values.

    Returns:
        A new dictionary.
    """
    return {name: plain(value) for name, value in zip(names, copied(values), strict=True)}


def copied(value: Any) -> Any:
    """The value itself, or a copy where somebody could change it from inside.

    Args:
        value: any value.

    Returns:
        The value or a deep copy.
    """
    kind = type(value)
    if kind in _PLAIN or (kind is tuple and _PLAIN.issuperset(map(type, value))):
        return value
    return copy.deepcopy(value)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, of whatever class; those that refuse to be compared are not.

    Args:
        one: any value.
        other: any value.

    Returns:
        True where they are one object or equal; of arrays, where all that they hold is equal.

    Example:
        >>> same(90, 90), same(float("nan"), 90), same((nan := float("nan")), nan)
        (True, False, True)
    """
    if one is other:
        return True
    try:
        equal = one == other
        if type(equal) is bool:
            return equal
        return getattr(one, "shape", ()) == getattr(other, "shape", ()) and bool(_whole(equal))
    except Exception:  # noqa: BLE001 - whatever a value's own comparison raises
        return False


def _whole(equal: Any) -> Any:
    """The answer of arrays, which compare element by element, as one."""
    while hasattr(equal, "all"):
        narrower = equal.all()
        if type(narrower) is type(equal):
            return narrower
        equal = narrower
    return equal


_PLAIN = frozenset({str, int, float, bool, type(None)})
