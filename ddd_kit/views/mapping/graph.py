"""The model and its run as a `networkx.MultiDiGraph`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import networkx as nx

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.glossary.words import doc_of
from ddd_kit.engine.names import ALL, snake_case, without_command
from ddd_kit.engine.registry import HANDLERS, LISTENERS, Registered
from ddd_kit.engine.routing import methods_for
from ddd_kit.exceptions import ConfigurationError, did_you_mean
from ddd_kit.journal.entry import MESSAGE
from ddd_kit.journal.sentence import short_stream
from ddd_kit.views.mapping.inside import inside
from ddd_kit.views.mapping.tally import CHANGES, HANDLED_BY, HEARD_BY, ISSUES, PUBLISHED, RAISES, Tally, tally
from ddd_kit.views.mapping.trail import unrecorded_since
from ddd_kit.views.palette import STYLES

PART_OF, READ_BY = "part of", "read by"
OTHER_CONTEXT = "other context"
# What hears events, or messages from elsewhere.
REACTORS = frozenset(map(str, (*LISTENERS, Kind.SUBSCRIBER)))


def graph(engine: Engine, step: int | None = None, *, command_handlers: bool = True) -> nx.MultiDiGraph:
    """Make a graph of the model, with what happened counted on its nodes and edges.

    All attributes are texts, whole numbers or truth values, so that networkx can write every format.

    Args:
        engine: the domain.
        step: count up to this step of the journal, or the one before the first; all when None. The nodes
            and edges are always the same. Events are counted from the beginning, all else from the first
            step that the journal keeps.
        command_handlers: whether they are nodes; without, what they do comes from their commands.

    Returns:
        Nodes by name with `kind`, `label`, `category`, `doc`, `retired` and `problem`, and by kind with
        `part_of`, `handler`, `methods`, `source_stream`, `instances`, `events`, and what is told of other
        elements: `repositories`, `unanswered`, `version`, `upcasters`, `queries`; edges keyed by their `kind`
        with a `count`, and those that are `heard by` a handler with `skipped`, `failed`, `rule`, `methods`
        and `named`, which is False where `$any` takes the event.

    Raises:
        IncorrectUsageError: when there is no such step.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> graph(domain).nodes["Order"]["category"]
        'order'
    """
    with engine.lock:
        journal = engine.journal
        if step not in (None, journal.first_step - 1):
            journal.step(step)
        events = engine.world.events.rows
        seen = tally(journal, None, events)
        until = seen if step is None else tally(journal, journal.batch_end(step), events)
        return _Drafted(engine, step, seen, until, command_handlers).graph


def elements(engine: Engine) -> list[Registered]:
    """What the model is made of, and what it was made of until its cell changed.

    Args:
        engine: the domain.

    Returns:
        The elements in order of definition, then the retired ones.
    """
    return [*engine.registry.elements.values(), *engine.registry.retired.values()]


_SHOWN = {
    Kind.AGGREGATE, Kind.EVENT, Kind.COMMAND, Kind.COMMAND_HANDLER, Kind.DOMAIN_SERVICE,
    Kind.APPLICATION_SERVICE, Kind.PROJECTION, Kind.QUERY_HANDLER, *LISTENERS, Kind.SUBSCRIBER,
}  # fmt: skip
_SERVICES = (Kind.APPLICATION_SERVICE, Kind.DOMAIN_SERVICE)
_OWNED = (Kind.EVENT_HANDLER, Kind.COMMAND_HANDLER, Kind.PROJECTOR, *_SERVICES)


class _Drafted:
    """The graph while it is being made."""

    def __init__(
        self, engine: Engine, step: int | None, seen: Tally, until: Tally, command_handlers: bool
    ) -> None:
        self.engine = engine
        self.registry = engine.registry
        self.seen = seen
        self.until = until
        self.graph = nx.MultiDiGraph(name=engine.name)
        # Without a journal they can be counted all the same.
        stores = {name: len(store.rows) for name, store in engine.world.stores.items()}
        is_present = step is None or unrecorded_since(engine.journal, step)
        self.instances: Mapping[str, int] = stores if is_present else until.instances
        shown = _SHOWN if command_handlers else _SHOWN - {Kind.COMMAND_HANDLER}
        self.elements = [element for element in elements(engine) if element.kind in shown]
        for element in self.elements:
            self.graph.add_node(element.name, **self._node(element))
        for element in self.elements:
            self._outside(element)
        for element in self.elements:
            self._defined(element)
        self._observed()

    def _node(self, element: Registered) -> dict[str, Any]:
        category, problem = self._category(element)
        node = {
            "kind": str(element.kind),
            "label": element.name,
            "category": category,
            "doc": doc_of(element.cls),
            "retired": element.name in self.registry.retired,
            "problem": problem,
        }
        return node | dict(self._particulars(element))

    def _particulars(self, element: Registered) -> Iterator[tuple[str, Any]]:
        if element.kind is not Kind.AGGREGATE:
            yield "part_of", ", ".join(_owners(element))
        if element.kind in HANDLERS or element.kind is Kind.QUERY_HANDLER:
            yield "methods", ", ".join(dict.fromkeys(method for method, _ in element.methods))
        if element.kind is Kind.APPLICATION_SERVICE:
            yield "methods", ", ".join(_use_cases(element.cls))
        if element.kind in (Kind.PROJECTION, Kind.PROCESS_MANAGER):
            yield "instances", self.instances.get(element.name, 0)
        if element.kind is Kind.EVENT_HANDLER:
            source = self.registry.source(element)
            yield "source_stream", short_stream(source) if source else ""
        if element.kind is Kind.COMMAND:
            yield "handler", ".".join(self.registry.command_route(element.name) or ())
        if element.kind is Kind.AGGREGATE:
            yield "instances", self.instances.get(element.name, 0)
            raised = self.until.count.items()
            yield "events", sum(n for key, n in raised if key[2] == RAISES and key[0] == element.name)
            yield "event_sourced", bool(element.options.get("event_sourced"))
            yield "parts", ", ".join(self._parts(element))
        if element.kind is Kind.EVENT:
            yield "events", self.until.count[element.name, "", PUBLISHED]
        yield from inside(self.registry, element)

    def _category(self, element: Registered) -> tuple[str, str]:
        """The short category of an element, and what keeps it from having one."""
        try:
            category = self._heard_or_published(element)
        except ConfigurationError:
            return "", self._problem(element)
        return ", ".join(short_stream(without_command(each)) for each in category), ""

    def _heard_or_published(self, element: Registered) -> tuple[str, ...]:
        """The full categories that an element is on, or hears."""
        registry, kind = self.registry, element.kind
        if kind in (Kind.PROJECTION, Kind.QUERY_HANDLER, *_SERVICES):
            if kind is not Kind.PROJECTION:
                registry.owner(element)
            return ()
        if kind is Kind.SUBSCRIBER:
            return (str(element.options["stream"]),)
        if kind is Kind.AGGREGATE:
            return (registry.full(element.options["stream_category"] or snake_case(element.name)),)
        if kind in LISTENERS:
            return registry.hears(element)
        if kind is Kind.COMMAND_HANDLER:
            return (registry.category(registry.owner(element).name),)
        return (registry.message_category(element),)

    def _problem(self, element: Registered) -> str:
        aggregates = [a.name for a in self.registry.of_kind(Kind.AGGREGATE)]
        missing = next((name for name in _owners(element) if name not in self.registry.elements), "")
        owner = missing or ", ".join(_owners(element))
        hint = did_you_mean(owner, aggregates) or " is no aggregate"
        return f"part_of '{owner}'{hint}"

    def _parts(self, aggregate: Registered) -> Iterator[str]:
        """The entities and value objects inside of an aggregate, as `□ OrderItem`."""
        seen = {aggregate.name: ""}
        waiting = [aggregate.schema]
        while waiting:
            for nested in waiting.pop(0).nested.values():
                if nested.name not in seen:
                    known = self.registry.elements.get(nested.name)
                    seen[nested.name] = "value object" if known is None else str(known.kind)
                    waiting += [] if known is None else [known.schema]
        own = self.registry.of_kind(Kind.ENTITY, Kind.VALUE_OBJECT)
        seen |= {each.name: str(each.kind) for each in own if each.part_of in seen and each.name not in seen}
        for kind in ("entity", "value object"):
            yield from (f"{STYLES[kind].symbol} {name}" for name, held in seen.items() if held == kind)

    def _outside(self, element: Registered) -> None:
        """Other contexts, and what is heard of them."""
        if element.kind is Kind.SUBSCRIBER:
            stream, broker = element.options["stream"], element.options["broker"]
            key = self._context(f"{stream}@{broker}", stream, f"broker {broker}")
            # What a broker brings has no event of its own in the model.
            count = self.until.count[MESSAGE, element.name, HEARD_BY]
            self.graph.add_edge(
                key, element.name, key=HEARD_BY, kind=HEARD_BY, count=count, named=True, methods="",
                rule="", skipped=self.until.skipped[MESSAGE, element.name, HEARD_BY],
                failed=self.until.failed[MESSAGE, element.name, HEARD_BY],
            )  # fmt: skip
        elif element.kind is Kind.EVENT and "external_type" in element.options:
            domain = element.options["external_type"].partition(".")[0]
            key = self._context(domain, domain, "another domain")
            count = self.until.count[element.name, "", PUBLISHED]
            self.graph.add_edge(key, element.name, key=RAISES, kind=RAISES, count=count)

    def _context(self, key: str, label: str, what: str) -> str:
        key = context_key(key)
        node = {"kind": OTHER_CONTEXT, "label": label, "category": what, "doc": "", "retired": False}
        self.graph.add_node(key, **node, problem="")
        return key

    def _defined(self, element: Registered) -> None:
        """The edges that follow from an element's definition."""
        if element.kind is Kind.EVENT and element.part_of:
            self._connect(element.part_of, element.name, RAISES)
        elif element.kind in LISTENERS:
            for event in self.elements:
                if event.kind is Kind.EVENT:
                    self._hear(event, element)
        self._owned(element)
        if element.kind is Kind.COMMAND:
            route = self.registry.command_route(element.name)
            if route is not None:
                self._connect(element.name, route[0], HANDLED_BY)
            if element.part_of and (route is None or route[0] not in self.graph):
                self._connect(element.name, element.part_of, PART_OF)

    def _owned(self, element: Registered) -> None:
        """The edges between an element and what it is part of, or works on."""
        for owner in _owners(element):
            if element.kind is Kind.QUERY_HANDLER:
                self._connect(owner, element.name, READ_BY)
            elif element.kind in _OWNED:
                self._connect(element.name, owner, PART_OF)

    def _hear(self, event: Registered, handler: Registered) -> None:
        methods = methods_for(handler, event.name)
        wanted = self.graph.nodes[handler.name]["category"].split(", ")
        found = self.graph.nodes[event.name]["category"]
        barred = ALL not in wanted and found not in wanted
        if not methods or (barred and not methods[0][1]):
            return
        key = event.name, handler.name, HEARD_BY
        self._connect(
            event.name,
            handler.name,
            HEARD_BY,
            skipped=self.until.skipped[key],
            failed=self.until.failed[key],
            rule="stream_category" if barred else self.until.rules.get(key, ""),
            methods=", ".join(method for method, _ in methods),
            named=methods[0][1],
        )

    def _observed(self) -> None:
        """The edges that only the journal knows of."""
        for source, target, kind in self.seen.count:
            if kind in (CHANGES, ISSUES) and source != target and not self._hands_on(source):
                self._connect(source, target, kind)

    def _hands_on(self, command: str) -> bool:
        """Whether what a command led to is told of its handler."""
        return command in self.graph and any(
            kind == HANDLED_BY for _, _, kind in self.graph.out_edges(command, keys=True)
        )

    def _connect(self, source: str, target: str, kind: str, **more: Any) -> None:
        if source in self.graph and target in self.graph:
            count = self.until.count[source, target, kind]
            self.graph.add_edge(source, target, key=kind, kind=kind, count=count, **more)


def _owners(element: Registered) -> tuple[str, ...]:
    """The names of what an element is part of, or works on."""
    given: Any = element.options.get("projector_for") or element.part_of
    return tuple(given) if isinstance(given, list | tuple) else (given,) if given else ()


def _use_cases(cls: type) -> Iterator[str]:
    names = dict.fromkeys(name for base in cls.__mro__ for name in vars(base))
    return (name for name in names if getattr(getattr(cls, name, None), "_use_case", False))


def context_key(raiser: str) -> str:
    """The node of another context, under a name that no element has.

    Args:
        raiser: where an event comes from, as the journal has it: `payments@default`, `Sales.Order`, `Sales`.

    Returns:
        The name of the node.
    """
    return f"\0context {raiser if '@' in raiser else raiser.partition('.')[0]}"
