"""Streams and categories: who is named how, and which handler listens to what."""

import datetime as dt
import hashlib
import json

import pytest

from ddd_kit import Domain, handle
from ddd_kit.building_blocks.element import Kind
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.fields import Identifier

domain = Domain(name="My Bookshop")


@domain.event(part_of="OrderItem")
class ItemPacked:
    item_id = Identifier(required=True)


@domain.event(part_of="OrderItem")
class ItemSent:
    item_id = Identifier(required=True)


@domain.aggregate
class OrderItem:
    quantity: int = 1

    def pack(self):
        self.raise_(ItemPacked(item_id=self.id))

    def send(self):
        self.raise_(ItemSent(item_id=self.id))


@domain.event(part_of="Parcel")
class ParcelPosted:
    parcel_id = Identifier(required=True)


@domain.aggregate(stream_category="post")
class Parcel:
    weight: int = 1

    def post(self):
        self.raise_(ParcelPosted(parcel_id=self.id))


@domain.command(part_of=OrderItem)
class PackItem:
    item_id = Identifier(required=True)


@domain.command(part_of=OrderItem, stream_category="warehouse")
class SendItem:
    item_id = Identifier(identifier=True)


@domain.command_handler(part_of=OrderItem)
class Warehouse:
    @handle(PackItem)
    def pack(self, command):
        item = domain.repository_for(OrderItem).get(command.item_id)
        item.pack()
        domain.repository_for(OrderItem).add(item)

    @handle(SendItem)
    def send(self, command):
        item = domain.repository_for(OrderItem).get(command.item_id)
        item.send()
        domain.repository_for(OrderItem).add(item)


@pytest.fixture(autouse=True)
def _empty():
    """Each test begins with an empty world and no event handler."""
    domain.reset()
    yield
    handlers = [element.name for element in domain.registry.of_kind(Kind.EVENT_HANDLER)]
    for name in handlers:
        domain.forget(name)


def packed():
    item = OrderItem()
    item.pack()
    return domain.repository_for(OrderItem).add(item)


def posted():
    parcel = Parcel()
    parcel.post()
    return domain.repository_for(Parcel).add(parcel)


def listen(*targets, name="Listener", **options):
    """Define an event handler that keeps what it hears."""
    heard = []

    def method(target):
        @handle(target)
        def hear(self, event):
            heard.append(event)

        return hear

    methods = {f"hear_{number}": method(target) for number, target in enumerate(targets)}
    domain.event_handler(**options)(type(name, (), methods))
    return heard


def names(heard):
    return [type(event).__name__ for event in heard]


def test_a_stream_is_named_after_domain_category_and_identity():
    """The category is the aggregate's name in snake case, or its `stream_category`."""
    item, parcel = packed(), posted()
    assert [event.stream for event in domain.stream(item)] == [f"my_bookshop::order_item-{item.id}"]
    assert [event.stream for event in domain.stream(Parcel)] == [f"my_bookshop::post-{parcel.id}"]


def test_streams_are_found_by_object_class_and_by_bare_or_full_name():
    first, second = packed(), packed()
    assert len(domain.stream(first)) == 1
    for name in (OrderItem, "order_item", "my_bookshop::order_item"):
        assert [event.aggregate_id for event in domain.stream(name)] == [first.id, second.id]
    assert [event.aggregate_id for event in domain.stream(f"order_item-{second.id}")] == [second.id]


def test_a_category_whose_name_begins_another_is_not_mixed_up_with_it():
    """`order` and `order-1` of one domain are different streams from `order-10`."""
    items = domain.repository_for(OrderItem)
    for identity in ("1", "10", "1-0"):
        item = OrderItem(id=identity)
        item.pack()
        items.add(item)
    assert [len(domain.stream(f"order_item-{identity}")) for identity in ("1", "10", "1-0")] == [1, 1, 1]


def test_events_of_one_aggregate_are_numbered_from_0():
    item = packed()
    item.pack()
    item.send()
    domain.repository_for(OrderItem).add(item)
    stream = domain.stream(item)
    assert [(event.position, event.type) for event in stream] == [
        (0, "ItemPacked"),
        (1, "ItemPacked"),
        (2, "ItemSent"),
    ]
    assert [event.sequence_id for event in stream] == ["0.1", "1.1", "1.2"]


def test_a_stream_shows_the_short_form():
    item = OrderItem(id="i-1")
    item.pack()
    domain.repository_for(OrderItem).add(item)
    assert repr(domain.stream(item)) == "Stream order_item-i-1: 1 event\n  0 ItemPacked on order_item-i-1"


def test_a_handler_listens_to_the_category_of_its_aggregate():
    """By class and by name; an aggregate with a category of its own is heard on that."""
    items = listen("$any", name="A", part_of=OrderItem)
    parcels = listen("$any", name="B", part_of="Parcel")
    packed()
    posted()
    assert (names(items), names(parcels)) == (["ItemPacked"], ["ParcelPosted"])


@pytest.mark.parametrize("category", ["order_item", "my_bookshop::order_item"])
def test_a_stream_category_goes_before_the_aggregate(category):
    """A handler that is part of one aggregate listens to another one's events."""
    heard = listen(ItemPacked, ParcelPosted, part_of=Parcel, stream_category=category)
    packed()
    posted()
    assert names(heard) == ["ItemPacked"]


def test_a_stream_category_is_enough():
    heard = listen(ParcelPosted, stream_category="post")
    posted()
    assert names(heard) == ["ParcelPosted"]


def test_a_category_of_another_domain_is_another_category():
    heard = listen(ItemPacked, stream_category="sales::order_item")
    packed()
    assert heard == []


def test_all_hears_every_category():
    """And of each only the events that its methods name, or `$any`."""
    everything = listen("$any", name="A", stream_category="$all")
    some = listen(ItemPacked, ParcelPosted, name="B", stream_category="$all")
    item = packed()
    item.send()
    domain.repository_for(OrderItem).add(item)
    posted()
    assert names(everything) == ["ItemPacked", "ItemSent", "ParcelPosted"]
    assert names(some) == ["ItemPacked", "ParcelPosted"]


def test_any_takes_what_no_other_method_takes():
    calls = []

    @domain.event_handler(part_of=OrderItem)
    class Listener:
        @handle("$any")
        def rest(self, event):
            calls.append(("rest", type(event).__name__))

        @handle(ItemPacked)
        def packed(self, event):
            calls.append(("packed", type(event).__name__))

    item = packed()
    item.send()
    domain.repository_for(OrderItem).add(item)
    assert calls == [("packed", "ItemPacked"), ("rest", "ItemSent")]


def test_several_methods_may_handle_one_event_and_one_method_several():
    """Methods run in order of definition."""
    calls = []

    @domain.event_handler(part_of=OrderItem)
    class Listener:
        @handle(ItemPacked)
        def second(self, event):
            calls.append(("second", type(event).__name__))

        @handle(ItemPacked)
        @handle(ItemSent)
        def first(self, event):
            calls.append(("first", type(event).__name__))

    item = OrderItem()
    item.pack()
    item.send()
    domain.repository_for(OrderItem).add(item)
    assert calls == [("second", "ItemPacked"), ("first", "ItemPacked"), ("first", "ItemSent")]


def test_a_handler_may_name_its_event_by_text():
    heard = listen("ItemPacked", part_of=OrderItem)
    packed()
    assert names(heard) == ["ItemPacked"]


def test_inherited_methods_handle_too():
    heard = []

    class Base:
        @handle(ItemPacked)
        def hear(self, _event):
            heard.append(type(self).__name__)

    @domain.event_handler(part_of=OrderItem)
    class Listener(Base):
        pass

    packed()
    assert heard == ["Listener"]


def test_a_command_goes_to_a_stream_of_its_category():
    """Named after its own identity where it has one, else after its message id."""
    item = domain.repository_for(OrderItem).add(OrderItem())
    domain.process(PackItem(item_id=item.id))
    domain.process(SendItem(item_id=item.id))
    pack, send = domain.journal.of(kind="command")
    assert pack.stream == f"my_bookshop::order_item:command-{pack.message_id}"
    assert send.stream == f"my_bookshop::warehouse:command-{item.id}"


def test_an_event_of_plain_code_has_no_cause():
    heard = listen(ItemPacked, part_of=OrderItem)
    packed()
    [event] = domain.stream(OrderItem)
    assert (event.causes, event.origin_stream, event.causation_id, event.cause) == ((), None, None, None)
    assert heard[0]._metadata.domain.origin_stream is None


@pytest.mark.parametrize(
    "source", ["warehouse", "my_bookshop::warehouse", "warehouse:command", "my_bookshop::warehouse:command"]
)
def test_a_source_stream_lets_in_what_came_of_its_category(source):
    """Bare, prefixed, with and without `:command`; what plain code raised stays out."""
    heard = listen(ItemSent, ItemPacked, part_of=OrderItem, source_stream=source)
    item = packed()
    domain.process(PackItem(item_id=item.id))
    domain.process(SendItem(item_id=item.id))
    assert names(heard) == ["ItemSent"]


def test_a_source_stream_looks_further_up_the_chain_of_causes():
    """The command's category travels with the events that it leads to; so does that of an event."""

    @domain.event_handler(part_of=OrderItem)
    class PostIt:
        @handle(ItemSent)
        def post(self, _event):
            posted()

    from_command = listen(ParcelPosted, name="A", stream_category="post", source_stream="warehouse")
    from_event = listen(ParcelPosted, name="B", stream_category="post", source_stream="order_item")
    from_elsewhere = listen(ParcelPosted, name="C", stream_category="post", source_stream="post")
    item = domain.repository_for(OrderItem).add(OrderItem())
    domain.process(SendItem(item_id=item.id))
    assert (len(from_command), len(from_event), len(from_elsewhere)) == (1, 1, 0)
    item = domain.repository_for(OrderItem).get(item.id)
    item.send()
    domain.repository_for(OrderItem).add(item)
    assert (len(from_command), len(from_event), len(from_elsewhere)) == (1, 2, 0)
    assert domain.stream(Parcel)[0].causes == ("my_bookshop::warehouse", "my_bookshop::order_item")


def test_a_source_stream_needs_no_journal():
    """With the journal switched off it works the same."""
    heard = listen(ItemSent, part_of=OrderItem, source_stream="warehouse")
    domain.config["journal"] = False
    try:
        item = domain.repository_for(OrderItem).add(OrderItem())
        domain.process(SendItem(item_id=item.id))
        item = domain.repository_for(OrderItem).get(item.id)
        item.send()
        domain.repository_for(OrderItem).add(item)
    finally:
        domain.config["journal"] = True
    assert names(heard) == ["ItemSent"]


def test_metadata_of_an_event_that_a_command_led_to():
    """Three parts, with every field."""
    heard = listen(ItemSent, part_of=OrderItem)
    item = domain.repository_for(OrderItem).add(OrderItem())
    domain.process(SendItem(item_id=item.id))
    [command] = domain.journal.of(kind="command")
    headers, meta, envelope = (
        heard[0]._metadata.headers,
        heard[0]._metadata.domain,
        heard[0]._metadata.envelope,
    )
    stream = f"my_bookshop::order_item-{item.id}"
    assert (headers.id, headers.type, headers.stream) == (f"{stream}-1.1", "MyBookshop.ItemSent.v1", stream)
    assert isinstance(headers.time, dt.datetime)
    assert headers.time.tzinfo is dt.UTC
    assert (meta.fqn, meta.kind, meta.version) == (f"{__name__}.ItemSent", "EVENT", 1)
    assert (meta.stream_category, meta.sequence_id) == ("my_bookshop::order_item", "1.1")
    assert meta.origin_stream == f"my_bookshop::warehouse:command-{item.id}"
    assert meta.causation_id == meta.correlation_id == command.message_id
    assert envelope.specversion == "1.0"
    payload = json.dumps({"item_id": item.id}, sort_keys=True).encode()
    assert envelope.checksum == hashlib.sha256(payload).hexdigest()


def test_metadata_as_dictionaries_have_the_same_three_parts():
    heard = listen(ItemPacked, part_of=OrderItem)
    packed()
    parts = heard[0]._metadata.to_dict()
    assert list(parts) == ["headers", "domain", "envelope", "extensions"]
    assert list(parts["headers"]) == [
        "id", "type", "time", "stream", "idempotency_key", "traceparent", "deadline",
    ]  # fmt: skip
    assert list(parts["domain"]) == [
        "fqn", "kind", "stream_category", "origin_stream", "version", "sequence_id",
        "correlation_id", "causation_id", "asynchronous", "expected_version", "priority",
    ]  # fmt: skip
    assert list(parts["envelope"]) == ["specversion", "checksum"]


def test_metadata_of_a_command_in_its_handler():
    seen = []

    @domain.command(part_of=OrderItem, stream_category="warehouse")
    class CountItems:
        shelf: int = 1

    @domain.command_handler(part_of=OrderItem)
    class Counter:
        @handle(CountItems)
        def count(self, command):
            seen.append(command)

    command = CountItems()
    domain.process(command)
    domain.forget("Counter")
    domain.forget("CountItems")
    [entry] = domain.journal.of(kind="command")
    assert seen == [command]
    headers, meta = command._metadata.headers, command._metadata.domain
    assert (headers.id, headers.type) == (entry.message_id, "MyBookshop.CountItems.v1")
    assert headers.stream == entry.stream == f"my_bookshop::warehouse:command-{entry.message_id}"
    assert (meta.kind, meta.stream_category) == ("COMMAND", "my_bookshop::warehouse:command")


def test_correlation_is_that_of_the_first_message_and_causation_that_of_the_nearest():
    """An event of plain code begins a chain of its own."""

    @domain.event_handler(part_of=OrderItem)
    class PostIt:
        @handle(ItemPacked)
        def post(self, _event):
            posted()

    packed()
    [first], [second] = domain.stream(OrderItem), domain.stream(Parcel)
    assert first.correlation_id is None
    assert second.correlation_id == second.causation_id == first.message_id
    assert second.origin_stream == first.stream


def test_an_event_that_is_not_raised_yet_belongs_to_no_stream():
    """After `raise_` its name is known, and after `add` all of it."""
    item, event = OrderItem(id="i-1"), ItemPacked(item_id="i-1")
    assert (event._metadata.headers.id, event._metadata.headers.stream) == (None, None)
    assert event._metadata.headers.type == "MyBookshop.ItemPacked.v1"
    item.raise_(event)
    assert event._metadata.headers.id == "my_bookshop::order_item-i-1-0.1"
    assert event._metadata.domain.stream_category == "my_bookshop::order_item"
    domain.repository_for(OrderItem).add(item)
    assert event._metadata.headers.id == domain.stream(item)[0].message_id
    assert event._metadata.headers.time == domain.stream(item)[0].at


def test_fact_events_are_on_a_category_of_their_own():
    shop = Domain(name="Bookshop")

    @shop.aggregate(fact_events=True)
    class Inventory:
        in_stock: int = 0

    fact = shop.registry.elements["InventoryFactEvent"]
    assert shop.registry.message_category(fact) == "bookshop::inventory-fact"
    assert fact.cls.meta_.stream_category == "bookshop::inventory-fact"
    assert list(shop.stream("inventory-fact")) == []

    shop.repository_for(Inventory).add(Inventory(id="i-1"))
    assert [event.type for event in shop.stream("inventory-fact")] == ["InventoryFactEvent"]
    assert [event.type for event in shop.stream("inventory-fact-i-1")] == ["InventoryFactEvent"]
    assert list(shop.stream("inventory")) == []


def test_a_fact_category_that_there_is_not_is_a_mistyped_one():
    shop = Domain(name="Bookshop")

    @shop.aggregate
    class Inventory: ...

    with pytest.raises(IncorrectUsageError, match="did you mean 'inventory'"):
        shop.stream("inventory-fact")
