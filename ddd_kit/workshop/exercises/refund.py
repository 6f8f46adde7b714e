"""An exercise of the notebook on event sourcing: an event more, and a rule that comes later."""

from __future__ import annotations

from typing import Any

from ddd_kit.workshop.exercise import Exercise, NotYet, point
from ddd_kit.workshop.exercises.event_sourcing import LESSON, by_events_alone
from ddd_kit.workshop.trial import Trial

_BEGIN = """
from ddd_kit import Domain, apply
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Identifier, Integer

shop = Domain(name="Shop")


@shop.event(part_of="GiftCard")
class GiftCardSold:
    card_id = Identifier(required=True)
    worth = Integer(required=True)


@shop.event(part_of="GiftCard")
class GiftCardUsed:
    card_id = Identifier(required=True)
    amount = Integer(required=True)

"""
_EVENT = """
@shop.event(part_of="GiftCard")
class GiftCardRefunded:
    card_id = Identifier(required=True)
    amount = Integer(required=True)

"""
_CARD = """
@shop.aggregate(event_sourced=True)
class GiftCard:
    card_id = Identifier(identifier=True)
    worth = Integer(default=0)
    balance = Integer(default=0)

    @classmethod
    def sell(cls, card_id, worth):
        card = cls._create_new(card_id=card_id)
        card.raise_(GiftCardSold(card_id=card_id, worth=worth))
        return card

    def pay(self, amount):
        if amount > self.balance:
            raise ValidationError({"amount": ["must not be more than what is left"]})
        self.raise_(GiftCardUsed(card_id=self.card_id, amount=amount))

    @apply
    def sold(self, event: GiftCardSold):
        self.worth = event.worth
        self.balance = event.worth

    @apply
    def used(self, event: GiftCardUsed):
        self.balance -= event.amount
"""
_REFUND = """
    def refund(self, amount):
        if self.balance + amount > self.worth:
            raise ValidationError({"amount": ["must not be more than what was paid"]})
        self.raise_(GiftCardRefunded(card_id=self.card_id, amount=amount))

    @apply
    def refunded(self, event: GiftCardRefunded):
        self.balance += event.amount
"""


def _used(shop: Trial) -> Any:
    """A saved card of 50 euros with which 20 were paid."""
    shop.element("event", "GiftCardRefunded", part_of="GiftCard")
    shop.fields("GiftCardRefunded", "card_id", "amount")
    cls: Any = shop.element("aggregate", "GiftCard").cls
    card = shop.save(shop.run("`GiftCard.sell('ada', 50)`", lambda: cls.sell("ada", 50)))
    return shop.act(card, "pay", 20)


def _refunded(shop: Trial, amount: int) -> Any:
    """That card, as it is stored after a refund."""
    card = _used(shop)
    by_events_alone(lambda: shop.act(card, "refund", amount))
    return shop.stored(card)


@point(
    "What is refunded is on the card again",
    "What has to be there, before a card can say that it was refunded?",
    "As for paying: an event of its own, a method that raises it, and an `@apply` method that changes `balance`.",
    "`self.raise_(GiftCardRefunded(card_id=self.card_id, amount=amount))` in `refund`, and "
    "`self.balance += event.amount` in `def refunded(self, event: GiftCardRefunded)`",
)
def _on_the_card(shop: Trial) -> str:
    balance = _refunded(shop, 8).balance
    if not shop.count("GiftCardRefunded"):
        raise NotYet(
            "50 euros, 20 paid, 8 refunded: no `GiftCardRefunded` was raised, and what is no event is not kept.",
            _NO_EVENT,
        )
    shop.expect(
        balance == 38,
        f"50 euros, 20 paid, 8 refunded. There should be 38 on the card, and there are {balance}.",
        _SUM,
    )
    return "50 euros, 20 paid, 8 refunded: 38"


_NO_EVENT = (
    "Only events are kept. Which one says that money was given back?",
    "`refund` decides, and then raises an event; it changes nothing by itself.",
    "`self.raise_(GiftCardRefunded(card_id=self.card_id, amount=amount))`",
)
_SUM = (
    "Does the money come, or go?",
    "Look at the `@apply` method of `GiftCardRefunded`, and compare it with the one for `GiftCardUsed`.",
    "`self.balance += event.amount`, once",
)


@point(
    "The event tells who and how much",
    "Somebody reads this event in ten years. What does it say?",
    "The event gets its values where it is raised, in `refund`.",
    "`GiftCardRefunded(card_id=self.card_id, amount=amount)`",
)
def _tells(shop: Trial) -> str:
    card = _refunded(shop, 8)
    events = shop.events("GiftCardRefunded")
    shop.expect(len(events) == 1, f"One refund, and {len(events)} `GiftCardRefunded` were raised.")
    said = shop.values(events[0])
    shop.expect(
        (said["card_id"], said["amount"]) == (card.card_id, 8),
        f"8 euros went back to the card `{card.card_id}`, and the event says {said['amount']} and `{said['card_id']}`.",
    )
    return "8 euros, card ada"


@point(
    "No more is given back than was paid",
    "Ada paid 20 euros with her card. Could she get 21 back?",
    "Where does `pay` refuse? `refund` may refuse in the same way, before it raises the event.",
    '`if self.balance + amount > self.worth: raise ValidationError({"amount": ["…"]})`, at the start of `refund`',
)
def _not_more(shop: Trial) -> str:
    all_of_it = _refunded(shop, 20).balance
    shop.expect(
        all_of_it == 50, f"20 were paid and 20 refunded. There should be 50, and there are {all_of_it}."
    )
    card = _used_again(shop)
    shop.refusal("refunding 21 euros, after 20 were paid", lambda: shop.act(card, "refund", 21))
    left = shop.stored(card).balance
    shop.expect(left == 30, f"A refund was refused, and the card went from 30 to {left}.")
    shop.act(card, "refund", 12)
    shop.refusal(
        "refunding 9 euros, after 20 were paid and 12 of them refunded", lambda: shop.act(card, "refund", 9)
    )
    return "20 paid: 20 can be refunded, 21 cannot; nor 12 and then 9"


def _used_again(shop: Trial) -> Any:
    cls: Any = shop.element("aggregate", "GiftCard").cls
    card = shop.save(shop.run("`GiftCard.sell('ben', 50)`", lambda: cls.sell("ben", 50)))
    return shop.act(card, "pay", 20)


@point(
    "An old card can be loaded that got too much back",
    "The rule is new, and the event is old. Can the card refuse what has happened?",
    "An `@apply` method runs whenever the card is loaded. The rule has to stand where it is decided.",
    "The `if` and the `raise` belong into `refund`; `refunded` is `self.balance += event.amount`, and nothing else.",
)
def _old_card(shop: Trial) -> str:
    cls: Any = shop.element("aggregate", "GiftCard").cls
    events = [
        shop.make("GiftCardSold", card_id="old", worth=50),
        shop.make("GiftCardUsed", card_id="old", amount=10),
        shop.make("GiftCardRefunded", card_id="old", amount=15),
    ]
    card = shop.run("loading a card of which 10 were paid and 15 refunded", lambda: cls.from_events(events))
    shop.expect(
        card.balance == 55,
        f"Years ago a card of 50 got 15 back after 10 were paid. By its events there are 55 on it, and {card.balance} "
        "were found.",
    )
    return "sold for 50, 10 paid, 15 refunded before there was a rule: 55"


EXERCISES = (
    Exercise(
        name="refund",
        lesson=LESSON,
        title="Ada brings a book back",
        minutes=8,
        task="""
Who brings back a book that was paid with a gift card gets the money on the card. Write

- an event `GiftCardRefunded` of the `GiftCard`, with `card_id` and `amount`, both required,
- a method `refund(amount)` of `GiftCard` that raises it,
- what the event does to `balance`.

No more may be given back than was paid: never is `balance` larger than `worth`. `refund` refuses that with a `ValidationError`, and then
nothing has happened. But before there was this rule, some cards got too much. They must still load as what their events say.
""",
        starter=_BEGIN + "\n# Your event:\n\n" + _CARD + "\n    # Your methods:\n",
        solution=_BEGIN + _EVENT + _CARD + _REFUND,
        points=(_on_the_card, _tells, _not_more, _old_card),
        untested="a refund of nothing, or of less than nothing.",
    ),
)
