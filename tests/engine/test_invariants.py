"""Invariants: what holds at all times, and what is said when it does not."""

from enum import Enum

import pytest

from ddd_kit import Domain, UnitOfWork, atomic_change, invariant
from ddd_kit.exceptions import ConfigurationError, IncorrectUsageError, ValidationError
from ddd_kit.fields import HasMany, Integer, List, Status

domain = Domain(name="Bookshop")


class State(Enum):
    DRAFT = "DRAFT"
    PLACED = "PLACED"
    SHIPPED = "SHIPPED"
    CANCELLED = "CANCELLED"


@domain.aggregate
class Order:
    price = Integer(default=10)
    paid = Integer(default=10)
    tags = List()
    items = HasMany("OrderItem")
    state = Status(
        State, default="DRAFT", transitions={State.DRAFT: [State.PLACED], "PLACED": ["SHIPPED", "CANCELLED"]}
    )

    @invariant.post
    def paid_in_full(self):
        if self.price != self.paid:
            raise ValidationError({"paid": ["must be the price"]})

    @invariant.post
    def not_too_dear(self):
        if self.price > 100:
            raise ValidationError({"price": ["must be 100 at most"], "_entity": ["is too dear"]})

    @invariant.pre
    def what_is_shipped_stays(self):
        if self.state == "SHIPPED":
            raise ValidationError({"state": ["is SHIPPED already"]})


@domain.entity(part_of=Order)
class OrderItem:
    quantity = Integer(default=1)

    @invariant.post
    def some_of_it(self):
        if self.quantity < 1:
            raise ValidationError({"quantity": ["must be one at least"]})


@domain.event(part_of=Order)
class OrderPaid:
    amount: int


@pytest.fixture(autouse=True)
def _empty():
    domain.reset()


def test_they_are_checked_when_an_object_is_made():
    with pytest.raises(ValidationError, match="paid must be the price"):
        Order(price=11)


def test_a_change_that_breaks_one_is_refused_and_undone():
    order = Order()
    with pytest.raises(ValidationError):
        order.price = 11
    assert order.price == 10


def test_all_that_are_broken_are_told_in_one_error():
    with pytest.raises(ValidationError) as caught:
        Order(price=200)
    assert caught.value.messages == {
        "paid": ["must be the price"], "price": ["must be 100 at most"], "_entity": ["is too dear"],
    }  # fmt: skip
    assert [rule.name for rule in caught.value.rules] == ["paid_in_full", "not_too_dear"]


def test_the_error_has_the_values_that_each_rule_saw():
    with pytest.raises(ValidationError) as caught:
        Order(price=11)
    assert caught.value.rules[0].seen == (("price", 11), ("paid", 10))


def test_those_of_entities_are_checked_with_their_aggregate():
    order = Order(items=[OrderItem()])
    with pytest.raises(ValidationError, match="quantity must be one at least"):
        order.items[0].quantity = 0
    assert order.items[0].quantity == 1


def test_a_pre_rule_refuses_a_change_before_it_happens():
    order = Order(state="SHIPPED")
    with pytest.raises(ValidationError, match="state is SHIPPED already"):
        order.tags = ["late"]
    assert order.tags == []


def test_in_an_atomic_change_they_are_checked_at_the_end():
    order = Order()
    with atomic_change(order):
        order.price = 12
        order.paid = 12
    assert (order.price, order.paid) == (12, 12)


def test_an_atomic_change_that_ends_badly_leaves_all_as_it_was():
    order = Order(items=[OrderItem()])
    with pytest.raises(ValidationError), atomic_change(order):  # noqa: PT012 - the block is the point
        order.price = 12
        order.raise_(OrderPaid(amount=12))
        order.add_items(OrderItem(quantity=3))
        order.items[0].quantity = 9
    assert (order.price, [item.quantity for item in order.items], order._events) == (10, [1], [])


def test_an_error_of_the_block_leaves_what_was_changed():
    order = Order()
    with pytest.raises(ZeroDivisionError), atomic_change(order):  # noqa: PT012 - the block is the point
        order.tags = ["x"]
        raise ZeroDivisionError
    assert order.tags == ["x"]


def test_atomic_changes_may_stand_in_each_other():
    order = Order()
    with atomic_change(order):
        order.price = 20
        with atomic_change(order):
            order.tags = ["x"]
        order.paid = 20
    assert order.price == 20


def test_an_entity_in_an_atomic_change_means_its_aggregate():
    order = Order(items=[OrderItem()])
    with atomic_change(order.items[0]):
        order.price = 12
        order.paid = 12
    assert order.price == 12


def test_an_atomic_change_of_anything_else_is_refused():
    with pytest.raises(IncorrectUsageError, match="give it an aggregate"):
        atomic_change(3)


def test_what_was_changed_from_inside_is_found_when_it_is_saved():
    orders = domain.repository_for(Order)

    @domain.aggregate
    class Shelf:
        books = List()

        @invariant.post
        def at_most_two(self):
            if len(self.books) > 2:
                raise ValidationError({"books": ["do not fit"]})

    shelf = Shelf(books=[1, 2])
    shelf.books.append(3)
    with pytest.raises(ValidationError, match="books do not fit"):
        domain.repository_for(Shelf).add(shelf)
    assert domain.repository_for(Shelf).query.count() == 0
    assert orders.query.count() == 0


def test_one_that_is_broken_in_a_unit_of_work_undoes_all_of_it():
    orders = domain.repository_for(Order)
    with pytest.raises(ValidationError), UnitOfWork(domain):  # noqa: PT012 - the block is the point
        orders.add(Order())
        Order(price=3)
    assert orders.query.count() == 0


def test_the_journal_has_the_rule_its_text_and_what_it_saw():
    with pytest.raises(ValidationError):
        Order(price=11)
    entry = domain.journal[-1]
    assert entry.kind == "rejected"
    assert entry.rules == (("paid_in_full", "Order", "must be the price", (("price", 11), ("paid", 10))),)
    assert "rejected by paid_in_full (price 11, paid 10): paid: must be the price" in domain.journal.to_text()


def test_a_status_only_goes_where_it_may():
    order = Order()
    with pytest.raises(ValidationError, match="state is 'DRAFT' and cannot become 'SHIPPED', only 'PLACED'"):
        order.state = "SHIPPED"
    order.state = State.PLACED
    assert order.state == "PLACED"
    assert order.can_transition_to("state", State.SHIPPED)
    assert not order.can_transition_to("state", "DRAFT")


def test_a_last_status_says_so():
    order = Order(state="CANCELLED")
    with pytest.raises(ValidationError, match="state is 'CANCELLED', and nothing follows that") as caught:
        order.state = "DRAFT"
    (text,) = caught.value.messages["state"]
    assert text == (
        "Invalid status transition from 'CANCELLED'. 'CANCELLED' is a terminal state with no allowed "
        "transitions"
    )


def test_in_an_atomic_change_the_way_counts_from_its_beginning():
    order = Order()
    with pytest.raises(ValidationError, match="'DRAFT' and cannot become 'SHIPPED'"), atomic_change(order):  # noqa: PT012 - the block is the point
        order.state = "PLACED"
        order.state = "SHIPPED"
    assert order.state == "DRAFT"


def test_a_transition_to_no_state_is_refused_at_definition():
    with pytest.raises(ConfigurationError, match="'PLACD' is none of its states: did you mean 'PLACED'"):
        Status(State, transitions={"DRAFT": ["PLACD"]})


def test_another_error_in_a_rule_is_told_as_what_it_is():
    @domain.aggregate
    class Broken:
        size = Integer()

        @invariant.post
        def large(self):
            return self.size > 3

    with pytest.raises(TypeError) as caught:
        Broken()
    assert "The invariant Broken.large raised it" in caught.value.__notes__[0]


def test_inherited_rules_hold_and_may_be_overridden():
    class Base:
        size = Integer(default=0)

        @invariant.post
        def small(self):
            if self.size > 1:
                raise ValidationError({"size": ["is large"]})

    heir = domain.aggregate(type("Heir", (Base,), {}))
    with pytest.raises(ValidationError):
        heir(size=2)
    lax = domain.aggregate(type("Lax", (Base,), {"small": lambda _: None}))
    assert lax(size=2).size == 2


def test_defaults_may_be_worked_out_from_other_fields():
    @domain.aggregate
    class Parcel:
        weight = Integer(default=3)
        fee = Integer()

        def defaults(self):
            if self.fee is None:
                self.fee = self.weight * 2

    assert Parcel().fee == 6
    assert Parcel(fee=1).fee == 1
