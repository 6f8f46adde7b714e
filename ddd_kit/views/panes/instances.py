"""The state: a card an instance, as it stood after a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sized
from functools import lru_cache
from itertools import chain, groupby, islice
from typing import Any

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.engine import Engine
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.sentence import brief, short_id, short_path
from ddd_kit.journal.story import beginning
from ddd_kit.views.links import Link, unlinked
from ddd_kit.views.markup import (
    counted,
    exactly,
    framed,
    identity,
    joined,
    listed,
    name,
    plain,
    symbol,
    value,
)
from ddd_kit.views.palette import STYLES
from ddd_kit.views.panes.effects import more_fields, more_of, why_link
from ddd_kit.views.panes.inside import Row, entity_text, folded, path_cell, rows, told_entity
from ddd_kit.views.panes.stored import Shown, Stored, aggregate_of
from ddd_kit.views.piece import Piece

PAGE = 20
FIELDS = 8
ENTITIES = 6  # of one field, in a card
MOST_INSTANCES = 50
LONGEST_VALUE = 60
LONGEST_WORD = 14  # of a field's name, that is not broken within a card
STYLE = (
    ".ddd .ddd-cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,185px),1fr));"
    "gap:8px;margin:4px 0 12px}"
    ".ddd .ddd-card{border:1px solid var(--ddd-line);border-radius:5px;padding:4px 9px 6px;min-width:0}"
    ".ddd .ddd-card.ddd-new{border-color:var(--ddd-accent)}"
    ".ddd .ddd-card.ddd-wide{grid-column:1/-1}.ddd .ddd-card.ddd-wide .ddd-table td{width:70%}"
    ".ddd .ddd-card p{overflow-wrap:anywhere}.ddd .ddd-card p:not(.ddd-stands) small{white-space:nowrap}"
    ".ddd .ddd-card table.ddd-table{width:100%;margin:0}"
    ".ddd .ddd-card .ddd-table :is(th,td){border:0;padding:0 4px;line-height:1.6;vertical-align:top}"
    ".ddd .ddd-card .ddd-table th{padding-left:0;overflow-wrap:normal}"
    ".ddd .ddd-card .ddd-table th.ddd-long{overflow-wrap:anywhere}.ddd .ddd-card .ddd-table td{width:60%}"
    ".ddd .ddd-card .ddd-table tr.ddd-new>*{background:color-mix(in srgb,var(--ddd-accent) 9%,transparent)}"
    ".ddd .ddd-card .ddd-new>td>.ddd-faint,.ddd .ddd-card .ddd-table .ddd-new>th{color:inherit}"
)


def instances(
    engine: Engine, step: int, *, element: str | None = None, page: int = 0, link: Link = unlinked
) -> h.Element:
    """The instances after the unit of work of a step, by aggregate; those that it changed first.

    Args:
        engine: the domain.
        step: a step; 0 for the time before the first.
        element: the name of an element, whose aggregate alone is shown; None for all.
        page: which twenty of them, from 0.
        link: makes values ways to why they are so, and leads to other pages.

    Returns:
        An element; its rules are `STYLE`.

    Raises:
        IncorrectUsageError: when there is no such step yet.
    """
    with engine.lock:
        stored = Stored(engine, step, None if element is None else aggregate_of(engine, element))
        page = max(0, min(page, (stored.total - 1) // PAGE))
        names: Iterable[str] = stored.groups
        if stored.total > PAGE:  # what changed must not be pages away
            names = sorted(names, key=lambda name: not stored.touched(name))
        everything = chain.from_iterable(map(stored.of, names))
        shown = list(islice(everything, page * PAGE, (page + 1) * PAGE))
        gone = _gone(stored) if not page else None
        if not shown and gone is None:
            return h.p(".ddd-empty")[_nothing(engine, step, element and aggregate_of(engine, element))]
        groups = [
            _group(_sign(aggregate, stored.kind(aggregate)), len(stored.groups[aggregate]), cards, link)
            for aggregate, cards in groupby(shown, lambda each: each.aggregate)
        ]
        extent = h.p[h.small[_extent(stored.total, page)]]
        return h.div(".ddd-instances")[extent, gone, groups, _pages(stored.total, page, link)]


def _gone(stored: Stored) -> h.Element | None:
    """What the unit of work removed."""
    gone = [
        joined(_sign(aggregate, stored.kind(aggregate)), identity(key))
        for aggregate, key in stored.removed[:PAGE]
    ]
    return h.p["removed: ", listed(gone, PAGE)] if gone else None


def _sign(aggregate: str, kind: str) -> Markup:
    return joined(symbol(kind), " ", name(aggregate, kind), " ")


def _nothing(engine: Engine, step: int, aggregate: str | None) -> str:
    if step <= 0:
        return beginning(engine.journal)
    return f"There is no {plain(aggregate)} at this step." if aggregate else "Nothing is stored at this step."


def _extent(total: int, page: int) -> str:
    words = counted(total, "instance")
    return words if total <= PAGE else f"{page * PAGE + 1:,} to {min(total, (page + 1) * PAGE):,} of {words}"


def _pages(total: int, page: int, link: Link) -> h.Element | None:
    left = total - (page + 1) * PAGE
    back = link(f"back {PAGE}", "page", f"state {page - 1}") if page else None
    more = link(f"{min(left, PAGE)} more", "page", f"state {page + 1}") if left > 0 else None
    return h.p(".ddd-pages")[back, " " if back and more else None, more] if back or more else None


def _group(
    sign: Markup, count: int, shown: Iterable[Shown], link: Link, most: int | None = FIELDS
) -> h.Element:
    head = h.p[joined(sign, h.small[counted(count, "instance")])]
    return h.div[head, h.div(".ddd-cards")[joined(*(_card(each, sign, link, most) for each in shown))]]


def _card(shown: Shown, sign: Markup, link: Link, most: int | None = FIELDS) -> h.Element:
    """A card; the identity is in its head. Where there is no room for all fields, changed ones come first."""
    changed = shown.changed_fields()
    values = shown.values()
    if most is not None:
        if len(values) > most:
            values = shown.values(*changed)
        values.pop(shown.identified_by or "", None)
    fields = dict(islice(values.items(), most))
    rows = [row for field, held in fields.items() for row in _rows(shown, field, held, changed, link)]
    if len(values) > len(fields):
        rows.append(more_fields(len(values) - len(fields)))
    head = h.p[joined(sign, identity(shown.identity), " ", h.small[shown.version], _arose(shown, link))]
    table = h.table(".ddd-table")[h.tbody[joined(*rows)]] if rows else ""
    look = f".ddd-card{'.ddd-new' if shown.change else ''}{'.ddd-wide' if shown.holds_entities else ''}"
    stands = h.p(".ddd-stands")[h.small[plain(shown.stands)]] if shown.stands else ""
    return h.div(look)[joined(head, stands, table)]


def _arose(shown: Shown, link: Link) -> Markup | str:
    """The way to how the state of an event-sourced aggregate arose from its events."""
    if not shown.is_sourced or shown.step is None or link is unlinked:
        return ""
    title = f"how {plain(shown.aggregate)} {plain(short_id(shown.identity))} arose from its events"
    return joined(" ", h.small[link("arose …", "arose", str(shown.step), title)])


def _rows(
    shown: Shown, field: str, held: Any, changed: Mapping[str, tuple[Any, Any]], link: Link
) -> Iterator[h.Element]:
    """A row, or one for each entity in the field; of many those that changed, and the first of the others."""
    if field not in changed and not isinstance(held, tuple):
        yield _row(shown, Row(field, held), link)
        return
    found, hidden = folded(list(rows(field, held, changed.get(field))), ENTITIES)
    yield from (_row(shown, row, link) for row in found)
    if hidden:
        yield more_of(hidden, field)


def _row(shown: Shown, row: Row, link: Link) -> h.Element:
    head = _field_cell(row.path)
    told: h.Node = told_entity(row) if row.is_entity else _told(row.held)
    if row.state == "removed":
        return h.tr(".ddd-new")[head, h.td[h.s[told], " ", h.small["removed"]]]
    if shown.step is not None:
        told = why_link(link, told, shown.step, row.path, row.held)
    if row.state == "same":
        return h.tr[joined(head, h.td[told])]
    if row.state == "added":
        return h.tr(".ddd-new")[head, h.td[h.small["new "], told]]
    if row.is_entity:
        return h.tr(".ddd-new")[head, h.td[told]]
    before = h.span(".ddd-faint")[_told(row.before)]
    return h.tr(".ddd-new")[head, h.td[before, " → ", h.b[told]]]


@lru_cache(maxsize=1000)
def _field_cell(field: str) -> Markup:
    """The same in each card of an aggregate; making it anew took a fifth of the time."""
    long = len(field) > LONGEST_WORD
    return joined(h.th(".ddd-long" if long else "", scope="row")[path_cell(field) if long else plain(field)])


def _told(held: Any) -> h.Element:
    is_uuid = isinstance(held, str) and len(held) == 36
    return value(held) if is_uuid else exactly(held, LONGEST_VALUE)


# In a cell


def state(engine: Engine, step: int | None = None) -> Piece:
    """The instances after the unit of work of a step, to stand alone in a cell.

    Args:
        engine: the domain.
        step: a step of the journal; the present when None; 0 for the time before the first.

    Returns:
        A card an instance, with all its fields.

    Raises:
        IncorrectUsageError: when there is no such step, or it is not kept any more.
    """
    with engine.lock:
        journal = engine.journal
        if step is not None and not journal.first_step - 1 <= step <= journal.last_step:
            raise IncorrectUsageError(f"domain.state({step!r}): there is no such step; {journal.extent}")
        shown = journal.last_step if step is None else step
        stored = Stored(engine, shown)
        when = "now" if step is None else f"after step {shown:,}"
        return Piece(_whole(engine.name, stored, when), "\n".join(_lines(engine.name, stored, when)))


def _whole(title: str, stored: Stored, when: str) -> Markup:
    groups = [
        (_group(_sign(each, stored.kind(each)), len(keys), _first(stored, each), unlinked, None), _rest(keys))
        for each, keys in stored.groups.items()
    ]
    head = h.p[h.b[plain(title)], " ", h.small[f"{when}: {counted(stored.total, 'instance')}"]]
    return framed(head, _gone(stored), groups, style=STYLE)


def _first(stored: Stored, aggregate: str) -> Iterator[Shown]:
    return islice(stored.of(aggregate), MOST_INSTANCES)


def _rest(keys: Sized) -> h.Element | None:
    left = len(keys) - MOST_INSTANCES
    return h.p[h.small[f"… {counted(left, 'more instance')}"]] if left > 0 else None


def _lines(title: str, stored: Stored, when: str) -> Iterator[str]:
    yield f"{title} {when}: {counted(stored.total, 'instance')}"
    yield from (f"  removed: {aggregate} {short_id(key)}" for aggregate, key in stored.removed[:PAGE])
    for aggregate, keys in stored.groups.items():
        symbol_of = STYLES[stored.kind(aggregate)].symbol
        yield f"{symbol_of} {aggregate}: {counted(len(keys), 'instance')}"
        yield from map(_line, _first(stored, aggregate))
        if len(keys) > MOST_INSTANCES:
            yield f"  … {counted(len(keys) - MOST_INSTANCES, 'more instance')}"


def _line(shown: Shown) -> str:
    changed = shown.changed_fields()
    told = [
        _told_row(row)
        for field, held in shown.values(*changed).items()
        if field != shown.identified_by
        for row in _line_rows(field, held, changed.get(field))
    ]
    stands = f", {shown.stands}" if shown.stands else ""
    head = f"  {short_id(shown.identity)}, {shown.version.replace('→', '->')}{stands}"
    return f"{head}: {', '.join(told)}" if told else head


def _line_rows(field: str, held: Any, change: tuple[Any, Any] | None) -> Iterator[Row]:
    found, hidden = folded(list(rows(field, held, change)), ENTITIES)
    yield from found
    if hidden:
        yield Row("…", f"{hidden:,} more in {field}")


def _told_row(row: Row) -> str:
    if row.is_entity:
        state = "" if row.state in ("same", "changed") else f" {row.state}"
        return f"{short_path(row.path)}{state} ({entity_text(row)})"
    if row.state == "changed":
        return f"{row.path} {brief(row.before)} -> {brief(row.held)}"
    return f"{row.path} {brief(row.held)}"
