"""Invariants: rules that an object keeps at all times (Evans, ch. 6; Vernon, ch. 10)."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar

from ddd_kit.building_blocks.refusing import reason
from ddd_kit.exceptions import BrokenRule, IncorrectUsageError, ValidationError

if TYPE_CHECKING:
    from ddd_kit.building_blocks.element import Element
    from ddd_kit.building_blocks.entity import Entity

When = Literal["pre", "post"]
_Method = TypeVar("_Method", bound=Callable[..., Any])


class invariant:  # noqa: N801 - as Protean's
    """Marks the methods of a class that say what has to hold; they raise `ValidationError` where it does not.

    Example:
        >>> from ddd_kit import Domain, invariant
        >>> from ddd_kit.exceptions import ValidationError
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     quantity: int = 1
        ...     @invariant.post
        ...     def at_most_ten_books(self):
        ...         if self.quantity > 10:
        ...             raise ValidationError({"quantity": ["must be at most 10"]})
        >>> Order(quantity=11)
        Traceback (most recent call last):
        ddd_kit.exceptions.ValidationError: Order was not accepted: quantity must be at most 10. ...
    """

    @staticmethod
    def pre(method: _Method) -> _Method:
        """The rule has to hold before a change, or the change is refused.

        Args:
            method: takes the object; raises `ValidationError` where the rule is broken.

        Returns:
            The method as it is.

        Example:
            >>> from ddd_kit import Domain, invariant
            >>> from ddd_kit.exceptions import ValidationError
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     status: str = "SHIPPED"
            ...     quantity: int = 1
            ...     @invariant.pre
            ...     def what_is_shipped_stays(self):
            ...         if self.status == "SHIPPED":
            ...             raise ValidationError({"status": ["is SHIPPED already"]})
            >>> order = Order()
            >>> order.quantity = 2
            Traceback (most recent call last):
            ddd_kit.exceptions.ValidationError: Order was not accepted: status is SHIPPED already. ...
        """
        method.__dict__["_invariant"] = "pre"
        return method

    @staticmethod
    def post(method: _Method) -> _Method:
        """The rule has to hold after the object was made, after each change, and when it is saved.

        Args:
            method: takes the object; raises `ValidationError` where the rule is broken.

        Returns:
            The method as it is.

        Example:
            >>> from ddd_kit import Domain, invariant
            >>> from ddd_kit.exceptions import ValidationError
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            ...     @invariant.post
            ...     def never_less_than_nothing(self):
            ...         if self.in_stock < 0:
            ...             raise ValidationError({"in_stock": ["must not be negative"]})
            >>> inventory = Inventory(in_stock=5)
            >>> inventory.in_stock = -1
            Traceback (most recent call last):
            ddd_kit.exceptions.ValidationError: Inventory was not accepted: in_stock must not be ...
            >>> inventory.in_stock
            5
        """
        method.__dict__["_invariant"] = "post"
        return method


class Rules(NamedTuple):
    """The invariants of a class: names of its methods, those checked before a change and those after."""

    pre: tuple[str, ...] = ()
    post: tuple[str, ...] = ()


NO_RULES: Final = Rules()


class Broken(NamedTuple):
    """A rule that did not hold: what it raised, the rule with what it saw, and the object that has it."""

    error: ValidationError
    rule: BrokenRule
    element: Any


def rules_of(cls: type) -> Rules:
    """The invariants of a class.

    Args:
        cls: the class as the user wrote it.

    Returns:
        Names of methods, in order of definition; inherited ones first.
    """
    names = dict.fromkeys(name for base in reversed(cls.__mro__) for name in vars(base))
    marked = {name: getattr(getattr(cls, name, None), "_invariant", None) for name in names}
    return Rules(*(tuple(n for n, when in marked.items() if when == which) for which in ("pre", "post")))


def check_rules(root: Entity, when: When) -> None:
    """Check the invariants of an aggregate and of all entities in it.

    Args:
        root: the aggregate, or an entity that is part of none yet.
        when: which of them.

    Raises:
        ValidationError: with what all broken rules say.
    """
    asked = [(each, rules) for each in (root, *root._parts()) if (rules := getattr(each._rules, when))]
    if not asked:
        return
    with unchecked(root):
        broken = [found for element, rules in asked for found in broken_rules(element, rules)]
    if broken:
        raise refusal(root, broken)


def refusal(element: Any, broken: list[Broken]) -> ValidationError:
    """One error for all rules that were broken.

    Args:
        element: what refuses.
        broken: the rules.

    Returns:
        The error.
    """
    messages: dict[str, list[str]] = {}
    hints: dict[str, None] = {}
    for each in broken:
        for field, texts in each.error.messages.items():
            messages.setdefault(field, []).extend(texts)
        hints |= dict.fromkeys(each.error.hints)
    reasons = [reason(each.rule, None if each.element is element else each.element) for each in broken]
    rules = [each.rule for each in broken]
    return ValidationError(messages, _name_of(element), hints, rules, reasons=reasons)


def _name_of(element: Any) -> str:
    schema = getattr(type(element), "_schema", None)
    return type(element).__name__ if schema is None else str(schema.element)


def broken_rules(element: Any, names: tuple[str, ...]) -> Iterator[Broken]:
    """Those rules of an object that do not hold.

    Args:
        element: the object.
        names: the methods to ask.

    Yields:
        The rules, with the values that they saw.
    """
    for name in names:
        method = getattr(element, name)
        try:
            method()
        except ValidationError as error:
            texts = [text for texts in error.messages.values() for text in texts]
            rule = BrokenRule(name, _name_of(element), "; ".join(texts), seen_by(element, method))
            yield Broken(error, rule, element)
        except Exception as error:
            error.add_note(
                f"The invariant {_name_of(element)}.{name} raised it: it should raise ValidationError "
                "where the rule is broken, and nothing else."
            )
            raise


def seen_by(element: Any, method: Any) -> tuple[tuple[str, Any], ...]:
    """The fields and properties that a rule reads, with their values.

    Args:
        element: the object.
        method: the rule, bound to it.

    Returns:
        Pairs of a name and a value, in the order in which the rule names them.
    """
    names = dict.fromkeys(_names_in(getattr(method, "__code__", None)))
    cls, seen = type(element), []
    schema = getattr(cls, "_schema", None)
    held = vars(element) if schema is None else schema.fields
    for name in names:
        if name in held or isinstance(getattr(cls, name, None), property):
            try:
                value = getattr(element, name)
            except Exception:  # noqa: BLE001, S112 - a property of the user's, asked only to be shown
                continue
            seen.append((name, value if schema is None else schema.stored(name, value)))
    return tuple(seen)


def _names_in(code: types.CodeType | None) -> Iterator[str]:
    if code is None:
        return
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names_in(constant)


@contextmanager
def unchecked(root: Entity) -> Iterator[None]:
    """Let a block change an aggregate without a check after each change.

    Args:
        root: the aggregate.
    """
    root._set_blocks(root._blocks + 1)
    try:
        yield
    finally:
        root._set_blocks(root._blocks - 1)


class atomic_change:  # noqa: N801 - as Protean's
    """A block in which an aggregate may break its rules; they are checked where it ends.

    When they do not hold there, the aggregate is as it was before the block, and what it raised in it is
    forgotten. An error of the block itself leaves what was changed.

    Args:
        aggregate: the aggregate, or an entity of one.

    Raises:
        ValidationError: at the start for a broken `pre` rule, at the end for a `post` rule or a status that
            must not follow.
        IncorrectUsageError: when it is given anything else.

    Example:
        >>> from ddd_kit import Domain, atomic_change, invariant
        >>> from ddd_kit.exceptions import ValidationError
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     price: int = 10
        ...     paid: int = 10
        ...     @invariant.post
        ...     def paid_in_full(self):
        ...         if self.price != self.paid:
        ...             raise ValidationError({"paid": ["must be the price"]})
        >>> order = Order()
        >>> with atomic_change(order):
        ...     order.price = 12
        ...     order.paid = 12
        >>> order.price
        12
    """

    def __init__(self, aggregate: Any) -> None:
        if not hasattr(aggregate, "_root"):
            raise IncorrectUsageError(
                f"atomic_change({aggregate!r}): give it an aggregate, as in `with atomic_change(order):`."
            )
        self.aggregate = aggregate._root()

    def __enter__(self) -> None:
        root = self.aggregate
        if not root._schema.guarded:
            return
        if not root._blocks:
            check_rules(root, "pre")
        self._before = root._remembered()
        self._raised = len(getattr(root, "_events", ()))
        root._set_blocks(root._blocks + 1)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        __tracebackhide__ = True
        root = self.aggregate
        if not root._schema.guarded:
            return
        root._set_blocks(root._blocks - 1)
        if error is not None or root._blocks:
            return
        try:
            check_transitions(self._before)
            check_rules(root, "post")
        except ValidationError as rejection:
            tried = {name: root._schema.stored(name, value) for name, value in root.__dict__.items()}
            root._recall(self._before)
            if self._raised < len(getattr(root, "_events", ())):
                del root._events[self._raised :]
            root._link.reject(rejection, tried, root)
            raise


def check_transitions(before: Any) -> None:
    """Refuse a status that must not follow the one that there was.

    Args:
        before: what an aggregate remembered of itself and its entities.

    Raises:
        ValidationError: as `check_transition`.
    """
    for element, values, _ in before:
        for name, spec in element._schema.fields.items():
            if spec.transitions is not None and values[name] != element.__dict__[name]:
                check_transition(element, name, values[name], element.__dict__[name])


def check_transition(element: Element, field: str, before: Any, after: Any) -> None:
    """Refuse a status that must not follow another.

    Args:
        element: the object.
        field: its status.
        before: the status that it has; from None everything may follow.
        after: the one that shall follow.

    Raises:
        ValidationError: with those that may.
    """
    transitions = element._schema.fields[field].transitions
    if transitions is None or before is None:
        return
    if before not in transitions:
        text = (
            f"Invalid status transition from '{before}'. '{before}' is a terminal state with no allowed "
            "transitions"
        )
        phrase = f"{field} is {before!r}, and nothing follows that, so it cannot become {after!r}"
    elif after in transitions[before]:
        return
    else:
        allowed = ", ".join(map(str, transitions[before]))
        text = f"Invalid status transition from '{before}' to '{after}'. Allowed transitions: {allowed}"
        open_ways = " or ".join(map(repr, transitions[before]))
        phrase = f"{field} is {before!r} and cannot become {after!r}, only {open_ways}"
    seen = ((field, before),)
    rule = BrokenRule(f"transitions of {field}", element._schema.element, text, seen)
    raise ValidationError(
        {field: [text]}, element._schema.element, rules=[rule], phrases={(field, text): phrase}
    )
