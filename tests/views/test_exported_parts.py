"""Tests that are written from the journal: value objects and entities as the code that makes them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ddd_kit import Domain
from ddd_kit.fields import HasMany, Integer
from ddd_kit.views.exports.given_when_then import given_when_then
from rich_model import rich


class Patch:
    """What a written test asks of pytest."""

    def setattr(self, target: Any, name: str, value: Any) -> None:
        setattr(target, name, value)


def written(shop: SimpleNamespace, steps: Any) -> str:
    return str(given_when_then(shop.domain, steps, module=None))


def passes(text: str, shop: SimpleNamespace) -> None:
    names = dict(vars(shop))
    exec(text, names)
    (test,) = [value for name, value in names.items() if name.startswith("test_")]
    test(*([Patch()] if "monkeypatch" in text else []))


def step_of(shop: SimpleNamespace, number: int) -> int:
    return shop.domain.journal.of(kind="changed", aggregate="Order")[number].step  # type: ignore[no-any-return]


@pytest.mark.parametrize("number", [0, 1, 2, 3, None])
def test_what_is_written_passes_with_the_model(number: int | None) -> None:
    shop = rich()
    passes(written(shop, None if number is None else step_of(shop, number)), rich(run=False))


@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_is_written_fails_with_another_model(number: int) -> None:
    shop, other = rich(), rich(run=False)
    text = written(shop, step_of(shop, number))
    before = other.OrderItem.__init__

    def doubled(self: Any, **values: Any) -> None:
        before(self, **{**values, "quantity": values["quantity"] * 2})

    other.OrderItem.__init__ = doubled
    if number == 1:  # the change itself sets what is expected of the one item that changed
        text = text.replace("items[0]", "items[1]")
    with pytest.raises(AssertionError):
        passes(text, other)


def test_entities_are_added_changed_and_removed_through_their_aggregate() -> None:
    shop = rich()
    changed, replaced = written(shop, step_of(shop, 1)), written(shop, step_of(shop, 2))
    assert "        order.get_one_from_items(sku='A').quantity = 2\n" in changed
    assert (
        "    with atomic_change(order):\n        order.remove_items(order.get_one_from_items(sku='B'))"
        in replaced
    )
    assert "order.add_items(OrderItem(sku='C', quantity=3, price=Money(amount=Decimal('2.00')" in replaced
    assert "assert order.items[1].price == Money(amount=Decimal('2.00'), currency='EUR')" in replaced


def test_entities_that_changed_places_are_given_as_a_whole() -> None:
    domain = Domain(name="Desk", seed=1)

    @domain.aggregate
    class Order:
        items = HasMany("Item")

    @domain.entity(part_of=Order)
    class Item:
        quantity = Integer(default=1)
        parts = HasMany("Screw")

    @domain.entity(part_of=Item)
    class Screw:
        size = Integer(default=1)

    shop = SimpleNamespace(domain=domain, Order=Order, Item=Item, Screw=Screw)
    order = Order(id="o", items=[Item(id="1"), Item(id="2", parts=[Screw(id="s")])])
    repository = domain.repository_for(Order)
    repository.add(order)
    order.items = [order.items[1], order.items[0]]
    repository.add(order)
    text = written(shop, step_of(shop, 1))
    assert "order.items = [Item(quantity=1, parts=[Screw(size=1, id='s')], id='2'), Item(" in text
    passes(text, shop)
    domain.reset()
    repository = domain.repository_for(Order)
    order = Order(id="o", items=[Item(id="2", parts=[Screw(id="s")])])
    repository.add(order)
    order.items[0].parts[0].size = 5
    repository.add(order)
    text = written(shop, step_of(shop, 1))
    assert "order.get_one_from_items(id='2').get_one_from_parts(id='s').size = 5" in text
    passes(text, shop)
