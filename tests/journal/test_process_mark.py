"""A complete process is called so, by no field that nobody wrote; what leaves for another domain, too."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ddd_kit import Domain
from ddd_kit.engine import registry
from ddd_kit.fields import Boolean, Identifier
from ddd_kit.journal import sentence
from ddd_kit.journal.entry import ChangedEntry
from ddd_kit.journal.process_mark import completed, unmarked
from ddd_kit.journal.story import story
from ddd_kit.views.mapping.map_text import description
from ddd_kit.views.mapping.sketch import sketch
from ddd_kit.views.panes.bar import bar
from ddd_kit.views.panes.changes import changes, story_html
from ddd_kit.views.panes.instances import instances, state
from ddd_kit.views.panes.journal_pane import journal_pane
from ddd_kit.views.tree import journal
from tests.every_kind import every_kind
from tests.two_contexts import place, two_contexts

MARK = "is_complete"


@pytest.fixture(scope="module")
def shop() -> SimpleNamespace:
    return every_kind()


def last_of(domain: Domain, aggregate: str) -> ChangedEntry:
    return saved(domain, aggregate)[-1]


def saved(domain: Domain, aggregate: str) -> list[ChangedEntry]:
    return [e for e in domain.journal if isinstance(e, ChangedEntry) and e.aggregate == aggregate]


def test_every_view_says_that_a_process_is_complete_in_a_word(shop: SimpleNamespace) -> None:
    domain, step = shop.domain, last_of(shop.domain, "Fulfilment").step
    views = {
        "journal": str(journal(domain.journal)),
        "pane": str(journal_pane(domain, step)),
        "changes": str(changes(domain, step)),
        "story": story(domain.journal, step).sentence,
        "state": str(instances(domain, step)),
        "cell": state(domain).to_text(),
        "text": domain.journal.to_text(),
    }
    assert {name for name, text in views.items() if MARK in text} == set()
    assert {name for name, text in views.items() if "complete" not in text} == set()
    assert "With that the process is complete." in views["changes"]
    assert views["story"].endswith("; with that the process is complete.")


def test_what_a_handler_did_says_so_too(shop: SimpleNamespace) -> None:
    entry = last_of(shop.domain, "Fulfilment")
    assert entry.cause is not None
    told = str(changes(shop.domain, entry.cause))
    assert MARK not in told
    assert " complete" in told


def test_a_field_of_that_name_that_somebody_wrote_is_a_field() -> None:
    domain = Domain(name="Todo")

    @domain.aggregate
    class Task:
        task_id = Identifier(identifier=True)
        is_complete = Boolean(default=False)

    task = Task(task_id="t-1")
    domain.repository_for(Task).add(task)
    task.is_complete = True
    domain.repository_for(Task).add(task)
    entry = last_of(domain, "Task")
    assert unmarked(entry, "aggregate") is entry
    assert not completed(entry, "aggregate")
    for told in (journal(domain.journal), changes(domain, entry.step), instances(domain, entry.step)):
        assert MARK in str(told)
    assert MARK in story(domain.journal, entry.step).sentence


def test_only_the_last_change_of_a_process_completes_it(shop: SimpleNamespace) -> None:
    of_process = saved(shop.domain, "Fulfilment")
    assert [completed(e, "process manager") for e in of_process] == [*[False] * (len(of_process) - 1), True]
    assert all(MARK not in unmarked(e, "process manager").names for e in of_process)


# What leaves for another domain


@pytest.fixture
def crossed() -> Any:
    both = two_contexts()
    place(both, "o-1")
    return both


def test_the_words_know_the_borders_of_the_engine() -> None:
    assert sentence.BORDER == registry.BORDER


def test_what_goes_over_to_another_domain_is_told_in_words(crossed: Any) -> None:
    sales = crossed.sales
    (step,) = (e.step for e in sales.journal.of(kind="handled") if e.handler == "domain Warehouse")
    told = {
        "text": sales.journal.to_text(),
        "journal": str(journal(sales.journal)),
        "pane": str(journal_pane(sales, step)),
        "changes": str(changes(sales, step)),
        "event": str(changes(sales, sales.journal.step(step).cause)),
        "sentence": story(sales.journal, step).sentence,
        "html": str(story_html(sales.journal, step)),
        "map": description(sketch(sales, step)),
    }
    assert {name for name, text in told.items() if ".receive" in text or " receive" in text} == set()
    assert "handed over to the domain Warehouse" in told["text"]
    assert told["sentence"].endswith("was handed over to the domain Warehouse.")
    assert "is another domain: the event was handed over to it" in told["changes"]
    assert "was handed over in" in told["event"]
    assert "domain Warehouse" not in told["map"]


def test_what_waits_to_go_over_is_told_in_words() -> None:
    both = two_contexts()
    both.sales.config["event_processing"] = "async"
    place(both, "o-1")
    shown = str(bar(both.sales, both.sales.journal.last_step, live=True))
    assert "OrderPlaced → the domain Warehouse" in shown
    assert ".receive" not in shown
