"""What can be tried, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ddd_kit.views.trying.parameters import Parameter

TargetKind = Literal[
    "command",
    "application service",
    "query",
    "repository",
    "subscriber",
    "domain service",
    "aggregate",
    "instance",
]
CHECKED = ("command", "query", "aggregate")  # what is missing or wrong, these say themselves
WITH_METHODS = ("application service", "repository", "domain service", "instance")


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be tried.

    Attributes:
        kind: a `command` to process, an `application service` with its use cases, a `query` to be answered, a
            `repository` with named queries, a `subscriber` of which the stream gets a message, a `domain
            service`, an `aggregate` to make one of, or an `instance` that is stored.
        element: the name of the element.
        identity: of the instance; None for the others.
        label: as `■ Order 62f8fa8d (PENDING)`.
    """

    kind: TargetKind
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
        name: of the command, the query, the aggregate or the method.
        label: as `ship_order()`.
        parameters: what its form asks for.
        obstacle: why no form can do it, in a sentence; empty when one can.
        on_class: whether it is a method that is called on the class, as those are that make an aggregate.
    """

    name: str
    label: str
    parameters: tuple[Parameter, ...]
    obstacle: str = ""
    on_class: bool = False


def action(name: str, asked: list[Parameter], *, on_class: bool = False, called: str = "") -> Action:
    """An action with its label, and with the reason where no form can do it.

    Args:
        name: of what is done.
        asked: all that it takes, also what no form can give.
        on_class: whether it is called on the class.
        called: what people read in place of the name; empty for the name.

    Returns:
        The action.
    """
    parameters = tuple(each for each in asked if each.kind != "object")
    missing = [each for each in asked if each.kind == "object" and each.required]
    said: dict[str, bool] = {}
    for each in parameters:
        outermost = each.inside[0][0] if each.inside else each.name
        said[outermost] = said.get(outermost, False) or each.required
    names = [argument if required else f"{argument}=…" for argument, required in said.items()]
    told = called or name
    label = f"{told}({', '.join(names)})"
    label = label if len(label) <= 40 else f"{told}(…)"
    return Action(name, label, parameters, _obstacle(told, missing), on_class)


def _obstacle(name: str, missing: list[Parameter]) -> str:
    if not missing:
        return ""
    needs = " and ".join(f"'{each.name}' ({each.hint})" for each in missing)
    return f"{name} needs {needs}: an object, which no form can give. Do it in a cell."
