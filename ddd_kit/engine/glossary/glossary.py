"""The ubiquitous language of one or several models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ddd_kit.engine.glossary.order import in_order_of_flow
from ddd_kit.engine.glossary.reading import Reader
from ddd_kit.engine.glossary.term import Term

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine


class Homonym(NamedTuple):
    """A word that several contexts have, each with a meaning of its own (Evans, ch. 14).

    Attributes:
        words: as people say it.
        terms: of each context the term.
    """

    words: str
    terms: tuple[Term, ...]


def terms_of(engine: Engine) -> list[Term]:
    """The terms of a model, in the order in which things happen.

    Args:
        engine: the domain.

    Returns:
        Each element, followed by what is in it.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     '''What a customer wants.'''
        ...     quantity: int = 1
        >>> [(term.name, term.meaning, term.facts) for term in terms_of(domain)]
        [('Order', 'What a customer wants.', ()), ('quantity', '', ('whole number', '1 by default'))]
    """
    with engine.lock:
        reader = Reader(engine)
        placed = in_order_of_flow(engine.registry)
        return [term for element, home in placed for term in reader.terms(element, home)]


def homonyms(terms: Sequence[Term]) -> list[Homonym]:
    """The words that mean something else in another context.

    Args:
        terms: of all contexts.

    Returns:
        Those that stand for an element of two contexts or more; what is only heard of another context is one
        word, not two.
    """
    found: dict[str, dict[str, Term]] = {}
    for term in terms:
        if not term.is_part and not term.is_foreign:
            found.setdefault(term.words.casefold(), {}).setdefault(term.context, term)
    return [Homonym(word, tuple(by.values())) for word, by in found.items() if len(by) > 1]
