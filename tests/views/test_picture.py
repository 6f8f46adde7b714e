"""A picture in a cell, on a page that strips what is not an image, and in a file."""

from __future__ import annotations

import base64
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ddd_kit.views.picture import LIMIT, Picture
from shops import MODELS, chained, seed, ship_by_command

all_models = pytest.mark.parametrize("model", MODELS)


class Sanitized(HTMLParser):
    """What a code host leaves: images with their `src` and `alt`; the texts within all that it drops."""

    DROPPED_WITH_TEXT = ("script", "style")

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.images: list[dict[str, str]] = []
        self.text = ""
        self.silent = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in self.DROPPED_WITH_TEXT
        if tag == "img":
            self.images.append({name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in self.DROPPED_WITH_TEXT

    def handle_data(self, data: str) -> None:
        self.text += "" if self.silent else data


def picture(size: int = 10, alt: str = "A square.") -> Picture:
    filling = f"<desc>{'x' * size}</desc>"
    light = f'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="5">{filling}</svg>'
    return Picture(svg=light, dark_svg=light.replace('width="10"', 'width="11"'), text="a square", alt=alt)


def decoded(uri: str) -> str:
    return base64.b64decode(uri.removeprefix("data:image/svg+xml;base64,")).decode()


def test_a_notebook_gets_html_and_text() -> None:
    bundle = picture()._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == "a square"


@pytest.mark.parametrize(
    ("choice", "left"),
    [({"include": ["text/plain"]}, "text/plain"), ({"exclude": ["text/plain"]}, "text/html")],
)
def test_a_front_end_may_choose(choice: dict[str, Any], left: str) -> None:
    assert list(picture()._repr_mimebundle_(**choice)) == [left]


@all_models
def test_where_a_page_keeps_only_images_the_light_one_is_left_with_its_words_and_no_text_leaks(
    model: str,
) -> None:
    shown = MODELS[model]().map()
    page = Sanitized(shown.to_html())
    (image,) = page.images
    assert f"Map of {MODELS[model]().name}" in image["alt"]
    assert LIGHT_MARK in decoded(image["src"])
    assert page.text.strip() == ""


LIGHT_MARK = 'class="ddd-kit-map"'


def test_the_words_of_the_image_tell_the_story() -> None:
    (image,) = Sanitized(seed().domain.map().to_html()).images
    assert "In [6]: Order → OrderShipped → ManageInventory → Inventory." in image["alt"]
    assert "EmailNotifications skipped: came from plain code, not from manage_order." in image["alt"]


def test_a_dark_page_has_a_dark_picture_that_is_hidden_until_its_theme_shows_it() -> None:
    html = picture().to_html()
    dark = html[html.index("<svg") :]
    assert "display:none" in dark[: dark.index(">")]
    for theme in ('[data-jp-theme-light="false"]', ".vscode-dark", "html[theme=dark]"):
        assert theme in html


@all_models
def test_it_takes_at_most_100_kb(model: str) -> None:
    assert len(MODELS[model]().map().to_html().encode()) <= LIMIT


def test_100_elements_in_which_everything_happened_take_at_most_100_kb() -> None:
    domain = chained(100, run=True)
    assert len(domain.map().to_html().encode()) <= LIMIT


def test_a_large_picture_goes_without_a_dark_one() -> None:
    html = picture(size=50_000).to_html()
    assert "<svg" not in html
    assert "invert" in html


def test_an_image_has_no_tooltips_but_keeps_its_title() -> None:
    (image,) = Sanitized(seed().domain.map().to_html()).images
    assert decoded(image["src"]).count("<title>") == 1


def test_it_is_never_wider_than_its_column() -> None:
    (image,) = Sanitized(picture().to_html()).images
    assert "max-width:100%" in image["style"]


def test_quotes_in_its_words_do_not_end_them() -> None:
    words = '"><script>alert(1)</script>'
    page = Sanitized(picture(alt=words).to_html())
    assert page.images[0]["alt"] == words
    assert page.text.strip() == ""


def test_very_long_words_are_shortened() -> None:
    (image,) = Sanitized(picture(alt="word " * 1000).to_html()).images
    assert len(image["alt"]) == 600


def test_its_texts_are_texts_that_a_template_does_not_take_for_markup() -> None:
    shown = seed().domain.map()
    assert {type(text) for text in (shown.svg, shown.dark_svg, shown.to_html(), shown.to_text())} == {str}


def test_it_is_saved_as_svg(tmp_path: Path) -> None:
    saved = picture().save(tmp_path / "map.svg")
    assert saved.read_text(encoding="utf-8") == picture().svg


def test_other_files_are_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"map\.png'\): this picture is saved as \.svg\."):
        picture().save(tmp_path / "map.png")
    with pytest.raises(ValueError, match=r"saved as \.svg or \.png or \.pdf"):
        seed().domain.map().save(tmp_path / "map.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_map_is_saved_as_pixels_too(tmp_path: Path) -> None:
    """Two pixels for one of the map, as it was when it was made, and no cell shows the figure besides."""
    from matplotlib import pyplot as plt

    shop = seed()
    shown = shop.domain.map()
    small = shown.save(tmp_path / "map.png").read_bytes()
    assert small.startswith(b"\x89PNG")
    width = int.from_bytes(small[16:20], "big")
    assert width > 2 * 600
    ship_by_command(shop)
    assert shown.save(tmp_path / "again.png").read_bytes()[16:24] == small[16:24]
    assert shown.save(tmp_path / "map.pdf").read_bytes().startswith(b"%PDF")
    assert plt.get_fignums() == []
