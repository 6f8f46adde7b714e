"""A picture that shows by itself in a cell, and that stays there when a page strips all but images.

Untrusted notebooks and code hosts drop inline SVG, style sheets and ARIA, and keep the texts within what they
drop. So the light picture is an image with an `alt`; the dark one is an image within an inline SVG, which
holds no text and is dropped whole, and only a style sheet can make it visible.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path

import htpy
from markupsafe import Markup

LIMIT = 100_000  # bytes of HTML in a notebook
SHRINK = 0.8  # of its own size, before it is scrolled
LONGEST_ALT = 600  # characters
_TOOLTIP = re.compile(r"(?<=>)<title>[^<]*</title>(?!<desc>)| data-element=\"[^\"]*\"")
_SIZE = re.compile(r'<svg[^>]*? width="([\d.]+)" height="([\d.]+)"')

DARK_THEMES = ('[data-jp-theme-light="false"]', "body.vscode-dark", "html[theme=dark]", "body.theme-dark")
_DARK_CLASS = "ddd-kit-dark"


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing with its words.

    Attributes:
        svg: on a light ground.
        dark_svg: on a dark ground.
        text: the same in words, for a terminal.
        alt: the same in a sentence, for those who cannot see a picture.

    Example:
        >>> picture = Picture('<svg width="10" height="10"></svg>', "<svg></svg>", "a square", "A square.")
        >>> picture
        a square
    """

    svg: str = field(repr=False)
    dark_svg: str = field(repr=False)
    text: str
    alt: str = field(repr=False)

    def to_text(self) -> str:
        """The picture in words.

        Returns:
            Lines of text.
        """
        return self.text

    def __repr__(self) -> str:
        return self.text

    def save(self, path: str | Path) -> Path:
        """Save the light picture.

        Args:
            path: a file name that ends in `.svg`.

        Returns:
            Where it was saved.

        Raises:
            ValueError: for another kind of file.
        """
        target = Path(path)
        if target.suffix.lower() != ".svg":
            raise ValueError(
                f"save({str(path)!r}): this picture is saved as .svg. For other formats draw it with matplotlib: "
                "domain.draw().figure.savefig('map.png')."
            )
        target.write_text(self.svg, encoding="utf-8")
        return target

    def to_html(self) -> str:
        """The picture as a piece of a page: at most 100 KB, never wider than the page's column.

        Returns:
            HTML that needs nothing from elsewhere.
        """
        whole = self._html(with_dark=True)
        return whole if len(whole.encode()) <= LIMIT else self._html(with_dark=False)

    def _html(self, *, with_dark: bool) -> str:
        width, height = self._size()
        alt = self.alt if len(self.alt) <= LONGEST_ALT else self.alt[: LONGEST_ALT - 1] + "…"
        look = f"max-width:100%;height:auto;width:{width}px"
        least = f"max-width:max(100%,{round(float(width) * SHRINK)}px)!important"
        light = htpy.img(class_="ddd-kit-light", alt=alt, src=_uri(self.svg), width=width, style=look)
        parts = [htpy.style[Markup(_styles(with_dark, least))], light]  # our own constants only
        if with_dark:
            image = htpy.image(href=_uri(self.dark_svg), width=width, height=height)
            size = {"viewBox": f"0 0 {width} {height}", "width": width, "height": height}
            parts.append(
                htpy.svg(size, class_=_DARK_CLASS, role="img", aria_label=alt, style=f"display:none;{look}")[
                    image
                ]
            )
        return "".join([str(htpy.div(class_="ddd-kit-picture")[parts])])  # a text, not Markup

    def _size(self) -> tuple[str, str]:
        found = _SIZE.search(self.svg)
        assert found is not None, "a picture's SVG begins with its width and height"
        return found[1], found[2]

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """What a notebook shows; the front end chooses."""
        bundle = {"text/html": self.to_html, "text/plain": self.to_text}
        return {
            kind: make()
            for kind, make in bundle.items()
            if (include is None or kind in include) and (exclude is None or kind not in exclude)
        }


def _styles(with_dark: bool, least: str) -> str:
    """Where style sheets are kept, a wide picture is scrolled before it is too small to read."""
    size = f".ddd-kit-picture{{overflow-x:auto}}.ddd-kit-picture>*{{{least}}}"
    light = ",".join(f"{theme} .ddd-kit-light" for theme in DARK_THEMES)
    dark = ",".join(f"{theme} .{_DARK_CLASS}" for theme in DARK_THEMES)
    if with_dark:
        return f"{size}{light}{{display:none}}{dark}{{display:inline!important}}"
    return f"{size}{light}{{filter:invert(.92) hue-rotate(180deg)}}"  # no room for a second picture


def _uri(svg: str) -> str:
    """The picture as an address; an image shows no tooltips, so it goes without."""
    svg = _TOOLTIP.sub("", svg)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
