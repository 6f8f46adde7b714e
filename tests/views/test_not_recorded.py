"""What the views say where the journal does not tell all: its beginning is folded, or it was off."""

from __future__ import annotations

import re
from typing import Any

import pytest
from markupsafe import Markup

import ddd_kit
from ddd_kit import Domain
from ddd_kit.views.mapping.map import domain_map
from ddd_kit.views.mapping.sketch import count_text
from ddd_kit.views.panes.look import Look
from ddd_kit.views.panes.workbench import parts

SPOKEN = re.compile(r'aria-label="([^"]*)"|<desc>(.*?)</desc>')


def bookshop() -> Domain:
    bench = ddd_kit.demo()
    bench.close()
    return bench.domain  # type: ignore[no-any-return]


@pytest.fixture
def folded() -> Domain:
    """One that ran the demo, and has only later steps in its journal."""
    domain = bookshop()
    domain.config["journal_limit"] = 10
    for number in range(100, 130):
        stock_up(domain, number)
    return domain


def stock_up(domain: Any, number: int) -> None:
    inventory = domain.registry.elements["Inventory"].cls
    domain.repository_for("Inventory").add(inventory(book_id=number, in_stock=number))


def ship(domain: Any) -> None:
    order = domain.repository_for("Order").query.filter(status="PENDING").first
    order.ship_order()
    domain.repository_for("Order").add(order)


def shown(domain: Domain, **look: Any) -> dict[str, str]:
    """The texts of a workbench; those of the map with what a screen reader reads."""
    made = parts(domain, Look(**look))
    spoken = " ".join("".join(pair) for pair in SPOKEN.findall(made["map"]))
    told = {name: " ".join(Markup(html).striptags().split()) for name, html in made.items()}
    return {**told, "spoken": spoken}


def test_at_the_oldest_step_that_is_kept_nothing_says_that_nothing_has_happened(folded: Domain) -> None:
    first = folded.journal.first_step
    told = shown(folded, step=first - 1, live=False, right="state", left="streams")
    sentence = f"What happened up to step {first - 1} is not in the journal any more."
    assert sentence in told["spoken"]
    assert told["story"] == sentence
    assert "Nothing has happened" not in "".join(told.values())
    assert domain_map(folded, first - 1).to_text().startswith(f"Bookshop, step {first - 1} of ")


def test_events_that_the_journal_has_folded_are_counted_as_streams_count_them(folded: Domain) -> None:
    told = shown(folded, step=folded.journal.first_step - 1, live=False, left="streams", streams=True)
    assert "order 4 events" in told["left"]
    assert "stream order, 4 events" in told["spoken"]
    assert (
        f"● OrderShipped  (stream order, {count_text(2)})"
        in domain_map(folded, folded.journal.last_step).to_text()
    )


def test_what_cannot_be_counted_any_more_says_from_which_step_on_it_is(folded: Domain) -> None:
    first = folded.journal.first_step
    told = shown(folded, step=folded.journal.last_step)
    assert f"OrderShipped → ManageInventory: heard by, 0 times since step {first}" in told["spoken"]
    assert f"not since step {first}" in told["map"]
    ship(folded)
    stock_up(folded, 2)
    told = shown(folded, step=folded.journal.last_step)
    assert f"skipped {count_text(1)} since step {folded.journal.first_step}" in told["spoken"]


def test_an_element_of_which_the_journal_has_folded_all_is_said_to_be_so(folded: Domain) -> None:
    told = shown(folded, step=folded.journal.last_step, element="ManageInventory")["left"]
    assert "Nothing in the journal concerns ManageInventory." in told
    assert told.endswith("is not in the journal any more.")


def test_while_the_journal_is_off_all_parts_agree_on_what_they_show() -> None:
    domain = bookshop()
    last = domain.journal.last_step
    domain.config["journal"] = False
    ship(domain)
    told = shown(domain, step=last, right="state", left="streams")
    assert "Nothing is recorded while domain.config['journal'] is False: State, Streams" in told["story"]
    assert told["story"].endswith(f"all else is as of step {last}.")
    assert "PurchaseOrder 1 instance" in told["right"]
    assert "aggregate PurchaseOrder, 1 instance" in told["spoken"]
    assert "order 5 events" in told["left"]
    assert f"● OrderShipped  (stream order, {count_text(3)})" in domain_map(domain, last).to_text()
    assert "→" not in told["right"]  # what changed since the step that was recorded last, nobody knows


def test_looking_back_while_the_journal_is_off_tells_of_the_step() -> None:
    domain = bookshop()
    domain.config["journal"] = False
    ship(domain)
    told = shown(domain, step=domain.journal.last_step - 5, live=False, right="state")
    assert "Nothing is recorded" not in told["story"]
    assert "PurchaseOrder 1 instance" not in told["right"]
    assert "aggregate PurchaseOrder, 0 instances" in told["spoken"]


def test_where_the_journal_was_off_from_the_beginning_nothing_says_that_nothing_has_happened() -> None:
    domain = Domain(name="Desk", config={"journal": False})

    @domain.aggregate
    class Account:
        limit: int = 0

    domain.repository_for(Account).add(Account())
    told = shown(domain, right="state")
    assert "Account 1 instance" in told["right"]
    assert "aggregate Account, 1 instance" in told["spoken"]
    assert told["left"].endswith("The journal is empty: what has happened so far was not recorded.")
    assert "othing has happened" not in "".join(told.values())
    domain.config["journal"] = True
    domain.repository_for(Account).add(Account())
    told = shown(domain, step=0, live=False, right="state")
    assert told["story"] == "What has happened so far was not recorded."
    assert "Account 1 instance" in told["right"]
