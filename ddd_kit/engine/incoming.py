"""What comes from outside of the domain: events of other domains, and messages of brokers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ddd_kit.building_blocks.aggregate import Aggregate, order_of_raising
from ddd_kit.building_blocks.element import set_values
from ddd_kit.building_blocks.message import Event, set_raised, set_record
from ddd_kit.engine.batch import Raised
from ddd_kit.engine.commit import commit
from ddd_kit.engine.head import Lineage
from ddd_kit.engine.unit import Unit
from ddd_kit.journal.entry import EVENT, Row, place

if TYPE_CHECKING:
    from ddd_kit.engine.head import Head
    from ddd_kit.engine.running import Running

_NAMES, _VALUES, _VERSION = place(EVENT, "names"), place(EVENT, "values"), place(EVENT, "type_version")
_CATEGORY, _SEQUENCE = place(EVENT, "category"), place(EVENT, "sequence_id")
_CAUSES, _ORIGIN = place(EVENT, "causes"), place(EVENT, "origin_stream")
_CORRELATION, _CAUSATION = place(EVENT, "correlation_id"), place(EVENT, "causation_id")
_IDENTITY, _EXTENSIONS = place(EVENT, "aggregate_id"), place(EVENT, "extensions")


class Shape(NamedTuple):
    """What the kit asks of an event's schema when it writes the event down.

    Attributes:
        element: the name of the event.
        names: of its fields.
        snapshot: gives the values in that order.
        version: of its class.
        is_fact: never.
    """

    element: str
    names: tuple[str, ...]
    snapshot: Callable[[Any], tuple[Any, ...]]
    version: int = 1
    is_fact: bool = False


class Incoming(Event):
    """An event as somebody outside wrote it: its fields are theirs, whatever a class here says."""

    __slots__ = ("_schema",)


_set_shape = Incoming.__dict__["_schema"].__set__


class _Carrier:
    """Stands in the place of the aggregate, which is not here."""

    __slots__ = ("_events",)

    def __init__(self) -> None:
        self._events: list[Event] = []


class _Outside:
    """Stands in the place of the message that an event was raised for, which is not here."""

    delivery = None
    step = None

    def __init__(self, lineage: Lineage, chain: int) -> None:
        self.lineage = lineage
        self.chain = chain


def bring(
    unit: Unit, shape: Shape, owner: tuple[str, Any], numbered: tuple[str, Any], head: Head | None
) -> None:
    """Let a unit of work publish what came from outside, as it was.

    Args:
        unit: the unit.
        shape: its name, its fields and their values.
        owner: where it comes from, as the journal has it in the place of an aggregate; and the identity that
            its stream ends with.
        numbered: its number in the stream, and what enrichers added.
        head: what it came about because of, or None.
    """
    event = cast(Any, Incoming.__new__(Incoming))
    set_values(event, {})
    _set_shape(event, shape)
    set_raised(event, (owner[1], numbered[0], next(order_of_raising), numbered[1]))
    set_record(event, None)
    raised: Raised = (event, cast(Aggregate, _Carrier()), owner, head)
    unit.events.append(raised)


def receive(engine: Running, row: Row, name: str, owner: str) -> Unit:
    """Publish an event of another domain, or one that came in before, as it was; the lock is held.

    Its deliveries wait afterwards. A unit of work that is open goes on as if nothing had happened.

    Args:
        engine: the domain, or a fork of one.
        row: as it was written down there.
        name: what it is called here.
        owner: where it comes from, as the journal has it in the place of an aggregate.

    Returns:
        The unit of work, which is saved.
    """
    world, unit = engine.open_world(), Unit()
    if (name, owner) not in engine.registry.publications and "@" not in owner:
        routes = engine.registry.routes(name, row[_CATEGORY])
        engine.registry.publications[name, owner] = (row[_CATEGORY], routes.certain, routes)
    values = row[_VALUES]
    shape = Shape(name, row[_NAMES], lambda _: values, row[_VERSION])
    chain = world.journal.last_step + 1 if engine.config["journal"] else 0
    lineage = Lineage(row[_CAUSES], row[_ORIGIN], row[_CORRELATION], row[_CAUSATION])
    numbered = (row[_SEQUENCE], row[_EXTENSIONS])
    bring(unit, shape, (owner, row[_IDENTITY]), numbered, cast("Head", _Outside(lineage, chain)))
    commit(engine, world, unit)
    return unit
