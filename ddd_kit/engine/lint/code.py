"""What the code of a method does: its syntax tree, or else the names in its bytecode."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, NamedTuple

_OURS = ("ddd_kit.building_blocks.", "ddd_kit.engine.")
Arms = tuple[tuple[int, int], ...]  # which arm of which branch, from the outside in


class Save(NamedTuple):
    """A place that gives something to a repository, or takes it away.

    Attributes:
        aggregate: the name of what the repository holds.
        what: the code of what is saved.
        repeated: whether a loop saves another one each time.
        arms: the branches that it stands in.
    """

    aggregate: str
    what: str
    repeated: bool
    arms: Arms


class Sent(NamedTuple):
    """A place that processes a command."""

    command: str
    repeated: bool
    arms: Arms


@dataclass(slots=True)
class Does:
    """What a function does.

    Attributes:
        names: all names in it.
        raises: what it gives to `raise_`, where the class can be read.
        calls: the names of what it calls.
        saves: what it saves, in order.
        sends: the commands that it processes.
        read: whether its syntax could be read; else `names` are all that is known.
    """

    names: set[str] = field(default_factory=set)
    raises: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    saves: list[Save] = field(default_factory=list)
    sends: list[Sent] = field(default_factory=list)
    read: bool = False


def functions_of(cls: type) -> Iterator[tuple[str, FunctionType]]:
    """The functions that a user wrote in a class.

    Args:
        cls: a class.

    Yields:
        Pairs of a name and a function; those of the nearest class of each name.
    """
    seen = set()
    for base in cls.__mro__:
        if base is object or (base.__module__ or "").startswith(_OURS):
            continue
        for name, held in vars(base).items():
            if name in seen:
                continue
            for function in _functions(held):
                seen.add(name)
                yield name, function


def _functions(held: Any) -> Iterator[FunctionType]:
    if isinstance(held, property):
        yield from (f for part in (held.fget, held.fset) for f in _functions(part))
        return
    held = (
        inspect.unwrap(getattr(held, "__func__", held))
        if callable(held) or hasattr(held, "__func__")
        else held
    )
    if isinstance(held, FunctionType):
        yield held


def names_in(code: CodeType) -> set[str]:
    """The names that bytecode uses, with those of what is defined inside."""
    found = {*code.co_names, *code.co_freevars}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= names_in(constant)
    return found


@lru_cache(maxsize=4_096)
def _tree(code: CodeType) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    try:
        parsed = ast.parse(textwrap.dedent(inspect.getsource(code)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    body = parsed.body[0] if parsed.body else None
    if isinstance(body, ast.FunctionDef | ast.AsyncFunctionDef) and body.name == code.co_name:
        return body  # a file that was edited since has other lines there
    return None


def read(function: FunctionType) -> Does:
    """What a function does.

    Args:
        function: any function.

    Returns:
        What could be read; names of classes are those that they have now, whatever they are called here.
    """
    does = Does(names=names_in(function.__code__))
    tree = _tree(function.__code__)
    if tree is None:
        does.calls = set(does.names)
        if "raise_" in does.names:
            does.raises = set(does.names)
        return does
    does.read = True
    _Reading(function, does).block(tree.body, (), None)
    return does


class _Reading:
    """A function while it is read."""

    def __init__(self, function: FunctionType, does: Does) -> None:
        self._known = _known(function)
        self._does = does
        self._repositories: dict[str, str] = {}
        self._made: dict[str, str] = {}  # the class of what a variable holds

    def block(self, body: list[ast.stmt], arms: Arms, loop: set[str] | None) -> None:
        """Statements one after the other; `loop` has the names that a loop around them binds anew."""
        if body and isinstance(body[-1], ast.Return | ast.Break):
            loop = None  # what leaves the loop happens once, as where something is tried again until it works
        for statement in body:
            branches = _branches(statement)
            for head in _heads(statement):
                self._visit(head, arms, loop)
            if branches is None:
                self._assign(statement)
                self._visit(statement, arms, loop)
                continue
            bound = (loop or set()) | _bound(statement) if isinstance(statement, _LOOPS) else loop
            for arm, inner in branches:
                self.block(inner, arms if arm is None else (*arms, (id(statement), arm)), bound)
            if isinstance(statement, ast.If):  # what comes after an arm that leaves is the other arm
                left = 0 if _leaves(statement.body) else 1 if _leaves(statement.orelse) else None
                arms = arms if left is None else (*arms, (id(statement), 1 - left))

    def _assign(self, statement: ast.stmt) -> None:
        value = getattr(statement, "value", None)
        targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        held = self._repository(value)
        made = self._class_of(value.func) if isinstance(value, ast.Call) else None
        for name in names:
            if held is not None:
                self._repositories[name] = held
            if made is not None:
                self._made[name] = made

    def _visit(self, node: ast.AST, arms: Arms, loop: set[str] | None) -> None:
        for each in ast.iter_child_nodes(node):
            self._visit(
                each, arms, (loop or set()) | _bound(node) if isinstance(node, _COMPREHENSIONS) else loop
            )
        if isinstance(node, ast.Call):
            self._call(node, arms, loop)

    def _call(self, call: ast.Call, arms: Arms, loop: set[str] | None) -> None:
        function = call.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if not isinstance(function, ast.Attribute) or self._repository(function.value) is None:
            self._does.calls.add(name)
        first = call.args[0] if call.args else None
        if first is None:
            return
        repeated = loop is not None and _is_new(first, loop)
        if name == "raise_":
            self._does.raises |= {made for made in [self._made_by(first)] if made}
        elif name == "process" and self._made_by(first):
            self._does.sends.append(Sent(str(self._made_by(first)), repeated, arms))
        elif name in ("add", "remove") and isinstance(function, ast.Attribute):
            held = self._repository(function.value)
            if held is not None:
                self._does.saves.append(Save(held, ast.unparse(first), repeated, arms))

    def _repository(self, node: ast.AST | None) -> str | None:
        """What the repository holds that an expression gives."""
        if isinstance(node, ast.Name):
            return self._repositories.get(node.id)
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            return None
        return self._class_of(node.args[0]) if node.func.attr == "repository_for" else None

    def _made_by(self, node: ast.AST) -> str | None:
        """The class of what an expression makes."""
        if isinstance(node, ast.Name):
            return self._made.get(node.id)
        return self._class_of(node.func) if isinstance(node, ast.Call) else None

    def _class_of(self, node: ast.AST) -> str | None:
        """The name of the class that an expression means."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.Name):
            return str(self._known(node.id))
        return node.attr if isinstance(node, ast.Attribute) else None


def _known(function: FunctionType) -> Any:
    """What tells the name of the class that a name means in a function."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=False))

    def name_of(name: str) -> str:
        try:
            held = cells[name].cell_contents if name in cells else function.__globals__.get(name)
        except ValueError:  # a cell that is not filled yet
            held = None
        return held.__name__ if isinstance(held, type) else name

    return name_of


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
Branch = tuple[int | None, list[ast.stmt]]


def _branches(statement: ast.stmt) -> list[Branch] | None:
    """The blocks of a statement, with a number where only one of them runs; None where it has no blocks."""
    if isinstance(statement, ast.If):
        return [(0, statement.body), (1, statement.orelse)]
    if isinstance(statement, ast.Match):
        return [(place, case.body) for place, case in enumerate(statement.cases)]
    if isinstance(statement, ast.Try):
        handlers: list[Branch] = [(place, each.body) for place, each in enumerate(statement.handlers, 1)]
        return [(0, [*statement.body, *statement.orelse]), *handlers, (None, statement.finalbody)]
    if isinstance(statement, _LOOPS):
        return [(None, [*statement.body, *statement.orelse])]
    if isinstance(
        statement, ast.With | ast.AsyncWith | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ):
        return [(None, statement.body)]
    return None


def _heads(statement: ast.stmt) -> list[ast.expr]:
    """What a statement with blocks works out before them."""
    if isinstance(statement, ast.If | ast.While):
        return [statement.test]
    if isinstance(statement, ast.For | ast.AsyncFor):
        return [statement.iter]
    if isinstance(statement, ast.Match):
        return [statement.subject]
    if isinstance(statement, ast.With | ast.AsyncWith):
        return [item.context_expr for item in statement.items]
    return []


def _leaves(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)


def _bound(loop: ast.AST) -> set[str]:
    """The names that are bound anew in each turn of a loop."""
    return {
        node.id for node in ast.walk(loop) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _is_new(node: ast.AST, bound: Iterable[str]) -> bool:
    """Whether an expression gives another object in each turn of a loop that binds these names."""
    if isinstance(node, ast.Call):
        return True
    return isinstance(node, ast.Name) and node.id in bound


def exclude(one: Arms, other: Arms) -> bool:
    """Whether two places never both run: they stand in different arms of a branch.

    Args:
        one: the arms of a place.
        other: those of another place.

    Returns:
        True where they exclude each other.

    Example:
        >>> exclude(((1, 0),), ((1, 1),)), exclude(((1, 0),), ((2, 1),))
        (True, False)
    """
    return any(
        branch == other_branch and arm != other_arm
        for branch, arm in one
        for other_branch, other_arm in other
    )
