"""Completion of what follows a dot: the words of the kit's objects that are for users, and no others.

IPython's own completers look at classes and annotations too, where the words for the rest of the kit stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from ddd_kit.building_blocks.element import Element
from ddd_kit.engine.context import current_domain, current_engine
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.query import Query
from ddd_kit.engine.repository import Repository
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entries import Entries
from ddd_kit.journal.entry import Entry

_PATH = re.compile(r"(?<![\w.)\]}'\"])([^\W\d]\w*)((?:\.[^\W\d]\w*|\[-?\d+\])*)\.(\w*)$")
_PART = re.compile(r"\.(\w+)|\[(-?\d+)\]")
_NAME = "ddd_kit.words"


def install(shell: Any) -> None:
    """Let a shell complete the kit's objects; doing it again changes nothing.

    Args:
        shell: an `InteractiveShell`.
    """

    @context_matcher(identifier=_NAME)  # type: ignore[untyped-decorator]
    def words(context: CompletionContext) -> SimpleMatcherResult:
        return _completions(context, shell.user_ns)

    matchers = shell.Completer.custom_matchers
    others = [matcher for matcher in matchers if getattr(matcher, "matcher_identifier", None) != _NAME]
    matchers[:] = [*others, words]


def _completions(context: CompletionContext, namespace: Mapping[str, Any]) -> SimpleMatcherResult:
    path = _PATH.search(context.text_until_cursor)
    begun = path[3] if path else ""
    found: list[SimpleCompletion] = []
    if path and not begun.startswith("_") and not _is_assigned(path[1], context.full_text):
        held = _held(_meant(namespace.get(path[1])), path[2])
        if _is_ours(held):
            names = [name for name in dir(held) if name.startswith(begun) and not name.startswith("_")]
            found = [SimpleCompletion(text=name, type=_type(held, name)) for name in names]
    return {"completions": found, "matched_fragment": begun, "suppress": bool(found)}


def _is_assigned(name: str, source: str) -> bool:
    """Whether the cell that is written will let the name stand for something else."""
    return re.search(rf"(?<![\w.]){name}\s*(=[^=]|:)|\b(as|for|def|class)\s+{name}\b", source) is not None


def _meant(given: Any) -> Any:
    try:
        return current_engine() if given is current_domain else given
    except IncorrectUsageError:  # there is none yet
        return None


def _held(owner: Any, path: str) -> Any:
    """What a path leads to, without running anybody's code but the kit's."""
    for part in _PART.finditer(path):
        if isinstance(owner, Element):
            owner = vars(owner).get(part[1])
        elif not _is_ours(owner):
            return None
        elif part[1]:
            owner = getattr(owner, part[1], None)
        else:
            owner = _item(owner, int(part[2]))
    return owner


def _item(owner: Any, place: int) -> Any:
    return owner[place] if isinstance(owner, Entries) and -len(owner) <= place < len(owner) else None


def _is_ours(given: Any) -> bool:
    return isinstance(given, Engine | Repository | Query | Element | Entries | Entry)


def _type(owner: Any, name: str) -> str:
    return "function" if callable(getattr(type(owner), name, None)) else "instance"
