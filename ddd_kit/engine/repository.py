"""Repositories: aggregates as if they were a collection in memory (Evans, ch. 6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from ddd_kit.building_blocks.aggregate import Aggregate, restore
from ddd_kit.building_blocks.invariants import atomic_change
from ddd_kit.building_blocks.schema import Schema
from ddd_kit.engine.commit import commit, undo
from ddd_kit.engine.context import open_block
from ddd_kit.engine.query import Q, Query, coerced
from ddd_kit.engine.registry import STORED
from ddd_kit.engine.sourcing import load, past
from ddd_kit.engine.store import current
from ddd_kit.engine.unit import Added, Unit, check_block
from ddd_kit.exceptions import (
    IncorrectUsageError,
    InvalidOperationError,
    ObjectNotFoundError,
    TooManyObjectsError,
)

if TYPE_CHECKING:
    from ddd_kit.engine.registry import Registered
    from ddd_kit.engine.result_set import ResultSet
    from ddd_kit.engine.running import Running
    from ddd_kit.engine.world import World

A = TypeVar("A")

_MACHINERY = frozenset(("change_all", "delete", "filter", "remove_all", "rows", "schema"))


class Repository(Generic[A]):
    """The stored aggregates of one kind, as if they were a collection in memory (Evans, ch. 6).

    `domain.repository_for(Order)` gives it. Once the aggregate was taken out of the model, every method
    raises an IncorrectUsageError.

    Args:
        engine: the domain.
        aggregate: the name of the aggregates.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     quantity: int = 1
        >>> orders = domain.repository_for(Order)
        >>> orders.add(Order(id="o-1"))
        <Order: Order object (id: o-1)>
        >>> orders.get("o-1").quantity
        1
    """

    def __init__(self, engine: Running, aggregate: str) -> None:
        self._engine = engine
        self._name = aggregate
        self._elements = engine.registry.elements

    @property
    def schema(self) -> Schema:
        """The fields of the newest class.

        Returns:
            The schema; its `names` are the names of the fields.

        Raises:
            IncorrectUsageError: when the aggregate is not part of the model any more.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> stock = domain.repository_for(Inventory)
            >>> stock.schema.names
            ('in_stock', 'id')
        """
        return self._element().schema

    def _element(self) -> Registered:
        return self._elements.get(self._name) or self._engine.registry.find(self._name, *STORED)

    def add(self, aggregate: A) -> A:
        """Save an aggregate as it is now: at once, or with the unit of work that is open.

        Args:
            aggregate: a new one, or one that was changed.

        Returns:
            The same object.

        Raises:
            IncorrectUsageError: when it is not of this repository's kind or of another domain; when another
                object of its identity is part of the unit of work; in the block of a unit of another domain
                or task; or in the past.
            ConfigurationError: when it is of an older class and does not fit the newest one, or a handler is
                part of an aggregate that there is not.
            ExpectedVersionError: when somebody else saved it after it was loaded (Fowler, optimistic offline
                lock).
            ValidationError: when a value that has to be unique is not.
            EndlessChainError: when an event led to more deliveries than `domain.config["max_chain_length"]`.
            Exception: what a handler raised that its events led to; the aggregate is saved all the same.
            ExceptionGroup: when several handlers raised; the aggregate is saved all the same.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> stock = domain.repository_for(Inventory)
            >>> inventory = stock.add(Inventory(id="i-1", in_stock=5))
            >>> inventory.in_stock = 4
            >>> stock.add(inventory)
            <Inventory: Inventory object (id: i-1)>
            >>> stock.get("i-1").in_stock
            4
        """
        __tracebackhide__ = True
        element = self._elements.get(self._name)
        if element is None or type(aggregate) is not element.cls:
            element = self._check(aggregate, "add")
        engine = self._engine
        with engine.lock:
            world = engine.world
            unit, store = world.unit, world.stores[self._name]
            if unit is None:
                if world.frozen is not None or world.unfinished is not None:
                    engine.open_world()
                if open_block.get() is not None:
                    check_block(engine, None)
                unit = Unit()
                unit.add(aggregate, store, element.schema, engine)  # type: ignore[arg-type]
                self._save(world, unit)
            else:
                if unit.is_block:
                    check_block(engine, unit)
                unit.add(aggregate, store, element.schema, engine)  # type: ignore[arg-type]
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
        engine.work_off(unit)

    def remove(self, aggregate: A) -> A:
        """Remove an aggregate: at once, or with the unit of work that is open.

        Args:
            aggregate: one that was saved.

        Returns:
            The same object.

        Raises:
            IncorrectUsageError: when it is not of this repository's kind or of another domain; when another
                object of its identity is part of the unit of work; in the block of a unit of another domain
                or task; or in the past.
            InvalidOperationError: when it was never saved.
            ConfigurationError: when a handler is part of an aggregate that there is not.
            ExpectedVersionError: when somebody else saved it after it was loaded.
            EndlessChainError: when an event led to more deliveries than `domain.config["max_chain_length"]`.
            Exception: what a handler raised that its events led to; the aggregate is removed all the same.
            ExceptionGroup: when several handlers raised; the aggregate is removed all the same.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> stock = domain.repository_for(Inventory)
            >>> inventory = stock.add(Inventory(id="i-1", in_stock=5))
            >>> stock.remove(inventory)
            <Inventory: Inventory object (id: i-1)>
            >>> stock
            <Repository of Inventory: 0 stored>
        """
        __tracebackhide__ = True
        element = self._check(aggregate, "remove")
        with self._engine.lock:
            world = self._engine.open_world()
            check_block(self._engine, world.unit)
            unit = world.unit or Unit()
            key = (self._name, aggregate._identity)  # type: ignore[attr-defined]
            if aggregate._version < 0 and key not in unit.added:  # type: ignore[attr-defined]
                raise InvalidOperationError(
                    f"{aggregate!r} was never saved, so it cannot be removed. Add it first."
                )
            unit.remove(aggregate, world.stores[self._name], element.schema)  # type: ignore[arg-type]
            if world.unit is None:
                self._save(world, unit)
        return aggregate

    def remove_all(self, found: Query[A]) -> int:
        """Remove all that a query finds, as one unit of work.

        Args:
            found: a query of this repository.

        Returns:
            How many were removed.

        Raises:
            IncorrectUsageError: as `remove`.
            ConfigurationError: when what is stored does not fit the newest class.
            Exception: what a handler raised that their events led to.
        """
        from ddd_kit.engine.unit_of_work import UnitOfWork  # which knows domains, and those know repositories

        with self._engine.lock, UnitOfWork(self._engine):
            gone = list(found)
            for aggregate in gone:
                self.remove(aggregate)
        return len(gone)

    def change_all(self, found: Query[A], values: Mapping[str, Any]) -> int:
        """Change all that a query finds, as one unit of work.

        Args:
            found: a query of this repository.
            values: by field name.

        Returns:
            How many were changed.

        Raises:
            ValidationError: when a value is not accepted, or a rule does not hold; none is changed then.
            AttributeError: for a field that does not exist.
            Exception: what a handler raised that their events led to.
        """
        from ddd_kit.engine.unit_of_work import UnitOfWork  # as in remove_all

        with self._engine.lock, UnitOfWork(self._engine):
            changed = list(found)
            for aggregate in changed:
                with atomic_change(aggregate):
                    for name, value in values.items():
                        setattr(aggregate, name, value)
                self.add(aggregate)
        return len(changed)

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
        return self._engine.registry.find(self._name, *STORED)

    def get(self, identity: Any, *, at_version: int | None = None, as_of: dt.datetime | None = None) -> A:
        """The aggregate of an identity.

        Args:
            identity: coerced as the identity's field would.
            at_version: of an event-sourced one: as it was after so many events, from 0 for the first.
            as_of: of an event-sourced one: as it was at that time; in UTC where the time has no zone.

        Returns:
            A copy of what is stored; within one unit of work always the same object (Fowler's identity map).
            As it was, it is read-only.

        Raises:
            ObjectNotFoundError: when nothing of that identity is stored, or was then.
            IncorrectUsageError: when it is given an aggregate instead, or asked for the past of one that is
                not event-sourced.
            ConfigurationError: when what is stored does not fit the newest class, as it lacks a field that
                is required now.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> stock = domain.repository_for(Inventory)
            >>> inventory = stock.add(Inventory(id="i-1", in_stock=5))
            >>> stock.get("i-1").in_stock
            5
        """
        found = self._get(identity, at_version, as_of)
        if found is None:
            count = len(self._engine.world.stores[self._name].rows)
            raise ObjectNotFoundError(
                f"{self._name} {identity!r} is not in its repository, which holds {count:,}. "
                f"See domain.repository_for({self._name}).query.all(); an object gets there by add."
            )
        return found

    def get_or_none(
        self, identity: Any, *, at_version: int | None = None, as_of: dt.datetime | None = None
    ) -> A | None:
        """The aggregate of an identity, or None.

        Args:
            identity: coerced as the identity's field would.
            at_version: as in `get`.
            as_of: as in `get`.

        Returns:
            As `get`; None when nothing of that identity is stored.

        Raises:
            ObjectNotFoundError: when it had no such version, or did not exist then.
            IncorrectUsageError: when it is given an aggregate instead, or asked for the past of one that is
                not event-sourced.
            ConfigurationError: when what is stored does not fit the newest class, as it lacks a field that
                is required now.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> stock = domain.repository_for(Inventory)
            >>> print(stock.get_or_none("i-2"))
            None
        """
        if at_version is None and as_of is None:
            return self._get(identity, None, None)
        try:
            return self._get(identity, at_version, as_of)
        except ObjectNotFoundError:
            return None

    def _get(self, identity: Any, at_version: int | None, as_of: dt.datetime | None) -> A | None:
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
            if at_version is not None or as_of is not None:
                return cast(A, self._past(world, element, identity, (at_version, as_of)))
            return self._load(world, element, identity) if isinstance(identity, Hashable) else None

    def _past(
        self,
        world: World,
        element: Registered,
        identity: Any,
        until: tuple[int | None, dt.datetime | None],
    ) -> Any:
        if not element.schema.sourced:
            raise IncorrectUsageError(
                f"{self._name} is not event-sourced: get(..., at_version=..., as_of=...) needs its events to "
                f"tell the past. domain.at(step).repository_for({self._name}).get(...) shows it as it was."
            )
        return past(self._engine, world, element, identity, until)

    def _load(self, world: World, element: Registered, identity: Any) -> A | None:
        """What is stored under a coerced identity; the lock is held."""
        unit, store = world.unit, world.stores[self._name]
        if unit is not None:
            key = (self._name, identity)
            known = unit.known.get(key)
            if known is not None:
                removed = key in unit.added and unit.added[key][3] is None
                return None if removed else known  # type: ignore[return-value]
        row = store.rows.get(identity)
        if row is None:
            return None
        version, names, values = row
        schema = element.schema
        if names is not schema.names:
            values = current(schema, identity, row)
        if schema.sourced:
            aggregate: Any = load(self._engine, world, element, identity)
        else:
            aggregate = restore(element.cls, values, version)
        if unit is not None:
            unit.known[key] = aggregate
        return aggregate  # type: ignore[no-any-return]

    @property
    def _dao(self) -> Repository[A]:
        return self  # Protean's repositories ask their data access object

    def delete(self, aggregate: A) -> A:
        """As `remove`, by the name that Protean's data access objects have for it."""
        return self.remove(aggregate)

    def filter(self, *parts: Q, **conditions: Any) -> Query[A]:
        """As `query.filter`.

        Args:
            *parts: conditions made with `Q`.
            **conditions: as in `query.filter`.

        Returns:
            A query.

        Raises:
            IncorrectUsageError: as `query.filter`.
        """
        return self.query.filter(*parts, **conditions)

    def find(self, criteria: Q) -> ResultSet[A]:
        """The aggregates that meet a condition, which may have a name (Evans, ch. 9: specification).

        Args:
            criteria: made with `Q`.

        Returns:
            What is found, as `query.all` gives it.

        Raises:
            IncorrectUsageError: as `query.filter`.

        Example:
            >>> from ddd_kit import Domain, Q
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> def large():
            ...     return Q(quantity__gte=100)
            >>> orders = domain.repository_for(Order)
            >>> order = orders.add(Order(quantity=100))
            >>> len(orders.find(large()))
            1
        """
        return self.query.filter(criteria).all()

    def exists(self, *parts: Q, **conditions: Any) -> bool:
        """Whether any aggregate meets the conditions.

        Args:
            *parts: conditions made with `Q`.
            **conditions: values by field name, with a lookup behind two underscores, as `quantity__gt=5`; see
                `Q` for the lookups. Without any: whether there is an aggregate at all.

        Returns:
            True when there is one at least.

        Raises:
            IncorrectUsageError: for a field or a lookup that does not exist, or a value that it cannot take.
            ConfigurationError: when what is stored does not fit the newest class, as it lacks a field that
                is required now.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> stock = domain.repository_for(Inventory)
            >>> inventory = stock.add(Inventory(id="i-1", in_stock=5))
            >>> stock.exists(in_stock__gt=0)
            True
        """
        return bool(self.query.filter(*parts, **conditions))

    def find_by(self, **conditions: Any) -> A:
        """The one aggregate that has these values.

        Args:
            **conditions: values by field name, one at least; the first look-up of a field builds an index.
                With lookups, as in `in_stock__gt=1`, all aggregates are looked through.

        Returns:
            A copy of what is stored; within one unit of work always the same object (Fowler's identity map).

        Raises:
            IncorrectUsageError: for a field or a lookup that does not exist, a value that it cannot take, or
                without conditions.
            ObjectNotFoundError: when there is none.
            TooManyObjectsError: when there are several.
            ConfigurationError: when what is stored does not fit the newest class, as it lacks a field that
                is required now.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> stock = domain.repository_for(Inventory)
            >>> inventory = stock.add(Inventory(id="i-1", in_stock=5))
            >>> stock.find_by(in_stock=5).id
            'i-1'
        """
        engine = self._engine
        with engine.lock:
            world = engine.world
            if world.unfinished is not None:
                world.finish()
            element = self._elements.get(self._name) or self._element()
            unit, found = world.unit, None
            if len(conditions) == 1 and (unit is None or not unit.added):
                found = world.stores[self._name].holders(conditions, element.schema)
            if not found:
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
                wanted[field] = schema.stored(field, check(value))
            except ValueError:  # it has nobody, then
                wanted[field] = value
        if not wanted:
            raise IncorrectUsageError(f"find_by() of {self._name}: name a field and its value.")
        store, unit = world.stores[self._name], world.unit
        found = store.identities_with(field, wanted[field], schema)
        if len(wanted) > 1:
            found = [i for i in found if self._matches(current(schema, i, store.rows[i]), wanted)]
        return found if unit is None or not unit.added else self._with_pending(found, wanted)

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
        added = [i for i, (*_, values, _, _) in pending.items() if values and self._matches(values, wanted)]
        return [i for i in found if i not in pending] + added

    def _pending(self) -> dict[Any, Added]:
        unit = self._engine.world.unit
        if unit is None:
            return {}
        return {i: added for (name, i), added in unit.added.items() if name == self._name}

    @property
    def query(self) -> Query[A]:
        """All aggregates of the kind, to be narrowed down.

        Returns:
            A query, which looks nothing up before it is asked.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> stock = domain.repository_for(Inventory)
            >>> inventory = stock.add(Inventory(id="i-1", in_stock=5))
            >>> stock.query.filter(in_stock__lt=10).order_by("-in_stock").all()
            [<Inventory: Inventory object (id: i-1)>]
        """
        element = self._elements.get(self._name)
        ordering = () if element is None else element.options.get("order_by", ())
        return Query(self, ordering=ordering)

    def rows(self) -> Iterator[tuple[Any, dict[str, Any]]]:
        """What is stored, and what the open unit of work is going to store.

        Yields:
            The identity and the values of each aggregate, in the order in which they came to be.

        Raises:
            IncorrectUsageError: when the aggregate is not part of the model any more.
            ConfigurationError: when what is stored does not fit the newest class, as it lacks a field that
                is required now.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> stock = domain.repository_for(Inventory)
            >>> inventory = stock.add(Inventory(id="i-1", in_stock=5))
            >>> dict(stock.rows())
            {'i-1': {'in_stock': 5, 'id': 'i-1'}}
        """
        schema = self.schema
        with self._engine.lock:
            world = self._engine.world
            world.finish()
            rows = dict(world.stores[self._name].rows)
            for identity, (_, _, schema_then, values, _, _) in self._pending().items():
                if values is None:
                    rows.pop(identity, None)
                else:
                    rows[identity] = (0, schema_then.names, values)
        for identity, row in rows.items():
            yield identity, dict(zip(schema.names, current(schema, identity, row), strict=True))

    def __dir__(self) -> list[str]:
        """The words for those who work with it; completion offers these."""
        return [name for name in super().__dir__() if not name.startswith("_") and name not in _MACHINERY]

    def __repr__(self) -> str:
        return f"<Repository of {self._name}: {len(self._engine.world.stores[self._name].rows):,} stored>"
