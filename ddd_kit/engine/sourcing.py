"""Event-sourced aggregates in their repository: loaded from their stream, and saved as their events alone."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from ddd_kit.building_blocks.event_sourced import EventSourced, as_past, loaded
from ddd_kit.engine.names import event_stream
from ddd_kit.engine.upcasting import revived
from ddd_kit.exceptions import IncorrectUsageError, ObjectNotFoundError
from ddd_kit.journal.entry import TIME_AT, Row
from ddd_kit.journal.sentence import short_id

if TYPE_CHECKING:
    from ddd_kit.building_blocks.message import Event
    from ddd_kit.engine.model import Model
    from ddd_kit.engine.registry import Registered
    from ddd_kit.engine.world import World


class Snapshot(NamedTuple):
    """The state after some of the events, so that not all of them have to be told again.

    Attributes:
        generation: of the registry: an `@apply` method that was changed makes a snapshot worthless.
        version: of the aggregate, from 0.
        values: in the order of its fields.
    """

    generation: int
    version: int
    values: tuple[Any, ...]


def load(model: Model, world: World, element: Registered, identity: Any) -> EventSourced | None:
    """An aggregate as its stream tells it.

    Args:
        model: the domain.
        world: its state.
        element: the aggregate's class.
        identity: of the one that is asked for.

    Returns:
        The aggregate, or None where there is none.

    Raises:
        IncorrectUsageError: when no `@apply` method takes one of its events.
    """
    stored = world.stores[element.name].rows.get(identity)
    if stored is None:
        return None
    rows = _rows(model, world, element.name, identity, stored[0])
    found, told = _from_snapshot(model, world, element, identity, rows)
    if told >= model.config["snapshot_threshold"]:
        _keep(model, world, element.name, found)
    return found


def _rows(model: Model, world: World, name: str, identity: Any, version: int) -> list[Row]:
    """The events of an aggregate; of one that was removed and made again, those since then."""
    stream = event_stream(model.registry.category(name), identity)
    return world.events.of_stream(stream)[-version - 1 :]


def _from_snapshot(
    model: Model, world: World, element: Registered, identity: Any, rows: list[Row]
) -> tuple[EventSourced, int]:
    """The aggregate, and how many events had to be told."""
    known = world.snapshots.get((element.name, identity))
    if known is None or known.generation != model.registry.generation or known.version >= len(rows):
        known = Snapshot(0, -1, ())
    rest = rows[known.version + 1 :]
    values = known.values if known.version >= 0 else None
    state = (identity, values, known.version)
    return loaded(element.cls, state, _events(model, rest)), len(rest)


def _events(model: Model, rows: Iterable[Row]) -> Iterable[Event]:
    return (revived(model.registry, row) for row in rows)


def _keep(model: Model, world: World, name: str, aggregate: EventSourced) -> None:
    values = aggregate._schema.snapshot(aggregate.__dict__)
    key = (name, aggregate._identity)
    world.snapshots[key] = Snapshot(model.registry.generation, aggregate._version, values)


def take_snapshot(model: Model, world: World, element: Registered, identity: Any) -> bool:
    """Keep the present state of an aggregate, so that loading it takes less time.

    Args:
        model: the domain.
        world: its state.
        element: the aggregate's class.
        identity: of the aggregate.

    Returns:
        True.

    Raises:
        ObjectNotFoundError: when there is none.
    """
    found = load(model, world, element, identity)
    if found is None:
        raise ObjectNotFoundError(f"{element.name} {identity!r} is not in its repository: no snapshot of it.")
    _keep(model, world, element.name, found)
    return True


def past(
    model: Model,
    world: World,
    element: Registered,
    identity: Any,
    until: tuple[int | None, dt.datetime | None],
) -> EventSourced | None:
    """An aggregate as it was.

    Args:
        model: the domain.
        world: its state.
        element: the aggregate's class.
        identity: of the aggregate.
        until: the version, from 0, or the time, one of the two.

    Returns:
        The aggregate, which nothing more can happen to; None where there is none.

    Raises:
        ObjectNotFoundError: when it never had that version, or did not exist at that time.
        IncorrectUsageError: when both are given, or none, or one that is no version or no time.
    """
    version, as_of = until
    if version is not None and (isinstance(version, bool) or not isinstance(version, int)):
        raise IncorrectUsageError(f"get(..., at_version={version!r}): it is a whole number, from 0.")
    if as_of is not None and not isinstance(as_of, dt.datetime):
        raise IncorrectUsageError(f"get(..., as_of={as_of!r}): it is a datetime.")
    if (version is None) == (as_of is None):
        raise IncorrectUsageError("get(..., at_version=..., as_of=...): give one of the two.")
    stored = world.stores[element.name].rows.get(identity)
    if stored is None:
        return None
    rows = _rows(model, world, element.name, identity, stored[0])
    if version is not None:
        kept = rows[: version + 1]
        if not 0 <= version < len(rows):
            raise ObjectNotFoundError(
                f"{element.name} {short_id(identity)} has no version {version}: it has 0 to {len(rows) - 1}."
            )
    else:
        assert as_of is not None
        moment = (as_of if as_of.tzinfo else as_of.replace(tzinfo=dt.UTC)).timestamp()
        kept = [row for row in rows if row[TIME_AT] <= moment]
        if not kept:
            raise ObjectNotFoundError(f"{element.name} {short_id(identity)} did not exist yet at {as_of}.")
    return as_past(loaded(element.cls, (identity, None, -1), _events(model, kept)))


def settled(model: Model, world: World, aggregate: EventSourced, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values that are saved of an aggregate: those that follow from its events.

    Args:
        model: the domain.
        world: its state.
        aggregate: the object that is added.
        values: those that it has.

    Returns:
        Values in the order of its fields.

    Raises:
        IncorrectUsageError: when nothing has happened to a new one, or when it shows the past.
    """
    if aggregate._is_temporal:
        raise IncorrectUsageError(f"{aggregate!r} shows the past and cannot be saved.")
    if aggregate._version < 0 and not aggregate._events:
        raise IncorrectUsageError(
            f"{aggregate!r} is event-sourced and has raised no event, so there is nothing to save. Raise one."
        )
    if not aggregate._strays:
        return values
    schema, name, identity = aggregate._schema, aggregate._schema.element, aggregate._identity
    rows = _rows(model, world, name, identity, aggregate._version) if aggregate._version >= 0 else []
    events = [*_events(model, rows), *aggregate._events]
    told = loaded(type(aggregate), (identity, None, -1), events)
    followed = schema.snapshot(told.__dict__)
    fields = [field for field, one, other in zip(schema.names, values, followed, strict=True) if one != other]
    if fields:
        warnings.warn(
            f"{aggregate!r} is event-sourced, and {', '.join(fields)} changed without an event: that is not "
            "saved. Raise an event, and change the state in the @apply method.",
            stacklevel=4,
        )
    else:
        aggregate._strays.clear()
    return followed
