"""The Python that a form stands for, and what runs."""

from __future__ import annotations

import ast
import datetime as dt
import math
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

from ddd_kit import Domain, handle
from ddd_kit.exceptions import IncorrectUsageError, ObjectNotFoundError, ValidationError
from ddd_kit.fields import Identifier, Integer, String
from ddd_kit.views.trying.actions import actions
from ddd_kit.views.trying.parameters import UNSET
from ddd_kit.views.trying.snippet import in_short, python, run
from ddd_kit.views.trying.targets import Target
from markup_reader import PAYLOADS

INJECTIONS = (
    *PAYLOADS,
    "'); import os; os.abort() #",
    '"); domain.reset() #',
    "\\'); domain.reset() #",
    "__import__('os').abort()",
    "{domain.reset()}",
    "\n\ndomain.reset()\n",
    "\\",
    "'''",
    '"""',
    "\u2028domain.reset()",
)


class Colour(Enum):
    RED = 1
    NO_RED = "it's"


Odd = Enum("Odd", {"not a name": 1, "class": 2})


@pytest.fixture
def shop() -> Any:
    domain = Domain(name="Bookshop", seed=7)

    @domain.aggregate
    class Order:
        class Status(Enum):
            NEW = "new"
            DONE = "done"

        book_id = Identifier(required=True)
        quantity = Integer(default=1, min_value=1)
        note: Any = None
        status: Status = Status.NEW

        def ship(self) -> str:
            self.status = self.Status.DONE
            return "shipped"

        def change(self, quantity: int = 1, *, note: Any = None) -> Any:
            self.quantity, self.note = quantity, note
            return note

        def paint(self, colour: Colour, odd: Odd | None = None) -> Any:
            return [colour, odd]

        def mark(self, status: Status) -> Any:
            return status

        def place(self, here, /, there=2) -> Any:  # type: ignore[no-untyped-def]
            return (here, there)

        def schedule(self, on: dt.date, at: dt.time | None = None, price: Decimal = Decimal(1)) -> Any:
            return [on, at, price]

        def fail(self) -> None:
            raise KeyboardInterrupt

    @domain.command(part_of=Order)
    class ShipOrder:
        order_id = Identifier(required=True)
        colour: Colour | None = None
        reason = String()

    @domain.command_handler(part_of=Order)
    class ManageOrder:
        @handle(ShipOrder)
        def ship(self, command: Any) -> Any:
            repository = domain.repository_for(Order)
            order = repository.get(command.order_id)
            order.ship()
            repository.add(order)
            return (command.reason, command.colour)

    domain.Order = Order
    return domain


def code(domain: Any, target: Target, name: str, **values: Any) -> str:
    action = next(each for each in actions(domain, target) if each.name == name)
    return python(domain, target, action, values)


def call(domain: Any, name: str, **values: Any) -> str:
    orders = domain.repository_for("Order")
    if orders.get_or_none("o-1") is None:
        orders.add(domain.Order(book_id="1", id="o-1"))
    return code(domain, Target("instance", "Order", "o-1", ""), name, **values)


def lines(*given: str) -> str:
    return "\n".join(given)


def test_a_command_is_processed(shop: Any) -> None:
    target = Target("command", "ShipOrder", None, "")
    assert code(shop, target, "ShipOrder", order_id="62f8") == "domain.process(ShipOrder(order_id='62f8'))"


def test_a_new_aggregate_is_made_and_added(shop: Any) -> None:
    target = Target("aggregate", "Order", None, "")
    assert code(shop, target, "Order", book_id="1", quantity=10) == lines(
        "order = Order(book_id='1', quantity=10)",
        "domain.repository_for(Order).add(order)",
    )


def test_an_instance_is_fetched_called_and_added(shop: Any) -> None:
    assert call(shop, "ship") == lines(
        "order = domain.repository_for(Order).get('o-1')",
        "order.ship()",
        "domain.repository_for(Order).add(order)",
    )


def test_what_was_left_out_or_equals_the_default_is_not_written(shop: Any) -> None:
    assert "change()" in call(shop, "change", quantity=1, note=UNSET)
    assert "change(quantity=True)" in call(shop, "change", quantity=True)
    target = Target("aggregate", "Order", None, "")
    assert "Order(book_id='1')" in code(shop, target, "Order", book_id="1", status=shop.Order.Status.NEW)


@pytest.mark.parametrize(
    ("colour", "odd", "written"),
    [
        (Colour.RED, UNSET, "colour=Colour.RED"),
        (Colour.NO_RED, Odd["not a name"], "colour=Colour.NO_RED, odd=Odd['not a name']"),
        (Colour.RED, Odd["class"], "colour=Colour.RED, odd=Odd['class']"),
    ],
)
def test_members_of_enums_are_written_as_such_and_run(shop: Any, colour: Any, odd: Any, written: str) -> None:
    source = call(shop, "paint", colour=colour, odd=odd)
    assert f"paint({written})" in source
    assert run(shop, source) == [colour, None if odd is UNSET else odd]


def test_an_enum_within_an_aggregate_is_written_so(shop: Any) -> None:
    source = call(shop, "mark", status=shop.Order.Status.DONE)
    assert "mark(status=Order.Status.DONE)" in source
    assert run(shop, source) is shop.Order.Status.DONE


def test_a_command_takes_members_of_enums_too(shop: Any) -> None:
    call(shop, "ship")
    target = Target("command", "ShipOrder", None, "")
    source = code(shop, target, "ShipOrder", order_id="o-1", colour=Colour.RED)
    assert run(shop, source) == (None, Colour.RED)


def test_arguments_without_a_name_stand_at_their_place(shop: Any) -> None:
    source = call(shop, "place", here="x", there=3)
    assert "place('x', there=3)" in source
    assert run(shop, source) == ("x", 3)


def test_dates_and_decimals_are_made_of_what_was_typed(shop: Any) -> None:
    source = call(shop, "schedule", on=" 2024-12-31", price="1.50")
    assert source.splitlines()[:2] == ["from datetime import date", "from decimal import Decimal"]
    assert "schedule(on=date.fromisoformat('2024-12-31'), price=Decimal('1.50'))" in source
    assert run(shop, source) == [dt.date(2024, 12, 31), None, Decimal("1.50")]


@pytest.mark.parametrize(
    ("identity", "written"), [(7, "7"), ("7", "'7'"), (dt.date(2024, 1, 2), "'2024-01-02'")]
)
def test_identities_are_written_as_literals(shop: Any, identity: Any, written: str) -> None:
    source = code(shop, Target("instance", "Order", identity, ""), "ship")
    assert f".get({written})" in source


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("OrderItem", "order_item"),
        ("Class", "class_"),
        ("Domain", "domain_"),
        ("List", "list_"),
        ("book", "book_"),
        ("Date", "date_"),
        ("Ä", "it"),
    ],
)
def test_a_variable_is_no_keyword_and_hides_nothing(name: str, variable: str) -> None:
    domain = Domain(name="Bookshop")
    domain.aggregate(type(name, (), {}))
    source = code(domain, Target("aggregate", name, None, ""), name)
    assert source == f"{variable} = {name}()\ndomain.repository_for({name}).add({variable})"
    assert run(domain, source)._version == 0


# Nothing that was typed becomes code


def test_what_was_typed_stays_a_text(shop: Any) -> None:
    expected = ast.dump(ast.parse(call(shop, "change", note="x")))
    for typed in INJECTIONS:
        source = call(shop, "change", note=typed)
        assert ast.dump(ast.parse(source)) == expected.replace("'x'", repr(typed))
        assert run(shop, source) == typed


def test_an_identity_stays_a_text(shop: Any) -> None:
    for typed in INJECTIONS:
        source = code(shop, Target("instance", "Order", typed, ""), "ship")
        assert len(ast.parse(source).body) == 3
        with pytest.raises(ObjectNotFoundError):
            run(shop, source)


@pytest.mark.parametrize(
    "value",
    [
        [1, "'"],
        (1,),
        (),
        {"a": {1, 2}},
        set(),
        [[]],
        {},
        -1.5,
        math.inf,
        b"x",
        None,
        {"x": [math.inf, (None,)]},
    ],
)
def test_literals_are_written_so_that_they_come_back(shop: Any, value: Any) -> None:
    assert run(shop, call(shop, "change", note=value)) == value


@pytest.mark.parametrize("value", [print, [print], {"x": print}, Domain])
def test_what_is_no_literal_is_never_written(shop: Any, value: Any) -> None:
    with pytest.raises(TypeError, match="is no plain value"):
        call(shop, "change", note=value)


def test_a_subclass_of_a_text_cannot_write_code(shop: Any) -> None:
    class Sly(str):
        __slots__ = ()

        def __repr__(self) -> str:
            return "domain.reset()"

    with pytest.raises(TypeError, match="Sly is no plain value"):
        call(shop, "change", note=Sly("x"))


# Running


def test_it_leaves_the_journal_that_the_same_code_leaves_in_a_cell(shop: Any) -> None:
    source = call(shop, "ship")
    step = shop.journal.last_step
    assert run(shop, source) == "shipped"
    tried = shop.journal[step:]
    shop.repository_for("Order").add(shop.Order(book_id="1", id="o-2"))
    step = shop.journal.last_step
    by_hand = {name: element.cls for name, element in shop.registry.elements.items()}
    exec(source.replace("o-1", "o-2"), {"domain": shop, **by_hand})
    in_cell = shop.journal[step:]
    assert {entry.cell for entry in tried} == {"Try it"}
    assert [(e.kind, e.changes) for e in tried] == [(e.kind, e.changes) for e in in_cell[-len(tried) :]]
    assert [entry.change for entry in tried] == ["changed"]


def test_it_gives_what_the_command_handler_returned(shop: Any) -> None:
    call(shop, "ship")
    target = Target("command", "ShipOrder", None, "")
    assert run(shop, code(shop, target, "ShipOrder", order_id="o-1", reason="late")) == ("late", None)


def test_a_new_aggregate_is_given_as_it_was_saved(shop: Any) -> None:
    order = run(shop, code(shop, Target("aggregate", "Order", None, ""), "Order", book_id="1"))
    assert (order.book_id, order._version) == ("1", 0)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("Order(quantity=0)", ValidationError),
        ("domain.repository_for(Order).get('nobody')", ObjectNotFoundError),
        ("1 / 0", ZeroDivisionError),
    ],
)
def test_errors_pass(shop: Any, source: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        run(shop, source)


def test_interrupts_pass(shop: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(shop, call(shop, "fail"))


def test_the_newest_class_of_a_name_is_meant(shop: Any) -> None:
    source = call(shop, "ship")

    @shop.aggregate
    class Order:
        book_id: str

        def ship(self) -> str:
            return "by boat"

    assert run(shop, source) == "by boat"


def test_in_short_it_is_one_line(shop: Any) -> None:
    target = Target("instance", "Order", "62f8fa8d-1111-4111-8111-111111111111", "")
    ship, change = actions(shop, target)[:2]
    assert in_short(target, ship, {}) == "Order 62f8fa8d: ship()"
    assert in_short(target, change, {"note": "a\nb"}) == "Order 62f8fa8d: change(note='a\\nb')"
    assert len(in_short(target, change, {"note": "x" * 500})) == 80
    new = Target("aggregate", "Order", None, "")
    assert in_short(new, actions(shop, new)[0], {"book_id": "1"}) == "Order(book_id='1')"


def test_an_aggregate_named_as_the_domain_hides_it_not() -> None:
    domain = Domain(name="Bookshop")
    domain.aggregate(type("domain", (), {"place": lambda _: "placed"}))
    domain.aggregate(type("Other", (), {}))
    stored = run(domain, code(domain, Target("aggregate", "domain", None, ""), "domain"))
    assert run(domain, code(domain, Target("instance", "domain", stored.id, ""), "place")) == "placed"
    assert run(domain, code(domain, Target("aggregate", "Other", None, ""), "Other"))._version == 0


def test_of_two_enums_of_one_name_the_one_that_the_method_takes_is_meant() -> None:
    one, two = Enum("Status", {"A": 1, "B": 2}), Enum("Status", {"A": "x", "C": "y"})
    domain = Domain(name="Bookshop")

    class Order:
        status: one | None = None  # type: ignore[valid-type]

        def first(self, status: one) -> Any:  # type: ignore[valid-type]
            return status

        def second(self, status: two) -> Any:  # type: ignore[valid-type]
            return status

        def third(self, status: one, /) -> Any:  # type: ignore[valid-type]
            return status

    Order.__annotations__["status"] = one | None
    for name, enum in (("first", one), ("second", two), ("third", one)):
        getattr(Order, name).__annotations__["status"] = enum
    stored = domain.aggregate(Order)(id="o-1")
    domain.repository_for("Order").add(stored)
    target = Target("instance", "Order", "o-1", "")
    for name, enum in (("first", one), ("second", two), ("third", one)):
        assert run(domain, code(domain, target, name, status=enum.A)) is enum.A


def test_what_is_not_defined_any_more_is_named(shop: Any) -> None:
    source = call(shop, "ship")
    shop.forget("Order")
    with pytest.raises(IncorrectUsageError, match=r"Order is not defined any more\."):
        run(shop, source)
