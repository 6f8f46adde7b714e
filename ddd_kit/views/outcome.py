"""What a test of the model gave: what was given, what was done, what was asked, and what happened."""

from __future__ import annotations

from dataclasses import dataclass

import htpy as h
from markupsafe import Markup

from ddd_kit.journal.entries import Entries
from ddd_kit.journal.tree import to_text
from ddd_kit.views import tree
from ddd_kit.views.markup import framed, plain

STYLE = (
    tree.STYLE + ".ddd table.ddd-test{border-collapse:collapse;color:inherit;font:inherit;margin:2px 0 6px}"
    ".ddd table.ddd-test tr:nth-child(n){background:none}"
    ".ddd table.ddd-test :is(th,td){text-align:left;vertical-align:baseline;padding:1px 14px 1px 0;border:0;"
    "white-space:normal;overflow-wrap:anywhere}"
    ".ddd table.ddd-test th{font-weight:400;color:var(--ddd-faint)}"
)
_UNASKED = "Nothing is expected yet: go on with .then(...), .raises(...) or .has(...)."


@dataclass(frozen=True, slots=True)
class Told:
    """A test, as far as it has come.

    Attributes:
        given: what had happened before, a text each.
        when: what was done, a text each.
        asked: what was expected and came true, a text each.
        error: what was raised, as `ValidationError: text`, or None.
        entries: what the journal got of it.
    """

    given: tuple[str, ...]
    when: tuple[str, ...]
    asked: tuple[str, ...]
    error: str | None
    entries: Entries


def in_words(told: Told) -> str:
    """A test as text.

    Args:
        told: the test.

    Returns:
        Lines: given, when, then, and the journal of what happened.
    """
    lines = [f"{word:<6} {text}".rstrip() for word, text in _rows(told)]
    return "\n".join([*lines, "", to_text(told.entries)])


def outcome(told: Told) -> Markup:
    """A test as HTML.

    Args:
        told: the test.

    Returns:
        A table of given, when and then, and the journal of what happened below it.
    """
    rows = [h.tr[h.th(scope="row")[word], h.td[_marked(text)]] for word, text in _rows(told)]
    return framed(h.table(".ddd-test")[h.tbody[rows]], tree.journal(told.entries), style=STYLE)


def _rows(told: Told) -> list[tuple[str, str]]:
    then = [f"✓ {text}" for text in told.asked]
    if told.error is not None and not told.asked:
        then.append(f"raised {told.error}")
    if not told.asked:
        then.append(_UNASKED)
    parts = (("Given", told.given or ("nothing",)), ("When", told.when), ("Then", then))
    return [("" if place else word, text) for word, texts in parts for place, text in enumerate(texts)]


def _marked(text: str) -> h.Node:
    shown = plain(text)
    if not shown.startswith("✓ "):
        return shown
    return h.fragment[h.b(".ddd-good", role="img", aria_label="came true")["✓"], shown[1:]]
