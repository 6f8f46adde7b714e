"""Queries: questions to a projection, as objects, and those who answer them (Vernon, ch. 4: CQRS)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from pydantic_core import ValidationError as PydanticError

from ddd_kit.building_blocks.element import Element, merged, set_values
from ddd_kit.building_blocks.handler import handle
from ddd_kit.building_blocks.schema import Values
from ddd_kit.exceptions import IncorrectUsageError

R = TypeVar("R")
_Method = TypeVar("_Method", bound=Callable[..., Any])


class Query(Element, Generic[R]):
    """What the classes given to `@domain.query` become: a question to a projection, which never changes.

    `class OrderOfId(Query[OrderList])` tells a type checker what `domain.dispatch` returns.

    Args:
        *templates: dictionaries with values in common.
        **values: values by field name.

    Raises:
        ValidationError: when a value is missing, unknown or not accepted.

    Example:
        >>> from ddd_kit import Domain
        >>> from ddd_kit.fields import Identifier
        >>> domain = Domain(name="Bookshop")
        >>> @domain.query(part_of="OrderList")
        ... class OrderOfId:
        ...     order_id = Identifier(required=True)
        >>> OrderOfId(order_id=7)
        OrderOfId(order_id='7')
    """

    __slots__ = ()
    _part_of: ClassVar[str]

    def __init__(self, *templates: dict[str, Any], **values: Any) -> None:
        __tracebackhide__ = True
        if templates:
            values = merged(type(self).__name__, templates, values)
        try:
            set_values(self, self._schema.check(values))
        except PydanticError as error:
            rejection = self._schema.explain(error)
        else:
            return
        self._link.reject(rejection, values)
        raise rejection

    @property
    def payload(self) -> Values:
        """The values by field name."""
        return self.to_dict()

    def __setattr__(self, name: str, value: Any) -> None:
        raise IncorrectUsageError(
            f"{self._schema.element} cannot be changed once it is made: it is a question. "
            f"Make a new one, with {name}={value!r}."
        )

    def __delattr__(self, name: str) -> None:
        raise IncorrectUsageError(f"{self._schema.element}.{name} cannot be deleted: it is a question.")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Query):
            return NotImplemented
        return (self._schema.element, self.__dict__) == (other._schema.element, other.__dict__)

    def __hash__(self) -> int:
        return hash((self._schema.element, repr(self.__dict__)))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{self._schema.element}({fields})"


class QueryHandler:
    """A base for query handlers that are registered with `domain.register`; the decorator needs none."""


def read(target: type | str) -> Callable[[_Method], _Method]:
    """Mark a method of a query handler as the one that answers a query.

    Args:
        target: the query's class, or its name.

    Returns:
        A decorator that leaves the method as it is.

    Raises:
        ConfigurationError: when the target is neither a class nor a name.

    Example:
        >>> class OrderQueries:
        ...     @read("OrderOfId")
        ...     def order_of_id(self, query): ...
    """
    return handle(target)
