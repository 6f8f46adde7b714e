"""The Python that a filled form stands for, in the words that a user would write; and running it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.origin import origin
from ddd_kit.journal.sentence import short_id
from ddd_kit.views.trying.actions import actions
from ddd_kit.views.trying.annotations import MAKERS
from ddd_kit.views.trying.lines import WRITTEN, Call
from ddd_kit.views.trying.spelling import Given, arguments, given_of, is_made, spelled
from ddd_kit.views.trying.targets import WITH_METHODS, Action, Target, TargetKind

ORIGIN = "Try it"
_LONGEST = 80


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
    given = given_of(action, values)
    imports = dict.fromkeys(MAKERS[p.made][0] for p, value in given if is_made(p, value))
    return "\n".join([*imports, *WRITTEN[target.kind](Call(engine, target, action, given))])


def in_short(target: Target, action: Action, values: Given) -> str:
    """The same in one short line, for a list.

    Args:
        target: what is tried.
        action: what is done with it.
        values: as for `python`.

    Returns:
        As `Order 62f8fa8d: ship_order()`.
    """
    given = given_of(action, values)
    call = f"{action.name}({arguments(given, object)})"
    if target.kind == "subscriber":
        call = ", ".join(spelled(value, object) for _, value in given)
    line = " ".join(f"{_told(target, action)}{call}".split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _told(target: Target, action: Action) -> str:
    """What stands before the call, as `Order 62f8fa8d: `."""
    if target.kind == "instance":
        return f"{target.element} {short_id(target.identity)}: "
    if target.kind == "subscriber":
        return f"{target.label.partition(' ')[2]}: "
    if target.kind in WITH_METHODS:
        return f"{target.element}: "
    return f"{target.element}." if action.on_class else ""


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
    for target in _asked_of(engine, element):
        for action in actions(engine, target):
            for parameter in action.parameters:
                called = target.element if parameter.to_make else action.name
                if (called, "" if parameter.positional else parameter.name) in given:
                    yield from {type(choice) for choice in parameter.choices if isinstance(choice, Enum)}


def _asked_of(engine: Engine, element: str) -> Iterator[Target]:
    """All that may have asked for what is given to an element, or to the repository of one."""
    known = engine.registry.elements[element]
    kinds: dict[Kind, tuple[TargetKind, ...]] = {
        Kind.AGGREGATE: ("aggregate", "instance"),
        Kind.APPLICATION_SERVICE: ("application service",),
        Kind.DOMAIN_SERVICE: ("domain service",),
    }
    for kind in kinds.get(known.kind, ("command",) if hasattr(known, "schema") else ()):
        yield Target(kind, element, None, "")
    for repository in engine.registry.of_kind(Kind.REPOSITORY):
        if repository.part_of == element:
            yield Target("repository", repository.name, None, "")
