"""Answers to the exercises, right and wrong, and how they are tried."""

from __future__ import annotations

import linecache
from dataclasses import dataclass
from itertools import count
from typing import Any

from ddd_kit.workshop.checking import Checked, examine
from ddd_kit.workshop.course import EXERCISES

_cells = count(1)


@dataclass(frozen=True)
class Wrong:
    """A wrong answer, and what the check should say to it.

    Attributes:
        code: the whole cell.
        says: a part of the reason at the first point that is not yet right.
        hint: a part of the first hint there.
    """

    code: str
    says: str
    hint: str


@dataclass(frozen=True)
class Answers:
    """Answers to one exercise; each is a whole cell."""

    right: str
    alternative: str
    wrong: list[Wrong]


def base(name: str) -> str:
    """What an exercise begins with."""
    return EXERCISES[name].starter


def shop_of(code: str, variable: str = "shop") -> Any:
    """What a cell makes, its lines known as a notebook's are."""
    cell = f"<answer {next(_cells)}>"
    linecache.cache[cell] = (len(code), None, code.splitlines(keepends=True), cell)
    namespace: dict[str, Any] = {"__name__": "answer"}
    exec(compile(code, cell, "exec"), namespace)
    return namespace.get(variable)


def checked(name: str, code: str) -> Checked:
    """What a check says to a cell."""
    exercise = EXERCISES[name]
    return examine(exercise, shop_of(code, exercise.variable))
