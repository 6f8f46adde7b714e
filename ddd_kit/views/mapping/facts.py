"""What the nodes of a map say of their elements, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ddd_kit.engine.names import ALL
from ddd_kit.views.palette import STYLES
from ddd_kit.views.text_width import text_width

SMALL = 11.0  # font size in px
REASON = 190.0  # reasons are wrapped at this width, or at the node's own where that is more
# What has its place within another element's card, in a line that begins with its sign.
INSIDE = ("command handler", "entity", "value object", "query", "repository", "upcaster")
PARTS_LINES = 3


def facts(node: Mapping[str, Any]) -> Iterator[str]:
    """What a node says of its element.

    Args:
        node: its attributes in the graph.

    Yields:
        A line each, in full.

    Example:
        >>> list(facts({"kind": "aggregate", "instances": 3}))
        ['3 instances']
    """
    yield from _by_kind(node)
    if node.get("all_of"):
        yield node["all_of"]
    if node.get("source_stream"):
        yield f"only from {node['source_stream']}"
    if node["kind"] == "command":
        yield f"{_sign('command handler')} {node['handler']}" if node["handler"] else "nobody handles it"
    if node.get("retired"):
        yield "no cell defines it"
    elif node.get("problem"):
        yield node["problem"]


def _by_kind(node: Mapping[str, Any]) -> Iterator[str]:
    kind, category = node["kind"], node.get("category", "")
    if kind in ("command", "event"):
        yield from _message(node, category)
    elif kind == "stream":
        yield plural(node["count"], "command" if node["commands"] else "event")
    elif kind in ("aggregate", "projection"):
        yield from _stored(node)
    elif kind in ("event handler", "projector", "process manager"):
        if kind == "process manager":
            yield plural(node["instances"], "process", "processes")
            if node.get("standing"):
                yield node["standing"]
        yield from _heard(node, category)
    else:
        yield from _aside(node, kind, category)


def _stored(node: Mapping[str, Any]) -> Iterator[str]:
    yield plural(node["instances"], "instance")
    if node.get("event_sourced"):
        yield "event-sourced"
    yield from parts_lines(node.get("parts", ""))
    yield from listed("repository", node.get("repositories", ""))
    yield from (f"{query}, nobody answers it" for query in listed("query", node.get("unanswered", "")))


def _message(node: Mapping[str, Any], category: str) -> Iterator[str]:
    version = f"version {node['version']}" if node.get("version", 1) > 1 else ""
    on = f"stream {category}" if category else ""
    if on or version:
        yield ", ".join(text for text in (on, version) if text)
    yield from listed("upcaster", node.get("upcasters", ""))


def _sign(kind: str) -> str:
    return STYLES[kind].symbol


def listed(kind: str, texts: str) -> Iterator[str]:
    """Elements that have their place in another one's card, a line each.

    Args:
        kind: what they are, one of `INSIDE`.
        texts: what is said of them, as the graph has it.

    Yields:
        A few lines that begin with the sign of the kind.

    Example:
        >>> list(listed("repository", "Shelves: nearly_sold_out"))
        ['▥ Shelves: nearly_sold_out']
    """
    lines = [f"{_sign(kind)} {text}" for text in texts.split("; ")] if texts else []
    hidden = len(lines) - PARTS_LINES
    yield from lines if hidden <= 0 else [*lines[: PARTS_LINES - 1], f"… {hidden + 1} more"]


def _aside(node: Mapping[str, Any], kind: str, category: str) -> Iterator[str]:
    """What elements beside the flow of commands and events say."""
    if kind == "other context":
        yield category
    elif kind == "subscriber":
        yield f"hears {category}"
    elif kind == "query handler":
        yield from (
            listed("query", node.get("queries", "")) if node.get("queries") else ["answers nothing yet"]
        )
    elif kind == "application service":
        yield node.get("methods") or "does nothing yet"
    elif kind == "domain service":
        yield f"works on {node['part_of']}"


def _heard(node: Mapping[str, Any], category: str) -> Iterator[str]:
    yield node["methods"] or "handles nothing yet"
    if category:
        yield "listens to every stream" if category == ALL else f"listens to {category}"


def parts_lines(parts: str) -> Iterator[str]:
    """What is inside of an aggregate, in few lines.

    Args:
        parts: names with their symbols, with commas between them.

    Yields:
        Lines that fit.

    Example:
        >>> list(parts_lines("□ OrderItem, ▫ Money"))
        ['□ OrderItem, ▫ Money']
    """
    lines: list[str] = []
    for name in parts.split(", ") if parts else ():
        if lines and text_width(f"{lines[-1]}, {name}", SMALL) <= REASON:
            lines[-1] += f", {name}"
        else:
            lines.append(name)
    if len(lines) > PARTS_LINES:
        hidden = sum(line.count(",") + 1 for line in lines[PARTS_LINES - 1 :])
        lines[PARTS_LINES - 1 :] = [f"… {hidden} more"]
    yield from lines


def plural(count: int, word: str, words: str | None = None) -> str:
    """A number with its noun.

    Args:
        count: 0 or more.
        word: the noun in the singular.
        words: the plural, where it is not the noun with an s.

    Returns:
        Both.

    Example:
        >>> plural(1, "instance"), plural(1200, "instance")
        ('1 instance', '1,200 instances')
    """
    return f"{count:,} {word if count == 1 else words or word + 's'}"
