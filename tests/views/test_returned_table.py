"""What something returned, as a small table."""

from __future__ import annotations

from typing import Any

import pytest

from ddd_kit import Domain
from ddd_kit.fields import String
from ddd_kit.views.trying.results import returned_table
from ddd_kit.views.trying.tried import Tried, outcome_html
from markup_reader import HIDDEN, PAYLOADS, Reader
from trying_shop import open_shop


def told(value: Any) -> str:
    return "".join(Reader(returned_table(value)).words)


def test_what_a_query_found_is_a_table_of_its_fields() -> None:
    shop = open_shop()
    shop.domain.process(shop.PlaceOrder(order_id="o-1"))
    shop.domain.process(shop.PlaceOrder(order_id="o-2"))
    found = shop.domain.dispatch(shop.OrdersOfStatus(status="placed"))
    assert told(found).split("\n") == [
        "",
        "returned ▤ OrderList 2",
        " | order_id | status",
        " | o-1 | placed",
        " | o-2 | placed",
    ]
    assert "OrderList 2" in told(shop.domain.view_for("OrderList").query.filter(status="placed"))
    assert "■ Order" in told(shop.orders.get("o-1"))
    assert "▶ PlaceOrder" in told(shop.PlaceOrder(order_id="o-1"))


def test_of_many_the_first_ten_are_shown_and_how_many_more_there_are() -> None:
    shop = open_shop()
    for number in range(1000):
        shop.shelves.add(shop.Inventory(book=f"b-{number:03}"))
    words = told(shop.shelves.holding_less_than(9))
    assert (words.count("\n | ") - 1, words.split("\n")[-1]) == (10, "and 992 more")
    assert "Inventory 1,002" in words
    assert told(shop.shelves.query).endswith("and 993 more")
    page = told(shop.shelves.query.offset(100).limit(20).all())
    assert ("Inventory 20 of 1,003" in page, page.split("\n")[-1]) == (True, "and 10 more")
    three = told(shop.shelves.query.limit(3))
    assert ("Inventory 3 of 1,003" in three, "more" in three) == (True, False)
    assert told(list(range(1000))).endswith("and 990 more")


def test_of_many_fields_the_first_eight_are_shown() -> None:
    domain = Domain(name="Wide")
    wide = domain.aggregate(type("Wide", (), {f"field_{n}": String(default="x") for n in range(12)}))
    words = told([wide(), wide()])
    assert (words.count("field_"), words.split("\n")[-1]) == (8, "and 5 more fields")
    assert told([wide() for _ in range(11)]).endswith("and 1 more and 5 more fields")


def test_dictionaries_are_rows_also_where_some_have_more_keys() -> None:
    assert told([{"a": 1}, {"a": 2, "b": None}]).split("\n") == [
        *("", "returned 2 rows", " | a | b", " | 1 | ", " | 2 | None"),
    ]
    assert told({f"key {n}": "x" * n for n in range(30)}).endswith("and 20 more")


@pytest.mark.parametrize("value", [None, 0, "words", [], {}, ["a", "b"], {"a": 1}, print, open_shop])
def test_what_is_short_or_no_table_stays_as_python_writes_it(value: Any) -> None:
    assert returned_table(value) == ""


def test_objects_that_cannot_be_told_hide_nothing_else() -> None:
    class Untold:
        def __repr__(self) -> str:
            raise ValueError

    assert "<Untold that cannot be shown>" in told([Untold(), 1])
    assert "<Untold that cannot be shown>" in told([{"a": Untold()}, {"a": 1}])


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_looks_like_markup_is_text(payload: str) -> None:
    domain = Domain(name="Sly")
    sly = domain.aggregate(type("Sly", (), {"text": String(default="x", max_length=9999)}))
    for value in (
        [{payload: payload}],
        [payload] * 20,
        [sly(text=payload.encode(errors="replace").decode())],
        {payload: "x" * 99},
    ):
        words = told(value)
        assert words
        assert not HIDDEN & set(words)
        outcome_html(Tried(1, "a", "a", table=returned_table(value))).encode()
    assert "<script" not in returned_table([{payload: payload}])


def test_an_outcome_has_the_table_in_place_of_the_text() -> None:
    html = outcome_html(Tried(1, "ask()", "ask()", returned="[...]", table=returned_table([{"a": 1}])))
    assert "<td><bdi>1</bdi></td>" in html
    assert "[...]" not in html
