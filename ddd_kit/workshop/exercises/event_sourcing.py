"""Exercises of the notebook on event sourcing: what each event changes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.trial import Trial

LESSON = "09-event-sourcing"

_MODEL = """
from ddd_kit import Domain, apply
from ddd_kit.fields import Identifier, Integer

shop = Domain(name="Shop")


@shop.event(part_of="Inventory")
class CopiesReceived:
    book_id = Identifier(required=True)
    copies = Integer(required=True)


@shop.event(part_of="Inventory")
class CopiesSold:
    book_id = Identifier(required=True)
    copies = Integer(required=True)


@shop.event(part_of="Inventory")
class CopiesCounted:  # somebody stood at the shelf and counted
    book_id = Identifier(required=True)
    copies = Integer(required=True)


@shop.aggregate(event_sourced=True)
class Inventory:
    book_id = Identifier(identifier=True)
    in_stock = Integer(default=0)

    @classmethod
    def begin(cls, book_id, copies):
        inventory = cls._create_new(book_id=book_id)
        inventory.receive(copies)
        return inventory

    def receive(self, copies):
        self.raise_(CopiesReceived(book_id=self.book_id, copies=copies))

    def sell(self, copies):
        self.raise_(CopiesSold(book_id=self.book_id, copies=copies))

    def count(self, copies):
        self.raise_(CopiesCounted(book_id=self.book_id, copies=copies))
"""
_APPLIERS = """
    @apply
    def received(self, event: CopiesReceived):
        self.in_stock += event.copies

    @apply
    def sold(self, event: CopiesSold):
        self.in_stock -= event.copies

    @apply
    def counted(self, event: CopiesCounted):
        self.in_stock = event.copies
"""


def begun(shop: Trial, copies: int) -> Any:
    """A saved inventory of “emma” with some copies."""
    cls: Any = shop.element("aggregate", "Inventory").cls
    call = f"`Inventory.begin('emma', {copies})`"
    return by_events_alone(lambda: shop.save(shop.run(call, lambda: cls.begin("emma", copies))))


def by_events_alone(function: Callable[[], Any]) -> Any:
    """Do something, in which no field of an event-sourced aggregate may change without an event.

    Args:
        function: does it.

    Returns:
        What it returns.

    Raises:
        NotYet: when the model warns that something changed without an event.
    """
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        found = function()
    for each in heard:
        if "without an event" in str(each.message):
            raise NotYet(f"{each.message}", _STRAY)
    return found


_STRAY = (
    "Which methods may change a field, and which ones only raise an event?",
    "What changes outside of an `@apply` method is lost: only events are kept.",
    "`self.in_stock` stands on the left of `=`, `+=` or `-=` in `@apply` methods alone.",
)


def _does(shop: Trial, inventory: Any, *steps: tuple[str, int]) -> int:
    """The number in stock after some steps, each of them loaded, done and saved."""
    for method, copies in steps:
        by_events_alone(lambda m=method, n=copies: shop.act(inventory, m, n))  # type: ignore[misc]
    stock: int = shop.stored(inventory).in_stock
    return stock


@point(
    "What comes in is there",
    "Ten copies came in, and five. How many are there?",
    "An `@apply` method takes an event and changes the state. The annotation says which event.",
    "`@apply`, then `def received(self, event: CopiesReceived):` with `self.in_stock += event.copies`",
)
def _received(shop: Trial) -> str:
    stock = _does(shop, begun(shop, 10), ("receive", 5))
    shop.expect(
        stock == 15, f"10 copies came in, and then 5 more. There should be 15, and there are {stock}."
    )
    return "10 came in, then 5: 15 in stock"


@point(
    "What is sold is gone",
    "Ten were there, three are sold. How many are left?",
    "One more `@apply` method, for `CopiesSold`.",
    "`@apply`, then `def sold(self, event: CopiesSold):` with `self.in_stock -= event.copies`",
)
def _sold(shop: Trial) -> str:
    stock = _does(shop, begun(shop, 10), ("sell", 3), ("sell", 2))
    shop.expect(stock == 5, f"Of 10 copies 3 and then 2 were sold. There should be 5, and there are {stock}.")
    return "10 came in, 3 and 2 sold: 5 in stock"


@point(
    "A count says what there is",
    "Somebody has counted six. How many are there, whatever the shop believed before?",
    "Two events say by how much the stock changed. This one says what it is.",
    "`@apply`, then `def counted(self, event: CopiesCounted):` with `self.in_stock = event.copies`",
)
def _counted(shop: Trial) -> str:
    inventory = begun(shop, 10)
    stock = _does(shop, inventory, ("count", 6), ("receive", 1))
    shop.expect(
        stock == 7,
        f"10 copies came in, somebody counted 6, and 1 more came in. There should be 7, and there are {stock}.",
    )
    stock = _does(shop, inventory, ("count", 9))
    shop.expect(stock == 9, f"Then somebody counted 9. There should be 9, and there are {stock}.")
    return "10 came in, 6 were counted, 1 came in: 7 in stock; 9 were counted: 9"


@point(
    "What has happened is not refused",
    "A customer stands at the till with a book in her hand. Can the shop say that it does not exist?",
    "An `@apply` method only writes down what an event means. It does not look whether that may be.",
    "No `if`, no `raise` and no limit in an `@apply` method.",
)
def _not_refused(shop: Trial) -> str:
    inventory = begun(shop, 10)
    try:
        stock = _does(shop, inventory, ("sell", 12), ("receive", 3))
    except NotYet as stopped:
        raise NotYet(f"10 copies were known, and 12 were sold. That has happened. {stopped.why}") from stopped
    shop.expect(
        stock == 1,
        f"10 copies were known, 12 were sold, and 3 came in. By these events that makes 1, and there are {stock}.",
    )
    return "10 known, 12 sold, 3 came in: 1 in stock"


_APPLY_EVENTS = Exercise(
    name="apply-events",
    lesson=LESSON,
    title="What each event changes",
    minutes=5,
    task="""
This `Inventory` raises events, and does not know yet what they change. Write its `@apply` methods:

- `CopiesReceived` and `CopiesSold` say how many copies came in, and how many went out. `in_stock` follows.
- `CopiesCounted` says how many there are: somebody has counted them.

What has happened has happened: nothing is refused there, even if more is sold than the shop knew of. Then `in_stock` is less
than nothing until somebody counts. Leave `begin`, `receive`, `sell` and `count` as they are.
""",
    starter=_MODEL + "\n    # Your @apply methods:\n",
    solution=_MODEL + _APPLIERS,
    points=(_received, _sold, _counted, _not_refused),
    untested="two events that are raised before the inventory is saved, and snapshots.",
)

EXERCISES = (_APPLY_EVENTS,)
