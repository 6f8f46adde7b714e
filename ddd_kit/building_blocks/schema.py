"""The declared fields of a class, as the rest of the kit reads them: how values are checked, copied, told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import ValidationError as PydanticError

from ddd_kit.building_blocks.nesting import Find, frozen
from ddd_kit.building_blocks.refusing import phrases_of, reasons_inside
from ddd_kit.exceptions import ValidationError, did_you_mean
from ddd_kit.fields import FieldSpec
from ddd_kit.fields.spec import Nested, Relation

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Schema:
    """What a class declares.

    Attributes:
        element: the name of the class.
        fields: the fields by name, in order of declaration.
        names: their names; the same tuple object for all snapshots of one class.
        identity: the name of the field that is the identity, or None.
        check: takes the given values, returns all of them, coerced, in order of declaration.
        checks: the same for one field, by name.
        assigned: those of them that are for fields that may be set: all but the identity.
        values_of: takes values by name, returns them in order of declaration.
        snapshot: the same, untouched by later changes.
        restore: takes a snapshot, returns values by name, free to be changed.
        unique: the fields whose values no two aggregates may share.
        indexable: the fields whose values cannot change from inside, so that they can be looked up.
        immutable: whether that holds for all fields, so that snapshots may share their values.
        version: of the class of a message, from 1.
        is_fact: whether it is an event that tells the whole state of its aggregate.
        sourced: whether its objects follow from their events.
        facts: whether each save of its objects is told by an event.
        nested: the fields that hold building blocks.
        entities: those of them that hold entities.
        references: the fields that hold the identity of another aggregate, with the name of that.
        guarded: whether a change has to be checked as a whole: by invariants, transitions or entities.
        rechecked: whether it is checked once more, or completed, when it is saved.
        completed: the fields that a save gives a number or its time.
        told: takes values by name, returns them as `to_dict` gives them.
        find: gives the newest class of a building block that a field holds.
    """

    element: str
    fields: Mapping[str, FieldSpec]
    names: tuple[str, ...]
    identity: str | None
    check: Callable[[Any], Values]
    checks: Mapping[str, Callable[[Any], Any]]
    assigned: Mapping[str, Callable[[Any], Any]]
    values_of: Callable[[Values], tuple[Any, ...]]
    snapshot: Callable[[Values], tuple[Any, ...]]
    restore: Callable[[tuple[Any, ...]], Values]
    unique: tuple[str, ...]
    indexable: frozenset[str]
    immutable: bool
    nested: Mapping[str, Nested]
    entities: tuple[str, ...]
    references: tuple[tuple[str, str], ...]
    guarded: bool
    rechecked: bool
    completed: tuple[str, ...]
    version: int
    is_fact: bool
    sourced: bool
    facts: bool
    told: Callable[[Values], Values]
    find: Find

    def stored(self, field: str, value: Any) -> Any:
        """A value of a field as rows have it.

        Args:
            field: the field's name.
            value: what the object holds.

        Returns:
            The value; a part for a building block.
        """
        return frozen(value) if field in self.nested else value

    def embedded(self, name: str) -> tuple[str, str] | None:
        """The field of a value object that a name stands for, as `total_amount` for `total.amount`.

        Args:
            name: no field of this element itself.

        Returns:
            The field that holds the value object and the field in it; None where the name stands for none.
        """
        for field, nested in self.nested.items():
            rest = name[len(field) + 1 :]
            if nested.relation is Relation.VALUE and rest and name == f"{field}_{rest}":
                inner: Schema = self.find(nested.target)._schema  # type: ignore[attr-defined]
                if rest in inner.fields:
                    return field, rest
        return None

    def gathered(self, values: Values) -> Values:
        """The values that a constructor was given, by the names of the fields.

        Args:
            values: by name; a value object may come as its fields, `price_amount=5`, a reference as the
                aggregate itself.

        Returns:
            A new dictionary.
        """
        found: Values = {}
        for name, value in values.items():
            spec = self.fields.get(f"{name}_id")
            embedded = self.embedded(name) if name not in self.fields else None
            if spec is not None and spec.nested is not None and hasattr(value, "_identity"):
                found[f"{name}_id"] = value._identity
            elif embedded is not None and isinstance(found.setdefault(embedded[0], {}), dict):
                found[embedded[0]][embedded[1]] = value
            else:
                found[name] = value
        return found

    def explain(self, error: PydanticError) -> ValidationError:
        """What pydantic found, in words and by field.

        Args:
            error: raised by `check`.

        Returns:
            The error to raise.
        """
        messages: dict[str, list[str]] = {}
        hints: list[str] = []
        phrases: dict[tuple[str, str], str] = {}
        details = error.errors(include_url=False)
        for detail in details:
            path = detail["loc"]
            name = str(path[0]) if path else "_entity"
            if name in messages and name in self.fields:
                continue
            text = _text(detail, len(path) < 2 or name in self.indexable)
            messages.setdefault(name, []).append(text)
            phrases |= phrases_of(name, text, detail)
            if detail["type"] == "extra_forbidden":
                hints.append(self._unknown(name))
        reasons = reasons_inside(details)
        return ValidationError(messages, self.element, hints, phrases=phrases, reasons=reasons)

    def explain_field(self, name: str, error: PydanticError) -> ValidationError:
        """The same, for the check of one field."""
        details = error.errors(include_url=False)[:1]
        detail: Any = {**details[0], "loc": (name, *details[0]["loc"])}
        text = _text(detail, len(detail["loc"]) < 2 or name in self.indexable)
        phrases, reasons = phrases_of(name, text, detail), reasons_inside(details)
        return ValidationError({name: [text]}, self.element, phrases=phrases, reasons=reasons)

    def _unknown(self, name: str) -> str:
        hint = did_you_mean(name, self.fields) or f": it has {', '.join(self.names) or 'no fields'}."
        return f"{self.element} has no field '{name}'{hint}"


def _text(detail: Any, whole: bool) -> str:
    """What pydantic found in the whole value of a field, or somewhere inside of it."""
    if whole and (detail["type"] == "missing" or detail["input"] is None):
        return "is required"
    return "is unknown" if detail["type"] == "extra_forbidden" else str(detail["msg"])
