"""The declared fields of a class, compiled once: how values are checked, copied and compared."""

from __future__ import annotations

import ast
import copy
import inspect
import linecache
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Annotated, Any, ClassVar, Literal, Optional, Union, get_args, get_origin

import pydantic  # its parts load when first used
from pydantic_core import PydanticUndefined
from pydantic_core import ValidationError as PydanticError
from typing_extensions import TypedDict

from ddd_kit.exceptions import ConfigurationError, ValidationError, did_you_mean
from ddd_kit.fields import FIELD_FUNCTIONS, IMMUTABLE_TYPES, FieldSpec, Identifier

Values = dict[str, Any]
_CONFIG: pydantic.ConfigDict = {"extra": "forbid", "arbitrary_types_allowed": True}
_NIL = "00000000-0000-4000-8000-000000000000"  # looks as new identities do


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
        values_of: takes values by name, returns them in order of declaration.
        snapshot: the same, untouched by later changes.
        unique: the fields whose values no two aggregates may share.
        indexable: the fields whose values cannot change from inside, so that they can be looked up.
        immutable: whether that holds for all fields, so that snapshots may share their values.
    """

    element: str
    fields: Mapping[str, FieldSpec]
    names: tuple[str, ...]
    identity: str | None
    check: Callable[[Any], Values]
    checks: Mapping[str, Callable[[Any], Any]]
    values_of: Callable[[Values], tuple[Any, ...]]
    snapshot: Callable[[Values], tuple[Any, ...]]
    unique: tuple[str, ...]
    indexable: frozenset[str]
    immutable: bool

    def restore(self, values: tuple[Any, ...]) -> Values:
        """Values by name from a snapshot, free to be changed."""
        return dict(zip(self.names, values if self.immutable else copy.deepcopy(values)))  # noqa: B905 - same length

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
) -> Schema:
    """Read the declared fields of a class and build the checks for them.

    Args:
        cls: the class as the user wrote it.
        base: what it is going to be derived from; no field may bear the name of one of its methods.
        namespace: the local names where it was written, for annotations that are still texts.
        new_identity: makes an identity; given for classes whose instances have one.

    Returns:
        The schema.

    Raises:
        ConfigurationError: for a name that the kit needs itself, a default that its field refuses, two
            identities, or a type that pydantic cannot check.
    """
    specs = _collect(cls, base, namespace or {})
    _check_names(cls, specs, base)
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
        check = pydantic.TypeAdapter(whole).validator.validate_python
    except ConfigurationError:
        raise
    except Exception as error:
        raise ConfigurationError(
            f"{cls.__name__} has a field whose type cannot be checked: {error}. "
            "Use a field of ddd_kit.fields, or an annotation that pydantic knows."
        ) from error
    indexable = frozenset(name for name, spec in specs.items() if _is_immutable(spec.type))
    immutable = len(indexable) == len(specs)
    values_of = _getter(tuple(specs))
    return Schema(
        element=cls.__name__,
        fields=specs,
        names=tuple(specs),
        identity=identity,
        check=check,
        checks=checks,
        values_of=values_of,
        snapshot=values_of if immutable else lambda values: copy.deepcopy(values_of(values)),
        unique=tuple(name for name, spec in specs.items() if spec.unique),
        indexable=indexable,
        immutable=immutable,
    )


def _getter(names: tuple[str, ...]) -> Callable[[Values], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple([values[name] for name in names])


def _adapter(annotation: Any) -> pydantic.TypeAdapter[Any]:
    try:
        return pydantic.TypeAdapter(annotation, config=_CONFIG)
    except pydantic.PydanticUserError:  # the type is a model and has a configuration of its own
        return pydantic.TypeAdapter(annotation)


def _collect(cls: type, base: type, namespace: Mapping[str, Any]) -> dict[str, FieldSpec]:
    specs: dict[str, FieldSpec] = {}
    for part in reversed(cls.__mro__):
        inherited = part.__dict__.get("_schema")
        if isinstance(inherited, Schema):
            specs.update({n: s for n, s in inherited.fields.items() if n != "id" or "id" in vars(part)})
        elif part not in base.__mro__:
            specs.update(_declared(part, namespace))
    return specs


def _check_names(cls: type, specs: Mapping[str, FieldSpec], base: type) -> None:
    for name in specs:
        if name.startswith("_"):
            raise ConfigurationError(
                f"{cls.__name__}.{name}: a field's name must not begin with an underscore. Write it without."
            )
        if hasattr(base, name):
            raise ConfigurationError(
                f"{cls.__name__}.{name}: this name belongs to every {base.__name__.lower()}. "
                "Choose another one."
            )


def _declared(cls: type, namespace: Mapping[str, Any]) -> dict[str, FieldSpec]:
    annotations = _annotations(cls, namespace)
    _check_brackets(cls, annotations)
    specs: dict[str, FieldSpec] = {}
    for name, annotation in annotations.items():
        if get_origin(annotation) is ClassVar or annotation is ClassVar:
            continue
        specs[name] = _annotated(cls.__dict__.get(name, PydanticUndefined), annotation)
    assigned = {name: value for name, value in cls.__dict__.items() if isinstance(value, FieldSpec)}
    for name, spec in assigned.items():
        specs.setdefault(name, spec)
    if not annotations or specs.keys() <= annotations.keys():
        return specs
    written = _order_in_source(cls, set(specs))
    if not written:
        return _in_order(specs, list(annotations), assigned)
    return {name: specs[name] for name in written}


def _check_brackets(cls: type, annotations: Mapping[str, Any]) -> None:
    for name, value in [*vars(cls).items(), *annotations.items()]:
        if any(value is function for function in FIELD_FUNCTIONS):
            sign = ":" if annotations.get(name) is value else " ="
            raise ConfigurationError(
                f"{cls.__name__}.{name}: {value.__name__} lacks its brackets. Write "
                f"{name}{sign} {value.__name__}()."
            )


def _annotations(cls: type, namespace: Mapping[str, Any]) -> dict[str, Any]:
    raw = inspect.get_annotations(cls)
    if not any(isinstance(annotation, str) for annotation in raw.values()):
        return raw
    module = vars(sys.modules.get(cls.__module__, types.ModuleType("")))
    scope = {**module, **namespace}
    return {name: _evaluate(cls, name, text, scope) for name, text in raw.items()}


def _evaluate(cls: type, name: str, annotation: Any, scope: dict[str, Any]) -> Any:
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, scope, dict(vars(cls)))  # noqa: S307 - the user's own annotation
    except NameError as error:
        raise ConfigurationError(
            f"{cls.__name__}.{name}: the annotation {annotation!r} names something unknown ({error}). "
            "Define it in an earlier cell."
        ) from error


def _annotated(default: Any, annotation: Any) -> FieldSpec:
    if isinstance(default, FieldSpec):
        return default
    if isinstance(annotation, FieldSpec):
        return annotation if default is PydanticUndefined else annotation.with_default(default)
    if default is None:
        annotation = Optional[annotation]  # noqa: UP045 - `|` refuses some of them
    optional = type(None) in get_args(annotation)
    return FieldSpec(type=annotation, required=not optional, default=default, order=-1)


def _order_in_source(cls: type, names: set[str]) -> list[str]:
    """The names as the source has them, if it can be read: Python keeps no common order of both styles."""
    frame = _frame_of(cls)
    module = sys.modules.get(cls.__module__)
    file = frame.f_code.co_filename if frame else getattr(module, "__file__", None) or ""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return []
    found: dict[int, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == cls.__name__:
            written = [name for name in dict.fromkeys(_names_set(node)) if name in names]
            if len(written) == len(names):
                found[min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])] = written
    line = frame.f_lineno if frame else sys.maxsize
    earlier = [start for start in found if start <= line]
    return found[max(earlier)] if earlier else []


def _names_set(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        alone = getattr(statement, "target", None)
        targets = statement.targets if isinstance(statement, ast.Assign) else [alone]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _in_order(
    specs: dict[str, FieldSpec], annotated: list[str], assigned: Mapping[str, FieldSpec]
) -> dict[str, FieldSpec]:
    """Merge two lists, each in order, as well as it goes without the source."""
    ordered: list[str] = []
    waiting = [name for name in annotated if name in specs]
    for name in assigned:
        if name in waiting:
            place = waiting.index(name) + 1
            ordered += waiting[:place]
            waiting = waiting[place:]
        elif name not in ordered:
            earlier = _declared_before(specs[name].order, waiting, specs)
            ordered += [*waiting[:earlier], name]
            waiting = waiting[earlier:]
    return {name: specs[name] for name in [*ordered, *waiting]}


def _declared_before(order: int, waiting: list[str], specs: Mapping[str, FieldSpec]) -> int:
    """How many of the annotated names come first: those up to a field that was made earlier."""
    known = [place for place, name in enumerate(waiting) if 0 <= specs[name].order < order]
    if known:
        return known[-1] + 1
    later = [place for place, name in enumerate(waiting) if specs[name].order > order]
    return later[0] if later else len(waiting)


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


def names_where_written(cls: type) -> dict[str, Any]:
    """The local names where a class statement stands, found up the stack, for annotations kept as texts.

    Args:
        cls: the class that is being decorated.

    Returns:
        The locals of the nearest caller in the class's own module; empty where none is found.
    """
    frame = _frame_of(cls)
    return dict(frame.f_locals) if frame else {}


def _frame_of(cls: type) -> types.FrameType | None:
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") != cls.__module__:
        frame = frame.f_back
    return frame
