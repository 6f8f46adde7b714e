"""The world that a test runs in: what is given happens in it, then what is tested."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ddd_kit.building_blocks.aggregate import NEVER_SAVED, Aggregate, set_events, set_version
from ddd_kit.building_blocks.message import Command, Event, raised_again, restore
from ddd_kit.engine.context import current_engine
from ddd_kit.engine.elsewhere import publish
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.fork import emptied
from ddd_kit.engine.model import name_of
from ddd_kit.engine.names import snake_case
from ddd_kit.engine.registry import Registered
from ddd_kit.engine.upcasting import revived
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entries import Entries
from ddd_kit.journal.entry import EVENT, HANDLED, KIND_AT, CommandEntry, HandledEntry

NOW = -1  # in the place of a step: where the domain stands


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of something that was tested.

    Attributes:
        did: what was done: a command, an event, an aggregate or a function.
        result: what the command's handler returned.
        error: what was raised, or None.
        entries: what the journal got of it.
        events: the events that it led to, in order.
        own: those of them that no handler raised.
        handled: whether the error is one of a handler, and not of what was done itself.
    """

    did: Any
    result: Any
    error: Exception | None
    entries: Entries
    events: tuple[Any, ...]
    own: tuple[Any, ...]
    handled: bool


def home_of(things: Iterable[Any]) -> Engine:
    """The domain that commands, events, aggregates or classes belong to.

    Args:
        things: any of them; those that belong to none are passed over.

    Returns:
        The domain of the first; the current one where none belongs to any.

    Raises:
        IncorrectUsageError: when there is no domain yet.
    """
    for thing in things:
        link = getattr(thing, "_link", None)
        if link is not None:
            engine: Engine = link.engine
            return engine.standing()
    return current_engine().standing()


class Stage:
    """A world of its own, of the same model; nothing that happens in it is seen outside of it.

    Args:
        engine: the domain.
        at: a step of its journal to begin at; 0 for an empty world, `NOW` for the present.
        handlers: whether event handlers run.

    Raises:
        IncorrectUsageError: when there is no such step, it is not kept any more, or nothing is recorded; or
            while a unit of work is open.

    Attributes:
        engine: the fork.
        identities: the identity that was told last, by the name of the aggregate.
        homeless: the names of aggregates whose events were given and rebuild nothing.
    """

    def __init__(self, engine: Engine, at: int, *, handlers: bool) -> None:
        with engine.lock:
            engine._check_idle("given")
            self.engine = emptied(engine) if at == 0 else engine.fork(None if at == NOW else at)
        self.engine.faults.clear()
        self.engine.pause_on(None)
        self.engine.config["journal"] = True
        self.engine.config["event_processing"] = "async"
        self._handlers = handlers
        self.identities: dict[str, Any] = {}
        self.homeless: set[str] = set()

    def give(self, fact: Any, target: type | None = None) -> None:
        """Let something have happened before the test; its deliveries wait for `settle`.

        Args:
            fact: an event, a command, an aggregate, or a function.
            target: the aggregate whose events they are; None for that which each is part of.

        Raises:
            IncorrectUsageError: for something else.
            Exception: what it raised, with a note.
        """
        __tracebackhide__ = True
        if not isinstance(fact, Event | Aggregate):  # a command may rest on what came of the facts before it
            self.settle()
        with _noting(f"what is given, {fact!r}"):
            self._perform(fact, None if target is None else name_of(target))

    def settle(self, only: str | None = None) -> None:
        """Make the deliveries of what was given.

        Args:
            only: the name of the one handler that hears of it; None for all.

        Raises:
            Exception: what a handler raised, with a note.
        """
        __tracebackhide__ = True
        waiting = self.engine.world.waiting
        if only is not None:
            mine = [delivery for delivery in waiting if delivery.handler == only]
            waiting.clear()
            waiting.extend(mine)
        if not self._handlers:
            return
        self.engine.config["event_processing"] = "sync"
        try:
            with _noting("a handler of what is given"):
                self.engine.deliver_all()
        finally:
            self.engine.config["event_processing"] = "async"

    def run(self, message: Any, **options: Any) -> Ran:
        """Do what is tested, and catch what it raises.

        Args:
            message: a command, an event, an aggregate, or a function.
            **options: for `process`.

        Returns:
            What came of it.

        Raises:
            IncorrectUsageError: for something that cannot be done.
        """
        _check(message)
        self.engine.config["event_processing"] = "sync" if self._handlers else "async"
        before = self.engine.journal.last_step
        result, error = None, None
        try:
            result = self._perform(message, None, **options)
        except Exception as caught:  # noqa: BLE001 - the test asks for it
            error = caught
        entries = self.engine.journal.between(before + 1, self.engine.journal.last_step)
        begins = isinstance(
            message, Event
        )  # an event that is done is no outcome, and only handlers raise more
        events = self.events_of(entries)[begins:]
        later = _later(entries)
        steps = [entry.step for entry in entries.of(kind="event")][begins:]
        own = [event for step, event in zip(steps, events, strict=True) if begins or step not in later]
        failed = any(isinstance(entry, CommandEntry) and entry.error for entry in entries)
        handled = any(isinstance(entry, HandledEntry) and entry.error for entry in entries) and not failed
        return Ran(message, result, error, entries, events, tuple(own), handled)

    def events_of(self, entries: Entries) -> tuple[Any, ...]:
        """The events among some entries, as objects of their newest classes."""
        registry = self.engine.registry
        return tuple(revived(registry, row) for _, row in entries.numbered_rows() if row[KIND_AT] == EVENT)

    def _perform(self, fact: Any, target: str | None, **options: Any) -> Any:
        __tracebackhide__ = True
        _check(fact)
        if isinstance(fact, Command):
            return self.engine.process(restore(type(fact), dict(fact.__dict__), None), **options)
        if isinstance(fact, Event):
            return self._happen(fact, target)
        if isinstance(fact, Aggregate):
            return self.engine.repository_for(type(fact)).add(_copied(fact))
        with self.engine.domain_context():
            return fact(self.engine) if fact.__code__.co_argcount else fact()

    def _happen(self, event: Event, target: str | None) -> None:
        __tracebackhide__ = True
        registry = self.engine.registry
        owner = registry.find(target) if target else registry.owner(registry.find(event._schema.element))
        sourced = owner.options.get("event_sourced")
        identity = self._identity(event, owner, sourced=bool(sourced))
        self.identities[owner.name] = identity
        if not sourced:
            if identity not in self.engine.world.stores[owner.name].rows:
                self.homeless.add(owner.name)
            publish(self.engine, event, owner, identity)
            return
        repository: Any = self.engine.repository_for(owner.name)
        aggregate: Any = repository.get_or_none(identity)
        if aggregate is None:
            cls: Any = owner.cls
            aggregate = cls._create_new(**{cls._schema.identity: identity})
        aggregate.raise_(raised_again(event))
        repository.add(aggregate)

    def _identity(self, event: Event, owner: Registered, *, sourced: bool) -> Any:
        """Whose event it is: what it says itself, or else the aggregate that the one before it was of."""
        cls: Any = owner.cls
        own, known = cls._schema.identity, self.identities.get(owner.name)
        held = {name: value for name, value in event.__dict__.items() if value is not None}
        marked = [name for name in held if event._schema.fields[name].identifier]
        short = snake_case(owner.name)
        for name in (own, f"{short}_id", short, *marked):
            if name in held:
                return cls._schema.checks[own](held[name])
        if known is None and sourced:
            known = cls.from_events([raised_again(event)])._identity
        return self.engine.link.new_identity() if known is None else known


@contextmanager
def _noting(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        error.add_note(f"This was raised by {what}: the test did not come to its `when`.")
        raise


def _later(entries: Entries) -> set[int]:
    """The steps that came of the deliveries among some entries."""
    steps: set[int] = set()
    for entry in entries:
        if entry.kind == HANDLED or entry.cause in steps:
            steps.add(entry.step)
    return steps


def _copied(aggregate: Aggregate) -> Aggregate:
    """The same as a new one, so that the one of the user stays as it is."""
    twin = aggregate.__copy__()
    raised = list(twin._events)
    set_version(twin, NEVER_SAVED)
    set_events(twin, [])
    for event in raised:
        Aggregate.raise_(twin, raised_again(event))
    return twin


def _check(fact: Any) -> None:
    if isinstance(fact, Command | Event | Aggregate):
        return
    if isinstance(fact, type):
        name = fact.__name__
        raise IncorrectUsageError(f"{name} is a class: give an object of it, as in {name}(...).")
    if not isinstance(fact, Callable) or not hasattr(fact, "__code__"):  # type: ignore[arg-type]
        raise IncorrectUsageError(
            f"{fact!r} is nothing that can happen: give events, commands, aggregates or a function."
        )
