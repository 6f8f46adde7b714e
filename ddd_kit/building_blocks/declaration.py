"""What a class declares: its fields, in whichever of the three styles, in order."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Optional, Union, get_args, get_origin

from pydantic_core import PydanticUndefined

from ddd_kit.exceptions import ConfigurationError
from ddd_kit.fields import FIELD_FUNCTIONS, FieldSpec, Identifier, ValueObject, ValueObjectList
from ddd_kit.fields.spec import Relation


def declared_fields(cls: type, base: type, namespace: Mapping[str, Any]) -> dict[str, FieldSpec]:
    """The fields of a class and of those that it is derived from.

    Args:
        cls: the class as the user wrote it.
        base: the building block that it is going to be derived from.
        namespace: the local names where it was written, for annotations that are still texts.

    Returns:
        Specifications by name, in order of declaration.

    Raises:
        ConfigurationError: for a name that the kit needs itself, or a field that lacks its brackets.
    """
    specs: dict[str, FieldSpec] = {}
    for part in reversed(cls.__mro__):
        inherited = part.__dict__.get("_schema")
        if inherited is not None:
            specs.update({n: s for n, s in inherited.fields.items() if n != "id" or "id" in vars(part)})
        elif part not in base.__mro__:
            specs.update(_with_references(_declared(part, namespace)))
    _check_names(cls, specs, base)
    return specs


def _with_references(specs: dict[str, FieldSpec]) -> dict[str, FieldSpec]:
    """A reference is kept as the identity that it refers to."""
    known = {}
    for name, spec in specs.items():
        if spec.nested is not None and spec.nested.relation is Relation.REFERENCE:
            identity = Identifier(required=spec.required)
            known[f"{name}_id"] = replace(spec, type=identity.type, default=identity.default)
        else:
            known[name] = spec
    return known


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


def check_private_names(cls: type, base: type) -> None:
    """Refuse what would silently replace something that the kit works with.

    Args:
        cls: the class as the user wrote it.
        base: the building block that it is going to be derived from.

    Raises:
        ConfigurationError: for a name that begins with an underscore and is the kit's own.
    """
    own = {name for block in base.__mro__ for name in (*vars(block), *inspect.get_annotations(block))}
    for part in cls.__mro__:
        if part in base.__mro__ or "_link" in vars(part):  # the kit's, or put together by it
            continue
        for name in vars(part):
            if name in own and name.startswith("_") and not name.startswith("__"):
                raise ConfigurationError(
                    f"{cls.__name__}.{name}: the kit needs this name itself, and it would not work any more. "
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
    value_object = _value_object(annotation)
    if value_object is not None:
        given = {} if default is PydanticUndefined else {"default": default}
        spec: FieldSpec = value_object(required=not optional, **given)
        return replace(spec, order=-1)
    return FieldSpec(type=annotation, required=not optional, default=default, order=-1)


def _value_object(annotation: Any) -> Any:
    """The field for an annotation that names a value object, `Money | None`, or `list[Money]`; or None."""
    inner = [part for part in get_args(annotation) if part is not type(None)]
    if inner and get_origin(annotation) in (Union, types.UnionType) and len(inner) == 1:
        return _value_object(inner[0])
    if get_origin(annotation) is list and getattr(inner[0], "_is_value", False):
        return partial(ValueObjectList, inner[0])
    return partial(ValueObject, annotation) if getattr(annotation, "_is_value", False) else None


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
