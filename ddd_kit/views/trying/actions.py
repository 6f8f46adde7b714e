"""What can be done with a model, and what that takes: commands, new aggregates, methods of stored ones."""

from __future__ import annotations

import inspect
import keyword
import sys
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.names import snake_case
from ddd_kit.engine.registry import Registered
from ddd_kit.views.trying.annotations import of_argument, of_field
from ddd_kit.views.trying.parameters import Parameter

_UNUSUAL = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
_GATHERING = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be tried.

    Attributes:
        kind: a `command` to process, an `aggregate` to make one of, or an `instance` that is stored.
        element: the name of the command or the aggregate.
        identity: of the instance; None for the others.
        label: as `■ Order 62f8fa8d (PENDING)`.
    """

    kind: Literal["command", "aggregate", "instance"]
    element: str
    identity: Any
    label: str

    def is_same(self, other: Target | None) -> bool:
        """Whether it is the same thing, whatever its label says by now."""
        return other is not None and (self.kind, self.element, self.identity) == (
            other.kind,
            other.element,
            other.identity,
        )


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done with a target.

    Attributes:
        name: of the command, the aggregate or the method.
        label: as `ship_order()`.
        parameters: what its form asks for.
        obstacle: why no form can do it, in a sentence; empty when one can.
    """

    name: str
    label: str
    parameters: tuple[Parameter, ...]
    obstacle: str = ""


def actions(engine: Engine, target: Target) -> tuple[Action, ...]:
    """What can be done with a target.

    Args:
        engine: the domain.
        target: what is to be tried.

    Returns:
        One action for a command and a new aggregate; for an instance one for each of its public methods,
        as its class and those that it is derived from define them.
    """
    element = engine.registry.elements.get(target.element)
    if element is None:
        return ()
    if target.kind == "instance":
        return tuple(_call(engine, element, name, method) for name, method in public_methods(element))
    owners = _owners(engine)
    parameters = [of_field(name, spec, _owner(name, owners)) for name, spec in element.schema.fields.items()]
    return (_action(element.name, parameters),)


def _owners(engine: Engine) -> dict[str, str]:
    """Aggregates by what a field is called that refers to one, as `order_id`."""
    owners = {}
    for element in engine.registry.of_kind(Kind.AGGREGATE):
        word = snake_case(element.name)
        owners[f"{word}_id"] = owners[f"{word}_{element.schema.identity}"] = element.name
    return owners


def _owner(name: str, owners: Mapping[str, str]) -> str:
    """The aggregate that a field refers to by its name, as `order_id` and `first_order_id` do, or nothing."""
    fitting = [word for word in owners if name == word or name.endswith(f"_{word}")]
    return owners[max(fitting, key=len)] if fitting else ""


def public_methods(element: Registered) -> Iterator[tuple[str, Any]]:
    """The methods of an aggregate that are the model's own.

    Args:
        element: the aggregate.

    Yields:
        Name and function, in order of definition, those of the class itself first.
    """
    seen = set(dir(Aggregate))
    for cls in _own_classes(element):
        for name, held in vars(cls).items():
            if name not in seen and inspect.isfunction(held) and _can_be_called(name):
                yield name, held
            seen.add(name)


def _own_classes(element: Registered) -> list[type]:
    """The class of the user's and those that it is derived from, without the kit's."""
    return [cls for cls in element.cls.__mro__ if cls not in Aggregate.__mro__]


def _can_be_called(name: str) -> bool:
    return name.isidentifier() and not name.startswith("_") and not keyword.iskeyword(name)


def _call(engine: Engine, element: Registered, name: str, method: Any) -> Action:
    if any(is_kind(method) for is_kind in _UNUSUAL):
        return Action(name, f"{name}()", (), f"{name}() is no plain method: calling it alone does nothing.")
    try:
        arguments = list(_signature(method).parameters.values())[1:]
    except (ValueError, TypeError) as error:
        return Action(name, f"{name}()", (), f"What {name}() takes cannot be read: {error}.")
    owners = _owners(engine)
    scope = _Scope(engine, element, method)
    asked = [
        of_argument(each, scope.evaluate(each.annotation), _owner(each.name, owners))
        for each in arguments
        if each.kind not in _GATHERING
    ]
    return _action(name, [each for each in asked if each.required or not each.positional])


def _signature(method: Any) -> inspect.Signature:
    if sys.version_info >= (
        3,
        14,
    ):  # annotations are evaluated late there, and one may name what is not there
        from annotationlib import Format

        return inspect.signature(method, annotation_format=Format.FORWARDREF)
    return inspect.signature(method)


class _Scope:
    """The names that a method's annotations may use, where they are kept as texts."""

    def __init__(self, engine: Engine, element: Registered, method: Any) -> None:
        elements = {name: each.cls for name, each in engine.registry.elements.items()}
        self._around = {**elements, **inspect.unwrap(method).__globals__}
        self._inside = ChainMap(*[dict(vars(cls)) for cls in _own_classes(element)])

    def evaluate(self, annotation: Any) -> Any:
        if not isinstance(annotation, str):
            return annotation
        try:
            return eval(annotation, self._around, self._inside)  # noqa: S307 - the user's own annotation
        except Exception:  # noqa: BLE001 - a name that is not there, or anything else that a text may do
            return annotation


def _action(name: str, asked: list[Parameter]) -> Action:
    parameters = tuple(each for each in asked if each.kind != "object")
    missing = [each for each in asked if each.kind == "object" and each.required]
    names = [each.name if each.required else f"{each.name}=…" for each in parameters]
    label = f"{name}({', '.join(names)})"
    return Action(name, label if len(label) <= 40 else f"{name}(…)", parameters, _obstacle(name, missing))


def _obstacle(name: str, missing: list[Parameter]) -> str:
    if not missing:
        return ""
    needs = " and ".join(f"'{each.name}' ({each.hint})" for each in missing)
    return f"{name} needs {needs}: an object, which no form can give. Do it in a cell."
