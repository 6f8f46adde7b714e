"""Subscribers and the broker inside the kernel: messages from outside, in the journal as what they are."""

from __future__ import annotations

import pytest

from ddd_kit import BaseSubscriber, Domain, UnitOfWork, current_domain, handle
from ddd_kit.exceptions import ConfigurationError, IncorrectUsageError, ValidationError
from ddd_kit.fields import Float, Identifier


@pytest.fixture
def domain():
    domain = Domain(name="Shop", seed=5)

    @domain.aggregate
    class Payment:
        order_id = Identifier(required=True)
        amount = Float()

    @domain.command(part_of=Payment)
    class RecordPayment:
        order_id = Identifier(required=True)
        amount = Float()

    @domain.command_handler(part_of=Payment)
    class TakePayments:
        @handle(RecordPayment)
        def record(self, command):
            payment = Payment(order_id=command.order_id, amount=command.amount)
            current_domain.repository_for(Payment).add(payment)

    @domain.subscriber(stream="payments")
    class HearPayments:
        def __call__(self, payload):
            if payload.get("type") != "noise":
                current_domain.process(RecordPayment(order_id=payload["reference"], amount=payload["amount"]))

    return domain


def _amounts(domain):
    return [payment.amount for payment in domain.repository_for("Payment").query.all()]


def test_a_subscriber_is_called_with_what_was_published_on_its_stream(domain):
    assert domain.brokers["default"].publish("payments", {"reference": "o-1", "amount": 3}) == (
        "payments-default-0"
    )
    assert domain.brokers.publish("payments", {"reference": "o-2", "amount": 4}) == "payments-default-1"
    assert _amounts(domain) == [3, 4]


def test_the_journal_has_the_message_the_call_and_what_it_led_to(domain):
    domain.brokers.publish("payments", {"reference": "o-1", "amount": 3})
    run = [e for e in domain.journal if e.kind != "defined"]
    assert [e.kind for e in run] == ["event", "handled", "command", "changed"]
    assert [e.cause for e in run] == [None, run[0].step, run[1].step, run[2].step]
    assert (run[0].type, run[0].source, run[0].stream) == (
        "Message",
        "the broker default",
        "payments-default",
    )
    assert run[0].payload == {"payload": {"reference": "o-1", "amount": 3}}
    assert (
        "Message (reference o-1, amount 3) on payments, from the broker default" in domain.journal.to_text()
    )
    assert [event.position for event in domain.stream("payments")] == [0]


def test_why_leads_back_to_the_message(domain):
    domain.brokers.publish("payments", {"reference": "o-1", "amount": 3})
    (payment,) = domain.repository_for("Payment").query.all()
    told = domain.why(payment, "amount").sentence
    assert told.startswith("Message (reference o-1, amount 3) came from the broker default on `payments`")


def test_a_message_that_nobody_subscribes_to_is_an_entry_not_silence(domain):
    domain.brokers.publish("weather", {"rain": True})
    assert [e.kind for e in domain.journal][-2:] == ["event", "unhandled"]


def test_what_is_published_in_a_unit_of_work_comes_out_when_it_ends(domain):
    with UnitOfWork(domain):
        assert domain.brokers.publish("payments", {"reference": "o-1", "amount": 3}) is None
        domain.brokers.publish("payments", {"reference": "o-2", "amount": 4})
        assert not domain.stream("payments")
    assert _amounts(domain) == [3, 4]
    assert [event.message_id for event in domain.stream("payments")] == [
        "payments-default-0",
        "payments-default-1",
    ]
    unit = UnitOfWork(domain).start()
    domain.brokers.publish("payments", {"reference": "o-3", "amount": 5})
    unit.rollback()
    assert _amounts(domain) == [3, 4]


def test_changing_what_was_published_changes_nothing_in_the_journal(domain):
    message = {"type": "noise", "items": [1]}
    domain.brokers.publish("payments", message)
    message["items"].append(2)
    assert domain.stream("payments")[0].payload["payload"]["items"] == [1]


def test_in_hold_mode_a_message_waits_and_at_and_forks_know_it(domain):
    domain.config["event_processing"] = "async"
    domain.brokers.publish("payments", {"reference": "o-1", "amount": 3})
    assert repr(domain.waiting) == "0  Message -> HearPayments.__call__"
    held = domain.journal.last_step
    fork = domain.fork()
    assert (fork.deliver_all(), _amounts(fork), _amounts(domain)) == (1, [3], [])
    domain.deliver()
    assert _amounts(domain) == [3]
    assert len(domain.at(held).waiting) == 1
    assert domain.replay().same


def test_save_and_load_keep_messages_and_those_that_wait(domain, tmp_path):
    domain.config["event_processing"] = "async"
    domain.brokers.publish("payments", {"reference": "o-1", "amount": 3})
    domain.deliver()
    domain.brokers.publish("payments", {"reference": "o-2", "amount": 4})
    told = domain.journal.to_text()
    domain.save(tmp_path / "run.jsonl")
    domain.reset()
    assert domain.load(tmp_path / "run.jsonl").level == "fine"
    assert domain.journal.to_text() == told
    domain.deliver()
    assert _amounts(domain) == [3, 4]


def test_a_message_is_tried_again_and_handle_error_ends_an_error():
    domain, heard = Domain(name="Shop"), []

    class Careless(BaseSubscriber):
        def __call__(self, payload):
            heard.append(payload["n"])
            raise ValueError("no")

        @classmethod
        def handle_error(cls, exc, payload):
            heard.append((str(exc), payload))

    domain.register(Careless, stream="numbers", retries=1, retry_exceptions=[ValueError])
    domain.brokers.publish("numbers", {"n": 1})
    assert heard == [1, 1, ("no", {"n": 1})]
    assert [e.outcome for e in domain.journal.of(kind="handled")] == ["retried", "failed", "ok"]


def test_an_error_reaches_the_one_who_publishes_and_the_message_stays(domain):
    with pytest.raises(KeyError):
        domain.brokers.publish("payments", {"amount": 3})
    assert len(domain.stream("payments")) == 1
    assert _amounts(domain) == []


def test_brokers_are_apart_and_are_named_by_settings_and_subscribers():
    domain, heard = Domain(name="Shop", config={"brokers": {"default": {}, "news": {}}}), []

    @domain.subscriber(stream="all", broker="partners")
    class Hears:
        def __call__(self, payload):
            heard.append(payload)

    assert list(domain.brokers) == ["default", "news", "partners"]
    domain.brokers["news"].publish("all", {"n": 1})
    domain.brokers["partners"].publish("all", {"n": 2})
    assert heard == [{"n": 2}]
    with pytest.raises(IncorrectUsageError, match="did you mean 'partners'"):
        domain.brokers["partner"]


def test_a_cell_run_again_replaces_the_subscriber(domain):
    heard = []

    @domain.subscriber(stream="payments")
    class HearPayments:
        def __call__(self, payload):
            heard.append(payload)

    domain.brokers.publish("payments", {"n": 1})
    assert (heard, _amounts(domain)) == ([{"n": 1}], [])
    domain.forget(HearPayments)
    domain.brokers.publish("payments", {"n": 2})
    assert heard == [{"n": 1}]


def test_a_delivery_to_a_subscriber_that_is_gone_is_skipped(domain):
    domain.config["event_processing"] = "async"
    domain.brokers.publish("payments", {"n": 1})
    domain.forget("HearPayments")
    domain.deliver_all()
    assert domain.journal[-1].rule == "retired"


def test_what_is_no_message_or_no_subscriber_is_refused(domain):
    with pytest.raises(ValidationError) as caught:
        domain.brokers.publish("payments", {})
    assert caught.value.messages == {"message": ["Message cannot be empty"]}
    for stream, message in (("payments", "text"), (7, {"n": 1})):
        with pytest.raises(IncorrectUsageError, match="give it the name of a stream and a dictionary"):
            domain.brokers.publish(stream, message)
    with pytest.raises(IncorrectUsageError, match="cannot be changed"):
        domain.at(1).brokers.publish("payments", {"n": 1})
    with pytest.raises(ConfigurationError, match="names no stream"):

        @domain.subscriber
        class Nowhere:
            def __call__(self, payload): ...

    with pytest.raises(ConfigurationError, match="no method that takes a message"):

        @domain.subscriber(stream="payments")
        class Mute: ...

    with pytest.raises(ConfigurationError, match="cannot be called with a message"):

        @domain.subscriber(stream="payments")
        class Deaf:
            def __call__(self): ...


def test_in_a_fork_the_domains_brokers_are_the_forks(domain):
    fork = domain.fork()
    with fork.domain_context():
        domain.brokers.publish("payments", {"reference": "o-1", "amount": 3})
    assert (_amounts(fork), _amounts(domain)) == ([3], [])


def test_what_a_broker_brought_is_not_among_all_events_of_the_event_store(domain):
    @domain.event(part_of="Payment")
    class PaymentTaken:
        amount = Float()

    payment = domain.repository_for("Payment")
    domain.brokers.publish("payments", {"reference": "o-1", "amount": 3})
    taken = payment.query.first
    taken.raise_(PaymentTaken(amount=3))
    payment.add(taken)
    found = domain.event_store.store.read("$all")
    assert [message.metadata.headers.type for message in found] == ["Shop.PaymentTaken.v1"]
