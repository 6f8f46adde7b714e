"""What is no node of the map has its place on the card of one: repositories, upcasters, queries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ddd_kit import Domain, handle, read
from ddd_kit.fields import Identifier, Integer, String
from ddd_kit.views.mapping.cards import Card
from ddd_kit.views.mapping.legend import words
from ddd_kit.views.mapping.map import domain_map
from ddd_kit.views.mapping.sketch import sketch
from ddd_kit.views.panes.journal_pane import journal_pane


@pytest.fixture
def shop() -> Domain:
    """A shelf with a repository, an event of version 2, and a list that is asked."""
    domain = Domain(name="Bookshop", seed=1)

    @domain.aggregate
    class Shelf:
        books = Integer(default=0)

    @domain.repository(part_of=Shelf)
    class Shelves:
        def nearly_empty(self) -> Any:
            return self.query.filter(books__lt=3).all()  # type: ignore[attr-defined]

        def _hidden(self) -> None: ...

    @domain.event(part_of=Shelf, version=2)
    class BooksTaken:
        books = Integer()
        reason = String(default="sold")

    @domain.upcaster(event_type=BooksTaken, from_version=1, to_version=2)
    class WhatWasTakenBeforeWasSold:
        def upcast(self, data: dict[str, Any]) -> dict[str, Any]:
            return {**data, "reason": "sold"}

    @domain.command(part_of=Shelf)
    class TakeBooks:
        shelf_id = Identifier()

    @domain.command(part_of=Shelf)
    class CancelOrder:
        shelf_id = Identifier()

    @domain.command_handler(part_of=Shelf)
    class Storekeeper:
        @handle(TakeBooks)
        def take(self, command: Any) -> None: ...

    @domain.projection
    class ShelfList:
        shelf_id = Identifier(identifier=True)

    @domain.query(part_of=ShelfList)
    class ShelfOfId:
        shelf_id = Identifier(required=True)

    @domain.query(part_of=ShelfList)
    class FullShelves:
        books = Integer()

    @domain.query_handler(part_of=ShelfList)
    class ReadShelves:
        @read(ShelfOfId)
        def of_id(self, query: Any) -> None: ...

    return domain


def cards(domain: Domain) -> dict[str, Card]:
    return {node.card.name: node.card for node in sketch(domain).nodes}


def test_a_repository_stands_on_its_aggregates_card_with_its_named_queries(shop: Domain) -> None:
    assert cards(shop)["Shelf"].lines == ("0 instances", "▥ Shelves: nearly_empty")


def test_an_event_tells_its_version_and_who_makes_it_of_an_older_one(shop: Domain) -> None:
    card = cards(shop)["BooksTaken"]
    assert card.facts == ("stream shelf, version 2", "△ 1 to 2 by WhatWasTakenBeforeWasSold")
    assert card.lines[1].endswith("…"), "a long name does not make the column wide"
    assert "WhatWasTakenBeforeWasSold" in card.title


def test_queries_stand_with_the_one_that_answers_or_with_their_projection(shop: Domain) -> None:
    known = cards(shop)
    assert known["ReadShelves"].lines == ("▽ ShelfOfId: of_id",)
    assert known["ShelfList"].lines == ("0 instances", "▽ FullShelves, nobody answers it")


def test_a_command_names_the_method_that_takes_it(shop: Domain) -> None:
    assert cards(shop)["TakeBooks"].lines == ("stream shelf", "▷ Storekeeper.take")


def test_a_command_that_nobody_handles_leads_nowhere(shop: Domain) -> None:
    drawn = sketch(shop)
    ends = {(arrow.source, arrow.target) for arrow in drawn.arrows}
    assert ("TakeBooks", "Shelf") in ends
    assert not [pair for pair in ends if "CancelOrder" in pair]
    assert "nobody handles it" in cards(shop)["CancelOrder"].lines


def test_the_legend_and_the_words_have_them_too(shop: Domain) -> None:
    assert {"repository", "upcaster", "query", "command handler"} <= {
        word for word, _, _ in words(sketch(shop))
    }
    text = domain_map(shop).to_text()
    for told in ("▥ Shelves: nearly_empty", "△ 1 to 2 by WhatWasTakenBeforeWasSold", "▽ ShelfOfId: of_id"):
        assert told in text


def test_a_screen_reader_is_told_kinds_and_no_signs(shop: Domain) -> None:
    known = cards(shop)
    assert known["Shelf"].spoken == "aggregate Shelf, 0 instances, repository Shelves: nearly_empty"
    assert not [card for card in known.values() if any(sign in card.spoken for sign in "▥△▽▷")]


def test_what_is_clicked_says_what_its_card_says(shop: Domain) -> None:
    shown = str(journal_pane(shop, shop.journal.last_step, element="Shelf"))
    assert "0 instances · ▥ Shelves: nearly_empty" in shown
    assert "by WhatWasTakenBeforeWasSold" in str(journal_pane(shop, 0, element="BooksTaken"))
    assert "·" not in str(journal_pane(shop, 0, element="Shelves")), "what is no node has no card"


def test_of_many_a_few_are_named() -> None:
    domain = Domain(name="Bookshop")

    @domain.projection
    class ShelfList:
        shelf_id = Identifier(identifier=True)

    def asked() -> Iterator[str]:
        for number in range(5):
            domain.query(part_of=ShelfList)(type(f"Query{number}", (), {"__module__": __name__}))
            yield f"Query{number}"

    assert len(list(asked())) == 5
    assert [line for line in cards(domain)["ShelfList"].lines if "Query" in line or "…" in line] == [
        "▽ Query0, nobody answers it",
        "▽ Query1, nobody answers it",
        "… 3 more, nobody answers it",
    ]
