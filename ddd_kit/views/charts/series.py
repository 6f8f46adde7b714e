"""The numbers of a field over the steps of a journal: what a chart draws."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, get_args, get_origin

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.part import Part
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.registry import Registered
from ddd_kit.exceptions import ConfigurationError, IncorrectUsageError, did_you_mean
from ddd_kit.fields.spec import Relation
from ddd_kit.journal.entry import CHANGED, KIND_AT, Row, place
from ddd_kit.journal.journal import AFTER_AT, AGGREGATE_AT, ID_AT, Journal
from ddd_kit.journal.parts import ABSENT, held_at
from ddd_kit.views.following import Follower, follow

NAMED = 8  # of the others, the range is kept, too
RECENT = 2000  # entries in which what changed last is looked for
LARGEST = 1e300  # the difference of larger numbers may be infinite
_SEVERAL = (dict, list, set, tuple)
_NAMES_AT, _BEFORE_AT = place(CHANGED, "names"), place(CHANGED, "before")


class Line:
    """The values of one instance.

    Attributes:
        steps: where it was saved, in order.
        values: after each; NaN for no value, and for what no chart can show.
    """

    __slots__ = ("steps", "values")

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.values: list[float] = []

    def add(self, step: int, value: float) -> None:
        """Go on."""
        self.steps.append(step)
        self.values.append(value)

    def turn(self, step: int, value: float) -> None:
        """Go on, unless the value is as before."""
        if not self.values or self.values[-1] != value:
            self.add(step, value)

    def at(self, step: int) -> float:
        """The value after a step; NaN before the first."""
        known = bisect_right(self.steps, step)
        return self.values[known - 1] if known else math.nan


class Series(Follower):
    """A numeric field of all instances of an aggregate; `series` gives it.

    Args:
        journal: where it begins.
        aggregate: the name of the aggregate.
        field: the name of the field.

    Attributes:
        aggregate: the name of the aggregate.
        field: the name of the field.
        named: the first `NAMED` instances by identity, in the order in which they came to be.
        others: the rest of them, likewise.
        lowest: the smallest value of the others, where it changed.
        highest: the largest, likewise.
        least: the smallest value of all; infinite where there is none.
        most: the largest, likewise.
        whole: whether all values are whole numbers.
        odd: a value that is no number, where there was one.
    """

    def __init__(self, journal: Journal, aggregate: str, field: str) -> None:
        super().__init__(journal)
        self.aggregate, self.field = aggregate, field
        self._place = tuple(field.split("."))
        self.named: dict[Any, Line] = {}
        self.others: dict[Any, Line] = {}
        self.lowest, self.highest = Line(), Line()
        self.least, self.most, self.whole = math.inf, -math.inf, True
        self.odd: Any = None
        self._held: list[float] = []  # by the others now, sorted
        start = journal.first_step - 1
        for (name, identity), saved in journal.state_at(start).items():
            if name == aggregate:
                self._add(identity, start, saved.names, saved.stored)

    @property
    def lines(self) -> dict[Any, Line]:
        """All instances by identity, in the order in which they came to be."""
        return {**self.named, **self.others}

    def read(self, step: int, rows: Sequence[Row]) -> None:
        """Take in what has happened since."""
        aggregate = self.aggregate
        for number, row in enumerate(rows, step):
            if row[KIND_AT] == CHANGED and row[AGGREGATE_AT] == aggregate:
                self._add(row[ID_AT], number, row[_NAMES_AT], row[AFTER_AT])

    def _add(self, identity: Any, step: int, names: tuple[str, ...], values: tuple[Any, ...] | None) -> None:
        held = held_at(self._place, names, values)
        held = None if held is ABSENT else held
        if held is not None and not is_number(held):
            self.odd = held
        value = drawable(held)
        if value == value:  # noqa: PLR0124 - NaN is not
            self.least, self.most = min(self.least, value), max(self.most, value)
            self.whole = self.whole and value.is_integer()
        line = self.named.get(identity)
        if line is None:
            group = self.named if len(self.named) < NAMED else self.others
            line = group.setdefault(identity, Line())
            if group is self.others:
                self._spread(step, line.values[-1] if line.values else math.nan, value)
        line.add(step, value)

    def _spread(self, step: int, before: float, after: float) -> None:
        """What one of the others changes about their range."""
        held = self._held
        if not math.isnan(before):
            del held[bisect_left(held, before)]
        if not math.isnan(after):
            insort(held, after)
        lowest, highest = (held[0], held[-1]) if held else (math.nan, math.nan)
        self.lowest.turn(step, lowest)
        self.highest.turn(step, highest)


def series(engine: Engine, aggregate: type | str, field: str) -> Series:
    """The numbers of a field so far; what was read before is not read again.

    Args:
        engine: the domain; its lock is held.
        aggregate: its class or name.
        field: the name of the field.

    Returns:
        The same object each time, which is not to be changed.

    Raises:
        IncorrectUsageError: when there is no such aggregate or field, or the field holds no numbers.
    """
    if isinstance(aggregate, type):
        engine.refuse_foreign(aggregate)
    element = engine.registry.find(getattr(aggregate, "__name__", str(aggregate)), Kind.AGGREGATE)
    _check_field(element, field)
    return follow(engine.journal, Series, element.name, field)


def _check_field(element: Registered, field: str) -> None:
    numeric = [name for name, _ in _fields(element, untyped=True)]
    has = f"Its numeric fields: {', '.join(numeric)}." if numeric else "It has no numeric field."
    name, _, inner = field.partition(".")
    known = [*element.schema.fields, *numeric]
    if name not in element.schema.fields or (inner and field not in numeric):
        raise IncorrectUsageError(
            f"{element.name} has no field '{field}'{did_you_mean(field, known) or f'. {has}'}"
        )
    if field not in numeric:
        raise IncorrectUsageError(
            f"{element.name}.{field} holds no numbers, so there is no line to draw. {has}"
        )


def _fields(element: Registered, *, untyped: bool) -> Iterator[tuple[str, str]]:
    """The fields that may hold a number, also those of its value objects, each with the outermost field."""
    schema = element.schema
    for name, spec in schema.fields.items():
        nested = schema.nested.get(name)
        if nested is None:
            if may_be_number(spec.type, untyped=untyped):
                yield name, name
        elif nested.relation is Relation.VALUE:
            with suppress(ConfigurationError):  # its class is not defined yet
                inner = schema.find(nested.target)._schema  # type: ignore[attr-defined]
                for field, held in inner.fields.items():
                    if may_be_number(held.type, untyped=untyped):
                        yield f"{name}.{field}", name


def may_be_number(annotation: Any, *, untyped: bool = True) -> bool:
    """Whether a field of this type may hold a number.

    Args:
        annotation: a type.
        untyped: whether one that may hold anything counts.

    Returns:
        As said; the values tell where the type does not.
    """
    parts = get_args(annotation)
    if get_origin(annotation) in _SEVERAL:
        return False
    if annotation is Any:
        return untyped
    if parts:
        return any(may_be_number(part, untyped=untyped) for part in parts)
    if isinstance(annotation, type):
        return issubclass(annotation, int | float | Decimal) and annotation is not bool
    return is_number(annotation)  # a choice


def is_number(value: Any) -> bool:
    """Whether a value can be drawn; a truth value is none."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def drawable(value: Any) -> float:
    """A value as a chart can show it; NaN where it cannot.

    Example:
        >>> drawable(90), drawable(None), drawable(10**400)
        (90.0, nan, nan)
    """
    if not is_number(value):
        return math.nan
    try:
        number = float(value)
    except (OverflowError, ValueError):  # an int or a Decimal that no float can hold
        return math.nan
    return number if abs(number) <= LARGEST else math.nan


def numeric_fields(engine: Engine) -> list[tuple[str, str]]:
    """What can be drawn: all pairs of an aggregate and a field whose type is a number's.

    Args:
        engine: the domain.

    Returns:
        Pairs of names, in order of definition; identities are not among them.
    """
    return [
        (element.name, name)
        for element in engine.registry.elements.values()
        if element.kind is Kind.AGGREGATE
        for name, outermost in _fields(element, untyped=False)
        if outermost != element.schema.identity
    ]


def changed_last(journal: Journal, offered: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """The first field that the newest change of a number changed.

    Args:
        journal: the journal, of which the last `RECENT` entries are looked at.
        offered: pairs of an aggregate and a field.

    Returns:
        One of them, or None.
    """
    choices = set(offered)
    for row in reversed(journal.rows[-RECENT:]):
        if row[KIND_AT] == CHANGED and row[AFTER_AT] is not None:
            for name in _changed(row):
                if (row[AGGREGATE_AT], name) in choices:
                    return row[AGGREGATE_AT], name
    return None


def _changed(row: Row) -> Iterator[str]:
    """The fields that hold another number than before."""
    after = row[AFTER_AT]
    before = row[_BEFORE_AT] or (None,) * len(after)
    for name, old, new in zip(row[_NAMES_AT], before, after, strict=True):
        pairs = {name: (old, new)}
        if isinstance(new, Part):
            was = old if isinstance(old, Part) and old.names == new.names else None
            held = was.values if was is not None else (None,) * len(new.names)
            inner = zip(new.names, held, new.values, strict=True)
            pairs = {f"{name}.{field}": (one, other) for field, one, other in inner}
        for path, (one, other) in pairs.items():
            if is_number(other) and not (is_number(one) and one == other):
                yield path
