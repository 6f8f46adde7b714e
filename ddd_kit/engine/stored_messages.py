"""The event store by Protean's names: `domain.event_store.store.read("bookshop::order-1")`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.message import Message
from ddd_kit.engine.upcasting import revived
from ddd_kit.journal.entry import EVENT, EventEntry, Row, entry, place
from ddd_kit.journal.sentence import phrase

if TYPE_CHECKING:
    from ddd_kit.building_blocks.metadata import Metadata
    from ddd_kit.engine.causation import CausationNode
    from ddd_kit.engine.sourced import Sourced

_STREAM_ALL = "$all"
_AGGREGATE = place(EVENT, "aggregate")


class StoredMessage:
    """An event as it lies in its stream.

    Args:
        engine: the domain.
        row: the event as the journal has it.

    Attributes:
        event: the same as an entry.
    """

    def __init__(self, engine: Sourced, row: Row) -> None:
        self._engine = engine
        self._row = row
        event = entry(0, row)
        assert isinstance(event, EventEntry)
        self.event = event

    @property
    def data(self) -> dict[str, Any]:
        """The values by field name."""
        return self.event.payload

    @property
    def metadata(self) -> Metadata:
        """Where it comes from and where it belongs."""
        return self.to_domain_object()._metadata

    @property
    def stream_name(self) -> str:
        """Its stream."""
        return self.event.stream

    @property
    def position(self) -> int:
        """Its place in the stream, from 0."""
        return self.event.position

    @property
    def time(self) -> dt.datetime:
        """When it was saved, in UTC."""
        return self.event.at

    def to_domain_object(self) -> Message:
        """The event as an object of its newest class; upcasters change what is older.

        Returns:
            The event.

        Raises:
            IncorrectUsageError: when its class is not defined any more.
            ConfigurationError: when it does not fit its newest class.
        """
        message: Message = revived(self._engine.registry, self._row)
        return message

    def __repr__(self) -> str:
        return f"<{phrase(self.event)}>"


class MessageStore:
    """The streams of a domain.

    Args:
        engine: the domain.
    """

    def __init__(self, engine: Sourced) -> None:
        self._engine = engine

    def read(self, stream: str, position: int = 0, no_of_messages: int | None = None) -> list[StoredMessage]:
        """The events of a stream or of a category.

        Args:
            stream: its full name; `"$all"` for every event, but not what brokers brought.
            position: how many to leave out at the start.
            no_of_messages: how many at most; None for all.

        Returns:
            The events, in order.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.event(part_of=Order)
            ... class OrderShipped:
            ...     quantity: int
            >>> order = Order(id="o-1")
            >>> order.raise_(OrderShipped(quantity=5))
            >>> saved = domain.repository_for(Order).add(order)
            >>> [message.data for message in domain.event_store.store.read("bookshop::order-o-1")]
            [{'quantity': 5}]
        """
        world = self._engine.world
        with self._engine.lock:
            if stream == _STREAM_ALL:
                # `payments@default` is the broker's stream: nobody here raised what is on it.
                rows = [row for _, row in world.events.rows if "@" not in row[_AGGREGATE]]
            else:
                rows = world.events.stream(self._engine.registry.full(stream)).rows
        end = None if no_of_messages is None else position + no_of_messages
        return [StoredMessage(self._engine, row) for row in rows[position:end]]

    def read_all(self, stream: str = _STREAM_ALL, page_size: int | None = None) -> list[StoredMessage]:  # noqa: ARG002 - Protean's
        """Every event, in order.

        Args:
            stream: of one stream or category; of all when it is not given.
            page_size: accepted as Protean's, and without effect.

        Returns:
            The events.
        """
        return self.read(stream)

    def read_last_message(self, stream: str) -> StoredMessage | None:
        """The newest event of a stream, or None.

        Args:
            stream: its full name.

        Returns:
            The event.
        """
        found = self.read(stream)
        return found[-1] if found else None

    def trace_causation(self, message: Any) -> list[Any]:
        """A message and all that led to it; see `domain.journal` for what happened between them.

        Args:
            message: the id of a command or an event, or what `read` gave.

        Returns:
            Messages, the first cause first, the one that is asked for last.

        Raises:
            IncorrectUsageError: when the journal has no such message, or nothing is recorded.
        """
        from ddd_kit.engine.causation import Trail  # few programs need it

        with self._engine.lock:
            return list(Trail(self._engine).causes_of(message))

    def trace_effects(self, message: Any, *, recursive: bool = True) -> list[Any]:
        """What a message led to.

        Args:
            message: the id of a command or an event, or what `read` gave.
            recursive: whether what came of that in its turn is among them.

        Returns:
            Messages, in the order in which they came.

        Raises:
            IncorrectUsageError: when the journal has no such message, or nothing is recorded.
        """
        from ddd_kit.engine.causation import Trail  # as above

        with self._engine.lock:
            return list(Trail(self._engine).effects_of(message, recursive=recursive))

    def build_causation_tree(self, correlation_id: str) -> CausationNode | None:
        """The first message of a correlation, with all that it led to.

        Args:
            correlation_id: what the messages share: the id of the first command, or the one that was given
                to `process`.

        Returns:
            The message with its `children`; None where no message has that id.

        Raises:
            IncorrectUsageError: when nothing is recorded.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.event(part_of=Order)
            ... class OrderPlaced: ...
            >>> @domain.command(part_of=Order)
            ... class PlaceOrder: ...
            >>> @domain.command_handler(part_of=Order)
            ... class ManageOrder:
            ...     @handle(PlaceOrder)
            ...     def place(self, command):
            ...         order = Order()
            ...         order.raise_(OrderPlaced())
            ...         domain.repository_for(Order).add(order)
            >>> domain.process(PlaceOrder(), correlation_id="checkout-42")
            >>> tree = domain.event_store.store.build_causation_tree("checkout-42")
            >>> tree.message_type, [child.message_type for child in tree.children]
            ('Bookshop.PlaceOrder.v1', ['Bookshop.OrderPlaced.v1'])
        """
        from ddd_kit.engine.causation import Trail  # as above

        with self._engine.lock:
            return Trail(self._engine).tree(correlation_id)

    def load_aggregate(self, aggregate: type, identity: Any, **until: Any) -> Any:
        """An event-sourced aggregate as its stream tells it, or None.

        Args:
            aggregate: its class.
            identity: of the one that is meant.
            **until: `at_version` or `as_of`, as its repository's `get_or_none` takes them.

        Returns:
            The aggregate.
        """
        return self._engine.repository_for(aggregate).get_or_none(identity, **until)

    def create_snapshot(self, aggregate: type | str, identity: Any) -> bool:
        """As `domain.create_snapshot`."""
        return self._engine.create_snapshot(aggregate, identity)

    def create_snapshots(self, aggregate: type | str) -> int:
        """As `domain.create_snapshots`."""
        return self._engine.create_snapshots(aggregate)

    def __repr__(self) -> str:
        return f"<event store of {self._engine.name}: {len(self._engine.world.events.rows):,} events>"


class EventStores:
    """What `domain.event_store` gives.

    Attributes:
        store: the streams of the domain.

    Args:
        engine: the domain.
    """

    def __init__(self, engine: Sourced) -> None:
        self.store = MessageStore(engine)
