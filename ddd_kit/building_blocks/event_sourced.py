"""Event-sourced aggregates: what they are follows from what happened to them (Vernon, appendix A)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from pydantic_core import PydanticUndefined

from ddd_kit.building_blocks.aggregate import (
    NEVER_SAVED,
    Aggregate,
    order_of_raising,
    set_events,
    set_version,
)
from ddd_kit.building_blocks.element import set_values
from ddd_kit.building_blocks.invariants import atomic_change
from ddd_kit.building_blocks.message import raised_again, set_raised
from ddd_kit.exceptions import ConfigurationError, IncorrectUsageError

if TYPE_CHECKING:
    from ddd_kit.building_blocks.message import Event

_Method = TypeVar("_Method", bound=Callable[..., Any])


def apply(method: _Method) -> _Method:
    """Mark a method of an event-sourced aggregate as the one that lets an event change the state.

    Args:
        method: takes the event, whose class its annotation names.

    Returns:
        The method as it is.

    Example:
        >>> from ddd_kit import Domain, apply
        >>> domain = Domain(name="Bank")
        >>> @domain.event(part_of="Account")
        ... class MoneyDeposited:
        ...     amount: int
        >>> @domain.aggregate(event_sourced=True)
        ... class Account:
        ...     balance: int = 0
        ...     @apply
        ...     def deposited(self, event: MoneyDeposited):
        ...         self.balance += event.amount
        >>> account = Account._create_new(id="a-1")
        >>> account.raise_(MoneyDeposited(amount=5))
        >>> account.balance
        5
    """
    method.__dict__["_applies"] = True
    return method


def appliers_of(cls: type) -> dict[str, tuple[str, ...]]:
    """Which methods of a class let which event change its state.

    Args:
        cls: the class as the user wrote it.

    Returns:
        Names of methods by the name of the event, in order of definition; inherited ones first.

    Raises:
        ConfigurationError: when a method does not name its event.
    """
    names = dict.fromkeys(name for base in reversed(cls.__mro__) for name in vars(base))
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        method = getattr(cls, name, None)
        if getattr(method, "_applies", False):
            event = _event_of(cls, name, method)
            found[event] = (*found.get(event, ()), name)
    return found


def _event_of(cls: type, name: str, method: Any) -> str:
    parameters = list(inspect.signature(method).parameters.values())[1:]
    annotation = parameters[0].annotation if len(parameters) == 1 else inspect.Parameter.empty
    event = annotation.rsplit(".", 1)[-1].strip("'\"") if isinstance(annotation, str) else annotation.__name__
    if len(parameters) != 1 or event == "_empty":
        raise ConfigurationError(
            f"{cls.__name__}.{name}: @apply needs to know the event. Annotate the parameter with its class: "
            f"def {name}(self, event: OrderPlaced)."
        )
    return str(event)


class EventSourced(Aggregate):
    """What the classes given to `@domain.aggregate(event_sourced=True)` become.

    Only its events are what is kept of it; methods marked with `@apply` say how each changes the state.

    Args:
        *templates: dictionaries with values in common.
        **values: values by field name.

    Raises:
        ValidationError: when a value is missing, unknown or not accepted, or an invariant does not hold.
    """

    # How many `@apply` methods run; the fields that were set outside of them; whether it shows the past.
    __slots__ = ("_applying", "_is_temporal", "_strays")
    _applying: int
    _strays: set[str]
    _is_temporal: bool
    _appliers: ClassVar[Mapping[str, tuple[str, ...]]]

    def __init__(self, *templates: dict[str, Any], **values: Any) -> None:
        __tracebackhide__ = True
        self._set_own()
        super().__init__(*templates, **values)
        self._strays.update(self._schema.names)

    def _set_own(self) -> None:
        _set_applying(self, 0)
        _set_strays(self, set())
        _set_temporal(self, False)

    @classmethod
    def _create_new(cls, **identity: Any) -> Self:
        """A new one of which nothing is known but its identity; its first event tells the rest.

        Args:
            **identity: the identity by the name of its field; a new one where it is not given.

        Returns:
            The aggregate, to raise its first event.
        """
        name = cls._schema.identity or "id"
        given = identity.get(name)
        return cls._blank(cls._schema.checks[name](given) if name in identity else cls._link.new_identity())

    @classmethod
    def _blank(cls, identity: Any) -> Self:
        new = cls.__new__(cls)
        values = {name: _default(spec.default) for name, spec in cls._schema.fields.items()}
        set_values(new, {**values, cls._schema.identity or "id": identity})
        set_events(new, [])
        set_version(new, NEVER_SAVED)
        new._set_own()
        new._set_blocks(0)
        new._adopt()
        return new

    @classmethod
    def from_events(cls, events: Iterable[Event]) -> Self:
        """The state that follows from events.

        Args:
            events: in order; the first tells the identity, or its `@apply` method does.

        Returns:
            An aggregate as if it had been loaded.

        Raises:
            IncorrectUsageError: without events, or for one that no `@apply` method takes.
        """
        told = list(events)
        if not told:
            raise IncorrectUsageError(f"{cls.__name__}.from_events([]): nothing follows from no events.")
        name = cls._schema.identity or "id"
        new = cls._blank(told[0].__dict__.get(name))
        set_version(new, new._tell(told) - 1)
        return new

    def raise_(self, event: Event) -> None:
        """Say that something happened; the `@apply` method of the event changes the state at once.

        Args:
            event: an event that is part of this aggregate.

        Raises:
            IncorrectUsageError: when it is no event, no `@apply` method takes it, or this shows the past.
            ConfigurationError: when it is part of another aggregate.
            ValidationError: when an invariant does not hold; nothing has happened then.
        """
        __tracebackhide__ = True
        if self._is_temporal:
            raise IncorrectUsageError(
                f"Cannot raise events on {self!r}: it shows the past. Get it without at_version or as_of."
            )
        if type(event) not in self._own_events:
            self._check_own(event)
        if event._raised is not None:
            event = raised_again(event)
        events = self._events
        sequence_id = str(self._version + 1 + len(events))
        extensions = self._link.enriched(event, self) if self._link.enrichers else ()
        set_raised(event, (self._identity, sequence_id, next(order_of_raising), extensions))
        events.append(event)
        try:
            with atomic_change(self):
                self._apply(event)
        except BaseException:
            self._set_events_until(event)
            raise

    def _set_events_until(self, event: Event) -> None:
        """Forget an event that was refused, and what came after it."""
        places = [place for place, each in enumerate(self._events) if each is event]
        if places:
            del self._events[places[0] :]

    def _apply(self, event: Event) -> None:
        """Let an event change the state, as it happens or as it is told again."""
        name = event._schema.element
        methods = self._appliers.get(name)
        if methods is None:
            element = self._schema.element
            raise IncorrectUsageError(
                f"{element} does not know what {name} changes. Give it a method, as in\n"
                f"    @apply\n    def {_verb(name)}(self, event: {name}): ..."
            )
        _set_applying(self, self._applying + 1)
        try:
            for method in methods:
                getattr(self, method)(event)
        finally:
            _set_applying(self, self._applying - 1)

    def _tell(self, events: Iterable[Event]) -> int:
        """Let events change the state that were accepted when they happened; returns how many they are.

        The rules are not asked again: half way through an event they may not hold.
        """
        count = 0
        self._set_blocks(1)
        for event in events:
            self._apply(event)
            count += 1
        self._set_blocks(0)
        return count

    def __setattr__(self, name: str, value: Any) -> None:
        __tracebackhide__ = True
        if name == self._schema.identity and self.__dict__.get(name) is None:
            self.__dict__[name] = self._schema.checks[name](value)
            return
        super().__setattr__(name, value)
        if not self._applying and name in self._schema.fields:
            self._strays.add(name)


def _default(default: Any) -> Any:
    if default is PydanticUndefined:
        return None
    return default() if callable(default) else default


def _verb(event: str) -> str:
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in event).split("_")
    return words[-1] or "happened"


_set_applying = EventSourced.__dict__["_applying"].__set__
_set_strays = EventSourced.__dict__["_strays"].__set__
_set_temporal = EventSourced.__dict__["_is_temporal"].__set__


def loaded(
    cls: type[EventSourced], state: tuple[Any, tuple[Any, ...] | None, int], events: Iterable[Event]
) -> Any:
    """An aggregate as its events tell it.

    Args:
        cls: its class.
        state: its identity; the values of a snapshot to go on from, or None; its version then, or -1.
        events: those since then, in order.

    Returns:
        The aggregate; its version is the number of its events less one.
    """
    identity, values, version = state
    new = cls._blank(identity)
    if values is not None:
        set_values(new, cls._schema.restore(values))
        new._adopt()
    set_version(new, version + new._tell(events))
    return new


def as_past(aggregate: EventSourced) -> EventSourced:
    """Mark an aggregate as one that shows the past.

    Args:
        aggregate: as it was then.

    Returns:
        The same.
    """
    _set_temporal(aggregate, True)
    return aggregate
