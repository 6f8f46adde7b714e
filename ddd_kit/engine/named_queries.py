"""Repositories with named queries, in the language of the domain (Evans, ch. 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.element import Kind

if TYPE_CHECKING:
    from ddd_kit.engine.model import Model
    from ddd_kit.engine.repository import Repository


class NamedQueries:
    """What the classes given to `@domain.repository(part_of=Order)` are: methods for the repository of Order.

    `domain.repository_for(Order)` has them beside its own; they ask `self.query`.
    """


def repository_class(model: Model, aggregate: str, base: type[Repository[Any]]) -> type[Repository[Any]]:
    """The class of the repository of an aggregate.

    Args:
        model: the domain.
        aggregate: the name of the aggregate.
        base: what every repository of the domain is.

    Returns:
        The base, or a class with the named queries on top of it.
    """
    for element in model.registry.of_kind(Kind.REPOSITORY):
        if element.part_of == aggregate:
            return type(element.name, (element.cls, base), {"__module__": element.cls.__module__})
    return base
