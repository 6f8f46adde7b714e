"""The sentence of a test: given, when, then."""

from __future__ import annotations

from typing import Any, Self, overload

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.message import Command
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.model import name_of
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import ChangedEntry, EventEntry
from ddd_kit.testing.event_log import EventLog
from ddd_kit.testing.outcome import Outcome, perform, texts
from ddd_kit.testing.process_managers import ProcessManagerResult
from ddd_kit.testing.projections import ProjectionResult
from ddd_kit.testing.stage import NOW, Ran, Stage, home_of


class Sentence:
    """What a test begins with; nothing happens before it is asked what comes of it.

    Args:
        facts: what had happened before: events, commands, aggregates or functions.
        at: a step of the journal to begin at; 0 for an empty world, `NOW` for the present.
        handlers: whether event handlers run.
        target: the aggregate whose events they are; None for that which each is part of.
    """

    def __init__(
        self, facts: tuple[Any, ...], at: int, *, handlers: bool, target: type | None = None
    ) -> None:
        self._facts = list(facts)
        self._at, self._handlers, self._target = at, handlers, target
        self._stage: Stage | None = None

    def after(self, *facts: Any) -> Self:
        """Let more have happened before.

        Args:
            *facts: events, commands, aggregates or functions.

        Returns:
            The same sentence.

        Raises:
            Exception: what one of them raised, where the test has begun already.
        """
        __tracebackhide__ = True
        self._facts.extend(facts)
        if self._stage is not None:
            for fact in facts:
                self._stage.give(fact, self._target)
            self._stage.settle()
        return self

    def when(self, *messages: Any) -> Outcome:
        """Do what is tested.

        Args:
            *messages: commands; events, as if they came from elsewhere; aggregates, which are saved; or
                functions, which may take the domain. The first that raises an error is the last that is done.

        Returns:
            What came of it, to be asked.

        Raises:
            IncorrectUsageError: for something that cannot be done, or nothing.
            Exception: what was raised by something that is given.
        """
        __tracebackhide__ = True
        return perform(self._begun(messages), tuple(self._facts), messages, ())

    def _begun(self, more: tuple[Any, ...] = ()) -> Stage:
        __tracebackhide__ = True
        if self._stage is None:
            classes = () if self._target is None else (self._target,)
            stage = Stage(home_of((*classes, *self._facts, *more)), self._at, handlers=self._handlers)
            for fact in self._facts:
                stage.give(fact, self._target)
            stage.settle()
            self._stage = stage
        return self._stage


class EventSequence(Sentence):
    """What `given(*events)` makes; `.when(...)` asks the model, `.then(...)` a projection.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> @domain.event(part_of=Order)
        ... class OrderShipped: ...
        >>> given(OrderShipped())
        EventSequence(['OrderShipped'])
    """

    def then(self, projection: type | str, **identity: Any) -> ProjectionResult:
        """What a projection, or anything that is stored, has become.

        Args:
            projection: its class or name.
            **identity: one value, by the name of the identity's field.

        Returns:
            What is stored of it, to be asked.

        Raises:
            IncorrectUsageError: without an identity, or for something of which nothing is stored.
            Exception: what was raised by something that is given.
        """
        __tracebackhide__ = True
        if not isinstance(projection, type | str):
            raise IncorrectUsageError(
                f"given(...).then({projection!r}): name a projection and its identity, as in .then(Balances, "
                "id='u1'); or say first what is done, as in .when(...)."
            )
        if len(identity) != 1:
            raise IncorrectUsageError(
                f".then({name_of(projection)}): give its identity and nothing else, as in id='u1'."
            )
        return ProjectionResult.found_in(self._begun((projection,)).engine, projection, *identity.values())

    def results_in(self, process_manager: type, **identity: Any) -> ProcessManagerResult:
        """What a process manager made of the events.

        Args:
            process_manager: its class.
            **identity: the value that it correlates by; when left out, that of the events.

        Returns:
            What became of it, to be asked.

        Raises:
            Exception: what it raised.
        """
        __tracebackhide__ = True
        stage = Stage(home_of((process_manager, *self._facts)), self._at, handlers=self._handlers)
        return ProcessManagerResult.fed(
            stage, process_manager, self._facts, next(iter(identity.values()), None)
        )

    def __repr__(self) -> str:
        return f"EventSequence({[type(fact).__name__ for fact in self._facts]})"


class AggregateResult(Sentence):
    """What `given(Order, *events)` makes: an aggregate after its events, and after commands.

    It has the fields of the aggregate. `.process(...)` lets a command happen, as often as you like.

    Example:
        >>> from ddd_kit import Domain, handle
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     quantity: int = 1
        >>> @domain.command(part_of=Order)
        ... class PlaceOrder:
        ...     quantity: int
        >>> @domain.command_handler(part_of=Order)
        ... class ManageOrder:
        ...     @handle(PlaceOrder)
        ...     def place(self, command):
        ...         order = domain.repository_for(Order).add(Order(quantity=command.quantity))
        ...         return order.id
        >>> order = given(Order).process(PlaceOrder(quantity=3))
        >>> order, order.quantity, order.events
        (<AggregateResult(Order) accepted>, 3, EventLog([]))
    """

    def __init__(self, cls: type, facts: tuple[Any, ...], at: int, *, handlers: bool) -> None:
        super().__init__(facts, at, handlers=handlers, target=cls)
        self._cls = cls
        self._ran: list[tuple[Ran, list[Any]]] = []
        self._identity: Any = None

    def process(self, command: Any, *, correlation_id: str | None = None) -> Self:
        """Let the model take a command; what it raises is kept as `.rejection`.

        Args:
            command: the command.
            correlation_id: what it shares with other messages; a new one when None.

        Returns:
            The same.

        Raises:
            Exception: what was raised by something that is given.
        """
        __tracebackhide__ = True
        stage = self._begun()
        options = {} if correlation_id is None else {"correlation_id": correlation_id}
        name = name_of(self._cls)
        if self._identity is None:
            self._identity = stage.identities.get(name)
        ran = stage.run(command, **options)
        if self._identity is None and ran.error is None:
            self._identity = self._new(stage.engine, ran, name)
        mine = [
            event
            for entry, event in zip(ran.entries.of(kind="event"), stage.events_of(ran.entries), strict=True)
            if isinstance(entry, EventEntry)
            and (entry.aggregate, entry.aggregate_id) == (name, self._identity)
        ]
        self._ran.append((ran, [] if ran.error else mine))
        return self

    def _new(self, engine: Engine, ran: Ran, name: str) -> Any:
        """Which aggregate a command was about: what its handler returned, or what it changed first."""
        saved = [
            entry.id for entry in ran.entries if isinstance(entry, ChangedEntry) and entry.aggregate == name
        ]
        raised = [e.aggregate_id for e in ran.entries if isinstance(e, EventEntry) and e.aggregate == name]
        if (
            isinstance(ran.result, str | int)
            and engine.repository_for(name).get_or_none(ran.result) is not None
        ):
            return engine.repository_for(name).get(ran.result)._identity
        return next(iter([*saved, *raised]), None)

    @property
    def aggregate(self) -> Any:
        """The aggregate as it is stored now, or None."""
        if self._stage is None or self._identity is None:
            return None
        return self._stage.engine.repository_for(name_of(self._cls)).get_or_none(self._identity)

    @property
    def events(self) -> EventLog:
        """The events of the aggregate that the last command led to."""
        return EventLog(self._ran[-1][1] if self._ran else ())

    @property
    def all_events(self) -> EventLog:
        """The events of the aggregate that all commands led to."""
        return EventLog(event for _, events in self._ran for event in events)

    @property
    def rejection(self) -> Exception | None:
        """What the last command raised, or None."""
        return self._ran[-1][0].error if self._ran else None

    @property
    def accepted(self) -> bool:
        """Whether the last command was done."""
        return bool(self._ran) and self.rejection is None

    @property
    def rejected(self) -> bool:
        """Whether the last command raised an error."""
        return self.rejection is not None

    @property
    def rejection_messages(self) -> list[str]:
        """What the last command was refused with, a text each."""
        error = self.rejection
        if error is None:
            return []
        said = texts(error)
        return said[1:] or said

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        aggregate = self.aggregate
        if aggregate is None:
            raise AttributeError(
                f"given({name_of(self._cls)}) has no '{name}': there is no {name_of(self._cls)} yet. Call "
                ".process(...) first; it tells which one by what its handler returns or saves.",
                name=name,
                obj=self,
            )
        return getattr(aggregate, name)

    def __repr__(self) -> str:
        status = "accepted" if self.accepted else "rejected" if self.rejected else "pending"
        return f"<AggregateResult({name_of(self._cls)}) {status}>"


@overload
def given(first: type, /, *facts: Any, at: int | None = None, handlers: bool = True) -> Any: ...
@overload
def given(*facts: Any, at: int | None = None, handlers: bool = True) -> EventSequence: ...
def given(*facts: Any, at: int | None = None, handlers: bool = True) -> Any:
    """Begin a test: what had happened before.

    The test has a world of its own, of the same model: what is there stays untouched.

    Args:
        *facts: events, whose handlers take them when all is given; of an event-sourced aggregate they
            rebuild the state. Or aggregates, which are stored; commands, which are processed; functions,
            which may take the domain. As in Protean, the class of an aggregate or a process manager may come
            first.
        at: a step of the journal to begin at, 0 for an empty world. None is an empty world for what happened,
            and the present for a class.
        handlers: whether event handlers run, in what is given and in what is tested.

    Returns:
        The beginning of a sentence: `.when(command).then(event, ...)`; for a class that of an aggregate, with
        `.process(command)`, or the process manager as the events left it.

    Raises:
        IncorrectUsageError: for a class of something else; there is no domain yet, or no such step; while a
            unit of work is open.
        Exception: for a process manager's class: what was raised.

    Example:
        >>> from ddd_kit import Domain, handle
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Inventory:
        ...     in_stock: int = 0
        >>> @domain.event(part_of="Order")
        ... class OrderShipped:
        ...     quantity: int
        >>> @domain.aggregate
        ... class Order: ...
        >>> @domain.event_handler(part_of=Inventory, stream_category="order")
        ... class ManageInventory:
        ...     @handle(OrderShipped)
        ...     def reduce(self, event):
        ...         stock = domain.repository_for(Inventory)
        ...         inventory = stock.get("i-1")
        ...         inventory.in_stock -= event.quantity
        ...         stock.add(inventory)
        >>> shelf = given(Inventory(id="i-1", in_stock=100))
        >>> shelf.when(OrderShipped(quantity=10)).then_nothing().has(Inventory, in_stock=90)
        Given  <Inventory: Inventory object (id: i-1)>
        When   OrderShipped(quantity=10)
        Then   ✓ no events
               ✓ Inventory i-1: in_stock 90
        ...
        >>> domain.repository_for(Inventory)
        <Repository of Inventory: 0 stored>
    """
    __tracebackhide__ = True
    if not facts or not isinstance(facts[0], type):
        return EventSequence(facts, 0 if at is None else at, handlers=handlers)
    cls, *events = facts
    engine = home_of(facts)
    kind = engine.registry.find(name_of(cls)).kind
    begin = NOW if at is None else at
    if kind is Kind.AGGREGATE:
        return AggregateResult(cls, tuple(events), begin, handlers=handlers)
    if kind is not Kind.PROCESS_MANAGER:
        what = "process it with .when(...)" if issubclass(cls, Command) else "give objects"
        raise IncorrectUsageError(
            f"given({name_of(cls)}): that is the class of {kind.with_article}; {what}. Only the class of an "
            "aggregate or of a process manager may come first."
        )
    return ProcessManagerResult.fed(Stage(engine, begin, handlers=handlers), cls, events)
