"""Deliveries: who runs when, and what follows an error (rules 3, 4 and 5 of the engine's design)."""

from contextlib import suppress

import pytest

from ddd_kit import Domain, current_domain, handle
from ddd_kit.exceptions import EndlessChainError, ObjectNotFoundError, TransactionError, ValidationError
from ddd_kit.fields import Identifier, Integer


class Shop:
    """A domain with orders, which are placed and shipped, and notes of what the handlers did."""

    def __init__(self, **config):
        domain = self.domain = Domain(name="Bookshop", config=config)
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

    def placed(self):
        order = self.Order()
        order.place()
        return order

    def shipped(self):
        order = self.Order()
        order.ship()
        return order

    def outcomes(self):
        """What the journal says of each attempt."""
        return [(e.handler, e.method, e.attempt, e.outcome) for e in self.domain.journal.of(kind="handled")]


@pytest.fixture
def shop():
    return Shop()


def recorder(shop, name, *events, raises=None, **options):
    """Define a handler whose one method notes that it ran, and fails if asked to."""
    options = {"part_of": shop.Order} | options

    class Handler:
        def run(self, event):
            shop.calls.append((name, type(event).__name__))
            if raises is not None:
                raise raises

    for event in events:
        handle(event)(Handler.run)
    Handler.__name__ = Handler.__qualname__ = name
    return shop.domain.event_handler(**options)(Handler)


# Rule 3: order


def test_deliveries_run_in_the_order_of_definition(shop):
    """Handlers by definition, methods by definition; one that is defined again keeps its place."""
    recorder(shop, "First", shop.OrderPlaced)
    recorder(shop, "Second", shop.OrderPlaced)
    recorder(shop, "Third", shop.OrderPlaced)
    recorder(shop, "First", shop.OrderPlaced)
    shop.orders.add(shop.placed())
    assert [name for name, _ in shop.calls] == ["First", "Second", "Third"]


def test_what_a_handler_raises_is_dealt_with_after_what_was_raised_before_it(shop):
    """First in, first out: both handlers of the first event run before those of the second."""

    @shop.domain.event_handler(part_of=shop.Order)
    class ShipAtOnce:
        @handle(shop.OrderPlaced)
        def ship(self, event):
            shop.calls.append(("ShipAtOnce", "OrderPlaced"))
            order = shop.orders.get(event.order_id)
            order.ship()
            shop.orders.add(order)

    recorder(shop, "Watcher", shop.OrderShipped, shop.OrderPlaced)
    shop.orders.add(shop.placed())
    assert shop.calls == [
        ("ShipAtOnce", "OrderPlaced"),
        ("Watcher", "OrderPlaced"),
        ("Watcher", "OrderShipped"),
    ]


def test_events_of_one_unit_are_delivered_in_the_order_in_which_they_were_raised(shop):
    recorder(shop, "A", shop.OrderPlaced, shop.OrderShipped)
    recorder(shop, "B", shop.OrderPlaced, shop.OrderShipped)
    order = shop.Order()
    order.ship()
    order.place()
    shop.orders.add(order)
    assert shop.calls == [
        ("A", "OrderShipped"), ("B", "OrderShipped"), ("A", "OrderPlaced"), ("B", "OrderPlaced"),
    ]  # fmt: skip


def test_nothing_waits_when_all_is_done(shop):
    recorder(shop, "A", shop.OrderPlaced)
    shop.orders.add(shop.placed())
    assert len(shop.domain.waiting) == 0


def test_what_waits_can_be_seen_from_a_handler(shop):
    """The delivery that is being made is the first."""
    seen = []

    @shop.domain.event_handler(part_of=shop.Order)
    class First:
        @handle(shop.OrderPlaced)
        def look(self, _event):
            seen.extend(delivery.target for delivery in shop.domain.waiting)

    recorder(shop, "Second", shop.OrderPlaced)
    shop.orders.add(shop.placed())
    assert seen == ["First.look", "Second.run"]


# Rule 4: a handler's unit of work, and errors


def test_every_method_runs_in_a_fresh_instance(shop):
    instances = []

    @shop.domain.event_handler(part_of=shop.Order)
    class Handler:
        @handle(shop.OrderPlaced)
        def one(self, _event):
            instances.append(self)

        @handle(shop.OrderPlaced)
        def two(self, _event):
            instances.append(self)

    shop.orders.add(shop.placed())
    assert len({id(instance) for instance in instances}) == 2


def test_a_handler_runs_in_one_unit_of_work_of_its_own(shop):
    """What it adds is saved together, at its end."""

    @shop.domain.event_handler(part_of=shop.Order)
    class Split:
        @handle(shop.OrderPlaced)
        def split(self, _event):
            shop.orders.add(shop.Order(id="a"))
            shop.orders.add(shop.Order(id="b"))
            shop.calls.append(len(shop.domain.journal.of(kind="changed")))

    shop.orders.add(shop.placed())
    assert shop.calls == [1]
    assert shop.orders.query.count() == 3


def test_each_handler_gets_an_event_of_its_own(shop):
    """Equal to the one that was raised, and not the same object."""
    got = []

    @shop.domain.event_handler(part_of=shop.Order)
    class Keep:
        @handle(shop.OrderPlaced)
        def keep(self, event):
            got.append(event)

        @handle(shop.OrderPlaced)
        def keep_too(self, event):
            got.append(event)

    order = shop.Order(id="1")
    shop.orders.add(order)
    event = shop.OrderPlaced(order_id="1")
    order.raise_(event)
    shop.orders.add(order)
    assert got == [event, event]
    assert got[0] is not got[1]


def test_an_error_reaches_the_caller_as_itself(shop):
    """Not wrapped, with a note on who failed and a note on what is saved."""
    error = LookupError("no parcel left")
    recorder(shop, "Pack", shop.OrderPlaced, raises=error)
    order = shop.placed()
    with pytest.raises(LookupError) as caught:
        shop.orders.add(order)
    assert caught.value is error
    assert caught.value.__notes__ == [
        "Pack.run failed on OrderPlaced: what it did is undone.",
        f"Saved all the same: Order {order.id[:8]} (step {shop.domain.journal.of(kind='changed')[0].step}).",
    ]
    assert shop.orders.get(order.id)


def test_what_a_failing_handler_did_is_undone_and_its_siblings_still_run(shop):
    """State and events of it; what ran before and after it stays."""
    recorder(shop, "Before", shop.OrderPlaced)

    @shop.domain.event_handler(part_of=shop.Order)
    class Fail:
        @handle(shop.OrderPlaced)
        def fail(self, _event):
            shop.orders.add(shop.shipped())
            raise LookupError("no parcel left")

        @handle(shop.OrderPlaced)
        def sibling(self, _event):
            shop.calls.append("sibling")

    recorder(shop, "After", shop.OrderPlaced, shop.OrderShipped)
    with pytest.raises(LookupError):
        shop.orders.add(shop.placed())
    assert shop.calls == [("Before", "OrderPlaced"), "sibling", ("After", "OrderPlaced")]
    assert shop.orders.query.count() == 1
    assert len(shop.domain.stream(shop.Order)) == 1


def test_the_journal_keeps_what_a_failed_attempt_would_have_changed(shop):
    @shop.domain.event_handler(part_of=shop.Order)
    class Fail:
        @handle(shop.OrderPlaced)
        def fail(self, event):
            order = shop.orders.get(event.order_id)
            order.quantity = 7
            shop.orders.add(order)
            raise LookupError("no parcel left")

    order = shop.placed()
    with suppress(LookupError):
        shop.orders.add(order)
    [entry] = shop.domain.journal.of(kind="handled")
    assert (entry.outcome, entry.error) == ("failed", "LookupError: no parcel left")
    assert entry.undone == (("Order", order.id, ("quantity", "id"), (0, order.id), (7, order.id)),)


def test_several_errors_reach_the_caller_as_a_group(shop):
    """In the order in which they happened, each with a note of its own."""
    recorder(shop, "A", shop.OrderPlaced, raises=LookupError("a"))
    recorder(shop, "B", shop.OrderPlaced)
    recorder(shop, "C", shop.OrderPlaced, raises=ValueError("c"))
    with pytest.raises(ExceptionGroup, match="2 deliveries failed") as caught:
        shop.orders.add(shop.placed())
    assert [str(error) for error in caught.value.exceptions] == ["a", "c"]
    assert [error.__notes__ for error in caught.value.exceptions] == [
        ["A.run failed on OrderPlaced: what it did is undone."],
        ["C.run failed on OrderPlaced: what it did is undone."],
    ]
    assert caught.value.__notes__[0].startswith("Saved all the same: Order ")
    assert len(shop.calls) == 3


def test_the_work_that_failing_handlers_left_is_finished_before_the_error_is_raised(shop):
    """Events that siblings raised are delivered, too."""
    recorder(shop, "Fail", shop.OrderPlaced, raises=LookupError("a"))

    @shop.domain.event_handler(part_of=shop.Order)
    class ShipAtOnce:
        @handle(shop.OrderPlaced)
        def ship(self, event):
            order = shop.orders.get(event.order_id)
            order.ship()
            shop.orders.add(order)

    recorder(shop, "Watcher", shop.OrderShipped)
    with pytest.raises(LookupError):
        shop.orders.add(shop.placed())
    assert ("Watcher", "OrderShipped") in shop.calls
    assert len(shop.domain.waiting) == 0


def test_an_error_of_process_comes_from_the_command_or_from_the_handlers_after_it(shop):
    """The first saves nothing; the second leaves the command's work saved."""

    @shop.domain.command(part_of=shop.Order)
    class PlaceOrder:
        order_id: str

    @shop.domain.command_handler(part_of=shop.Order)
    class ManageOrder:
        @handle(PlaceOrder)
        def place(self, command):
            order = shop.orders.add(shop.Order(id=command.order_id))
            order.place()
            shop.orders.add(order)
            if command.order_id == "bad":
                raise ValueError("no such book")

    recorder(shop, "Fail", shop.OrderPlaced, raises=LookupError("no parcel left"))
    with pytest.raises(ValueError, match="no such book"):
        shop.domain.process(PlaceOrder(order_id="bad"))
    assert shop.orders.query.count() == 0
    with pytest.raises(LookupError, match="no parcel left"):
        shop.domain.process(PlaceOrder(order_id="good"))
    assert shop.orders.query.count() == 1


def test_a_handler_that_catches_its_own_inner_error_is_undone_all_the_same(shop):
    """An error that left an inner unit undoes the handler's whole work (rule 1)."""

    @shop.domain.command(part_of=shop.Order)
    class PlaceOrder:
        order_id: str

    @shop.domain.command_handler(part_of=shop.Order)
    class ManageOrder:
        @handle(PlaceOrder)
        def place(self, command):
            shop.orders.get(command.order_id)

    @shop.domain.event_handler(part_of=shop.Order)
    class Careless:
        @handle(shop.OrderPlaced)
        def try_it(self, _event):
            shop.orders.add(shop.Order())
            with suppress(ObjectNotFoundError):
                shop.domain.process(PlaceOrder(order_id="x"))

    with pytest.raises(TransactionError, match="failed with ObjectNotFoundError"):
        shop.orders.add(shop.placed())
    assert shop.orders.query.count() == 1


def test_a_refused_value_in_a_handler_is_its_error(shop):
    @shop.domain.event_handler(part_of=shop.Order)
    class Fail:
        @handle(shop.OrderPlaced)
        def fail(self, _event):
            shop.Order(quantity="many")

    with pytest.raises(ValidationError, match="quantity should be a valid integer"):
        shop.orders.add(shop.placed())
    assert [entry.kind for entry in shop.domain.journal][-2:] == ["handled", "rejected"]


def test_a_handler_runs_with_its_domain_as_the_current_one(shop):
    seen = []

    @shop.domain.event_handler(part_of=shop.Order)
    class Look:
        @handle(shop.OrderPlaced)
        def look(self, _event):
            seen.append(current_domain == shop.domain)

    Domain(name="Another")
    shop.orders.add(shop.placed())
    assert seen == [True]


# Retries


def flaky(shop, *errors, **options):
    """Define a handler that raises these errors, one at each attempt, and then runs."""
    left = list(errors)

    @shop.domain.event_handler(part_of=shop.Order, **options)
    class Flaky:
        @handle(shop.OrderPlaced)
        def run(self, _event):
            shop.orders.add(shop.Order())
            if left:
                raise left.pop(0)

    return Flaky


def test_a_failed_method_is_tried_again_at_once(shop):
    """Each attempt is in the journal, and only the last one's work is saved."""
    flaky(shop, LookupError("1"), LookupError("2"), retries=2)
    recorder(shop, "Sibling", shop.OrderPlaced)
    shop.orders.add(shop.placed())
    assert shop.outcomes() == [
        ("Flaky", "run", 1, "retried"),
        ("Flaky", "run", 2, "retried"),
        ("Flaky", "run", 3, "ok"),
        ("Sibling", "run", 1, "ok"),
    ]
    assert shop.orders.query.count() == 2


def test_the_last_error_is_raised_when_no_retry_is_left(shop):
    flaky(shop, LookupError("1"), LookupError("2"), retries=1)
    with pytest.raises(LookupError, match="2"):
        shop.orders.add(shop.placed())
    assert [outcome for *_, outcome in shop.outcomes()] == ["retried", "failed"]
    assert shop.orders.query.count() == 1


@pytest.mark.parametrize("errors", [ConnectionError, [ConnectionError], (ConnectionError, TimeoutError)])
def test_only_the_named_errors_are_worth_a_retry(shop, errors):
    """One class, or several; their subclasses count."""
    flaky(shop, ConnectionResetError("1"), ValueError("2"), retries=5, retry_exceptions=errors)
    with pytest.raises(ValueError, match="2"):
        shop.orders.add(shop.placed())
    assert [outcome for *_, outcome in shop.outcomes()] == ["retried", "failed"]


def test_a_version_conflict_in_a_handler_can_be_tried_again(shop):
    """The next attempt loads the newest state."""
    attempts = []

    @shop.domain.event_handler(part_of=shop.Order, retries=1)
    class Count:
        stale = None

        @handle(shop.OrderPlaced)
        def count(self, event):
            attempts.append(event)
            order = stale if len(attempts) == 1 else shop.orders.get(event.order_id)
            order.quantity += 1
            shop.orders.add(order)

    order = shop.orders.add(shop.Order())
    stale = shop.orders.get(order.id)
    order.place()
    order.quantity = 5
    shop.orders.add(order)
    assert shop.orders.get(order.id).quantity == 6


# handle_error


def rescued(shop, *, rescue, retries=0):
    """Define a handler that fails, and deals with its errors by itself."""

    @shop.domain.event_handler(part_of=shop.Order, retries=retries)
    class Careful:
        @handle(shop.OrderPlaced)
        def run(self, _event):
            shop.orders.add(shop.Order())
            raise LookupError("no parcel left")

        @classmethod
        def handle_error(cls, exc, event):
            rescue(cls, exc, event)

    return Careful


def test_handle_error_stops_the_error(shop):
    """It gets the class, the error and the event; both runs are in the journal."""
    order = shop.placed()
    rescued(shop, rescue=lambda cls, exc, event: shop.calls.append((cls.__name__, str(exc), event.order_id)))
    shop.orders.add(order)
    assert shop.calls == [("Careful", "no parcel left", order.id)]
    assert shop.outcomes() == [("Careful", "run", 1, "failed"), ("Careful", "handle_error", 1, "ok")]
    assert shop.orders.query.count() == 1
    assert len(shop.domain.waiting) == 0


def test_handle_error_has_a_unit_of_work_of_its_own(shop):
    """What it saves is saved, and what it raises is delivered."""
    recorder(shop, "Watcher", shop.OrderShipped)
    rescued(shop, rescue=lambda *_: shop.orders.add(shop.shipped()))
    shop.orders.add(shop.placed())
    assert shop.calls == [("Watcher", "OrderShipped")]
    assert shop.orders.query.count() == 2


def test_handle_error_comes_after_the_last_retry(shop):
    rescued(shop, retries=2, rescue=lambda *_: None)
    shop.orders.add(shop.placed())
    assert [(method, outcome) for _, method, _, outcome in shop.outcomes()] == [
        ("run", "retried"), ("run", "retried"), ("run", "failed"), ("handle_error", "ok"),
    ]  # fmt: skip


def test_when_handle_error_fails_its_error_is_raised(shop):
    """What it did is undone, the first error is its context, and the note names it."""

    def rescue(*_):
        shop.orders.add(shop.Order())
        raise RuntimeError("no glue left")

    rescued(shop, rescue=rescue)
    with pytest.raises(RuntimeError, match="no glue left") as caught:
        shop.orders.add(shop.placed())
    assert isinstance(caught.value.__context__, LookupError)
    assert "Careful.handle_error" in caught.value.__notes__[0]
    assert shop.orders.query.count() == 1
    assert [outcome for *_, outcome in shop.outcomes()] == ["failed", "failed"]
    assert len(shop.domain.waiting) == 0


# Rule 5: endless chains


def echo(shop):
    """Define a handler that ships again what was shipped, and a bystander defined before it."""

    @shop.domain.event_handler(part_of=shop.Order)
    class Echo:
        @handle(shop.OrderShipped)
        def again(self, event):
            order = shop.orders.get(event.order_id)
            order.quantity += 1
            order.ship()
            shop.orders.add(order)


def test_a_handler_that_feeds_itself_is_stopped_with_the_cycle_named(shop):
    """After 1,000 deliveries; all of them are saved, and nothing waits."""
    echo(shop)
    order = shop.shipped()
    with pytest.raises(EndlessChainError) as caught:
        shop.orders.add(order)
    assert str(caught.value) == (
        "The chain OrderShipped -> Echo.again -> OrderShipped does not end: it was stopped after 1,000 "
        "deliveries that one event led to. Let one of these handlers not react to what it causes itself, or "
        "raise domain.config['max_chain_length']."
    )
    assert caught.value.cycle == ("OrderShipped", "Echo.again", "OrderShipped")
    assert shop.orders.get(order.id).quantity == 1000
    assert len(shop.domain.waiting) == 0


def test_two_handlers_that_feed_each_other_are_both_named():
    shop = Shop(max_chain_length=20)

    @shop.domain.event_handler(part_of=shop.Order)
    class Ship:
        @handle(shop.OrderPlaced)
        def ship(self, event):
            order = shop.orders.get(event.order_id)
            order.ship()
            shop.orders.add(order)

    @shop.domain.event_handler(part_of=shop.Order)
    class PlaceAgain:
        @handle(shop.OrderShipped)
        def place(self, event):
            order = shop.orders.get(event.order_id)
            order.place()
            shop.orders.add(order)

    with pytest.raises(EndlessChainError) as caught:
        shop.orders.add(shop.placed())
    assert " -> ".join(caught.value.cycle) in {
        "OrderPlaced -> Ship.ship -> OrderShipped -> PlaceAgain.place -> OrderPlaced",
        "OrderShipped -> PlaceAgain.place -> OrderPlaced -> Ship.ship -> OrderShipped",
    }
    assert " -> ".join(caught.value.cycle) in str(caught.value)


def test_the_rest_of_an_endless_chain_is_in_the_journal_as_skipped():
    """And the deliveries of other events are made."""
    shop = Shop(max_chain_length=10)
    echo(shop)
    recorder(shop, "Watcher", shop.OrderPlaced)
    order = shop.shipped()
    order.place()
    with pytest.raises(EndlessChainError):
        shop.orders.add(order)
    assert shop.calls == [("Watcher", "OrderPlaced")]
    [skipped] = shop.domain.journal.of(kind="skipped")
    assert (skipped.handler, skipped.method) == ("Echo", "again")
    assert (skipped.rule, skipped.wanted, skipped.found) == ("max_chain_length", "10", "10")


@pytest.mark.parametrize(("length", "ends_well"), [(49, True), (50, True), (51, False)])
def test_a_long_chain_that_ends_passes(length, ends_well):
    """As many deliveries as `max_chain_length` says, and not one more."""
    shop = Shop(max_chain_length=50)

    @shop.domain.event_handler(part_of=shop.Order)
    class CountUp:
        @handle(shop.OrderShipped)
        def step(self, event):
            order = shop.orders.get(event.order_id)
            order.quantity += 1
            if order.quantity < length:
                order.ship()
            shop.orders.add(order)

    order = shop.shipped()
    if ends_well:
        shop.orders.add(order)
    else:
        with pytest.raises(EndlessChainError):
            shop.orders.add(order)
    assert shop.orders.get(order.id).quantity == min(length, 50)


def test_each_root_event_has_a_chain_of_its_own():
    """Many orders in one unit of work are no endless chain."""
    shop = Shop(max_chain_length=5)
    recorder(shop, "Watcher", shop.OrderPlaced)
    order = shop.Order()
    for _ in range(20):
        order.place()
    shop.orders.add(order)
    assert len(shop.calls) == 20


def test_after_an_endless_chain_the_domain_goes_on():
    shop = Shop(max_chain_length=5)
    echo(shop)
    with pytest.raises(EndlessChainError):
        shop.orders.add(shop.shipped())
    shop.domain.forget("Echo")
    recorder(shop, "Watcher", shop.OrderShipped)
    shop.orders.add(shop.shipped())
    assert shop.calls == [("Watcher", "OrderShipped")]


# Interrupts (rule 6)


def test_after_an_interrupt_the_delivery_is_undone_and_waits_with_the_rest(shop):
    """The note names the way on, and going on makes each of them once."""
    stops = [KeyboardInterrupt()]
    recorder(shop, "Before", shop.OrderPlaced)

    @shop.domain.event_handler(part_of=shop.Order)
    class Slow:
        @handle(shop.OrderPlaced)
        def run(self, _event):
            shop.orders.add(shop.Order())
            if stops:
                raise stops.pop()

    recorder(shop, "After", shop.OrderPlaced)
    order = shop.placed()
    with pytest.raises(KeyboardInterrupt) as caught:
        shop.orders.add(order)
    assert [delivery.target for delivery in shop.domain.waiting] == ["Slow.run", "After.run"]
    assert "domain.deliver_all()" in caught.value.__notes__[-1]
    assert shop.orders.query.count() == 1
    assert shop.domain.deliver_all() == 2
    assert shop.orders.query.count() == 2
    assert [name for name, _ in shop.calls] == ["Before", "After"]
    assert [outcome for *_, outcome in shop.outcomes()] == ["ok", "interrupted", "ok", "ok"]


def test_an_interrupt_does_not_swallow_the_errors_before_it(shop):
    """They are named in its notes."""
    recorder(shop, "Fail", shop.OrderPlaced, raises=LookupError("no parcel left"))
    recorder(shop, "Slow", shop.OrderPlaced, raises=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt) as caught:
        shop.orders.add(shop.placed())
    assert any("LookupError: no parcel left" in note for note in caught.value.__notes__)
