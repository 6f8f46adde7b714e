"""Fields: what a value may be, said once."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from uuid import UUID

import pytest
from pydantic import BaseModel

from ddd_kit import Domain
from ddd_kit.exceptions import ConfigurationError, ValidationError
from ddd_kit.fields import Float, Identifier, Integer, String

GIVEN = UUID("12345678-1234-4234-8234-123456789abc")


class Status(Enum):
    PENDING = "PENDING"
    SHIPPED = "SHIPPED"


class Size(StrEnum):
    SMALL = "S"
    LARGE = "L"


def order_with(field, **more):
    """An aggregate class with one field, `x`."""
    return Domain(name="Bookshop").aggregate(type("Order", (), {"x": field, **more}))


def stored(field, value):
    """What a field makes of a value."""
    return order_with(field)(x=value).x


def refusal(field, *value):
    """The texts with which a field refuses a value, or the lack of one."""
    with pytest.raises(ValidationError) as caught:
        order_with(field)(**dict(zip("x", value, strict=False)))
    assert list(caught.value.messages) == ["x"]
    return caught.value.messages["x"]


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        (String(), "a", "a"),
        (String(), None, None),
        (String(), "", ""),
        (Integer(), "3", 3),
        (Integer(), 3.0, 3),
        (Integer(), None, None),
        (Float(), "2.5", 2.5),
        (Float(), 2, 2.0),
        (Float(), Decimal("2.5"), 2.5),
        (Identifier(), 1, "1"),
        (Identifier(), "1", "1"),
        (Identifier(), GIVEN, str(GIVEN)),
        (Identifier(), None, None),
    ],
)
def test_values_are_coerced_to_the_type_of_the_field(field, given, kept):
    assert (stored(field, given), type(stored(field, given))) == (kept, type(kept))


@pytest.mark.parametrize(
    ("field", "given", "text"),
    [
        (String(), 3, "Input should be a valid string"),
        (String(max_length=2), "abc", "String should have at most 2 characters"),
        (String(min_length=2), "a", "String should have at least 2 characters"),
        (Integer(), "three", "Input should be a valid integer, unable to parse string as an integer"),
        (Integer(), 2.5, "Input should be a valid integer, got a number with a fractional part"),
        (Integer(min_value=1), 0, "Input should be greater than or equal to 1"),
        (Integer(max_value=1), 2, "Input should be less than or equal to 1"),
        (Float(min_value=0.5), 0.4, "Input should be greater than or equal to 0.5"),
        (Float(max_value=0.5), 0.6, "Input should be less than or equal to 0.5"),
        (Float(), "much", "Input should be a valid number, unable to parse string as a number"),
        (Identifier(), "", "String should have at least 1 character"),
        (Identifier(), True, "Input should be a valid string"),
    ],
)
def test_what_is_not_accepted_is_said(field, given, text):
    assert refusal(field, given) == [text]


@pytest.mark.parametrize("make", [String, Integer, Float, Identifier])
def test_a_required_field_refuses_none_and_nothing(make):
    """Both are the same to a user: the value is required."""
    assert refusal(make(required=True)) == ["is required"]
    assert refusal(make(required=True), None) == ["is required"]


@pytest.mark.parametrize("make", [String, Integer, Float, Identifier])
def test_a_field_that_is_not_required_begins_as_none(make):
    assert order_with(make())().x is None


def test_a_text_has_at_most_255_characters_unless_said_otherwise():
    """`None` lifts the limit, and the limit may be given alone."""
    assert refusal(String(), "a" * 256) == ["String should have at most 255 characters"]
    assert len(stored(String(max_length=None), "a" * 256)) == 256
    assert refusal(String(3), "abcd") == ["String should have at most 3 characters"]


@pytest.mark.parametrize(
    ("field", "made"),
    [
        (String(default="PENDING"), "PENDING"),
        (String(required=True, default="PENDING"), "PENDING"),
        (String(default=lambda: "made"), "made"),
        (String(choices=Status, default=Status.SHIPPED), "SHIPPED"),
        (String(choices=Status, default=lambda: Status.SHIPPED), "SHIPPED"),
        (Integer(default="3"), 3),
        (Identifier(default=1), "1"),
        (Identifier(default=lambda: 1), "1"),
    ],
)
def test_defaults_are_values_or_callables_and_coerced(field, made):
    assert (order_with(field)().x, type(order_with(field)().x)) == (made, type(made))


def test_a_callable_default_is_called_for_each_object():
    numbers = iter(range(10))
    order = order_with(Integer(default=lambda: next(numbers)))
    assert [order().x, order().x, order(x=9).x] == [0, 1, 9]


def test_a_default_that_its_field_refuses_is_an_error_at_definition():
    with pytest.raises(
        ConfigurationError, match=r"Order\.x: its own default 0 is not accepted \(Input should"
    ):
        order_with(Integer(min_value=1, default=0))


def test_a_default_made_by_a_callable_is_checked_when_it_is_made():
    order = order_with(Integer(default=lambda: "three"))
    with pytest.raises(ValidationError, match="x should be a valid integer"):
        order()


@pytest.mark.parametrize("choices", [["PENDING", "SHIPPED"], ("PENDING", "SHIPPED"), Status])
def test_choices_are_a_list_or_an_enum(choices):
    """Members count as their values, and values are what is kept."""
    field = String(choices=choices)
    assert stored(field, "SHIPPED") == "SHIPPED"
    assert stored(field, Status.SHIPPED) == "SHIPPED"
    assert type(stored(field, Status.SHIPPED)) is str
    assert stored(field, None) is None
    assert refusal(field, "LOST") == ["Input should be 'PENDING' or 'SHIPPED'"]


def test_members_of_a_text_enum_are_kept_as_plain_texts():
    assert type(stored(String(choices=Size), Size.LARGE)) is str
    assert stored(String(choices=Size), Size.LARGE) == "L"


def test_choices_are_coerced_as_values_are():
    """A number that came as a text is one of the choices, and identifiers are texts."""
    assert stored(Integer(choices=[1, 2]), "2") == 2
    assert refusal(Integer(choices=[1, 2]), 3) == ["Input should be 1 or 2"]
    assert refusal(Integer(choices=[1, 2]), "three") == ["Input should be 1 or 2"]
    assert stored(Identifier(choices=[1, 2]), 2) == "2"


def test_choices_keep_the_limits_and_validators_of_the_field():
    def no_gifts(value):
        if value == "GIFT":
            raise ValidationError("costs nothing")

    field = String(choices=["GIFT", "PAID"], validators=[no_gifts])
    assert stored(field, "PAID") == "PAID"
    assert refusal(field, "GIFT") == ["costs nothing"]


@pytest.mark.parametrize("choices", ["SHIPPED", 3])
def test_choices_that_are_no_list_are_refused(choices):
    with pytest.raises(
        ConfigurationError, match=r"has to be a list of values or an Enum, as in choices=\['PEN"
    ):
        String(choices=choices)


def test_choices_that_the_field_itself_refuses_are_refused():
    with pytest.raises(ConfigurationError, match="one of them is no value of this field"):
        Integer(choices=["one"])


def must_be_even(value):
    if value % 2:
        raise ValidationError({"x": ["must be even"]})


def must_be_small(value):
    if value > 10:
        raise ValueError("must be small")


def test_validators_refuse_values_with_their_own_texts():
    """They raise ValidationError or ValueError, and their result, if any, replaces the value."""
    field = Integer(validators=[must_be_even, must_be_small])
    assert stored(field, 4) == 4
    assert refusal(field, 3) == ["must be even"]
    assert refusal(field, 12) == ["must be small"]
    assert stored(String(validators=[str.strip]), " a ") == "a"


def test_validators_do_not_see_a_value_that_is_not_there():
    assert order_with(Integer(validators=[must_be_even]))().x is None


def test_a_validator_that_cannot_be_called_is_refused():
    with pytest.raises(ConfigurationError, match=r"Integer\(validators=\.\.\.\): 3 cannot be called"):
        Integer(validators=[3])


def test_an_unknown_option_is_refused_with_the_closest_name_and_all_of_them():
    text = r"Integer\(min_valu=\.\.\.\) is no option of this field: did you mean 'min_value'\? It takes: r"
    with pytest.raises(ConfigurationError, match=text):
        Integer(min_valu=1)
    with pytest.raises(
        ConfigurationError, match=r"Identifier\(zzz=\.\.\.\) is no option of this field\. It takes: "
    ):
        Identifier(zzz=1)


def test_options_are_kept_for_people_and_for_the_engine():
    field = String(unique=True, identifier=True, choices=Status, description="how far it is")
    assert (field.unique, field.identifier, field.choices) == (True, True, ("PENDING", "SHIPPED"))
    assert field.description == "how far it is"


@pytest.mark.parametrize(
    ("annotation", "given", "kept"),
    [
        (int, "3", 3),
        (float, 3, 3.0),
        (str | None, None, None),
        (list[int], ["1", 2], [1, 2]),
        (dict[str, int], {"a": "1"}, {"a": 1}),
        (Status, "SHIPPED", Status.SHIPPED),
        (Decimal, "2.5", Decimal("2.5")),
    ],
)
def test_plain_annotations_are_checked_by_pydantic(annotation, given, kept):
    order = Domain(name="Bookshop").aggregate(type("Order", (), {"__annotations__": {"x": annotation}}))
    assert order(x=given).x == kept


class Address(BaseModel):
    city: str


@dataclass
class Money:
    cents: int


@pytest.mark.parametrize(
    ("annotation", "given", "kept"),
    [
        (Address, {"city": "Bath"}, Address(city="Bath")),
        (Address, Address(city="Bath"), Address(city="Bath")),
        (Money, {"cents": "5"}, Money(cents=5)),
        (list[Money], [Money(cents=5)], [Money(cents=5)]),
    ],
)
def test_classes_of_other_libraries_can_be_fields(annotation, given, kept):
    """Pydantic's models and dataclasses, alone and in lists; stored and loaded as copies."""
    domain = Domain(name="Bookshop")
    order = domain.aggregate(type("Order", (), {"__annotations__": {"x": annotation}}))
    saved = domain.repository_for(order).add(order(x=given))
    loaded = domain.repository_for(order).get(saved.id)
    assert saved.x == loaded.x == kept
    assert saved.x is not loaded.x
    saved.x = given
    assert saved.x == kept


def test_a_plain_annotation_without_default_is_required():
    class Order:
        x: int

    with pytest.raises(ValidationError, match="x is required"):
        Domain(name="Bookshop").aggregate(Order)()


def test_a_plain_annotation_with_none_as_default_is_not_required():
    """As beginners write it, and as Protean takes it."""

    class Order:
        note: str = None

    order = Domain(name="Bookshop").aggregate(Order)()
    assert order.note is None
    order.note = "fragile"
    with pytest.raises(ValidationError, match="note should be a valid string"):
        order.note = 3


def test_a_field_as_annotation_takes_the_assigned_default():
    class Order:
        x: Integer(min_value=1) = 5

    order = Domain(name="Bookshop").aggregate(Order)
    assert order().x == 5
    with pytest.raises(ValidationError, match="x should be greater than or equal to 1"):
        order(x=0)


def test_all_wrong_fields_are_named_at_once():
    """In the order of declaration, then those that do not exist."""

    class Order:
        quantity = Integer(required=True)
        status = String(choices=Status)

    with pytest.raises(ValidationError) as caught:
        Domain(name="Bookshop").aggregate(Order)(status="LOST", quantty=1)
    assert caught.value.messages == {
        "quantity": ["is required"],
        "status": ["Input should be 'PENDING' or 'SHIPPED'"],
        "quantty": ["is unknown"],
    }
    assert str(caught.value) == (
        "Order was not accepted: quantity is required; status should be 'PENDING' or 'SHIPPED', "
        "not 'LOST'; quantty is unknown. Order has no field 'quantty': did you mean 'quantity'?"
    )
