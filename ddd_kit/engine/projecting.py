"""The read side: views, queries, and projections that are rebuilt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ddd_kit.building_blocks import query as queries
from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.context import active_engine
from ddd_kit.engine.delivering import Delivering
from ddd_kit.engine.model import name_of
from ddd_kit.engine.repository import Repository
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.values import by_name

if TYPE_CHECKING:
    from ddd_kit.engine.reading import ReadView
    from ddd_kit.engine.rebuilding import RebuildResult

T = TypeVar("T")
R = TypeVar("R")


class Projecting(Delivering):
    """A run that can be asked, and whose projections can be rebuilt from its events."""

    def view_for(self, projection: type[T] | str) -> ReadView[T]:
        """What is stored of a projection, to be read and not to be changed.

        Args:
            projection: its class or name.

        Returns:
            A view with `get`, `find_by`, `query`, `count` and `exists`.

        Raises:
            IncorrectUsageError: when it is no projection of this domain; the text names the closest.

        Example:
            >>> from ddd_kit import Domain
            >>> from ddd_kit.fields import Identifier
            >>> domain = Domain(name="Bookshop")
            >>> @domain.projection
            ... class OrderList:
            ...     order_id = Identifier(identifier=True)
            >>> domain.view_for(OrderList)
            <ReadView of OrderList: 0 stored>
        """
        from ddd_kit.engine.reading import ReadView  # loaded when somebody asks

        return ReadView(self.repository_for(self._projection(projection, "view_for")))

    def _projection(self, projection: Any, what: str) -> Any:
        """The class or the name that was given, when it is that of a projection."""
        if not isinstance(projection, type | str):
            raise IncorrectUsageError(
                f"{what}({projection!r}): give it the class of a projection, or its name."
            )
        if isinstance(projection, type):
            self.refuse_foreign(projection)
        self.registry.find(name_of(projection), Kind.PROJECTION)
        return projection

    def dispatch(self, query: queries.Query[R]) -> R:
        """Let the handler of a query answer it. Nothing can be changed by that, and the journal says nothing.

        Args:
            query: an object of a query class.

        Returns:
            What the handler's method returns.

        Raises:
            IncorrectUsageError: when it is no query or one of another domain, when nobody answers it, or when
                the handler tries to change something.
            Exception: what the handler raised.

        Example:
            >>> from ddd_kit import Domain, read
            >>> from ddd_kit.fields import Identifier
            >>> domain = Domain(name="Bookshop")
            >>> @domain.projection
            ... class OrderList:
            ...     order_id = Identifier(identifier=True)
            ...     status: str = "placed"
            >>> @domain.query(part_of=OrderList)
            ... class OrdersOfStatus:
            ...     status: str
            >>> @domain.query_handler(part_of=OrderList)
            ... class OrderQueries:
            ...     @read(OrdersOfStatus)
            ...     def of_status(self, query):
            ...         return domain.view_for(OrderList).query.filter(status=query.status).count()
            >>> domain.dispatch(OrdersOfStatus(status="placed"))
            0
        """
        from ddd_kit.engine.reading import reading  # loaded when somebody asks

        __tracebackhide__ = True
        if not isinstance(query, queries.Query):
            raise IncorrectUsageError(
                f"dispatch({query!r}): that is no query. Give it an object of a class that is decorated with "
                "@domain.query; domain.process takes commands."
            )
        self.refuse_foreign(type(query))
        name = query._schema.element
        outside = active_engine.get()
        with self.lock:
            try:
                active_engine.set(self.standing() if self.own else self)
                with reading(self.world, name):
                    answer: R = self._answerer_of(name)(query)
            finally:
                active_engine.set(outside)
        return answer

    def _answerer_of(self, query: str) -> Any:
        owner = self.registry.find(query, Kind.QUERY).part_of
        for handler in self.registry.of_kind(Kind.QUERY_HANDLER):
            for method, taken in handler.methods:
                if taken == query:
                    return getattr(handler.instance(), method)
        raise IncorrectUsageError(
            f"Nobody answers {query}. Define a class with @domain.query_handler(part_of={owner}) and a "
            f"method with @read({query}), or run its cell again."
        )

    def rebuild_projection(self, projection: type | str, batch_size: int = 500) -> RebuildResult:  # noqa: ARG002 - Protean's
        """Make a projection anew from the events: it is emptied, and its projectors hear them all again.

        That is how a projection gets a history that its projector did not hear, or heard by older code. The
        journal has every step of it, so that it can be seen to grow. Nobody else hears these events again;
        what waits to be delivered to the projectors goes on waiting.

        Args:
            projection: its class or name.
            batch_size: accepted as Protean's, and without effect.

        Returns:
            How many events were heard again, and the errors of projectors, which do not stop it.

        Raises:
            IncorrectUsageError: when it is no projection of this domain, when a unit of work is open, or in
                the past.
            ConfigurationError: when a handler is part of an aggregate that there is not.

        Example:
            >>> from ddd_kit import Domain, on
            >>> from ddd_kit.fields import Identifier
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.event(part_of=Order)
            ... class OrderPlaced:
            ...     order_id = Identifier(required=True)
            >>> order = Order(id="o-1")
            >>> order.raise_(OrderPlaced(order_id="o-1"))
            >>> domain.repository_for(Order).add(order)
            <Order: Order object (id: o-1)>
            >>> @domain.projection
            ... class OrderList:
            ...     order_id = Identifier(identifier=True)
            >>> @domain.projector(projector_for=OrderList, aggregates=[Order])
            ... class OrderListProjector:
            ...     @on(OrderPlaced)
            ...     def add(self, event):
            ...         domain.repository_for(OrderList).add(OrderList(order_id=event.order_id))
            >>> domain.rebuild_projection(OrderList).events_dispatched
            1
            >>> domain.view_for(OrderList)
            <ReadView of OrderList: 1 stored>
        """
        from ddd_kit.engine.rebuilding import rebuild  # loaded when somebody asks

        __tracebackhide__ = True
        name = name_of(self._projection(projection, "rebuild_projection"))
        with self.lock:
            self._check_deliverable("rebuild_projection")
            return rebuild(self, name)

    def rebuild_all_projections(self, batch_size: int = 500) -> dict[str, RebuildResult]:
        """Make every projection anew from the events, as `rebuild_projection` does, in order of definition.

        Args:
            batch_size: accepted as Protean's, and without effect.

        Returns:
            What became of each, by name; of one without projectors an error, and it stays as it is.

        Raises:
            IncorrectUsageError: when a unit of work is open, or in the past.
            ConfigurationError: when a handler is part of an aggregate that there is not.

        Example:
            >>> from ddd_kit import Domain
            >>> Domain(name="Bookshop").rebuild_all_projections()
            {}
        """
        __tracebackhide__ = True
        with self.lock:
            self._check_deliverable("rebuild_all_projections")
            projections = [element.name for element in self.registry.of_kind(Kind.PROJECTION)]
            return {name: self.rebuild_projection(name, batch_size) for name in projections}

    def cache_for(self, projection: type[T] | str) -> Repository[T]:
        """Where a projection is stored that Protean keeps in a cache: here the same repository as of others.

        Args:
            projection: its class or name.

        Returns:
            The repository.

        Raises:
            IncorrectUsageError: when it is no projection of this domain.

        Example:
            >>> from ddd_kit import Domain
            >>> from ddd_kit.fields import Identifier
            >>> domain = Domain(name="Bookshop")
            >>> @domain.projection(cache="default")
            ... class Dashboard:
            ...     name = Identifier(identifier=True)
            >>> domain.cache_for(Dashboard)
            <Repository of Dashboard: 0 stored>
        """
        return self.repository_for(self._projection(projection, "cache_for"))

    def connection_for(self, projection: type | str) -> list[dict[str, Any]]:
        """The stored records of a projection as plain data; in Protean, the connection to its database.

        Args:
            projection: its class or name.

        Returns:
            Values by field name, one dictionary a record; changing them changes nothing that is stored.

        Raises:
            IncorrectUsageError: when it is no projection of this domain.
            ConfigurationError: when what is stored does not fit the newest class.

        Example:
            >>> from ddd_kit import Domain
            >>> from ddd_kit.fields import Identifier
            >>> domain = Domain(name="Bookshop")
            >>> @domain.projection
            ... class OrderList:
            ...     order_id = Identifier(identifier=True)
            >>> entry = domain.repository_for(OrderList).add(OrderList(order_id="o-1"))
            >>> domain.connection_for(OrderList)
            [{'order_id': 'o-1'}]
        """
        stored = self.repository_for(self._projection(projection, "connection_for"))
        return [by_name(tuple(values), tuple(values.values())) for _, values in stored.rows()]

    def projectors_for(self, projection: type | str) -> set[type]:
        """The classes of the projectors that keep a projection up.

        Args:
            projection: its class or name.

        Returns:
            Classes, in no order.

        Raises:
            IncorrectUsageError: when it is no projection of this domain.

        Example:
            >>> from ddd_kit import Domain
            >>> from ddd_kit.fields import Identifier
            >>> domain = Domain(name="Bookshop")
            >>> @domain.projection
            ... class OrderList:
            ...     order_id = Identifier(identifier=True)
            >>> domain.projectors_for(OrderList)
            set()
        """
        name = name_of(self._projection(projection, "projectors_for"))
        projectors = self.registry.of_kind(Kind.PROJECTOR)
        return {each.cls for each in projectors if each.options["projector_for"] == name}
