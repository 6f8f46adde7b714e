"""A saved run, opened from disk without a network: all of it works, and says what the domain says."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect

import ddd_kit
from bench import LAST, LEAVING, OVERFLOWING, OVERLAPPING, TINY
from ddd_kit import Domain, handle
from ddd_kit.engine.explain import why_not
from ddd_kit.exceptions import IncorrectUsageError, ValidationError
from ddd_kit.fields import Integer
from ddd_kit.journal.causality import why
from ddd_kit.journal.origin import origin
from ddd_kit.journal.story import story
from ddd_kit.views import answers, tree
from ddd_kit.views.links import linked
from ddd_kit.views.mapping.live_map import live_map
from ddd_kit.views.panes.concerning import concerning
from ddd_kit.views.panes.instances import instances
from lab import Theme
from test_accessibility import violations
from views.journals import accounts, counting_down, made_busy, odd
from views.markup_reader import PAYLOADS
from views.shops import faulty, long_names, seed, troubled

pytestmark = pytest.mark.browser

INJECTED = "main :is(script, img, iframe, object, a, [onerror], [onload], [onclick])"
ROWS = """() => Object.fromEntries([...document.querySelectorAll('.ddd-row')].map(row =>
    [row.querySelector('.ddd-row-step').dataset.arg, row.querySelector('.ddd-told').textContent]))"""
MARKS = """() => [...document.querySelectorAll('svg.ddd-map g')].map(g => [g.getAttribute('class') ?? '',
    g.getAttribute('aria-label') ?? '', g.querySelector(':scope > title')?.textContent ?? '',
    [...g.children].filter(e => e.nodeName === 'text').map(e => e.textContent).join('|')])
    .filter(mark => mark[1] || mark[2])"""


class Saved:
    """A page from disk, in a browser without a network."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.story, self.left, self.right = (
            page.locator(f"#ddd-{name}") for name in ("story", "left", "right")
        )
        self.place = page.locator("#ddd-place")

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name, exact=isinstance(name, str))

    def tab(self, name: str) -> Locator:
        return self.page.get_by_role("tab", name=name)

    def turn(self, step: int, **look: Any) -> None:
        """As the clicks do; the tests of the clicks are others."""
        self.page.evaluate("change => turn(change)", {"step": step, "first": None, "page": 0, **look})

    def ask(self, act: str, arg: str) -> str:
        self.page.evaluate("([act, arg]) => ACTS[act](arg)", [act, arg])
        return self.right.text_content() or ""

    def expect_step(self, step: int) -> None:
        expect(self.place).to_contain_text(f"step {step} of")


Open = Callable[..., Saved]


@pytest.fixture
def open_saved(
    browser: Browser, tmp_path: Path, request: pytest.FixtureRequest, shots: Path
) -> Iterator[Open]:
    """Saves a run and opens it; fails when the page asked for anything but itself, or a script failed."""
    asked: list[str] = []
    errors: list[str] = []
    pages: list[Page] = []

    def opened(domain: Any, **how: Any) -> Saved:
        path = domain.save_html(tmp_path / f"{len(pages)}.html")
        page = browser.new_context(
            offline=True, **{"viewport": {"width": 1200, "height": 900}, **how}
        ).new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(path.as_uri())
        pages.append(page)
        return Saved(page)

    yield opened
    for page in pages:
        page.screenshot(path=shots / f"{request.node.name}.png")
        page.context.close()
    assert len(asked) == len(pages)
    assert all(url.startswith("file:") for url in asked)
    assert errors == []


def bookshop() -> Domain:
    workbench = ddd_kit.demo()
    domain = workbench.domain
    workbench.close()
    return domain


def text_of(markup: object) -> str:
    return html.unescape(re.sub("<[^>]*>", "", str(markup)))


# What people do


def test_buttons_keys_and_slider_move_through_all_steps(open_saved: Open) -> None:
    saved = open_saved(bookshop())
    saved.expect_step(LAST)
    expect(saved.story).to_contain_text("from in_stock 100 to 90")
    saved.button("back step").click()
    saved.expect_step(33)
    saved.page.keyboard.press("ArrowLeft")
    saved.expect_step(32)
    saved.page.keyboard.press("Home")
    saved.expect_step(14)
    expect(saved.story).to_have_text(re.compile("^demo 1: Inventory .* was added"))
    expect(saved.button("back step")).to_have_attribute("aria-disabled", "true")
    saved.page.keyboard.press("ArrowRight")
    saved.expect_step(15)
    saved.button("last step").click()
    saved.expect_step(LAST)
    saved.page.locator("#ddd-slider").fill("20")
    saved.expect_step(20)
    saved.page.locator("#ddd-slider").press("End")
    saved.expect_step(LAST)
    saved.left.get_by_role("button", name=re.compile(r"^step 30:")).click()
    saved.expect_step(30)
    saved.page.locator("#ddd-ticks").get_by_role("button", name=re.compile("^step 23:")).click()
    saved.expect_step(23)


def test_playing_goes_on_to_the_end(open_saved: Open) -> None:
    saved = open_saved(bookshop())
    saved.turn(LAST - 1)
    saved.button("▷ play").click()
    saved.expect_step(LAST)
    expect(saved.button("▷ play")).to_be_visible()


def test_a_value_says_why_and_a_skipped_handler_why_not(open_saved: Open) -> None:
    domain = bookshop()
    saved = open_saved(domain)
    saved.right.get_by_role("button", name="why is in_stock 90?").click()
    expect(saved.tab("Why")).to_have_attribute("aria-selected", "true")
    inventory = domain.journal.step(LAST)
    asked = why(domain.journal, inventory.aggregate, inventory.id, "in_stock")
    expect(saved.right.locator(".ddd-sentence")).to_have_text(asked.sentence.replace("`", ""))
    saved.left.get_by_role("button", name=re.compile("^its source stream is")).click()
    expect(saved.right).to_contain_text("Why did ◆ EmailNotifications not run?")
    expect(saved.right).to_contain_text("✗ source_stream: its source_stream is manage_order")
    saved.right.get_by_role("button", name="OrderShipped").click()
    saved.expect_step(31)


def test_the_map_narrows_down_and_answers(open_saved: Open) -> None:
    """A click on an element shows what concerns it; on a dashed handler or an arrow, why."""
    saved = open_saved(bookshop())
    saved.page.locator("svg [data-arg=PlaceOrder]").click()
    expect(saved.left.locator(".ddd-row")).to_have_count(6)
    expect(saved.left).to_contain_text("only PlaceOrder")
    saved.page.keyboard.press("Escape")
    expect(saved.left.locator(".ddd-row")).to_have_count(21)
    saved.page.locator("svg [data-arg=EmailNotifications]").click()
    expect(saved.right).to_contain_text("Why did ◆ EmailNotifications not run?")
    saved.page.keyboard.press("Escape")
    arrow = saved.page.locator("svg [data-act=edge][data-arg='OrderShipped ManageInventory']")
    arrow.focus()
    saved.page.keyboard.press("Enter")
    expect(saved.right).to_contain_text("Why did ◆ ManageInventory run?")


def test_the_focus_stays_where_it_is_while_steps_go_by(open_saved: Open) -> None:
    saved = open_saved(bookshop())
    row = saved.left.get_by_role("button", name=re.compile(r"^step 30:"))
    row.focus()
    saved.page.keyboard.press("ArrowLeft")
    saved.expect_step(33)
    expect(row).to_be_focused()
    saved.page.keyboard.press("ArrowUp")
    expect(saved.left.get_by_role("button", name=re.compile("^why is order_id"))).to_be_focused()
    saved.page.keyboard.press("Enter")
    expect(saved.right).to_contain_text("Why is order_id")


def test_a_long_journal_is_shown_in_windows(open_saved: Open) -> None:
    saved = open_saved(made_busy(400))
    expect(saved.left.locator("[aria-current=step]")).to_have_text("400")
    assert saved.left.locator(".ddd-row").count() <= 30
    saved.left.get_by_role("button", name=re.compile("earlier$")).click()
    expect(saved.left.locator("[aria-current=step]")).to_have_count(0)
    saved.page.keyboard.press("Home")
    expect(saved.left.locator("[aria-current=step]")).to_have_count(1)
    saved.tab("State").click()
    saved.page.keyboard.press("End")
    saved.right.get_by_role("button", name="20 more").click()
    expect(saved.right).to_contain_text("21 to 40 of")


def test_what_concerns_an_element_is_what_the_live_journal_shows(open_saved: Open) -> None:
    domain = bookshop()
    saved = open_saved(domain)
    for element in domain.registry.elements:
        saved.page.evaluate("element => turn({ element, step: 14, first: 1 })", element)
        assert [int(step) for step in saved.page.evaluate(ROWS)] == list(concerning(domain.journal, element))


# What it says, at each step, is what the domain says


def redefined() -> Domain:
    domain = Domain(name="Redefined")
    domain.aggregate(type("Account", (), {"__annotations__": {"balance": int}, "balance": 0}))
    accounts_ = domain.repository_for("Account")
    account = accounts_.add(domain.registry.elements["Account"].cls(id="a", balance=1))

    class Again:
        balance = Integer(default=0)
        limit = Integer(default=7)

    domain.aggregate(type("Account", (Again,), {}))
    account = domain.repository_for("Account").get("a")
    account.balance = 5
    domain.repository_for("Account").add(account)
    return domain


def folded() -> Domain:
    domain = accounts({"a": list(range(40)), "b": [1]}, limit=20)
    assert domain.journal.first_step > 1
    return domain


RUNS: dict[str, Callable[[], Any]] = {
    "bookshop": bookshop,
    "seed": lambda: seed().domain,
    "troubled": troubled,
    "faulty": faulty,
    "long names": long_names,
    "a chain": lambda: counting_down(25),
    "removed": lambda: accounts({"a": [1, 2.5, ...], "1": [0, ...], "b": [None, -4]}),
    "redefined": redefined,
    "folded": folded,
    "windows": lambda: made_busy(150, instances=30),
}


@pytest.mark.parametrize("run", RUNS)
def test_each_step_says_what_the_domain_says(open_saved: Open, run: str) -> None:
    """Sentence, rows, state and map of all steps."""
    domain = RUNS[run]()
    saved, journal = open_saved(domain), domain.journal
    for step in range(journal.first_step - 1, journal.last_step + 1):
        saved.turn(step, right="state")
        assert saved.story.text_content() == story(journal, step).sentence
        rows = saved.page.evaluate(ROWS)
        for number, told in rows.items():
            assert told.startswith(text_of(tree.told(journal.step(int(number)), linked))), number
        shown = instances(domain, step, link=linked)
        assert (saved.right.text_content() or "").split() == text_of(shown).split()
        assert marked(saved) == drawn(domain, step), step


def marked(saved: Saved) -> list[tuple[Any, ...]]:
    return sorted(
        (set_of(look), label, title, words) for look, label, title, words in saved.page.evaluate(MARKS)
    )


def set_of(look: str) -> str:
    return " ".join(sorted(set(look.split()) - {"plain"}))


def drawn(domain: Any, step: int) -> list[tuple[Any, ...]]:
    """The same of the live map."""
    svg = ET.fromstring(live_map(domain, step))
    marks = []
    for group in svg.iter("g"):
        title = next((each.text or "" for each in group if each.tag == "title"), "")
        words = "|".join(each.text or "" for each in group if each.tag == "text")
        label = group.attrib.get("aria-label", "")
        if label or title:
            marks.append((set_of(group.attrib.get("class", "")), label, title, words))
    return sorted(marks)


@pytest.mark.parametrize("run", RUNS)
def test_each_value_and_each_skipped_handler_says_why(open_saved: Open, run: str) -> None:
    domain = RUNS[run]()
    saved, journal = open_saved(domain), domain.journal
    for entry in journal:
        if entry.kind == "changed" and entry.after is not None:
            for field in entry.names:
                saved.ask("why", f"{entry.step} {field}")
                said = (saved.right.text_content() or "").split()
                assert said == text_of(answer(domain, entry, field)).split()
        elif entry.kind == "skipped" or (entry.kind == "fault" and entry.fault == "drop"):
            saved.ask("whynot", str(entry.step))
            asked = answers.why_not_panel(why_not(domain, entry.handler, journal.step(entry.cause)), linked)
            assert (saved.right.text_content() or "").split() == text_of(asked).split()


def answer(domain: Domain, entry: Any, field: str) -> object:
    try:
        asked = why(domain.journal, entry.aggregate, entry.id, field, entry.step)
    except IncorrectUsageError as error:
        return error
    return answers.why_panel(asked, linked)


# Whatever is in it


def hostile() -> Domain:
    """Names of cells, the title, ids, values, choices and errors that look like markup."""
    domain = Domain(name="Shop " + " ".join(PAYLOADS[:4]))

    class Note:
        text: Any = ""
        size = Integer(default=1)

    Note.__doc__ = " ".join(PAYLOADS[:9])
    note_class = domain.aggregate(Note)

    @domain.event(part_of=note_class)
    class Noted:
        text: Any = ""

    @domain.event_handler(part_of=note_class)
    class Listener:
        @handle(Noted)
        def hear(self, event: Any) -> None:
            raise RuntimeError(event.text)

    for number, text in enumerate(PAYLOADS):
        with origin(text), suppress(RuntimeError):
            note = note_class(id=f"{number} {text.encode('ascii', 'replace').decode()}", text=text)
            note.raise_(Noted(text=text))
            domain.repository_for(note_class).add(note)
        with suppress(ValidationError):
            note_class(text=text, size=text)
    return domain


def test_what_looks_like_markup_stays_text(open_saved: Open) -> None:
    dialogs: list[str] = []
    domain = hostile()
    saved = open_saved(domain)

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    saved.page.on("dialog", note)
    expect(saved.page).to_have_title(re.compile(re.escape("Shop <script>alert(1)</script>")))
    saved.page.evaluate("document.title = ''")
    for step in range(domain.journal.first_step - 1, domain.journal.last_step + 1):
        for right in ("changes", "state"):
            saved.turn(step, right=right)
            assert saved.page.locator(INJECTED).count() == 0
    saved.turn(domain.journal.of(kind="changed")[0].step, right="changes")
    expect(saved.story).to_contain_text("<script>alert(1)</script>")
    expect(saved.left).to_contain_text("<script>alert(1)</script>")
    saved.right.get_by_role("button", name=re.compile("^why is text")).click()
    expect(saved.right).to_contain_text("Why is text <script>alert(1)</script>?")
    assert saved.page.locator(INJECTED).count() == 0
    assert dialogs == []


def test_an_odd_value_does_not_hide_the_others(open_saved: Open) -> None:
    saved = open_saved(odd())
    expect(saved.left.locator(".ddd-row")).to_have_count(2)
    expect(saved.story).to_contain_text("Box b went from held <Odd that cannot be shown> to")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_follows_the_reader_s_theme_and_axe_finds_nothing_serious(open_saved: Open, theme: Theme) -> None:
    saved = open_saved(bookshop(), color_scheme=theme)
    ground = saved.page.locator(".ddd-workbench").evaluate("e => getComputedStyle(e).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 25, 31)"}[theme]
    assert violations(saved.page, theme, "body") == []
    saved.tab("State").click()
    saved.turn(31)
    assert violations(saved.page, theme, "body") == []
    saved.left.get_by_role("button", name=re.compile("^its source stream is")).click()
    saved.page.locator("svg [data-arg=Inventory]").first.click()
    assert violations(saved.page, theme, "body") == []


@pytest.mark.parametrize("width", [400, 900, 1300])
def test_nothing_is_cut_off_or_overlaps(open_saved: Open, width: int) -> None:
    for domain in (bookshop(), troubled(), long_names()):
        saved = open_saved(domain, viewport={"width": width, "height": 900})
        assert saved.page.evaluate("document.documentElement.scrollWidth") <= width
        root = saved.page.locator("main")
        assert root.evaluate(OVERFLOWING) == []
        svg = saved.page.locator("svg.ddd-map")
        for step in range(domain.journal.first_step - 1, domain.journal.last_step + 1):
            saved.turn(step)
            assert svg.evaluate(OVERLAPPING) == []
            assert svg.evaluate(LEAVING) == []
        assert root.evaluate(TINY) == []


def test_without_scripts_the_map_and_the_last_sentence_are_there(browser: Browser, tmp_path: Path) -> None:
    path = bookshop().save_html(tmp_path / "run.html")
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    expect(page.locator(".ddd-page-static img").first).to_be_visible()
    expect(page.locator(".ddd-page-static")).to_contain_text("from in_stock 100 to 90")
    expect(page.locator("main")).to_be_hidden()
    context.close()


def test_a_script_that_somebody_adds_cannot_ask_another_host(browser: Browser, tmp_path: Path) -> None:
    """The page's own policy refuses; the network is off as well."""
    path = bookshop().save_html(tmp_path / "run.html")
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    refused = """() => new Promise(done => {
        const note = event => done(event.effectiveDirective);
        document.addEventListener('securitypolicyviolation', note, { once: true });
        fetch('https://example.org/').catch(() => {});
    })"""
    assert page.evaluate(refused) == "connect-src"
    context.close()
