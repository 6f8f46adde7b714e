"""Going back among the attempts of a delivery, and among the chances of faults."""

import pytest

from ddd_kit import Domain, handle


def flaky(retries=2):
    """A domain whose handler fails as often as `left` says, with one event delivered."""
    domain = Domain(name="Bookshop", seed=7)
    domain.left, domain.calls = [], 0

    @domain.aggregate
    class Order: ...

    @domain.event(part_of=Order)
    class OrderShipped: ...

    @domain.aggregate
    class Note: ...

    @domain.event_handler(part_of=Note, stream_category="order", retries=retries)
    class Notify:
        @handle(OrderShipped)
        def tell(self, event):
            domain.calls += 1
            if domain.left:
                domain.left.pop()
                raise ValueError(f"no mail for {event}")
            domain.repository_for(Note).add(Note())

    def ship():
        order = Order()
        order.raise_(OrderShipped())
        domain.repository_for(Order).add(order)

    domain.ship = ship
    return domain


def attempts(domain):
    return [(entry.attempt, entry.outcome, entry.step) for entry in domain.journal.of(kind="handled")]


def test_a_replay_from_between_two_attempts_goes_on_with_the_second():
    domain = flaky()
    domain.left = [1]
    domain.ship()
    (_, _, step), (_, outcome, _) = attempts(domain)
    assert outcome == "ok"
    domain.calls = 0
    comparison = domain.replay(step)
    assert comparison.same
    assert domain.calls == 1
    assert attempts(comparison.right) == attempts(domain)


def test_it_has_only_the_attempts_left_that_there_were():
    domain = flaky(retries=2)
    domain.left = [1, 1]
    domain.ship()
    first = attempts(domain)[0][2]
    domain.calls, domain.left = 0, [1] * 9
    replayed = domain.replay(first).right
    assert [made[:2] for made in attempts(replayed)] == [(1, "retried"), (2, "retried"), (3, "failed")]
    assert domain.calls == 2


def test_a_replay_from_before_the_first_attempt_makes_all_of_them():
    domain = flaky()
    domain.left = [1]
    domain.ship()
    before = attempts(domain)[0][2] - 1
    domain.left, domain.calls = [1], 0
    assert domain.replay(before).same
    assert domain.calls == 2


def test_it_leaves_faults_out_there_too():
    domain = flaky()
    domain.left = [1]
    domain.ship()
    domain.faults.fail(times=1)
    assert domain.replay(attempts(domain)[0][2]).same


def unlucky(switch_on):
    domain = Domain(name="Bookshop", seed=7)
    domain.heard = []

    @domain.aggregate
    class Order: ...

    @domain.event(part_of=Order)
    class OrderShipped:
        number: int

    @domain.event_handler(part_of=Order, retries=9)
    class Notify:
        @handle(OrderShipped)
        def tell(self, event):
            domain.heard.append(event.number)

    def ship(*numbers):
        for number in numbers:
            order = Order()
            for part in range(3):
                order.raise_(OrderShipped(number=10 * number + part))
            domain.repository_for(Order).add(order)
        heard, domain.heard = domain.heard, []
        return heard, [entry.fault for entry in domain.journal.of(kind="fault")]

    domain.ship = ship
    switch_on(domain.faults)
    return domain


SWITCHES = {
    "dropped": lambda faults: faults.drop(chance=0.5),
    "twice": lambda faults: faults.deliver_twice(chance=0.5, seed=3),
    "late": lambda faults: faults.delay(chance=0.5),
    "out of order": lambda faults: faults.shuffle(chance=0.7),
    "failing": lambda faults: faults.fail(chance=0.5),
    "two of them": lambda faults: (faults.shuffle(), faults.drop(chance=0.5)),
}


@pytest.mark.parametrize("switch_on", SWITCHES.values(), ids=SWITCHES)
def test_rewinding_takes_back_the_chances_of_faults(switch_on):
    domain = unlucky(switch_on)
    domain.ship(*range(5))
    step = domain.journal.last_step
    once = domain.ship(*range(5, 20))
    domain.rewind(step)
    assert domain.ship(*range(5, 20)) == once


@pytest.mark.parametrize("switch_on", SWITCHES.values(), ids=SWITCHES)
def test_a_fork_in_the_past_has_the_chances_of_then(switch_on):
    domain = unlucky(switch_on)
    domain.ship(*range(5))
    step = domain.journal.last_step
    once = domain.ship(*range(5, 20))
    fork = domain.fork(step)
    with fork.domain_context():
        for number in range(5, 20):
            order = domain.registry.elements["Order"].cls()
            for part in range(3):
                order.raise_(domain.registry.elements["OrderShipped"].cls(number=10 * number + part))
            fork.repository_for("Order").add(order)
    assert (domain.heard, [entry.fault for entry in fork.journal.of(kind="fault")]) == once


def test_rewinding_twice_is_as_good_as_once():
    domain = unlucky(SWITCHES["dropped"])
    step = domain.journal.last_step
    once = domain.ship(*range(9))
    for _ in range(2):
        domain.rewind(step)
        assert domain.ship(*range(9)) == once


def test_a_fault_that_was_switched_on_since_begins_anew():
    domain = unlucky(lambda faults: faults)
    step = domain.journal.last_step
    domain.faults.drop(chance=0.5)
    once = domain.ship(*range(9))
    domain.rewind(step)
    assert domain.ship(*range(9)) == once
