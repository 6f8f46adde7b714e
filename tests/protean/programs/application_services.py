"""Use cases: one call, one unit of work."""

from protean import Domain, handle, use_case
from protean.exceptions import ValidationError
from protean.fields import Identifier, String

domain = Domain(name="Library")
domain.config["event_processing"] = "sync"


@domain.event(part_of="Reader")
class ReaderJoined:
    reader_id = Identifier(required=True)
    name = String()


@domain.aggregate
class Reader:
    name = String(required=True)
    status = String(choices=["guest", "member"], default="guest")

    @classmethod
    def join(cls, name):
        reader = cls(name=name)
        reader.raise_(ReaderJoined(reader_id=reader.id, name=name))
        return reader


@domain.event_handler(part_of=Reader)
class Welcome:
    @handle(ReaderJoined)
    def greet(self, event):
        print("welcome,", event.name)


@domain.application_service(part_of=Reader)
class Desk:
    @use_case
    def join(self, name):
        reader = Reader.join(name)
        domain.repository_for(Reader).add(reader)
        print("the desk is done")
        return reader.id

    @use_case
    def promote(self, reader_id, *, really=True):
        reader = domain.repository_for(Reader).get(reader_id)
        reader.status = "member"
        domain.repository_for(Reader).add(reader)
        if not really:
            raise LookupError("the form is missing")


domain.init(traverse=False)

with domain.domain_context():
    desk = Desk()
    identity = desk.join("Ann")
    readers = domain.repository_for(Reader)
    print(readers.get(identity).status)
    try:
        desk.promote(identity, really=False)
    except LookupError as error:
        print(type(error).__name__, readers.get(identity).status)
    desk.promote(reader_id=identity)
    print(readers.get(identity).status)
    try:
        desk.join(None)
    except ValidationError as error:
        print(sorted(error.messages))
    print(readers.query.all().total)
