"""The part of a domain that event-sourced aggregates need: snapshots, and the events in their streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.model import name_of
from ddd_kit.engine.query import coerced
from ddd_kit.engine.recorded import Recorded
from ddd_kit.engine.registry import Registered
from ddd_kit.engine.sourcing import take_snapshot
from ddd_kit.engine.stored_messages import EventStores
from ddd_kit.exceptions import IncorrectUsageError

if TYPE_CHECKING:
    from ddd_kit.engine.causation import CausationNode
    from ddd_kit.engine.rehydration import Rehydration


class Sourced(Recorded):
    """A model that runs, is recorded, and whose aggregates may follow from their events."""

    @property
    def event_store(self) -> EventStores:
        """The streams of the domain, by Protean's names; `domain.stream("order")` is the shorter way."""
        return EventStores(self)

    def correlation_trace(self, correlation_id: str) -> list[CausationNode]:
        """The messages of a correlation, each before what it led to.

        Args:
            correlation_id: what they share: the id of the first command, or the one that `process` was given.

        Returns:
            What `domain.event_store.store.build_causation_tree` gives, as a list; empty where there is none.

        Raises:
            IncorrectUsageError: when nothing is recorded.

        Example:
            >>> from ddd_kit import Domain
            >>> Domain(name="Bookshop").correlation_trace("checkout-42")
            []
        """
        from ddd_kit.engine.causation import in_order  # few programs need it

        return in_order(self.event_store.store.build_causation_tree(correlation_id))

    def create_snapshot(self, aggregate: type | str, identity: Any) -> bool:
        """Keep the state of an event-sourced aggregate, so that loading it needs the later events only.

        One is kept by itself after `domain.config["snapshot_threshold"]` events.

        Args:
            aggregate: its class or name.
            identity: of the one that is meant.

        Returns:
            True.

        Raises:
            IncorrectUsageError: when it is no event-sourced aggregate of this domain.
            ObjectNotFoundError: when there is none of that identity.

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
            >>> saved = domain.repository_for(Account).add(account)
            >>> domain.create_snapshot(Account, "a-1")
            True
        """
        element = self._event_sourced(aggregate, "create_snapshot")
        schema = element.schema
        with self.lock:
            known = coerced(schema, schema.identity or "id", identity)
            return take_snapshot(self, self.world, element, known)

    def create_snapshots(self, aggregate: type | str) -> int:
        """Keep the state of all aggregates of one event-sourced class.

        Args:
            aggregate: its class or name.

        Returns:
            How many.

        Raises:
            IncorrectUsageError: when it is no event-sourced aggregate of this domain.
        """
        element = self._event_sourced(aggregate, "create_snapshots")
        with self.lock:
            identities = list(self.world.stores[element.name].rows)
            return sum(take_snapshot(self, self.world, element, identity) for identity in identities)

    def create_all_snapshots(self) -> dict[str, int]:
        """Keep the state of every event-sourced aggregate.

        Returns:
            How many, by the name of the class.
        """
        named = [e.name for e in self.registry.of_kind(Kind.AGGREGATE) if e.schema.sourced]
        return {name: self.create_snapshots(name) for name in named}

    def rehydrate(self, aggregate: Any, identity: Any = None, *, step: int | None = None) -> Rehydration:
        """How the state of an event-sourced aggregate arises: one event, one `@apply` after the other.

        Args:
            aggregate: an object, or the class or name of one.
            identity: of the one that is meant, where a class or a name is given.
            step: as it was after this step of the journal; as it is when None.

        Returns:
            What each event changed; a table in a cell.

        Raises:
            IncorrectUsageError: when it is no event-sourced aggregate of this domain, or nothing happened to
                it yet.

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
            >>> saved = domain.repository_for(Account).add(account)
            >>> domain.rehydrate(account)
            Account a-1 arose from 1 event
              0  MoneyDeposited (amount 5)  deposited: balance 0 -> 5
        """
        from ddd_kit.engine.rehydration import rehydrated  # loaded when somebody asks

        if isinstance(aggregate, Aggregate):
            self.refuse_foreign(type(aggregate))
            return rehydrated(self, aggregate._schema.element, aggregate._identity, step)
        element = self._event_sourced(aggregate, "rehydrate")
        schema = element.schema
        return rehydrated(self, element.name, coerced(schema, schema.identity or "id", identity), step)

    def _event_sourced(self, aggregate: type | str, what: str) -> Registered:
        element = self.registry.find(name_of(aggregate), Kind.AGGREGATE)
        if not element.schema.sourced:
            raise IncorrectUsageError(
                f"{what}({element.name}): it is not event-sourced, so it is stored as it is. "
                "@domain.aggregate(event_sourced=True) makes it so."
            )
        return element
