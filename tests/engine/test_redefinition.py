"""Cells that run twice: the newest definition counts, and what is stored lives on."""

import pytest

from ddd_kit import Domain, handle
from ddd_kit.exceptions import ConfigurationError, IncorrectUsageError
from ddd_kit.fields import Float, Identifier, Integer, String


class Notebook:
    """A domain whose cells are methods, to be run in any order and more than once."""

    def __init__(self):
        self.domain_cell()
        self.event_cell()
        self.order_cell()
        self.calls = []

    def domain_cell(self):
        self.domain = Domain(name="Bookshop")

    def event_cell(self, **fields):
        cls = type("OrderShipped", (), {"order_id": Identifier(required=True), **fields})
        self.OrderShipped = self.domain.event(part_of="Order")(cls)

    def order_cell(self, *, category=None, **more):
        def ship(order):
            order.raise_(self.OrderShipped(order_id=order.id))

        cls = type("Order", (), {"quantity": Integer(default=1), "ship": ship, **more})
        self.Order = self.domain.aggregate(stream_category=category)(cls)

    def handler_cell(self, name="Clerk", note="ran", event=None, method="note", **options):
        def run(_self, event):
            self.calls.append((note, type(event)))

        handle(event or self.OrderShipped)(run)
        options = {"part_of": self.Order} | options
        return self.domain.event_handler(**options)(type(name, (), {method: run}))

    @property
    def orders(self):
        return self.domain.repository_for("Order")

    def ship(self):
        order = self.Order()
        order.ship()
        return self.orders.add(order)

    @property
    def notes(self):
        return [note for note, _ in self.calls]


@pytest.fixture
def notebook():
    return Notebook()


# Handlers


def test_a_handler_that_is_run_again_replaces_the_old_one(notebook):
    """Three runs, one call; the journal says what happened to the definition."""
    for note in ("first", "second", "third"):
        notebook.handler_cell(note=note)
    notebook.ship()
    assert notebook.notes == ["third"]
    changes = [e.change for e in notebook.domain.journal.of(kind="defined") if e.element == "Clerk"]
    assert changes == ["registered", "replaced", "replaced"]


def test_a_redefined_handler_may_change_its_options(notebook):
    notebook.handler_cell()
    notebook.handler_cell(source_stream="manage_order")
    notebook.ship()
    assert notebook.calls == []


def test_a_command_handler_that_is_run_again_replaces_the_old_one(notebook):
    """It is no second handler of the same command."""
    domain = notebook.domain

    @domain.command(part_of="Order")
    class CountOrders:
        pass

    for answer in ("first", "second"):

        @domain.command_handler(part_of="Order")
        class Clerk:
            @handle(CountOrders)
            def count(self, _command, answer=answer):
                return answer

    assert domain.process(CountOrders()) == "second"


def test_a_handler_of_an_event_that_was_run_again_follows_by_name(notebook):
    """It was not run again itself, and gets events of the newest class."""
    notebook.handler_cell()
    notebook.event_cell()
    notebook.ship()
    assert notebook.calls == [("ran", notebook.OrderShipped)]


def test_a_handler_run_again_with_the_old_event_class_follows_too(notebook):
    old = notebook.OrderShipped
    notebook.event_cell()
    notebook.handler_cell(event=old)
    notebook.ship()
    assert notebook.calls == [("ran", notebook.OrderShipped)]


def test_an_event_of_the_old_class_still_reaches_its_handler(notebook):
    """`isinstance` is never needed to find a handler."""
    old = notebook.OrderShipped
    notebook.event_cell()
    notebook.handler_cell()
    order = notebook.Order()
    order.raise_(old(order_id=order.id))
    notebook.orders.add(order)
    assert notebook.notes == ["ran"]


def test_a_command_of_the_old_class_still_reaches_its_handler(notebook):
    domain = notebook.domain
    taken = []

    def command_cell():
        return domain.command(part_of="Order")(type("CountOrders", (), {}))

    old = command_cell()

    @domain.command_handler(part_of="Order")
    class Clerk:
        @handle(old)
        def count(self, command):
            taken.append(type(command).__name__)

    new = command_cell()
    domain.process(old())
    domain.process(new())
    assert taken == ["CountOrders", "CountOrders"]


def test_part_of_follows_by_name(notebook):
    """A handler of the old aggregate listens to the newest one's category."""
    notebook.handler_cell()
    notebook.order_cell(category="sales")
    notebook.ship()
    assert notebook.notes == ["ran"]
    assert notebook.domain.stream("sales")[0].type == "OrderShipped"


def test_the_old_aggregate_class_names_the_new_repository(notebook):
    old = notebook.Order
    notebook.order_cell()
    order = notebook.domain.repository_for(old).add(notebook.Order())
    assert type(notebook.domain.repository_for(old).get(order.id)) is notebook.Order


def test_a_name_may_become_another_kind_of_element(notebook):
    """What was an aggregate becomes an event; the old registration is gone."""

    @notebook.domain.aggregate
    class Shipment:
        pass

    @notebook.domain.event(part_of="Order")
    class Shipment:  # noqa: F811 - a cell that was changed
        pass

    with pytest.raises(IncorrectUsageError, match="Shipment is an event of Bookshop, not an aggregate"):
        notebook.domain.repository_for("Shipment")
    notebook.handler_cell(event=Shipment)
    order = notebook.Order()
    order.raise_(Shipment())
    notebook.orders.add(order)
    assert notebook.notes == ["ran"]


# What no cell defines any more


def test_forget_takes_a_handler_out_of_the_model(notebook):
    """By class or by name."""
    notebook.domain.forget(notebook.handler_cell("A", note="a"))
    notebook.handler_cell("B", note="b")
    notebook.domain.forget("B")
    notebook.ship()
    assert notebook.calls == []
    assert [entry.kind for entry in notebook.domain.journal][-1] == "unhandled"
    changes = [(e.element, e.change) for e in notebook.domain.journal.of(kind="defined")]
    assert changes[-3:] == [("A", "forgotten"), ("B", "registered"), ("B", "forgotten")]


def test_forget_and_define_again_works(notebook):
    notebook.handler_cell()
    notebook.domain.forget("Clerk")
    notebook.handler_cell()
    notebook.ship()
    assert notebook.notes == ["ran"]


def test_a_retired_element_says_that_no_cell_defines_it(notebook):
    """The map marks it; here its use is an error with the way out."""
    notebook.domain.retire("Order")
    with pytest.raises(IncorrectUsageError, match=r"no cell defines it\. Run a cell that does") as caught:
        notebook.domain.repository_for("Order")
    assert str(caught.value).startswith("Order is not part of Bookshop any more")


def test_a_retired_handler_does_not_run_and_comes_back_when_it_is_defined(notebook):
    notebook.handler_cell()
    notebook.domain.retire("Clerk")
    notebook.ship()
    assert notebook.calls == []
    assert notebook.domain.journal.of(kind="defined")[-1].change == "retired"
    notebook.handler_cell()
    notebook.ship()
    assert notebook.notes == ["ran"]


def test_forgetting_what_is_not_there_names_the_closest(notebook):
    notebook.handler_cell("ManageInventory")
    with pytest.raises(IncorrectUsageError, match="did you mean 'ManageInventory'"):
        notebook.domain.forget("ManageInventry")


# Stored state


def test_stored_instances_come_back_as_the_newest_class(notebook):
    """Change a method, and yesterday's orders behave the new way."""
    order = notebook.orders.add(notebook.Order(quantity=6))
    notebook.order_cell(dozens=lambda order: order.quantity / 12)
    again = notebook.orders.get(order.id)
    assert type(again) is notebook.Order
    assert again.dozens() == 0.5


def test_an_object_of_the_old_class_can_still_be_added(notebook):
    """And what is loaded then is of the newest class."""
    order = notebook.orders.add(notebook.Order())
    notebook.order_cell()
    order.quantity = 7
    notebook.orders.add(order)
    again = notebook.orders.get(order.id)
    assert (type(again), again.quantity) == (notebook.Order, 7)


def test_a_new_field_with_a_default_is_there_in_stored_instances(notebook):
    """By get, find_by and query, and in the journal from then on."""
    order = notebook.orders.add(notebook.Order(quantity=3))
    notebook.order_cell(status=String(default="PENDING"), note=String())
    assert notebook.orders.get(order.id).to_dict() == {
        "quantity": 3, "status": "PENDING", "note": None, "id": order.id,
    }  # fmt: skip
    assert notebook.orders.find_by(status="PENDING") == order
    assert notebook.orders.query.filter(note__isnull=True).count() == 1
    again = notebook.orders.get(order.id)
    again.status = "SHIPPED"
    notebook.orders.add(again)
    assert notebook.domain.journal[-1].changes == {"status": ("PENDING", "SHIPPED")}


def test_a_field_that_is_gone_is_gone_from_stored_instances(notebook):
    notebook.order_cell(status=String(default="PENDING"))
    order = notebook.orders.add(notebook.Order())
    notebook.order_cell()
    assert notebook.orders.get(order.id).to_dict() == {"quantity": 1, "id": order.id}


def test_a_field_whose_type_changed_is_coerced(notebook):
    order = notebook.orders.add(notebook.Order(quantity=3))
    notebook.order_cell(quantity=Float())
    assert repr(notebook.orders.get(order.id).quantity) == "3.0"


def test_fields_in_another_order_keep_their_values(notebook):
    """A look-up that was made before does not get in the way."""
    notebook.order_cell(a=Integer(), b=Integer())
    order = notebook.orders.add(notebook.Order(a=1, b=2))
    assert notebook.orders.find_by(a=1) == order
    notebook.order_cell(b=Integer(), a=Integer())
    assert notebook.orders.find_by(a=1) == order
    assert (notebook.orders.get(order.id).a, notebook.orders.get(order.id).b) == (1, 2)


def test_a_stored_instance_that_lacks_a_required_field_names_the_two_ways_out(notebook):
    """The field, the instance, a default or a reset; after either it works."""
    order = notebook.orders.add(notebook.Order())
    notebook.order_cell(status=String(required=True))
    for use in (
        lambda: notebook.orders.get(order.id),
        lambda: list(notebook.orders.query),
        lambda: notebook.orders.find_by(status="PENDING"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            use()
        assert str(caught.value) == (
            f"Order {order.id[:8]} was stored without it: the field 'status' is required. Give 'status' a "
            "default or accept the old value and run the cell of Order again, or empty the domain with "
            "domain.reset()."
        )
    notebook.order_cell(status=String(required=True, default="PENDING"))
    assert notebook.orders.get(order.id).status == "PENDING"
    notebook.order_cell(status=String(required=True))
    notebook.domain.reset()
    assert notebook.orders.query.count() == 0


def test_a_stored_value_that_is_not_accepted_any_more_is_named(notebook):
    order = notebook.orders.add(notebook.Order(quantity=500))
    notebook.order_cell(quantity=Integer(max_value=100))
    with pytest.raises(ConfigurationError, match="was stored with 500: the field 'quantity'"):
        notebook.orders.get(order.id)


def test_an_object_of_the_old_class_that_lacks_a_required_field_is_not_saved(notebook):
    """It would be the next one that cannot be read."""
    order = notebook.orders.add(notebook.Order())
    notebook.order_cell(status=String(required=True))
    order.quantity = 2
    with pytest.raises(Exception, match=r"'?status'? is required"):
        notebook.orders.add(order)


def test_a_new_version_of_a_stored_instance_can_be_saved_after_a_redefinition(notebook):
    """A handler that loads, changes and adds works on with what an older class stored."""
    order = notebook.orders.add(notebook.Order(quantity=5))
    notebook.order_cell(status=String(default="PENDING"))

    def double(_self, event):
        loaded = notebook.orders.get(event.order_id)
        loaded.quantity *= 2
        notebook.orders.add(loaded)

    handle(notebook.OrderShipped)(double)
    notebook.domain.event_handler(part_of="Order")(type("Double", (), {"double": double}))
    again = notebook.orders.get(order.id)
    again.ship()
    notebook.orders.add(again)
    assert notebook.orders.get(order.id).quantity == 10


def test_at_a_step_old_instances_are_of_the_newest_class(notebook):
    order = notebook.orders.add(notebook.Order())
    step = notebook.domain.journal.last_step
    notebook.order_cell(status=String(default="PENDING"))
    past = notebook.domain.at(step).repository_for("Order").get(order.id)
    assert (type(past), past.status) == (notebook.Order, "PENDING")


def test_a_held_event_reaches_its_handler_as_the_newest_class(notebook):
    """With the default of a field that came since, and without one that is gone."""
    notebook.event_cell(gone=Integer(default=1))
    notebook.domain.config["event_processing"] = "async"
    notebook.handler_cell()
    notebook.ship()
    notebook.event_cell(note=String(default="fragile"))
    got = []
    notebook.calls = got
    notebook.domain.deliver_all()
    assert got == [("ran", notebook.OrderShipped)]


def test_a_held_event_that_lacks_a_required_field_says_the_ways_out(notebook):
    """As a stored aggregate does."""
    notebook.domain.config["event_processing"] = "async"
    notebook.handler_cell()
    notebook.ship()
    notebook.event_cell(reason=String(required=True))
    with pytest.raises(Exception, match=r"OrderShipped.*'?reason'?.*domain\.reset\(\)"):
        notebook.domain.deliver_all()


def test_old_entries_of_the_journal_stay_as_they_were(notebook):
    order = notebook.ship()
    before = [entry.to_dict() for entry in notebook.domain.journal]
    notebook.event_cell(reason=String(default="x"))
    notebook.order_cell(status=String(default="PENDING"))
    assert [entry.to_dict() for entry in notebook.domain.journal][: len(before)] == before
    assert notebook.domain.stream(order)[0].payload == {"order_id": order.id}


# The domain's own cell


def test_the_domains_cell_run_again_gives_an_empty_domain(notebook):
    notebook.ship()
    notebook.domain_cell()
    assert (len(notebook.domain.journal), len(notebook.domain.registry.elements)) == (0, 0)


OLD = r"^{} belongs to an older Bookshop: run its cell again\.$"


def test_classes_of_an_older_domain_say_so_when_they_are_used(notebook):
    """Aggregates, events and commands, wherever they are handed to the new one."""
    old_order, old_event = notebook.Order, notebook.OrderShipped
    old_command = notebook.domain.command(part_of="Order")(type("ShipOrder", (), {}))
    an_order = old_order()
    notebook.domain_cell()
    domain = notebook.domain
    for use in (
        lambda: domain.repository_for(old_order),
        lambda: domain.event(part_of=old_order)(type("OrderLost", (), {})),
        lambda: domain.event_handler(part_of=old_order)(type("Handler", (), {})),
    ):
        with pytest.raises(IncorrectUsageError, match=OLD.format("Order")):
            use()
    with pytest.raises(IncorrectUsageError, match=OLD.format("ShipOrder")):
        domain.process(old_command())
    with pytest.raises(IncorrectUsageError, match=OLD.format("OrderShipped")):
        notebook.handler_cell(event=old_event, part_of="Order")
    notebook.order_cell()
    with pytest.raises(IncorrectUsageError, match=OLD.format("Order")):
        notebook.orders.add(an_order)


def test_an_event_of_an_older_domain_cannot_be_raised_in_the_new_one(notebook):
    old_event = notebook.OrderShipped
    notebook.domain_cell()
    notebook.order_cell()
    with pytest.raises(IncorrectUsageError, match=OLD.format("OrderShipped")):
        notebook.Order().raise_(old_event(order_id="1"))


def test_a_class_of_another_domain_names_it(notebook):
    order = notebook.Order
    shop = Domain(name="Library")
    with pytest.raises(IncorrectUsageError, match="Order belongs to the domain Bookshop, not to Library"):
        shop.repository_for(order)


def test_all_cells_run_twice_give_the_same_as_once():
    """Given the domain's own cell first."""

    def run_all():
        notebook = Notebook()
        notebook.handler_cell()
        notebook.ship()
        return notebook.notes, [entry.kind for entry in notebook.domain.journal]

    assert run_all() == run_all()


def test_all_cells_but_the_domains_run_twice_give_the_same_given_a_reset(notebook):
    def run_all():
        notebook.calls = []
        notebook.domain.reset()
        notebook.event_cell()
        notebook.order_cell()
        notebook.handler_cell()
        notebook.ship()
        kinds = [entry.kind for entry in notebook.domain.journal if entry.kind != "defined"]
        return notebook.notes, kinds, notebook.orders.query.count()

    assert run_all() == run_all()
