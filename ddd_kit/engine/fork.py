"""Forks: another world of the same model, in which something else may happen."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.engine.config import Config
from ddd_kit.engine.context import active_engine
from ddd_kit.engine.identities import clock_copied
from ddd_kit.engine.replay import world_at
from ddd_kit.engine.repository import Repository
from ddd_kit.engine.world import World

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine

A = TypeVar("A")
E = TypeVar("E", bound="Engine")


class Standing:
    """An attribute that is the fork's while code runs in a fork, and else the domain's own."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, engine: Any, owner: type | None = None) -> Any:
        active = active_engine.get()
        inside = active is not None and active.trunk is engine
        return (vars(active) if inside else engine.own)[self._name]


class HasForks:
    """What is different of a domain that has forks: by its name, handlers may mean one of them.

    Only of such a domain: where a class has attributes of these names, Python finds those of an object later,
    and a dispatch takes 2% longer (Python 3.11).
    """

    __slots__ = ()
    world = Standing()
    config = Standing()
    faults = Standing()


_OF_A_WORLD = ("world", "config", "faults")


class ForkRepository(Repository[A]):
    """A repository of a fork, which knows its objects: what they refuse is its own affair."""

    def add(self, aggregate: A) -> A:
        """See `Repository.add`."""
        __tracebackhide__ = True
        self._mine(aggregate)
        return super().add(aggregate)

    def _load(self, world: World, element: Any, identity: Any) -> A | None:
        aggregate = super()._load(world, element, identity)
        self._mine(aggregate)
        return aggregate

    def _mine(self, aggregate: A | None) -> None:
        if isinstance(aggregate, Aggregate):
            self._engine.objects[id(aggregate)] = aggregate


def forked(engine: E, step: int, what: str) -> E:
    """Another domain with the same definitions, and a world of its own; the lock is held.

    Args:
        engine: the domain, or a fork of one.
        step: where it begins.
        what: the method that asks, for errors.

    Returns:
        The fork; its lock is that of the domain.

    Raises:
        IncorrectUsageError: when there is no such step, it is not kept any more, or nothing is recorded.
    """
    config = Config(engine.config)
    world = open_again(engine, step, what, config)
    present = engine.world
    whole = world.journal.last_step == present.journal.last_step
    twins = zip(present.waiting, world.waiting, strict=True) if whole else ()
    fork = _beside(engine, world, config, dict(twins))
    if not whole:
        fork.faults.go_back(world.journal.last_step)
    return fork


def emptied(engine: E) -> E:
    """Another domain with the same definitions, in which nothing has happened yet; the lock is held.

    Args:
        engine: the domain, or a fork of one; its identities and times go on.

    Returns:
        The fork, without faults; its lock is that of the domain.
    """
    config = Config(engine.config)
    world = World(config, engine.seed)
    world.identities = engine.world.identities.copied(world.stores.hold)
    world.now = clock_copied(engine.world.now)
    fork = _beside(engine, world, config, {})
    fork.faults.clear()
    return fork


def _beside(engine: E, world: World, config: Config, twins: dict[Any, Any]) -> E:
    fork = copy.copy(engine)
    fork.own = {}
    vars(fork).update(config=config, world=world)
    vars(fork)["faults"] = engine.faults.copied(fork, twins)
    fork.trunk = engine.trunk or engine
    fork.objects = WeakValueDictionary()
    fork._repositories, fork.repository_class = {}, ForkRepository
    fork.forked_at = fork.journal.last_step
    _branch(fork.trunk, fork)
    return fork


def _branch(trunk: Any, fork: Any) -> None:
    """From now on the domain's name may stand for a fork."""
    if not trunk.own:
        cls = type(trunk)
        names = {"__slots__": (), "__module__": cls.__module__, "__doc__": cls.__doc__}
        trunk.__class__ = type(cls.__name__, (cls, HasForks), names)
        trunk.own = {name: vars(trunk)[name] for name in _OF_A_WORLD}
        for name in _OF_A_WORLD:
            del vars(trunk)[name]
    fork.forks = trunk.forks
    trunk.forks.add(fork)


def open_again(engine: Engine, step: int, what: str, settings: Config) -> World:
    """The world as it was after a step, in which things can happen.

    Args:
        engine: the domain; its identities and times go on.
        step: the step.
        what: the method that asks, for errors.
        settings: of the domain that is going to stand on it.

    Returns:
        A world that shares nothing that can change.

    Raises:
        IncorrectUsageError: when there is no such step, it is not kept any more, or nothing is recorded.
    """
    present = engine.world
    world = world_at(engine, step, what, settings)
    world.identities = present.identities.copied(world.stores.hold)
    world.now = clock_copied(present.now)
    world.frozen = None
    return world
