"""The model as a Mermaid flowchart: the nodes and edges of its graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ddd_kit.engine.engine import Engine
from ddd_kit.views.exports.mermaid import NEW_LINE, Mermaid, label
from ddd_kit.views.mapping.graph import PART_OF, graph
from ddd_kit.views.palette import LIGHT, STYLES

SHAPES: Mapping[str, str] = {
    "command": '>"{}"]',
    "command handler": '[["{}"]]',
    "aggregate": '["{}"]',
    "event": '(["{}"])',
    "event handler": '{{{{"{}"}}}}',
}
_OTHER = '["{}"]'
RETIRED = "retired"
EMPTY = "No elements yet"


def flowchart(engine: Engine) -> Mermaid:
    """Write a model down as a flowchart, from left to right, as its events flow.

    Args:
        engine: the domain.

    Returns:
        A diagram with the nodes and edges of `domain.graph()`: a shape for each kind, the colours of
        EventStorming, and on the edges what they mean and how often it happened.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> flowchart(domain)
        flowchart LR
          accTitle: Model of Bookshop
          n0["■ Order"]:::aggregate
          classDef aggregate fill:#fdeea3,stroke:#c2a83e,color:#1f2937
    """
    drawn = graph(engine)
    ids = {name: f"n{number}" for number, name in enumerate(drawn)}
    nodes = dict(drawn.nodes(data=True))
    lines = [f"accTitle: {label(f'Model of {engine.name}')}"]
    lines += [_node(ids[name], node) for name, node in nodes.items()] or [f'n0["{EMPTY}"]']
    lines += [_edge(ids[a], ids[b], edge) for a, b, edge in drawn.edges(data=True)]
    lines += _classes(nodes)
    return Mermaid("".join(["flowchart LR\n", *(f"  {line}\n" for line in lines)]).rstrip("\n"))


def _node(name: str, node: Mapping[str, Any]) -> str:
    kind = node["kind"]
    symbol = f"{STYLES[kind].symbol} " if kind in STYLES else ""
    words = [symbol + label(node["label"]), *([label(node["problem"])] if node["problem"] else [])]
    shape = SHAPES.get(kind, _OTHER).format(NEW_LINE.join(words))
    return f"{name}{shape}:::{RETIRED if node['retired'] else _class(kind)}"


def _edge(source: str, target: str, edge: Mapping[str, Any]) -> str:
    told = [edge["kind"], *([f"{edge['count']:,} times"] if edge["count"] > 1 else [])]
    if edge["count"] == 1:
        told.append("once")
    told += [f"{edge[what]:,} {what}" for what in ("skipped", "failed") if edge.get(what)]
    skipped = edge.get("rule") and not edge["count"]
    arrow = "---" if edge["kind"] == PART_OF else "-.->" if skipped else "-->"
    return f'{source} {arrow}|"{label(", ".join(told))}"| {target}'


def _class(kind: str) -> str:
    """The name of a class of Mermaid's, which has to be one word."""
    return kind.title().replace(" ", "")[:1].lower() + kind.title().replace(" ", "")[1:]


def _classes(nodes: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The colours of the kinds that are there, with dark words on them, on a dark page as well."""
    present = {node["kind"] for node in nodes.values() if not node["retired"]}
    for kind, style in STYLES.items():
        if kind in present:
            ink = style.light
            yield f"classDef {_class(kind)} fill:{ink.fill},stroke:{ink.line},color:{LIGHT.text}"
    if any(node["retired"] for node in nodes.values()):
        ground = f"fill:{LIGHT.panel},stroke:{LIGHT.faint},color:{LIGHT.faint}"
        yield f"classDef {RETIRED} {ground},stroke-dasharray:2 3"
