"""A delivery: one event on its way to one handler method."""

from __future__ import annotations

from collections.abc import Sequence

from ddd_kit.journal.entry import Row

# All deliveries that one root event led to share one list, which holds their number, so that an endless chain
# can be stopped. A list: 20 ns to make, an object of a class 100.
Chain = list[int]


class Delivery:
    """One event to one handler method.

    Attributes:
        row: the event, as the journal has it.
        step: the step of the event; None where nothing is recorded.
        names: of the handler, its method and the event.
        chain: what it belongs to.
        parent: the delivery in which the event was raised, or None.
    """

    __slots__ = ("chain", "names", "parent", "row", "step")

    def __init__(
        self, row: Row, step: int | None, names: tuple[str, str, str], chain: Chain, parent: Delivery | None
    ) -> None:
        self.row = row
        self.step = step
        self.names = names
        self.chain = chain
        self.parent = parent

    @property
    def handler(self) -> str:
        """The name of the handler."""
        return self.names[0]

    @property
    def method(self) -> str:
        """The name of its method."""
        return self.names[1]

    @property
    def event(self) -> str:
        """The name of the event."""
        return self.names[2]

    @property
    def target(self) -> str:
        """The handler and its method, as `ManageInventory.reduce_stock_level`."""
        return f"{self.handler}.{self.method}"

    def __repr__(self) -> str:
        return f"<{self.event} -> {self.target}>"

    def again(self) -> Delivery:
        """The same event to the same method, as a delivery of its own."""
        return Delivery(self.row, self.step, self.names, self.chain, self.parent)

    def cycle(self) -> tuple[str, ...]:
        """The shortest way back to the same event and handler: names of events and handlers in turn.

        Returns:
            As `("Pinged", "Echo.again", "Pinged")`; the last few links where nothing repeats.
        """
        places: dict[tuple[str, str], int] = {}
        path: list[Delivery] = []
        link: Delivery | None = self
        while link is not None:
            path.append(link)
            first = places.setdefault((link.event, link.target), len(path) - 1)
            if first < len(path) - 1:
                path = path[first:]
                break
            link = link.parent
        else:
            path = path[:3]
        names = [name for link in reversed(path[1:]) for name in (link.event, link.target)]
        return (*names, path[0].event)


class Waiting(Sequence[Delivery]):
    """The deliveries that wait, the next first; the place of one is what `domain.deliver` takes.

    Args:
        deliveries: in the order in which they would be made.
    """

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self._deliveries = tuple(deliveries)

    def __len__(self) -> int:
        return len(self._deliveries)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self._deliveries[index]

    def __repr__(self) -> str:
        if not self._deliveries:
            return "No delivery is waiting."
        return "\n".join(f"{place}  {d.event} -> {d.target}" for place, d in enumerate(self._deliveries))
