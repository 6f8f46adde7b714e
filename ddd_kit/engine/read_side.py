"""The read side as the user wrote it: what its options and fields have to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.projection import Projection
from ddd_kit.exceptions import ConfigurationError
from ddd_kit.fields.spec import Relation

if TYPE_CHECKING:
    from collections.abc import Container

    from ddd_kit.building_blocks.schema import Schema
    from ddd_kit.engine.model import Model

READ_SIDE = (Kind.PROJECTION, Kind.PROJECTOR, Kind.QUERY, Kind.QUERY_HANDLER)
_HELD = (Relation.VALUE, Relation.VALUES)


def settle_options(engine: Model, kind: Kind, name: str, options: dict[str, Any]) -> None:
    """Check the options of an element of the read side, and put names in the place of classes.

    Args:
        engine: the domain.
        kind: what the element is.
        name: its name, for errors.
        options: all options of its kind, which are changed.

    Raises:
        ConfigurationError: when one is missing or cannot work.
        IncorrectUsageError: for a class of another domain.
    """
    if kind is Kind.PROJECTION:
        given = options["order_by"]
        options["order_by"] = (given,) if isinstance(given, str) else tuple(given or ())
        return
    option = "projector_for" if kind is Kind.PROJECTOR else "part_of"
    options[option] = _name(engine, name, option, options[option])
    if options[option] is None:
        word = kind.value.replace(" ", "_")
        more = ", aggregates=[Order]" if kind is Kind.PROJECTOR else ""
        raise ConfigurationError(
            f"{name} lacks {option}: {kind.with_article} belongs to a projection. Write "
            f"@domain.{word}({option}=OrderList{more})."
        )
    if kind is Kind.PROJECTOR and not options["aggregates"] and not options["stream_categories"]:
        raise ConfigurationError(
            f"{name} hears nothing: name the aggregates whose events it projects, as in aggregates=[Order], "
            'or categories, as in stream_categories=["order"].'
        )


def _name(engine: Model, element: str, option: str, projection: Any) -> str | None:
    if projection is None or isinstance(projection, str):
        return projection
    if isinstance(projection, type):
        engine.refuse_foreign(projection)
        if issubclass(projection, Projection):
            return projection._schema.element
    told = getattr(projection, "__name__", repr(projection))
    raise ConfigurationError(
        f"{element}: {option}={told} is no projection. Give it a class that is decorated with "
        "@domain.projection, or the name of one."
    )


def check_projection(schema: Schema, declared: Container[str]) -> None:
    """Refuse fields that a projection cannot have.

    Args:
        schema: of the projection.
        declared: the names of the fields that the user wrote.

    Raises:
        ConfigurationError: without an identity, or with a field that holds entities or refers to one.
    """
    if schema.identity not in declared:
        raise ConfigurationError(
            f"{schema.element} has no identity, and a projection is looked up by one: mark a field, as in "
            "order_id = Identifier(identifier=True)."
        )
    for name, spec in schema.fields.items():
        if spec.nested is not None and spec.nested.relation not in _HELD:
            raise ConfigurationError(
                f"{schema.element}.{name} holds or means another object, and a projection is flat: let it "
                "have the values that are read, as in customer_name = String()."
            )
