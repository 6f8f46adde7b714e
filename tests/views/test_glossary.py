"""The glossary, shown in a cell, as text, as Markdown, as a table, in files, and on the map."""

from __future__ import annotations

import csv
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from ddd_kit import Domain
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.fields import Integer, Status
from ddd_kit.views.glossary.glossary import MOST_ROWS
from ddd_kit.views.panes import workbench
from ddd_kit.views.panes.look import Look
from hostile_names import hostile
from markup_reader import PAYLOADS, assert_harmless, text_of
from two_contexts import two_contexts

UNWRITTEN = "no words yet: write a docstring"


def shop() -> Domain:
    domain = Domain(name="Bookshop")

    @domain.aggregate
    class Order:
        """What a customer wants. It is paid later."""

        quantity = Integer(min_value=1, description="How many copies.")
        status = Status(["NEW", "SHIPPED"], default="NEW", transitions={"NEW": ["SHIPPED"]})

        def ship(self) -> None:
            self.raise_(OrderShipped())

    @domain.event(part_of=Order)
    class OrderShipped: ...

    @domain.aggregate
    class Inventory:
        """How many copies lie on the shelf."""

    return domain


def many(count: int) -> Domain:
    domain = Domain(name="Large")
    for number in range(count):
        domain.aggregate(type(f"Thing{number:03}", (), {"__annotations__": {"a": int, "b": int, "c": int}}))
    return domain


def test_the_text_tells_words_meanings_and_what_the_model_knows():
    assert repr(shop().glossary()) == "\n".join(
        [
            "Glossary of Bookshop: 3 terms, 3 details; 1 term without words yet.",
            "Order",
            "  ■ Order: What a customer wants.",
            "      quantity  How many copies. - whole number, 1 or more",
            "      status    NEW or SHIPPED, NEW by default, NEW → SHIPPED",
            "      ship      ship - raises OrderShipped",
            f"  ● OrderShipped: order shipped ({UNWRITTEN})",
            "      raised by Order.ship",
            "Inventory",
            "  ■ Inventory: How many copies lie on the shelf.",
        ]
    )


def test_the_cell_says_what_the_text_says():
    found = shop().glossary()
    told = " ".join(text_of(found._repr_html_()).split())
    for term in found:
        assert term.label in told
        assert term.said in told
        for fact in term.facts:
            assert fact in told
    assert f"order shipped · {UNWRITTEN}" in told


def test_the_rest_of_a_docstring_is_in_the_title():
    html = shop().glossary()._repr_html_()
    assert 'title="What a customer wants. It is paid later."' in html


def test_a_long_docstring_is_cut_in_the_cell_and_whole_in_its_title():
    domain = Domain(name="Bookshop")
    domain.aggregate(type("Order", (), {"__doc__": "wanted " * 100}))
    html = domain.glossary()._repr_html_()
    assert "wanted wanted…" not in text_of(html)
    assert "…" in text_of(html)
    assert text_of(html).count("wanted") < 50
    assert html.count("wanted") > 100


def test_a_glossary_is_a_sequence_of_terms_and_knows_which_have_no_words():
    found = shop().glossary()
    assert len(found) == len(found[:]) == len(list(found)) == 6
    assert found[0].name == "Order"
    assert [term.name for term in found.unwritten] == ["OrderShipped"]


def test_it_is_what_the_model_was_when_it_was_asked_for():
    domain = shop()
    before = domain.glossary()

    @domain.event(part_of="Order")
    class OrderShipped:
        """The parcel left the shop."""

    assert UNWRITTEN in repr(before)
    assert UNWRITTEN not in repr(domain.glossary())


# Parts of it


def test_a_part_of_a_name_finds_words_with_all_that_is_in_them():
    names = [term.name for term in shop().glossary(name="order")]
    assert names == ["Order", "quantity", "status", "ship", "OrderShipped"]
    assert [term.name for term in shop().glossary(name="order shipped")] == ["OrderShipped"]
    assert [term.name for term in shop().glossary(name="quant")] == ["quantity"]


def test_a_class_finds_itself_and_what_is_in_it():
    domain = shop()
    wanted = domain.registry.elements["Order"].cls
    assert [term.name for term in domain.glossary(name=wanted)] == ["Order", "quantity", "status", "ship"]


def test_a_kind_finds_its_terms_each_with_its_element():
    found = shop().glossary(kind="operation")
    assert [term.name for term in found] == ["ship"]
    assert repr(found).splitlines()[1:] == ["Order", "  Order", "      ship  ship - raises OrderShipped"]
    assert "Order" in text_of(found._repr_html_())


def test_a_name_that_nothing_has_is_answered_with_the_closest():
    told = repr(shop().glossary(name="Odrer"))
    assert told == "Glossary of Bookshop: no terms with 'Odrer': did you mean 'Order'?"
    assert repr(shop().glossary(name="zzz")) == "Glossary of Bookshop: no terms with 'zzz'."


def test_from_a_to_z_elements_are_sorted_and_keep_what_is_in_them():
    names = [line.strip() for line in repr(shop().glossary(order="name")).splitlines()[1:]]
    assert [name.partition(":")[0] for name in names if name[0] in "■●"] == [
        "■ Inventory",
        "■ Order",
        "● OrderShipped",
    ]
    assert names[2].startswith("quantity")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"kind": "evnt"}, "there is no such kind: did you mean 'event'? There are: aggregate, "),
        ({"kind": 3}, "there is no such kind. There are: "),
        ({"order": "random"}, 'there is "flow" and "name"'),
        ({"name": 3}, "name=3"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(wrong: dict[str, Any], told: str):
    with pytest.raises(IncorrectUsageError) as error:
        shop().glossary(**wrong)
    assert told in str(error.value)


def test_only_domains_and_each_once():
    with pytest.raises(IncorrectUsageError, match="that is no domain"):
        shop().glossary("order")  # type: ignore[arg-type]
    with pytest.raises(IncorrectUsageError, match="two of the domains are called Bookshop"):
        shop().glossary(shop())


# Several contexts


def test_a_word_of_two_contexts_comes_first_with_both_meanings():
    both = two_contexts()

    @both.warehouse.aggregate
    class Order:
        """What is to be packed."""

    found = both.sales.glossary(both.warehouse)
    text = repr(found)
    assert text.splitlines()[1:5] == [
        "The same word, with a meaning in each context:",
        "  order",
        f"    Sales: order ({UNWRITTEN})",
        "    Warehouse: What is to be packed.",
    ]
    assert "Order in Sales" in text
    assert "Order in Warehouse" in text
    html = text_of(found._repr_html_())
    assert html.index("What is to be packed.") < html.index("Stock")
    assert "## The same word" in found.to_markdown()


def test_a_word_that_crosses_is_one_word():
    both = two_contexts()
    assert "The same word" not in repr(both.sales.glossary(both.warehouse))


# What looks like markup


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_docstrings_and_descriptions_are_text(payload: str):
    domain = hostile([payload])
    text = payload.encode(errors="ignore").decode()
    domain.aggregate(
        type("Noted", (), {"__doc__": text, "field": Integer(description=text), "s": Status([text])})
    )
    assert_harmless(domain.glossary()._repr_html_(), payload)
    assert not {"\x00", "\x07", "\u202e", "\u2066"} & set(repr(domain.glossary()))


def test_a_model_of_all_hostile_names_is_told_in_every_form(tmp_path: Path):
    found = hostile().glossary()
    assert text_of(found.to_html())
    assert found.to_text()
    assert found.to_markdown().count("\n| **") == sum(not term.is_part for term in found)
    assert len(found.to_frame()) == len(found)
    for kind in ("html", "md", "csv"):
        assert found.save(tmp_path / f"glossary.{kind}").stat().st_size


def test_markdown_takes_no_name_for_its_own_signs():
    domain = Domain(name="Book|shop")
    domain.aggregate(type("Order", (), {"__doc__": "a | b <script> **c** `d` [e](f) &lt;\n1. two"}))
    lines = domain.glossary().to_markdown().splitlines()
    assert lines[0] == r"# Glossary of Book\|shop"
    assert lines[-1] == (
        r"| **Order** | aggregate | a \| b \<script\> \*\*c\*\* \`d\` \[e\](f) \&lt; 1. two |  |"
    )


# Large ones


def test_of_a_large_model_a_cell_shows_the_first_and_a_file_has_all(tmp_path: Path):
    domain = many(100)
    found = domain.glossary()
    html, text = found._repr_html_(), repr(found)
    assert "Thing000" in html
    assert "Thing099" not in html
    assert f"… {400 - MOST_ROWS} more rows" in html
    assert f"… {400 - MOST_ROWS} more rows" in text
    assert len(html) < 150_000
    assert "Thing099" in found.to_text()
    assert "Thing099" in found.save(tmp_path / "all.html").read_text(encoding="utf-8")


def test_one_element_larger_than_that_is_shown_whole():
    domain = Domain(name="Large")
    fields = {f"field_{number}": int for number in range(MOST_ROWS + 50)}
    domain.aggregate(type("Huge", (), {"__annotations__": fields}))
    assert f"field_{MOST_ROWS + 49}" in repr(domain.glossary())


def test_a_model_without_elements_has_no_terms_yet():
    found = Domain(name="Empty").glossary()
    assert not found
    assert repr(found) == "Glossary of Empty: no terms yet."
    assert text_of(found._repr_html_()) == "Glossary of Empty no terms yet."


# Elsewhere


def test_a_frame_has_a_row_for_each_term():
    frame = shop().glossary().to_frame()
    assert list(frame.columns) == ["context", "home", "element", "term", "kind", "words", "meaning", "facts"]
    assert frame.loc[1].to_dict() == {
        "context": "Bookshop",
        "home": "Order",
        "element": "Order",
        "term": "quantity",
        "kind": "field",
        "words": "quantity",
        "meaning": "How many copies.",
        "facts": "whole number; 1 or more",
    }


def test_without_pandas_a_frame_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pandas"):
        shop().glossary().to_frame()


def test_it_is_saved_as_a_page_that_asks_nobody(tmp_path: Path):
    path = shop().glossary().save(tmp_path / "glossary.html")
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "<title>Glossary of Bookshop</title>" in page
    assert "How many copies." in page
    assert "http://" not in page
    assert "https://" not in page
    assert "default-src 'none'" in unescape(page)


def test_it_is_saved_as_markdown_and_as_a_table(tmp_path: Path):
    found = shop().glossary()
    assert found.save(tmp_path / "glossary.md").read_text(encoding="utf-8") == found.to_markdown()
    with found.save(tmp_path / "glossary.CSV").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["term"] for row in rows] == [term.name for term in found]
    assert rows[0]["meaning"] == "What a customer wants."


def test_what_cannot_be_saved_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match=r"saved as \.html, \.md or \.csv"):
        shop().glossary().save(tmp_path / "glossary.pdf")
    with pytest.raises(IncorrectUsageError, match="name of a file"):
        shop().glossary().save(3)  # type: ignore[arg-type]


# On the map


def test_a_node_of_the_map_tells_the_meaning_to_a_pointer():
    svg = shop().map().svg
    assert "What a customer wants. It is paid later.</title>" in svg
    assert f"order shipped ({UNWRITTEN})</title>" in svg


def test_the_workbench_tells_the_meaning_of_the_chosen_element():
    domain = shop()
    shown = workbench.parts(domain, Look(step=3, element="Order"))
    assert "What a customer wants." in shown["left"]
    shown = workbench.parts(domain, Look(step=3, element="OrderShipped"))
    assert f"order shipped ({UNWRITTEN})" in shown["left"]
