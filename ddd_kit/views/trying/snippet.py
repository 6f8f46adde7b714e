"""The Python that a filled form stands for, in the words that a user would write; and running it."""

from __future__ import annotations

import ast
import builtins
import keyword
import math
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any

from ddd_kit.engine.engine import Engine
from ddd_kit.engine.names import snake_case
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.origin import origin
from ddd_kit.journal.sentence import short_id
from ddd_kit.views.trying.actions import Action, Target, actions
from ddd_kit.views.trying.annotations import MAKERS
from ddd_kit.views.trying.parameters import UNSET, Parameter, is_plain, same

ORIGIN = "Try it"
_TAKEN = {"domain", *dir(builtins), *(maker.__name__ for maker in MAKERS)}
_LONGEST = 80

Given = Mapping[str, Any]


def python(engine: Engine, target: Target, action: Action, values: Given) -> str:
    """The Python that does it.

    Args:
        engine: the domain.
        target: what is tried.
        action: what is done with it.
        values: values by the name of their parameter; one that is not there, or `UNSET`, is left out, as
            is what equals the default.

    Returns:
        Lines of Python in which every value is a literal, a member of an Enum, or made of a literal, so
        that nothing that was typed becomes code.
    """
    given = _given(action, values)
    element = engine.registry.elements.get(target.element)
    cls = element.cls if element is not None else object
    known_as = _known_as(target.element)
    called = action.name if target.kind == "instance" else known_as
    call = f"{called}({_arguments(given, cls, _variable(engine, target.element))})"
    imports = dict.fromkeys(MAKERS[p.made][0] for p, value in given if _is_made(p, value))
    name, repository = _variable(engine, target.element), f"domain.repository_for({known_as})"
    lines = {
        "command": [f"domain.process({call})"],
        "aggregate": [f"{name} = {call}", f"{repository}.add({name})"],
        "instance": [
            f"{name} = {repository}.get({_identity(target.identity)})",
            f"{name}.{call}",
            f"{repository}.add({name})",
        ],
    }
    return "\n".join([*imports, *lines[target.kind]])


def _known_as(element: str) -> str:
    """How an element is referred to: by its name, unless that is the domain's."""
    return "domain.registry.elements['domain'].cls" if element == "domain" else element


def in_short(target: Target, action: Action, values: Given) -> str:
    """The same in one short line, for a list.

    Args:
        target: what is tried.
        action: what is done with it.
        values: as for `python`.

    Returns:
        As `Order 62f8fa8d: ship_order()`.
    """
    call = f"{action.name}({_arguments(_given(action, values), object)})"
    of = f"{target.element} {short_id(target.identity)}: " if target.kind == "instance" else ""
    line = " ".join(f"{of}{call}".split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _given(action: Action, values: Given) -> list[tuple[Parameter, Any]]:
    every = [(parameter, values.get(parameter.name, UNSET)) for parameter in action.parameters]
    return [
        (parameter, value)
        for parameter, value in every
        if value is not UNSET and (parameter.required or not same(value, parameter.default))
    ]


def _arguments(given: list[tuple[Parameter, Any]], cls: type, variable: str = "", depth: int = 0) -> str:
    """The arguments of a call; those inside of one object become the call that makes it."""
    texts: dict[str, str] = {}
    for p, value in given:
        if len(p.inside) <= depth:
            text = _got(p, value, variable) or _value(p, value, cls)
            name, positional = p.own_name, p.positional and not p.inside
        else:
            name, element = p.inside[depth]
            if name in texts:
                continue
            together = [(q, v) for q, v in given if q.inside[: depth + 1] == p.inside[: depth + 1]]
            text = f"{_known_as(element)}({_arguments(together, cls, variable, depth + 1)})"
            positional = p.positional and not depth
        texts[name] = text if positional else f"{name}={text}"
    return ", ".join(texts.values())


def _value(parameter: Parameter, value: Any, cls: type) -> str:
    return _made(parameter, value) if _is_made(parameter, value) else _spelled(value, cls)


def _got(parameter: Parameter, value: Any, variable: str) -> str:
    """The object that a value stands for."""
    if parameter.got_by is None:
        return ""
    method, identity = parameter.got_by
    return f"{variable}{'.' if variable else ''}{method}({identity}={_spelled(value, object)})"


def _is_made(parameter: Parameter, value: Any) -> bool:
    return parameter.made is not None and isinstance(value, str)


def _made(parameter: Parameter, value: str) -> str:
    return f"{MAKERS[parameter.made][1]}({value.strip()!r})"


def _spelled(value: Any, cls: type) -> str:
    if isinstance(value, Enum):
        return _member(value, cls)
    if not is_plain(value):
        raise TypeError(f"{type(value).__name__} is no plain value")
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    kind: type = type(value)
    if kind in _BRACKETS and value:
        inner = ", ".join(_spelled(each, cls) for each in value)
        return _BRACKETS[kind].format(inner + "," * (kind is tuple and len(value) == 1))
    if kind is dict:
        return "{" + ", ".join(f"{_spelled(k, cls)}: {_spelled(v, cls)}" for k, v in value.items()) + "}"
    return repr(value)


_BRACKETS: Mapping[type, str] = {list: "[{}]", tuple: "({})", set: "{{{}}}"}


def _member(member: Enum, cls: type) -> str:
    enum = type(member)
    outer = f"{_known_as(cls.__name__)}." if getattr(cls, enum.__name__, None) is enum else ""
    name = str(member.name)
    place = f".{name}" if name.isidentifier() and not keyword.iskeyword(name) else f"[{name!r}]"
    return f"{outer}{enum.__name__}{place}"


def _identity(identity: Any) -> str:
    """Identities are looked up by their text as well, so that no other type needs a way to be written."""
    return repr(identity if is_plain(identity) else str(identity))


def _variable(engine: Engine, element: str) -> str:
    name = snake_case(element)
    if not name.isidentifier():
        name = "it"
    while name in _TAKEN or keyword.iskeyword(name) or name in engine.registry.elements:
        name += "_"
    return name


def run(engine: Engine, code: str) -> Any:
    """Run what `python` has written.

    Args:
        engine: the domain.
        code: in which `domain` and the elements of the model are known by their names.

    Returns:
        What its first expression gives: what the command's handler or the method returned, or the new
        aggregate.

    Raises:
        IncorrectUsageError: if an element or an Enum in the code is not defined any more.
        BaseException: whatever the model raises.
    """
    tree = ast.parse(code, "<Try it>")
    names = {**_names(engine, tree), "domain": engine}
    _check_defined(tree, names)
    values = []
    with origin(ORIGIN), engine.domain_context():
        for statement in tree.body:
            if isinstance(statement, ast.Expr):
                expression = compile(ast.Expression(statement.value), "<Try it>", "eval")
                values.append(eval(expression, names))  # noqa: S307 - written by `python`, of literals only
            else:
                part = compile(ast.Module([statement], []), "<Try it>", "exec")
                exec(part, names)  # noqa: S102 - written by `python`, of literals only
    return values[0] if values else None


def _check_defined(tree: ast.Module, names: Mapping[str, Any]) -> None:
    made = {
        each.asname or each.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            made.add(node.id)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Name)
            and node.id not in made | names.keys()
            and not hasattr(builtins, node.id)
        ):
            raise IncorrectUsageError(f"{node.id} is not defined any more.")


def _names(engine: Engine, tree: ast.Module) -> dict[str, Any]:
    nodes = list(ast.walk(tree))
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    elements = {name: e.cls for name, e in engine.registry.elements.items() if name in used}
    given = {call for node in nodes if isinstance(node, ast.Call) for call in _given_by_name(node)}
    enums = {enum.__name__: enum for name in elements for enum in _enums(engine, name, given)}
    return {**enums, **elements}


def _given_by_name(call: ast.Call) -> Iterator[tuple[str, str]]:
    """What is called, with each name by which it is given something; an empty one for what has no name."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    yield from ((called, keyword.arg or "") for keyword in call.keywords)
    if call.args:
        yield called, ""


def _enums(engine: Engine, element: str, given: AbstractSet[tuple[str, str]]) -> Iterator[type]:
    """The Enums of which members are given; other methods may have some of the same name."""
    for kind in ("aggregate", "instance"):
        for action in actions(engine, Target(kind, element, None, "")):
            for parameter in action.parameters:
                if (action.name, "" if parameter.positional else parameter.name) in given:
                    yield from {type(choice) for choice in parameter.choices if isinstance(choice, Enum)}
