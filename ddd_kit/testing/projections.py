"""What a projection has become after events."""

from __future__ import annotations

from typing import Any, Self

from ddd_kit.engine.engine import Engine
from ddd_kit.engine.model import name_of
from ddd_kit.exceptions import did_you_mean
from ddd_kit.testing.expected import Line, coerced, field_lines, table

_MISSING = object()


class ProjectionResult:
    """A record of a projection, or that there is none; it has the fields of the record.

    Args:
        name: the name of the projection.
        projection: the record, or None.
    """

    def __init__(self, name: str, projection: Any) -> None:
        self._name, self._projection = name, projection

    @classmethod
    def found_in(cls, engine: Engine, projection: type | str, identity: Any) -> Self:
        """Look a record up.

        Args:
            engine: the world of the test.
            projection: a class or its name.
            identity: of the record.

        Returns:
            What was found.

        Raises:
            IncorrectUsageError: for something of which nothing is stored.
        """
        return cls(name_of(projection), engine.repository_for(projection).get_or_none(identity))

    @property
    def projection(self) -> Any:
        """The record, or None."""
        return self._projection

    @property
    def found(self) -> bool:
        """Whether there is a record."""
        return self._projection is not None

    @property
    def not_found(self) -> bool:
        """Whether there is none."""
        return self._projection is None

    def has(self, **expected: Any) -> Self:
        """Expect values.

        Args:
            **expected: values by the name of a field or property.

        Returns:
            The same, to ask more.

        Raises:
            AssertionError: when there is no record, or it has other values; both are shown side by side.
        """
        __tracebackhide__ = True
        found = self._projection
        if found is None:
            raise AssertionError(
                f"{self._name} projection not found: none of the events led to such a record."
            )
        schema = found._schema
        lines: list[Line] = []
        for name, value in expected.items():
            held = getattr(found, name, _MISSING)
            if held is _MISSING:
                hint = did_you_mean(name, schema.names) or f". It has: {', '.join(schema.names)}."
                raise AssertionError(f"{self._name} has no attribute '{name}'{hint}")
            wanted = coerced(schema, name, value) if name in schema.fields else value
            lines += field_lines(name, wanted, held)
        wrong = [line for line in lines if not line.same]
        if wrong:
            first = wrong[0]
            said = f"{self._name}.{first.what.strip()}: expected {first.expected}, got {first.found}"
            raise AssertionError(f"{said}\n\n{table([Line(self._name, '', '', same=True), *lines])}")
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if self._projection is None:
            raise AttributeError(
                f"{self._name} has no '{name}': there is no such record.", name=name, obj=self
            )
        return getattr(self._projection, name)

    def __repr__(self) -> str:
        return f"<ProjectionResult({self._name}) {'found' if self.found else 'not_found'}>"
