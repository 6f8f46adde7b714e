"""The glossary of a model, to be read: in a cell, in a terminal, as a table, as a file."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from markupsafe import Markup

from ddd_kit.engine.engine import Engine
from ddd_kit.engine.glossary.glossary import homonyms, terms_of
from ddd_kit.engine.glossary.term import KINDS, Term
from ddd_kit.engine.model import name_of
from ddd_kit.exceptions import IncorrectUsageError, did_you_mean
from ddd_kit.views.glossary.entries import Group, alphabetical, first, grouped
from ddd_kit.views.glossary.lines import markdown_lines, text_lines
from ddd_kit.views.glossary.table import table
from ddd_kit.views.markup import counted, plain
from ddd_kit.views.target import target_of

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 300  # in a cell; files have all
COLUMNS = ("context", "home", "element", "term", "kind", "words", "meaning", "facts")
Order = Literal["flow", "name"]


class Glossary(Sequence[Term]):
    """The ubiquitous language of a model (Evans, ch. 2); `domain.glossary()` gives it.

    Args:
        terms: in the order in which things happen.
        contexts: the names of the domains.
        kinds: the kind of each element, by name.
        order: `flow`, or `name` for an alphabetical list.
        wanted: what was asked for, in words; empty for all.
    """

    def __init__(
        self,
        terms: Sequence[Term],
        contexts: Sequence[str],
        kinds: dict[str, str],
        *,
        order: Order = "flow",
        wanted: str = "",
    ) -> None:
        self._terms = tuple(terms)
        self._contexts, self._kinds = tuple(contexts), kinds
        self._order, self._wanted = order, wanted

    def __len__(self) -> int:
        return len(self._terms)

    @overload
    def __getitem__(self, index: int) -> Term: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Term]: ...
    def __getitem__(self, index: int | slice) -> Term | Sequence[Term]:
        """One term by its place from 0, or some of them."""
        return self._terms[index]

    @property
    def unwritten(self) -> tuple[Term, ...]:
        """The elements that have no docstring yet.

        Returns:
            Terms, in order.
        """
        return tuple(term for term in self._terms if term.is_unwritten)

    # To be read

    def to_text(self) -> str:
        """The glossary in words.

        Returns:
            Lines of text.
        """
        return self._text(self._groups())

    def __repr__(self) -> str:
        shown, left = first(self._groups(), MOST_ROWS)
        return self._text(shown) + (f"\n{self._left(left)}" if left else "")

    def _repr_html_(self) -> Markup:
        shown, left = first(self._groups(), MOST_ROWS)
        return self._table(shown, self._left(left) if left else "")

    def to_html(self) -> str:
        """The whole glossary as a piece of a page.

        Returns:
            HTML that needs nothing from elsewhere.
        """
        return str.__str__(self._table(self._groups()))

    def to_markdown(self) -> str:
        """The glossary as a document in Markdown, with a table for each aggregate.

        Returns:
            Markdown, in which names and docstrings are texts, whatever they look like.
        """
        groups, same = self._groups(), homonyms(self._terms)
        lines = markdown_lines(self._title(), self._summary(), groups, same, several=self._several)
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """The glossary as a table.

        Returns:
            Columns `context`, `home`, `element`, `term`, `kind`, `words`, `meaning`, `facts`, all texts.

        Raises:
            ModuleNotFoundError: when pandas is missing; the text says what to install.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ModuleNotFoundError(
                "A table of a glossary needs pandas. Install it with: pip install pandas", name="pandas"
            ) from error
        return pd.DataFrame(self._records(), columns=list(COLUMNS))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save the glossary: for those who know the domain, and have no notebook.

        Args:
            path: a file name that ends in `.html`, `.md`, or `.csv`; a file that is there is replaced.

        Returns:
            Where it was saved.

        Raises:
            IncorrectUsageError: for something that names no file.
            ValueError: for another kind of file.
            OSError: when the file cannot be written.
        """
        target = target_of(path, "save", "glossary.html")
        kinds = {".html": self._page, ".htm": self._page, ".md": self.to_markdown, ".csv": self._csv}
        make = kinds.get(target.suffix.lower())
        if make is None:
            raise ValueError(f"save({str(path)!r}): a glossary is saved as .html, .md or .csv.")
        target.write_text(make(), encoding="utf-8", newline="")
        return target

    # What it is made of

    @property
    def _several(self) -> bool:
        return len(self._contexts) > 1

    def _groups(self) -> list[Group]:
        return alphabetical(self._terms) if self._order == "name" else grouped(self._terms)

    def _text(self, groups: list[Group]) -> str:
        head = f"{self._title()}: {self._summary()}"
        return "\n".join([head, *text_lines(groups, homonyms(self._terms), several=self._several)])

    def _table(self, groups: list[Group], left: str = "") -> Markup:
        same = homonyms(self._terms)
        return table(self._title(), self._summary(), groups, same=same, kinds=self._kinds, left=left)

    def _page(self) -> str:
        from ddd_kit.views.page.page import document

        return document(self._title(), self._table(self._groups()))

    def _csv(self) -> str:
        written = io.StringIO(newline="")
        csv.writer(written).writerows([COLUMNS, *self._records()])
        return written.getvalue()

    def _records(self) -> list[tuple[str, ...]]:
        return [
            tuple(
                map(
                    plain,
                    (
                        *(term.context, term.home, term.holder, term.label, term.kind),
                        *(term.words, term.meaning, "; ".join(term.facts)),
                    ),
                )
            )
            for term in self._terms
        ]

    def _title(self) -> str:
        *most, last = map(plain, self._contexts)
        return f"Glossary of {', '.join(most)} and {last}" if most else f"Glossary of {last}"

    def _summary(self) -> str:
        if not self._terms:
            none = f"no terms {self._wanted or 'yet'}"
            return none if none.endswith("?") else f"{none}."
        elements = sum(not term.is_part for term in self._terms)
        parts = len(self._terms) - elements
        told = [counted(elements, "term")] if elements else []
        told += [f"{counted(parts, 'detail')}"] if parts else []
        unwritten = len(self.unwritten)
        missing = f"; {counted(unwritten, 'term')} without words yet" if unwritten else ""
        asked = f" {self._wanted}" if self._wanted else ""
        return f"{', '.join(told)}{asked}{missing}."

    def _left(self, rows: int) -> str:
        return f'… {counted(rows, "more row")}: .save("glossary.html") has them all.'


def glossary(
    *engines: Engine, name: type | str | None = None, kind: str | None = None, order: str = "flow"
) -> Glossary:
    """Read the language of one model or several.

    Args:
        *engines: the domains, one at least.
        name: a class; or part of a name, in words or as it is written; None for all.
        kind: a kind of element, or of what is in one; None for all.
        order: `flow` or `name`.

    Returns:
        The glossary, as the definitions are now.

    Raises:
        IncorrectUsageError: for what is no domain, two of one name, or a kind or an order that there is not.

    Example:
        >>> from ddd_kit import Domain
        >>> glossary(Domain(name="Bookshop"))
        Glossary of Bookshop: no terms yet.
    """
    _check(engines, name, kind, order)
    terms = [term for engine in engines for term in terms_of(engine)]
    kinds = {term.name: term.kind for term in terms if not term.is_part}
    wanted = []
    if name is not None:
        terms, sought = list(_called(terms, name)), name_of(name)
        how = "of" if isinstance(name, type) else "with"
        wanted.append(f"{how} '{plain(sought)}'{'' if terms else did_you_mean(sought, kinds)}")
    if kind is not None:
        terms = [term for term in terms if term.kind == kind]
        wanted.append(f"of the kind {kind}")
    names = [engine.name for engine in engines]
    shown: Order = "name" if order == "name" else "flow"
    return Glossary(terms, names, kinds, order=shown, wanted=" and ".join(wanted))


def _called(terms: Iterable[Term], name: type | str) -> Iterable[Term]:
    if isinstance(name, type):
        wanted = name_of(name)
        return (term for term in terms if term.holder == wanted)
    sought = name.casefold()
    whole = {term.name for term in terms if not term.is_part and _has(term, sought)}
    return (term for term in terms if (term.is_part and term.holder in whole) or _has(term, sought))


def _has(term: Term, sought: str) -> bool:
    return sought in term.name.casefold() or sought in term.words.casefold()


def _check(engines: Sequence[Engine], name: type | str | None, kind: str | None, order: str) -> None:
    names: set[str] = set()
    for engine in engines:
        if not isinstance(engine, Engine):
            raise IncorrectUsageError(
                f"glossary({engine!r}): that is no domain. Give it other domains, as in "
                'sales.glossary(warehouse); or name="order" for a part of the glossary.'
            )
        if engine.name in names:
            raise IncorrectUsageError(
                f"glossary(): two of the domains are called {engine.name}. Give each context once."
            )
        names.add(engine.name)
    if name is not None and not isinstance(name, type | str):
        raise IncorrectUsageError(
            f'glossary(name={name!r}): give it a class, or part of a name, as in glossary(name="ship").'
        )
    if kind is not None and kind not in KINDS:
        raise IncorrectUsageError(
            f"glossary(kind={kind!r}): there is no such kind{did_you_mean(str(kind), KINDS) or '.'}"
            f" There are: {', '.join(KINDS)}."
        )
    if order not in ("flow", "name"):
        raise IncorrectUsageError(f'glossary(order={order!r}): there is "flow" and "name".')
