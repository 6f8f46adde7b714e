"""Whatever happens in a run: a projection that is rebuilt is the one that was kept up."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from order_list import projector, records, shop, stored

DEEDS = st.one_of(
    st.tuples(st.just("place"), st.integers(1, 3), st.sampled_from("ab")),
    st.tuples(st.just("order"), st.integers(1, 3), st.sampled_from("ab")),
    st.tuples(st.just("ship"), st.integers(0, 5), st.just("")),
    st.tuples(st.just("cancel"), st.integers(0, 5), st.just("")),
    st.tuples(st.just("rename"), st.integers(0, 9), st.sampled_from("ab")),
    st.tuples(st.just("rebuild"), st.just(0), st.just("")),
)


def perform(made, deeds):
    """Let a run happen; the identities of its orders are o-0, o-1 and so on, or made by the seed."""
    domain, known = made.domain, []
    orders, customers = domain.repository_for(made.Order), domain.repository_for(made.Customer)
    for key in "ab":
        customers.add(made.Customer(id=key, name=key))
    for deed, number, customer in deeds:
        if deed == "place":
            known.append(orders.add(made.Order.place(customer_id=customer, quantity=number)).id)
        elif deed == "order":
            known.append(domain.process(made.PlaceOrder(customer_id=customer, quantity=number)))
        elif deed in ("ship", "cancel") and known:
            order = orders.get(known[number % len(known)])
            getattr(order, deed)()
            orders.add(order)
        elif deed == "rename":
            person = customers.get(customer)
            person.rename(f"name {number}")
            customers.add(person)
        elif deed == "rebuild":
            domain.rebuild_projection("OrderList")


def valid(deeds):
    """Without shipping or cancelling what was cancelled before, which has no record any more."""
    count, gone = 0, set()
    for deed, number, customer in deeds:
        if deed in ("place", "order"):
            count += 1
        if deed in ("ship", "cancel"):
            if not count or number % count in gone:
                continue
            if deed == "cancel":
                gone.add(number % count)
        yield deed, number, customer


@settings(max_examples=60)
@given(st.lists(DEEDS, max_size=12))
def test_rebuilt_is_kept_up(deeds):
    made = shop(seed=7)
    perform(made, valid(deeds))
    domain, kept_up = made.domain, stored(made.domain)
    before = domain.journal.last_step
    assert domain.rebuild_projection("OrderList").success
    assert stored(domain) == kept_up
    assert records(domain.at(before)) == records(domain)
    assert records(domain.fork(at=domain.journal.last_step)) == records(domain)
    again = domain.replay()
    assert stored(again.right).keys() == kept_up.keys()
    assert again.same, again


@settings(max_examples=40)
@given(st.lists(DEEDS, max_size=12))
def test_rebuilt_with_edited_code_is_a_fresh_run(deeds):
    deeds = list(valid(deeds))
    made, fresh = shop(seed=7), shop(seed=7)
    perform(made, deeds)
    projector(made, shipped="on its way")
    made.domain.rebuild_projection("OrderList")
    projector(fresh, shipped="on its way")
    perform(fresh, deeds)
    assert stored(made.domain) == stored(fresh.domain)


@settings(max_examples=40)
@given(st.lists(DEEDS, max_size=10), st.data())
def test_rebuilt_while_deliveries_wait_comes_to_the_same(deeds, data):
    deeds = [deed for deed in valid(deeds) if deed[0] != "rebuild"]
    made, fresh = (shop(seed=7, config={"event_processing": "async"}) for _ in range(2))
    perform(made, deeds)
    perform(fresh, deeds)
    for _ in range(data.draw(st.integers(0, len(made.domain.waiting)))):
        made.domain.deliver()
    kept_up = stored(made.domain)
    assert made.domain.rebuild_projection("OrderList").success
    assert stored(made.domain) == kept_up
    made.domain.deliver_all()
    fresh.domain.deliver_all()
    assert stored(made.domain) == stored(fresh.domain)
