"""Process managers: what keeps track of a process that takes several events and commands."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.schema import Values
from ddd_kit.exceptions import IncorrectUsageError

COMPLETE = "is_complete"  # the field that each process manager has, after its own


class ProcessManager(Aggregate):
    """What the classes given to `@domain.process_manager` become (Hohpe and Woolf: process manager).

    Each object is one process: its state tells how far that is. It is kept as an aggregate is, found by the
    value that its events have in common, and hears nothing more once it is complete (Vernon, ch. 4:
    long-running processes). It changes other aggregates by commands only.

    Args:
        *templates: dictionaries with values in common.
        **values: values by field name; what is not given is None, or its default.

    Raises:
        ValidationError: when a value is unknown or not accepted.

    Example:
        >>> from ddd_kit import Domain, handle
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     def place(self):
        ...         self.raise_(OrderPlaced(order_id=self.id))
        >>> @domain.event(part_of=Order)
        ... class OrderPlaced:
        ...     order_id: str
        >>> @domain.process_manager(aggregates=[Order])
        ... class Fulfilment:
        ...     status: str = "new"
        ...     @handle(OrderPlaced, start=True, correlate="order_id")
        ...     def on_placed(self, event):
        ...         self.status = "awaiting payment"
        >>> order = Order(id="o-1")
        >>> order.place()
        >>> domain.repository_for(Order).add(order)
        <Order: ...>
        >>> domain.repository_for(Fulfilment).get("o-1").status
        'awaiting payment'
    """

    __slots__ = ()
    _identified: ClassVar[bool]  # whether a field of its own is its identity

    def mark_as_complete(self) -> None:
        """Say that the process is over: it hears nothing more."""
        self.__dict__[COMPLETE] = True

    @property
    def _is_complete(self) -> bool:
        return bool(self.__dict__[COMPLETE])

    @property
    def _correlation_value(self) -> Any:
        return self._identity

    def raise_(self, event: Any) -> NoReturn:
        """Refused: a process manager sends commands, and the aggregates that take them raise the events.

        Args:
            event: any.

        Raises:
            IncorrectUsageError: always.
        """
        raise IncorrectUsageError(
            f"{self._schema.element}.raise_({event!r}): a process manager raises no events. Send a command, "
            "as in current_domain.process(CancelOrder(...)), and let the aggregate raise the event."
        )

    def to_dict(self) -> Values:
        """The declared fields, in order of declaration, as JSON has them.

        Returns:
            Values by field name; changing the dictionary does not change the process.
        """
        told = super().to_dict()
        del told[COMPLETE]
        if not self._identified:
            del told["id"]
        return told
