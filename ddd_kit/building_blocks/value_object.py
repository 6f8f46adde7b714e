"""Value objects: what matters of them is what they are, not which they are (Evans, ch. 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from pydantic_core import ValidationError as PydanticError

from ddd_kit.building_blocks.element import Element, merged, set_values
from ddd_kit.building_blocks.invariants import NO_RULES, Rules, broken_rules, refusal
from ddd_kit.exceptions import IncorrectUsageError, did_you_mean


def value_object_from_entity(entity: type, name: str | None = None, exclude: Iterable[str] = ()) -> type:
    """A class of value objects with the fields of an entity, to be sent with commands and events.

    Args:
        entity: its class.
        name: of the new class; that of the entity with `ValueObject` when None.
        exclude: fields that it does not get.

    Returns:
        The class; `OrderItem.from_value_object` is the way back.

    Raises:
        IncorrectUsageError: when it is no entity.

    Example:
        >>> from ddd_kit import Domain, value_object_from_entity
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> @domain.entity(part_of=Order)
        ... class OrderItem:
        ...     sku: str
        >>> value_object_from_entity(OrderItem)(sku="A").sku
        'A'
    """
    link = getattr(entity, "_link", None)
    if link is None or not hasattr(entity, "_schema"):
        raise IncorrectUsageError(f"value_object_from_entity({entity!r}): give it a class that is an entity.")
    made: type = link.value_object_of(entity, name, exclude)
    return made


class ValueObject(Element):
    """What the classes given to `@domain.value_object` become: compared by value, never changed.

    Args:
        *templates: dictionaries with values in common.
        **values: values by field name.

    Raises:
        ValidationError: when a value is missing, unknown or not accepted, or an invariant does not hold.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.value_object
        ... class Money:
        ...     amount: int
        ...     currency: str = "EUR"
        >>> Money(amount=5) == Money(amount=5, currency="EUR")
        True
        >>> Money(amount=5).replace(amount=6)
        <Money: Money object ({'amount': 6, 'currency': 'EUR'})>
    """

    __slots__ = ()
    _is_value: ClassVar[bool] = True
    _rules: ClassVar[Rules] = NO_RULES

    def __init__(self, *templates: dict[str, Any], **values: Any) -> None:
        __tracebackhide__ = True
        if templates:
            values = merged(type(self).__name__, templates, values)
        try:
            set_values(self, self._schema.check(values))
        except PydanticError as error:
            rejection = self._schema.explain(error)
        else:
            broken = self._begin() if self._schema.guarded else []
            if not broken:
                return
            rejection = refusal(self, broken)
        self._link.reject(rejection, values)
        raise rejection

    def _begin(self) -> list[Any]:
        return list(broken_rules(self, self._rules.post))

    @classmethod
    def _restored(cls, values: dict[str, Any]) -> Self:
        value = cls.__new__(cls)
        set_values(value, values)
        return value

    def replace(self, **changes: Any) -> Self:
        """The same value with some fields changed.

        Args:
            **changes: values by field name.

        Returns:
            A new object.

        Raises:
            IncorrectUsageError: for a field that it does not have.
            ValidationError: when a value is not accepted, or an invariant does not hold.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.value_object
            ... class Money:
            ...     amount: int
            >>> Money(amount=5).replace(amount=6).amount
            6
        """
        for name in changes:
            if name not in self._schema.fields:
                hint = did_you_mean(name, self._schema.names) or f": it has {', '.join(self._schema.names)}."
                raise IncorrectUsageError(f"{self._schema.element} has no field '{name}' to replace{hint}")
        return type(self)(**{**self.__dict__, **changes})

    def __setattr__(self, name: str, value: Any) -> None:
        raise IncorrectUsageError(
            f"{self!r} is a value and never changes. Make another one: replace({name}={value!r}) gives it."
        )

    def __delattr__(self, name: str) -> None:
        raise IncorrectUsageError(f"{self!r} is a value and never changes: {name} cannot be deleted.")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ValueObject):
            return NotImplemented
        return (self._schema.element, self.__dict__) == (other._schema.element, other.__dict__)

    def __hash__(self) -> int:
        return hash((self._schema.element, repr(self.__dict__)))

    def __bool__(self) -> bool:
        """False where all its values are, as of an amount of nothing."""
        return any(self.__dict__.values())

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self if self._schema.immutable else self._restored(self._schema.restore(self._stored()))

    def _stored(self) -> tuple[Any, ...]:
        return self._schema.snapshot(self.__dict__)

    def __str__(self) -> str:
        return f"{self._schema.element} object ({self.to_dict()})"

    def __repr__(self) -> str:
        return f"<{self._schema.element}: {self}>"
