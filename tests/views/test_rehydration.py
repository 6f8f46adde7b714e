"""How the state of an event-sourced aggregate arises: by code, in a cell, in the workbench."""

import pytest

from ddd_kit import Domain, apply
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.views.links import linked
from ddd_kit.views.panes.instances import instances
from ddd_kit.views.panes.look import Look
from ddd_kit.views.panes.workbench import _answer
from ddd_kit.views.rehydration import panel, rehydration


@pytest.fixture
def bank():
    domain = Domain(name="Bank")

    @domain.event(part_of="Account")
    class MoneyDeposited:
        amount: int
        note: str = ""

    @domain.aggregate(event_sourced=True)
    class Account:
        balance: int = 0
        last: str = ""

        @apply
        def deposited(self, event: MoneyDeposited):
            self.balance += event.amount

        @apply
        def noted(self, event: MoneyDeposited):
            self.last = event.note

    domain.Account, domain.MoneyDeposited = Account, MoneyDeposited
    return domain


def deposit(bank, *amounts, note=""):
    accounts = bank.repository_for(bank.Account)
    account = accounts.get_or_none("a-1") or bank.Account._create_new(id="a-1")
    for amount in amounts:
        account.raise_(bank.MoneyDeposited(amount=amount, note=note))
    return accounts.add(account)


def test_each_event_is_told_with_its_methods_and_what_they_changed(bank):
    told = bank.rehydrate(deposit(bank, 5, 7))
    assert [(a.event.type, a.version, a.methods, a.changes) for a in told.applied] == [
        ("MoneyDeposited", 0, ("deposited", "noted"), {"balance": (0, 5)}),
        ("MoneyDeposited", 1, ("deposited", "noted"), {"balance": (5, 12)}),
    ]
    assert (
        told.to_text().splitlines()[1]
        == "  0  MoneyDeposited (amount 5, note '')  deposited, noted: balance 0 -> 5"
    )


def test_up_to_a_step_it_tells_no_more(bank):
    deposit(bank, 5)
    step = bank.journal.last_step
    deposit(bank, 7)
    assert len(bank.rehydrate(bank.Account, "a-1", step=step).applied) == 1


def test_it_leaves_the_run_as_it_is(bank):
    deposit(bank, 5)
    before = len(bank.journal)
    bank.rehydrate("Account", "a-1")
    assert len(bank.journal) == before


@pytest.mark.parametrize(("identity", "text"), [("nobody", "Nothing has happened to Account nobody yet")])
def test_to_whom_nothing_happened_nothing_is_told(bank, identity, text):
    with pytest.raises(IncorrectUsageError, match=text):
        bank.rehydrate(bank.Account, identity)


def test_what_is_not_event_sourced_does_not_arise(bank):
    @bank.aggregate
    class Branch: ...

    with pytest.raises(IncorrectUsageError, match="it is not event-sourced"):
        bank.rehydrate(Branch, "b")
    with pytest.raises(IncorrectUsageError, match="Branch is not event-sourced"):
        bank.rehydrate(Branch())


def test_one_that_was_removed_says_so(bank):
    bank.repository_for(bank.Account).remove(deposit(bank, 5))
    assert "removed since" in bank.rehydrate(bank.Account, "a-1").to_text()


def test_html_has_a_row_for_each_event_and_markup_is_text(bank):
    deposit(bank, 5, note="<b>x</b>")
    html = rehydration(bank.rehydrate(bank.Account, "a-1"))
    assert html.count("<tr") == 1
    assert "&lt;b&gt;x" in html
    assert "<b>x" not in html


def test_of_many_events_the_newest_are_shown(bank):
    deposit(bank, *[1] * 60)
    html = str(panel(bank.rehydrate(bank.Account, "a-1"), linked))
    assert "10 earlier events" in html
    assert html.count("<tr") == 50


def test_a_card_of_the_workbench_leads_to_it_and_it_to_the_steps(bank):
    account = deposit(bank, 5)
    step = bank.journal.of(kind="changed")[-1].step
    card = str(instances(bank, step, link=linked))
    assert f'data-act="arose" data-arg="{step}"' in card
    answer = str(_answer(bank, Look(step=step), "arose", str(step)))
    event = bank.journal.of(kind="event")[0].step
    assert f'data-act="step" data-arg="{event}"' in answer
    assert account.balance == 5
