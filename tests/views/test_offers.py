"""What can be tried: targets, actions, and what their forms ask for."""

from __future__ import annotations

import datetime as dt
import math
import warnings
from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, NewType, Self
from uuid import UUID

import pytest
from annotated_types import Gt

from ddd_kit import Domain
from ddd_kit.fields import Float, Identifier, Integer, String
from ddd_kit.views.trying.actions import actions
from ddd_kit.views.trying.offers import instance, offer, suggestions
from ddd_kit.views.trying.parameters import UNSET, Parameter
from ddd_kit.views.trying.targets import Action, Target

if TYPE_CHECKING:
    from elsewhere import Money  # type: ignore[import-not-found]


class Colour(Enum):
    RED = 1
    GREEN = 2


Weight = NewType("Weight", float)


class Stamp:
    """Something that is no element."""


def fresh() -> Any:
    return Domain(name="Bookshop", seed=7)


def labels(domain: Any) -> list[str]:
    return [target.label for target in offer(domain).targets]


def calls(domain: Any, aggregate: str) -> dict[str, Action]:
    return {each.name: each for each in actions(domain, Target("instance", aggregate, None, ""))}


def form(domain: Any, element: str) -> dict[str, Parameter]:
    kind = "command" if domain.registry.elements[element].kind == "command" else "aggregate"
    (action,) = actions(domain, Target(kind, element, None, ""))
    return {parameter.name: parameter for parameter in action.parameters}


# Targets


def test_commands_new_aggregates_and_stored_instances_are_offered() -> None:
    domain = fresh()

    @domain.aggregate
    class Order:
        quantity: int = 1
        status = String(choices=["PENDING", "SHIPPED"], default="PENDING")

        def ship(self) -> None: ...

    @domain.event(part_of=Order)
    class OrderShipped: ...

    @domain.command(part_of=Order)
    class ShipOrder: ...

    order = domain.repository_for(Order).add(Order())
    domain.repository_for(Order).add(Order(id="ISBN-1", status="SHIPPED"))
    first = f"■ Order {order.id[:8]} (PENDING)"
    assert labels(domain) == ["▶ ShipOrder", "■ New Order", "■ Order ISBN-1 (SHIPPED)", first]


def test_instances_without_a_state_are_told_apart_by_two_fields() -> None:
    domain = fresh()

    @domain.aggregate
    class Book:
        shelf_id = Identifier(default="7")
        note = String()
        title = String()
        tags: list[str] = []  # noqa: RUF012 - a field
        pages: int = 3
        price: float = 1.5

        def read(self) -> None: ...

    domain.repository_for(Book).add(Book(id="b-1", title="Emma"))
    assert labels(domain)[-1] == "■ Book b-1 (title Emma, pages 3)"


def test_one_state_is_enough_and_nothing_is_hidden_in_a_label() -> None:
    domain = fresh()

    @domain.aggregate
    class Order:
        status = String(choices=["PENDING", "SHIPPED"], default="PENDING")
        size = String(choices=["S", "L"], default="L")

        def ship(self) -> None: ...

    domain.repository_for(Order).add(Order(id="o\u202e"))
    assert labels(domain)[-1] == "■ Order o\\u202e (PENDING)"


def test_instances_that_have_no_method_are_not_listed() -> None:
    domain = fresh()

    @domain.aggregate
    class Inventory:
        in_stock: int = 0

    domain.repository_for(Inventory).add(Inventory(id="i-1", in_stock=5))
    assert labels(domain) == ["■ New Inventory"]
    chosen = instance(domain, "Inventory", "i-1")
    assert chosen is not None
    assert chosen.label == "■ Inventory i-1 (in_stock 5)"
    assert actions(domain, chosen) == ()


def test_of_many_instances_the_newest_hundred_are_listed_and_an_older_one_can_be_had() -> None:
    domain = fresh()

    @domain.aggregate
    class Order:
        def ship(self) -> None: ...

    for number in range(501):
        domain.repository_for(Order).add(Order(id=f"o-{number}"))
    found = offer(domain)
    listed = [target.identity for target in found.targets if target.kind == "instance"]
    assert (listed[0], listed[-1], len(listed)) == ("o-500", "o-401", 100)
    assert found.counts == {"Order": 501}
    assert instance(domain, "Order", "o-3") == Target("instance", "Order", "o-3", "■ Order o-3")
    assert instance(domain, "Order", "o-999") is None
    assert instance(domain, "Nobody", "o-3") is None


def test_an_offer_stays_the_same_object_until_something_has_changed() -> None:
    domain = fresh()

    @domain.aggregate
    class Order:
        quantity: int = 1

        def ship(self) -> None: ...

    order = domain.repository_for(Order).add(Order())
    first = offer(domain)
    assert offer(domain, first) is first
    order.quantity = 2
    domain.repository_for(Order).add(order)
    second = offer(domain, first)
    assert second.targets[-1].label.endswith("(quantity 2)")
    domain.repository_for(Order).remove(order)
    third = offer(domain, second)
    assert [target.kind for target in third.targets] == ["aggregate"]
    domain.forget("Order")
    assert offer(domain, third).targets == ()


def test_an_offer_is_cheap_with_values_that_cannot_be_compared() -> None:
    domain = fresh()

    class Rows:
        def __eq__(self, other: object) -> bool:
            raise ValueError

        __hash__ = None  # type: ignore[assignment]

    @domain.aggregate
    class Table:
        rows: Any = None

        def sort(self) -> None: ...

    domain.repository_for(Table).add(Table(id="t-1", rows=Rows()))
    first = offer(domain)
    domain.reset()
    domain.repository_for(Table).add(Table(id="t-1", rows=Rows()))
    assert offer(domain, first) is not first


def test_what_was_stored_by_an_older_class_is_offered_too() -> None:
    domain = fresh()

    @domain.aggregate
    class Order:
        gone: int = 1

        def ship(self) -> None: ...

    domain.repository_for(Order).add(Order(id="o-1"))

    @domain.aggregate(stream_category="order")
    class Order:  # type: ignore[no-redef]
        needed: int

        def ship(self) -> None: ...

    assert labels(domain)[-1] == "■ Order o-1"


# Methods


def test_public_methods_of_the_class_and_its_bases_are_offered_and_nothing_else() -> None:
    domain = fresh()

    class Named:
        def rename(self, name: str) -> None: ...

        def ship(self, never: Any) -> None: ...

    @domain.aggregate
    class Order(Named):
        quantity: int = 1

        def ship(self) -> None: ...

        def _pack(self) -> None: ...

        def to_dict(self) -> dict[str, Any]:
            return {}

        @property
        def total(self) -> int:
            return 1

        @staticmethod
        def help() -> None: ...

        @classmethod
        def place(cls) -> None: ...

    assert [action.label for action in calls(domain, "Order").values()] == ["ship()", "rename(name)"]


def test_an_aggregate_derived_from_another_has_its_methods() -> None:
    domain = fresh()

    @domain.aggregate
    class Order:
        def ship(self) -> None: ...

    @domain.aggregate
    class GiftOrder(Order):
        def wrap(self) -> None: ...

    assert list(calls(domain, "GiftOrder")) == ["wrap", "ship"]


class Forms:
    """One method for each kind of argument."""

    def plain(self, a: str, b: int, c: float, d: bool, *, e: Colour, f: Literal["x", 2]) -> None: ...
    def defaults(self, a: str = "x", b: int = 2, c: bool = True, d: Colour = Colour.GREEN) -> None: ...
    def optional(self, a: str | None, b: int | None = None, c: bool | None = None) -> None: ...
    def unannotated(self, a, b=2, c="x", *, d=True, e=None, order_id=None, other_order_id=...): ...  # type: ignore[no-untyped-def]
    def gathering(self, *args: int, only: int, **more: int) -> None: ...
    def placed(self, a: int, b: int = 2, /, c: int = 3) -> None: ...
    def made(self, a: dt.date, b: dt.datetime, c: dt.time, d: Decimal, e: UUID) -> None: ...
    def gathered(self, a: list[int], b: dict[str, int], c: Any, d: int | str) -> None: ...
    def limited(self, a: Annotated[int, Gt(0)], b: Integer(max_value=9), c: Weight) -> None: ...  # type: ignore[valid-type]


@pytest.fixture
def odd() -> Any:
    domain = fresh()

    @domain.aggregate
    class Order(Forms):
        def merge(self, other: Order) -> None: ...

        def sell(self, price: Money, quantity: int = 1) -> None: ...

        def mark(self, stamp: Stamp | None = None) -> None: ...

        def join(self, other: Self) -> None: ...

        def hide(self) -> None: ...

        hide.__signature__ = "hidden"  # type: ignore[attr-defined]

        async def wait(self) -> None: ...

        def walk(self) -> Any:
            yield 1

    return domain


@pytest.mark.parametrize(
    ("method", "kinds"),
    [
        ("plain", ["text", "whole", "number", "flag", "choice", "choice"]),
        ("defaults", ["text", "whole", "flag", "choice"]),
        ("optional", ["text", "whole", "choice"]),
        ("unannotated", ["literal", "whole", "text", "flag", "literal", "text", "literal"]),
        ("gathering", ["whole"]),
        ("placed", ["whole", "whole"]),
        ("made", ["text"] * 5),
        ("gathered", ["literal"] * 4),
        ("limited", ["whole", "whole", "number"]),
    ],
)
def test_arguments_are_asked_for_by_their_annotations_and_defaults(
    odd: Any, method: str, kinds: list[str]
) -> None:
    assert [parameter.kind for parameter in calls(odd, "Order")[method].parameters] == kinds


def test_defaults_choices_and_limits_are_known(odd: Any) -> None:
    found = calls(odd, "Order")
    text, number, flag, choice = found["defaults"].parameters
    assert [p.default for p in (text, number, flag, choice)] == ["x", 2, True, Colour.GREEN]
    assert (choice.options, choice.start) == ((("RED", Colour.RED), ("GREEN", Colour.GREEN)), 1)
    assert found["plain"].parameters[5].options == (("choose …", UNSET), ("x", "x"), ("2", 2))
    assert found["optional"].parameters[2].options == (("none", UNSET), ("True", True), ("False", False))
    assert [(p.required, p.optional) for p in found["optional"].parameters] == [
        (True, True),
        (False, True),
        (False, True),
    ]
    assert [p.hint for p in found["limited"].parameters] == ["more than 0", "at most 9", ""]
    assert [p.bounds for p in found["limited"].parameters] == [(1, None), (None, 9), (None, None)]
    assert found["made"].parameters[0].hint == "a date, as 2024-12-31"
    assert [p.suggests for p in found["unannotated"].parameters][-2:] == ["Order", "Order"]


def test_only_arguments_that_can_be_written_are_asked_for(odd: Any) -> None:
    found = calls(odd, "Order")
    assert [(p.name, p.positional) for p in found["placed"].parameters] == [("a", True), ("c", False)]
    assert [p.name for p in found["gathering"].parameters] == ["only"]


def test_an_action_that_no_form_can_do_says_so(odd: Any) -> None:
    found = calls(odd, "Order")
    assert (
        found["merge"].obstacle
        == "merge needs 'other' (Order): an object, which no form can give. Do it in a cell."
    )
    assert "'price' (Money)" in found["sell"].obstacle
    assert "'other' (Self)" in found["join"].obstacle
    assert found["mark"] == Action("mark", "mark()", ())
    assert "no plain method" in found["wait"].obstacle
    assert "no plain method" in found["walk"].obstacle
    assert "cannot be read" in found["hide"].obstacle


def test_a_long_label_is_short(odd: Any) -> None:
    assert calls(odd, "Order")["made"].label == "made(a, b, c, d, e)"
    assert calls(odd, "Order")["unannotated"].label == "unannotated(…)"


# Fields


def test_fields_are_asked_for_in_order_with_what_they_accept() -> None:
    domain = fresh()

    @domain.aggregate
    class Order:
        book_id = Identifier(required=True)
        quantity = Integer(min_value=1, max_value=100, default=1, description="how many")
        price = Float(required=True)
        note = String()
        colour: Colour = Colour.RED
        size: Literal["S", "L"]
        gift: bool = False
        on: dt.date | None = None
        tags: list[str] = []  # noqa: RUF012 - a field
        status = String(choices=["PENDING", "SHIPPED"], default="PENDING")

    asked = form(domain, "Order")
    assert {name: p.kind for name, p in asked.items()} == {
        "book_id": "text",
        "quantity": "whole",
        "price": "number",
        "note": "text",
        "colour": "choice",
        "size": "choice",
        "gift": "flag",
        "on": "text",
        "tags": "literal",
        "status": "choice",
        "id": "text",
    }
    assert [name for name, p in asked.items() if p.required] == ["book_id", "price", "size"]
    assert (asked["quantity"].bounds, asked["quantity"].hint) == ((1, 100), "how many; 1 to 100")
    assert asked["status"].choices == ("PENDING", "SHIPPED")
    assert asked["colour"].choices == (Colour.RED, Colour.GREEN)
    assert asked["id"].default is UNSET


def test_a_field_that_takes_only_objects_is_left_out_or_an_obstacle() -> None:
    domain = fresh()

    @domain.aggregate
    class Order: ...

    @domain.command(part_of=Order)
    class Merge:
        other: Order
        stamp: Stamp | None = None
        quantity: int = 1

    (action,) = actions(domain, Target("command", "Merge", None, ""))
    assert [parameter.name for parameter in action.parameters] == ["quantity"]
    assert "'other' (Order)" in action.obstacle


def test_identities_of_the_aggregate_that_a_field_is_named_after_are_suggested() -> None:
    domain = fresh()

    @domain.aggregate
    class Item: ...

    @domain.aggregate
    class OrderItem:
        number = Integer(identifier=True, required=True)

    @domain.aggregate
    class Order: ...

    @domain.command(part_of=Order)
    class Pack:
        order_id: str
        first_order_id: str
        order_item_number: int
        order_item_id: int
        book_id: str

    asked = form(domain, "Pack")
    assert [p.suggests for p in asked.values()] == ["Order", "Order", "OrderItem", "OrderItem", ""]
    for number in range(150):
        domain.repository_for(Order).add(Order(id=f"o-{number}"))
    domain.repository_for(Order).add(Order(id="o\u202e"))
    domain.repository_for(OrderItem).add(OrderItem(number=7))
    found = suggestions(domain, asked["order_id"])
    assert (found[0], len(found)) == ("o-149", 99)
    assert suggestions(domain, asked["order_item_id"]) == ("7",)
    assert suggestions(domain, asked["book_id"]) == ()


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("text", "", UNSET),
        ("text", "  ", UNSET),
        ("text", " x", " x"),
        ("text", '""', ""),
        ("text", "12", "12"),
        ("whole", " 12 ", 12),
        ("whole", "1.5", "1.5"),
        ("whole", "9" * 5000, "9" * 5000),
        ("number", "1.5", 1.5),
        ("number", "many", "many"),
        ("number", "12", 12.0),
        ("number", "9007199254740993", 9007199254740993),
        ("number", "1e400", "1e400"),
        ("number", "1e-400", "1e-400"),
        ("number", "0e5", 0.0),
        ("number", "-inf", -math.inf),
        ("literal", "[1, 'a', {'b': None}]", [1, "a", {"b": None}]),
        ("literal", "2024-11-12", "2024-11-12"),
        ("literal", "007", "007"),
        ("literal", "1is 2", "1is 2"),
        ("literal", "...", "..."),
        ("literal", "1e999j", "1e999j"),
        ("literal", "__import__('os')", "__import__('os')"),
        ("literal", "(" * 5000, "(" * 5000),
        ("literal", "-" * 200_000 + "1", "-" * 200_000 + "1"),
        ("literal", "\x00", "\x00"),
    ],
)
def test_what_is_typed_becomes_a_plain_value_or_stays_text(kind: Any, typed: str, value: Any) -> None:
    found = Parameter("it", kind).read(typed)
    assert (type(found), found) == (type(value), value)


def test_what_somebody_is_still_typing_warns_of_nothing() -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        assert Parameter("it", "literal").read("1is 2") == "1is 2"
    assert warned == []


def test_a_choice_with_a_default_may_still_be_none_where_that_is_accepted() -> None:
    choice = Parameter("it", "choice", required=False, default="S", choices=("S", "L"), optional=True)
    assert choice.options == (("S", "S"), ("L", "L"), ("none", None))
    made = Parameter("it", "choice", required=False, choices=("S", "L"))
    assert made.options == (("its default", UNSET), ("S", "S"), ("L", "L"))


def test_none_can_be_chosen_where_it_is_accepted_and_something_is_required() -> None:
    choice = Parameter("it", "choice", choices=("a",), optional=True)
    assert choice.options == (("choose …", UNSET), ("a", "a"), ("none", None))


def test_a_function_is_an_object_that_no_form_can_give() -> None:
    domain = fresh()

    @domain.aggregate
    class Order:
        def sort(self, by: Callable[[Any], Any], rows: Sequence[int]) -> None: ...

    found = calls(domain, "Order")["sort"]
    assert "'by' (Callable)" in found.obstacle
    assert [parameter.name for parameter in found.parameters] == ["rows"]


def test_none_can_be_typed_where_it_is_accepted() -> None:
    assert Parameter("it", "whole", optional=True).read("None") is None
    assert Parameter("it", "text", optional=True).read("None") == "None"
    assert Parameter("it", "whole").read("None") == "None"


def test_an_argument_that_is_missing_or_no_number_is_named_before_anything_runs() -> None:
    assert Parameter("it", "text").problem(UNSET) == "is required"
    assert Parameter("it", "text", required=False).problem(UNSET) is None
    assert Parameter("it", "number").problem("many") == "should be a number"
    assert Parameter("it", "text").problem("many") is None


@pytest.mark.parametrize(
    ("made", "right", "hint", "message"),
    [
        (dt.date, " 2024-12-31", "a date", "should be a date"),
        (Decimal, "1.50", "a number", "should be a number"),
        (UUID, "62f8fa8d-1111-4111-8111-111111111111", "", "should be a UUID"),
    ],
)
def test_a_text_that_nothing_can_be_made_of_is_named_before_anything_runs(
    made: type, right: str, hint: str, message: str
) -> None:
    asked = Parameter("it", "text", made=made, hint=hint)
    assert (asked.problem(right), asked.problem("nope")) == (None, message)
