"""Whatever happens in whatever order: processes are as a plain fold of their events says, in every world."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ddd_kit.engine.processes import processes
from tests.fulfilment import fulfilment, let

orders = st.sampled_from(["o-1", "o-2", "o-3"])
happenings = st.lists(st.tuples(st.sampled_from(["place", "confirm", "ship", "fail"]), orders), max_size=12)
STATUS = {"place": "awaiting payment", "confirm": "paid", "ship": "shipped", "fail": "cancelled"}


def _folded(events):
    """The processes that a list of events leads to: status and whether it is complete, by order."""
    found = {}
    for what, order in events:
        status, complete = found.get(order, (None, False))
        if complete or (status is None and what != "place"):
            continue
        found[order] = (STATUS[what], what in ("ship", "fail"))
    return found


def _stored(domain, manager):
    return {p.id: (p.state["status"], p.complete) for p in processes(domain, manager)}


def _happen(shop, events):
    """Let it happen; and tell the step after each."""
    steps = []
    for what, order in events:
        let(shop, what, order)
        steps.append(shop.domain.journal.last_step)
    return steps


@settings(max_examples=60, deadline=None)
@given(happenings)
def test_processes_are_the_fold_of_their_events_at_every_step(events):
    shop = fulfilment()
    steps = _happen(shop, events)
    assert _stored(shop.domain, shop.Fulfilment) == _folded(events)
    for count, step in enumerate(steps, start=1):
        assert _stored(shop.domain.at(step), shop.Fulfilment) == _folded(events[:count])


@settings(max_examples=25, deadline=None)
@given(happenings, happenings)
def test_a_fork_goes_its_own_way_and_leaves_the_domain_alone(events, further):
    shop = fulfilment()
    _happen(shop, events)
    fork = shop.domain.fork()
    with fork.domain_context():
        for what, order in further:
            let(shop, what, order, fork)
    assert _stored(fork, shop.Fulfilment) == _folded(events + further)
    assert _stored(shop.domain, shop.Fulfilment) == _folded(events)


@settings(max_examples=25, deadline=None)
@given(happenings)
def test_a_run_with_processes_is_the_same_after_replay_and_after_save_and_load(tmp_path_factory, events):
    shop = fulfilment()
    _happen(shop, events)
    assert shop.domain.replay().same
    path = tmp_path_factory.mktemp("runs") / "run.jsonl"
    shop.domain.save(path)
    other = fulfilment()
    assert other.domain.load(path).level == "fine"
    assert _stored(other.domain, other.Fulfilment) == _folded(events)
    assert other.domain.journal.to_text() == shop.domain.journal.to_text()
