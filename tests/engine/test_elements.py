"""What the classes of a model become: elements, and the objects made of them."""

import copy
import pickle
import runpy
from datetime import date
from uuid import UUID

import pytest

from ddd_kit import Aggregate, Command, CommandHandler, Domain, Event, EventHandler, handle
from ddd_kit.exceptions import (
    ConfigurationError,
    IncorrectUsageError,
    InvalidOperationError,
    ValidationError,
)
from ddd_kit.fields import Float, Identifier, Integer, String

warehouse = Domain(name="Warehouse")


@warehouse.event(part_of="Crate")
class CrateMoved:
    """A crate stands elsewhere."""

    crate_id: str
    stops: list[str] = ["gate"]  # noqa: RUF012 - what beginners write


@warehouse.aggregate
class Crate:
    """Something to put books in."""

    label = String(required=True)
    stops: list[str] = []  # noqa: RUF012 - what beginners write

    def move(self):
        self.raise_(CrateMoved(crate_id=self.id))


@pytest.fixture
def domain():
    return Domain(name="Bookshop")


def test_decorators_work_bare_and_with_brackets(domain):
    """`@domain.aggregate`, `@domain.aggregate()` and `@domain.aggregate(...)` give the same kind of class."""

    @domain.aggregate
    class Bare:
        quantity: int = 1

    @domain.aggregate()
    class Empty:
        quantity: int = 1

    @domain.aggregate(stream_category="stock")
    class WithOptions:
        quantity: int = 1

    for cls in (Bare, Empty, WithOptions):
        assert issubclass(cls, Aggregate)
        assert domain.repository_for(cls).add(cls(quantity="2")).quantity == 2


def test_every_kind_can_be_registered_without_a_decorator(domain):
    """`domain.register(cls, **options)` takes classes derived from a building block."""
    ran = []

    class OrderShipped(Event):
        order_id: str

    class ShipOrder(Command):
        order_id: str

    class Order(Aggregate):
        status: str = "PENDING"

    order_class = domain.register(Order, stream_category="orders")
    shipped = domain.register(OrderShipped, part_of="Order")
    ship_order = domain.register(ShipOrder, part_of=order_class, stream_category="manage_order")

    class ManageOrder(CommandHandler):
        @handle(ship_order)
        def ship(self, command):
            order = domain.repository_for(order_class).get(command.order_id)
            order.raise_(shipped(order_id=order.id))
            domain.repository_for(order_class).add(order)
            return "shipped"

    class Warn(EventHandler):
        @handle(shipped)
        def warn(self, event):
            ran.append(event.order_id)

    domain.register(ManageOrder, part_of=order_class)
    domain.register(Warn, part_of=order_class, source_stream="manage_order")
    order = domain.repository_for(order_class).add(order_class())
    assert domain.process(ship_order(order_id=order.id)) == "shipped"
    assert ran == [order.id]


def test_a_decorated_class_keeps_its_name_module_and_docstring():
    assert (Crate.__name__, Crate.__qualname__, Crate.__module__) == ("Crate", "Crate", __name__)
    assert Crate.__doc__ == "Something to put books in."


def test_three_field_styles_mix_freely_in_the_order_of_the_source(domain):
    """Assigned fields, annotated fields and plain annotations come out as they were written."""

    @domain.aggregate
    class Order:
        book_id: str
        quantity = Integer(required=True)
        total_amount: Float(required=True)
        status = String(default="PENDING")
        express: bool = False
        note: String()
        customer_id = Identifier()

    order = Order(book_id="b", quantity="3", total_amount="2.5", customer_id=4, id="o-1")
    assert list(order.to_dict().items()) == [
        ("book_id", "b"),
        ("quantity", 3),
        ("total_amount", 2.5),
        ("status", "PENDING"),
        ("express", False),
        ("note", None),
        ("customer_id", "4"),
        ("id", "o-1"),
    ]


def test_the_order_of_declaration_needs_no_source_for_fields_of_the_kit(domain):
    """Assigned fields and annotated ones keep their order in code that was never in a file."""
    scope = {"domain": domain, "String": String, "Integer": Integer, "__name__": "typed_in"}
    exec(
        "@domain.aggregate\n"
        "class Order:\n"
        "    book_id: String(required=True)\n"
        "    quantity = Integer()\n"
        "    note: String()\n"
        "    status = String()\n",
        scope,
    )
    assert list(scope["Order"](book_id="1").to_dict()) == ["book_id", "quantity", "note", "status", "id"]


LATE = """
from __future__ import annotations
from typing import ClassVar
from ddd_kit import Domain
from ddd_kit.fields import Identifier, Integer

domain = Domain(name="Late")

def model():
    from datetime import date as day
    Limit = int

    @domain.aggregate
    class Loan:
        due: day
        days: Limit = 14
        book_id = Identifier(required=True)
        fee: Integer(min_value=0) = 2
        longest: ClassVar[int] = 90

    return Loan

Loan = model()
"""


def test_late_annotations_are_read_with_the_local_names_of_the_function(tmp_path):
    """`from __future__ import annotations` works, locals of functions included."""
    module = tmp_path / "late_model.py"
    module.write_text(LATE)
    loan = runpy.run_path(str(module), run_name="late_model")["Loan"](due="2024-05-01", book_id=1, id="1")
    assert loan.due == date(2024, 5, 1)
    assert list(loan.to_dict().items()) == [
        ("due", "2024-05-01"),
        ("days", 14),
        ("book_id", "1"),
        ("fee", 2),
        ("id", "1"),
    ]
    assert type(loan).longest == 90


def test_repr_and_str_are_those_of_the_guide(domain):
    """`<Order: Order object (id: 62f8...)>`."""

    @domain.aggregate
    class Order:
        quantity: int = 1

    order = Order(id="62f8")
    assert repr(order) == "<Order: Order object (id: 62f8)>"
    assert str(order) == "Order object (id: 62f8)"


def test_a_message_shows_its_values():
    assert repr(CrateMoved(crate_id="c-1")) == "CrateMoved(crate_id='c-1', stops=['gate'])"


def test_an_aggregate_without_an_identity_gets_id_last(domain):
    """It is the text of a UUID of version 4."""

    @domain.aggregate
    class Order:
        quantity: int = 1

    order = Order()
    assert list(order.to_dict()) == ["quantity", "id"]
    assert (UUID(order.id).version, str(UUID(order.id))) == (4, order.id)
    assert Order().id != order.id


def test_a_field_can_be_the_identity(domain):
    """Then there is no `id`, and one that can hold a UUID is made where none is given."""

    @domain.aggregate
    class Book:
        isbn = Identifier(identifier=True)
        title: str = ""

    assert Book(isbn=978).to_dict() == {"isbn": "978", "title": ""}
    assert UUID(Book().isbn)
    assert repr(Book(isbn=978)) == "<Book: Book object (isbn: 978)>"


def test_a_number_as_identity_has_to_be_given(domain):
    """A UUID is no whole number."""

    @domain.aggregate
    class Table:
        number = Integer(identifier=True)

    assert Table(number="4").number == 4
    with pytest.raises(ValidationError, match="number is required"):
        Table()


def test_a_declared_id_keeps_its_place(domain):
    @domain.aggregate
    class Order:
        id = Identifier(identifier=True)
        quantity: int = 1

    assert list(Order().to_dict()) == ["id", "quantity"]


def test_an_identity_stays_as_it_is(domain):
    @domain.aggregate
    class Order:
        quantity: int = 1

    order = Order(id="1")
    order.id = "1"
    with pytest.raises(InvalidOperationError, match=r"id is its identity and stays.*Make another Order"):
        order.id = "2"


def test_events_and_commands_stay_as_they_are(domain):
    """Neither setting nor deleting works, nor changing what came out of `payload`."""
    event = CrateMoved(crate_id="c-1")
    with pytest.raises(IncorrectUsageError, match=r"cannot be changed.*Make a new one, with crate_id='c-2'"):
        event.crate_id = "c-2"
    with pytest.raises(IncorrectUsageError, match=r"CrateMoved\.crate_id cannot be deleted"):
        del event.crate_id
    event.payload["stops"].append("moon")
    event.to_dict()["crate_id"] = "c-2"
    assert event.payload == {"crate_id": "c-1", "stops": ["gate"]}


def test_defaults_that_can_change_are_not_shared():
    """Each object gets its own list."""
    first, second = Crate(label="a"), Crate(label="b")
    first.stops.append("moon")
    assert (first.stops, second.stops, Crate(label="c").stops) == (["moon"], [], [])
    assert CrateMoved(crate_id="c").stops is not CrateMoved(crate_id="c").stops


def test_to_dict_is_a_copy():
    crate = Crate(label="a")
    crate.to_dict()["stops"].append("moon")
    assert crate.stops == []


def test_aggregates_are_equal_by_identity_and_messages_by_value():
    """So they work in sets, too."""
    assert Crate(label="a", id="1") == Crate(label="b", id="1")
    assert Crate(label="a", id="1") != Crate(label="a", id="2")
    assert len({Crate(label="a", id="1"), Crate(label="b", id="1")}) == 1
    assert CrateMoved(crate_id="1") == CrateMoved(crate_id="1")
    assert CrateMoved(crate_id="1") != CrateMoved(crate_id="2")
    assert len({CrateMoved(crate_id="1"), CrateMoved(crate_id="1")}) == 1
    assert Crate(label="a", id="1") != "1"
    assert CrateMoved(crate_id="1") != Crate(label="a", id="1")


def test_templates_give_values_in_common():
    """Later templates win over earlier ones, and keywords over all."""
    common = {"label": "a", "id": "1"}
    assert Crate(common).label == "a"
    assert Crate(common, {"label": "b"}).label == "b"
    assert Crate(common, {"label": "b"}, label="c").to_dict() == {"label": "c", "stops": [], "id": "1"}
    assert CrateMoved({"crate_id": "1"}).crate_id == "1"
    assert common == {"label": "a", "id": "1"}


def test_another_positional_argument_is_refused():
    with pytest.raises(TypeError, match=r"Crate\('a'\): name the field, as in Crate\(field='a'\)"):
        Crate("a")


def test_assigning_to_a_field_checks_and_coerces(domain):
    """What is refused leaves the value as it was."""

    @domain.aggregate
    class Order:
        quantity = Integer(min_value=1, default=1)

    order = Order()
    order.quantity = "5"
    assert order.quantity == 5
    with pytest.raises(ValidationError) as caught:
        order.quantity = 0
    assert caught.value.messages == {"quantity": ["Input should be greater than or equal to 1"]}
    assert order.quantity == 5


def test_fields_and_methods_are_inherited(domain):
    """From plain classes and from elements; the first declared come first, and `id` last."""

    class Priced:
        price: float = 1.0

        def double(self):
            return 2 * self.price

    @domain.aggregate
    class Item(Priced):
        name = String(default="item")

    @domain.aggregate
    class Book(Item):
        isbn: str = "978"

        def double(self):
            return super().double() + 1

    assert list(Item().to_dict()) == ["price", "name", "id"]
    assert list(Book().to_dict()) == ["price", "name", "isbn", "id"]
    assert (Item().double(), Book().double()) == (2, 3)
    assert isinstance(Book(), Item)


def test_a_redeclared_field_replaces_the_inherited_one(domain):
    class Priced:
        price: float = 1.0

    @domain.aggregate
    class Book(Priced):
        price: int = 7

    assert Book().to_dict()["price"] == 7


def test_properties_class_variables_and_private_attributes_are_no_fields(domain):
    """They work as in any class, and `to_dict` leaves them out."""

    @domain.aggregate
    class Order:
        quantity: int = 2
        LIMIT = 10

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self._seen = 0

        @property
        def dozen(self):
            return self.quantity / 12

        @dozen.setter
        def dozen(self, value):
            self.quantity = value * 12

    order = Order(id="1")
    order.dozen = 2
    order._seen += 1
    assert (order.quantity, order._seen, Order.LIMIT) == (24, 1, 10)
    assert order.to_dict() == {"quantity": 24, "id": "1"}


def test_dir_offers_the_domains_words_only():
    """Tab completion shows fields and methods, and no machinery."""
    assert dir(Crate(label="a")) == ["id", "label", "move", "raise_", "stops", "to_dict"]
    assert dir(CrateMoved(crate_id="1")) == ["crate_id", "payload", "stops", "to_dict"]


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda original: pickle.loads(pickle.dumps(original))],
    ids=["copy", "deepcopy", "pickle"],
)
@pytest.mark.parametrize(
    "original",
    [Crate(label="a", stops=["x"]), CrateMoved(crate_id="1", stops=["x"])],
    ids=["aggregate", "event"],
)
def test_copies_and_pickles_are_equal_to_the_original(original, duplicate):
    """Of aggregates and of messages."""
    twin = duplicate(original)
    assert (type(twin), twin) == (type(original), original)
    assert twin.to_dict() == original.to_dict()


def test_a_deep_copy_shares_no_list():
    crate = Crate(label="a", stops=["x"])
    copy.deepcopy(crate).stops.append("y")
    assert crate.stops == ["x"]


def test_an_aggregate_that_has_raised_events_can_be_copied():
    """The copy has its own events: raising on it raises nothing on the original."""
    crate = Crate(label="a")
    crate.move()
    twin = copy.deepcopy(crate)
    twin.move()
    warehouse.reset()
    warehouse.repository_for(Crate).add(crate)
    assert len(warehouse.stream(crate)) == 1


def test_a_saved_event_can_be_copied():
    """Its metadata come along."""
    warehouse.reset()
    crate = Crate(label="a")
    event = CrateMoved(crate_id=crate.id)
    crate.raise_(event)
    warehouse.repository_for(Crate).add(crate)
    assert copy.copy(event)._metadata.headers.id == event._metadata.headers.id


def test_only_an_event_of_the_aggregate_can_be_raised(domain):
    @domain.event(part_of="Inventory")
    class StockReduced:
        by: int = 1

    @domain.aggregate
    class Inventory:
        in_stock: int = 1

    @domain.aggregate
    class Order:
        quantity: int = 1

    with pytest.raises(ConfigurationError, match="Order cannot raise StockReduced: that event is part of I"):
        Order().raise_(StockReduced())
    with pytest.raises(IncorrectUsageError, match=r"Order\.raise_\('shipped'\): that is no event"):
        Order().raise_("shipped")


def test_raising_one_event_object_twice_makes_two_events(domain):
    """Both are saved, each with an id of its own."""

    @domain.event(part_of="Order")
    class OrderShipped:
        quantity: int = 1

    @domain.aggregate
    class Order:
        quantity: int = 1

    order, event = Order(), OrderShipped()
    order.raise_(event)
    order.raise_(event)
    domain.repository_for(Order).add(order)
    assert len({saved.message_id for saved in domain.stream(order)}) == 2


def test_a_name_alone_or_behind_a_path_names_the_domain():
    """A lone positional argument is the name; Protean's path before it is ignored."""
    named = [Domain(name="Bookshop"), Domain("Bookshop"), Domain(__file__, "Bookshop")]
    assert [domain.name for domain in named] == ["Bookshop"] * 3


def test_an_order_of_declaration_that_no_source_tells_is_kept_within_each_style():
    """Plain annotations and assignments that were typed in nowhere: each style in its own order."""
    scope = {"domain": Domain(name="Bookshop"), "Integer": Integer, "__name__": "typed_in"}
    exec(
        "@domain.aggregate\n"
        "class Order:\n"
        "    a: str = 'a'\n"
        "    b = Integer()\n"
        "    c: int = 1\n"
        "    d = Integer()\n",
        scope,
    )
    names = list(scope["Order"]().to_dict())
    assert sorted(names[:4]) == ["a", "b", "c", "d"]
    assert names.index("a") < names.index("c")
    assert names.index("b") < names.index("d")


def test_a_domain_shows_its_name_and_how_much_there_is_in_it(domain):
    @domain.aggregate
    class Order:
        quantity: int = 1

    assert repr(domain) == "<Domain Bookshop: 1 elements, 1 journal entries>"
