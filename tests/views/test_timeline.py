"""The ticks of the bar."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ddd_kit import Domain
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.origin import origin
from ddd_kit.views.links import unlinked
from ddd_kit.views.panes import steps, timeline
from journals import accounts, busy, made_busy, odd
from live_reader import Element, read
from markup_reader import PAYLOADS
from shops import LONG, seed, ship_by_command, troubled


def ticks(domain: Domain, step: int | None = None, **options: Any) -> Element:
    shown = domain.journal.last_step if step is None else step
    return read(timeline.ticks(domain.journal, shown, **options))


def cells(found: Element) -> list[tuple[str, str]]:
    """The cells with the signs of their ticks."""
    return [
        (cell.attrs["aria-label"], "".join(tick.text for tick in cell.all(look="ddd-tick")))
        for cell in found.all(look="ddd-cell")
    ]


def numbers(found: Element) -> list[int]:
    return [int(tick.attrs["data-arg"]) for tick in found.all(look="ddd-tick")]


def test_each_step_has_a_tick_below_the_name_of_its_cell() -> None:
    assert cells(ticks(seed().domain)) == [("In [2]", "■"), ("In [4]", "■"), ("In [6]", "■●◇◆■")]


def test_every_kind_has_a_sign_of_its_own_and_a_failure_too() -> None:
    shop = seed()
    ship_by_command(shop)
    assert set("▶■●◆◇○") <= set("".join(signs for _, signs in cells(ticks(shop.domain))))
    assert cells(ticks(troubled())) == [("In [3]", "■●◇◇✗◆■")]


def test_definitions_have_none_and_before_anything_happened_it_says_so() -> None:
    assert ticks(seed(run=False).domain).text == "no steps yet"
    assert ticks(Domain(name="Empty")).text == "no steps yet"


def test_a_tick_tells_what_happened_and_leads_there() -> None:
    shop = seed()
    stock = shop.inventory.id[:8]
    last = ticks(shop.domain).all(look="ddd-tick")[-1]
    assert last.attrs["data-act"] == "step"
    assert last.attrs["data-arg"] == str(shop.domain.journal.last_step)
    assert last.name == f"step {shop.domain.journal.last_step}: Inventory {stock} in_stock 100 → 90"
    assert last.attrs["title"] == last.name


def test_the_step_that_is_shown_is_marked_and_what_comes_later_is_faint() -> None:
    domain = seed().domain
    last = domain.journal.last_step
    found = ticks(domain, last - 2)
    [now] = found.all(aria_current="step")
    assert now.attrs["data-arg"] == str(last - 2)
    assert now.attrs["data-reveal"] == "true"
    assert [tick.attrs["data-arg"] for tick in found.all(look="ddd-later")] == [str(last - 1), str(last)]


def test_before_the_first_step_all_is_later_and_none_is_marked() -> None:
    found = ticks(seed().domain, 0)
    assert found.all(aria_current="step") == []
    assert found.all(look="ddd-later") == found.all(look="ddd-tick") != []


def test_of_many_those_around_the_step_are_shown_with_ways_to_the_others() -> None:
    found = ticks(busy(1000), 500)
    earlier, later = found.all(look="ddd-more")
    shown = numbers(found)
    assert 30 < len(shown) <= timeline.ROOM
    assert shown == list(range(shown[0], shown[-1] + 1))
    assert shown[0] + 10 < 500 < shown[-1] - 10
    [back], [on] = earlier.all(act="step"), later.all(act="step")
    assert (back.attrs["data-arg"], on.attrs["data-arg"]) == (str(shown[0] - 1), str(shown[-1] + 1))
    definitions = len(busy(1000).journal.of(kind="defined"))
    assert back.text == f"… {shown[0] - 1 - definitions} earlier"
    assert on.text == f"… {busy(1000).journal.last_step - shown[-1]} later"


def test_at_either_end_the_room_is_used() -> None:
    domain = busy(1000)
    first, last = numbers(ticks(domain, 6)), numbers(ticks(domain))
    assert first[0] == steps.steps_of(domain.journal).numbers[0]
    assert last[-1] == domain.journal.last_step
    assert min(len(first), len(last)) > 50


def test_ticks_stay_in_their_places_while_one_steps() -> None:
    """They move at most once in some steps, not under the pointer each time."""
    domain = busy(1000)
    windows = [numbers(ticks(domain, step))[0] for step in range(400, 440)]
    assert len(set(windows)) <= 6


@pytest.mark.parametrize("room", [8, 20, 64, 120])
@pytest.mark.parametrize("cells", [1, 30, 1000])
def test_names_of_cells_need_room_too(room: int, cells: int) -> None:
    """In ticks of 15 px, a cell needs 45 px and a gap."""
    domain = busy(1000, cells=cells)
    for step in (0, 300, 333, 900, domain.journal.last_step):
        found = ticks(domain, step, room=room)
        groups = [len(cell.all(look="ddd-tick")) for cell in found.all(look="ddd-cell")]
        assert sum(max(count, timeline.NARROWEST) + timeline.GAP for count in groups) <= room + 3.6
        assert step < 10 or str(step) in [tick.attrs["data-arg"] for tick in found.all(look="ddd-tick")]


def test_a_folded_journal_begins_where_it_begins() -> None:
    domain = accounts({"a": list(range(60))}, limit=20)
    assert numbers(ticks(domain))[0] == domain.journal.first_step > 1


def test_after_more_has_happened_and_after_a_reset_the_ticks_are_right() -> None:
    domain = made_busy(30)
    before = numbers(ticks(domain))
    with origin("In [99]"):
        domain.repository_for("Order").add(domain.registry.elements["Order"].cls())
    assert numbers(ticks(domain)) == [*before, domain.journal.last_step]
    assert cells(ticks(domain))[-1] == ("In [99]", "■")
    domain.reset()
    assert ticks(domain).text == "no steps yet"


def test_a_static_view_has_the_same_without_anything_to_click() -> None:
    found = ticks(seed().domain, link=unlinked)
    assert found.all(look="ddd-tick")[-1].attrs["aria-current"] == "step"
    assert not [each for each in found if "data-act" in each.attrs]


def test_what_has_been_told_once_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    domain = busy(1000)
    ticks(domain, 700)
    read_again: list[int] = []
    whole = Journal.step
    monkeypatch.setattr(Journal, "step", lambda journal, n: read_again.append(n) or whole(journal, n))
    ticks(domain, 701)
    assert read_again == []


def test_a_value_that_cannot_be_told_hides_nothing() -> None:
    found = ticks(odd()).all(look="ddd-tick")
    assert [tick.name for tick in found] == [
        "step 2: Box b added: held <Odd that cannot be shown>",
        "step 3: Box b held <Odd that cannot be shown> → <Odd that cannot be shown>",
    ]


@pytest.mark.parametrize("payload", [*PAYLOADS, LONG])
def test_what_looks_like_markup_is_text(payload: str) -> None:
    identity = payload.encode(errors="replace").decode()
    domain = accounts({identity: [1, 2]}, cell=payload)
    found = ticks(domain)
    [(name, signs)] = cells(found)
    beginning = re.search(r"\w{1,12}", payload)
    assert beginning
    assert beginning[0] in name
    assert beginning[0] in found.all(look="ddd-tick")[0].name
    assert signs == "■■"
    assert len(str(timeline.ticks(domain.journal, 3))) < 2_000


def test_a_long_sentence_is_cut_short() -> None:
    domain = Domain(name="Long")

    @domain.aggregate
    class Wide:
        __annotations__ = {f"field_{i}": str for i in range(60)}

    domain.repository_for(Wide).add(Wide(id="w", **{f"field_{i}": "x" * 30 for i in range(60)}))
    told = steps.label(domain.journal, 2)
    assert len(told) < steps.LONGEST_LABEL + 20
    assert told.endswith("…")
