"""An exercise of the notebook on event sourcing: events of years ago are read as if they were of today."""

from __future__ import annotations

from typing import Any

from ddd_kit.exceptions import ConfigurationError
from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.event_sourcing import LESSON
from ddd_kit.workshop.trial import Trial

_MODEL = """
from ddd_kit import Domain, apply
from ddd_kit.fields import Identifier, Integer, String

shop = Domain(name="Shop")

# When the shop was in London, `GiftCardSold` was of version 1. It had two fields:
# card_id, and pounds: how many, a whole number. So its events are written down.


@shop.event(part_of="GiftCard", version=2)
class GiftCardSold:
    card_id = Identifier(required=True)
    amount = Integer(required=True)  # in cents, or in pence
    currency = String(default="EUR")


@shop.aggregate(event_sourced=True)
class GiftCard:
    card_id = Identifier(identifier=True)
    balance = Integer(default=0)
    currency = String(default="EUR")

    @classmethod
    def sell(cls, card_id, amount):
        card = cls._create_new(card_id=card_id)
        card.raise_(GiftCardSold(card_id=card_id, amount=amount))
        return card

    @apply
    def sold(self, event: GiftCardSold):
        self.balance = event.amount
        self.currency = event.currency

"""
_UPCASTER = """
@shop.upcaster(event_type=GiftCardSold, from_version=1, to_version=2)
class FromLondon:
    def upcast(self, data):
        return {"card_id": data["card_id"], "amount": data["pounds"] * 100, "currency": "GBP"}
"""


def _card(shop: Trial, name: str, amount: int) -> Any:
    """A card that is sold today, as it is stored."""
    cls: Any = shop.element("aggregate", "GiftCard").cls
    return shop.stored(
        shop.save(shop.run(f"`GiftCard.sell('{name}', {amount})`", lambda: cls.sell(name, amount)))
    )


def _from_london(shop: Trial, pounds: int) -> Any:
    """A card as it is loaded whose event is of version 1."""
    name = f"ada-{pounds}"
    _card(shop, name, 1)
    version: int = shop.element("event", "GiftCardSold").schema.version
    shop.expect(version == 2, f"`GiftCardSold` is of version {version} now; it was of version 2.", _AS_IT_WAS)
    written = shop.events("GiftCardSold")[-1]
    cls: Any = shop.element("aggregate", "GiftCard").cls
    try:
        event = shop.read_old(written, 1, card_id=name, pounds=pounds)
    except NotYet as stopped:
        raise NotYet(stopped.why, _hints(shop, stopped)) from stopped
    return shop.run("loading an old card", lambda: cls.from_events([event]))


def _hints(shop: Trial, stopped: NotYet) -> tuple[str, str, str] | None:
    if not shop.engine.registry.upcasters:
        return None
    if "has to return" in stopped.why:
        return _RETURN
    if isinstance(stopped.__cause__, KeyError):
        return _NAMES
    if isinstance(stopped.__cause__, ConfigurationError):
        first = any(each.options["from_version"] == 1 for each in shop.engine.registry.upcasters.values())
        return _FILLS if first else _VERSIONS
    return None


_AS_IT_WAS = (
    "Which of the two classes is that of today?",
    "`GiftCardSold` stays as it is in the cell that you began with. Only the upcaster is new.",
    '`@shop.event(part_of="GiftCard", version=2)`',
)
_RETURN = (
    "What comes back from `upcast`?",
    "A method without `return` gives None.",
    "`return {**data, …}`, or change `data` and `return data`",
)
_NAMES = (
    "Which fields does an event of version 1 have?",
    "The comment at the top of the cell tells of the old class. `data` has these names.",
    '`data["card_id"]` and `data["pounds"]`',
)
_FILLS = (
    "Which fields does an event of version 2 need?",
    "What `upcast` returns has the names of the class of today.",
    '`"amount": data["pounds"] * 100`',
)
_VERSIONS = (
    "From which version does your upcaster lead, and to which?",
    "The comment at the top of the cell says of which version the old events are.",
    "`@shop.upcaster(event_type=GiftCardSold, from_version=1, to_version=2)`",
)


@point(
    "An old card can be loaded",
    "The event has `pounds`, the class wants an `amount`. Who translates?",
    "An upcaster: a class with a method `upcast(self, data)`, which gets the old values and returns the new ones.",
    "`@shop.upcaster(event_type=GiftCardSold, from_version=1, to_version=2)`, and in its class `def upcast(self, data):` "
    "that returns a dictionary",
)
def _loads(shop: Trial) -> str:
    return f"the card is there, with {_from_london(shop, 50).balance} on it"


@point(
    "It is worth what it was",
    "How many pence is a pound?",
    "`amount` is in pence. The old event has whole pounds.",
    '`"amount": data["pounds"] * 100`',
)
def _worth(shop: Trial) -> str:
    found = [_from_london(shop, pounds).balance for pounds in (50, 20)]
    shop.expect(
        found == [5000, 2000],
        f"Two cards of London were sold for 50 and 20 pounds. Loaded today they have {found[0]} and {found[1]} pence, not "
        "5000 and 2000.",
    )
    return "50 pounds are 5000, 20 pounds are 2000"


@point(
    "It is in pounds",
    "What is on a card from London, euros or pounds?",
    "What `upcast` leaves out gets the default of the new class. The currency should not.",
    '`"currency": "GBP"`',
)
def _pounds(shop: Trial) -> str:
    currency = _from_london(shop, 50).currency
    shop.expect(
        currency == "GBP",
        f"A card of 50 pounds is loaded, and its currency is {currency!r}. It should be 'GBP'.",
    )
    new = _card(shop, "ben", 1500)
    shop.expect(
        (new.balance, new.currency) == (1500, "EUR"),
        f"A card is sold today for 1500 cents, and it has {new.balance} of {new.currency!r}. New cards are in 'EUR'.",
        _AS_IT_WAS,
    )
    return "a card from London is in GBP, a new one in EUR"


EXERCISES = (
    Exercise(
        name="old-pounds",
        lesson=LESSON,
        title="Cards from London",
        minutes=5,
        task="""
The shop has moved from London to Vienna. Cards that were sold there hold pounds: their `GiftCardSold` is of version 1, as the comment
tells. Today the event is of version 2, with an `amount` in cents or pence, and a `currency`.

Write an upcaster, so that an old card can be loaded: with 100 pence for each of its `pounds`, and with the currency `"GBP"`.
Leave `GiftCardSold` and `GiftCard` as they are.
""",
        starter=_MODEL + "\n# Your upcaster:\n",
        solution=_MODEL + _UPCASTER,
        points=(_loads, _worth, _pounds),
        untested="events of a version that is older still.",
    ),
)
