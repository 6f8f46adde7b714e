"""What can be clicked, and what is kept of a journal."""

from __future__ import annotations

import gc
import weakref

import htpy as h
import pytest

from ddd_kit import Domain
from ddd_kit.views import following
from ddd_kit.views.following import Memory, follow
from ddd_kit.views.links import linked, unlinked
from ddd_kit.views.panes.concerning import Concerning
from ddd_kit.views.panes.steps import steps_of
from journals import accounts
from live_reader import read
from markup_reader import PAYLOADS


def test_a_link_is_a_button_with_an_act_and_an_argument() -> None:
    [button] = read(linked(["to ", h.b["90"]], "why", "9 in_stock", "why 90?")).all(act="why")
    assert (button.tag, button.text, button.name) == ("button", "to 90", "why 90?")
    assert (button.attrs["type"], button.attrs["data-arg"]) == ("button", "9 in_stock")
    assert button.has("ddd-link")


def test_a_link_may_have_a_look_of_its_own_and_stand_for_the_step() -> None:
    [button] = read(linked("●", "step", 3, "step 3", look="tick event", title="3", current=True)).all(
        act="step"
    )
    assert button.attrs["class"] == "tick event"
    assert (button.attrs["aria-current"], button.attrs["data-reveal"], button.attrs["title"]) == (
        "step",
        "true",
        "3",
    )


def test_without_links_the_content_is_left_and_its_look() -> None:
    assert unlinked("90", "why", 9) == "90"
    assert str(unlinked(["a ", h.b["b"]], "why")) == "a <b>b</b>"
    assert str(unlinked("●", "step", 3, look="tick")) == '<span class="tick">●</span>'


@pytest.mark.parametrize("payload", PAYLOADS[:7])
def test_content_argument_and_label_are_text(payload: str) -> None:
    [button] = read(linked(payload, "why", payload, payload)).all(act="why")
    assert (button.text, button.attrs["data-arg"], button.name) == (payload, payload, payload)


# Following a journal


def test_what_is_kept_of_a_journal_goes_with_it() -> None:
    domain = accounts({"a": [1, 2]})
    journal = weakref.ref(domain.journal)
    memory: Memory[str] = Memory(4)
    memory.get(domain.journal, 1, lambda: "one")
    kept = weakref.ref(steps_of(domain.journal))
    domain.reset()
    del domain
    gc.collect()
    assert journal() is None
    assert kept() is None


def test_only_so_many_followers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST_FOLLOWERS", 2)
    journal = accounts({"a": [1]}).journal

    first, second = follow(journal, Concerning, "1"), follow(journal, Concerning, "2")
    assert follow(journal, Concerning, "1") is first
    follow(journal, Concerning, "3")
    assert follow(journal, Concerning, "1") is first
    assert follow(journal, Concerning, "2") is not second


def test_of_what_is_remembered_the_newest_stays() -> None:
    journal = Domain(name="Any").journal
    memory: Memory[int] = Memory(4)
    for number in range(10):
        memory.get(journal, number, lambda number=number: number)
    made: list[int] = []
    for number in (9, 8, 0):
        memory.get(journal, number, lambda number=number: made.append(number) or number)
    assert made == [0]


def test_steps_are_those_without_definitions_with_the_cells_they_come_from() -> None:
    domain = accounts({"a": [1, 2]}, cell="In [3]")
    domain.repository_for("Account").add(domain.registry.elements["Account"].cls(id="b"))
    found = steps_of(domain.journal)
    assert list(found.numbers) == [2, 3, 4]
    assert [found.cell(step) for step in found.numbers] == ["In [3]", "In [3]", "outside a cell"]
    assert [found.start(step) for step in found.numbers] == [2, 2, 4]
    assert [found.place(step) for step in (0, 1, 2, 4, 99)] == [-1, -1, 0, 2, 2]
