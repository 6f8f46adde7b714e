"""Saving a run and going on with it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ddd_kit.engine.run_file.reading import read
from ddd_kit.engine.run_file.rows import Members
from ddd_kit.engine.run_file.verdict import IMPOSSIBLE, Verdict, judge
from ddd_kit.engine.run_file.worlds import world_of
from ddd_kit.engine.run_file.writing import put_down, written
from ddd_kit.exceptions import ImpossibleRunError, IncorrectUsageError

if TYPE_CHECKING:
    from ddd_kit.engine.model import Model


def save_run(model: Model, path: str | os.PathLike[str]) -> None:
    """Write the run of a domain to a file; the lock is held.

    Args:
        model: the domain, in which no unit of work is open.
        path: of the file.

    Raises:
        RunFileError: when a value cannot be kept in a file, or the file cannot be written.
        IncorrectUsageError: for something that is no path.
    """
    target = _path(path, "save")
    put_down(target, written(model))


def load_run(model: Model, path: str | os.PathLike[str], *, dry_run: bool) -> Verdict:
    """Let a domain go on with the run of a file; the lock is held.

    Args:
        model: the domain, in which no unit of work is open.
        path: of the file.
        dry_run: only tell whether it would work.

    Returns:
        Whether the run fits the model.

    Raises:
        RunFileError: when there is no such file, or it is broken.
        ImpossibleRunError: when the run does not fit the model.
        IncorrectUsageError: for something that is no path.
    """
    run = read(_path(path, "load"), Members(model.registry))
    verdict = judge(model, run)
    if dry_run:
        return verdict
    if verdict.level == IMPOSSIBLE:
        raise ImpossibleRunError(
            f"{verdict!r}\nNothing is loaded; the domain stands where it stood.", verdict.reasons
        )
    model.stand_on(world_of(model, run))
    return verdict


def _path(given: str | os.PathLike[str], what: str) -> Path:
    path = os.fspath(given) if isinstance(given, str | os.PathLike) else None
    if not isinstance(path, str) or not path:
        raise IncorrectUsageError(
            f'domain.{what}({given!r}): give the name of a file, as in domain.{what}("run.jsonl").'
        )
    return Path(path)
