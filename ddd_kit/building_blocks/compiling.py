"""From a class as the user wrote it to its schema: compiled once, so that using it is quick."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

import pydantic  # its parts load when first used
from pydantic_core import PydanticUndefined
from pydantic_core import ValidationError as PydanticError
from typing_extensions import TypedDict

from ddd_kit.building_blocks.declaration import declared_fields
from ddd_kit.building_blocks.nesting import ENTITIES, Find, annotated, restore_of, snapshot_of
from ddd_kit.building_blocks.schema import Schema, Values
from ddd_kit.building_blocks.telling import refers, teller
from ddd_kit.exceptions import ConfigurationError
from ddd_kit.fields import FieldSpec, Identifier
from ddd_kit.fields.spec import IMMUTABLE_TYPES, Nested, Relation

_CONFIG: pydantic.ConfigDict = {"extra": "forbid", "arbitrary_types_allowed": True}
Check = Callable[[Any], Values]
Checks = Mapping[str, Callable[[Any], Any]]
_NIL = "00000000-0000-4000-8000-000000000000"  # looks as new identities do


@dataclass(frozen=True, slots=True)
class Traits:
    """What the options of a class say about its objects.

    Attributes:
        guarded: whether they have to be checked as a whole, whatever the fields are.
        version: of the class of a message, from 1.
        is_fact: whether it is an event that tells the whole state of its aggregate.
        sourced: whether they follow from their events.
        facts: whether each save of them is told by an event.
    """

    guarded: bool = False
    version: int = 1
    is_fact: bool = False
    sourced: bool = False
    facts: bool = False


def compile_schema(
    cls: type,
    *,
    base: type = object,
    namespace: Mapping[str, Any] | None = None,
    new_identity: Callable[[], str] | None = None,
    find: Find | None = None,
    traits: Traits | None = None,
) -> Schema:
    """Read the declared fields of a class and build the checks for them.

    Args:
        cls: the class as the user wrote it.
        base: what it is going to be derived from; no field may bear the name of one of its methods.
        namespace: the local names where it was written, for annotations that are still texts.
        new_identity: makes an identity; given for classes whose instances have one.
        find: gives the newest class of a building block that a field holds, or of the name of one.
        traits: what its options say.

    Returns:
        The schema.

    Raises:
        ConfigurationError: for a name that the kit needs itself, a default that its field refuses, two
            identities, or a type that pydantic cannot check.
    """
    find = find or _itself
    specs = {
        name: replace(spec, type=annotated(spec, find)) if spec.nested and _is_held(spec.nested) else spec
        for name, spec in declared_fields(cls, base, namespace or {}).items()
    }
    identity = _identity(cls, specs) if new_identity else None
    if new_identity:
        specs = _with_identity(specs, identity, new_identity)
        identity = identity or "id"
    specs, checks, check = _checks(cls.__name__, specs, new_identity)
    return _schema_of(cls.__name__, specs, (identity, checks, check), traits or Traits(), find)


def _checks(
    element: str, specs: dict[str, FieldSpec], new_identity: Callable[[], str] | None
) -> tuple[dict[str, FieldSpec], Checks, Check]:
    """The fields with their defaults checked; what checks each field; and what checks all of them."""
    try:
        checks = {name: _adapter(spec.type).validator.validate_python for name, spec in specs.items()}
        specs = _with_checked_defaults(element, specs, checks)
        annotations = {n: s.annotation(check_made=s.default != new_identity) for n, s in specs.items()}
        whole = TypedDict(element, annotations)  # type: ignore[misc]
        whole.__pydantic_config__ = _CONFIG  # type: ignore[attr-defined]
        return specs, checks, pydantic.TypeAdapter(whole).validator.validate_python
    except ConfigurationError:
        raise
    except Exception as error:
        raise ConfigurationError(
            f"{element} has a field whose type cannot be checked: {error}. "
            "Use a field of ddd_kit.fields, or an annotation that pydantic knows."
        ) from error


def _schema_of(
    element: str,
    specs: dict[str, FieldSpec],
    checked: tuple[str | None, Checks, Check],
    traits: Traits,
    find: Find,
) -> Schema:
    identity, checks, check = checked
    indexable = frozenset(name for name, spec in specs.items() if _is_immutable(spec.type))
    immutable = len(indexable) == len(specs)
    names = tuple(specs)
    values_of, by_name = _getter(names), _namer(names)
    nested = {name: spec.nested for name, spec in specs.items() if spec.nested and _is_held(spec.nested)}
    mutable = frozenset(specs) - indexable
    if nested or any(spec.nested for spec in specs.values()):
        check = _gathering(check, lambda: schema)
    entities = tuple(name for name, held in nested.items() if held.relation in ENTITIES)
    completed = tuple(name for name, spec in specs.items() if spec.numbered or spec.stamped)
    guarded = traits.guarded or bool(entities) or any(spec.transitions for spec in specs.values())
    schema = Schema(
        element=element,
        fields=specs,
        names=names,
        identity=identity,
        check=check,
        checks=checks,
        assigned={name: check for name, check in checks.items() if name != identity},
        values_of=values_of,
        snapshot=values_of if immutable else snapshot_of(names, nested, mutable),
        restore=by_name if immutable else restore_of(names, nested, mutable, find),
        unique=tuple(name for name, spec in specs.items() if spec.unique),
        indexable=indexable,
        immutable=immutable,
        nested=nested,
        entities=entities,
        references=tuple((n, spec.nested.name) for n, spec in specs.items() if spec.nested and refers(spec)),
        guarded=guarded,
        rechecked=guarded or not immutable or bool(completed),
        version=traits.version,
        is_fact=traits.is_fact,
        sourced=traits.sourced,
        facts=traits.facts,
        completed=completed,
        told=teller(specs, values_of, by_name),
        find=find,
    )
    return schema


def _gathering(check: Callable[[Any], Values], schema: Callable[[], Schema]) -> Callable[[Any], Values]:
    """A check that also takes a value object as its fields, and a reference as the aggregate itself."""

    def gather(values: Any) -> Values:
        try:
            return check(values)
        except PydanticError as error:
            if not any(detail["type"] == "extra_forbidden" for detail in error.errors(include_url=False)):
                raise
        return check(schema().gathered(values))

    return gather


def _itself(target: type | str) -> Any:
    return target


def _is_held(nested: Nested) -> bool:
    return nested.relation is not Relation.REFERENCE


def _getter(names: tuple[str, ...]) -> Callable[[Values], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple([values[name] for name in names])


def _namer(names: tuple[str, ...]) -> Callable[[tuple[Any, ...]], Values]:
    """A function written for these names, as namedtuple does: twice as fast as `dict(zip(names, values))`."""
    pairs = ", ".join(f"{name!r}: values[{place}]" for place, name in enumerate(names))
    return cast(Callable[[tuple[Any, ...]], Values], eval(f"lambda values: {{{pairs}}}"))  # noqa: S307 - see above


def _adapter(annotation: Any) -> pydantic.TypeAdapter[Any]:
    try:
        return pydantic.TypeAdapter(annotation, config=_CONFIG)
    except pydantic.PydanticUserError:  # the type is a model and has a configuration of its own
        return pydantic.TypeAdapter(annotation)


def _identity(cls: type, specs: Mapping[str, FieldSpec]) -> str | None:
    marked = [name for name, spec in specs.items() if spec.identifier]
    if len(marked) > 1:
        raise ConfigurationError(f"{cls.__name__} has several identities: {', '.join(marked)}. Keep one.")
    return marked[0] if marked else None


def _with_identity(
    specs: dict[str, FieldSpec], identity: str | None, new_identity: Callable[[], str]
) -> dict[str, FieldSpec]:
    name = identity or "id"
    spec = specs.get(name) or Identifier(identifier=True, required=True)
    spec = replace(spec, identifier=True)
    if spec.default in (PydanticUndefined, None):
        spec = replace(spec, default=new_identity if _takes(spec, _NIL) else PydanticUndefined)
    return {**specs, name: spec}


def _takes(spec: FieldSpec, value: Any) -> bool:
    try:
        _adapter(spec.type).validator.validate_python(value)
    except ValueError:
        return False
    return True


def _with_checked_defaults(
    element: str, specs: Mapping[str, FieldSpec], checks: Mapping[str, Any]
) -> dict[str, FieldSpec]:
    checked = dict(specs)
    for name, spec in specs.items():
        if spec.default is PydanticUndefined or callable(spec.default):
            continue
        try:
            checked[name] = spec.with_default(checks[name](spec.default))
        except PydanticError as error:
            text = error.errors()[0]["msg"]
            raise ConfigurationError(
                f"{element}.{name}: its own default {spec.default!r} is not accepted ({text}). "
                "Change the default or the field."
            ) from error
    return checked


def _is_immutable(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _is_immutable(get_args(annotation)[0])
    if origin is Literal:
        return True
    if origin in (Union, types.UnionType):
        return all(_is_immutable(part) for part in get_args(annotation))
    return isinstance(annotation, type) and issubclass(annotation, IMMUTABLE_TYPES)
