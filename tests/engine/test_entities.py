"""Entities inside of aggregates: HasOne, HasMany, Reference."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ddd_kit import Domain, invariant
from ddd_kit.exceptions import (
    ConfigurationError,
    IncorrectUsageError,
    ObjectNotFoundError,
    TooManyObjectsError,
    ValidationError,
)
from ddd_kit.fields import HasMany, HasOne, Identifier, Integer, Reference, String

domain = Domain(name="Bookshop")


@domain.aggregate
class Author:
    name = String(required=True)


@domain.aggregate
class Order:
    customer = String()
    author = Reference(Author)
    items = HasMany("OrderItem")
    invoice = HasOne("Invoice")

    @invariant.post
    def at_most_ten_books(self):
        if sum(item.quantity for item in self.items) > 10:
            raise ValidationError({"items": ["must not be more than ten books"]})


@domain.entity(part_of=Order)
class OrderItem:
    sku = Identifier(identifier=True)
    quantity = Integer(min_value=1, default=1)
    notes = HasMany("Note")


@domain.entity(part_of=OrderItem)
class Note:
    text = String()


@domain.entity(part_of=Order)
class Invoice:
    number = String()


@domain.event(part_of=Order)
class OrderChanged:
    sku = Identifier()


@pytest.fixture(autouse=True)
def _empty():
    domain.reset()


def stored(order):
    orders = domain.repository_for(Order)
    orders.add(order)
    return orders.get(order.id)


def skus(order):
    return [item.sku for item in order.items]


def test_entities_are_added_one_by_one_and_in_lists():
    order = Order()
    order.add_items(OrderItem(sku="A"))
    order.add_items([OrderItem(sku="B"), OrderItem(sku="C")])
    assert skus(order) == ["A", "B", "C"]


def test_they_may_be_given_to_the_constructor():
    assert skus(Order(items=[OrderItem(sku="A"), {"sku": "B"}])) == ["A", "B"]


def test_adding_one_of_the_same_identity_replaces_it():
    order = Order(items=[OrderItem(sku="A"), OrderItem(sku="B")])
    order.add_items(OrderItem(sku="A", quantity=5))
    assert [(item.sku, item.quantity) for item in order.items] == [("A", 5), ("B", 1)]


def test_they_come_back_from_the_repository_all_the_way_down():
    order = Order(items=[OrderItem(sku="A", notes=[Note(text="hello")])], invoice=Invoice(number="1"))
    found = stored(order)
    assert found.items[0].notes[0].text == "hello"
    assert found.invoice.number == "1"
    assert found.to_dict() == order.to_dict()


def test_a_change_inside_is_saved_with_the_aggregate_and_only_then():
    order = stored(Order(items=[OrderItem(sku="A")]))
    order.items[0].quantity = 7
    assert domain.repository_for(Order).get(order.id).items[0].quantity == 1
    assert stored(order).items[0].quantity == 7


def test_removing_takes_one_or_several():
    order = Order(items=[OrderItem(sku=sku) for sku in "ABC"])
    order.remove_items(order.get_one_from_items(sku="A"))
    assert skus(order) == ["B", "C"]
    order.remove_items(order.items)
    assert skus(stored(order)) == []


def test_removing_what_is_not_there_is_refused():
    with pytest.raises(IncorrectUsageError, match="is none of the items of"):
        Order().remove_items(OrderItem(sku="A"))


def test_conditions_find_one_or_all_of_them():
    order = Order(items=[OrderItem(sku="A"), OrderItem(sku="B", quantity=2), OrderItem(sku="C")])
    assert order.get_one_from_items(quantity=2).sku == "B"
    assert [item.sku for item in order.filter_items(quantity__lt=2)] == ["A", "C"]
    with pytest.raises(ObjectNotFoundError, match=r"None of the items of .* has sku='Z'"):
        order.get_one_from_items(sku="Z")
    with pytest.raises(TooManyObjectsError, match=r"2 of the items of .* have quantity=1"):
        order.get_one_from_items(quantity=1)
    with pytest.raises(IncorrectUsageError, match="no field 'skuu' to look for: did you mean 'sku'"):
        order.filter_items(skuu="A")


@pytest.mark.parametrize(
    "change",
    [
        lambda items: items.append(OrderItem(sku="B")),
        lambda items: items.clear(),
        lambda items: items.pop(),
        lambda items: items.__setitem__(0, OrderItem(sku="B")),
        lambda items: items.__iadd__([OrderItem(sku="B")]),
        lambda items: items.sort(),
    ],
    ids=["append", "clear", "pop", "setitem", "iadd", "sort"],
)
def test_the_list_is_changed_by_its_aggregate_alone(change):
    order = Order(items=[OrderItem(sku="A")])
    with pytest.raises(IncorrectUsageError, match=r"order\.add_items\(\.\.\.\) or order\.remove_items"):
        change(order.items)
    assert skus(order) == ["A"]


def test_the_rules_of_the_aggregate_hold_for_changes_inside():
    order = Order(items=[OrderItem(sku="A", quantity=9)])
    with pytest.raises(ValidationError, match="must not be more than ten books"):
        order.add_items(OrderItem(sku="B", quantity=2))
    with pytest.raises(ValidationError, match="must not be more than ten books"):
        order.items[0].quantity = 11
    assert [(item.sku, item.quantity) for item in order.items] == [("A", 9)]


def test_an_entity_knows_what_it_is_part_of():
    order = Order(items=[OrderItem(sku="A", notes=[Note(text="x")])])
    item = order.items[0]
    assert (item.order, item.order_id) == (order, order.id)
    assert item.notes[0].order_item_sku == "A"
    with pytest.raises(AttributeError, match="OrderItem has no field or method 'order'"):
        _ = OrderItem(sku="B").order


def test_a_has_one_is_set_replaced_and_taken_away():
    order = Order(invoice=Invoice(number="1"))
    order.invoice = Invoice(number="2")
    assert stored(order).invoice.number == "2"
    order.invoice = None
    assert stored(order).invoice is None


@pytest.mark.parametrize("wrong", [3, Note(text="x"), "A"])
def test_what_is_no_such_entity_is_refused(wrong):
    with pytest.raises(ValidationError, match="should be an OrderItem"):
        Order().add_items(wrong)


def test_its_identity_stays():
    item = OrderItem(sku="A")
    with pytest.raises(IncorrectUsageError, match="sku is its identity and stays as it is"):
        item.sku = "B"


def test_events_raised_inside_are_the_aggregates():
    order = Order(items=[OrderItem(sku="A")])
    order.items[0].raise_(OrderChanged(sku="A"))
    stored(order)
    assert domain.journal.of(kind="event")[0].aggregate_id == order.id
    with pytest.raises(IncorrectUsageError, match="is part of no aggregate yet"):
        OrderItem(sku="B").raise_(OrderChanged(sku="B"))


def test_a_reference_keeps_the_identity_and_gives_the_aggregate():
    author = domain.repository_for(Author).add(Author(name="Ann"))
    order = stored(Order(author=author))
    assert order.author_id == author.id
    assert order.author.name == "Ann"
    order.author = None
    assert stored(order).author is None
    with pytest.raises(IncorrectUsageError, match="is no Author: give the object, or its identity"):
        order.author = Order()


def test_a_reference_to_what_is_gone_gives_none():
    assert Order(author_id="nobody").author is None


def test_the_journal_names_what_changed_inside():
    order = stored(Order(items=[OrderItem(sku="A"), OrderItem(sku="B")]))
    order.get_one_from_items(sku="A").quantity = 2
    order.remove_items(order.get_one_from_items(sku="B"))
    stored(order)
    changes = domain.journal.of(kind="changed")[-1].changes
    assert changes["items[sku=A].quantity"] == (1, 2)
    assert list(changes) == ["items[sku=A].quantity", "items[sku=B]"]
    assert changes["items[sku=B]"][1] is None


def test_without_an_identity_of_their_own_a_text_tells_them_apart():
    order = stored(Order(items=[OrderItem(sku="A", notes=[Note(text="x"), Note(text="y")])]))
    order.items[0].notes[1].text = "z"
    stored(order)
    assert domain.journal.of(kind="changed")[-1].changes == {"items[sku=A].notes[text=y].text": ("y", "z")}


def test_at_a_step_and_in_a_fork_they_are_as_they_were():
    order = stored(Order(items=[OrderItem(sku="A")]))
    step = domain.journal.last_step
    order.items[0].quantity = 5
    stored(order)
    assert domain.at(step).repository_for(Order).get(order.id).items[0].quantity == 1
    fork = domain.fork(at=step)
    twin = fork.repository_for(Order).get(order.id)
    twin.add_items(OrderItem(sku="B"))
    fork.repository_for(Order).add(twin)
    assert skus(domain.repository_for(Order).get(order.id)) == ["A"]


def test_an_entity_has_to_be_part_of_something():
    with pytest.raises(ConfigurationError, match="lacks part_of: an entity belongs to an aggregate"):
        domain.entity(type("Loose", (), {}))


def test_two_aggregates_share_no_entities():
    order = stored(Order(items=[OrderItem(sku="A")]))
    one, other = (domain.repository_for(Order).get(order.id) for _ in range(2))
    one.items[0].quantity = 3
    assert other.items[0].quantity == 1


moves = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "change"]), st.sampled_from("ABCD"), st.integers(1, 3)),
    max_size=12,
)


@given(moves)
def test_whatever_is_done_what_is_loaded_is_what_was_saved(done):
    """Against a dictionary as the model."""
    domain = Domain(name="Random")

    @domain.aggregate
    class Basket:
        items = HasMany("Item")

    @domain.entity(part_of=Basket)
    class Item:
        sku = Identifier(identifier=True)
        quantity = Integer()

    baskets, model = domain.repository_for(Basket), {}
    baskets.add(Basket(id="b"))
    for what, sku, quantity in done:
        basket = baskets.get("b")
        if what == "add":
            basket.add_items(Item(sku=sku, quantity=quantity))
            model[sku] = quantity
        elif sku in model and what == "remove":
            basket.remove_items(basket.get_one_from_items(sku=sku))
            del model[sku]
        elif sku in model:
            basket.get_one_from_items(sku=sku).quantity = quantity
            model[sku] = quantity
        baskets.add(basket)
        assert {item.sku: item.quantity for item in baskets.get("b").items} == model
