"""Reads the HTML of what can be clicked, as a tree; it fails on what nobody could use or trust."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markup_reader import HIDDEN

TAGS = {
    *("div", "p", "ul", "li", "span", "b", "bdi", "small", "code", "button", "select", "option"),
    *("details", "summary", "label"),
    *("svg", "g", "path", "circle", "rect", "line", "text", "title"),
}
ATTRIBUTES = {
    *("class", "title", "role", "type", "value", "selected", "width", "height", "overflow"),
    *("aria-label", "aria-current", "aria-hidden", "aria-level"),
    *("data-act", "data-arg", "data-reveal", "data-roving", "data-scroll", "data-edges"),
    *("data-keep", "data-stays", "disabled"),
    *("d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "viewbox", "preserveaspectratio"),
}


@dataclass
class Element:
    """An element with its attributes and what is in it."""

    tag: str
    attrs: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        """Itself and all elements below it, in the order of the document."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child

    @property
    def text(self) -> str:
        """What is read, without the titles of drawings."""
        return "".join(
            child if isinstance(child, str) else child.text if child.tag != "title" else ""
            for child in self.children
        )

    @property
    def name(self) -> str:
        """What a screen reader calls it."""
        titles = (
            child.text for child in self.children if isinstance(child, Element) and child.tag == "title"
        )
        return self.attrs.get("aria-label") or next(titles, "") or self.text

    def has(self, name: str) -> bool:
        """Whether it has a class."""
        return name in self.attrs.get("class", "").split()

    def all(self, **wanted: str) -> list[Element]:
        """The elements with some attributes; `act` stands for `data-act`, `look` for one of the classes."""
        look = wanted.pop("look", None)
        attrs = {
            {"act": "data-act", "arg": "data-arg"}.get(key, key.replace("_", "-")): value
            for key, value in wanted.items()
        }
        return [
            each
            for each in self
            if all(each.attrs.get(key) == value for key, value in attrs.items())
            and (look is None or each.has(look))
        ]


class _Parser(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("", {})]
        self.feed(html)
        self.close()
        assert len(self.open) == 1, self.open[1:]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        found = {key: value or "" for key, value in attrs}
        assert found.keys() <= ATTRIBUTES, found
        assert len(found) == len(attrs), attrs
        assert not HIDDEN & set("".join(found.values())), found
        if "data-act" in found or tag in ("button", "select"):
            assert all("data-act" not in each.attrs and each.tag != "button" for each in self.open), "nested"
            assert "data-act" in found, found
        made = Element(tag, found)
        self.open[-1].children.append(made)
        self.open.append(made)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        assert not HIDDEN & set(data)
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def read(html: object) -> Element:
    """The tree of a piece of HTML; whatever can be clicked in it has a name and nothing to click within."""
    text = str(html)
    text.encode()
    root = _Parser(text).open[0]
    for each in root:
        assert "data-act" not in each.attrs or each.name.strip(), each
    return root
