"""Things that are equal when their values are, and never change."""

from protean import Domain, invariant
from protean.exceptions import IncorrectUsageError, ValidationError
from protean.fields import Float, Integer, List, String, ValueObject

domain = Domain(name="Bank")


@domain.value_object
class Money:
    currency = String(required=True, max_length=3)
    amount = Float(required=True, min_value=0)

    @invariant.post
    def no_pesetas(self):
        if self.currency == "ESP":
            raise ValidationError({"currency": ["left in 2002"]})

    def plus(self, other):
        return Money(currency=self.currency, amount=self.amount + other.amount)


@domain.value_object
class Span:
    first = Integer(required=True)
    last = Integer(required=True)


@domain.value_object
class Rate:
    percent = Float(required=True)
    months = ValueObject(Span)


@domain.aggregate
class Savings:
    owner = String(required=True)
    balance = ValueObject(Money, required=True)
    limit = ValueObject(Money)
    rate = ValueObject(Rate)
    history = List(content_type=ValueObject(Money))


def attempt(action):
    try:
        return action()
    except ValidationError as error:
        return dict(error.messages)
    except IncorrectUsageError as error:
        return type(error).__name__


domain.init(traverse=False)

with domain.domain_context():
    ten = Money(currency="EUR", amount=10)
    print(
        ten == Money(currency="EUR", amount=10), ten == Money(currency="USD", amount=10), ten != ten.plus(ten)
    )
    print(hash(ten) == hash(Money(currency="EUR", amount=10)), len({ten, Money(currency="EUR", amount=10)}))
    print(ten, repr(ten), ten.to_dict(), ten.plus(ten).amount)
    print(attempt(lambda: setattr(ten, "amount", 11)), ten.amount)
    print(attempt(lambda: Money(currency="EUR")))
    print(attempt(lambda: Money(currency="EUR", amount=-1)))
    print(attempt(lambda: Money(currency="ESP", amount=1)))

    savings = Savings(
        owner="Ann",
        balance=ten,
        rate=Rate(percent=2.5, months=Span(first=1, last=12)),
        history=[ten, Money(currency="EUR", amount=3)],
    )
    print(savings.to_dict())
    print(savings.balance_amount, savings.balance_currency, savings.limit)
    savings.balance = savings.balance.plus(ten)
    domain.repository_for(Savings).add(savings)
    stored = domain.repository_for(Savings).get(savings.id)
    print(stored.balance, stored.rate.months.last, stored.rate == savings.rate, stored.history[1].amount)
    print(attempt(lambda: Savings(owner="Bob")))
    print(domain.repository_for(Savings).query.filter(balance_amount=20).all().total)
    stored.limit = Money(currency="EUR", amount=1)
    stored.limit = None
    print(stored.limit, stored.to_dict().get("limit"))
    print(sorted(attempt(lambda: Savings(owner="Bob", balance="ten"))))
