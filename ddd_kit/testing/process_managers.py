"""What a process manager made of events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from ddd_kit.building_blocks.message import Event
from ddd_kit.engine.model import name_of
from ddd_kit.journal.entry import OK, ChangedEntry, HandledEntry
from ddd_kit.testing.stage import Stage


class ProcessManagerResult:
    """A process after its events; it has the fields of the process manager.

    Args:
        stage: the world of the test.
        name: the name of the process manager.
        identity: which process; None where none began.

    Example:
        >>> from ddd_kit import Domain, handle
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order: ...
        >>> @domain.event(part_of=Order)
        ... class OrderPlaced:
        ...     order_id: str
        >>> @domain.process_manager(aggregates=[Order])
        ... class Fulfilment:
        ...     status: str = "new"
        ...     @handle(OrderPlaced, start=True, correlate="order_id")
        ...     def on_placed(self, event):
        ...         self.status = "awaiting payment"
        >>> from ddd_kit.testing import given
        >>> process = given(Fulfilment, OrderPlaced(order_id="o-1"))
        >>> process, process.status, process.is_complete
        (<ProcessManagerResult(Fulfilment) transitions=1>, 'awaiting payment', False)
    """

    def __init__(self, stage: Stage, name: str, identity: Any) -> None:
        self._stage, self._name, self._identity = stage, name, identity

    @classmethod
    def fed(cls, stage: Stage, manager: type | str, facts: Sequence[Any], identity: Any = None) -> Self:
        """Let a process manager, and no other handler, hear events; what it commands is done as usual.

        Args:
            stage: the world of the test.
            manager: its class or name.
            facts: events; what is none happens as usual.
            identity: which process is asked for; None for the one that the events began.

        Returns:
            What became of the process.

        Raises:
            Exception: what was raised.
        """
        __tracebackhide__ = True
        name = name_of(manager)
        for fact in facts:
            stage.give(fact)
            stage.settle(name if isinstance(fact, Event) else None)
        if identity is None:
            changed = (entry for entry in stage.engine.journal if isinstance(entry, ChangedEntry))
            identity = next((entry.id for entry in changed if entry.aggregate == name), None)
        return cls(stage, name, identity)

    @property
    def process_manager(self) -> Any:
        """The process as it is stored, or None."""
        if self._identity is None:
            return None
        return self._stage.engine.repository_for(self._name).get_or_none(self._identity)

    @property
    def not_started(self) -> bool:
        """Whether no event began such a process."""
        return self.process_manager is None

    @property
    def is_complete(self) -> bool:
        """Whether the process is over."""
        found = self.process_manager
        return found is not None and found._is_complete

    @property
    def transition_count(self) -> int:
        """How many events the process manager took."""
        return sum(
            isinstance(entry, HandledEntry) and entry.handler == self._name and entry.outcome == OK
            for entry in self._stage.engine.journal
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self.process_manager
        if found is None:
            raise AttributeError(
                f"{self._name} has no '{name}': none of the events began such a process. One of them has to "
                "be taken by a method with @handle(..., start=True).",
                name=name,
                obj=self,
            )
        return getattr(found, name)

    def __repr__(self) -> str:
        if self.not_started:
            status = "not_started"
        else:
            status = "complete" if self.is_complete else f"transitions={self.transition_count}"
        return f"<ProcessManagerResult({self._name}) {status}>"
