"""A model: the definitions of a domain, and the world that it runs in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar, cast
from weakref import WeakSet, WeakValueDictionary

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.message import Event
from ddd_kit.engine.batch import note
from ddd_kit.engine.config import Config
from ddd_kit.engine.context import active_engine
from ddd_kit.engine.declaring.handlers import DeclaresHandlers
from ddd_kit.engine.declaring.messages import DeclaresMessages
from ddd_kit.engine.declaring.processes import DeclaresProcesses
from ddd_kit.engine.declaring.reading import DeclaresReading
from ddd_kit.engine.declaring.services import DeclaresServices
from ddd_kit.engine.declaring.state import DeclaresState
from ddd_kit.engine.definitions import define, define_external, fact_event_of, kind_of
from ddd_kit.engine.faults import Faults
from ddd_kit.engine.link import Link
from ddd_kit.engine.meta import describe
from ddd_kit.engine.neighbours import meet
from ddd_kit.engine.registry import Registered, Registry
from ddd_kit.engine.repository import Repository
from ddd_kit.engine.world import World
from ddd_kit.exceptions import ConfigurationError, IncorrectUsageError
from ddd_kit.journal.entry import DEFINED
from ddd_kit.journal.origin import current_origin

T = TypeVar("T")


class Model(
    DeclaresState, DeclaresMessages, DeclaresServices, DeclaresHandlers, DeclaresProcesses, DeclaresReading
):
    """What is defined, and where it runs.

    Attributes:
        trunk: the domain that this one is a fork of, or None.
        forked_at: the step after which a fork goes its own way, or None.
        faults: what is done to its deliveries on purpose.
        own: what is its own, of a domain that has forks; see `HasForks`.
        forks: those that somebody holds; they share the definitions.
        objects: of a fork, the objects that its repositories gave and took, by `id`.

    Args:
        *names: the name; or, as in Protean, a path, which is ignored, and the name.
        name: the name.
        root_path: accepted as Protean's, and ignored.
        config: settings, see `Config`.
        seed: makes identities and times repeat from run to run; None for real ones.
        identity_function: makes the identities of aggregates and entities instead; they become texts.

    Raises:
        ConfigurationError: for a setting that is mistyped, or a name without letters.
    """

    forked_at: int | None = None

    def __init__(
        self,
        *names: str,
        name: str | None = None,
        root_path: str | None = None,
        config: Mapping[str, Any] | None = None,
        seed: int | None = None,
        identity_function: Callable[[], Any] | None = None,
    ) -> None:
        del root_path
        self.name = str(name or (names[-1] if names else "Domain"))
        self.registry = Registry(self.name)
        if not self.registry.prefix:
            raise ConfigurationError(f"Domain(name={self.name!r}): a name needs letters or digits.")
        self.config = Config(config)
        self.seed = seed
        self.identity_function = identity_function
        self.faults = Faults(self)
        self.lock = threading.RLock()
        self.link = Link(self)
        self.trunk: Model | None = None
        self.own: dict[str, Any] = {}
        self.forks: WeakSet[Model] = WeakSet()
        self.objects: WeakValueDictionary[int, Aggregate] = WeakValueDictionary()
        self.world = World(self.config, seed)
        self._repositories: dict[type | str, Repository[Any]] = {}

    def __repr__(self) -> str:
        elements, entries = len(self.registry.elements), len(self.world.journal)
        fork = f", a fork from step {self.forked_at:,} on" if self.forked_at is not None else ""
        return f"<Domain {self.name}{fork}: {elements} elements, {entries:,} journal entries>"

    def register(self, cls: type[T], **options: Any) -> type[T]:
        """Make an element of a class that is derived from a building block.

        Args:
            cls: derived from `Aggregate`, `Event`, `Command`, `EventHandler` or `CommandHandler`.
            **options: as the decorator of its kind takes them.

        Returns:
            The class as it has to be used; only for a handler it is the one that was given.

        Raises:
            ConfigurationError: when it is no building block, and as the decorator of its kind.
            IncorrectUsageError: as the decorator of its kind.

        Example:
            >>> from ddd_kit import Aggregate, Domain
            >>> domain = Domain(name="Bookshop")
            >>> class Inventory(Aggregate):
            ...     in_stock: int = 0
            >>> Inventory = domain.register(Inventory, stream_category="stock")
            >>> Inventory(in_stock="5").in_stock
            5
        """
        return cast(type[T], self._register(kind_of(cls), cls, options))

    def _register(self, kind: Kind, cls: Any, options: Mapping[str, Any]) -> Any:
        __tracebackhide__ = True
        element = define(self, kind, cls, options)
        with self.lock:
            self.open_world()
            self._record_definition(element, self.registry.put(element))
            self._forget_repositories()
            describe(self, element)
        meet(self)
        if element.options.get("fact_events"):
            options = {"part_of": element.name, "is_fact_event": True}
            self._register(Kind.EVENT, fact_event_of(element.schema, element.cls), options)
        return element.cls

    def register_external_event(self, event_cls: type[T], type_string: str) -> type[T]:
        """Let handlers take an event of another domain, by a class of this one.

        The class says what this domain reads of the event (Evans, ch. 14: each context has its own model).

        Args:
            event_cls: a class with fields, derived from `Event` or from nothing.
            type_string: what the other domain calls the event, as `Sales.OrderPlaced.v1`.

        Returns:
            The class as it has to be used; it is also known by its name.

        Raises:
            ConfigurationError: when it is no class, a field cannot work, or the type is none.
            IncorrectUsageError: in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Warehouse")
            >>> class OrderPlaced:
            ...     order_id: str
            >>> OrderPlaced = domain.register_external_event(OrderPlaced, "Sales.OrderPlaced.v1")
            >>> OrderPlaced(order_id="o-1")
            OrderPlaced(order_id='o-1')
        """
        __tracebackhide__ = True
        parts = type_string.split(".") if isinstance(type_string, str) else []
        if len(parts) != 3 or not all(parts) or not parts[2].startswith("v"):
            raise ConfigurationError(
                f"register_external_event(..., {type_string!r}): write the domain, the event and the "
                'version, as in "Sales.OrderPlaced.v1".'
            )
        element = self._take_external(event_cls, type_string, learnt=False)
        meet(self)
        return cast(type[T], element.cls)

    def _take_external(self, cls: type, type_string: str, *, learnt: bool) -> Registered:
        element = define_external(self, cls, type_string, learnt=learnt)
        with self.lock:
            self.open_world()
            self._record_definition(element, self.registry.put(element))
            self._forget_repositories()
            describe(self, element)
        element.cls.__type__ = type_string  # type: ignore[attr-defined]
        if issubclass(cls, Event) and getattr(cls, "_link", self.link) is self.link:
            for name in ("_schema", "_link", "_part_of", "_external_type", "__type__"):
                setattr(cls, name, getattr(element.cls, name))
        return element

    def learn(self, cls: type, type_string: str) -> None:
        """Let a handler take an event of another domain that nobody registered.

        Args:
            cls: the class of the other domain.
            type_string: what the other domain calls it.
        """
        self._take_external(cls, type_string, learnt=True)

    def _record_definition(self, element: Registered, change: str) -> None:
        if not self.config["journal"]:
            return
        world = self.open_world()
        step = world.journal.last_step + 1
        row = (
            DEFINED,
            None,
            step,
            current_origin.get().label,
            world.now(),
            element.name,
            str(element.kind),
            change,
        )
        world.apply(note([row], step))

    def _forget_repositories(self) -> None:
        for model in (self.trunk or self, *self.forks):
            model._repositories.clear()

    def forget(self, element: type | str) -> None:
        """Take an element out of the model, as a handler whose cell is gone; what is stored stays.

        Args:
            element: its class or name.

        Raises:
            IncorrectUsageError: when there is no such element, or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> domain.forget(Order)
            >>> domain
            <Domain Bookshop: 0 elements, 2 journal entries>
        """
        with self.lock:
            self.open_world()
            retired = self.registry.retire(name_of(element))
            self._forget_repositories()
            self._record_definition(retired, "forgotten")
            del self.registry.retired[retired.name]
        meet(self)

    def retire(self, name: str) -> None:
        """Take an element out of the model because its cell does not define it any more.

        The notebook does so; unlike with `forget`, errors say afterwards that the element was there.

        Args:
            name: its name.

        Raises:
            IncorrectUsageError: when there is no such element, or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> domain.retire("Order")
            >>> domain.repository_for("Order")
            Traceback (most recent call last):
            ddd_kit.exceptions.IncorrectUsageError: Order is not part of Bookshop any more: ...
        """
        with self.lock:
            self.open_world()
            self._record_definition(self.registry.retire(name), "retired")
            self._forget_repositories()
        meet(self)

    def refuse_foreign(self, cls: type) -> None:
        """Refuse a class of another domain.

        Args:
            cls: any class; one that is of no domain passes.

        Raises:
            IncorrectUsageError: when it belongs to another domain, or to an older one of this name.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @Domain(name="Library").aggregate
            ... class Loan: ...
            >>> domain.refuse_foreign(Loan)
            Traceback (most recent call last):
            ddd_kit.exceptions.IncorrectUsageError: Loan belongs to the domain Library, not to Bookshop...
        """
        link = getattr(cls, "_link", None)
        if link is None or link is self.link:
            return
        if link.engine.name == self.name:
            raise IncorrectUsageError(f"{cls.__name__} belongs to an older {self.name}: run its cell again.")
        raise IncorrectUsageError(
            f"{cls.__name__} belongs to the domain {link.engine.name}, not to {self.name}. Use it with its "
            "own domain, or define one of that name here."
        )

    def standing(self) -> Self:
        """The domain that is meant by this one here.

        Returns:
            The fork of it that code runs in, or itself.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> fork = domain.fork()
            >>> with fork.domain_context():
            ...     domain.standing() is fork
            True
        """
        active = active_engine.get()
        return cast("Self", active) if active is not None and active.trunk is self else self

    def home_of(self, aggregate: Aggregate | None) -> Model:
        """The domain that an object belongs to.

        Args:
            aggregate: an object of one of the classes, or None.

        Returns:
            The fork whose repository gave it or took it, or this domain.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> domain.home_of(None) is domain
            True
        """
        if aggregate is None:  # no fork has it either, and each would say so
            return self
        return next((fork for fork in self.forks if fork.objects.get(id(aggregate)) is aggregate), self)

    def stand_on(self, world: World) -> None:
        """Go over to another world; the lock is held.

        Args:
            world: one that nobody else stands on.

        Example:
            >>> from ddd_kit import Domain
            >>> from ddd_kit.engine.world import World
            >>> domain = Domain(name="Bookshop")
            >>> domain.stand_on(World(domain.config))
        """
        here = self.standing()
        (here.own or vars(here))["world"] = world

    def open_world(self) -> World:
        """The world, to be changed; the lock is held.

        Returns:
            The state that the domain is at.

        Raises:
            IncorrectUsageError: when this is the past, which cannot be changed.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> domain.open_world() is domain.world
            True
        """
        world = self.world
        if world.frozen is not None:
            raise IncorrectUsageError(world.frozen)
        if world.unfinished is not None:
            world.finish()
        return world


def name_of(element: Any) -> str:
    """The name of an element.

    Args:
        element: its class or its name.

    Returns:
        The name.
    """
    schema = getattr(element, "_schema", None)
    return str(schema.element if schema is not None else getattr(element, "__name__", element))
