"""Hold mode: `event_processing = "async"`, in which a class sees eventual consistency happen."""

from contextlib import suppress

import pytest

from ddd_kit import Domain, UnitOfWork, handle
from ddd_kit.exceptions import EndlessChainError, IncorrectUsageError
from ddd_kit.fields import Identifier, Integer


class Shop:
    """A domain in hold mode, with notes of what its handlers did."""

    def __init__(self, **config):
        domain = self.domain = Domain(name="Bookshop", config={"event_processing": "async"} | config)
        self.calls = []

        @domain.event(part_of="Order")
        class OrderPlaced:
            order_id = Identifier(required=True)

        @domain.event(part_of="Order")
        class OrderShipped:
            order_id = Identifier(required=True)

        @domain.aggregate
        class Order:
            quantity = Integer(default=0)

            def place(self):
                self.raise_(OrderPlaced(order_id=self.id))

            def ship(self):
                self.raise_(OrderShipped(order_id=self.id))

        self.Order, self.OrderPlaced, self.OrderShipped = Order, OrderPlaced, OrderShipped
        self.orders = domain.repository_for(Order)

    def place(self):
        order = self.Order()
        order.place()
        return self.orders.add(order)

    def waiting(self):
        return [(delivery.event, delivery.target) for delivery in self.domain.waiting]

    def handler(self, name, event, do=None):
        """Define a handler that notes that it ran, then does something."""

        class Handler:
            @handle(event)
            def run(self, event):
                note(name)
                if do is not None:
                    do(event)

        note = self.calls.append
        Handler.__name__ = Handler.__qualname__ = name
        return self.domain.event_handler(part_of=self.Order)(Handler)

    def ship_order(self, event):
        order = self.orders.get(event.order_id)
        order.ship()
        self.orders.add(order)


@pytest.fixture
def shop():
    return Shop()


def test_a_commit_only_appends_and_queues(shop):
    """State and events are there; no handler has run."""
    shop.handler("A", shop.OrderPlaced)
    shop.handler("B", shop.OrderPlaced)
    order = shop.place()
    assert (shop.calls, len(shop.domain.stream(order))) == ([], 1)
    assert shop.waiting() == [("OrderPlaced", "A.run"), ("OrderPlaced", "B.run")]


def test_what_waits_shows_its_place():
    shop = Shop()
    assert repr(shop.domain.waiting) == "No delivery is waiting."
    shop.handler("A", shop.OrderPlaced)
    shop.handler("B", shop.OrderPlaced)
    shop.place()
    assert repr(shop.domain.waiting) == "0  OrderPlaced -> A.run\n1  OrderPlaced -> B.run"


def test_deliver_takes_the_next_or_a_chosen_one(shop):
    for name in "ABC":
        shop.handler(name, shop.OrderPlaced)
    shop.place()
    shop.domain.deliver()
    shop.domain.deliver(1)
    shop.domain.deliver(-1)
    assert shop.calls == ["A", "C", "B"]
    assert shop.waiting() == []


def test_deliver_makes_no_more_than_one(shop):
    """What the handler raised waits at the end."""
    shop.handler("Ship", shop.OrderPlaced, do=shop.ship_order)
    shop.handler("Later", shop.OrderPlaced)
    shop.handler("Watcher", shop.OrderShipped)
    shop.place()
    shop.domain.deliver()
    assert shop.calls == ["Ship"]
    assert shop.waiting() == [("OrderPlaced", "Later.run"), ("OrderShipped", "Watcher.run")]


def test_deliver_all_makes_all_and_what_they_lead_to(shop):
    """It says how many there were."""
    shop.handler("Ship", shop.OrderPlaced, do=shop.ship_order)
    shop.handler("Watcher", shop.OrderShipped)
    shop.place()
    assert shop.domain.deliver_all() == 2
    assert shop.calls == ["Ship", "Watcher"]
    assert shop.domain.deliver_all() == 0


def test_a_command_is_processed_at_once(shop):
    """Only deliveries are held."""

    @shop.domain.command(part_of=shop.Order)
    class PlaceOrder:
        quantity: int

    @shop.domain.command_handler(part_of=shop.Order)
    class ManageOrder:
        @handle(PlaceOrder)
        def place(self, command):
            order = shop.Order(quantity=command.quantity)
            order.place()
            shop.orders.add(order)
            return order.id

    shop.handler("A", shop.OrderPlaced)
    assert shop.orders.get(shop.domain.process(PlaceOrder(quantity=3))).quantity == 3
    assert shop.waiting() == [("OrderPlaced", "A.run")]


def test_a_failed_delivery_stays_waiting(shop):
    """At its place, to be tried again; nothing of it is saved."""
    errors = [LookupError("1"), LookupError("2")]

    def fail(_event):
        shop.orders.add(shop.Order())
        if errors:
            raise errors.pop(0)

    shop.handler("Fail", shop.OrderPlaced, do=fail)
    shop.handler("B", shop.OrderPlaced)
    shop.place()
    with pytest.raises(LookupError, match="1"):
        shop.domain.deliver()
    assert shop.waiting() == [("OrderPlaced", "Fail.run"), ("OrderPlaced", "B.run")]
    with pytest.raises(LookupError, match="2"):
        shop.domain.deliver_all()
    assert shop.waiting() == [("OrderPlaced", "Fail.run")]
    assert shop.orders.query.count() == 1
    assert shop.domain.deliver_all() == 1
    assert shop.orders.query.count() == 2
    assert shop.waiting() == []


def test_deliver_all_tries_each_delivery_once(shop):
    """One that fails does not keep it busy for ever."""

    def fail(_event):
        raise LookupError("never")

    shop.handler("Fail", shop.OrderPlaced, do=fail)
    shop.place()
    shop.place()
    with pytest.raises(ExceptionGroup, match="2 deliveries failed"):
        shop.domain.deliver_all()
    assert shop.calls == ["Fail", "Fail"]
    assert len(shop.waiting()) == 2


def test_a_failed_delivery_that_waits_waits_in_the_past_too(shop):
    """`at(step).waiting` is what `waiting` was after that step."""

    def fail(_event):
        raise LookupError("never")

    shop.handler("Fail", shop.OrderPlaced, do=fail)
    shop.handler("B", shop.OrderPlaced)
    shop.place()
    with suppress(LookupError):
        shop.domain.deliver()
    past = shop.domain.at(shop.domain.journal.last_step)
    assert [delivery.target for delivery in past.waiting] == ["Fail.run", "B.run"]
    shop.domain.deliver(1)
    past = shop.domain.at(shop.domain.journal.last_step)
    assert [delivery.target for delivery in past.waiting] == ["Fail.run"]


def test_a_rescued_method_does_not_hide_its_siblings_in_the_past(shop):
    """After `handle_error` ran for one method, the other one of the class still waits."""

    @shop.domain.event_handler(part_of=shop.Order)
    class Careful:
        @handle(shop.OrderPlaced)
        def one(self, _event):
            raise LookupError("one")

        @handle(shop.OrderPlaced)
        def two(self, _event):
            pass

        @classmethod
        def handle_error(cls, exc, event):
            pass

    shop.place()
    shop.domain.deliver()
    assert shop.waiting() == [("OrderPlaced", "Careful.two")]
    past = shop.domain.at(shop.domain.journal.last_step)
    assert [delivery.target for delivery in past.waiting] == ["Careful.two"]


def test_handlers_defined_later_start_at_the_newest_event(shop):
    shop.place()
    shop.handler("A", shop.OrderPlaced)
    assert shop.waiting() == []
    shop.place()
    assert shop.waiting() == [("OrderPlaced", "A.run")]


def test_a_redefined_handler_keeps_its_place(shop):
    """What waited for the old one is taken by the new one."""
    shop.handler("A", shop.OrderPlaced)
    shop.handler("B", shop.OrderPlaced)
    shop.place()
    shop.handler("A", shop.OrderPlaced, do=lambda _: shop.calls.append("the new A"))
    shop.domain.deliver_all()
    assert shop.calls == ["A", "the new A", "B"]


def test_a_delivery_to_a_handler_that_is_gone_is_skipped(shop):
    """The journal says why."""
    shop.handler("A", shop.OrderPlaced)
    shop.place()
    shop.domain.forget("A")
    shop.domain.deliver_all()
    assert (shop.calls, shop.waiting()) == ([], [])
    [skipped] = shop.domain.journal.of(kind="skipped")
    assert (skipped.handler, skipped.rule, skipped.wanted) == ("A", "retired", "A.run")


def test_a_delivery_to_a_method_that_is_gone_is_skipped(shop):
    shop.handler("A", shop.OrderPlaced)
    shop.place()

    @shop.domain.event_handler(part_of=shop.Order)
    class A:
        @handle(shop.OrderPlaced)
        def walk(self, _event):
            shop.calls.append("walk")

    shop.domain.deliver_all()
    assert shop.calls == []
    assert shop.domain.journal.of(kind="skipped")[0].wanted == "A.run"


def test_a_handler_sees_the_state_of_its_delivery_not_of_its_event(shop):
    """That is what eventual consistency means."""
    seen = []
    shop.handler("A", shop.OrderPlaced, do=lambda e: seen.append(shop.orders.get(e.order_id).quantity))
    order = shop.place()
    order.quantity = 5
    shop.orders.add(order)
    shop.domain.deliver_all()
    assert seen == [5]


def test_switching_back_to_sync_works_the_rest_off_at_the_next_commit_with_events(shop):
    """In order: what waited comes first."""
    shop.handler("A", shop.OrderPlaced, do=lambda e: shop.calls.append(e.order_id))
    first = shop.place()
    shop.domain.config["event_processing"] = "sync"
    assert len(shop.waiting()) == 1
    second = shop.place()
    assert shop.calls == ["A", first.id, "A", second.id]


def test_held_events_keep_what_they_said(shop):
    """The payload is a snapshot, and so are the metadata."""
    got = []
    shop.handler("A", shop.OrderPlaced, do=got.append)
    order = shop.place()
    shop.domain.deliver()
    assert got[0].order_id == order.id
    assert got[0]._metadata.headers.id == shop.domain.stream(order)[0].message_id


def test_an_endless_chain_stops_in_hold_mode_too():
    """Step by step, however often the user asks for the next."""
    shop = Shop(max_chain_length=3)
    shop.handler("Ship", shop.OrderPlaced, do=shop.ship_order)
    shop.handler("Echo", shop.OrderShipped, do=shop.ship_order)
    shop.place()
    for _ in range(3):
        shop.domain.deliver()
    with pytest.raises(EndlessChainError, match=r"OrderShipped -> Echo\.run -> OrderShipped does not"):
        shop.domain.deliver()
    assert shop.waiting() == []


def test_reset_drops_what_waits(shop):
    shop.handler("A", shop.OrderPlaced)
    shop.place()
    shop.domain.reset()
    assert shop.waiting() == []
    assert shop.domain.deliver_all() == 0


def test_a_delivery_that_does_not_wait_is_named(shop):
    with pytest.raises(IncorrectUsageError, match=r"deliver\(0\): there is no such delivery, none waits"):
        shop.domain.deliver()
    shop.handler("A", shop.OrderPlaced)
    shop.place()
    with pytest.raises(IncorrectUsageError, match=r"deliver\(7\): .*, 1 wait.* See domain\.waiting"):
        shop.domain.deliver(7)


@pytest.mark.parametrize("what", ["deliver", "deliver_all"])
def test_nothing_is_delivered_inside_a_unit_of_work(shop, what):
    shop.handler("A", shop.OrderPlaced)
    shop.place()
    with UnitOfWork(shop.domain), pytest.raises(IncorrectUsageError, match="a unit of work is open"):
        getattr(shop.domain, what)()
    assert shop.calls == []


@pytest.mark.parametrize("what", ["deliver", "deliver_all"])
def test_nothing_is_delivered_from_inside_a_handler(shop, what):
    shop.handler("A", shop.OrderPlaced, do=lambda _: getattr(shop.domain, what)())
    shop.place()
    with pytest.raises(IncorrectUsageError, match="outside of handlers"):
        shop.domain.deliver()
    assert len(shop.waiting()) == 1


def test_an_interrupted_delivery_stays_waiting_and_the_note_says_which(shop):
    """Also when it was not the first."""

    def stop(_event):
        raise KeyboardInterrupt

    shop.handler("A", shop.OrderPlaced)
    shop.handler("Slow", shop.OrderPlaced, do=stop)
    shop.place()
    with pytest.raises(KeyboardInterrupt) as caught:
        shop.domain.deliver(1)
    assert [target for _, target in shop.waiting()] == ["A.run", "Slow.run"]
    [note] = caught.value.__notes__
    assert "domain.deliver_all()" in note
    assert "the interrupted one first" not in note
