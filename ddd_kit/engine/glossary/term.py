"""A term of the ubiquitous language (Evans, ch. 2)."""

from __future__ import annotations

from dataclasses import dataclass

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.glossary.words import first_sentence, in_words

FIELD, COMPUTED, INVARIANT = "field", "computed value", "invariant"
OPERATION, REACTION = "operation", "reaction"
PARTS = (FIELD, COMPUTED, INVARIANT, OPERATION, REACTION)
ACROSS, ELSEWHERE = "across aggregates", "from elsewhere"


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the model, and what it means.

    Attributes:
        name: as it stands in the code: of a class, a field, or a method.
        kind: a kind of element, as `event`; or `field`, `computed value`, `invariant`, `operation`
            or `reaction`.
        text: all that was written about it: its docstring, or the description of a field.
        facts: what else the model says of it, as `raised by Order.ship_order`.
        element: for a part of an element, the name of that; None for the element itself.
        home: the aggregate or the projection that it belongs to; or `across aggregates`, `from elsewhere`.
        context: the domain, which is the bounded context.
        when: for a reaction, what it follows on, as `when OrderShipped`.
        is_foreign: whether it is a word of another context, which is only heard here.

    Example:
        >>> term = Term("OrderShipped", "event")
        >>> term.words, term.meaning, term.is_unwritten
        ('order shipped', '', True)
    """

    name: str
    kind: str
    text: str = ""
    facts: tuple[str, ...] = ()
    element: str | None = None
    home: str = ""
    context: str = ""
    when: str = ""
    is_foreign: bool = False

    @property
    def is_part(self) -> bool:
        """Whether it is part of an element, as a field is."""
        return self.element is not None

    @property
    def holder(self) -> str:
        """The name of the element that it is, or is part of."""
        return self.name if self.element is None else self.element

    @property
    def words(self) -> str:
        """Its name, as people say it."""
        return in_words(self.name)

    @property
    def meaning(self) -> str:
        """The first sentence of what was written about it; empty where nothing was."""
        return first_sentence(self.text)

    @property
    def label(self) -> str:
        """What stands in the table for it: its name, or what it follows on."""
        return self.when or self.name

    @property
    def is_unwritten(self) -> bool:
        """Whether its name is all that says what it means, and that is not enough.

        The name of a method says what is done, and a field may be plain; an element needs a docstring.
        """
        return not self.is_part and not self.meaning and not self.is_foreign

    @property
    def said(self) -> str:
        """What the table says of it: what was written, or its words where they say more than its name."""
        is_named = self.kind == FIELD or self.name.startswith("__")
        return self.meaning or ("" if is_named else self.words)


KINDS = (*(str(kind) for kind in Kind if kind is not Kind.UPCASTER), *PARTS)
