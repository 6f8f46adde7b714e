"""Messages as people type them: a JSON object."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def read_object(typed: str) -> dict[str, Any] | None:
    """The message that somebody typed.

    Args:
        typed: a text.

    Returns:
        A dictionary; None where the text is no JSON object.

    Example:
        >>> read_object('{"paid": true}'), read_object("[1]")
        ({'paid': True}, None)
    """
    try:
        value = json.loads(typed, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def objection(typed: str) -> str | None:
    """What is wrong with a message.

    Args:
        typed: a text.

    Returns:
        Words for the field; None where nothing is wrong.

    Example:
        >>> objection('{"paid": True}')
        'is no JSON: Expecting value, at line 1, column 10, before True}'
        >>> objection("7")
        'should be an object in braces, as {"order_id": "o-1"}'
    """
    try:
        value = json.loads(typed, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        rest = " ".join(error.doc[error.pos : error.pos + 12].split())
        where = f"at line {error.lineno}, column {error.colno}"
        return f"is no JSON: {error.msg}, {where}, {f'before {rest}' if rest else 'where it ends'}"
    except RecursionError:
        return "is no JSON that can be read: it is nested too deeply"
    except ValueError as error:
        return f"is no JSON: {error}"
    if isinstance(value, dict):
        return None
    return 'should be an object in braces, as {"order_id": "o-1"}'


def written(message: Any) -> str | None:
    """A message as a field shows it.

    Args:
        message: a dictionary.

    Returns:
        JSON, on several lines where it is long; None where it cannot be told so.

    Example:
        >>> print(written({"type": "paid", "cents": 4800}))
        {"type": "paid", "cents": 4800}
    """
    try:
        line = json.dumps(message, ensure_ascii=False, allow_nan=False)
        if read_object(line) != message:  # a tuple, or a key that is no text, would come back as another
            return None
        return line if len(line) <= 60 else json.dumps(message, ensure_ascii=False, indent=2)
    except (TypeError, ValueError, RecursionError):
        return None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
