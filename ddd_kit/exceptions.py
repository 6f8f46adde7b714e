"""Every exception that ddd_kit raises on purpose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Messages = Mapping[str, Sequence[str]]


class DddKitError(Exception):
    """What all exceptions of the kit have in common."""


ProteanException = DddKitError  # the same, by Protean's name


class ConfigurationError(DddKitError):
    """An element is defined in a way that cannot work."""


class IncorrectUsageError(DddKitError):
    """An element is used in a way that it does not offer."""


class InvalidOperationError(IncorrectUsageError):
    """Something was asked of an object that must not happen to it."""


class NotSupportedError(IncorrectUsageError):
    """What was asked for is not to be had here, as a change through a view that only reads."""


class ObjectNotFoundError(DddKitError):
    """A repository holds nothing of the identity or the values asked for."""


class TooManyObjectsError(DddKitError):
    """A repository holds several aggregates where one was asked for."""


class ExpectedVersionError(DddKitError):
    """Somebody else saved the aggregate after it was loaded."""


class DuplicateCommandError(DddKitError):
    """A command was processed already.

    Attributes:
        original_result: what it gave then.
    """

    def __init__(self, text: str, original_result: Any = None) -> None:
        super().__init__(text)
        self.original_result = original_result


class CommandExpiredError(DddKitError):
    """A command came too late.

    Attributes:
        command_type: its type, as `Bookshop.PlaceOrder.v1`.
        deadline: the time that it missed.
    """

    def __init__(self, text: str, command_type: str = "", deadline: Any = None) -> None:
        super().__init__(text)
        self.command_type = command_type
        self.deadline = deadline


class InvalidStateError(DddKitError):
    """For models: an object is in no state in which that can be done."""


class InvalidDataError(DddKitError):
    """For models: data from outside cannot be used.

    Attributes:
        messages: what it was given: texts by field, or one text.
    """

    def __init__(self, messages: Messages | str = "") -> None:
        super().__init__(messages)
        self.messages = messages


class TransactionError(DddKitError):
    """A unit of work cannot be committed because an inner one was undone."""


class RunFileError(DddKitError):
    """A run cannot be written to a file, or a file holds none.

    Attributes:
        line: the line that is broken, from 1; None where it is no line's fault.
    """

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.line = line


class ImpossibleRunError(DddKitError):
    """A run does not fit the model of today.

    Attributes:
        reasons: why, as `domain.load(path, dry_run=True).reasons`.
    """

    def __init__(self, text: str, reasons: Sequence[object] = ()) -> None:
        super().__init__(text)
        self.reasons = tuple(reasons)


class EndlessChainError(DddKitError):
    """Handlers keep causing each other's events.

    Attributes:
        cycle: event and handler names in turn, as `("Pinged", "Echo.again", "Pinged")`.
    """

    def __init__(self, text: str, cycle: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.cycle = tuple(cycle)


class InjectedFaultError(DddKitError):
    """`domain.faults.fail` let a handler fail, to show what becomes of the delivery then."""


class BrokenRule(NamedTuple):
    """An invariant that did not hold.

    Attributes:
        name: the name of its method.
        element: the name of the class that has it.
        text: what it says.
        seen: pairs of a name and a value: what it looked at.
    """

    name: str
    element: str
    text: str
    seen: tuple[tuple[str, Any], ...]


class ValidationError(DddKitError):
    """Values were not accepted.

    Args:
        messages: what is wrong, by field: `{field: [texts]}`; a lone text goes to `_entity`.
        element: the name of the aggregate, event or command that refused the values.
        hints: ways out, one sentence each.
        rules: the invariants that did not hold.
        phrases: what the text of the error says in place of a message, by field and message; with the name of
            the field. `messages` stay as they are.
        reasons: sentences between what is wrong and the ways out, as on the rule that was broken.

    Attributes:
        subject: who refused, as `Order o-1`; empty where `element` says all there is to say.

    Example:
        >>> error = ValidationError({"quantity": ["must be positive"]}, element="Order")
        >>> error.messages
        {'quantity': ['must be positive']}
        >>> print(error)
        Order was not accepted: quantity must be positive.
    """

    def __init__(
        self,
        messages: Messages | Sequence[str] | str,
        element: str = "",
        hints: Iterable[str] = (),
        rules: Iterable[BrokenRule] = (),
        *,
        phrases: Mapping[tuple[str, str], str] | None = None,
        reasons: Iterable[str] = (),
    ) -> None:
        self.messages = _by_field(messages)
        self.element = element
        self.hints = tuple(hints)
        self.rules = tuple(rules)
        self.phrases = dict(phrases or {})
        self.reasons = tuple(reasons)
        self.subject = ""
        super().__init__(self.messages)

    def __str__(self) -> str:
        wrong = "; ".join(phrase.rstrip(".") for _, _, phrase in self.said())
        sentence = f"{self.subject or self.element or 'The value'} was not accepted: {wrong}."
        return " ".join([sentence, *self.reasons, *self.hints])

    def said(self) -> Iterator[tuple[str, str, str]]:
        """What is wrong: field, message, and the message as the text of the error says it.

        Yields:
            Three texts for each message, in order.
        """
        for field, texts in self.messages.items():
            for text in texts:
                phrase = text if field == "_entity" else said_of(field, text)
                yield field, text, self.phrases.get((field, text), phrase)


def said_of(field: str, text: str) -> str:
    """A message as it goes on after the name of a field; pydantic's begin with `Input should ...`.

    Args:
        field: the name.
        text: the message.

    Returns:
        Both, as the part of a sentence.

    Example:
        >>> said_of("quantity", "Input should be a valid integer"), said_of("email", "Is taken")
        ('quantity should be a valid integer', 'email: Is taken')
    """
    subject, verb, rest = text.partition(" should ")
    if verb and re.fullmatch(r"Input|String|Value|\w+ input", subject):
        return f"{field} should {rest}"
    return f"{field}: {text}" if text[:1].isupper() else f"{field} {text}"


def _by_field(messages: Messages | Sequence[str] | str) -> dict[str, list[str]]:
    if isinstance(messages, str):
        return {"_entity": [messages]}
    if isinstance(messages, Mapping):
        return {
            field: [texts] if isinstance(texts, str) else list(texts) for field, texts in messages.items()
        }
    return {"_entity": list(messages)}


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """The end of an error text that names the closest known name, or nothing.

    Args:
        name: what was written.
        known: the names that would have been right.

    Returns:
        `": did you mean 'Order'?"`, or an empty string where no name is close.

    Example:
        >>> did_you_mean("Oder", ["Order", "Inventory"])
        ": did you mean 'Order'?"
        >>> did_you_mean("Invoice", ["Order"])
        ''
    """
    from difflib import get_close_matches  # few names are mistyped

    close = get_close_matches(str(name), list(known), n=1)
    return f": did you mean '{close[0]}'?" if close else ""
