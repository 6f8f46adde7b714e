"""Running: commands are taken, and aggregates are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.message import Command, Message, set_raised
from ddd_kit.engine.broker import Brokers
from ddd_kit.engine.context import DomainContext, active_engine
from ddd_kit.engine.correlation import Take, correlating
from ddd_kit.engine.dispatcher import deliver_all
from ddd_kit.engine.fault import settle
from ddd_kit.engine.head import CommandHead
from ddd_kit.engine.model import Model, name_of
from ddd_kit.engine.named_queries import repository_class
from ddd_kit.engine.names import event_stream
from ddd_kit.engine.registry import STORED
from ddd_kit.engine.repository import Repository
from ddd_kit.engine.unit import Unit, check_block, run_unit
from ddd_kit.exceptions import CommandExpiredError, DuplicateCommandError, IncorrectUsageError, did_you_mean

if TYPE_CHECKING:
    pass

T = TypeVar("T")
C = TypeVar("C", bound=Callable[..., Any])


class Running(Model):
    """A model that runs: it takes commands, and has the repositories that its handlers work with.

    Attributes:
        repository_class: what its repositories are; forks have their own.
    """

    repository_class: type[Repository[Any]] = Repository

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
        self.registry.find(name, *STORED)
        cls = repository_class(self, name, self.repository_class)
        return self._repositories.setdefault(aggregate, cls(self, name))

    def process(
        self,
        command: Message,
        *,
        idempotency_key: str | None = None,
        raise_on_duplicate: bool = False,
        **options: Any,
    ) -> Any:
        """Let the handler of a command do what the command asks for, as one unit of work.

        Args:
            command: an object of a command class.
            idempotency_key: names the request: a command with a key that was processed before is not
                processed again, and gives what it gave then.
            raise_on_duplicate: whether that is an error.
            **options: `deadline`, a time after which it is refused; `correlation_id`, which the command and
                all that comes of it bear in place of its own id; `asynchronous`, `priority` and `timeout` are
                accepted as Protean's, without effect: commands are processed at once.

        Returns:
            What the handler's method returns.

        Raises:
            IncorrectUsageError: when it is no command or one of another domain, when nobody handles it, in
                the block of a unit of work of another domain or task, in the past, or for another option.
            DuplicateCommandError: when a command with that key was processed, and it shall be an error.
            CommandExpiredError: after the deadline.
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
        if options:
            _check_options(command, options)
        if idempotency_key is not None:
            return self._once(command, (idempotency_key, raise_on_duplicate), options)
        if not isinstance(command, Command):
            raise IncorrectUsageError(_no_command(command))
        self.refuse_foreign(type(command))
        take: Take = self._take
        if options and options.get("correlation_id") is not None:
            take = correlating(take, options["correlation_id"])
        outside = active_engine.get()
        with self.lock:
            world = self.open_world()
            outer = world.unit
            check_block(self, outer)
            unit = outer or Unit()
            try:
                active_engine.set(self.standing() if self.own else self)
                if outer is not None:
                    return take(command, unit)
                result = run_unit(self, world, unit, take, command, unit)
            except BaseException as error:
                unit.undone_by = unit.undone_by or error
                raise
            finally:
                active_engine.set(outside)
            self.work_off(unit)
        return result

    def _once(self, command: Message, keyed: tuple[str, bool], options: Mapping[str, Any]) -> Any:
        key, raise_on_duplicate = keyed
        with self.lock:
            results = self.open_world().results
            if key not in results:
                if isinstance(command, Command):
                    set_raised(command, (None, "", 0, (("idempotency_key", key),)))
                results[key] = self.process(command, **options)
            elif raise_on_duplicate:
                raise DuplicateCommandError(
                    f"{type(command).__name__}: a command with the idempotency key {key!r} was processed "
                    "already. Give another key where another request is meant.",
                    results[key],
                )
            return results[key]

    def _take(self, command: Command, unit: Unit) -> Any:
        __tracebackhide__ = True
        if self.link.command_enrichers:
            self.link.enrich_command(command)
        name = command._schema.element
        route = self.registry.command_route(name)
        category = self.registry.message_category(self.registry.find(name, Kind.COMMAND))
        message_id = self.world.identities.for_command()
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

    def domain_context(self, **values: Any) -> DomainContext:
        """Make this the current domain for a block; none is needed outside of blocks either.

        Args:
            **values: what `g` holds in the block.

        Returns:
            A block, for `with`; or to be opened by `push` and closed by `pop`.

        Example:
            >>> from ddd_kit import Domain, current_domain
            >>> domain = Domain(name="Bookshop")
            >>> with domain.domain_context():
            ...     current_domain.name
            'Bookshop'
        """
        return DomainContext(self, values)

    @property
    def brokers(self) -> Brokers:
        """The message brokers inside the kernel, which bring messages from outside to the subscribers.

        Returns:
            Brokers by name, `default` first.

        Example:
            >>> from ddd_kit import Domain
            >>> Domain(name="Bookshop").brokers
            <Brokers of Bookshop: default>
        """
        return Brokers(self)

    def teardown_domain_context(self, callback: C) -> C:
        """Let a function run whenever a domain context ends.

        Args:
            callback: takes the error that ended it, or None.

        Returns:
            The function.
        """
        self.link.at_end_of_context[:] = [
            known for known in self.link.at_end_of_context if known.__name__ != callback.__name__
        ] + [callback]
        return callback

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
            if element.kind is Kind.PROJECTOR:
                self.registry.hears(element)
                self.registry.find(element.options["projector_for"], Kind.PROJECTION)


def _no_command(given: Any) -> str:
    if isinstance(given, type):
        return f"process({given.__name__}): give it an object, as in domain.process({given.__name__}(...))."
    what = (
        f"{given._schema.element} is an event, not a command"
        if isinstance(given, Message)
        else "that is no command"
    )
    return f"process({given!r}): {what}. Give it an object of a class that is decorated with @domain.command."


_FOREIGN = ("asynchronous", "priority", "correlation_id", "deadline", "timeout")


def _check_options(command: Message, options: Mapping[str, Any]) -> None:
    for option in options:
        if option not in _FOREIGN:
            known = (*_FOREIGN, "idempotency_key", "raise_on_duplicate")
            hint = did_you_mean(option, known) or f". It takes: {', '.join(known)}."
            raise IncorrectUsageError(f"process(..., {option}=...): there is no such option{hint}")
    deadline = options.get("deadline")
    if isinstance(deadline, dt.datetime) and deadline < dt.datetime.now(deadline.tzinfo):
        kind: Any = type(command)
        raise CommandExpiredError(
            f"{kind.__name__} was to be processed until {deadline}, which is over. Process it anew.",
            kind.__type__,
            deadline,
        )
