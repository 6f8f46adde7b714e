"""Value objects and entities wherever values are shown."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from matplotlib import pyplot as plt

from ddd_kit import Domain, compare
from ddd_kit.fields import HasMany, Identifier, Integer, String
from ddd_kit.journal.origin import origin
from ddd_kit.journal.story import story
from ddd_kit.views import answers, state, tree
from ddd_kit.views.charts.chart import chart
from ddd_kit.views.charts.series import numeric_fields, series
from ddd_kit.views.links import linked
from ddd_kit.views.panes import instances as cards
from ddd_kit.views.panes.changes import changes
from ddd_kit.views.panes.look import Look
from ddd_kit.views.panes.workbench import _why
from markup_reader import PAYLOADS, Reader, assert_harmless, text_of
from rich_model import rich


@pytest.fixture(scope="module")
def shop() -> SimpleNamespace:
    return rich()


def saved(shop: SimpleNamespace, number: int) -> int:
    """The step of the order's save, from 0."""
    return [entry.step for entry in shop.domain.journal.of(kind="changed", aggregate="Order")][number]


def lines(html: object) -> list[str]:
    return [re.sub(r"^\s*\| ", "", line).strip() for line in text_of(str(html)).splitlines()]


# The state


def test_a_value_object_is_one_value_and_each_entity_a_line(shop: SimpleNamespace) -> None:
    shown = lines(cards.instances(shop.domain, saved(shop, 0)))
    assert "items[sku=A] | quantity 1, price Money(5.00, EUR)" in shown
    assert "items[sku=B] | quantity 2, price Money(7.50, EUR)" in shown
    assert "total | Money(20.00, EUR)" in shown


def test_what_changed_inside_is_marked(shop: SimpleNamespace) -> None:
    shown = lines(cards.instances(shop.domain, saved(shop, 1)))
    assert "items[sku=A] | quantity 1 → 2, price Money(5.00, EUR)" in shown
    assert "items[sku=B] | quantity 2, price Money(7.50, EUR)" in shown
    assert "invoice | new number 2026-1, due 2026-01-02 00:00:00+00:00" in shown
    html = str(cards.instances(shop.domain, saved(shop, 1)))
    assert html.count('<tr class="ddd-new">') == 2


def test_entities_that_came_and_went_are_marked(shop: SimpleNamespace) -> None:
    shown = lines(cards.instances(shop.domain, saved(shop, 2)))
    assert "items[sku=B] | quantity 2, price Money(7.50, EUR) removed" in shown
    assert "items[sku=C] | new quantity 3, price Money(2.00, EUR)" in shown
    assert "total | Money(20.00, EUR) → Money(26.00, EUR)" in shown


def test_the_state_in_a_cell_and_as_text(shop: SimpleNamespace) -> None:
    piece = cards.state(shop.domain, saved(shop, 2))
    assert "items[sku=C] added (quantity 3, price Money(2.00, EUR))" in repr(piece)
    assert "items[sku=B] removed (quantity 2" in repr(piece)
    assert "items[sku=C] | new quantity 3" in text_of(piece._repr_html_())
    card = lines(state.aggregate(shop.order))
    assert "items[sku=A] | quantity 2, price Money(5.00, EUR)" in card
    assert "total | Money(26.00, EUR)" in card


def test_what_a_query_found_and_a_stream(shop: SimpleNamespace) -> None:
    found = shop.domain.repository_for(shop.Order).query.all()
    assert "[OrderItem A, OrderItem C]" in text_of(str(state.results(found)))
    assert "total Money(26.00, EUR)" in text_of(str(state.stream(shop.domain.stream(shop.Order))))


def many(count: int) -> Any:
    domain = Domain(name="Desk")

    @domain.aggregate
    class Order:
        items = HasMany("Item")

    @domain.entity(part_of=Order)
    class Item:
        sku = Identifier(identifier=True)
        quantity = Integer(default=1)
        note = String()

    order = Order(id="o")
    order.add_items([Item(sku=f"s{number}") for number in range(count)])
    repository = domain.repository_for(Order)
    repository.add(order)
    order.get_one_from_items(sku=f"s{count - 1}").quantity = 9
    repository.add(order)
    return domain


def test_of_many_entities_those_that_changed_come_first_and_the_rest_is_counted() -> None:
    domain = many(30)
    shown = lines(cards.instances(domain, domain.journal.last_step))
    assert shown[3] == "items[sku=s29] | quantity 1 → 9"
    assert "… | 24 more in items" in shown
    assert "… 24 more in items" in repr(cards.state(domain))
    pane = lines(changes(domain, domain.journal.last_step))
    assert "items[sku=s29].quantity | 1 | 9 (+8)" in pane
    assert "… | 17 more in items" in pane


# What a step did


def test_the_changes_pane_shows_what_changed_and_the_entities_that_did_not(shop: SimpleNamespace) -> None:
    shown = lines(changes(shop.domain, saved(shop, 2)))
    assert shown[2:6] == [
        "items[sku=B] | quantity 2, price Money(7.50, EUR) | removed",
        "items[sku=C] | not there | quantity 3, price Money(2.00, EUR)",
        "total.amount | 20.00 | 26.00 (+6.00)",
        "customer_id | c-1 | c-1",
    ]
    assert "items[sku=A] | quantity 2, price Money(5.00, EUR) | quantity 2, price Money(5.00, EUR)" in shown
    assert not any("{" in line for line in shown if not line.startswith("extra"))


def test_the_tree_and_the_sentence_tell_of_what_came_and_went(shop: SimpleNamespace) -> None:
    step = saved(shop, 2)
    told = "items[sku=B] removed, items[sku=C] added: quantity 3, price Money(2.00, EUR), total.amount 20.00"
    assert f"{told} -> 26.00" in repr(shop.domain.journal.between(step, step))
    assert f"{told} → 26.00" in text_of(str(tree.journal(shop.domain.journal)))
    assert story(shop.domain.journal, step).sentence == (
        "In [5]: Order o-1 changed: items[sku=B] removed, items[sku=C] added, and 1 more field."
    )
    assert story(shop.domain.journal, saved(shop, 3)).sentence.endswith("from status DRAFT to PLACED.")


def test_a_rule_that_was_broken_is_shown_with_what_it_saw(shop: SimpleNamespace) -> None:
    (entry,) = shop.domain.journal.of(kind="rejected")
    shown = text_of(str(changes(shop.domain, entry.step)))
    assert "at_most_ten_books of Order: must not be more than ten books" in shown
    assert "it saw items[sku=A] quantity 2, price Money(5.00, EUR), items[sku=C] quantity 12" in shown
    assert story(shop.domain.journal, entry.step).sentence == (
        "In [6]: Order was rejected by at_most_ten_books: items must not be more than ten books."
    )
    assert "by at_most_ten_books (items [OrderItem A, OrderItem C])" in text_of(
        str(tree.journal(shop.domain.journal))
    )


def test_an_event_says_value_objects_in_words(shop: SimpleNamespace) -> None:
    step = shop.domain.journal.of(kind="event")[0].step
    assert "total | Money(26.00, EUR)" in lines(changes(shop.domain, step))
    assert "● OrderPlaced (total Money(26.00, EUR))" in repr(shop.domain.journal)


# Questions


def test_each_value_that_can_be_clicked_has_an_answer(shop: SimpleNamespace) -> None:
    """In the cards, the pane of changes and the tree, at every step."""
    domain, asked = shop.domain, set()
    for entry in domain.journal:
        for html in (
            cards.instances(domain, entry.step, link=linked),
            changes(domain, entry.step, linked),
            tree.told(entry, linked),
        ):
            asked |= set(re.findall(r'data-act="why" data-arg="([^"]*)"', str(html)))
    assert len(asked) > 20
    for arg in asked:
        answer = text_of(str(_why(domain, Look(question=("why", arg)))))
        assert answer.startswith("Why is"), (arg, answer)


def test_the_answer_in_html(shop: SimpleNamespace) -> None:
    shown = text_of(str(answers.why_panel(shop.domain.why(shop.order, "items[sku=A].quantity"))))
    assert shown.startswith("Why is items[sku=A].quantity 2?")
    assert "items[sku=A].quantity 1 → 2 step" in shown
    gone = text_of(str(answers.why_panel(shop.domain.why(shop.order, "items[sku=B]"))))
    assert "OrderItem B → removed" in gone


# Numbers, tables, two runs


def test_a_number_in_a_value_object_can_be_drawn(shop: SimpleNamespace) -> None:
    assert ("Order", "total.amount") in numeric_fields(shop.domain)
    assert series(shop.domain, "Order", "total.amount").lines["o-1"].values == [20.0, 20.0, 26.0, 26.0]
    axes = chart(shop.domain, shop.Order, "total.amount")
    assert axes.get_ylabel() == "total.amount"
    plt.close(axes.figure)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("total", "holds no numbers"),
        ("total.amont", "did you mean 'total.amount'"),
        ("ttal.amount", "did you mean 'total.amount'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(shop: SimpleNamespace, field: str, said: str) -> None:
    with pytest.raises(Exception, match=said):
        series(shop.domain, "Order", field)


def test_tables_hold_plain_data(shop: SimpleNamespace) -> None:
    table = shop.domain.journal.changes()
    held = [*table["before"], *table["after"]]
    assert {"amount", "currency"} <= {key for value in held if isinstance(value, dict) for key in value}
    assert "Part" not in {type(value).__name__ for value in held}
    payloads = [each for each in shop.domain.journal.to_frame()["payload"] if each]
    assert any(isinstance(each.get("total"), dict) for each in payloads)


def test_two_runs_differ_in_what_is_inside(shop: SimpleNamespace) -> None:
    fork = shop.domain.fork(at=saved(shop, 0))
    told = repr(compare(shop.domain, fork))
    assert "Order o-1 items[sku=A].quantity: 2 | 1" in told
    assert "Order o-1 total.amount: 26.00 | 20.00" in told
    assert "Order o-1 items[sku=B]: None | OrderItem B" in told


# Whatever is in them


@pytest.mark.parametrize("payload", [each for each in PAYLOADS if each.isprintable() or each.isascii()])
def test_texts_inside_are_text(payload: str) -> None:
    domain = Domain(name="Desk")

    @domain.aggregate
    class Order:
        items = HasMany("Item")

    @domain.entity(part_of=Order)
    class Item:
        sku = Identifier(identifier=True)
        note = String(max_length=10_000)

    order = Order(id="o")
    order.add_items(Item(sku=payload, note=payload))
    repository = domain.repository_for(Order)
    with origin("In [1]"):
        repository.add(order)
        order.items[0].note = "other"
        repository.add(order)
        order.remove_items(order.items[0])
        repository.add(order)
    for entry in domain.journal.of(kind="changed"):
        for html in (
            cards.instances(domain, entry.step, link=linked),
            changes(domain, entry.step, linked),
            tree.journal(domain.journal),
        ):
            Reader(str(html))
    assert_harmless(str(cards.instances(domain, domain.journal.of(kind="changed")[0].step)), payload)
