"""What the code of a method tells of what it is given."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any


def source_tree(method: Any) -> ast.FunctionDef | None:
    """The code of a method.

    Args:
        method: a function, also one with others around it.

    Returns:
        Its tree; None where its source is not at hand.
    """
    inner = inspect.unwrap(method)
    return _parsed(inner.__code__) if isinstance(inner, FunctionType) else None


@lru_cache(maxsize=256)
def _parsed(code: CodeType) -> ast.FunctionDef | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(code)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    return next((node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)), None)


def handed_on(method: Any) -> dict[str, bool]:
    """The arguments that an `__init__` hands on by `super().__init__(order, *inventories)`.

    Args:
        method: the function.

    Returns:
        For each name whether it stands for several objects.
    """
    tree = source_tree(method)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree is not None else []
    given = (argument for call in calls if _is_super(call.func) for argument in call.args)
    return dict(pair for argument in given for pair in _named(argument, several=False))


def _is_super(called: ast.expr) -> bool:
    return ast.unparse(called) == "super().__init__"


def _named(argument: ast.expr, *, several: bool) -> Iterator[tuple[str, bool]]:
    if isinstance(argument, ast.Name):
        yield argument.id, several
    elif isinstance(argument, ast.Starred) and isinstance(argument.value, ast.Tuple | ast.List):
        for each in argument.value.elts:
            yield from _named(each, several=False)
    elif isinstance(argument, ast.Starred):
        yield from _named(argument.value, several=True)


def keys_read(method: Any) -> dict[str, Any]:
    """The keys that a method reads of the dictionary it is called with.

    Args:
        method: a function with two arguments, the second of which is the dictionary.

    Returns:
        By key, in the order of the code, the text or number that it is compared with; None where it is not.
    """
    tree = source_tree(method)
    if tree is None or len(tree.args.args) < 2:
        return {}
    message = tree.args.args[1].arg
    nodes = [node for statement in tree.body for node in ast.walk(statement)]
    found = [(node, key) for node in nodes if (key := _key(node, message)) is not None]
    keys: dict[str, Any] = {key: None for _, key in sorted(found, key=lambda pair: _place(pair[0]))}
    for node in nodes:
        if isinstance(node, ast.Compare):
            keys.update(_compared(node, message))
    return keys


def _place(node: Any) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _key(node: ast.AST, message: str) -> str | None:
    """`type` of `payload["type"]` and of `payload.get("type")`."""
    key: ast.AST | None = None
    if isinstance(node, ast.Subscript) and _is(node.value, message):
        key = node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        key = node.args[0] if node.func.attr == "get" and _is(node.func.value, message) else None
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _compared(node: ast.Compare, message: str) -> Iterator[tuple[str, Any]]:
    sides = [node.left, *node.comparators]
    key = next((key for side in sides if (key := _key(side, message)) is not None), None)
    values = [side.value for side in sides if isinstance(side, ast.Constant)]
    if key is not None and values and isinstance(values[0], str | int | float):
        yield key, values[0]
