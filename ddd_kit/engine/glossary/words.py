"""What people wrote about their classes and methods, and names as words."""

from __future__ import annotations

import inspect
import re
from typing import Any

UNWRITTEN = "no words yet: write a docstring"
_UPPER, _LOWER = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ÿ"
_BORDER = re.compile(rf"(?<=[{_LOWER}0-9])(?=[{_UPPER}])|(?<=[{_UPPER}])(?=[{_UPPER}][{_LOWER}])")
# The end of a sentence: not that of an initial or of an abbreviation.
_END = re.compile(
    r"(?<!\b[A-Za-z])(?<!\be\.g)(?<!\bi\.e)(?<!\bch)(?<!\bvs)(?<!\bNo)(?<!\bapprox)"
    r"[.!?][\"')\]]*(?=\s+[^\sa-z]|$)"
)


def doc_of(written: Any) -> str:
    """What somebody wrote about a class or a function.

    Args:
        written: a class or a function.

    Returns:
        Its docstring without indentation; empty where it has none of its own.

    Example:
        >>> class Order:
        ...     '''What a customer wants.'''
        >>> doc_of(Order)
        'What a customer wants.'
    """
    own = getattr(written, "__dict__", {}).get("__doc__") if isinstance(written, type) else written.__doc__
    return inspect.cleandoc(own) if isinstance(own, str) else ""


def first_sentence(text: str) -> str:
    """The first sentence of a docstring.

    Args:
        text: without indentation.

    Returns:
        One line; the whole first paragraph where no sentence ends in it.

    Example:
        >>> first_sentence('''What a customer wants, e.g. two
        ... books. It is paid later.
        ...
        ... See Evans.''')
        'What a customer wants, e.g. two books.'
    """
    paragraph = " ".join(re.split(r"\n\s*\n", text.strip(), maxsplit=1)[0].split())
    end = _END.search(paragraph)
    return paragraph[: end.end()] if end else paragraph


def in_words(name: str) -> str:
    """A name as people say it.

    Args:
        name: of a class, a method or a field.

    Returns:
        Its words, with blanks between them; abbreviations keep their capitals.

    Example:
        >>> in_words("OrderShipped"), in_words("at_most_ten_books"), in_words("ISBNNumber")
        ('order shipped', 'at most ten books', 'ISBN number')
    """
    words = _BORDER.sub(" ", name.replace("_", " ")).split()
    told = [word if len(word) > 1 and word.isupper() else word.lower() for word in words]
    return " ".join(told) or name


def unwritten_of(name: str) -> str:
    """What stands for the meaning of an element that has no docstring.

    Args:
        name: of the element.

    Returns:
        Its words, and what is missing.

    Example:
        >>> unwritten_of("OrderShipped")
        'order shipped (no words yet: write a docstring)'
    """
    return f"{in_words(name)} ({UNWRITTEN})"
