"""A glossary as a table in a cell, and as a page of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import htpy as h
from markupsafe import Markup

from ddd_kit.engine.glossary.glossary import Homonym
from ddd_kit.engine.glossary.term import FIELD, Term
from ddd_kit.engine.glossary.words import UNWRITTEN
from ddd_kit.views.glossary.entries import Entry, Group
from ddd_kit.views.glossary.lines import SAME_WORD
from ddd_kit.views.markup import framed, joined, name, plain, shortened, symbol

LONGEST_MEANING = 300  # characters
_STYLE = (
    ".ddd .ddd-glossary table.ddd-table{width:100%;max-width:62em;margin:4px 0 0}"
    ".ddd .ddd-glossary .ddd-table :is(th,td){max-width:none;padding:5px 18px 3px 0;vertical-align:top;"
    "border:0}"
    ".ddd .ddd-glossary .ddd-table th{width:34%;color:inherit}"
    ".ddd .ddd-glossary .ddd-table tr.ddd-entry>*{border-top:1px solid var(--ddd-line)}"
    ".ddd .ddd-glossary .ddd-table tr.ddd-home>*{border-top:2px solid var(--ddd-faint);padding-top:7px}"
    ".ddd .ddd-glossary .ddd-table tr.ddd-part>*{padding-top:0;padding-bottom:2px}"
    ".ddd .ddd-glossary .ddd-table tr.ddd-part>th{padding-left:20px}"
    ".ddd .ddd-glossary th small{margin-left:6px}.ddd .ddd-glossary td>p+p{margin-top:1px}"
)


def table(
    title: str,
    summary: str,
    groups: Sequence[Group],
    *,
    same: Sequence[Homonym],
    kinds: Mapping[str, str],
    left: str = "",
) -> Markup:
    """A glossary as HTML.

    Args:
        title: what it is.
        summary: how many terms there are.
        groups: its entries.
        same: the words that several contexts have.
        kinds: the kind of each element, by name.
        left: what is not shown, and where it is.

    Returns:
        HTML that stands in a page.
    """
    several = len({group.context for group in groups}) > 1
    rows = [row for group in groups for row in _rows(group, kinds, several=several)]
    return framed(
        h.div(".ddd-glossary")[
            h.p[h.b[plain(title)], " ", h.small[plain(summary)]],
            _same(same) if same else None,
            h.table(".ddd-table")[h.tbody[joined(*rows)]] if rows else None,
            h.p[h.small[plain(left)]] if left else None,
        ],
        style=_STYLE,
    )


def _same(same: Sequence[Homonym]) -> h.Fragment:
    rows = [
        h.tr(".ddd-entry")[h.th(scope="row")[h.b[plain(words)]], h.td[map(_in_context, terms)]]
        for words, terms in same
    ]
    return h.fragment[h.p[h.b[SAME_WORD]], h.table(".ddd-table")[h.tbody[joined(*rows)]]]


def _in_context(term: Term) -> h.Element:
    return h.p[h.small["in "], h.b[plain(term.context)], ": ", _meaning(term)]


def _rows(group: Group, kinds: Mapping[str, str], *, several: bool) -> Iterator[h.Element]:
    headed = group.entries[0].element == group.title
    where = h.small[f"in {plain(group.context)}"] if several else None
    if group.title and not headed:
        yield h.tr(".ddd-home")[h.th(scope="row")[h.b[plain(group.title)], where], h.td]
    for place, entry in enumerate(group.entries):
        home = group.title and headed and not place
        yield from _entry(entry, kinds, ".ddd-home" if home else ".ddd-entry", where if home else None)


def _entry(entry: Entry, kinds: Mapping[str, str], look: str, where: h.Node) -> Iterator[h.Element]:
    term = entry.term
    kind = term.kind if term is not None else kinds[entry.element]
    head = h.th(scope="row")[symbol(kind), " ", name(entry.element, kind), " ", h.small[kind], where]
    yield h.tr(look)[head, h.td[_told(term, kinds) if term is not None else None]]
    for part in entry.parts:
        small = h.small[part.kind] if part.kind != FIELD and not part.when else None
        facts = h.small[_facts(part, kinds)] if part.facts else None
        label = _coloured(part.label, kinds) if part.when else h.code[plain(part.label)]
        said = shortened(_cut(part.said), part.text) if part.text else plain(part.said)
        yield h.tr(".ddd-part")[h.th(scope="row")[label, " ", small], h.td[said, _between(part), facts]]


def _between(part: Term) -> str:
    """What stands between what a part means and what else is known of it."""
    return " · " if part.facts and part.said and not part.said.endswith((".", "!", "?")) else " "


def _told(term: Term, kinds: Mapping[str, str]) -> list[h.Node]:
    facts = h.p[h.small[_facts(term, kinds)]] if term.facts else None
    return [h.p[_meaning(term)], facts]


def _meaning(term: Term) -> h.Node:
    if term.is_unwritten:
        return [h.span(".ddd-faint")[plain(term.words)], " ", h.small[f"· {UNWRITTEN}"]]
    return shortened(_cut(term.said), term.text) if term.text else plain(term.said)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_MEANING else text[: LONGEST_MEANING - 1] + "…"


def _facts(term: Term, kinds: Mapping[str, str]) -> list[h.Node]:
    between = ", " if term.kind == FIELD else " · "
    nodes: list[h.Node] = []
    for fact in term.facts:
        nodes += [between if nodes else "", *_coloured(fact, kinds)]
    return nodes


def _coloured(text: str, kinds: Mapping[str, str]) -> list[h.Node]:
    """A text in which the names of elements have the colours of their kinds."""
    nodes: list[h.Node] = []
    for word in plain(text).split(" "):
        bare = word.strip(",;").partition(".")[0]
        kind = kinds.get(bare, "")
        if kind and word.startswith(bare):
            nodes += [name(bare, kind), word[len(bare) :], " "]
        else:
            nodes += [word, " "]
    return nodes[:-1]
