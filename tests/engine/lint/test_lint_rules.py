"""Each rule of the lint: a model in which it is found, and a near miss in which it is not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ddd_kit import Domain, UnitOfWork, apply, handle, use_case
from ddd_kit.engine.lint.finding import RULES
from ddd_kit.engine.lint.findings import findings
from ddd_kit.fields import HasMany, Identifier, List, Reference


@pytest.fixture
def domain():
    return Domain(name="Bookshop")


def found(domain, rule, **options):
    assert rule in RULES
    return [finding for finding in findings(domain, **options) if finding.rule == rule]


def sentences(domain, rule):
    return [finding.sentence for finding in found(domain, rule)]


def shop(domain, *, orders="Order", raises=True):
    """An order that is shipped, and a shelf."""

    @domain.aggregate
    class Order:
        quantity: int = 1

        def ship(self):
            if raises:
                self.raise_(OrderShipped(quantity=self.quantity))

    @domain.event(part_of=orders)
    class OrderShipped:
        quantity: int

    @domain.aggregate
    class Inventory:
        in_stock: int = 100

    @domain.command(part_of=Order)
    class ShipOrder:
        order_id: str

    return SimpleNamespace(Order=Order, OrderShipped=OrderShipped, Inventory=Inventory, ShipOrder=ShipOrder)


# A command without a handler


def test_a_command_without_a_handler_is_found(domain):
    shop(domain)
    (finding,) = found(domain, "UNUSED_COMMAND")
    assert finding.elements == ("ShipOrder",)
    assert finding.sentence == "Nobody handles ShipOrder."


def test_a_command_with_a_handler_is_not(domain):
    m = shop(domain)

    @domain.command_handler(part_of=m.Order)
    class ManageOrder:
        @handle(m.ShipOrder)
        def ship(self, command): ...

    assert not found(domain, "UNUSED_COMMAND")


# An event nobody raises


def test_an_event_that_no_code_names_is_found(domain):
    m = shop(domain)

    @domain.event(part_of=m.Order)
    class OrderLost:
        order_id: str

    assert sentences(domain, "UNRAISED_EVENT") == ["Nobody raises OrderLost, not even Order."]


def test_an_event_that_a_method_raises_is_not_found_though_nothing_ran(domain):
    shop(domain)
    assert not found(domain, "UNRAISED_EVENT")


def made_by_a_helper(quantity):
    return OrderHelped(quantity=quantity)  # noqa: F821 - a name that the model defines


def test_an_event_that_a_function_beside_the_model_makes_is_not_found(domain):
    @domain.aggregate
    class Order:
        def ship(self):
            self.raise_(made_by_a_helper(1))

    @domain.event(part_of=Order)
    class OrderHelped:
        quantity: int

    assert not found(domain, "UNRAISED_EVENT")


def test_an_event_that_a_cell_raised_is_not_found(domain):
    namespace = {"domain": domain}
    exec(
        "@domain.aggregate\nclass Order: ...\n@domain.event(part_of=Order)\nclass OrderLost: ...\n"
        "order = Order()\n",
        namespace,
    )
    assert sentences(domain, "UNRAISED_EVENT")
    exec("order.raise_(OrderLost())\ndomain.repository_for(Order).add(order)", namespace)
    assert not found(domain, "UNRAISED_EVENT")
    assert not found(domain, "UNRAISED_EVENT", evidence=False), "the map needs no look at the journal for it"


def test_what_code_without_source_raises_is_read_from_its_bytecode(domain):
    exec(
        "@domain.aggregate\nclass Order:\n    def lose(self):\n        self.raise_(OrderLost())\n"
        "@domain.event(part_of=Order)\nclass OrderLost: ...\n",
        {"domain": domain},
    )
    assert not found(domain, "UNRAISED_EVENT")


# An event nobody handles


def test_an_event_without_a_handler_is_found(domain):
    shop(domain)
    assert sentences(domain, "UNHANDLED_EVENT") == ["Nobody handles OrderShipped."]


def test_an_event_whose_handler_listens_elsewhere_is_found_with_the_reason(domain):
    m = shop(domain)

    @domain.event_handler(part_of=m.Inventory)
    class ManageInventory:
        @handle(m.OrderShipped)
        def reduce(self, event): ...

    (finding,) = found(domain, "UNHANDLED_EVENT")
    assert finding.elements == ("OrderShipped", "ManageInventory")
    assert finding.sentence == (
        "Nobody hears OrderShipped: ManageInventory.reduce takes it, and listens to bookshop::inventory; it "
        "is on bookshop::order."
    )


def test_an_event_that_is_heard_or_published_is_not_found(domain):
    m = shop(domain)

    @domain.event_handler(part_of=m.Inventory, stream_category="order")
    class ManageInventory:
        @handle(m.OrderShipped)
        def reduce(self, event): ...

    @domain.event(part_of=m.Order, published=True)
    class OrderLost: ...

    assert not found(domain, "UNHANDLED_EVENT")


def test_an_event_that_changes_an_event_sourced_aggregate_is_not_found(domain):
    @domain.event(part_of="Account")
    class AccountOpened:
        account_id: str

    @domain.aggregate(event_sourced=True)
    class Account:
        status: str = "NEW"

        @apply
        def opened(self, event: AccountOpened):
            self.status = f"OPEN {event.account_id}"

    assert not found(domain, "UNHANDLED_EVENT")


# Tense


@pytest.mark.parametrize(
    "name", ["ShipOrder", "OrderShips", "OrderShipping", "SetPrice", "OrderProceed", "PlaceOrderEvent"]
)
def test_an_event_that_is_not_named_in_the_past_tense_is_found(domain, name):
    domain.event(part_of="Order")(type(name, (), {}))
    (finding,) = found(domain, "EVENT_NOT_PAST_TENSE")
    assert finding.elements == (name,)


@pytest.mark.parametrize(
    "name",
    ["OrderShipped", "MailSent", "PriceSet", "PaymentMade", "SeedSown", "BookReadV2", "MoneyWithdrawn",
     "OrderShippedEvent", "CustomerSignedUp", "SpeedExceeded", "PasswordReset", "ISBNFound"],
)  # fmt: skip
def test_an_event_that_is_named_in_the_past_tense_is_not(domain, name):
    domain.event(part_of="Order")(type(name, (), {}))
    assert not found(domain, "EVENT_NOT_PAST_TENSE")


# An aggregate inside of another one


def test_an_aggregate_that_holds_another_one_is_found(domain):
    @domain.aggregate
    class Customer: ...

    @domain.aggregate
    class Order:
        customer: Customer
        others = List(content_type=Customer)
        friends = HasMany("Customer")

    assert [(f.elements, f.sentence.split()[0]) for f in found(domain, "CROSS_AGGREGATE_REFERENCE")] == [
        (("Order", "Customer"), "Order.customer"),
        (("Order", "Customer"), "Order.others"),
        (("Order", "Customer"), "Order.friends"),
    ]


def test_an_aggregate_that_holds_an_identity_or_entities_is_not(domain):
    @domain.aggregate
    class Customer: ...

    @domain.entity(part_of="Order")
    class OrderItem:
        sku: str

    @domain.aggregate
    class Order:
        customer = Reference(Customer)
        other_id = Identifier()
        items = HasMany(OrderItem)

    assert not found(domain, "CROSS_AGGREGATE_REFERENCE")


# Two aggregates in one unit of work


def test_a_handler_that_saves_two_aggregates_is_found(domain):
    m = shop(domain)

    @domain.command_handler(part_of=m.Order)
    class ManageOrder:
        @handle(m.ShipOrder)
        def ship(self, command):
            orders = domain.repository_for(m.Order)
            order = orders.get(command.order_id)
            orders.add(order)
            domain.repository_for(m.Inventory).add(m.Inventory())

    (finding,) = found(domain, "TWO_AGGREGATES_IN_ONE_UNIT")
    assert finding.elements == ("ManageOrder", "Order", "Inventory")
    assert finding.sentence == "ManageOrder.ship saves Order and Inventory in one unit of work."
    assert finding.steps == ()


def test_a_handler_that_saves_two_of_a_kind_or_each_in_a_loop_is_found(domain):
    m = shop(domain)

    @domain.command_handler(part_of=m.Order)
    class ManageOrder:
        @handle(m.ShipOrder)
        def ship(self, _):
            repository = domain.repository_for(m.Order)
            repository.add(repository.get("a"))
            repository.add(repository.get("b"))

    @domain.event_handler(part_of=m.Inventory, stream_category="order")
    class ManageInventory:
        @handle(m.OrderShipped)
        def reduce(self, _):
            for inventory in domain.repository_for(m.Inventory).query.all():
                domain.repository_for(m.Inventory).add(inventory)

    @domain.event_handler(part_of=m.Inventory, stream_category="order")
    class CountInventory:
        @handle(m.OrderShipped)
        def count(self, _event):
            repository = domain.repository_for(m.Inventory)
            any(repository.add(each) for each in repository.query.all())

    assert [finding.element for finding in found(domain, "TWO_AGGREGATES_IN_ONE_UNIT")] == [
        "ManageOrder",
        "ManageInventory",
        "CountInventory",
    ]


def test_a_use_case_that_saves_two_aggregates_is_found(domain):
    m = shop(domain)

    @domain.application_service(part_of=m.Order)
    class Ordering:
        @use_case
        def place(self):
            domain.repository_for(m.Order).add(m.Order())
            domain.repository_for(m.Inventory).add(m.Inventory())

    (finding,) = found(domain, "TWO_AGGREGATES_IN_ONE_UNIT")
    assert finding.sentence == "Ordering.place saves Order and Inventory in one unit of work."


def test_a_handler_that_sends_a_command_for_another_aggregate_is_found(domain):
    m = shop(domain)

    @domain.command_handler(part_of=m.Order)
    class ManageOrder:
        @handle(m.ShipOrder)
        def ship(self, _):
            domain.repository_for(m.Order).add(m.Order())

    @domain.event_handler(part_of=m.Inventory, stream_category="order")
    class ManageInventory:
        @handle(m.OrderShipped)
        def reduce(self, _):
            domain.repository_for(m.Inventory).add(m.Inventory())
            domain.process(m.ShipOrder(order_id="o-2"))

    (finding,) = found(domain, "TWO_AGGREGATES_IN_ONE_UNIT")
    assert finding.sentence == (
        "ManageInventory.reduce saves Inventory and Order (by ManageOrder.ship) in one unit of work."
    )


def test_a_handler_that_saves_one_or_the_other_is_not_found(domain):
    m = shop(domain)

    @domain.command_handler(part_of=m.Order)
    class ManageOrder:
        @handle(m.ShipOrder)
        def ship(self, command):
            if command.order_id == "none":
                domain.repository_for(m.Inventory).add(m.Inventory())
                return
            order = domain.repository_for(m.Order).get(command.order_id)
            domain.repository_for(m.Order).add(order)
            order.ship()
            domain.repository_for(m.Order).add(order)

    @domain.event_handler(part_of=m.Inventory, stream_category="order")
    class ManageInventory:
        @handle(m.OrderShipped)
        def reduce(self, _):
            try:
                domain.repository_for(m.Inventory).add(m.Inventory())
            except ValueError:
                domain.repository_for(m.Order).add(m.Order())
            sums = [1]
            for number in sums:
                sums.remove(number)

    assert not found(domain, "TWO_AGGREGATES_IN_ONE_UNIT")


def test_what_is_tried_again_or_saved_in_units_of_its_own_is_not_found(domain):
    m = shop(domain)

    @domain.event_handler(part_of=m.Inventory, stream_category="order")
    class TryAgain:
        @handle(m.OrderShipped)
        def reduce(self, _event):
            for _ in range(3):
                inventory = domain.repository_for(m.Inventory).get("i-1")
                if inventory.in_stock:
                    domain.repository_for(m.Inventory).add(inventory)
                    return

    @domain.application_service(part_of=m.Order)
    class Maintenance:
        def close_all(self):
            for order in domain.repository_for(m.Order).query.all():
                with UnitOfWork():
                    domain.repository_for(m.Order).add(order)

    assert not found(domain, "TWO_AGGREGATES_IN_ONE_UNIT")


def test_what_the_journal_shows_of_two_aggregates_is_found_with_its_steps(domain):
    namespace = {"domain": domain, "handle": handle}
    code = (
        "@domain.aggregate\nclass Order: ...\n@domain.aggregate\nclass Inventory: ...\n"
        "@domain.command(part_of=Order)\nclass ShipOrder: ...\n"
    )
    handler = (
        "@domain.command_handler(part_of=Order)\nclass ManageOrder:\n    @handle(ShipOrder)\n"
        "    def ship(self, command):\n        domain.repository_for(Order).add(Order(id='o-1'))\n"
    )
    exec(code + handler + "        domain.repository_for(Inventory).add(Inventory(id='i-1'))\n", namespace)
    assert not found(domain, "TWO_AGGREGATES_IN_ONE_UNIT"), "there is no source to be read, and nothing ran"
    exec("domain.process(ShipOrder())", namespace)
    (finding,) = found(domain, "TWO_AGGREGATES_IN_ONE_UNIT")
    assert finding.sentence == "ManageOrder.ship changed Order o-1 and Inventory i-1 in one unit of work."
    assert [domain.journal.step(step).kind for step in finding.steps] == ["command"]
    exec(handler, namespace)
    assert not found(domain, "TWO_AGGREGATES_IN_ONE_UNIT"), "what was mended since is no evidence"


# A handler that leads to itself


def circle(domain, *, closed):
    m = shop(domain)

    @domain.event(part_of=m.Inventory)
    class StockReduced: ...

    @domain.event_handler(part_of=m.Inventory, stream_category="order")
    class ManageInventory:
        @handle(m.OrderShipped)
        def reduce(self, _):
            inventory = m.Inventory()
            inventory.raise_(StockReduced())
            domain.repository_for(m.Inventory).add(inventory)

    @domain.event_handler(part_of=m.Order, stream_category="inventory")
    class Reorder:
        @handle(StockReduced)
        def order(self, _):
            order = m.Order()
            if closed:
                order.ship()
            domain.repository_for(m.Order).add(order)

    return m


def test_handlers_that_lead_to_themselves_are_found_once(domain):
    circle(domain, closed=True)
    (finding,) = found(domain, "HANDLER_CIRCLE", evidence=False)
    assert set(finding.elements) == {"ManageInventory", "OrderShipped", "Reorder", "StockReduced"}
    assert finding.sentence == (
        "ManageInventory.reduce can lead to itself: ManageInventory.reduce -> StockReduced -> Reorder.order "
        "-> OrderShipped -> ManageInventory.reduce."
    )


def test_the_journal_shows_where_a_handler_led_to_itself(domain):
    m = circle(domain, closed=True)
    domain.config["max_chain_length"] = 6
    order = m.Order()
    order.ship()
    with pytest.raises(Exception, match="does not end"):
        domain.repository_for(m.Order).add(order)
    (finding,) = found(domain, "HANDLER_CIRCLE")
    assert finding.steps
    assert "led to itself" in finding.sentence


def test_handlers_that_come_to_an_end_are_not_found(domain):
    m = shop(domain)

    @domain.event_handler(part_of=m.Inventory, stream_category="order")
    class ManageInventory:
        @handle(m.OrderShipped)
        def reduce(self, _):
            order = domain.repository_for(m.Order).get("o-1")  # it names Order, and does not ship it
            domain.repository_for(m.Order).add(order)

    assert not found(domain, "HANDLER_CIRCLE")


def test_a_method_called_add_is_not_taken_for_what_a_repository_does(domain):
    @domain.aggregate
    class Cart:
        def add(self, _item):
            self.raise_(ItemAdded())

    @domain.event(part_of=Cart)
    class ItemAdded: ...

    @domain.event_handler(part_of=Cart)
    class Counting:
        @handle(ItemAdded)
        def count(self, _):
            cart = domain.repository_for(Cart).get("c-1")
            domain.repository_for(Cart).add(cart)

    assert not found(domain, "HANDLER_CIRCLE")


# Silence


@pytest.mark.parametrize("asked", [["UNUSED_COMMAND"], "UNUSED_COMMAND"])
def test_a_rule_can_be_silenced_for_an_element(domain, asked):
    @domain.aggregate
    class Order: ...

    @domain.command(part_of=Order, suppress_checks=asked)
    class ShipOrder: ...

    @domain.command(part_of=Order)
    class PlaceOrder: ...

    assert [finding.element for finding in found(domain, "UNUSED_COMMAND")] == ["PlaceOrder"]
