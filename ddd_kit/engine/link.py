"""What building blocks get of their domain."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.message import DomainMeta, Envelope, Event, Headers, Message, Metadata
from ddd_kit.engine.batch import note
from ddd_kit.engine.commit import rejected_row
from ddd_kit.engine.names import camel_case, event_stream, snake_case
from ddd_kit.engine.query import Q
from ddd_kit.exceptions import (
    ConfigurationError,
    ObjectNotFoundError,
    TooManyObjectsError,
    ValidationError,
    did_you_mean,
)
from ddd_kit.journal.entry import CommandEntry, EventEntry, entry
from ddd_kit.journal.origin import current_origin

if TYPE_CHECKING:
    from ddd_kit.building_blocks.aggregate import Aggregate
    from ddd_kit.engine.model import Model

_SPECVERSION = "1.0"


class Link:
    """The way from a class to the domain that it is registered with.

    Args:
        engine: the domain.
    """

    def __init__(self, engine: Model) -> None:
        self.engine = engine

    def new_identity(self) -> str:
        """An identity nobody has yet."""
        return self.engine.world.identities.next()

    def reject(
        self, error: ValidationError, tried: Mapping[str, Any], aggregate: Aggregate | None = None
    ) -> None:
        """Record that values were not accepted: at once, or with the unit of work that is open.

        Args:
            error: what is going to be raised.
            tried: values by field name.
            aggregate: the object that refuses, where there is one already.
        """
        engine = self.engine.home_of(aggregate)
        if not engine.config["journal"]:
            return
        with engine.lock:
            world = engine.world
            if world.unit is not None:
                world.unit.refuse(error, error.element, dict(tried))
                return
            world.finish()
            step = world.journal.last_step + 1
            cell = current_origin.get().label
            row = rejected_row(error, error.element, tried, (None, step), (cell, world.now()))
            world.apply(note([row], step))

    def check_owner(self, aggregate: str, event: Message) -> None:
        """Refuse an event that is not part of the aggregate that raises it.

        Args:
            aggregate: the name of the one that raises it.
            event: the event.

        Raises:
            ConfigurationError: unless the event is part of it after all.
            IncorrectUsageError: when it belongs to another domain.
        """
        self.engine.refuse_foreign(type(event))
        element = self.engine.registry.elements.get(event._schema.element)
        owner = event._part_of if element is None else self.engine.registry.owner(element).name
        if owner != aggregate:
            raise ConfigurationError(
                f"{aggregate} cannot raise {event._schema.element}: that event is part of {owner}. "
                f"Define it with part_of={aggregate}, or raise it from {owner}."
            )

    def find(self, target: type | str) -> type:
        """The newest class of a building block.

        Args:
            target: a class of it, or its name.

        Returns:
            The class.

        Raises:
            ConfigurationError: when there is none of that name.
        """
        name = target if isinstance(target, str) else target.__name__
        known = self.engine.registry.elements
        if name in known:
            return known[name].cls
        if isinstance(target, type) and hasattr(target, "_schema"):
            return target
        raise ConfigurationError(
            f"{name} is not defined in {self.engine.name}{did_you_mean(name, known) or '.'} "
            "Run the cell that defines it."
        )

    def known_as(self, element: str) -> str:
        """The name of an element as a field would be called: `order_item` for `OrderItem`."""
        return snake_case(element)

    def matching(self, owner: Any, field: str, conditions: Mapping[str, Any]) -> list[Any]:
        """The entities of a field that meet conditions.

        Args:
            owner: what holds them.
            field: the name of the field.
            conditions: values by field name, with lookups behind two underscores, as in a query.

        Returns:
            The entities, in order.

        Raises:
            IncorrectUsageError: for a field or a lookup that does not exist.
        """
        cls: Any = self.find(owner._schema.nested[field].target)
        schema = cls._schema
        meets = Q(**conditions).compiled(schema)
        return [
            entity
            for entity in getattr(owner, field)
            if meets(dict(zip(schema.names, schema.snapshot(entity.__dict__), strict=True)))
        ]

    def the_one(self, owner: Any, field: str, conditions: Mapping[str, Any]) -> Any:
        """The entity of a field that meets conditions.

        Args:
            owner: what holds it.
            field: the name of the field.
            conditions: as in `matching`.

        Returns:
            The entity.

        Raises:
            ObjectNotFoundError: when none does.
            TooManyObjectsError: when several do.
            IncorrectUsageError: for a field or a lookup that does not exist.
        """
        found = self.matching(owner, field, conditions)
        asked = ", ".join(f"{name}={value!r}" for name, value in conditions.items())
        if not found:
            raise ObjectNotFoundError(f"None of the {field} of {owner!r} has {asked}.")
        if len(found) > 1:
            raise TooManyObjectsError(f"{len(found):,} of the {field} of {owner!r} have {asked}.")
        return found[0]

    def referred(self, holder: Any, target: type | str, identity: Any) -> Any:
        """The aggregate that a reference means, in the world of the one that refers to it.

        Args:
            holder: the aggregate or the entity that refers to it.
            target: its class, or its name.
            identity: its identity.

        Returns:
            The aggregate as it is stored now, or None where it is not.
        """
        engine: Any = self.engine.home_of(holder._root())
        return engine.repository_for(self.find(target)).get_or_none(identity)

    def metadata(self, message: Message) -> Metadata:
        """Where a message comes from and where it belongs.

        Args:
            message: an event or a command.

        Returns:
            As much as is known: a message belongs to no stream before it is raised or processed.
        """
        name = message._schema.element
        row = message._record
        written = entry(0, row) if row is not None else None
        known = _known(written) if written is not None else self._expected(message)
        kind = "EVENT" if isinstance(message, Event) else "COMMAND"
        time = written.at if written is not None else dt.datetime.now(dt.UTC)
        cls = type(message)
        return Metadata(
            Headers(known["id"], f"{camel_case(self.engine.name)}.{name}.v1", time, known["stream"]),
            DomainMeta(
                fqn=f"{cls.__module__}.{cls.__qualname__}",
                kind=kind,
                stream_category=known["category"],
                origin_stream=known.get("origin"),
                version=1,
                sequence_id=known.get("sequence"),
                correlation_id=known.get("correlation"),
                causation_id=known.get("causation"),
            ),
            Envelope(_SPECVERSION, _checksum(message) if known["id"] else None),
        )

    def _expected(self, message: Message) -> dict[str, Any]:
        """What a raised event is going to be called when it is saved."""
        raised = message._raised
        if raised is None:
            return {"id": None, "stream": None, "category": None}
        category = self.engine.registry.category(message._part_of)
        identity, sequence_id, _ = raised
        stream = event_stream(category, identity)
        return {
            "id": f"{stream}-{sequence_id}",
            "stream": stream,
            "category": category,
            "sequence": sequence_id,
        }


def _known(written: Any) -> dict[str, Any]:
    if isinstance(written, EventEntry):
        return {
            "id": written.message_id,
            "stream": written.stream,
            "category": written.category,
            "origin": written.origin_stream,
            "sequence": written.sequence_id,
            "correlation": written.correlation_id,
            "causation": written.causation_id,
        }
    assert isinstance(written, CommandEntry)
    category = written.stream.removesuffix(f"-{written.stream.rsplit(':command-', 1)[-1]}")
    return {
        "id": written.message_id,
        "stream": written.stream,
        "category": category,
        "correlation": written.message_id,
    }


def _checksum(message: Message) -> str:
    payload = json.dumps(message.payload, default=str, sort_keys=True)
    return hashlib.sha256(payload.encode()).hexdigest()
