"""A test of the model in a cell."""

from __future__ import annotations

import pytest

import seed_model
from ddd_kit import Domain, given
from markup_reader import PAYLOADS, assert_harmless, text_of


def test_a_cell_shows_given_when_then_and_the_journal():
    order = seed_model.Order(id="o-1", book_id=1, quantity=10, total_amount=100)
    outcome = given(order, handlers=False).when(seed_model.ShipOrder(order_id="o-1"))
    assert "Nothing is expected yet" in text_of(outcome._repr_html_())
    outcome.then(seed_model.OrderShipped)
    html = outcome._repr_html_()
    told = " ".join(text_of(html).split())
    assert "Given | <Order: Order object (id: o-1)>" in told
    assert "When | ShipOrder(order_id='o-1')" in told
    assert "Then | ✓ OrderShipped(…)" in told
    assert "ManageOrder" in told


@pytest.mark.parametrize("text", PAYLOADS)
def test_values_that_look_like_markup_are_text(text):
    domain = Domain(name="Shop")

    @domain.aggregate
    class Note:
        text: str

    outcome = given(Note(id="n-1", text=text)).when(lambda: None).has(Note, text=text)
    assert_harmless(outcome._repr_html_(), text)


def test_an_error_is_told_until_it_is_expected():
    outcome = given(handlers=False).when(seed_model.ShipOrder(order_id="o-1"))
    assert "raised ObjectNotFoundError: Order 'o-1' is not in its repository" in text_of(
        outcome._repr_html_()
    )
    outcome.raises()
    assert "✓ raised Exception" in text_of(outcome._repr_html_())
