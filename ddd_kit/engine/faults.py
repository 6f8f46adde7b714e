"""What message brokers do to deliveries now and then, done on purpose; and where deliveries are held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any, NoReturn

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.batch import note
from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.fault import DELAY, DROP, FAIL, SHUFFLE, TWICE, Fault
from ddd_kit.engine.registry import LISTENERS
from ddd_kit.exceptions import IncorrectUsageError, InjectedFaultError
from ddd_kit.journal.entry import CHAIN_AT, EVENT, FAULT, Row, place
from ddd_kit.journal.origin import current_origin

if TYPE_CHECKING:
    from ddd_kit.engine.model import Model
    from ddd_kit.engine.registry import Registered

_TYPE = place(EVENT, "type")


class Faults:
    """The faults of a domain; `domain.faults` alone in a cell shows those that are switched on.

    Message brokers deliver at least once, late and out of order (Hohpe and Woolf, "Enterprise Integration
    Patterns": idempotent receiver, resequencer). A fault does so to the deliveries of an event, of a handler
    or of both; without a chance to all of them, and with one as a seeded generator says, so that a run can be
    repeated. The journal tells of each as injected. `fail` takes effect when a delivery is made; the others
    when the event is saved, so that they do nothing to deliveries that wait already. A fault that is asked
    for again, of the same kind for the same event and handler, replaces the older one. Faults stay through
    `domain.reset()`, which lets their chances begin anew.

    Args:
        engine: the domain.

    Attributes:
        breakpoints: names of the events at which deliveries begin to be held; see `domain.pause_on`.
        active: whether there is any fault or breakpoint.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> domain.faults
        No fault is switched on.
    """

    __slots__ = ("_engine", "_faults", "active", "breakpoints")

    def __init__(self, engine: Model) -> None:
        self._engine = engine
        self._faults: dict[int, Fault] = {}
        self.breakpoints: tuple[str, ...] = ()
        self.active = False

    def deliver_twice(
        self,
        event: type | str | None = None,
        handler: type | str | None = None,
        *,
        chance: float = 1.0,
        seed: int | None = None,
    ) -> Fault:
        """Let an event reach a handler's method a second time, right after the first.

        Args:
            event: the class or name of the event; None for every one.
            handler: the class or name of the event handler; None for every one.
            chance: how likely it happens to a delivery, above 0 and up to 1.
            seed: a whole number that its chances begin with; None for one that the domain's seed gives.

        Returns:
            The fault, with the number that `remove` takes.

        Raises:
            IncorrectUsageError: when there is no such event or handler, for another chance or seed, or in
                the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.event(part_of="Order")
            ... class OrderShipped: ...
            >>> domain.faults.deliver_twice(OrderShipped)
            1  delivered twice: OrderShipped -> any handler
        """
        return self._switch_on(TWICE, (event, handler), (chance, 1, seed))

    def drop(
        self,
        event: type | str | None = None,
        handler: type | str | None = None,
        *,
        chance: float = 1.0,
        seed: int | None = None,
    ) -> Fault:
        """Let an event never reach a handler's method.

        Args:
            event: the class or name of the event; None for every one.
            handler: the class or name of the event handler; None for every one.
            chance: how likely it happens to a delivery, above 0 and up to 1.
            seed: a whole number that its chances begin with; None for one that the domain's seed gives.

        Returns:
            The fault, with the number that `remove` takes.

        Raises:
            IncorrectUsageError: when there is no such event or handler, for another chance or seed, or in
                the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> domain.faults.drop(chance=0.5, seed=7)
            1  dropped: any event -> any handler, chance 0.5, seed 7
        """
        return self._switch_on(DROP, (event, handler), (chance, 1, seed))

    def delay(
        self,
        by: int = 1,
        event: type | str | None = None,
        handler: type | str | None = None,
        *,
        chance: float = 1.0,
        seed: int | None = None,
    ) -> Fault:
        """Let other deliveries overtake one; where none is left, it is made all the same.

        Args:
            by: how many deliveries overtake it, 1 or more.
            event: the class or name of the event; None for every one.
            handler: the class or name of the event handler; None for every one.
            chance: how likely it happens to a delivery, above 0 and up to 1.
            seed: a whole number that its chances begin with; None for one that the domain's seed gives.

        Returns:
            The fault, with the number that `remove` takes.

        Raises:
            IncorrectUsageError: when there is no such event or handler, for another number, chance or seed,
                or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> domain.faults.delay(by=2)
            1  delayed by 2 deliveries: any event -> any handler
        """
        return self._switch_on(DELAY, (event, handler), (chance, by, seed))

    def shuffle(
        self,
        event: type | str | None = None,
        handler: type | str | None = None,
        *,
        chance: float = 1.0,
        seed: int | None = None,
    ) -> Fault:
        """Let the deliveries of one unit of work change places with each other.

        Args:
            event: the class or name of the event; None for every one.
            handler: the class or name of the event handler; None for every one.
            chance: how likely it happens to a unit of work with several such deliveries, above 0 and up to 1.
            seed: a whole number that order and chances begin with; None for one that the domain's seed gives.

        Returns:
            The fault, with the number that `remove` takes.

        Raises:
            IncorrectUsageError: when there is no such event or handler, for another chance or seed, or in
                the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> domain.faults.shuffle(seed=7)
            1  out of order: any event -> any handler, seed 7
        """
        return self._switch_on(SHUFFLE, (event, handler), (chance, 1, seed))

    def fail(
        self,
        times: int = 1,
        event: type | str | None = None,
        handler: type | str | None = None,
        *,
        chance: float = 1.0,
        seed: int | None = None,
    ) -> Fault:
        """Let the first attempts to make a delivery fail, before the handler's method runs.

        What becomes of it is what becomes of any failure: retries, `handle_error`, or, in hold mode, a
        delivery that goes on waiting.

        Args:
            times: how many attempts to make each delivery fail, 1 or more.
            event: the class or name of the event; None for every one.
            handler: the class or name of the event handler; None for every one.
            chance: how likely it happens to a delivery, above 0 and up to 1.
            seed: a whole number that its chances begin with; None for one that the domain's seed gives.

        Returns:
            The fault, with the number that `remove` takes.

        Raises:
            IncorrectUsageError: when there is no such event or handler, for another number, chance or seed,
                or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> domain.faults.fail(times=2)
            1  fails the first 2 times: any event -> any handler
        """
        return self._switch_on(FAIL, (event, handler), (chance, times, seed))

    def remove(self, number: int) -> None:
        """Switch a fault off.

        Args:
            number: its number, as `domain.faults` shows it.

        Raises:
            IncorrectUsageError: when there is no such fault, or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> domain.faults.drop().number
            1
            >>> domain.faults.remove(1)
            >>> domain.faults
            No fault is switched on.
        """
        with self._engine.lock:
            self._engine.open_world()
            if number not in self._faults:
                there = f"there are {', '.join(map(str, self._faults))}" if self._faults else "none is on"
                raise IncorrectUsageError(f"faults.remove({number!r}): there is no such fault, {there}.")
            self._hold({n: fault for n, fault in self._faults.items() if n != number}, self.breakpoints)

    def clear(self) -> None:
        """Switch all faults off; what was delayed or doubled already goes its way.

        Raises:
            IncorrectUsageError: in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> domain.faults.drop().number
            1
            >>> domain.faults.clear()
            >>> domain.faults
            No fault is switched on.
        """
        with self._engine.lock:
            self._engine.open_world()
            self._hold({}, self.breakpoints)

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults.values()))

    def __len__(self) -> int:
        return len(self._faults)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self)) or "No fault is switched on."

    def _switch_on(
        self, kind: str, targets: tuple[Any, Any], amounts: tuple[float, int, int | None]
    ) -> Fault:
        engine, (chance, count, seed) = self._engine, amounts
        with engine.lock:
            engine.open_world()
            event, handler = (
                None if given is None else _name(engine, given, *kinds)
                for given, kinds in zip(targets, ((Kind.EVENT,), LISTENERS), strict=True)
            )
            _check(kind, chance, count, seed)
            same = (f.number for f in self if (f.kind, f.event, f.handler) == (kind, event, handler))
            number = next(same, max(self._faults, default=0) + 1)
            fault = Fault(number, kind, event, handler, chance, count, seed, engine.seed)
            self._hold({**self._faults, number: fault}, self.breakpoints)
        return fault

    def _hold(self, faults: dict[int, Fault], breakpoints: tuple[str, ...]) -> None:
        self._faults, self.breakpoints = faults, breakpoints
        self.active = bool(faults or breakpoints)
        if self.active:
            self._engine.registry.disturbed = True

    # For the engine

    def pause_on(self, events: Iterable[type | str | None]) -> tuple[str, ...]:
        """Add breakpoints, or take all away; see `domain.pause_on`.

        Args:
            events: classes or names; None takes those away that were there before.

        Returns:
            The names of all that are there now.

        Raises:
            IncorrectUsageError: when there is no such event, or in the past.
        """
        engine = self._engine
        with engine.lock:
            engine.open_world()
            names = self.breakpoints
            for event in events:
                names = () if event is None else (*names, _name(engine, event, Kind.EVENT))
            self._hold(self._faults, tuple(dict.fromkeys(names)))
        return self.breakpoints

    def begin_anew(self) -> None:
        """Let all chances repeat, as in a run from the start."""
        for fault in self:
            fault.begin_anew()

    def go_back(self, step: int) -> None:
        """Take back the chances of what happened after a step.

        Args:
            step: the last one that stays.
        """
        for fault in self:
            fault.go_back(step)

    def copied(self, engine: Model, twins: Mapping[Delivery, Delivery] | None = None) -> Faults:
        """The same faults and breakpoints for another domain, as a fork; chances go on as they would here.

        Args:
            engine: the other domain, with the same definitions.
            twins: its deliveries that stand for some of this one; none when None.

        Returns:
            Faults that share nothing that can change.
        """
        twin = Faults(engine)
        faults = {number: fault.copied(twins or {}) for number, fault in self._faults.items()}
        twin._hold(faults, self.breakpoints)
        return twin

    def interfere(
        self, events: list[tuple[int, Row]], queued: list[Delivery], rows: list[Row], first_step: int
    ) -> list[Delivery]:
        """What becomes of the deliveries of a unit of work; the lock is held.

        Args:
            events: the events that are saved with it, as pairs of a step and a row.
            queued: the deliveries that they lead to.
            rows: what the journal gets; faults that take effect are put at its end.
            first_step: the step of the first of these rows.

        Returns:
            The deliveries that wait instead.
        """
        config = self._engine.config
        if any(row[_TYPE] in self.breakpoints for _, row in events):
            config["event_processing"] = "async"
        for fault in self._faults.values():
            queued, struck = fault.at(first_step).change(queued)
            if config["journal"]:
                rows += [self._row(first_step + len(rows) + n, *each) for n, each in enumerate(struck)]
        return queued

    def break_handler(self, handler: Registered, delivery: Delivery) -> Registered:
        """Let an attempt fail, if a fault says so, and note it in the journal; the lock is held.

        Args:
            handler: who is to take the delivery.
            delivery: what is about to be made.

        Returns:
            The handler; or one of which no instance can be made.
        """
        world = self._engine.world
        for fault in self._faults.values():
            failure = fault.at(world.journal.last_step + 1).failure(delivery)
            if failure is not None:
                error, which = failure
                step = world.journal.last_step + 1
                rows = [self._row(step, delivery, FAIL, which)] if self._engine.config["journal"] else []
                world.apply(note(rows, step))
                return _broken(handler, error)
        return handler

    def forget(self, delivery: Delivery) -> None:
        """Keep no count of a delivery that does not wait any more."""
        for fault in self._faults.values():
            fault.forget(delivery)

    def _row(self, step: int, delivery: Delivery, fault: str, detail: str) -> Row:
        where = (current_origin.get().label, self._engine.world.now())
        return (FAULT, delivery.step, delivery.row[CHAIN_AT] or step, *where, fault, *delivery.names, detail)


def _broken(handler: Registered, error: InjectedFaultError) -> Registered:
    def fail() -> NoReturn:
        __tracebackhide__ = True
        raise error

    broken = copy(handler)
    broken.instance = fail
    return broken


def _name(engine: Model, given: Any, *kinds: Kind) -> str:
    if not isinstance(given, type | str):
        raise IncorrectUsageError(f"{given!r} is no {kinds[0].value}: give its class, or the name of that.")
    if isinstance(given, type):
        engine.refuse_foreign(given)
    name = getattr(given, "__name__", given)
    return engine.registry.find(str(name), *kinds).name


def _check(kind: str, chance: Any, count: Any, seed: Any) -> None:
    what = f"faults.{kind}"
    if isinstance(chance, bool) or not isinstance(chance, int | float) or not 0 < chance <= 1:
        raise IncorrectUsageError(f"{what}(chance={chance!r}): it is a number above 0 and up to 1.")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        named = "by" if kind == DELAY else "times"
        raise IncorrectUsageError(f"{what}({named}={count!r}): it is a whole number, 1 or more.")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise IncorrectUsageError(f"{what}(seed={seed!r}): it is a whole number, or None.")
