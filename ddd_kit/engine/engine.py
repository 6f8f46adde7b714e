"""The engine: a model, and the world that it runs in."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform, overload

from ddd_kit import fields
from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.message import Command, Message
from ddd_kit.engine.config import Config
from ddd_kit.engine.context import active_engine, remember
from ddd_kit.engine.definitions import define, kind_of
from ddd_kit.engine.delivery import Waiting
from ddd_kit.engine.dispatcher import Dispatcher
from ddd_kit.engine.event_store import Stream
from ddd_kit.engine.explain import WhyNot, why_not
from ddd_kit.engine.head import CommandHead
from ddd_kit.engine.link import Link
from ddd_kit.engine.names import event_stream
from ddd_kit.engine.registry import Registered, Registry
from ddd_kit.engine.replay import world_at
from ddd_kit.engine.repository import Repository
from ddd_kit.engine.unit import Unit, run_unit
from ddd_kit.engine.world import Batch, World
from ddd_kit.exceptions import ConfigurationError, IncorrectUsageError, did_you_mean
from ddd_kit.journal.causality import Why, why
from ddd_kit.journal.entry import DEFINED
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.origin import current_origin

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")
Decorator = Callable[[type[T]], type[T]]
_with_fields = dataclass_transform(
    kw_only_default=True,
    field_specifiers=(fields.String, fields.Integer, fields.Float, fields.Identifier),
)


class Engine:
    """A model and its run.

    Args:
        *names: the name; or, as in Protean, a path, which is ignored, and the name.
        name: the name.
        root_path: accepted as Protean's, and ignored.
        config: settings, see `Config`.
        seed: makes identities and times repeat from run to run; None for real ones.

    Raises:
        ConfigurationError: for a setting that is mistyped, or a name without letters.
    """

    def __init__(
        self,
        *names: str,
        name: str | None = None,
        root_path: str | None = None,
        config: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> None:
        del root_path
        self.name = str(name or (names[-1] if names else "Domain"))
        self.registry = Registry(self.name)
        if not self.registry.prefix:
            raise ConfigurationError(f"Domain(name={self.name!r}): a name needs letters or digits.")
        self.config = Config(config)
        self.seed = seed
        self.lock = threading.RLock()
        self.link = Link(self)
        self.world = World(self.config, seed)
        self._repositories: dict[type | str, Repository[Any]] = {}
        remember(self)

    def __repr__(self) -> str:
        return f"<Domain {self.name}: {len(self.registry.elements)} elements, {len(self.journal):,} journal entries>"

    # Definitions

    @overload
    def aggregate(self, cls: type[T], /) -> type[T]: ...
    @overload
    def aggregate(self, /, *, stream_category: str | None = None) -> Decorator[T]: ...
    @_with_fields
    def aggregate(self, cls: Any = None, /, **options: Any) -> Any:
        """Make an aggregate of a class.

        Args:
            cls: the class, where the decorator is written without brackets.
            **options: `stream_category`, the category of its stream; its name in snake case by default.

        Returns:
            The class as it has to be used, or a decorator.

        Raises:
            ConfigurationError: for an option or a field that cannot work.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate(stream_category="stock")
            ... class Inventory:
            ...     in_stock: int = 0
            >>> Inventory(in_stock="5").in_stock
            5
        """
        return self._decorate(Kind.AGGREGATE, cls, options)

    @overload
    def event(self, cls: type[T], /) -> type[T]: ...
    @overload
    def event(self, /, *, part_of: type | str) -> Decorator[T]: ...
    @_with_fields
    def event(self, cls: Any = None, /, **options: Any) -> Any:
        """Make an event of a class: something that happened to an aggregate, in the past tense.

        Args:
            cls: the class, where the decorator is written without brackets.
            **options: `part_of`, the aggregate that raises it, or its name.

        Returns:
            The class as it has to be used, or a decorator.

        Raises:
            ConfigurationError: without `part_of`, or for an option or a field that cannot work.
        """
        return self._decorate(Kind.EVENT, cls, options)

    @overload
    def command(self, cls: type[T], /) -> type[T]: ...
    @overload
    def command(self, /, *, part_of: type | str, stream_category: str | None = None) -> Decorator[T]: ...
    @_with_fields
    def command(self, cls: Any = None, /, **options: Any) -> Any:
        """Make a command of a class: something to be done, in the imperative.

        Args:
            cls: the class, where the decorator is written without brackets.
            **options: `part_of`, the aggregate that it is for, or its name; `stream_category`, the category
                that it is sent to, that of the aggregate by default.

        Returns:
            The class as it has to be used, or a decorator.

        Raises:
            ConfigurationError: without `part_of`, or for an option or a field that cannot work.
        """
        return self._decorate(Kind.COMMAND, cls, options)

    @overload
    def event_handler(self, cls: type[T], /) -> type[T]: ...
    @overload
    def event_handler(
        self,
        /,
        *,
        part_of: type | str | None = None,
        stream_category: str | None = None,
        source_stream: str | None = None,
        retries: int = 0,
        retry_exceptions: type[Exception] | tuple[type[Exception], ...] | list[type[Exception]] = ...,
    ) -> Decorator[T]: ...
    def event_handler(self, cls: Any = None, /, **options: Any) -> Any:
        """Make an event handler of a class whose methods bear `@handle(Event)`.

        Args:
            cls: the class, where the decorator is written without brackets.
            **options: `part_of`, the aggregate whose state it keeps in step; `stream_category`, the category
                that it listens to, that of the aggregate by default, `"$all"` for every one;
                `source_stream`, the category that the event's cause must be of; `retries`, how often a
                method that fails is tried again, 0 or more; `retry_exceptions`, after which errors.

        Returns:
            The class, or a decorator.

        Raises:
            ConfigurationError: without both `part_of` and `stream_category`, or for an `@handle` of no event.
        """
        return self._decorate(Kind.EVENT_HANDLER, cls, options)

    @overload
    def command_handler(self, cls: type[T], /) -> type[T]: ...
    @overload
    def command_handler(self, /, *, part_of: type | str) -> Decorator[T]: ...
    def command_handler(self, cls: Any = None, /, **options: Any) -> Any:
        """Make a command handler of a class whose methods bear `@handle(Command)`.

        Args:
            cls: the class, where the decorator is written without brackets.
            **options: `part_of`, the aggregate whose commands it takes.

        Returns:
            The class, or a decorator.

        Raises:
            ConfigurationError: without `part_of`, or when another handler takes the same command.
        """
        return self._decorate(Kind.COMMAND_HANDLER, cls, options)

    def register(self, cls: type[T], **options: Any) -> type[T]:
        """Make an element of a class that is derived from a building block.

        Args:
            cls: derived from `Aggregate`, `Event`, `Command`, `EventHandler` or `CommandHandler`.
            **options: as the decorator of its kind takes them.

        Returns:
            The class as it has to be used.

        Raises:
            ConfigurationError: when it is no building block, and as the decorator of its kind.
        """
        return self._register(kind_of(cls), cls, options)

    def _decorate(self, kind: Kind, cls: Any, options: dict[str, Any]) -> Any:
        if cls is None:
            return lambda decorated: self._register(kind, decorated, options)
        return self._register(kind, cls, options)

    def _register(self, kind: Kind, cls: Any, options: Mapping[str, Any]) -> Any:
        element = define(self, kind, cls, options)
        with self.lock:
            self.open_world()
            self._record_definition(element, self.registry.put(element))
            self._repositories.clear()
        return element.cls

    def _record_definition(self, element: Registered, change: str) -> None:
        if not self.config["journal"]:
            return
        world = self.open_world()
        step = world.journal.last_step + 1
        row = (DEFINED, None, step, current_origin.get().label, world.now(), element.name, str(element.kind), change)
        world.apply(Batch(world, [row]))

    def forget(self, element: type | str) -> None:
        """Take an element out of the model, as a handler whose cell is gone.

        Args:
            element: its class or name.

        Raises:
            IncorrectUsageError: when there is no such element.
        """
        with self.lock:
            self.open_world()
            retired = self.registry.retire(_name(element))
            self._repositories.clear()
            self._record_definition(retired, "forgotten")
            del self.registry.retired[retired.name]

    def retire(self, name: str) -> None:
        """Take an element out of the model because its cell does not define it any more.

        Args:
            name: its name.

        Raises:
            IncorrectUsageError: when there is no such element.
        """
        with self.lock:
            self.open_world()
            self._record_definition(self.registry.retire(name), "retired")
            self._repositories.clear()

    def refuse_foreign(self, cls: type) -> None:
        """Refuse a class of another domain.

        Args:
            cls: any class; one that is of no domain passes.

        Raises:
            IncorrectUsageError: when it belongs to another domain, or to an older one of this name.
        """
        link = getattr(cls, "_link", None)
        if link is None or link is self.link:
            return
        if link.engine.name == self.name:
            raise IncorrectUsageError(f"{cls.__name__} belongs to an older {self.name}: run its cell again.")
        raise IncorrectUsageError(
            f"{cls.__name__} belongs to the domain {link.engine.name}, not to {self.name}. Use it with its own "
            "domain, or define one of that name here."
        )

    # Running

    def repository_for(self, aggregate: type[T] | str) -> Repository[T]:
        """The repository of an aggregate.

        Args:
            aggregate: its class or name.

        Returns:
            The repository.

        Raises:
            IncorrectUsageError: when it is no aggregate of this domain; the text names the closest.
        """
        known = self._repositories.get(aggregate)
        if known is not None:
            return known
        if isinstance(aggregate, type):
            self.refuse_foreign(aggregate)
        name = _name(aggregate)
        self.registry.find(name, Kind.AGGREGATE)
        repository: Repository[T] = Repository(self, name)
        self._repositories[aggregate] = repository
        return repository

    def process(self, command: Message) -> Any:
        """Let the handler of a command do what the command asks for, as one unit of work.

        Args:
            command: an object of a command class.

        Returns:
            What the handler's method returns.

        Raises:
            IncorrectUsageError: when it is no command, or nobody handles it.
            Exception: what the handler raised; nothing of its work is saved.
        """
        if not isinstance(command, Command):
            raise IncorrectUsageError(_no_command(command))
        self.refuse_foreign(type(command))
        outside = active_engine.get()
        with self.lock:
            world = self.open_world()
            outer = world.unit
            unit = outer or Unit()
            try:
                active_engine.set(self)
                if outer is not None:
                    return self._take(command, unit)
                result = run_unit(self, world, unit, lambda: self._take(command, unit))
            except BaseException as error:
                unit.undone_by = unit.undone_by or error
                raise
            finally:
                active_engine.set(outside)
            self.work_off(unit)
        return result

    def open_world(self) -> World:
        """The world, to be changed; the lock is held.

        Returns:
            The state that the domain is at.

        Raises:
            IncorrectUsageError: when this is the past, which cannot be changed.
        """
        world = self.world
        if world.frozen is not None:
            raise IncorrectUsageError(world.frozen)
        if world.unfinished is not None:
            world.finish()
        return world

    def _take(self, command: Command, unit: Unit) -> Any:
        name = command._schema.element
        route = self.registry.command_route(name)
        category = self.registry.message_category(self.registry.find(name, Kind.COMMAND))
        message_id = self.world.identities.next()
        identity = next((v for f, v in command.__dict__.items() if command._schema.fields[f].identifier), message_id)
        handler = f"{route[0]}.{route[1]}" if route else None
        outer = unit.head
        head = CommandHead(command, handler, category, event_stream(category, identity), message_id, outer)
        unit.heads.append(head)
        unit.head = head
        unit.commands.append((command, head))
        try:
            if route is None:
                raise IncorrectUsageError(self._unhandled(name))
            result = getattr(self.registry.elements[route[0]].cls(), route[1])(command)
        except BaseException as error:
            head.end(error)
            raise
        finally:
            unit.head = outer
        head.end()
        return result

    def _unhandled(self, command: str) -> str:
        owner = self.registry.elements[command].part_of
        return (
            f"Nobody handles {command}. Define a class with @domain.command_handler(part_of={owner}) and a method "
            f"with @handle({command}), or run its cell again."
        )

    def work_off(self, unit: Unit) -> None:
        """Make the deliveries that wait after a unit was saved, unless they are held; the lock is held.

        Args:
            unit: the unit; a note about an error says what is saved from there on.

        Raises:
            Exception: what a handler raised, as it is; several as an `ExceptionGroup`.
        """
        world = self.world
        if world.waiting and self.config["event_processing"] == "sync":
            since = unit.batch.first_step if unit.batch is not None else 0
            Dispatcher(self, world, False, since).deliver_all()

    def _dispatcher(self) -> Dispatcher:
        held = self.config["event_processing"] == "async"
        return Dispatcher(self, self.world, held, self.world.journal.last_step + 1)

    @property
    def waiting(self) -> Waiting:
        """The deliveries that wait, the next first."""
        return Waiting(self._whole_world().waiting)

    def deliver(self, number: int = 0) -> None:
        """Make one of the deliveries that wait.

        Args:
            number: its place in `domain.waiting`, from 0.

        Raises:
            IncorrectUsageError: when there is no such delivery, or one is being made.
            Exception: what the handler raised; the delivery goes on waiting in hold mode.
        """
        with self.lock:
            self._check_deliverable("deliver")
            waiting = self.world.waiting
            if not -len(waiting) <= number < len(waiting):
                count = f"{len(waiting)} wait" if waiting else "none waits"
                raise IncorrectUsageError(f"deliver({number}): there is no such delivery, {count}. See domain.waiting.")
            self._dispatcher().deliver(waiting[number])

    def deliver_all(self) -> int:
        """Make all deliveries that wait, and those that they lead to.

        Returns:
            How many were made.

        Raises:
            IncorrectUsageError: when one is being made, or a unit of work is open.
            Exception: what a handler raised, as it is; several as an `ExceptionGroup`.
        """
        with self.lock:
            self._check_deliverable("deliver_all")
            return self._dispatcher().deliver_all()

    def _check_deliverable(self, what: str) -> None:
        if self.open_world().unit is not None:
            raise IncorrectUsageError(
                f"{what}(): a unit of work is open, and deliveries are made between units. Call it after the "
                "block, outside of handlers."
            )

    @contextmanager
    def domain_context(self) -> Iterator[Self]:
        """Make this the current domain for a block; none is needed outside of blocks either.

        Yields:
            The domain.
        """
        outside = active_engine.get()
        try:
            active_engine.set(self)
            yield self
        finally:
            active_engine.set(outside)

    def init(self, *args: Any, **options: Any) -> None:
        """Check that all names refer to something; a domain works without it.

        Args:
            *args: accepted, as Protean's are.
            **options: accepted, as Protean's are.

        Raises:
            ConfigurationError: when something is part of an aggregate that there is not.
        """
        for element in self.registry.elements.values():
            if element.part_of is not None:
                self.registry.owner(element)

    # What happened

    @property
    def journal(self) -> Journal:
        """All that happened, in order; alone in a cell it shows as a tree."""
        return self._whole_world().journal

    def _whole_world(self) -> World:
        """The world to be read: a batch that an interrupt tore is completed first."""
        if self.world.unfinished is not None:
            with self.lock:
                self.world.finish()
        return self.world

    def stream(self, name: type | str | Aggregate) -> Stream:
        """The events of one aggregate or of a category.

        Args:
            name: an aggregate, for its own stream; an aggregate's class, or the name of a category or
                stream, bare or with the domain's name.

        Returns:
            The events, in order; none for a name on which nothing was raised.

        Raises:
            IncorrectUsageError: for a name that looks like a mistyped one.
        """
        if isinstance(name, Aggregate):
            full = event_stream(self.registry.category(name._schema.element), name._identity)
        elif isinstance(name, type):
            full = self.registry.category(_name(name))
        else:
            full = self.registry.full(name)
            self._check_stream(full)
        return self._whole_world().events.stream(full)

    def _check_stream(self, full: str) -> None:
        """Refuse a name that nothing is on when it looks like one that something is on."""
        aggregates = [self.registry.category(a.name) for a in self.registry.of_kind(Kind.AGGREGATE)]
        known = {*aggregates, *self._whole_world().events.lengths}
        hint = did_you_mean(full, known)
        if full not in known and hint:
            raise IncorrectUsageError(f"Nothing is on the stream {full}{hint}")

    def why(self, aggregate: Aggregate, field: str) -> Why:
        """Why a field has the value that it has.

        Args:
            aggregate: one that was saved.
            field: the name of the field.

        Returns:
            The chain from that value back to the cell, as data with a sentence as its repr.

        Raises:
            IncorrectUsageError: when there is no such field, or the journal knows no change of it.
        """
        if not isinstance(aggregate, Aggregate):
            raise IncorrectUsageError(f'why({aggregate!r}, ...): give an aggregate, as in why(inventory, "in_stock").')
        schema = aggregate._schema
        if field not in schema.fields:
            hint = did_you_mean(field, schema.names) or f". It has: {', '.join(schema.names)}."
            raise IncorrectUsageError(f"{schema.element} has no field '{field}'{hint}")
        return why(self.journal, schema.element, aggregate._identity, field)

    def why_not(self, handler: type | str, event: Any = None) -> WhyNot:
        """Why an event handler did not take an event.

        Args:
            handler: its class or name.
            event: an event, its entry, its class or name; None for the latest that it did not take.

        Returns:
            Every rule that was checked, with the values.

        Raises:
            IncorrectUsageError: when there is no such handler or event.
        """
        self._whole_world()
        return why_not(self, handler, event)

    def at(self, step: int) -> Self:
        """The domain as it was after the unit of work that a step belongs to.

        Args:
            step: a step of the journal; 0 for the time before the first.

        Returns:
            A domain with the definitions of today, which can be read and not be changed.

        Raises:
            IncorrectUsageError: when there is no such step, or nothing is recorded.
        """
        with self.lock:
            self._whole_world()
            past = copy.copy(self)
            past.world = world_at(self, step)
            past._repositories = {}
        return past

    def reset(self) -> None:
        """Empty the world, and keep the definitions; with a seed, identities and times begin again.

        Raises:
            IncorrectUsageError: in a unit of work.
        """
        with self.lock:
            self._check_deliverable("reset")
            self.world = World(self.config, self.seed)


def _name(element: Any) -> str:
    schema = getattr(element, "_schema", None)
    return str(schema.element if schema is not None else getattr(element, "__name__", element))


def _no_command(given: Any) -> str:
    if isinstance(given, type):
        return f"process({given.__name__}): give it an object, as in domain.process({given.__name__}(...))."
    what = f"{given._schema.element} is an event, not a command" if isinstance(given, Message) else "that is no command"
    return f"process({given!r}): {what}. Give it an object of a class that is decorated with @domain.command."
