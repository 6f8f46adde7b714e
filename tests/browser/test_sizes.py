"""Models that are large, empty, long-named or broken are shown as tidily as small ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bench import Bench
from lab import Lab, Theme

pytestmark = pytest.mark.browser

LONG = "AVeryLongNameThatSomebodyGaveToAnElementBecauseItSaysItAllXY"
assert len(LONG) == 60
IMPORTS = """
from ddd_kit import Domain, handle
from ddd_kit.fields import Identifier, Integer, String
domain = Domain(name={name!r})
"""
EXPLORE = "\nworkbench = domain.explore()\nworkbench"
HUNDRED = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from benchmarks.big_model import hundred_elements
domain = hundred_elements()
elements = {{name: element.cls for name, element in domain.registry.elements.items()}}
for number in range(3):
    shelf = elements[f"Shelf{{number}}"](books=number)
    shelf.raise_(elements[f"Moved{{number}}"](shelf_id=shelf.id, books=number))
    domain.repository_for(elements[f"Shelf{{number}}"]).add(shelf)
"""
LONG_NAMES = f"""
@domain.aggregate
class {LONG}:
    {LONG.lower()} = String(default={"word " * 30!r})
    other = String(default={"x" * 200!r})

    def {LONG.lower()[:58]}_m(self, {LONG.lower()[:58]}_p: str = "a"):
        self.other = self.other[1:]
        self.raise_({LONG[:59]}E(other=self.other))

@domain.event(part_of={LONG})
class {LONG[:59]}E:
    other = String()

@domain.command(part_of={LONG})
class {LONG[:59]}C:
    other = String()

@domain.command_handler(part_of={LONG})
class {LONG[:59]}D:
    @handle({LONG[:59]}C)
    def {LONG.lower()[:58]}_d(self, command): ...

@domain.event_handler(part_of={LONG}, stream_category={LONG.lower()!r}, source_stream={LONG.lower()[:50]!r})
class {LONG[:59]}H:
    @handle({LONG[:59]}E)
    def {LONG.lower()[:58]}_h(self, event): ...

made = {LONG}()
made.{LONG.lower()[:58]}_m()
domain.repository_for({LONG}).add(made)
"""
NO_EVENTS = """
@domain.aggregate
class Order:
    quantity = Integer(default=1)

@domain.event(part_of=Order)
class OrderShipped: ...

@domain.event_handler(part_of=Order)
class Packers:
    @handle(OrderShipped)
    def pack(self, event): ...
"""
NO_HANDLERS = """
@domain.aggregate
class Order:
    quantity = Integer(default=1)

@domain.event(part_of=Order)
class OrderShipped: ...

order = Order()
order.raise_(OrderShipped())
domain.repository_for(Order).add(order)
"""
MANY = """
@domain.aggregate
class Order:
    quantity = Integer(default=1)
    status = String(choices=["PENDING", "SHIPPED"], default="PENDING")

    def ship(self):
        self.status = "SHIPPED"

for quantity in range(500):
    domain.repository_for(Order).add(Order(quantity=quantity))
"""
FAILING = """
@domain.event(part_of="Order")
class OrderShipped:
    quantity = Integer()

@domain.aggregate
class Order:
    quantity = Integer(default=1)

@domain.event_handler(part_of=Order)
class Printer:
    @handle(OrderShipped)
    def print_label(self, event):
        raise RuntimeError("There is no paper in the tray of the printer on the second floor.")

@domain.event_handler(part_of=Order, source_stream="shipping")
class Mailer:
    @handle(OrderShipped)
    def mail(self, event): ...

order = Order(quantity=3)
order.raise_(OrderShipped(quantity=3))
try:
    domain.repository_for(Order).add(order)
except RuntimeError:
    pass
"""
MODELS = {
    "hundred elements": HUNDRED,
    "long names": IMPORTS.format(name="A domain with a name that is as long as sixty characters are")
    + LONG_NAMES,
    "nothing": IMPORTS.format(name="Nothing"),
    "no events": IMPORTS.format(name="No events") + NO_EVENTS,
    "no handlers": IMPORTS.format(name="No handlers") + NO_HANDLERS,
    "500 instances": IMPORTS.format(name="Many") + MANY,
    "failing handler": IMPORTS.format(name="Failing") + FAILING,
}
IN_SIGHT = """e => {
    const a = e.getBoundingClientRect(), b = e.closest('[data-pan]').getBoundingClientRect();
    return a.top >= b.top && a.bottom <= b.bottom && a.left >= b.left && a.right <= b.right;
}"""
TABS = (("Streams", "State"), ("Chart", "Why"), ("Journal", "Changes"))


def test_it_stays_tidy(lab: Lab, shots: Path) -> None:
    """Each tab of each; with pictures, in the dark too, where DDD_KIT_SHOTS says where they go."""
    lab.open(lab.write("sizes.ipynb", [""]))
    lab.page.set_viewport_size({"width": 1200, "height": 1700})
    themes: tuple[Theme, ...] = ("dark", "light") if "DDD_KIT_SHOTS" in os.environ else ()
    for name, model in MODELS.items():
        lab.edit(model + EXPLORE)
        bench = Bench(lab.page)
        expect(bench.all).to_be_visible()
        for left, right in TABS:
            bench.tab(left).click()
            bench.tab(right).click()
            expect(bench.tab(right)).to_have_attribute("aria-selected", "true")
            bench.expect_tidy()
            for theme in themes:
                lab.theme(theme)
                lab.shoot(shots / f"{name} {left} {theme}.png", ".ddd-workbench")


def test_a_map_of_a_hundred_elements_scrolls_and_zooms(lab: Lab) -> None:
    lab.open(lab.write("sizes.ipynb", [HUNDRED + EXPLORE]))
    lab.run_all()
    bench = Bench(lab.page)
    expect(bench.all).to_be_visible()
    box, revealed = bench.part("map").locator("[data-pan]"), bench.node("Moved2")
    assert box.evaluate("e => e.scrollHeight > e.clientHeight || e.scrollWidth > e.clientWidth")
    assert revealed.evaluate(IN_SIGHT), "what the step is about is in sight"
    bench.button("the whole map").click()
    assert box.evaluate("e => e.scrollHeight <= e.clientHeight + 20 && e.scrollWidth <= e.clientWidth + 20")
    bench.button("as large as its text wants").click()
    assert box.evaluate("e => e.scrollHeight > e.clientHeight || e.scrollWidth > e.clientWidth")
    first, far = bench.node("Move0"), bench.node("Move12")
    first.focus()
    assert not far.evaluate(IN_SIGHT)
    bench.press_until("ArrowDown", far)
    assert far.evaluate(IN_SIGHT), "the keys lead to what is out of sight"
