"""The beginning of a test: given."""

from __future__ import annotations

from typing import Any, overload

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.message import Command
from ddd_kit.engine.model import name_of
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.testing.aggregates import AggregateResult
from ddd_kit.testing.process_managers import ProcessManagerResult
from ddd_kit.testing.projections import ProjectionResult
from ddd_kit.testing.sentence import Sentence
from ddd_kit.testing.stage import NOW, Stage, home_of


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
