"""`domain.faults`: what message brokers do to deliveries, done on purpose, and what handlers make of it."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ddd_kit import Domain, UnitOfWork, handle
from ddd_kit.exceptions import EndlessChainError, IncorrectUsageError, InjectedFaultError
from ddd_kit.fields import Identifier, Integer, String

MODES = ("sync", "async")


class Shop:
    """Orders are shipped; two handlers reduce the stock of a shelf each.

    `Naive` takes every delivery for a new one. `Idempotent` remembers which orders it has seen, and which
    of their prices is the newest.
    """

    def __init__(self, mode: str = "sync", retries: int = 0, **config: Any) -> None:
        config = {"event_processing": mode} | config
        domain: Any = Domain(name="Bookshop", config=config, seed=7)
        self.domain = domain
        self.calls: list[str] = []
        calls = self.calls

        @domain.event(part_of="Order")
        class OrderShipped:
            order_id = Identifier(required=True)
            quantity = Integer(required=True)

        @domain.event(part_of="Order")
        class OrderPriced:
            number = Integer(required=True)

        @domain.aggregate
        class Order:
            quantity = Integer(default=10)

            def ship(self) -> None:
                self.raise_(OrderShipped(order_id=self.id, quantity=self.quantity))

            def price(self, number: int) -> None:
                self.raise_(OrderPriced(number=number))

        @domain.aggregate
        class Shelf:
            owner = String(required=True)
            in_stock = Integer(default=100)
            price = Integer(default=0)
            seen: list[str] = []  # noqa: RUF012 - a default, which each shelf gets for itself

        shelves = domain.repository_for(Shelf)

        @domain.event_handler(part_of=Shelf, stream_category="order", retries=retries)
        class Naive:
            @handle(OrderShipped)
            def reduce(self, event: Any) -> None:
                calls.append("Naive.reduce")
                shelf = shelves.find_by(owner="Naive")
                shelf.in_stock -= event.quantity
                shelves.add(shelf)

            @handle(OrderPriced)
            def note(self, event: Any) -> None:
                calls.append(f"Naive.note {event.number}")
                shelf = shelves.find_by(owner="Naive")
                shelf.price = event.number
                shelves.add(shelf)

        @domain.event_handler(part_of=Shelf, stream_category="order", retries=retries)
        class Idempotent:
            @handle(OrderShipped)
            def reduce(self, event: Any) -> None:
                calls.append("Idempotent.reduce")
                shelf = shelves.find_by(owner="Idempotent")
                if event.order_id not in shelf.seen:
                    shelf.seen = [*shelf.seen, event.order_id]
                    shelf.in_stock -= event.quantity
                    shelves.add(shelf)

            @handle(OrderPriced)
            def note(self, event: Any) -> None:
                calls.append(f"Idempotent.note {event.number}")
                shelf = shelves.find_by(owner="Idempotent")
                if event.number > shelf.price:
                    shelf.price = event.number
                    shelves.add(shelf)

        self.Order, self.OrderShipped, self.OrderPriced = Order, OrderShipped, OrderPriced
        self.Naive, self.Idempotent = Naive, Idempotent
        self.orders, self.shelves = domain.repository_for(Order), shelves
        for owner in ("Naive", "Idempotent"):
            shelves.add(Shelf(owner=owner))

    def ship(self, *, deliver: bool = True) -> Any:
        order = self.Order()
        order.ship()
        self.orders.add(order)
        if deliver and self.domain.config["event_processing"] == "async":
            self.domain.deliver_all()
        return order

    def price(self, *numbers: int) -> None:
        """Several events of one unit of work."""
        order = self.Order()
        for number in numbers:
            order.price(number)
        self.orders.add(order)
        if self.domain.config["event_processing"] == "async":
            self.domain.deliver_all()

    def held(self, field: str = "in_stock") -> dict[str, Any]:
        return {shelf.owner: getattr(shelf, field) for shelf in self.shelves.query.all()}

    def waiting(self) -> list[str]:
        return [delivery.target for delivery in self.domain.waiting]

    def injected(self) -> list[tuple[str, str, str]]:
        faults = self.domain.journal.of(kind="fault")
        return [(e.fault, f"{e.handler}.{e.method}", e.detail) for e in faults]


@pytest.fixture(params=MODES)
def shop(request: pytest.FixtureRequest) -> Shop:
    return Shop(request.param)


@pytest.fixture
def held() -> Shop:
    return Shop("async")


# The five faults, and what handlers make of them


def test_delivered_twice_only_an_idempotent_handler_counts_once(shop: Shop) -> None:
    shop.domain.faults.deliver_twice(event=shop.OrderShipped)
    shop.ship()
    assert shop.held() == {"Naive": 80, "Idempotent": 90}
    assert shop.injected() == [
        ("deliver_twice", "Naive.reduce", ""),
        ("deliver_twice", "Idempotent.reduce", ""),
    ]


def test_dropped_no_handler_can_help(shop: Shop) -> None:
    shop.domain.faults.drop(event=shop.OrderShipped)
    shop.ship()
    assert shop.held() == {"Naive": 100, "Idempotent": 100}
    assert shop.calls == []
    assert shop.injected() == [("drop", "Naive.reduce", ""), ("drop", "Idempotent.reduce", "")]


def test_delayed_only_a_handler_that_looks_at_the_order_ends_with_the_newest(shop: Shop) -> None:
    """The first of two prices comes last."""
    shop.domain.faults.delay(by=3, event=shop.OrderPriced, chance=0.5, seed=82)
    shop.price(1, 2)
    [(_, target, by)] = [found for found in shop.injected() if found[1] == "Naive.note"]
    assert (target, by) == ("Naive.note", "3 deliveries")
    assert shop.calls.index("Naive.note 1") > shop.calls.index("Naive.note 2")
    assert shop.held("price") == {"Naive": 1, "Idempotent": 2}


def test_out_of_order_only_a_handler_that_looks_at_the_order_ends_with_the_newest(shop: Shop) -> None:
    shop.domain.faults.shuffle(event=shop.OrderPriced, seed=0)
    shop.price(1, 2, 3)
    naive = [call for call in shop.calls if call.startswith("Naive")]
    assert sorted(naive) == ["Naive.note 1", "Naive.note 2", "Naive.note 3"]
    assert naive[-1] != "Naive.note 3"
    assert shop.held("price") == {"Naive": int(naive[-1][-1]), "Idempotent": 3}


def test_out_of_order_in_the_journal_is_the_place_of_each_that_changed_it(held: Shop) -> None:
    held.domain.faults.shuffle(seed=1)
    order = held.Order()
    for number in (1, 2, 3):
        order.price(number)
    held.orders.add(order)
    before = [(number, handler) for number in (1, 2, 3) for handler in ("Naive", "Idempotent")]
    values = [(dict(zip(d.row[6], d.row[7], strict=True))["number"], d.handler) for d in held.domain.waiting]
    moved = [
        (place, before.index(each) + 1) for place, each in enumerate(values, 1) if before[place - 1] != each
    ]
    assert moved
    told = [detail for _, _, detail in held.injected()]
    assert told == [f"place {now} instead of {was}" for now, was in moved]


@pytest.mark.parametrize("mode", MODES)
def test_a_failure_leaves_nothing_behind_so_that_a_retry_is_safe_for_both(mode: str) -> None:
    shop = Shop(mode, retries=2)
    shop.domain.faults.fail(times=2, event=shop.OrderShipped)
    shop.ship()
    assert shop.held() == {"Naive": 90, "Idempotent": 90}
    outcomes = [
        (e.attempt, e.outcome) for e in shop.domain.journal.of(kind="handled") if e.handler == "Naive"
    ]
    assert outcomes == [(1, "retried"), (2, "retried"), (3, "ok")]
    assert shop.calls == ["Naive.reduce", "Idempotent.reduce"], "the method does not run when it is to fail"
    assert shop.injected()[:2] == [("fail", "Naive.reduce", f"time {n} of 2") for n in (1, 2)]


def test_in_sync_mode_a_delivery_that_fails_for_good_is_gone() -> None:
    shop = Shop()
    shop.domain.faults.fail(handler=shop.Naive)
    with pytest.raises(
        InjectedFaultError, match=r"Naive\.reduce was made to fail on OrderShipped, time 1 of 1"
    ):
        shop.ship()
    assert shop.held() == {"Naive": 100, "Idempotent": 90}
    assert shop.waiting() == []


def test_in_hold_mode_a_delivery_that_fails_goes_on_waiting(held: Shop) -> None:
    held.domain.faults.fail(times=2, handler=held.Naive)
    held.ship(deliver=False)
    for _ in range(2):
        with pytest.raises(InjectedFaultError):
            held.domain.deliver(0)
        assert held.waiting() == ["Naive.reduce", "Idempotent.reduce"]
    held.domain.deliver(0)
    assert held.held()["Naive"] == 90
    assert held.waiting() == ["Idempotent.reduce"]


def test_a_failure_that_is_switched_on_later_strikes_what_waits_already(held: Shop) -> None:
    held.ship(deliver=False)
    held.domain.faults.fail()
    with pytest.raises(InjectedFaultError):
        held.domain.deliver(0)
    held.domain.faults.clear()
    assert held.domain.deliver_all() == 2


def test_handle_error_gets_the_failure() -> None:
    shop = Shop()
    caught: list[Exception] = []

    @shop.domain.event_handler(part_of=shop.Order)
    class Rescuing:
        @handle(shop.OrderShipped)
        def run(self, event: Any) -> None: ...

        def handle_error(self, error: Exception, _: Any) -> None:
            caught.append(error)

    shop.domain.faults.fail(handler="Rescuing")
    shop.ship()
    assert [type(error) for error in caught] == [InjectedFaultError]
    assert shop.waiting() == []


# Where deliveries stand in hold mode


def test_a_second_delivery_is_one_of_its_own(held: Shop) -> None:
    held.domain.faults.deliver_twice(handler=held.Naive)
    held.ship(deliver=False)
    assert held.waiting() == ["Naive.reduce", "Naive.reduce", "Idempotent.reduce"]
    held.domain.deliver(1)
    assert held.waiting() == ["Naive.reduce", "Idempotent.reduce"]


def test_a_dropped_delivery_does_not_wait(held: Shop) -> None:
    held.domain.faults.drop(handler=held.Naive)
    held.ship(deliver=False)
    assert held.waiting() == ["Idempotent.reduce"]


def test_a_delayed_delivery_waits_behind_those_that_overtake_it(held: Shop) -> None:
    held.domain.faults.delay(by=2, handler=held.Naive)
    held.ship(deliver=False)
    assert held.waiting() == ["Idempotent.reduce", "Naive.reduce"]
    held.domain.faults.remove(1)
    held.domain.faults.delay(by=1, event=held.OrderPriced)
    held.ship(deliver=False)
    assert held.waiting() == ["Idempotent.reduce", "Naive.reduce", "Naive.reduce", "Idempotent.reduce"]


def test_what_is_delayed_and_stands_alone_is_overtaken_by_what_comes_later(held: Shop) -> None:
    held.domain.faults.drop(handler=held.Idempotent)
    held.domain.faults.delay(by=1, event=held.OrderShipped)
    held.ship(deliver=False)
    assert held.waiting() == ["Naive.reduce"]
    order = held.Order()
    order.price(1)
    order.price(2)
    held.orders.add(order)
    assert held.waiting() == ["Naive.note", "Naive.reduce", "Naive.note"]


def test_what_is_delayed_is_made_when_nothing_else_is_left() -> None:
    shop = Shop()
    shop.domain.faults.delay(by=1_000)
    shop.ship()
    assert shop.held() == {"Naive": 90, "Idempotent": 90}
    assert shop.waiting() == []


def test_what_a_delivery_leads_to_overtakes_what_is_delayed() -> None:
    """By one delivery, also where that is caused only later, and in sync mode."""
    shop = Shop()

    @shop.domain.event_handler(part_of=shop.Order)
    class Repricing:
        @handle(shop.OrderShipped)
        def run(self, event: Any) -> None:
            shop.calls.append("Repricing.run")
            order = shop.orders.get(event.order_id)
            order.price(5)
            shop.orders.add(order)

    shop.domain.faults.delay(by=3, handler=shop.Naive, event=shop.OrderShipped)
    shop.ship()
    assert shop.calls == [
        "Idempotent.reduce", "Repricing.run", "Naive.note 5", "Naive.reduce", "Idempotent.note 5",
    ]  # fmt: skip


def test_faults_add_up(held: Shop) -> None:
    faults = held.domain.faults
    faults.deliver_twice(handler=held.Naive)
    faults.deliver_twice(event=held.OrderShipped)
    held.ship(deliver=False)
    assert Counter(held.waiting()) == {"Naive.reduce": 4, "Idempotent.reduce": 2}


# Chance and seed


def run_by_chance(seed: int | None = None) -> list[int]:
    shop = Shop()
    shop.domain.faults.drop(handler=shop.Naive, chance=0.5, seed=seed)
    for _ in range(60):
        shop.ship()
    return [fault.step for fault in shop.domain.journal.of(kind="fault")]


def test_a_chance_strikes_some() -> None:
    assert 15 < len(run_by_chance()) < 45


def test_the_same_seed_gives_the_same_run() -> None:
    assert run_by_chance() == run_by_chance()
    assert run_by_chance(3) == run_by_chance(3)
    assert run_by_chance(3) != run_by_chance(4)


def test_reset_keeps_the_faults_and_lets_their_chances_begin_anew() -> None:
    shop = Shop()
    shop.domain.faults.drop(chance=0.5)
    runs = []
    for _ in range(2):
        shop.domain.reset()
        for owner in ("Naive", "Idempotent"):
            shop.shelves.add(shop.domain.registry.elements["Shelf"].cls(owner=owner))
        for _ in range(20):
            shop.ship()
        runs.append(shop.calls[:])
        shop.calls.clear()
    assert runs[0] == runs[1]
    assert len(runs[0]) < 40


def test_two_faults_draw_on_their_own() -> None:
    shop = Shop("async")
    shop.domain.faults.deliver_twice(handler=shop.Naive, chance=0.5)
    shop.domain.faults.deliver_twice(handler=shop.Idempotent, chance=0.5)
    for _ in range(20):
        shop.ship(deliver=False)
    by_event = Counter((e.cause, e.handler) for e in shop.domain.journal.of(kind="fault"))
    naive = {step for step, handler in by_event if handler == "Naive"}
    assert naive != {step for step, handler in by_event if handler == "Idempotent"}


# The list of faults


def test_faults_show_what_is_switched_on() -> None:
    shop = Shop()
    faults = shop.domain.faults
    assert repr(faults) == "No fault is switched on."
    faults.deliver_twice(shop.OrderShipped)
    faults.drop(handler="Naive", chance=0.5)
    faults.delay(by=2, event="OrderShipped", handler=shop.Naive)
    faults.shuffle(seed=3)
    faults.fail(times=2)
    assert repr(faults).splitlines() == [
        "1  delivered twice: OrderShipped -> any handler",
        "2  dropped: any event -> Naive, chance 0.5",
        "3  delayed by 2 deliveries: OrderShipped -> Naive",
        "4  out of order: any event -> any handler, seed 3",
        "5  fails the first 2 times: any event -> any handler",
    ]
    assert [fault.number for fault in faults] == [1, 2, 3, 4, 5]


def test_a_fault_is_removed_by_its_number() -> None:
    shop = Shop()
    faults = shop.domain.faults
    faults.drop(handler=shop.Naive)
    faults.drop(handler=shop.Idempotent)
    faults.remove(1)
    assert repr(faults) == "2  dropped: any event -> Idempotent"
    shop.ship()
    assert shop.held() == {"Naive": 90, "Idempotent": 100}
    with pytest.raises(
        IncorrectUsageError, match=r"faults\.remove\(1\): there is no such fault, there are 2"
    ):
        faults.remove(1)
    faults.clear()
    shop.ship()
    assert shop.held() == {"Naive": 80, "Idempotent": 90}


def test_a_cell_that_runs_again_does_not_switch_its_fault_on_twice(held: Shop) -> None:
    for chance in (0.5, 1.0):
        held.domain.faults.deliver_twice(held.OrderShipped, chance=chance)
    assert repr(held.domain.faults) == "1  delivered twice: OrderShipped -> any handler"
    held.ship(deliver=False)
    assert len(held.waiting()) == 4


@pytest.mark.parametrize(
    ("switch", "text"),
    [
        (
            lambda f: f.drop("OrderShiped"),
            "OrderShiped is not an event of Bookshop: did you mean 'OrderShipped'",
        ),
        (lambda f: f.drop(handler="Naiv"), "Naiv is not an event handler of Bookshop: did you mean 'Naive'"),
        (lambda f: f.drop("Naive"), "Naive is an event handler of Bookshop, not an event"),
        (lambda f: f.drop(3), "3 is no event: give its class, or the name of that"),
        (lambda f: f.drop(chance=0), r"faults\.drop\(chance=0\): it is a number above 0"),
        (lambda f: f.drop(chance=1.5), r"faults\.drop\(chance=1\.5\)"),
        (lambda f: f.drop(chance=True), r"faults\.drop\(chance=True\)"),
        (lambda f: f.delay(by=0), r"faults\.delay\(by=0\): it is a whole number, 1 or more"),
        (lambda f: f.fail(times=1.5), r"faults\.fail\(times=1\.5\)"),
        (lambda f: f.shuffle(seed="x"), r"faults\.shuffle\(seed='x'\): it is a whole number, or None"),
    ],
)
def test_what_cannot_work_is_refused_and_switches_nothing_on(switch: Any, text: str) -> None:
    faults = Shop().domain.faults
    with pytest.raises(IncorrectUsageError, match=text):
        switch(faults)
    assert repr(faults) == "No fault is switched on."


def test_a_class_of_another_domain_is_refused() -> None:
    with pytest.raises(IncorrectUsageError, match="belongs to"):
        Shop().domain.faults.drop(Shop().OrderShipped)


def test_the_past_shows_its_faults_and_refuses_others() -> None:
    shop = Shop()
    shop.domain.faults.drop()
    past = shop.domain.at(1)
    assert repr(past.faults) == repr(shop.domain.faults)
    for change in (past.faults.deliver_twice, past.faults.clear, lambda: past.faults.remove(1)):
        with pytest.raises(IncorrectUsageError, match="the past cannot be changed"):
            change()
    assert len(shop.domain.faults) == 1


def test_a_copy_for_another_domain_goes_its_own_way() -> None:
    shop = Shop()
    shop.domain.faults.drop(chance=0.5)
    for _ in range(3):
        shop.ship()
    other = copy.copy(shop.domain)
    twin = shop.domain.faults.copied(other)
    twin.deliver_twice()
    assert (len(shop.domain.faults), len(twin)) == (1, 2)
    ours, theirs = next(iter(shop.domain.faults)), next(iter(twin))
    assert [ours._happens() for _ in range(20)] == [theirs._happens() for _ in range(20)]


def test_a_fork_has_the_same_faults_and_changes_only_its_own() -> None:
    shop = Shop()
    shop.domain.faults.drop(handler=shop.Naive)
    fork = shop.domain.fork()
    fork.faults.clear()
    shop.ship()
    assert shop.held() == {"Naive": 100, "Idempotent": 90}
    with fork.domain_context():
        shop.ship()
    theirs = fork.repository_for("Shelf").query.all()
    assert {shelf.owner: shelf.in_stock for shelf in theirs} == {"Naive": 90, "Idempotent": 90}


# What is told of them


def test_the_journal_tells_of_a_fault_as_injected_and_caused_by_its_event() -> None:
    shop = Shop()
    shop.domain.faults.deliver_twice(handler=shop.Naive)
    shop.ship()
    [fault] = shop.domain.journal.of(kind="fault")
    event = shop.domain.journal.step(fault.cause)
    assert (event.kind, fault.event, fault.chain) == ("event", "OrderShipped", event.chain)
    assert "↯ Naive.reduce: delivered twice (injected)" in repr(shop.domain.journal)
    runs = [e for e in shop.domain.journal.of(kind="handled") if e.handler == "Naive"]
    assert [e.cause for e in runs] == [event.step, event.step]
    assert fault in shop.domain.journal.of(event=shop.OrderShipped)


@pytest.mark.parametrize("mode", MODES)
def test_without_a_journal_faults_work_all_the_same(mode: str) -> None:
    shop = Shop(mode, retries=1, journal=False)
    shop.domain.faults.deliver_twice(event=shop.OrderShipped)
    shop.domain.faults.fail(event=shop.OrderShipped)
    shop.domain.faults.delay(event=shop.OrderShipped)
    shop.domain.faults.shuffle(event=shop.OrderPriced)
    shop.domain.faults.drop(event=shop.OrderPriced, handler=shop.Naive)
    shop.ship()
    shop.price(1, 2)
    assert shop.held() == {"Naive": 80, "Idempotent": 90}
    assert shop.held("price") == {"Naive": 0, "Idempotent": 2}
    shop.domain.config["journal"] = True
    assert len(shop.domain.journal) == 0


def test_why_not_says_that_a_delivery_was_dropped(shop: Shop) -> None:
    shop.domain.faults.drop(handler=shop.Naive)
    shop.ship()
    shop.domain.faults.clear()
    [fault] = shop.domain.journal.of(kind="fault")
    dropped = f"the delivery to reduce was dropped (injected) in step {fault.step}"
    for answer in (shop.domain.why_not("Naive", shop.OrderShipped), shop.domain.why_not("Naive")):
        assert answer.event is not None
        assert [str(check) for check in answer.broken] == [dropped]
        assert answer.event.step == fault.cause
    shop.ship()
    assert shop.domain.why_not("Naive").event.step == fault.cause, "the one that it did not take"


def test_why_tells_of_the_second_delivery_like_of_the_first(shop: Shop) -> None:
    shop.domain.faults.deliver_twice()
    shop.ship()
    shelf = shop.shelves.find_by(owner="Naive")
    answer = shop.domain.why(shelf, "in_stock")
    assert answer.sentence.endswith("in_stock 90 -> 80.")
    assert answer.complete


def test_an_endless_chain_of_double_deliveries_is_stopped() -> None:
    shop = Shop(max_chain_length=50)

    @shop.domain.event_handler(part_of=shop.Order)
    class Again:
        @handle(shop.OrderShipped)
        def run(self, event: Any) -> None:
            order = shop.orders.get(event.order_id)
            order.ship()
            shop.orders.add(order)

    shop.domain.faults.deliver_twice()
    shop.domain.faults.delay(by=3, handler="Again", chance=0.5)
    with pytest.raises(EndlessChainError):
        shop.ship()
    assert shop.waiting() == []
    assert len(shop.domain.journal.of(kind="handled")) == 50


def test_an_interrupt_in_a_faulty_run_loses_no_delivery(held: Shop) -> None:
    @held.domain.event_handler(part_of=held.Order)
    class Stop:
        @handle(held.OrderShipped)
        def run(self, _: Any) -> None:
            raise KeyboardInterrupt

    held.domain.faults.deliver_twice(handler="Stop")
    held.domain.faults.delay(by=1, handler="Stop")
    held.ship(deliver=False)
    with pytest.raises(KeyboardInterrupt):
        held.domain.deliver_all()
    assert held.waiting() == ["Stop.run", "Stop.run"]


# No delivery is lost, or made more often than the journal says


class Told:
    """Reads from the journal what has to wait after each unit of work."""

    def __init__(self, domain: Any) -> None:
        self.domain = domain

    def expected(self) -> Counter[tuple[int, str]]:
        """How often each delivery has to be made in the end."""
        counts: Counter[tuple[int, str]] = Counter()
        for entry in self.domain.journal:
            self._count(counts, entry)
        return counts

    def after_each_unit(self) -> Iterator[tuple[int, Counter[tuple[int, str]]]]:
        journal = self.domain.journal
        counts: Counter[tuple[int, str]] = Counter()
        for entry in journal:
            self._count(counts, entry)
            if entry.kind == "handled" and not entry.waits:
                counts[entry.cause, f"{entry.handler}.{entry.delivered_to}"] -= 1
            if journal.batch_end(entry.step) == entry.step:
                yield entry.step, +counts

    @staticmethod
    def _count(counts: Counter[tuple[int, str]], entry: Any) -> None:
        if entry.kind == "event":
            counts.update((entry.step, f"{handler}.{method}") for handler, method in entry.deliveries)
        elif entry.kind == "fault":
            more = {"deliver_twice": 1, "drop": -1}.get(entry.fault, 0)
            counts[entry.cause, f"{entry.handler}.{entry.method}"] += more


FAULTS = st.lists(
    st.tuples(
        st.sampled_from(["deliver_twice", "drop", "delay", "shuffle", "fail"]),
        st.sampled_from([None, "OrderShipped", "OrderPriced"]),
        st.sampled_from([None, "Naive", "Idempotent"]),
        st.sampled_from([0.3, 0.6, 1.0]),
        st.integers(1, 4),
    ),
    max_size=5,
)
DEEDS = st.lists(st.sampled_from(["ship", "price", "both", "deliver", "all", "turn"]), min_size=1, max_size=8)


@settings(max_examples=60, derandomize=True, database=None)
@given(mode=st.sampled_from(MODES), faults=FAULTS, deeds=DEEDS)
def test_no_delivery_is_lost_or_made_more_often_than_the_journal_says(
    mode: str, faults: list[Any], deeds: list[str]
) -> None:
    shop = Shop(mode)
    domain = shop.domain
    for kind, event, handler, chance, count in faults:
        amount = {"delay": {"by": count}, "fail": {"times": count}}.get(kind, {})
        getattr(domain.faults, kind)(event=event, handler=handler, chance=chance, **amount)
    seen = {}
    for deed in deeds:
        with suppress(InjectedFaultError, ExceptionGroup, IncorrectUsageError):
            act(shop, deed)
        seen[domain.journal.last_step] = [(d.step, d.target) for d in domain.waiting]
    while domain.waiting:
        with suppress(InjectedFaultError, ExceptionGroup):
            domain.deliver_all()
    told = Told(domain)
    ended = Counter(
        (e.cause, f"{e.handler}.{e.delivered_to}") for e in domain.journal.of(kind="handled") if not e.waits
    )
    assert ended == +told.expected()
    for step, waiting in told.after_each_unit():
        assert Counter((d.step, d.target) for d in domain.at(step).waiting) == waiting
        assert step not in seen or Counter(seen[step]) == waiting


def act(shop: Shop, deed: str) -> None:
    domain = shop.domain
    if deed == "turn":
        domain.config["event_processing"] = "async" if domain.config["event_processing"] == "sync" else "sync"
    elif deed == "deliver":
        domain.deliver(-1)
    elif deed == "all":
        domain.deliver_all()
    else:
        with UnitOfWork(domain):
            order = shop.Order()
            if deed in ("ship", "both"):
                order.ship()
            if deed in ("price", "both"):
                order.price(1)
                order.price(2)
            shop.orders.add(order)


def test_the_past_has_what_waited_in_its_order_before_and_after_each_fault() -> None:
    """As long as the next one is delivered each time."""
    shop = Shop("async")
    domain = shop.domain
    domain.faults.deliver_twice(handler=shop.Naive, event=shop.OrderShipped)
    domain.faults.delay(by=2, handler=shop.Naive, event=shop.OrderShipped)
    domain.faults.drop(handler=shop.Idempotent, event=shop.OrderPriced)
    domain.faults.shuffle(event=shop.OrderPriced, seed=5)
    seen = {}

    def look() -> None:
        seen[domain.journal.last_step] = [(d.step, d.target) for d in domain.waiting]

    look()
    for deed in ("ship", "both", "price"):
        act(shop, deed)
        look()
    while domain.waiting:
        domain.deliver()
        look()
    for step, waiting in seen.items():
        assert [(d.step, d.target) for d in domain.at(step).waiting] == waiting
