"""Services: what is no affair of one object (Evans, ch. 5), and use cases (Vernon, ch. 14)."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from ddd_kit.building_blocks.element import EngineLink
from ddd_kit.building_blocks.invariants import NO_RULES, Rules, broken_rules, refusal

_Method = TypeVar("_Method", bound=Callable[..., Any])


class DomainService:
    """What the classes given to `@domain.domain_service` become: what several aggregates do together.

    Its invariants are checked before and after each of its public methods.

    Args:
        *aggregates: those that it works on.

    Example:
        >>> from ddd_kit import Domain, invariant
        >>> from ddd_kit.exceptions import ValidationError
        >>> domain = Domain(name="Bank")
        >>> @domain.aggregate
        ... class Account:
        ...     balance: int = 0
        >>> @domain.domain_service(part_of=[Account, "Ledger"])
        ... class Transfer:
        ...     def __init__(self, source, target):
        ...         super().__init__(source, target)
        ...         self.source, self.target = source, target
        ...     @invariant.post
        ...     def nobody_owes(self):
        ...         if self.source.balance < 0:
        ...             raise ValidationError({"balance": ["must not be negative"]})
        ...     def of(self, amount):
        ...         self.source.balance -= amount
        ...         self.target.balance += amount
        >>> Transfer(Account(balance=5), Account()).of(7)
        Traceback (most recent call last):
        ddd_kit.exceptions.ValidationError: Transfer was not accepted: balance must not be negative. ...
    """

    _rules: ClassVar[Rules] = NO_RULES
    _link: ClassVar[EngineLink]

    def __init__(self, *aggregates: Any) -> None:
        self._aggregates = aggregates

    def _check(self, rules: tuple[str, ...]) -> None:
        broken = list(broken_rules(self, rules))
        if broken:
            rejection = refusal(self, broken)
            self._link.reject(rejection, {})
            raise rejection


class ApplicationService:
    """What the classes given to `@domain.application_service` become: its use cases are units of work.

    Example:
        >>> from ddd_kit import Domain, use_case
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     quantity: int = 1
        >>> @domain.application_service(part_of=Order)
        ... class Ordering:
        ...     @use_case
        ...     def place(self, quantity):
        ...         return domain.repository_for(Order).add(Order(quantity=quantity)).quantity
        >>> Ordering().place(3)
        3
    """

    _link: ClassVar[EngineLink]


def use_case(method: _Method) -> _Method:
    """Let a method of an application service run as one unit of work: all of it is saved, or nothing.

    Args:
        method: what the application does.

    Returns:
        The method, to be called as before.

    Example:
        >>> @use_case
        ... def place(self, quantity): ...
        >>> place.__name__
        'place'
    """

    @functools.wraps(method)
    def in_unit(self: Any, *given: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        return self._link.called(
            type(self).__name__, method.__name__, lambda: method(self, *given, **named), True
        )

    in_unit.__dict__["_use_case"] = True
    return in_unit  # type: ignore[return-value]


def guarded_methods(cls: type) -> dict[str, Callable[..., Any]]:
    """The public methods of a domain service, with the checks around them.

    Args:
        cls: the class as the user wrote it.

    Returns:
        Methods by name.
    """
    found = {}
    for name, method in inspect.getmembers(cls, inspect.isfunction):
        static = isinstance(inspect.getattr_static(cls, name), staticmethod)
        if (
            (name == "__call__" or not name.startswith("_"))
            and not hasattr(method, "_invariant")
            and not static
        ):
            found[name] = _guarded(method)
    return found


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def checked(self: DomainService, *given: Any, **named: Any) -> Any:
        __tracebackhide__ = True

        def body() -> Any:
            self._check(self._rules.pre)
            result = method(self, *given, **named)
            self._check(self._rules.post)
            return result

        return self._link.called(type(self).__name__, method.__name__, body, False)

    return checked
