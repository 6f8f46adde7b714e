"""Every stream category with its events in order, and how far each handler is with them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, cast

import htpy as h

from ddd_kit.engine.engine import Engine
from ddd_kit.engine.names import ALL
from ddd_kit.journal.entry import CAUSE_AT, EVENT, KIND_AT, EventEntry, entry
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.sentence import details
from ddd_kit.views.kinds import kinds_of
from ddd_kit.views.links import Link, unlinked
from ddd_kit.views.markup import counted, name, plain, stream_name, symbol
from ddd_kit.views.panes.positions import Categories, Listener, categories_of, is_recorded

PAGE = 20
ROOM = 60  # events of all categories, where nobody asked for more
FEWEST = 3
MOST_SECTIONS = 20
NO_PAGES: Mapping[str, str] = MappingProxyType({})
STYLE = (
    ".ddd .ddd-category{margin:0 0 14px}"
    ".ddd .ddd-category ul,.ddd .ddd-category ol{list-style:none;margin:0;padding:0}"
    ".ddd .ddd-category li{margin:0;padding:1px 6px 1px 8px;overflow-wrap:anywhere}"
    ".ddd .ddd-category ol{border-left:2px solid var(--ddd-line);margin:2px 0}"
    ".ddd .ddd-category ol li{padding-left:34px;text-indent:-28px}"
    ".ddd .ddd-category .ddd-at{display:inline-block;min-width:22px;margin-right:2px;text-align:right;"
    "text-indent:0;font:11px/20px var(--jp-code-font-family,monospace)}"
    ".ddd .ddd-category .ddd-here{white-space:nowrap}"
    ".ddd.ddd .ddd-categories small>code{color:var(--ddd-text)}"
    ".ddd .ddd-category li.ddd-marked{outline:2px solid var(--ddd-accent);outline-offset:-1px;"
    "border-radius:4px}"
)


class _Window(NamedTuple):
    """Which events of a category are shown, and the pages beside them."""

    start: int
    end: int
    earlier: int | None
    later: int | None


def streams(
    engine: Engine,
    step: int,
    *,
    element: str | None = None,
    pages: Mapping[str, str] = NO_PAGES,
    link: Link = unlinked,
) -> h.Element:
    """The events of each category up to the end of a step's unit of work, and who listens.

    Args:
        engine: the domain.
        step: a step; 0 for the time before the first.
        element: the name of an element, whose category alone is shown; None for all.
        pages: by `streams` and the short name of a category, as `streams order`, which twenty of its events
            are shown, from 0 for the newest.
        link: makes events ways to their steps, and leads to other pages.

    Returns:
        An element; its rules are `STYLE`.
    """
    with engine.lock:
        categories = Categories(engine, step)
        wanted = [category for category in categories.places if _concerns(engine, element, category)]
        drawn = _Drawn(engine, categories, step, pages=pages, link=link)
        busy = [category for category in wanted if drawn.is_busy(category)]
        shown = drawn.chosen(busy)
        sections = [drawn.section(category, max(FEWEST, min(PAGE, ROOM // len(shown)))) for category in shown]
        return h.div(".ddd-categories")[
            sections,
            _others("more streams: ", [drawn.opener(c) for c in busy if c not in shown]),
            _others(
                "no events on, and nobody listens to: ", [stream_name(c) for c in wanted if c not in busy]
            ),
            None if wanted else h.p(".ddd-empty")[_nothing(element)],
        ]


def _concerns(engine: Engine, element: str | None, category: str) -> bool:
    registry = engine.registry
    found = registry.elements.get(element or "") or registry.retired.get(element or "")
    return element is None or (
        found is not None and not {ALL, category}.isdisjoint(categories_of(engine, found))
    )


def _nothing(element: str | None) -> str:
    if element is not None:
        return f"{plain(element)} has to do with no stream."
    return "There are no streams yet: each aggregate has one for its events."


def _others(word: str, names: list[h.Node]) -> h.Element | None:
    joined = [(", " if place else "", each) for place, each in enumerate(names)]
    return h.p[h.small[word, joined]] if names else None


def event_behind(journal: Journal, step: int) -> int | None:
    """The step of the event that a step is, or that led to it.

    Args:
        journal: of a world.
        step: a step; 0 for the time before the first.

    Returns:
        The nearest one, or None.
    """
    first, link = journal.first_step, step or None
    while link is not None and link >= first:
        row = journal.rows[link - first]
        if row[KIND_AT] == EVENT:
            return link
        link = row[CAUSE_AT]
    return None


class _Drawn:
    """The sections while they are being drawn."""

    def __init__(
        self, engine: Engine, categories: Categories, step: int, *, pages: Mapping[str, str], link: Link
    ) -> None:
        self.engine = engine
        self.categories = categories
        self.step = step
        self.pages = pages
        self.link = link
        self.listeners = {category: categories.listeners(category) for category in categories.places}
        event = event_behind(engine.journal, step)
        self.now = None if event is None else categories.find(event)

    def is_busy(self, category: str) -> bool:
        return bool(self.categories.places[category] or self.listeners[category])

    def chosen(self, busy: list[str]) -> list[str]:
        """The categories that are drawn: of many the first, those that were opened, and that of the event."""
        first = {
            *busy[:MOST_SECTIONS],
            *(category for category in busy if self._list(category) in self.pages),
            *(self.now or ())[:1],
        }
        return [category for category in busy if category in first]

    def opener(self, category: str) -> h.Node:
        return self.link(stream_name(category), "page", f"{self._list(category)} 0")

    def _list(self, category: str) -> str:
        return f"streams {plain(category.removeprefix(self.engine.registry.prefix + '::'))}"

    def section(self, category: str, room: int) -> h.Element:
        """A category with a page of its events, of which there is room for so many."""
        places = self.categories.places[category]
        marked = self.now[1] if self.now is not None and self.now[0] == category else None
        page = self.pages.get(self._list(category))
        window = _window(len(places), None if page is None else int(page), marked, room)
        rows = [self._row(at, places[at], marked) for at in range(window.start, window.end)]
        count = h.small[counted(len(places), "event") if places else "no event yet"]
        listeners = self.listeners[category]
        heard = h.ul[[h.li[self._listener(each, category)] for each in listeners]] if listeners else None
        return h.div(".ddd-category")[
            h.p[symbol("stream"), " ", h.b[stream_name(category)], " ", count],
            heard,
            self._turn(category, window.earlier, f"{window.start:,} earlier"),
            h.ol[rows] if rows else None,
            self._turn(category, window.later, f"{len(places) - window.end:,} later"),
        ]

    def _turn(self, category: str, page: int | None, words: str) -> h.Element | None:
        return None if page is None else h.p[self.link(words, "page", f"{self._list(category)} {page}")]

    def _listener(self, listener: Listener, category: str) -> h.Node:
        kind = kinds_of(self.engine.journal).get(listener.handler, "event handler")
        who = [symbol(kind), " ", name(listener.handler, kind)]
        waits = f" ({counted(listener.waits, 'waits', 'wait')})" if listener.waits else ""
        position = f" at {listener.position:,} of {len(self.categories.places[category]):,}{waits}"
        if listener.gone:
            return [who, position, h.small[", does not listen any more"]]
        if listener.last is None:
            return [who, position, h.small[", took none yet"]]
        return [
            who,
            position,
            h.small[f", last: {'took' if listener.took else 'skipped'} {listener.last + 1:,}"],
        ]

    def _row(self, at: int, index: int, marked: int | None) -> h.Element:
        step, row = self.categories.events[index]
        event = cast(EventEntry, entry(step, row))
        who: h.Node = [symbol("event"), " ", name(event.type, "event")]
        recorded = is_recorded(self.engine, step, row)
        origin = [plain(event.cell or "outside a cell"), f"step {step:,}"] if recorded else []
        where = h.small[" ", stream_name(event.stream), " · ".join(["", *origin])]
        here = "this step" if event.step == self.step else "led to this step"
        content: list[h.Node] = [
            h.small(".ddd-at")[f"{at + 1:,}"],
            " ",
            self.link(who, "step", step, current=at == marked) if recorded else who,
            plain(details(event.held)),
            where,
        ]
        if at != marked:
            return h.li[content]
        return h.li(".ddd-marked")[content, " ", h.b(".ddd-here")[f"◂ {here}"]]


def _window(count: int, page: int | None, marked: int | None, room: int) -> _Window:
    """The newest events; those of a page where one is asked for, or where the present event is on it."""
    if page is None and marked is not None and marked < count - room:
        page = (count - 1 - marked) // PAGE
    if page is None:
        start = max(0, count - room)
        return _Window(start, count, int(room == PAGE) if start else None, None)
    page = max(0, min(page, (count - 1) // PAGE))
    end = count - page * PAGE
    start = max(0, end - PAGE)
    return _Window(start, end, page + 1 if start else None, page - 1 if page else None)
