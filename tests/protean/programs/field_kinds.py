"""One field of each kind: what is given, and what comes back from the shelf."""

from datetime import UTC, date, datetime
from decimal import Decimal as Amount

from protean import Domain
from protean.exceptions import ValidationError
from protean.fields import (
    Auto,
    Boolean,
    Date,
    DateTime,
    Decimal,
    Dict,
    Float,
    Identifier,
    Integer,
    List,
    String,
    Text,
)

domain = Domain(name="Library")


@domain.aggregate
class Book:
    isbn = Identifier(identifier=True)
    title = String(required=True, max_length=40)
    blurb = Text()
    pages = Integer()
    weight = Float()
    price = Decimal(precision=8, scale=2)
    lendable = Boolean(default=True)
    printed = Date()
    arrived = DateTime()
    subjects = List(content_type=String)
    notes = Dict()


@domain.aggregate
class Ticket:
    number = Auto(increment=True)
    topic = String()


@domain.aggregate
class Shelf:
    """All three ways to write a field."""

    room = String(max_length=10)
    letter: String(max_length=1, default="A")
    places: int = 20
    full: bool = False
    label: str | None = None


def attempt(action):
    try:
        return action()
    except ValidationError as error:
        return dict(error.messages)


domain.init(traverse=False)

with domain.domain_context():
    book = Book(
        isbn=9783,
        title="Dune",
        blurb="Sand, and more sand",
        pages="604",
        weight=0.7,
        price="12.50",
        printed="1965-08-01",
        arrived=datetime(2024, 5, 1, 9, 30, tzinfo=UTC),
        subjects=["desert", "power"],
        notes={"spine": "worn", "signed": False},
    )
    domain.repository_for(Book).add(book)
    stored = domain.repository_for(Book).get("9783")
    for name in ("isbn", "title", "blurb", "pages", "weight", "price", "lendable", "subjects", "notes"):
        print(name, type(getattr(stored, name)).__name__, repr(getattr(stored, name)))
    print(
        stored.printed == date(1965, 8, 1),
        stored.arrived.year,
        stored.arrived.hour,
        stored.price == Amount("12.50"),
    )
    print(stored == book, stored.pages + 1)

    for wrong in (
        {"title": None},
        {"title": "x" * 41},
        {"pages": "many"},
        {"lendable": "perhaps"},
        {"printed": "yesterday"},
        {"subjects": "desert"},
        {"notes": "worn"},
    ):
        values = {"isbn": "1", "title": "Emma", **wrong}
        messages = attempt(lambda values=values: Book(**values))
        print(sorted(wrong), "refused:", sorted(messages))

    for topic in ("lost", "found"):
        ticket = domain.repository_for(Ticket).add(Ticket(topic=topic))
        print(ticket.topic, ticket.number)

    shelf = Shelf(room="north")
    shelf.label = "poetry"
    print({name: value for name, value in shelf.to_dict().items() if name != "id"})
    print(attempt(lambda: Shelf(letter="AB")))
    print(sorted(attempt(lambda: Shelf(colour="red"))))
