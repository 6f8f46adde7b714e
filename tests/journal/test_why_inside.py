"""`domain.why` asks about what is inside of an aggregate: entities, and the values of value objects."""

from __future__ import annotations

import pytest

from ddd_kit import Domain
from ddd_kit.building_blocks.part import Part
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.fields import HasMany, Integer, String, ValueObject
from ddd_kit.journal.parts import ABSENT, held_at, place_of
from rich_model import rich


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("total.amount", "In [5] saved it: Order o-1 total.amount 20.00 -> 26.00."),
        ("items[sku=A].quantity", "In [4] saved it: Order o-1 items[sku=A].quantity 1 -> 2."),
        ("items[sku=A].price", "In [3] saved it: Order o-1 items[sku=A].price began as Money(5.00, EUR)."),
        ("items[sku=C]", "In [5] saved it: Order o-1 items[sku=C] began as OrderItem C."),
        ("items[sku=B]", "In [5] saved it: Order o-1 items[sku=B] was removed: OrderItem B."),
        ("invoice", "In [4] saved it: Order o-1 invoice None -> Invoice 2026-1."),
        ("total", "In [5] saved it: Order o-1 total Money(20.00, EUR) -> Money(26.00, EUR)."),
    ],
)
def test_a_path_is_answered_by_the_save_that_gave_it_its_value(path: str, sentence: str) -> None:
    shop = rich()
    assert shop.domain.why(shop.order, path).sentence == sentence


def test_an_entity_may_be_named_by_its_identity_alone() -> None:
    shop = rich()
    assert "quantity 1 -> 2" in shop.domain.why(shop.order, "items[A].quantity").sentence


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("items[sku=Z]", r"Inside of it there is: items\[sku=A\], items\[sku=C\], invoice.number"),
        ("total.amont", "Inside of it there is: .*total.amount"),
        ("itms[sku=A]", "did you mean 'items'"),
        ("status.x", "Order has no field 'status.x'"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused_with_those_that_lead_somewhere(path: str, said: str) -> None:
    shop = rich()
    with pytest.raises(IncorrectUsageError, match=said):
        shop.domain.why(shop.order, path)


def test_an_entity_that_is_called_otherwise_by_now_is_the_same_one() -> None:
    """Without a named identity a list is labelled by a text, which may change."""
    domain = Domain(name="Desk", seed=1)

    @domain.aggregate
    class Board:
        notes = HasMany("Note")

    @domain.entity(part_of=Board)
    class Note:
        title = String()
        votes = Integer(default=0)

    board = Board(id="b")
    board.add_notes(Note(title="old", votes=3))
    repository = domain.repository_for(Board)
    repository.add(board)
    board.notes[0].title = "new"
    repository.add(board)
    assert domain.why(board, "notes[title=new].votes").sentence.endswith(
        "Board b notes[title=new].votes began as 3."
    )
    assert domain.why(board, "notes[title=new].title").sentence.endswith("old -> new.")


def test_a_field_of_a_value_object_that_came_with_its_new_class_is_said_to() -> None:
    domain = Domain(name="Desk")

    @domain.value_object
    class Money:
        amount = Integer()

    @domain.aggregate
    class Order:
        total = ValueObject(Money)

    repository = domain.repository_for(Order)
    repository.add(Order(id="o", total=Money(amount=5)))

    @domain.value_object  # type: ignore[no-redef]
    class Money:
        amount = Integer()
        currency = String(default="EUR")

    order = repository.get("o")
    order.total = Money(amount=6)
    repository.add(order)
    assert domain.why(order, "total.currency").sentence.endswith("EUR.")


def test_places_are_found_and_read() -> None:
    money = Part("Money", None, ("amount",), (5,))
    item = Part("Item", "id", ("id", "price"), ("a]b=c", money))
    names, values = ("items", "prices"), ((item,), (money, money))
    place = place_of("items[id=a]b=c].price.amount", names, values)
    assert place == ("items", "a]b=c", "price", "amount")
    assert held_at(place, names, values) == 5
    assert place_of("prices[1].amount", names, values) == ("prices", 1, "amount")
    assert place_of("items[id=x]", names, values) is None
    assert held_at(("items", "x", "price"), names, values) is ABSENT
    assert held_at(("items",), ("other",), (1,)) is ABSENT
    assert held_at(("items",), names, None) is ABSENT
