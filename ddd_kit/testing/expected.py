"""What is expected of an event, and how it differs from one that was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from ddd_kit.building_blocks.message import Event
from ddd_kit.building_blocks.nesting import frozen
from ddd_kit.exceptions import IncorrectUsageError, did_you_mean
from ddd_kit.journal.parts import differences
from ddd_kit.journal.values import same

LONGEST = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a comparison.

    Attributes:
        what: what is compared, indented where it is a field.
        expected: what was to be.
        found: what is.
        same: whether both agree.
    """

    what: str
    expected: str
    found: str
    same: bool


@dataclass(frozen=True, slots=True)
class Some:
    """An event of which some fields matter; `some` makes it."""

    event: str
    values: tuple[tuple[str, Any], ...]

    def __repr__(self) -> str:
        return f"{self.event}({', '.join([*(f'{name}={value!r}' for name, value in self.values), '…'])})"


def some(event: Any, **values: Any) -> Some:
    """An event of which only some fields matter.

    Args:
        event: its class.
        **values: the values that it has to have; the other fields may be any.

    Returns:
        Something to be given to `.then(...)`.

    Raises:
        IncorrectUsageError: when it is no event class, or has no such field.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.event(part_of="Order")
        ... class OrderShipped:
        ...     order_id: str
        ...     quantity: int
        >>> some(OrderShipped, quantity=5)
        OrderShipped(quantity=5, …)
    """
    if not (isinstance(event, type) and issubclass(event, Event)):
        raise IncorrectUsageError(
            f"some({event!r}, ...): give the class of an event, and values of its fields."
        )
    schema = event._schema
    for name in values:
        if name not in schema.fields:
            hint = did_you_mean(name, schema.names) or f". It has: {', '.join(schema.names)}."
            raise IncorrectUsageError(f"some({schema.element}, {name}=...): it has no field '{name}'{hint}")
    return Some(schema.element, tuple((name, coerced(schema, name, value)) for name, value in values.items()))


def coerced(schema: Any, field: str, value: Any) -> Any:
    """A value as the field would hold it; as it is where the field does not accept it."""
    try:
        return schema.checks[field](value)
    except (ValueError, TypeError, KeyError):
        return value


def expectation(given: Any) -> Any:
    """Check what was given to `.then(...)`.

    Args:
        given: an event, an event class, or what `some` gave.

    Returns:
        An event, or `Some`.

    Raises:
        IncorrectUsageError: when it is something else.
    """
    if isinstance(given, type) and issubclass(given, Event):
        return Some(given._schema.element, ())
    if isinstance(given, Event | Some):
        return given
    raise IncorrectUsageError(
        f".then({given!r}): expect events, as in .then(OrderShipped(...)), their classes, or "
        "some(OrderShipped, quantity=5). For the state, ask .has(Order, 'o-1', status='SHIPPED')."
    )


def type_of(event: Any) -> str:
    """The name of the class of an event, or of what is expected."""
    return event.event if isinstance(event, Some) else str(event._schema.element)


def counting(found: Sequence[Any], expected: Sequence[Any]) -> list[Any]:
    """The events that count beside what is expected: nobody raises fact events, so they may be left out.

    Args:
        found: events.
        expected: what `expectation` gave.

    Returns:
        The events without those that tell the whole state, where none of their class is expected.
    """
    named = {*map(type_of, expected)}
    return [event for event in found if not event._schema.is_fact or type_of(event) in named]


def compared(expected: Sequence[Any], found: Sequence[Any]) -> tuple[Line, ...]:
    """Events side by side: those of one type next to each other, in order.

    Args:
        expected: what `expectation` gave.
        found: events.

    Returns:
        A line for each event and each of its fields.
    """
    lines: list[Line] = []
    match = SequenceMatcher(None, [*map(type_of, expected)], [*map(type_of, found)], autojunk=False)
    number = 0
    for _, first, last, begin, end in match.get_opcodes():
        for one, other in zip_longest(expected[first:last], found[begin:end]):
            number += 1
            lines += _event(number, one, other)
    return tuple(lines)


def _event(number: int, expected: Any, found: Any) -> Iterator[Line]:
    names = ["nothing" if each is None else type_of(each) for each in (expected, found)]
    yield Line(f"event {number}", names[0], names[1], same=names[0] == names[1])
    if names[0] == names[1]:
        yield from _fields(expected, found)
    elif found is not None:
        for name, value in found.__dict__.items():
            yield Line(f"  {name}", "", told(value), same=True)


def _fields(expected: Any, found: Any) -> Iterator[Line]:
    wanted = dict(expected.values) if isinstance(expected, Some) else expected.__dict__
    held = found.__dict__
    for name in dict.fromkeys([*held, *wanted]):
        differs = name in wanted and not same(wanted[name], held.get(name))
        is_open = differs and isinstance(expected, Event) and _left_open(expected, name)
        if name not in wanted or is_open:
            yield Line(f"  {name}", "(any)", told(held.get(name)), same=True)
        else:
            yield from field_lines(name, wanted[name], held.get(name))


def field_lines(name: str, expected: Any, found: Any) -> Iterator[Line]:
    """A field side by side; where it holds parts, the places in it that differ.

    Args:
        name: of the field.
        expected: the value that is expected.
        found: the value that is there.

    Yields:
        A line, or one for each place that differs.
    """
    if same(expected, found):
        yield Line(f"  {name}", told(expected), told(found), same=True)
        return
    try:
        inside = dict(differences(name, frozen(expected), frozen(found)))
    except Exception:  # noqa: BLE001 - values of any class; then they are shown as they are
        inside = {}
    for path, (one, other) in (inside or {name: (expected, found)}).items():
        yield Line(f"  {path}", *_clipped(one, other), same=False)


def _left_open(event: Event, name: str) -> bool:
    """Whether a field is one that the event gets by itself, and not by who expects it: an id or a time."""
    spec, value = event._schema.fields[name], event.__dict__[name]
    if callable(spec.default):
        made, again = spec.default(), spec.default()
        return isinstance(made, dt.datetime | dt.time) or not same(made, again)
    names_one = spec.identifier or name == "id" or name.endswith(("_id", "_at", "_on", "_time", "_date"))
    return value is None and not spec.required and names_one


def told(value: Any) -> str:
    """A value as a comparison shows it, on one line of at most 60 characters."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # noqa: BLE001 - one value that cannot be told must not hide the others
        text = f"<{type(value).__name__} that cannot be shown>"
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _clipped(one: Any, other: Any) -> tuple[str, str]:
    """Two values as they are shown: where long ones begin alike, from shortly before they part."""
    short = told(one), told(other)
    if short[0] != short[1]:
        return short
    texts = repr(one), repr(other)
    apart = next((i for i, pair in enumerate(zip(*texts, strict=False)) if pair[0] != pair[1]), 0)
    begin = max(0, apart - LONGEST // 3)
    return tuple("…" + text[begin : begin + LONGEST - 2] + "…" for text in texts)  # type: ignore[return-value]


def table(lines: Sequence[Line]) -> str:
    """A comparison in words: what, expected, found; what differs is marked.

    Args:
        lines: at least one.

    Returns:
        Lines of text.

    Example:
        >>> print(table([Line("event 1", "Shipped", "Shipped", True), Line("  quantity", "5", "3", False)]))
                        expected  found
          event 1       Shipped   Shipped
        x   quantity    5         3
    """
    first = max(12, *(len(line.what) for line in lines)) + 2
    second = max(8, *(len(line.expected) for line in lines)) + 2
    rows = [f"  {'':<{first}}{'expected':<{second}}found"]
    for line in lines:
        mark = " " if line.same else "x"
        rows.append(f"{mark} {line.what:<{first}}{line.expected:<{second}}{line.found}".rstrip())
    return "\n".join(rows)
