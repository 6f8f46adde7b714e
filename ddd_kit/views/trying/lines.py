"""The lines of Python that do what is tried, for each kind of target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ddd_kit.engine.engine import Engine
from ddd_kit.views.trying.messages import stream_of
from ddd_kit.views.trying.parameters import Parameter, Stored
from ddd_kit.views.trying.spelling import (
    Pairs,
    arguments,
    chosen,
    identity,
    known_as,
    repository_of,
    spelled,
    variable,
)
from ddd_kit.views.trying.targets import Action, Target, TargetKind

_OWN = (":result", ":each")  # variables beside those of the arguments, one of which may be called so too


class Call(NamedTuple):
    """What is to be written.

    Attributes:
        engine: the domain.
        target: what is tried.
        action: what is done with it.
        given: the values, without those that are the default anyway.
    """

    engine: Engine
    target: Target
    action: Action
    given: Pairs

    @property
    def known_as(self) -> str:
        """How the element is referred to."""
        return known_as(self.target.element)

    @property
    def cls(self) -> type:
        """The newest class of the element."""
        element = self.engine.registry.elements.get(self.target.element)
        return element.cls if element is not None else object

    @property
    def variable(self) -> str:
        """For an object of the element."""
        return variable(self.engine, self.target.element)

    def arguments(self, names: Mapping[str, str] | None = None, *, to_make: bool | None = None) -> str:
        """What stands between the brackets.

        Args:
            names: the variables in which stored aggregates are, by parameter.
            to_make: only what makes the object, or only the rest; None for all.

        Returns:
            The arguments.
        """
        given = [(p, value) for p, value in self.given if to_make is None or p.to_make is to_make]
        return arguments(given, self.cls, self.variable, names=names)


def _command(call: Call) -> list[str]:
    return [f"domain.process({call.known_as}({call.arguments()}))"]


def _query(call: Call) -> list[str]:
    return [f"domain.dispatch({call.known_as}({call.arguments()}))"]


def _new(call: Call) -> list[str]:
    made_by = f"{call.known_as}.{call.action.name}" if call.action.on_class else call.known_as
    repository = repository_of(call.target.element)
    return [f"{call.variable} = {made_by}({call.arguments()})", f"{repository}.add({call.variable})"]


def _instance(call: Call) -> list[str]:
    name, repository = call.variable, repository_of(call.target.element)
    return [
        f"{name} = {repository}.get({identity(call.target.identity)})",
        f"{name}.{call.action.name}({call.arguments()})",
        f"{repository}.add({name})",
    ]


def _repository(call: Call) -> list[str]:
    element = call.engine.registry.elements.get(call.target.element)
    owner = str(element.part_of) if element is not None else ""
    return [f"{repository_of(owner)}.{call.action.name}({call.arguments()})"]


def _message(call: Call) -> list[str]:
    element = call.engine.registry.elements.get(call.target.element)
    stream, broker = stream_of(element) if element is not None else ("", "default")
    said = [value for _, value in call.given]
    told = ", ".join(spelled(each, object) for each in (stream, *said))
    return [f"domain.brokers[{spelled(broker, object)}].publish({told})"]


def _service(call: Call) -> list[str]:
    """With the aggregates that it works on in one unit of work, as a command handler has one."""
    worked_on = [(p, chosen(p, value)) for p, value in call.given if p.stored]
    names = _variables(call.engine, [*(p.name for p, _ in worked_on), *_OWN])
    result, each = (names[word] for word in _OWN)
    called = "" if call.action.name == "__call__" else f".{call.action.name}"
    made = "" if call.action.on_class else f"({call.arguments(names, to_make=True)})"
    done = f"{call.known_as}{made}{called}({call.arguments(names, to_make=False)})"
    if not worked_on:
        return [done]
    loads = [f"{names[p.name]} = {_loaded(p, stored, each)}" for p, stored in worked_on]
    saves = [line for p, stored in worked_on for line in _saved(names[p.name], p, stored, each)]
    body = [*loads, f"{result} = {done}", *saves]
    return [
        "from ddd_kit import UnitOfWork",
        "with UnitOfWork(domain):",
        *(f"    {line}" for line in body),
        result,
    ]


def _variables(engine: Engine, words: list[str]) -> dict[str, str]:
    """Variables for arguments and for what is ours, each another one."""
    names: dict[str, str] = {}
    for word in words:
        name = variable(engine, word.removeprefix(":"))
        while name in names.values():
            name += "_"
        names[word] = name
    return names


def _loaded(parameter: Parameter, stored: tuple[Stored, ...], each: str) -> str:
    if parameter.kind != "choices":
        return f"{repository_of(stored[0].aggregate)}.get({identity(stored[0].identity)})"
    if len({one.aggregate for one in stored}) == 1:
        identities = ", ".join(identity(one.identity) for one in stored)
        return f"[{repository_of(stored[0].aggregate)}.get({each}) for {each} in [{identities}]]"
    return f"[{', '.join(f'{repository_of(one.aggregate)}.get({identity(one.identity)})' for one in stored)}]"


def _saved(name: str, parameter: Parameter, stored: tuple[Stored, ...], each: str) -> Iterator[str]:
    if parameter.kind != "choices":
        yield f"{repository_of(stored[0].aggregate)}.add({name})"
    elif len({one.aggregate for one in stored}) == 1:
        yield f"for {each} in {name}:"
        yield f"    {repository_of(stored[0].aggregate)}.add({each})"
    else:
        for place, one in enumerate(stored):
            yield f"{repository_of(one.aggregate)}.add({name}[{place}])"


WRITTEN: Mapping[TargetKind, Callable[[Call], list[str]]] = {
    "command": _command,
    "application service": _service,
    "query": _query,
    "repository": _repository,
    "subscriber": _message,
    "domain service": _service,
    "aggregate": _new,
    "instance": _instance,
}
