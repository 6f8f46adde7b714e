"""The fields that hold one plain value."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import pydantic  # its parts load when first used

from ddd_kit.exceptions import ConfigurationError, did_you_mean
from ddd_kit.fields.spec import check_options, make

_LENGTH = ("max_length", "min_length")
_RANGE = ("min_value", "max_value")


def String(max_length: int | None = 255, min_length: int | None = None, **options: Any) -> Any:
    """A text.

    Args:
        max_length: the most characters allowed, 0 or more; None for no limit.
        min_length: the fewest characters allowed, 0 or more; 1 for a required text when None.
        **options: `required`, `default`, `choices` (a list or an Enum), `unique`, `identifier`,
            `validators` (functions that raise `ValidationError` or `ValueError`), `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have.

    Example:
        >>> String(max_length=10).required
        False
    """
    fewest = 1 if min_length is None and options.get("required") else min_length
    return make("String", str, options, ("choices", *_LENGTH), max_length=max_length, min_length=fewest)


def Integer(min_value: int | None = None, max_value: int | None = None, **options: Any) -> Any:
    """A whole number; a text that reads as one is accepted.

    Args:
        min_value: the smallest number allowed.
        max_value: the largest number allowed.
        **options: `required`, `default`, `choices`, `unique`, `identifier`, `validators`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have.

    Example:
        >>> Integer(min_value=1, default=1).default
        1
    """
    return make("Integer", int, options, ("choices", *_RANGE), ge=min_value, le=max_value)


def Float(min_value: float | None = None, max_value: float | None = None, **options: Any) -> Any:
    """A number with a fraction.

    Args:
        min_value: the smallest number allowed.
        max_value: the largest number allowed.
        **options: `required`, `default`, `choices`, `unique`, `identifier`, `validators`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have.

    Example:
        >>> Float(required=True).required
        True
    """
    return make("Float", float, options, ("choices", *_RANGE), ge=min_value, le=max_value)


def Identifier(**options: Any) -> Any:
    """A name by which something is known: a text; numbers and UUIDs become texts.

    Args:
        **options: `identifier=True` makes it the aggregate's identity; `required`, `default`,
            `choices`, `unique`, `validators`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have.

    Example:
        >>> from pydantic import TypeAdapter
        >>> TypeAdapter(Identifier(required=True).annotation()).validate_python(1)
        '1'
    """
    return make("Identifier", _identity(), options, ("choices",))


def _identity() -> Any:
    text = Annotated[str, pydantic.Field(min_length=1, coerce_numbers_to_str=True)]
    uuid = Annotated[UUID, pydantic.AfterValidator(str)]
    return Annotated[text | uuid, pydantic.Field(union_mode="left_to_right")]


def Text(**options: Any) -> Any:
    """A text of any length.

    Args:
        **options: `required`, `default`, `choices`, `unique`, `identifier`, `validators`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have.

    Example:
        >>> Text(required=True).required
        True
    """
    return make("Text", str, options, ("choices",), min_length=1 if options.get("required") else None)


def Boolean(**options: Any) -> Any:
    """Yes or no; the texts that pydantic reads so are accepted, as `"yes"` and `"off"`.

    Args:
        **options: `required`, `default` (False when not given), `unique`, `validators`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have.

    Example:
        >>> Boolean().default
        False
    """
    if not options.get("required"):
        options.setdefault("default", False)
    return make("Boolean", bool, options, ("choices",))


def Date(*, auto_now: bool = False, auto_now_add: bool = False, **options: Any) -> Any:
    """A day; a text as `2024-05-17` is accepted.

    Args:
        auto_now: whether each save writes the day into it.
        auto_now_add: whether the first save does.
        **options: `required`, `default`, `choices`, `unique`, `validators`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have, or both of the first two.

    Example:
        >>> Date().required
        False
    """
    return _stamped("Date", make("Date", dt.date, options, ("choices",)), auto_now, auto_now_add)


def DateTime(*, auto_now: bool = False, auto_now_add: bool = False, **options: Any) -> Any:
    """A point in time; a text as `2024-05-17T12:30:00Z` is accepted.

    Args:
        auto_now: whether each save writes its time into it, in UTC.
        auto_now_add: whether the first save does.
        **options: `required`, `default`, `choices`, `unique`, `validators`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have, or both of the first two.

    Example:
        >>> DateTime(auto_now=True).stamped
        'changed'
    """
    return _stamped("DateTime", make("DateTime", dt.datetime, options, ("choices",)), auto_now, auto_now_add)


def _stamped(kind: str, spec: Any, changed: bool, created: bool) -> Any:
    if changed and created:
        raise ConfigurationError(f"{kind}(auto_now=True, auto_now_add=True): keep one of the two.")
    return replace(spec, stamped="changed" if changed else "created") if changed or created else spec


def Decimal(
    min_value: decimal.Decimal | float | None = None,
    max_value: decimal.Decimal | float | None = None,
    precision: int | None = None,
    scale: int | None = None,
    **options: Any,
) -> Any:
    """An exact number, as money needs it: `0.1 + 0.2` is `0.3` (Fowler, PoEAA: Money).

    Args:
        min_value: the smallest number allowed.
        max_value: the largest number allowed.
        precision: the most digits allowed, 1 or more.
        scale: the most digits behind the point, 0 or more.
        **options: `required`, `default`, `choices`, `unique`, `validators`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have.

    Example:
        >>> from pydantic import TypeAdapter
        >>> TypeAdapter(Decimal(scale=2, required=True).annotation()).validate_python("1.50")
        Decimal('1.50')
    """
    limits = {"ge": min_value, "le": max_value, "max_digits": precision, "decimal_places": scale}
    return make("Decimal", decimal.Decimal, options, ("choices", *_RANGE, "precision", "scale"), **limits)


def Auto(*, increment: bool = False, **options: Any) -> Any:
    """A value that nobody has to give: an identity, or a number that counts the aggregates saved.

    Args:
        increment: whether the first save gives it the next number, from 1; else it is an identity.
        **options: `identifier=True` makes it the identity; `unique`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have.

    Example:
        >>> Auto(increment=True).numbered
        True
    """
    for option in ("identity_strategy", "identity_function", "identity_type"):
        options.pop(option, None)
    if increment:
        return replace(make("Auto", int, options, ()), numbered=True)
    return make("Auto", _identity(), options, ())


def Status(
    states: type[Enum] | Iterable[Any],
    *,
    transitions: Mapping[Any, Iterable[Any]] | None = None,
    **options: Any,
) -> Any:
    """Where an object stands in its life; some states may not follow each other.

    Args:
        states: an Enum, or the values.
        transitions: the states that may follow each one; one that is no key is the last. None allows all.
        **options: `required`, `default`, `unique`, `validators`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have, or a transition that names no state.

    Example:
        >>> Status(["DRAFT", "PLACED"], transitions={"DRAFT": ["PLACED"]}).transitions
        {'DRAFT': ('PLACED',)}
    """
    check_options("Status", options, ("required", "default", "unique", "validators", "description"))
    choices = [_plain(state) for state in states]
    spec = make("Status", Any, {**options, "choices": choices}, ("choices",))
    if transitions is None:
        return spec
    allowed = {_plain(state): tuple(map(_plain, following)) for state, following in transitions.items()}
    for state in [*allowed, *(each for following in allowed.values() for each in following)]:
        if state not in choices:
            hint = did_you_mean(state, map(str, choices)) or f". There are: {', '.join(map(str, choices))}."
            raise ConfigurationError(f"Status(transitions=...): {state!r} is none of its states{hint}")
    return replace(spec, transitions=allowed)


def _plain(state: Any) -> Any:
    return state.value if isinstance(state, Enum) else state


def Custom(python_type: Any, *, serializers: Iterable[Any] = (), **options: Any) -> Any:
    """A value of any type that pydantic can check, or of a plain class.

    Args:
        python_type: the type.
        serializers: accepted as Protean's, and without effect.
        **options: `required`, `default`, `choices`, `unique`, `validators`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have.

    Example:
        >>> Custom(complex, required=True).type
        <class 'complex'>
    """
    del serializers
    validators = options.pop("validators", ())
    annotated = [each for each in validators if hasattr(each, "__get_pydantic_core_schema__")]
    options["validators"] = [each for each in validators if each not in annotated]
    for each in annotated:
        python_type = Annotated[python_type, each]
    return make("Custom", python_type, options, ("choices",))
