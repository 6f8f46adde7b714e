"""The Python of a form, what came of running it, and what was tried before, as HTML."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import htpy as h
from markupsafe import Markup

from ddd_kit.views.links import linked
from ddd_kit.views.markup import plain

MOST_TRIED = 20
_MOST_LINES = 40
_LONGEST_LINE = 600
_LONGEST_PRINT = 4_000
_MOST_DISPLAYED = 10

STYLE = (
    ".ddd .ddd-code{display:flex;align-items:flex-start;gap:10px;padding:6px 0 8px}"
    ".ddd.ddd .ddd-code>code{flex:1;display:block;min-width:0;white-space:pre-wrap;overflow-wrap:anywhere;"
    "padding:4px 8px;line-height:1.5}"
    ".ddd .ddd-returned{overflow-x:auto}"
    ".ddd .ddd-returned .ddd-table th,.ddd .ddd-returned .ddd-table td{white-space:nowrap;max-width:none}"
    ".ddd .ddd-attempts{border-top:1px solid var(--ddd-line);padding:6px 0 0}"
    ".ddd.ddd .ddd-attempts ol{list-style:none;max-height:152px;overflow-y:auto}"
    ".ddd.ddd .ddd-attempts li{display:flex;align-items:baseline;gap:8px;margin:0;padding:1px 0}"
    ".ddd .ddd-attempts li>span:nth-child(2){flex:1;min-width:0;overflow-wrap:anywhere}"
)


@dataclass(frozen=True, slots=True)
class Tried:
    """Something that was tried, in words: it keeps no object of the model alive.

    Attributes:
        number: 1 for the first in a workbench.
        short: what it was, in one line.
        code: the Python that ran.
        problem: what was raised, as lines of text; empty when it worked.
        printed: what was printed meanwhile.
        returned: what was returned; empty for None.
        table: the same as a table, as HTML, where it is one.
        displayed: what was displayed meanwhile: media type and content, that of a picture in base 64 unless
            it is an SVG.
    """

    number: int
    short: str
    code: str
    problem: tuple[str, ...] = ()
    printed: str = ""
    returned: str = ""
    displayed: tuple[tuple[str, str], ...] = ()
    table: str = ""


def error_lines(error: BaseException) -> tuple[str, ...]:
    """What an error says: its type and text, its notes, and the members of a group.

    Args:
        error: what was raised.

    Returns:
        At most 40 lines, those of members indented.

    Example:
        >>> error_lines(ExceptionGroup("two failed", [ValueError("no stock"), KeyError("order")]))
        ('ExceptionGroup: two failed (2 sub-exceptions)', '  ValueError: no stock', "  KeyError: 'order'")
    """
    lines = [_cut(line, _LONGEST_LINE) for line in _lines(error, "")]
    more = len(lines) - _MOST_LINES
    return (*lines[:_MOST_LINES], f"… {more:,} more lines") if more > 0 else tuple(lines)


def _lines(error: BaseException, indent: str) -> Iterator[str]:
    name = type(error).__name__
    text = _text_of(error, str)
    for line in (f"{name}: {text}" if text else name).splitlines():
        yield indent + line
    for note in getattr(error, "__notes__", ()):
        for line in _text_of(note, str).splitlines():
            yield f"{indent}  {line}"
    if isinstance(error, BaseExceptionGroup) and len(indent) < 20:
        for member in error.exceptions:
            yield from _lines(member, indent + "  ")


def returned_text(value: Any) -> str:
    """What something returned, as text.

    Args:
        value: anything.

    Returns:
        How Python writes it, at most 600 characters; empty for None.
    """
    return "" if value is None else _cut(_text_of(value, repr), _LONGEST_LINE)


def _text_of(value: Any, tell: Any) -> str:
    try:
        return plain(tell(value))
    except Exception:  # noqa: BLE001 - what cannot be told must not hide the rest
        return f"<{type(value).__name__} that cannot be shown>"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def code_html(code: str) -> str:
    """The Python that a form stands for, with a way to copy it.

    Args:
        code: lines of Python.

    Returns:
        HTML; nothing for no code.
    """
    if not code:
        return ""
    return str(h.div(".ddd-code")[h.code[plain(code)], _copy(code, ".ddd-button", "copy this Python")])


def _copy(code: str, kind: str, label: str) -> h.Element:
    return h.button(kind, type="button", data_copy=plain(code), aria_label=label)["copy"]


def outcome_html(tried: Tried) -> str:
    """What came of the latest attempt.

    Args:
        tried: the attempt.

    Returns:
        HTML that a screen reader reads out when it appears.
    """
    parts: list[h.Node] = [_verdict(tried)]
    if tried.table:
        parts.append(Markup(tried.table))  # noqa: S704 - `returned_table` has escaped it
    elif tried.returned:
        parts.append(h.p[h.span(".ddd-faint")["returned "], h.code[plain(tried.returned)]])
    if tried.printed:
        parts.append(h.p[h.span(".ddd-faint")["printed"]])
        parts.append(_printed(tried.printed))
    if tried.displayed:
        parts.append(h.p[h.span(".ddd-faint")["displayed"]])
        parts.extend(_displayed(*each) for each in tried.displayed[-_MOST_DISPLAYED:])
    return str(h.div(".ddd-outcome", role="alert" if tried.problem else "status")[parts])


def _printed(text: str) -> h.Element:
    return h.pre[plain(_cut(text.rstrip("\n"), _LONGEST_PRINT))]


def _displayed(kind: str, content: str) -> h.Element:
    """A picture as an image, in which no script runs; anything else as text."""
    if not kind.startswith("image/"):
        return _printed(content)
    data = b64encode(content.encode()).decode() if kind == "image/svg+xml" else "".join(content.split())
    return h.p[h.img(src=f"data:{kind};base64,{data}", alt="a picture that was displayed")]


def _verdict(tried: Tried) -> h.Element:
    if not tried.problem:
        return h.p[_mark(tried), " ", h.b[plain(tried.short)]]
    first, *others = tried.problem
    kind, colon, text = first.partition(":")
    return h.p[
        _mark(tried),
        " ",
        h.b[plain(kind)],
        plain(colon + text),
        [[h.br, h.span(".ddd-note")[plain(line)]] for line in others],
    ]


def _mark(tried: Tried) -> h.Element:
    if tried.problem:
        return h.span(".ddd-bad", role="img", aria_label="failed", title="failed")["✗"]
    return h.span(".ddd-good", role="img", aria_label="worked", title="worked")["✓"]


def history_html(attempts: Sequence[Tried]) -> str:
    """What was tried, with ways to do it once more and to copy its Python.

    Args:
        attempts: the newest first.

    Returns:
        HTML; nothing for no attempts. A click on *again* is the act `again` with the attempt's number.
    """
    if not attempts:
        return ""
    items = [_attempt(tried) for tried in attempts[:MOST_TRIED]]
    listed = h.ol(data_scroll="attempts", data_roving="")[items]
    return str(h.div(".ddd-attempts", role="group", aria_label="What was tried")[h.small["tried"], listed])


def _attempt(tried: Tried) -> h.Element:
    why = h.small[" ", plain(_cut(tried.problem[0], 120))] if tried.problem else None
    return h.li[
        _mark(tried),
        h.span(title=plain(tried.code))[plain(tried.short), why],
        linked("again", "again", tried.number, f"again: {plain(tried.short)}"),
        _copy(tried.code, ".ddd-link", f"copy: {plain(tried.short)}"),
    ]
