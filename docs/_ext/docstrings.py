"""Docstrings are written to be read as they are, `code` between single backticks; here they become a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sphinx.domains.python import PyObject
from sphinx.ext import autosummary

from ddd_kit import Domain

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CODE = re.compile(r"(?<![`:\w\\])`([^`]+)`(?!`)")
OF_DOMAIN = re.compile(r"@?domain\.(\w+)")


def setup(app: Sphinx) -> dict[str, bool]:
    """Let Sphinx call what is below, before the sections of Google's style become fields."""
    app.connect("autodoc-process-docstring", write, priority=100)
    autosummary.WELL_KNOWN_ABBREVIATIONS += ("ch.",)  # as in "(Evans, ch. 5)": no sentence ends there
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"
    return {"parallel_read_safe": True}


def write(_app: Sphinx, _what: str, _name: str, _thing: Any, _options: Any, lines: list[str]) -> None:
    """Turn the text of a docstring into reStructuredText; examples stay as they are."""
    lines[:] = [line for part in parts(lines) for line in part]


def parts(lines: list[str]) -> Iterator[list[str]]:
    """Paragraphs, in which a code span may go over the end of a line; and examples, up to a blank line."""
    example = False

    def part_of(line: str) -> tuple[bool, bool]:
        nonlocal example
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        return example, bool(line.strip())

    for (is_example, _), group in groupby(lines, key=part_of):
        part = list(group)
        yield part if is_example else CODE.sub(code, "\n".join(part)).split("\n")


def code(found: re.Match[str]) -> str:
    """A code span; one that names something of `Domain` leads to it."""
    text = re.sub(r"\s*\n\s*", " ", found[1])
    of_domain = OF_DOMAIN.fullmatch(text)
    if of_domain and hasattr(Domain, of_domain[1]):
        return f":py:obj:`{text} <ddd_kit.Domain.{of_domain[1]}>`"
    return f"``{text}``"
