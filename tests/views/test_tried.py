"""What was tried, as HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from ddd_kit.views.trying.tried import (
    STYLE,
    Tried,
    code_html,
    error_lines,
    history_html,
    outcome_html,
    returned_text,
)
from markup_reader import HIDDEN, PAYLOADS

TAGS = {"div", "p", "span", "b", "small", "code", "pre", "br", "ol", "li", "button"}


class Page(HTMLParser):
    """The words and the attributes of a piece of HTML; it fails on a tag that is not ours."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.buttons: list[dict[str, str | None]] = []
        self.roles: list[str | None] = []
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        held = dict(attrs)
        assert not [name for name in held if name.startswith("on") or name in ("src", "href", "style")]
        if tag == "button":
            self.buttons.append(held)
        self.roles.append(held.get("role"))

    def handle_data(self, data: str) -> None:
        self.words += data


def test_code_can_be_copied() -> None:
    page = Page(code_html("order = Order()\norder.ship('<b>')"))
    assert page.words == "order = Order()\norder.ship('<b>')copy"
    assert [button["data-copy"] for button in page.buttons] == ["order = Order()\norder.ship('<b>')"]
    assert code_html("") == ""


def test_an_outcome_says_what_worked_what_it_returned_and_what_it_printed() -> None:
    page = Page(outcome_html(Tried(1, "Order o-1: ship()", "...", (), "hello\n", "'done'")))
    assert page.words == "✓ Order o-1: ship()returned 'done'printedhello"
    assert page.roles[0] == "status"


def test_an_outcome_shows_what_was_displayed_as_text_or_as_an_image_in_which_nothing_runs() -> None:
    displayed = (
        ("text/plain", "<b>table</b>"),
        ("image/png", "iVBO\nRw0K\n"),
        ("image/svg+xml", "<svg><script>1</script></svg>"),
    )
    html = outcome_html(Tried(1, "ship()", "...", displayed=displayed))
    assert ">displayed<" in html
    assert "<pre>&lt;b&gt;table&lt;/b&gt;</pre>" in html
    assert 'src="data:image/png;base64,iVBORw0K"' in html
    assert 'src="data:image/svg+xml;base64,PHN2Zz48c2NyaXB0' in html
    assert "<script" not in html


def test_an_outcome_says_what_went_wrong() -> None:
    page = Page(outcome_html(Tried(1, "ship()", "...", ("ValueError: no: stock", "  buy some"))))
    assert page.words == "✗ ValueError: no: stock  buy some"
    assert page.roles[0] == "alert"


def test_the_history_has_again_and_copy_for_each() -> None:
    attempts = [Tried(2, "b()", "it.b()", ("ValueError: no",)), Tried(1, "a()", "it.a()")]
    page = Page(history_html(attempts))
    assert page.words == "tried✗b() ValueError: noagaincopy✓a()againcopy"
    assert [(b.get("data-act"), b.get("data-arg"), b.get("data-copy")) for b in page.buttons] == [
        ("again", "2", None),
        (None, None, "it.b()"),
        ("again", "1", None),
        (None, None, "it.a()"),
    ]
    assert [button["aria-label"] for button in page.buttons[:2]] == ["again: b()", "copy: b()"]
    assert history_html([]) == ""


def test_at_most_twenty_are_shown() -> None:
    assert history_html([Tried(n, "a()", "a()") for n in range(50)]).count("<li>") == 20


def test_an_error_is_told_with_its_notes_and_members() -> None:
    inner = ValueError("no stock")
    inner.add_note("order some\nsoon")
    group = ExceptionGroup("two failed", [inner, ExceptionGroup("more", [KeyError("order")])])
    group.add_note("the order is saved")
    assert error_lines(group) == (
        "ExceptionGroup: two failed (2 sub-exceptions)",
        "  the order is saved",
        "  ValueError: no stock",
        "    order some",
        "    soon",
        "  ExceptionGroup: more (1 sub-exception)",
        "    KeyError: 'order'",
    )


def test_an_error_without_a_text_or_with_a_broken_one_is_told() -> None:
    class BrokenError(Exception):
        def __str__(self) -> str:
            raise ValueError

    assert error_lines(KeyboardInterrupt()) == ("KeyboardInterrupt",)
    assert error_lines(BrokenError()) == ("BrokenError: <BrokenError that cannot be shown>",)


def test_a_long_error_is_cut() -> None:
    lines = error_lines(ValueError("\n".join("x" * 10_000 for _ in range(100))))
    assert (len(lines), len(lines[0]), lines[-1]) == (41, 600, "… 60 more lines")


def test_what_was_returned_is_told_unless_it_is_nothing() -> None:
    class Untold:
        def __repr__(self) -> str:
            raise ValueError

    assert [returned_text(value) for value in (None, 0, "a", Untold())] == [
        "",
        "0",
        "'a'",
        "<Untold that cannot be shown>",
    ]
    assert len(returned_text("x" * 10_000)) == 600


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_looks_like_markup_is_text(payload: str) -> None:
    problem = error_lines(ExceptionGroup(payload, [ValueError(payload)]))
    tried = Tried(1, payload, payload, problem, payload, returned_text(payload))
    for html in (code_html(payload), outcome_html(tried), history_html([tried])):
        page = Page(html)
        assert not HIDDEN & set(page.words)
        html.encode()
    fine: Any = Tried(1, payload, payload, (), payload, payload)
    assert not HIDDEN & set(Page(outcome_html(fine)).words)


def test_the_style_touches_nothing_else_on_the_page() -> None:
    selectors = [part for rule in STYLE.split("}")[:-1] for part in rule.split("{")[0].split(",")]
    assert [selector for selector in selectors if not selector.startswith(".ddd")] == []
