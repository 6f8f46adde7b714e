"""What happened in a run, and why: its journal and its streams, and the questions to both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import Aggregate
from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.message import Event
from ddd_kit.engine.event_store import Stream
from ddd_kit.engine.model import name_of
from ddd_kit.engine.names import event_stream, fact_category
from ddd_kit.engine.running import Running
from ddd_kit.engine.world import World
from ddd_kit.exceptions import IncorrectUsageError, did_you_mean
from ddd_kit.journal.journal import Journal

if TYPE_CHECKING:
    from ddd_kit.engine.explain import WhyNot
    from ddd_kit.engine.processes import Processes
    from ddd_kit.journal.causality import Why


class Recorded(Running):
    """A run that tells what happened in it."""

    @property
    def journal(self) -> Journal:
        """All that happened, in order; alone in a cell it shows as a tree.

        Returns:
            The journal; read-only, and the same object until `reset`.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.journal
            outside a cell
              ■ Order o-1 added: quantity 1
        """
        return self._whole_world().journal

    def _whole_world(self) -> World:
        """The world to be read: complete, and with a journal that agrees with it."""
        world = self.world
        if world.unfinished is not None or (world.journal.missed and self.config["journal"]):
            with self.lock:
                world.finish()
                if world.journal.missed and self.config["journal"]:
                    world.begin_journal_anew()
        return world

    def stream(self, name: type | str | Aggregate) -> Stream:
        """The events of one aggregate or of a category.

        Args:
            name: an aggregate, for its own stream; an aggregate's class, or the name of a category or
                stream, bare or with the domain's name: `order`, `order-<id>`, `bookshop::order`.

        Returns:
            The events, in order; none for a name on which nothing was raised.

        Raises:
            IncorrectUsageError: for a name that looks like a mistyped one, or a class that is no aggregate.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     def ship(self):
            ...         self.raise_(OrderShipped())
            >>> @domain.event(part_of=Order)
            ... class OrderShipped: ...
            >>> order = Order(id="o-1")
            >>> order.ship()
            >>> domain.repository_for(Order).add(order)
            <Order: ...>
            >>> domain.stream("order")
            Stream order: 1 event
              0 OrderShipped on order-o-1
        """
        if isinstance(name, Aggregate):
            full = event_stream(self.registry.category(name._schema.element), name._identity)
        elif isinstance(name, type):
            full = self.registry.category(name_of(name))
        else:
            full = self.registry.full(name)
            brought = self._whole_world().events.stream(name)
            subscribers = self.registry.of_kind(Kind.SUBSCRIBER)
            if brought or any(name == each.options["stream"] for each in subscribers):
                return brought  # by a broker, whose streams do not bear the domain's name
            self._check_stream(full)
        return self._whole_world().events.stream(full)

    def _check_stream(self, full: str) -> None:
        """Refuse a name that nothing is on when it looks like one that something is on."""
        known = {*self._whole_world().events.lengths}
        for element in self.registry.of_kind(Kind.AGGREGATE, Kind.PROCESS_MANAGER):
            known.add(category := self.registry.category(element.name))
            if element.options.get("fact_events"):
                known.add(fact_category(category))
        hint = did_you_mean(full.rsplit("::", maxsplit=1)[-1], [name.split("::")[-1] for name in known])
        if full not in known and hint:
            raise IncorrectUsageError(f"Nothing is on the stream {full}{hint}")

    def processes(self, manager: type | str, step: int | None = None) -> Processes:
        """Where each process of a process manager stands: what it has heard, and whether it is complete.

        Args:
            manager: the process manager's class or name.
            step: after which step, from 0; None for now.

        Returns:
            The processes, in the order in which they began; each has its `id`, its `state`, `complete`, what
            it `heard` and `awaits`, and its `position`.

        Raises:
            IncorrectUsageError: when there is no such process manager, or no such step.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.event(part_of=Order)
            ... class OrderPlaced:
            ...     order_id: str
            >>> @domain.process_manager(aggregates=[Order])
            ... class Fulfilment:
            ...     @handle(OrderPlaced, start=True, correlate="order_id")
            ...     def on_placed(self, event): ...
            >>> domain.processes(Fulfilment)
            No process has begun.
        """
        from ddd_kit.engine.processes import processes  # loaded when somebody asks

        return processes(self, manager, step)

    def handlers_for(self, event: Any) -> set[type]:
        """The classes that take an event: event handlers, projectors and process managers.

        Args:
            event: an event, its class or its name.

        Returns:
            Classes; those that listen to another stream are not among them, a `source_stream` does not count.

        Raises:
            IncorrectUsageError: when there is no such event.
            ConfigurationError: when a handler is part of an aggregate that there is not.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.event(part_of=Order)
            ... class OrderShipped: ...
            >>> @domain.event_handler(part_of=Order)
            ... class Notify:
            ...     @handle(OrderShipped)
            ...     def tell(self, event): ...
            >>> domain.handlers_for(OrderShipped()) == {Notify}
            True
        """
        name = event._schema.element if isinstance(event, Event) else name_of(event)
        element = self.registry.find(name, Kind.EVENT)
        routes = self.registry.routes(name, self.registry.message_category(element))
        known = (self.registry.elements.get(route.handler) for route in routes.open)
        return {handler.cls for handler in known if handler is not None}

    def why(self, aggregate: Aggregate, field: str) -> Why:
        """Why a field has the value that it has: the last change of it, and what led to that.

        Args:
            aggregate: one that was saved.
            field: the name of the field; or a path to what is inside of the aggregate, as
                `items[sku=A].quantity` or `total.amount`.

        Returns:
            The chain from that value back to the cell, as data with a sentence as its repr.

        Raises:
            IncorrectUsageError: for something that is no aggregate or one of another domain, when there is no
                such field, when the journal knows no change of it, or when nothing is recorded.

        Example:
            >>> from ddd_kit import Domain
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1", quantity=3))
            >>> domain.why(order, "quantity")
            Code outside a cell saved it: Order o-1 quantity began as 3.
        """
        from ddd_kit.journal.causality import why  # loaded when somebody asks

        if not isinstance(aggregate, Aggregate):
            raise IncorrectUsageError(
                f'why({aggregate!r}, ...): give an aggregate, as in why(inventory, "in_stock").'
            )
        self.refuse_foreign(type(aggregate))
        if not self.config["journal"]:
            raise IncorrectUsageError(
                "domain.why(...): nothing is recorded while domain.config['journal'] is False."
            )
        schema = aggregate._schema
        outermost = re.split(r"[.\[]", field, maxsplit=1)[0]
        if outermost not in schema.fields or (outermost != field and outermost not in schema.nested):
            hint = did_you_mean(outermost, schema.names) if outermost not in schema.fields else ""
            hint = hint or f". It has: {', '.join(schema.names)}."
            raise IncorrectUsageError(f"{schema.element} has no field '{field}'{hint}")
        return why(self.journal, schema.element, aggregate._identity, field)

    def why_not(self, handler: type | str, event: Any = None) -> WhyNot:
        """Why an event handler did not take an event.

        Args:
            handler: its class or name.
            event: an event, its entry, its class or name; None for the latest that it did not take.

        Returns:
            Every rule that was checked, with the values.

        Raises:
            IncorrectUsageError: when there is no such handler or event, or the event was not published.
            ConfigurationError: when the handler is part of an aggregate that there is not.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory: ...
            >>> @domain.event_handler(part_of=Inventory, stream_category="order")
            ... class ManageInventory:
            ...     @handle("OrderShipped")
            ...     def reduce_stock_level(self, event): ...
            >>> print(domain.why_not(ManageInventory).sentence)
            ManageInventory did not run: OrderShipped has not been saved yet.
        """
        from ddd_kit.engine.explain import why_not  # loaded when somebody asks

        self._whole_world()
        return why_not(self, handler, event)
