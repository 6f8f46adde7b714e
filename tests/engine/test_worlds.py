"""Worlds: what happens, apart from the model it happens to."""

import pytest

from ddd_kit import Domain, UnitOfWork, handle
from ddd_kit.exceptions import ExpectedVersionError, IncorrectUsageError
from ddd_kit.fields import Identifier, Integer


class Shop:
    """A domain in which shipping an order takes books from the stock."""

    def __init__(self, **options):
        domain = self.domain = Domain(name="Bookshop", **options)

        @domain.event(part_of="Order")
        class OrderShipped:
            book_id = Identifier(required=True)
            quantity = Integer(required=True)

        @domain.aggregate
        class Order:
            book_id = Identifier(required=True)
            quantity = Integer(required=True)
            shipped: bool = False

            def ship(self):
                self.shipped = True
                self.raise_(OrderShipped(book_id=self.book_id, quantity=self.quantity))

        @domain.aggregate
        class Inventory:
            book_id = Identifier(required=True)
            in_stock = Integer(required=True)

        @domain.event_handler(part_of=Inventory, stream_category="order")
        class ManageInventory:
            @handle(OrderShipped)
            def reduce_stock_level(self, event):
                repository = domain.repository_for(Inventory)
                inventory = repository.find_by(book_id=event.book_id)
                inventory.in_stock -= event.quantity
                repository.add(inventory)

        @domain.command(part_of=Order)
        class CountOrders:
            pass

        @domain.command_handler(part_of=Order)
        class Clerk:
            @handle(CountOrders)
            def count(self, _command):
                return domain.repository_for(Order).query.count()

        self.Order, self.Inventory, self.CountOrders = Order, Inventory, CountOrders
        self.orders, self.stock = domain.repository_for(Order), domain.repository_for(Inventory)
        self.defined = domain.journal.last_step

    def session(self):
        """Order and ship ten books of a hundred."""
        self.order = self.orders.add(self.Order(book_id=1, quantity=10))
        self.inventory = self.stock.add(self.Inventory(book_id=1, in_stock=100))
        self.order.ship()
        self.orders.add(self.order)
        return self

    def stock_at(self, step):
        return self.domain.at(step).repository_for(self.Inventory).get_or_none(self.inventory.id)

    def told(self):
        """All that the journal says but durations."""
        return [
            {name: value for name, value in entry.to_dict().items() if name != "duration"}
            for entry in self.domain.journal
        ]


@pytest.fixture
def shop():
    return Shop().session()


def test_at_a_step_the_state_is_what_it_was_then(shop):
    """Before the stock came, before the order was shipped, after the handler ran."""
    created, reduced = [entry.step for entry in shop.domain.journal.of(aggregate="Inventory", kind="changed")]
    assert shop.stock_at(created - 1) is None
    assert shop.stock_at(created).in_stock == 100
    assert shop.stock_at(reduced - 2).in_stock == 100
    assert shop.stock_at(reduced).in_stock == 90


def test_at_a_step_shows_the_whole_unit_of_work(shop):
    """Nobody ever sees half a commit: the step of the attempt shows what the attempt changed."""
    [handled] = shop.domain.journal.of(kind="handled")
    assert shop.stock_at(handled.step).in_stock == 90
    assert shop.domain.at(handled.step).journal.last_step == handled.step + 1


def test_at_a_step_streams_journal_and_waiting_are_what_they_were(shop):
    [event] = shop.domain.journal.of(kind="event")
    past = shop.domain.at(event.step)
    assert [entry.type for entry in past.stream(shop.Order)] == ["OrderShipped"]
    assert [delivery.target for delivery in past.waiting] == ["ManageInventory.reduce_stock_level"]
    assert past.journal[-1] == shop.domain.journal.step(past.journal.last_step)
    earlier = shop.domain.at(event.step - 2)
    assert (len(earlier.stream(shop.Order)), len(earlier.waiting)) == (0, 0)


def test_step_0_is_the_time_before_the_first(shop):
    past = shop.domain.at(0)
    assert past.repository_for(shop.Order).query.count() == 0
    assert len(past.journal) == 0


def test_at_the_newest_step_is_the_present(shop):
    present = shop.domain.at(shop.domain.journal.last_step)
    assert [i.to_dict() for i in present.repository_for("Inventory").query.all()] == [
        i.to_dict() for i in shop.stock.query.all()
    ]


def test_the_past_goes_on_as_it_was_while_the_present_changes(shop):
    past = shop.domain.at(shop.domain.journal.last_step)
    shop.inventory = shop.stock.get(shop.inventory.id)
    shop.inventory.in_stock = 5
    shop.stock.add(shop.inventory)
    assert past.repository_for(shop.Inventory).get(shop.inventory.id).in_stock == 90


FROZEN = r"This is Bookshop as it was after step \d+: the past cannot be changed\. Use the domain itself"


def test_the_past_cannot_be_changed(shop):
    """Neither by repositories, units of work and deliveries, nor by a reset."""
    past = shop.domain.at(shop.domain.journal.last_step)
    order = past.repository_for(shop.Order).get(shop.order.id)
    before = shop.told()
    for change in (
        lambda: past.repository_for(shop.Order).add(order),
        lambda: past.repository_for(shop.Order).remove(order),
        lambda: UnitOfWork(past).start(),
        past.deliver,
        past.deliver_all,
        past.reset,
    ):
        with pytest.raises(IncorrectUsageError, match=FROZEN):
            change()
    assert shop.told() == before


def test_a_command_cannot_be_processed_in_the_past(shop):
    past = shop.domain.at(shop.domain.journal.last_step)
    with pytest.raises(IncorrectUsageError, match=FROZEN):
        past.process(shop.CountOrders())


def test_looking_back_writes_nothing(shop):
    before = shop.told()
    shop.domain.at(shop.domain.journal.last_step).repository_for(shop.Order).query.all()
    assert shop.told() == before


def test_a_refused_value_is_no_change_of_the_past(shop):
    """It is recorded in the present, where the class belongs."""
    past = shop.domain.at(shop.domain.journal.last_step)
    steps = past.journal.last_step
    order = past.repository_for(shop.Order).get(shop.order.id)
    with pytest.raises(Exception, match="quantity should be a valid integer"):
        order.quantity = "many"
    assert past.journal.last_step == steps


def test_an_object_of_the_past_is_stale_in_the_present(shop):
    """Saving it would undo what happened since."""
    step = shop.domain.journal.of(aggregate="Order", kind="changed")[0].step
    old = shop.domain.at(step).repository_for(shop.Order).get(shop.order.id)
    old.quantity = 1
    with pytest.raises(ExpectedVersionError):
        shop.orders.add(old)


def test_why_looks_at_the_past_as_it_was(shop):
    created, _ = [entry.step for entry in shop.domain.journal.of(aggregate="Inventory", kind="changed")]
    why = shop.domain.at(created).why(shop.inventory, "in_stock")
    assert "in_stock began as 100" in why.sentence


def test_a_step_that_is_not_there_is_refused(shop):
    for step in (-1, 999, "x", None):
        with pytest.raises(
            IncorrectUsageError, match=r"there is no such step; the journal has steps 1 to \d+\."
        ):
            shop.domain.at(step)


def test_reset_empties_the_world_and_keeps_the_definitions(shop):
    shop.domain.reset()
    assert (shop.orders.query.count(), len(shop.domain.journal), len(shop.domain.waiting)) == (0, 0, 0)
    assert len(shop.domain.stream(shop.Order)) == 0
    shop.session()
    assert shop.stock.get(shop.inventory.id).in_stock == 90


def test_an_object_from_before_a_reset_says_that_there_was_one(shop):
    """It is not in the empty world, and its version tells that it was somewhere."""
    shop.domain.reset()
    shop.order.quantity = 7
    with pytest.raises(ExpectedVersionError, match=r"or the domain was reset\. Make a new Order"):
        shop.orders.add(shop.order)


def test_reset_inside_a_unit_of_work_is_refused(shop):
    with (
        UnitOfWork(shop.domain),
        pytest.raises(IncorrectUsageError, match=r"reset\(\): a unit of work is open"),
    ):
        shop.domain.reset()


def test_two_domains_of_one_seed_tell_the_same_story():
    """The same identities, the same times, the same journal."""
    first, second = Shop(seed=7).session(), Shop(seed=7).session()
    assert first.order.id == second.order.id
    assert first.told() == second.told()


def test_after_a_reset_a_seed_begins_again():
    shop = Shop(seed=7).session()
    identity = shop.order.id
    shop.domain.reset()
    first = [(entry.kind, entry.time) for entry in shop.session().domain.journal]
    shop.domain.reset()
    assert [(entry.kind, entry.time) for entry in shop.session().domain.journal] == first
    assert shop.order.id == shop.orders.query.first.id
    assert Shop(seed=7).session().order.id == identity


def test_seeds_differ_and_without_one_everything_is_new():
    orders = [Shop(seed=seed).session().order.id for seed in (7, 8, None, None)]
    assert len(set(orders)) == 4


def test_seeded_times_go_on_and_are_in_utc():
    shop = Shop(seed=7).session()
    times = [entry.time for entry in shop.domain.journal]
    assert times == sorted(times)
    assert shop.domain.journal[0].at.isoformat().startswith("2024-01-01T00:00:0")


def test_two_domains_share_nothing():
    first, second = Shop().session(), Shop()
    assert second.orders.query.count() == 0
    assert second.stock.query.count() == 0
    assert len(first.domain.journal) > len(second.domain.journal)
