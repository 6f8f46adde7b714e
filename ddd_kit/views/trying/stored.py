"""Arguments that are stored aggregates, as those of domain services: a form lets people choose them."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Union, get_args, get_origin

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.names import snake_case
from ddd_kit.views.markup import counted
from ddd_kit.views.trying.instances import MOST_INSTANCES, newest, stored_rows
from ddd_kit.views.trying.parameters import UNSET, Parameter, Stored

_SEVERAL = (list, tuple, set, frozenset)


class StoredArguments:
    """Tells which arguments are stored aggregates, by their annotation, their name, or where they go.

    Args:
        engine: the domain.
        among: the names of the aggregates that those are of which only the place tells what they are.
        handed_on: the arguments that are certainly aggregates, and whether they are several.
    """

    def __init__(self, engine: Engine, among: Iterable[str], handed_on: Mapping[str, bool]) -> None:
        self._engine = engine
        self._known = {element.name for element in engine.registry.of_kind(Kind.AGGREGATE)}
        self._among = [name for name in among if name in self._known]
        self._handed_on = handed_on

    def parameter(self, argument: inspect.Parameter, annotation: Any) -> Parameter | None:
        """What a form asks for an argument, where it is a stored aggregate, or several.

        Args:
            argument: of a method.
            annotation: of the argument, evaluated.

        Returns:
            The parameter; None for any other argument.
        """
        names, several = self._meant(argument, annotation)
        if not names:
            return None
        spread = argument.kind is inspect.Parameter.VAR_POSITIONAL
        required = argument.default is inspect.Parameter.empty and not spread
        return self._choice(argument, names, several=several or spread, required=required, spread=spread)

    def _meant(self, argument: inspect.Parameter, annotation: Any) -> tuple[Sequence[str], bool]:
        if annotation is not inspect.Parameter.empty:
            found = self._annotated(annotation)
            if found[0]:
                return found
        bare = annotation in (inspect.Parameter.empty, Any, *_SEVERAL)
        for name in self._among if bare else ():
            several = _called(argument.name, snake_case(name))
            if several is not None:
                return (name,), several
        if bare and argument.name in self._handed_on:
            return self._among, self._handed_on[argument.name]
        return (), False

    def _annotated(self, annotation: Any) -> tuple[Sequence[str], bool]:
        origin, inner = get_origin(annotation), get_args(annotation)
        if origin in (Union, types.UnionType):
            found = [self._annotated(each) for each in inner if each is not type(None)]
            if found and all(names for names, _ in found):
                return [name for names, _ in found for name in names], found[0][1]
        elif origin in _SEVERAL or getattr(origin, "__module__", "") == "collections.abc":
            held = self._annotated(inner[0]) if inner else ((), False)
            return (held[0], True) if held[0] and not held[1] else ((), False)
        schema = getattr(annotation, "_schema", None) if isinstance(annotation, type) else None
        name = getattr(schema, "element", "")
        return ((name,) if name in self._known else ()), False

    def _choice(
        self,
        argument: inspect.Parameter,
        names: Sequence[str],
        *,
        several: bool,
        required: bool,
        spread: bool,
    ) -> Parameter:
        counts = {name: self._count(name) for name in names}
        many = [name for name, count in counts.items() if count > MOST_INSTANCES]
        shared: dict[str, Any] = {
            "name": argument.name,
            "required": required,
            "default": None if argument.default is None else UNSET,
            "stored": True,
            "spread": spread,
            "positional": argument.kind in (argument.POSITIONAL_ONLY, argument.VAR_POSITIONAL),
        }
        if many and len(names) == 1 and not several:
            hint = f"the identity of one of {counts[names[0]]:,} {names[0]}"
            return Parameter(kind="text", suggests=names[0], hint=hint, **shared)
        told = [f"no {name} is stored yet" for name, count in counts.items() if not count]
        told += [f"the newest {MOST_INSTANCES} of {counted(counts[name], name, name)}" for name in many]
        listed = [pair for name in names for pair in self._listed(name)]
        return Parameter(
            kind="choices" if several else "choice",
            choices=tuple(stored for stored, _ in listed),
            labels=tuple(label for _, label in listed),
            hint="; ".join(told),
            **shared,
        )

    def _listed(self, name: str) -> Iterator[tuple[Stored, str]]:
        for identity, label in newest(self._engine, self._engine.registry.elements[name]):
            yield Stored(name, identity), label

    def _count(self, name: str) -> int:
        with self._engine.lock:
            return len(stored_rows(self._engine, name))


def _called(argument: str, word: str) -> bool | None:
    """Whether an argument is called as several of a word are; None where it is not called so at all.

    Example:
        >>> _called("inventories", "inventory"), _called("shelves", "shelf"), _called("other_boxes", "box")
        (True, True, True)
        >>> _called("first_order", "order"), _called("order_id", "order")
        (False, None)
    """
    changed = {"y": "ies", "f": "ves"}.get(word[-1:])
    plurals = (f"{word}s", f"{word}es", *([word[:-1] + changed] if changed else []))
    for words, several in (((word,), False), (plurals, True)):
        if any(argument == each or argument.endswith(f"_{each}") for each in words):
            return several
    return None
