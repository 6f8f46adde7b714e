"""Facts: after each change, the whole state as an event."""

from protean import Domain
from protean.fields import Float, HasMany, String, ValueObject

domain = Domain(name="Library")
domain.config["event_processing"] = "sync"


@domain.value_object
class Fee:
    amount = Float()


@domain.aggregate(fact_events=True)
class Member:
    name = String(required=True)
    fee = ValueObject(Fee)
    cards = HasMany("Card")


@domain.entity(part_of=Member)
class Card:
    colour = String()


domain.init(traverse=False)

with domain.domain_context():
    members = domain.repository_for(Member)
    ann = Member(name="Ann", fee=Fee(amount=5), cards=[Card(colour="red")])
    members.add(ann)
    ann = members.get(ann.id)
    ann.name = "Anna"
    members.add(ann)
    stream = f"library::member-fact-{ann.id}"
    facts = domain.event_store.store.read(stream)
    print([message.metadata.headers.type for message in facts])
    for message in facts:
        fact = message.to_domain_object()
        print(type(fact).__name__, fact.name, fact.fee.amount, [card.colour for card in fact.cards])
    print(len(domain.event_store.store.read(f"library::member-{ann.id}")))
    print(sorted(facts[0].data))
