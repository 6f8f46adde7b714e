"""Messages from another house, translated at the door."""

from protean import Domain, handle
from protean.fields import Identifier, Integer, String
from protean.utils.globals import current_domain

domain = Domain(name="Library")
domain.config["event_processing"] = "sync"
domain.config["command_processing"] = "sync"
domain.config["message_processing"] = "sync"


@domain.command(part_of="Delivery")
class TakeDelivery:
    parcel = Identifier(required=True)
    books = Integer(required=True)


@domain.aggregate
class Delivery:
    parcel = Identifier(identifier=True)
    books = Integer()
    carrier = String(default="post")


@domain.command_handler(part_of=Delivery)
class Door:
    @handle(TakeDelivery)
    def take(self, command):
        domain.repository_for(Delivery).add(Delivery(**command.payload))


@domain.subscriber(broker="default", stream="parcels")
class FromThePublisher:
    def __call__(self, payload: dict):
        print("rings:", payload["what"])
        if payload["what"] == "parcel":
            current_domain.process(TakeDelivery(parcel=payload["number"], books=len(payload["content"])))


domain.init(traverse=False)

with domain.domain_context():
    broker = domain.brokers["default"]
    broker.publish("parcels", {"what": "parcel", "number": "n-1", "content": ["Emma", "Dune"]})
    broker.publish("parcels", {"what": "leaflet"})
    broker.publish("elsewhere", {"what": "nothing"})
    print(domain.repository_for(Delivery).get("n-1").to_dict())
    print(FromThePublisher.meta_.broker, FromThePublisher.meta_.stream)
