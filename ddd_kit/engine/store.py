"""The stored aggregates of one kind: plain values by identity, with look-ups by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from operator import itemgetter
from typing import TYPE_CHECKING, Any, get_args

from ddd_kit.building_blocks.schema import Schema, Values
from ddd_kit.exceptions import ConfigurationError, ValidationError
from ddd_kit.journal.sentence import short_id

if TYPE_CHECKING:
    from ddd_kit.building_blocks.aggregate import Aggregate
    from ddd_kit.fields import FieldSpec

# Version, field names and values. A plain tuple leaves the garbage collector's care; the tuple of
# names is the schema's own, so that comparing it tells whether an older class stored the row.
Row = tuple[int, tuple[str, ...], tuple[Any, ...]]
Index = dict[Any, dict[Any, None]]  # identities by value, in order of their entry


class Store:
    """Rows by identity. Writing the same row twice does no harm.

    Args:
        aggregate: the name of the aggregates.
    """

    def __init__(self, aggregate: str) -> None:
        self.aggregate = aggregate
        self.rows: dict[Any, Row] = {}
        self._numbers: dict[str, int] = {}  # the last number that was given, by field
        self._indexes: dict[str, tuple[int, Index]] = {}  # with the place of the field
        self._indexed_names: tuple[str, ...] | None = None
        self._indexed_values: itemgetter[Any]  # as soon as there is an index

    def write(self, identity: Any, before: tuple[Any, ...] | None, row: Row | None) -> None:
        """Store a row, or remove the one that is there.

        Args:
            identity: of the aggregate.
            before: the values that it had, in the order of the row's names; None where it is new.
            row: its version, names and values; None removes it.
        """
        if self._indexes and (
            before is None
            or row is None
            or row[1] is not self._indexed_names
            or self._indexed_values(before) != self._indexed_values(row[2])
        ):
            self._reindex(identity, self.rows.get(identity), row)
        if row is None:
            self.rows.pop(identity, None)
        else:
            self.rows[identity] = row

    def complete(self, aggregate: Aggregate, now: dt.datetime) -> None:
        """Give an aggregate what a save gives it: numbers that count, and its time.

        Args:
            aggregate: the object that is saved.
            now: the time, in UTC.
        """
        state, schema = aggregate.__dict__, aggregate._schema
        for name in schema.completed:
            spec = schema.fields[name]
            if spec.numbered:
                if state[name] is None:
                    state[name] = self._next_number(name)
            elif spec.stamped == "changed" or state[name] is None:
                state[name] = schema.checks[name](now if _holds_time(spec) else now.date())

    def _next_number(self, field: str) -> int:
        latest = self._numbers.get(field)
        if latest is None:
            held = (row[2][row[1].index(field)] for row in self.rows.values() if field in row[1])
            latest = max((number for number in held if number is not None), default=0)
        self._numbers[field] = latest + 1
        return latest + 1

    def _reindex(self, identity: Any, old: Row | None, new: Row | None) -> None:
        names = self._indexed_names
        if (old is not None and old[1] is not names) or (new is not None and new[1] is not names):
            self._indexes = {}
            return
        before = None if old is None else old[2]
        after = None if new is None else new[2]
        for place, index in self._indexes.values():
            if before is not None:
                value = before[place]
                if after is not None and value == after[place]:
                    continue
                index.get(value, {}).pop(identity, None)
            if after is not None:
                self._put(index, after[place], identity)

    @staticmethod
    def _put(index: Index, value: Any, identity: Any) -> None:
        group = index.get(value)
        if group is None:
            index[value] = {identity: None}
        else:
            group[identity] = None

    def holders(self, condition: Values, schema: Schema) -> Collection[Any] | None:
        """The identities of the aggregates that hold a value exactly as it is asked for.

        What a field holds is coerced already, so a value that is found needs no check; that takes 80 ns, the
        look-up 20.

        Args:
            condition: one field and its value.
            schema: of the newest class.

        Returns:
            Identities, not to be kept; None where none is found, or there is no index yet.
        """
        ((field, value),) = condition.items()
        index = self._indexes.get(field)
        if index is None or self._indexed_names is not schema.names:
            return None
        try:
            return index[1].get(value)
        except TypeError:  # a value that cannot be in an index, as it is
            return None

    def identities_with(self, field: str, value: Any, schema: Schema) -> Collection[Any]:
        """The identities of the aggregates that have a value in a field.

        Args:
            field: its name.
            value: the value, as stored.
            schema: of the newest class.

        Returns:
            Identities, not to be kept. The first look-up of a field costs a pass over all rows, later ones
            do not, unless the field holds values that can change from inside.
        """
        if self._indexed_names is schema.names and field in self._indexes:
            return self._indexes[field][1].get(value, ())
        if field in schema.indexable:
            return self._index(field, schema).get(value, ())
        place = schema.names.index(field)
        return [key for key, row in self.rows.items() if current(schema, key, row)[place] == value]

    def _index(self, field: str, schema: Schema) -> Index:
        if self._indexed_names is not schema.names:
            self._indexes, self._indexed_names = {}, schema.names
        place = schema.names.index(field)
        index: Index = {}
        for identity, row in self.rows.items():
            self._put(index, current(schema, identity, row)[place], identity)
        self._indexed_values = itemgetter(*[place for place, _ in self._indexes.values()], place)
        self._indexes[field] = (place, index)
        return index


def _holds_time(spec: FieldSpec) -> bool:
    return dt.datetime in (spec.type, *get_args(spec.type))


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
    return schema.snapshot(_upgraded(schema, identity, row))


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
