"""The workbench on a page, as people find their way in it."""

from __future__ import annotations

import re
from typing import Literal

from playwright.sync_api import Locator, Page, expect

DEMO = "import ddd_kit\nworkbench = ddd_kit.demo()\ndomain = workbench.domain\nworkbench"
LAST = 34
"""The demo's last step, which takes the stock from 100 to 90."""

OVERFLOWING = """root => [...root.querySelectorAll('.ddd-canvas *')]
    .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && !e.closest('svg, .ddd-sr')
        && ['hidden', 'clip'].includes(getComputedStyle(e).overflowX)
        && getComputedStyle(e).textOverflow !== 'ellipsis')
    .map(e => `${e.className}: ${e.textContent.slice(0, 60)}`)"""

OVERLAPPING = """svg => {
    const texts = [...svg.querySelectorAll('text')].map(e => [e.textContent, e.getBoundingClientRect()]);
    return texts.flatMap(([text, a], place) => texts.slice(place + 1)
        .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3)
        .map(([other]) => `${text} / ${other}`));
}"""

LEAVING = """svg => [...svg.querySelectorAll('g')].flatMap(node => {
    const card = node.querySelector(':scope > .card')?.getBoundingClientRect();
    return !card ? [] : [...node.querySelectorAll(':scope > text')].filter(e => {
        const box = e.getBoundingClientRect();
        return box.right > card.right || box.left < card.left || box.bottom > card.bottom + 1;
    }).map(e => e.textContent);
})"""

TINY = """root => [...root.querySelectorAll('.ddd-canvas *, .ddd-try *')].filter(e => {
    if (![...e.childNodes].some(node => node.nodeType === 3 && node.nodeValue.trim())) return false;
    const box = e.getBoundingClientRect(), matrix = e.getScreenCTM?.();
    if (e.matches('style, title, desc, option') || !box.width || e.closest('.ddd-sr')) return false;
    return parseFloat(getComputedStyle(e).fontSize) * (matrix ? Math.abs(matrix.d) : 1) < 10.99;
}).map(e => `${e.className.baseVal ?? e.className}: ${e.textContent.slice(0, 60)}`)"""

HAS_FOCUS = "root => root.contains(document.activeElement)"


def maps(page: Page) -> Locator:
    """The maps that are to be seen: live ones, and static pictures."""
    return page.locator("svg.ddd-map:visible, img.ddd-kit-light:visible")


class Bench:
    """The first workbench on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.all = page.locator(".ddd-workbench").first
        self.story, self.left, self.right = self.part("story"), self.part("left"), self.part("right")

    def part(self, name: str) -> Locator:
        """A part of the canvas, as `map`."""
        return self.all.locator(f"[data-part={name}]").first

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """What can be pressed, by what a screen reader calls it."""
        return self.all.get_by_role("button", name=name, exact=isinstance(name, str))

    def tab(self, name: str) -> Locator:
        """The head of a pane."""
        return self.all.get_by_role("tab", name=name)

    def node(self, name: str) -> Locator:
        """An element on the map; where it is drawn twice, the first."""
        return self.part("map").locator(f"[data-act=element][data-arg={name}]").first

    def arrow(self, event: str, handler: str) -> Locator:
        """An arrow of the map."""
        return self.part("map").locator(f"[data-act=edge][data-arg='{event} {handler}']")

    @property
    def why_90(self) -> Locator:
        """The demo's last value, in the panes on the right."""
        return self.right.get_by_role("button", name="why is in_stock 90?")

    @property
    def notice(self) -> Locator:
        """What went wrong."""
        return self.part("notice")

    @property
    def waiting(self) -> Locator:
        """What is said while a click waits."""
        return self.all.locator("[data-waiting]").first

    @property
    def menu(self) -> Locator:
        """What can be done with the whole, behind the three dots."""
        return self.all.locator("details[data-keep=menu] > summary")

    @property
    def runs(self) -> Locator:
        """The menu of runs: fork, replay, go back."""
        return self.all.locator("details[data-keep=runs] > summary")

    @property
    def faults(self) -> Locator:
        """The menu of what goes wrong on the way."""
        return self.all.locator("details[data-keep=faults] > summary")

    def aim(self, what: str, words: str) -> None:
        """Choose what the next fault is for, in the open menu of faults: `aim("event", "OrderShipped")`."""
        self.all.get_by_role("combobox", name=what, exact=True).select_option(label=words)

    def switch_hold(self, to: Literal["on", "off"]) -> None:
        """Press *hold*, and wait until it is done: a cell that is run at once may overtake a click."""
        self.button("hold").click()
        expect(self.button("hold")).to_have_attribute("aria-pressed", str(to == "on").lower())

    @property
    def form(self) -> Locator:
        """*Try it*."""
        return self.all.locator(".ddd-try").first

    @property
    def target(self) -> Locator:
        """What *Try it* is about."""
        return self.form.get_by_role("combobox", name="Try it")

    def choose(self, words: str | re.Pattern[str]) -> None:
        """Choose what to try: the first target that bears these words."""
        option = self.target.locator("option").filter(has_text=words).first
        self.target.select_option(label=option.inner_text())

    def field(self, name: str) -> Locator:
        """A field of *Try it*, with its messages."""
        return self.form.locator(".ddd-try-field").filter(has=self.page.get_by_label(name, exact=True))

    def run(self) -> None:
        """Press *Run*."""
        self.button("Run").click()

    def expect_step(self, step: int, last: int) -> None:
        """Wait until it shows a step."""
        expect(self.part("bar")).to_contain_text(f"step {step:,} of {last:,}")

    def expect_demo(self) -> None:
        """Wait until the demo stands at its last step."""
        self.expect_step(LAST, LAST)
        expect(self.story).to_contain_text("from in_stock 100 to 90")

    def overflowing(self) -> list[str]:
        """The texts that are cut off, or wider than what they stand in without a way to scroll."""
        return self.all.evaluate(OVERFLOWING)  # type: ignore[no-any-return]

    def expect_tidy(self) -> None:
        """Nothing is cut off, overlaps, leaves its card, is too small to read, or failed to be drawn."""
        expect(self.all).not_to_contain_text("This is a fault of ddd_kit")
        assert self.overflowing() == []
        map_ = self.part("map").locator("svg")
        assert map_.evaluate(OVERLAPPING) == []
        assert map_.evaluate(LEAVING) == []
        assert self.all.evaluate(TINY) == []

    def has_focus(self) -> bool:
        """Whether the keys go to it."""
        return bool(self.all.evaluate(HAS_FOCUS))

    def press_until(self, key: str, wanted: Locator, most: int = 50) -> None:
        """Press a key, as Tab, until something has the focus."""
        for _ in range(most):
            self.page.keyboard.press(key)
            if wanted.count() and wanted.first.evaluate("e => e === document.activeElement"):
                return
        raise AssertionError(f"{key} does not lead to {wanted}")
