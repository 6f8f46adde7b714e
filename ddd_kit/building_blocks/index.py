"""Indexes, which Protean's databases need; the kit looks values up without."""

from __future__ import annotations

from typing import Any


class Index:
    """Declares that a database should find aggregates by some fields quickly; here it has no effect.

    Args:
        *fields: names of fields.
        **options: as Protean's.

    Example:
        >>> Index("status", "-placed_at")
        Index('status', '-placed_at')
    """

    def __init__(self, *fields: Any, **options: Any) -> None:
        self.fields = fields
        self.options = options

    @classmethod
    def from_sql(cls, *statements: Any, **options: Any) -> Index:
        """An index in the words of a database.

        Args:
            *statements: SQL.
            **options: as Protean's.

        Returns:
            The index, without effect as the others.
        """
        return cls(*statements, **options)

    def __repr__(self) -> str:
        return f"Index({', '.join(map(repr, self.fields))})"
