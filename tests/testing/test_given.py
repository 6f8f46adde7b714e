"""Given, when, then: what is played, what is asked, and what a failure says."""

from __future__ import annotations

import datetime as dt
from itertools import count
from types import SimpleNamespace

import pytest

import seed_model
from ddd_kit import Domain, apply, given, handle, invariant
from ddd_kit.exceptions import IncorrectUsageError, ObjectNotFoundError, ValidationError
from ddd_kit.fields import DateTime, Identifier
from ddd_kit.testing import some
from seed_model import (
    Inventory,
    NotificationSent,
    Order,
    OrderShipped,
    ShipOrder,
)


def order(**values):
    return Order(**{"id": "o-1", "book_id": 1, "quantity": 10, "total_amount": 100, **values})


def shelf(in_stock=100):
    return Inventory(id="i-1", book_id=1, in_stock=in_stock)


def shipped():
    return given(order(), shelf()).when(ShipOrder(order_id="o-1"))


def failure(ask):
    with pytest.raises(AssertionError) as caught:
        ask()
    return str(caught.value)


# What happens


def test_the_events_of_the_command_itself_are_enough():
    shipped().then(OrderShipped(order_id="o-1", book_id=1, quantity=10, total_amount=100))


def test_those_of_handlers_may_be_expected_too_and_then_all_of_them():
    shipped().then(OrderShipped, NotificationSent)
    assert "found OrderShipped, NotificationSent" in failure(
        lambda: shipped().then(OrderShipped, NotificationSent, NotificationSent)
    )
    assert "Expected NotificationSent; found OrderShipped." in failure(
        lambda: shipped().then(NotificationSent)
    )


def test_handlers_change_the_state_and_the_state_can_be_asked_for():
    shipped().has(Order, "o-1", status="SHIPPED").has(Inventory, in_stock=90, book_id=1)


def test_nothing_of_the_present_run_is_touched():
    domain = seed_model.domain
    before = (domain.journal.last_step, len(domain.repository_for(Order).query.all()))
    mine, command = order(), ShipOrder(order_id="o-1")
    mine.ship_order()
    given(mine, shelf()).when(command).then(OrderShipped)
    assert (domain.journal.last_step, len(domain.repository_for(Order).query.all())) == before
    assert mine._version == -1
    assert len(mine._events) == 1
    assert mine._events[0]._record is None
    assert command._record is None


def test_an_event_may_be_what_is_done_and_is_no_outcome_of_itself():
    event = OrderShipped(order_id="o-1", book_id=1, quantity=5, total_amount=1)
    outcome = given(shelf()).when(event).then_nothing().has(Inventory, "i-1", in_stock=95)
    assert outcome.journal[0].kind == "event"


def test_several_things_happen_one_after_the_other_up_to_the_first_error():
    outcome = given(order(), shelf(in_stock=20)).when(ShipOrder(order_id="o-1"), ShipOrder(order_id="o-2"))
    outcome.raises(ObjectNotFoundError, "o-2").has(Inventory, in_stock=10)
    assert len(outcome.all_events) == 2
    assert not outcome.events


def test_the_next_when_goes_on_in_the_same_world():
    first = shipped()
    second = first.when(ShipOrder(order_id="o-1"))
    second.then(OrderShipped).has(Inventory, in_stock=80)
    assert len(second.all_events) == 4


def test_commands_functions_and_more_facts_can_be_given():
    outcome = (
        given(order())
        .after(shelf(), ShipOrder(order_id="o-1"))
        .after(lambda domain: domain.repository_for(Order).add(order(id="o-2")))
        .when(lambda: seed_model.domain.process(ShipOrder(order_id="o-2")))
    )
    outcome.then(some(OrderShipped, order_id="o-2")).has(Inventory, in_stock=80)
    assert seed_model.domain.repository_for(Order).get_or_none("o-2") is None


def test_handlers_of_what_is_given_see_all_that_is_given():
    event = OrderShipped(order_id="o-1", book_id=1, quantity=5, total_amount=1)
    given(event, shelf()).when(lambda: None).then_nothing().has(Inventory, in_stock=95)


def test_handlers_can_be_left_out():
    given(order(), handlers=False).when(ShipOrder(order_id="o-1")).then(OrderShipped).has_no(Inventory)


def test_a_test_can_begin_at_a_step_of_the_run():
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Book:
        price: int

    books = domain.repository_for(Book)
    books.add(Book(id="b-1", price=5))
    books.add(Book(id="b-2", price=7))
    given(at=2).when(lambda: books.add(Book(id="b-3", price=9))).has_no(Book, "b-2").has(Book, "b-3", price=9)
    assert given(Book).after().when(lambda: None).has(Book, "b-2", price=7)
    given().when(lambda d: d.repository_for(Book).add(Book(id="b-3", price=9))).has_no(Book, "b-2")


def test_what_is_given_and_cannot_happen_is_an_error_with_a_note():
    with pytest.raises(ObjectNotFoundError) as caught:
        given(ShipOrder(order_id="o-9")).when(ShipOrder(order_id="o-1"))
    assert "This was raised by what is given, ShipOrder(order_id='o-9')" in "".join(caught.value.__notes__)


@pytest.mark.parametrize("wrong", [7, "OrderShipped", OrderShipped, None])
def test_what_cannot_happen_is_refused(wrong):
    with pytest.raises(IncorrectUsageError):
        given(order()).when(wrong)
    with pytest.raises(IncorrectUsageError):
        given(order()).when()


def test_the_class_of_a_command_or_an_event_does_not_begin_a_sentence():
    with pytest.raises(IncorrectUsageError, match="class of a command; process it"):
        given(ShipOrder)


# Failure texts


def test_events_with_other_values_are_shown_side_by_side_field_by_field():
    text = failure(
        lambda: shipped().then(OrderShipped(order_id="o-1", book_id=1, quantity=12, total_amount=100))
    )
    assert text.splitlines()[:8] == [
        "OrderShipped came with other values.",
        "",
        "                  expected      found",
        "  event 1         OrderShipped  OrderShipped",
        "    order_id      'o-1'         'o-1'",
        "    book_id       '1'           '1'",
        "x   quantity      12            10",
        "    total_amount  100.0         100.0",
    ]
    assert "When ShipOrder(order_id='o-1'):" in text
    assert "ManageInventory.reduce_stock_level ran" in text, "the journal is the evidence"


def test_events_that_are_too_few_or_too_many_stand_next_to_nothing():
    text = failure(lambda: given(order(), shelf()).when(lambda: None).then(OrderShipped))
    assert "x event 1       OrderShipped  nothing" in text
    assert "x event 1            nothing   OrderShipped" in failure(lambda: shipped().then_nothing())


def test_an_error_that_nobody_expected_is_the_failure_and_its_cause():
    with pytest.raises(AssertionError, match="ObjectNotFoundError was raised") as caught:
        given(shelf()).when(ShipOrder(order_id="o-1")).then(OrderShipped)
    assert isinstance(caught.value.__cause__, ObjectNotFoundError)


def test_events_of_a_plain_aggregate_do_not_rebuild_it_and_the_failure_says_so():
    event = OrderShipped(order_id="o-1", book_id=1, quantity=5, total_amount=1)
    text = failure(lambda: given(shelf(), event).when(ShipOrder(order_id="o-1")).then(OrderShipped))
    assert "The events of Order were given, and it is not event-sourced" in text


def test_a_handler_that_fails_is_told_from_a_command_that_fails():
    text = failure(lambda: given(order()).when(ShipOrder(order_id="o-1")).then(OrderShipped))
    assert "What was done went well itself: a handler failed on what it led to." in text


def test_raises_asks_for_class_and_text():
    outcome = given(order()).when(ShipOrder(order_id="o-2"))
    outcome.raises().raises(ObjectNotFoundError).raises(ObjectNotFoundError, "'o-2' is not in")
    assert "…7…" in failure(lambda: outcome.raises(ObjectNotFoundError, "7"))
    text = failure(lambda: outcome.raises(ValidationError))
    assert "x error         ValidationError  ObjectNotFoundError" in text
    assert "nothing was raised, and OrderShipped, NotificationSent came" in failure(
        lambda: shipped().raises(ValidationError, "stock")
    )
    with pytest.raises(IncorrectUsageError):
        outcome.raises("text")


def test_raises_finds_the_text_of_a_rule():
    domain = Domain(name="Shop")

    @domain.aggregate
    class Cart:
        items: int = 0

        @invariant.post
        def not_too_full(self):
            if self.items > 3:
                raise ValidationError({"items": ["a cart holds three"]})

    given(Cart(id="c-1")).when(lambda: Cart(items=4)).raises(ValidationError, "a cart holds three")


def test_state_that_differs_is_shown_and_what_is_not_there_is_named():
    assert "x   status      'PENDING'  'SHIPPED'" in failure(lambda: shipped().has(Order, status="PENDING"))
    assert "did you mean 'o-1'?" in failure(lambda: shipped().has(Order, "o-2"))
    assert "2 Order are stored: name the identity" in failure(
        lambda: given(order(), order(id="o-2")).when(lambda: None).has(Order, status="PENDING")
    )
    assert "found o-1" in failure(lambda: shipped().has_no(Order))
    with (
        pytest.raises(AttributeError, match="stat")
        if False
        else pytest.raises(IncorrectUsageError, match="status")
    ):
        shipped().has(Order, stat="x")
    with pytest.raises(IncorrectUsageError, match="nothing is stored of it"):
        shipped().has(OrderShipped)


def test_long_values_that_differ_at_the_end_are_shown_where_they_part():
    domain = Domain(name="Shop")

    @domain.event(part_of="Note")
    class NoteTaken:
        text: str

    @domain.aggregate
    class Note: ...

    def take():
        note = Note()
        note.raise_(NoteTaken(text="a" * 200 + "b"))
        domain.repository_for(Note).add(note)

    text = failure(lambda: given(Note(id="n")).when(take).then(NoteTaken(text="a" * 200 + "c")))
    (line,) = [line for line in text.splitlines() if line.startswith("x   text")]
    assert "c'…" in line
    assert "b'…" in line


# What is left open


def test_ids_and_times_that_an_expected_event_makes_itself_or_leaves_out_may_be_any():
    domain, numbers = Domain(name="Shop"), count()

    @domain.event(part_of="Parcel")
    class ParcelSent:
        number: int = 0
        serial = Identifier(default=lambda: f"n-{next(numbers)}")
        sent_at = DateTime(default=lambda: dt.datetime.now(dt.UTC))
        seen_at = DateTime()
        carrier_id = Identifier()

    @domain.aggregate
    class Parcel:
        def send(self, number):
            now = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
            self.raise_(ParcelSent(number=number, seen_at=now, carrier_id="c-1"))

    def send():
        parcel = Parcel()
        parcel.send(3)
        domain.repository_for(Parcel).add(parcel)

    outcome = given(Parcel(id="p")).when(send).then(ParcelSent(number=3))
    assert "x   number      4           3" in failure(lambda: outcome.then(ParcelSent(number=4)))
    assert "x   carrier_id  'c-2'       'c-1'" in failure(
        lambda: outcome.then(ParcelSent(number=3, carrier_id="c-2"))
    )
    outcome.then(some(ParcelSent, carrier_id="c-1"))
    with pytest.raises(IncorrectUsageError, match="did you mean 'carrier_id'"):
        some(ParcelSent, carrier="x")


def test_an_expectation_that_is_no_event_is_refused():
    with pytest.raises(IncorrectUsageError, match="expect events"):
        shipped().then(order())


# Event-sourced


def bank():
    domain = Domain(name="Bank")

    @domain.event(part_of="Account")
    class AccountOpened:
        account_id = Identifier(required=True)
        deposit: int = 0

    @domain.event(part_of="Account")
    class MoneyWithdrawn:
        amount: int

    @domain.aggregate(event_sourced=True)
    class Account:
        account_id = Identifier(identifier=True)
        balance: int = 0

        @invariant.post
        def never_below_zero(self):
            if self.balance < 0:
                raise ValidationError({"balance": ["not enough money"]})

        def withdraw(self, amount):
            self.raise_(MoneyWithdrawn(amount=amount))

        @apply
        def opened(self, event: AccountOpened):
            self.account_id = event.account_id
            self.balance = event.deposit

        @apply
        def withdrawn(self, event: MoneyWithdrawn):
            self.balance -= event.amount

    @domain.command(part_of=Account)
    class Withdraw:
        account_id = Identifier(required=True)
        amount: int

    @domain.command_handler(part_of=Account)
    class Teller:
        @handle(Withdraw)
        def withdraw(self, command):
            accounts = domain.repository_for(Account)
            account = accounts.get(command.account_id)
            account.withdraw(command.amount)
            accounts.add(account)

    return SimpleNamespace(
        domain=domain,
        Account=Account,
        AccountOpened=AccountOpened,
        MoneyWithdrawn=MoneyWithdrawn,
        Withdraw=Withdraw,
    )


def test_the_history_of_an_event_sourced_aggregate_rebuilds_it():
    m = bank()
    history = m.AccountOpened(account_id="a-1", deposit=10), m.MoneyWithdrawn(amount=3)
    outcome = given(*history).when(m.Withdraw(account_id="a-1", amount=5))
    outcome.then(m.MoneyWithdrawn(amount=5)).has(m.Account, "a-1", balance=2)
    given(*history).when(m.Withdraw(account_id="a-1", amount=8)).raises(
        ValidationError, "not enough money"
    ).has(m.Account, balance=7)
    assert m.domain.repository_for(m.Account).get_or_none("a-1") is None


def test_proteans_three_words():
    m = bank()
    account = given(m.Account, m.AccountOpened(account_id="a-1", deposit=10)).after(
        m.MoneyWithdrawn(amount=1)
    )
    account.process(m.Withdraw(account_id="a-1", amount=4)).process(m.Withdraw(account_id="a-1", amount=2))
    assert account.accepted
    assert not account.rejected
    assert account.balance == 3
    assert account.events.types == [m.MoneyWithdrawn]
    assert account.events[m.MoneyWithdrawn].amount == 2
    assert len(account.all_events) == 2
    assert isinstance(account.aggregate, m.Account)
    account.process(m.Withdraw(account_id="a-1", amount=4))
    assert account.rejected
    assert account.rejection_messages == ["not enough money"]
    assert not account.events
    assert account.balance == 3
    assert repr(account) == "<AggregateResult(Account) rejected>"


def test_a_result_without_an_aggregate_says_what_to_do():
    with pytest.raises(AttributeError, match=r"there is no Order yet. Call .process"):
        _ = given(Order).status


# Shown


def test_an_outcome_tells_what_was_asked_and_what_happened():
    outcome = shipped()
    assert "Nothing is expected yet" in repr(outcome)
    outcome.then(OrderShipped).has(Order, "o-1", status="SHIPPED")
    lines = repr(outcome).splitlines()
    assert lines[2] == "When   ShipOrder(order_id='o-1')"
    assert lines[3:5] == ["Then   ✓ OrderShipped(…)", "       ✓ Order o-1: status 'SHIPPED'"]
    assert "Order o-1 status PENDING -> SHIPPED" in repr(outcome)
