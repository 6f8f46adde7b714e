"""How often one thing led to another: at every step, without going through the journal for each."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from ddd_kit import Domain, handle
from ddd_kit.fields import Integer
from ddd_kit.journal.entry import COLUMNS, CommandEntry, HandledEntry
from ddd_kit.journal.journal import Journal
from ddd_kit.views.mapping import tally as counting
from ddd_kit.views.mapping.tally import Tally, tally


def busy(limit: int = 100_000) -> Domain:
    """A model in which anything may happen."""
    domain = Domain(name="Busy", seed=7, config={"journal_limit": limit})

    @domain.event(part_of="Order")
    class OrderPaid:
        amount = Integer()

    @domain.aggregate
    class Order:
        amount = Integer(min_value=0, default=0)

    @domain.aggregate
    class Invoice: ...

    @domain.command(part_of=Order, stream_category="desk")
    class PayOrder:
        amount = Integer(max_value=9)

    @domain.command_handler(part_of=Order)
    class Desk:
        @handle(PayOrder)
        def pay(self, command: Any) -> None:
            order = Order(amount=command.amount)
            order.raise_(OrderPaid(amount=command.amount))
            domain.repository_for(Order).add(order)
            if command.amount == 7:
                raise ValueError("no pen")

    @domain.event_handler(part_of=Invoice, stream_category="order")
    class Billing:
        @handle(OrderPaid)
        def bill(self, event: Any) -> None:
            domain.repository_for(Invoice).add(Invoice())
            if event.amount % 4 == 0:
                raise ValueError(f"no paper for {event.amount}")

    @domain.event_handler(part_of=Order, source_stream="desk")
    class Again:
        @handle(OrderPaid)
        def pay_once_more(self, event: Any) -> None:
            if event.amount == 5:
                domain.process(PayOrder(amount=3))

    @domain.event_handler(part_of=Invoice)
    class WrongStream:
        @handle(OrderPaid)
        def never(self, event: Any) -> None: ...

    return domain


def do_something(domain: Domain, dice: random.Random) -> None:
    classes = {name: element.cls for name, element in domain.registry.elements.items()}
    orders = domain.repository_for("Order")
    deed, amount = dice.randrange(8), dice.randrange(-1, 11)
    with suppress(Exception):
        if deed < 3:
            domain.process(classes["PayOrder"](amount=amount))
        elif deed < 5:
            order = classes["Order"](amount=amount)
            order.raise_(classes["OrderPaid"](amount=amount))
            orders.add(order)
        elif deed == 5:
            orders.remove(orders.query.first)
        elif deed == 6:
            domain.config["event_processing"] = dice.choice(["sync", "async"])
        else:
            domain.deliver_all()


Counts = dict[str, Counter[Any]]


def counted(journal: Journal) -> Iterator[tuple[int, Counts]]:
    """The same after every step, counted from the entries one by one."""
    found: Counts = {word: Counter() for word in ("count", "failed", "skipped", "rejected")}
    found["instances"] = Counter(name for name, _ in journal.state_at(journal.first_step - 1))
    yield journal.first_step - 1, found
    for e in journal:
        cause = journal.step(e.cause) if e.cause and e.cause >= journal.first_step else None
        COUNTING[e.kind](found, e, actors(cause))
        yield e.step, found


def actors(cause: Any) -> list[str]:
    if isinstance(cause, HandledEntry):
        return [cause.handler]
    if isinstance(cause, CommandEntry):
        return [cause.type, *([cause.handler.split(".")[0]] if cause.handler else [])]
    return []


def command(found: Counts, e: Any, by: list[str]) -> None:
    found["count"][e.type, "", "published on"] += 1
    found["count"].update((actor, e.type, "issues") for actor in by)
    if e.handler:
        well = "count" if e.outcome == "ok" else "failed"
        found[well][e.type, e.handler.split(".")[0], "handled by"] += 1


def event(found: Counts, e: Any, _: list[str]) -> None:
    found["count"].update([(e.aggregate, e.type, "raises"), (e.type, "", "published on")])


def handled(found: Counts, e: Any, _: list[str]) -> None:
    found["count" if e.outcome == "ok" else "failed"][e.event, e.handler, "heard by"] += 1


def skipped(found: Counts, e: Any, _: list[str]) -> None:
    found["skipped"][e.event, e.handler, "heard by"] += 1


def fault(found: Counts, e: Any, _: list[str]) -> None:
    found["skipped"][e.event, e.handler, "heard by"] += e.fault == "drop"


def changed(found: Counts, e: Any, by: list[str]) -> None:
    found["count"].update((actor, e.aggregate, "changes") for actor in by)
    found["instances"][e.aggregate] += {"created": 1, "changed": 0, "removed": -1}[e.change]


def rejected(found: Counts, e: Any, _: list[str]) -> None:
    found["rejected"][e.element] += 1


def nothing(*_: Any) -> None: ...


COUNTING = {
    "command": command,
    "event": event,
    "handled": handled,
    "skipped": skipped,
    "changed": changed,
    "rejected": rejected,
    "unhandled": nothing,
    "defined": nothing,
    "fault": fault,
}


def assert_right(domain: Domain) -> None:
    """At every step."""
    for step, expected in counted(domain.journal):
        seen = tally(domain.journal, step)
        for word, counts in expected.items():
            assert +getattr(seen, word) == +counts, (word, step)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("limit", [100_000, 40], ids=["whole", "folded"])
def test_the_counts_at_every_step_are_those_of_the_entries(seed: int, limit: int) -> None:
    domain, dice = busy(limit), random.Random(seed)
    domain.faults.drop(handler="Billing", chance=0.3)
    domain.faults.deliver_twice(handler="Again", chance=0.3)
    for _ in range(30):
        do_something(domain, dice)
        if dice.random() < 0.2:
            assert_right(domain)
    assert (domain.journal.first_step > 1) == (limit == 40)
    assert_right(domain)


@pytest.mark.parametrize("seed", range(6))
def test_the_instances_are_those_of_the_state(seed: int) -> None:
    domain, dice = busy(60), random.Random(seed)
    for _ in range(40):
        do_something(domain, dice)
    journal = domain.journal
    for step in range(journal.first_step - 1, journal.last_step + 1):
        end = journal.batch_end(step)
        assert +tally(journal, end).instances == Counter(name for name, _ in journal.state_at(end))


def test_the_rule_that_kept_a_handler_out_is_the_last_one_by_then() -> None:
    domain = busy()
    pay = domain.registry.elements["PayOrder"].cls
    domain.process(pay(amount=1))
    by_then = domain.journal.last_step
    cls = domain.registry.elements["WrongStream"].cls
    domain.event_handler(cls, part_of="Invoice", stream_category="order", source_stream="web")
    domain.process(pay(amount=1))
    key = "OrderPaid", "WrongStream", "heard by"
    assert tally(domain.journal).rules[key] == "source_stream"
    assert tally(domain.journal, by_then).rules[key] == "stream_category"
    assert tally(domain.journal, 0).rules == {}


def test_a_handler_that_takes_care_of_its_error_is_counted_once() -> None:
    domain = Domain(name="Desk")
    order = domain.aggregate(type("Order", (), {}))
    event = domain.event(part_of="Order")(type("OrderPaid", (), {}))

    @domain.event_handler(part_of=order)
    class Billing:
        @handle(event)
        def bill(self, _: Any) -> None:
            raise ValueError("no paper")

        @classmethod
        def handle_error(cls, error: Exception, event: Any) -> None: ...

    paid = order()
    paid.raise_(event())
    domain.repository_for(order).add(paid)
    assert [e.method for e in domain.journal.of(kind="handled")] == ["bill", "handle_error"]
    counts = tally(domain.journal)
    assert counts.failed == {("OrderPaid", "Billing", "heard by"): 1}
    assert ("OrderPaid", "Billing", "heard by") not in counts.count


def test_what_a_folded_entry_caused_is_of_nobody() -> None:
    journal = Journal({"journal_limit": 2})
    handled: dict[str, Any] = dict.fromkeys(COLUMNS["handled"])
    handled |= {"kind": "handled", "chain": 1, "handler": "Billing", "method": "bill", "outcome": "ok"}
    changed: dict[str, Any] = dict.fromkeys(COLUMNS["changed"])
    changed |= {"kind": "changed", "chain": 1, "cause": 1, "aggregate": "Invoice", "after": (), "names": ()}
    journal.append([tuple(handled.values())], 1)
    journal.append([tuple(changed.values())], 2)
    journal.append([tuple(handled.values())], 3)
    assert journal.first_step == 2
    assert ("Billing", "Invoice", "changes") not in tally(journal).count


def test_an_interrupt_while_counting_counts_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    domain, dice = busy(), random.Random(3)
    for _ in range(20):
        do_something(domain, dice)

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(counting._COUNTING, "handled", interrupted)  # type: ignore[arg-type]
        with pytest.raises(KeyboardInterrupt):
            tally(domain.journal)
    assert_right(domain)


def test_after_a_time_without_a_journal_it_counts_anew() -> None:
    domain = busy()
    pay = domain.registry.elements["PayOrder"].cls
    domain.process(pay(amount=1))
    tally(domain.journal)
    domain.config["journal"] = False
    domain.process(pay(amount=1))
    domain.config["journal"] = True
    domain.process(pay(amount=1))
    assert tally(domain.journal).instances["Order"] == 3
    assert_right(domain)


@pytest.fixture(scope="module")
def long_journal() -> Journal:
    domain = busy()
    pay = domain.registry.elements["PayOrder"].cls
    while domain.journal.last_step < 20_000:
        domain.process(pay(amount=1))
    return domain.journal


def milliseconds(journal: Journal, steps: Any) -> float:
    """The time of the quickest of some counts."""
    durations = []
    for step in steps:
        start = time.process_time()
        tally(journal, step)
        durations.append(time.process_time() - start)
    return min(durations) * 1000


def test_a_step_in_a_long_journal_takes_no_longer_than_in_a_short_one(long_journal: Journal) -> None:
    tally(long_journal)
    assert milliseconds(long_journal, range(15_000, 15_020)) < 2


def test_what_is_kept_is_small(long_journal: Journal) -> None:
    """8 bytes for each thing that happened."""
    tally(long_journal)
    read = counting._known[long_journal]
    steps = [
        s for happened in (read.count, read.failed, read.skipped, read.created) for s in happened.values()
    ]
    assert sum(s.itemsize * len(s) for s in steps) < 20 * len(long_journal)


def test_the_reasons_are_kept_up_to_some() -> None:
    domain = busy()
    elements = domain.registry.elements
    for number in range(counting.ENOUGH * 2):
        order = elements["Order"].cls()
        order.raise_(elements["OrderPaid"].cls(amount=4 * number))
        with suppress(Exception):
            domain.repository_for("Order").add(order)
    made: Tally = tally(domain.journal)
    assert made.failed["OrderPaid", "Billing", "heard by"] == counting.ENOUGH * 2
    assert len(made.troubles["Billing"]) == counting.ENOUGH
