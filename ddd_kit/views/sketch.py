"""A map before it has colours: cards in their places, lines, counts; the same for SVG and matplotlib."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import networkx as nx

from ddd_kit.engine.engine import Engine
from ddd_kit.views.arrange import AGAIN, Arrangement, arranged
from ddd_kit.views.cards import SMALL, Card, again, card
from ddd_kit.views.curves import Segment, sampled, segments
from ddd_kit.views.graph import PART_OF, graph
from ddd_kit.views.labels import Occupied, beside
from ddd_kit.views.routes import Box
from ddd_kit.views.tally import HEARD_BY, Tally, tally
from ddd_kit.views.text_width import text_width
from ddd_kit.views.trail import Trail, trail, why_failed, why_skipped

ON, SKIPPED, FAILED, IDLE, PLAIN = (
    "on",
    "skipped",
    "failed",
    "idle",
    "plain",
)  # the states of nodes and arrows
COUNT_HEIGHT = 12.0
MANY = 6  # arrows from all kinds of event to one handler
AIR = 3.0  # between a node and a count


@dataclass(frozen=True, slots=True)
class Node:
    """A card in its place.

    Attributes:
        card: what it says.
        box: where it stands.
        state: `on` the path of the step, `skipped`, `failed` or `plain`.
        again: whether the element is drawn elsewhere, too, with all that is to be said of it.
    """

    card: Card
    box: Box
    state: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge in its place.

    Attributes:
        source: the name of the element it comes from.
        target: the name of the element it leads to.
        pieces: its line.
        state: `on` the path of the step, `skipped`, `failed`, `idle` (it never happened) or `plain`.
        count: how often it happened.
        label: where the count stands; None where there is no room, or nothing to count.
        title: everything in words.
    """

    source: str
    target: str
    pieces: tuple[Segment, ...]
    state: str
    count: int
    label: Box | None
    title: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """A map in the making.

    Attributes:
        name: of the domain.
        width: of nodes and arrows in px.
        height: of nodes and arrows in px.
        nodes: in order of definition.
        arrows: in the same order, those of the step last.
        trail: the path of the step.
        last_step: the newest step of the journal.
        flow: the graph that is drawn.
    """

    name: str
    width: float
    height: float
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    trail: Trail
    last_step: int
    flow: nx.DiGraph


def sketch(engine: Engine, step: int | None = None) -> Sketch:
    """Place a model's elements and what leads from one to another.

    Args:
        engine: the domain.
        step: the step to show; None for the newest chain.

    Returns:
        The map without colours.

    Raises:
        IncorrectUsageError: when there is no such step.
    """
    with engine.lock:
        journal = engine.journal
        path = trail(journal, step)
        whole = graph(engine, step, command_handlers=False)
        seen = tally(journal)
        last_step = journal.last_step
    flow = _flow(whole)
    cards = {name: _card(name, flow, seen, path) for name in flow}
    cards |= {name + AGAIN: again(card) for name, card in cards.items()}
    layout = arranged(
        {name: node["kind"] for name, node in flow.nodes(data=True)},
        {name: (card.width, card.height) for name, card in cards.items()},
        list(flow.edges()),
    )
    nodes = tuple(
        Node(cards[key], box, _node_state(key, path, flow), key.endswith(AGAIN))
        for key, box in layout.boxes.items()
    )
    arrows = sorted(_arrows(flow, layout, path), key=lambda a: _STATES.index(a.state))
    return Sketch(whole.name, layout.width, layout.height, nodes, tuple(arrows), path, last_step, flow)


_STATES = (IDLE, PLAIN, SKIPPED, ON, FAILED)


def _flow(whole: nx.MultiDiGraph) -> nx.DiGraph:
    """What a map shows of the graph: one arrow from one element to another, and nothing said twice."""
    flow = nx.DiGraph()
    flow.add_nodes_from(whole.nodes(data=True))
    audits = _audits(whole)
    nx.set_node_attributes(flow, audits, "all_of")
    for source, target, data in whole.edges(data=True):
        if data["kind"] == PART_OF and not _worth_an_arrow(whole, source, target):
            continue
        if target in audits and not data.get("named", True):
            continue
        known = flow.edges.get((source, target), {})
        kind = known.get("kind", PART_OF)
        merged = {**data, **known, "count": known.get("count", 0) + data["count"]}
        flow.add_edge(source, target, **{**merged, "kind": data["kind"] if kind == PART_OF else kind})
    return flow


def _audits(whole: nx.MultiDiGraph) -> dict[str, str]:
    """The handlers that take so many kinds of event by `$any` that arrows would hide all else."""
    taken = Counter(h for _, h, named in whole.edges(data="named", default=True) if not named)
    return {h: f"{count:,} kinds of event, no arrows" for h, count in taken.items() if count > MANY}


def _worth_an_arrow(whole: nx.MultiDiGraph, source: str, aggregate: str) -> bool:
    """Whether to show what an element is part of: not when what it does is seen, or only leads back."""
    if any(kind not in (PART_OF, HEARD_BY) for _, _, kind in whole.out_edges(source, keys=True)):
        return False
    return not any(whole.has_edge(aggregate, heard) for heard in whole.predecessors(source))


def _card(name: str, flow: nx.DiGraph, seen: Tally, path: Trail) -> Card:
    troubles = seen.troubles.get(name, {})
    reserved = [why_skipped(*t) if len(t) == 3 else why_failed(*t) for t in troubles]
    status = _status(name, path)
    if reserved and not status:
        status = _summary(name, flow)
    return card(name, flow.nodes[name], status, reserved)


def _status(name: str, path: Trail) -> str:
    """Why an element did not run in this step, or what went wrong."""
    reasons = [reason for (_, target), reason in {**path.skipped, **path.failed}.items() if target == name]
    return reasons[-1] if reasons else ""


def _summary(name: str, flow: nx.DiGraph) -> str:
    """What became of a handler's events so far, where nothing is to be said of this step."""
    heard = [data for _, _, data in flow.in_edges(name, data=True) if data["kind"] == HEARD_BY]
    counts = {
        "ran": sum(data["count"] for data in heard),
        "skipped": sum(data["skipped"] for data in heard),
        "failed": sum(data["failed"] for data in heard),
    }
    return ", ".join(f"{word} {count_text(n)}" for word, n in counts.items() if n) or "not run yet"


def _node_state(key: str, path: Trail, flow: nx.DiGraph) -> str:
    name = key.removesuffix(AGAIN)
    if key.endswith(AGAIN) and not any((source, name) in path.links for source in _handlers_of(name, flow)):
        return PLAIN
    if any(target == name for _, target in path.failed):
        return FAILED
    if name in path.nodes:
        return ON
    return SKIPPED if any(target == name for _, target in path.skipped) else PLAIN


def _handlers_of(name: str, flow: nx.DiGraph) -> list[str]:
    return [source for source in flow.predecessors(name) if flow.nodes[source]["kind"] == "event handler"]


def _arrows(flow: nx.DiGraph, layout: Arrangement, path: Trail) -> Iterator[Arrow]:
    pieces = {(u, v.removesuffix(AGAIN)): tuple(segments(route)) for (u, v), route in layout.routes.items()}
    points = {edge: sampled(line) for edge, line in pieces.items()}
    taken = Occupied(_with_air(box) for box in layout.boxes.values())
    for line in points.values():
        taken.take_line(line)
    for source, target, data in flow.edges(data=True):
        edge = source, target
        label = _label(data["count"], points[edge], taken)
        state = _arrow_state(edge, data, path)
        yield Arrow(source, target, pieces[edge], state, data["count"], label, _title(source, target, data))


def _with_air(box: Box) -> Box:
    return Box(box.x - AIR, box.y - AIR, box.width + 2 * AIR, box.height + 2 * AIR)


def _label(count: int, points: list[tuple[float, float]], taken: Occupied) -> Box | None:
    if not count:
        return None
    box = beside(points, text_width(count_text(count), SMALL, bold=True), COUNT_HEIGHT, taken)
    if box is not None:
        taken.take(box)
    return box


def count_text(count: int) -> str:
    """How often, as it stands beside an arrow.

    Example:
        >>> count_text(1200) == "1,200\N{MULTIPLICATION SIGN}"
        True
    """
    return f"{count:,}\N{MULTIPLICATION SIGN}"


def _arrow_state(edge: tuple[str, str], data: dict[str, Any], path: Trail) -> str:
    if edge in path.failed:
        return FAILED
    if edge in path.links:
        return ON
    if edge in path.skipped or data.get("rule") == "stream_category":
        return SKIPPED
    return PLAIN if data["count"] else IDLE


def _title(source: str, target: str, data: dict[str, Any]) -> str:
    counts = [f"{data['count']:,} times"]
    counts += [f"{word} {data[word]:,} times" for word in ("skipped", "failed") if data.get(word)]
    return f"{source} → {target}: {data['kind']}, {', '.join(counts)}"
