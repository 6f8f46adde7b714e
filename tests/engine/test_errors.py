"""Every error names the element, what was wrong and the way out, with the closest name for a mistyped one."""

import re
import runpy
import subprocess
import sys
from types import SimpleNamespace

import pytest

from ddd_kit import Domain, Q, UnitOfWork, exceptions, handle
from ddd_kit.exceptions import (
    ConfigurationError,
    DddKitError,
    EndlessChainError,
    ExpectedVersionError,
    IncorrectUsageError,
    InvalidOperationError,
    ObjectNotFoundError,
    TooManyObjectsError,
    TransactionError,
    ValidationError,
    did_you_mean,
)
from ddd_kit.fields import Identifier, Integer, String


@pytest.fixture
def shop():
    """The guide's bookshop with one order, `o-1`, in it."""
    shop = SimpleNamespace(**runpy.run_module("seed_model"))
    shop.orders = shop.domain.repository_for(shop.Order)
    shop.order = shop.orders.add(shop.Order(id="o-1", book_id=1, quantity=10, total_amount=100))
    shop.event = shop.OrderShipped(order_id="o-1", book_id=1, quantity=10, total_amount=100)
    with shop.domain.domain_context():
        yield shop


def cls(name, **members):
    return type(name, (), members)


def taking(*targets):
    """A handler class with one method that takes these messages."""

    def run(_self, message):
        return message

    for target in targets:
        handle(target)(run)
    return cls("Handler", run=run)


def stale(shop):
    other = shop.orders.get("o-1")
    other.quantity = 1
    shop.orders.add(other)
    shop.order.quantity = 2
    shop.orders.add(shop.order)


def twin(shop):
    with UnitOfWork():
        shop.orders.get("o-1")
        shop.orders.add(shop.order)


def caught(shop):
    with UnitOfWork():
        try:
            shop.domain.process(shop.ShipOrder(order_id="x"))
        except ObjectNotFoundError:
            shop.orders.add(shop.order)


def opened_twice(_shop):
    with UnitOfWork() as unit:
        unit.start()


def inside_a_unit(what):
    def call(shop):
        with UnitOfWork():
            getattr(shop.domain, what)()

    return call


def removed(shop):
    shop.orders.remove(shop.order)
    shop.orders.add(shop.order)


def part_of_nothing(shop):
    shop.domain.event_handler(part_of="Oder")(taking(shop.OrderShipped))
    shop.order.ship_order()
    shop.orders.add(shop.order)


def event_of_nothing(shop):
    shop.order.raise_(shop.domain.event(part_of="Oder")(cls("OrderLost"))())


def required_since(shop):
    shop.domain.aggregate(cls("Order", book_id=Identifier(), urgency=Integer(required=True)))
    shop.orders.get("o-1")


def refused_since(shop):
    shop.domain.aggregate(cls("Order", book_id=Identifier(), quantity=Integer(max_value=5)))
    shop.orders.get("o-1")


def taken_email(shop):
    customer = shop.domain.aggregate(cls("Customer", email=String(unique=True)))
    for identity in ("c-1", "c-2"):
        shop.domain.repository_for(customer).add(customer(email="a@b.c", id=identity))


def retired(shop):
    shop.domain.retire("Order")
    shop.domain.repository_for("Order")


def two_handlers(shop):
    shop.domain.command_handler(part_of="Order")(taking(shop.ShipOrder))


def mistyped_quantity(shop):
    shop.order.quantty = 3


def another_identity(shop):
    shop.order.id = "o-2"


def changed_event(shop):
    shop.event.quantity = 3


def deleted_in_event(shop):
    del shop.event.quantity


def deleted_field(shop):
    del shop.order.quantity


def unrecorded(shop):
    shop.domain.config["journal"] = False
    shop.domain.at(1)


def setting(name, value):
    def call(shop):
        shop.domain.config[name] = value

    return call


AT_DEFINITION = {
    "an event lacks part_of": (
        lambda shop: shop.domain.event(cls("OrderLost")),
        ConfigurationError,
        ("OrderLost lacks part_of: an event belongs to an aggregate. Write @domain.event(part_of=Order)."),
    ),
    "a command lacks part_of": (
        lambda shop: shop.domain.command(cls("LoseOrder")),
        ConfigurationError,
        ("LoseOrder lacks part_of: a command belongs to an aggregate. Write @domain.command(part_of=Order)."),
    ),
    "a command handler lacks part_of": (
        lambda shop: shop.domain.command_handler(cls("Clerk")),
        ConfigurationError,
        (
            "Clerk lacks part_of: a command handler belongs to an aggregate. Write "
            "@domain.command_handler(part_of=Order)."
        ),
    ),
    "an event handler lacks part_of and stream_category": (
        lambda shop: shop.domain.event_handler(cls("Clerk")),
        ConfigurationError,
        (
            "Clerk lacks part_of: an event handler belongs to an aggregate. Write "
            '@domain.event_handler(part_of=Order), or stream_category="order".'
        ),
    ),
    "part_of is no aggregate": (
        lambda shop: shop.domain.event(part_of=shop.OrderShipped)(cls("OrderLost")),
        ConfigurationError,
        (
            "OrderLost: part_of=OrderShipped is no aggregate. Decorate OrderShipped with "
            "@domain.aggregate first."
        ),
    ),
    "part_of is a number": (
        lambda shop: shop.domain.event(part_of=3)(cls("OrderLost")),
        ConfigurationError,
        "OrderLost: part_of=3 is neither an aggregate nor the name of one.",
    ),
    "part_of is mistyped": (
        part_of_nothing,
        ConfigurationError,
        (
            "Handler: part_of='Oder' is no aggregate of Bookshop: did you mean 'Order'? Correct it and "
            "run its cell again, or domain.forget('Handler')."
        ),
    ),
    "part_of of an event is mistyped": (
        event_of_nothing,
        ConfigurationError,
        (
            "OrderLost: part_of='Oder' is no aggregate of Bookshop: did you mean 'Order'? Correct it and "
            "run its cell again, or domain.forget('OrderLost')."
        ),
    ),
    "an option is mistyped": (
        lambda shop: shop.domain.event_handler(stream_categry="order")(cls("Clerk")),
        ConfigurationError,
        (
            "Clerk: an event handler has no option 'stream_categry': did you mean 'stream_category'? It "
            "takes: part_of, stream_category, source_stream, retries, retry_exceptions."
        ),
    ),
    "an option is like no other": (
        lambda shop: shop.domain.aggregate(zzz=1)(cls("Parcel")),
        ConfigurationError,
        "Parcel: an aggregate has no option 'zzz'. It takes: stream_category, event_sourced, fact_events.",
    ),
    "handle takes an aggregate": (
        lambda shop: shop.domain.event_handler(part_of="Order")(taking(shop.Order)),
        ConfigurationError,
        ("Handler.run: @handle(Order) names no event. Decorate Order with @domain.event, or name an event."),
    ),
    "an event handler takes a command": (
        lambda shop: shop.domain.event_handler(part_of="Order")(taking(shop.ShipOrder)),
        ConfigurationError,
        (
            "Handler.run: @handle(ShipOrder) names no event. Decorate ShipOrder with @domain.event, or "
            "name an event."
        ),
    ),
    "a command handler takes an event": (
        lambda shop: shop.domain.command_handler(part_of="Order")(taking(shop.OrderShipped)),
        ConfigurationError,
        (
            "Handler.run: @handle(OrderShipped) names no command. Decorate OrderShipped with "
            "@domain.command, or name a command."
        ),
    ),
    "a command handler takes anything": (
        lambda shop: shop.domain.command_handler(part_of="Order")(taking("$any")),
        ConfigurationError,
        'Handler.run: @handle("$any") is for event handlers. Name a command.',
    ),
    "handle takes a number": (
        lambda _: handle(3),
        ConfigurationError,
        (
            "@handle(3): that is neither an event or command class nor the name of one. Write it as in "
            "@handle(OrderShipped)."
        ),
    ),
    "two handlers of one command": (
        two_handlers,
        ConfigurationError,
        (
            "Handler.run: ManageOrder.ship_order handles ShipOrder already, and a command has one "
            "handler. Remove one of them; domain.forget('ManageOrder') takes the other out of the model."
        ),
    ),
    "init finds a mistyped part_of": (
        lambda shop: [shop.domain.command(part_of="Oder")(cls("LoseOrder")), shop.domain.init()],
        ConfigurationError,
        (
            "LoseOrder: part_of='Oder' is no aggregate of Bookshop: did you mean 'Order'? Correct it "
            "and run its cell again, or domain.forget('LoseOrder')."
        ),
    ),
    "retries is no number": (
        lambda shop: shop.domain.event_handler(part_of="Order", retries=-1)(cls("Clerk")),
        ConfigurationError,
        "Clerk: retries=-1 is no number of further attempts, 0 or more.",
    ),
    "retry_exceptions are no exceptions": (
        lambda shop: shop.domain.event_handler(part_of="Order", retry_exceptions=["x"])(cls("Clerk")),
        ConfigurationError,
        "Clerk: retry_exceptions=['x'] has to hold exception classes, as in [ConnectionError].",
    ),
    "a field bears the name of a method": (
        lambda shop: shop.domain.aggregate(cls("Parcel", to_dict=String())),
        ConfigurationError,
        "Parcel.to_dict: this name belongs to every aggregate. Choose another one.",
    ),
    "a method bears a name that the kit needs": (
        lambda shop: shop.domain.aggregate(cls("Parcel", _change=lambda _self: None)),
        ConfigurationError,
        (
            "Parcel._change: the kit needs this name itself, and it would not work any more. Choose another "
            "one."
        ),
    ),
    "a method that is inherited bears a name that the kit needs": (
        lambda shop: shop.domain.command(part_of="Order")(
            type("PackOrder", (cls("Packing", _raised=1),), {"__module__": __name__})
        ),
        ConfigurationError,
        (
            "PackOrder._raised: the kit needs this name itself, and it would not work any more. Choose "
            "another one."
        ),
    ),
    "a field begins with an underscore": (
        lambda shop: shop.domain.aggregate(cls("Parcel", _size=Integer())),
        ConfigurationError,
        "Parcel._size: a field's name must not begin with an underscore. Write it without.",
    ),
    "two identities": (
        lambda shop: shop.domain.aggregate(
            cls("Parcel", a=Identifier(identifier=True), b=Identifier(identifier=True))
        ),
        ConfigurationError,
        "Parcel has several identities: a, b. Keep one.",
    ),
    "a class that is no building block": (
        lambda shop: shop.domain.register(cls("Parcel")),
        ConfigurationError,
        (
            "domain.register(Parcel): it is no building block. Derive it from one, as from Aggregate, Event "
            "or EventHandler, or use a decorator, as in @domain.aggregate."
        ),
    ),
    "a domain without a name": (
        lambda _: Domain(name="--"),
        ConfigurationError,
        "Domain(name='--'): a name needs letters or digits.",
    ),
    "a mistyped setting": (
        lambda _: Domain(name="Shop", config={"event_procesing": "async"}),
        ConfigurationError,
        "domain.config has no setting 'event_procesing': did you mean 'event_processing'?",
    ),
    "a wrong processing": (
        setting("event_processing", "later"),
        ConfigurationError,
        ("domain.config['event_processing'] = 'later': it is 'sync', or 'async' for deliveries that wait."),
    ),
    "a wrong journal": (
        setting("journal", "no"),
        ConfigurationError,
        "domain.config['journal'] = 'no': it is True or False.",
    ),
    "a wrong limit": (
        setting("journal_limit", 0),
        ConfigurationError,
        "domain.config['journal_limit'] = 0: it is a number, 1 or more.",
    ),
}

AT_RUN_TIME = {
    "a value is missing": (
        lambda shop: shop.OrderShipped(order_id=1, book_id=1, total_amount=1),
        ValidationError,
        "OrderShipped was not accepted: quantity is required.",
    ),
    "a value is mistyped": (
        lambda shop: shop.Inventory(book_id=1, in_stok=1, in_stock=1),
        ValidationError,
        (
            "Inventory was not accepted: in_stok is unknown. Inventory has no field 'in_stok': did you "
            "mean 'in_stock'?"
        ),
    ),
    "a value without a name": (
        lambda shop: shop.Inventory(1),
        TypeError,
        "Inventory(1): name the field, as in Inventory(field=1), or give a dictionary of values.",
    ),
    "an identity that is taken": (
        lambda shop: shop.orders.add(shop.Order(id="o-1", book_id=1, quantity=1, total_amount=1)),
        ValidationError,
        (
            "Order was not accepted: id 'o-1' is the identity of another one already. Get that one from "
            "its repository, or choose another identity."
        ),
    ),
    "a unique value that is taken": (
        taken_email,
        ValidationError,
        (
            "Customer was not accepted: email 'a@b.c' is that of Customer c-1 already. "
            "Choose another value, or change the one that has it first."
        ),
    ),
    "nothing of that identity": (
        lambda shop: shop.orders.get("o-2"),
        ObjectNotFoundError,
        (
            "Order 'o-2' is not in its repository, which holds 1. See "
            "domain.repository_for(Order).query.all(); an object gets there by add."
        ),
    ),
    "an identity that cannot be one": (
        lambda shop: shop.orders.get(["o-1"]),
        ObjectNotFoundError,
        (
            "Order ['o-1'] is not in its repository, which holds 1. See "
            "domain.repository_for(Order).query.all(); an object gets there by add."
        ),
    ),
    "nothing with those values": (
        lambda shop: shop.orders.find_by(book_id=1, quantity=3),
        ObjectNotFoundError,
        (
            "No Order has book_id=1, quantity=3. See domain.repository_for(Order).query.all(); an object "
            "gets there by add."
        ),
    ),
    "several with those values": (
        lambda shop: [
            shop.orders.add(shop.Order(book_id=1, quantity=10, total_amount=1)),
            shop.orders.find_by(book_id=1),
        ],
        TooManyObjectsError,
        (
            "find_by(book_id=1) matches 2 Order objects. Ask more precisely, or use "
            "domain.repository_for(Order).query.filter(book_id=1).all()."
        ),
    ),
    "somebody else saved it": (
        stale,
        ExpectedVersionError,
        (
            "Order o-1 was loaded at version 0, and it is at version 1 now: somebody else saved it "
            "meanwhile. Get it again, as in domain.repository_for(Order).get('o-1'), and repeat the "
            "change."
        ),
    ),
    "somebody removed it": (
        removed,
        ExpectedVersionError,
        (
            "Order o-1 was saved at version 1, and is not in its repository any more: it was removed, "
            "or the domain was reset. Make a new Order."
        ),
    ),
    "a command that nobody handles": (
        lambda shop: [shop.domain.forget("ManageOrder"), shop.domain.process(shop.ShipOrder(order_id=1))],
        IncorrectUsageError,
        (
            "Nobody handles ShipOrder. Define a class with @domain.command_handler(part_of=Order) and a "
            "method with @handle(ShipOrder), or run its cell again."
        ),
    ),
    "an event is processed": (
        lambda shop: shop.domain.process(shop.domain.event(part_of="Order")(cls("OrderLost"))()),
        IncorrectUsageError,
        (
            "process(OrderLost()): OrderLost is an event, not a command. Give it an object of a class "
            "that is decorated with @domain.command."
        ),
    ),
    "a class is processed": (
        lambda shop: shop.domain.process(shop.ShipOrder),
        IncorrectUsageError,
        "process(ShipOrder): give it an object, as in domain.process(ShipOrder(...)).",
    ),
    "a text is processed": (
        lambda shop: shop.domain.process("ShipOrder"),
        IncorrectUsageError,
        (
            "process('ShipOrder'): that is no command. Give it an object of a class that is decorated "
            "with @domain.command."
        ),
    ),
    "a repository is mistyped": (
        lambda shop: shop.domain.repository_for("Oder"),
        IncorrectUsageError,
        "Oder is not an aggregate of Bookshop: did you mean 'Order'?",
    ),
    "a repository of nothing like it": (
        lambda shop: shop.domain.repository_for(int),
        IncorrectUsageError,
        "int is not an aggregate of Bookshop. It has: Order, Inventory, Notification.",
    ),
    "a repository of a retired aggregate": (
        retired,
        IncorrectUsageError,
        "Order is not part of Bookshop any more: no cell defines it. Run a cell that does.",
    ),
    "another aggregate is added": (
        lambda shop: shop.orders.add(shop.Inventory(id="i-1", book_id=1, in_stock=1)),
        IncorrectUsageError,
        (
            "repository_for(Order).add(<Inventory: Inventory object (id: i-1)>): this repository holds "
            "Order objects; use domain.repository_for(Inventory)."
        ),
    ),
    "a class is added": (
        lambda shop: shop.orders.add(int),
        IncorrectUsageError,
        (
            "repository_for(Order).add(<class 'int'>): this repository holds Order objects; give it an "
            "object of the class Order."
        ),
    ),
    "what was never saved is removed": (
        lambda shop: shop.orders.remove(shop.Order(id="o-2", book_id=1, quantity=1, total_amount=1)),
        InvalidOperationError,
        "<Order: Order object (id: o-2)> was never saved, so it cannot be removed. Add it first.",
    ),
    "an event of another aggregate is raised": (
        lambda shop: shop.Inventory(book_id=1, in_stock=1).raise_(shop.event),
        ConfigurationError,
        (
            "Inventory cannot raise OrderShipped: that event is part of Order. Define it with "
            "part_of=Inventory, or raise it from Order."
        ),
    ),
    "a text is raised": (
        lambda shop: shop.order.raise_("OrderShipped"),
        IncorrectUsageError,
        (
            "Order.raise_('OrderShipped'): that is no event. Raise an object of a class that is "
            "decorated with @domain.event."
        ),
    ),
    "an event is changed": (
        changed_event,
        IncorrectUsageError,
        (
            "OrderShipped cannot be changed once it is made: events and commands are facts. Make a new "
            "one, with quantity=3."
        ),
    ),
    "a value of an event is deleted": (
        deleted_in_event,
        IncorrectUsageError,
        "OrderShipped.quantity cannot be deleted: events and commands are facts.",
    ),
    "a field is deleted": (
        deleted_field,
        AttributeError,
        ("<Order: Order object (id: o-1)>: the field 'quantity' cannot be deleted. Set it to None instead."),
    ),
    "an identity is changed": (
        another_identity,
        InvalidOperationError,
        "<Order: Order object (id: o-1)>: id is its identity and stays as it is. Make another Order.",
    ),
    "a mistyped field is set": (
        mistyped_quantity,
        AttributeError,
        "Order has no field 'quantty': did you mean 'quantity'?",
    ),
    "a mistyped field is read": (
        lambda shop: shop.order.quantty,
        AttributeError,
        "Order has no field or method 'quantty': did you mean 'quantity'?",
    ),
    "a mistyped method is called": (
        lambda shop: shop.order.ship_oder(),
        AttributeError,
        "Order has no field or method 'ship_oder': did you mean 'ship_order'?",
    ),
    "a mistyped field of an event is read": (
        lambda shop: shop.event.quantty,
        AttributeError,
        "OrderShipped has no field or method 'quantty': did you mean 'quantity'?",
    ),
    "a second object of one identity": (
        twin,
        IncorrectUsageError,
        (
            "<Order: Order object (id: o-1)>: another object of this identity is part of the unit of "
            "work already. Change the one that the repository gave you."
        ),
    ),
    "an inner error is caught": (
        caught,
        TransactionError,
        (
            "Nothing of this unit of work was saved, because a unit inside it failed with "
            "ObjectNotFoundError: Order 'x' is not in its repository, which holds 1. See "
            "domain.repository_for(Order).query.all(); an object gets there by add. Let that error pass, "
            "or catch it outside of the outer unit."
        ),
    ),
    "a unit is opened twice": (
        opened_twice,
        IncorrectUsageError,
        "This unit of work is open already. Make another one inside: UnitOfWork().",
    ),
    "a unit that is not open is committed": (
        lambda _: UnitOfWork().commit(),
        IncorrectUsageError,
        "UnitOfWork.commit(): it is not open. Use `with UnitOfWork():`.",
    ),
    "deliver inside a unit": (
        inside_a_unit("deliver"),
        IncorrectUsageError,
        (
            "deliver(): a unit of work is open, and deliveries are made between units. Call it after the "
            "block, outside of handlers."
        ),
    ),
    "reset inside a unit": (
        inside_a_unit("reset"),
        IncorrectUsageError,
        "reset(): a unit of work is open. Call it after the block, outside of handlers.",
    ),
    "nothing waits": (
        lambda shop: shop.domain.deliver(3),
        IncorrectUsageError,
        "deliver(3): there is no such delivery, none waits. See domain.waiting.",
    ),
    "the past is changed": (
        lambda shop: shop.domain.at(0).repository_for("Order").add(shop.order),
        IncorrectUsageError,
        (
            "This is Bookshop as it was after step 0: the past cannot be changed. Use the domain itself, "
            "which stands at the newest step."
        ),
    ),
    "there is no such step": (
        lambda shop: shop.domain.at(999),
        IncorrectUsageError,
        "domain.at(999): there is no such step; the journal has steps 1 to 10.",
    ),
    "nothing is recorded": (
        unrecorded,
        IncorrectUsageError,
        "domain.at(...): nothing is recorded while domain.config['journal'] is False.",
    ),
    "there is no step at all": (
        lambda shop: [shop.domain.reset(), shop.domain.at(1)],
        IncorrectUsageError,
        "domain.at(1): there is no such step; the journal is empty.",
    ),
    "there is no such entry": (
        lambda shop: shop.domain.journal.step(999),
        IncorrectUsageError,
        "There is no step 999: the journal has steps 1 to 10.",
    ),
    "there is no such kind of entry": (
        lambda shop: shop.domain.journal.of(kind="evnt"),
        IncorrectUsageError,
        (
            "journal.of(kind='evnt'): there is no such kind of entry: did you mean 'event'? There are: "
            "command, event, handled, skipped, changed, rejected, unhandled, defined, fault, called."
        ),
    ),
    "a stream is mistyped": (
        lambda shop: shop.domain.stream("oder"),
        IncorrectUsageError,
        "Nothing is on the stream bookshop::oder: did you mean 'order'?",
    ),
    "a handler to forget is mistyped": (
        lambda shop: shop.domain.forget("ManageInventry"),
        IncorrectUsageError,
        "ManageInventry is not an element of Bookshop: did you mean 'ManageInventory'?",
    ),
    "a condition is joined with a number": (
        lambda _: Q(quantity=1) & 3,
        IncorrectUsageError,
        "Q(...) & 3: join it with another Q(...).",
    ),
    "a lookup is mistyped": (
        lambda shop: shop.orders.query.filter(quantity__gtt=1).all(),
        IncorrectUsageError,
        (
            "quantity__gtt: there is no lookup 'gtt': did you mean 'gt'? There are: exact, iexact, ne, "
            "gt, gte, lt, lte, in, contains, icontains, startswith, endswith, isnull."
        ),
    ),
    "a field to look for is mistyped": (
        lambda shop: shop.orders.find_by(quantty=1),
        IncorrectUsageError,
        "Order has no field 'quantty' to look for: did you mean 'quantity'?",
    ),
    "find_by without a condition": (
        lambda shop: shop.orders.find_by(),
        IncorrectUsageError,
        "find_by() of Order: name a field and its value.",
    ),
    "a stored object lacks a required field": (
        required_since,
        ConfigurationError,
        (
            "Order o-1 was stored without it: the field 'urgency' is required. Give 'urgency' a default "
            "or accept the old value and run the cell of Order again, or empty the domain with "
            "domain.reset()."
        ),
    ),
    "a stored value is not accepted any more": (
        refused_since,
        ConfigurationError,
        (
            "Order o-1 was stored with 10: the field 'quantity' should be less than or equal to 5. Give "
            "'quantity' a default or accept the old value and run the cell of Order again, or empty the "
            "domain with domain.reset()."
        ),
    ),
    "why of a mistyped field": (
        lambda shop: shop.domain.why(shop.order, "statsu"),
        IncorrectUsageError,
        "Order has no field 'statsu': did you mean 'status'?",
    ),
    "why of what was never saved": (
        lambda shop: shop.domain.why(shop.Inventory(id="i-1", book_id=1, in_stock=1), "in_stock"),
        IncorrectUsageError,
        (
            "The journal knows no change of Inventory i-1 in_stock: the journal has steps 1 to 10. An "
            "object counts when it was added to its repository."
        ),
    ),
    "why of a text": (
        lambda shop: shop.domain.why("stock", "in_stock"),
        IncorrectUsageError,
        "why('stock', ...): give an aggregate, as in why(inventory, \"in_stock\").",
    ),
    "why_not of an aggregate": (
        lambda shop: shop.domain.why_not(shop.Order),
        IncorrectUsageError,
        "why_not(Order): that is an aggregate, not an event handler.",
    ),
    "an event is looked for among aggregates": (
        lambda shop: shop.domain.repository_for(shop.OrderShipped),
        IncorrectUsageError,
        "OrderShipped is an event of Bookshop, not an aggregate.",
    ),
}


@pytest.mark.parametrize(("call", "kind", "text"), AT_DEFINITION.values(), ids=AT_DEFINITION)
def test_an_error_at_definition_says_the_way_out(shop, call, kind, text):
    with pytest.raises(kind, match=f"^{re.escape(text)}$"):
        call(shop)


@pytest.mark.parametrize(("call", "kind", "text"), AT_RUN_TIME.values(), ids=AT_RUN_TIME)
def test_an_error_at_run_time_says_the_way_out(shop, call, kind, text):
    with pytest.raises(kind, match=f"^{re.escape(text)}$"):
        call(shop)


def test_no_text_has_two_full_stops_or_blanks():
    """A text that is put together from others still reads as one."""
    texts = [text for _, _, text in (*AT_DEFINITION.values(), *AT_RUN_TIME.values())]
    assert [text for text in texts if "  " in text or re.search(r"[^.]\.\.( |$)|\?\.|: \.", text)] == []


def test_a_decorator_before_something_else_than_a_class_shows_how_it_is_written(shop):
    with pytest.raises(ConfigurationError, match=r"^@domain\.event got 'Order': it goes before a class"):
        shop.domain.event("Order")
    with pytest.raises(ConfigurationError) as caught:
        shop.domain.aggregate("Order")
    assert "part_of" not in str(caught.value)


def test_an_annotation_that_names_something_unknown_says_where_to_define_it(shop):
    wrong = cls("Parcel", __annotations__={"size": "Sise"})
    with pytest.raises(
        ConfigurationError, match=r"^Parcel\.size: the annotation 'Sise' names something unknown.*cell"
    ):
        shop.domain.aggregate(wrong)


def test_a_type_that_cannot_be_checked_says_what_can(shop):
    with pytest.raises(
        ConfigurationError, match=r"^Parcel has a field whose type cannot be checked(.|\n)*ddd_kit\."
    ):
        shop.domain.aggregate(cls("Parcel", size=String(max_length="long")))


def test_an_async_method_is_refused_because_nobody_would_await_it(shop):
    """Of event handlers and of command handlers."""

    class Handler:
        @handle(shop.OrderShipped)
        async def run(self, event): ...

    class Clerk:
        @handle("LoseOrder")
        async def run(self, command): ...

    for define, handler in ((shop.domain.event_handler, Handler), (shop.domain.command_handler, Clerk)):
        with pytest.raises(ConfigurationError, match=rf"^{handler.__name__}\.run is async.*`?def`?"):
            define(part_of="Order")(handler)


def test_a_definition_that_fails_changes_nothing(shop):
    """The old one still works."""
    before = list(shop.domain.registry.elements)
    with pytest.raises(ConfigurationError):
        shop.domain.event_handler(part_of="Order")(taking(shop.Order))
    with pytest.raises(ConfigurationError):
        shop.domain.aggregate(cls("Order", to_dict=String()))
    with pytest.raises(ConfigurationError):
        two_handlers(shop)
    assert list(shop.domain.registry.elements) == before
    assert shop.orders.get("o-1").quantity == 10


def test_a_validation_error_has_messages_by_field(shop):
    with pytest.raises(ValidationError) as caught:
        shop.Order(quantity="many", status="LOST", total_amount=1)
    assert caught.value.messages == {
        "book_id": ["is required"],
        "quantity": ["Input should be a valid integer, unable to parse string as an integer"],
        "status": ["Input should be 'PENDING', 'SHIPPED' or 'DELIVERED'"],
    }
    assert caught.value.element == "Order"


def test_users_raise_validation_errors_with_a_text_a_list_or_by_field():
    """As in Protean; a lone text is that of the whole."""
    assert ValidationError("is late").messages == {"_entity": ["is late"]}
    assert ValidationError(["a", "b"]).messages == {"_entity": ["a", "b"]}
    assert ValidationError({"quantity": "is odd"}).messages == {"quantity": ["is odd"]}
    assert str(ValidationError({"quantity": ["Is odd", "is big"]})) == (
        "The value was not accepted: quantity: Is odd; quantity is big."
    )


def test_what_was_refused_is_in_the_journal(shop):
    """Element, texts and what was tried."""
    with pytest.raises(ValidationError):
        shop.Inventory(book_id=1, in_stock="many")
    entry = shop.domain.journal[-1]
    assert (entry.kind, entry.element) == ("rejected", "Inventory")
    assert entry.messages[0][0] == "in_stock"
    assert dict(entry.tried) == {"book_id": 1, "in_stock": "many"}


def test_an_event_that_nobody_handles_is_an_entry_not_an_error(shop):
    shop.domain.forget("ManageInventory")
    shop.domain.forget("EmailNotifications")
    shop.order.ship_order()
    shop.orders.add(shop.order)
    assert [entry.type for entry in shop.domain.journal.of(kind="unhandled")] == ["OrderShipped"]


def test_a_failing_handler_notes_who_failed_and_what_is_saved(shop):
    @shop.domain.event_handler(part_of="Order")
    class Fail:
        @handle(shop.OrderShipped)
        def run(self, _event):
            raise LookupError("no parcel left")

    shop.domain.forget("ManageInventory")
    shop.order.ship_order()
    with pytest.raises(LookupError) as caught:
        shop.orders.add(shop.order)
    step = shop.domain.journal.of(kind="changed")[-1].step
    assert caught.value.__notes__ == [
        "Fail.run failed on OrderShipped: what it did is undone.",
        f"Saved all the same: Order o-1 (step {step}).",
    ]


def test_there_is_no_domain_yet_is_said_with_how_to_make_one():
    """In a fresh kernel."""
    script = (
        "from ddd_kit import UnitOfWork, current_domain\n"
        "for use in (UnitOfWork, lambda: current_domain.name):\n"
        "    try:\n"
        "        use()\n"
        "    except Exception as error:\n"
        "        print(type(error).__name__, error)\n"
        "print(hasattr(current_domain, '__wrapped__'))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    line = 'IncorrectUsageError There is no domain yet. Make one: domain = Domain(name="Bookshop").'
    assert done.stdout.splitlines() == [line, line, "False"]


def test_all_errors_of_the_kit_have_one_base():
    """So that one `except` catches them all."""
    kinds = [kind for kind in vars(exceptions).values() if isinstance(kind, type)]
    kinds = [kind for kind in kinds if issubclass(kind, Exception)]
    assert EndlessChainError in kinds
    assert [kind for kind in kinds if not issubclass(kind, DddKitError)] == []


def test_the_closest_name_is_named_or_none():
    assert did_you_mean("Oder", ["Order", "Inventory"]) == ": did you mean 'Order'?"
    assert did_you_mean("Invoice", ["Order"]) == ""
    assert did_you_mean(None, []) == ""
