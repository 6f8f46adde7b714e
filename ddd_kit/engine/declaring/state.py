"""The decorators of what has a state: aggregates, entities, value objects."""

from __future__ import annotations

from typing import Any, dataclass_transform, overload

from ddd_kit import fields
from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.declaring.declaring import Declaring, Decorator, T

_with_fields = dataclass_transform(kw_only_default=True, field_specifiers=fields.FIELD_FUNCTIONS)


class DeclaresState(Declaring):
    """Gives `@domain.aggregate`, `@domain.entity` and `@domain.value_object`."""

    @overload
    def aggregate(self, cls: type[T], /) -> type[T]: ...
    @overload
    def aggregate(
        self,
        /,
        *,
        stream_category: str | None = None,
        event_sourced: bool = False,
        fact_events: bool = False,
        **options: Any,
    ) -> Decorator[T]: ...
    @_with_fields
    def aggregate(self, cls: Any = None, /, *, stream_category: str | None = None, **options: Any) -> Any:
        """Make an aggregate of a class: state that changes as a whole, under one identity (Evans, ch. 6).

        Its annotations and `ddd_kit.fields` become fields; `id` is added where none is an identity.

        Args:
            cls: the class, where the decorator is written without brackets.
            stream_category: the category of its stream; its name in snake case when None.
            **options: none; here so that a mistyped one is named, with the closest.

        Returns:
            The class as it has to be used, or a decorator where no class is given.

        Raises:
            ConfigurationError: for something that is no class, or an option or a field that cannot work.
            IncorrectUsageError: in the past, which cannot be changed.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate(stream_category="stock")
            ... class Inventory:
            ...     in_stock: int = 0
            >>> Inventory(in_stock="5").in_stock
            5
        """
        return self._decorate(Kind.AGGREGATE, cls, {"stream_category": stream_category, **options})

    @overload
    def entity(self, cls: type[T], /) -> type[T]: ...
    @overload
    def entity(self, /, *, part_of: type | str, **options: Any) -> Decorator[T]: ...
    @_with_fields
    def entity(self, cls: Any = None, /, *, part_of: type | str | None = None, **options: Any) -> Any:
        """Make an entity of a class: a part of an aggregate that has an identity of its own (Evans, ch. 5).

        The aggregate holds it in a field `HasOne` or `HasMany`; `id` is added where no field is an identity.

        Args:
            cls: the class, where the decorator is written without brackets.
            part_of: the aggregate or the entity that holds it, or its name; it has to be given.
            **options: none of ours; those of Protean's databases are accepted, others are refused.

        Returns:
            The class as it has to be used, or a decorator where no class is given.

        Raises:
            ConfigurationError: without `part_of`, for something that is no class, or an option or a field
                that cannot work.
            IncorrectUsageError: when the aggregate is of another domain, or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> from ddd_kit.fields import HasMany
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     items = HasMany("OrderItem")
            >>> @domain.entity(part_of=Order)
            ... class OrderItem:
            ...     sku: str
            >>> order = Order()
            >>> order.add_items([OrderItem(sku="A"), OrderItem(sku="B")])
            >>> [item.sku for item in order.items]
            ['A', 'B']
        """
        return self._decorate(Kind.ENTITY, cls, {"part_of": part_of, **options})

    @overload
    def value_object(self, cls: type[T], /) -> type[T]: ...
    @overload
    def value_object(self, /, *, part_of: type | str | None = None, **options: Any) -> Decorator[T]: ...
    @_with_fields
    def value_object(self, cls: Any = None, /, *, part_of: type | str | None = None, **options: Any) -> Any:
        """Make a value object of a class: it is what its values are, and never changes (Evans, ch. 5).

        Args:
            cls: the class, where the decorator is written without brackets.
            part_of: the aggregate or the entity that it belongs to, or its name; None where it is for all.
            **options: none; here so that a mistyped one is named, with the closest.

        Returns:
            The class as it has to be used, or a decorator where no class is given.

        Raises:
            ConfigurationError: for something that is no class, or an option or a field that cannot work.
            IncorrectUsageError: when the aggregate is of another domain, or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> from ddd_kit.fields import ValueObject
            >>> domain = Domain(name="Bookshop")
            >>> @domain.value_object
            ... class Money:
            ...     amount: int
            ...     currency: str = "EUR"
            >>> @domain.aggregate
            ... class Book:
            ...     price = ValueObject(Money)
            >>> Book(price=Money(amount=5), id="b-1").to_dict()
            {'price': {'amount': 5, 'currency': 'EUR'}, 'id': 'b-1'}
        """
        return self._decorate(Kind.VALUE_OBJECT, cls, {"part_of": part_of, **options})
