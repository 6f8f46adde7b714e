"""Correlation ids that are given, and which message led to which."""

import pytest

from ddd_kit import CausationNode, Domain, UnitOfWork, handle
from ddd_kit.exceptions import IncorrectUsageError


@pytest.fixture
def shop():
    domain = Domain(name="Bookshop")
    seen = []

    @domain.aggregate
    class Order: ...

    @domain.event(part_of=Order)
    class OrderPlaced:
        order_id: str

    @domain.event(part_of=Order)
    class OrderConfirmed:
        order_id: str

    @domain.command(part_of=Order)
    class PlaceOrder:
        order_id: str

    @domain.command(part_of=Order)
    class ConfirmOrder:
        order_id: str

    @domain.command_handler(part_of=Order)
    class ManageOrder:
        @handle(PlaceOrder)
        def place(self, command):
            order = Order(id=command.order_id)
            order.raise_(OrderPlaced(order_id=order.id))
            domain.repository_for(Order).add(order)
            return "placed"

        @handle(ConfirmOrder)
        def confirm(self, command):
            order = domain.repository_for(Order).get(command.order_id)
            order.raise_(OrderConfirmed(order_id=order.id))
            domain.repository_for(Order).add(order)
            seen.append(command)

    @domain.event_handler(part_of=Order)
    class Confirm:
        @handle(OrderPlaced)
        def ask(self, event):
            domain.process(ConfirmOrder(order_id=event.order_id))

    domain.place = PlaceOrder
    domain.seen = seen
    return domain


def placed(shop, identity="o-1", **options):
    command = shop.place(order_id=identity)
    shop.process(command, **options)
    return command


def types(nodes):
    return [node.message_type.split(".")[1] for node in nodes]


ALL = ["PlaceOrder", "OrderPlaced", "ConfirmOrder", "OrderConfirmed"]


def test_all_that_comes_of_a_command_bears_the_correlation_id_that_was_given(shop):
    command = placed(shop, correlation_id="checkout-42")
    assert command._metadata.domain.correlation_id == "checkout-42"
    assert command._metadata.extensions == {}
    assert [event.correlation_id for event in shop.stream("order")] == ["checkout-42"] * 2


def test_without_one_it_is_the_id_of_the_first_command(shop):
    command = placed(shop)
    known = command._metadata.headers.id
    assert [event.correlation_id for event in shop.stream("order")] == [known] * 2
    assert types(shop.correlation_trace(known)) == ALL


def test_one_that_is_given_reaches_a_command_with_an_idempotency_key(shop):
    assert shop.process(shop.place(order_id="o-1"), idempotency_key="k", correlation_id="c") == "placed"
    assert shop.stream("order")[0].correlation_id == "c"
    assert shop.process(shop.place(order_id="o-1"), idempotency_key="k", correlation_id="c") == "placed"


def test_a_given_one_holds_inside_of_a_handler_and_ends_with_its_command(shop):
    placed(shop, "o-1", correlation_id="first")
    placed(shop, "o-2")
    assert shop.stream("order-o-1")[0].correlation_id == "first"
    assert shop.stream("order-o-2")[0].correlation_id not in ("first", None)


def test_in_one_unit_of_work_it_is_that_of_its_own_command_alone(shop):
    with UnitOfWork(shop):
        placed(shop, "o-1", correlation_id="first")
        placed(shop, "o-2")
    assert shop.stream("order-o-1")[0].correlation_id == "first"
    assert shop.stream("order-o-2")[0].correlation_id not in ("first", None)


def test_a_failed_command_leaves_no_correlation_behind(shop):
    placed(shop)
    with pytest.raises(Exception, match="identity of another one"):
        placed(shop, correlation_id="again")
    placed(shop, "o-2")
    assert shop.stream("order-o-2")[0].correlation_id != "again"


def test_the_tree_has_commands_and_events_in_their_places(shop):
    placed(shop, correlation_id="c")
    root = shop.event_store.store.build_causation_tree("c")
    assert isinstance(root, CausationNode)
    assert (root.kind, root.message_type, root.handler) == (
        "COMMAND",
        "Bookshop.PlaceOrder.v1",
        "ManageOrder.place",
    )
    (event,) = root.children
    assert (event.kind, event.stream) == ("EVENT", "bookshop::order-o-1")
    assert event.delta_ms >= 0
    assert types(shop.correlation_trace("c")) == ALL
    assert shop.event_store.store.build_causation_tree("nobody") is None
    assert shop.correlation_trace("nobody") == []


def test_the_first_of_several_chains_of_a_correlation_is_the_root(shop):
    placed(shop, "o-1", correlation_id="c")
    placed(shop, "o-2", correlation_id="c")
    assert shop.event_store.store.build_causation_tree("c").children[0].stream == "bookshop::order-o-1"


def test_causes_and_effects_of_a_message(shop):
    placed(shop)
    store = shop.event_store.store
    last = store.read_last_message("bookshop::order")
    chain = store.trace_causation(last)
    assert [each.metadata.headers.type.split(".")[1] for each in chain] == ALL
    assert chain[-1].metadata.headers.id == last.metadata.headers.id
    first = chain[0]
    assert first.data == {"order_id": "o-1"}
    assert first.to_domain_object() == shop.place(order_id="o-1")
    assert [e.metadata.headers.type.split(".")[1] for e in store.trace_effects(first)] == ALL[1:]
    direct = store.trace_effects(first.metadata.headers.id, recursive=False)
    assert [each.stream_name for each in direct] == ["bookshop::order-o-1"]
    correlated = {each.metadata.domain.correlation_id for each in chain}
    assert correlated == {first.metadata.headers.id}


def test_a_message_that_there_is_not_is_refused(shop):
    placed(shop)
    with pytest.raises(IncorrectUsageError, match=r"did you mean 'bookshop::order-o-1-0\.1'"):
        shop.event_store.store.trace_causation("bookshop::order-o-1-0.9")


def test_without_a_journal_nothing_is_known(shop):
    shop.config["journal"] = False
    with pytest.raises(IncorrectUsageError, match="nothing is recorded"):
        shop.correlation_trace("c")


def test_the_handlers_of_an_event_are_its_classes(shop):
    assert {cls.__name__ for cls in shop.handlers_for("OrderPlaced")} == {"Confirm"}
    assert shop.handlers_for("OrderConfirmed") == set()
    with pytest.raises(IncorrectUsageError, match="did you mean 'OrderPlaced'"):
        shop.handlers_for("OrderPlacd")
