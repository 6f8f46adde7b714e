"""All of it or none of it."""

from protean import Domain, UnitOfWork, handle
from protean.exceptions import ExpectedVersionError, InvalidOperationError
from protean.fields import Identifier, Integer, String
from protean.utils.globals import current_uow

domain = Domain(name="Bank")
domain.config["event_processing"] = "sync"


@domain.event(part_of="Purse")
class CoinsMoved:
    purse_id = Identifier(required=True)


@domain.aggregate
class Purse:
    owner = String()
    coins = Integer(default=0)

    def move(self, coins):
        self.coins += coins
        self.raise_(CoinsMoved(purse_id=self.id))


@domain.event_handler(part_of=Purse)
class Witness:
    @handle(CoinsMoved)
    def see(self, event):
        seen.append(event.purse_id)


seen = []
domain.init(traverse=False)

with domain.domain_context():
    purses = domain.repository_for(Purse)
    purses.add(Purse(id="ann", owner="Ann", coins=10))
    purses.add(Purse(id="bob", owner="Bob"))

    with UnitOfWork():
        ann, bob = purses.get("ann"), purses.get("bob")
        ann.move(-4)
        bob.move(4)
        purses.add(ann)
        purses.add(bob)
        print(bool(current_uow), seen)
    print(seen, purses.get("ann").coins, purses.get("bob").coins)

    try:
        with UnitOfWork():
            ann = purses.get("ann")
            ann.move(-100)
            purses.add(ann)
            purses.get("ann").nothing_of_the_kind()
    except AttributeError as error:
        print(type(error).__name__, purses.get("ann").coins, len(seen))

    unit = UnitOfWork()
    unit.start()
    ann = purses.get("ann")
    ann.move(1)
    purses.add(ann)
    unit.rollback()
    print(purses.get("ann").coins, unit.in_progress)

    unit = UnitOfWork()
    unit.start()
    ann = purses.get("ann")
    ann.move(2)
    purses.add(ann)
    unit.commit()
    print(purses.get("ann").coins, unit.in_progress, len(seen))
    try:
        unit.commit()
    except InvalidOperationError as error:
        print(type(error).__name__)

    first, second = purses.get("ann"), purses.get("ann")
    first.coins = 1
    purses.add(first)
    second.coins = 2
    try:
        purses.add(second)
    except ExpectedVersionError as error:
        print(type(error).__name__, purses.get("ann").coins)
