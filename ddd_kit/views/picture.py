"""A picture that shows by itself in a cell, and that stays there when a page strips all but images.

Untrusted notebooks and code hosts drop inline SVG, style sheets and ARIA, and keep the texts within what they
drop. So the light picture is an image with an `alt`; the dark one is an image within an inline SVG, which
holds no text and is dropped whole, and only a style sheet can make it visible.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from pathlib import Path

import htpy
from markupsafe import Markup

from ddd_kit.views.target import target_of

LIMIT = 100_000  # bytes of HTML in a notebook
SHRINK = 0.5  # of its own size, before it is scrolled
LONGEST_ALT = 600  # characters
_TOOLTIP = re.compile(r"(?<=>)<title>[^<]*</title>(?!<desc>)| data-element=\"[^\"]*\"")
_SIZE = re.compile(r'<svg[^>]*? width="([\d.]+)" height="([\d.]+)"')

FITTING = "display:block;width:100%;max-width:100%;height:auto"
DARK_THEMES = '[data-jp-theme-light="false"],.vscode-dark,html[theme=dark],body.theme-dark'
WITH_DARK = (
    f":is({DARK_THEMES}) .ddd-kit-light{{opacity:0}}"
    f":is({DARK_THEMES}) .ddd-kit-dark{{display:block!important;position:absolute;inset:0;"
    "width:100%;height:100%;pointer-events:none}"
)
# Where there is no room for two pictures, a dark page turns the light one's lightness round.
WITHOUT_DARK = f":is({DARK_THEMES}) .ddd-kit-light{{filter:invert(.92) hue-rotate(180deg)}}"


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing with its words.

    Attributes:
        svg: on a light ground.
        dark_svg: on a dark ground.
        text: the same in words, for a terminal.
        alt: the same in a sentence, for those who cannot see a picture.
        draw: saves it in other formats than SVG, to a path; None where it cannot be.

    Example:
        >>> picture = Picture('<svg width="10" height="10"></svg>', "<svg></svg>", "a square", "A square.")
        >>> picture
        a square
    """

    svg: str = field(repr=False)
    dark_svg: str = field(repr=False)
    text: str
    alt: str = field(repr=False)
    draw: Callable[[Path], None] | None = field(default=None, repr=False, compare=False)

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
            path: a file name that ends in `.svg`; of a map also in `.png` or `.pdf`, which matplotlib draws.

        Returns:
            Where it was saved.

        Raises:
            IncorrectUsageError: for something that names no file.
            ValueError: for another kind of file.
            ModuleNotFoundError: when matplotlib is missing, and it is needed; the text says what to install.
        """
        target = target_of(path, "save", "map.svg")
        kinds = (".svg",) if self.draw is None else (".svg", ".png", ".pdf")
        kind = target.suffix.lower()
        if kind not in kinds:
            raise ValueError(f"save({str(path)!r}): this picture is saved as {' or '.join(kinds)}.")
        if kind == ".svg" or self.draw is None:
            target.write_text(self.svg, encoding="utf-8")
        else:
            self.draw(target)
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
        least = round(float(width) * SHRINK)
        frame = f"position:relative;width:{width}px;max-width:max(100%,{least}px)"
        alt = self.alt if len(self.alt) <= LONGEST_ALT else self.alt[: LONGEST_ALT - 1] + "…"
        light = htpy.img(class_="ddd-kit-light", alt=alt, src=_uri(self.svg), width=width, style=FITTING)
        dark = _dark(self.dark_svg, width, height) if with_dark else None
        styles = Markup(WITH_DARK if with_dark else WITHOUT_DARK)  # noqa: S704 - our own constants only
        whole = htpy.div(class_="ddd-kit-picture", style="overflow-x:auto")[
            htpy.style[styles], htpy.div(style=frame)[light, dark]
        ]
        return str.__str__(str(whole))  # not Markup, which would escape what is added to it

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


def _dark(svg: str, width: str, height: str) -> htpy.Element:
    """The dark picture, to lie on the light one, which keeps the words."""
    size = {"viewBox": f"0 0 {width} {height}", "aria-hidden": "true", "style": "display:none"}
    return htpy.svg(size, class_="ddd-kit-dark")[htpy.image(href=_uri(svg), width=width, height=height)]


def _uri(svg: str) -> str:
    """The picture as an address; an image shows no tooltips, so it goes without."""
    svg = _TOOLTIP.sub("", svg)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
