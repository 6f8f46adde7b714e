"""The fields that hold other building blocks: value objects, entities, and references to aggregates."""

from __future__ import annotations

from typing import Any

from pydantic_core import PydanticUndefined

from ddd_kit.exceptions import ConfigurationError
from ddd_kit.fields.spec import FieldSpec, Nested, Relation, check_options


def _nested(kind: str, relation: Relation, target: Any, options: dict[str, Any]) -> FieldSpec:
    check_options(kind, options, ("required", "default", "description", "via", "unique", "identifier"))
    if not isinstance(target, type | str):
        raise ConfigurationError(f"{kind}({target!r}) needs a class or the name of one, as in {kind}(Money).")
    required = options.get("required", False)
    return FieldSpec(
        type=Any,
        required=required,
        default=options.get("default", PydanticUndefined if required else None),
        unique=options.get("unique", False),
        identifier=options.get("identifier", False),
        description=options.get("description", ""),
        nested=Nested(relation, target),
    )


def ValueObject(target: type | str, **options: Any) -> Any:
    """A value object, kept as a part of what holds it (Evans, ch. 5).

    Args:
        target: its class, or the name of it.
        **options: `required`, `default`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have, or a target that is no class.

    Example:
        >>> ValueObject("Money", required=True).nested.name
        'Money'
    """
    return _nested("ValueObject", Relation.VALUE, target, options)


def ValueObjectList(content_type: Any, **options: Any) -> Any:
    """Several value objects in order.

    Args:
        content_type: the class, the name of it, or `ValueObject(Money)`.
        **options: `required`, `default` (an empty list when not given), `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have, or contents that are no class.

    Example:
        >>> ValueObjectList("Money").nested.relation
        <Relation.VALUES: 'list of value objects'>
    """
    held = content_type.nested if isinstance(content_type, FieldSpec) else None
    target = content_type if held is None else held.target
    if not options.get("required"):
        options.setdefault("default", list)
    return _nested("ValueObjectList", Relation.VALUES, target, options)


def ValueObjectFromEntity(entity: type, **options: Any) -> Any:
    """A value object with the fields of an entity, as a message carries it.

    Args:
        entity: its class, decorated with `@domain.entity`.
        **options: `required`, `default`, `description`.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have, or something that is no entity.
    """
    link = getattr(entity, "_link", None)
    if link is None:
        raise ConfigurationError(f"ValueObjectFromEntity({entity!r}) needs a class that is an entity.")
    return ValueObject(link.value_object_of(entity, None, ()), **options)


def HasOne(target: type | str, **options: Any) -> Any:
    """An entity inside the aggregate, or none (Vernon, ch. 10).

    Args:
        target: its class, or the name of it.
        **options: `required`, `description`; `via` is accepted as Protean's, and without effect.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have, or a target that is no class.

    Example:
        >>> HasOne("Invoice").nested.relation
        <Relation.ONE: 'one entity'>
    """
    return _nested("HasOne", Relation.ONE, target, options)


def HasMany(target: type | str, **options: Any) -> Any:
    """The entities of one kind inside the aggregate, in order (Vernon, ch. 10).

    The field `items` brings the methods `add_items`, `remove_items`, `get_one_from_items` and
    `filter_items`.

    Args:
        target: their class, or the name of it.
        **options: `description`; `via` is accepted as Protean's, and without effect.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have, or a target that is no class.

    Example:
        >>> HasMany("OrderItem").default()
        []
    """
    options.setdefault("default", list)
    return _nested("HasMany", Relation.MANY, target, options)


def Reference(target: type | str, **options: Any) -> Any:
    """The identity of another aggregate (Vernon, ch. 10: reference other aggregates by identity).

    The field `author` is kept as `author_id`; `author` itself gives the aggregate, from its repository.

    Args:
        target: the class of the other one, or the name of it.
        **options: `required`, `unique`, `description`; `via` is accepted as Protean's, and without effect.

    Returns:
        The field, to assign or to annotate with.

    Raises:
        ConfigurationError: for an option that this field does not have, or a target that is no class.

    Example:
        >>> Reference("Author").nested.relation
        <Relation.REFERENCE: 'reference'>
    """
    return _nested("Reference", Relation.REFERENCE, target, options)
