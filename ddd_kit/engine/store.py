"""The stored aggregates of one kind: plain values by identity, with look-ups by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.aggregate import restore as restore_aggregate
from ddd_kit.building_blocks.schema import Schema, Values
from ddd_kit.exceptions import ConfigurationError, ValidationError
from ddd_kit.journal.sentence import short_id

# Version, field names and values. A plain tuple leaves the garbage collector's care; the tuple of
# names is the schema's own, so that comparing it tells whether an older class stored the row.
Row = tuple[int, tuple[str, ...], tuple[Any, ...]]


class Store:
    """Rows by identity. Writing the same row twice does no harm.

    Args:
        aggregate: the name of the aggregates.
    """

    def __init__(self, aggregate: str) -> None:
        self.aggregate = aggregate
        self.rows: dict[Any, Row] = {}
        self._indexes: dict[str, dict[Any, dict[Any, None]]] = {}
        self._indexed_names: tuple[str, ...] | None = None

    def write(self, identity: Any, row: Row | None) -> None:
        """Store a row, or remove the one that is there.

        Args:
            identity: of the aggregate.
            row: its version, names and values; None removes it.
        """
        if self._indexes:
            self._reindex(identity, row)
        if row is None:
            self.rows.pop(identity, None)
        else:
            self.rows[identity] = row

    def _reindex(self, identity: Any, row: Row | None) -> None:
        old = self.rows.get(identity)
        names = self._indexed_names
        if (row is not None and row[1] is not names) or (old is not None and old[1] is not names):
            self._indexes = {}
            return
        for field, index in self._indexes.items():
            place = names.index(field)  # type: ignore[union-attr]
            before = old[2][place] if old is not None else None
            if row is not None and old is not None and before == row[2][place]:
                continue
            if old is not None:
                index.get(before, {}).pop(identity, None)
            if row is not None:
                self._put(index, row[2][place], identity)

    @staticmethod
    def _put(index: dict[Any, dict[Any, None]], value: Any, identity: Any) -> None:
        group = index.get(value)
        if group is None:
            index[value] = {identity: None}
        else:
            group[identity] = None

    def identities_with(self, field: str, value: Any, schema: Schema) -> Iterable[Any]:
        """The identities of the aggregates that have a value in a field.

        Args:
            field: its name.
            value: the value, as stored.
            schema: of the newest class.

        Returns:
            Identities. The first look-up of a field costs a pass over all rows, later ones do not, unless
            the field holds values that can change from inside.
        """
        if field in schema.indexable:
            return self._index(field, schema).get(value, ())
        place = schema.names.index(field)
        return [key for key, row in self.rows.items() if current(schema, key, row)[place] == value]

    def _index(self, field: str, schema: Schema) -> dict[Any, dict[Any, None]]:
        if self._indexed_names is not schema.names:
            self._indexes, self._indexed_names = {}, schema.names
        index = self._indexes.get(field)
        if index is None:
            place = schema.names.index(field)
            index = {}
            for identity, row in self.rows.items():
                self._put(index, current(schema, identity, row)[place], identity)
            self._indexes[field] = index
        return index

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self.rows))


def current(schema: Schema, identity: Any, row: Row) -> tuple[Any, ...]:
    """The values of a row as the newest class has them.

    Args:
        schema: of the newest class.
        identity: of the aggregate, for the error.
        row: as stored, maybe by an older class.

    Returns:
        Values in the order of the schema.

    Raises:
        ConfigurationError: when the row lacks a field that is required now, or has a value that is not
            accepted any more.
    """
    if row[1] is schema.names:
        return row[2]
    return schema.values_of(_upgraded(schema, identity, row))


def _upgraded(schema: Schema, identity: Any, row: Row) -> Values:
    stored = {name: value for name, value in zip(row[1], row[2], strict=True) if name in schema.fields}
    try:
        return schema.check({**stored, schema.identity: identity})
    except ValueError as error:
        wrong = schema.explain(error)  # type: ignore[arg-type]
        field, texts = next(iter(wrong.messages.items()))
        problem = "was stored without it" if field not in stored else f"was stored with {stored[field]!r}"
        raise ConfigurationError(
            f"{schema.element} {short_id(identity)} {problem}: the field '{field}' {_lower(texts[0])}. Give "
            f"'{field}' a default or accept the old value and run the cell of {schema.element} again, or "
            "empty the domain with domain.reset()."
        ) from ValidationError(wrong.messages, schema.element)


def _lower(text: str) -> str:
    return (text[:1].lower() + text[1:]).removeprefix("input ")


def revive(cls: type[Aggregate], identity: Any, row: Row) -> Aggregate:
    """A stored aggregate as an object of the newest class.

    Args:
        cls: the newest class.
        identity: of the aggregate.
        row: as stored.

    Returns:
        A new object.

    Raises:
        ConfigurationError: when the row does not fit the class any more.
    """
    schema = cls._schema
    return restore_aggregate(cls, schema.restore(current(schema, identity, row)), row[0])
