"""The decorators of messages: events and commands."""

from __future__ import annotations

from typing import Any, dataclass_transform, overload

from ddd_kit import fields
from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.declaring.declaring import Declaring, Decorator, T

_with_fields = dataclass_transform(kw_only_default=True, field_specifiers=fields.FIELD_FUNCTIONS)


class DeclaresMessages(Declaring):
    """Gives `@domain.event` and `@domain.command`."""

    @overload
    def event(self, cls: type[T], /) -> type[T]: ...
    @overload
    def event(self, /, *, part_of: type | str) -> Decorator[T]: ...
    @_with_fields
    def event(self, cls: Any = None, /, *, part_of: type | str | None = None, **options: Any) -> Any:
        """Make an event of a class: what happened to an aggregate, in the past tense (Vernon, ch. 8).

        Args:
            cls: the class, where the decorator is written without brackets.
            part_of: the aggregate that raises it, or its name; it has to be given.
            **options: none; here so that a mistyped one is named, with the closest.

        Returns:
            The class as it has to be used, or a decorator where no class is given.

        Raises:
            ConfigurationError: without `part_of`, for something that is no class, or an option or a field
                that cannot work.
            IncorrectUsageError: when the aggregate is of another domain, or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.event(part_of=Order)
            ... class OrderShipped:
            ...     quantity: int
            >>> OrderShipped(quantity="3").quantity
            3
        """
        return self._decorate(Kind.EVENT, cls, {"part_of": part_of, **options})

    @overload
    def command(self, cls: type[T], /) -> type[T]: ...
    @overload
    def command(self, /, *, part_of: type | str, stream_category: str | None = None) -> Decorator[T]: ...
    @_with_fields
    def command(
        self,
        cls: Any = None,
        /,
        *,
        part_of: type | str | None = None,
        stream_category: str | None = None,
        **options: Any,
    ) -> Any:
        """Make a command of a class: something to be done, in the imperative (EventStorming's blue sticky).

        Args:
            cls: the class, where the decorator is written without brackets.
            part_of: the aggregate that it is for, or its name; it has to be given.
            stream_category: the category that it is sent to; that of the aggregate when None.
            **options: none; here so that a mistyped one is named, with the closest.

        Returns:
            The class as it has to be used, or a decorator where no class is given.

        Raises:
            ConfigurationError: without `part_of`, for something that is no class, or an option or a field
                that cannot work.
            IncorrectUsageError: when the aggregate is of another domain, or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.command(part_of=Order)
            ... class PlaceOrder:
            ...     quantity: int = 1
            >>> PlaceOrder().quantity
            1
        """
        return self._decorate(
            Kind.COMMAND, cls, {"part_of": part_of, "stream_category": stream_category, **options}
        )
