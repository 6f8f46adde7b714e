"""Changes inside of aggregates: which value of which entity or value object is another one now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ddd_kit.building_blocks.part import Part, is_parts
from ddd_kit.journal.values import same

Pair = tuple[Any, Any]
# Where a value is: names of fields, and after one that holds several parts the key of one of them.
Place = tuple[Any, ...]
ABSENT = object()  # what is where nothing is
_LONGEST_LABEL = 40  # characters
_UUID = 36


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
        The identity where the modeller named it; else the first short text that no two of them share; else
        the identity. None for value objects.
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
        short = all(isinstance(value, str) and 0 < len(value) <= _LONGEST_LABEL for value in told)
        if short and len(set(told)) == len(told):
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


def place_of(path: str, names: Sequence[str], values: Sequence[Any]) -> Place | None:
    """Where a path leads, as `items[sku=A].quantity`.

    Args:
        path: a field, or a path as `differences` gives it; `items[A]` names an entity by its identity.
        names: the fields of what holds it.
        values: their values, as stored.

    Returns:
        The place, which stays the same however entities are labelled; None where the path leads nowhere.

    Example:
        >>> item = Part("OrderItem", "sku", ("sku", "quantity"), ("A", 1))
        >>> place_of("items[sku=A].quantity", ("items",), ((item,),))
        ('items', 'A', 'quantity')
    """
    for name, value in zip(names, values, strict=True):
        if path == name:
            return (name,)
        inner = _inside(path[len(name) :], value) if path.startswith(name) else None
        if inner is not None:
            return (name, *inner)
    return None


def _inside(rest: str, value: Any) -> Place | None:
    """Where the rest of a path leads from a value; an empty place for the value itself."""
    if not rest:
        return ()
    if isinstance(value, Part):
        return place_of(rest[1:], value.names, value.values) if rest[0] == "." else None
    for number, part in enumerate(value if is_parts(value) else ()):
        key = _key(part, number)
        for label in _names_of(part, key):
            inner = _inside(rest[len(label) :], part) if rest.startswith(label) else None
            if inner is not None:
                return (key, *inner)
    return None


def _names_of(part: Part, key: Any) -> Iterator[str]:
    """All that may stand for a part in a path; of a UUID the first 8 characters are enough."""
    for name, value in (("", key), *zip(part.names, part.values, strict=True)):
        text, head = str(value), f"{name}=" if name else ""
        yield f"[{head}{text}]"
        if len(text) == _UUID:
            yield f"[{head}{text[:8]}]"


def held_at(place: Place, names: Sequence[str], values: Sequence[Any] | None) -> Any:
    """What is at a place.

    Args:
        place: as `place_of` gives it.
        names: the fields of what holds it.
        values: their values, as stored; None where there is nothing.

    Returns:
        The value; `ABSENT` where nothing is.

    Example:
        >>> held_at(("quantity",), ("quantity",), (5,))
        5
    """
    name, *rest = place
    if values is None or name not in names:
        return ABSENT
    held = values[list(names).index(name)]
    if rest and not isinstance(held, Part):
        keyed = {_key(part, number): part for number, part in enumerate(held)} if is_parts(held) else {}
        held = keyed.get(rest.pop(0), ABSENT)
    if not rest or held is ABSENT:
        return held
    return held_at(tuple(rest), held.names, held.values) if isinstance(held, Part) else ABSENT


def elements_at(place: Place, names: Sequence[str], values: Sequence[Any]) -> Iterator[str]:
    """The classes of the parts on the way to a place.

    Args:
        place: as `place_of` gives it.
        names: the fields of what holds it.
        values: their values, as stored.

    Yields:
        Names of classes, from the outside.
    """
    for end in range(1, len(place)):
        held = held_at(place[:end], names, values)
        if isinstance(held, Part):
            yield held.element


def paths(names: Sequence[str], values: Sequence[Any]) -> Iterator[str]:
    """The paths that lead to entities, and to the values in value objects.

    Args:
        names: fields.
        values: their values, as stored.

    Yields:
        As `items[sku=A]`, `total.amount`.

    Example:
        >>> list(paths(("total",), (Part("Money", None, ("amount",), (5,)),)))
        ['total.amount']
    """
    for name, value in zip(names, values, strict=True):
        if isinstance(value, Part):
            yield from (f"{name}.{inner}" for inner in value.names)
        elif value and is_parts(value):
            yield from (path for path, _ in opened(name, value))
