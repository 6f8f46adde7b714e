"""Rules that hold before and after each change, and how to change several things at once."""

from protean import Domain, atomic_change, invariant
from protean.exceptions import ValidationError
from protean.fields import Boolean, HasMany, Integer, String

domain = Domain(name="Bank")


@domain.aggregate
class Purse:
    owner = String()
    coins = Integer(default=0)
    notes = Integer(default=0)
    frozen = Boolean(default=False)
    cards = HasMany("Card")

    @invariant.pre
    def nothing_leaves_a_frozen_purse(self):
        if self.frozen:
            raise ValidationError({"frozen": ["the purse is frozen"]})

    @invariant.post
    def not_too_heavy(self):
        if self.coins + self.notes > 10:
            raise ValidationError({"_entity": ["the purse is too heavy"]})

    @invariant.post
    def coins_before_notes(self):
        if self.notes > self.coins:
            raise ValidationError({"notes": ["more notes than coins"]})

    def pay_in(self, coins, notes):
        with atomic_change(self):
            self.notes += notes
            self.coins += coins


@domain.entity(part_of=Purse)
class Card:
    bank = String(required=True)
    limit = Integer(default=0)

    @invariant.post
    def limits_are_round(self):
        if self.limit % 10:
            raise ValidationError({"limit": ["not a round number"]})


def attempt(action):
    try:
        action()
        return "done"
    except ValidationError as error:
        return dict(error.messages)


domain.init(traverse=False)

with domain.domain_context():
    print(attempt(lambda: Purse(coins=11)))
    print(attempt(lambda: Purse(coins=1, notes=20)))
    purse = Purse(owner="Ann", coins=2)
    print(attempt(lambda: setattr(purse, "notes", 3)), purse.notes)
    print(attempt(lambda: purse.pay_in(2, 3)), purse.coins, purse.notes)
    print(attempt(lambda: purse.pay_in(20, 1)))
    calm = Purse(owner="Bob", coins=1)
    calm.frozen = True
    print(attempt(lambda: setattr(calm, "coins", 2)), calm.coins)

    wallet = Purse(owner="Cy", coins=1)
    print(attempt(lambda: wallet.add_cards(Card(bank="North", limit=100))), len(wallet.cards))
    print(attempt(lambda: setattr(wallet.cards[0], "limit", 105)), wallet.cards[0].limit)
    print(attempt(lambda: Card(bank="South", limit=3)))
    domain.repository_for(Purse).add(wallet)
    print(domain.repository_for(Purse).get(wallet.id).coins)
