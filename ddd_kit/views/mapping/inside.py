"""What has its place within another element's node: repositories, upcasters, queries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.named_queries import NamedQueries
from ddd_kit.engine.registry import Registered, Registry


def inside(registry: Registry, element: Registered) -> Iterator[tuple[str, Any]]:
    """What is told of other elements at the node of one.

    Args:
        registry: the definitions.
        element: one of them.

    Yields:
        Attributes of its node: of an aggregate or a projection `repositories` with their named queries, and
        `unanswered` queries; of an event its `version` and its `upcasters`; of a query handler the `queries`
        with the methods that answer them. Lists are texts, parted by `; `.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Book: ...
        >>> @domain.repository(part_of=Book)
        ... class Shelves:
        ...     def nearly_sold_out(self): ...
        >>> dict(inside(domain.registry, domain.registry.elements["Book"]))
        {'repositories': 'Shelves: nearly_sold_out'}
    """
    if element.kind in (Kind.AGGREGATE, Kind.PROJECTION):
        yield "repositories", "; ".join(_repositories(registry, element.name))
    if element.kind is Kind.PROJECTION:
        yield "unanswered", "; ".join(_unanswered(registry, element.name))
    if element.kind is Kind.EVENT:
        yield "version", element.schema.version
        yield "upcasters", "; ".join(_upcasters(registry, element.name))
    if element.kind is Kind.QUERY_HANDLER:
        yield "queries", "; ".join(f"{query}: {method}" for method, query in element.methods)


def _repositories(registry: Registry, name: str) -> Iterator[str]:
    for repository in registry.of_kind(Kind.REPOSITORY):
        if repository.part_of == name:
            queries = ", ".join(_named_queries(repository.cls))
            yield f"{repository.name}: {queries}" if queries else repository.name


def _named_queries(cls: type) -> Iterator[str]:
    own = [base for base in cls.__mro__ if base not in NamedQueries.__mro__]
    names = dict.fromkeys(name for base in own for name in vars(base))
    return (name for name in names if not name.startswith("_") and callable(getattr(cls, name)))


def _unanswered(registry: Registry, projection: str) -> Iterator[str]:
    answered = {query for each in registry.of_kind(Kind.QUERY_HANDLER) for _, query in each.methods}
    for query in registry.of_kind(Kind.QUERY):
        if query.part_of == projection and query.name not in answered:
            yield query.name


def _upcasters(registry: Registry, event: str) -> Iterator[str]:
    """As `1 to 2 by Upcaster`, in the order of the versions."""
    found = [each for each in registry.of_kind(Kind.UPCASTER) if each.options["event_type"] == event]
    for each in sorted(found, key=lambda each: int(each.options["from_version"])):
        yield f"{each.options['from_version']} to {each.options['to_version']} by {each.name}"
