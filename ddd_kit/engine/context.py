"""Which domain is meant where none is named."""

from __future__ import annotations

from contextvars import ContextVar
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
