"""Groups that read a broker's stream by hand."""

import pytest

from ddd_kit import Domain
from ddd_kit.exceptions import IncorrectUsageError


@pytest.fixture
def domain():
    return Domain(name="Bookshop")


@pytest.fixture
def broker(domain):
    broker = domain.brokers["default"]
    for amount in (1, 2):
        broker.publish("payments", {"amount": amount})
    return broker


FIRST, SECOND = "payments-default-0", "payments-default-1"


def test_each_group_gets_every_message_once(broker):
    for group in ("billing", "mail"):
        assert broker.get_next("payments", group) == (FIRST, {"amount": 1})
        assert broker.read("payments", group, 5) == [(SECOND, {"amount": 2})]
        assert broker.get_next("payments", group) is None
    broker.publish("payments", {"amount": 3})
    assert broker.get_next("payments", "mail")[1] == {"amount": 3}


def test_a_message_can_be_acknowledged_once_and_by_its_group_alone(broker):
    broker.get_next("payments", "billing")
    assert not broker.ack("payments", FIRST, "mail")
    assert not broker.ack("payments", SECOND, "billing")
    assert broker.ack("payments", FIRST, "billing")
    assert not broker.ack("payments", FIRST, "billing")
    assert not broker.nack("payments", FIRST, "billing")


def test_one_that_is_given_back_comes_again_first_and_no_more_than_three_times(broker):
    taken = [broker.get_next("payments", "billing")[0]]
    while broker.nack("payments", FIRST, "billing"):
        message = broker.get_next("payments", "billing")
        taken.append(message[0])
    assert taken == [FIRST] * 4 + [SECOND]
    info = broker.info()["consumer_groups"]["billing"]
    assert info["dlq_messages"] == {"payments": 1}
    assert info["in_flight_messages"] == {"payments": 1}


def test_one_that_was_given_back_can_be_acknowledged(broker):
    broker.get_next("payments", "billing")
    assert broker.nack("payments", FIRST, "billing")
    assert broker.info()["consumer_groups"]["billing"]["failed_messages"] == {"payments": 1}
    assert broker.ack("payments", FIRST, "billing")
    assert broker.get_next("payments", "billing")[0] == SECOND


def test_what_a_group_got_is_its_own(broker):
    broker.get_next("payments", "billing")[1]["amount"] = 99
    assert broker.get_next("payments", "mail")[1] == {"amount": 1}


def test_streams_and_brokers_are_apart(domain):
    domain.config["brokers"]["news"] = {}
    domain.brokers["news"].publish("payments", {"amount": 7})
    assert domain.brokers["default"].get_next("payments", "billing") is None
    assert domain.brokers["news"].get_next("payments", "billing") == ("payments-news-0", {"amount": 7})
    assert domain.brokers["default"].info()["consumer_groups"].keys() == {"billing"}


def test_reading_is_no_part_of_what_is_recorded(domain, broker):
    before = len(domain.journal)
    broker.get_next("payments", "billing")
    assert len(domain.journal) == before
    assert domain.fork().brokers["default"].get_next("payments", "billing")[0] == FIRST
    domain.rewind(domain.journal.last_step)
    assert domain.brokers["default"].get_next("payments", "billing")[0] == FIRST
    with pytest.raises(IncorrectUsageError, match="the past cannot be changed"):
        domain.at(1).brokers["default"].get_next("payments", "billing")


def test_health_is_told_in_numbers(broker):
    broker.get_next("payments", "billing")
    health = broker.health_stats()
    assert (health["status"], health["connected"]) == ("healthy", True)
    assert health["details"]["message_counts"] == {
        "total_messages": 2,
        "in_flight": 1,
        "failed": 0,
        "dlq": 0,
    }
    assert health["details"]["streams"] == {"count": 1, "names": ["payments"]}
    assert health["details"]["consumer_groups"] == {"count": 1, "names": ["billing"]}
