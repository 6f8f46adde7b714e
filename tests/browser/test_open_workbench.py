"""What cells do to a workbench that is open, and what is left of one that is closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from bench import DEMO, LAST, Bench
from lab import Lab

pytestmark = pytest.mark.browser

MODEL = '''
from ddd_kit import Domain, handle
from ddd_kit.fields import Integer
domain = Domain(name="Warehouse")

@domain.event(part_of="Box")
class Packed:
    weight = Integer()

@domain.aggregate
class Box:
    weight = Integer(min_value=1)

    def pack(self):
        """Put more into it."""
        self.weight += 1
        self.raise_(Packed(weight=self.weight))

@domain.event_handler(part_of=Box)
class Scales:
    @handle(Packed)
    def weigh(self, event): ...
'''
SERVICES = """
from ddd_kit import read, use_case
from ddd_kit.fields import Identifier

@domain.application_service(part_of=Box)
class Packing:
    @use_case
    def bring(self, box_id: str, weight: int = 1) -> str:
        domain.repository_for(Box).add(Box(id=box_id, weight=weight))
        return f"{box_id} is here"

@domain.subscriber(stream="carrier")
class HearCarrier:
    def __call__(self, payload):
        Packing().bring(payload["box"], weight=payload["kilos"])

@domain.repository(part_of=Box)
class Shelf:
    def heavy(self):
        return self.query.filter(weight__gt=5).order_by("weight").all()
"""
BOX = "box = domain.repository_for(Box).add(Box(id='b-1', weight=4))"
EXPLORE = "workbench = domain.explore()\nworkbench"
WAITS = """
from pathlib import Path
from time import sleep
print("it runs", flush=True)
while not Path("enough").exists():
    sleep(0.01)
"""
ENDLESS = "from time import sleep\nprint('it loops', flush=True)\nwhile True:\n    sleep(0.01)"
WIDGETS = "sorted(__import__('ipywidgets').widgets.widget._instances)"
LEFT = (
    "[each.name for each in __import__('threading').enumerate() if 'workbench' in each.name]"
    " + __import__('ddd_kit.notebook.live').notebook.live.watched()"
    " + [*__import__('ddd_kit.notebook.cells').notebook.cells._at_begin.values()]"
    " + [*__import__('ddd_kit.notebook.cells').notebook.cells._at_end.values()]"
)


def explored(lab: Lab) -> Bench:
    """A model, a box and its workbench, each from a cell of its own."""
    lab.open(lab.write("warehouse.ipynb", [MODEL, BOX, EXPLORE]))
    lab.run_all()
    bench = Bench(lab.page)
    expect(bench.story).to_contain_text("Box b-1")
    return bench


def pack(bench: Bench, weight: int) -> None:
    """Pack the newest box by the form, which makes it heavier."""
    bench.choose("Box b-1")
    expect(bench.all).to_contain_text("box.pack()")
    bench.run()
    expect(bench.story).to_contain_text(f"Try it: Packed (weight {weight}) made Scales run weigh")


def test_it_goes_on_whatever_cells_do(lab: Lab) -> None:
    """Names that are taken, interrupted cells, clicks while one runs, a domain made anew or emptied."""
    bench = explored(lab)
    lab.run("kept, domain, Box = domain, None, None")
    pack(bench, 5)
    # An interrupted cell.
    lab.start(ENDLESS)
    expect(lab.outputs().filter(has_text="it loops")).to_be_visible()
    lab.interrupt()
    lab.page.keyboard.press("Escape")
    bench.tab("State").click()
    expect(bench.right).to_contain_text("weight")
    pack(bench, 6)
    # A click while a cell runs.
    lab.start(WAITS)
    expect(lab.outputs().filter(has_text="it runs")).to_be_visible()
    step = lab.page.locator(".ddd-place").inner_text()
    bench.button("back step").click()
    bench.tab("Changes").click()
    expect(bench.waiting).to_have_text("Waits until the running cell has ended …")
    expect(bench.part("bar")).to_contain_text(step)
    (lab.served / "enough").touch()
    lab.ended()
    expect(bench.part("bar")).not_to_contain_text(step)
    expect(bench.tab("Changes")).to_have_attribute("aria-selected", "true")
    expect(bench.waiting).to_be_hidden()
    # The domain's own cell runs again, and then it is emptied.
    lab.run_at(0)
    expect(bench.left).not_to_contain_text("weight")
    lab.run_at(1)
    expect(bench.story).to_contain_text("Box b-1")
    pack(bench, 5)
    assert lab.ask("workbench.domain is domain is not kept") == "True"
    lab.run("domain.reset()")
    expect(bench.story).to_contain_text("Nothing has happened yet")


def test_use_cases_messages_and_named_queries_have_their_forms(lab: Lab) -> None:
    """What is refused stands at its field; a click while a cell runs waits; a cell may define it all anew."""
    lab.open(lab.write("services.ipynb", [MODEL, SERVICES, BOX, EXPLORE]))
    lab.run_all()
    bench = Bench(lab.page)
    bench.choose("Packing")
    expect(bench.field("box_id")).to_be_visible()
    bench.field("box_id").locator("input").fill("b-2")
    bench.field("weight").locator("input").fill("0")
    bench.run()
    expect(bench.field("weight")).to_contain_text("greater than or equal to 1")
    (lab.served / "enough").unlink(missing_ok=True)
    lab.start(WAITS)
    expect(lab.outputs().filter(has_text="it runs")).to_be_visible()
    bench.field("weight").locator("input").fill("7")
    bench.run()
    expect(bench.form).not_to_contain_text("b-2 is here")
    (lab.served / "enough").touch()
    lab.ended()
    expect(bench.form).to_contain_text("'b-2 is here'")
    expect(bench.all).to_contain_text("Packing().bring(box_id='b-2', weight=7)")
    bench.choose("Message on carrier")
    message = bench.field("message").locator("textarea")
    expect(message).to_have_value('{"box": "…", "kilos": "…"}')
    message.fill('{"box": b-3}')
    bench.run()
    expect(bench.field("message")).to_contain_text("is no JSON")
    message.fill('{"box": "b-3", "kilos": 9}')
    bench.run()
    expect(bench.form).to_contain_text("'carrier-default-0'")
    lab.run(SERVICES.replace("weight__gt=5", "weight__gt=8"))
    bench.choose("Shelf of Box")
    expect(bench.all).to_contain_text("domain.repository_for(Box).heavy()")
    bench.run()
    expect(bench.form.locator(".ddd-table tbody tr")).to_have_text(["9b-3"])


def test_closed_or_made_again_it_leaves_nothing_behind(lab: Lab) -> None:
    lab.open(lab.write("warehouse.ipynb", [MODEL, BOX, "domain.explore"]))
    lab.run_all()
    before = lab.ask(WIDGETS)
    lab.run(EXPLORE)
    bench = Bench(lab.page)
    expect(bench.story).to_contain_text("Box b-1")
    # Its cell runs again: there is one, and it works.
    widgets = lab.ask(f"len({WIDGETS})")
    for weight in (5, 6):
        lab.run_at(3)
        expect(lab.page.locator(".ddd-workbench")).to_have_count(1)
        assert lab.ask(f"len({WIDGETS})") == widgets
        pack(bench, weight)
    # Shown twice, both follow.
    lab.run("workbench")
    expect(lab.page.locator(".ddd-workbench")).to_have_count(2)
    pack(bench, 7)
    for story in lab.page.locator("[data-part=story]").all():
        expect(story).to_contain_text("Packed (weight 7)")
    # Closed by its menu, both are gone.
    bench.menu.click()
    bench.button("Close this workbench").click()
    expect(lab.page.locator(".ddd-workbench")).to_have_count(0)
    assert lab.ask(WIDGETS) == before
    assert lab.ask(LEFT) == "[]"
    lab.run("workbench")
    expect(lab.outputs().last).to_contain_text("domain.explore() opens a new one")


def test_in_a_notebook_that_is_opened_once_more_on_its_kernel_it_answers(lab: Lab) -> None:
    """Also where all widgets of before go while the new ones come; when the kernel is gone, it says so."""
    lab.write("demo.ipynb", [DEMO])
    for _ in range(3):
        lab.open("demo.ipynb")
        lab.run_all()
        bench = Bench(lab.page)
        bench.expect_demo()
        for step in (33, 32, 31):
            bench.button("back step").click()
            bench.expect_step(step, LAST)
    lab.restart()
    bench.button("back step").click()
    expect(bench.waiting).to_have_text("Its kernel is gone: run its cell again.")
    lab.run_all()
    bench.expect_demo()
    bench.button("back step").click()
    bench.expect_step(33, LAST)
