"""Which domains hear each other: they share their locks, and know each other's events."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.context import living_engines, newest
from ddd_kit.engine.crossing import border
from ddd_kit.engine.link import message_type
from ddd_kit.engine.registry import LISTENERS, Registered
from ddd_kit.engine.routing import methods_for
from ddd_kit.exceptions import DddKitError

if TYPE_CHECKING:
    from ddd_kit.engine.model import Model

Lock = Any  # an RLock, or several in their order


class Locks:
    """The locks of domains that hear each other, always taken in the same order, so that none waits forever.

    Args:
        locks: of the domains.

    Attributes:
        all: the same, in the order in which they are taken.
    """

    def __init__(self, locks: Iterable[Lock]) -> None:
        self.all = sorted(set(locks), key=id)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take all of them, or none.

        Args:
            blocking: whether to wait.
            timeout: how long for each, in seconds; -1 for any time.

        Returns:
            Whether they are taken.
        """
        taken: list[Lock] = []
        try:
            for lock in self.all:
                if not lock.acquire(blocking, timeout):
                    break
                taken.append(lock)
        finally:
            if len(taken) < len(self.all):  # also after an interrupt
                for lock in reversed(taken):
                    lock.release()
        return len(taken) == len(self.all)

    def release(self) -> None:
        """Give all of them back."""
        for lock in reversed(self.all):
            lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def meet(engine: Model) -> None:
    """Look whom a domain hears and by whom it is heard, after its definitions changed; no lock is held.

    Args:
        engine: the domain that was made, or of which an element was defined.
    """
    engine = engine.trunk or engine
    if not _counts(engine):
        return
    for other in living_engines():
        if other is engine or not _counts(other):
            continue
        pairs = ((engine, other), (other, engine))
        if any(_heard_of(one, two) or two.name in one.registry.heard_by for one, two in pairs):
            _join(engine, other)
            with engine.lock:
                for one, two in pairs:
                    _listen(one, two)


def _counts(engine: Model) -> bool:
    """Forks keep what happens in them to themselves, and an older domain of a name is not meant any more."""
    return engine.trunk is None and newest(engine.name) is engine


def _heard_of(speaker: Model, listener: Model) -> frozenset[str]:
    """The categories of a domain that handlers of another one listen to."""
    heard = listener.registry.listens_abroad
    prefix = f"{speaker.registry.prefix}::"
    return frozenset(category for category in heard if category.startswith(prefix)) if heard else heard


def _listen(speaker: Model, listener: Model) -> None:
    """Let what one domain raises cross into another one that takes it."""
    categories = _heard_of(speaker, listener)
    crossing = set()
    for event in list(speaker.registry.of_kind(Kind.EVENT)) if categories else ():
        with suppress(DddKitError):  # where its aggregate is not defined yet
            category = speaker.registry.message_category(event)
            if category in categories and _is_taken(speaker, listener, event, category):
                crossing.add((event.name, category))
    if crossing != speaker.registry.heard_by.get(listener.name, frozenset()):
        speaker.registry.let_hear(border(listener.name), listener.name, frozenset(crossing))


def _is_taken(speaker: Model, listener: Model, event: Registered, category: str) -> bool:
    """Whether a handler takes an event of another domain; one that nobody registered is learnt then."""
    known = listener.registry.called_here(speaker.name, event.name, event.schema.version)
    name = known or event.name
    if not any(
        category in _heard_by(listener, handler) and methods_for(handler, name)
        for handler in listener.registry.of_kind(*LISTENERS)
    ):
        return False
    if known is None and name in listener.registry.elements:  # an event of its own has that name
        return False
    own = listener.registry.elements.get(name)
    if own is None or (own.options["learnt"] and not issubclass(own.cls, event.cls)):
        listener.learn(event.cls, message_type(speaker.name, event.schema))
    return True


def _heard_by(listener: Model, handler: Registered) -> tuple[str, ...]:
    with suppress(DddKitError):  # as above
        return listener.registry.hears(handler)
    return ()


def _join(one: Model, other: Model) -> None:
    """Let two domains share their locks from now on, and with those whom they share them with already."""
    locks = {*_locks_of(one), *_locks_of(other)}
    shared = Locks(locks)
    if set(_locks_of(one)) == locks == set(_locks_of(other)):
        return
    with shared:
        for engine in living_engines():
            if engine.trunk is None and locks.intersection(_locks_of(engine)):
                for model in (engine, *engine.forks):
                    model.lock = shared  # type: ignore[assignment]


def _locks_of(engine: Model) -> list[Lock]:
    lock: Lock = engine.lock
    return lock.all if isinstance(lock, Locks) else [lock]
