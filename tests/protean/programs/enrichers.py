"""What is added to each message, and to each aggregate before it is stored."""

from protean import Domain, handle
from protean.fields import Identifier, String
from protean.utils.globals import g

domain = Domain(name="Library")
domain.config["event_processing"] = "sync"
domain.config["command_processing"] = "sync"


@domain.event(part_of="Note")
class NoteWritten:
    note_id = Identifier(required=True)


@domain.command(part_of="Note")
class WriteNote:
    text = String(required=True)


@domain.aggregate
class Note:
    text = String()
    written_by = String()


@domain.command_handler(part_of=Note)
class Desk:
    @handle(WriteNote)
    def write(self, command):
        note = Note(text=command.text)
        note.raise_(NoteWritten(note_id=note.id))
        domain.repository_for(Note).add(note)
        print("command:", command._metadata.extensions)
        return note.id


@domain.event_handler(part_of=Note)
class Diary:
    @handle(NoteWritten)
    def written(self, event):
        print("event:", event._metadata.extensions)


@domain.event_enricher
def with_room(event, aggregate):
    return {"room": "north", "about": type(aggregate).__name__}


@domain.event_enricher
def with_user(event, aggregate):
    return {"user": g.get("user", "nobody"), "room": "south"}


@domain.command_enricher
def with_request(command):
    return {"request": f"for {type(command).__name__}"}


@domain.aggregate_enricher
def signed(aggregate):
    if isinstance(aggregate, Note):  # Protean stores messages this way too
        aggregate.written_by = g.get("user", "nobody")


domain.init(traverse=False)

with domain.domain_context():
    identity = domain.process(WriteNote(text="shh"))
    print(domain.repository_for(Note).get(identity).written_by)
    g.user = "Ann"
    identity = domain.process(WriteNote(text="psst"))
    print(domain.repository_for(Note).get(identity).written_by)
