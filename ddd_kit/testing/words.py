"""Events, errors and values in the words of a test."""

from __future__ import annotations

from typing import Any

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.exceptions import IncorrectUsageError, ValidationError
from ddd_kit.testing.expected import Line, coerced, field_lines


def texts(error: BaseException) -> list[str]:
    """What an error says: its text, and each of its messages.

    Args:
        error: any error.

    Returns:
        Texts; for several errors those of all.
    """
    if isinstance(error, BaseExceptionGroup):
        return [said for each in error.exceptions for said in texts(each)]
    messages = error.messages if isinstance(error, ValidationError) else {}
    return [str(error), *(text for each in messages.values() for text in each)]


def each_of(error: BaseException) -> list[BaseException]:
    """An error, and those that it is made of.

    Args:
        error: any error.

    Returns:
        The error itself; for several errors these too.
    """
    if isinstance(error, BaseExceptionGroup):
        return [error, *(one for each in error.exceptions for one in each_of(each))]
    return [error]


def held_lines(found: Any, field: str, value: Any) -> list[Line]:
    """A value that something is to have, side by side with the one that it has.

    Args:
        found: an aggregate or the like.
        field: the name of a field or property.
        value: what is expected; coerced as the field would.

    Returns:
        A line, or one for each place inside of the value that differs.

    Raises:
        IncorrectUsageError: when there is no such field.
    """
    schema = found._schema
    try:
        there = getattr(found, field)
    except AttributeError as error:
        raise IncorrectUsageError(str(error)) from error
    wanted = coerced(schema, field, value) if field in schema.fields else value
    return list(field_lines(field, wanted, there))


def said_of(did: Any) -> str:
    """What was given or done, on one line: a command, an event, an aggregate or a function."""
    if isinstance(did, Aggregate):
        return repr(did)
    return f"{did.__name__}(…)" if hasattr(did, "__code__") else told_of(did)


def told_of(thing: Any) -> str:
    """An event, a command or what is expected, on one line."""
    text = " ".join(repr(thing).split())
    return text if len(text) <= 100 else text[:99] + "…"
