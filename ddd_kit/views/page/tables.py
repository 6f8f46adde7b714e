"""Tables in which everything that a run says again and again stands once."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from ddd_kit.journal.journal import Instance
from ddd_kit.journal.story import Story
from ddd_kit.views.markup import LONGEST_TITLE, exactly, plain, value
from ddd_kit.views.palette import STYLES

LONGEST_BRIEF = 40
ROLES = ("", "cell", "old", "new", "element", *STYLES)
_ROLE_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLAIN = (str, int, bool, type(None))  # of which equal ones of one type are also written alike
K = TypeVar("K", bound=Hashable)
Written = str | list[str]


class Table(Generic[K]):
    """Numbers for things, in the order in which they are first named.

    Attributes:
        rows: the things.

    Example:
        >>> table = Table()
        >>> table.number("a"), table.number("b"), table.number("a"), table.rows
        (0, 1, 0, ['a', 'b'])
    """

    def __init__(self) -> None:
        self._numbers: dict[K, int] = {}

    def number(self, thing: K) -> int:
        """The number of a thing, from 0."""
        return self._numbers.setdefault(thing, len(self._numbers))

    @property
    def rows(self) -> list[K]:
        """The things, in the order of their numbers."""
        return list(self._numbers)


class Shapes:
    """What entries of one sort have in common, as objects."""

    def __init__(self) -> None:
        self._table: Table[str] = Table()

    def number(self, shape: Mapping[str, Any]) -> int:
        """The number of an object that says the same."""
        return self._table.number(json.dumps(shape, ensure_ascii=False))

    @property
    def rows(self) -> list[Any]:
        """The objects, in the order of their numbers."""
        return [json.loads(row) for row in self._table.rows]


class Values:
    """Values as the live views write them, in a table and in a sentence."""

    def __init__(self) -> None:
        self._table: Table[tuple[str, str]] = Table()
        self._known: dict[tuple[type, Any], int] = {}

    def number(self, held: Any) -> int:
        """The number of a value that is written alike."""
        if type(held) not in _PLAIN:
            return self._table.number(_written(held))
        key = (type(held), held)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._table.number(_written(held))
        return found

    def said(self, text: str) -> int:
        """The number of what is in words already."""
        whole = text_in(exactly(plain(text), LONGEST_TITLE))
        return self._table.number((whole, shortened(whole)))

    def numbers(self, held: Sequence[Any]) -> list[int]:
        """The numbers of several values."""
        return [self.number(each) for each in held]

    @property
    def rows(self) -> list[Written]:
        """A text, or two where the one for sentences does not follow from the other."""
        return [whole if short == shortened(whole) else [whole, short] for whole, short in self._table.rows]


def _written(held: Any) -> tuple[str, str]:
    return text_in(exactly(held, LONGEST_TITLE)), text_in(value(held))


def text_in(element: object) -> str:
    """What stands in an element that holds a text only.

    Args:
        element: of htpy, which has escaped the text.

    Returns:
        The text.

    Example:
        >>> text_in(exactly("<b>"))
        '<b>'
    """
    escaped = str.__str__(str(element))
    return html.unescape(escaped[escaped.index(">") + 1 : escaped.rindex("<")])


def shortened(whole: str) -> str:
    """How most values are written in a sentence; the page's script has the same rule.

    Args:
        whole: as it is written in a table.

    Returns:
        The first 8 characters of a UUID; at most 40 characters of another text.

    Example:
        >>> shortened("9272d70f-b796-417d-8f30-e01302d9f1a9"), len(shortened("x" * 100))
        ('9272d70f', 40)
    """
    if _UUID.fullmatch(whole):
        return whole[:8]
    return whole if len(whole) <= LONGEST_BRIEF else whole[: LONGEST_BRIEF - 1] + "…"


class Instances:
    """Aggregates by name and identity."""

    def __init__(self, values: Values) -> None:
        self._table: Table[Instance] = Table()
        self._values = values

    def number(self, instance: Instance) -> int:
        """The number of an aggregate."""
        return self._table.number(instance)

    @property
    def rows(self) -> list[list[Any]]:
        """Name and identity each; the identity as a text, or as the number of a value that is written so."""
        return [[plain(aggregate), self._identity(key)] for aggregate, key in self._table.rows]

    def _identity(self, key: Any) -> int | str:
        text = plain(key)
        return self._values.number(key) if text == _written(key)[0] else text


class Parts:
    """Pieces of sentences with their roles."""

    def __init__(self) -> None:
        self._table: Table[str] = Table()

    def numbers(self, told: Story) -> list[int]:
        """The numbers of a sentence's parts."""
        return [self._table.number(_ROLE_SIGNS[ROLES.index(role)] + plain(text)) for text, role in told.parts]

    @property
    def rows(self) -> list[str]:
        """Texts, each after the sign of its role."""
        return self._table.rows
