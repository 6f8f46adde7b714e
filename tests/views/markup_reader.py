"""Reads HTML as a browser does, and as a code host does that takes styles and classes away."""

from __future__ import annotations

import re
from html.parser import HTMLParser

PAYLOADS = (
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "javascript:alert(1)",
    "&lt;b&gt; &amp; &#x27;",
    "{{7*7}} ${7*7} %s {0}",
    "]]><!-- comment -->",
    "back`tick",
    "\u202egnp.exe",
    "\u2066isolated",
    "bell\x07 null\x00",
    "lone \ud800 surrogate",
    "日本語 עברית 🙂‍🙂",
    "x" * 5000,
)
TAGS = {
    *("div", "style", "p", "ul", "ol", "li", "span", "b", "bdi", "small", "code"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *("button", "h3", "s"),
}
ATTRIBUTES = {"class", "title", "role", "aria-label", "scope"} | {
    *("type", "data-act", "data-arg", "data-reveal", "aria-current"),  # what can be clicked
}
HIDDEN = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\x07")


class Reader(HTMLParser):
    """What a piece of HTML says; it fails on anything but the few tags and attributes that the kit writes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.words: list[str] = []
        self.titles: list[str] = []
        self.deepest = 0
        self.feed(html)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        assert {name for name, _ in attrs} <= ATTRIBUTES, attrs
        self.titles += [value or "" for name, value in attrs if name == "title"]
        self.open.append(tag)
        self.deepest = max(self.deepest, self.open.count("ul"))
        if tag in ("p", "li", "tr", "ul"):
            self.words.append("\n" + "  " * self.open.count("ul"))
        if tag in ("td", "th"):
            self.words.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            assert "<" not in data
        else:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    @property
    def text(self) -> str:
        lines = "".join(self.words).splitlines()
        return "\n".join(line.rstrip() for line in lines if line.strip())


def text_of(html: str) -> str:
    """What a reader sees without styles: lines, indented as the lists are."""
    return Reader(html).text


def assert_harmless(html: str, payload: str) -> None:
    """The payload is there as text, whole or shortened, and nothing of it is markup or hidden."""
    reader = Reader(html)
    said = reader.text + "".join(reader.titles)
    assert not HIDDEN & set(said)
    html.encode()
    beginning = re.search(r"\w{1,20}", payload)
    assert beginning
    assert beginning[0] in said
