import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddd_kit.views.text_width import ellipsis, text_width

SIZES = st.floats(1, 100)


@pytest.mark.parametrize(
    ("text", "bold", "expected"),
    [
        ("PlaceOrder", False, 11301),
        ("PlaceOrder", True, 12804),
        ("Größe", False, 6232),
        ("▶ ■ ● ◆ ◇ ✓ …", False, 1575 + 1935 + 1787 + 2 * 1575 + 1716 + 2048 + 6 * 651),
    ],
)
def test_widths_are_those_of_the_font(text, bold, expected):
    """The sums were taken from the advance widths of DejaVu Sans by a font library."""
    assert text_width(text, 2048, bold) == expected


def test_the_empty_text_has_no_width():
    assert text_width("", 12) == 0


@given(st.text(), st.text(), SIZES, st.booleans())
def test_widths_add_up(one, other, size, bold):
    """Two texts side by side are as wide as both, and no text has a negative width."""
    both = text_width(one + other, size, bold)
    assert both == pytest.approx(text_width(one, size, bold) + text_width(other, size, bold))
    assert both >= 0


@given(st.text(), SIZES)
def test_width_grows_with_the_font_size(text, size):
    """Twice the font size means twice the width."""
    assert text_width(text, 2 * size) == pytest.approx(2 * text_width(text, size))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_bold_is_never_narrower(text):
    """A box that fits a text in bold fits it in normal weight."""
    assert text_width(text, 12, bold=True) >= text_width(text, 12)


def test_ideographs_are_wide():
    """Ideographs fill a square, and pictographs a little more."""
    assert text_width("注文", 10) == 20
    assert text_width("📦", 10) > 10


def test_combining_marks_have_no_width():
    """A letter is as wide whether its accent is part of it or follows it."""
    assert text_width(unicodedata.normalize("NFD", "é"), 10) == text_width("é", 10)
    assert text_width("a\u200db", 10) == text_width("ab", 10)


def test_unknown_letters_have_a_width():
    """A script that is not in the table gets a width near that of Latin letters."""
    assert 20 < text_width("Заказ", 10) < 50


def test_line_breaks_count_as_blanks():
    """In SVG a line break within a text is a blank."""
    assert text_width("a\nb\tc", 10) == text_width("a b c", 10)


def test_a_text_that_fits_stays():
    assert ellipsis("Order", text_width("Order", 12), 12) == "Order"


def test_a_text_too_wide_ends_in_an_ellipsis():
    assert ellipsis("ManageInventory", 80, 12) == "ManageInv…"


def test_no_blank_stands_before_the_ellipsis():
    assert ellipsis("a bbbb", text_width("a …", 12), 12) == "a…"


def test_without_room_for_the_ellipsis_nothing_is_left():
    assert ellipsis("Order", 3, 12) == ""


def test_a_mark_is_not_cut_off_its_letter():
    """A mark that combines with the last letter stays with it."""
    text = "e\u0301" * 9
    short = ellipsis(text, text_width("eee…", 12), 12)
    assert short == "e\u0301" * 3 + "…"


@given(st.text(), st.floats(0, 500), SIZES, st.booleans())
def test_a_shortened_text_fits_and_is_a_beginning(text, width, size, bold):
    """Whatever the text, the result is not wider than asked for, and its letters are the text's first."""
    short = ellipsis(text, width, size, bold)
    assert text_width(short, size, bold) <= width + 1e-6
    assert short == text or text.startswith(short.removesuffix("…"))
