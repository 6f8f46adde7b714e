"""Words of Protean's servers and databases: accepted, and honest about what they do."""

import pytest

from ddd_kit import Domain, Priority, current_priority, handle, processing_priority
from ddd_kit.exceptions import IncorrectUsageError


def test_priorities_nest_and_end_with_their_block():
    with processing_priority(Priority.LOW):
        with processing_priority(Priority.CRITICAL):
            assert current_priority() is Priority.CRITICAL
        assert current_priority() is Priority.LOW
    assert current_priority() is Priority.NORMAL


def test_a_command_is_processed_at_once_whatever_its_priority():
    domain, done = Domain(name="Bookshop"), []

    @domain.aggregate
    class Order: ...

    @domain.command(part_of=Order)
    class PlaceOrder: ...

    @domain.command_handler(part_of=Order)
    class ManageOrder:
        @handle(PlaceOrder)
        def place(self, command):
            done.append(command)

    with processing_priority(Priority.BULK):
        domain.process(PlaceOrder(), priority=Priority.LOW)
    assert len(done) == 1


def test_settings_of_servers_can_be_set_one_by_one_in_each_domain():
    one, other = Domain(name="One"), Domain(name="Other")
    one.config["server"]["default_subscription_type"] = "stream"
    one.config["idempotency"]["ttl"] = 60
    assert other.config["server"] == other.config["idempotency"] == {}


def test_enrichers_can_be_looked_at():
    domain = Domain(name="Bookshop")

    @domain.event_enricher
    def who(event, aggregate):
        return {"user": f"{event} {aggregate}"}

    @domain.command_enricher
    def request(command):
        return {"request": str(command)}

    assert domain._event_enrichers == [who]
    assert domain._command_enrichers == [request]


def test_raw_conditions_are_those_of_a_filter():
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Order:
        quantity: int = 1

    orders = domain.repository_for(Order)
    for quantity in (1, 2, 3):
        orders.add(Order(quantity=quantity))
    found = orders.query.filter(quantity=1).limit(1).raw('{"quantity__gte": 2}')
    assert sorted(order.quantity for order in found.items) == [2, 3]
    for wrong in ("SELECT * FROM orders", "[1]", None):
        with pytest.raises(IncorrectUsageError, match="JSON object"):
            orders.query.raw(wrong)
    with pytest.raises(IncorrectUsageError, match="did you mean 'quantity'"):
        orders.query.raw('{"quantty": 2}')
