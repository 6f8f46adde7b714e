"""How a value object or an entity is written down: as plain data, inside of what holds it."""

from __future__ import annotations

import copy
import operator
from typing import Any, NamedTuple


class Part(NamedTuple):
    """A value object or an entity as it was saved; plain data, as everything that is stored.

    Attributes:
        element: the name of its class.
        identity: the name of the field that is its identity; None for a value object.
        names: its field names.
        values: its values, in the same order; parts in their turn where it holds some.
    """

    element: str
    identity: str | None
    names: tuple[str, ...]
    values: tuple[Any, ...]

    @property
    def id(self) -> Any:
        """Its identity, or None."""
        return None if self.identity is None else self.values[self.names.index(self.identity)]

    def to_dict(self) -> dict[str, Any]:
        """The values by field name, all the way down; changing the dictionary changes nothing else."""
        return {name: plain(value) for name, value in zip(self.names, self.values, strict=True)}

    def __repr__(self) -> str:
        fields = ", ".join(f"{n}={v!r}" for n, v in zip(self.names, self.values, strict=True))
        return f"{self.element}({fields})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Part:
        values = copy.deepcopy(self.values, memo)
        return self if values is self.values else self._replace(values=values)


class Parts(tuple[Part, ...]):
    """The entities or value objects of one field, as they are stored."""

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Parts:
        parts = [copy.deepcopy(part, memo) for part in self]
        return self if all(map(operator.is_, parts, self)) else Parts(parts)

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self))}]"


def plain(value: Any) -> Any:
    """A stored value as a person would write it: parts as dictionaries, several of them as a list.

    Args:
        value: any value.

    Returns:
        The value without parts.

    Example:
        >>> plain((Part("Money", None, ("amount",), (5,)),))
        [{'amount': 5}]
        >>> plain("A")
        'A'
    """
    if isinstance(value, Part):
        return value.to_dict()
    if is_parts(value):
        return [part.to_dict() for part in value]
    return value


def is_parts(value: Any) -> bool:
    """Whether a stored value stands for several objects, as of a field `HasMany`.

    Args:
        value: any stored value.

    Returns:
        True for parts, also where there are none; not for a plain tuple that is empty.
    """
    if type(value) is Parts:
        return True
    return type(value) is tuple and bool(value) and all(isinstance(part, Part) for part in value)
