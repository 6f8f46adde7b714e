"""Why a value is what it is, at any step."""

from __future__ import annotations

from typing import Any

import pytest

from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.causality import chain_of, why
from ddd_kit.journal.journal import Journal
from warehouse import commanded, step_of, stocked


def test_at_a_past_step_the_last_change_until_then_answers() -> None:
    shop = commanded()
    journal = shop.domain.journal
    first, second = (step_of(shop.domain, "changed", id="i-1", version=v) for v in (1, 2))
    assert why(journal, "Inventory", "i-1", "in_stock", second).chain[-1].step == second
    assert why(journal, "Inventory", "i-1", "in_stock", second - 2).chain[-1].step == first
    assert why(journal, "Inventory", "i-1", "in_stock", first).chain[-1].step == first


def test_the_unit_of_work_of_the_step_counts_as_a_whole() -> None:
    shop = commanded()
    handled = step_of(shop.domain, "handled", 0, handler="ManageInventory")
    assert why(shop.domain.journal, "Inventory", "i-1", "in_stock", handled).chain[-1].step == handled + 1


def test_a_field_that_did_not_change_since_leads_to_where_it_began() -> None:
    shop = commanded()
    answer = why(shop.domain.journal, "Inventory", "i-1", "id")
    assert [entry.step for entry in answer.chain] == [step_of(shop.domain, "changed", 0, id="i-1")]


def test_before_it_was_saved_and_after_it_was_removed() -> None:
    shop = stocked()
    born = step_of(shop.domain, "changed", id="o-1")
    with pytest.raises(IncorrectUsageError, match="knows no change of Order o-1 note"):
        why(shop.domain.journal, "Order", "o-1", "note", born - 1)
    shop.domain.repository_for(shop.Order).remove(shop.order)
    assert why(shop.domain.journal, "Order", "o-1", "note").chain[-1].step == born
    with pytest.raises(IncorrectUsageError, match="knows no change of Order o-1 colour"):
        why(shop.domain.journal, "Order", "o-1", "colour")


def test_a_chain_reaches_back_to_its_first_cause() -> None:
    shop = commanded()
    chain, complete = chain_of(shop.domain.journal, step_of(shop.domain, "changed", id="p-1"))
    kinds = ["command", "event", "handled", "event", "handled", "command", "changed"]
    assert [entry.kind for entry in chain] == kinds
    assert complete
    assert [entry.cause for entry in chain] == [None, *(entry.step for entry in chain[:-1])]


def test_an_aggregate_of_many_versions_is_not_read_version_by_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = stocked()
    inventory: Any = shop.domain.repository_for(shop.Inventory).get("i-1")
    for number in range(50):
        inventory.in_stock = number
        shop.domain.repository_for(shop.Inventory).add(inventory)
    read: list[int] = []
    step = Journal.step
    monkeypatch.setattr(Journal, "step", lambda self, number: read.append(number) or step(self, number))
    assert len(why(shop.domain.journal, "Inventory", "i-1", "price").chain) == 1
    assert len(set(read)) == 1
