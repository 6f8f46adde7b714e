"""Changes inside of aggregates: which value of which entity or value object is another one now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ddd_kit.building_blocks.part import Part, is_parts
from ddd_kit.journal.values import same

Pair = tuple[Any, Any]


def differences(field: str, before: Any, after: Any) -> Iterator[tuple[str, Pair]]:
    """What differs between two values of a field, as far inside as it can be told.

    Args:
        field: its name.
        before: the value before, as stored.
        after: the value after.

    Yields:
        Pairs of a path, as `total.amount` or `items[sku=A].quantity`, and the values before and after; None
        stands for what was not there.

    Example:
        >>> item = Part("OrderItem", "sku", ("sku", "quantity"), ("A", 1))
        >>> more = item._replace(values=("A", 2))
        >>> dict(differences("items", (item,), (more,)))
        {'items[sku=A].quantity': (1, 2)}
    """
    if same(before, after):
        return
    if isinstance(before, Part) and isinstance(after, Part) and _is_same_part(before, after):
        for name, old, new in zip(before.names, before.values, after.values, strict=True):
            yield from differences(f"{field}.{name}", old, new)
    elif is_parts(before) and is_parts(after):
        yield from _of_several(field, before, after)
    else:
        yield field, (before, after)


def _is_same_part(one: Part, other: Part) -> bool:
    return (one.element, one.names, one.id) == (other.element, other.names, other.id)


def _of_several(field: str, before: Sequence[Part], after: Sequence[Part]) -> Iterator[tuple[str, Pair]]:
    names = labels([*before, *after])
    old = {_key(part, place): part for place, part in enumerate(before)}
    new = {_key(part, place): part for place, part in enumerate(after)}
    for key in dict.fromkeys([*old, *new]):
        one, other = old.get(key), new.get(key)
        if one is None or other is None or not _is_same_part(one, other):
            path = f"{field}[{_label(one or other, names, key)}]"
            yield path, (one, other)
        else:
            yield from differences(f"{field}[{_label(one, names, key)}]", one, other)


def _key(part: Part, place: int) -> Any:
    return place if part.identity is None else part.id


def labels(parts: Sequence[Part]) -> str | None:
    """The field that tells the parts of a list apart best, for people.

    Args:
        parts: all that are to be told apart; the same one may come twice.

    Returns:
        The identity where the modeller named it; else the first text that no two of them share; else the
        identity. None for value objects.
    """
    if not parts or parts[0].identity is None:
        return None
    identity = parts[0].identity
    if identity != "id":
        return identity
    apart = {part.id: part for part in parts}
    for name in parts[0].names:
        if name == identity or any(name not in part.names for part in apart.values()):
            continue
        told = [part.values[part.names.index(name)] for part in apart.values()]
        if all(isinstance(value, str) and value for value in told) and len(set(told)) == len(told):
            return name
    return identity


def _label(part: Part | None, name: str | None, key: Any) -> str:
    if part is None or name is None or name not in part.names:
        return str(key)
    return f"{name}={part.values[part.names.index(name)]}"


def opened(field: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A value of a field with a path for each entity in it.

    Args:
        field: its name.
        value: the value, as stored.

    Yields:
        Pairs of a path, as `items[sku=A]`, and a value; the field itself where it holds no entities.

    Example:
        >>> item = Part("OrderItem", "sku", ("sku", "quantity"), ("A", 1))
        >>> dict(opened("items", (item,)))
        {'items[sku=A]': OrderItem(sku='A', quantity=1)}
    """
    if value and is_parts(value):
        names = labels(value)
        for place, part in enumerate(value):
            yield f"{field}[{_label(part, names, _key(part, place))}]", part
    else:
        yield field, value
