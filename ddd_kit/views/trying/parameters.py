"""What a form asks for: one value of a command, a new aggregate, or a call of a method."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal

from ddd_kit.views.markup import plain
from ddd_kit.views.trying import json_text

Kind = Literal["text", "whole", "number", "flag", "choice", "choices", "literal", "json", "object"]


class _Unset(Enum):
    UNSET = "nothing was given"


UNSET: Final = _Unset.UNSET
_KIND_WORDS = {"whole": "a whole number", "number": "a number"}
_PLAIN = (str, int, float, bool, type(None), bytes)


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored aggregate, as a value to choose.

    Attributes:
        aggregate: its name.
        identity: of the instance.
    """

    aggregate: str
    identity: Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value that a form asks for.

    Attributes:
        name: of the field or the argument.
        kind: `text`, `whole` or `number` for numbers, `flag`, `choice`, `choices` for several of them,
            `literal` for a Python literal or a text, `json` for a JSON object, or `object` for what no form
            can give.
        required: whether it has to be given.
        default: the value when none is given, where it is known and can be shown; else `UNSET`.
        choices: the values allowed, of a `choice` and of `choices`.
        bounds: the smallest and the largest number allowed, None for no limit.
        hint: what it means and what is accepted, for people.
        optional: whether None is accepted.
        suggests: the name of the aggregate whose identities are offered; empty for none.
        made: of what type a text is made; None where it is taken as it is.
        positional: whether it is given without its name.
        inside: of a field of a value object or an entity: those that it is in, from the outside, each with
            the name by which it is given and its class.
        optional_inside: whether it has to be given only together with others of the same object.
        labels: of `choices`: what is read in place of each value; empty for the values themselves.
        got_by: how the object that a value stands for is got, as `get_one_from_items` and `sku`.
        stored: whether a value stands for a stored aggregate; one that is typed for one of `suggests`.
        to_make: whether it is given to what makes the object, and not to the method.
        spread: whether its values are given one by one, as those of `*inventories`.
    """

    name: str
    kind: Kind
    required: bool = True
    default: Any = UNSET
    choices: tuple[Any, ...] = ()
    bounds: tuple[float | None, float | None] = (None, None)
    hint: str = ""
    optional: bool = False
    suggests: str = ""
    made: type | None = None
    positional: bool = False
    inside: tuple[tuple[str, str], ...] = ()
    optional_inside: bool = False
    labels: tuple[str, ...] = ()
    got_by: tuple[str, str] | None = None
    stored: bool = False
    to_make: bool = False
    spread: bool = False

    @property
    def own_name(self) -> str:
        """Its name within what it is inside of."""
        return self.name.rpartition(".")[2] if self.inside else self.name

    @property
    def shown(self) -> str:
        """What a form calls it: an object that is given without a name has none."""
        return self.name.partition(".")[2] if self.inside and self.positional else self.name

    @property
    def options(self) -> tuple[tuple[str, Any], ...]:
        """Labels and values to choose from; a value that is `UNSET` leaves the choice to the default."""
        told = self.labels or tuple(map(label_of, self.choices))
        named = tuple(zip(told, self.choices, strict=True))
        if self.default is None and not self.required:
            return (("none", UNSET), *named)
        if self.optional:
            named = (*named, ("none", None))
        if self.required:
            return (("choose …", UNSET), *named)
        return (("its default", UNSET), *named) if self.default is UNSET else named

    @property
    def start(self) -> int:
        """The place among `options` that is chosen at first."""
        values = [value for _, value in self.options]
        return next((place for place, value in enumerate(values) if same(value, self.default)), 0)

    def read(self, typed: str) -> Any:
        """The value that somebody typed.

        Args:
            typed: the text; empty for nothing, two quotes for an empty text.

        Returns:
            A plain Python value, the text itself where it is none of the kind asked for, or `UNSET`.

        Example:
            >>> Parameter("quantity", "whole").read("12"), Parameter("tags", "literal").read("[1, 2]")
            (12, [1, 2])
            >>> Parameter("note", "text").read("12"), Parameter("note", "text").read("''")
            ('12', '')
        """
        bare = typed.strip()
        if not bare:
            return UNSET
        if self.kind == "text":
            return "" if bare in ("''", '""') else typed
        if self.optional and bare == "None":
            return None
        return _READERS[self.kind](bare, typed)

    def problem(self, value: Any) -> str | None:
        """What is wrong with a value: nobody checks an argument, and some fields round what they are given.

        Args:
            value: what was given, or `UNSET`.

        Returns:
            A text, or None.

        Example:
            >>> Parameter("quantity", "whole").problem("many")
            'should be a whole number'
        """
        if value is UNSET:
            return "is required" if self.required else None
        if not isinstance(value, str):
            return None
        if self.kind == "json":
            return json_text.objection(value)
        if self.kind in ("whole", "number"):
            limit = _limit_of_floats(value) if self.kind == "number" else ""
            return f"should be {_KIND_WORDS[self.kind]}{limit}"
        if self.made is not None and not _can_be_made(self.made, value.strip()):
            return f"should be {self.hint or 'a ' + self.made.__name__}"
        return None


def _whole(bare: str, typed: str) -> Any:
    try:
        return int(bare)
    except ValueError:
        return typed


def _number(bare: str, typed: str) -> Any:
    """A float; the whole number where a float has not its digits; the text beyond the limits of floats."""
    try:
        number = float(bare)
    except ValueError:
        return typed
    if _is_beyond_floats(number, bare):
        return typed
    try:
        return number if int(bare) == number else int(bare)
    except ValueError:
        return number


def _is_beyond_floats(number: float, bare: str) -> bool:
    """Whether digits were typed and a float makes infinity, or nothing, of them."""
    digits = [int(each) for each in bare.lower().partition("e")[0] if each.isdecimal()]
    return (math.isinf(number) and bool(digits)) or (number == 0 and any(digits))


def _limit_of_floats(typed: str) -> str:
    try:
        return " that a float can hold" if _is_beyond_floats(float(typed), typed) else ""
    except ValueError:
        return ""


def _can_be_made(made: type, text: str) -> bool:
    try:
        getattr(made, "fromisoformat", made)(text)
    except (ValueError, ArithmeticError):
        return False
    return True


def _literal(bare: str, typed: str) -> Any:
    try:
        with warnings.catch_warnings(action="ignore"):  # of Python, about what somebody is still typing
            value = ast.literal_eval(bare)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return typed
    return value if is_plain(value) else typed


def _json(bare: str, typed: str) -> Any:
    found = json_text.read_object(bare)
    return typed if found is None else found


_READERS: Mapping[str, Callable[[str, str], Any]] = {
    "whole": _whole,
    "number": _number,
    "literal": _literal,
    "json": _json,
}


def label_of(choice: Any) -> str:
    """A value to choose, as a list shows it.

    Args:
        choice: a member of an Enum, or a plain value.

    Returns:
        Its text.
    """
    return plain(choice.name if isinstance(choice, Enum) else choice)


def same(one: Any, other: Any) -> bool:
    """Whether two plain values are the same; 1 and True are not."""
    return one is other or (type(one) is type(other) and bool(one == other))


def is_showable(value: Any, choices: tuple[Any, ...]) -> bool:
    """Whether a default can be shown, and compared with what is given."""
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return any(same(value, choice) for choice in choices) or is_plain(value)


def is_plain(value: Any) -> bool:
    """Whether a value is all literals.

    Args:
        value: anything.

    Returns:
        True for texts, numbers, truth values, None, and lists, tuples, sets and dictionaries of them.

    Example:
        >>> is_plain({"sizes": [1, 2]}), is_plain(print)
        (True, False)
    """
    if type(value) in _PLAIN:
        return True
    if type(value) in (list, tuple, set):
        return all(map(is_plain, value))
    return type(value) is dict and all(is_plain(key) and is_plain(held) for key, held in value.items())
