"""Which domain is meant where none is named."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any
from weakref import WeakSet, WeakValueDictionary

from ddd_kit.exceptions import IncorrectUsageError

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.running import Running
    from ddd_kit.engine.unit import Unit

active_engine: ContextVar[Running | None] = ContextVar("ddd_kit_engine", default=None)
# The unit of work whose block this code stands in; tasks that run in turns have each their own.
open_block: ContextVar[Unit | None] = ContextVar("ddd_kit_open_block", default=None)
_latest: list[Engine] = []
_living: WeakSet[Engine] = WeakSet()
_newest: WeakValueDictionary[str, Engine] = WeakValueDictionary()


def remember(engine: Engine) -> None:
    """Make a domain the one that is meant outside of handlers and contexts.

    Args:
        engine: the domain that was made last.
    """
    _latest[:] = [engine]
    _living.add(engine)
    _newest[engine.name] = engine


def newest(name: str) -> Engine | None:
    """The domain of a name that was made last.

    Args:
        name: of the domain.

    Returns:
        The domain, or None where nobody holds it any more.
    """
    return _newest.get(name)


def living_engines() -> list[Engine]:
    """All domains that somebody still holds, in no order."""
    return list(_living)


def current_engine() -> Engine:
    """The domain whose handler runs, whose context is open, or that was made last.

    Returns:
        The domain.

    Raises:
        IncorrectUsageError: when there is none yet.
    """
    engine = active_engine.get() or (_latest[0] if _latest else None)
    if engine is None:
        raise IncorrectUsageError('There is no domain yet. Make one: domain = Domain(name="Bookshop").')
    return engine  # type: ignore[return-value]  # all objects are of the whole class


class DomainContext:
    """A block in which a domain is the current one.

    Args:
        engine: the domain.
        values: what `g` holds in it.
    """

    def __init__(self, engine: Any, values: Mapping[str, Any]) -> None:
        self._engine = engine
        self._values = dict(values)
        self._outside: list[tuple[Any, dict[str, Any]]] = []

    def push(self) -> None:
        """Open the block."""
        self._outside.append((active_engine.get(), _values()))
        engine = self._engine
        active_engine.set(engine.standing() if engine.own else engine)
        _globals.set(dict(self._values))

    def pop(self, error: object = None) -> None:
        """Close the block.

        Args:
            error: handed on to what `domain.teardown_domain_context` registered.

        Raises:
            IncorrectUsageError: when it is not open.
        """
        if not self._outside:
            raise IncorrectUsageError("This domain context is not open: push() opens it.")
        for callback in self._engine.link.at_end_of_context:
            callback(error)
        engine, values = self._outside.pop()
        active_engine.set(engine)
        _globals.set(values)

    def __enter__(self) -> Any:
        self.push()
        return self._engine

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pop(error)


_globals: ContextVar[dict[str, Any]] = ContextVar("ddd_kit_globals")
_globals.set({})


class Globals:
    """Values that code in a domain context shares, as who is logged in; `g.user = "Ann"`."""

    def get(self, name: str, default: Any = None) -> Any:
        """A value, or the default where there is none."""
        return _values().get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        """A value, which is not there any more afterwards."""
        return _values().pop(name, *default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """A value, which is set where it is not there."""
        return _values().setdefault(name, default)

    def __getattr__(self, name: str) -> Any:
        try:
            return _values()[name]
        except KeyError:
            raise AttributeError(
                f"g has no '{name}': set it, as in g.{name} = ...", name=name, obj=self
            ) from None

    def __setattr__(self, name: str, value: Any) -> None:
        _values()[name] = value

    def __delattr__(self, name: str) -> None:
        _values().pop(name, None)

    def __contains__(self, name: str) -> bool:
        return name in _values()


def _values() -> dict[str, Any]:
    try:
        return _globals.get()
    except LookupError:  # another thread
        values: dict[str, Any] = {}
        _globals.set(values)
        return values


g: Any = Globals()


class CurrentUnit:
    """Stands for the unit of work that is open, if one is: `if current_uow and current_uow.in_progress:`."""

    @property
    def in_progress(self) -> bool:
        """Whether one is open."""
        engine = active_engine.get() or (_latest[0] if _latest else None)
        return engine is not None and engine.world.unit is not None

    def __bool__(self) -> bool:
        return self.in_progress


current_uow = CurrentUnit()


class CurrentDomain:
    """Stands for the domain whose handler runs, whose context is open, or that was made last."""

    def repository_for(self, aggregate: Any) -> Any:
        """The repository of an aggregate; nearly all handlers ask for it, and `__getattr__` is a detour."""
        return (active_engine.get() or current_engine()).repository_for(aggregate)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what inspection looks for, also where there is no domain yet
            raise AttributeError(name)
        return getattr(current_engine(), name)

    def __repr__(self) -> str:
        return repr(current_engine())

    def __dir__(self) -> list[str]:
        return dir(current_engine())

    def __eq__(self, other: object) -> bool:
        return current_engine() is other

    __hash__ = object.__hash__


current_domain: Any = CurrentDomain()
