"""How Python writes what was entered, so that nothing that was typed becomes code."""

from __future__ import annotations

import builtins
import keyword
import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

from ddd_kit.engine.engine import Engine
from ddd_kit.engine.names import snake_case
from ddd_kit.views.trying.annotations import MAKERS
from ddd_kit.views.trying.parameters import UNSET, Parameter, Stored, is_plain, same
from ddd_kit.views.trying.targets import Action

_TAKEN = {"domain", "UnitOfWork", *dir(builtins), *(maker.__name__ for maker in MAKERS)}

Given = Mapping[str, Any]
Pairs = list[tuple[Parameter, Any]]


def given_of(action: Action, values: Given) -> Pairs:
    """What was given, without what is the default anyway.

    Args:
        action: what is done.
        values: by the name of their parameter.

    Returns:
        Parameters and values.
    """
    every = [(parameter, values.get(parameter.name, UNSET)) for parameter in action.parameters]
    return [
        (parameter, value)
        for parameter, value in every
        if value is not UNSET and (parameter.required or not same(value, parameter.default))
    ]


def known_as(element: str) -> str:
    """How an element is referred to: by its name, unless that is the domain's."""
    return "domain.registry.elements['domain'].cls" if element == "domain" else element


def repository_of(aggregate: str) -> str:
    """How its repository is got."""
    return f"domain.repository_for({known_as(aggregate)})"


def variable(engine: Engine, word: str) -> str:
    """A name for a variable, which hides nothing.

    Args:
        engine: the domain.
        word: the name of an element or of an argument.

    Returns:
        The name.
    """
    name = snake_case(word)
    if not name.isidentifier():
        name = "it"
    while name in _TAKEN or keyword.iskeyword(name) or name in engine.registry.elements:
        name += "_"
    return name


def arguments(
    given: Pairs, cls: type, variable: str = "", depth: int = 0, names: Mapping[str, str] | None = None
) -> str:
    """The arguments of a call; those inside of one object become the call that makes it.

    Args:
        given: parameters and values.
        cls: the class of the element, in which Enums may be.
        variable: in which the object is that other objects are got from.
        depth: how many objects are around.
        names: the variables in which stored aggregates are, by parameter; None to write their identities.

    Returns:
        What stands between the brackets.
    """
    texts: dict[str, str] = {}
    for p, value in given:
        if p.stored and names is not None:
            text, name, positional = f"{'*' * p.spread}{names[p.name]}", p.name, p.positional
        elif len(p.inside) <= depth:
            text = _got(p, value, variable) or _value(p, value, cls)
            name, positional = p.own_name, p.positional and not p.inside
        else:
            name, element = p.inside[depth]
            if name in texts:
                continue
            together = [(q, v) for q, v in given if q.inside[: depth + 1] == p.inside[: depth + 1]]
            text = f"{known_as(element)}({arguments(together, cls, variable, depth + 1)})"
            positional = p.positional and not depth
        texts[name] = text if positional else f"{name}={text}"
    return ", ".join(texts.values())


def is_made(parameter: Parameter, value: Any) -> bool:
    """Whether a value is made of the text that was typed."""
    return parameter.made is not None and isinstance(value, str)


def identity(given: Any) -> str:
    """Identities are looked up by their text as well, so that no other type needs a way to be written."""
    return repr(given if is_plain(given) else str(given))


def _value(parameter: Parameter, value: Any, cls: type) -> str:
    if is_made(parameter, value):
        return f"{MAKERS[parameter.made][1]}({value.strip()!r})"
    if parameter.stored:
        told = ", ".join(identity(each.identity) for each in chosen(parameter, value))
        return f"[{told}]" if parameter.kind == "choices" else told
    return spelled(value, cls)


def chosen(parameter: Parameter, value: Any) -> tuple[Stored, ...]:
    """The stored aggregates that were chosen, or meant by the identity that was typed."""
    every = value if isinstance(value, tuple) else (value,)
    return tuple(each if isinstance(each, Stored) else Stored(parameter.suggests, each) for each in every)


def _got(parameter: Parameter, value: Any, variable: str) -> str:
    """The object that a value stands for."""
    if parameter.got_by is None:
        return ""
    method, key = parameter.got_by
    return f"{variable}{'.' if variable else ''}{method}({key}={spelled(value, object)})"


def spelled(value: Any, cls: type) -> str:
    """A plain value, or a member of an Enum.

    Args:
        value: what was given.
        cls: the class in which an Enum may be.

    Returns:
        Python that makes the value.

    Raises:
        TypeError: for any other value.
    """
    if isinstance(value, Enum):
        return _member(value, cls)
    if not is_plain(value):
        raise TypeError(f"{type(value).__name__} is no plain value")
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    kind: type = type(value)
    if kind in _BRACKETS and value:
        inner = ", ".join(spelled(each, cls) for each in value)
        return _BRACKETS[kind].format(inner + "," * (kind is tuple and len(value) == 1))
    if kind is dict:
        return "{" + ", ".join(f"{spelled(k, cls)}: {spelled(v, cls)}" for k, v in value.items()) + "}"
    return repr(value)


_BRACKETS: Mapping[type, str] = {list: "[{}]", tuple: "({})", set: "{{{}}}"}


def _member(member: Enum, cls: type) -> str:
    enum = type(member)
    outer = f"{known_as(cls.__name__)}." if getattr(cls, enum.__name__, None) is enum else ""
    name = str(member.name)
    place = f".{name}" if name.isidentifier() and not keyword.iskeyword(name) else f"[{name!r}]"
    return f"{outer}{enum.__name__}{place}"
