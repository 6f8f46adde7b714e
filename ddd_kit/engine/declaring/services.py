"""The decorators of services, repositories with named queries, upcasters and enrichers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.declaring.declaring import Declaring, T
from ddd_kit.engine.link import Link
from ddd_kit.exceptions import IncorrectUsageError

_Enricher = TypeVar("_Enricher", bound=Callable[..., Any])


class DeclaresServices(Declaring):
    """Gives `@domain.domain_service`, `application_service`, `repository`, `upcaster` and the enrichers."""

    link: Link

    def domain_service(
        self, cls: type | None = None, /, *, part_of: Sequence[type | str], **options: Any
    ) -> Any:
        """Make a domain service of a class: what several aggregates do together (Evans, ch. 5).

        Args:
            cls: the class, where it is no decorator.
            part_of: the aggregates, or their names; two or more.
            **options: none; here so that a mistyped one is named, with the closest.

        Returns:
            The class as it has to be used, or a decorator where no class is given; the invariants are checked
            around each public method.

        Raises:
            ConfigurationError: for something that is no class, or fewer than two aggregates.
            IncorrectUsageError: when an aggregate is of another domain, or in the past.
        """
        return self._decorate(Kind.DOMAIN_SERVICE, cls, {"part_of": part_of, **options})

    def application_service(self, cls: type | None = None, /, *, part_of: type | str, **options: Any) -> Any:
        """Make an application service of a class: its `@use_case` methods are units of work (Vernon, ch. 14).

        Args:
            cls: the class, where it is no decorator.
            part_of: the aggregate that it is about, or its name.
            **options: none; here so that a mistyped one is named, with the closest.

        Returns:
            The class as it has to be used, or a decorator where no class is given.

        Raises:
            ConfigurationError: for something that is no class, or an aggregate that cannot be.
            IncorrectUsageError: when the aggregate is of another domain, or in the past.
        """
        return self._decorate(Kind.APPLICATION_SERVICE, cls, {"part_of": part_of, **options})

    def repository(self, cls: type | None = None, /, *, part_of: type | str, **options: Any) -> Any:
        """Give the repository of an aggregate queries with names of the domain (Evans, ch. 6).

        Args:
            cls: the class, where it is no decorator.
            part_of: the aggregate, or its name.
            **options: none of ours; those of Protean's databases are accepted, others are refused.

        Returns:
            The class as it has to be used, or a decorator where no class is given; `domain.repository_for`
            gives a repository that has its methods.

        Raises:
            ConfigurationError: for something that is no class, or an aggregate that cannot be.
            IncorrectUsageError: when the aggregate is of another domain, or in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> @domain.repository(part_of=Order)
            ... class Orders:
            ...     def large(self):
            ...         return self.query.filter(quantity__gte=100).all()
            >>> order = domain.repository_for(Order).add(Order(quantity=100))
            >>> len(domain.repository_for(Order).large())
            1
        """
        return self._decorate(Kind.REPOSITORY, cls, {"part_of": part_of, **options})

    def upcaster(
        self,
        cls: type[T] | None = None,
        /,
        *,
        event_type: type | str,
        from_version: int,
        to_version: int,
        **options: Any,
    ) -> Any:
        """Make an upcaster of a class: events of an older version as a later one has them.

        Args:
            cls: the class, where this is called and not written as a decorator.
            event_type: the event, or its name.
            from_version: the version that it takes, 1 or more.
            to_version: the version that it makes.
            **options: none; here so that a mistyped one is named, with the closest.

        Returns:
            The class as it has to be used, or a decorator where no class is given; its method
            `upcast(self, data)` gives the values of the later version.

        Raises:
            ConfigurationError: for no class, versions that cannot be, or without the method.
            IncorrectUsageError: in the past.
        """
        own = {"event_type": event_type, "from_version": from_version, "to_version": to_version}
        return self._decorate(Kind.UPCASTER, cls, {**own, **options})

    def event_enricher(self, enricher: _Enricher) -> _Enricher:
        """Let a function add to the metadata of every event that is raised, as who did it.

        Args:
            enricher: takes the event and the aggregate; gives a dictionary, or None.

        Returns:
            The function.

        Raises:
            IncorrectUsageError: when it cannot be called.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.event_enricher
            ... def who(event, aggregate):
            ...     return {"user": "Ann"}
        """
        return _taken(self.link.enrichers, enricher, "event_enricher")

    def register_event_enricher(self, enricher: Callable[..., Any]) -> None:
        """As `event_enricher`, for a function that is there already."""
        _taken(self.link.enrichers, enricher, "register_event_enricher")

    def command_enricher(self, enricher: _Enricher) -> _Enricher:
        """Let a function add to the metadata of every command that is processed.

        Args:
            enricher: takes the command; gives a dictionary, or None.

        Returns:
            The function.

        Raises:
            IncorrectUsageError: when it cannot be called.
        """
        return _taken(self.link.command_enrichers, enricher, "command_enricher")

    def register_command_enricher(self, enricher: Callable[..., Any]) -> None:
        """As `command_enricher`, for a function that is there already."""
        _taken(self.link.command_enrichers, enricher, "register_command_enricher")

    @property
    def _event_enrichers(self) -> list[Any]:
        """The enrichers of events, by the name under which Protean's programs look at them."""
        return list(self.link.enrichers)

    @property
    def _command_enrichers(self) -> list[Any]:
        """Those of commands."""
        return list(self.link.command_enrichers)

    def aggregate_enricher(self, enricher: _Enricher) -> _Enricher:
        """Let a function complete every aggregate that is saved, as with who changed it.

        Args:
            enricher: takes the aggregate and sets its fields; what it returns does not matter.

        Returns:
            The function.

        Raises:
            IncorrectUsageError: when it cannot be called.
        """
        return _taken(self.link.aggregate_enrichers, enricher, "aggregate_enricher")


def _taken(enrichers: list[Any], enricher: _Enricher, what: str) -> _Enricher:
    """One of the same name takes the place of the one before, as its cell may run again."""
    if not callable(enricher):
        raise IncorrectUsageError(f"{what}({enricher!r}): give it a function.")
    name = getattr(enricher, "__name__", None)
    for place, known in enumerate(enrichers):
        if name is not None and getattr(known, "__name__", None) == name:
            enrichers[place] = enricher
            return enricher
    enrichers.append(enricher)
    return enricher
