"""One fault: which deliveries it strikes, and what it does to them."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ddd_kit.engine.delivery import Delivery
from ddd_kit.exceptions import InjectedFaultError

TWICE, DROP, DELAY, SHUFFLE, FAIL = "deliver_twice", "drop", "delay", "shuffle", "fail"
# A delivery that a fault took effect on, the fault, and by how much.
Struck = tuple[Delivery, str, str]


class Delayed(Delivery):
    """A delivery that others are to overtake.

    Args:
        delivery: what is delayed.
        by: how many deliveries have to be made before it, 1 or more.

    Attributes:
        by: how many of them were not there to overtake it yet.
    """

    __slots__ = ("by",)

    def __init__(self, delivery: Delivery, by: int) -> None:
        super().__init__(delivery.row, delivery.step, delivery.names, delivery.chain, delivery.parent)
        self.by = by


@dataclass(slots=True, eq=False, repr=False)
class Fault:
    """A fault that is switched on; `domain.faults` makes it.

    Attributes:
        number: by which it can be removed, from 1.
        kind: `deliver_twice`, `drop`, `delay`, `shuffle` or `fail`.
        event: the name of the event that it strikes; None for every one.
        handler: the name of the handler that it strikes; None for every one.
        chance: how likely it strikes, above 0 and up to 1.
        count: by how many deliveries it delays, or how many attempts fail; 1 or more.
        seed: what its chances begin with; None for the domain's seed and its own number.
        base: the domain's seed.
    """

    number: int
    kind: str
    event: str | None
    handler: str | None
    chance: float
    count: int
    seed: int | None
    base: int | None
    _dice: random.Random = field(init=False)
    _left: dict[Delivery, int] = field(init=False)
    _thrown: list[tuple[int, int]] = field(init=False)  # for which step, and how many places were mixed
    _step: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Let the chances repeat, as in a run from the start."""
        begin = f"{self.base or 0}/{self.number}" if self.seed is None else self.seed
        self._dice = random.Random(begin)  # noqa: S311 - it is to repeat, not to be secret
        self._left, self._thrown = {}, []

    def go_back(self, step: int) -> None:
        """Take back the chances of what happened after a step.

        Args:
            step: the last one that stays.
        """
        thrown = [each for each in self._thrown if each[0] <= step]
        self.begin_anew()
        for self._step, many in thrown:
            if many:
                self._mixed([0] * many)
            else:
                self._throw()

    def at(self, step: int) -> Fault:
        """The fault itself, which is asked for what happens at a step."""
        self._step = step
        return self

    def copied(self, twins: Mapping[Delivery, Delivery]) -> Fault:
        """The same fault for another world: its chances go on as they would here.

        Args:
            twins: the deliveries of that world that stand for some of this one, which fail as often as these.

        Returns:
            A copy that shares nothing that can change.
        """
        twin = Fault(
            *(self.number, self.kind, self.event, self.handler),
            *(self.chance, self.count, self.seed, self.base),
        )
        twin._dice.setstate(self._dice.getstate())
        twin._thrown = list(self._thrown)
        twin._left = {twins[each]: left for each, left in self._left.items() if each in twins}
        return twin

    def concerns(self, delivery: Delivery) -> bool:
        """Whether it may strike a delivery."""
        return self.event in (None, delivery.event) and self.handler in (None, delivery.handler)

    def _strikes(self, delivery: Delivery) -> bool:
        return self.concerns(delivery) and self._happens()

    def _happens(self) -> bool:
        return self.chance >= 1 or self._throw() < self.chance

    def _throw(self) -> float:
        self._thrown.append((self._step, 0))
        return self._dice.random()

    def _mixed(self, places: list[int]) -> list[int]:
        self._thrown.append((self._step, len(places)))
        mixed = places.copy()
        self._dice.shuffle(mixed)
        return mixed

    def change(self, queued: list[Delivery]) -> tuple[list[Delivery], list[Struck]]:
        """What becomes of the deliveries of one unit of work.

        Args:
            queued: deliveries that are about to wait, in order.

        Returns:
            Those that wait instead; and what was done, to be told.
        """
        change = _CHANGES.get(self.kind)
        return (queued, []) if change is None else change(self, queued)

    def failure(self, delivery: Delivery) -> tuple[InjectedFaultError, str] | None:
        """What an attempt to make a delivery fails with, and which time it is.

        Args:
            delivery: what is about to be made.

        Returns:
            An error that is to be raised, and `time 1 of 2`; None where the attempt is to go its way.
        """
        if self.kind != FAIL or not self.concerns(delivery):
            return None
        if delivery not in self._left:
            self._left[delivery] = self.count if self._happens() else 0
        left = self._left[delivery]
        if not left:
            return None
        self._left[delivery] = left - 1
        which = f"time {self.count - left + 1} of {self.count}"
        return InjectedFaultError(
            f"{delivery.target} was made to fail on {delivery.event}, {which}. "
            f"domain.faults.remove({self.number}) ends that."
        ), which

    def forget(self, delivery: Delivery) -> None:
        """Keep no count of a delivery that does not wait any more."""
        self._left.pop(delivery, None)

    def __repr__(self) -> str:
        unlikely = f", chance {self.chance:g}" if self.chance < 1 else ""
        seeded = f", seed {self.seed}" if self.seed is not None else ""
        target = f"{self.event or 'any event'} -> {self.handler or 'any handler'}"
        return f"{self.number}  {self._word}: {target}{unlikely}{seeded}"

    @property
    def _word(self) -> str:
        return {
            TWICE: "delivered twice",
            DROP: "dropped",
            DELAY: f"delayed by {_deliveries(self.count)}",
            SHUFFLE: "out of order",
            FAIL: "fails the first time" if self.count == 1 else f"fails the first {self.count:,} times",
        }[self.kind]


def _deliveries(count: int) -> str:
    return "1 delivery" if count == 1 else f"{count:,} deliveries"


def _twice(fault: Fault, queued: list[Delivery]) -> tuple[list[Delivery], list[Struck]]:
    struck = [(delivery, TWICE, "") for delivery in queued if fault._strikes(delivery)]
    chosen = {delivery for delivery, _, _ in struck}
    return [copy for each in queued for copy in ([each, each.again()] if each in chosen else [each])], struck


def _drop(fault: Fault, queued: list[Delivery]) -> tuple[list[Delivery], list[Struck]]:
    struck = [(delivery, DROP, "") for delivery in queued if fault._strikes(delivery)]
    gone = {delivery for delivery, _, _ in struck}
    return [delivery for delivery in queued if delivery not in gone], struck


def _delay(fault: Fault, queued: list[Delivery]) -> tuple[list[Delivery], list[Struck]]:
    detail = _deliveries(fault.count)
    struck = [(delivery, DELAY, detail) for delivery in queued if fault._strikes(delivery)]
    late = {delivery for delivery, _, _ in struck}
    return [_later(each, fault.count) if each in late else each for each in queued], struck


def _later(delivery: Delivery, by: int) -> Delayed:
    return Delayed(delivery, by + (delivery.by if isinstance(delivery, Delayed) else 0))


def _shuffle(fault: Fault, queued: list[Delivery]) -> tuple[list[Delivery], list[Struck]]:
    places = [place for place, delivery in enumerate(queued) if fault.concerns(delivery)]
    if len(places) < 2 or not fault._happens():
        return queued, []
    mixed = fault._mixed(places)
    changed = queued.copy()
    struck = []
    for place, was in zip(places, mixed, strict=True):
        changed[place] = queued[was]
        if place != was:
            struck.append((queued[was], SHUFFLE, f"place {place + 1} instead of {was + 1}"))
    return changed, struck


_CHANGES: Mapping[str, Callable[[Fault, list[Delivery]], tuple[list[Delivery], list[Struck]]]] = {
    TWICE: _twice,
    DROP: _drop,
    DELAY: _delay,
    SHUFFLE: _shuffle,
}


def settle(waiting: deque[Delivery]) -> None:
    """Let deliveries overtake those that are delayed; where none is left to do so, these stay in line.

    Args:
        waiting: the deliveries that wait, the next first.
    """
    late: list[Delayed] = []
    order: list[Delivery] = []
    for delivery in waiting:
        if isinstance(delivery, Delayed) and delivery.by:
            late.append(delivery)
            continue
        order.append(delivery)
        for each in late:
            each.by -= 1
        order += [each for each in late if not each.by]
        late = [each for each in late if each.by]
    order += late
    if order != list(waiting):
        deque.__init__(waiting, order)  # one call: an interrupt comes before it or after, and loses nothing
