"""The declared fields of a class, compiled once: how values are checked, copied and compared."""

from __future__ import annotations

import copy
import datetime as dt
import decimal
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
from ddd_kit.building_blocks.nesting import ENTITIES, Find, annotated, frozen, restore_of, snapshot_of
from ddd_kit.exceptions import ConfigurationError, ValidationError, did_you_mean
from ddd_kit.fields import FieldSpec, Identifier
from ddd_kit.fields.spec import IMMUTABLE_TYPES, Nested, Relation

Values = dict[str, Any]
_CONFIG: pydantic.ConfigDict = {"extra": "forbid", "arbitrary_types_allowed": True}
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
        hints = []
        for detail in error.errors(include_url=False, include_context=False):
            path = detail["loc"]
            name = str(path[0]) if path else "_entity"
            if name in messages and name in self.fields:
                continue
            messages.setdefault(name, []).append(_text(detail, len(path) < 2 or name in self.indexable))
            if detail["type"] == "extra_forbidden":
                hints.append(self._unknown(name))
        return ValidationError(messages, self.element, hints)

    def explain_field(self, name: str, error: PydanticError) -> ValidationError:
        """The same, for the check of one field."""
        detail = error.errors(include_url=False)[0]
        text = _text(detail, not detail["loc"] or name in self.indexable)
        return ValidationError({name: [text]}, self.element)

    def _unknown(self, name: str) -> str:
        hint = did_you_mean(name, self.fields) or f": it has {', '.join(self.names) or 'no fields'}."
        return f"{self.element} has no field '{name}'{hint}"


def _text(detail: Any, whole: bool) -> str:
    """What pydantic found in the whole value of a field, or somewhere inside of it."""
    if whole and (detail["type"] == "missing" or detail["input"] is None):
        return "is required"
    return "is unknown" if detail["type"] == "extra_forbidden" else str(detail["msg"])


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
    try:
        checks = {name: _adapter(spec.type).validator.validate_python for name, spec in specs.items()}
        specs = _with_checked_defaults(cls.__name__, specs, checks)
        annotations = {n: s.annotation(check_made=s.default != new_identity) for n, s in specs.items()}
        whole = TypedDict(cls.__name__, annotations)  # type: ignore[misc]
        whole.__pydantic_config__ = _CONFIG  # type: ignore[attr-defined]
        check: Callable[[Any], Values] = pydantic.TypeAdapter(whole).validator.validate_python
    except ConfigurationError:
        raise
    except Exception as error:
        raise ConfigurationError(
            f"{cls.__name__} has a field whose type cannot be checked: {error}. "
            "Use a field of ddd_kit.fields, or an annotation that pydantic knows."
        ) from error
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
    traits = traits or Traits()
    guarded = traits.guarded or bool(entities) or any(spec.transitions for spec in specs.values())
    schema = Schema(
        element=cls.__name__,
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
        references=tuple(
            (name, spec.nested.name)
            for name, spec in specs.items()
            if spec.nested is not None and _refers(spec)
        ),
        guarded=guarded,
        rechecked=guarded or not immutable or bool(completed),
        version=traits.version,
        is_fact=traits.is_fact,
        sourced=traits.sourced,
        facts=traits.facts,
        completed=completed,
        told=_teller(specs, values_of, by_name),
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


def _teller(
    specs: Mapping[str, FieldSpec],
    values_of: Callable[[Values], tuple[Any, ...]],
    by_name: Callable[[tuple[Any, ...]], Values],
) -> Callable[[Values], Values]:
    """As Protean's, `to_dict` gives what JSON can hold: exact numbers and times as texts, parts opened up."""
    told_fields = {name: spec for name, spec in specs.items() if not _refers(spec)}
    ways = {name: _way_of_telling(spec) for name, spec in told_fields.items()}
    if len(ways) == len(specs) and not any(ways.values()):
        return lambda values: by_name(values_of(values))
    left_out = {
        name for name, spec in specs.items() if spec.nested and spec.nested.relation is Relation.VALUE
    }

    def told(values: Values) -> Values:
        return {
            name: values[name] if way is None else way(values[name])
            for name, way in ways.items()
            if name not in left_out or values[name] is not None
        }

    return told


def _refers(spec: FieldSpec) -> bool:
    return spec.nested is not None and spec.nested.relation is Relation.REFERENCE


def _way_of_telling(spec: FieldSpec) -> Callable[[Any], Any] | None:
    return None if spec.nested is None and _is_plain(spec.type) else _told


def _is_plain(annotation: Any) -> bool:
    """Whether a type holds nothing but values that `to_dict` gives as they are."""
    if get_origin(annotation) is Literal:
        return True
    inner = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _is_plain(inner[0])
    if inner:
        return get_origin(annotation) in (Union, types.UnionType) and all(map(_is_plain, inner))
    return annotation in (str, int, float, bool, bytes, complex, type(None))


def _told(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return [_told(each) for each in value]
    if isinstance(value, dict):
        return {key: _told(each) for key, each in value.items()}
    to_dict = getattr(value, "to_dict", None)
    return to_dict() if to_dict is not None and hasattr(value, "_schema") else copy.deepcopy(value)


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
