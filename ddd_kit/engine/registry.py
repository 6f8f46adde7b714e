"""Who is registered, and who takes what; re-definition happens here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.entity import Entity
from ddd_kit.building_blocks.handler import Role
from ddd_kit.building_blocks.message import Command, Event
from ddd_kit.building_blocks.process_manager import ProcessManager
from ddd_kit.building_blocks.projection import Projection
from ddd_kit.building_blocks.query import Query
from ddd_kit.building_blocks.schema import Schema
from ddd_kit.building_blocks.value_object import ValueObject
from ddd_kit.engine.names import (
    ALL,
    camel_case,
    command_category,
    fact_category,
    full_category,
    snake_case,
    without_command,
)
from ddd_kit.engine.routing import Barred, Route, Routes, methods_for
from ddd_kit.exceptions import ConfigurationError, DddKitError, IncorrectUsageError, did_you_mean

BASES: Mapping[Kind, type] = {
    Kind.PROJECTION: Projection,  # before that of aggregates, which it is derived from
    Kind.PROCESS_MANAGER: ProcessManager,  # before what it is derived from
    Kind.AGGREGATE: Aggregate,
    Kind.ENTITY: Entity,
    Kind.VALUE_OBJECT: ValueObject,
    Kind.EVENT: Event,
    Kind.COMMAND: Command,
    Kind.QUERY: Query,
}
LISTENERS = (Kind.EVENT_HANDLER, Kind.PROJECTOR, Kind.PROCESS_MANAGER)  # what events are delivered to
HANDLERS = (*LISTENERS, Kind.COMMAND_HANDLER)
STORED = (Kind.AGGREGATE, Kind.PROJECTION, Kind.PROCESS_MANAGER)  # what a repository holds


@dataclass(slots=True, eq=False)
class Registered:
    """An element of the model.

    Attributes:
        name: the name of its class.
        kind: what it is.
        cls: the newest class of that name.
        options: all options of its kind.
        cell_id: the front end's id of the cell that defined it, where it gives one.
        methods: for a handler: what each method takes, as pairs of method and message name.
        schema: for what has fields.
        roles: of a process manager: what its methods do for a process, by method and event.
        rescues: for a handler: whether it offers `handle_error`.
        instance: makes the object whose method takes a message; the class itself, as a rule.
    """

    name: str
    kind: Kind
    cls: type
    options: dict[str, Any]
    cell_id: str | None = None
    methods: tuple[tuple[str, str], ...] = ()
    schema: Schema = field(init=False)
    roles: Mapping[tuple[str, str], Role] = field(default_factory=dict)
    rescues: bool = field(init=False)
    instance: Callable[[], Any] = field(init=False)

    def __post_init__(self) -> None:
        self.instance = self.cls
        self.rescues = hasattr(self.cls, "handle_error")
        with suppress(AttributeError):  # handlers have no fields
            self.schema = self.cls._schema  # type: ignore[attr-defined]

    @property
    def part_of(self) -> str | None:
        """The name of the aggregate that it is part of."""
        return self.options.get("part_of")


CALL = "__call__"  # the method of a subscriber
BORDER, CROSS = "domain ", "receive"  # what stands for another domain in a delivery: a name, and a method
# The full category of the stream, the handler methods if `certain`, and the routes.
Publication = tuple[str, tuple[tuple[str, str], ...] | None, Routes]
Taker = tuple[Registered | None, Registered | None]  # a handler, and the event that it takes


class Registry:
    """The definitions of a domain.

    Args:
        domain: the name of the domain.

    Attributes:
        elements: what is registered, by name.
        retired: what was taken out, by name.
        publications: what `publication` found so far, by event and aggregate.
        takers: what `taker` found so far, by handler, method and event.
        generation: how often the definitions changed.
        message: what stands for the messages of brokers; None as long as there is no subscriber.
        heard_by: the events that other domains take, as pairs of event and category, by the domain's name.
        borders: what takes the deliveries to other domains, by the name that it has in a delivery.
        upcasters: those that there are, by event and the version that they take.
        disturbed: whether `faults` or `pause_on` were ever used, here or in a fork; the only thing about
            them that is asked at each save, as it is quick to ask.
    """

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.prefix = snake_case(domain)
        self.elements: dict[str, Registered] = {}
        self.retired: dict[str, Registered] = {}
        self._categories: dict[str, str] = {}
        self._routes: dict[tuple[str, str], Routes] = {}
        self.publications: dict[tuple[str, str], Publication] = {}
        self._commands: dict[str, tuple[str, str]] | None = None
        self.generation = 0
        self.message: Registered | None = None
        self.heard_by: dict[str, frozenset[tuple[str, str]]] = {}
        self.borders: dict[str, Registered] = {}
        self._abroad: tuple[int, frozenset[str]] = (-1, frozenset())
        self.upcasters: dict[tuple[str, int], Registered] = {}
        self.takers: dict[tuple[str, str, str], Taker] = {}
        self.disturbed = False

    def put(self, element: Registered) -> str:
        """Register an element; one of the same name is replaced and keeps its place.

        Args:
            element: what is defined.

        Returns:
            `registered` or `replaced`.

        Raises:
            ConfigurationError: when another handler takes the same command.
        """
        self._check_commands(element)
        known = element.name in self.elements
        self.elements[element.name] = element
        self.retired.pop(element.name, None)
        self._changed()
        return "replaced" if known else "registered"

    def retire(self, name: str) -> Registered:
        """Take an element out of the model.

        Args:
            name: its name.

        Returns:
            What was taken out; the registry remembers that it was there.

        Raises:
            IncorrectUsageError: when there is no such element.
        """
        element = self.find(name)
        del self.elements[element.name]
        self.retired[element.name] = element
        self._changed()
        return element

    def _changed(self) -> None:
        self._categories.clear()
        self._routes.clear()
        self.publications.clear()
        self.takers.clear()
        self._commands = None
        self.generation += 1
        self.upcasters = {
            (upcaster.options["event_type"], upcaster.options["from_version"]): upcaster
            for upcaster in self.of_kind(Kind.UPCASTER)
        }

    def let_hear(self, border: Registered, domain: str, events: frozenset[tuple[str, str]]) -> None:
        """Let events cross into another domain from now on.

        Args:
            border: what takes the deliveries.
            domain: the name of the other one.
            events: those that it takes, as pairs of event and category; none ends it.
        """
        if events:
            self.heard_by[domain], self.borders[border.name] = events, border
        else:
            self.heard_by.pop(domain, None)
            self.borders.pop(border.name, None)
        self._changed()

    def called_here(self, domain: str, event: str, version: int) -> str | None:
        """What an event of another domain is called here.

        Args:
            domain: the name of the other one.
            event: its name there.
            version: of its class there; where only another one is known, that.

        Returns:
            The name of the element, or None where nobody registered it.
        """
        prefix = f"{camel_case(domain)}.{event}.v"
        found = None
        for element in self.of_kind(Kind.EVENT):
            known = element.options.get("external_type", "")
            if known == f"{prefix}{version}":
                return element.name
            if known.startswith(prefix):
                found = element.name
        return found

    def find(self, name: str, *kinds: Kind) -> Registered:
        """The element of a name.

        Args:
            name: its name.
            *kinds: what it has to be, one of them; anything where none is given.

        Returns:
            The element.

        Raises:
            IncorrectUsageError: when there is none, or it is something else; the text names the closest.
        """
        found = self.elements.get(name)
        if found is not None and (not kinds or found.kind in kinds):
            return found
        if found is not None:
            raise IncorrectUsageError(
                f"{name} is {found.kind.with_article} of {self.domain}, not {kinds[0].with_article}."
            )
        if name in self.retired:
            raise IncorrectUsageError(
                f"{name} is not part of {self.domain} any more: no cell defines it. Run a cell that does."
            )
        known = [e.name for e in self.elements.values() if not kinds or e.kind in kinds]
        what = kinds[0].with_article if kinds else "an element"
        hint = did_you_mean(name, known) or f". It has: {', '.join(known) or 'none yet'}."
        raise IncorrectUsageError(f"{name} is not {what} of {self.domain}{hint}")

    def of_kind(self, *kinds: Kind) -> Iterator[Registered]:
        """The elements of some kinds, in order of definition."""
        return (element for element in self.elements.values() if element.kind in kinds)

    def category(self, aggregate: str) -> str:
        """The full category of an aggregate's stream, as `bookshop::order`."""
        known = self._categories.get(aggregate)
        if known is None:
            given = self.find(aggregate, Kind.AGGREGATE, Kind.PROCESS_MANAGER).options["stream_category"]
            known = self._categories[aggregate] = self.full(given or snake_case(aggregate))
        return known

    def full(self, category: str) -> str:
        """A category with the name of the domain."""
        return full_category(self.prefix, category)

    def owner(self, element: Registered) -> Registered:
        """The aggregate that an element is part of; of a query and its handler, the projection.

        Args:
            element: an event, a command, a handler, or an entity, which may be part of another entity.

        Returns:
            The aggregate, or the projection.

        Raises:
            ConfigurationError: when there is no such aggregate; the text names the closest.
        """
        part_of: Any = element.part_of
        if isinstance(part_of, tuple):  # a domain service is part of several
            part_of = next((name for name in part_of if name not in self.elements), part_of[0])
        owner = self.elements.get(part_of or "")
        if owner is not None and owner.kind is Kind.ENTITY and owner is not element:
            return self.owner(owner)
        wanted = Kind.PROJECTION if element.kind in (Kind.QUERY, Kind.QUERY_HANDLER) else Kind.AGGREGATE
        if owner is not None and owner.kind is wanted:
            return owner
        aggregates = [a.name for a in self.of_kind(wanted)]
        hint = did_you_mean(part_of, aggregates) or f". It has: {', '.join(aggregates) or 'none yet'}."
        raise ConfigurationError(
            f"{element.name}: part_of='{part_of}' is no {wanted} of {self.domain}{hint}"
            f" Correct it and run its cell again, or domain.forget('{element.name}')."
        )

    def message_category(self, element: Registered) -> str:
        """The category that an event or a command is on; of a fact event, `bookshop::order-fact`."""
        given = element.options.get("stream_category")
        if "external_type" in element.options:
            return self._heard_on(element)
        category = self.full(given) if given else self.category(self.owner(element).name)
        if element.kind is Kind.COMMAND:
            return command_category(category)
        return fact_category(category) if element.schema.is_fact else category

    def _heard_on(self, event: Registered) -> str:
        """The category on which an event of another domain comes in, as far as handlers tell it."""
        prefix = snake_case(event.options["external_type"].partition(".")[0])
        for handler in self.of_kind(*LISTENERS):
            given = [handler.options.get("stream_category"), *handler.options.get("stream_categories", ())]
            heard = [category for category in given if category and category.startswith(f"{prefix}::")]
            if heard and methods_for(handler, event.name):
                return str(heard[0])
        return f"{prefix}::{snake_case(event.name)}"

    def listens_to(self, handler: Registered) -> str:
        """The full category that an event handler listens to, or `$all`."""
        given = handler.options["stream_category"]
        return self.full(given) if given else self.category(self.owner(handler).name)

    def hears(self, listener: Registered) -> tuple[str, ...]:
        """The full categories that a listener hears.

        Args:
            listener: an event handler, a projector or a process manager.

        Returns:
            The categories; `("$all",)` for every one.

        Raises:
            ConfigurationError: when it names an aggregate that there is not.
        """
        if listener.kind is Kind.EVENT_HANDLER:
            return (self.listens_to(listener),)
        given = [self.full(category) for category in listener.options["stream_categories"]]
        if not given:
            given = [self.category(name) for name in listener.options["aggregates"]]
        if not given:
            taken = [self.elements.get(event) for _, event in listener.methods]
            given = [self.message_category(event) for event in taken if event is not None]
        return tuple(dict.fromkeys(given))

    @property
    def listens_abroad(self) -> frozenset[str]:
        """The categories of other domains that handlers listen to."""
        generation, categories = self._abroad
        if generation != self.generation:
            found: set[str] = set()
            for handler in self.of_kind(*LISTENERS):
                with suppress(DddKitError):  # where its aggregate is not defined yet
                    found.update(self.hears(handler))
            categories = frozenset(c for c in found if c != ALL and not c.startswith(f"{self.prefix}::"))
            self._abroad = (self.generation, categories)
        return categories

    def source(self, handler: Registered) -> str | None:
        """The category that the cause of an event must be of, or None."""
        given = handler.options.get("source_stream")
        return without_command(self.full(given)) if given else None

    def routes(self, event: str, category: str) -> Routes:
        """Where an event goes.

        Args:
            event: its name.
            category: the full category of its stream.

        Returns:
            The handler methods that take it and those that are kept out, in order of definition.

        Raises:
            ConfigurationError: when a handler is part of an aggregate that there is not.
        """
        known = self._routes.get((event, category))
        if known is None:
            known = self._routes[event, category] = self._find_routes(event, category)
        return known

    def publication(self, event: str, aggregate: str) -> Publication:
        """Where an event of an aggregate is published, and where it goes from there.

        Args:
            event: its name.
            aggregate: the name of the aggregate that raised it.

        Returns:
            The full category of the stream, the handler methods if they are certain, and the routes.

        Raises:
            ConfigurationError: when a handler is part of an aggregate that there is not.
        """
        category, at, broker = aggregate.rpartition("@")
        if at:
            routes = self._subscribed(category, broker)
        else:
            category = self.category(aggregate)
            if self.elements[event].schema.is_fact:
                category = fact_category(category)
            routes = self.routes(event, category)
        known = self.publications[event, aggregate] = (category, routes.certain, routes)
        return known

    def _subscribed(self, stream: str, broker: str) -> Routes:
        """The subscribers that take what a broker has on a stream."""
        taken = tuple(
            Route(element.name, CALL, None)
            for element in self.of_kind(Kind.SUBSCRIBER)
            if (element.options["stream"], element.options["broker"]) == (stream, broker)
        )
        names = tuple((route.handler, route.method) for route in taken)
        return Routes(taken, (), names or None)

    def _find_routes(self, event: str, category: str) -> Routes:
        taken: list[Route] = []
        barred: list[Barred] = []
        for handler in self.of_kind(*LISTENERS):
            heard = self.hears(handler)
            for method, named in methods_for(handler, event):
                if category in heard or ALL in heard:
                    taken.append(Route(handler.name, method, self.source(handler)))
                elif named:
                    wanted = ", ".join(heard)
                    barred.append(Barred(handler.name, method, "stream_category", wanted, category))
        for domain, events in self.heard_by.items():
            if (event, category) in events:
                taken.append(Route(BORDER + domain, CROSS, None))
        certain = taken and not barred and all(route.source is None for route in taken)
        names = tuple((route.handler, route.method) for route in taken)
        return Routes(tuple(taken), tuple(barred), names if certain else None)

    def taker(self, handler: str, method: str, event: str) -> Taker:
        """Who takes a delivery.

        Args:
            handler: the name of the handler.
            method: the name of its method.
            event: the event's name.

        Returns:
            The handler as it is now, None if it does not take the event any more; and the event as it is
            now, None if it is not defined any more.
        """
        found = self.elements.get(handler) or self.borders.get(handler)
        takes = (
            found is not None
            and found.kind in LISTENERS
            and any(method == name for name, _ in methods_for(found, event))
        )
        taken = self.elements.get(event)
        if found is not None and found.kind is Kind.SUBSCRIBER:
            takes, taken = method == CALL, self.message
        taker = self.takers[handler, method, event] = (found if takes else None, taken)
        return taker

    def command_route(self, command: str) -> tuple[str, str] | None:
        """The handler and the method that take a command, or None."""
        if self._commands is None:
            self._commands = {
                taken: (handler.name, method)
                for handler in self.of_kind(Kind.COMMAND_HANDLER)
                for method, taken in handler.methods
            }
        return self._commands.get(command)

    def _check_commands(self, element: Registered) -> None:
        if element.kind not in (Kind.COMMAND_HANDLER, Kind.QUERY_HANDLER):
            return
        word = "command" if element.kind is Kind.COMMAND_HANDLER else "query"
        takers = {
            taken: f"{handler.name}.{method}"
            for handler in self.of_kind(element.kind)
            if handler.name != element.name
            for method, taken in handler.methods
        }
        for method, taken in element.methods:
            if taken in takers:
                other = takers[taken].split(".")[0]
                raise ConfigurationError(
                    f"{element.name}.{method}: {takers[taken]} handles {taken} already, and a {word} has "
                    f"one handler. Remove one of them; domain.forget('{other}') takes the other out of the "
                    "model."
                )
            takers[taken] = f"{element.name}.{method}"
