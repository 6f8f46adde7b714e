"""Two runs side by side, and a run that is repeated with new code."""

import pytest

from ddd_kit import Domain, UnitOfWork, compare, handle
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.fields import Identifier, Integer


class Shop:
    """The seed's model, with a handler whose cell can be run again with another amount."""

    def __init__(self, **options):
        domain = self.domain = Domain(name="Bookshop", **options)

        @domain.aggregate
        class Order:
            book_id = Identifier(required=True)
            quantity = Integer(required=True)

            def ship(self):
                self.raise_(OrderShipped(book_id=self.book_id, quantity=self.quantity))

        @domain.event(part_of=Order)
        class OrderShipped:
            book_id = Identifier(required=True)
            quantity = Integer(required=True)

        @domain.aggregate
        class Inventory:
            book_id = Identifier(required=True)
            in_stock = Integer(required=True)

        @domain.command(part_of=Order)
        class PlaceOrder:
            book_id = Identifier(required=True)
            quantity = Integer(required=True)

        @domain.command(part_of=Order)
        class CancelOrder:
            order_id = Identifier(required=True)

        @domain.command_handler(part_of=Order)
        class Clerk:
            @handle(PlaceOrder)
            def place(self, command):
                order = Order(book_id=command.book_id, quantity=command.quantity)
                order.ship()
                domain.repository_for(Order).add(order)
                return order.id

            @handle(CancelOrder)
            def cancel(self, command):
                orders = domain.repository_for(Order)
                orders.remove(orders.get(command.order_id))

        self.Order, self.Inventory, self.OrderShipped = Order, Inventory, OrderShipped
        self.PlaceOrder, self.CancelOrder = PlaceOrder, CancelOrder
        self.define_handler(1)
        domain.repository_for(Inventory).add(Inventory(id="i-1", book_id=1, in_stock=100))

    def define_handler(self, share):
        """The handler takes a share of what was ordered."""
        domain = self.domain

        @domain.event_handler(part_of="Inventory", stream_category="order")
        class ManageInventory:
            @handle("OrderShipped")
            def reduce_stock_level(self, event):
                inventory = domain.repository_for("Inventory").find_by(book_id=event.book_id)
                inventory.in_stock -= int(event.quantity * share)
                domain.repository_for("Inventory").add(inventory)

    def place(self, quantity, world=None):
        return (world or self.domain).process(self.PlaceOrder(book_id=1, quantity=quantity))

    def ship(self, quantity):
        order = self.Order(book_id=1, quantity=quantity)
        order.ship()
        self.domain.repository_for(self.Order).add(order)


def words(comparison):
    return [str(difference) for difference in comparison.differences]


def test_a_fork_that_did_nothing_is_the_same():
    shop = Shop()
    shop.place(10)
    found = compare(shop.domain, shop.domain.fork())
    assert found.same
    assert found.to_text() == "Bookshop: both runs are the same, 6 entries in common."


def test_two_runs_part_after_what_they_have_in_common():
    shop = Shop()
    before = shop.domain.journal.last_step
    shop.ship(10)
    fork = shop.domain.fork(at=before)
    found = compare(shop.domain, fork)
    assert found.common == 1
    assert [part.same for part in found.parts] == [True, False]
    assert (len(found.parts[1].left), found.parts[1].right) == (4, ())
    order = shop.domain.repository_for("Order").query.first
    assert words(found) == ["Inventory i-1 in_stock: 90 | 100", f"Order {order.id[:8]}: only on the left"]


def test_what_both_did_after_they_parted_is_found_again():
    shop = Shop()
    fork = shop.domain.fork()
    shop.place(10)
    shop.domain.repository_for("Inventory").add(shop.Inventory(id="i-2", book_id=2, in_stock=5))
    with fork.domain_context():
        shop.domain.repository_for("Inventory").add(shop.Inventory(id="i-2", book_id=2, in_stock=5))
    found = compare(shop.domain, fork)
    assert [part.same for part in found.parts] == [True, False, True]
    assert len(found.parts[2].left) == len(found.parts[2].right) == 1


def test_instances_are_paired_by_the_order_in_which_they_came_to_be():
    shop = Shop()
    left, right = shop.domain.fork(), shop.domain.fork()
    shop.place(3, left)
    shop.place(4, right)
    found = compare(left, right)
    assert [w.split(" ", 2)[2] for w in words(found)] == ["in_stock: 97 | 96", "quantity: 3 | 4"]


def test_equal_runs_with_other_identities_are_the_same():
    shop = Shop()
    left, right = shop.domain.fork(), shop.domain.fork()
    shop.place(3, left)
    shop.place(3, right)
    assert compare(left, right).same


def test_runs_of_two_domains_are_not_compared():
    with pytest.raises(IncorrectUsageError, match="these are two domains"):
        compare(Shop().domain, Shop().domain)
    with pytest.raises(IncorrectUsageError, match=r"compare\(3\): give it two runs"):
        compare(3, 4)


def test_many_entries_that_differ_are_told_in_part():
    shop = Shop()
    fork = shop.domain.fork()
    for _ in range(20):
        shop.place(1)
    text = compare(shop.domain, fork).to_text()
    assert "… 60 more" in text
    assert len(text.splitlines()) < 100


def test_a_handler_that_was_edited_comes_out_differently():
    shop = Shop()
    shop.place(10)
    shop.define_handler(0.5)
    found = shop.domain.replay()
    assert words(found) == ["Inventory i-1 in_stock: 90 | 95"]
    assert not found.same
    assert (found.right.is_replay, shop.domain.is_replay, shop.domain.fork().is_replay) == (
        True,
        False,
        False,
    )
    assert "Inventory i-1 in_stock 100 -> 95" in found.to_text()
    assert shop.domain.repository_for("Inventory").get("i-1").in_stock == 90


def test_the_same_code_comes_out_the_same():
    shop = Shop()
    first = shop.place(10)
    shop.ship(5)
    shop.place(1)
    shop.domain.process(shop.CancelOrder(order_id=first))
    with UnitOfWork(shop.domain):
        stock = shop.domain.repository_for("Inventory")
        stock.add(shop.Inventory(id="i-2", book_id=2, in_stock=5))
        shop.domain.process(shop.PlaceOrder(book_id=2, quantity=1))
        inventory = stock.get("i-1")
        inventory.in_stock += 50
        stock.add(inventory)
    found = shop.domain.replay()
    assert found.same, found.to_text()


def test_a_replay_gives_commands_the_identities_that_later_ones_name():
    shop = Shop()
    shop.domain.process(shop.CancelOrder(order_id=shop.place(10)))
    right = shop.domain.replay().right
    assert right.repository_for("Order").query.count() == 0
    assert right.journal[-1].kind == shop.domain.journal[-1].kind


def test_what_failed_fails_again_and_ends_nothing():
    shop = Shop()
    with pytest.raises(Exception, match="is not in its repository"):
        shop.domain.process(shop.CancelOrder(order_id="nobody"))
    shop.place(1)
    found = shop.domain.replay()
    assert found.same, found.to_text()


def test_a_handler_that_is_new_takes_part_in_a_replay():
    shop = Shop()
    shop.place(10)

    @shop.domain.aggregate
    class Letter:
        text: str

    @shop.domain.event_handler(part_of=Letter, stream_category="order")
    class Tell:
        @handle(shop.OrderShipped)
        def write(self, event):
            shop.domain.repository_for(Letter).add(Letter(text=f"{event.quantity} shipped"))

    found = shop.domain.replay()
    assert [d.right["text"] for d in found.differences] == ["10 shipped"]


def test_a_replay_from_a_step_on_leaves_what_was_before():
    shop = Shop()
    shop.place(10)
    step = shop.domain.journal.last_step
    shop.place(10)
    shop.define_handler(0.5)
    assert words(shop.domain.replay(since=step)) == ["Inventory i-1 in_stock: 80 | 85"]


def test_held_deliveries_are_made_again_in_their_order():
    shop = Shop(config={"event_processing": "async"})
    shop.place(10)
    shop.place(20)
    shop.place(40)
    shop.domain.deliver(1)
    found = shop.domain.replay()
    assert found.same, found.to_text()
    assert len(found.right.waiting) == 2


def test_a_message_that_does_not_fit_its_class_any_more_is_named():
    shop = Shop()
    shop.place(10)

    @shop.domain.command(part_of="Order")
    class PlaceOrder:
        book_id = Identifier(required=True)
        quantity = Integer(required=True)
        address = Identifier(required=True)

    with pytest.raises(IncorrectUsageError, match=r"replay: PlaceOrder of step \d+ does not fit.*address"):
        shop.domain.replay()


def test_a_message_whose_class_is_gone_is_named():
    shop = Shop()
    shop.place(10)
    shop.domain.forget("PlaceOrder")
    with pytest.raises(IncorrectUsageError, match=r"replay: step \d+ needs PlaceOrder, which is not part of"):
        shop.domain.replay()


def test_a_replay_bears_the_cells_of_the_run():
    from ddd_kit.journal.origin import origin

    shop = Shop()
    with origin("In [6]"):
        shop.place(10)
    right = shop.domain.replay().right
    assert {entry.cell for entry in right.journal.of(kind="command")} == {"In [6]"}


def test_a_run_that_was_held_for_a_while_is_repeated_in_its_order():
    shop = Shop()
    shop.domain.pause_on("OrderShipped")
    shop.place(10)
    shop.place(5)
    shop.domain.deliver(1)
    shop.domain.pause_on(None)
    shop.domain.resume()
    shop.ship(1)
    found = shop.domain.replay()
    assert found.same, found.to_text()
    assert found.right.config["event_processing"] == "sync"


def test_what_failed_in_sync_mode_does_not_wait_in_the_replay():
    shop = Shop()

    @shop.domain.event_handler(part_of="Order", retries=1)
    class Broken:
        @handle("OrderShipped")
        def fail(self, event):
            raise ValueError(f"{event.quantity} is too much")

    for quantity in (1, 2):
        with pytest.raises(ValueError, match="too much"):
            shop.ship(quantity)
    found = shop.domain.replay()
    assert found.same, found.to_text()
    assert len(found.right.waiting) == 0


def test_what_failed_in_hold_mode_waits_in_the_replay_too():
    shop = Shop(config={"event_processing": "async"})

    @shop.domain.event_handler(part_of="Order")
    class Broken:
        @handle("OrderShipped")
        def fail(self, event):
            raise ValueError(f"{event.quantity} is too much")

    shop.ship(1)
    with pytest.raises(ValueError, match="too much"):
        shop.domain.deliver_all()
    found = shop.domain.replay()
    assert found.same, found.to_text()
    assert len(found.right.waiting) == 1


def test_a_handler_that_deals_with_its_errors_does_so_again():
    shop = Shop()

    @shop.domain.event_handler(part_of="Order")
    class Broken:
        @handle("OrderShipped")
        def fail(self, event):
            raise ValueError(f"{event.quantity} is too much")

        @classmethod
        def handle_error(cls, exc, event):
            """Nothing more to do."""

    shop.ship(1)
    shop.ship(2)
    found = shop.domain.replay()
    assert found.same, found.to_text()
