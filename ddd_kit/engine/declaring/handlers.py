"""The decorators of what takes messages: event handlers and command handlers."""

from __future__ import annotations

from typing import Any, overload

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.declaring.declaring import Declaring, Decorator, T


class DeclaresHandlers(Declaring):
    """Gives `@domain.event_handler` and `@domain.command_handler`."""

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
    def event_handler(
        self,
        cls: Any = None,
        /,
        *,
        part_of: type | str | None = None,
        stream_category: str | None = None,
        source_stream: str | None = None,
        retries: int = 0,
        retry_exceptions: type[Exception] | tuple[type[Exception], ...] | list[type[Exception]] = (
            Exception,
        ),
        **options: Any,
    ) -> Any:
        """Make an event handler of a class whose methods bear `@handle(Event)` (EventStorming's policy).

        Args:
            cls: the class, where the decorator is written without brackets.
            part_of: the aggregate whose state it keeps in step, or its name; may be left out where
                `stream_category` is given.
            stream_category: the category that it listens to; `"$all"` for every one; that of the aggregate
                when None.
            source_stream: the category that the event's cause has to be of; None for any cause.
            retries: how often a method that fails is tried again, 0 or more.
            retry_exceptions: after which errors: an exception class, or a tuple or list of them.
            **options: none; here so that a mistyped one is named, with the closest.

        Returns:
            The class, or a decorator where no class is given.

        Raises:
            ConfigurationError: without both `part_of` and `stream_category`, for something that is no class,
                an option that cannot work, an `@handle` of no event, or a method that cannot run to its end,
                as an async one.
            IncorrectUsageError: when the aggregate or an event is of another domain, or in the past.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory: ...
            >>> @domain.event_handler(part_of=Inventory, stream_category="order", retries=2)
            ... class ManageInventory:
            ...     @handle("OrderShipped")
            ...     def reduce_stock_level(self, event): ...
        """
        own = {
            "part_of": part_of,
            "stream_category": stream_category,
            "source_stream": source_stream,
            "retries": retries,
            "retry_exceptions": retry_exceptions,
        }
        return self._decorate(Kind.EVENT_HANDLER, cls, {**own, **options})

    @overload
    def command_handler(self, cls: type[T], /) -> type[T]: ...
    @overload
    def command_handler(self, /, *, part_of: type | str) -> Decorator[T]: ...
    def command_handler(
        self, cls: Any = None, /, *, part_of: type | str | None = None, **options: Any
    ) -> Any:
        """Make a command handler of a class whose methods bear `@handle(Command)` (Vernon, ch. 4).

        Args:
            cls: the class, where the decorator is written without brackets.
            part_of: the aggregate whose commands it takes, or its name; it has to be given.
            **options: none; here so that a mistyped one is named, with the closest.

        Returns:
            The class, or a decorator where no class is given.

        Raises:
            ConfigurationError: without `part_of`, for something that is no class, an option that cannot work,
                an `@handle` of no command, a method that cannot run to its end, as an async one, or when
                another handler takes the same command: a command has one handler.
            IncorrectUsageError: when the aggregate or a command is of another domain, or in the past.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.command_handler(part_of=Order)
            ... class ManageOrder:
            ...     @handle("PlaceOrder")
            ...     def place(self, command): ...
        """
        return self._decorate(Kind.COMMAND_HANDLER, cls, {"part_of": part_of, **options})
