"""What is wrong with what was entered, by the fields of the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ddd_kit.engine.engine import Engine
from ddd_kit.exceptions import ValidationError
from ddd_kit.views.trying.parameters import UNSET, Parameter
from ddd_kit.views.trying.targets import CHECKED, Action, Target


def before(engine: Engine, target: Target, action: Action, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What can be said before anything runs.

    Args:
        engine: the domain.
        target: what is tried.
        action: what is done with it.
        values: what was given, by the name of its parameter.

    Returns:
        Texts by the name of a parameter; of what the model checks itself nothing is said to be missing.
    """
    asked = action.parameters
    told = {p.name: p.problem(values[p.name]) or _unknown(engine, p, values[p.name]) for p in asked}
    wrong = {name: [text] for name, text in told.items() if text}
    is_checked = target.kind in CHECKED and not action.on_class
    return {} if is_checked and all(values[name] is UNSET for name in wrong) else wrong


def _unknown(engine: Engine, asked: Parameter, given: Any) -> str | None:
    """Whether the identity of a stored aggregate was typed, and there is none of it."""
    if not asked.stored or not asked.suggests or not isinstance(given, str):
        return None
    stored = engine.repository_for(asked.suggests).get_or_none(given)
    return f"no {asked.suggests} of this identity is stored" if stored is None else None


def is_unreadable(action: Action, values: Mapping[str, Any]) -> bool:
    """Whether a message was typed of which no Python can be written, as it is no JSON object.

    Args:
        action: what is to be done.
        values: what was given, by the name of its parameter.

    Returns:
        True for a message that is only a text.
    """
    return any(p.kind == "json" and isinstance(values.get(p.name), str) for p in action.parameters)


def at_fields(error: BaseException | None, action: Action | None) -> Mapping[str, list[str]]:
    """What an error says, by the names of the fields of a form; also of those inside of other objects.

    Args:
        error: what was raised.
        action: what was tried.

    Returns:
        Texts by the name of a parameter.
    """
    if not isinstance(error, ValidationError):
        return {}
    found = dict(error.messages)
    for parameter in action.parameters if action is not None else ():
        if not parameter.inside or parameter.name in found:
            continue
        outermost, element = parameter.inside[0][0], parameter.inside[-1][1]
        if error.element == element and parameter.own_name in error.messages:
            found[parameter.name] = error.messages[parameter.own_name]
        elif outermost in found and error.element != element:
            found[parameter.name] = found.pop(outermost)
    return found
