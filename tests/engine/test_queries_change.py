"""Queries that change what they find, or give some fields of it."""

import pytest

from ddd_kit import Domain, Record
from ddd_kit.exceptions import IncorrectUsageError, ValidationError
from ddd_kit.fields import HasMany, Integer


@pytest.fixture
def domain():
    return Domain(name="Bookshop")


@pytest.fixture
def orders(domain):
    @domain.aggregate
    class Order:
        quantity = Integer(min_value=1, max_value=9)
        note: str = "none"
        lines = HasMany("Line")

    @domain.entity(part_of=Order)
    class Line:
        copies: int = 1

    orders = domain.repository_for(Order)
    for number in (1, 2, 3):
        orders.add(Order(id=f"o-{number}", quantity=number))
    return orders


def test_an_update_changes_all_that_is_found_and_is_in_the_journal(domain, orders):
    before = domain.journal.last_step
    assert orders.query.filter(quantity__gte=2).update(quantity=9, note="sold") == 2
    assert [(order.quantity, order.note) for order in orders.query] == [(1, "none"), (9, "sold"), (9, "sold")]
    changed = [each for each in domain.journal.of(kind="changed") if each.step > before]
    assert [each.changes["quantity"] for each in changed] == [(2, 9), (3, 9)]
    past = domain.at(before).repository_for("Order")
    assert [order.quantity for order in past.query] == [1, 2, 3]


def test_an_update_that_one_object_refuses_changes_none(orders):
    with pytest.raises(ValidationError):
        orders.query.update(note="new", quantity=0)
    assert [(order.quantity, order.note) for order in orders.query] == [(1, "none"), (2, "none"), (3, "none")]


def test_only_some_fields_come_as_records_that_only_read(orders):
    """The identity is always among them; no field gives whole objects again."""
    chosen = orders.query.order_by("-quantity").limit(1).only("quantity")
    [record] = chosen.all(with_total=False)
    assert record == Record("Order", {"id": "o-3", "quantity": 3})
    assert (record.id, record["quantity"], record.to_dict()) == ("o-3", 3, {"id": "o-3", "quantity": 3})
    with pytest.raises(AttributeError, match=r"no field 'note': it has id, quantity\. Name it in only"):
        _ = record.note
    with pytest.raises(KeyError, match="did you mean 'quantity'"):
        _ = record["quantiy"]
    with pytest.raises(IncorrectUsageError, match="only reads"):
        record.quantity = 4
    assert chosen.only().first == orders.get("o-3")


def test_only_names_fields_that_there_are_and_that_can_come_alone(orders):
    with pytest.raises(IncorrectUsageError, match="did you mean 'note'"):
        orders.query.only("nott")
    with pytest.raises(IncorrectUsageError, match="holds entities"):
        orders.query.only("lines")
