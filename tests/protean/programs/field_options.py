"""What an option of a field asks for, and what is said when it is not met."""

from enum import Enum

from protean import Domain
from protean.exceptions import ValidationError
from protean.fields import Float, Identifier, Integer, List, String

domain = Domain(name="Library")


class Binding(Enum):
    HARD = "hardcover"
    SOFT = "paperback"


def next_shelf():
    return "B7"


class NoShouting:
    def __init__(self):
        self.error = "is shouted"

    def __call__(self, value):
        if value.isupper():
            raise ValueError(self.error)


@domain.aggregate
class Member:
    card = Identifier(identifier=True)
    name = String(required=True, min_length=2, max_length=12)
    age = Integer(min_value=6, max_value=120)
    fee = Float(default=5.0)
    mail = String(unique=True)
    kind = String(choices=["child", "adult"], default="adult")


@domain.aggregate
class Copy:
    binding = String(choices=Binding, default=Binding.SOFT.value)
    shelf = String(default=next_shelf)
    marks = List(default=list)
    motto = String(validators=[NoShouting()])


def attempt(action):
    try:
        action()
        return "accepted"
    except ValidationError as error:
        return dict(error.messages)


domain.init(traverse=False)

with domain.domain_context():
    print(attempt(lambda: Member(card="1")))
    print(attempt(lambda: Member(card="1", name="A")))
    print(attempt(lambda: Member(card="1", name="Wolfeschlegelstein")))
    print(attempt(lambda: Member(card="1", name="Ann", age=5)))
    print(attempt(lambda: Member(card="1", name="Ann", age=121)))
    print(sorted(attempt(lambda: Member(card="1", name="Ann", kind="owl"))))
    print(sorted(attempt(lambda: Member(card="1", age=1, kind="owl"))))

    ann = Member(card="1", name="Ann", age=6, mail="ann@example.org")
    print(ann.fee, ann.kind, ann.age)
    print(attempt(lambda: setattr(ann, "age", 3)), ann.age)
    print(sorted(attempt(lambda: setattr(ann, "name", None))), ann.name)
    print(attempt(lambda: setattr(ann, "name", "Anna")), ann.name)

    members = domain.repository_for(Member)
    members.add(ann)
    print(sorted(attempt(lambda: members.add(Member(card="2", name="Bob", mail="ann@example.org")))))
    print(members.query.all().total)

    one, two = Copy(), Copy()
    one.marks.append("torn")
    print(one.binding, one.shelf, one.marks, two.marks)
    print(Copy(binding="hardcover").binding, attempt(lambda: Copy(binding="leather")) == "accepted")
    print(attempt(lambda: Copy(motto="quiet")), sorted(attempt(lambda: Copy(motto="LOUD"))))
