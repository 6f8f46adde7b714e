"""A projection is rebuilt from the events, step by step, and nobody else hears of it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ddd_kit import Domain, RebuildResult, UnitOfWork, compare, handle, on
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.fields import DateTime, Identifier, Integer, String
from ddd_kit.views import tree
from order_list import projector, records, run, shop, stored


@pytest.fixture
def made():
    made = shop()
    run(made)
    return made


def outline(domain):
    """All of a run that a rebuild must leave as it is."""
    return (
        {name: dict(store.rows) for name, store in domain.world.stores.items() if name != "OrderList"},
        list(domain.world.events.rows),
        [delivery.names for delivery in domain.waiting],
    )


def test_what_is_rebuilt_is_what_was_kept_up(made):
    before, kept_up = outline(made.domain), stored(made.domain)
    result = made.domain.rebuild_projection(made.OrderList)
    assert stored(made.domain) == kept_up
    assert outline(made.domain) == before
    assert result == RebuildResult("OrderList", 1, 2, 6)
    assert result.success


def test_a_rebuild_is_in_the_journal_from_its_beginning_event_by_event(made):
    domain = made.domain
    since = domain.journal.last_step + 1
    domain.rebuild_projection(made.OrderList)
    entries = list(domain.journal.between(since, domain.journal.last_step))
    begin, *emptied = entries[:3]
    assert (begin.kind, begin.element, begin.change) == ("defined", "OrderList", "rebuilt")
    assert [(entry.id, entry.change, entry.cause) for entry in emptied] == [
        ("o-1", "removed", begin.step),
        ("o-3", "removed", begin.step),
    ]
    assert domain.journal.batch_end(begin.step) == emptied[-1].step
    assert {entry.chain for entry in entries} == {begin.step}
    handled = [entry for entry in entries if entry.kind == "handled"]
    assert [(entry.method, entry.event) for entry in handled] == [
        ("add", "OrderPlaced"),
        ("add", "OrderPlaced"),
        ("add", "OrderPlaced"),
        ("mark_as_shipped", "OrderShipped"),
        ("remove", "OrderCancelled"),
        ("rename", "CustomerRenamed"),
    ]
    assert [domain.journal.step(entry.cause).type for entry in handled] == [e.event for e in handled]
    assert {entry.kind for entry in entries[3:]} == {"handled", "changed"}


def test_step_by_step_the_projection_is_seen_to_grow_again(made):
    domain = made.domain
    since = domain.journal.last_step
    domain.rebuild_projection(made.OrderList)
    counts = [
        domain.at(step).view_for(made.OrderList).count() for step in range(since, domain.journal.last_step)
    ]
    ends = [counts[0]] + [new for old, new in pairwise(counts) if new != old]
    assert ends == [2, 0, 1, 2, 3, 2]


def test_the_story_and_the_reason_of_a_rebuilt_value(made):
    domain = made.domain
    begin = domain.journal.last_step + 1
    domain.rebuild_projection(made.OrderList)
    from ddd_kit.journal.story import story

    assert "projection OrderList was emptied, to be rebuilt from the events" in str(
        story(domain.journal, begin)
    )
    why = domain.why(domain.view_for(made.OrderList).get("o-1"), "status")
    assert [entry.kind for entry in why.chain] == ["event", "handled", "changed"]
    assert why.chain[-1].step > begin


def test_the_views_of_a_run_take_a_rebuild(made):
    domain = made.domain
    domain.rebuild_projection(made.OrderList)
    text = domain.journal.to_text()
    _, _, rebuilt = text.partition("\n  + projection OrderList rebuilt\n")
    assert [line.split(",")[0] for line in rebuilt.splitlines()[:4]] == [
        "    ■ OrderList o-1 removed",
        "    ■ OrderList o-3 removed",
        "    ◆ OrderListProjector.add ran",
        "      ■ OrderList o-1 added: customer_id c-1",
    ]
    assert "rebuilt" in str(tree.journal(domain.journal))
    assert domain.map().to_text()
    assert domain.timeline().to_text()
    assert domain.sequence_diagram()
    assert domain.state().to_text()


def test_an_event_has_its_own_time_when_it_is_heard_again():
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Order: ...

    @domain.event(part_of=Order)
    class OrderPlaced: ...

    @domain.projection
    class Latest:
        name = Identifier(identifier=True)
        at = DateTime()
        by = String()

    @domain.projector(projector_for=Latest, aggregates=[Order])
    class Watch:
        @on(OrderPlaced)
        def note(self, event):
            headers = event._metadata.headers
            domain.repository_for(Latest).add(Latest(name=headers.id, at=headers.time, by=headers.stream))

    order = Order()
    order.raise_(OrderPlaced())
    domain.repository_for(Order).add(order)
    kept_up = stored(domain, "Latest")
    domain.rebuild_projection(Latest)
    assert stored(domain, "Latest") == kept_up


def test_a_projector_that_came_later_gets_the_history(made):
    domain = made.domain

    @domain.projection
    class Sold:
        customer_id = Identifier(identifier=True)
        quantity = Integer(default=0)

    @domain.projector(projector_for=Sold, stream_categories=["order"])
    class SoldProjector:
        @on(made.OrderPlaced)
        def add(self, event):
            sold = domain.repository_for(Sold)
            entry = sold.get_or_none(event.customer_id) or Sold(customer_id=event.customer_id)
            entry.quantity += event.quantity
            sold.add(entry)

    assert domain.view_for(Sold).count() == 0
    assert domain.why_not(SoldProjector).broken[0].rule == "defined_before"
    assert domain.rebuild_projection(Sold).events_dispatched == 5
    assert domain.view_for(Sold).get("c-1").quantity == 6
    told = str(domain.why_not(SoldProjector, domain.stream("order")[0]))
    assert "when the projection was rebuilt" in told
    assert not domain.why_not(SoldProjector, domain.stream("order")[0]).broken


def test_with_edited_code_a_rebuild_is_as_a_fresh_run(made):
    projector(made, shipped="on its way")
    made.domain.rebuild_projection(made.OrderList)
    fresh = shop()
    projector(fresh, shipped="on its way")
    run(fresh)
    assert stored(made.domain) == stored(fresh.domain)
    assert made.domain.view_for("OrderList").get("o-1").status == "on its way"


def test_a_projection_whose_new_fields_old_records_lack_is_rebuilt(made):
    domain = made.domain

    @domain.projection
    class OrderList:
        order_id = Identifier(identifier=True)
        size = String(required=True)

    @domain.projector(projector_for=OrderList, aggregates=[made.Order])
    class OrderListProjector:
        @on(made.OrderPlaced)
        def add(self, event):
            size = "big" if event.quantity > 2 else "small"
            domain.repository_for(OrderList).add(OrderList(order_id=event.order_id, size=size))

    assert domain.rebuild_projection("OrderList").success
    assert [entry.size for entry in domain.view_for(OrderList).query] == ["small", "small", "big"]


def test_several_projectors_of_a_projection_hear_each_event_in_turn(made):
    domain, heard = made.domain, []

    @domain.projector(projector_for=made.OrderList, aggregates=[made.Order])
    class Second:
        @handle("$any")
        def note(self, event):
            heard.append(type(event).__name__)
            assert domain.repository_for(made.OrderList).query.count() == min(len(heard), 3) - (
                len(heard) > 4
            )

    result = domain.rebuild_projection(made.OrderList)
    assert heard == ["OrderPlaced"] * 3 + ["OrderShipped", "OrderCancelled"]
    assert (result.projectors_processed, result.categories_processed) == (2, 3)
    assert (result.events_dispatched, result.errors) == (11, [])


def test_all_projections_are_rebuilt(made):
    domain = made.domain

    @domain.projection
    class Rates:
        currency = Identifier(identifier=True)

    domain.repository_for(Rates).add(Rates(currency="EUR"))
    results = domain.rebuild_all_projections()
    assert list(results) == ["OrderList", "Rates"]
    assert results["OrderList"].success
    assert not results["Rates"].success
    assert "Rates has no projector" in results["Rates"].errors[0]
    assert domain.view_for(Rates).count() == 1


# What goes wrong


def test_what_a_projector_fails_on_is_told_and_the_rest_goes_on(made):
    domain = made.domain

    @domain.projector(projector_for=made.OrderList, aggregates=[made.Order])
    class OrderListProjector:
        @on(made.OrderPlaced)
        def add(self, event):
            if event.order_id == "o-2":
                raise LookupError("no such thing")
            domain.repository_for(made.OrderList).add(made.OrderList(order_id=event.order_id))

    result = domain.rebuild_projection(made.OrderList)
    assert list(records(domain)) == ["o-1", "o-3"]
    assert (result.events_dispatched, result.events_skipped, result.success) == (4, 1, False)
    assert result.errors == ["OrderListProjector.add on OrderPlaced: LookupError: no such thing"]
    failed = [entry for entry in domain.journal.of(kind="handled") if entry.outcome == "failed"]
    assert [(entry.error, entry.waits) for entry in failed] == [("LookupError: no such thing", False)]


def test_a_projector_with_handle_error_deals_with_it(made):
    domain = made.domain

    @domain.projector(projector_for=made.OrderList, aggregates=[made.Order])
    class OrderListProjector:
        @on(made.OrderPlaced)
        def add(self, event):  # noqa: ARG002
            raise LookupError

        @classmethod
        def handle_error(cls, error, event):  # noqa: ARG003
            entry = made.OrderList(order_id=event.order_id, status="unknown")
            domain.repository_for(made.OrderList).add(entry)

    assert domain.rebuild_projection(made.OrderList).success
    assert {entry["status"] for entry in records(domain).values()} == {"unknown"}


def test_a_projector_that_fails_once_is_tried_again_as_ever(made):
    domain, tries = made.domain, []

    @domain.projector(projector_for=made.OrderList, aggregates=[made.Order], retries=1)
    class OrderListProjector:
        @on(made.OrderShipped)
        def note(self, event):
            tries.append(1)
            if len(tries) == 1:
                raise LookupError
            domain.repository_for(made.OrderList).add(made.OrderList(order_id=event.order_id))

    assert domain.rebuild_projection(made.OrderList).success
    assert [entry.outcome for entry in domain.journal.of(kind="handled")][-2:] == ["retried", "ok"]


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_what_fails_does_not_wait(made, mode):
    made.domain.config["event_processing"] = mode

    @made.domain.projector(projector_for=made.OrderList, aggregates=[made.Order])
    class OrderListProjector:
        @on(made.OrderShipped)
        def note(self, event):  # noqa: ARG002
            raise LookupError

    assert not made.domain.rebuild_projection(made.OrderList).success
    assert not made.domain.journal.of(kind="handled")[-1].waits
    assert not made.domain.waiting


@pytest.mark.parametrize("deed", ["saves", "raises", "commands"])
def test_a_projector_that_does_more_than_project_does_it_not_again(made, deed):
    domain = made.domain

    @domain.projector(projector_for=made.OrderList, aggregates=[made.Order])
    class OrderListProjector:
        @on(made.OrderShipped)
        def busy(self, event):  # noqa: ARG002
            orders = domain.repository_for(made.Order)
            if deed == "saves":
                orders.add(made.Order(customer_id="c-9"))
            elif deed == "raises":
                orders.add(made.Order.place(customer_id="c-9"))
            else:
                domain.process(made.PlaceOrder(customer_id="c-9"))

    before = outline(domain)
    result = domain.rebuild_projection(made.OrderList)
    assert result.events_skipped == 1
    assert "projectors change OrderList alone" in result.errors[0]
    assert outline(domain) == before


def test_events_that_are_not_defined_any_more_are_told(made):
    made.domain.forget(made.CustomerRenamed)
    result = made.domain.rebuild_projection(made.OrderList)
    assert result.events_skipped == 1
    assert result.errors[0].startswith("CustomerRenamed is not defined any more")
    assert made.domain.journal.of(kind="skipped")[-1].rule == "retired"
    assert made.domain.fork().view_for("OrderList").count() == 2


def test_what_cannot_be_rebuilt_is_refused(made):
    with pytest.raises(IncorrectUsageError, match="not a projection"):
        made.domain.rebuild_projection(made.Order)
    with pytest.raises(IncorrectUsageError, match="a unit of work is open"), UnitOfWork(made.domain):
        made.domain.rebuild_projection(made.OrderList)
    with pytest.raises(IncorrectUsageError, match="the past cannot be changed"):
        made.domain.at(3).rebuild_all_projections()


# Waiting deliveries, hold mode, faults


def test_what_waits_for_a_projector_goes_on_waiting_and_is_made_once():
    made = shop(config={"event_processing": "async"})
    run(made)
    for _ in range(4):
        made.domain.deliver()
    waiting, kept_up = [d.names for d in made.domain.waiting], stored(made.domain)
    made.domain.rebuild_projection(made.OrderList)
    assert stored(made.domain) == kept_up
    assert [d.names for d in made.domain.waiting] == waiting
    assert made.domain.config["event_processing"] == "async"
    made.domain.deliver_all()
    fresh = shop()
    run(fresh)
    assert stored(made.domain) == stored(fresh.domain)


def test_a_rebuild_does_not_look_as_if_its_events_had_waited():
    made = shop(config={"event_processing": "async"})
    run(made)
    made.domain.deliver_all()
    before = {
        step: [d.names for d in made.domain.at(step).waiting] for step in range(made.domain.journal.last_step)
    }
    made.domain.rebuild_projection(made.OrderList)
    for step, names in before.items():
        assert [d.names for d in made.domain.at(step).waiting] == names
    for step in range(len(before), made.domain.journal.last_step + 1):
        assert not made.domain.at(step).waiting


def test_faults_and_breakpoints_do_not_meet_a_rebuild(made):
    domain = made.domain
    domain.faults.fail(5, handler=made.OrderListProjector)
    domain.pause_on(made.OrderPlaced)
    assert domain.rebuild_projection(made.OrderList).success
    assert domain.config["event_processing"] == "sync"


def test_an_interrupt_leaves_a_note():
    made = shop()
    run(made)

    @made.domain.projector(projector_for=made.OrderList, aggregates=[made.Order])
    class OrderListProjector:
        @on(made.OrderShipped)
        def stop(self, event):  # noqa: ARG002
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        made.domain.rebuild_projection(made.OrderList)
    assert "rebuild it again" in caught.value.__notes__[-1]
    assert made.domain.config["event_processing"] == "sync"
    assert not made.domain.waiting
    projector(made)
    assert made.domain.rebuild_projection(made.OrderList).success
    assert list(records(made.domain)) == ["o-1", "o-3"]


def test_a_rebuild_without_a_record():
    made = shop(config={"journal": False})
    run(made)
    kept_up = stored(made.domain)
    assert made.domain.rebuild_projection(made.OrderList).success
    assert stored(made.domain) == kept_up
    made.domain.config["journal"] = True
    assert made.domain.rebuild_projection(made.OrderList).success
    assert stored(made.domain) == kept_up
    assert made.domain.journal.of(kind="handled")[0].cause is None


# Worlds


def test_a_fork_rebuilds_its_own(made):
    fork = made.domain.fork()
    projector(made, shipped="on its way")
    fork.rebuild_projection("OrderList")
    assert fork.view_for("OrderList").get("o-1").status == "on its way"
    assert made.domain.view_for("OrderList").get("o-1").status == "shipped"
    differing = [(d.aggregate, d.field, d.left, d.right) for d in compare(made.domain, fork).differences]
    assert differing == [("OrderList", "status", "shipped", "on its way")]


def test_every_step_of_a_rebuild_can_be_forked_and_rewound(made):
    domain = made.domain
    since = domain.journal.last_step
    domain.rebuild_projection(made.OrderList)
    for step in range(domain.journal.last_step, since, -1):
        there = records(domain.at(step))
        assert records(domain.fork(at=step)) == there
        domain.rewind(step)
        assert records(domain) == there


def test_a_rebuild_is_replayed_as_a_whole(made):
    domain = made.domain
    domain.rebuild_projection(made.OrderList)
    domain.repository_for(made.Order).add(made.Order.place(id="o-7", customer_id="c-1"))
    again = domain.replay()
    assert again.same, again
    assert stored(again.right) == stored(domain)
    projector(made, shipped="on its way")
    right = domain.replay().right
    assert records(right)["o-1"]["status"] == "on its way"
    assert len(right.journal.of(kind="handled")) == len(domain.journal.of(kind="handled"))


def test_a_replay_from_the_middle_of_a_rebuild_goes_on_with_it(made):
    domain = made.domain
    since = domain.journal.last_step
    domain.rebuild_projection(made.OrderList)
    for step in range(since, domain.journal.last_step + 1):
        assert stored(domain.replay(since=step).right) == stored(domain), step


def test_a_rebuild_comes_back_from_a_file(made, tmp_path):
    made.domain.rebuild_projection(made.OrderList)
    made.domain.save(tmp_path / "run.jsonl")
    other = shop()
    assert other.domain.load(tmp_path / "run.jsonl").level == "fine"
    assert other.domain.journal.to_text() == made.domain.journal.to_text()
    assert stored(other.domain) == stored(made.domain)
    assert other.domain.rebuild_projection("OrderList").success
    assert stored(other.domain) == stored(made.domain)


def test_a_rebuild_after_older_steps_were_folded():
    made = shop(config={"journal_limit": 10})
    run(made)
    kept_up = stored(made.domain)
    assert made.domain.rebuild_projection(made.OrderList).success
    assert stored(made.domain) == kept_up
    assert made.domain.replay().same
