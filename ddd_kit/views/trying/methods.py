"""Which methods of a model can be called, and what a form asks for their arguments."""

from __future__ import annotations

import inspect
import keyword
import sys
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.entity import association_methods
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.names import snake_case
from ddd_kit.engine.registry import Registered
from ddd_kit.views.trying.annotations import of_argument
from ddd_kit.views.trying.inside import Asking, associations, block_of
from ddd_kit.views.trying.parameters import Parameter
from ddd_kit.views.trying.targets import Action, action

_UNUSUAL = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
_GATHERING = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)

# What an argument stands for, by the argument and its annotation, where that is more than they tell.
Means = Callable[[inspect.Parameter, Any], Parameter | None]
Settles = Callable[[Parameter], Parameter]


class Method(NamedTuple):
    """A method that somebody may call.

    Attributes:
        name: of the method.
        function: what it runs.
        on_class: whether it is a class method or a static one.
        bound: whether its first argument is the object or the class.
    """

    name: str
    function: Any
    on_class: bool = False
    bound: bool = True


def public_methods(element: Registered) -> Iterator[Method]:
    """The methods of an aggregate that are the model's own.

    Args:
        element: the aggregate.

    Yields:
        Methods, in order of definition, those of the class itself first.
    """
    brought = [association_methods(field) for field in associations(element.schema)]
    known = {*dir(Aggregate), *(name for methods in brought for name in methods)}
    yield from (each for each in own_methods(element, Aggregate, known) if not each.on_class)


def own_methods(element: Registered, base: type, known: set[str]) -> Iterator[Method]:
    """The methods that a class and those that it is derived from define to be called by others.

    Args:
        element: whose class it is.
        base: what the kit derives such classes from.
        known: names that are none of the model's.

    Yields:
        Methods, in order of definition, those of the class itself first.
    """
    seen = set(known)
    for cls in own_classes(element, base):
        for name, held in vars(cls).items():
            method = _method(name, held)
            if name not in seen and method is not None and _is_deed(method):
                yield method
            seen.add(name)


def own_classes(element: Registered, base: type) -> list[type]:
    """The class of the user's and those that it is derived from, without the kit's."""
    return [cls for cls in element.cls.__mro__ if cls not in base.__mro__]


def _method(name: str, held: Any) -> Method | None:
    if inspect.isfunction(held):
        return Method(name, held)
    if isinstance(held, classmethod | staticmethod) and inspect.isfunction(held.__func__):
        return Method(name, held.__func__, on_class=True, bound=isinstance(held, classmethod))
    return None


def _is_deed(method: Method) -> bool:
    """Whether a method is there to be called by others: no invariant, and nothing that applies an event."""
    marked = method.function.__dict__.keys() & {"_invariant", "_applies"}
    sets_defaults = method.name == "defaults" and method.function.__code__.co_argcount == 1
    can_be_called = method.name == "__call__" or not method.name.startswith("_")
    return can_be_called and _is_name(method.name) and not marked and not sets_defaults


def _is_name(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


class Asks:
    """What forms ask for the arguments of the methods of one element.

    Args:
        engine: the domain.
        element: whose methods they are.
        base: what the kit derives such classes from.
    """

    def __init__(self, engine: Engine, element: Registered, base: type) -> None:
        self._engine, self._element, self._base = engine, element, base
        self._owners = owners(engine)

    def call(self, method: Method, *, means: Means | None = None, settles: Settles | None = None) -> Action:
        """What can be done by calling a method.

        Args:
            method: of the element.
            means: tells what an argument stands for, where it is more than a value.
            settles: changes what is asked for a plain value.

        Returns:
            The action.
        """
        told = "call" if method.name == "__call__" else method.name
        if any(is_kind(inspect.unwrap(method.function)) for is_kind in _UNUSUAL):
            obstacle = f"{told}() is no plain method: calling it alone does nothing."
            return Action(method.name, f"{told}()", (), obstacle)
        try:
            asked = self.arguments(method, means=means, settles=settles)
        except (ValueError, TypeError) as error:
            return Action(method.name, f"{told}()", (), f"What {told}() takes cannot be read: {error}.")
        return action(method.name, asked, on_class=method.on_class, called=told)

    def arguments(
        self, method: Method, *, means: Means | None = None, settles: Settles | None = None
    ) -> list[Parameter]:
        """What is asked for the arguments of a method.

        Args:
            method: of the element.
            means: tells what an argument stands for, where it is more than a value.
            settles: changes what is asked for a plain value.

        Returns:
            Parameters, also those that no form can give.

        Raises:
            ValueError: when the arguments cannot be read.
            TypeError: when the arguments cannot be read.
        """
        arguments = list(_signature(method.function).parameters.values())[method.bound :]
        scope = _Scope(self._engine, own_classes(self._element, self._base), method.function)
        asked: list[Parameter] = []
        for each in arguments:
            annotation = scope.evaluate(each.annotation)
            meant = means(each, annotation) if means is not None else None
            if meant is not None:
                asked.append(meant)
            elif each.kind not in _GATHERING:
                asked += self._argument(each, annotation, settles)
        return [each for each in asked if each.required or each.spread or not each.positional]

    def _argument(self, each: inspect.Parameter, annotation: Any, settles: Settles | None) -> list[Parameter]:
        block, needed = block_of(annotation), each.default is inspect.Parameter.empty
        found = list(asking(self._engine).parts(each.name, block, required=needed)) if block else []
        if found:
            return found
        one = of_argument(each, annotation, _owner(each.name, self._owners))
        return [settles(one) if settles is not None else one]


def asking(engine: Engine) -> Asking:
    """What forms ask for the fields of a model.

    Args:
        engine: the domain.

    Returns:
        What knows the aggregates that fields mean by their names.
    """
    known = owners(engine)
    return Asking(engine, lambda name: _owner(name, known))


def owners(engine: Engine) -> dict[str, str]:
    """Aggregates by what a field is called that refers to one, as `order_id`."""
    found = {}
    for element in engine.registry.of_kind(Kind.AGGREGATE):
        word = snake_case(element.name)
        found[f"{word}_id"] = found[f"{word}_{element.schema.identity}"] = element.name
    return found


def _owner(name: str, known: Mapping[str, str]) -> str:
    """The aggregate that a field refers to by its name, as `order_id` and `first_order_id` do, or nothing."""
    fitting = [word for word in known if name == word or name.endswith(f"_{word}")]
    return known[max(fitting, key=len)] if fitting else ""


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

    def __init__(self, engine: Engine, classes: list[type], method: Any) -> None:
        elements = {name: each.cls for name, each in engine.registry.elements.items()}
        self._around = {**elements, **inspect.unwrap(method).__globals__}
        self._inside = ChainMap(*[dict(vars(cls)) for cls in classes])

    def evaluate(self, annotation: Any) -> Any:
        if not isinstance(annotation, str):
            return annotation
        try:
            return eval(annotation, self._around, self._inside)  # noqa: S307 - the user's own annotation
        except Exception:  # noqa: BLE001 - a name that is not there, or anything else that a text may do
            return annotation
