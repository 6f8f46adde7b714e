"""What the text of an error says on values that were not accepted; the messages in it stay as Protean's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ddd_kit.exceptions import BrokenRule, ValidationError, said_of

INSIDE = "nested"  # the type of what pydantic says on a building block inside of another one
_MADE_UP = ("missing", "extra_forbidden", "validator")
_LONGEST = 60
_UUID_LENGTH = 36


def phrases_of(field: str, message: str, detail: Any) -> dict[tuple[str, str], str]:
    """A message of pydantic's with the place in the field and the value that was given.

    Args:
        field: the name of the field.
        message: what `.messages` says.
        detail: what pydantic found, with its context.

    Returns:
        The phrase by field and message; nothing where the message says it all.

    Example:
        >>> detail = {"type": "greater_than_equal", "loc": ("sizes", 2), "input": 0}
        >>> phrases_of("sizes", "Input should be greater than or equal to 1", detail).popitem()[1]
        'sizes[2] should be greater than or equal to 1, not 0'
    """
    inner = detail.get("ctx", {}).get("error") if detail["type"] == INSIDE else None
    if inner is not None:
        said = "; ".join(
            phrase if name == "_entity" else f"{field}.{phrase}" for name, _, phrase in inner.said()
        )
        return {(field, message): said}
    if detail["type"] in _MADE_UP or detail["input"] is None:
        return {}
    place = field + "".join(f"[{at}]" for at in detail["loc"][1:] if isinstance(at, int))
    said = said_of(place, _without_reason(detail["type"], message))
    apart = ", not" if said.startswith(f"{place} should ") and ", as " not in said else "; it was given"
    return {(field, message): f"{said}{apart} {shown(detail['input'])}"}


def _without_reason(kind: str, message: str) -> str:
    """The value itself shows why it could not be read."""
    return message.partition(", ")[0] if "_parsing" in kind or kind.endswith("_from_float") else message


def reason(rule: BrokenRule, part: Any = None) -> str:
    """Which rule was broken, and what it saw.

    Args:
        rule: the rule.
        part: the entity that has it, where that is a part of what refuses.

    Returns:
        A sentence.

    Example:
        >>> reason(BrokenRule("at_most_ten", "Order", "", (("quantity", 11),)))
        'The rule Order.at_most_ten saw quantity 11.'
    """
    who = "" if part is None else f" of {named(part)}"
    seen = ", ".join(f"{name} {shown(value)}" for name, value in rule.seen)
    return f"The rule {rule.element}.{rule.name}{who} " + (f"saw {seen}." if seen else "refused it.")


def reasons_inside(details: Iterable[Any]) -> list[str]:
    """The rules of value objects and entities inside that did not hold.

    Args:
        details: what pydantic found, with its context.

    Returns:
        Sentences.
    """
    inner = [detail.get("ctx", {}).get("error") for detail in details if detail["type"] == INSIDE]
    return [said for error in inner if isinstance(error, ValidationError) for said in error.reasons]


def named(element: Any) -> str:
    """An object as the text of an error names it.

    Args:
        element: an entity.

    Returns:
        As `Order o-1`; of a UUID the first 8 characters.
    """
    identity = str(element._identity)
    generated = len(identity) == _UUID_LENGTH and identity.count("-") == 4
    return f"{element._schema.element} {identity[:8] if generated else identity}"


def shown(value: Any) -> str:
    """A value on one line, of at most 60 characters; an aggregate or entity by its name."""
    try:
        text = named(value) if hasattr(type(value), "_identity") else " ".join(repr(value).split())
    except Exception:  # noqa: BLE001 - a value that cannot be shown must not hide what is wrong
        text = f"<{type(value).__name__} that cannot be shown>"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
