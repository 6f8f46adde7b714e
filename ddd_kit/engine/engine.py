"""The engine: a model that runs, and tells what happened."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.message import Command, Message
from ddd_kit.engine.comparison import Comparison, compare
from ddd_kit.engine.config import Config
from ddd_kit.engine.context import active_engine, remember
from ddd_kit.engine.delivery import Waiting
from ddd_kit.engine.dispatcher import deliver, deliver_all
from ddd_kit.engine.event_store import Stream
from ddd_kit.engine.explain import WhyNot, why_not
from ddd_kit.engine.fault import settle
from ddd_kit.engine.fork import forked, open_again
from ddd_kit.engine.head import CommandHead
from ddd_kit.engine.model import Model, name_of
from ddd_kit.engine.names import event_stream
from ddd_kit.engine.replay import world_at
from ddd_kit.engine.repository import Repository
from ddd_kit.engine.rerun import rerun
from ddd_kit.engine.unit import Unit, check_block, run_unit
from ddd_kit.engine.world import World
from ddd_kit.exceptions import IncorrectUsageError, did_you_mean
from ddd_kit.journal.causality import Why, why
from ddd_kit.journal.journal import Journal

if TYPE_CHECKING:
    from typing import Self

    from ddd_kit.engine.run_file.verdict import Verdict

T = TypeVar("T")


class Engine(Model):
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

    repository_class: type[Repository[Any]] = Repository
    is_replay = False

    def __init__(
        self,
        *names: str,
        name: str | None = None,
        root_path: str | None = None,
        config: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__(*names, name=name, root_path=root_path, config=config, seed=seed)
        remember(self)

    def repository_for(self, aggregate: type[T] | str) -> Repository[T]:
        """The repository of an aggregate: where its objects are kept (Evans, ch. 6).

        Args:
            aggregate: its class or name.

        Returns:
            The repository; the same one each time, until the model changes.

        Raises:
            IncorrectUsageError: when it is no aggregate of this domain; the text names the closest.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> orders = domain.repository_for(Order)
            >>> order = orders.add(Order(quantity=3))
            >>> orders
            <Repository of Order: 1 stored>
        """
        try:
            return self._repositories[aggregate]
        except (KeyError, TypeError):
            return self._new_repository(aggregate)

    def _new_repository(self, aggregate: Any) -> Repository[Any]:
        if not isinstance(aggregate, type | str):
            raise IncorrectUsageError(
                f"repository_for({aggregate!r}): give it the class of the aggregates, or its name."
            )
        if isinstance(aggregate, type):
            self.refuse_foreign(aggregate)
        name = name_of(aggregate)
        self.registry.find(name, Kind.AGGREGATE)
        return self._repositories.setdefault(aggregate, self.repository_class(self, name))

    def process(self, command: Message) -> Any:
        """Let the handler of a command do what the command asks for, as one unit of work.

        Args:
            command: an object of a command class.

        Returns:
            What the handler's method returns.

        Raises:
            IncorrectUsageError: when it is no command or one of another domain, when nobody handles it, in
                the block of a unit of work of another domain or task, or in the past.
            ConfigurationError: when the command, or a handler of what it led to, is part of an aggregate
                that there is not.
            ExpectedVersionError: when somebody else saved one of the aggregates meanwhile.
            ValidationError: when a value that has to be unique is not.
            TransactionError: when an inner unit of work was undone.
            EndlessChainError: when an event led to more deliveries than `domain.config["max_chain_length"]`.
            Exception: what the handler raised; nothing of its work is saved then. Or what a handler of an
                event that it led to raised, several as an `ExceptionGroup`; its work is saved then.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.command(part_of=Order)
            ... class PlaceOrder:
            ...     quantity: int
            >>> @domain.command_handler(part_of=Order)
            ... class ManageOrder:
            ...     @handle(PlaceOrder)
            ...     def place(self, command):
            ...         return f"{command.quantity} ordered"
            >>> domain.process(PlaceOrder(quantity=2))
            '2 ordered'
        """
        __tracebackhide__ = True
        if not isinstance(command, Command):
            raise IncorrectUsageError(_no_command(command))
        self.refuse_foreign(type(command))
        outside = active_engine.get()
        with self.lock:
            world = self.open_world()
            outer = world.unit
            check_block(self, outer)
            unit = outer or Unit()
            try:
                active_engine.set(self.standing() if self.own else self)
                if outer is not None:
                    return self._take(command, unit)
                result = run_unit(self, world, unit, self._take, command, unit)
            except BaseException as error:
                unit.undone_by = unit.undone_by or error
                raise
            finally:
                active_engine.set(outside)
            self.work_off(unit)
        return result

    def _take(self, command: Command, unit: Unit) -> Any:
        __tracebackhide__ = True
        name = command._schema.element
        route = self.registry.command_route(name)
        category = self.registry.message_category(self.registry.find(name, Kind.COMMAND))
        message_id = self.world.identities.next()
        identity = next(
            (v for f, v in command.__dict__.items() if command._schema.fields[f].identifier), message_id
        )
        handler = f"{route[0]}.{route[1]}" if route else None
        outer = unit.head
        stream = event_stream(category, identity)
        head = CommandHead(command, (handler, category, stream, message_id), outer)
        unit.head = head
        unit.commands += ((command, head),)
        try:
            result = self._handler_of(name)(command)
        except BaseException as error:
            head.end(error)
            raise
        finally:
            unit.head = outer
        head.end()
        return result

    def _handler_of(self, command: str) -> Any:
        route = self.registry.command_route(command)
        if route is not None:
            return getattr(self.registry.elements[route[0]].cls(), route[1])
        owner = self.registry.elements[command].part_of
        raise IncorrectUsageError(
            f"Nobody handles {command}. Define a class with @domain.command_handler(part_of={owner}) and a "
            f"method with @handle({command}), or run its cell again."
        )

    def work_off(self, unit: Unit) -> None:
        """Make the deliveries that wait after a unit was saved, unless they are held; the lock is held.

        Args:
            unit: the unit; a note about an error says what is saved from there on.

        Raises:
            Exception: what a handler raised, as it is; several as an `ExceptionGroup`.
        """
        __tracebackhide__ = True
        waiting = self.world.waiting
        if waiting and self.config["event_processing"] == "sync":
            deliver_all(self, unit.first_step)
        elif waiting and self.faults.active:
            settle(waiting)

    @property
    def waiting(self) -> Waiting:
        """The deliveries that wait, the next first; `domain.config["event_processing"] = "async"` holds them.

        Returns:
            A read-only sequence; the place of a delivery, from 0, is what `deliver` takes.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop", config={"event_processing": "async"})
            >>> @domain.aggregate
            ... class Order:
            ...     def ship(self):
            ...         self.raise_(OrderShipped())
            >>> @domain.event(part_of=Order)
            ... class OrderShipped: ...
            >>> @domain.event_handler(part_of=Order)
            ... class Notify:
            ...     @handle(OrderShipped)
            ...     def tell(self, event): ...
            >>> order = Order()
            >>> order.ship()
            >>> domain.repository_for(Order).add(order)
            <Order: ...>
            >>> domain.waiting
            0  OrderShipped -> Notify.tell
        """
        return Waiting(self._whole_world().waiting)

    def deliver(self, number: int = 0) -> None:
        """Make one of the deliveries that wait.

        Args:
            number: its place in `domain.waiting`, a whole number from 0; -1 is the last one.

        Raises:
            IncorrectUsageError: when there is no such delivery, one is being made, a unit of work is open, or
                in the past.
            EndlessChainError: when the chain is longer than `domain.config["max_chain_length"]`.
            Exception: what the handler raised; the delivery goes on waiting in hold mode.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop", config={"event_processing": "async"})
            >>> @domain.aggregate
            ... class Order:
            ...     def ship(self):
            ...         self.raise_(OrderShipped())
            >>> @domain.event(part_of=Order)
            ... class OrderShipped: ...
            >>> @domain.event_handler(part_of=Order)
            ... class Notify:
            ...     @handle(OrderShipped)
            ...     def tell(self, event): ...
            >>> order = Order()
            >>> order.ship()
            >>> domain.repository_for(Order).add(order)
            <Order: ...>
            >>> domain.deliver(0)
            >>> domain.waiting
            No delivery is waiting.
        """
        __tracebackhide__ = True
        with self.lock:
            self._check_deliverable("deliver")
            waiting = self.world.waiting
            if not isinstance(number, int) or not -len(waiting) <= number < len(waiting):
                count = f"{len(waiting):,} wait" if waiting else "none waits"
                raise IncorrectUsageError(
                    f"deliver({number!r}): there is no such delivery, {count}. See domain.waiting."
                )
            deliver(self, waiting[number])

    def deliver_all(self) -> int:
        """Make all deliveries that wait, and those that they lead to.

        Returns:
            How many were made, 0 or more.

        Raises:
            IncorrectUsageError: when one is being made, a unit of work is open, or in the past.
            EndlessChainError: when a chain is longer than `domain.config["max_chain_length"]`.
            Exception: what a handler raised, as it is; several as an `ExceptionGroup`.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop", config={"event_processing": "async"})
            >>> @domain.aggregate
            ... class Order:
            ...     def ship(self):
            ...         self.raise_(OrderShipped())
            >>> @domain.event(part_of=Order)
            ... class OrderShipped: ...
            >>> @domain.event_handler(part_of=Order)
            ... class Notify:
            ...     @handle(OrderShipped)
            ...     def tell(self, event): ...
            >>> order = Order()
            >>> order.ship()
            >>> domain.repository_for(Order).add(order)
            <Order: ...>
            >>> domain.deliver_all()
            1
        """
        __tracebackhide__ = True
        with self.lock:
            self._check_deliverable("deliver_all")
            return deliver_all(self, self.world.journal.last_step + 1)

    def pause_on(self, *events: type | str | None) -> tuple[str, ...]:
        """Hold deliveries from an event on, and give control back: a breakpoint of the model.

        When such an event is saved in sync mode, the unit of work that it is part of ends as usual. Its
        deliveries and all others that wait then stay in `domain.waiting`, and the domain is in hold mode:
        `domain.deliver()` makes one, `domain.deliver_all()` all without stopping again, and `domain.resume()`
        goes on in sync mode up to the next such event. Breakpoints stay through `domain.reset()`, as
        does hold mode.

        Args:
            *events: classes or names, which are added to those that are there; None takes all away.

        Returns:
            The names of all events that it pauses on now.

        Raises:
            IncorrectUsageError: when there is no such event, or in the past.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     def ship(self):
            ...         self.raise_(OrderShipped())
            >>> @domain.event(part_of=Order)
            ... class OrderShipped: ...
            >>> @domain.event_handler(part_of=Order)
            ... class Notify:
            ...     @handle(OrderShipped)
            ...     def tell(self, event): ...
            >>> domain.pause_on(OrderShipped)
            ('OrderShipped',)
            >>> order = Order()
            >>> order.ship()
            >>> domain.repository_for(Order).add(order)
            <Order: ...>
            >>> domain.waiting
            0  OrderShipped -> Notify.tell
            >>> domain.resume()
            1
        """
        return self.faults.pause_on(events)

    def resume(self) -> int:
        """Go on after `pause_on`, or end hold mode: back to sync mode, and make what waits.

        It stops again where an event is saved that `pause_on` named: the rest waits then, in hold mode.

        Returns:
            How many deliveries were made, 0 or more.

        Raises:
            IncorrectUsageError: when a delivery is being made, a unit of work is open, or in the past.
            EndlessChainError: when a chain is longer than `domain.config["max_chain_length"]`.
            Exception: what a handler raised, as it is; several as an `ExceptionGroup`.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop", config={"event_processing": "async"})
            >>> domain.resume(), domain.config["event_processing"]
            (0, 'sync')
        """
        __tracebackhide__ = True
        with self.lock:
            self._check_deliverable("resume")
            self.config["event_processing"] = "sync"
            return deliver_all(self, self.world.journal.last_step + 1)

    def _check_deliverable(self, what: str) -> None:
        self.open_world()
        self._check_idle(what)

    def _check_idle(self, what: str) -> None:
        if self.world.unit is not None:
            own = ("reset", "fork", "replay", "rewind", "save", "load")
            between = "" if what in own else ", and deliveries are made between units"
            raise IncorrectUsageError(
                f"{what}(): a unit of work is open{between}. Call it after the block, outside of handlers."
            )

    @contextmanager
    def domain_context(self) -> Iterator[Self]:
        """Make this the current domain for a block; none is needed outside of blocks either.

        Yields:
            The domain.

        Example:
            >>> from ddd_kit import Domain, current_domain
            >>> domain = Domain(name="Bookshop")
            >>> with domain.domain_context():
            ...     current_domain.name
            'Bookshop'
        """
        outside = active_engine.get()
        try:
            active_engine.set(self.standing() if self.own else self)
            yield self
        finally:
            active_engine.set(outside)

    def init(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Protean's programs give some
        """Check that all names refer to something; a domain works without it.

        Args:
            *args: accepted, as Protean's are, and ignored.
            **options: accepted, as Protean's are, and ignored.

        Raises:
            ConfigurationError: when something is part of an aggregate that there is not.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.event(part_of="Order")
            ... class OrderShipped: ...
            >>> domain.init()
            Traceback (most recent call last):
            ddd_kit.exceptions.ConfigurationError: OrderShipped: part_of='Order' is no aggregate of ...
        """
        for element in self.registry.elements.values():
            if element.part_of is not None:
                self.registry.owner(element)

    # What happened

    @property
    def journal(self) -> Journal:
        """All that happened, in order; alone in a cell it shows as a tree.

        Returns:
            The journal; read-only, and the same object until `reset`.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.journal
            outside a cell
              ■ Order o-1 added: quantity 1
        """
        return self._whole_world().journal

    def _whole_world(self) -> World:
        """The world to be read: complete, and with a journal that agrees with it."""
        world = self.world
        if world.unfinished is not None or (world.journal.missed and self.config["journal"]):
            with self.lock:
                world.finish()
                if world.journal.missed and self.config["journal"]:
                    world.begin_journal_anew()
        return world

    def stream(self, name: type | str | Aggregate) -> Stream:
        """The events of one aggregate or of a category.

        Args:
            name: an aggregate, for its own stream; an aggregate's class, or the name of a category or
                stream, bare or with the domain's name: `order`, `order-<id>`, `bookshop::order`.

        Returns:
            The events, in order; none for a name on which nothing was raised.

        Raises:
            IncorrectUsageError: for a name that looks like a mistyped one, or a class that is no aggregate.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     def ship(self):
            ...         self.raise_(OrderShipped())
            >>> @domain.event(part_of=Order)
            ... class OrderShipped: ...
            >>> order = Order(id="o-1")
            >>> order.ship()
            >>> domain.repository_for(Order).add(order)
            <Order: ...>
            >>> domain.stream("order")
            Stream order: 1 event
              0 OrderShipped on order-o-1
        """
        if isinstance(name, Aggregate):
            full = event_stream(self.registry.category(name._schema.element), name._identity)
        elif isinstance(name, type):
            full = self.registry.category(name_of(name))
        else:
            full = self.registry.full(name)
            self._check_stream(full)
        return self._whole_world().events.stream(full)

    def _check_stream(self, full: str) -> None:
        """Refuse a name that nothing is on when it looks like one that something is on."""
        aggregates = [self.registry.category(a.name) for a in self.registry.of_kind(Kind.AGGREGATE)]
        known = {*aggregates, *self._whole_world().events.lengths}
        hint = did_you_mean(full.rsplit("::", maxsplit=1)[-1], [name.split("::")[-1] for name in known])
        if full not in known and hint:
            raise IncorrectUsageError(f"Nothing is on the stream {full}{hint}")

    def why(self, aggregate: Aggregate, field: str) -> Why:
        """Why a field has the value that it has: the last change of it, and what led to that.

        Args:
            aggregate: one that was saved.
            field: the name of the field.

        Returns:
            The chain from that value back to the cell, as data with a sentence as its repr.

        Raises:
            IncorrectUsageError: for something that is no aggregate or one of another domain, when there is no
                such field, when the journal knows no change of it, or when nothing is recorded.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1", quantity=3))
            >>> domain.why(order, "quantity")
            Code outside a cell saved it: Order o-1 quantity began as 3.
        """
        if not isinstance(aggregate, Aggregate):
            raise IncorrectUsageError(
                f'why({aggregate!r}, ...): give an aggregate, as in why(inventory, "in_stock").'
            )
        self.refuse_foreign(type(aggregate))
        if not self.config["journal"]:
            raise IncorrectUsageError(
                "domain.why(...): nothing is recorded while domain.config['journal'] is False."
            )
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
            IncorrectUsageError: when there is no such handler or event, or the event was not published.
            ConfigurationError: when the handler is part of an aggregate that there is not.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory: ...
            >>> @domain.event_handler(part_of=Inventory, stream_category="order")
            ... class ManageInventory:
            ...     @handle("OrderShipped")
            ...     def reduce_stock_level(self, event): ...
            >>> print(domain.why_not(ManageInventory).sentence)
            ManageInventory did not run: OrderShipped has not been saved yet.
        """
        self._whole_world()
        return why_not(self, handler, event)

    def at(self, step: int) -> Self:
        """The domain as it was after the unit of work that a step belongs to (Fowler, "Event Sourcing").

        Args:
            step: a step of the journal, a whole number; 0 for the time before the first.

        Returns:
            A domain with the definitions of today, which can be read and not be changed.

        Raises:
            IncorrectUsageError: when there is no such step, it is not kept any more, or nothing is recorded.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order())
            >>> past = domain.at(1)
            >>> domain.repository_for(Order).query.count(), past.repository_for(Order).query.count()
            (1, 0)
        """
        with self.lock:
            self._whole_world()
            past = copy.copy(self)
            own = {"world": world_at(self, step), "config": Config(self.config)}
            vars(past).update(own, own={}, trunk=self.trunk or self, _repositories={})
            vars(past)["faults"] = self.faults.copied(past)
        return past

    def fork(self, at: int | None = None) -> Self:
        """Another world of the same model, which goes its own way from a step on.

        What handlers do there stays there, also when they name the domain itself. Identities and times go on
        as they would here. Code works on a fork by its own methods, or on what it calls `domain` within
        `with fork.domain_context():`.

        Args:
            at: a step of the journal, whose whole unit of work is in the fork; 0 for the time before the
                first; None for the present.

        Returns:
            A domain with the same definitions, now and later, and with settings of its own.

        Raises:
            IncorrectUsageError: when there is no such step, it is not kept any more, or nothing is recorded;
                or while a unit of work is open.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> inventory = domain.repository_for(Inventory).add(Inventory(id="i-1", in_stock=100))
            >>> fork = domain.fork()
            >>> theirs = fork.repository_for(Inventory).get("i-1")
            >>> theirs.in_stock = 95
            >>> fork.repository_for(Inventory).add(theirs)
            <Inventory: Inventory object (id: i-1)>
            >>> domain.repository_for(Inventory).get("i-1").in_stock
            100
        """
        with self.lock:
            self._whole_world()
            self._check_idle("fork")
            return forked(self.standing(), self.world.journal.last_step if at is None else at, "fork")

    def replay(self, since: int = 0) -> Comparison:
        """The same run once more with the code of today, beside the one that there was.

        After a handler was edited this shows what it would have done. Commands are processed again; what
        plain code saved is saved again as it was recorded, with its events; handlers do what they do today.
        Injected faults are left out.

        Args:
            since: the step after which things happen again; 0 for the whole run, as far as it is kept.

        Returns:
            This domain on the left, a fork with the new run on the right (`.right`), and what is different.

        Raises:
            IncorrectUsageError: when there is no such step, it is not kept any more, or nothing is recorded;
                while a unit of work is open; when a recorded message does not fit its class any more.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     price: int = 0
            >>> @domain.command(part_of=Order)
            ... class PlaceOrder:
            ...     order_id: str
            >>> def clerk(price):
            ...     @domain.command_handler(part_of=Order)
            ...     class Clerk:
            ...         @handle(PlaceOrder)
            ...         def place(self, command):
            ...             domain.repository_for(Order).add(Order(id=command.order_id, price=price))
            >>> clerk(price=10)
            >>> domain.process(PlaceOrder(order_id="o-1"))
            >>> clerk(price=8)
            >>> domain.replay().differences[0].left, domain.replay().differences[0].right
            (10, 8)
        """
        with self.lock:
            self._whole_world()
            self._check_idle("replay")
            begin = self.journal.first_step - 1 if since == 0 else since
            fork = forked(self.standing(), begin, "replay")
            fork.faults.clear()
            rerun(self, fork)
            fork.is_replay = True
            return compare(self, fork)

    def rewind(self, step: int) -> None:
        """Go back in place: what happened after a step is gone, from the journal too.

        Args:
            step: a step of the journal, whose whole unit of work stays; 0 for the time before the first.

        Raises:
            IncorrectUsageError: when there is no such step, it is not kept any more, or nothing is recorded;
                while a unit of work is open; or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> inventory = domain.repository_for(Inventory).add(Inventory(in_stock=100))
            >>> domain.rewind(1)
            >>> domain.repository_for(Inventory)
            <Repository of Inventory: 0 stored>
        """
        with self.lock:
            self._whole_world()
            self._check_deliverable("rewind")
            self.stand_on(open_again(self, step, "rewind", self.config))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Keep the whole run in a file, so that it outlives the kernel: state, streams, journal, what waits.

        The file holds data only, one JSON object a line (JSON Lines), and nothing in it is ever run. It
        appears whole, or the file that was there stays.

        Args:
            path: of the file, as `"run.jsonl"`; one that is there is replaced.

        Raises:
            RunFileError: when a value cannot be kept in a file, as an object of a class of your own in a
                field, or the file cannot be written.
            IncorrectUsageError: for something that is no path; while a unit of work is open, or in the past.

        Example:
            >>> from tempfile import TemporaryDirectory
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1", quantity=3))
            >>> with TemporaryDirectory() as folder:
            ...     domain.save(f"{folder}/run.jsonl")
            ...     domain.reset()
            ...     domain.load(f"{folder}/run.jsonl")
            Fine: the run of run.jsonl fits the model.
            >>> domain.repository_for(Order).get("o-1").quantity
            3
        """
        from ddd_kit.engine.run_file.files import save_run  # its checks double the time of the first import

        with self.lock:
            self._check_deliverable("save")
            save_run(self, path)

    def load(self, path: str | os.PathLike[str], *, dry_run: bool = False) -> Verdict:
        """Go on with a run that was saved; what the domain holds gives way to it, as a whole or not at all.

        The file holds no definitions: run the cells that make the model first.

        Args:
            path: of a file that `save` wrote.
            dry_run: only tell whether the run fits the model, and load nothing.

        Returns:
            Whether the model is as it was (`fine`) or differs in a way to look at (`risky`), with the
            reasons, element by element and field by field; with `dry_run` also `impossible`.

        Raises:
            RunFileError: when there is no such file, or it is broken; the text names the line.
            ImpossibleRunError: when the model has changed so that what is stored does not fit; it has the
                reasons.
            IncorrectUsageError: for something that is no path; while a unit of work is open, or in the past.

        Example:
            >>> from tempfile import TemporaryDirectory
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1", quantity=3))
            >>> with TemporaryDirectory() as folder:
            ...     domain.save(f"{folder}/run.jsonl")
            ...     domain.forget(Order)
            ...     domain.load(f"{folder}/run.jsonl", dry_run=True)
            Impossible: the run of run.jsonl does not fit the model.
              Order is not defined, and 1 of it is stored: run its cell.
        """
        from ddd_kit.engine.run_file.files import load_run

        with self.lock:
            if not dry_run:
                self._check_deliverable("load")
            return load_run(self, path, dry_run=dry_run)

    def reset(self) -> None:
        """Empty the world, and keep the definitions; with a seed, identities and times begin again.

        Raises:
            IncorrectUsageError: in a unit of work, or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop", seed=7)
            >>> @domain.aggregate
            ... class Order: ...
            >>> first = Order().id
            >>> domain.reset()
            >>> domain, Order().id == first
            (<Domain Bookshop: 1 elements, 0 journal entries>, True)
        """
        with self.lock:
            self._check_deliverable("reset")
            self.stand_on(World(self.config, self.seed))
            self.faults.begin_anew()


def _no_command(given: Any) -> str:
    if isinstance(given, type):
        return f"process({given.__name__}): give it an object, as in domain.process({given.__name__}(...))."
    what = (
        f"{given._schema.element} is an event, not a command"
        if isinstance(given, Message)
        else "that is no command"
    )
    return f"process({given!r}): {what}. Give it an object of a class that is decorated with @domain.command."
