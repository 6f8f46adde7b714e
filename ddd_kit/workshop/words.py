"""What went wrong in a learner's code, in words."""

from __future__ import annotations

from collections.abc import Iterable

from ddd_kit.exceptions import DddKitError
from ddd_kit.workshop.budget import Place, Waited, of_the_kit

_LONG = 1_000  # letters: three times what any check says


def did(what: str, error: BaseException) -> str:
    """That something was tried, and how it ended.

    Args:
        what: as "saving an Order".
        error: what it raised.

    Returns:
        A sentence or two, with the line of the learner's code that it came from.

    Example:
        >>> did("saving an Order", ZeroDivisionError("division by zero"))
        'Saving an Order failed with ZeroDivisionError: division by zero.'
        >>> did("saving an Order", Waited("time.sleep(5) waits"))
        'Saving an Order failed: time.sleep(5) waits.'
    """
    said = _said(error)
    if isinstance(error, DddKitError):
        said = said if said.endswith((".", "!", "?")) else f"{said}."
        return f"{_sentence(what)} was not possible. {said}{_where(error)}"
    if isinstance(error, Waited):
        return f"{_sentence(what)} failed: {said}.{_where(error)}"
    told = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return f"{_sentence(what)} failed with {told.removesuffix('.')}.{_where(error)}"


def blamed(error: BaseException) -> Place | None:
    """The line of the learner's code that an error came from.

    Args:
        error: with its traceback.

    Returns:
        The innermost line outside of the kit, or None where there is none.
    """
    place, trace = None, error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if not of_the_kit(code.co_filename):
            place = Place(code, trace.tb_lineno)
        trace = trace.tb_next
    return place


def listed(names: Iterable[str], last: str = "and") -> str:
    """Names in a sentence, as code.

    Args:
        names: of classes or fields.
        last: the word before the last one.

    Example:
        >>> listed(["Order", "Inventory", "Book"])
        '`Order`, `Inventory` and `Book`'
    """
    *others, final = [f"`{name}`" for name in names]
    return f"{', '.join(others)} {last} {final}" if others else final


def a(word: str) -> str:
    """A noun with its article.

    Args:
        word: as "Order".

    Example:
        >>> a("Order"), a("Book")
        ('an Order', 'a Book')
    """
    return f"{'an' if word[0].lower() in 'aeiou' else 'a'} {word}"


def shortened(text: str) -> str:
    """A text that leaves its middle out where it would fill the page, as with a long value in it.

    Args:
        text: any.

    Example:
        >>> len(shortened("the same " * 1000))
        1001
    """
    return text if len(text) <= _LONG else f"{text[: _LONG // 2]}…{text[-_LONG // 2 :]}"


def _sentence(what: str) -> str:
    return what[:1].upper() + what[1:]


def _said(error: BaseException) -> str:
    """What an error says; one that cannot say it must not end the check."""
    try:
        return str(error).strip().replace("\n", " ")
    except Exception:  # noqa: BLE001 - it is the learner's class
        return "(an error that cannot say what it is)"


def _where(error: BaseException) -> str:
    place = blamed(error)
    return f" That was in {place}." if place is not None else ""
