"""Where something is to be saved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ddd_kit.exceptions import IncorrectUsageError


def target_of(given: Any, what: str, example: str) -> Path:
    """The file that somebody named.

    Args:
        given: a text or a path.
        what: the method that asks, for the error.
        example: the name of a file that would do.

    Returns:
        Its path.

    Raises:
        IncorrectUsageError: for something that names no file.

    Example:
        >>> target_of("maps/model.svg", "save", "map.svg").name
        'model.svg'
    """
    path = os.fspath(given) if isinstance(given, str | os.PathLike) else None
    if not isinstance(path, str) or not path:
        raise IncorrectUsageError(f'{what}({given!r}): give the name of a file, as in {what}("{example}").')
    return Path(path)
