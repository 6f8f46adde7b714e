"""why and why_not: from a value back to its cell, and from a handler to the rule that kept it out."""

import runpy
from contextlib import suppress
from types import SimpleNamespace

import pytest

from ddd_kit import handle
from ddd_kit.exceptions import EndlessChainError, IncorrectUsageError
from ddd_kit.journal.origin import origin


@pytest.fixture
def shop():
    """The guide's bookshop after its session, each line a cell."""
    shop = SimpleNamespace(**runpy.run_module("seed_model"))
    for number, cell in enumerate(shop.SESSION, 1):
        with origin(f"In [{number}]"):
            exec(cell, vars(shop))
    return shop


def ordered(shop, **values):
    order = shop.Order(**({"book_id": 1, "quantity": 10, "total_amount": 100} | values))
    return shop.domain.repository_for(shop.Order).add(order)


def ship(shop, **values):
    order = ordered(shop, **values)
    order.ship_order()
    return shop.domain.repository_for(shop.Order).add(order)


def rules(why_not):
    """Which rules were checked, and whether the event passed them."""
    return {check.rule: check.passed for check in why_not.checks}


# why


def test_why_tells_the_chain_from_the_value_back_to_the_cell(shop):
    """The sentence of the design, word for word."""
    why = shop.domain.why(shop.inventory, "in_stock")
    assert why.sentence == (
        f"In [6] saved Order {shop.order.id[:8]}: OrderShipped (quantity 10, total_amount 100.0) was raised "
        f"on `order`; ManageInventory listens to `order` and ran reduce_stock_level; Inventory "
        f"{shop.inventory.id[:8]} in_stock 100 -> 90."
    )
    assert repr(why) == why.sentence
    assert [entry.kind for entry in why.chain] == ["event", "handled", "changed"]
    assert why.complete


def test_why_of_a_value_that_never_changed_is_its_beginning(shop):
    why = shop.domain.why(shop.inventory, "book_id")
    assert why.sentence == f"In [4] saved it: Inventory {shop.inventory.id[:8]} book_id began as 1."


def test_why_of_a_command_begins_with_it(shop):
    order = ordered(shop)
    with origin("In [9]"):
        shop.domain.process(shop.ShipOrder(order_id=order.id))
    why = shop.domain.why(order, "status")
    assert why.sentence.startswith("In [9] asked for it: ShipOrder on `manage_order:command-")
    assert why.sentence.endswith(
        f"was taken by ManageOrder.ship_order; Order {order.id[:8]} status PENDING -> SHIPPED."
    )
    assert [entry.kind for entry in shop.domain.why(shop.inventory, "in_stock").chain] == [
        "command", "event", "handled", "changed",
    ]  # fmt: skip


def test_why_tells_of_the_last_change_of_that_field(shop):
    """Changes of other fields do not matter."""
    order = shop.domain.repository_for(shop.Order).get(shop.order.id)
    order.quantity = 99
    shop.domain.repository_for(shop.Order).add(order)
    assert "status PENDING -> SHIPPED" in shop.domain.why(order, "status").sentence
    assert "quantity 10 -> 99" in shop.domain.why(order, "quantity").sentence


def test_why_outside_of_cells_says_so(shop):
    order = ordered(shop)
    assert shop.domain.why(order, "quantity").sentence.startswith("Code outside a cell saved it")


def test_why_asks_for_an_aggregate_and_one_of_its_fields(shop):
    with pytest.raises(
        IncorrectUsageError, match="Inventory has no field 'in_stok': did you mean 'in_stock'"
    ):
        shop.domain.why(shop.inventory, "in_stok")
    with pytest.raises(
        IncorrectUsageError, match=r"why\('stock', \.\.\.\): give an aggregate, as in why\(inv"
    ):
        shop.domain.why("stock", "in_stock")
    unsaved = shop.Inventory(book_id=1, in_stock=1)
    with pytest.raises(IncorrectUsageError, match="An object counts when it was added to its repository"):
        shop.domain.why(unsaved, "in_stock")


# why_not, a test for each rule


def test_a_wrong_source_stream_is_named_with_both_values(shop):
    """The sentence, the data, and a line for each rule."""
    answer = shop.domain.why_not(shop.EmailNotifications)
    step = shop.domain.journal.of(kind="event")[0].step
    assert answer.sentence == (
        f"EmailNotifications did not take OrderShipped (step {step}): its source_stream is `manage_order`, "
        "and the event came from plain code."
    )
    [broken] = answer.broken
    assert (broken.rule, broken.wanted, broken.found) == ("source_stream", "manage_order", "plain code")
    assert rules(answer) == {"event": True, "stream_category": True, "source_stream": False}
    assert answer.event.step == step
    assert repr(answer).splitlines() == [
        answer.sentence,
        "  ✓ event: it takes OrderShipped, and this event is OrderShipped",
        "  ✓ stream_category: its stream_category is `order`, and the event is on `order`",
        "  ✗ source_stream: its source_stream is `manage_order`, and the event came from plain code",
    ]


def test_a_source_stream_is_compared_with_the_whole_chain_of_causes(shop):
    shop.domain.process(shop.ShipOrder(order_id=ordered(shop).id))

    @shop.domain.event_handler(part_of=shop.Notification, source_stream="shelf")
    class Archive:
        @handle(shop.NotificationSent)
        def keep(self, event): ...

    shop.domain.process(shop.ShipOrder(order_id=ordered(shop).id))
    answer = shop.domain.why_not(Archive)
    assert "its source_stream is `shelf`, and the event came from `manage_order`, `order`" in answer.sentence


def test_a_wrong_category_is_named_with_both_values(shop):
    @shop.domain.event_handler(part_of=shop.Inventory)
    class Elsewhere:
        @handle(shop.OrderShipped)
        def run(self, event): ...

    ship(shop)
    answer = shop.domain.why_not(Elsewhere)
    assert "its stream_category is `inventory`, and the event is on `order`" in answer.sentence
    assert rules(answer) == {"event": True, "stream_category": False}


def test_a_wrong_type_is_named_with_both_types(shop):
    """Asked about an event that the handler has no method for."""

    @shop.domain.event_handler(part_of=shop.Order)
    class Other:
        @handle("OrderLost")
        def run(self, event): ...

    ship(shop)
    answer = shop.domain.why_not(Other, "OrderShipped")
    assert "it takes OrderLost, and this event is OrderShipped" in answer.sentence
    assert rules(answer)["event"] is False


def test_all_broken_rules_are_named(shop):
    @shop.domain.event_handler(part_of=shop.Inventory, source_stream="manage_order")
    class Nothing:
        @handle("OrderLost")
        def run(self, event): ...

    ship(shop)
    answer = shop.domain.why_not("Nothing", shop.OrderShipped)
    assert [check.rule for check in answer.broken] == ["event", "stream_category", "source_stream"]


def test_a_retired_handler_is_not_defined_any_more(shop):
    shop.domain.retire("EmailNotifications")
    answer = shop.domain.why_not("EmailNotifications")
    assert answer.event is None
    assert "EmailNotifications is not defined any more: no cell defines it" in answer.sentence
    assert rules(answer) == {"defined": False}


def test_a_forgotten_handler_is_not_defined_any_more(shop):
    """Asked by its class, which is still in the user's hands."""
    shop.domain.forget(shop.EmailNotifications)
    answer = shop.domain.why_not(shop.EmailNotifications)
    assert "EmailNotifications is not defined any more" in answer.sentence


def test_no_such_event_yet_is_said(shop):
    @shop.domain.event(part_of=shop.Order)
    class OrderLost:
        pass

    @shop.domain.event_handler(part_of=shop.Order)
    class Search:
        @handle(OrderLost)
        def run(self, event): ...

    answer = shop.domain.why_not(Search, OrderLost)
    assert answer.event is None
    assert answer.sentence.startswith("Search did not run: OrderLost has not ")
    shop.domain.reset()
    assert shop.domain.why_not(Search).sentence == "Search did not run: OrderLost has not been saved yet."


def test_a_handler_defined_after_the_event_is_told_from_one_that_was_there(shop):
    @shop.domain.event_handler(part_of=shop.Order)
    class Late:
        @handle(shop.OrderShipped)
        def run(self, event): ...

    answer = shop.domain.why_not(Late)
    assert "Late was defined after the event, and handlers start at the newest event" in answer.sentence
    assert rules(answer)["defined_before"] is False


def test_a_handler_defined_again_after_the_event_took_it(shop):
    """What counts is when it was first defined."""
    shop.domain.event_handler(part_of=shop.Inventory, stream_category="order")(shop.ManageInventory)
    answer = shop.domain.why_not(shop.ManageInventory, shop.OrderShipped)
    assert answer.broken == ()


def test_a_delivery_that_waits_is_said_with_the_way_on(shop):
    shop.domain.config["event_processing"] = "async"
    ship(shop)
    answer = shop.domain.why_not(shop.ManageInventory)
    assert "the delivery waits: domain.deliver_all() makes it" in answer.sentence
    shop.domain.deliver_all()
    assert shop.domain.why_not(shop.ManageInventory).broken == ()


def test_a_delivery_that_failed_is_said_with_its_error(shop):
    """The handler was called, and what it did was undone."""

    @shop.domain.event_handler(part_of=shop.Order)
    class Fail:
        @handle(shop.OrderShipped)
        def run(self, event):
            raise LookupError("no parcel left", event)

    with suppress(LookupError):
        ship(shop)
    answer = shop.domain.why_not(Fail, shop.OrderShipped)
    assert "no parcel left" in repr(answer)
    assert answer.broken


def test_a_delivery_that_was_skipped_says_why(shop):
    """Because the chain did not end, or the handler was gone when its turn came."""
    shop.domain.config["max_chain_length"] = 1

    @shop.domain.event_handler(part_of=shop.Order)
    class Echo:
        @handle(shop.OrderShipped)
        def again(self, event):
            order = shop.domain.repository_for(shop.Order).get(event.order_id)
            order.ship_order()
            shop.domain.repository_for(shop.Order).add(order)

    shop.domain.forget("ManageInventory")
    with suppress(EndlessChainError):
        ship(shop)
    answer = shop.domain.why_not(Echo, shop.OrderShipped)
    assert "the delivery was skipped" in answer.sentence
    assert rules(answer)["chain"] is False


def test_a_handler_that_took_the_event_is_said_to_have(shop):
    """Whether it is asked about one, or about the latest where there is none that it missed."""
    for answer in (
        shop.domain.why_not(shop.ManageInventory),
        shop.domain.why_not(shop.ManageInventory, shop.OrderShipped),
    ):
        assert "ManageInventory did take OrderShipped" in answer.sentence
        assert answer.broken == ()
        assert "reduce_stock_level ran in step" in repr(answer)


def test_the_latest_event_that_it_did_not_take_is_meant(shop):
    """Not one that it took since, and not one of another type."""
    missed = shop.domain.stream(shop.Order)[-1].step
    shop.domain.process(shop.ShipOrder(order_id=ordered(shop).id))
    assert shop.domain.why_not(shop.EmailNotifications).event.step == missed
    later = ship(shop)
    assert shop.domain.why_not(shop.EmailNotifications).event.aggregate_id == later.id


def test_an_event_can_be_given_as_object_entry_class_or_name(shop):
    first = shop.domain.stream(shop.Order)[0]
    order = ordered(shop)
    event = shop.OrderShipped(order_id=order.id, book_id=1, quantity=1, total_amount=1)
    order.raise_(event)
    shop.domain.repository_for(shop.Order).add(order)
    assert shop.domain.why_not(shop.EmailNotifications, first).event == first
    for given in (event, shop.OrderShipped, "OrderShipped"):
        assert shop.domain.why_not("EmailNotifications", given).event.aggregate_id == order.id


def test_an_event_that_was_not_published_is_refused(shop):
    event = shop.OrderShipped(order_id=1, book_id=1, quantity=1, total_amount=1)
    with pytest.raises(
        IncorrectUsageError, match="has not been published: raise it on an aggregate, and add"
    ):
        shop.domain.why_not(shop.EmailNotifications, event)


def test_only_event_handlers_can_be_asked_about(shop):
    with pytest.raises(
        IncorrectUsageError, match=r"why_not\(Order\): that is an aggregate, not an event handler"
    ):
        shop.domain.why_not(shop.Order)
    with pytest.raises(IncorrectUsageError, match="did you mean 'EmailNotifications'"):
        shop.domain.why_not("EmailNotification")
    with pytest.raises(
        IncorrectUsageError, match="OrderShiped is not an event of Bookshop: did you mean 'Ord"
    ):
        shop.domain.why_not("EmailNotifications", "OrderShiped")


def test_a_handler_without_methods_says_what_it_lacks(shop):
    @shop.domain.event_handler(part_of=shop.Order)
    class Skeleton:
        def run(self, event): ...

    ship(shop)
    assert "@handle(" in shop.domain.why_not(Skeleton).sentence


def test_asking_writes_nothing(shop):
    steps = shop.domain.journal.last_step
    shop.domain.why(shop.inventory, "in_stock")
    shop.domain.why_not(shop.EmailNotifications)
    assert shop.domain.journal.last_step == steps
