"""Units of work: what is saved together or not at all (rules 1, 2 and 7 of the engine's design)."""

import threading
from contextlib import contextmanager, suppress

import pytest

from ddd_kit import Domain, UnitOfWork, current_domain, handle
from ddd_kit.exceptions import (
    ExpectedVersionError,
    IncorrectUsageError,
    InvalidOperationError,
    ObjectNotFoundError,
    TransactionError,
    ValidationError,
)
from ddd_kit.fields import Identifier, Integer, String

domain = Domain(name="Bookshop")
shipped: list[str] = []


@domain.event(part_of="Order")
class OrderShipped:
    order_id = Identifier(required=True)
    quantity = Integer(required=True)


@domain.aggregate
class Order:
    quantity = Integer(default=1, min_value=1)
    tags: list[str] = []  # noqa: RUF012 - what beginners write

    def ship(self):
        self.raise_(OrderShipped(order_id=self.id, quantity=self.quantity))


@domain.aggregate
class Customer:
    email = String(unique=True)
    nickname = String(unique=True)


@domain.command(part_of=Order)
class ShipOrder:
    order_id = Identifier(required=True)


@domain.command_handler(part_of=Order)
class ManageOrder:
    @handle(ShipOrder)
    def ship(self, command):
        order = current_domain.repository_for(Order).get(command.order_id)
        order.ship()
        current_domain.repository_for(Order).add(order)
        return order


@domain.event_handler(part_of=Order)
class Clerk:
    @handle(OrderShipped)
    def note(self, event):
        shipped.append(event.order_id)


@pytest.fixture(autouse=True)
def _empty():
    """Each test begins with an empty world, and `UnitOfWork()` means this domain."""
    domain.reset()
    shipped.clear()
    with domain.domain_context():
        yield


@pytest.fixture
def orders():
    return domain.repository_for(Order)


@pytest.fixture
def customers():
    return domain.repository_for(Customer)


class OnPurposeError(Exception):
    pass


@contextmanager
def undone():
    """A unit of work that fails at its end."""
    with suppress(OnPurposeError), UnitOfWork():
        yield
        raise OnPurposeError


def kinds():
    """What the journal says happened, definitions aside."""
    return [entry.kind for entry in domain.journal]


# Rule 1


def test_add_makes_a_unit_of_work_of_its_own(orders):
    order = Order()
    assert orders.add(order) is order
    assert orders.get(order.id).quantity == 1


def test_add_joins_the_unit_of_work_that_is_open(orders):
    """Nothing is stored, and nobody hears of it, before its end."""
    order = Order()
    order.ship()
    with UnitOfWork():
        orders.add(order)
        assert (kinds(), shipped) == ([], [])
    assert shipped == [order.id]


def test_what_counts_is_the_state_at_add(orders):
    """What is changed later, lists from inside included, is not saved; nor is an event raised later."""
    order = Order(quantity=1, tags=["a"])
    with UnitOfWork():
        orders.add(order)
        order.quantity = 2
        order.tags.append("b")
        order.ship()
    stored = orders.get(order.id)
    assert (stored.quantity, stored.tags, shipped) == (1, ["a"], [])
    orders.add(order)
    assert (orders.get(order.id).quantity, orders.get(order.id).tags) == (2, ["a", "b"])
    assert shipped == [order.id]


def test_the_last_add_counts(orders):
    order = Order(quantity=1)
    with UnitOfWork():
        orders.add(order)
        order.quantity = 2
        orders.add(order)
    assert orders.get(order.id).quantity == 2
    assert kinds() == ["changed"]


def test_an_object_that_is_changed_and_not_added_is_not_saved(orders):
    order = orders.add(Order())
    with UnitOfWork():
        orders.get(order.id).quantity = 5
    assert orders.get(order.id).quantity == 1


def test_what_is_stored_is_not_shared_with_anybody(orders):
    """`get` returns a copy, and so is what was added."""
    order = orders.add(Order(tags=["a"]))
    order.tags.append("b")
    orders.get(order.id).tags.append("c")
    assert orders.get(order.id).tags == ["a"]
    assert orders.get(order.id) is not orders.get(order.id)


def test_within_one_unit_the_same_identity_is_the_same_object(orders):
    """By get, find_by and query; after the unit there are copies again."""
    order = orders.add(Order(quantity=7))
    with UnitOfWork():
        first = orders.get(order.id)
        assert first is not order
        assert first is orders.get(order.id) is orders.find_by(quantity=7)
        assert first is orders.query.filter(quantity=7).first
        new = orders.add(Order(id="new"))
        assert orders.get("new") is new
    assert orders.get("new") is not new


def test_inner_units_join_the_outer_one(orders):
    """Nothing is saved at the end of an inner one."""
    with UnitOfWork():
        with UnitOfWork():
            orders.add(Order(id="1"))
        with UnitOfWork():
            orders.add(Order(id="2"))
        assert kinds() == []
    assert kinds() == ["changed", "changed"]
    assert orders.query.count() == 2


def test_process_joins_the_unit_that_is_open(orders):
    order = orders.add(Order())
    with UnitOfWork():
        assert domain.process(ShipOrder(order_id=order.id)) is orders.get(order.id)
        assert shipped == []
    assert shipped == [order.id]


def test_an_error_undoes_all(orders):
    """State and events of it, and of inner units that went well."""
    order = Order()
    order.ship()
    with undone(), UnitOfWork():
        orders.add(order)
    assert (orders.query.count(), shipped, len(domain.stream(Order))) == (0, [], 0)


def test_an_error_that_leaves_an_inner_unit_undoes_all_even_when_it_is_caught(orders):
    """The outer one then ends with an error that says so and names the first one."""
    with pytest.raises(TransactionError, match="a unit inside it failed with ValueError: no paper") as caught:
        ship_without_paper(orders)
    assert isinstance(caught.value.__cause__, ValueError)
    assert orders.query.count() == 0


def ship_without_paper(orders):
    with UnitOfWork():
        orders.add(Order())
        with suppress(ValueError), UnitOfWork():
            raise ValueError("no paper")


def test_a_command_that_fails_inside_a_unit_undoes_all(orders):
    with pytest.raises(TransactionError, match="failed with ObjectNotFoundError: Order 'x' is not"):
        process_missing(orders)
    assert orders.query.count() == 0


def process_missing(orders):
    with UnitOfWork():
        orders.add(Order())
        with pytest.raises(ObjectNotFoundError):
            domain.process(ShipOrder(order_id="x"))


def test_units_can_be_started_and_committed_by_hand(orders):
    unit = UnitOfWork()
    assert not unit.in_progress
    unit.start()
    orders.add(Order(id="1"))
    assert unit.in_progress
    assert kinds() == []
    unit.commit()
    assert not unit.in_progress
    assert orders.get("1")


def test_a_unit_can_be_rolled_back_by_hand(orders):
    """Nothing is saved, and nothing raised."""
    unit = UnitOfWork(domain).start()
    orders.add(Order(id="1"))
    unit.rollback()
    assert not unit.in_progress
    assert orders.get_or_none("1") is None


def test_a_unit_can_be_used_again_after_it_ended(orders):
    unit = UnitOfWork()
    for identity in "12":
        with unit:
            orders.add(Order(id=identity))
    assert orders.query.count() == 2


@pytest.mark.parametrize("what", ["commit", "rollback"])
def test_a_unit_that_is_not_open_cannot_end(what):
    with pytest.raises(
        IncorrectUsageError, match=rf"UnitOfWork\.{what}\(\): it is not open\. Use `with Unit"
    ):
        getattr(UnitOfWork(), what)()


def test_an_open_unit_cannot_be_opened_again():
    with (
        UnitOfWork() as unit,
        pytest.raises(IncorrectUsageError, match=r"open already\. Make another one"),
    ):
        unit.start()


def test_a_second_object_of_an_identity_is_refused_within_a_unit(orders):
    """Which of the two should be saved?"""
    order = orders.add(Order())
    with pytest.raises(IncorrectUsageError, match="another object of this identity is part of the unit"):
        add_after_get(orders, order)


def add_after_get(orders, order):
    with UnitOfWork():
        orders.get(order.id)
        orders.add(order)


# Rule 2


def test_saving_what_somebody_else_saved_meanwhile_is_refused(orders):
    """Nothing of the unit is saved."""
    order = orders.add(Order())
    mine, theirs = orders.get(order.id), orders.get(order.id)
    theirs.quantity = 2
    orders.add(theirs)
    mine.quantity = 3
    mine.ship()
    with pytest.raises(ExpectedVersionError, match="was loaded at version 0, and it is at version 1 now"):
        orders.add(mine)
    assert (orders.get(order.id).quantity, shipped) == (2, [])


def test_a_version_conflict_undoes_the_whole_unit(orders):
    order = orders.add(Order())
    stale = orders.get(order.id)
    order.quantity = 2
    orders.add(order)
    stale.quantity = 3
    with pytest.raises(ExpectedVersionError):
        add_all(orders, Order(id="new"), stale)
    assert orders.get_or_none("new") is None


def add_all(repository, *aggregates):
    with UnitOfWork():
        for aggregate in aggregates:
            repository.add(aggregate)


def test_one_object_can_be_saved_again_and_again(orders):
    """Each save is a version, from 0, in the journal."""
    order = Order()
    for quantity in (1, 2, 3):
        order.quantity = quantity
        orders.add(order)
    assert [entry.version for entry in domain.journal.of(kind="changed")] == [0, 1, 2]


def test_saving_what_has_not_changed_changes_nothing(orders):
    order = orders.add(Order())
    orders.add(order)
    assert kinds() == ["changed"]


def test_a_new_object_does_not_take_the_place_of_a_stored_one(orders):
    orders.add(Order(id="1", quantity=5))
    with pytest.raises(ValidationError) as caught:
        orders.add(Order(id="1"))
    assert caught.value.messages == {"id": ["'1' is the identity of another one already"]}
    assert orders.get("1").quantity == 5


def test_events_are_appended_in_the_order_in_which_they_were_raised(orders):
    """Across aggregates, whichever was added first."""
    first, second = Order(id="1"), Order(id="2")
    second.ship()
    first.ship()
    second.ship()
    with UnitOfWork():
        orders.add(first)
        orders.add(second)
    assert [event.aggregate_id for event in domain.stream(Order)] == ["2", "1", "2"]
    assert shipped == ["2", "1", "2"]


def test_events_leave_the_aggregate_only_when_they_are_saved(orders):
    """After a unit that failed they are still there, and once saved they are not saved again."""
    order = Order()
    order.ship()
    with undone():
        orders.add(order)
    orders.add(order)
    orders.add(order)
    assert shipped == [order.id]


def test_state_and_events_become_visible_together(orders):
    """A handler sees the state that came with its event."""
    seen = []

    @domain.event_handler(part_of=Order)
    class Watcher:
        @handle(OrderShipped)
        def look(self, event):
            seen.append((orders.get(event.order_id).quantity, event.quantity))

    order = orders.add(Order(quantity=1))
    order.quantity = 4
    order.ship()
    orders.add(order)
    domain.forget(Watcher)
    assert seen == [(4, 4)]


def test_a_value_that_has_to_be_unique_is_taken_once(customers):
    """None does not count, and one may keep one's own."""
    customer = customers.add(Customer(email="a@b.c"))
    customers.add(customer)
    customers.add(Customer(email="d@e.f"))
    with pytest.raises(ValidationError) as caught:
        customers.add(Customer(email="a@b.c"))
    [text] = caught.value.messages["email"]
    assert text == "Customer with email 'a@b.c' is already present."
    assert customers.query.count() == 2


def test_a_unique_value_is_taken_once_within_a_unit_too(customers):
    with pytest.raises(ValidationError, match=r"email 'a@b\.c' is that of Customer"):
        add_all(customers, Customer(email="a@b.c"), Customer(email="a@b.c"))
    assert customers.query.count() == 0


def test_a_unique_value_is_free_again_when_its_owner_leaves_it(customers):
    """By a change or a removal, in the same unit or before."""
    first = customers.add(Customer(email="a@b.c"))
    with UnitOfWork():
        first.email = "new@b.c"
        customers.add(first)
        second = customers.add(Customer(email="a@b.c"))
    with UnitOfWork():
        customers.remove(second)
        customers.add(Customer(email="a@b.c"))
    assert {customer.email for customer in customers.query.all()} == {"new@b.c", "a@b.c"}


def test_two_may_swap_their_unique_values(customers):
    first, second = customers.add(Customer(email="1")), customers.add(Customer(email="2"))
    with UnitOfWork():
        first.email, second.email = "2", "1"
        customers.add(first)
        customers.add(second)
    assert customers.get(first.id).email == "2"


def test_what_is_removed_is_gone(orders):
    order = orders.add(Order())
    assert orders.remove(order) is order
    assert orders.get_or_none(order.id) is None
    assert orders.query.count() == 0
    assert domain.journal[-1].change == "removed"


def test_what_is_removed_in_a_unit_is_gone_for_that_unit(orders):
    """And is there again when the unit fails."""
    order = orders.add(Order(quantity=9))
    with undone():
        mine = orders.get(order.id)
        orders.remove(mine)
        assert orders.get_or_none(order.id) is None
        assert not orders.exists(quantity=9)
        assert orders.query.count() == 0
    assert orders.get(order.id).quantity == 9


def test_what_is_added_and_removed_in_one_unit_was_never_there(orders):
    """Nor are its events, and the journal has nothing of it."""
    order = Order()
    order.ship()
    with UnitOfWork():
        orders.add(order)
        orders.remove(order)
        assert orders.get_or_none(order.id) is None
    assert (kinds(), shipped, orders.query.count()) == ([], [], 0)


def test_events_of_what_is_removed_are_published(orders):
    order = orders.add(Order())
    order.ship()
    orders.remove(order)
    assert shipped == [order.id]


def test_what_was_never_saved_cannot_be_removed(orders):
    with pytest.raises(InvalidOperationError, match=r"was never saved, so it cannot be removed\. Add"):
        orders.remove(Order())


def test_what_somebody_else_changed_cannot_be_removed(orders):
    order = orders.add(Order())
    other = orders.get(order.id)
    other.quantity = 2
    orders.add(other)
    with pytest.raises(ExpectedVersionError, match="it is at version 1 now"):
        orders.remove(order)


def test_what_is_removed_cannot_be_saved_or_removed_again(orders):
    """The text says that it was removed, and offers a way that works."""
    order = orders.add(Order())
    orders.remove(order)
    order.quantity = 3
    for again in (orders.add, orders.remove):
        with pytest.raises(ExpectedVersionError, match="it was removed, or the domain was reset") as caught:
            again(order)
        assert "Get it again" not in str(caught.value)


def test_a_new_object_may_have_the_identity_of_a_removed_one(orders):
    orders.remove(orders.add(Order(id="1", quantity=1)))
    orders.add(Order(id="1", quantity=2))
    assert orders.get("1").quantity == 2


# Rule 7


def test_after_an_error_in_a_handler_the_callers_object_can_be_added_again(orders):
    @domain.event_handler(part_of=Order)
    class Broken:
        @handle(OrderShipped)
        def fail(self, _event):
            raise LookupError("no parcel left")

    order = Order()
    for quantity in (1, 2, 3):
        order.quantity = quantity
        order.ship()
        with pytest.raises(LookupError):
            orders.add(order)
    domain.forget(Broken)
    assert orders.get(order.id).quantity == 3
    assert len(shipped) == 3


def test_after_a_refused_value_the_object_can_be_added_again(customers):
    customers.add(Customer(email="a@b.c"))
    customer = customers.add(Customer(email="d@e.f"))
    customer.email = "a@b.c"
    with pytest.raises(ValidationError):
        customers.add(customer)
    customer.email = "g@h.i"
    customers.add(customer)
    assert customers.get(customer.id).email == "g@h.i"


def test_after_an_undone_unit_its_objects_can_be_added_again(orders):
    """New ones, and ones that were loaded in it."""
    order = orders.add(Order())
    with undone():
        loaded, new = orders.get(order.id), Order()
        loaded.quantity = 2
        orders.add(loaded)
        orders.add(new)
    orders.add(loaded)
    orders.add(new)
    assert (orders.get(order.id).quantity, orders.query.count()) == (2, 2)


def test_after_an_undone_removal_the_object_can_be_added_again(orders):
    order = orders.add(Order())
    with undone():
        orders.remove(order)
    order.quantity = 2
    orders.add(order)
    assert orders.get(order.id).quantity == 2


# One lock


def test_another_thread_waits_until_the_unit_is_over(orders):
    """Nothing interleaves inside a unit of work."""
    seen, inside = [], threading.Event()

    def count():
        inside.wait()
        seen.append(orders.query.count())

    other = threading.Thread(target=count)
    other.start()
    with UnitOfWork():
        orders.add(Order())
        inside.set()
        other.join(timeout=0.05)
        assert seen == []
        orders.add(Order())
    other.join()
    assert seen == [2]


def test_after_an_error_other_threads_can_go_on(orders):
    """The lock is let go of, however a unit ends."""
    with undone():
        orders.add(Order())
    other = threading.Thread(target=lambda: orders.add(Order()))
    other.start()
    other.join(timeout=10)
    assert orders.query.count() == 1
