"""Values as Python that makes them again, with the imports that it needs."""

from __future__ import annotations

import dataclasses
import datetime as dt
import keyword
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.sentence import brief


class Literals:
    """Writes values as Python, and notes what has to be imported for them.

    Args:
        modules: the modules that the model is in; a class from elsewhere is imported from there.

    Attributes:
        imports: lines, in the order in which they were needed.
        names: the classes of the model that were named.

    Example:
        >>> literals = Literals(())
        >>> literals.of(Decimal("1.5")), literals.of([1, "two"])
        ("Decimal('1.5')", "[1, 'two']")
        >>> list(literals.imports)
        ['from decimal import Decimal']
    """

    def __init__(self, modules: tuple[str, ...]) -> None:
        self.modules = modules
        self.imports: dict[str, None] = {}
        self.names: dict[str, None] = {}

    def of(self, value: Any) -> str:
        """A value as Python.

        Args:
            value: of a field.

        Returns:
            An expression that equals it.

        Raises:
            IncorrectUsageError: for a value of which the kit does not know how it is made.
        """
        if isinstance(value, Enum):
            return f"{self.named(type(value))}({self.of(value.value)})"
        if dataclasses.is_dataclass(value) or isinstance(value, BaseModel):
            return f"{self.named(type(value))}({self._fields(value)})"
        for kind, write in _WRITERS.items():
            if type(value) is kind:
                return write(self, value)
        raise IncorrectUsageError(
            f"test_from: {brief(value)} is of the type {type(value).__name__}, which cannot be written as "
            "Python. Choose steps without it, or let the field hold what is made of plain values."
        )

    def named(self, cls: type) -> str:
        """A class as it is named in code; nested ones by their outer class."""
        path = cls.__qualname__.rsplit("<locals>.", 1)[-1]
        if cls.__module__ in (*self.modules, "__main__"):
            self.names[path.split(".", 1)[0]] = None
        else:
            self.needs(f"from {cls.__module__} import {path.split('.', 1)[0]}")
        return path

    def needs(self, line: str) -> None:
        """Note a line that imports something."""
        self.imports[line] = None

    def _fields(self, value: Any) -> str:
        if isinstance(value, BaseModel):
            pairs = {name: getattr(value, name) for name in type(value).model_fields}
        else:
            pairs = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
        return self.arguments(pairs)

    def arguments(self, values: Mapping[str, Any], write: Callable[[Any], str] | None = None) -> str:
        """Values as the arguments of a call.

        Args:
            values: by name.
            write: how a value is written; as usual when None.

        Returns:
            As `quantity=5, status='NEW'`; names that Python does not take come in a dictionary.
        """
        write = write or self.of
        told = {name: write(value) for name, value in values.items()}
        plain = [f"{name}={text}" for name, text in told.items() if is_name(name)]
        other = ", ".join(f"{name!r}: {text}" for name, text in told.items() if not is_name(name))
        return ", ".join([*plain, *([f"**{{{other}}}"] if other else [])])

    def joined(self, values: Any) -> str:
        """Values one after the other."""
        return ", ".join(map(self.of, values))


def is_name(text: str) -> bool:
    """Whether Python takes a text for a name."""
    return text.isidentifier() and not keyword.iskeyword(text)


def _float(_: Literals, value: float) -> str:
    return repr(value) if math.isfinite(value) else f"float({str(value)!r})"


def _tuple(literals: Literals, value: tuple[Any, ...]) -> str:
    return f"({literals.joined(value)}{',' if len(value) == 1 else ''})"


def _set(literals: Literals, value: set[Any]) -> str:
    return f"{{{', '.join(sorted(map(literals.of, value)))}}}" if value else "set()"


def _dict(literals: Literals, value: dict[Any, Any]) -> str:
    return "{" + ", ".join(f"{literals.of(k)}: {literals.of(v)}" for k, v in value.items()) + "}"


def _moment(literals: Literals, value: Any) -> str:
    literals.needs("import datetime as dt")
    return f"dt.{type(value).__name__}.fromisoformat({value.isoformat()!r})"


def _span(literals: Literals, value: dt.timedelta) -> str:
    literals.needs("import datetime as dt")
    return f"dt.timedelta(days={value.days}, seconds={value.seconds}, microseconds={value.microseconds})"


def _imported(literals: Literals, value: Any) -> str:
    literals.needs(f"from {type(value).__module__} import {type(value).__name__}")
    return repr(value)


def _plain(_: Literals, value: Any) -> str:
    return repr(value)


_WRITERS: Mapping[type, Callable[[Literals, Any], str]] = {
    **dict.fromkeys((str, int, bool, type(None), bytes, complex), _plain),
    float: _float,
    list: lambda literals, value: f"[{literals.joined(value)}]",
    tuple: _tuple,
    set: _set,
    frozenset: lambda literals, value: f"frozenset({_set(literals, set(value)) if value else ''})",
    dict: _dict,
    **dict.fromkeys((dt.datetime, dt.date, dt.time), _moment),
    dt.timedelta: _span,
    **dict.fromkeys((Decimal, UUID), _imported),
}
