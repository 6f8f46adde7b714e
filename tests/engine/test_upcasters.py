"""Upcasters, versions of messages, fact events and enrichers."""

import datetime as dt

import pytest

from ddd_kit import Domain, apply, g, handle
from ddd_kit.exceptions import (
    CommandExpiredError,
    ConfigurationError,
    DuplicateCommandError,
    IncorrectUsageError,
)
from ddd_kit.fields import HasMany, Identifier, String, ValueObject


@pytest.fixture
def domain():
    return Domain(name="Bookshop")


def order_of(domain, **options):
    @domain.aggregate(**options)
    class Order:
        customer: String(default="Ann")

    return Order


def placed(domain, version, **fields):
    namespace = {"__annotations__": fields}
    return domain.event(part_of="Order", version=version)(type("OrderPlaced", (), namespace))


def test_the_version_is_part_of_the_type(domain):
    order_of(domain)
    assert placed(domain, 3, name=str).__type__ == "Bookshop.OrderPlaced.v3"
    assert placed(domain, None, name=str)(name="A")._metadata.headers.type == "Bookshop.OrderPlaced.v1"


def test_the_version_may_stand_in_the_class(domain):
    order_of(domain)

    @domain.event(part_of="Order")
    class OrderShipped:
        __version__ = 2

    assert OrderShipped()._metadata.domain.version == 2


@pytest.mark.parametrize("version", [0, -1, True, "2", 1.5])
def test_a_version_is_a_whole_number(domain, version):
    order_of(domain)
    with pytest.raises(ConfigurationError, match="is no whole number, 1 or more"):
        placed(domain, version, name=str)


def test_a_version_is_said_once(domain):
    order_of(domain)
    with pytest.raises(ConfigurationError, match=r"say the same. Keep one of them"):
        domain.event(part_of="Order", version=2)(type("OrderShipped", (), {"__version__": 2}))


def test_older_events_reach_handlers_as_the_newest_version_through_all_upcasters(domain):
    order, heard = order_of(domain), []
    first = placed(domain, 1, name=str)
    domain.config["event_processing"] = "async"

    @domain.event_handler(part_of=order)
    class Listening:
        @handle("OrderPlaced")
        def hear(self, event):
            heard.append((event.given, event.family))

    one = order()
    one.raise_(first(name="Ann Lee"))
    domain.repository_for(order).add(one)
    placed(domain, 3, given=str, family=str)

    @domain.upcaster(event_type="OrderPlaced", from_version=1, to_version=2)
    class Renamed:
        def upcast(self, data):
            return {"full": data["name"]}

    @domain.upcaster(event_type="OrderPlaced", from_version=2, to_version=3)
    class Split:
        def upcast(self, data):
            given, family = data["full"].split()
            return {"given": given, "family": family}

    domain.deliver_all()
    assert heard == [("Ann", "Lee")]


def test_event_sourced_aggregates_are_told_by_upcast_events(domain):
    def define(field):
        event = placed(domain, 2 if field == "client" else 1, **{field: str})

        class Order:
            customer: String()

            @apply
            def placed(self, event: event):
                self.customer = getattr(event, field)

        return domain.aggregate(event_sourced=True)(Order), event

    order, event = define("name")
    one = order._create_new(id="o-1")
    one.raise_(event(name="Ann"))
    domain.repository_for(order).add(one)
    order, _ = define("client")

    @domain.upcaster(event_type="OrderPlaced", from_version=1, to_version=2)
    class Renamed:
        def upcast(self, data):
            data["client"] = data.pop("name").upper()
            return data

    assert domain.repository_for(order).get("o-1").customer == "ANN"
    assert domain.event_store.store.read("order-o-1")[0].to_domain_object().client == "ANN"


def test_without_an_upcaster_the_error_names_one_as_the_way_out(domain):
    order = order_of(domain)
    one = order(id="o-1")
    one.raise_(placed(domain, 1, name=str)(name="Ann"))
    domain.repository_for(order).add(one)
    placed(domain, 2, client=str)
    with pytest.raises(ConfigurationError, match=r"'client' is required.* write an upcaster"):
        domain.event_store.store.read("order-o-1")[0].to_domain_object()


@pytest.mark.parametrize(
    ("options", "namespace", "text"),
    [
        ({"event_type": None, "from_version": 1, "to_version": 2}, {}, "lacks its event"),
        ({"event_type": "A", "from_version": 2, "to_version": 2}, {}, "the second the greater one"),
        ({"event_type": "A", "from_version": 1, "to_version": 2}, {}, "lacks its method"),
    ],
)
def test_an_upcaster_that_cannot_work_is_refused(domain, options, namespace, text):
    with pytest.raises(ConfigurationError, match=text):
        domain.upcaster(**options)(type("Upcaster", (), namespace))


def test_an_upcaster_has_to_give_a_dictionary(domain):
    order = order_of(domain)
    one = order(id="o-1")
    one.raise_(placed(domain, 1, name=str)(name="Ann"))
    domain.repository_for(order).add(one)
    placed(domain, 2, client=str)
    nothing = {"upcast": lambda *_: None}
    domain.upcaster(event_type="OrderPlaced", from_version=1, to_version=2)(type("Bad", (), nothing))
    with pytest.raises(ConfigurationError, match=r"Bad.upcast gave None: it has to return the values"):
        domain.event_store.store.read_all()[0].to_domain_object()


def test_each_save_is_told_by_a_fact_event_with_the_whole_state(domain):
    @domain.value_object
    class Money:
        amount: int

    @domain.aggregate(fact_events=True)
    class Order:
        customer: String(required=True)
        total = ValueObject(Money)
        items = HasMany("OrderItem")

    @domain.entity(part_of=Order)
    class OrderItem:
        sku = Identifier(identifier=True)

    orders = domain.repository_for(Order)
    order = Order(id="o-1", customer="Ann", total=Money(amount=5), items=[OrderItem(sku="A")])
    orders.add(order)
    order.customer = "Bo"
    orders.add(order)
    orders.add(order)
    told = [message.data for message in domain.event_store.store.read("bookshop::order-fact-o-1")]
    assert [fact["customer"] for fact in told] == ["Ann", "Bo"]
    assert told[0] == {
        "customer": "Ann", "total": {"amount": 5}, "items": [{"sku": "A"}], "id": "o-1",
    }  # fmt: skip


def test_facts_have_a_stream_and_handlers_of_their_own(domain):
    order, heard = order_of(domain, fact_events=True), []

    @domain.event_handler(stream_category="order-fact")
    class Copying:
        @handle("OrderFactEvent")
        def copy(self, event):
            heard.append(event.customer)

    domain.repository_for(order).add(order(customer="Ann"))
    assert heard == ["Ann"]


def test_a_fact_does_not_count_as_a_version_of_an_event_sourced_aggregate(domain):
    @domain.event(part_of="Order")
    class OrderPlaced:
        customer: str

    @domain.aggregate(event_sourced=True, fact_events=True)
    class Order:
        customer: String()

        @apply
        def placed(self, event: OrderPlaced):
            self.customer = event.customer

    order = Order._create_new(id="o-1")
    order.raise_(OrderPlaced(customer="Ann"))
    orders = domain.repository_for(Order)
    orders.add(order)
    assert (orders.get("o-1")._version, orders.get("o-1").customer) == (0, "Ann")


def test_enrichers_add_to_the_metadata_of_events(domain):
    order = order_of(domain)
    event = placed(domain, 1, name=str)

    @domain.event_enricher
    def who(event, aggregate):
        return {"user": g.get("user"), "customer": aggregate.customer}

    one = order(id="o-1")
    with domain.domain_context(user="Bo"):
        one.raise_(event(name="Ann"))
    domain.repository_for(order).add(one)
    (message,) = domain.event_store.store.read("order-o-1")
    assert message.metadata.extensions == {"user": "Bo", "customer": "Ann"}
    assert domain.journal.of(kind="event")[0].extensions == (("user", "Bo"), ("customer", "Ann"))


def test_an_enricher_of_the_same_name_takes_the_place_of_the_one_before(domain):
    for user in ("Ann", "Bo"):

        def who(event, aggregate, user=user):
            return {"user": user}

        domain.register_event_enricher(who)
    order = order_of(domain)
    one = order()
    one.raise_(placed(domain, 1, name=str)(name="x"))
    assert one._events[0]._metadata.extensions == {"user": "Bo"}


def test_an_enricher_gives_a_dictionary_or_nothing(domain):
    domain.register_event_enricher(lambda *_: 3)
    order = order_of(domain)
    with pytest.raises(IncorrectUsageError, match="an enricher returns a dictionary, or None"):
        order().raise_(placed(domain, 1, name=str)(name="x"))
    with pytest.raises(IncorrectUsageError, match="give it a function"):
        domain.event_enricher(3)


def test_aggregates_and_commands_are_enriched_too(domain):
    order = order_of(domain)

    @domain.aggregate_enricher
    def stamped(aggregate):
        aggregate.customer = "stamped"

    @domain.command_enricher
    def asked(command):
        return {"asked_by": "Ann"}

    @domain.command(part_of=order)
    class PlaceOrder: ...

    @domain.command_handler(part_of=order)
    class Placing:
        @handle(PlaceOrder)
        def place(self, command):
            domain.repository_for(order).add(order(id="o-1"))
            return command._metadata.extensions

    assert domain.process(PlaceOrder()) == {"asked_by": "Ann"}
    assert domain.repository_for(order).get("o-1").customer == "stamped"


def test_a_command_with_an_idempotency_key_is_processed_once(domain):
    order, count = order_of(domain), []

    @domain.command(part_of=order)
    class PlaceOrder: ...

    @domain.command_handler(part_of=order)
    class Placing:
        @handle(PlaceOrder)
        def place(self, command):
            count.append(command._metadata.headers.idempotency_key)
            return len(count)

    assert domain.process(PlaceOrder(), idempotency_key="k") == 1
    assert domain.process(PlaceOrder(), idempotency_key="k") == 1
    assert domain.process(PlaceOrder(), asynchronous=False) == 2
    assert count == ["k", None]
    with pytest.raises(DuplicateCommandError, match="was processed already") as caught:
        domain.process(PlaceOrder(), idempotency_key="k", raise_on_duplicate=True)
    assert caught.value.original_result == 1
    assert domain.fork().process(PlaceOrder(), idempotency_key="k") == 3
    with pytest.raises(IncorrectUsageError, match="there is no such option: did you mean 'priority'"):
        domain.process(PlaceOrder(), prioritie=3)


def test_meta_tells_options_by_protean_s_names(domain):
    order = order_of(domain, stream_category="sales")
    event = placed(domain, 2, name=str)
    assert order.meta_.stream_category == "bookshop::sales"
    assert event.meta_.part_of is order
    assert event.meta_.stream_category == "bookshop::sales"
    assert (order.meta_.is_event_sourced, order.meta_.schema_name) == (False, "order")
    assert event.meta_.aggregate_cluster is order
    with pytest.raises(AttributeError, match="OrderPlaced has no option 'nope'"):
        _ = event.meta_.nope


def test_a_context_has_values_and_ends_with_what_was_asked_for(domain):
    ended = []
    domain.teardown_domain_context(ended.append)
    with domain.domain_context(user="Ann"):
        assert g.user == "Ann"
        g.log = 3
        assert ("log" in g, g.pop("log"), g.get("log", 4)) == (True, 3, 4)
    assert g.get("user") is None
    assert ended == [None]
    context = domain.domain_context()
    context.push()
    context.pop()
    with pytest.raises(IncorrectUsageError, match="is not open"):
        context.pop()
    with pytest.raises(AttributeError, match="g has no 'user'"):
        _ = g.user


def test_identities_may_come_from_a_function():
    numbers = iter(range(1, 9))
    domain = Domain(name="Bookshop", identity_function=lambda: next(numbers))
    order = order_of(domain)
    assert [order().id, order().id] == ["1", "2"]


def test_after_its_deadline_a_command_is_refused(domain):
    order = order_of(domain)
    command = domain.command(part_of=order)(type("PlaceOrder", (), {}))
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    with pytest.raises(CommandExpiredError, match="which is over") as caught:
        domain.process(command(), deadline=past)
    assert (caught.value.command_type, caught.value.deadline) == ("Bookshop.PlaceOrder.v1", past)
