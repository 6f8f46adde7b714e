"""Domain services, application services, and repositories with named queries."""

import pytest

from ddd_kit import Domain, UnitOfWork, current_domain, handle, invariant, use_case
from ddd_kit.exceptions import ConfigurationError, IncorrectUsageError, ValidationError

domain = Domain(name="Bank")


@domain.aggregate
class Account:
    balance: int = 0


@domain.aggregate
class Ledger:
    sum: int = 0


@domain.event(part_of=Account)
class MoneyMoved:
    amount: int


@domain.command(part_of=Account)
class MoveMoney:
    amount: int


@domain.domain_service(part_of=[Account, Ledger])
class Transfer:
    """Moves money between accounts."""

    def __init__(self, source, target):
        super().__init__(source, target)
        self.source, self.target = source, target

    @invariant.pre
    def something_is_there(self):
        if self.source.balance <= 0:
            raise ValidationError({"balance": ["is nothing"]})

    @invariant.post
    def nobody_owes(self):
        if self.source.balance < 0:
            raise ValidationError({"balance": ["must not be negative"]})

    def of(self, amount):
        self.source.balance -= amount
        self.target.balance += amount
        self.source.raise_(MoneyMoved(amount=amount))
        return amount


@domain.application_service(part_of=Account)
class Banking:
    @use_case
    def move(self, source, target, amount):
        accounts = current_domain.repository_for(Account)
        one, other = accounts.get(source), accounts.get(target)
        moved = Transfer(one, other).of(amount)
        accounts.add(one)
        accounts.add(other)
        return moved

    @use_case
    def open_two(self, fails):
        accounts = current_domain.repository_for(Account)
        accounts.add(Account(id="c-1"))
        if fails:
            raise ZeroDivisionError
        accounts.add(Account(id="c-2"))


@domain.repository(part_of=Account)
class Accounts:
    def poor(self):
        return self.query.filter(balance__lt=10).order_by("balance").all()


@pytest.fixture(autouse=True)
def accounts():
    domain.reset()
    repository = domain.repository_for(Account)
    repository.add(Account(id="a-1", balance=50))
    repository.add(Account(id="a-2", balance=5))
    return repository


def test_a_use_case_is_one_unit_of_work(accounts):
    assert Banking().move("a-1", "a-2", 20) == 20
    assert [accounts.get(i).balance for i in ("a-1", "a-2")] == [30, 25]


def test_a_use_case_that_fails_saves_nothing(accounts):
    with pytest.raises(ZeroDivisionError):
        Banking().open_two(fails=True)
    assert accounts.get_or_none("c-1") is None
    assert domain.journal[-1].outcome == "failed"


def test_a_use_case_joins_the_unit_of_work_that_is_open(accounts):
    with pytest.raises(KeyError), UnitOfWork(domain):  # noqa: PT012 - the block is the point
        Banking().open_two(fails=False)
        raise KeyError
    assert accounts.get_or_none("c-1") is None


def test_the_journal_has_calls_as_causes():
    Banking().move("a-1", "a-2", 20)
    use, service = domain.journal.of(kind="called")
    assert (use.service, use.method, use.outcome) == ("Banking", "move", "ok")
    assert (service.service, service.method, service.cause) == ("Transfer", "of", use.step)
    changes = domain.journal.of(kind="changed")[-2:]
    assert [entry.cause for entry in changes] == [use.step, use.step]
    assert domain.journal.of(kind="event")[0].chain == use.step


def test_why_tells_the_use_case():
    Banking().move("a-1", "a-2", 20)
    account = domain.repository_for(Account).get("a-1")
    assert "Banking ran move" in domain.why(account, "balance").sentence


def test_the_rules_of_a_domain_service_hold_before_and_after():
    with pytest.raises(ValidationError, match="Transfer was not accepted: balance is nothing"):
        Transfer(Account(), Account()).of(1)
    with pytest.raises(ValidationError, match="balance must not be negative"):
        Transfer(Account(balance=5), Account()).of(7)


def test_what_a_service_refuses_is_in_the_journal_with_the_rule():
    with pytest.raises(ValidationError):
        Transfer(Account(balance=5), Account()).of(7)
    rejected, called = domain.journal[-2:]
    assert (rejected.kind, rejected.element, rejected.rules[0][0]) == ("rejected", "Transfer", "nobody_owes")
    assert (called.kind, called.outcome) == ("called", "failed")


def test_a_domain_service_may_be_called_from_a_command_handler(accounts):
    @domain.command_handler(part_of=Account)
    class Moving:
        @handle(MoveMoney)
        def move(self, command):
            one, other = accounts.get("a-1"), accounts.get("a-2")
            Transfer(one, other).of(command.amount)
            accounts.add(one)
            accounts.add(other)

    domain.process(MoveMoney(amount=1))
    (command,) = domain.journal.of(kind="command")
    (called,) = domain.journal.of(kind="called")
    assert called.cause == command.step
    domain.forget(Moving)


def test_in_a_fork_a_use_case_acts_on_the_fork(accounts):
    fork = domain.fork()
    with fork.domain_context():
        Banking().move("a-1", "a-2", 20)
    assert fork.repository_for(Account).get("a-1").balance == 30
    assert accounts.get("a-1").balance == 50
    assert not domain.journal.of(kind="called")


def test_static_and_private_methods_are_no_use_of_the_service():
    @domain.domain_service(part_of=[Account, Ledger])
    class Counting:
        @staticmethod
        def rate():
            return 3

        def _inner(self):
            return 4

        def twice(self):
            return self.rate() + self._inner()

    assert Counting().twice() == 7
    assert [entry.method for entry in domain.journal.of(kind="called")] == ["twice"]
    domain.forget(Counting)


def test_a_repository_has_the_named_queries_beside_its_own(accounts):
    assert [account.id for account in accounts.poor()] == ["a-2"]
    assert accounts.get("a-1").balance == 50


def test_named_queries_come_and_go_with_their_cell():
    domain = Domain(name="Shop")

    @domain.aggregate
    class Order: ...

    assert not hasattr(domain.repository_for(Order), "late")

    @domain.repository(part_of=Order)
    class Orders:
        def late(self):
            return 1

    assert domain.repository_for(Order).late() == 1
    domain.forget(Orders)
    assert not hasattr(domain.repository_for(Order), "late")


def test_in_a_fork_named_queries_ask_the_fork():
    fork = domain.fork()
    fork.repository_for(Account).add(Account(id="a-3", balance=1))
    assert len(fork.repository_for(Account).poor()) == 2
    assert len(domain.repository_for(Account).poor()) == 1


def test_find_takes_a_condition_with_a_name(accounts):
    from ddd_kit import F, Q

    assert [account.id for account in accounts.find(Q(balance__gt=10))] == ["a-1"]
    assert accounts.exists(Q(balance=5))
    assert accounts.query.filter(balance__gte=F("balance")).count() == 2
    with pytest.raises(IncorrectUsageError, match="no field 'balanse' to look for"):
        accounts.query.filter(balance__gt=F("balanse")).all()


@pytest.mark.parametrize(
    ("define", "text"),
    [
        (domain.domain_service(part_of=["Acount", Ledger]), "is no aggregate of Bank"),
        (domain.domain_service(part_of=[Account]), "about two aggregates or more"),
        (domain.domain_service(part_of=Account), "about two aggregates or more"),
        (domain.application_service(part_of=3), "part_of=3 is neither an aggregate"),
        (domain.repository(part_of=Account, zzz=1), "a repository has no option 'zzz'"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(define, text):
    with pytest.raises(ConfigurationError, match=text):  # noqa: PT012 - the block is the point
        define(type("Wrong", (), {}))
        domain.init()
    if "Wrong" in domain.registry.elements:
        domain.forget("Wrong")
