"""Yesterday's events, read as today's."""

from protean import Domain, apply
from protean.core.upcaster import BaseUpcaster
from protean.fields import Float, Identifier, String

domain = Domain(name="Bank")
domain.config["event_processing"] = "sync"


def model(version):
    """The event as it was and as it is."""

    class PaidIn:
        __version__ = version
        account_id = Identifier(required=True)
        amount = Float(required=True)

    if version > 1:
        PaidIn.currency = String(required=True)
    if version > 2:
        PaidIn.channel = String(required=True)
    return PaidIn


PaidIn = domain.event(part_of="Account")(model(3))


@domain.aggregate(event_sourced=True)
class Account:
    account_id = Identifier(identifier=True)
    balance = Float(default=0)
    told = String()

    @apply
    def paid_in(self, event: PaidIn):
        self.account_id = event.account_id
        self.balance = (self.balance or 0) + event.amount
        self.told = f"{event.amount} {event.currency} at the {event.channel}"


@domain.upcaster(event_type=PaidIn, from_version=1, to_version=2)
class WithCurrency(BaseUpcaster):
    def upcast(self, data):
        return {**data, "currency": "EUR"}


@domain.upcaster(event_type=PaidIn, from_version=2, to_version=3)
class WithChannel(BaseUpcaster):
    def upcast(self, data):
        data["channel"] = "counter"
        return data


domain.init(traverse=False)

with domain.domain_context():
    print(PaidIn.__type__, PaidIn.__version__, WithCurrency.meta_.from_version, WithCurrency.meta_.to_version)
    account = Account._create_new(account_id="a-1")
    account.raise_(PaidIn(account_id="a-1", amount=3, currency="CHF", channel="window"))
    domain.repository_for(Account).add(account)
    print(domain.repository_for(Account).get("a-1").told)
    print(WithChannel().upcast(WithCurrency().upcast({"account_id": "a-1", "amount": 1})))
