"""What a field accepts, said once: the specification that the functions of this package make."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal, TypeVar, Union
from uuid import UUID

import pydantic  # its parts load when first used
from pydantic_core import PydanticCustomError, PydanticUndefined

from ddd_kit.exceptions import ConfigurationError, ValidationError, did_you_mean

E = TypeVar("E", bound=Enum)
Validator = Callable[[Any], Any]

# Values of these types never change, so that a snapshot may share them.
IMMUTABLE_TYPES: tuple[type, ...] = (
    str, int, float, bool, bytes, complex, type(None), Decimal, UUID, Enum,
    dt.date, dt.datetime, dt.time, dt.timedelta,
)  # fmt: skip

_order_of_declaration = itertools.count()
COMMON = ("required", "default", "unique", "identifier", "validators", "description")
# What Protean's databases, forms and messages need to know; accepted, so that a model can move both ways.
FOREIGN = ("sanitize", "referenced_as", "renamed_from", "deprecated", "error_messages", "pickled")


class Relation(StrEnum):
    """How an object holds another one."""

    VALUE = "value object"
    VALUES = "list of value objects"
    ONE = "one entity"
    MANY = "many entities"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Nested:
    """What a field holds that is a building block itself.

    Attributes:
        relation: how it is held.
        target: its class, or the name of it.
    """

    relation: Relation
    target: type | str

    @property
    def name(self) -> str:
        """The name of the class that is held."""
        return self.target if isinstance(self.target, str) else self.target.__name__


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
        nested: the building block that it holds, or None for plain values.
        transitions: for a status: the values that may follow each one; None for all.
        numbered: whether the repository numbers the aggregates in it, from 1.
        stamped: `created` or `changed`: when the field is given the time of a save; None for never.
        order: a number that grows with each declaration.
    """

    type: Any
    required: bool = False
    default: Any = PydanticUndefined
    unique: bool = False
    identifier: bool = False
    choices: tuple[Any, ...] = ()
    description: str = ""
    nested: Nested | None = None
    transitions: Mapping[Any, tuple[Any, ...]] | None = None
    numbered: bool = False
    stamped: Literal["created", "changed"] | None = None
    order: int = field(default_factory=lambda: next(_order_of_declaration), compare=False)

    def with_default(self, default: Any) -> FieldSpec:
        """The same field, with another default.

        Args:
            default: a value, or a callable that makes one.

        Returns:
            A new specification.

        Example:
            >>> from ddd_kit.fields import String
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
            >>> from ddd_kit.fields import Integer
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


def make(kind: str, base: Any, options: dict[str, Any], known: Iterable[str], **limits: Any) -> FieldSpec:
    """A field of a type, with the options that its function was given.

    Args:
        kind: the name of the function, for errors.
        base: the type of its values.
        options: what the user wrote.
        known: the options that it takes, besides those that every field takes.
        **limits: constraints, by pydantic's names; None for none.

    Returns:
        The specification.

    Raises:
        ConfigurationError: for an option that there is not, or a value that an option cannot have.
    """
    check_options(kind, options, (*COMMON, *known))
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


def check_options(kind: str, options: Iterable[str], known: Iterable[str]) -> None:
    """Refuse an option that a field does not have.

    Args:
        kind: the name of the field's function.
        options: what the user wrote.
        known: what it takes.

    Raises:
        ConfigurationError: with the closest name.
    """
    for option in options:
        if option not in known and option not in FOREIGN:
            raise ConfigurationError(
                f"{kind}({option}=...) is no option of this field{did_you_mean(option, known) or '.'}"
                f" It takes: {', '.join(known)}."
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
