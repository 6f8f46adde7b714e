"""The map of the page: drawn once, before the first step, with what a script needs to mark any step on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ddd_kit.engine.engine import Engine
from ddd_kit.journal.entry import OK
from ddd_kit.journal.journal import Journal
from ddd_kit.views.mapping.cards import APART, FIRST, FOOT, LEADING, PAD, SECOND, STAND, wrap
from ddd_kit.views.mapping.flow import Lead, flow, handlers_before
from ddd_kit.views.mapping.graph import graph
from ddd_kit.views.mapping.live_map import CHOSEN, MOST_LEADS, live_map
from ddd_kit.views.mapping.map_svg import clean
from ddd_kit.views.mapping.sketch import Arrow, Node, sketch
from ddd_kit.views.mapping.standing import standing, told, told_within
from ddd_kit.views.mapping.tally import tally
from ddd_kit.views.mapping.trail import why_failed


def drawing(engine: Engine) -> str:
    """The map as it was before the first step; its nodes have room for all that becomes of them.

    Args:
        engine: the domain; its lock is held.

    Returns:
        An SVG.
    """
    return live_map(engine, engine.journal.first_step - 1, roomy=True)


def marks(engine: Engine, shapes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What can be marked on the map.

    Args:
        engine: the domain; its lock is held.
        shapes: those of the record, which say what went wrong.

    Returns:
        `nodes` by name; `arrows` in the order in which they are drawn.
    """
    journal = engine.journal
    begin = journal.first_step - 1
    drawn = sketch(engine, begin)
    made = flow(graph(engine, begin, command_handlers=False))
    troubles, before = tally(journal).troubles, handlers_before(made)
    nodes = {clean(node.card.name): _node(node) for node in drawn.nodes if not node.again}
    labels = {node.card.name: clean(node.card.label) for node in drawn.nodes}
    for name, marked in nodes.items():
        marked["before"] = [clean(handler) for handler in before.get(name, [])]
        marked["leads"] = _leads(labels[arrow.target] for arrow in drawn.arrows if arrow.source == name)
        marked["room"] *= name in troubles
        if marked["kind"] == "process manager":
            marked["standing"] = list(_standing(journal, name))
    for name, status in _statuses(shapes):
        if name in nodes:
            nodes[name]["wrapped"][status] = wrap(status, nodes[name]["width"] - 2 * PAD)
    return {
        "nodes": nodes,
        "arrows": [_arrow(arrow, made.leads[arrow.source, arrow.target]) for arrow in drawn.arrows],
    }


def _standing(journal: Journal, manager: str) -> Iterator[list[Any]]:
    """From which steps on processes stand where: in a line, and in full where that is more."""
    if not journal.missed:
        known = standing(journal, manager)
        for step in known.moves():
            counts = known.counts(step)
            line, full = told_within(counts, STAND), told(counts)
            yield [step, line] if line == full else [step, line, full]


def _leads(labels: Iterable[str]) -> str:
    """As `leads to OrderPlaced, OrderShipped`."""
    names = sorted(labels)
    more = f" and {len(names) - MOST_LEADS} more" if len(names) > MOST_LEADS else ""
    return f"leads to {', '.join(names[:MOST_LEADS])}{more}" if names else ""


def _statuses(shapes: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Which elements did not run, failed or refused, and what is said of that."""
    for shape in shapes:
        name = (
            shape["type"] if shape["kind"] == "command" else shape.get("handler") or shape.get("element", "")
        )
        if shape.get("status"):
            yield name, shape["status"]
        elif shape.get("outcome", OK) != OK:
            yield name, why_failed(shape["outcome"], shape["error"])


def _node(node: Node) -> dict[str, Any]:
    """What a node says at each step, and the room for what became of it: lines, and their place."""
    card, box = node.card, node.box
    head = (SECOND if card.lines else FIRST) + LEADING * (len(card.lines) - 1)
    away = 2 * CHOSEN
    title = clean(card.title).split("\n")
    told, rest = title[: 1 + len(card.lines)], title[1 + len(card.lines) :]
    return {
        "kind": card.kind,
        "remark": clean(card.remark).partition("\n")[0],
        "told": told,
        "doc": "\n".join(rest[1:] if card.status else rest),
        "top": SECOND + LEADING * (len(card.lines) - 1) + APART,
        "room": round((card.height - head - APART - FOOT) / LEADING),
        "wrapped": {},
        "width": box.width,
        "frame": {
            "x": -CHOSEN,
            "y": -CHOSEN,
            "width": box.width + away,
            "height": box.height + away,
            "rx": 7,
        },
    }


def _arrow(arrow: Arrow, lead: Lead) -> dict[str, Any]:
    box = arrow.label
    return {
        "source": clean(arrow.source),
        "target": clean(arrow.target),
        "kind": lead.kind,
        "pairs": [[clean(name) for name in pair] for pair in lead.pairs],
        "keys": [[clean(name) for name in key] for key in lead.keys],
        "barred": lead.barred,
        "at": None if box is None else [round(box.x + box.width / 2, 1), round(box.bottom - 2, 1)],
    }
