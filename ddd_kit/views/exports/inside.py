"""Changes inside of aggregates as Python: entities are added, removed and changed through their aggregate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.part import Part, is_parts
from ddd_kit.building_blocks.schema import Schema
from ddd_kit.fields.spec import Relation
from ddd_kit.journal.values import same
from ddd_kit.views.exports.expressions import Expressions

Changes = Mapping[str, tuple[Any, Any]]


class Inside:
    """Writes what is inside of aggregates.

    Args:
        expressions: names classes and writes values.
    """

    def __init__(self, expressions: Expressions) -> None:
        self.expressions = expressions

    def _of(self, value: Any) -> str:
        return self.expressions.values.of(value)

    def changes(self, holder: str, schema: Schema, changed: Changes) -> Iterator[str]:
        """Lines that change an object as the journal says that it changed.

        Args:
            holder: the expression that stands for the object.
            schema: of its class.
            changed: its own fields that changed, with both values.

        Yields:
            Lines of Python.
        """
        for field, (before, after) in changed.items():
            nested = schema.nested.get(field)
            if nested is None or nested.relation is not Relation.MANY or not _goes_on(before, after):
                attribute = self.expressions.attribute(holder, field)
                yield from self._one(attribute, before, after) or [f"{attribute} = {self._of(after)}"]
                continue
            old, new = _by_identity(before), _by_identity(after)
            for gone in [part for key, part in old.items() if key not in new]:
                yield f"{holder}.remove_{field}({self._entity(holder, field, before, gone)})"
            for key, part in new.items():
                if key in old:
                    target = self._entity(holder, field, before, old[key])
                    yield from self._within(target, old[key], part)
                else:
                    yield f"{holder}.add_{field}({self._of(part)})"

    def _one(self, attribute: str, before: Any, after: Any) -> list[str]:
        """What changed within the one entity of a field; nothing where it is another one."""
        if not (isinstance(before, Part) and isinstance(after, Part)) or after.identity is None:
            return []
        same_one = (before.element, before.names, before.id) == (after.element, after.names, after.id)
        return list(self._within(attribute, before, after)) if same_one else []

    def _within(self, target: str, before: Part, after: Part) -> Iterator[str]:
        pairs = zip(after.names, before.values, after.values, strict=True)
        changed = {name: (old, new) for name, old, new in pairs if not same(old, new)}
        yield from self.changes(target, self._schema(after), changed)

    def _schema(self, part: Part) -> Schema:
        return self.expressions.schema(part.element, Kind.VALUE_OBJECT, Kind.ENTITY)

    def _entity(self, holder: str, field: str, held: Sequence[Part], part: Part) -> str:
        """How one entity of a field is got: by its identity, or by its place where no test can know that."""
        expressions = self.expressions
        if expressions.unknown(part.id):
            return f"{expressions.attribute(holder, field)}[{list(held).index(part)}]"
        return f"{holder}.get_one_from_{field}({expressions.values.arguments({str(part.identity): part.id})})"

    def expected(self, holder: str, schema: Schema, values: Mapping[str, Any]) -> Iterator[str]:
        """Lines that say what an object has to hold.

        Args:
            holder: the expression that stands for the object.
            schema: of its class.
            values: by field, as stored.

        Yields:
            Lines of Python; entities, which are equal where their identity is, are asked for each value.
        """
        for field, value in values.items():
            attribute = self.expressions.attribute(holder, field)
            if field in schema.entities and is_parts(value):
                yield f"assert len({attribute}) == {len(value)}"
                for place, part in enumerate(value):
                    yield from self._each(f"{attribute}[{place}]", part)
            elif field in schema.entities and isinstance(value, Part):
                yield from self._each(attribute, value)
            else:
                wanted = self._of(value)
                sign = "is" if value is None or isinstance(value, bool) else "=="
                if wanted != "ANY":
                    yield f"assert {attribute} {sign} {wanted}"

    def _each(self, attribute: str, part: Part) -> Iterator[str]:
        schema = self._schema(part)
        held = {n: v for n, v in zip(part.names, part.values, strict=True) if n in schema.fields}
        yield from self.expected(attribute, schema, held)


def _by_identity(parts: Sequence[Part]) -> dict[Any, Part]:
    return {part.id: part for part in parts}


def _goes_on(before: Any, after: Any) -> bool:
    """Whether the entities that stayed are in the same order, and new ones came after them."""
    if not (is_parts(before) and is_parts(after)):
        return False
    old, new = _by_identity(before), _by_identity(after)
    kept = [key for key in old if key in new]
    stays = all(old[key].names == new[key].names and old[key].element == new[key].element for key in kept)
    return stays and list(new)[: len(kept)] == kept
