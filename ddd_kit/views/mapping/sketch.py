"""A map before it has colours: cards in their places, lines, counts; the same for SVG and matplotlib."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary, ref

from ddd_kit.engine.engine import Engine
from ddd_kit.journal.story import beginning
from ddd_kit.views.layout.curves import Segment
from ddd_kit.views.layout.routes import Box
from ddd_kit.views.lint import remarks
from ddd_kit.views.mapping.arrange import AGAIN, Arrangement, arranged
from ddd_kit.views.mapping.cards import SMALL, STAND, Card, again, card, fullest
from ddd_kit.views.mapping.counts import AIR, placed_lines
from ddd_kit.views.mapping.facts import plural
from ddd_kit.views.mapping.flow import STREAM, Flow, Lead, Pair, flow, handlers_before
from ddd_kit.views.mapping.graph import OTHER_CONTEXT, REACTORS, elements, graph
from ddd_kit.views.mapping.standing import standing, told, told_within
from ddd_kit.views.mapping.tally import HANDLED_BY, HEARD_BY, PUBLISHED, RAISES, Key, Tally, tally
from ddd_kit.views.mapping.trail import Trail, trail, unrecorded_since, why_failed, why_skipped
from ddd_kit.views.text_width import text_width

# The states of nodes and arrows, those to be drawn over others last.
IDLE, PLAIN, SKIPPED, ON, FAILED = STATES = ("idle", "plain", "skipped", "on", "failed")


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

    @property
    def shown(self) -> Box:
        """What of its place it takes: in the middle, where arrows lead to, and no more than it needs now."""
        box, spare = self.box, self.card.height - self.card.tight
        return Box(box.x, box.y + spare / 2, box.width, box.height - spare)


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge in its place.

    Attributes:
        source: the name of the element it comes from.
        target: the name of the element it leads to.
        pieces: its line.
        state: `on` the path of the step, `skipped`, `failed`, `idle` (it never happened) or `plain`.
        count: how often it happened.
        label: where the count stands; None where there is no room, or it never happens.
        title: everything in words.
        asks: what a click wants to know of: an event and its handler, a handler, or nothing.
    """

    source: str
    target: str
    pieces: tuple[Segment, ...]
    state: str
    count: int
    label: Box | None
    title: str
    asks: tuple[str, ...] = ()


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
        first_step: the oldest step that it keeps.
        before: what is to be said of the time before that.
    """

    name: str
    width: float
    height: float
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    trail: Trail
    last_step: int
    first_step: int
    before: str


def sketch(engine: Engine, step: int | None = None, *, streams: bool = False) -> Sketch:
    """Place a model's elements and what leads from one to another.

    Args:
        engine: the domain.
        step: the step to show; None for the newest chain.
        streams: whether streams are nodes of their own.

    Returns:
        The map without colours.

    Raises:
        IncorrectUsageError: when there is no such step.
    """
    with engine.lock:
        seen = step, streams, *_state(engine)
        known = _latest.get(engine)
        if known is None or known[0] != seen:
            known = _latest[engine] = seen, _Sketched(engine, step, streams=streams).sketch
    return known[1]


def facts_of(engine: Engine, element: str, step: int | None = None) -> tuple[str, ...]:
    """What the map says of an element, in full.

    Args:
        engine: the domain.
        element: its name.
        step: the step to show; None for the newest chain.

    Returns:
        As `4 instances`; nothing for what is no node of the map.

    Raises:
        IncorrectUsageError: when there is no such step.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> facts_of(domain, "Order")
        ('0 instances',)
    """
    nodes = sketch(engine, step).nodes
    return next((node.card.facts for node in nodes if node.card.name == element), ())


# The newest sketch, and of what it is one: several views draw the same step.
_latest: WeakKeyDictionary[Engine, tuple[tuple[Any, ...], Sketch]] = WeakKeyDictionary()


def _state(engine: Engine) -> tuple[Any, ...]:
    """All that a sketch depends on; it refers to no class, which would keep the engine alive."""
    journal, registry = engine.journal, engine.registry
    definitions = [
        (e.name, e.kind, e.methods, str(e.options), e.cls.__doc__, e.name in registry.elements)
        for e in elements(engine)
    ]
    stored = [len(store.rows) for store in engine.world.stores.values()]
    seen = journal.first_step, journal.last_step, journal.missed, len(engine.world.events.rows)
    return ref(journal), seen, registry.generation, definitions, stored


class _Sketched:
    """A sketch while it is being made; the engine's lock is held."""

    def __init__(self, engine: Engine, step: int | None, *, streams: bool) -> None:
        journal = engine.journal
        self.path = trail(journal, step)
        whole = graph(engine, step, command_handlers=False)
        events = engine.world.events.rows
        self.seen = tally(journal, None, events)
        self.until = self.seen if step is None else tally(journal, journal.batch_end(step), events)
        self.journal, self.step = journal, journal.last_step if step is None else step
        self.remarks = remarks(engine)
        first = journal.first_step
        self.since = f" since step {first:,}" if first > 1 else ""
        self.flow = flow(whole, streams=streams)
        for node in self.flow.nodes.values():
            if node["kind"] == STREAM:
                node["count"] = self._published(self.until, node)
        cards = {name: self._card(name) for name in self.flow.nodes}
        cards |= {name: fullest(cards[name]) for name, target in self.flow.leads if name == target}
        cards |= {name + AGAIN: again(card) for name, card in cards.items()}
        kinds = {name: _column(node) for name, node in self.flow.nodes.items()}
        sizes = {name: (card.width, card.height) for name, card in cards.items()}
        self.widths = self._count_widths()
        layout = arranged(kinds, sizes, self.flow.leads, max(self.widths, default=0.0) + 2 * AIR + 1)
        before = handlers_before(self.flow)
        nodes = tuple(
            Node(cards[key], box, self._node_state(key, before), key.endswith(AGAIN))
            for key, box in layout.boxes.items()
        )
        arrows = sorted(
            _said_once(list(self._arrows(layout)), self.trunks), key=lambda arrow: STATES.index(arrow.state)
        )
        ends = journal.last_step, first, beginning(journal)
        counts = (arrow.label for arrow in arrows if arrow.label is not None)  # also below the arrows
        height = max([layout.height, *(box.y + box.height for box in counts)])
        self.sketch = Sketch(engine.name, layout.width, height, nodes, tuple(arrows), self.path, *ends)

    def _card(self, name: str) -> Card:
        node = self.flow.nodes[name] | self._stand(name) | self._remark(name)
        troubles = self.seen.troubles.get(name, {})
        reserved = [why_skipped(*t) if len(t) == 3 else why_failed(*t) for t in troubles]
        status = self._status(name)
        if reserved and not status:
            status = self._summary(name, node["kind"])
        return card(name, node, status, reserved, self._most(name, node))

    def _stand(self, name: str) -> dict[str, str]:
        """Where the processes of a manager stand."""
        if self.flow.nodes[name]["kind"] != "process manager" or unrecorded_since(self.journal, self.step):
            return {}
        known = standing(self.journal, name)
        if not (most := known.most()):
            return {}
        counts = known.counts(self.journal.batch_end(self.step))
        return {"standing": told(counts), "stand": told_within(counts, STAND), "widest": told(most)}

    def _remark(self, name: str) -> dict[str, Any]:
        """What the lint has to say of an element."""
        known = self.remarks.get(name)
        return {} if known is None else {"remark": known.text, "faint": known.faint}

    def _status(self, name: str) -> str:
        """Why an element did not run in this step, or what went wrong."""
        reasons = {**self.path.skipped, **self.path.failed}
        return next((reason for (_, target), reason in reversed(reasons.items()) if target == name), "")

    def _summary(self, name: str, kind: str) -> str:
        """What became of an element's messages so far, where nothing is to be said of this step."""
        ends, relation = (1, HEARD_BY) if kind in REACTORS else (0, HANDLED_BY)

        def total(counts: Counter[Key]) -> int:
            return sum(n for key, n in counts.items() if key[ends] == name and key[2] == relation)

        counts = {
            "ran": total(self.until.count),
            "skipped": total(self.until.skipped),
            "failed": total(self.until.failed),
            "rejected": self.until.rejected[name],
        }
        told = ", ".join(f"{word} {count_text(n)}" for word, n in counts.items() if n)
        if told:
            return told + self.since
        never = f"not run{self.since or ' yet'}"
        return never if kind in REACTORS else ""

    def _most(self, name: str, node: dict[str, Any]) -> str:
        """The widest number that a node has to show at any step."""
        if node["kind"] in ("aggregate", "projection"):
            return plural(self.seen.instances[name], "instance")
        if node["kind"] == "process manager":
            counted = plural(self.seen.instances[name], "process", "processes")
            return max(counted, str(node.get("widest", "")), key=len)
        return plural(self._published(self.seen, node), "command") if node["kind"] == STREAM else ""

    @staticmethod
    def _published(counts: Tally, stream: dict[str, Any]) -> int:
        return sum(counts.count[message, "", PUBLISHED] for message in stream["messages"])

    def _node_state(self, key: str, before: dict[str, list[str]]) -> str:
        name, path = key.removesuffix(AGAIN), self.path
        if key != name and not any((handler, name) in path.links for handler in before.get(name, ())):
            return PLAIN
        if any(target == name for _, target in path.failed):
            return FAILED
        if name in path.nodes or not path.nodes.keys().isdisjoint(self.flow.nodes[name].get("messages", ())):
            return ON
        return SKIPPED if any(target == name for _, target in path.skipped) else PLAIN

    def _count_widths(self) -> list[float]:
        """The width of each arrow's count in px, as wide as it gets; 0 where it has none at any step."""
        most = [sum(self.seen.count[key] for key in lead.keys) for lead in self.flow.leads.values()]
        return [text_width(count_text(n), SMALL, bold=True) if n else 0.0 for n in most]

    def _arrows(self, layout: Arrangement) -> Iterator[Arrow]:
        shared = tuple(ends for ends, lead in self.flow.leads.items() if lead.kind == HEARD_BY)
        lines, self.trunks = placed_lines(
            layout, tuple(zip(self.flow.leads, self.widths, strict=True)), shared
        )
        for (source, target), lead in self.flow.leads.items():
            pieces, label = lines[source, target]
            count = sum(self.until.count[key] for key in lead.keys)
            state = self._arrow_state(source, lead, count)
            title = self._title(source, target, lead, count)
            yield Arrow(source, target, pieces, state, count, label, title, self._asks(target, lead))

    def _arrow_state(self, source: str, lead: Lead, count: int) -> str:
        path, pairs = self.path, set(lead.pairs)
        if not pairs.isdisjoint(path.failed):
            return FAILED
        if not pairs.isdisjoint(path.links) or (lead.kind == PUBLISHED and source in path.nodes):
            return ON
        if lead.barred or not pairs.isdisjoint(path.skipped):
            return SKIPPED
        return PLAIN if count else IDLE

    def _asks(self, handler: str, lead: Lead) -> tuple[str, ...]:
        """Which event a click on an arrow to a handler is about: one of this step, or the only one."""
        if lead.kind != HEARD_BY:
            return ()
        path = self.path
        told = (*path.failed, *path.links, *path.skipped)
        of_step = [pair for pair in told if pair in lead.pairs]
        return (of_step or lead.pairs)[0] if of_step or len(lead.pairs) == 1 else (handler,)

    def _title(self, source: str, target: str, lead: Lead, count: int) -> str:
        """As `OrderShipped → EmailNotifications: skipped: ...; heard by, 0 times, skipped 1 time`."""
        reasons = {**self.path.skipped, **self.path.failed}
        reason = next((f"{reasons[pair]}; " for pair in lead.pairs if pair in reasons), "")
        since = "" if lead.kind in (RAISES, PUBLISHED) else self.since  # the world keeps all events
        counts = [plural(count, "time")]
        for word, counted in (("skipped", self.until.skipped), ("failed", self.until.failed)):
            number = sum(counted[key] for key in lead.keys)
            counts += [f"{word} {plural(number, 'time')}"] if number else []
        ends = " → ".join(_called(self.flow, name) for name in (source, target))
        return f"{ends}: {reason}{lead.kind}, {', '.join(counts)}{since}"


def _column(node: dict[str, Any]) -> str:
    return "command stream" if node.get("commands") else str(node["kind"])


def _called(made: Flow, name: str) -> str:
    node = made.nodes[name]
    if node["kind"] == STREAM:
        return f"stream {node['label']}"
    return str(node["label"]) if node["kind"] == OTHER_CONTEXT else name


def _said_once(arrows: list[Arrow], trunks: dict[str, Box]) -> Iterator[Arrow]:
    """Where several handlers heard an event equally often, it says so once, where their arrows begin."""
    bundles: dict[tuple[str, int], list[Arrow]] = {}
    for arrow in arrows:
        if arrow.source in trunks and arrow.count and arrow.asks:
            bundles.setdefault((arrow.source, arrow.count), []).append(arrow)
    most: dict[str, list[Arrow]] = {}
    for (source, _), bundle in bundles.items():
        if len(bundle) > max(1, len(most.get(source, ()))):
            most[source] = bundle
    places: dict[Pair, Box | None] = {}
    for source, bundle in most.items():
        places |= {(each.source, each.target): None for each in bundle}
        strongest = max(bundle, key=lambda each: STATES.index(each.state))
        places[strongest.source, strongest.target] = trunks[source]
    for arrow in arrows:
        ends = arrow.source, arrow.target
        yield replace(arrow, label=places[ends]) if ends in places else arrow


def count_text(count: int) -> str:
    """How often, as it stands beside an arrow.

    Example:
        >>> count_text(1200) == "1,200\N{MULTIPLICATION SIGN}"
        True
    """
    return f"{count:,}\N{MULTIPLICATION SIGN}"
