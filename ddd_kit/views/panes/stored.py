"""Which instances there were after a step, and which of them its unit of work changed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.part import Part
from ddd_kit.building_blocks.process_manager import COMPLETE
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.processes import awaited
from ddd_kit.engine.registry import STORED, Registered
from ddd_kit.journal.entry import CHANGED, KIND_AT, ChangedEntry
from ddd_kit.journal.journal import AGGREGATE_AT, ID_AT, Instance, Journal, Saved
from ddd_kit.journal.process_mark import PROCESS_MANAGER, unmarked
from ddd_kit.views.mapping.standing import standing
from ddd_kit.views.mapping.trail import unrecorded_since


@dataclass(frozen=True, slots=True)
class Shown:
    """An instance as it stood after a unit of work.

    Attributes:
        aggregate: the name of its aggregate.
        identity: its identity.
        saved: what was saved last.
        step: of that; None where it is not in the journal any more.
        change: what the unit of work did to it, or None.
        identified_by: the field that holds the identity, where the model still tells.
        is_sourced: whether its state follows from its events.
        stands: of a process, what it took last and what it waits for; empty where that is not known.
        is_process: whether it is a process.
    """

    aggregate: str
    identity: Any
    saved: Saved
    step: int | None
    change: ChangedEntry | None
    identified_by: str | None
    is_sourced: bool = False
    stands: str = ""
    is_process: bool = False

    @property
    def version(self) -> str:
        """Its version in words."""
        now = self.saved.version
        if self.change is None:
            return f"version {now}"
        return f"new, version {now}" if self.change.before is None else f"version {now - 1} → {now}"

    @property
    def holds_entities(self) -> bool:
        """Whether there are entities inside of it."""
        several = (held for held in self.saved.stored if isinstance(held, tuple))
        return any(
            part.identity is not None
            for held in several
            for part in ((held,) if isinstance(held, Part) else held)
            if isinstance(part, Part)
        )

    def changed_fields(self) -> Mapping[str, tuple[Any, Any]]:
        """The fields that the unit of work changed; none of what is new."""
        change = self.change
        if change is None or change.change != "changed":
            return {}
        return unmarked(change, PROCESS_MANAGER if self.is_process else "aggregate").changed_fields

    def values(self, *first: str) -> dict[str, Any]:
        """Its values by field.

        Args:
            *first: the fields that come first.

        Returns:
            A new dictionary.
        """
        held = dict(zip(self.saved.names, self.saved.values, strict=True))
        if self.is_process:
            held.pop(COMPLETE, None)
        return {field: held[field] for field in (*first, *held)}


class Stored:
    """The instances after the unit of work of a step, by aggregate.

    Args:
        engine: the domain.
        step: a step; 0 for the time before the first.
        only: the name of the aggregate to show; None for all.

    Raises:
        IncorrectUsageError: when there is no such step yet.

    Attributes:
        groups: by aggregate, in order of definition, the identities of its instances, the oldest first.
        total: how many there are.
        removed: those that the unit of work removed.
    """

    def __init__(self, engine: Engine, step: int, only: str | None = None) -> None:
        self._engine = engine
        self._journal = engine.journal
        self._state = _state(engine, step)
        # What is stored now may be of later than the last unit of work that was recorded.
        is_unrecorded = unrecorded_since(self._journal, step)
        unit = {} if is_unrecorded else _changed(self._journal, step)
        self._end = None if is_unrecorded else self._journal.batch_end(step)
        found: dict[str, list[Any]] = {}
        for aggregate, identity in self._state:
            found.setdefault(aggregate, []).append(identity)
        names = [name for name in _defined(engine) if name in found]
        self.groups = {name: found[name] for name in (*names, *found) if only in (None, name)}
        self.total = sum(map(len, self.groups.values()))
        self.removed = [each for each in unit if each not in self._state and only in (None, each[0])]
        self._changed = {each: number for each, number in unit.items() if each in self._state}

    def touched(self, aggregate: str) -> bool:
        """Whether the unit of work changed one of an aggregate."""
        return any(name == aggregate for name, _ in self._changed)

    def kind(self, aggregate: str) -> str:
        """What an aggregate is: that, or a projection, or a process manager."""
        element = _element(self._engine, aggregate)
        return "aggregate" if element is None else str(element.kind)

    def of(self, aggregate: str) -> Iterator[Shown]:
        """Those of an aggregate: what the unit of work changed first, then the newest first.

        Args:
            aggregate: its name.

        Yields:
            Instances, made one by one.
        """
        by = _identity_field(self._engine, aggregate)
        for instance, number in self._changed.items():
            if instance[0] == aggregate:
                yield self._shown(instance, number, by)
        for identity in reversed(self.groups.get(aggregate, [])):
            if (aggregate, identity) not in self._changed:
                yield self._shown((aggregate, identity), None, by)

    def _shown(self, instance: Instance, number: int | None, by: str | None) -> Shown:
        saved = self._state[instance]
        change = None if number is None else self._journal.step(number)
        assert change is None or isinstance(change, ChangedEntry)
        step = saved.step if saved.step >= self._journal.first_step else None
        element = _element(self._engine, instance[0])
        is_sourced = element is not None and element.kind is Kind.AGGREGATE and element.schema.sourced
        stands = self._stands(element, instance[1])
        is_process = element is not None and element.kind is Kind.PROCESS_MANAGER
        return Shown(*instance, saved, step, change, by, is_sourced, stands, is_process)

    def _stands(self, element: Registered | None, identity: Any) -> str:
        """Where a process stands, as `after OrderPlaced, waits for PaymentConfirmed`."""
        if element is None or element.kind is not Kind.PROCESS_MANAGER or self._end is None:
            return ""
        where, taken = standing(self._journal, element.name).taken(identity, self._end)
        if where is None:
            return ""
        if where.complete:
            return f"complete, since {where.event}" if where.event else "complete"
        waits = f"waits for {' or '.join(awaited(element, taken)) or 'nothing'}"
        return f"after {where.event}, {waits}" if where.event else waits


def _state(engine: Engine, step: int) -> Mapping[Instance, Saved]:
    journal = engine.journal
    if unrecorded_since(journal, step):  # what is not recorded is stored all the same
        return {
            (store.aggregate, identity): Saved(0, *row)
            for store in engine.world.stores.values()
            for identity, row in store.rows.items()
        }
    return journal.state_at(max(step, journal.first_step - 1))


def _changed(journal: Journal, step: int) -> dict[Instance, int]:
    """The instances that a step's unit of work changed, with the steps in which it did."""
    first = journal.first_step
    if step < first:
        return {}
    end = journal.batch_end(step)
    begin = first + bisect_left(range(first, step + 1), end, key=journal.batch_end)
    unit = enumerate(journal.rows[begin - first : end + 1 - first], begin)
    return {(row[AGGREGATE_AT], row[ID_AT]): number for number, row in unit if row[KIND_AT] == CHANGED}


def _defined(engine: Engine) -> Iterator[str]:
    elements = [*engine.registry.elements.values(), *engine.registry.retired.values()]
    return (element.name for element in elements if element.kind in STORED)


def _element(engine: Engine, name: str) -> Registered | None:
    return engine.registry.elements.get(name) or engine.registry.retired.get(name)


def _identity_field(engine: Engine, aggregate: str) -> str | None:
    element = _element(engine, aggregate)
    return element.schema.identity if element is not None and element.kind in STORED else None


def aggregate_of(engine: Engine, name: str) -> str:
    """What is stored of an element: itself, or the aggregate or projection that it is part of.

    Args:
        engine: the domain.
        name: an element's name.

    Returns:
        A name; of an element that there is not, its own.
    """
    element = _element(engine, name)
    if element is None or element.kind in STORED:
        return name
    owner: Any = element.options.get("projector_for") or element.part_of or name
    return str(owner[0] if isinstance(owner, tuple) else owner)  # a service may work on several
