"""Names: of streams, of types, and what each message says about itself."""

from protean import Domain, handle
from protean.fields import Identifier, String

domain = Domain(name="Book Shop")
domain.config["event_processing"] = "sync"
domain.config["command_processing"] = "sync"


@domain.command(part_of="SpecialOrder")
class PlaceOrder:
    order_id = Identifier(identifier=True)
    title = String()


@domain.event(part_of="SpecialOrder")
class OrderPlaced:
    order_id = Identifier(identifier=True)
    title = String()


@domain.event(part_of="SpecialOrder")
class OrderPacked:
    __version__ = 2

    order_id = Identifier(identifier=True)


@domain.aggregate
class SpecialOrder:
    order_id = Identifier(identifier=True)
    title = String()

    @classmethod
    def place(cls, order_id, title):
        order = cls(order_id=order_id, title=title)
        order.raise_(OrderPlaced(order_id=order_id, title=title))
        order.raise_(OrderPacked(order_id=order_id))
        return order


@domain.aggregate(stream_category="till")
class Sale:
    sum = String()


@domain.event(part_of=Sale)
class Paid:
    sum = String()


@domain.command_handler(part_of=SpecialOrder)
class Desk:
    @handle(PlaceOrder)
    def place(self, command):
        seen["command"] = command
        domain.repository_for(SpecialOrder).add(SpecialOrder.place(command.order_id, command.title))


@domain.event_handler(part_of=SpecialOrder)
class Log:
    @handle(OrderPlaced)
    def placed(self, event):
        seen["placed"] = event

    @handle(OrderPacked)
    def packed(self, event):
        seen["packed"] = event


def tell(message):
    headers, of, envelope = message._metadata.headers, message._metadata.domain, message._metadata.envelope
    print(headers.type, headers.stream, len(headers.id) > 0, headers.time is not None)
    print(of.fqn.split(".")[-1], of.kind, of.version, of.sequence_id, of.asynchronous)
    print(envelope.specversion, bool(envelope.checksum))


seen = {}
domain.init(traverse=False)

with domain.domain_context():
    print(domain.name, domain.normalized_name, domain.camel_case_name)
    print(SpecialOrder.meta_.stream_category, Sale.meta_.stream_category)
    print(PlaceOrder.__type__, OrderPlaced.__type__, OrderPacked.__type__, Paid.__type__)
    domain.process(PlaceOrder(order_id="o-1", title="Emma"))
    for name in ("command", "placed", "packed"):
        print("--", name)
        tell(seen[name])
    command, placed, packed = seen["command"]._metadata, seen["placed"]._metadata, seen["packed"]._metadata
    print(placed.domain.correlation_id == command.domain.correlation_id == packed.domain.correlation_id)
    print(placed.domain.causation_id == command.headers.id, command.domain.causation_id)
    print(placed.domain.stream_category, placed.headers.id, packed.headers.id)

    sale = Sale(id="s-1")
    sale.raise_(Paid(sum="9.50"))
    print(sale._events[0]._metadata.headers.stream, sale._events[0]._metadata.domain.stream_category)
    domain.repository_for(Sale).add(sale)
    store = domain.event_store.store
    print([message.metadata.headers.type for message in store.read("book_shop::special_order-o-1")])
    print([message.data for message in store.read("book_shop::till-s-1")])
    print(store.read("book_shop::special_order-o-1")[0].to_domain_object().title)
    print([message.metadata.headers.stream for message in store.read("book_shop::special_order")])
    print(store.read_last_message("book_shop::till-s-1").metadata.headers.type)
