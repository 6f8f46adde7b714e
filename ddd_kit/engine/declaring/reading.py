"""The decorators of what is there for reading: projections, projectors, queries and query handlers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, dataclass_transform, overload

from ddd_kit import fields
from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.declaring.declaring import Declaring, Decorator, T

_with_fields = dataclass_transform(kw_only_default=True, field_specifiers=fields.FIELD_FUNCTIONS)


class DeclaresReading(Declaring):
    """Gives `@domain.projection`, `@domain.projector`, `@domain.query` and `@domain.query_handler`."""

    @overload
    def projection(self, cls: type[T], /) -> type[T]: ...
    @overload
    def projection(self, /, *, order_by: str | Sequence[str] = (), **options: Any) -> Decorator[T]: ...
    @_with_fields
    def projection(self, cls: Any = None, /, *, order_by: str | Sequence[str] = (), **options: Any) -> Any:
        """Make a projection of a class: a stored read model, which projectors keep up (Vernon, ch. 4).

        Args:
            cls: the class, where the decorator is written without brackets.
            order_by: the fields by which queries sort where they name none, `"-placed_at"` from the largest.
            **options: `externally_populated=True` where no projector of this domain keeps it up; those of
                Protean's databases are accepted, others are refused.

        Returns:
            The class as it has to be used, or a decorator where no class is given.

        Raises:
            ConfigurationError: for something that is no class, a class of which no field is the identity, a
                field that holds entities, or an option or a field that cannot work.
            IncorrectUsageError: in the past, which cannot be changed.

        Example:
            >>> from ddd_kit import Domain
            >>> from ddd_kit.fields import Identifier
            >>> domain = Domain(name="Bookshop")
            >>> @domain.projection
            ... class OrderList:
            ...     order_id = Identifier(identifier=True)
            ...     status: str = "placed"
            >>> orders = domain.repository_for(OrderList)
            >>> orders.add(OrderList(order_id="o-1")).status
            'placed'
        """
        return self._decorate(Kind.PROJECTION, cls, {"order_by": order_by, **options})

    @overload
    def projector(self, cls: type[T], /) -> type[T]: ...
    @overload
    def projector(
        self,
        /,
        *,
        projector_for: type | str,
        aggregates: Sequence[type | str] = (),
        stream_categories: Sequence[str] = (),
        retries: int | None = 0,
        retry_exceptions: Any = ...,
        **options: Any,
    ) -> Decorator[T]: ...
    def projector(
        self,
        cls: Any = None,
        /,
        *,
        projector_for: type | str | None = None,
        aggregates: Sequence[type | str] = (),
        stream_categories: Sequence[str] = (),
        **options: Any,
    ) -> Any:
        """Make a projector of a class whose methods bear `@on(Event)`: it keeps a projection up.

        Args:
            cls: the class, where the decorator is written without brackets.
            projector_for: the projection, or its name; it has to be given.
            aggregates: those whose events it hears, or their names.
            stream_categories: the categories that it hears instead, `"$all"` for every one; this or
                `aggregates` has to be given.
            **options: `retries` and `retry_exceptions` as for event handlers; those of Protean's servers are
                accepted, others are refused.

        Returns:
            The class, or a decorator where no class is given.

        Raises:
            ConfigurationError: without `projector_for`, without anything to hear, for something that is no
                class, an option that cannot work, an `@on` of no event, or a method that cannot run to its
                end, as an async one.
            IncorrectUsageError: when an aggregate or an event is of another domain, or in the past.

        Example:
            >>> from ddd_kit import Domain, on
            >>> domain = Domain(name="Bookshop")
            >>> @domain.projector(projector_for="OrderList", aggregates=["Order"])
            ... class OrderListProjector:
            ...     @on("OrderShipped")
            ...     def mark_as_shipped(self, event): ...
        """
        own = {
            "projector_for": projector_for,
            "aggregates": aggregates,
            "stream_categories": stream_categories,
        }
        return self._decorate(Kind.PROJECTOR, cls, {**own, **options})

    @overload
    def query(self, cls: type[T], /) -> type[T]: ...
    @overload
    def query(self, /, *, part_of: type | str, **options: Any) -> Decorator[T]: ...
    @_with_fields
    def query(self, cls: Any = None, /, *, part_of: type | str | None = None, **options: Any) -> Any:
        """Make a query of a class: a question to a projection, which `domain.dispatch` gets answered.

        Args:
            cls: the class, where the decorator is written without brackets.
            part_of: the projection that it is asked of, or its name; it has to be given.
            **options: none; here so that a mistyped one is named, with the closest.

        Returns:
            The class as it has to be used, or a decorator where no class is given.

        Raises:
            ConfigurationError: without `part_of`, for something that is no class, or an option or a field
                that cannot work.
            IncorrectUsageError: when the projection is of another domain, or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.query(part_of="OrderList")
            ... class OrdersOfStatus:
            ...     status: str = "placed"
            >>> OrdersOfStatus()
            OrdersOfStatus(status='placed')
        """
        return self._decorate(Kind.QUERY, cls, {"part_of": part_of, **options})

    @overload
    def query_handler(self, cls: type[T], /) -> type[T]: ...
    @overload
    def query_handler(self, /, *, part_of: type | str, **options: Any) -> Decorator[T]: ...
    def query_handler(self, cls: Any = None, /, *, part_of: type | str | None = None, **options: Any) -> Any:
        """Make a query handler of a class whose methods bear `@read(Query)`; they only read.

        Args:
            cls: the class, where the decorator is written without brackets.
            part_of: the projection whose queries it answers, or its name; it has to be given.
            **options: none; here so that a mistyped one is named, with the closest.

        Returns:
            The class, or a decorator where no class is given.

        Raises:
            ConfigurationError: without `part_of`, for something that is no class, an option that cannot work,
                a `@read` of no query, a method that cannot run to its end, as an async one, or when another
                handler answers the same query.
            IncorrectUsageError: when the projection or a query is of another domain, or in the past.

        Example:
            >>> from ddd_kit import Domain, read
            >>> domain = Domain(name="Bookshop")
            >>> @domain.query_handler(part_of="OrderList")
            ... class OrderQueries:
            ...     @read("OrdersOfStatus")
            ...     def of_status(self, query): ...
        """
        return self._decorate(Kind.QUERY_HANDLER, cls, {"part_of": part_of, **options})
