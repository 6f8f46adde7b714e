"""Answers `%why`: why a field has its value, or why a handler did not run."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import chain
from typing import Any

from IPython.core.error import UsageError

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.engine.context import current_engine, living_engines
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.explain import WhyNot
from ddd_kit.engine.model import name_of
from ddd_kit.engine.registry import LISTENERS
from ddd_kit.exceptions import DddKitError, did_you_mean
from ddd_kit.journal.causality import Why

USAGE = "ask for a field, as %why inventory.in_stock, or for an event handler, as %why ManageInventory."


def answer(question: str, namespace: Mapping[str, Any]) -> Why | WhyNot:
    """What `%why` gives.

    Args:
        question: an expression for a field of an aggregate, or for an event handler, and for the latter an
            event if need be.
        namespace: where names stand for something.

    Returns:
        The answer of `domain.why` or `domain.why_not`.

    Raises:
        UsageError: when it cannot be answered; the text says what would be.
    """
    try:
        return _answer(_expressions(question), namespace)
    except (_UnclearError, DddKitError) as error:
        raise UsageError(f"%why {question}".strip() + f": {error}") from None


class _UnclearError(Exception):
    """A question without an answer."""


def _expressions(question: str) -> list[ast.expr]:
    """One, or two with a space between them."""
    if not question.strip():
        raise _UnclearError(USAGE)
    whole = _expression(question)
    if whole is not None:
        return [whole]
    for place in (place for place, sign in enumerate(question) if sign.isspace()):
        handler, event = _expression(question[:place]), _expression(question[place:])
        if handler is not None and event is not None:
            return [handler, event]
    raise _UnclearError(f"that is no Python expression; {USAGE}")


def _expression(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None


def _answer(asked: list[ast.expr], namespace: Mapping[str, Any]) -> Why | WhyNot:
    first, events = asked[0], asked[1:]
    if not isinstance(first, ast.Attribute):
        return _why_not(_value(first, namespace), [_value(event, namespace) for event in events])
    owner = _value(first.value, namespace)
    if not isinstance(owner, Aggregate):
        return _why_not(_attribute(owner, first), [_value(event, namespace) for event in events])
    if events:
        raise _UnclearError("an event goes with a handler, not with a field.")
    return owner._link.engine.why(owner, first.attr)  # type: ignore[attr-defined,no-any-return]


def _value(expression: ast.expr, namespace: Mapping[str, Any]) -> Any:
    """What it stands for; a name that only a domain knows stands for itself."""
    if isinstance(expression, ast.Name) and expression.id not in namespace and expression.id in _elements():
        return expression.id
    try:
        code = compile(ast.Expression(expression), "<%why>", "eval")
        return eval(code, dict(namespace))  # noqa: S307 - the user's own cell, as everything else in it
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        name = error.name if isinstance(error, NameError) else None
        raise _UnclearError(_no_name(name, namespace) if name else _told(error)) from None


def _attribute(owner: Any, expression: ast.Attribute) -> Any:
    if isinstance(owner, type) and issubclass(owner, Aggregate):
        raise _UnclearError(f"{owner.__name__} is a class: ask for a field of one of its objects.")
    try:
        return getattr(owner, expression.attr)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        raise _UnclearError(_told(error)) from None


def _told(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _no_name(name: str, namespace: Mapping[str, Any]) -> str:
    known = [known for known in namespace if not known.startswith("_")]
    return f"there is no name '{name}'{did_you_mean(name, [*known, *_elements()]) or f'; {USAGE}'}"


def _elements() -> set[str]:
    registries = [engine.registry for engine in living_engines()]
    return {name for registry in registries for name in (*registry.elements, *registry.retired)}


def _why_not(asked: Any, events: list[Any]) -> WhyNot:
    if isinstance(asked, Aggregate):
        raise _UnclearError(f"which field of it? It has: {', '.join(asked._schema.names)}.")
    if not isinstance(asked, type | str):
        raise _UnclearError(f"that is no aggregate's field and no event handler; {USAGE}")
    engine = _domain_of(asked)
    element = engine.registry.elements.get(name_of(asked))
    if element is not None and element.kind not in LISTENERS:
        raise _UnclearError(f"that is {element.kind.with_article}; {USAGE}")
    return engine.why_not(asked, *events)


def _domain_of(asked: type | str) -> Engine:
    """The current domain where it knows the name; else where the class is registered, or one of its name."""
    name, current = name_of(asked), current_engine()
    if name in {**current.registry.elements, **current.registry.retired}:
        return current
    registries = [(engine, engine.registry) for engine in living_engines()]
    exact = (e for e, known in registries if name in known.elements and known.elements[name].cls is asked)
    named = (e for e, known in registries if name in known.elements)
    retired = (e for e, known in registries if name in known.retired)
    found = next(chain(exact, named, retired), current)
    if found is not current and found.name == current.name:
        raise _UnclearError(f"{name} belongs to an older {found.name}: run its cell again.")
    return found
