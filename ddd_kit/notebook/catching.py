"""Catches what code prints and displays, to be shown where it was asked for, and not below some cell."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from typing import Any

from IPython.utils.capture import capture_output

PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
WORDS = "text/plain"


@dataclass(slots=True)
class Caught:
    """What was caught.

    Attributes:
        printed: text, also that of errors.
        displayed: media type and content, in order; a picture that is no SVG is in base 64.
    """

    printed: str = ""
    displayed: tuple[tuple[str, str], ...] = ()


@contextmanager
def catching() -> Iterator[Caught]:
    r"""Catch what is printed and displayed in a block; where there is no IPython, what is printed.

    Yields:
        What was caught; empty until the block has ended, well or not.

    Example:
        >>> with catching() as caught:
        ...     print("hello")
        >>> caught.printed
        'hello\n'
    """
    caught = Caught()
    with capture_output(stderr=False) as captured, redirect_stderr(sys.stdout):
        try:
            yield caught
        finally:
            caught.printed = captured.stdout
            caught.displayed = tuple(_displayed(captured._outputs or ()))


def _displayed(outputs: Any) -> Iterator[tuple[str, str]]:
    """The best that a page without scripts can show of each; what was displayed anew is shown once."""
    latest: dict[Any, Mapping[str, Any]] = {}
    for number, output in enumerate(outputs):
        latest[(output.get("transient") or {}).get("display_id", number)] = output["data"]
    for data in latest.values():
        kind = next((kind for kind in (*PICTURES, WORDS) if kind in data), None)
        if kind is not None:
            content = data[kind]
            yield kind, b64encode(content).decode() if isinstance(content, bytes) else str(content)
