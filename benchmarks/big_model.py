"""A model of 100 elements, for its map."""

from __future__ import annotations

from typing import Any

from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer

SHELVES = 20
"""Each an aggregate with a command, its handler, an event, and a handler of the next shelf's event."""


def hundred_elements() -> Any:
    """Define the model, and return its domain."""
    domain: Any = Domain(name="Warehouse")
    for number in range(SHELVES):
        _define_shelf(domain, f"Shelf{number}", number)
    for number in range(SHELVES):
        following = (number + 1) % SHELVES
        watch = _element(f"Watch{number}", notice=_taker_of(f"Moved{following}"))
        domain.event_handler(watch, part_of=f"Shelf{number}", stream_category=f"shelf_{following}")
    return domain


def _define_shelf(domain: Any, shelf: str, number: int) -> None:
    domain.aggregate(_element(shelf, books=Integer(default=0)), stream_category=f"shelf_{number}")
    domain.event(_element(f"Moved{number}", **_books()), part_of=shelf)
    domain.command(_element(f"Move{number}", **_books()), part_of=shelf)
    domain.command_handler(_element(f"Movers{number}", move=_taker_of(f"Move{number}")), part_of=shelf)


def _books() -> dict[str, Any]:
    return {"shelf_id": Identifier(), "books": Integer()}


def _element(name: str, **contents: Any) -> type:
    return type(name, (), contents)


def _taker_of(message: str) -> Any:
    @handle(message)
    def method(self: Any, message: Any) -> None:
        """Do nothing: only the map is wanted."""

    return method
