"""A map that is wider than its place says so, begins with the step's path, and fits when asked to."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from bench import Bench
from lab import Lab, Theme

pytestmark = pytest.mark.browser

# A chain of aggregates is drawn in one column a kind: wider than the page, and higher than the box.
WIDE = """
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer
domain = Domain(name="Wide", seed=1)

def make(name, **members):
    return type(name, (), {"__module__": __name__, **members})

def part(number):
    shelf = domain.aggregate(make(f"ShelfOfManyBooks{number}", books=Integer(default=1)))
    moved = domain.event(part_of=shelf)(make(f"BooksWereMoved{number}", books=Integer()))
    command = domain.command(part_of=shelf)(make(f"MoveTheBooks{number}", books=Integer()))

    def move(self, command):
        made = shelf(books=command.books)
        made.raise_(moved(books=command.books))
        domain.repository_for(shelf).add(made)

    domain.command_handler(part_of=shelf)(make(f"Mover{number}", move=handle(command)(move)))
    return moved, command

parts = [part(number) for number in range(9)]

def pass_on(number):
    def hear(self, event):
        if number < 3:
            domain.process(parts[number + 1][1](books=event.books))
    category = f"shelf_of_many_books{number}"
    listener = make(f"WhoeverPassesBooksOnAndOn{number}", hear=handle(parts[number][0])(hear))
    domain.event_handler(part_of=f"ShelfOfManyBooks{number}", stream_category=category)(listener)

for number in range(8):
    pass_on(number)
domain.process(parts[0][1](books=3))
"""
SIDES = "e => e.dataset.edges.split(' ').filter(Boolean)"
IN_SIGHT = """e => {
    const a = e.getBoundingClientRect(), b = e.closest('[data-pan]').getBoundingClientRect();
    return a.top >= b.top && a.bottom <= b.bottom && a.left >= b.left && a.right <= b.right;
}"""
WHOLE = """e => {
    const box = e.getBoundingClientRect();
    return [...e.querySelectorAll('.card')].every((card) => {
        const at = card.getBoundingClientRect();
        return at.top >= box.top && at.bottom <= box.bottom && at.left >= box.left && at.right <= box.right;
    });
}"""
widths = pytest.mark.parametrize("width", [1000, 1300])


def opened(lab: Lab, width: int) -> tuple[Bench, Locator]:
    lab.page.set_viewport_size({"width": width, "height": 1100})
    lab.open(lab.write("wide.ipynb", [WIDE + "\nworkbench = domain.explore()\nworkbench"]))
    lab.run_all()
    bench = Bench(lab.page)
    expect(bench.all).to_be_visible()
    return bench, bench.part("map").locator("[data-pan]")


def edge(bench: Bench, side: str) -> Locator:
    return bench.part("map").locator(f"[data-edge={side}]")


@widths
def test_it_says_where_it_goes_on_and_leads_there(lab: Lab, shots: Path, width: int) -> None:
    bench, box = opened(lab, width)
    themes: tuple[Theme, ...] = ("dark", "light") if "DDD_KIT_SHOTS" in os.environ else ()
    for theme in themes:
        lab.theme(theme)
        lab.shoot(shots / f"wide map {width} {theme}.png", ".ddd-workbench")
    go(bench, "first step")
    box.evaluate("e => e.scrollTo(0, 0)")
    expect(edge(bench, "right")).to_be_visible()
    expect(edge(bench, "down")).to_be_visible()
    expect(edge(bench, "left")).to_be_hidden()
    expect(edge(bench, "up")).to_be_hidden()
    edge(bench, "right").locator("span").click()
    expect(edge(bench, "left")).to_be_visible()
    assert box.evaluate("e => e.scrollLeft") > 0
    box.evaluate("e => e.scrollTo(e.scrollWidth, e.scrollHeight)")
    expect(edge(bench, "right")).to_be_hidden()
    expect(edge(bench, "down")).to_be_hidden()


@widths
def test_it_begins_where_the_step_is_with_as_much_of_its_path_as_there_is_room_for(
    lab: Lab, width: int
) -> None:
    bench, box = opened(lab, width)
    step = go(bench, "first step")
    command = bench.node("MoveTheBooks0")
    expect(command).to_have_attribute("data-reveal", step)
    assert command.evaluate(IN_SIGHT)
    step = go(bench, "last step")
    revealed = bench.part("map").locator("[data-reveal]")
    expect(revealed).to_have_attribute("data-reveal", step)
    assert revealed.evaluate(IN_SIGHT)
    box.evaluate("e => e.scrollTo(0, 0)")
    bench.node("MoveTheBooks0").click()
    expect(bench.node("MoveTheBooks0")).to_have_attribute("aria-pressed", "true")
    assert box.evaluate("e => e.scrollLeft") == 0, "what somebody scrolled to stays"


def go(bench: Bench, where: str) -> str:
    """The step that a button of the bar leads to."""
    place = bench.all.locator(".ddd-place b")
    before = place.inner_text()
    bench.button(where).click()
    expect(place).not_to_have_text(before)
    return place.inner_text().replace(",", "")


@widths
def test_fit_shows_the_whole_map_from_wherever_it_was(lab: Lab, width: int) -> None:
    bench, box = opened(lab, width)
    for _ in range(2):  # what fits already still fits
        box.evaluate("e => e.scrollTo(e.scrollWidth, e.scrollHeight)")
        bench.button("the whole map").click()
        assert box.evaluate("e => [e.scrollLeft, e.scrollTop]") == [0, 0]
        assert box.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        assert box.evaluate("e => e.scrollHeight - e.clientHeight") <= 0
        assert box.evaluate(WHOLE)
        assert box.evaluate(SIDES) == []
    step = go(bench, "first step")
    expect(bench.part("map").locator("[data-reveal]")).to_have_attribute("data-reveal", step)
    lab.page.set_viewport_size({"width": width - 150, "height": 1100})
    expect(edge(bench, "right")).to_be_hidden()
    assert box.evaluate(WHOLE), "it fits at each step, and where there is less room"
    bench.button("as large as its text wants").click()
    expect(edge(bench, "right")).to_be_visible()


def test_the_timeline_needs_no_scroll_bar_on_a_narrow_page(lab: Lab) -> None:
    bench, _ = opened(lab, 1000)
    lab.run("for _ in range(9):\n    domain.process(parts[0][1](books=3))")
    strip = bench.part("bar").locator(".ddd-strip")
    expect(strip.locator(".ddd-tick")).not_to_have_count(0)
    assert strip.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    assert strip.evaluate(SIDES) == []
    lab.page.set_viewport_size({"width": 620, "height": 1100})
    expect(strip).to_have_attribute("data-edges", re.compile("left|right"))
    assert "linear-gradient" in strip.evaluate("e => getComputedStyle(e).maskImage")


def test_the_signs_of_ticks_are_seen_on_their_colours(lab: Lab) -> None:
    bench, _ = opened(lab, 1300)
    lab.run("domain.journal")  # what other views bring along comes later in the page
    ticks = bench.part("bar").locator(".ddd-tick:not(.ddd-hollow)")
    expect(ticks).not_to_have_count(0)
    looks = ticks.evaluate_all(
        "es => es.map(e => getComputedStyle(e)).map(({ color, backgroundColor }) => [color, backgroundColor])"
    )
    assert all(colour != ground for colour, ground in looks), looks
