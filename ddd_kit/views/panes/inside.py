"""What is inside of an aggregate, row by row: its fields, and on a row of its own each entity in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import htpy as h
from markupsafe import Markup

from ddd_kit.building_blocks.part import Part, is_parts
from ddd_kit.journal.parts import differences, opened
from ddd_kit.journal.sentence import brief, content, short_path
from ddd_kit.views.markup import exactly, joined, listed, plain, shortened, value

MOST_INSIDE = 6  # fields of an entity that are told


class Row(NamedTuple):
    """A row of a card.

    Attributes:
        path: a field, or what leads to an entity, as `items[sku=A]`.
        held: the value; of an entity that went, what it was.
        before: the value before, for a field that changed; what the entity was, for one that did.
        changes: of an entity that stayed, its fields that changed, with both values.
        state: `same`, `changed`, `added` or `removed`.
    """

    path: str
    held: Any
    before: Any = None
    changes: Mapping[str, tuple[Any, Any]] = {}
    state: str = "same"

    @property
    def is_entity(self) -> bool:
        """Whether it stands for an entity."""
        return isinstance(self.held, Part) and self.held.identity is not None

    @property
    def was(self) -> Row:
        """What it was before, for what changed."""
        return Row(self.path, self.before)


def rows(
    field: str, held: Any, change: tuple[Any, Any] | None, *, changed_first: bool = True
) -> Iterator[Row]:
    """The rows of a field: one, or one for each entity in it.

    Args:
        field: its name.
        held: its value, as stored.
        change: its value before and after, where it changed.
        changed_first: whether entities that changed come before the others.

    Yields:
        Rows.

    Example:
        >>> one = Part("OrderItem", "sku", ("sku", "quantity"), ("A", 1))
        >>> two = one._replace(values=("A", 2))
        >>> [(row.path, row.state, dict(row.changes)) for row in rows("items", (two,), ((one,), (two,)))]
        [('items[sku=A]', 'changed', {'quantity': (1, 2)})]
    """
    before = held if change is None else change[0]
    plain_values = not isinstance(held, tuple) and not isinstance(before, tuple)
    if plain_values or not (_holds_entities(held) or _holds_entities(before)):
        yield Row(field, held) if change is None else Row(field, held, before, state="changed")
        return
    now, then = _by_key(field, held), _by_key(field, before)
    found = [_entity(now.get(key), then.get(key)) for key in dict.fromkeys([*now, *then])]
    yield from sorted(found, key=lambda row: changed_first and row.state == "same")


def _several(held: Any) -> tuple[Part, ...]:
    return (held,) if isinstance(held, Part) else held if is_parts(held) else ()


def _holds_entities(held: Any) -> bool:
    return any(part.identity is not None for part in _several(held))


def _by_key(field: str, held: Any) -> dict[Any, tuple[str, Part]]:
    """Entities with their paths, by class and identity."""
    parts = _several(held)
    named = opened(field, held) if parts and is_parts(held) else [(field, part) for part in parts]
    return {(part.element, part.id): (path, part) for path, part in named}


def _entity(now: tuple[str, Part] | None, then: tuple[str, Part] | None) -> Row:
    if now is None:
        assert then is not None
        return Row(*then, state="removed")
    if then is None:
        return Row(*now, state="added")
    path, part = now
    if part.names != then[1].names:
        return Row(path, part, then[1], state="changed")
    pairs = zip(part.names, then[1].values, part.values, strict=True)
    changes = {name: (old, new) for name, old, new in pairs if any(True for _ in differences(name, old, new))}
    return Row(path, part, then[1], changes, "changed" if changes else "same")


def folded(found: list[Row], most: int) -> tuple[list[Row], int]:
    """The rows of a field that are shown: those that changed, and the first of the others.

    Args:
        found: all of them, those that changed first.
        most: how many there may be; more, where more changed.

    Returns:
        Those that are shown, and how many are not.

    Example:
        >>> folded([Row("items[0]", 1), Row("items[1]", 2)], 1)[1]
        1
    """
    room = max(most, sum(row.state != "same" for row in found))
    return found[:room], max(0, len(found) - room)


def path_cell(path: str) -> h.Element:
    """A path as the head of a row.

    Args:
        path: a field, or what leads to an entity.

    Returns:
        An element that shows the whole to a pointer where it is shortened.
    """
    return shortened(short_path(path), path)


def told_entity(row: Row) -> Markup:
    """What an entity holds, as `quantity 1 → 2, price Money(5, EUR)`.

    Args:
        row: of the entity.

    Returns:
        HTML within a line.
    """
    told = content(row.held, row.path) | {name: new for name, (_, new) in row.changes.items()}
    first = [*row.changes, *(name for name in told if name not in row.changes)]
    pairs = [_pair(name, told[name], row.changes.get(name)) for name in first]
    state = h.span(".ddd-faint")["empty"] if not pairs else ""
    return joined(listed(pairs, MOST_INSIDE), state)


def told_row(row: Row, longest: int) -> h.Element | Markup:
    """What a row of a table says.

    Args:
        row: any row.
        longest: how many characters of a value that is no entity.

    Returns:
        HTML within a line.
    """
    return told_entity(row) if row.is_entity else exactly(row.held, longest)


def _pair(name: str, held: Any, change: tuple[Any, Any] | None) -> h.Element:
    head = h.span(".ddd-faint")[plain(name)]
    if change is None:
        return h.span[joined(head, " ", value(held))]
    old = h.span(".ddd-faint")[value(change[0])]
    return h.span[joined(head, " ", old, " → ", h.b[value(held)])]


def entity_text(row: Row) -> str:
    """The same as a text.

    Args:
        row: of the entity.

    Returns:
        As `quantity 1 -> 2, price Money(5, EUR)`.
    """
    told = content(row.held, row.path) | {name: new for name, (_, new) in row.changes.items()}
    texts = [
        f"{name} {brief(row.changes[name][0])} -> {brief(held)}"
        if name in row.changes
        else f"{name} {brief(held)}"
        for name, held in told.items()
    ]
    more = [f"… {len(texts) - MOST_INSIDE} more"] if len(texts) > MOST_INSIDE else []
    return ", ".join(texts[:MOST_INSIDE] + more)
