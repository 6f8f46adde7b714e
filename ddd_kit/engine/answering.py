"""What a domain says about its model to the programs that ask, by Protean's names."""

from __future__ import annotations

from typing import Any

from ddd_kit.engine.model import name_of
from ddd_kit.engine.names import camel_case, snake_case
from ddd_kit.engine.projecting import Projecting


class Answering(Projecting):
    """A domain that can be asked how it is called, and who takes what."""

    @property
    def normalized_name(self) -> str:
        """The domain's name as it stands in streams.

        Returns:
            Small letters with underscores.

        Example:
            >>> from ddd_kit import Domain
            >>> Domain(name="Book Shop").normalized_name
            'book_shop'
        """
        return snake_case(self.name)

    @property
    def camel_case_name(self) -> str:
        """The domain's name as it stands in the types of messages.

        Returns:
            The words, each with a capital, without blanks.

        Example:
            >>> from ddd_kit import Domain
            >>> Domain(name="Book Shop").camel_case_name
            'BookShop'
        """
        return camel_case(self.name)

    def command_handler_for(self, command: Any) -> type | None:
        """Who handles a command.

        Args:
            command: the command, its class, or its name.

        Returns:
            The class of the command handler; None where there is none.

        Example:
            >>> from ddd_kit import Domain, handle
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.command(part_of=Order)
            ... class PlaceOrder: ...
            >>> @domain.command_handler(part_of=Order)
            ... class Desk:
            ...     @handle(PlaceOrder)
            ...     def place(self, command): ...
            >>> domain.command_handler_for(PlaceOrder()).__name__
            'Desk'
        """
        schema = getattr(command, "_schema", None)
        route = self.registry.command_route(schema.element if schema is not None else name_of(command))
        return None if route is None else self.registry.elements[route[0]].cls
