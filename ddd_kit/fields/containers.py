"""The fields that hold several plain values."""

from __future__ import annotations

from typing import Any

from ddd_kit.exceptions import ConfigurationError
from ddd_kit.fields.embedded import ValueObjectList
from ddd_kit.fields.spec import FieldSpec, Relation, make


def List(content_type: Any = None, **options: Any) -> Any:
    """Several values in order.

    Args:
        content_type: what each value is: a field, as `Integer` or `String(max_length=3)`; a Python type; or
            `ValueObject(Money)`. None accepts anything.
        **options: `required`, `default` (an empty list when not given), `validators`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have, or contents that are entities.

    Example:
        >>> from ddd_kit.fields import Integer
        >>> from pydantic import TypeAdapter
        >>> TypeAdapter(List(Integer).type).validate_python(["1", 2])
        [1, 2]
    """
    content = (
        content_type() if callable(content_type) and not isinstance(content_type, type) else content_type
    )
    if isinstance(content, FieldSpec) and content.nested is not None:
        if content.nested.relation is not Relation.VALUE:
            raise ConfigurationError(
                "List(content_type=...) holds plain values or value objects. For entities take HasMany."
            )
        return ValueObjectList(content, **options)
    inner = content.type if isinstance(content, FieldSpec) else Any if content is None else content
    if not options.get("required"):
        options.setdefault("default", list)
    return make("List", list[inner], options, ())  # type: ignore[valid-type]


def Dict(value_type: Any = None, **options: Any) -> Any:
    """Values by name.

    Args:
        value_type: what each value is, as `content_type` of a `List`; None accepts anything.
        **options: `required`, `default` (an empty dictionary when not given), `validators`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have.

    Example:
        >>> Dict().default()
        {}
    """
    if not options.get("required"):
        options.setdefault("default", dict)
    if value_type is None:
        return make("Dict", dict[str, Any] | list[Any], options, ())
    held = value_type() if callable(value_type) and not isinstance(value_type, type) else value_type
    inner = held.type if isinstance(held, FieldSpec) else held
    return make("Dict", dict[str, inner], options, ())  # type: ignore[valid-type]
