"""Process managers: a process begins, hears what is for it, sends commands, and ends."""

from __future__ import annotations

import pytest

from ddd_kit import BaseProcessManager, Domain, ProcessManager, current_domain, handle
from ddd_kit.engine.processes import processes
from ddd_kit.exceptions import ConfigurationError, IncorrectUsageError
from ddd_kit.fields import Identifier, List
from tests.fulfilment import fulfilment, let


def _skipped(domain):
    return [(e.event, e.rule) for e in domain.journal.of(kind="skipped")]


@pytest.fixture
def shop():
    return fulfilment()


def _of(shop, order_id):
    return shop.domain.repository_for(shop.Fulfilment).get(order_id)


def test_a_start_event_begins_a_process_which_is_found_by_the_value_that_correlates(shop):
    let(shop, "place", "o-1")
    let(shop, "place", "o-2")
    let(shop, "confirm", "o-1")
    assert _of(shop, "o-1").status == "paid"
    assert _of(shop, "o-2").status == "awaiting payment"


def test_a_command_of_a_process_is_processed_in_the_same_unit_of_work(shop):
    let(shop, "place", "o-1")
    handled = shop.domain.journal.of(kind="handled")[0]
    caused = [e.kind for e in shop.domain.journal if e.cause == handled.step]
    assert caused == ["command", "changed"]
    assert shop.domain.repository_for(shop.Payment).get("p-o-1").amount == 10


def test_a_mapping_correlates_by_another_field_of_the_event(shop):
    let(shop, "place", "o-1")
    let(shop, "ship", "o-1")
    assert _of(shop, "o-1").status == "shipped"
    assert _of(shop, "o-1")._is_complete


def test_end_completes_a_process_once_its_method_ran(shop):
    let(shop, "place", "o-1")
    let(shop, "fail", "o-1")
    assert _of(shop, "o-1")._is_complete
    assert shop.domain.repository_for(shop.Order).get("o-1").status == "cancelled"


def test_an_event_before_the_start_and_one_after_the_end_are_skipped_with_the_reason(shop):
    let(shop, "confirm", "o-1")
    let(shop, "place", "o-1")
    let(shop, "ship", "o-1")
    let(shop, "confirm", "o-1")
    assert _skipped(shop.domain) == [("PaymentConfirmed", "not_started"), ("PaymentConfirmed", "complete")]
    assert _of(shop, "o-1").status == "shipped"
    text = shop.domain.journal.to_text()
    assert "no process of order_id o-1 has begun, only OrderPlaced begins one" in text
    assert "the process of order_id o-1 is complete" in text


def test_why_not_tells_why_a_process_did_not_hear_an_event(shop):
    let(shop, "place", "o-1")
    let(shop, "confirm", "o-2")
    found = shop.domain.why_not(shop.Fulfilment)
    assert [check.rule for check in found.broken] == ["process"]
    assert "no process of order_id o-2 has begun" in found.sentence


def test_an_event_without_a_value_belongs_to_no_process(shop):
    order = shop.Order()
    order.raise_(shop.OrderPlaced(total=1.0))
    shop.domain.repository_for(shop.Order).add(order)
    assert _skipped(shop.domain) == [("OrderPlaced", "uncorrelated")]
    assert not shop.domain.repository_for(shop.Fulfilment).exists()


def test_a_second_start_event_is_heard_by_the_process_that_there_is(shop):
    let(shop, "place", "o-1")
    let(shop, "confirm", "o-1")
    let(shop, "place", "o-1")
    assert shop.domain.repository_for(shop.Fulfilment).query.count() == 1
    assert _of(shop, "o-1").status == "awaiting payment"


def test_a_method_that_fails_leaves_neither_state_nor_commands(shop):
    shop.domain.forget(shop.TakePayments)
    with pytest.raises(IncorrectUsageError, match="Nobody handles RequestPayment"):
        let(shop, "place", "o-1")
    assert not shop.domain.repository_for(shop.Fulfilment).exists()


def test_to_dict_gives_the_declared_fields_as_protean_does(shop):
    let(shop, "place", "o-1")
    assert _of(shop, "o-1").to_dict() == {"order_id": "o-1", "status": "awaiting payment"}


def test_a_process_manager_raises_no_events(shop):
    let(shop, "place", "o-1")
    with pytest.raises(IncorrectUsageError, match="raises no events"):
        _of(shop, "o-1").raise_(shop.OrderPlaced(order_id="o-1"))


def test_held_deliveries_reach_their_process_one_by_one():
    shop = fulfilment(config={"event_processing": "async"})
    let(shop, "place", "o-1")
    let(shop, "confirm", "o-1")
    domain = shop.domain
    assert [d.target for d in domain.waiting] == ["Fulfilment.on_placed", "Fulfilment.on_confirmed"]
    domain.deliver(1)
    assert _skipped(domain) == [("PaymentConfirmed", "not_started")]
    assert [d.target for d in domain.at(domain.journal.last_step).waiting] == ["Fulfilment.on_placed"]
    before = domain.journal[-2].step
    assert len(domain.at(before).waiting) == 2
    domain.config["event_processing"] = "sync"
    domain.deliver_all()
    assert _of(shop, "o-1").status == "awaiting payment"


def test_without_sources_it_listens_to_the_categories_of_its_events():
    domain = Domain(name="Shop")

    @domain.aggregate
    class Order:
        def place(self):
            self.raise_(OrderPlaced(order_id=self.id))

    @domain.event(part_of=Order)
    class OrderPlaced:
        order_id: str

    class Listed(BaseProcessManager):
        order_id = Identifier(identifier=True)
        names = List(content_type=str)

        @handle(OrderPlaced, start=True, correlate="order_id")
        def on_placed(self, event):
            self.names.append(event.order_id)
            assert current_domain == domain

    listed = domain.register(Listed)
    order = Order(id="o-1")
    order.place()
    domain.repository_for(Order).add(order)
    assert domain.repository_for(listed).get("o-1").to_dict() == {"order_id": "o-1", "names": ["o-1"]}
    assert issubclass(listed, ProcessManager)


def test_a_cell_run_again_replaces_the_process_manager_and_processes_go_on(shop):
    let(shop, "place", "o-1")
    domain = shop.domain

    @domain.process_manager(aggregates=["Order", shop.Payment])
    class Fulfilment:
        order_id = Identifier()
        note = Identifier()

        @handle("OrderPlaced", start=True, correlate="order_id")
        def on_placed(self, event): ...

        @handle("PaymentConfirmed", correlate="order_id")
        def on_confirmed(self, event):  # noqa: ARG002 - as handlers are
            self.note = "now"

    let(shop, "confirm", "o-1")
    assert domain.repository_for(Fulfilment).get("o-1").to_dict() == {"order_id": "o-1", "note": "now"}


def test_handle_error_ends_an_error_and_retries_try_again():
    domain = Domain(name="Shop")
    heard = []

    @domain.aggregate
    class Order: ...

    @domain.event(part_of=Order)
    class OrderPlaced:
        order_id: str

    @domain.process_manager(aggregates=[Order], retries=1)
    class Careless:
        @handle(OrderPlaced, start=True, correlate="order_id")
        def on_placed(self, event):  # noqa: ARG002 - as handlers are
            raise ValueError("no")

        @classmethod
        def handle_error(cls, exc, event):
            heard.append((str(exc), event.order_id))

    order = Order(id="o-1")
    order.raise_(OrderPlaced(order_id="o-1"))
    domain.repository_for(Order).add(order)
    assert heard == [("no", "o-1")]
    assert [e.outcome for e in domain.journal.of(kind="handled")] == ["retried", "failed", "ok"]


def _define(domain, event, **role):
    @domain.process_manager(aggregates=["Order"])
    class Careless:
        @handle(event, **role)
        def on_event(self, event): ...


@pytest.mark.parametrize(
    ("role", "text"),
    [
        ({}, "tell which process OrderPlaced belongs to"),
        ({"start": True}, "tell which process OrderPlaced belongs to"),
        ({"correlate": "order_id"}, "no event begins such a process"),
        ({"start": True, "correlate": "orderid"}, "has no field 'orderid' to correlate by: did you mean"),
        ({"start": True, "correlate": {}}, "name one field of the event"),
        ({"start": True, "correlate": 7}, "name one field of the event"),
    ],
)
def test_what_cannot_work_is_refused_when_it_is_defined(shop, role, text):
    with pytest.raises(ConfigurationError, match=text):
        _define(shop.domain, shop.OrderPlaced, **role)


def test_any_event_cannot_be_correlated(shop):
    with pytest.raises(ConfigurationError, match="is for event handlers"):
        _define(shop.domain, "$any", start=True, correlate="order_id")


def test_the_roles_of_a_process_manager_are_refused_in_other_handlers(shop):
    with pytest.raises(ConfigurationError, match="are for process managers"):

        @shop.domain.event_handler(part_of=shop.Order)
        class Listens:
            @handle(shop.OrderPlaced, start=True)
            def on_placed(self, event): ...


def test_a_field_of_the_kit_and_sources_that_are_none_are_refused(shop):
    with pytest.raises(ConfigurationError, match="each process manager has this field already"):

        @shop.domain.process_manager(aggregates=[shop.Order])
        class Done:
            is_complete: bool = False

    with pytest.raises(ConfigurationError, match="is no list"):

        @shop.domain.process_manager(aggregates=shop.Order)
        class Alone: ...

    with pytest.raises(ConfigurationError, match="holds 7"):

        @shop.domain.process_manager(stream_categories=[7])
        class Number: ...


# Where each process stands


def test_processes_tell_what_each_heard_and_what_it_awaits_at_any_step(shop):
    let(shop, "confirm", "o-1")
    let(shop, "place", "o-1")
    step = shop.domain.journal.last_step
    let(shop, "ship", "o-1")
    let(shop, "confirm", "o-1")
    (then,), (now,) = processes(shop.domain, shop.Fulfilment, step), processes(shop.domain, "Fulfilment")
    assert (then.complete, then.position) == (False, "OrderPlaced")
    assert then.awaits == ("PaymentConfirmed", "OrderShipped", "PaymentFailed")
    assert (now.complete, now.position, now.awaits) == (True, "OrderShipped", ())
    assert now.state == {"order_id": "o-1", "status": "shipped", "id": "o-1"}
    assert [(h.event, h.outcome) for h in now.heard] == [
        ("PaymentConfirmed", "skipped"),
        ("OrderPlaced", "ok"),
        ("OrderShipped", "ok"),
        ("PaymentConfirmed", "skipped"),
    ]
    assert str(now) == "Fulfilment o-1: complete, since OrderShipped"
    assert repr(processes(shop.domain, shop.Fulfilment, 0)) == "No process has begun."


def test_an_event_that_changed_nothing_was_heard_all_the_same(shop):
    let(shop, "place", "o-1")
    let(shop, "confirm", "o-1")
    let(shop, "confirm", "o-1")
    (process,) = processes(shop.domain, shop.Fulfilment)
    assert [h.event for h in process.heard] == ["OrderPlaced", "PaymentConfirmed", "PaymentConfirmed"]


def test_the_domain_tells_them_and_so_does_its_past(shop):
    let(shop, "place", "o-1")
    step = shop.domain.journal.last_step
    let(shop, "ship", "o-1")
    assert shop.domain.processes(shop.Fulfilment) == processes(shop.domain, "Fulfilment")
    assert shop.domain.at(step).processes("Fulfilment") == shop.domain.processes("Fulfilment", step)


def test_processes_refuses_what_is_no_process_manager(shop):
    with pytest.raises(IncorrectUsageError, match="not a process manager"):
        processes(shop.domain, shop.Order)
