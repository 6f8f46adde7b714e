"""Repositories: aggregates as if they were a collection in memory (Evans, ch. 6)."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ddd_kit.building_blocks.aggregate import Aggregate, restore
from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.schema import Schema
from ddd_kit.engine.batch import Tracked
from ddd_kit.engine.commit import commit, undo
from ddd_kit.engine.query import Q, Query, coerced
from ddd_kit.engine.store import current
from ddd_kit.engine.unit import Unit, check_block
from ddd_kit.exceptions import (
    IncorrectUsageError,
    InvalidOperationError,
    ObjectNotFoundError,
    TooManyObjectsError,
)

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.registry import Registered
    from ddd_kit.engine.world import World

A = TypeVar("A")


class Repository(Generic[A]):
    """The stored aggregates of one kind.

    Args:
        engine: the domain.
        aggregate: the name of the aggregates.
    """

    def __init__(self, engine: Engine, aggregate: str) -> None:
        self._engine = engine
        self._name = aggregate
        self._elements = engine.registry.elements

    @property
    def schema(self) -> Schema:
        """The fields of the newest class."""
        return self._element().schema

    def _element(self) -> Registered:
        return self._elements.get(self._name) or self._engine.registry.find(self._name, Kind.AGGREGATE)

    def add(self, aggregate: A) -> A:
        """Save an aggregate as it is now: at once, or with the unit of work that is open.

        Args:
            aggregate: a new one, or one that was changed.

        Returns:
            The same object.

        Raises:
            IncorrectUsageError: when it is not of this repository's kind.
            ExpectedVersionError: when somebody else saved it after it was loaded.
            ValidationError: when a value that has to be unique is not.
            Exception: what a handler raised that its events led to; the aggregate is saved all the same.
        """
        __tracebackhide__ = True
        element = self._elements.get(self._name)
        if element is None or type(aggregate) is not element.cls:
            element = self._check(aggregate, "add")
        engine = self._engine
        with engine.lock:
            world = engine.world
            if world.frozen is not None or world.unfinished is not None:
                engine.open_world()
            unit = world.unit
            if unit is None or unit.is_block:
                check_block(engine, unit)
                unit = unit or Unit()
            unit.add(aggregate, world.stores[self._name], element.schema)  # type: ignore[arg-type]
            if world.unit is None:
                self._save(world, unit)
        return aggregate

    def _save(self, world: World, unit: Unit) -> None:
        """A unit of its own around one aggregate, in which no code of the user's runs."""
        __tracebackhide__ = True
        engine = self._engine
        try:
            commit(engine, world, unit)
        except BaseException:
            undo(engine, world, unit)
            raise
        if world.waiting:
            engine.work_off(unit)

    def remove(self, aggregate: A) -> A:
        """Remove an aggregate: at once, or with the unit of work that is open.

        Args:
            aggregate: one that was saved.

        Returns:
            The same object.

        Raises:
            IncorrectUsageError: when it is not of this repository's kind.
            InvalidOperationError: when it was never saved.
            ExpectedVersionError: when somebody else saved it after it was loaded.
        """
        __tracebackhide__ = True
        element = self._check(aggregate, "remove")
        with self._engine.lock:
            world = self._engine.open_world()
            check_block(self._engine, world.unit)
            unit = world.unit or Unit()
            key = (self._name, aggregate._identity)  # type: ignore[attr-defined]
            if aggregate._version < 0 and key not in unit.tracked:  # type: ignore[attr-defined]
                raise InvalidOperationError(
                    f"{aggregate!r} was never saved, so it cannot be removed. Add it first."
                )
            unit.remove(aggregate, world.stores[self._name], element.schema)  # type: ignore[arg-type]
            if world.unit is None:
                self._save(world, unit)
        return aggregate

    def _check(self, aggregate: Any, what: str) -> Registered:
        schema = getattr(type(aggregate), "_schema", None)
        if schema is None or not isinstance(aggregate, Aggregate) or schema.element != self._name:
            kind = type(aggregate).__name__
            instead = (
                f"use domain.repository_for({kind})"
                if isinstance(aggregate, Aggregate)
                else f"give it an object of the class {self._name}"
            )
            raise IncorrectUsageError(
                f"repository_for({self._name}).{what}({aggregate!r}): this repository holds {self._name} "
                f"objects; {instead}."
            )
        if aggregate._link is not self._engine.link:
            self._engine.refuse_foreign(type(aggregate))
        return self._engine.registry.find(self._name, Kind.AGGREGATE)

    def get(self, identity: Any) -> A:
        """The aggregate of an identity.

        Args:
            identity: coerced as the identity's field would.

        Returns:
            A copy of what is stored; within one unit of work always the same object.

        Raises:
            ObjectNotFoundError: when nothing of that identity is stored.
        """
        found = self.get_or_none(identity)
        if found is None:
            count = len(self._engine.world.stores[self._name].rows)
            raise ObjectNotFoundError(
                f"{self._name} {identity!r} is not in its repository, which holds {count:,}. "
                f"See domain.repository_for({self._name}).query.all(); an object gets there by add."
            )
        return found

    def get_or_none(self, identity: Any) -> A | None:
        """The aggregate of an identity, or None.

        Args:
            identity: coerced as the identity's field would.

        Returns:
            A copy of what is stored; within one unit of work always the same object.

        Raises:
            IncorrectUsageError: when it is given an aggregate instead.
            ConfigurationError: when what is stored does not fit the newest class.
        """
        element = self._element()
        schema = element.schema
        if isinstance(identity, Aggregate):
            raise IncorrectUsageError(
                f"repository_for({self._name}).get({identity!r}): give it the identity, which is "
                f"{identity._identity!r}."
            )
        identity = coerced(schema, schema.identity, identity)  # type: ignore[arg-type]
        with self._engine.lock:
            world = self._engine.world
            world.finish()
            return self._load(world, element, identity) if isinstance(identity, Hashable) else None

    def _load(self, world: World, element: Registered, identity: Any) -> A | None:
        """What is stored under a coerced identity; the lock is held."""
        name, unit = self._name, world.unit
        store = world.stores[name]
        if unit is not None:
            tracked = unit.tracked.get((name, identity))
            if tracked is not None:
                return None if tracked.removed else tracked.aggregate  # type: ignore[return-value]
        row = store.rows.get(identity)
        if row is None:
            return None
        version, names, values = row
        schema = element.schema
        if names is not schema.names:
            values = current(schema, identity, row)
        aggregate = restore(element.cls, values, version)
        if unit is not None:
            unit.tracked[name, identity] = Tracked(aggregate, store, schema, identity)
        return aggregate  # type: ignore[return-value]

    def exists(self, **conditions: Any) -> bool:
        """Whether any aggregate meets the conditions; see `Q` for the lookups."""
        return bool(self.query.filter(**conditions))

    def find_by(self, **conditions: Any) -> A:
        """The one aggregate that has these values.

        Args:
            **conditions: values by field name; the first look-up of a field builds an index.

        Returns:
            A copy of what is stored; within one unit of work always the same object.

        Raises:
            IncorrectUsageError: for a field that does not exist, or without conditions.
            ObjectNotFoundError: when there is none.
            TooManyObjectsError: when there are several.
        """
        engine = self._engine
        with engine.lock:
            world = engine.world
            if world.unfinished is not None:
                world.finish()
            element = self._elements.get(self._name) or self._element()
            found = self._identities(world, element.schema, conditions)
            if len(found) == 1:
                (identity,) = found
                return self._load(world, element, identity)  # type: ignore[return-value]
        raise self._not_one(conditions, len(found))

    def _not_one(self, conditions: dict[str, Any], count: int) -> TooManyObjectsError | ObjectNotFoundError:
        asked = ", ".join(f"{field}={value!r}" for field, value in conditions.items())
        if count:
            return TooManyObjectsError(
                f"find_by({asked}) matches {count:,} {self._name} objects. Ask more precisely, or use "
                f"domain.repository_for({self._name}).query.filter({asked}).all()."
            )
        return ObjectNotFoundError(
            f"No {self._name} has {asked}. See domain.repository_for({self._name}).query.all(); "
            "an object gets there by add."
        )

    def _identities(self, world: World, schema: Schema, conditions: dict[str, Any]) -> Collection[Any]:
        """Who has these values; the lock is held."""
        wanted = {}
        for field, value in conditions.items():
            check = schema.checks.get(field)
            if check is None:
                return self._found(conditions)
            try:
                wanted[field] = check(value)
            except ValueError:  # it has nobody, then
                wanted[field] = value
        if not wanted:
            raise IncorrectUsageError(f"find_by() of {self._name}: name a field and its value.")
        store, unit = world.stores[self._name], world.unit
        found = store.identities_with(field, wanted[field], schema)
        if len(wanted) > 1:
            found = [i for i in found if self._matches(current(schema, i, store.rows[i]), wanted)]
        return found if unit is None or not unit.tracked else self._with_pending(found, wanted)

    def _found(self, conditions: dict[str, Any]) -> list[Any]:
        """With lookups, as `find_by(quantity__gt=1)`; a mistyped field is refused."""
        holds = Q(**conditions).compiled(self.schema)
        return [identity for identity, values in self.rows() if holds(values)]

    def _matches(self, values: tuple[Any, ...], wanted: dict[str, Any]) -> bool:
        held = dict(zip(self.schema.names, values, strict=True))
        return all(held[field] == value for field, value in wanted.items())

    def _with_pending(self, found: Collection[Any], wanted: dict[str, Any]) -> Collection[Any]:
        """What was added in the open unit of work counts as it is there, not as it is stored."""
        pending = self._pending()
        if not pending:
            return found
        added = [i for i, p in pending.items() if p.values is not None and self._matches(p.values, wanted)]
        return [i for i in found if i not in pending] + added

    def _pending(self) -> dict[Any, Tracked]:
        unit = self._engine.world.unit
        if unit is None:
            return {}
        return {i: t for (name, i), t in unit.tracked.items() if t.added and name == self._name}

    @property
    def query(self) -> Query[A]:
        """All aggregates of the kind, to be narrowed down."""
        return Query(self)

    def rows(self) -> Iterator[tuple[Any, dict[str, Any]]]:
        """What is stored, and what the open unit of work is going to store.

        Yields:
            The identity and the values of each aggregate, in the order in which they came to be.
        """
        schema = self.schema
        with self._engine.lock:
            world = self._engine.world
            world.finish()
            rows = dict(world.stores[self._name].rows)
            for identity, pending in self._pending().items():
                if pending.values is None:
                    rows.pop(identity, None)
                else:
                    rows[identity] = (0, pending.schema.names, pending.values)
        for identity, row in rows.items():
            yield identity, dict(zip(schema.names, current(schema, identity, row), strict=True))

    def __repr__(self) -> str:
        return f"<Repository of {self._name}: {len(self._engine.world.stores[self._name].rows):,} stored>"
