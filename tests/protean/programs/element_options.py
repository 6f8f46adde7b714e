"""What an element's class says about itself."""

from protean import Domain, apply, handle
from protean.core.projector import on
from protean.fields import HasMany, Identifier, Integer, Reference, String, ValueObject

domain = Domain(name="Library")


@domain.value_object
class Place:
    room = String()


@domain.aggregate(limit=50, schema_name="all_books")
class Book:
    title = String()
    place = ValueObject(Place)
    copies = HasMany("Copy")


@domain.entity(part_of=Book)
class Copy:
    number = Integer()
    book = Reference(Book)


@domain.event(part_of=Book)
class CopyLent:
    book_id = Identifier(required=True)


@domain.command(part_of=Book)
class LendCopy:
    book_id = Identifier(required=True)


@domain.event(part_of="Member")
class MemberJoined:
    name = String()


@domain.aggregate(event_sourced=True, fact_events=True)
class Member:
    name = String()

    @apply
    def joined(self, event: MemberJoined):
        self.name = event.name


@domain.event_handler(part_of=Member, stream_category="library::book")
class Letters:
    @handle(CopyLent)
    def write(self, event):
        pass


@domain.projection
class Lent:
    book_id = Identifier(identifier=True)


@domain.projector(projector_for=Lent, aggregates=[Book])
class KeepLent:
    @on(CopyLent)
    def lent(self, event):
        pass


domain.init(traverse=False)

with domain.domain_context():
    print(Book.meta_.limit, Book.meta_.schema_name, Member.meta_.schema_name, Book.meta_.is_event_sourced)
    print(Member.meta_.is_event_sourced, Member.meta_.fact_events, Book.meta_.fact_events)
    print(Book.meta_.stream_category, Book.meta_.provider, Book.meta_.abstract)
    print(Copy.meta_.part_of is Book, CopyLent.meta_.part_of is Book, LendCopy.meta_.part_of is Book)
    print(Letters.meta_.part_of is Member, Letters.meta_.stream_category, Letters.meta_.source_stream)
    print(KeepLent.meta_.projector_for is Lent, [kind.__name__ for kind in KeepLent.meta_.aggregates])
    print(Copy.meta_.aggregate_cluster is Book, CopyLent.meta_.aggregate_cluster is Book)
    print(CopyLent.__type__, LendCopy.__type__)
    book = Book(title="Emma", place=Place(room="N"))
    print(book._version)
    domain.repository_for(Book).add(book)
    book = domain.repository_for(Book).get(book.id)
    print(book._version)
    book.title = "Dune"
    domain.repository_for(Book).add(book)
    print(domain.repository_for(Book).get(book.id)._version)
