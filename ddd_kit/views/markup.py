"""What the HTML of all cards and lists is made of: colours, values, names.

Everything shown goes through `plain`: then it is text, whatever it looks like and whatever it claims to be.
Words and order carry the meaning, as code hosts and untrusted notebooks take styles and classes away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import htpy as h
from markupsafe import Markup

from ddd_kit.journal.sentence import brief, context_in, short_id, short_stream, told
from ddd_kit.views.palette import DARK, LIGHT, STYLES, Ground

LONGEST_TITLE = 1000
# Controls, lone surrogates, and what turns the direction of the text after it.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LITERAL = re.compile(r"[-+.\d]*(e\d+)?|None|True|False", re.IGNORECASE)
_KEYS = {kind: kind.replace(" ", "-") for kind in STYLES}


def plain(text: Any) -> str:
    r"""A text that is only text: a plain `str`, in which nothing is hidden.

    Args:
        text: any object; one that says it is HTML already is not believed.

    Returns:
        Its text, with control characters written out.

    Example:
        >>> print(plain("a\u202eb"))
        a\u202eb
    """
    exact = str.__str__(str(text))
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", exact)


def _colours(ground: Ground, inks: Iterable[tuple[str, str]]) -> str:
    named = [*inks, ("accent", ground.accent), ("good", ground.good), ("bad", ground.bad)]
    return "".join(f"--ddd-{name}:{colour};" for name, colour in named)


_ON_LIGHT = _colours(LIGHT, ((_KEYS[kind], style.light.text) for kind, style in STYLES.items()))
_ON_DARK = _colours(DARK, ((_KEYS[kind], style.dark.text) for kind, style in STYLES.items()))
STYLE = (
    f".ddd{{{_ON_LIGHT}"
    f"--ddd-text:var(--jp-content-font-color1,var(--vscode-editor-foreground,{LIGHT.text}));"
    f"--ddd-faint:var(--jp-content-font-color2,var(--vscode-descriptionForeground,{LIGHT.faint}));"
    f"--ddd-line:var(--jp-border-color2,var(--vscode-panel-border,#d8dee6));"
    "color:var(--ddd-text);font:13px/1.65 var(--jp-content-font-family,system-ui,sans-serif);"
    "padding:2px 0;overflow-x:auto}"
    f'[data-jp-theme-light="false"] .ddd,.vscode-dark .ddd,html[theme=dark] .ddd{{{_ON_DARK}}}'
    f"html[theme=dark] .ddd{{--ddd-text:{DARK.text};--ddd-faint:{DARK.faint};--ddd-line:{DARK.line}}}"
    ".ddd p,.ddd ul,.ddd ol{margin:0;padding:0}"
    ".ddd.ddd :not(pre)>code{font:12px var(--jp-code-font-family,monospace);color:inherit;"
    "background:rgba(128,128,128,.14);border-radius:3px;padding:1px 5px}"
    ".ddd small{font-size:12px}.ddd small,.ddd .ddd-faint{color:var(--ddd-faint)}"
    ".ddd b{font-weight:600}.ddd .ddd-good{color:var(--ddd-good)}.ddd .ddd-bad{color:var(--ddd-bad)}"
    + "".join(f".ddd .ddd-{key}{{color:var(--ddd-{key})}}" for key in _KEYS.values())
    + ".ddd table.ddd-table{border-collapse:collapse;margin:6px 0 2px;font-size:13px}"
    ".ddd .ddd-table tr:nth-child(n){background:none}"
    ".ddd .ddd-table th,.ddd .ddd-table td{text-align:left;vertical-align:baseline;padding:3px 18px 3px 0;"
    "border:0;border-bottom:1px solid var(--ddd-line);max-width:32em;overflow-wrap:anywhere}"
    ".ddd .ddd-table th{font-weight:400;color:var(--ddd-faint)}"
    ".ddd .ddd-table .ddd-number{text-align:right;font-variant-numeric:tabular-nums}"
)


def framed(*content: h.Node, style: str = "") -> Markup:
    """A piece of HTML to stand in a page, with the style that it needs.

    Args:
        *content: htpy elements and texts.
        style: rules of its own; every selector begins with `.ddd`.

    Returns:
        The HTML.
    """
    sheet = h.style[Markup(STYLE + style)]  # noqa: S704 - our own constants, which hold nobody's values
    return Markup(str(h.div(".ddd")[sheet, *content]))  # noqa: S704 - htpy has escaped it


@cache
def symbol(kind: str, mark: str | None = None) -> Markup:
    """The symbol of a kind of element, in its colour.

    Args:
        kind: as `event handler`, a key of `palette.STYLES`.
        mark: another symbol, in the same colour.

    Returns:
        An element that a screen reader reads as the kind.
    """
    style = STYLES[kind]
    look = {"class": f"ddd-{_KEYS[kind]}", "role": "img", "aria-label": style.word, "title": style.word}
    return Markup(str(h.span(look)[mark or style.symbol]))  # noqa: S704 - htpy has escaped it


def name(text: Any, kind: str) -> h.Element:
    """The name of an element, in the colour of its kind.

    Args:
        text: the name.
        kind: as `event handler`, a key of `palette.STYLES`.

    Returns:
        An element.
    """
    return h.b(class_=f"ddd-{_KEYS[kind]}")[plain(text)]


def hearer(handler: str, method: str, kind: str) -> tuple[str, Markup]:
    """What a delivery goes to.

    Args:
        handler: its name, as entries have it.
        method: of it.
        kind: what it is, unless it is another domain.

    Returns:
        Its kind, and as `ManageOrder.ship_order` or `the domain Shipping` what it is called.

    Example:
        >>> hearer("domain Shipping", "receive", "event handler")
        ('other context', Markup('the domain <b class="ddd-other-context">Shipping</b>'))
    """
    if context := context_in(handler):
        return "other context", joined("the domain ", name(context, "other context"))
    return kind, joined(name(handler, kind), f".{plain(method)}")


def shortened(short: Any, full: Any, element: Any = h.bdi) -> h.Element:
    """A text that may stand for a longer one, which a pointer over it shows.

    Args:
        short: what is read.
        full: the whole.
        element: the htpy element to put it in.

    Returns:
        That element; `bdi` keeps the text's direction from those around it.
    """
    shown, whole = plain(short), plain(full)
    if shown == whole:
        return element[shown]  # type: ignore[no-any-return]
    if len(whole) > LONGEST_TITLE:
        whole = whole[:LONGEST_TITLE] + "…"
    return element(title=whole)[shown]  # type: ignore[no-any-return]


def value(given: Any) -> h.Element:
    """A value within a line: words without quotes, the first 8 characters of a UUID.

    Args:
        given: any value, also one that cannot say what it is.

    Returns:
        An element; the whole is in its title where it is shortened.
    """
    try:
        return shortened(brief(given), given if isinstance(given, str) and given else repr(given))
    except Exception:  # noqa: BLE001 - one value that cannot be told must not hide the others
        return h.bdi[_untold(given)]


def exactly(given: Any, longest: int = 120) -> h.Element:
    """A value in a table: with quotes where a text could be taken for something else, as `'1'`.

    Args:
        given: any value, also one that cannot say what it is.
        longest: how many characters are shown.

    Returns:
        An element; the whole is in its title where it is shortened.
    """
    try:
        words = isinstance(given, str) and given == given.strip() and not _LITERAL.fullmatch(given)
        full = shown = plain(given if words else repr(given))
        if not isinstance(given, str):
            shown = plain(told(given))  # a value object, an entity, a date: without its class
    except Exception:  # noqa: BLE001 - one value that cannot be told must not hide the others
        full = shown = _untold(given)
    return shortened(shown if len(shown) <= longest else shown[: longest - 1] + "…", full)


def _untold(given: Any) -> str:
    return f"<{type(given).__name__} that cannot be shown>"


def identity(given: Any) -> h.Element:
    """An identity: of a UUID the first 8 characters.

    Args:
        given: any identity.

    Returns:
        An element with the whole in its title.
    """
    return shortened(short_id(given), given, h.code)


def stream_name(full: Any) -> h.Element:
    """A stream or category without its domain's name.

    Args:
        full: the whole name.

    Returns:
        An element with the whole in its title.
    """
    return shortened(short_stream(str(full)), full, h.code)


def with_code(text: Any) -> h.Node:
    """A text in which names of streams stand between backticks.

    Args:
        text: the text.

    Returns:
        What stood between backticks as code.
    """
    parts = plain(text).split("`")
    if len(parts) % 2 == 0:  # one of them is part of a value
        return plain(text)
    return [h.code[part] if place % 2 else part for place, part in enumerate(parts)]


def listed(nodes: Iterable[h.Element | str], most: int, count: int | None = None) -> Markup:
    """Nodes with commas between them; of many the first.

    Args:
        nodes: htpy elements and texts.
        most: how many are shown.
        count: how many there are, where `nodes` are the first of them only.

    Returns:
        As `a, b, … 3 more`.

    Example:
        >>> print(listed("ab", 2), listed("abc", 2), listed("a", 1, count=9), sep="; ")
        a, b; a, b, … 1 more; a, … 8 more
    """
    whole = list(nodes)
    hidden = (len(whole) if count is None else count) - most
    return Markup(", ").join([*whole[:most], *([f"… {hidden:,} more"] if hidden > 0 else [])])


def joined(*nodes: h.Element | h.Fragment | str) -> Markup:
    """Nodes one after the other, for views with many of them.

    To htpy one child costs half as much as several (Python 3.11: 8 us instead of 27).

    Args:
        *nodes: htpy elements and texts.

    Returns:
        Their HTML; texts are escaped.

    Example:
        >>> print(joined(h.b["90"], " < 100"))
        <b>90</b> &lt; 100
    """
    return Markup().join(nodes)


def counted(number: int, word: str, words: str | None = None) -> str:
    """A number with its word.

    Args:
        number: 0 or more.
        word: for one.
        words: for several, where it is not the word with an s.

    Returns:
        As `1 event`, `2,000 events`.

    Example:
        >>> counted(1, "event"), counted(2000, "event")
        ('1 event', '2,000 events')
    """
    return f"{number:,} {word if number == 1 else words or word + 's'}"
