"""Given, when, then."""

from protean import Domain, apply, handle
from protean.exceptions import ValidationError
from protean.fields import Float, Identifier
from protean.testing import given

domain = Domain(name="Bank")
domain.config["event_processing"] = "sync"
domain.config["command_processing"] = "sync"


@domain.event(part_of="Account")
class AccountOpened:
    account_id = Identifier(required=True)


@domain.event(part_of="Account")
class PaidIn:
    account_id = Identifier(required=True)
    amount = Float(required=True)


@domain.command(part_of="Account")
class PayIn:
    account_id = Identifier(identifier=True)
    amount = Float(required=True)


@domain.aggregate(event_sourced=True)
class Account:
    account_id = Identifier(identifier=True)
    balance = Float(default=0)

    def pay_in(self, amount):
        if amount <= 0:
            raise ValidationError({"amount": ["nothing to pay in"]})
        self.raise_(PaidIn(account_id=self.account_id, amount=amount))

    @apply
    def opened(self, event: AccountOpened):
        self.account_id = event.account_id
        self.balance = 0

    @apply
    def paid_in(self, event: PaidIn):
        self.balance += event.amount


@domain.command_handler(part_of=Account)
class Counter:
    @handle(PayIn)
    def pay_in(self, command):
        account = domain.repository_for(Account).get(command.account_id)
        account.pay_in(command.amount)
        domain.repository_for(Account).add(account)


domain.init(traverse=False)

with domain.domain_context():
    opened = AccountOpened(account_id="a-1")
    account = given(Account, opened).process(PayIn(account_id="a-1", amount=5))
    print(account.accepted, account.rejected, PaidIn in account.events, len(account.events))
    print(account.events[PaidIn].amount, account.balance, account.events.types == [PaidIn])
    print(len(account.all_events), account.rejection, account.events.get(AccountOpened))

    seen = [AccountOpened(account_id="a-2"), PaidIn(account_id="a-2", amount=2)]
    account = given(Account, *seen).process(PayIn(account_id="a-2", amount=-1))
    print(account.rejected, type(account.rejection).__name__, account.rejection_messages, len(account.events))
    print(account.balance)

    account = given(Account, AccountOpened(account_id="a-3")).after(PaidIn(account_id="a-3", amount=2))
    account = account.process(PayIn(account_id="a-3", amount=3))
    print(account.balance, account.events.first.amount, account.events.last.amount)
    account = account.process(PayIn(account_id="a-3", amount=10))
    print(account.balance, len(account.all_events))
