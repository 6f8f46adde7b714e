"""Forms for value objects, entities, references, statuses and the other fields; and the Python for them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ddd_kit import Domain
from ddd_kit.exceptions import ValidationError
from ddd_kit.fields import Boolean, HasMany, Integer, Status, String, ValueObject, ValueObjectList
from ddd_kit.views.trying.actions import Action, Target, actions
from ddd_kit.views.trying.offers import offer, suggestions
from ddd_kit.views.trying.parameters import UNSET
from ddd_kit.views.trying.snippet import python, run
from rich_model import rich


@pytest.fixture
def shop() -> SimpleNamespace:
    return rich()


def calls(domain: Domain, target: Target) -> dict[str, Action]:
    return {action.name: action for action in actions(domain, target)}


ORDER = Target("instance", "Order", "o-1", "")
NEW = Target("aggregate", "Order", None, "")


def do(domain: Domain, target: Target, name: str, /, **values: Any) -> tuple[str, Any]:
    given = {key.replace("__", "."): value for key, value in values.items()}
    code = python(domain, target, calls(domain, target)[name], given)
    return code, run(domain, code)


def test_a_value_object_is_asked_for_field_by_field(shop: SimpleNamespace) -> None:
    asked = {p.name: p for p in calls(shop.domain, NEW)["Order"].parameters}
    amount, currency = asked["total.amount"], asked["total.currency"]
    assert (amount.inside, amount.required, amount.optional_inside) == ((("total", "Money"),), False, True)
    assert currency.default == "EUR"
    assert "items" not in asked
    assert asked["customer_id"].suggests == "Customer"
    assert suggestions(shop.domain, asked["customer_id"]) == ("c-1",)
    kinds = {name: asked[name].kind for name in ("status", "note", "tags", "extra", "invoice.due")}
    assert kinds == {
        "status": "choice",
        "note": "text",
        "tags": "literal",
        "extra": "literal",
        "invoice.due": "text",
    }


def test_a_new_aggregate_is_made_with_its_value_objects(shop: SimpleNamespace) -> None:
    code, order = do(
        shop.domain, NEW, "Order",
        customer_id="c-1", total__amount="5.50", tags=["a"], extra={"a": 1}, invoice__number="7",
        invoice__due="2024-01-01T00:00",
    )  # fmt: skip
    assert code.splitlines()[0] == (
        "order = Order(customer_id='c-1', invoice=Invoice(number='7', due='2024-01-01T00:00'), "
        "total=Money(amount='5.50'), tags=['a'], extra={'a': 1})"
    )
    assert order.total == shop.Money(amount="5.50")
    assert order.invoice.number == "7"


def test_what_is_not_given_inside_leaves_the_default(shop: SimpleNamespace) -> None:
    code, order = do(shop.domain, NEW, "Order", customer_id="c-1", total__currency="EUR", total__amount=UNSET)
    assert code.splitlines()[0] == "order = Order(customer_id='c-1')"
    assert order.invoice is None


def test_other_fields_have_their_forms(shop: SimpleNamespace) -> None:
    target = Target("aggregate", "Customer", None, "")
    asked = {p.name: p for p in calls(shop.domain, target)["Customer"].parameters}
    assert (asked["is_member"].kind, asked["born"].hint) == ("choice", "a date, as 2024-12-31")
    _, customer = do(shop.domain, target, "Customer", name="Bob", born="2000-01-31", is_member=True)
    assert customer.born.isoformat() == "2000-01-31"


def test_an_entity_is_added_by_a_form_of_its_own(shop: SimpleNamespace) -> None:
    action = calls(shop.domain, ORDER)["add_items"]
    assert [p.shown for p in action.parameters] == ["sku", "quantity", "price.amount", "price.currency"]
    given = {"OrderItem__sku": "Z", "OrderItem__quantity": 2, "OrderItem__price__amount": "3.50"}
    code, _ = do(shop.domain, ORDER, "add_items", **given)
    assert code.splitlines()[1] == (
        "order.add_items(OrderItem(sku='Z', quantity=2, price=Money(amount='3.50')))"
    )
    assert shop.domain.repository_for(shop.Order).get("o-1").get_one_from_items(sku="Z").quantity == 2


def test_an_entity_is_removed_by_choosing_one(shop: SimpleNamespace) -> None:
    action = calls(shop.domain, ORDER)["remove_items"]
    (one,) = action.parameters
    assert [label for label, _ in one.options] == ["choose …", "A (2)", "C (3)"]
    code, _ = do(shop.domain, ORDER, "remove_items", OrderItem="A")
    assert code.splitlines()[1] == "order.remove_items(order.get_one_from_items(sku='A'))"
    assert [item.sku for item in shop.domain.repository_for(shop.Order).get("o-1").items] == ["C"]


def test_an_argument_that_is_a_value_object_is_asked_for_too(shop: SimpleNamespace) -> None:
    code, _ = do(
        shop.domain, ORDER, "order_book", sku="Q", quantity=1, price__amount="3.50", price__currency="USD"
    )
    assert code.splitlines()[1] == (
        "order.order_book(sku='Q', quantity=1, price=Money(amount='3.50', currency='USD'))"
    )


def test_only_deeds_are_offered_not_rules(shop: SimpleNamespace) -> None:
    assert list(calls(shop.domain, ORDER)) == [
        *("order_book", "change_quantity", "place", "add_items", "remove_items"),
    ]


def test_of_a_status_only_what_may_follow_is_offered() -> None:
    domain = Domain(name="Desk")

    @domain.aggregate
    class Order:
        status = Status(["A", "B", "C"], default="A", transitions={"A": ["B"], "B": ["A", "C"]})

        def go(self, status: str) -> None:
            self.status = status

    repository = domain.repository_for(Order)
    repository.add(Order(id="o"))
    target = Target("instance", "Order", "o", "")
    (asked,) = calls(domain, target)["go"].parameters
    assert (asked.kind, asked.choices, asked.hint) == ("choice", ("B",), "it is A")
    code, _ = do(domain, target, "go", status="B")
    assert "order.go(status='B')" in code
    (asked,) = calls(domain, target)["go"].parameters
    assert asked.choices == ("A", "C")


def test_an_aggregate_that_has_nothing_but_entities_is_offered() -> None:
    domain = Domain(name="Desk")

    @domain.aggregate
    class Order:
        items = HasMany("Item")

    @domain.entity(part_of=Order)
    class Item:
        note = String()

    domain.repository_for(Order).add(Order(id="o"))
    assert [target.identity for target in offer(domain, None).targets][-1] == "o"
    assert list(calls(domain, Target("instance", "Order", "o", ""))) == ["add_items"]


def test_boxes_that_cannot_say_nothing_become_choices_inside_of_what_may_be_missing() -> None:
    domain = Domain(name="Desk")

    @domain.value_object
    class Flags:
        first = Boolean(default=False)
        level = Integer(default=1)

    @domain.aggregate
    class Order:
        flags = ValueObject(Flags)

    target = Target("aggregate", "Order", None, "")
    assert calls(domain, target)["Order"].parameters[0].kind == "choice"
    code, order = do(domain, target, "Order", flags__first=False)
    assert (code.splitlines()[0], order.flags) == ("order = Order()", None)


def test_what_no_form_can_give_is_said() -> None:
    domain = Domain(name="Desk")

    @domain.aggregate
    class Order:
        prices = ValueObjectList("Money", required=True)

    (action,) = actions(domain, Target("aggregate", "Order", None, ""))
    assert "Order needs 'prices' (Money)" in action.obstacle


def test_values_inside_are_never_code(shop: SimpleNamespace) -> None:
    evil = "x') or __import__('os').abort("
    _, order = do(shop.domain, NEW, "Order", customer_id=evil, invoice__number=evil)
    assert order.invoice.number == evil
    with pytest.raises(ValidationError):
        do(shop.domain, NEW, "Order", customer_id="c-1", total__amount=evil)
