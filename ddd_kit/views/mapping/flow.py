"""What a map shows of the graph: one arrow from one element to another, and nothing said twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from ddd_kit.engine.names import ALL
from ddd_kit.journal.entry import MESSAGE
from ddd_kit.views.mapping.graph import OTHER_CONTEXT, PART_OF, REACTORS
from ddd_kit.views.mapping.tally import HEARD_BY, PUBLISHED, Key

STREAM = "stream"
MANY = 6  # arrows from all kinds of event, or from streams, to one handler

Pair = tuple[str, str]


@dataclass(slots=True)
class Lead:
    """An arrow: what leads from one element to another.

    Attributes:
        kind: of the edge in the graph, as `heard by`.
        pairs: what it stands for; of an arrow that a stream parts from its event or command, those.
        keys: by what it is counted.
        barred: whether the handler listens to another stream.
    """

    kind: str
    pairs: list[Pair] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    barred: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """What a map shows.

    Attributes:
        nodes: what the graph says of the elements, by name, in order of definition; streams come last, under
            names that no element has. Theirs have a `label`, the `messages` on them, and whether those are
            `commands`.
        leads: the arrows, by the names of both ends.
    """

    nodes: dict[str, dict[str, Any]]
    leads: dict[Pair, Lead] = field(default_factory=dict)


def flow(whole: nx.MultiDiGraph, *, streams: bool = False) -> Flow:
    """Choose what to show of a graph.

    Args:
        whole: the model and its run, without command handlers.
        streams: whether streams stand between events and those who hear them, and between commands and what
            they change.

    Returns:
        Nodes and arrows.
    """
    made = Flow({name: dict(node) for name, node in whole.nodes(data=True)})
    edges = [
        (*edge, data)
        for *edge, data in whole.edges(data=True)
        if data["kind"] != PART_OF or _worth_an_arrow(whole, *edge)
    ]
    if streams:
        _add_streams(made)
    audits = _audits(whole, streams=streams)
    for handler, told in audits.items():
        made.nodes[handler]["all_of"] = told
    for source, target, data in edges:
        if target not in audits or data.get("named", True):
            _lead(made, _beginning(made, source, data) if streams else source, source, target, data)
    return made


def _lead(made: Flow, begin: str, source: str, target: str, data: dict[str, Any]) -> None:
    """Add what leads from one element to another to their arrow, or to that of the stream in between."""
    kind = data["kind"]
    lead = made.leads.setdefault((begin, target), Lead(kind))
    if lead.kind == PART_OF:
        lead.kind = kind
    if made.nodes[source]["kind"] == OTHER_CONTEXT and kind == HEARD_BY:
        source = MESSAGE  # as the journal calls what a broker brings
    lead.pairs.append((source, target))
    lead.keys.append((source, target, kind))
    lead.barred |= data.get("rule") == "stream_category"


def _worth_an_arrow(whole: nx.MultiDiGraph, source: str, aggregate: str) -> bool:
    """Whether to show what an element is part of: not when what it does is seen, or only leads back.

    Nor does a command lead anywhere that nobody handles.
    """
    node = whole.nodes[source]
    if node["kind"] == "command" and not node["handler"]:
        return False
    if any(kind not in (PART_OF, HEARD_BY) for _, _, kind in whole.out_edges(source, keys=True)):
        return False
    return not any(whole.has_edge(aggregate, heard) for heard in whole.predecessors(source))


def _audits(whole: nx.MultiDiGraph, *, streams: bool) -> dict[str, str]:
    """The handlers that take so much by `$any` that arrows would hide all else, and what their cards say."""
    heard = [(e, h) for e, h, named in whole.edges(data="named", default=True) if not named]
    if streams:
        heard = list(dict.fromkeys((whole.nodes[event]["category"], handler) for event, handler in heard))
    what = "streams" if streams else "kinds of event"
    taken = Counter(handler for _, handler in heard)
    return {handler: f"{count:,} {what}, no arrows" for handler, count in taken.items() if count > MANY}


# Streams


def _add_streams(made: Flow) -> None:
    """Add the streams, what is published on them, and who listens to one on which nothing is."""
    for name, node in list(made.nodes.items()):
        if node["kind"] in ("event", "command") and node["category"]:
            stream = _stream(made, node["category"], commands=node["kind"] == "command")
            made.nodes[stream]["messages"].append(name)
            made.leads[name, stream] = Lead(PUBLISHED, keys=[(name, "", PUBLISHED)])
        elif node["kind"] in REACTORS - {"subscriber"} and node["category"] not in ("", ALL):
            for category in node["category"].split(", "):
                made.leads[_stream(made, category), name] = Lead(HEARD_BY)


def _stream(made: Flow, category: str, *, commands: bool = False) -> str:
    key = f"\0{'commands' if commands else 'events'} {category}"  # no class has such a name
    node = {"kind": STREAM, "label": category, "messages": [], "commands": commands}
    made.nodes.setdefault(key, node)
    return key


def _beginning(made: Flow, source: str, data: dict[str, Any]) -> str:
    """Where an arrow begins: at the stream in between, if there is one."""
    node = made.nodes[source]
    command = node["kind"] == "command"
    if node["kind"] == OTHER_CONTEXT:
        return source
    if node["category"] and (command or data["kind"] == HEARD_BY):
        return _stream(made, node["category"], commands=command)
    return source


def handlers_before(made: Flow) -> dict[str, list[str]]:
    """The handlers that lead to an element, by its name."""
    before: dict[str, list[str]] = {}
    for source, target in made.leads:
        if made.nodes[source]["kind"] in REACTORS:
            before.setdefault(target, []).append(source)
    return before
