"""What concerns two aggregates at once, with rules of its own."""

from protean import Domain, invariant
from protean.exceptions import ValidationError
from protean.fields import Float, Identifier, String

domain = Domain(name="Bank")


@domain.event(part_of="Account")
class MoneyMoved:
    source_id = Identifier(required=True)
    target_id = Identifier(required=True)
    amount = Float(required=True)


@domain.aggregate
class Account:
    owner = String(required=True)
    balance = Float(default=0)


@domain.domain_service(part_of=[Account, "Vault"])
class Deposit:
    def __init__(self, account, vault):
        super().__init__(account, vault)
        self.account, self.vault = account, vault

    @invariant.pre
    def there_is_something(self):
        if self.account.balance <= 0:
            raise ValidationError({"account": ["is empty"]})

    @invariant.post
    def the_vault_closes(self):
        if self.vault.gold > 100:
            raise ValidationError({"vault": ["does not close"]})

    def __call__(self):
        self.vault.gold += self.account.balance
        self.account.balance = 0
        return self.vault


@domain.aggregate
class Vault:
    gold = Float(default=0)


@domain.domain_service(part_of=[Account, Vault])
class Fees:
    def __init__(self, account, vault):
        super().__init__(account, vault)
        self.account, self.vault = account, vault

    def charge(self, amount):
        self.account.balance -= amount
        self.vault.gold += amount
        self.account.raise_(MoneyMoved(source_id=self.account.id, target_id=self.vault.id, amount=amount))

    @invariant.post
    def nobody_owes_fees(self):
        if self.account.balance < 0:
            raise ValidationError({"_service": ["nobody owes fees"]})


def attempt(action):
    try:
        action()
        return "done"
    except ValidationError as error:
        return dict(error.messages)


domain.init(traverse=False)

with domain.domain_context():
    vault = Vault()
    account = Account(owner="Ann", balance=60)
    print(Deposit(account, vault)() is vault, account.balance, vault.gold)
    print(attempt(Deposit(account, vault)), vault.gold)
    print(attempt(Deposit(Account(owner="Bob", balance=70), vault)))
    fees = Fees(Account(owner="Cy", balance=5), Vault())
    print(attempt(lambda: fees.charge(2)), fees.account.balance, fees.vault.gold)
    print(attempt(lambda: fees.charge(9)))
    print([type(event).__name__ for event in fees.account._events][:1])
    print(sorted(kind.__name__ for kind in Fees.meta_.part_of))
