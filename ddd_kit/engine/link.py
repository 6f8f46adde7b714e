"""What building blocks get of their domain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Optional

from ddd_kit.building_blocks.aggregate import NEVER_SAVED, order_of_raising
from ddd_kit.building_blocks.message import Message, restore, set_raised
from ddd_kit.building_blocks.refusing import named
from ddd_kit.building_blocks.value_object import ValueObject as ValueObjectBlock
from ddd_kit.engine.batch import note
from ddd_kit.engine.calling import call
from ddd_kit.engine.commit import rejected_row
from ddd_kit.engine.context import active_engine
from ddd_kit.engine.names import camel_case, fact_name, snake_case
from ddd_kit.engine.query import Q
from ddd_kit.exceptions import (
    ConfigurationError,
    IncorrectUsageError,
    ObjectNotFoundError,
    TooManyObjectsError,
    ValidationError,
    did_you_mean,
)
from ddd_kit.fields import FieldSpec, ValueObject, ValueObjectList
from ddd_kit.fields.spec import Relation
from ddd_kit.journal.origin import current_origin

if TYPE_CHECKING:
    from ddd_kit.building_blocks.aggregate import Aggregate
    from ddd_kit.building_blocks.metadata import Metadata
    from ddd_kit.building_blocks.schema import Schema
    from ddd_kit.engine.model import Model
    from ddd_kit.engine.store import Store


class Link:
    """The way from a class to the domain that it is registered with.

    Args:
        engine: the domain.
    """

    def __init__(self, engine: Model) -> None:
        self.engine = engine
        self.enrichers: list[Callable[[Any, Any], Any]] = []
        self.command_enrichers: list[Callable[[Any], Any]] = []
        self.aggregate_enrichers: list[Callable[[Any], Any]] = []
        self.at_end_of_context: list[Callable[[Any], Any]] = []

    def enriched(self, event: Message, aggregate: Any) -> tuple[tuple[str, Any], ...]:
        """What the enrichers of the domain say of an event.

        Args:
            event: that is raised.
            aggregate: that raises it.

        Returns:
            Pairs of a name and a value.

        Raises:
            IncorrectUsageError: when an enricher gives something else than a dictionary or None.
        """
        found: dict[str, Any] = {}
        for enricher in self.enrichers:
            said = enricher(event, aggregate)
            if not isinstance(said, dict | None):
                raise IncorrectUsageError(
                    f"{getattr(enricher, '__name__', enricher)} gave {said!r}: an enricher returns a "
                    "dictionary, or None."
                )
            found.update(said or {})
        return tuple(found.items())

    def new_identity(self) -> str:
        """An identity nobody has yet, or what the domain's own function makes."""
        made = self.engine.identity_function
        return self.engine.world.identities.next() if made is None else str(made())

    def reject(
        self, error: ValidationError, tried: Mapping[str, Any], aggregate: Aggregate | None = None
    ) -> None:
        """Record that values were not accepted: at once, or with the unit of work that is open.

        Args:
            error: what is going to be raised.
            tried: values by field name.
            aggregate: the object that refuses, where there is one already.
        """
        if aggregate is not None and getattr(aggregate, "_version", NEVER_SAVED) != NEVER_SAVED:
            who = named(aggregate)
            error.subject = who if error.element == aggregate._schema.element else f"{error.element} of {who}"
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

    def enrich_command(self, command: Message) -> None:
        """Let the enrichers of the domain add to the metadata of a command.

        Args:
            command: that is processed.
        """
        known = command._raised[3] if command._raised is not None else ()
        found = dict(known)
        for enricher in self.command_enrichers:
            found.update(enricher(command) or {})
        set_raised(command, (None, "", 0, tuple(found.items())))

    def value_object_of(self, entity: type, name: str | None, left_out: Iterable[str]) -> type:
        """A class of value objects with the fields of an entity.

        Args:
            entity: its class.
            name: of the new class; that of the entity with `ValueObject` when None.
            left_out: fields that it does not get.

        Returns:
            The class, which is an element of the model.
        """
        schema: Schema = entity._schema  # type: ignore[attr-defined]
        fields: dict[str, Any] = {}
        for field, spec in schema.fields.items():
            if field not in left_out and not (spec.nested and spec.nested.relation is Relation.REFERENCE):
                fields[field] = self._as_values(spec)
        doc = f"The values of one {schema.element}, to be sent with messages."
        made = type(
            name or f"{schema.element}ValueObject",
            (),
            {"__module__": entity.__module__, "__doc__": doc, **fields},
        )
        return self.engine.value_object(made)

    def _as_values(self, spec: FieldSpec) -> FieldSpec:
        nested = spec.nested
        if nested is not None and nested.relation in (Relation.ONE, Relation.MANY):
            inner = self.value_object_of(self.find(nested.target), None, ())
            single = nested.relation is Relation.ONE
            held: FieldSpec = ValueObject(inner) if single else ValueObjectList(inner)
            return held
        if spec.identifier or spec.unique:
            return replace(
                spec,
                type=Optional[spec.type],  # noqa: UP045 - `|` refuses some of them
                identifier=False,
                unique=False,
                required=False,
                default=None,
            )
        return replace(spec, transitions=None)

    def called(self, service: str, method: str, body: Callable[[], Any], in_unit: bool) -> Any:
        """Let a method of a service run, in the world that the code stands in.

        Args:
            service: the name of its class.
            method: its name.
            body: what it does.
            in_unit: whether all that it saves is saved together.

        Returns:
            What the body returns.

        Raises:
            BaseException: what the body raised.
        """
        __tracebackhide__ = True
        active = active_engine.get()
        mine = active is not None and (active is self.engine or active.trunk is self.engine)
        engine: Any = active if mine else self.engine
        return call(engine, (service, method), body, in_unit)

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
        if isinstance(target, type) and issubclass(
            target, ValueObjectBlock
        ):  # as Protean, it needs no decorator
            return self.engine.register(target)
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

    def tell_fact(self, aggregate: Any, store: Store, values: tuple[Any, ...]) -> None:
        """Let an aggregate raise the event that tells its whole state, where that is not what is stored.

        Args:
            aggregate: the object that is saved.
            store: where it goes.
            values: those that are saved.
        """
        raised = aggregate._events
        stored = store.rows.get(aggregate._identity)
        if stored is not None and stored[2] == values and not raised:
            return
        element = self.engine.registry.elements[fact_name(store.aggregate)]
        sequence_id = f"{aggregate._version + 1}.1"
        fact: Any = restore(element.cls, element.schema.restore(values), None)
        set_raised(fact, (aggregate._identity, sequence_id, next(order_of_raising), ()))
        raised.append(fact)

    def metadata(self, message: Message) -> Metadata:
        """Where a message comes from and where it belongs, see `metadata_of`."""
        from ddd_kit.engine.metadata import metadata_of  # few programs read it

        return metadata_of(self.engine, message)


def message_type(domain: str, schema: Schema) -> str:
    """The type of a message as it travels.

    Args:
        domain: the name of the domain.
        schema: of the message's class.

    Returns:
        As `Bookshop.OrderShipped.v1`.
    """
    return f"{camel_case(domain)}.{schema.element}.v{schema.version}"
