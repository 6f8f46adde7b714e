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
from ddd_kit.building_blocks.entity import association_methods
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.names import snake_case
from ddd_kit.engine.registry import Registered
from ddd_kit.views.trying.annotations import of_argument
from ddd_kit.views.trying.inside import Asking, associations, block_of, entities, next_states
from ddd_kit.views.trying.parameters import Parameter, is_plain

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
        calls = [_call(engine, element, *method, target.identity) for method in public_methods(element)]
        return (*calls, *_associated(engine, element, target.identity))
    return (_action(element.name, list(_asking(engine).fields(element.schema))),)


def _asking(engine: Engine) -> Asking:
    owners = _owners(engine)
    return Asking(engine, lambda name: _owner(name, owners))


def _associated(engine: Engine, element: Registered, identity: Any) -> Iterator[Action]:
    """What the fields bring that hold entities: to add one, and to remove one of those that there are."""
    for field, held in associations(element.schema).items():
        asked = list(_asking(engine).parts(held.name, held.name, required=True, positional=True))
        if asked:
            yield _action(f"add_{field}", asked)
        there = entities(engine, element, identity, field)
        known = engine.registry.elements.get(held.name)
        if there and known is not None and all(is_plain(key) for _, key in there):
            one = Parameter(
                held.name,
                "choice",
                choices=tuple(key for _, key in there),
                labels=tuple(label for label, _ in there),
                got_by=(f"get_one_from_{field}", known.schema.identity or "id"),
                positional=True,
            )
            yield _action(f"remove_{field}", [one])


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
    brought = [association_methods(field) for field in associations(element.schema)]
    seen = {*dir(Aggregate), *(name for methods in brought for name in methods)}
    for cls in _own_classes(element):
        for name, held in vars(cls).items():
            if name not in seen and inspect.isfunction(held) and _is_deed(name, held):
                yield name, held
            seen.add(name)


def _own_classes(element: Registered) -> list[type]:
    """The class of the user's and those that it is derived from, without the kit's."""
    return [cls for cls in element.cls.__mro__ if cls not in Aggregate.__mro__]


def _is_deed(name: str, method: Any) -> bool:
    """Whether a method is there to be called by others: no invariant, and nothing that applies an event."""
    marked = method.__dict__.keys() & {"_invariant", "_applies"}
    sets_defaults = name == "defaults" and method.__code__.co_argcount == 1
    return _can_be_called(name) and not marked and not sets_defaults


def _can_be_called(name: str) -> bool:
    return name.isidentifier() and not name.startswith("_") and not keyword.iskeyword(name)


def _call(engine: Engine, element: Registered, name: str, method: Any, identity: Any) -> Action:
    if any(is_kind(method) for is_kind in _UNUSUAL):
        return Action(name, f"{name}()", (), f"{name}() is no plain method: calling it alone does nothing.")
    try:
        arguments = list(_signature(method).parameters.values())[1:]
    except (ValueError, TypeError) as error:
        return Action(name, f"{name}()", (), f"What {name}() takes cannot be read: {error}.")
    owners = _owners(engine)
    scope = _Scope(engine, element, method)
    asked: list[Parameter] = []
    for each in arguments:
        if each.kind in _GATHERING:
            continue
        annotation = scope.evaluate(each.annotation)
        block, needed = block_of(annotation), each.default is inspect.Parameter.empty
        found = list(_asking(engine).parts(each.name, block, required=needed)) if block else []
        if not found:
            one = of_argument(each, annotation, _owner(each.name, owners))
            found = [next_states(engine, element, identity, one)]
        asked += found
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
    said: dict[str, bool] = {}
    for each in parameters:
        outermost = each.inside[0][0] if each.inside else each.name
        said[outermost] = said.get(outermost, False) or each.required
    names = [name if required else f"{name}=…" for name, required in said.items()]
    label = f"{name}({', '.join(names)})"
    return Action(name, label if len(label) <= 40 else f"{name}(…)", parameters, _obstacle(name, missing))


def _obstacle(name: str, missing: list[Parameter]) -> str:
    if not missing:
        return ""
    needs = " and ".join(f"'{each.name}' ({each.hint})" for each in missing)
    return f"{name} needs {needs}: an object, which no form can give. Do it in a cell."
