"""The decorators of what goes beyond one aggregate: process managers and subscribers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, dataclass_transform, overload

from ddd_kit import fields
from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.declaring.declaring import Declaring, Decorator, T

_with_fields = dataclass_transform(kw_only_default=True, field_specifiers=fields.FIELD_FUNCTIONS)
_Errors = type[Exception] | tuple[type[Exception], ...] | list[type[Exception]]


class DeclaresProcesses(Declaring):
    """Gives `@domain.process_manager` and `@domain.subscriber`."""

    @overload
    def process_manager(self, cls: type[T], /) -> type[T]: ...
    @overload
    def process_manager(
        self,
        /,
        *,
        stream_categories: Sequence[str] = (),
        aggregates: Sequence[type | str] = (),
        stream_category: str | None = None,
        retries: int = 0,
        retry_exceptions: _Errors = ...,
        **options: Any,
    ) -> Decorator[T]: ...
    @_with_fields
    def process_manager(self, cls: Any = None, /, **options: Any) -> Any:
        """Make a process manager of a class: it hears events of several aggregates, and sends commands.

        Its methods bear `@handle(OrderPlaced, start=True, correlate="order_id")`: an event with `start=True`
        begins a process where there is none of that value yet; with `end=True` the process is complete
        after it, as it is after `self.mark_as_complete()`. An event of a process that has not begun, or is
        complete, is skipped, and the journal says why.

        Args:
            cls: the class, where the decorator is written without brackets.
            **options: `aggregates`: those whose events it hears, or their names; or `stream_categories`: the
                categories that it hears; without both, those of the events that its methods take.
                `stream_category`: its own name among the streams. `retries` and `retry_exceptions`: how
                often a method that fails is tried again, and after which errors.

        Returns:
            The class as it has to be used, or a decorator where no class is given.

        Raises:
            ConfigurationError: for something that is no class, an option or a field that cannot work, a
                method without `correlate`, or when no method has `start=True`.
            IncorrectUsageError: when an aggregate or an event is of another domain, or in the past.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.event(part_of=Order)
            ... class OrderPlaced:
            ...     order_id: str
            >>> @domain.process_manager(aggregates=[Order])
            ... class Fulfilment:
            ...     status: str = "new"
            ...     @handle(OrderPlaced, start=True, correlate="order_id")
            ...     def on_placed(self, event):
            ...         self.status = "awaiting payment"
        """
        return self._decorate(Kind.PROCESS_MANAGER, cls, options)

    def subscriber(
        self,
        cls: Any = None,
        /,
        *,
        stream: str | None = None,
        broker: str = "default",
        retries: int = 0,
        retry_exceptions: _Errors = (Exception,),
        **options: Any,
    ) -> Any:
        """Make a subscriber of a class: it is called with the messages that a broker brings on a stream.

        It says in the words of this domain what a message from outside means, as a rule by a command (Evans,
        ch. 14: anticorruption layer). It may offer `handle_error(cls, exc, payload)`, as handlers do.

        Args:
            cls: the class, where the decorator is written without brackets.
            stream: the name of the stream; it has to be given.
            broker: the name of the broker that it is on, see `domain.brokers`.
            retries: how often a call that fails is tried again, 0 or more.
            retry_exceptions: after which errors: an exception class, or a tuple or list of them.
            **options: none; here so that a mistyped one is named, with the closest.

        Returns:
            The class, or a decorator where no class is given.

        Raises:
            ConfigurationError: without `stream`, for something that is no class, an option that cannot work,
                or a class that cannot be called with a message.
            IncorrectUsageError: in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.subscriber(stream="payments")
            ... class HearPayments:
            ...     def __call__(self, payload):
            ...         print("paid", payload["amount"])
            >>> domain.brokers.publish("payments", {"amount": 7})
            paid 7
            'payments-default-0'
        """
        own = {"stream": stream, "broker": broker, "retries": retries, "retry_exceptions": retry_exceptions}
        return self._decorate(Kind.SUBSCRIBER, cls, {**own, **options})
