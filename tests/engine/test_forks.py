"""Forks: another world of the same model, which never touches the first."""

import gc
import threading
from contextlib import suppress

import pytest

from ddd_kit import Domain, UnitOfWork, current_domain, handle
from ddd_kit.exceptions import IncorrectUsageError, InjectedFaultError, ValidationError
from ddd_kit.fields import Identifier, Integer


class Shop:
    """The seed's model; its handlers name the global domain, as those of a notebook do."""

    def __init__(self, **options):
        domain = self.domain = Domain(name="Bookshop", **options)

        @domain.aggregate
        class Order:
            book_id = Identifier(required=True)
            quantity = Integer(required=True)

            def ship(self):
                self.raise_(OrderShipped(book_id=self.book_id, quantity=self.quantity))

        @domain.event(part_of=Order)
        class OrderShipped:
            book_id = Identifier(required=True)
            quantity = Integer(required=True)

        @domain.aggregate
        class Inventory:
            book_id = Identifier(required=True)
            in_stock = Integer(required=True, min_value=0)

        @domain.command(part_of=Order)
        class PlaceOrder:
            book_id = Identifier(required=True)
            quantity = Integer(required=True)

        @domain.command_handler(part_of=Order)
        class Clerk:
            @handle(PlaceOrder)
            def place(self, command):
                order = Order(book_id=command.book_id, quantity=command.quantity)
                order.ship()
                domain.repository_for(Order).add(order)
                return order.id

        stock = self.stock = domain.repository_for(Inventory)

        @domain.event_handler(part_of=Inventory, stream_category="order")
        class ManageInventory:
            @handle(OrderShipped)
            def reduce_stock_level(self, event):
                inventory = stock.find_by(book_id=event.book_id)
                inventory.in_stock -= event.quantity
                stock.add(inventory)

        self.Order, self.Inventory, self.PlaceOrder = Order, Inventory, PlaceOrder
        self.OrderShipped = OrderShipped
        stock.add(Inventory(id="i-1", book_id=1, in_stock=100))

    def place(self, quantity, world=None):
        (world or self.domain).process(self.PlaceOrder(book_id=1, quantity=quantity))

    def in_stock(self, world=None):
        return (world or self.domain).repository_for(self.Inventory).get("i-1").in_stock


def test_a_fork_goes_its_own_way_though_handlers_name_the_global_domain():
    shop = Shop()
    fork = shop.domain.fork()
    shop.place(10, fork)
    assert (shop.in_stock(), shop.in_stock(fork)) == (100, 90)
    shop.place(1)
    assert (shop.in_stock(), shop.in_stock(fork)) == (99, 90)


def test_code_within_its_context_means_the_fork_by_the_domains_name():
    shop = Shop()
    fork = shop.domain.fork()
    with fork.domain_context():
        order = shop.Order(book_id=1, quantity=5)
        order.ship()
        shop.domain.repository_for(shop.Order).add(order)
        assert shop.domain.journal is fork.journal
        assert current_domain.journal is fork.journal
        with UnitOfWork(), UnitOfWork(shop.domain):
            shop.stock.add(shop.Inventory(book_id=2, in_stock=1))
    assert (shop.in_stock(), shop.in_stock(fork)) == (100, 95)
    assert (shop.stock.query.count(), fork.repository_for(shop.Inventory).query.count()) == (1, 2)
    assert shop.domain.journal is not fork.journal


def test_a_fork_at_a_step_begins_with_the_state_after_its_unit_of_work():
    shop = Shop()
    before = shop.domain.journal.last_step
    shop.place(10)
    fork = shop.domain.fork(at=before)
    assert shop.in_stock(fork) == 100
    assert fork.journal.last_step == before == fork.forked_at
    assert len(fork.stream("order")) == 0
    shop.place(3, fork)
    assert (shop.in_stock(), shop.in_stock(fork)) == (90, 97)


def test_a_fork_takes_identities_and_times_along():
    shop, again = Shop(seed=7), Shop(seed=7)
    fork = shop.domain.fork()
    shop.place(1, fork)
    again.place(1)
    assert [str(e.to_dict()["time"]) for e in fork.journal] == [
        str(e.to_dict()["time"]) for e in again.domain.journal
    ]
    assert fork.repository_for("Order").query.first.id == again.domain.repository_for("Order").query.first.id


def test_an_identity_that_came_from_elsewhere_is_not_given_twice():
    shop = Shop(seed=7)
    fork = shop.domain.fork()
    order = shop.Order(book_id=1, quantity=1)
    fork.repository_for(shop.Order).add(order)
    with fork.domain_context():
        another = shop.Order(book_id=1, quantity=1)
    assert another.id != order.id


def test_a_fork_of_a_fork_is_apart_from_both():
    shop = Shop()
    first = shop.domain.fork()
    shop.place(1, first)
    second = first.fork()
    shop.place(2, second)
    assert [shop.in_stock(w) for w in (shop.domain, first, second)] == [100, 99, 97]


def test_forks_share_the_definitions_old_and_new():
    shop = Shop()
    domain = shop.domain
    fork = domain.fork()
    shop.place(1, fork)

    @domain.event_handler(part_of="Inventory", stream_category="order")
    class ManageInventory:
        @handle(shop.OrderShipped)
        def reduce_stock_level(self, event):
            inventory = domain.repository_for("Inventory").find_by(book_id=event.book_id)
            inventory.in_stock -= 2 * event.quantity
            domain.repository_for("Inventory").add(inventory)

    shop.place(10, fork)
    assert (shop.in_stock(), shop.in_stock(fork)) == (100, 79)


def test_what_an_object_of_a_fork_refuses_is_in_the_journal_of_the_fork():
    shop = Shop()
    fork = shop.domain.fork()
    lengths = len(shop.domain.journal), len(fork.journal)
    theirs = fork.repository_for(shop.Inventory).get("i-1")
    with pytest.raises(ValidationError):
        theirs.in_stock = -1
    assert (len(shop.domain.journal), len(fork.journal)) == (lengths[0], lengths[1] + 1)
    mine = shop.stock.get("i-1")
    with pytest.raises(ValidationError):
        mine.in_stock = -1
    assert (len(shop.domain.journal), len(fork.journal)) == (lengths[0] + 1, lengths[1] + 1)


def test_settings_of_a_fork_are_its_own():
    shop = Shop()
    fork = shop.domain.fork()
    fork.config["event_processing"] = "async"
    shop.place(10, fork)
    shop.place(1)
    assert (len(fork.waiting), len(shop.domain.waiting)) == (1, 0)
    assert (shop.in_stock(), shop.in_stock(fork)) == (99, 100)
    fork.deliver()
    assert (shop.in_stock(), shop.in_stock(fork)) == (99, 90)


def test_deliveries_that_wait_wait_in_the_fork_too():
    shop = Shop(config={"event_processing": "async"})
    shop.place(10)
    fork = shop.domain.fork()
    fork.deliver_all()
    assert (shop.in_stock(), shop.in_stock(fork)) == (100, 90)
    assert (len(shop.domain.waiting), len(fork.waiting)) == (1, 0)


def test_resetting_a_fork_leaves_its_domain():
    shop = Shop()
    fork = shop.domain.fork()
    fork.reset()
    assert (len(fork.journal), shop.in_stock()) == (0, 100)
    with shop.domain.fork().domain_context():
        shop.domain.reset()
    assert shop.in_stock() == 100


def test_resetting_a_domain_leaves_its_forks():
    shop = Shop()
    fork = shop.domain.fork()
    shop.domain.reset()
    assert (len(shop.domain.journal), shop.in_stock(fork)) == (0, 100)


def test_a_handler_that_fails_in_a_fork_leaves_the_name_of_the_domain_alone():
    shop = Shop()
    fork = shop.domain.fork()
    with pytest.raises(ValidationError):
        shop.place(1000, fork)
    assert shop.domain.standing() is shop.domain
    assert shop.domain.journal is not fork.journal


def test_another_thread_means_the_domain_while_a_fork_works():
    shop = Shop()
    fork, seen = shop.domain.fork(), []
    with fork.domain_context():
        thread = threading.Thread(target=lambda: seen.append(shop.domain.journal))
        thread.start()
        thread.join()
    assert seen == [shop.domain.journal]
    assert seen[0] is not fork.journal


def test_a_fork_within_a_unit_of_work_is_refused():
    shop = Shop()
    with (
        UnitOfWork(shop.domain),
        pytest.raises(IncorrectUsageError, match=r"fork\(\): a unit of work is open"),
    ):
        shop.domain.fork()


def test_a_fork_at_a_step_that_there_is_not_names_those_that_there_are():
    shop = Shop()
    with pytest.raises(
        IncorrectUsageError, match=r"domain\.fork\(99\): there is no such step; the journal has"
    ):
        shop.domain.fork(at=99)


def test_the_past_can_be_forked_and_goes_on_then():
    shop = Shop()
    before = shop.domain.journal.last_step
    shop.place(10)
    fork = shop.domain.at(before).fork()
    shop.place(1, fork)
    assert (shop.in_stock(), shop.in_stock(fork)) == (90, 99)


def test_a_fork_that_nobody_holds_is_freed():
    shop = Shop()
    fork = shop.domain.fork()
    shop.place(1, fork)
    assert len(shop.domain.forks) == 1
    del fork
    gc.collect()
    assert len(shop.domain.forks) == 0


def test_rewinding_goes_back_in_place():
    shop = Shop()
    before = shop.domain.journal.last_step
    journal = shop.domain.journal
    shop.place(10)
    shop.domain.rewind(before)
    assert shop.in_stock() == 100
    assert shop.domain.journal is not journal
    assert shop.domain.journal.last_step == before
    assert len(shop.domain.stream("order")) == 0
    shop.place(1)
    assert shop.in_stock() == 99


def test_rewinding_gives_no_identity_twice():
    shop = Shop(seed=7)
    before = shop.domain.journal.last_step
    first = shop.Order(book_id=1, quantity=1).id
    shop.domain.rewind(before)
    assert shop.Order(book_id=1, quantity=1).id != first


def test_rewinding_brings_back_what_waited():
    shop = Shop(config={"event_processing": "async"})
    shop.place(10)
    step = shop.domain.journal.last_step
    shop.domain.deliver_all()
    shop.domain.rewind(step)
    assert (shop.in_stock(), len(shop.domain.waiting)) == (100, 1)
    shop.domain.deliver_all()
    assert shop.in_stock() == 90


def test_rewinding_a_fork_leaves_its_domain_and_the_other_way_round():
    shop = Shop()
    start = shop.domain.journal.last_step
    shop.place(10)
    fork = shop.domain.fork()
    fork.rewind(start)
    assert (shop.in_stock(), shop.in_stock(fork)) == (90, 100)
    shop.domain.rewind(start)
    shop.place(1, fork)
    assert (shop.in_stock(), shop.in_stock(fork)) == (100, 99)


def test_the_past_cannot_be_rewound():
    shop = Shop()
    with pytest.raises(IncorrectUsageError, match="the past cannot be changed"):
        shop.domain.at(1).rewind(1)


def test_nothing_can_be_forked_where_nothing_is_recorded():
    shop = Shop(config={"journal": False})
    with pytest.raises(IncorrectUsageError, match=r"domain\.fork\(\.\.\.\): nothing is recorded"):
        shop.domain.fork()


def test_in_the_block_of_a_forks_unit_of_work_the_domains_name_means_the_fork():
    shop = Shop()
    fork = shop.domain.fork()
    with UnitOfWork(fork):
        order = shop.Order(book_id=1, quantity=5)
        order.ship()
        shop.domain.repository_for(shop.Order).add(order)
    assert (shop.in_stock(), shop.in_stock(fork)) == (100, 95)
    with pytest.raises(ValueError, match="changed my mind"), UnitOfWork(fork):
        raise ValueError("changed my mind")
    assert shop.domain.standing() is shop.domain


@pytest.mark.parametrize("step", ["1", 1.0, None, True, -1, 99])
def test_a_step_that_is_none_is_refused_by_the_name_of_the_method(step):
    shop = Shop()
    for method in ("rewind", "replay"):
        with pytest.raises(IncorrectUsageError, match=rf"domain\.{method}\(.*\): there is no such step"):
            getattr(shop.domain, method)(step)


def test_a_fork_says_that_it_is_one():
    assert (
        repr(Shop().domain.fork())
        == "<Domain Bookshop, a fork from step 7 on: 6 elements, 7 journal entries>"
    )


def held(quantities=(1, 2), **options):
    shop = Shop(config={"event_processing": "async"}, **options)
    for quantity in quantities:
        shop.place(quantity)
    return shop


def test_what_is_delayed_is_as_late_in_a_fork_of_the_present():
    shop = held()
    shop.domain.faults.delay(by=2)
    shop.place(3)
    shop.domain.faults.clear()
    shop.domain.waiting[2].by = 2  # so that it is late still
    fork = shop.domain.fork()
    assert [getattr(each, "by", 0) for each in fork.waiting] == [0, 0, 2]
    assert fork.fork().waiting[2].by == 2
    shop.domain.waiting[2].by = 1
    assert fork.waiting[2].by == 2


def test_a_chain_is_as_long_in_a_fork_and_longer_only_there():
    shop = held(quantities=(1,))
    shop.domain.waiting[0].chain[0] = 7
    fork = shop.domain.fork()
    assert fork.waiting[0].chain == [7]
    fork.deliver()
    assert shop.domain.waiting[0].chain == [7]


def test_what_is_to_fail_twice_and_failed_once_fails_once_more_in_a_fork():
    shop = held(quantities=(1,))
    shop.domain.faults.fail(2)
    with pytest.raises(InjectedFaultError):
        shop.domain.deliver()
    fork = shop.domain.fork()
    for world in (fork, shop.domain):
        with pytest.raises(InjectedFaultError, match="time 2 of 2"):
            world.deliver()
        world.deliver()
        assert shop.in_stock(world) == 99


def test_chances_go_on_in_a_fork_as_in_its_domain():
    shop = held(range(1, 7), seed=7)
    shop.domain.faults.fail(chance=0.5)
    with suppress(InjectedFaultError, ExceptionGroup):
        shop.domain.deliver(0)
    with suppress(InjectedFaultError, ExceptionGroup):
        shop.domain.deliver(0)
    fork = shop.domain.fork()
    for world in (fork, shop.domain):
        with suppress(InjectedFaultError, ExceptionGroup):
            world.deliver_all()
    failed = [[(e.event, e.cause) for e in w.journal.of(kind="fault")] for w in (fork, shop.domain)]
    assert failed[0] == failed[1]


def test_a_run_in_which_deliveries_led_to_others_that_wait_is_forked_and_saved(tmp_path):
    """What led to them is copied with them: they are of one chain, which a run file checks."""
    domain = Domain(name="Echo", config={"event_processing": "async"})

    @domain.aggregate
    class Wall:
        number = Integer(default=0)

    @domain.event(part_of=Wall)
    class Called:
        number = Integer()

    @domain.event_handler(part_of=Wall)
    class Echo:
        @handle(Called)
        def again(self, event):
            wall = Wall(number=event.number + 1)
            wall.raise_(Called(number=wall.number))
            domain.repository_for(Wall).add(wall)

    wall = Wall()
    wall.raise_(Called(number=0))
    domain.repository_for(Wall).add(wall)
    for _ in range(3):
        domain.deliver()
    fork = domain.fork()
    assert fork.waiting[0].cycle() == domain.waiting[0].cycle()
    fork.save(tmp_path / "run.jsonl")
    assert fork.load(tmp_path / "run.jsonl").level == "fine"
    assert fork.waiting[0].chain == domain.waiting[0].chain == [3]
