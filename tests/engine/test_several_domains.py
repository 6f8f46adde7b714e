"""Several domains in one process: events cross from one into another, and each keeps its own journal."""

from __future__ import annotations

import threading

import pytest

from ddd_kit import Domain, Event, UnitOfWork, handle
from ddd_kit.engine.neighbours import Locks
from ddd_kit.exceptions import ConfigurationError, EndlessChainError, IncorrectUsageError
from ddd_kit.fields import Identifier, Integer, ValueObject
from tests.two_contexts import place, two_contexts


@pytest.fixture
def both():
    return two_contexts()


def _left(both, warehouse=None):
    return (warehouse or both.warehouse).repository_for(both.Stock).get("A").left


def _status(both, order_id):
    return both.sales.repository_for(both.Order).get(order_id).status


def _told(domain):
    return [
        (e.kind, getattr(e, "handler", getattr(e, "type", ""))) for e in domain.journal if e.kind != "defined"
    ]


def test_an_event_crosses_into_the_domain_that_listens_and_what_that_raises_comes_back(both):
    place(both, "o-1", 3)
    assert (_left(both), _status(both, "o-1")) == (7, "confirmed")


def test_each_journal_tells_its_own_side(both):
    place(both, "o-1", 3)
    assert _told(both.sales) == [
        ("changed", ""),
        ("event", "OrderPlaced"),
        ("handled", "domain Warehouse"),
        ("event", "StockReserved"),
        ("handled", "Confirm"),
        ("changed", ""),
    ]
    assert _told(both.warehouse)[1:] == [
        ("event", "OrderPlaced"),
        ("handled", "Reserve"),
        ("changed", ""),
        ("event", "StockReserved"),
        ("handled", "domain Sales"),
    ]


def test_what_an_event_holds_crosses_with_it():
    """Its value objects are of the domain that it comes from, whether named or given as a class."""
    sales, warehouse, heard = Domain(name="Sales"), Domain(name="Warehouse"), []

    @sales.value_object
    class Money:
        amount: int

    @sales.aggregate
    class Order: ...

    @sales.event(part_of=Order)
    class OrderPaid:
        total = ValueObject(Money)
        fee = ValueObject("Money")

    @warehouse.event_handler(stream_category="sales::order")
    class Hear:
        @handle(OrderPaid)
        def hear(self, event):
            heard.append((event.total.amount, event.fee.amount))

    order = Order()
    order.raise_(OrderPaid(total=Money(amount=5), fee=Money(amount=1)))
    sales.repository_for(Order).add(order)
    assert heard == [(5, 1)]


def test_an_event_of_another_domain_says_where_it_comes_from(both):
    place(both, "o-1", 3)
    here = both.sales.journal.of(kind="event", event="OrderPlaced")[0]
    there = both.warehouse.journal.of(kind="event", event="OrderPlaced")[0]
    assert (there.source, there.category, there.cause, here.source) == ("Sales", "sales::order", None, None)
    assert there.message_id == here.message_id
    assert there.payload == here.payload
    assert "OrderPlaced (sku A, quantity 3) on sales::order, from Sales" in both.warehouse.journal.to_text()
    stock = both.warehouse.repository_for(both.Stock).get("A")
    assert both.warehouse.why(stock, "left").sentence.startswith(
        "OrderPlaced (sku A, quantity 3) came from Sales on `sales::order`: Reserve listens to `sales::order`"
    )


def test_an_event_of_another_domain_has_its_category_where_a_projector_is_defined_too(both):
    both.sales.forget("Confirm")
    both.sales.projection(type("OrderList", (), {"order_id": Identifier(identifier=True)}))

    @both.sales.projector(projector_for="OrderList", aggregates=[both.Order])
    class WriteOrderList:
        @handle(both.OrderPlaced)
        def add(self, event): ...

    @both.sales.event_handler(part_of=both.Order, stream_category="warehouse::stock")
    class HearReservations:
        @handle(both.StockReserved)
        def hear(self, event): ...

    registry = both.sales.registry
    assert registry.message_category(registry.elements["StockReserved"]) == "warehouse::stock"


def test_metadata_of_an_event_from_elsewhere_bear_the_others_names(both):
    seen = []

    @both.warehouse.event_handler(stream_category="sales::order")
    class Reserve:
        @handle(both.OrderPlaced)
        def reserve(self, event):
            seen.append((event._metadata, isinstance(event, both.OrderPlaced)))

    place(both, "o-1")
    ((metadata, same),) = seen
    assert same
    assert metadata.headers.type == "Sales.OrderPlaced.v1"
    assert metadata.headers.stream == "sales::order-o-1"


def test_only_events_that_a_handler_takes_cross(both):
    order = both.Order(id="o-1", sku="A")
    order.pack()
    both.sales.repository_for(both.Order).add(order)
    assert both.sales.journal[-1].kind == "unhandled"
    assert not both.warehouse.journal.of(kind="event")


def test_a_failure_there_reaches_the_caller_and_both_sides_keep_what_they_saved(both):
    with pytest.raises(ValueError, match="not enough") as caught:
        place(both, "o-1", 30)
    assert caught.value.__notes__[0] == "Reserve.reserve failed on OrderPlaced: what it did is undone."
    assert _status(both, "o-1") == "new"
    assert both.sales.journal[-1].outcome == "ok"
    assert both.warehouse.journal[-1].outcome == "failed"
    assert not both.sales.waiting
    assert not both.warehouse.waiting


def test_what_happens_in_a_fork_stays_inside_and_the_journal_says_so(both):
    fork = both.sales.fork()
    with fork.domain_context():
        place(both, "o-1", 3, fork)
    assert _left(both) == 10
    assert (fork.journal[-1].kind, fork.journal[-1].rule) == ("skipped", "fork")
    assert "what happens in a fork does not reach Warehouse" in fork.journal.to_text()


def test_a_fork_of_the_listener_does_not_hear_and_the_listener_does(both):
    fork = both.warehouse.fork()
    place(both, "o-1", 3)
    assert (_left(both, fork), _left(both)) == (10, 7)


def test_held_here_an_event_waits_before_the_border_and_held_there_behind_it(both):
    both.sales.config["event_processing"] = "async"
    place(both, "o-1", 3)
    assert repr(both.sales.waiting) == "0  OrderPlaced -> domain Warehouse.receive"
    both.warehouse.config["event_processing"] = "async"
    both.sales.deliver()
    assert repr(both.warehouse.waiting) == "0  OrderPlaced -> Reserve.reserve"
    both.warehouse.deliver_all()
    assert repr(both.sales.waiting) == "0  StockReserved -> Confirm.confirm"
    both.sales.deliver()
    assert (_left(both), _status(both, "o-1")) == (7, "confirmed")


def test_at_replay_save_and_load_hold_on_both_sides(both, tmp_path):
    place(both, "o-1", 3)
    step = both.warehouse.journal.last_step
    place(both, "o-2", 2)
    assert _left(both, both.warehouse.at(step)) == 7
    for domain in (both.sales, both.warehouse):
        assert domain.replay().same
        told = domain.journal.to_text()
        domain.save(tmp_path / "run.jsonl")
        assert domain.load(tmp_path / "run.jsonl").level == "fine"
        assert domain.journal.to_text() == told
    place(both, "o-3", 1)
    assert _left(both) == 4


def test_a_registered_class_of_its_own_reads_only_what_it_wants():
    sales, warehouse, heard = Domain(name="Sales"), Domain(name="Warehouse"), []

    class Wanted(Event):
        order_id = Identifier(required=True)

    assert warehouse.register_external_event(Wanted, "Sales.OrderPlaced.v1").__name__ == "Wanted"
    assert Wanted(order_id=1).order_id == "1"

    @warehouse.event_handler(stream_category="sales::order")
    class Hear:
        @handle(Wanted)
        def hear(self, event):
            heard.append(event)

    @sales.aggregate
    class Order: ...

    @sales.event(part_of=Order)
    class OrderPlaced:
        order_id = Identifier(required=True)
        quantity = Integer()

    order = Order(id="o-1")
    order.raise_(OrderPlaced(order_id="o-1", quantity=3))
    sales.repository_for(Order).add(order)
    assert heard == [Wanted(order_id="o-1")]
    (came,) = warehouse.journal.of(kind="event")
    assert (came.type, came.payload) == ("Wanted", {"order_id": "o-1", "quantity": 3})


@pytest.mark.parametrize("type_string", ["OrderPlaced", "Sales.OrderPlaced.1", "Sales..v1", 7])
def test_a_type_that_is_none_is_refused(type_string):
    class OrderPlaced(Event): ...

    with pytest.raises(ConfigurationError, match="write the domain, the event and the version"):
        Domain(name="Warehouse").register_external_event(OrderPlaced, type_string)


def test_an_event_of_another_domain_is_refused_where_nothing_of_it_is_listened_to(both):
    with pytest.raises(IncorrectUsageError, match="OrderPlaced belongs to the domain Sales"):

        @both.warehouse.event_handler(part_of=both.Stock)
        class Deaf:
            @handle(both.OrderPlaced)
            def hear(self, event): ...


def test_a_process_manager_hears_across(both):
    @both.warehouse.process_manager(stream_categories=["sales::order", "stock"])
    class Picking:
        status: str = "new"

        @handle(both.OrderPlaced, start=True, correlate="order_id")
        def on_placed(self, event):  # noqa: ARG002 - as handlers are
            self.status = "placed"

        @handle(both.StockReserved, correlate="order_id", end=True)
        def on_reserved(self, event):  # noqa: ARG002 - as handlers are
            self.status = "reserved"

    place(both, "o-1")
    assert both.warehouse.repository_for(Picking).get("o-1").status == "reserved"


def test_the_cell_of_a_domain_run_again_takes_over(both):
    both.sales.forget(both.Confirm)
    warehouse, heard = Domain(name="Warehouse"), []
    place(both, "o-1")
    assert (_left(both), both.sales.journal[-1].kind) == (10, "unhandled")

    @warehouse.event_handler(stream_category="sales::order")
    class Hear:
        @handle("OrderPlaced")
        def hear(self, event):
            heard.append(event.order_id)

    place(both, "o-2")
    assert heard == ["o-2"]
    assert _left(both) == 10


def test_a_handler_that_is_forgotten_ends_the_crossing(both):
    both.warehouse.forget(both.Reserve)
    place(both, "o-1")
    assert both.sales.journal[-1].kind == "unhandled"


def test_an_event_whose_cell_is_run_again_crosses_as_it_is_now(both):
    @both.sales.event(part_of=both.Order)
    class OrderPlaced:
        order_id = Identifier(required=True)
        sku = Identifier()
        quantity = Integer()
        gift = Integer(default=1)

    order = both.Order(id="o-1", sku="A", quantity=2)
    order.raise_(OrderPlaced(order_id="o-1", sku="A", quantity=2))
    both.sales.repository_for(both.Order).add(order)
    assert _left(both) == 8
    assert both.warehouse.journal.of(kind="event")[0].payload["gift"] == 1


def _player(name, other):
    """A domain that hits the ball whenever the other one does."""
    domain = Domain(name=name, config={"max_chain_length": 40})

    @domain.aggregate
    class Ball:
        hits: int = 0

    @domain.event(part_of=Ball)
    class Hit:
        ball = Identifier()

    class HitThere(Event):
        ball = Identifier()

    domain.register_external_event(HitThere, f"{other}.Hit.v1")

    @domain.event_handler(stream_category=f"{other.lower()}::ball")
    class Play:
        @handle(HitThere)
        def play(self, event):
            serve(event.ball)

    def serve(ball_id):
        ball = domain.repository_for(Ball).get_or_none(ball_id) or Ball(id=ball_id)
        ball.raise_(Hit(ball=ball_id))
        domain.repository_for(Ball).add(ball)

    return domain, serve


def test_a_circle_through_two_domains_ends():
    (ann, serve), (bob, _) = _player("Ann", "Bob"), _player("Bob", "Ann")
    with pytest.raises(EndlessChainError, match="does not end"):
        serve("b")
    assert not ann.waiting
    assert not bob.waiting
    assert len(ann.stream("ball")) > 5
    assert len(bob.stream("ball")) > 5


def test_threads_in_both_directions_wait_their_turn_and_none_waits_forever(both):
    both.warehouse.config["event_processing"] = "sync"

    def sell(name):
        for number in range(30):
            place(both, f"{name}-{number}", 0)

    def restock():
        for _ in range(60):
            with UnitOfWork(both.warehouse):
                stocks = both.warehouse.repository_for(both.Stock)
                stock = stocks.get("A")
                stock.raise_(both.StockReserved(order_id="a-0"))
                stocks.add(stock)

    place(both, "a-0", 0)
    threads = [threading.Thread(target=sell, args=(name,), daemon=True) for name in ("b", "c")]
    threads.append(threading.Thread(target=restock, daemon=True))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert both.warehouse.journal.of(kind="event", event="OrderPlaced")[-1].position == 0
    assert len(both.warehouse.journal.of(kind="event", event="OrderPlaced")) == 61


def test_locks_are_shared_by_those_who_hear_each_other_and_by_nobody_else(both):
    alone = Domain(name="Alone")
    assert both.sales.lock is both.warehouse.lock
    assert isinstance(both.sales.lock, Locks)
    assert not isinstance(alone.lock, Locks)


def test_domains_can_meet_while_a_unit_of_work_is_open():
    sales, warehouse = Domain(name="Sales"), Domain(name="Warehouse")
    with UnitOfWork(sales):

        @warehouse.event_handler(stream_category="sales::order")
        class Hear:
            @handle("OrderPlaced")
            def hear(self, event): ...

    assert sales.lock is warehouse.lock
    free = []

    def take():
        free.append(sales.lock.acquire(timeout=5))
        sales.lock.release()

    thread = threading.Thread(target=take)
    thread.start()
    thread.join()
    assert free == [True]


def test_a_lock_that_is_taken_is_not_waited_for_longer_than_asked():
    first, second = threading.RLock(), threading.RLock()
    both, got = Locks([first, second]), []
    with second:
        thread = threading.Thread(target=lambda: got.append(both.acquire(timeout=0.01)))
        thread.start()
        thread.join()
    assert got == [False]
    assert both.acquire(blocking=False)
    both.release()
