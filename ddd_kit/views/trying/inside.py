"""What a form asks for the value objects and entities that a value consists of: their fields, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.part import Part, is_parts
from ddd_kit.building_blocks.schema import Schema
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.registry import Registered
from ddd_kit.fields import FieldSpec
from ddd_kit.fields.spec import Nested, Relation
from ddd_kit.journal.sentence import brief
from ddd_kit.views.markup import plain
from ddd_kit.views.trying.annotations import of_field
from ddd_kit.views.trying.parameters import UNSET, Parameter

DEEPEST = 4  # value objects in value objects
_SINGLE = (Relation.VALUE, Relation.ONE)
Asked = Iterator[Parameter]


class Asking:
    """What forms ask for the fields of a model.

    Args:
        engine: the domain.
        owner: names the aggregate that a field refers to by its name, or nothing.
    """

    def __init__(self, engine: Engine, owner: Callable[[str], str]) -> None:
        self._engine = engine
        self._owner = owner

    def fields(self, schema: Schema) -> Asked:
        """All that a constructor is asked for.

        Args:
            schema: of the class.

        Yields:
            Parameters; of a value object one for each of its fields, of entities in lists none.
        """
        for name, spec in schema.fields.items():
            yield from self._field(name, spec, 0)

    def _field(self, name: str, spec: FieldSpec, depth: int) -> Asked:
        nested = spec.nested
        if nested is None:
            yield of_field(name, spec, self._owner(name))
        elif nested.relation is Relation.REFERENCE:
            kind = of_field(name, spec, nested.name)
            yield replace(kind, kind="text", suggests=nested.name, hint=f"the identity of one {nested.name}")
        elif nested.relation in _SINGLE and depth < DEEPEST and self._known(nested.name):
            yield from self.parts(name, nested.name, required=spec.required, depth=depth)
        elif spec.required:
            yield Parameter(name, "object", hint=nested.name)

    def _known(self, name: str) -> Registered | None:
        element = self._engine.registry.elements.get(name)
        return element if element is not None and element.kind in (Kind.VALUE_OBJECT, Kind.ENTITY) else None

    def parts(
        self, name: str, element: str, *, required: bool, positional: bool = False, depth: int = 0
    ) -> Asked:
        """The fields of a value object or an entity that a value is made of.

        Args:
            name: of the value.
            element: the name of its class.
            required: whether it has to be given.
            positional: whether the value is given without its name.
            depth: in how many others it is.

        Yields:
            Parameters that are inside of it.
        """
        known = self._known(element)
        if known is None:
            return
        for field, spec in known.schema.fields.items():
            if known.kind is Kind.ENTITY and field == "id" and known.schema.identity == "id":
                continue  # the kit makes it
            for asked in self._field(field, spec, depth + 1):
                # A box to tick cannot say that nothing is given.
                boxed = asked.kind == "flag" and not required
                yield replace(
                    replace(asked, kind="choice", choices=(True, False)) if boxed else asked,
                    name=f"{name}.{asked.name}",
                    inside=((name, element), *asked.inside),
                    required=asked.required and required,
                    optional_inside=asked.required and not required,
                    positional=positional,
                )


def block_of(annotation: Any) -> str:
    """The value object or the entity that an argument has to be.

    Args:
        annotation: of the argument, evaluated.

    Returns:
        The name of the class, or nothing.
    """
    schema = getattr(annotation, "_schema", None)
    is_one = isinstance(annotation, type) and (
        getattr(annotation, "_is_value", False) or hasattr(annotation, "_part_of")
    )
    return schema.element if schema is not None and is_one and hasattr(annotation, "_rules") else ""


def associations(schema: Schema) -> Mapping[str, Nested]:
    """The fields of an aggregate that hold entities in lists.

    Args:
        schema: of its class.

    Returns:
        What each holds, by name.
    """
    return {name: held for name, held in schema.nested.items() if held.relation is Relation.MANY}


def entities(engine: Engine, element: Registered, identity: Any, field: str) -> tuple[tuple[str, Any], ...]:
    """The entities of a stored aggregate.

    Args:
        engine: the domain.
        element: the aggregate.
        identity: of the instance.
        field: that holds them.

    Returns:
        Labels and identities.
    """
    held = stored(engine, element, identity, field)
    if not is_parts(held):
        return ()
    return tuple((plain(_label(part)), part.id) for part in held)


def stored(engine: Engine, element: Registered, identity: Any, field: str) -> Any:
    """What a stored aggregate holds in a field, or None."""
    with engine.lock:
        engine.world.finish()
        store = engine.world.stores.get(element.name)
        row = store.rows.get(identity) if store is not None else None
    if row is None or field not in row[1]:
        return None
    return row[2][row[1].index(field)]


def _label(part: Part) -> str:
    others = [brief(value) for value in part.values if isinstance(value, str | int) and value != part.id]
    return f"{brief(part.id)}{f' ({others[0]})' if others else ''}"


def next_states(engine: Engine, element: Registered, identity: Any, asked: Parameter) -> Parameter:
    """An argument that is called as a status is: only what may follow the one that there is.

    Args:
        engine: the domain.
        element: the aggregate.
        identity: of the instance.
        asked: what is asked for.

    Returns:
        The parameter, with choices where it stands for a status.
    """
    spec = element.schema.fields.get(asked.name)
    if spec is None or spec.transitions is None or asked.kind not in ("text", "literal"):
        return asked
    now = stored(engine, element, identity, asked.name)
    choices = spec.transitions.get(now, ()) if now is not None else spec.choices
    hint = f"it is {plain(now)}" + ("" if choices else ": no other follows") if now is not None else ""
    return replace(asked, kind="choice", choices=tuple(choices) or (now,), hint=hint, default=UNSET)
