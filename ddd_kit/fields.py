"""The fields of a model: what a value may be, said once.

Three styles, freely mixed in one class: `book_id = Identifier(required=True)`,
`book_id: Identifier(required=True)`, and plain `book_id: str`. pydantic validates all three.
"""

from __future__ import annotations

import copy
import datetime as dt
import itertools
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, Union
from uuid import UUID

import pydantic  # its parts load when first used
from pydantic_core import PydanticCustomError, PydanticUndefined

from ddd_kit.exceptions import ConfigurationError, ValidationError, did_you_mean

__all__ = ["FieldSpec", "Float", "Identifier", "Integer", "String"]

E = TypeVar("E", bound=Enum)
Validator = Callable[[Any], Any]

# Values of these types never change, so that a snapshot may share them.
IMMUTABLE_TYPES: tuple[type, ...] = (
    str, int, float, bool, bytes, complex, type(None), Decimal, UUID, Enum,
    dt.date, dt.datetime, dt.time, dt.timedelta,
)  # fmt: skip

_order_of_declaration = itertools.count()
_OPTIONS = (
    "required", "default", "choices", "max_length", "min_length", "min_value", "max_value",
    "unique", "identifier", "validators", "description",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What a field accepts. Made by `String`, `Integer`, `Identifier` ..., or from an annotation.

    Attributes:
        type: the Python type, as pydantic takes it.
        required: whether None is refused.
        default: the value, or a callable that makes it, when none is given; undefined where one must be.
        unique: whether no two aggregates may share a value.
        identifier: whether the field is the aggregate's identity.
        choices: the values allowed; empty for all.
        description: what the field means, for people.
        order: a number that grows with each declaration.
    """

    type: Any
    required: bool = False
    default: Any = PydanticUndefined
    unique: bool = False
    identifier: bool = False
    choices: tuple[Any, ...] = ()
    description: str = ""
    order: int = field(default_factory=lambda: next(_order_of_declaration), compare=False)

    def with_default(self, default: Any) -> FieldSpec:
        """The same field, with another default.

        Args:
            default: a value, or a callable that makes one.

        Returns:
            A new specification.

        Example:
            >>> String(required=True).with_default("PENDING").default
            'PENDING'
        """
        return replace(self, default=default)

    def annotation(self, *, check_made: bool = True) -> Any:
        """The field as pydantic reads it.

        Args:
            check_made: whether a default that a callable makes is checked as given values are.

        Returns:
            An `Annotated` type that carries the default, except for a required field.

        Example:
            >>> from pydantic import TypeAdapter
            >>> TypeAdapter(Integer(min_value=1).annotation()).validate_python("3")
            3
        """
        if self.default is PydanticUndefined:
            return self.type
        if callable(self.default):
            made = pydantic.Field(default_factory=self.default, validate_default=True if check_made else None)
            return Annotated[self.type, made, _UNHASHABLE]
        if isinstance(self.default, Hashable):
            return Annotated[self.type, pydantic.Field(default=self.default)]
        return Annotated[self.type, pydantic.Field(default_factory=lambda: copy.deepcopy(self.default))]


# `typing` remembers the types that it can hash; with this in one, it does not keep a whole domain alive,
# whose identities the default makes.
_UNHASHABLE: list[object] = []


def _spec(kind: str, base: Any, options: dict[str, Any], known: Iterable[str], **limits: Any) -> FieldSpec:
    for option in options:
        if option not in known:
            raise ConfigurationError(
                f"{kind}({option}=...) is no option of this field{did_you_mean(option, known) or '.'}"
                f" It takes: {', '.join(known)}."
            )
    given = {name: limit for name, limit in limits.items() if limit is not None}
    accepted = Annotated[base, pydantic.Field(**given)] if given else base
    values = _values_of(kind, accepted, options.get("choices"))
    if values:
        accepted = _one_of(accepted, values)
    for validator in _validators(kind, options.get("validators", ())):
        accepted = Annotated[accepted, pydantic.AfterValidator(_reporting(validator))]
    required = options.get("required", False)
    return FieldSpec(
        type=accepted if required else Union[accepted, None],  # noqa: UP007 - `|` refuses some of them
        required=required,
        default=options.get("default", PydanticUndefined if required else None),
        unique=options.get("unique", False),
        identifier=options.get("identifier", False),
        choices=values,
        description=options.get("description", ""),
    )


def _values_of(kind: str, accepted: Any, choices: Any) -> tuple[Any, ...]:
    if choices is None:
        return ()
    if isinstance(choices, str) or not isinstance(choices, Iterable):
        raise ConfigurationError(
            f"{kind}(choices={choices!r}) has to be a list of values or an Enum, "
            "as in choices=['PENDING', 'SHIPPED']."
        )
    check = pydantic.TypeAdapter(accepted).validator.validate_python
    try:
        return tuple([check(_value_of_member(choice)) for choice in choices])
    except ValueError as error:
        raise ConfigurationError(
            f"{kind}(choices={choices!r}): one of them is no value of this field. "
            "Change it, or take another field."
        ) from error


def _one_of(accepted: Any, values: tuple[Any, ...]) -> Any:
    """The literal comes first: members of an Enum and values to be coerced are the rarer, slower way in."""
    check = pydantic.TypeAdapter(accepted).validator.validate_python

    def coerce(value: Any) -> Any:
        try:
            return check(_value_of_member(value))
        except ValueError:
            return value

    literal: Any = Literal[values]
    return Annotated[
        literal | Annotated[literal, pydantic.BeforeValidator(coerce)],
        pydantic.Field(union_mode="left_to_right"),
    ]


def _value_of_member(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _validators(kind: str, given: Any) -> list[Validator]:
    validators = list(given) if isinstance(given, Iterable) else [given]
    for validator in validators:
        if not callable(validator):
            raise ConfigurationError(
                f"{kind}(validators=...): {validator!r} cannot be called. Give functions that take the value."
            )
    return validators


def _reporting(validator: Validator) -> Validator:
    """Let a validator raise ValueError or our ValidationError, or return nothing, as Protean's may."""

    def check(value: Any) -> Any:
        try:
            result = validator(value)
        except ValidationError as error:
            texts = [text for texts in error.messages.values() for text in texts]
            raise _refusal("; ".join(texts)) from error
        except ValueError as error:
            raise _refusal(str(error) or "is not accepted") from error
        return value if result is None else result

    return check


def _refusal(text: str) -> PydanticCustomError:
    return PydanticCustomError("validator", "{text}", {"text": text})


def String(max_length: int | None = 255, min_length: int | None = None, **options: Any) -> Any:
    """A text.

    Args:
        max_length: the most characters allowed, 0 or more; None for no limit.
        min_length: the fewest characters allowed, 0 or more.
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
    known = [name for name in _OPTIONS if name not in ("min_value", "max_value")]
    return _spec("String", str, options, known, max_length=max_length, min_length=min_length)


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
    return _spec("Integer", int, options, _number_options(), ge=min_value, le=max_value)


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
    return _spec("Float", float, options, _number_options(), ge=min_value, le=max_value)


def _number_options() -> list[str]:
    return [name for name in _OPTIONS if name not in ("min_length", "max_length")]


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
    known = [name for name in _OPTIONS if name not in ("min_length", "max_length", "min_value", "max_value")]
    return _spec("Identifier", _identity(), options, known)


def _identity() -> Any:
    text = Annotated[str, pydantic.Field(min_length=1, coerce_numbers_to_str=True)]
    uuid = Annotated[UUID, pydantic.AfterValidator(str)]
    return Annotated[text | uuid, pydantic.Field(union_mode="left_to_right")]


FIELD_FUNCTIONS = (String, Integer, Float, Identifier)
