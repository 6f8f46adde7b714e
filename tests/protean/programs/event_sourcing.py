"""State that is nothing but what its events make of it."""

from datetime import UTC, datetime, timedelta

from protean import Domain, apply, invariant
from protean.exceptions import IncorrectUsageError, ObjectNotFoundError, ValidationError
from protean.fields import Float, Identifier, Integer, String

domain = Domain(name="Bank")
domain.config["event_processing"] = "sync"


@domain.event(part_of="Account")
class AccountOpened:
    account_id = Identifier(required=True)
    owner = String(required=True)


@domain.event(part_of="Account")
class MoneyPaidIn:
    account_id = Identifier(required=True)
    amount = Float(required=True)


@domain.event(part_of="Account")
class MoneyPaidOut:
    account_id = Identifier(required=True)
    amount = Float(required=True)


@domain.event(part_of="Account")
class AccountBlessed:
    account_id = Identifier(required=True)


@domain.aggregate(event_sourced=True)
class Account:
    account_id = Identifier(identifier=True)
    owner = String()
    balance = Float(default=0)
    movements = Integer(default=0)

    @classmethod
    def open(cls, account_id, owner):
        account = cls._create_new(account_id=account_id)
        account.raise_(AccountOpened(account_id=account_id, owner=owner))
        return account

    def pay_in(self, amount):
        self.raise_(MoneyPaidIn(account_id=self.account_id, amount=amount))

    def pay_out(self, amount):
        self.raise_(MoneyPaidOut(account_id=self.account_id, amount=amount))

    @invariant.post
    def nobody_owes(self):
        if self.balance < 0:
            raise ValidationError({"balance": ["below zero"]})

    @apply
    def opened(self, event: AccountOpened):
        self.account_id = event.account_id
        self.owner, self.balance, self.movements = event.owner, 0, 0

    @apply
    def paid_in(self, event: MoneyPaidIn):
        self.balance += event.amount
        self.movements += 1

    @apply
    def paid_out(self, event: MoneyPaidOut):
        self.balance -= event.amount
        self.movements += 1


domain.init(traverse=False)

with domain.domain_context():
    account = Account.open("a-1", "Ann")
    account.pay_in(100)
    account.pay_out(30)
    print(account.balance, account.movements, len(account._events))
    accounts = domain.repository_for(Account)
    accounts.add(account)
    print(type(accounts).__name__.endswith("Repository"), accounts.get("a-1").to_dict())

    account = accounts.get("a-1")
    account.pay_in(5)
    accounts.add(account)
    try:
        account.pay_out(500)
    except ValidationError as error:
        print(dict(error.messages))
    stored = accounts.get("a-1")
    print(stored.balance, stored._version, stored.owner)
    for version in range(4):
        past = accounts.get("a-1", at_version=version)
        print(version, past.owner, past.balance, past._version)
    print(accounts.get("a-1", as_of=datetime.now(UTC) + timedelta(hours=1)).balance)
    for missing in ({"at_version": 9}, {"as_of": datetime(2001, 1, 1, tzinfo=UTC)}):
        try:
            accounts.get("a-1", **missing)
        except ObjectNotFoundError as error:
            print(type(error).__name__)
    try:
        accounts.get("a-1", at_version=1, as_of=datetime.now(UTC))
    except IncorrectUsageError as error:
        print(type(error).__name__)
    events = [AccountOpened(account_id="a-2", owner="Bob"), MoneyPaidIn(account_id="a-2", amount=7)]
    folded = Account.from_events(events)
    print(folded.owner, folded.balance, folded._version)
    print([message.metadata.headers.type for message in domain.event_store.store.read("bank::account-a-1")])

    print(domain.create_snapshot(Account, "a-1"), accounts.get("a-1").balance, accounts.get("a-1")._version)
    print(domain.create_snapshots(Account))
    account = accounts.get("a-1")
    account.pay_out(1)
    accounts.add(account)
    print(
        accounts.get("a-1").balance, accounts.get("a-1")._version, accounts.get("a-1", at_version=2).balance
    )
    try:
        domain.create_snapshot(Account, "nobody")
    except ObjectNotFoundError as error:
        print(type(error).__name__)
