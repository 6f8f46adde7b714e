"""What an error carries."""

from protean import Domain
from protean.exceptions import (
    ExpectedVersionError,
    InvalidDataError,
    InvalidOperationError,
    NotSupportedError,
    ObjectNotFoundError,
    ProteanException,
    TooManyObjectsError,
    ValidationError,
)
from protean.fields import Integer, String

domain = Domain(name="Library")


@domain.aggregate
class Room:
    name = String(required=True, max_length=5)
    seats = Integer(required=True, min_value=1)


domain.init(traverse=False)

with domain.domain_context():
    error = ValidationError({"name": ["is dull", "is long"], "seats": ["are few"]})
    print(error.messages, isinstance(error, Exception), isinstance(error, ProteanException))
    try:
        Room(name="Reading room", seats=0)
    except ValidationError as caught:
        print(sorted(caught.messages), caught.messages["seats"])
    try:
        Room()
    except ValidationError as caught:
        print(caught.messages["name"], caught.messages["seats"])
    for kind in (
        ObjectNotFoundError,
        TooManyObjectsError,
        ExpectedVersionError,
        InvalidOperationError,
        NotSupportedError,
    ):
        print(kind.__name__, issubclass(kind, ProteanException), issubclass(kind, ValidationError))
    print(InvalidDataError({"file": ["is empty"]}).messages)
    try:
        domain.repository_for(Room).get("nowhere")
    except ObjectNotFoundError as caught:
        print(type(caught).__name__)
