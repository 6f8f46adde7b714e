"""One lock a domain: threads wait their turn, and nothing interleaves inside a unit of work."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ddd_kit import Domain, UnitOfWork, handle
from ddd_kit.exceptions import ExpectedVersionError

PATIENCE = 20
"""Seconds after which a thread counts as stuck."""
THREADS, ROUNDS = 4, 25


@pytest.fixture(autouse=True)
def _restless() -> Iterator[None]:
    """Threads take turns as often as Python can make them."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


class Bank:
    """Deposits, which a handler sums up in one account; every event is noted by another."""

    def __init__(self) -> None:
        self.domain = domain = Domain(name="Bank")
        self.refused: set[int] = set()
        bank = self

        @domain.event(part_of="Deposit")
        class Deposited:
            amount: int

        @domain.aggregate
        class Deposit:
            amount: int

            def book(self) -> Any:
                self.raise_(Deposited(amount=self.amount))
                return self

        @domain.aggregate
        class Account:
            name: str
            balance: int = 0

        @domain.event_handler(part_of=Account, stream_category="deposit")
        class SumUp:
            @handle(Deposited)
            def add(self, event: Any) -> None:
                if event.amount in bank.refused:
                    raise ValueError(event.amount)
                accounts = domain.repository_for(Account)
                account = accounts.find_by(name="all")
                account.balance += event.amount
                accounts.add(account)

        @domain.command(part_of=Deposit)
        class Pay:
            amount: int

        @domain.command_handler(part_of=Deposit)
        class Counter:
            @handle(Pay)
            def pay(self, command: Any) -> str:
                return str(bank.deposits.add(Deposit(amount=command.amount).book()).id)

        self.Deposit, self.Pay = Deposit, Pay
        self.deposits = domain.repository_for(Deposit)
        self.accounts = domain.repository_for(Account)
        self.accounts.add(Account(name="all"))

    @property
    def balance(self) -> int:
        return int(self.accounts.find_by(name="all").balance)

    def check_batches(self) -> None:
        """Each unit of work is one run of steps: what it was for, what it changed, what it told."""
        journal = self.domain.journal
        assert [entry.step for entry in journal] == list(range(journal.first_step, journal.last_step + 1))
        for event in journal.of(kind="event"):
            assert journal.step(event.step - 1).kind == "changed"
            assert journal.step(event.step - 1).id == event.aggregate_id
        for handled in journal.of(kind="handled"):
            if handled.outcome == "ok":
                assert journal.step(handled.step + 1).cause == handled.step
        told = {key: saved.values for key, saved in journal.state_at(journal.last_step).items()}
        deposits = {("Deposit", d.id): tuple(d.to_dict().values()) for d in self.deposits.query.all()}
        assert {key: values for key, values in told.items() if key[0] == "Deposit"} == deposits


def in_threads(*works: Callable[[], Any]) -> list[BaseException]:
    """All works at the same time; what they raised."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> None:
        start.wait(PATIENCE)
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "a thread waits for ever"
    return errors


def test_many_threads_add_and_process_and_nothing_is_lost() -> None:
    """Each deposit is handled once, and no unit of work has another's entries in its midst."""
    bank = Bank()

    def add() -> None:
        for _ in range(ROUNDS):
            bank.deposits.add(bank.Deposit(amount=1).book())

    def process() -> None:
        for _ in range(ROUNDS):
            bank.domain.process(bank.Pay(amount=1))

    assert in_threads(*[add, process] * (THREADS // 2)) == []
    assert bank.balance == bank.deposits.query.count() == THREADS * ROUNDS
    handled = Counter(entry.outcome for entry in bank.domain.journal.of(kind="handled"))
    assert handled == {"ok": THREADS * ROUNDS}
    assert list(bank.domain.waiting) == []
    bank.check_batches()


def test_what_is_read_and_written_in_one_unit_of_work_is_not_disturbed() -> None:
    """Read, change, add inside a unit: nobody gets in between, so that no version is stale."""
    bank = Bank()

    def raise_balance() -> None:
        for _ in range(ROUNDS):
            with UnitOfWork(bank.domain):
                account = bank.accounts.find_by(name="all")
                account.balance += 1
                bank.accounts.add(account)

    assert in_threads(*[raise_balance] * THREADS) == []
    assert bank.balance == THREADS * ROUNDS


def test_outside_of_units_the_version_check_finds_who_was_late() -> None:
    """Every change is either saved or refused; none is overwritten."""
    bank = Bank()
    saved = []

    def raise_balance() -> None:
        for _ in range(ROUNDS):
            account = bank.accounts.find_by(name="all")
            account.balance += 1
            try:
                bank.accounts.add(account)
            except ExpectedVersionError:
                continue
            saved.append(1)

    assert in_threads(*[raise_balance] * THREADS) == []
    assert bank.balance == len(saved)
    refused = bank.domain.journal.of(kind="rejected")
    assert len(refused) + len(saved) == THREADS * ROUNDS


@pytest.mark.parametrize("use", ["add", "process", "get", "query", "deliver_all", "reset", "at", "define"])
def test_others_wait_while_a_unit_of_work_is_open(use: str) -> None:
    """Whatever another thread asks of the domain, it gets it after the unit has ended."""
    bank = Bank()
    uses: dict[str, Callable[[], Any]] = {
        "add": lambda: bank.deposits.add(bank.Deposit(amount=5)),
        "process": lambda: bank.domain.process(bank.Pay(amount=5)),
        "get": lambda: bank.accounts.find_by(name="all"),
        "query": bank.deposits.query.count,
        "deliver_all": bank.domain.deliver_all,
        "reset": bank.domain.reset,
        "at": lambda: bank.domain.at(0),
        "define": lambda: bank.domain.aggregate(type("Later", (), {})),
    }
    done, begun = threading.Event(), threading.Event()

    def other() -> None:
        begun.set()
        uses[use]()
        done.set()

    thread = threading.Thread(target=other, daemon=True)
    with UnitOfWork(bank.domain):
        bank.deposits.add(bank.Deposit(amount=3).book())
        thread.start()
        assert begun.wait(PATIENCE)
        assert not done.wait(0.05), "it did not wait"
        bank.deposits.add(bank.Deposit(amount=4).book())
    assert done.wait(PATIENCE)
    thread.join(PATIENCE)
    if use != "reset":
        assert bank.balance == (12 if use == "process" else 7)


def test_a_handlers_error_reaches_the_thread_whose_event_it_was() -> None:
    """Deliveries are made by who caused them, before anybody else has a turn."""
    bank = Bank()
    bank.refused = {0, 2}
    heard: dict[int, list[str]] = {}

    def pay(amount: int) -> None:
        for _ in range(ROUNDS):
            try:
                bank.domain.process(bank.Pay(amount=amount))
            except ValueError as error:
                heard.setdefault(amount, []).append(str(error))

    assert in_threads(*[lambda amount=amount: pay(amount) for amount in range(THREADS)]) == []
    assert heard == {amount: [str(amount)] * ROUNDS for amount in bank.refused}
    assert bank.balance == ROUNDS * sum(amount for amount in range(THREADS) if amount not in bank.refused)


def test_reading_the_journal_meanwhile_disturbs_nobody() -> None:
    """Widgets look at the journal, at the past and at what waits while a cell runs."""
    bank = Bank()
    ended = threading.Event()

    def add() -> None:
        try:
            for _ in range(4 * ROUNDS):
                bank.deposits.add(bank.Deposit(amount=1).book())
        finally:
            ended.set()

    def read() -> None:
        while not ended.is_set():
            journal = bank.domain.journal
            steps = [entry.step for entry in journal]
            assert steps == list(range(1, len(steps) + 1))
            assert len(list(bank.domain.waiting)) <= 1
            past = bank.domain.at(journal.batch_end(len(steps)))
            balance = past.repository_for("Account").query.first.balance
            assert balance <= past.repository_for("Deposit").query.count() <= balance + 1
            assert len(bank.domain.stream("deposit")) >= balance

    assert in_threads(add, read, read) == []
    assert bank.balance == 4 * ROUNDS
    bank.check_batches()


def test_a_reader_in_the_middle_of_a_save_does_not_write_for_the_writer() -> None:
    """It completes what an interrupt tore, and leaves alone what another thread is writing."""
    bank = Bank()
    journal = bank.domain.journal
    append, before = type(journal).append, journal.last_step
    reader = threading.Thread(target=lambda: bank.domain.journal, daemon=True)
    seen = []

    def append_while_another_reads(journal: Any, rows: Any, first_step: int) -> None:
        reader.start()
        reader.join(0.2)
        seen.append(journal.last_step)
        append(journal, rows, first_step)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(journal), "append", append_while_another_reads)
        bank.deposits.add(bank.Deposit(amount=0))
    reader.join(PATIENCE)
    assert not reader.is_alive()
    assert seen == [before]
    assert bank.domain.journal.last_step == before + 1
