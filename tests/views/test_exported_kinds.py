"""Diagrams and tests of a run with services, projections, process managers and messages from elsewhere."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import pytest

from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.views.exports.flowchart import flowchart
from ddd_kit.views.exports.sequence import sequence_diagram
from every_kind import every_kind
from two_contexts import place, two_contexts


@pytest.fixture
def shop() -> SimpleNamespace:
    shop = every_kind()
    shop.domain.rebuild_projection(shop.OrderList)
    return shop


def diagram(shop: SimpleNamespace) -> str:
    return str(sequence_diagram(shop.domain))


def id_of(text: str, name: str) -> str:
    """The id of a participant, of whom there is one."""
    [line] = [line for line in text.splitlines() if line.endswith(f" as {name}")]
    return line.split()[1]


def run(test: Any, shop: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what a test does that was written."""
    names = dict(vars(shop))
    exec(str(test), names)
    [made] = [held for name, held in names.items() if name.startswith("test_")]
    made(*([monkeypatch] if inspect.signature(made).parameters else []))


def step_of(shop: SimpleNamespace, kind: str) -> int:
    return next(entry.step for entry in shop.domain.journal.of(kind=kind))


def test_each_takes_part_once_with_the_symbol_of_its_kind(shop: SimpleNamespace) -> None:
    text = diagram(shop)
    for name in ("⬢ Fulfilment", "▤ OrderList", "◊ OrderListProjector", "◀ HearBank", "⌂ Ordering", "✚ bank"):
        assert id_of(text, name)


def test_a_service_is_used_by_a_cell_and_does_what_it_did(shop: SimpleNamespace) -> None:
    text = diagram(shop)
    cells, service, order = id_of(text, "cells"), id_of(text, "⌂ Ordering"), id_of(text, "■ Order")
    assert f"{cells}->>{service}: place" in text
    assert f"{service}->>{order}: add Order o-1" in text


def test_a_message_comes_from_its_broker(shop: SimpleNamespace) -> None:
    text = diagram(shop)
    assert f"{id_of(text, '✚ bank')}-){id_of(text, '◀ HearBank')}: Message" in text


def test_a_rebuild_is_told(shop: SimpleNamespace) -> None:
    assert "projection OrderList rebuilt" in diagram(shop)


def test_an_event_of_another_domain_comes_from_that_domain() -> None:
    both = two_contexts()
    place(both, "o-1")
    text = str(sequence_diagram(both.warehouse))
    assert id_of(text, "✚ Sales")
    assert "Sales" in str(flowchart(both.warehouse))


@pytest.mark.parametrize("kind", ["called", "event"])
def test_a_test_does_again_what_a_service_did(
    shop: SimpleNamespace, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = shop.domain.test_from(step_of(shop, kind), module=None)
    assert "def test_ordering_place(" in str(test)
    assert "is done again by what it did: Ordering.place ran" in str(test)
    run(test, shop, monkeypatch)


def test_a_test_of_the_whole_run_publishes_and_builds_anew(
    shop: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = shop.domain.test_from(module=None)
    assert "domain.brokers['default'].publish('bank', {'order': 'o-1'})" in str(test)
    assert "domain.rebuild_projection(OrderList)" in str(test)
    run(test, shop, monkeypatch)


def test_a_test_that_a_handler_does_otherwise_fails(
    shop: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = shop.domain.test_from(module=None)
    monkeypatch.setattr(shop.Fulfilment, "on_confirmed", lambda *_: None)
    with pytest.raises(AssertionError):
        run(test, shop, monkeypatch)


def test_what_a_test_cannot_give_is_said_with_the_steps_to_take_in(shop: SimpleNamespace) -> None:
    domain = shop.domain
    message = next(entry.step for entry in domain.journal.of(kind="event", event="Message"))
    with pytest.raises(
        IncorrectUsageError, match=r"is event-sourced.*Take that in: test_from\(range"
    ) as told:
        domain.test_from(message)
    asked = str(told.value).rpartition("Take that in: ")[2].removesuffix(".")
    assert eval(f"domain.{asked}", {"domain": domain})


def test_what_was_heard_again_needs_its_events(shop: SimpleNamespace) -> None:
    domain = shop.domain
    with pytest.raises(IncorrectUsageError, match=r"heard the event of step \d+ again") as told:
        domain.test_from(domain.journal.last_step)
    asked = str(told.value).rpartition("Take it in: ")[2].removesuffix(".")
    assert eval(f"domain.{asked}", {"domain": domain})


def test_what_came_from_another_domain_is_no_test_of_one() -> None:
    both = two_contexts()
    place(both, "o-1")
    with pytest.raises(IncorrectUsageError, match="came from Sales"):
        both.warehouse.test_from(both.warehouse.journal.last_step)
