"""A file becomes a run: line by line, each checked as deeply as those rely on who look at it later."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pydantic_core
from pydantic_core import ValidationError as PydanticError

from ddd_kit.engine.run_file import lines as of
from ddd_kit.engine.run_file.decoding import UnreadableError, decode
from ddd_kit.engine.run_file.rows import Line, Members
from ddd_kit.engine.run_file.run import Run
from ddd_kit.engine.run_file.taking import take
from ddd_kit.engine.run_file.together import check_together
from ddd_kit.exceptions import RunFileError

_COMPRESSED = b"\x1f\x8b"


def read(path: Path, members: Members) -> Run:
    """Read a file, whole.

    Args:
        path: of the file.
        members: finds the members of enums.

    Returns:
        The run.

    Raises:
        RunFileError: when it is no file, or is broken; the text names the line.
    """
    content = _content(path)
    head, _, body = content.partition(b"\n")
    run = Run(path, members)
    run.header = _header(path, head)
    rank = 0
    try:
        for line in body.removesuffix(b"\n").split(b"\n") if body else ():
            run.line += 1
            rank = take(run, line, rank)
        _check_whole(run, body)
        check_together(run)
    except PydanticError as error:
        raise broken(path, of.told(error), run.line) from error
    except UnreadableError as error:
        raise broken(path, str(error), error.line or run.line) from error
    return run


def _content(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise RunFileError(f"domain.load(): {str(path)!r} is no file. Give one that domain.save() wrote.")
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise RunFileError(
            f"domain.load(): {str(path)!r} cannot be read ({why}). Give a file that domain.save() wrote."
        ) from error
    if content.startswith(_COMPRESSED):
        raise broken(path, "it is compressed: unpack it first", 1)
    if not content:
        raise broken(path, "the file is empty", 1)
    return content


def _header(path: Path, head: bytes) -> Line:
    """The first line; one of a newer kit says so."""
    try:
        found = pydantic_core.from_json(head)
    except ValueError as error:
        raise broken(path, "it is no run that domain.save() wrote", 1) from error
    if not isinstance(found, dict) or found.get("format") != of.FORMAT:
        raise broken(path, "it is no run that domain.save() wrote", 1)
    version = found.get("version")
    if type(version) is int and version > of.VERSION:
        kit = str(found.get("kit"))[:20]
        raise broken(path, f"a newer kit ({kit}) wrote it, which this one does not understand", 1)
    try:
        header = of.checker().validate_json(head)
        if header["line"] != of.HEADER:
            raise broken(path, "it is no run that domain.save() wrote", 1)
        return {**header, "seed": decode(header["seed"])}
    except PydanticError as error:
        raise broken(path, of.told(error), 1) from error
    except UnreadableError as error:
        raise broken(path, f"seed: {error}", 1) from error


def broken(path: Path, what: str, line: int | None = None) -> RunFileError:
    """The error about a broken file.

    Args:
        path: of the file.
        what: what is wrong, in a clause.
        line: which line, from 1; None where it is no line's fault.

    Returns:
        The error to raise.
    """
    where = "" if line is None else f", line {line:,}"
    return RunFileError(
        f"domain.load(): {path.name}{where}: {what}. Nothing is loaded; the domain stands where it stood.",
        line,
    )


def _check_whole(run: Run, body: bytes) -> None:
    expected = run.header["lines"]
    if run.line < expected or not body.endswith(b"\n"):
        raise UnreadableError(f"the file ends here, and should have {expected:,} lines")
    if run.line > expected:
        raise UnreadableError(f"the file should have ended with line {expected:,}")
    missing = [name for name, found in _ONCE.items() if not found(run)]
    if missing:
        raise UnreadableError(f"a line of the kind '{missing[0]}' is missing")
    if hashlib.sha256(body).hexdigest() != run.header["sha256"]:
        raise UnreadableError("its checksum is of another content: the file was changed since", 1)


_ONCE: Mapping[str, Callable[[Run], Any]] = {
    of.JOURNAL: lambda run: run.journal,
    of.IDENTITIES: lambda run: run.identities,
    of.CLOCK: lambda run: run.clock,
}
