"""The table at the top of the engine's design: where Protean is hostile to a notebook, ours is not."""

import runpy
import sys
from types import SimpleNamespace

import pytest

from ddd_kit import Domain, handle
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.fields import Identifier


@pytest.fixture
def shop():
    """The guide's bookshop, made anew."""
    return SimpleNamespace(**runpy.run_module("seed_model"))


def stocked(shop, *, book_id=1, in_stock=100):
    return shop.domain.repository_for(shop.Inventory).add(shop.Inventory(book_id=book_id, in_stock=in_stock))


def ordered(shop, *, book_id=1, quantity=10):
    order = shop.Order(book_id=book_id, quantity=quantity, total_amount=100)
    return shop.domain.repository_for(shop.Order).add(order)


def ship(shop, order):
    order.ship_order()
    shop.domain.repository_for(shop.Order).add(order)


def stock_of(shop, inventory):
    return shop.domain.repository_for(shop.Inventory).get(inventory.id).in_stock


def test_init_in_a_fresh_kernel_is_not_needed_and_does_nothing_surprising(tmp_path, monkeypatch):
    """No configuration file is looked for, and no file beside the notebook is imported."""
    (tmp_path / "sibling.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.chdir(tmp_path)
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Order:
        quantity: int = 1

    order = domain.repository_for(Order).add(Order())
    assert domain.init() is None
    assert domain.init(traverse=False) is None
    assert "sibling" not in sys.modules
    assert domain.repository_for(Order).get(order.id).quantity == 1


def test_default_processing_is_sync(shop):
    """Handlers have run when `add` returns; no server is waited for."""
    assert shop.domain.config["event_processing"] == "sync"
    inventory = stocked(shop)
    ship(shop, ordered(shop))
    assert stock_of(shop, inventory) == 90
    assert len(shop.domain.waiting) == 0


def test_no_domain_context_is_needed(shop):
    """Contexts are accepted, change nothing, and may be nested."""
    inventory = stocked(shop)
    with shop.domain.domain_context() as outer, shop.domain.domain_context():
        assert outer is shop.domain
        ship(shop, ordered(shop))
    ship(shop, ordered(shop))
    assert stock_of(shop, inventory) == 80


def test_a_handlers_cell_run_again_replaces_the_handler(shop):
    """Run three times, it still takes 10 for an order of 10."""
    for _ in range(3):

        @shop.domain.event_handler(part_of=shop.Inventory, stream_category="order")
        class ManageInventory:
            @handle(shop.OrderShipped)
            def reduce_stock_level(self, event):
                repository = shop.domain.repository_for(shop.Inventory)
                inventory = repository.find_by(book_id=event.book_id)
                inventory.in_stock -= event.quantity
                repository.add(inventory)

    inventory = stocked(shop)
    ship(shop, ordered(shop))
    assert stock_of(shop, inventory) == 90


@pytest.mark.parametrize("category", ["order", "bookshop::order"])
def test_part_of_inventory_with_the_stream_category_of_order_is_called(category):
    """Bare and prefixed names both work."""
    domain = Domain(name="Bookshop")
    heard = []

    @domain.event(part_of="Order")
    class OrderShipped:
        quantity: int

    @domain.aggregate
    class Order:
        quantity: int

        def ship(self):
            self.raise_(OrderShipped(quantity=self.quantity))

    @domain.aggregate
    class Inventory:
        in_stock: int

    @domain.event_handler(part_of=Inventory, stream_category=category)
    class ManageInventory:
        @handle(OrderShipped)
        def reduce_stock_level(self, event):
            heard.append(event.quantity)

    order = Order(quantity=10)
    order.ship()
    domain.repository_for(Order).add(order)
    assert heard == [10]


def test_source_stream_is_honoured_and_the_journal_says_why_a_handler_was_skipped(shop):
    """EmailNotifications hears of orders shipped by a command of manage_order, of others not."""
    notifications = shop.domain.repository_for(shop.Notification).query
    stocked(shop)
    ship(shop, ordered(shop))
    assert notifications.count() == 0
    [skipped] = shop.domain.journal.of(kind="skipped")
    assert (skipped.handler, skipped.rule) == ("EmailNotifications", "source_stream")
    assert (skipped.wanted, skipped.found) == ("bookshop::manage_order", "plain code")

    shop.domain.process(shop.ShipOrder(order_id=ordered(shop).id))
    assert notifications.count() == 1


def test_a_commands_stream_category_is_accepted(shop):
    """The command goes to a stream of that category."""
    order = ordered(shop)
    stocked(shop)
    shop.domain.process(shop.ShipOrder(order_id=order.id))
    [command] = shop.domain.journal.of(kind="command")
    assert command.stream.startswith("bookshop::manage_order:command-")


def test_identifiers_are_coerced_on_the_way_in_and_in_look_ups():
    """`Order(book_id=1)` is found by 1 and by '1'."""
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Order:
        book_id = Identifier(identifier=True)

    orders = domain.repository_for(Order)
    order = orders.add(Order(book_id=1))
    assert order.book_id == "1"
    assert orders.get(1) == orders.get("1") == order
    assert orders.find_by(book_id=1) == orders.query.filter(book_id=1).first == order


def test_a_handler_that_fails_raises_its_own_error_and_the_object_still_works(shop):
    """No TransactionError; adding the caller's object again does not fail for a stale version."""

    @shop.domain.event_handler(part_of=shop.Order)
    class Broken:
        @handle(shop.OrderShipped)
        def fail(self, _event):
            raise LookupError("no parcel left")

    inventory, order = stocked(shop), ordered(shop)
    order.ship_order()
    with pytest.raises(LookupError, match="no parcel left"):
        shop.domain.repository_for(shop.Order).add(order)
    assert stock_of(shop, inventory) == 90
    order.quantity = 11
    shop.domain.repository_for(shop.Order).add(order)
    assert shop.domain.repository_for(shop.Order).get(order.id).quantity == 11


def test_a_command_that_nobody_handles_is_an_error_that_says_so(shop):
    """No number comes back."""
    shop.domain.forget(shop.ManageOrder)
    with pytest.raises(IncorrectUsageError, match=r"Nobody handles ShipOrder\. Define a class with @domain"):
        shop.domain.process(shop.ShipOrder(order_id=1))


def test_cost_of_one_order_shipped_and_handled_does_not_grow_with_what_is_stored(shop):
    """The interpreter executes as many instructions with 600 stored pairs as with 20."""

    def store_up_to(count):
        for number in range(shop.domain.repository_for(shop.Order).query.count(), count):
            stocked(shop, book_id=number)
            ordered(shop, book_id=number)

    def work():
        order = ordered(shop, book_id=7)
        order.ship_order()
        return instructions(shop.domain.repository_for(shop.Order).add, order)

    store_up_to(20)
    work()
    few = work()
    store_up_to(600)
    work()
    assert work() <= few * 1.02


def instructions(call, *args):
    """How many bytecode instructions a call takes, loops inside of comprehensions included."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call(*args)
    finally:
        sys.settrace(before)
    return count
