"""`domain.timeline()`: the steps as a picture for a cell."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from ddd_kit import Domain
from ddd_kit.views.palette import DARK, LIGHT
from ddd_kit.views.panes import timeline_picture
from ddd_kit.views.panes.timeline_picture import LONGEST_LINE, MARGIN, MOST, NARROWEST, WORDS
from ddd_kit.views.picture import LIMIT
from journals import accounts, busy
from markup_reader import HIDDEN, PAYLOADS
from shops import LONG, MODELS, seed, troubled

SVG = "{http://www.w3.org/2000/svg}"


def test_it_lists_the_cells_with_what_happened_in_them() -> None:
    assert seed().domain.timeline().to_text().splitlines() == [
        "Bookshop: 16 steps, 9 of them definitions",
        "  In [2]  ■  1 aggregate saved",
        "  In [4]  ■  1 aggregate saved",
        "  In [6]  ■●◇◆■  1 event, 1 handler ran, 1 handler skipped, 2 aggregates saved",
    ]


def test_before_anything_happened_it_says_so() -> None:
    picture = seed(run=False).domain.timeline()
    assert picture.to_text() == "Bookshop: nothing has happened yet."
    assert "nothing has happened yet" in picture.svg


def test_where_nothing_was_recorded_it_says_so() -> None:
    domain = seed(run=False).domain
    domain.config["journal"] = False
    domain.repository_for("Inventory").add(domain.registry.elements["Inventory"].cls(book_id=1, in_stock=1))
    assert domain.timeline().to_text() == "Bookshop: what has happened so far was not recorded."


def test_it_has_words_for_those_who_do_not_see_it() -> None:
    assert troubled().timeline().alt == (
        "Timeline of Desk: 18 steps, 11 of them definitions; 1 cell: 1 event, 1 handler ran, "
        "2 handlers skipped, 2 aggregates saved, 1 rejected or failed."
    )


def drawn(domain: Domain) -> ET.Element:
    return ET.fromstring(domain.timeline().svg)


def ticks(domain: Domain) -> list[str]:
    """The titles of the ticks."""
    return [each[0].text or "" for each in drawn(domain).iter(f"{SVG}use") if len(each)]


@pytest.mark.parametrize("model", MODELS)
def test_it_has_a_tick_for_each_step_and_a_legend_for_each_sign(model: str) -> None:
    domain = MODELS[model]()
    steps = [entry.step for entry in domain.journal if entry.kind != "defined"]
    assert [int(title.split(":")[0].removeprefix("step ")) for title in ticks(domain)] == steps
    signs = {each.get("href") for each in drawn(domain).iter(f"{SVG}use")}
    texts = {each.text for each in drawn(domain).iter(f"{SVG}text")}
    assert len(signs) == len(texts & {word for word, _ in WORDS.values()})
    assert signs == {f"#{each.get('id')}" for each in drawn(domain).find(f"{SVG}defs") or ()}


def test_of_many_steps_the_newest_are_drawn_and_it_says_so() -> None:
    domain = busy(1000)
    assert len(ticks(domain)) == MOST
    assert ticks(domain)[-1].startswith(f"step {domain.journal.last_step}:")
    steps = len(domain.journal) - len(domain.journal.of(kind="defined"))
    extent = f"{len(domain.journal):,} steps, {len(domain.journal) - steps} of them definitions"
    assert domain.timeline().to_text().startswith(f"Busy: {extent}; the newest {MOST} are drawn\n")
    assert len(domain.timeline().to_html()) < LIMIT
    assert "ddd-kit-dark" in domain.timeline().to_html()


def test_of_many_cells_the_newest_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline_picture, "MOST_LINES", 2)
    assert seed().domain.timeline().to_text().splitlines()[1:] == [
        "  … 1 earlier cell",
        "  In [4]  ■  1 aggregate saved",
        "  In [6]  ■●◇◆■  1 event, 1 handler ran, 1 handler skipped, 2 aggregates saved",
    ]


def test_groups_neither_overlap_nor_leave_the_picture() -> None:
    for cells in (1, 7, 60):
        svg = drawn(busy(1000, cells=cells))
        width, height = float(svg.get("width", 0)), float(svg.get("height", 0))
        places = []
        for group in svg.iter(f"{SVG}g"):
            ticks = [use for use in group.findall(f"{SVG}use") if len(use)]
            found = re.fullmatch(r"translate\(([\d.]+) ([\d.]+)\)", group.get("transform", ""))
            if ticks and found:
                x, y = float(found[1]), float(found[2])
                places.append((y, x, x + max(NARROWEST, 15 * len(ticks) - 2)))
        assert max(right for _, _, right in places) <= min(LONGEST_LINE, width - 2 * MARGIN)
        legend = [float(use.get("y", 0)) for use in svg.iter(f"{SVG}use") if not len(use)]
        assert max(y for y, _, _ in places) + 40 < min(legend) <= max(legend) < height - 30
        for (y, _, right), (next_y, left, _) in pairwise(places):
            assert left > right if y == next_y else next_y >= y + 40


def test_both_grounds_have_their_colours_and_the_same_shapes() -> None:
    picture = troubled().timeline()
    assert LIGHT.paper in picture.svg
    assert DARK.paper in picture.dark_svg
    plain = [re.sub(r"#[0-9a-f]{6}|<style>.*?</style>|ddd-kit-timeline(-dark)?", "", svg)
             for svg in (picture.svg, picture.dark_svg)]  # fmt: skip
    assert plain[0] == plain[1]


@pytest.mark.parametrize("payload", [*PAYLOADS, LONG])
def test_what_looks_like_markup_is_text(payload: str) -> None:
    identity = payload.encode(errors="replace").decode()
    domain = accounts({identity: [1, 2]}, cell=payload)
    picture = domain.timeline()
    said = "".join(ET.fromstring(picture.svg).itertext()) + picture.text + picture.alt
    assert not HIDDEN & set(said)
    beginning = re.search(r"\w{1,8}", payload)
    assert beginning
    assert beginning[0] in said
    assert max(map(len, picture.text.splitlines())) < 120
    picture.to_html().encode()
