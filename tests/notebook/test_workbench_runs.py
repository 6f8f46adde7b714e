"""Several runs in one workbench: fork, compare, replay, go back."""

import pytest
from markupsafe import Markup

import ddd_kit
from ddd_kit import handle


@pytest.fixture
def workbench():
    found = ddd_kit.demo()
    yield found
    found.close()


def text_of(html):
    return Markup(html).striptags()


def stock(domain):
    return domain.repository_for("Inventory").query.first.in_stock


def test_fork_here_shows_a_run_that_begins_at_that_step(workbench):
    domain = workbench.domain
    workbench._do("step", "22")
    workbench._do("fork", "22")
    assert workbench.domain is not domain
    assert workbench.domain.journal.last_step == 22
    assert workbench.look.live
    assert "a fork from step 22 on" in text_of(workbench._canvas.bar)


def test_one_goes_from_run_to_run_by_the_menu(workbench):
    domain = workbench.domain
    workbench._do("fork", "22")
    workbench._do("run", "0")
    assert workbench.domain is domain
    assert "a fork from" not in text_of(workbench._canvas.bar).split("Fork here")[0]
    workbench._do("run", "1")
    assert workbench.domain.forked_at == 22


def test_both_runs_stand_side_by_side(workbench):
    workbench._do("left", "compare")
    assert "There is one run so far" in text_of(workbench._canvas.left)
    workbench._do("fork", "22")
    assert "then they part" in text_of(workbench._canvas.left)
    assert "in_stock" in text_of(workbench._canvas.left)


def test_what_happens_in_the_fork_is_not_in_the_domain(workbench):
    domain = workbench.domain
    workbench._do("fork", str(domain.journal.last_step))
    fork = workbench.domain
    order = next(o for o in fork.repository_for("Order").query.all() if str(o.status) != "SHIPPED")
    before = stock(domain)
    order.ship_order()
    fork.repository_for("Order").add(order)
    assert stock(fork) < stock(domain) == before


def test_a_replay_with_new_code_stands_beside_the_run(workbench):
    domain = workbench.domain

    @domain.event_handler(part_of="Inventory", stream_category="order")
    class ManageInventory:
        @handle("OrderShipped")
        def reduce_stock_level(self, event):
            stock = domain.repository_for("Inventory")
            inventory = stock.find_by(book_id=event.book_id)
            inventory.in_stock -= 5
            stock.add(inventory)

    workbench._do("replay", "")
    assert "100 → 95" in text_of(workbench._canvas.left)
    assert "100 → 90" in text_of(workbench._canvas.left)


def test_going_back_for_good_asks_first(workbench):
    last = workbench.domain.journal.last_step
    workbench._do("rewind", "22")
    assert workbench.domain.journal.last_step == last
    assert "Go back to step 22 for good?" in text_of(workbench._canvas.notice)
    workbench._do("dismiss", "")
    assert workbench._canvas.notice == ""
    workbench._do("rewind", "22")
    workbench._do("rewound", "22")
    assert workbench.domain.journal.last_step == 22
    assert workbench._canvas.notice == ""
    assert workbench.look.step <= 22


def test_the_workbench_of_a_fork_has_its_domain_beside_it(workbench):
    fork = workbench.domain.fork(at=22)
    another = fork.explore()
    assert another.runs == [workbench.domain, fork]
    assert "a fork from step 22 on" in text_of(another._canvas.bar)
    another.close()


def test_a_run_of_the_past_can_only_be_forked(workbench):
    past = workbench.domain.at(22).explore()
    words = text_of(past._canvas.bar)
    assert "Fork here" in words
    assert "Replay" not in words
    assert "for good" not in words
    past._do("fork", "22")
    assert past.domain.world.frozen is None
    past.close()


def test_a_fault_is_switched_on_for_one_handler_and_off_again(workbench):
    domain = workbench.domain
    workbench._do("aim", "handler ManageInventory")
    workbench._do("fault", "deliver_twice")
    assert [(f.kind, f.handler) for f in domain.faults] == [("deliver_twice", "ManageInventory")]
    assert "faults: 1" in text_of(workbench._canvas.bar)
    before = stock(domain)
    order = next(o for o in domain.repository_for("Order").query.all() if str(o.status) != "SHIPPED")
    order.ship_order()
    with pytest.raises(Exception, match="in_stock"):  # 90 twice is more than there is
        domain.repository_for("Order").add(order)
    assert stock(domain) == before - order.quantity
    workbench._do("unfault", "1")
    assert len(domain.faults) == 0


def test_a_fault_for_every_handler(workbench):
    workbench._do("fault", "drop")
    assert [(f.kind, f.handler) for f in workbench.domain.faults] == [("drop", None)]


@pytest.mark.parametrize(
    ("kind", "count"),
    [("deliver_twice", 1), ("drop", 1), ("shuffle", 1), ("delay", 3), ("fail", 3)],
)
def test_each_fault_is_for_an_event_with_a_chance_and_where_it_counts_a_number(workbench, kind, count):
    for choice in ("event OrderShipped", "chance 0.5", "count 3"):
        workbench._do("aim", choice)
    workbench._do("fault", kind)
    [fault] = workbench.domain.faults
    assert (fault.kind, fault.event, fault.handler) == (kind, "OrderShipped", None)
    assert (fault.chance, fault.count) == (0.5, count)


def test_a_fault_that_could_never_strike_is_refused_in_words(workbench):
    workbench._do("aim", "event OrderPlaced")
    workbench._do("aim", "handler Reorder")
    told = "Reorder does not handle OrderPlaced, but StockDepleted"
    assert told in text_of(workbench._canvas.bar)
    workbench._reporting("a test", lambda: workbench._do("fault", "drop"))  # a click that was faster
    assert told in text_of(workbench._canvas.notice)
    assert len(workbench.domain.faults) == 0


def test_a_choice_whose_handler_is_gone_is_one_of_every_handler(workbench):
    workbench._do("aim", "handler Reorder")
    workbench.domain.forget("Reorder")
    workbench._do("fault", "drop")
    assert [fault.handler for fault in workbench.domain.faults] == [None]


def test_a_delivery_that_is_made_takes_away_what_was_told_of_its_failures(workbench):
    domain = workbench.domain
    workbench._do("hold", "")
    workbench._do("aim", "handler ManageInventory")
    workbench._do("aim", "count 2")
    workbench._do("fault", "fail")
    order = next(o for o in domain.repository_for("Order").query.all() if str(o.status) != "SHIPPED")
    order.ship_order()
    domain.repository_for("Order").add(order)
    for time in ("time 1 of 2", "time 2 of 2"):
        workbench._reporting("the delivery", lambda: workbench._do("deliver", "0"))
        assert time in text_of(workbench._canvas.notice)
    workbench._reporting("the delivery", lambda: workbench._do("deliver", "0"))
    assert workbench._canvas.notice == ""
    assert stock(domain) == 0


@pytest.mark.parametrize(("form", "words"), [("test", "# When"), ("diagram", "sequenceDiagram")])
def test_the_run_is_written_down_up_to_the_step_that_is_shown(workbench, form, words):
    workbench._do("step", "29")
    workbench._do("write", form)
    said = text_of(workbench._canvas.notice)
    assert " to 29 as a " in said
    assert words in said
    workbench._do("dismiss", "")
    assert workbench._canvas.notice == ""


def test_what_cannot_be_written_down_is_told(workbench):
    workbench._do("step", "0")
    workbench._reporting("writing it down", lambda: workbench._do("write", "test"))
    assert "writing it down failed" in text_of(workbench._canvas.notice)


def test_deliveries_are_held_from_an_event_on(workbench):
    domain = workbench.domain
    workbench._do("pause", "OrderShipped")
    assert "pauses on OrderShipped" in text_of(workbench._canvas.bar)
    order = next(o for o in domain.repository_for("Order").query.all() if str(o.status) != "SHIPPED")
    order.ship_order()
    domain.repository_for("Order").add(order)
    assert len(domain.waiting) >= 1
    workbench._do("unpause", "OrderShipped")
    assert domain.faults.breakpoints == ()


def test_an_act_that_there_is_not_is_told_and_changes_nothing(workbench):
    workbench._reporting("a test", lambda: workbench._do("fault", "remove 1"))
    assert "there is deliver_twice" in text_of(workbench._canvas.notice)


def test_what_try_it_makes_in_a_fork_is_the_forks_alone(workbench):
    domain = workbench.domain
    workbench._do("fork", str(domain.journal.last_step))
    steps, ids = len(domain.journal), domain.world.identities
    workbench._try_it.select("PlaceOrder")
    fields = workbench._try_it._form.fields
    fields["book_id"].input.value, fields["quantity"].input.value = "1", "0"
    workbench._try_it.run()  # refused: 1 at least
    assert len(domain.journal) == steps
    assert workbench.domain.journal[-1].kind == "rejected"
    assert domain.world.identities is ids
