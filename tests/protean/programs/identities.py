"""Who is who: identities given, made, and kept for life."""

from protean import Domain
from protean.exceptions import ObjectNotFoundError
from protean.fields import Identifier, String

domain = Domain(name="Library")


@domain.aggregate
class Reader:
    name = String()


@domain.aggregate
class Room:
    door = Identifier(identifier=True)
    name = String()


domain.init(traverse=False)

with domain.domain_context():
    ann, twin = Reader(name="Ann"), Reader(name="Ann")
    print(ann == twin, ann == Reader(id=ann.id, name="somebody else"), len(ann.id))
    print(str(Room(door="N1", name="Hall")), repr(Room(door="N1", name="Hall")))
    print(Room(door="N1") == Room(door="N1", name="Hall"), hash(Room(door="N1")) == hash(Room(door="N1")))
    print(Room(door="N1").to_dict())
    rooms = domain.repository_for(Room)
    rooms.add(Room(door="N1", name="Hall"))
    found = rooms.get("N1")
    print(found.name, found is rooms.get("N1"))
    found.name = "Great hall"
    rooms.add(found)
    print(rooms.get("N1").name, rooms.query.all().total)
    try:
        rooms.get("N2")
    except ObjectNotFoundError as error:
        print(type(error).__name__)
    print({ann.id: "kept"}[ann.id])
