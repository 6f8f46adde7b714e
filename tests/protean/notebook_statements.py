"""What the statements of a notebook's cells are: of its model, or what is done with it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from contextlib import suppress
from typing import TypeGuard

import ddd_kit.demo


def statements_of(source: str) -> Iterator[tuple[str, ast.stmt]]:
    """The statements of a cell, each with what it is called: the name of a class or a function, or its text.

    What the cell shows under itself is printed. The texts of errors are others there: of errors it prints the
    kind, and what `.messages` says.
    """
    body = ast.parse(source).body
    for statement in body:
        called = statement.name if is_definition(statement) else ast.unparse(statement)
        if statement is body[-1] and isinstance(statement, ast.Expr) and not source.rstrip().endswith(";"):
            statement.value = _call("_shown", statement.value)
        yield called, _Telling().visit(statement)


class _Telling(ast.NodeTransformer):
    """`print(error)` in `except ... as error` becomes `print(_told(error))`."""

    def visit_ExceptHandler(self, handler: ast.ExceptHandler) -> ast.ExceptHandler:
        for node in ast.walk(handler):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
                node.args = [
                    _call("_told", each) if ast.unparse(each) == handler.name else each for each in node.args
                ]
        return handler


def _call(function: str, value: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(function, ast.Load()), [value], [])


def is_definition(statement: ast.stmt) -> TypeGuard[ast.ClassDef | ast.FunctionDef]:
    """Whether it defines a class or a function."""
    return isinstance(statement, ast.ClassDef | ast.FunctionDef)


def is_domain(statement: ast.stmt) -> TypeGuard[ast.Assign]:
    """Whether it makes a domain."""
    return isinstance(statement, ast.Assign) and ast.unparse(statement.value).startswith("Domain(")


def prefix_of(statement: ast.Assign) -> str:
    """What streams are called in the domain that it makes."""
    assert isinstance(statement.value, ast.Call)
    [name] = [each.value for each in statement.value.keywords if each.arg == "name"]
    return str(ast.literal_eval(name)).lower().replace(" ", "_")


def name_of_a_plain_value(statement: ast.stmt) -> str:
    """The name that it gives to a plain value, which the model may use; an empty text for anything else."""
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        with suppress(ValueError):
            ast.literal_eval(statement.value)
            return statement.targets[0].id
    return ""


def is_stored_in(domain: str, statement: ast.stmt) -> bool:
    """Whether it defines an aggregate or a projection of the domain: what a repository can list."""
    decorators = {ast.unparse(each).split("(")[0] for each in getattr(statement, "decorator_list", [])}
    return bool(decorators & {f"{domain}.aggregate", f"{domain}.projection"})


def asked_of(objects: set[str], statement: ast.stmt) -> Iterator[str]:
    """The names that the statement uses, and what it asks of some objects."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in objects:
            yield node.attr
        if isinstance(node, ast.Name):
            yield f"{node.id} itself"


def model_of_the_demo() -> str:
    """What `ddd_kit.demo()` defines and does, as it would stand in a cell."""
    module = ast.parse(inspect.getsource(ddd_kit.demo))
    [function] = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    body: list[ast.stmt] = []
    for statement in function.body[1:-1]:  # without its docstring, and without the workbench
        body += statement.body if isinstance(statement, ast.With) else [statement]
    lines = ["from ddd_kit import Domain, handle", "from ddd_kit.fields import Identifier, Integer, String"]
    return "\n".join((*lines, *map(ast.unparse, body))).replace("'", '"')
