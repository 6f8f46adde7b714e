"""Delivering by hand: what waits, one delivery or all of them, and breakpoints."""

from __future__ import annotations

from ddd_kit.engine.delivery import Waiting
from ddd_kit.engine.dispatcher import deliver, deliver_all
from ddd_kit.engine.sourced import Sourced
from ddd_kit.exceptions import IncorrectUsageError


class Delivering(Sourced):
    """A run whose deliveries can be held, seen and made one by one."""

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
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop", config={"event_processing": "async"})
            >>> @domain.subscriber(stream="payments")
            ... class HearPayments:
            ...     def __call__(self, payload):
            ...         print("paid", payload["amount"])
            >>> published = domain.brokers.publish("payments", {"amount": 7})
            >>> domain.deliver(0)
            paid 7
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
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop", config={"event_processing": "async"})
            >>> @domain.subscriber(stream="payments")
            ... class HearPayments:
            ...     def __call__(self, payload):
            ...         print("paid", payload["amount"])
            >>> published = domain.brokers.publish("payments", {"amount": 7})
            >>> domain.deliver_all()
            paid 7
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
