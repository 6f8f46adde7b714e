"""How wide a text is drawn, without a browser or a font at hand.

The advance widths are those of DejaVu Sans 2.37 and DejaVu Sans Bold 2.37, in units of 1/2048 of the font
size, read from the ``hmtx`` tables of Debian's package ``fonts-dejavu-core`` (2.37-6). Maps ask for the fonts
`system-ui, "DejaVu Sans", Verdana, Arial, sans-serif`. Of the common ones among them DejaVu Sans is the
widest, with Verdana, which resembles it: a box that fits these widths fits the text in the others, too.
Kerning, which mostly makes texts narrower, is left out.
"""

from __future__ import annotations

import unicodedata
from functools import cache

UNITS = 2048  # per em: a width of so many is as wide as the font size

# A row has the widths of sixteen characters, in the order of their numbers.
NORMAL = """
    U+0020  651  821  942 1716 1303 1946 1597  563  799  799 1024 1716  651  739  651  690
    U+0030 1303 1303 1303 1303 1303 1303 1303 1303 1303 1303  690  690 1716 1716 1716 1087
    U+0040 2048 1401 1405 1430 1577 1294 1178 1587 1540  604  604 1343 1141 1767 1532 1612
    U+0050 1235 1612 1423 1300 1251 1499 1401 2025 1403 1251 1403  799  690  799 1716 1024
    U+0060 1024 1255 1300 1126 1300 1260  721 1300 1298  569  569 1186  569 1995 1298 1253
    U+0070 1300 1300  842 1067  803 1298 1212 1675 1212 1212 1075 1303  690 1303 1716    0
    U+00A0  651  821 1303 1303 1303 1303  690 1024 1024 2048  965 1253 1716    0 2048 1024
    U+00B0 1024 1716  821  821 1024 1303 1303  651 1024  821  965 1253 1985 1985 1985 1087
    U+00C0 1401 1401 1401 1401 1401 1401 1995 1430 1294 1294 1294 1294  604  604  604  604
    U+00D0 1587 1532 1612 1612 1612 1612 1612 1716 1612 1499 1499 1499 1499 1251 1239 1290
    U+00E0 1255 1255 1255 1255 1255 1255 2011 1126 1260 1260 1260 1260  569  569  569  569
    U+00F0 1253 1298 1253 1253 1253 1253 1253 1716 1253 1298 1298 1298 1298 1212 1300 1212
"""

BOLD = """
    U+0020  713  934 1067 1716 1425 2052 1786  627  936  936 1071 1716  778  850  778  748
    U+0030 1425 1425 1425 1425 1425 1425 1425 1425 1425 1425  819  819 1716 1716 1716 1188
    U+0040 2048 1585 1561 1503 1700 1399 1399 1681 1714  762  762 1587 1305 2038 1714 1741
    U+0050 1501 1741 1577 1475 1397 1663 1585 2259 1579 1483 1485  936  748  936 1716 1024
    U+0060 1024 1382 1466 1214 1466 1389  891 1466 1458  702  702 1362  702 2134 1458 1407
    U+0070 1466 1466 1010 1219  979 1458 1335 1892 1321 1335 1192 1458  748 1458 1716    0
    U+00A0  713  934 1425 1425 1303 1425  748 1024 1024 2048 1155 1323 1716    0 2048 1024
    U+00B0 1024 1716  897  897 1024 1507 1303  778 1024  897 1155 1323 2120 2120 2120 1188
    U+00C0 1585 1585 1585 1585 1585 1585 2222 1503 1399 1399 1399 1399  762  762  762  762
    U+00D0 1716 1714 1741 1741 1741 1741 1741 1716 1741 1663 1663 1663 1663 1483 1511 1473
    U+00E0 1382 1382 1382 1382 1382 1382 2146 1214 1389 1389 1389 1389  702  702  702  702
    U+00F0 1407 1458 1407 1407 1407 1407 1407 1716 1407 1458 1458 1458 1458 1335 1466 1335
"""

# Normal and bold width of some signs that views use.
SIGNS = {
    "\u2018\u2019": (651, 778),
    "\u2039\u203a": (819, 844),
    "\u2013": (1024, 1024),
    "“”": (1061, 1346),
    "•": (1208, 1309),
    "─│└├┄┈": (1233, 1233),
    "€": (1303, 1425),
    "▲△▶▷▼▽◀◁◆◇": (1575, 1575),
    "∞": (1706, 1706),
    "←↑→↓↔⇒⇐↦↺↻↯≈≠≤≥✓✔✗✘\u2212": (1716, 1716),
    "∅": (1784, 1754),
    "∈": (1784, 1836),
    "○●": (1787, 1787),
    "★☆⚠": (1836, 1836),
    "■□": (1935, 1935),
    "—…™": (2048, 2048),
}

OTHER = (1400, 1580)  # about the mean of Cyrillic, and somewhat more than Greek and other Latin letters
WIDE = 2048  # the ideographs of all common fonts are squares
EMOJI = 2600  # those of the common colour fonts are up to 1.27 as wide as the font size


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return how wide a text is in one line.

    Args:
        text: any characters; line breaks and tabs count as blanks, combining marks as nothing.
        size: font size in px.
        bold: whether it is set in bold.

    Returns:
        Width in px, not rounded.

    >>> text_width("Order", 2048)
    5856.0
    >>> text_width("Order", 12) < text_width("Order", 12, bold=True)
    True
    """
    return sum(_advance(character, bold) for character in text) * size / UNITS


def ellipsis(text: str, width: float, size: float, bold: bool = False) -> str:
    """Return the text, shortened from its end with an ellipsis if it is too wide.

    Args:
        text: any characters.
        width: the room for the text in px.
        size: font size in px.
        bold: whether it is set in bold.

    Returns:
        A text that is not wider than the room; empty if there is not even room for the ellipsis.

    >>> ellipsis("OrderShipped", 200, size=12), ellipsis("OrderShipped", 60, size=12)
    ('OrderShipped', 'OrderS…')
    """
    if text_width(text, size, bold) <= width:
        return text
    room = width - text_width("…", size, bold)
    if room < 0:
        return ""
    return text[: _fitting(text, room * UNITS / size, bold)].rstrip() + "…"


def _fitting(text: str, room: float, bold: bool) -> int:
    """How many characters fit, with all marks that belong to the last of them."""
    for count, character in enumerate(text):
        room -= _advance(character, bold)
        if room < 0:
            return count
    return len(text)


@cache
def _advance(character: str, bold: bool) -> int:
    stored = _stored().get(character)
    if stored is not None:
        return stored[bold]
    category = unicodedata.category(character)
    if category in {"Mn", "Me", "Cf"}:
        return 0
    if category in {"Cc", "Zs"}:
        return _advance(" ", bold)
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return EMOJI if category in {"So", "Sk"} else WIDE
    return OTHER[bold]


@cache
def _stored() -> dict[str, tuple[int, int]]:
    """Normal and bold width of every character in the tables."""
    bold = dict(_read(BOLD))
    letters = {character: (width, bold[character]) for character, width in _read(NORMAL)}
    return letters | {character: widths for characters, widths in SIGNS.items() for character in characters}


def _read(table: str) -> list[tuple[str, int]]:
    rows = [line.split() for line in table.strip().splitlines()]
    return [
        (chr(int(start.removeprefix("U+"), 16) + i), int(width))
        for start, *widths in rows
        for i, width in enumerate(widths)
    ]
