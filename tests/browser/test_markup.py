"""Whatever names and values look like, on the page they are text."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, expect

from bench import Bench, maps
from lab import Lab
from views.markup_reader import PAYLOADS

pytestmark = pytest.mark.browser

SHORT = [payload[:200] for payload in PAYLOADS]
MODEL = f"""
from typing import Any
from ddd_kit import Domain, handle
from ddd_kit.fields import Integer, String
from ddd_kit.journal.origin import origin
payloads = {SHORT!a}
sizes = {{text: number for number, text in enumerate(payloads)}}
domain = Domain(name="Shop " + " ".join(payloads[:4]))

class Note:
    text: Any = ""
    kind = String(choices=payloads[:9], default=payloads[0])
    size = Integer(default=1)

    def __repr__(self):
        return payloads[2]

    def shout(self, words: str = payloads[1]):
        self.text = self.text + "!"
        self.raise_(Noted(text=self.text))
        return payloads[3]

    def fail(self):
        raise ValueError(" ".join(payloads))

Note.__doc__ = "\\n".join(payloads[:9])
Note.shout.__doc__ = Note.fail.__doc__ = " ".join(payloads[:9])
Note = domain.aggregate(Note)

@domain.event(part_of=Note)
class Noted:
    text: Any = ""

@domain.command(part_of=Note)
class Write:
    text = String(max_length=None, default=payloads[2], description=payloads[1])

@domain.command_handler(part_of=Note)
class Writers:
    @handle(Write)
    def write(self, command):
        raise RuntimeError(" ".join(payloads))

@domain.event_handler(part_of=Note)
class Listener:
    @handle(Noted)
    def hear(self, event):
        if event.text.endswith("?"):
            raise RuntimeError(" ".join(payloads))

notes = domain.repository_for(Note)
for text, size in sizes.items():
    with origin(text):
        note = Note(id=text.encode("ascii", "backslashreplace").decode(), text=text, size=size)
        note.kind = text if text in payloads[:9] else payloads[0]
        note.raise_(Noted(text=text))
        notes.add(note)
        try:
            Note(id="other", text=text, kind=text + "?", size=text)
        except Exception:
            pass
with origin(" ".join(payloads)):
    try:
        note = Note(id="last", text=" ".join(payloads))
        note.raise_(Noted(text=" ".join(payloads) + "?"))
        notes.add(note)
    except* RuntimeError:
        pass
"""
EXPLORE = "workbench = domain.explore()\nworkbench"
INJECTED = ":is(script, img, iframe, object, a, [onerror], [onload], [onclick])"
SEEN = """root => [root, ...root.querySelectorAll('*')].flatMap(e =>
    [e.title, e.ariaLabel, e.placeholder, e.value, e.dataset?.arg].filter(x => typeof x === 'string')
    ).join('\\n') + root.textContent"""


def words_of(payload: str) -> str:
    found = re.search(r"\w{1,20}", payload)
    assert found
    return found[0]


def test_what_looks_like_markup_stays_text(lab: Lab) -> None:
    """In names, ids, values, choices, docstrings, errors and cells; live, and in the static picture."""
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    lab.page.on("dialog", note)
    try:
        lab.open(lab.write("notes.ipynb", [MODEL, EXPLORE]))
        lab.run_all()
        bench = Bench(lab.page)
        expect(bench.part("bar")).to_contain_text("Shop <script>alert(1)</script>")
        expect(bench.story).to_contain_text("<script>alert(1)</script>")
        look_at_all(bench)
        try_all(bench)
        bench.menu.click()
        bench.button("Close this workbench").click()
        expect(bench.all).to_be_hidden()
        expect(maps(lab.page)).to_have_count(1)
        static = lab.outputs().last
        static.get_by_text("Journal", exact=True).click()
        expect(static).to_contain_text("<script>alert(1)</script>")
        assert static.locator(INJECTED).count() == 1, "its own picture, and nothing else"
        assert dialogs == []
    finally:
        lab.page.remove_listener("dialog", note)


def look_at_all(bench: Bench) -> None:
    for tab in ("Streams", "Chart", "Why", "Changes", "State", "Journal"):
        bench.tab(tab).click()
        expect(bench.tab(tab)).to_have_attribute("aria-selected", "true")
        assert bench.all.locator(INJECTED).count() == 0
    seen = bench.all.evaluate(SEEN)
    missing = [payload for payload in SHORT if words_of(payload) not in seen]
    assert missing == []


def try_all(bench: Bench) -> None:
    outcome = bench.form.locator(".ddd-outcome")
    bench.choose("Write")
    bench.run()
    expect(outcome).to_contain_text("<script>alert(1)</script>")
    bench.choose("Note last")
    action = bench.form.get_by_role("combobox", name="Action")
    action.select_option(label="shout(words=…)")
    expect(bench.all).to_contain_text("note.shout()")
    bench.run()
    expect(outcome).to_contain_text("onload=alert(1)")
    action.select_option(label="fail()")
    expect(bench.all).to_contain_text("note.fail()")
    bench.run()
    expect(outcome).to_contain_text("ValueError: <script>alert(1)</script>")
    bench.choose("New Note")
    bench.field("kind").locator("select").select_option(index=2)
    expect(bench.all).to_contain_text("kind='\">")
    bench.run()
    expect(bench.left).to_contain_text("Try it")
    assert bench.all.locator(INJECTED).count() == 0
