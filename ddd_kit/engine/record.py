"""Some fields of what a query found, where the whole object is not needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from ddd_kit.exceptions import IncorrectUsageError, did_you_mean


class Record:
    """Values by field name, to be read as attributes or by key; no aggregate, without its rules and methods.

    Args:
        element: the name of the aggregate.
        values: by field name.

    Example:
        >>> record = Record("Order", {"quantity": 3})
        >>> record.quantity, record["quantity"], record
        (3, 3, <Record Order(quantity=3)>)
    """

    __slots__ = ("_element", "_values")
    __hash__ = None  # type: ignore[assignment]  # two of equal values are two

    def __init__(self, element: str, values: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_element", element)
        object.__setattr__(self, "_values", dict(values))

    def __getattr__(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        raise AttributeError(self._lacking(name), name=name, obj=self)

    def __getitem__(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        raise KeyError(self._lacking(name))

    def _lacking(self, name: str) -> str:
        hint = did_you_mean(name, self._values) or f": it has {', '.join(self._values)}."
        return f"This record of {self._element} has no field '{name}'{hint} Name it in only(...)."

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise IncorrectUsageError(
            f"A record of {self._element} only reads. Get the object: "
            f"domain.repository_for({self._element}).get(...)."
        )

    def to_dict(self) -> dict[str, Any]:
        """The values.

        Returns:
            A new dictionary, by field name.
        """
        return dict(self._values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        return (self._element, self._values) == (other._element, other._values)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self._values.items())
        return f"<Record {self._element}({values})>"
