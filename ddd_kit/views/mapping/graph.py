"""The model and its run as a `networkx.MultiDiGraph`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import networkx as nx

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.names import ALL, snake_case, without_command
from ddd_kit.engine.registry import HANDLERS, Registered
from ddd_kit.engine.routing import methods_for
from ddd_kit.exceptions import ConfigurationError, did_you_mean
from ddd_kit.journal.sentence import short_stream
from ddd_kit.views.mapping.tally import CHANGES, HANDLED_BY, HEARD_BY, ISSUES, PUBLISHED, RAISES, Tally, tally
from ddd_kit.views.mapping.trail import unrecorded_since

PART_OF = "part of"


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
        `part_of`, `handler`, `methods`, `source_stream`, `instances`, `events`; edges keyed by their `kind`
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


_SHOWN = {Kind.AGGREGATE, Kind.EVENT, Kind.COMMAND, Kind.EVENT_HANDLER, Kind.COMMAND_HANDLER}


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
            yield "part_of", element.part_of or ""
        if element.kind in HANDLERS:
            yield "methods", ", ".join(dict.fromkeys(method for method, _ in element.methods))
        if element.kind is Kind.EVENT_HANDLER:
            source = self.registry.source(element)
            yield "source_stream", short_stream(source) if source else ""
        if element.kind is Kind.COMMAND:
            yield "handler", ".".join(self.registry.command_route(element.name) or ())
        if element.kind is Kind.AGGREGATE:
            yield "instances", self.instances.get(element.name, 0)
            raised = self.until.count.items()
            yield "events", sum(n for key, n in raised if key[2] == RAISES and key[0] == element.name)
        if element.kind is Kind.EVENT:
            yield "events", self.until.count[element.name, "", PUBLISHED]

    def _category(self, element: Registered) -> tuple[str, str]:
        """The short category of an element, and what keeps it from having one."""
        registry = self.registry
        try:
            if element.kind is Kind.AGGREGATE:
                category = registry.full(element.options["stream_category"] or snake_case(element.name))
            elif element.kind is Kind.EVENT_HANDLER:
                category = registry.listens_to(element)
            elif element.kind is Kind.COMMAND_HANDLER:
                category = registry.category(registry.owner(element).name)
            else:
                category = registry.message_category(element)
        except ConfigurationError:
            return "", self._problem(element)
        return short_stream(without_command(category)), ""

    def _problem(self, element: Registered) -> str:
        aggregates = [a.name for a in self.registry.of_kind(Kind.AGGREGATE)]
        hint = did_you_mean(element.part_of, aggregates) or " is no aggregate"
        return f"part_of '{element.part_of}'{hint}"

    def _defined(self, element: Registered) -> None:
        """The edges that follow from an element's definition."""
        if element.kind is Kind.EVENT and element.part_of:
            self._connect(element.part_of, element.name, RAISES)
        elif element.kind is Kind.EVENT_HANDLER:
            for event in self.elements:
                if event.kind is Kind.EVENT:
                    self._hear(event, element)
        if element.kind in (Kind.EVENT_HANDLER, Kind.COMMAND_HANDLER) and element.part_of:
            self._connect(element.name, element.part_of, PART_OF)
        if element.kind is Kind.COMMAND:
            route = self.registry.command_route(element.name)
            if route is not None:
                self._connect(element.name, route[0], HANDLED_BY)
            if element.part_of and (route is None or route[0] not in self.graph):
                self._connect(element.name, element.part_of, PART_OF)

    def _hear(self, event: Registered, handler: Registered) -> None:
        methods = methods_for(handler, event.name)
        wanted, found = self.graph.nodes[handler.name]["category"], self.graph.nodes[event.name]["category"]
        barred = wanted not in (ALL, found)
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
            if kind in (CHANGES, ISSUES) and not self._hands_on(source):
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


def doc_of(cls: type) -> str:
    """What the user wrote about a class.

    Args:
        cls: the class of an element.

    Returns:
        Its docstring without indentation; empty where it has none of its own.

    Example:
        >>> class Order:
        ...     '''What a customer wants.'''
        >>> doc_of(Order)
        'What a customer wants.'
    """
    own = cls.__dict__.get("__doc__")
    return inspect.cleandoc(own) if isinstance(own, str) else ""
