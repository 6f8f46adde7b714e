"""The rows of the journal as lines of a file, and back, after the types of their columns."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from ddd_kit.engine.run_file.decoding import (
    EnumTypes,
    UnreadableError,
    decode,
    enums_in,
    is_member,
    is_nested,
)
from ddd_kit.engine.run_file.lines import ADDED, columns_of
from ddd_kit.engine.run_file.values import UnwritableError, encode, encode_tried
from ddd_kit.exceptions import RunFileError
from ddd_kit.journal.entry import COLUMNS, KIND_AT, Row
from ddd_kit.journal.sentence import short_id

if TYPE_CHECKING:
    from ddd_kit.engine.registry import Registry

Line = dict[str, Any]
Names = tuple[str, ...]
Values = tuple[Any, ...]
Convert = Callable[[Any], Any]
_PLAIN = frozenset({str, int, bool, type(None)})
_BY_NAME = ("values", "before", "after")  # these go with the column `names`


# Writing


def to_line(step: int, row: Row) -> Line:
    """A row as a file has it.

    Args:
        step: its step, for the error.
        row: as the journal keeps it.

    Returns:
        Its columns by name.

    Raises:
        RunFileError: when a value cannot be kept in a file.
    """
    columns, special = _writers(row[KIND_AT])
    line = dict(zip(columns, row, strict=True))
    for column, write in special:
        try:
            if write is None:
                line[column] = encoded_by_name(line[column], line["names"])
            else:
                line[column] = write(line[column])
        except UnwritableError as error:
            raise refused(error, _subject(step, dict(zip(columns, row, strict=True)))) from error
    return line


@cache
def _writers(kind: str) -> tuple[Names, list[tuple[str, Convert | None]]]:
    """The columns of a kind; and those of them that may hold anything, with what encodes them."""
    special: list[tuple[str, Convert | None]] = []
    for column, hint in columns_of(kind).items():
        if column in _BY_NAME and "names" in COLUMNS[kind]:
            special.append((column, None))
        elif column in _SPECIAL_WRITERS:
            special.append((column, _SPECIAL_WRITERS[column]))
        elif (convert := _after(hint, encode)) is not None:
            special.append((column, convert))
    return COLUMNS[kind], special


def _after(hint: Any, convert: Convert) -> Convert | None:
    """What converts the values in a column, which stand where its type says `Any`; None where nowhere."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint is Any:
        return convert
    inner = [_after(part, convert) for part in parts]
    if not any(inner):
        return None
    if origin in (Union, types.UnionType):
        one = next(filter(None, inner))
        return lambda value: None if value is None else one(value)
    if parts[-1] is ...:
        every = next(filter(None, inner))
        return lambda values: tuple(map(every, values))
    return lambda values: tuple(
        [each(value) if each else value for each, value in zip(inner, values, strict=True)]
    )


def encoded_by_name(values: Values | None, names: Names) -> list[Any] | None:
    """The values of an object as a file has them.

    Args:
        values: in the order of the names; None for none.
        names: of the fields.

    Returns:
        As many values.

    Raises:
        UnwritableError: when one cannot be kept; the name of its field comes after the text.
    """
    if values is None:
        return None
    encoded = []
    for place, value in enumerate(values):
        try:
            encoded.append(encode(value))
        except UnwritableError as error:
            raise UnwritableError(*error.args, names[place]) from error
    return encoded


def _undone(lost: Iterable[tuple[Any, ...]]) -> list[Any]:
    return [
        [aggregate, encode(key), names, encoded_by_name(before, names), encoded_by_name(after, names)]
        for aggregate, key, names, before, after in lost
    ]


_SPECIAL_WRITERS: Mapping[str, Convert] = {
    "undone": _undone,
    "tried": lambda pairs: [[field, encode_tried(value)] for field, value in pairs],
    "rules": lambda rules: [
        [rule, element, text, [[field, encode_tried(value)] for field, value in seen]]
        for rule, element, text, seen in rules
    ],
}


def refused(error: UnwritableError, subject: str) -> RunFileError:
    """The error about a value that cannot be written.

    Args:
        error: says what it is, and maybe the name of the field.
        subject: what holds it.

    Returns:
        The error to raise.
    """
    what, *fields = error.args
    field = f": the field '{fields[0]}'" if fields else ""
    return RunFileError(
        f"domain.save(): {subject}{field} holds {what}, which a file cannot keep; nothing is written. Let it "
        "hold plain data: texts, numbers, dates, enums, or lists, sets, tuples and dictionaries of them."
    )


def _subject(step: int, line: Line) -> str:
    name = line.get("type") or line.get("aggregate") or line.get("element") or line["kind"]
    identity = line.get("aggregate_id", line.get("id"))
    owner = f" of {line['aggregate']}" if "type" in line and "aggregate" in line else ""
    told = "" if identity is None else f" {short_id(identity)}"
    return f"{name}{owner}{told} (step {step})"


# Reading


class Members:
    """Where the members of enums are found: in the types of the fields of a model.

    Args:
        registry: the definitions.

    Attributes:
        lost: fields, as names of element and field, that held a member that is not found.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[tuple[str, str], EnumTypes] = {}
        self.lost: dict[tuple[str, str], None] = {}

    def value(self, data: Any, element: str, field: str, depth: int = 0) -> Any:
        """The value of a field.

        Args:
            data: as a file has it.
            element: the name of what has the field.
            field: its name.
            depth: in how many lists and the like it is.

        Returns:
            The value; of a member of an unknown enum its plain value.

        Raises:
            UnreadableError: when it stands for no value.
        """
        if type(data) in _PLAIN:
            return data
        if is_nested(data):
            return decode(data, (), depth, self.value)
        if not is_member(data):
            return decode(data, (), depth)
        key = (element, field)
        enums = self._known.get(key)
        if enums is None:
            schema = getattr(self._registry.elements.get(element), "schema", None)
            spec = None if schema is None else schema.fields.get(field)
            enums = self._known[key] = () if spec is None else enums_in(spec.type)
        if not enums:
            self.lost[key] = None
        return decode(data, enums, depth)

    def identity(self, data: Any, element: str) -> Any:
        """The identity of an aggregate; one that can be found, and told.

        Args:
            data: as a file has it.
            element: the name of the aggregate.

        Returns:
            The identity.

        Raises:
            UnreadableError: when it is none.
        """
        if type(data) is str:
            return data
        schema = getattr(self._registry.elements.get(element), "schema", None)
        value = self.value(data, element, (schema and schema.identity) or "id")
        try:
            hash(value)
            str(value)
        except (TypeError, ValueError) as error:
            raise UnreadableError(f"an identity that is none: {error}") from error
        return value

    def values(self, data: Values | None, names: Names, element: str) -> Values | None:
        """The values of an object.

        Args:
            data: as a file has them; None for none.
            names: of the fields.
            element: the name of the object's class.

        Returns:
            As many values.

        Raises:
            UnreadableError: when there are more or fewer, or one is none.
        """
        if data is None:
            return None
        if len(data) != len(names):
            raise UnreadableError(f"{len(names)} names and {len(data)} values")
        if _PLAIN.issuperset(map(type, data)):
            return data
        return tuple([self.value(each, element, name) for each, name in zip(data, names, strict=True)])


def to_row(line: Line, members: Members) -> Row:
    """The row that a line stands for.

    Args:
        line: one whose columns are of the right types.
        members: finds members of enums.

    Returns:
        A row as the journal keeps it.

    Raises:
        UnreadableError: when a value stands for none, or does not go with the others.
    """
    columns, special = _writers(line["kind"])
    line = {**ADDED.get(line["kind"], {}), **line}
    element = line.get("aggregate") if "id" in line else line.get("type") or line.get("element")
    for column, _ in special:
        data = line[column]
        if column in _BY_NAME and "names" in line:
            line[column] = members.values(data, line["names"], element or "")
        elif column == "undone":
            line[column] = tuple([_lost(each, members) for each in data])
        elif column == "rules":
            line[column] = tuple([_rule(each, members) for each in data])
        elif column == "tried":
            line[column] = tuple([(field, members.value(each, element or "", field)) for field, each in data])
        elif column in ("id", "aggregate_id"):
            line[column] = members.identity(data, line["aggregate"])
        else:
            convert = _after(columns_of(line["kind"])[column], decode)
            line[column] = convert(data) if convert else data
    return tuple([line[column] for column in columns])


def _rule(data: tuple[Any, ...], members: Members) -> tuple[Any, ...]:
    rule, element, text, seen = data
    return (rule, element, text, tuple([(name, members.value(each, element, name)) for name, each in seen]))


def _lost(data: tuple[Any, ...], members: Members) -> tuple[Any, ...]:
    aggregate, key, names, before, after = data
    state = (members.values(before, names, aggregate), members.values(after, names, aggregate))
    return (aggregate, members.identity(key, aggregate), names, *state)
