"""What goes wrong in a model is told in the workbench, which goes on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from bench import Bench
from lab import Lab

pytestmark = pytest.mark.browser

MODEL = """
from typing import Any
from ddd_kit import Domain, handle
from ddd_kit.fields import Integer
domain = Domain(name="Press")
paper = 0

class Odd:
    def __repr__(self):
        raise RuntimeError("no words for it")

@domain.event(part_of="Book")
class Ordered:
    copies = Integer()

@domain.aggregate
class Book:
    copies = Integer(min_value=1, default=1)
    held: Any = None

    def order(self):
        self.raise_(Ordered(copies=self.copies))

    def hold_odd(self):
        self.held = Odd()
        return Odd()

@domain.event_handler(part_of=Book)
class Printer:
    @handle(Ordered)
    def print_copies(self, event):
        if paper < event.copies:
            raise RuntimeError("no paper <in> the tray")

@domain.command(part_of=Book)
class Burn:
    copies = Integer(min_value=1)

@domain.command_handler(part_of=Book)
class Furnace:
    @handle(Burn)
    def burn(self, command):
        raise PermissionError("we burn no books")
"""
CELLS = [MODEL, "domain.repository_for(Book).add(Book(id='b-1'))", "workbench = domain.explore()\nworkbench"]


def test_what_a_model_raises_is_told_and_nothing_else_stops(lab: Lab) -> None:
    lab.open(lab.write("press.ipynb", CELLS))
    lab.run_all()
    bench = Bench(lab.page)
    outcome = bench.form.locator(".ddd-outcome")
    # A rejected input has its message at its field.
    bench.choose("Burn")
    bench.field("copies").locator("input").fill("0")
    bench.run()
    expect(bench.field("copies").get_by_role("alert")).to_contain_text("greater than or equal to 1")
    bench.field("copies").locator("input").fill("2")
    expect(bench.all).to_contain_text("domain.process(Burn(copies=2))")
    bench.run()
    expect(outcome).to_contain_text("PermissionError: we burn no books")
    expect(bench.left).to_contain_text("we burn no books")
    # An event handler that fails: in the form, in the journal, on the map, in the sentence.
    bench.choose("Book b-1")
    action = bench.form.get_by_role("combobox", name="Action")
    expect(action).to_be_visible()
    action.select_option(label="order()")
    expect(bench.all).to_contain_text("book.order()")
    bench.run()
    expect(outcome).to_contain_text("RuntimeError: no paper <in> the tray")
    expect(outcome).to_contain_text("what it did is undone")
    expect(bench.node("Printer")).to_contain_text("no paper")
    expect(bench.node("Printer")).to_have_class(re.compile("failed"))
    expect(bench.left).to_contain_text("no paper <in> the tray")
    # A value that cannot say what it is.
    action.select_option(label="hold_odd()")
    expect(bench.all).to_contain_text("book.hold_odd()")
    bench.run()
    expect(outcome).to_contain_text("<Odd that cannot be shown>")
    expect(bench.right).to_contain_text("<Odd that cannot be shown>")
    bench.tab("State").click()
    expect(bench.right).to_contain_text("<Odd that cannot be shown>")
    expect(bench.all).not_to_contain_text("This is a fault of ddd_kit")


def test_a_delivery_that_fails_is_told_and_goes_on_waiting(lab: Lab) -> None:
    lab.open(lab.write("press.ipynb", CELLS))
    lab.run_all()
    bench = Bench(lab.page)
    bench.switch_hold("on")
    lab.run("book = Book(id='b-2')\nbook.order()\ndomain.repository_for(Book).add(book);")
    expect(bench.part("bar")).to_contain_text("1 waits")
    bench.button("deliver next").click()
    expect(bench.notice).to_contain_text("the delivery failed")
    expect(bench.notice).to_contain_text("RuntimeError: no paper <in> the tray")
    bench.notice.get_by_text("where").click()
    expect(bench.notice.locator("pre")).to_contain_text("in print_copies")
    expect(bench.part("bar")).to_contain_text("1 waits")
    bench.button("dismiss").click()
    expect(bench.notice).to_be_empty()
    lab.run("paper = 500")
    bench.button("deliver next").click()
    expect(bench.part("bar")).not_to_contain_text("waits")
    expect(bench.story).to_contain_text("Printer")
    assert lab.ask("len(domain.waiting)") == "0"
