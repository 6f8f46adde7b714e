"""The context map (Evans, ch. 14): bounded contexts as boxes, and between them what crosses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import htpy
import networkx as nx
from markupsafe import Markup

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.registry import LISTENERS, Registered
from ddd_kit.exceptions import DddKitError, IncorrectUsageError
from ddd_kit.journal.entry import MESSAGE, EventEntry
from ddd_kit.views.layout.curves import Segment, arrow_head, segments
from ddd_kit.views.layout.layout import layered
from ddd_kit.views.layout.routes import Box
from ddd_kit.views.mapping.map_style import FONTS, STROKE, inks, sheet
from ddd_kit.views.mapping.map_svg import clean, line_data, number
from ddd_kit.views.markup import counted, joined
from ddd_kit.views.palette import DARK, LIGHT, STYLES, Ground
from ddd_kit.views.picture import Picture
from ddd_kit.views.text_width import ellipsis, text_width

CONTEXT, BROKER, ELSEWHERE = "context", "broker", "elsewhere"
UPSTREAM, DOWNSTREAM = "U", "D"
GUARDED = "D, ACL"  # with an anticorruption layer
MARGIN, PAD, LEADING = 16.0, 14.0, 17.0
TITLE, SMALL = 15.0, 12.0  # px
WIDEST, MOST = 280.0, 8  # px of a name, and names of one crossing
GAP = 72.0
FOOT = 26.0
LEGEND = "U upstream: its events are heard · D downstream: it follows · ACL anticorruption layer"
_WORDS = {CONTEXT: "bounded context", BROKER: "outside of the kernel", ELSEWHERE: "not in this map"}


@dataclass(frozen=True, slots=True, repr=False)
class ContextMap(Picture):
    """A context map: a picture that shows by itself in a cell.

    Attributes:
        graph: a `networkx.DiGraph` of the same: the contexts with their `kind`, and from the upstream one to
            the downstream one an edge with the names of what crosses (`crosses`), how often each did
            (`counts`), on which categories (`categories`), and the `roles` at both ends.
    """

    graph: nx.DiGraph = field(repr=False, compare=False, kw_only=True)


def context_map(*domains: Engine) -> ContextMap:
    """Draw bounded contexts and what crosses them: the context map (Evans, ch. 14; Vernon, ch. 3).

    An arrow leads from the context upstream (U), whose events are heard, to the one downstream (D), which has
    to follow when they change. Subscribers hear messages of brokers, and translate them: an anticorruption
    layer (ACL). What is heard of a context that is not among the given ones is drawn with a dashed line.

    Args:
        *domains: two or more domains, as a rule.

    Returns:
        A picture; its `graph` is the same for networkx.

    Raises:
        IncorrectUsageError: without any domain, for something that is none, or for two of one name.

    Example:
        >>> from ddd_kit import Domain, handle
        >>> sales, warehouse = Domain(name="Sales"), Domain(name="Warehouse")
        >>> @sales.aggregate
        ... class Order: ...
        >>> @sales.event(part_of=Order)
        ... class OrderPlaced:
        ...     order_id: str
        >>> @warehouse.event_handler(stream_category="sales::order")
        ... class Reserve:
        ...     @handle(OrderPlaced)
        ...     def reserve(self, event): ...
        >>> context_map(sales, warehouse)
        Context map of Sales and Warehouse
          Sales (U) -> Warehouse (D)
            ● OrderPlaced  on sales::order
    """
    _check(domains)
    graph = context_graph(*domains)
    text, alt = _text(graph), clean(_alt(graph))
    drawn = Placed(graph)

    def save(path: Path) -> None:
        from ddd_kit.views import context_draw

        context_draw.save(drawn, path)

    return ContextMap(drawn.svg(LIGHT, alt), drawn.svg(DARK, alt), text, alt, save, graph=graph)


def _check(domains: tuple[Any, ...]) -> None:
    if not domains:
        raise IncorrectUsageError("context_map(): give it domains, as in context_map(sales, warehouse).")
    names: set[str] = set()
    for domain in domains:
        if not isinstance(domain, Engine):
            raise IncorrectUsageError(
                f"context_map({domain!r}): that is no domain. Give it some, as in "
                "context_map(sales, warehouse)."
            )
        if domain.name in names:
            raise IncorrectUsageError(
                f"context_map(): two of the domains are called {domain.name}. Give each context once."
            )
        names.add(domain.name)


# What crosses


def context_graph(*domains: Engine) -> nx.DiGraph:
    """The contexts and what crosses them, as a graph.

    Args:
        *domains: the contexts.

    Returns:
        See `ContextMap.graph`.

    Example:
        >>> from ddd_kit import Domain
        >>> list(context_graph(Domain(name="Sales")))
        ['Sales']
    """
    graph = nx.DiGraph()
    for domain in domains:
        kinds = Counter(element.kind for element in domain.registry.elements.values())
        own = sum("external_type" not in e.options for e in domain.registry.of_kind(Kind.EVENT))
        said = f"{counted(kinds[Kind.AGGREGATE], 'aggregate')}, {counted(own, 'event')}"
        graph.add_node(domain.name, kind=CONTEXT, says=said)
    named = {domain.registry.prefix: domain for domain in domains}
    for domain in domains:
        came = Counter((e.source, e.category, e.type) for e in _came_in(domain))
        for source, kind, name, category in _heard(domain, named):
            count = came[source if kind != BROKER else f"the broker {source}", category, name]
            shown = f"the broker {source}" if kind == BROKER else source
            _cross(graph, (shown, domain.name), kind, (name if kind != BROKER else category, category, count))
    return graph


def _came_in(domain: Engine) -> Iterator[EventEntry]:
    for entry in domain.journal.of(kind="event"):
        if isinstance(entry, EventEntry) and entry.source is not None:
            yield entry


def _heard(domain: Engine, named: dict[str, Engine]) -> Iterator[tuple[str, str, str, str]]:
    """Where something comes from, of what kind that is, the name of what comes, and the category."""
    registry = domain.registry
    for listener in registry.of_kind(*LISTENERS):
        try:
            categories = registry.hears(listener)
        except DddKitError:  # its aggregate is not defined yet
            continue
        for category in categories:
            prefix, _, _ = category.partition("::")
            if "::" not in category or prefix == registry.prefix:
                continue
            upstream = named.get(prefix)
            source, kind = (upstream.name, CONTEXT) if upstream else (prefix, ELSEWHERE)
            for event in _events(domain, listener, upstream, category):
                yield source, kind, event, category
    for subscriber in registry.of_kind(Kind.SUBSCRIBER):
        yield subscriber.options["broker"], BROKER, MESSAGE, subscriber.options["stream"]


def _events(domain: Engine, listener: Registered, upstream: Engine | None, category: str) -> Iterator[str]:
    """The events of a category that a listener takes; those of a context that is here as they are there."""
    if upstream is not None:
        crossing = sorted(upstream.registry.heard_by.get(domain.name, ()))
        taken = {event for _, event in listener.methods}
        for event, on in crossing:
            known = domain.registry.called_here(upstream.name, event, 1)
            if on == category and ("$any" in taken or known in taken):
                yield event
        return
    elements = domain.registry.elements
    for _, event in listener.methods:
        element = elements.get(event)
        kind = element.options.get("external_type", "") if element is not None else ""
        if (
            event == "$any"
            or element is None
            or (kind and domain.registry.message_category(element) == category)
        ):
            yield kind.split(".")[1] if kind else event


def _cross(graph: nx.DiGraph, ends: tuple[str, str], kind: str, what: tuple[str, str, int]) -> None:
    upstream, (name, category, count) = ends[0], what
    if upstream not in graph:
        graph.add_node(upstream, kind=kind, says=_WORDS[kind])
    if not graph.has_edge(*ends):
        roles = (UPSTREAM, GUARDED if kind == BROKER else DOWNSTREAM)
        graph.add_edge(*ends, crosses=(), counts={}, categories={}, roles=roles)
    edge = graph.edges[ends]
    if name not in edge["counts"]:
        edge["crosses"] += (name,)
    edge["counts"][name] = max(count, edge["counts"].get(name, 0))
    edge["categories"][name] = category


# In words


def _text(graph: nx.DiGraph) -> str:
    lines = [f"Context map of {_listed(_contexts(graph))}"]
    for (upstream, downstream), edge in graph.edges.items():
        here, there = edge["roles"]
        lines.append(f"  {upstream} ({here}) -> {downstream} ({there})")
        for name in edge["crosses"]:
            count = f", {edge['counts'][name]:,}\u00d7" if edge["counts"][name] else ""
            lines.append(f"    {_mark(graph, upstream)} {name}  on {edge['categories'][name]}{count}")
    if not graph.edges:
        lines.append(f"  {_nothing(graph)}")
    return "\n".join(lines)


def _alt(graph: nx.DiGraph) -> str:
    if not graph.edges:
        return f"Context map of {_listed(_contexts(graph))}. {_nothing(graph)}"
    told = (f"{up} to {down}: {', '.join(e['crosses'])}" for up, down, e in graph.edges(data=True))
    return f"Context map of {_listed(_contexts(graph))}. {'; '.join(told)}."


def _nothing(graph: nx.DiGraph) -> str:
    contexts = _contexts(graph)
    if len(contexts) == 1:
        return f"Nothing crosses into {contexts[0]}: it hears no other context and no broker."
    return (
        f"Nothing crosses between {_listed(contexts)}: no handler of one listens to a category of another, "
        'as with stream_category="sales::order".'
    )


def _contexts(graph: nx.DiGraph) -> list[str]:
    return [str(name) for name, kind in graph.nodes(data="kind") if kind == CONTEXT]


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _mark(graph: nx.DiGraph, upstream: str) -> str:
    return "✉" if graph.nodes[upstream]["kind"] == BROKER else STYLES["event"].symbol


# Drawn


def _columns(graph: nx.DiGraph, sizes: dict[Any, tuple[float, float]]) -> dict[Any, int]:
    """The columns of contexts, and what crosses between two of them, there and back, in one in between."""
    found = layered(graph, {name: sizes[name] for name in graph}).boxes
    places = sorted({box.x for box in found.values()})
    columns: dict[Any, int] = {name: 2 * places.index(found[name].x) for name in graph}
    return columns | {edge: min(columns[edge[0]], columns[edge[1]]) + 1 for edge in graph.edges}


class Placed:
    """The map with everything in its place: what crosses is a box of its own, between two arrows.

    Args:
        graph: the contexts.

    Attributes:
        graph: the same.
        labels: the lines of what crosses, by both ends.
        layout: boxes and routes; what crosses has its own, by both ends.
    """

    def __init__(self, graph: nx.DiGraph) -> None:
        self.graph = graph
        self.labels = {edge: self._lines(*edge) for edge in graph.edges}
        between = nx.DiGraph()
        between.add_nodes_from(graph)
        for upstream, downstream in graph.edges:
            between.add_edge(upstream, (upstream, downstream))
            between.add_edge((upstream, downstream), downstream)
        sizes = {name: self._size(name) for name in graph} | {
            edge: _size_of(lines) for edge, lines in self.labels.items()
        }
        self.layout = layered(between, sizes, ranks=_columns(graph, sizes), gap_x=GAP, gap_y=28)

    def _lines(self, upstream: str, downstream: str) -> list[str]:
        edge, mark = self.graph.edges[upstream, downstream], _mark(self.graph, upstream)
        lines = []
        for name in edge["crosses"][:MOST]:
            count = f"  {edge['counts'][name]:,}\u00d7" if edge["counts"][name] else ""
            room = WIDEST - text_width(f"{mark} {count}", SMALL)
            lines.append(f"{mark} {ellipsis(name, room, SMALL)}{count}")
        more = len(edge["crosses"]) - MOST
        return [*lines, f"… {more:,} more"] if more > 0 else lines

    def _size(self, name: str) -> tuple[float, float]:
        says = text_width(self.graph.nodes[name]["says"], SMALL)
        title = text_width(ellipsis(name, WIDEST, TITLE, bold=True), TITLE, bold=True)
        return max(says, title, 120) + 2 * PAD, 62.0

    def foot(self) -> list[str]:
        """What is said below the map, in lines."""
        note = "" if self.graph.edges else _nothing(self.graph)
        return list(_wrapped(note or LEGEND, max(self.layout.width, 360.0)))

    def svg(self, ground: Ground, alt: str) -> str:
        """The map on a ground, with a text for those who do not see it."""
        lines = self.foot()
        width = max(self.layout.width, *(text_width(line, SMALL) for line in lines)) + 2 * MARGIN
        height = self.layout.height + 2 * MARGIN + FOOT + LEADING * (len(lines) - 1)
        root = "ddd-kit-contexts-dark" if ground is DARK else "ddd-kit-contexts"
        size = {"width": number(width), "height": number(height)}
        size["viewBox"] = f"0 0 {size['width']} {size['height']}"
        top = self.layout.height + MARGIN + FOOT
        whole = htpy.svg(xmlns="http://www.w3.org/2000/svg", role="img", class_=root, **size)[
            htpy.title[clean(f"Context map of {_listed(_contexts(self.graph))}")],
            htpy.desc[clean(alt)],
            htpy.style[Markup(sheet(f".{root}", _rules(ground)))],  # noqa: S704 - our own constants only
            htpy.rect(class_="paper", width="100%", height="100%", rx="6"),
            htpy.g(transform=f"translate({number(MARGIN)} {number(MARGIN)})")[
                joined(*map(self._context, self.graph)),
                joined(*(self._crossing(*edge) for edge in self.graph.edges)),
            ],
            (
                htpy.text(class_="faint", x=number(MARGIN), y=number(top + LEADING * i))[clean(line)]
                for i, line in enumerate(lines)
            ),
        ]
        return str.__str__(str(whole))

    def _context(self, name: str) -> htpy.Element:
        box, data = self.layout.boxes[name], self.graph.nodes[name]
        middle = number(box.width / 2)
        return htpy.g(class_=data["kind"], transform=f"translate({number(box.x)} {number(box.y)})")[
            htpy.title[clean(f"{name}: {data['says']}")],
            htpy.rect(class_="box", width=number(box.width), height=number(box.height), rx="18"),
            htpy.text(class_="title", x=middle, y="27")[clean(ellipsis(name, WIDEST, TITLE, bold=True))],
            htpy.text(class_="says", x=middle, y="46")[clean(data["says"])],
        ]

    def _crossing(self, upstream: str, downstream: str) -> htpy.Fragment:
        edge = self.graph.edges[upstream, downstream]
        routes, box = self.layout.routes, self.layout.boxes[upstream, downstream]
        first = segments(routes[upstream, (upstream, downstream)])
        last = segments(routes[(upstream, downstream), downstream])
        corners = "L".join(f"{number(x)} {number(y)}" for x, y in arrow_head(last[-1]))
        told = "; ".join(f"{name} on {edge['categories'][name]}" for name in edge["crosses"])
        return htpy.fragment[
            htpy.path(class_="line", d=_path(first)),
            htpy.path(class_="line", d=line_data(tuple(last))),
            htpy.path(class_="head", d=f"M{corners}z"),
            htpy.g(transform=f"translate({number(box.x)} {number(box.y)})")[
                htpy.title[clean(f"{upstream} to {downstream}: {told}")],
                htpy.rect(class_="events", width=number(box.width), height=number(box.height), rx="5"),
                (
                    htpy.text(x=number(PAD / 2), y=number(LEADING * i + 15))[clean(line)]
                    for i, line in enumerate(self.labels[upstream, downstream])
                ),
            ],
            *map(_badge, badges(edge["roles"], first[-1], last[0], box)),
        ]


def _path(pieces: list[Segment]) -> str:
    (x, y) = pieces[0][0]
    parts = [f"M{number(x)} {number(y)}"]
    for piece in pieces:
        numbers = " ".join(f"{number(x)} {number(y)}" for x, y in piece[1:])
        parts.append(f"{'C' if len(piece) == 4 else 'L'}{numbers}")
    return "".join(parts)


def badges(
    roles: tuple[str, str], first: Segment, last: Segment, box: Box
) -> Iterator[tuple[str, float, float, float]]:
    """The roles beside what crosses: that of the context upstream, where the line arrives, and the other.

    They are on that side of the line on which it does not bend.

    Args:
        roles: upstream and downstream.
        first: the end of the line to what crosses.
        last: the beginning of the line from there.
        box: of what crosses.

    Yields:
        A role, its left side, its top and its width in px.
    """
    for role, here, there in ((roles[0], first[-1], first[0]), (roles[1], last[0], last[-1])):
        (x, y), below = here, there[1] < here[1] - 1
        wide = text_width(role, 10, bold=True) + 9
        yield role, x - wide - 5 if x < box.x + box.width / 2 else x + 5, y + (4 if below else -19), wide


def _badge(badge: tuple[str, float, float, float]) -> htpy.Element:
    role, left, top, wide = badge
    return htpy.g(class_="role", transform=f"translate({number(left)} {number(top)})")[
        htpy.rect(width=number(wide), height="15", rx="4"),
        htpy.text(x=number(wide / 2), y="11.5")[role],
    ]


def _size_of(lines: list[str]) -> tuple[float, float]:
    return max(text_width(line, SMALL) for line in lines) + PAD, LEADING * len(lines) + 7


def _wrapped(text: str, width: float) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and text_width(longer, SMALL) > width:
            yield line
            longer = word
        line = longer
    yield line


def _rules(ground: Ground) -> list[tuple[str, str]]:
    event = inks(ground)["event"]
    return [
        ("text", f"font:{SMALL:g}px {FONTS};fill:{ground.text}"),
        (".title", f"font-weight:700;font-size:{TITLE:g}px;text-anchor:middle"),
        (".says", f"fill:{ground.faint};text-anchor:middle"),
        (".faint", f"fill:{ground.faint}"),
        (".paper", f"fill:{ground.paper}"),
        (".box", f"fill:{ground.panel};stroke:{ground.line};stroke-width:1.6"),
        (f".{BROKER} .box,.{ELSEWHERE} .box", "stroke-dasharray:5 4;fill-opacity:.4"),
        (".line", f"fill:none;stroke:{ground.line};stroke-width:{STROKE}"),
        (".head", f"fill:{ground.line}"),
        (".events", f"fill:{event.fill};stroke:{event.line}"),
        (".role rect", f"fill:{ground.text}"),
        (".role text", f"fill:{ground.paper};font-size:10px;font-weight:700;text-anchor:middle"),
    ]
