"""Event-sourced aggregates: what they are follows from what happened to them."""

import datetime as dt
import warnings

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ddd_kit import Domain, UnitOfWork, apply, handle, invariant
from ddd_kit.building_blocks.event_sourced import EventSourced
from ddd_kit.exceptions import (
    ConfigurationError,
    ExpectedVersionError,
    IncorrectUsageError,
    ObjectNotFoundError,
    ValidationError,
)
from ddd_kit.fields import HasMany, Identifier, Integer, String


class Bank:
    """A model with one event-sourced aggregate, in a domain of its own."""

    def __init__(self, **config):
        self.domain = domain = Domain(name="Bank", config=config)

        @domain.event(part_of="Account")
        class AccountOpened:
            account_id: Identifier(required=True)
            holder: String(required=True)

        @domain.event(part_of="Account")
        class MoneyDeposited:
            amount: Integer(required=True)

        @domain.event(part_of="Account")
        class MoneyWithdrawn:
            amount: Integer(required=True)

        @domain.event(part_of="Account")
        class Forgotten:
            amount: Integer()

        @domain.aggregate(event_sourced=True)
        class Account:
            account_id: Identifier(identifier=True)
            holder: String(required=True)
            balance: Integer(default=0)

            @classmethod
            def open(cls, account_id, holder="Ann"):
                account = cls._create_new(account_id=account_id)
                account.raise_(AccountOpened(account_id=account_id, holder=holder))
                return account

            def deposit(self, amount):
                self.raise_(MoneyDeposited(amount=amount))

            def withdraw(self, amount):
                self.raise_(MoneyWithdrawn(amount=amount))

            @invariant.post
            def nobody_owes(self):
                if self.balance < 0:
                    raise ValidationError({"balance": ["must not be negative"]})

            @apply
            def opened(self, event: AccountOpened):
                self.account_id = event.account_id
                self.holder = event.holder

            @apply
            def deposited(self, event: MoneyDeposited):
                self.balance += event.amount

            @apply
            def withdrawn(self, event: "MoneyWithdrawn"):
                self.balance -= event.amount

        self.Account, self.AccountOpened, self.Forgotten = Account, AccountOpened, Forgotten
        self.MoneyDeposited, self.MoneyWithdrawn = MoneyDeposited, MoneyWithdrawn
        self.accounts = domain.repository_for(Account)

    def saved(self, *amounts, account_id="a-1"):
        account = self.Account.open(account_id)
        for amount in amounts:
            account.deposit(amount) if amount > 0 else account.withdraw(-amount)
        return self.accounts.add(account)


@pytest.fixture
def bank():
    return Bank()


def test_an_event_changes_the_state_at_once(bank):
    account = bank.Account.open("a-1")
    account.deposit(5)
    assert (account.holder, account.balance) == ("Ann", 5)


def test_it_is_loaded_from_its_stream(bank):
    bank.saved(5, 7, -2)
    assert bank.accounts.get("a-1").to_dict() == {"account_id": "a-1", "holder": "Ann", "balance": 10}


def test_a_rule_across_fields_is_not_asked_half_way_through_an_event_of_the_past():
    domain = Domain(name="Bank")

    @domain.event(part_of="Ledger")
    class Posted:
        amount: Integer()

    @domain.aggregate(event_sourced=True)
    class Ledger:
        debit: Integer(default=0)
        credit: Integer(default=0)

        @invariant.post
        def balanced(self):
            if self.debit != self.credit:
                raise ValidationError({"debit": ["must equal credit"]})

        @apply
        def posted(self, event: Posted):
            self.debit += event.amount
            self.credit += event.amount

    ledger = Ledger._create_new(id="l-1")
    ledger.raise_(Posted(amount=5))
    loaded = domain.repository_for(Ledger).get(domain.repository_for(Ledger).add(ledger).id)
    assert (loaded.debit, loaded.credit) == (5, 5)
    assert Ledger.from_events([Posted(amount=5)]).credit == 5
    assert len(domain.rehydrate(Ledger, "l-1").applied) == 1
    with pytest.raises(ValidationError, match="must equal credit"):
        loaded.debit = 6


def test_its_version_is_the_number_of_its_events_from_zero(bank):
    assert bank.saved(5, 7)._version == 2
    assert bank.accounts.get("a-1")._version == 2
    sequence = [event.sequence_id for event in bank.domain.stream("account-a-1")]
    assert sequence == ["0", "1", "2"]


def test_an_event_that_breaks_a_rule_has_not_happened(bank):
    account = bank.saved(5)
    with pytest.raises(ValidationError, match="balance must not be negative"):
        account.withdraw(6)
    assert (account.balance, account._events) == (5, [])


def test_an_event_without_a_method_is_refused_with_the_way_out(bank):
    with pytest.raises(IncorrectUsageError, match=r"does not know what Forgotten changes. Give it a method"):
        bank.saved().raise_(bank.Forgotten(amount=1))


def test_apply_has_to_name_its_event():
    domain = Domain(name="Bank")

    class Account:
        @apply
        def opened(self, event): ...

    with pytest.raises(ConfigurationError, match=r"Account\.opened: @apply needs to know the event"):
        domain.aggregate(event_sourced=True)(Account)


def test_it_can_be_seen_at_each_version(bank):
    bank.saved(5, 7, -2)
    seen = [bank.accounts.get("a-1", at_version=version).balance for version in range(4)]
    assert seen == [0, 5, 12, 10]


def test_it_can_be_seen_as_of_a_time():
    bank = Bank()
    clock = iter(range(100))
    bank.domain.world.now = lambda: float(next(clock) * 60)
    bank.saved(5)
    between = dt.datetime.fromtimestamp(bank.domain.journal[-1].time, dt.UTC) + dt.timedelta(seconds=1)
    account = bank.accounts.get("a-1")
    account.deposit(7)
    bank.accounts.add(account)
    assert bank.accounts.get("a-1", as_of=between).balance == 5
    assert bank.accounts.get("a-1", as_of=between.replace(tzinfo=None)).balance == 5
    with pytest.raises(ObjectNotFoundError, match="did not exist yet at"):
        bank.accounts.get("a-1", as_of=dt.datetime(1960, 1, 1, tzinfo=dt.UTC))


def test_the_past_is_read_only(bank):
    bank.saved(5, 7)
    past = bank.accounts.get("a-1", at_version=1)
    assert past._is_temporal
    with pytest.raises(IncorrectUsageError, match=r"Cannot raise events on .* it shows the past"):
        past.deposit(1)
    with pytest.raises(IncorrectUsageError, match="shows the past and cannot be saved"):
        bank.accounts.add(past)


@pytest.mark.parametrize(
    ("asked", "kind", "text"),
    [
        ({"at_version": 9}, ObjectNotFoundError, "has no version 9: it has 0 to 2"),
        ({"at_version": -1}, ObjectNotFoundError, "has no version -1"),
        ({"at_version": "x"}, IncorrectUsageError, "at_version='x'.: it is a whole number, from 0"),
        ({"as_of": "2024"}, IncorrectUsageError, "as_of='2024'.: it is a datetime"),
        (
            {"at_version": 0, "as_of": dt.datetime(2024, 1, 1, tzinfo=dt.UTC)},
            IncorrectUsageError,
            "give one of the two",
        ),
    ],
)
def test_a_past_that_there_is_not_is_an_error(bank, asked, kind, text):
    bank.saved(5, 7)
    with pytest.raises(kind, match=text):
        bank.accounts.get("a-1", **asked)
    assert bank.accounts.get_or_none("nobody", at_version=0) is None


def test_what_is_not_event_sourced_says_where_its_past_is(bank):
    @bank.domain.aggregate
    class Branch: ...

    with pytest.raises(IncorrectUsageError, match=r"Branch is not event-sourced: .* domain\.at\(step\)"):
        bank.domain.repository_for(Branch).get("b", at_version=1)


def test_a_change_without_an_event_is_not_saved_and_is_told(bank):
    account = bank.saved(5)
    account.balance = 99
    account.deposit(1)
    with pytest.warns(UserWarning, match="balance changed without an event: that is not saved"):
        bank.accounts.add(account)
    assert bank.accounts.get("a-1").balance == 6


def test_what_the_constructor_sets_and_an_event_tells_is_no_stray_change(bank):
    account = bank.Account(account_id="a-1", holder="Ann")
    account.raise_(bank.AccountOpened(account_id="a-1", holder="Ann"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bank.accounts.add(account)
    assert bank.accounts.get("a-1").holder == "Ann"


def test_one_to_which_nothing_happened_cannot_be_saved(bank):
    with pytest.raises(IncorrectUsageError, match="has raised no event, so there is nothing to save"):
        bank.accounts.add(bank.Account(account_id="a-1", holder="Ann"))


def test_somebody_else_may_have_been_faster(bank):
    bank.saved(5)
    one, other = bank.accounts.get("a-1"), bank.accounts.get("a-1")
    one.deposit(1)
    other.deposit(2)
    bank.accounts.add(one)
    with pytest.raises(ExpectedVersionError):
        bank.accounts.add(other)
    assert bank.accounts.get("a-1").balance == 6


def test_from_events_tells_the_state(bank):
    events = [bank.AccountOpened(account_id="a-2", holder="Bo"), bank.MoneyDeposited(amount=3)]
    account = bank.Account.from_events(events)
    assert (account.account_id, account.holder, account.balance, account._version) == ("a-2", "Bo", 3, 1)
    with pytest.raises(IncorrectUsageError, match="nothing follows from no events"):
        bank.Account.from_events([])


def test_an_edited_apply_method_changes_what_is_loaded(bank):
    bank.saved(5)

    class Account(bank.Account):
        @apply
        def deposited(self, event: bank.MoneyDeposited):
            self.balance += 2 * event.amount

    bank.domain.aggregate(event_sourced=True)(Account)
    assert bank.domain.repository_for("Account").get("a-1").balance == 10


def test_one_that_was_removed_and_opened_again_begins_anew(bank):
    bank.accounts.remove(bank.saved(5))
    assert bank.accounts.get_or_none("a-1") is None
    bank.saved(1)
    assert bank.accounts.get("a-1").balance == 1


def test_within_a_unit_of_work_it_is_one_object(bank):
    bank.saved(5)
    with UnitOfWork(bank.domain):
        account = bank.accounts.get("a-1")
        account.deposit(1)
        bank.accounts.add(account)
        assert bank.accounts.get("a-1") is account
        assert bank.accounts.get("a-1", at_version=0).balance == 0


def test_handlers_hear_its_events(bank):
    heard = []

    @bank.domain.event_handler(part_of=bank.Account)
    class Listening:
        @handle(bank.MoneyDeposited)
        def hear(self, event):
            heard.append(event.amount)

    bank.saved(5, 7)
    assert heard == [5, 7]


def test_a_snapshot_saves_telling_the_events_before_it(bank):
    bank.saved(1, 2, 3)
    told = []

    def count(self, event):
        told.append(event)
        EventSourced._apply(self, event)

    assert bank.domain.create_snapshot(bank.Account, "a-1")
    bank.Account._apply = count
    account = bank.accounts.get("a-1")
    assert (account.balance, account._version, told) == (6, 3, [])
    account.deposit(4)
    bank.accounts.add(account)
    told.clear()
    assert bank.accounts.get("a-1").balance == 10
    assert [event.amount for event in told] == [4]


def test_after_enough_events_one_is_kept_by_itself():
    bank = Bank(snapshot_threshold=3)
    bank.saved(1)
    bank.accounts.get("a-1")
    assert not bank.domain.world.snapshots
    bank.saved(1, 2, 3, account_id="a-2")
    bank.accounts.get("a-2")
    assert list(bank.domain.world.snapshots) == [("Account", "a-2")]


def test_all_can_be_kept_at_once(bank):
    bank.saved(1)
    bank.saved(1, account_id="a-2")
    assert bank.domain.create_snapshots(bank.Account) == 2
    assert bank.domain.create_all_snapshots() == {"Account": 2}
    with pytest.raises(ObjectNotFoundError, match="no snapshot of it"):
        bank.domain.create_snapshot(bank.Account, "nobody")


def test_only_what_is_event_sourced_has_snapshots(bank):
    @bank.domain.aggregate
    class Branch: ...

    with pytest.raises(IncorrectUsageError, match="it is not event-sourced"):
        bank.domain.create_snapshots(Branch)


def test_entities_in_it_follow_from_events_too():
    domain = Domain(name="Bookshop")

    @domain.event(part_of="Order")
    class ItemAdded:
        sku: str

    @domain.aggregate(event_sourced=True)
    class Order:
        items = HasMany("OrderItem")

        @apply
        def added(self, event: ItemAdded):
            self.add_items(OrderItem(sku=event.sku))

    @domain.entity(part_of=Order)
    class OrderItem:
        sku = Identifier(identifier=True)

    order = Order._create_new(id="o-1")
    order.raise_(ItemAdded(sku="A"))
    order.raise_(ItemAdded(sku="B"))
    orders = domain.repository_for(Order)
    orders.add(order)
    assert [item.sku for item in orders.get("o-1").items] == ["A", "B"]
    assert [item.sku for item in orders.get("o-1", at_version=0).items] == ["A"]


def test_the_event_store_speaks_protean(bank):
    bank.saved(5)
    messages = bank.domain.event_store.store.read("bank::account-a-1")
    assert [message.data for message in messages] == [{"account_id": "a-1", "holder": "Ann"}, {"amount": 5}]
    assert messages[1].to_domain_object() == bank.MoneyDeposited(amount=5)
    assert messages[1].metadata.headers.type == "Bank.MoneyDeposited.v1"
    assert bank.domain.event_store.store.read_last_message("bank::account").position == 1
    assert len(bank.domain.event_store.store.read("$all", position=1)) == 1
    assert bank.domain.event_store.store.load_aggregate(bank.Account, "a-1").balance == 5


runs = st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=4), min_size=1, max_size=5)


@given(runs, st.integers(1, 4))
def test_the_state_is_the_fold_of_the_stream_at_every_version(run, threshold):
    """Whatever is saved together, with and without snapshots, also at a step and in a fork."""
    bank = Bank(snapshot_threshold=threshold)
    bank.saved()
    balances = [0]
    for amounts in run:
        account = bank.accounts.get("a-1")
        for amount in amounts:
            account.deposit(amount)
            balances.append(balances[-1] + amount)
        bank.accounts.add(account)
    assert [bank.accounts.get("a-1", at_version=v).balance for v in range(len(balances))] == balances
    for event in bank.domain.stream("account-a-1"):
        past = bank.domain.at(event.step).repository_for(bank.Account).get("a-1")
        assert past.balance == balances[past._version]
    fork = bank.domain.fork().repository_for(bank.Account)
    account = fork.get("a-1")
    account.deposit(100)
    fork.add(account)
    assert fork.get("a-1").balance == balances[-1] + 100
    assert bank.accounts.get("a-1").balance == balances[-1]
    assert bank.accounts.find_by(balance=balances[-1]).account_id == "a-1"
