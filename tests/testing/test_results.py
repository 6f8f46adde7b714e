"""The other words of Protean's testing module."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import ddd_kit
import seed_model
from ddd_kit import Domain, given, handle, on
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.fields import Identifier
from ddd_kit.testing import (
    DomainFixture,
    EventLog,
    assert_chain,
    assert_snapshot,
    drain,
    process_and_wait,
)
from seed_model import Inventory, Order, OrderShipped, ShipOrder


@pytest.fixture
def domain():
    seed_model.domain.reset()  # other tests use the same one
    with DomainFixture(seed_model.domain).domain_context() as domain:
        yield domain
    domain.config["event_processing"] = "sync"


def shipped(number):
    return OrderShipped(order_id="o-1", book_id=1, quantity=number, total_amount=1)


def test_submodules_that_we_do_not_have_map_to_the_package():
    for name in ("given", "assert_chain", "process_and_wait", "drain", "DomainFixture", "EventLog"):
        assert getattr(ddd_kit, name) is getattr(ddd_kit.testing, name)


# Event logs


def test_an_event_log_answers_pythons_words():
    log = EventLog([shipped(1), shipped(2)])
    assert OrderShipped in log
    assert shipped(2) in log
    assert ShipOrder not in log
    assert log[OrderShipped].quantity == 1
    assert log[-1] is log.last
    assert log.first is log[0]
    assert log.get(ShipOrder, "none") == "none"
    assert [event.quantity for event in log] == [1, 2]
    assert len(log.of_type(OrderShipped)) == 2
    assert not EventLog([])
    assert EventLog([]).first is None
    with pytest.raises(
        KeyError, match=r"No ShipOrder is among the events. There are: OrderShipped, OrderShipped"
    ):
        log[ShipOrder]


# The domain itself


def test_process_and_wait_works_on_the_domain_itself_in_hold_mode_too(domain):
    domain.config["event_processing"] = "async"
    domain.repository_for(Inventory).add(Inventory(id="i-1", book_id=1, in_stock=100))
    domain.repository_for(Order).add(Order(id="o-1", book_id=1, quantity=10, total_amount=1))
    outcome = process_and_wait(ShipOrder(order_id="o-1"), domain)
    assert outcome.succeeded, outcome.error
    assert [cls.__name__ for cls in outcome.events.types] == ["OrderShipped", "NotificationSent"]
    assert domain.repository_for(Inventory).get("i-1").in_stock == 90
    failed = process_and_wait(ShipOrder(order_id="o-2"), domain)
    assert failed.failed
    assert "o-2" in str(failed.error)


def test_drain_warns_when_what_it_waits_for_does_not_come(domain):
    with pytest.warns(UserWarning, match="still not true after 2 rounds"):
        assert drain(domain, until=lambda: False, max_cycles=2) == 2
    with pytest.raises(ValueError, match="at least 1"):
        drain(domain, max_cycles=0)


def test_a_fixture_gives_each_test_an_empty_world():
    domain = seed_model.domain
    fixture = DomainFixture(domain)
    fixture.setup()
    with fixture.domain_context():
        domain.repository_for(Order).add(Order(id="o-1", book_id=1, quantity=1, total_amount=1))
    assert domain.repository_for(Order).get_or_none("o-1") is None


# Projections and process managers


def reading():
    domain = Domain(name="Bank")

    @domain.aggregate
    class Account: ...

    @domain.event(part_of=Account)
    class MoneyDeposited:
        account_id: str
        amount: int

    @domain.projection
    class Balances:
        account_id = Identifier(identifier=True)
        amount: int = 0

    @domain.projector(projector_for=Balances, aggregates=[Account])
    class BalancesProjector:
        @on(MoneyDeposited)
        def deposited(self, event):
            balances = domain.repository_for(Balances)
            known = balances.get_or_none(event.account_id) or Balances(account_id=event.account_id)
            known.amount += event.amount
            balances.add(known)

    return SimpleNamespace(domain=domain, MoneyDeposited=MoneyDeposited, Balances=Balances)


def test_a_projection_after_events():
    m = reading()
    events = [m.MoneyDeposited(account_id="a-1", amount=5), m.MoneyDeposited(account_id="a-1", amount=2)]
    result = given(*events).then(m.Balances, account_id="a-1")
    assert result.found
    assert result.has(amount=7).amount == result.projection.amount == 7
    with pytest.raises(AssertionError, match=r"Balances\.amount: expected 8, got 7"):
        result.has(amount=8)
    with pytest.raises(AssertionError, match="has no attribute 'amont': did you mean 'amount'"):
        result.has(amont=8)
    other = given(*events).then(m.Balances, account_id="a-2")
    assert other.not_found
    with pytest.raises(AssertionError, match="Balances projection not found"):
        other.has(amount=7)
    with pytest.raises(IncorrectUsageError, match="give its identity"):
        given(*events).then(m.Balances)
    given(*events).when(m.MoneyDeposited(account_id="a-1", amount=1)).has(m.Balances, "a-1", amount=8)
    assert m.domain.repository_for(m.Balances).get_or_none("a-1") is None


def fulfilment():
    domain = Domain(name="Shop")

    @domain.aggregate
    class Parcel: ...

    @domain.event(part_of=Parcel)
    class ParcelPacked:
        parcel_id: str

    @domain.event(part_of=Parcel)
    class ParcelSent:
        parcel_id: str

    @domain.event_handler(part_of=Parcel)
    class Failing:
        @handle(ParcelPacked)
        def fail(self, _event):
            raise RuntimeError("only the process manager hears what it is given")

    @domain.process_manager(aggregates=[Parcel])
    class Delivering:
        status: str = "new"

        @handle(ParcelPacked, start=True, correlate="parcel_id")
        def packed(self, _event):
            self.status = "packed"

        @handle(ParcelSent, correlate="parcel_id", end=True)
        def sent(self, _event):
            self.status = "sent"

    return SimpleNamespace(Delivering=Delivering, ParcelPacked=ParcelPacked, ParcelSent=ParcelSent)


def test_a_process_manager_after_events():
    m = fulfilment()
    packed, sent = m.ParcelPacked(parcel_id="p-1"), m.ParcelSent(parcel_id="p-1")
    process = given(m.Delivering, packed)
    assert (process.status, process.is_complete, process.transition_count) == ("packed", False, 1)
    process = given(packed, sent).results_in(m.Delivering, parcel_id="p-1")
    assert (process.status, process.is_complete, process.transition_count) == ("sent", True, 2)
    missing = given(m.Delivering, sent)
    assert missing.not_started
    assert missing.process_manager is None
    with pytest.raises(AttributeError, match="none of the events began such a process"):
        _ = missing.status


# Chains and snapshots


def test_a_chain_that_is_another_is_shown_side_by_side():
    chain = [SimpleNamespace(message_type="Shop.A.v1"), SimpleNamespace(message_type="Shop.B.v1")]
    assert_chain(chain, ["Shop.A.v1", "Shop.B.v1"])
    with pytest.raises(AssertionError, match=r"x message 2 +nothing +Shop.B.v1"):
        assert_chain(chain, ["Shop.A.v1"])


def test_a_snapshot_is_kept_first_and_compared_then(tmp_path):
    code = "def check(*given, **more): assert_snapshot(*given, **more)"
    namespace = {"assert_snapshot": assert_snapshot}
    exec(compile(code, str(tmp_path / "test_orders.py"), "exec"), namespace)
    check = namespace["check"]
    check({"quantity": 1, "id": "x"}, "order", exclude=["id"])
    assert (tmp_path / "__snapshots__" / "test_orders" / "order.json").exists()
    check({"quantity": 1}, "order")
    with pytest.raises(AssertionError, match=r'(?s)\+  "quantity": 2'):
        check({"quantity": 2}, "order")
    with pytest.raises(TypeError):
        assert_snapshot(7, "x")
    with pytest.raises(ValueError, match="no plain file name"):
        assert_snapshot({}, "../x")
