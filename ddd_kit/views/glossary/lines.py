"""A glossary as lines of text, and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ddd_kit.engine.glossary.glossary import Homonym
from ddd_kit.engine.glossary.term import FIELD, Term
from ddd_kit.engine.glossary.words import UNWRITTEN, unwritten_of
from ddd_kit.views.glossary.entries import Entry, Group
from ddd_kit.views.markup import plain
from ddd_kit.views.palette import STYLES

SAME_WORD = "The same word, with a meaning in each context"
_WIDEST_NAME = 24
_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]<>#!|~$&])")  # within a line


def text_lines(groups: Sequence[Group], same: Sequence[Homonym], *, several: bool) -> Iterator[str]:
    """A glossary for a terminal.

    Args:
        groups: its entries.
        same: the words that several contexts have.
        several: whether there are several contexts.

    Yields:
        Lines.
    """
    if same:
        yield f"{SAME_WORD}:"
        for homonym in same:
            yield f"  {_line(homonym.words)}"
            yield from (f"    {_line(term.context)}: {_told(term)}" for term in homonym.terms)
        yield ""
    for group in groups:
        if group.title:
            yield f"{_line(group.title)}{f' in {_line(group.context)}' if several else ''}"
        for entry in group.entries:
            yield from _entry(entry)


def _entry(entry: Entry) -> Iterator[str]:
    term = entry.term
    if term is None:
        yield f"  {_line(entry.element)}"
    else:
        yield f"  {STYLES[term.kind].symbol} {_line(term.name)}: {_told(term)}"
        if term.facts:
            yield f"      {_facts(term)}"
    widths = [len(_line(part.label)) for part in entry.parts]
    width = min(_WIDEST_NAME, max(widths, default=0))
    for part in entry.parts:
        told = " - ".join(text for text in (_line(part.said), _facts(part)) if text)
        yield f"      {_line(part.label):{width}}  {told}".rstrip()


def _told(term: Term) -> str:
    if term.is_unwritten:
        return _line(unwritten_of(term.name))
    return _line(term.said)


def _facts(term: Term) -> str:
    return _line("; ".join(term.facts) if term.kind != FIELD else ", ".join(term.facts))


def _line(text: str) -> str:
    return " ".join(plain(text).split())


# Markdown


def markdown_lines(
    title: str, summary: str, groups: Sequence[Group], same: Sequence[Homonym], *, several: bool
) -> Iterator[str]:
    """A glossary for a document.

    Args:
        title: of the document.
        summary: how many terms there are.
        groups: its entries.
        same: the words that several contexts have.
        several: whether there are several contexts.

    Yields:
        Lines of Markdown with tables, in which names and texts are texts, whatever they look like.
    """
    yield from (f"# {escaped(title)}", "", escaped(summary), "")
    if same:
        yield from (f"## {SAME_WORD}", "", "| Word | Context | Meaning |", "| --- | --- | --- |")
        for homonym in same:
            for term in homonym.terms:
                yield f"| {escaped(homonym.words)} | {escaped(term.context)} | {_cell(term)} |"
        yield ""
    for group in groups:
        if group.title:
            where = f" in {escaped(group.context)}" if several else ""
            yield from (f"## {escaped(group.title)}{where}", "")
        yield from ("| Term | Kind | Meaning | In the model |", "| --- | --- | --- | --- |")
        for entry in group.entries:
            if entry.term is not None:
                yield _row(entry.term, f"**{escaped(entry.term.name)}**")
            for part in entry.parts:
                yield _row(part, f"{escaped(entry.element)}: {escaped(part.label)}")
        yield ""


def _row(term: Term, name: str) -> str:
    return f"| {name} | {term.kind} | {_cell(term)} | {escaped(_facts(term))} |"


def _cell(term: Term) -> str:
    if term.is_unwritten:
        return f"{escaped(term.words)} *({UNWRITTEN})*"
    return escaped(_line(term.said))


def escaped(text: str) -> str:
    r"""A text that Markdown shows as it is.

    Args:
        text: any text.

    Returns:
        One line, in which signs that mean something have a backslash before them.

    Example:
        >>> print(escaped("order_id | <b>"), escaped("What a customer wants."))
        order\_id \| \<b\> What a customer wants.
    """
    return _MEANS_SOMETHING.sub(r"\\\1", _line(text))
