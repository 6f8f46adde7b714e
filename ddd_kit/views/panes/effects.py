"""What changed: fields before and after, and what a handler did to aggregates, events and commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import htpy as h

from ddd_kit.building_blocks.part import Part
from ddd_kit.journal.entry import (
    CAUSE_AT,
    CHANGED,
    ChangedEntry,
    CommandEntry,
    Entry,
    EventEntry,
    HandledEntry,
    RejectedEntry,
)
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.process_mark import completed, unmarked
from ddd_kit.journal.sentence import arrival, brief, details, held_fields, short_path
from ddd_kit.views.kinds import kinds_of
from ddd_kit.views.links import Link, unlinked
from ddd_kit.views.markup import counted, exactly, identity, listed, name, plain, symbol, value
from ddd_kit.views.panes.inside import Row, folded, path_cell, told_entity
from ddd_kit.views.panes.inside import rows as rows_of

MOST_FIELDS = 60
MOST_EFFECTS = 30
IN_A_LINE = 4
LONGEST_VALUE = 200
SHORT = 16  # characters of a path
ENTITIES = 12  # of one field, that did not change


def difference(before: Any, after: Any) -> str | None:
    """By how much a number went up or down.

    Args:
        before: any value.
        after: any value.

    Returns:
        As `+10`, with a true minus where it went down, and as many digits as matter; None for what are no
        two numbers.

    Example:
        >>> difference(90, 100), difference(1.2, 1.3), difference("a", 3)
        ('+10', '+0.1', None)
    """
    if {type(before), type(after)} - {int, float, Decimal}:
        return None
    try:
        apart = f"{after - before:+}" if type(after) is int is type(before) else f"{after - before:+.10g}"
    except (ArithmeticError, TypeError, ValueError):  # too large, or of two kinds that do not mix
        return None
    readable = len(apart) <= 16 and apart[-1].isdigit()  # not `+inf`
    return apart.replace("-", "\N{MINUS SIGN}") if readable else None


def why_link(link: Link, shown: h.Node, step: int, field: str, held: Any) -> h.Node:
    """A value that tells why it is so when it is clicked.

    Args:
        link: makes it a way to the answer.
        shown: the value, as it is seen.
        step: of a change of the aggregate that holds it.
        field: the field that holds it.
        held: the value.

    Returns:
        What is seen, as a link.
    """
    return link(shown, "why", f"{step} {plain(field)}", label=plain(f"why is {field} {brief(held)}?"))


def field_table(shown: ChangedEntry, link: Link = unlinked) -> h.Element:
    """What was saved, a row a field: those that changed first, then the others.

    Args:
        shown: the change.
        link: makes each value after it a way to why it is so.

    Returns:
        A table; of many fields the first.
    """
    changes = shown.changes
    if shown.change == "changed":
        rows = [*_changed_rows(shown, changes, link), *_same_rows(shown, link)]
        columns = ["field", "before", "after"]
    else:
        rows = list(_only_rows(shown, link))
        columns = ["field", "value" if shown.change == "created" else "before"]
    head = h.tr[[h.th(scope="col")[column] for column in columns]]
    count = len(rows) if shown.change == "changed" else len(shown.names)
    more = more_fields(count - MOST_FIELDS) if count > MOST_FIELDS else None
    return h.table(".ddd-table.ddd-fields")[h.thead[head], h.tbody[rows[:MOST_FIELDS], more]]


def _changed_rows(
    shown: ChangedEntry, changes: Mapping[str, tuple[Any, Any]], link: Link
) -> Iterator[h.Element]:
    for path, (before, after) in changes.items():
        apart = difference(before, after)
        came = arrival(before, after)
        old: h.Node = h.s(".ddd-bad")[_told(path, before)]
        new = why_link(link, h.b(".ddd-good")[_told(path, after)], shown.step, path, after)
        yield h.tr(".ddd-new")[
            _head(path),
            h.td[h.small["not there"] if came == "added" else old],
            h.td[h.small["removed"] if came == "removed" else new, h.small[f" ({apart})"] if apart else None],
        ]


def _head(path: str) -> h.Element:
    """The head of a row; a short one is not broken."""
    return h.th(".ddd-short" if len(short_path(path)) <= SHORT else "", scope="row")[path_cell(path)]


def _told(path: str, held: Any) -> h.Node:
    """A value in a table; of an entity, which its path names, what it holds."""
    if isinstance(held, Part) and held.identity is not None:
        return told_entity(Row(path, held))
    return exactly(held, LONGEST_VALUE)


def _same_rows(shown: ChangedEntry, link: Link) -> Iterator[h.Element]:
    """The fields that did not change; and the entities that did not, of fields that did."""
    fields = shown.changed_fields
    for field, held in shown.held.items():
        if field in fields:
            found = [row for row in rows_of(field, held, fields[field]) if row.is_entity]
        else:
            found = list(rows_of(field, held, None))
        found, hidden = folded([row for row in found if row.state == "same"], ENTITIES)
        for row in found:
            same = _told(row.path, row.held)
            after = why_link(link, same, shown.step, row.path, row.held)
            yield h.tr(".ddd-faint")[_head(row.path), h.td[same], h.td[after]]
        if hidden:
            yield more_of(hidden, field)


def _only_rows(shown: ChangedEntry, link: Link) -> Iterator[h.Element]:
    """Of what is new the values, of what is gone those that it had."""
    for field, held in list(shown.held.items())[:MOST_FIELDS]:
        found, hidden = folded(list(rows_of(field, held, None)), ENTITIES)
        for row in found:
            told = _told(row.path, row.held)
            if shown.after is None:
                told = h.s[told]
            else:
                told = why_link(link, h.b[told], shown.step, row.path, row.held)
            yield h.tr[_head(row.path), h.td[told]]
        if hidden:
            yield more_of(hidden, field)


def more_fields(count: int) -> h.Element:
    """The last row of a table that does not show all fields.

    Args:
        count: how many are not shown.

    Returns:
        A row.
    """
    return h.tr[h.th["…"], h.td[counted(count, "more field")]]


def more_of(count: int, field: str) -> h.Element:
    """The last row of a field that has more entities than are shown.

    Args:
        count: how many are not shown.
        field: the name of the field.

    Returns:
        A row.
    """
    return h.tr[h.th(scope="row")["…"], h.td[h.small[f"{count:,} more in {plain(field)}"]]]


def effects(journal: Journal, step: int, link: Link = unlinked) -> h.Element | None:
    """What a handler did itself: what it saved and raised, the commands it gave, what was refused.

    Args:
        journal: where the step is.
        step: that the handler ran.
        link: makes each a way to its step, and each value to why it is so.

    Returns:
        A list, or None where it did nothing of the kind.
    """
    first = journal.first_step
    unit = journal.rows[step + 1 - first : journal.batch_end(step) + 1 - first]
    numbers = [number for number, row in enumerate(unit, step + 1) if row[CAUSE_AT] == step]
    shown = (journal.step(number) for number in numbers[:MOST_EFFECTS])
    more = h.li[h.small[f"… {len(numbers) - MOST_EFFECTS:,} more"]] if len(numbers) > MOST_EFFECTS else None
    kinds = kinds_of(journal)
    return h.ul(".ddd-list")[[h.li[_effect(e, link, kinds)] for e in shown], more] if numbers else None


def _effect(e: Entry, link: Link, kinds: Mapping[str, str]) -> h.Node:
    if isinstance(e, ChangedEntry):
        return _saved(e, link, kinds.get(e.aggregate, "aggregate"))
    if isinstance(e, EventEntry | CommandEntry):
        verb = "raised " if isinstance(e, EventEntry) else "gave "
        return [
            verb,
            link([symbol(e.kind), " ", name(e.type, e.kind)], "step", e.step),
            plain(details(e.held)),
        ]
    assert isinstance(e, RejectedEntry)
    return link([h.span(".ddd-bad")["✗"], f" {plain(e.element)} was rejected"], "step", e.step)


def _saved(e: ChangedEntry, link: Link, kind: str = "aggregate") -> h.Node:
    """As `Inventory 9272d70f in_stock 100 → 90`."""
    who = link([symbol("aggregate"), " ", name(e.aggregate, "aggregate")], "step", e.step)
    head = [who, " ", identity(e.id), " "]
    if e.change == "removed":
        return [*head, "removed"]
    over, e = completed(e, kind), unmarked(e, kind)
    told_of = held_fields(e) if e.change == "created" else e.changes
    pairs = [_pair(e, field, *both, link) for field, both in e.changes.items() if field in told_of]
    told = listed(pairs, IN_A_LINE) if pairs else None if over else h.small["saved, no field changed"]
    return [*head, "added " if e.change == "created" else None, told, h.small[" complete"] if over else None]


def _pair(e: ChangedEntry, field: str, before: Any, after: Any, link: Link) -> h.Element:
    came = arrival(before, after) if e.change == "changed" else ""
    if came:
        return h.span[h.span(".ddd-faint")[path_cell(field)], " ", came]
    new = why_link(link, h.b[value(after)], e.step, field, after)
    if e.change == "created":
        return h.span[h.span(".ddd-faint")[plain(field)], " ", new]
    return h.span[h.span(".ddd-faint")[path_cell(field), " ", value(before)], " → ", new]


def undone(shown: HandledEntry) -> h.Element | None:
    """What would have changed, had a handler not failed.

    Args:
        shown: that it failed.

    Returns:
        A list, or None where it had saved nothing yet.
    """
    lost = [
        ChangedEntry(
            shown.step, CHANGED, None, shown.chain, shown.cell, shown.time, aggregate, key, 0, names, old, new
        )
        for aggregate, key, names, old, new in shown.undone[:MOST_EFFECTS]
    ]
    more = (
        h.li[h.small[f"… {len(shown.undone) - len(lost):,} more"]] if len(shown.undone) > len(lost) else None
    )
    return h.ul(".ddd-list.ddd-undone")[[h.li[_saved(e, unlinked)] for e in lost], more] if lost else None
