"""Protean's words for aggregates: given an aggregate, process a command."""

from __future__ import annotations

from typing import Any, Self

from ddd_kit.engine.engine import Engine
from ddd_kit.engine.model import name_of
from ddd_kit.journal.entry import ChangedEntry, EventEntry
from ddd_kit.testing.event_log import EventLog
from ddd_kit.testing.sentence import Sentence
from ddd_kit.testing.stage import Ran
from ddd_kit.testing.words import texts


class AggregateResult(Sentence):
    """What `given(Order, *events)` makes: an aggregate after its events, and after commands.

    It has the fields of the aggregate. `.process(...)` lets a command happen, as often as you like.

    Example:
        >>> from ddd_kit import Domain, handle
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     quantity: int = 1
        >>> @domain.command(part_of=Order)
        ... class PlaceOrder:
        ...     quantity: int
        >>> @domain.command_handler(part_of=Order)
        ... class ManageOrder:
        ...     @handle(PlaceOrder)
        ...     def place(self, command):
        ...         order = domain.repository_for(Order).add(Order(quantity=command.quantity))
        ...         return order.id
        >>> from ddd_kit.testing import given
        >>> order = given(Order).process(PlaceOrder(quantity=3))
        >>> order, order.quantity, order.events
        (<AggregateResult(Order) accepted>, 3, EventLog([]))
    """

    def __init__(self, cls: type, facts: tuple[Any, ...], at: int, *, handlers: bool) -> None:
        super().__init__(facts, at, handlers=handlers, target=cls)
        self._cls = cls
        self._ran: list[tuple[Ran, list[Any]]] = []
        self._identity: Any = None

    def process(self, command: Any, *, correlation_id: str | None = None) -> Self:
        """Let the model take a command; what it raises is kept as `.rejection`.

        Args:
            command: the command.
            correlation_id: what it shares with other messages; a new one when None.

        Returns:
            The same.

        Raises:
            Exception: what was raised by something that is given.
        """
        __tracebackhide__ = True
        stage = self._begun()
        options = {} if correlation_id is None else {"correlation_id": correlation_id}
        name = name_of(self._cls)
        if self._identity is None:
            self._identity = stage.identities.get(name)
        ran = stage.run(command, **options)
        if self._identity is None and ran.error is None:
            self._identity = self._new(stage.engine, ran, name)
        mine = [
            event
            for entry, event in zip(ran.entries.of(kind="event"), stage.events_of(ran.entries), strict=True)
            if isinstance(entry, EventEntry)
            and (entry.aggregate, entry.aggregate_id) == (name, self._identity)
            and not event._schema.is_fact
        ]
        self._ran.append((ran, [] if ran.error else mine))
        return self

    def _new(self, engine: Engine, ran: Ran, name: str) -> Any:
        """Which aggregate a command was about: what its handler returned, or what it changed first."""
        saved = [
            entry.id for entry in ran.entries if isinstance(entry, ChangedEntry) and entry.aggregate == name
        ]
        raised = [e.aggregate_id for e in ran.entries if isinstance(e, EventEntry) and e.aggregate == name]
        if (
            isinstance(ran.result, str | int)
            and engine.repository_for(name).get_or_none(ran.result) is not None
        ):
            return engine.repository_for(name).get(ran.result)._identity
        return next(iter([*saved, *raised]), None)

    @property
    def aggregate(self) -> Any:
        """The aggregate as it is stored now, or None."""
        if self._stage is None or self._identity is None:
            return None
        return self._stage.engine.repository_for(name_of(self._cls)).get_or_none(self._identity)

    @property
    def events(self) -> EventLog:
        """The events of the aggregate that the last command led to, without fact events."""
        return EventLog(self._ran[-1][1] if self._ran else ())

    @property
    def all_events(self) -> EventLog:
        """The events of the aggregate that all commands led to."""
        return EventLog(event for _, events in self._ran for event in events)

    @property
    def rejection(self) -> Exception | None:
        """What the last command raised, or None."""
        return self._ran[-1][0].error if self._ran else None

    @property
    def accepted(self) -> bool:
        """Whether the last command was done."""
        return bool(self._ran) and self.rejection is None

    @property
    def rejected(self) -> bool:
        """Whether the last command raised an error."""
        return self.rejection is not None

    @property
    def rejection_messages(self) -> list[str]:
        """What the last command was refused with, a text each."""
        error = self.rejection
        if error is None:
            return []
        said = texts(error)
        return said[1:] or said

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        aggregate = self.aggregate
        if aggregate is None:
            raise AttributeError(
                f"given({name_of(self._cls)}) has no '{name}': there is no {name_of(self._cls)} yet. Call "
                ".process(...) first; it tells which one by what its handler returns or saves.",
                name=name,
                obj=self,
            )
        return getattr(aggregate, name)

    def __repr__(self) -> str:
        status = "accepted" if self.accepted else "rejected" if self.rejected else "pending"
        return f"<AggregateResult({name_of(self._cls)}) {status}>"
