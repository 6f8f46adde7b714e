"""What a field holds, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pydantic
from pydantic_core import PydanticUndefined

from ddd_kit.fields import FieldSpec
from ddd_kit.fields.spec import Nested, Relation
from ddd_kit.journal.sentence import brief

MOST_VALUES = 12
_USUAL_LENGTH = 255  # what `String()` allows, which nobody chose
_TYPES: Mapping[tuple[str, str], str] = {
    ("string", ""): "text",
    ("string", "date"): "date",
    ("string", "date-time"): "time",
    ("string", "time"): "time of day",
    ("string", "duration"): "duration",
    ("string", "uuid"): "identifier",
    ("integer", ""): "whole number",
    ("number", ""): "number",
    ("boolean", ""): "yes or no",
    ("array", ""): "list",
    ("object", ""): "values by name",
    ("null", ""): "nothing",
}
_RELATIONS: Mapping[Relation, str] = {
    Relation.VALUE: "{}",
    Relation.VALUES: "list of {}",
    Relation.ONE: "one {}, or none",
    Relation.MANY: "any number of {}",
    Relation.REFERENCE: "reference to {}",
}
_STAMPS = {"created": "the time of the first save", "changed": "the time of the last save"}


class Held(NamedTuple):
    """What a field holds.

    Attributes:
        description: what it means, where somebody said so.
        facts: its type, its limits and its rules, in words.
    """

    description: str
    facts: tuple[str, ...]


def held(spec: FieldSpec) -> Held:
    """What a field holds.

    Args:
        spec: what it accepts.

    Returns:
        Its description and its facts.

    Example:
        >>> from ddd_kit.fields import Integer, Status
        >>> held(Integer(min_value=1, required=True, description="how many copies"))
        Held(description='how many copies', facts=('whole number', '1 or more', 'required'))
        >>> held(Status(["DRAFT", "PLACED"], default="DRAFT", transitions={"DRAFT": ["PLACED"]})).facts
        ('DRAFT or PLACED', 'DRAFT by default', 'DRAFT → PLACED')
    """
    schema = {} if spec.nested is not None else _schema(spec.type)
    facts = [*_kinds(spec, schema), *_options(spec), *_transitions(spec)]
    return Held(spec.description or _described(schema), tuple(facts))


def _schema(kind: Any) -> Mapping[str, Any]:
    """What pydantic knows of a type; nothing for a type that has no JSON."""
    try:
        return pydantic.TypeAdapter(kind).json_schema()
    except Exception:  # noqa: BLE001 - a type of the user's may raise whatever it likes
        return {"title": getattr(kind, "__name__", "")}


def _described(schema: Mapping[str, Any]) -> str:
    found = [schema, *schema.get("anyOf", ())]
    return next((each["description"] for each in found if "description" in each and "$ref" not in each), "")


def _kinds(spec: FieldSpec, schema: Mapping[str, Any]) -> Iterator[str]:
    if spec.nested is not None:
        yield _nested(spec.nested)
    elif spec.choices:
        yield _values(spec.choices)
    else:
        known = [_resolved(each, schema) for each in schema.get("anyOf", [schema])]
        kinds = [each for each in known if each.get("type") != "null"]
        words = list(dict.fromkeys(map(_type, kinds)))
        if "identifier" in words or "number" in words:  # that these can be written as texts is known
            words = [word for word in words if word != "text"]
        yield " or ".join(words) or "anything"
        for each in kinds[:1]:
            yield from _limits(each)


def _nested(nested: Nested) -> str:
    return _RELATIONS[nested.relation].format(nested.name)


def _values(values: Any) -> str:
    told = [brief(value) for value in list(values)[:MOST_VALUES]]
    if len(values) > MOST_VALUES:
        return f"{', '.join(told)} or {len(values) - MOST_VALUES:,} more"
    return " or ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def _resolved(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: Mapping[str, Any] = whole.get("$defs", {}).get(name, schema)
    return found


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return _values(schema["enum"])
    if "const" in schema:
        return str(brief(schema["const"]))
    kind, form = schema.get("type", ""), schema.get("format", "")
    if kind == "array":
        items = schema.get("items") or {}
        inside = {_type(each) for each in items.get("anyOf", [items]) if each.get("type") != "null"}
        return f"list of {inside.pop()}" if len(inside) == 1 and inside != {"anything"} else "list"
    if kind == "object" and "title" in schema:
        return str(schema["title"])
    return _TYPES.get((kind, form)) or _TYPES.get((kind, "")) or str(schema.get("title") or "anything")


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        yield f"{_number(low)} to {_number(high)}"
    elif low is not None:
        yield f"{_number(low)} or more"
    elif high is not None:
        yield f"at most {_number(high)}"
    if "exclusiveMinimum" in schema:
        yield f"more than {_number(schema['exclusiveMinimum'])}"
    if "exclusiveMaximum" in schema:
        yield f"less than {_number(schema['exclusiveMaximum'])}"
    if schema.get("minLength", 1) > 1:
        yield f"at least {schema['minLength']} characters"
    if schema.get("maxLength", _USUAL_LENGTH) != _USUAL_LENGTH:
        yield f"at most {schema['maxLength']} characters"


def _number(limit: float) -> str:
    return f"{int(limit)}" if limit == limit // 1 else f"{limit}"


def _options(spec: FieldSpec) -> Iterator[str]:
    if spec.identifier:
        yield "the identity"
    elif spec.required and spec.default is PydanticUndefined:
        yield "required"
    if spec.unique and not spec.identifier:
        yield "unique"
    if spec.numbered:
        yield "numbered from 1"
    if spec.stamped:
        yield _STAMPS[spec.stamped]
    given = spec.default
    if given is not PydanticUndefined and not callable(given) and _says_something(given):
        yield f"{brief(given)} by default"


def _says_something(default: Any) -> bool:
    return not any(default is each for each in (None, False, ""))


def _transitions(spec: FieldSpec) -> Iterator[str]:
    """Which states may follow which: as a chain, where each has one that follows."""
    if not spec.transitions:
        return
    follow = {state: spec.transitions.get(state, ()) for state in spec.choices}
    chain = list(spec.choices[:1])
    while len(follow[chain[-1]]) == 1 and follow[chain[-1]][0] not in chain:
        chain.append(follow[chain[-1]][0])
    if len(chain) == len(follow) and not follow[chain[-1]]:
        yield " → ".join(map(brief, chain))
        return
    told = [f"{brief(state)} → {_values(after)}" for state, after in follow.items() if after]
    last = [state for state, after in follow.items() if not after]
    yield "; ".join([*told, *([f"nothing follows on {_values(last)}"] if last else [])])
