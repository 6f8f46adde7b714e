"""Shows below a cell what this cell caused, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import htpy as h

from ddd_kit.engine.context import current_engine, living_engines
from ddd_kit.engine.engine import Engine
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entries import Entries
from ddd_kit.journal.entry import CELL_AT, DEFINED, KIND_AT
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.origin import Origin
from ddd_kit.notebook.cells import Run, innermost_run, on_cell_begin
from ddd_kit.views import tree
from ddd_kit.views.markup import framed, plain


@dataclass(frozen=True, slots=True)
class Trace:
    """What a cell caused: a tree for each domain.

    Attributes:
        parts: the name of a domain, and its entries; several only where the cell had to do with several.
        nothing: what is said where there are none.
    """

    parts: tuple[tuple[str, Entries], ...]
    nothing: str

    def __repr__(self) -> str:
        texts = [entries.to_text() for _, entries in self.parts]
        if len(texts) > 1:
            texts = [f"{name}\n{text}" for (name, _), text in zip(self.parts, texts, strict=True)]
        return "\n".join(texts) or self.nothing

    def _repr_html_(self) -> str:
        if not self.parts:
            return framed(h.p[self.nothing])
        several = len(self.parts) > 1
        trees = [
            (framed(h.p[h.b[plain(name)]]) if several else "", tree.journal(part))
            for name, part in self.parts
        ]
        return "".join(heading + shown for heading, shown in trees)


class Watch:
    """Looks at what a run of a cell writes.

    Args:
        run: the run, from now on.
        asked: whether an answer is due even where nothing happened.
    """

    def __init__(self, run: Run, *, asked: bool) -> None:
        self.run = run
        self.asked = asked
        self._seen: WeakKeyDictionary[Engine, tuple[Journal, int]] = WeakKeyDictionary()
        self._look()

    def _look(self) -> None:
        for engine in living_engines():
            journal = engine.world.journal
            self._seen[engine] = (journal, journal.last_step)

    def tell(self, show: Callable[[Trace], None]) -> None:
        """Show what has happened since the last time.

        Args:
            show: shows it in the cell.
        """
        trace = self._trace()
        if trace.parts or self.asked:
            show(trace)
        self.asked = False
        self._look()

    def _trace(self) -> Trace:
        engines = sorted(living_engines(), key=lambda engine: engine.name)
        found = [(engine.name, entries) for engine in engines if (entries := self._new(engine))]
        happened = [(name, entries) for name, entries in found if not _only_definitions(entries)]
        return Trace(tuple(happened or (found if self.asked else ())), _nothing())

    def _new(self, engine: Engine) -> Entries:
        """What bears the cell's name; what a widget or another thread did meanwhile does not."""
        journal = engine.journal
        seen, last = self._seen.get(engine, (journal, 0))
        first = max(last + 1 if seen is journal else 1, journal.first_step)
        since = journal.rows[first - journal.first_step :]
        label = self.run.origin.label
        return Entries(journal, [step for step, row in enumerate(since, first) if row[CELL_AT] == label])


def _only_definitions(entries: Entries) -> bool:
    return all(row[KIND_AT] == DEFINED for _, row in entries.numbered_rows())


def _nothing() -> str:
    """What is said where nothing is shown; somebody may have switched the journal off."""
    with suppress(IncorrectUsageError):  # there may be no domain yet
        current = current_engine()
        if not current.config["journal"]:
            return f'Nothing was recorded in this cell: config["journal"] of {current.name} is False.'
    return "Nothing happened in this cell."


class Tracer:
    """Watches cells of a shell: those that ask for it, or all of them.

    Args:
        shell: an `InteractiveShell`.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._watches: list[Watch] = []
        self._stop: Callable[[], None] | None = None
        self._undo: Callable[[], None] | None = None

    @property
    def every_cell(self) -> bool:
        """Whether all cells are watched."""
        return self._stop is not None

    def start(self) -> None:
        """Watch every later cell."""
        if self._stop is None:
            self._stop = on_cell_begin(self._begin)

    def stop(self) -> None:
        """Watch no cell but those that ask for it."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        for watch in [watch for watch in self._watches if not watch.asked]:
            self._forget(watch)

    def close(self) -> None:
        """Watch nothing any more, and leave the shell as it was."""
        self.stop()
        for watch in self._watches[:]:
            self._forget(watch)

    def watch(self) -> None:
        """Watch the cell that runs, from now on; a silent run shows nothing."""
        run = innermost_run()
        known = next((watch for watch in self._watches if watch.run is run), None)
        if known is not None:
            known.asked = True
        elif run is not None:
            self._add(Watch(run, asked=True))

    def _begin(self, _: Origin) -> None:
        run = innermost_run()
        if run is not None:
            self._add(Watch(run, asked=False))

    def _add(self, watch: Watch) -> None:
        self._watches.append(watch)
        watch.run.at_end.append(lambda _: self._end(watch))
        if self._undo is None:
            self._undo = _called_before(self._shell, "showtraceback", self._tell_before_the_error)

    def _end(self, watch: Watch) -> None:
        if watch in self._watches:
            self._forget(watch)
            watch.tell(self._show)

    def _forget(self, watch: Watch) -> None:
        self._watches.remove(watch)
        if not self._watches and self._undo is not None:
            self._undo()
            self._undo = None

    def _tell_before_the_error(self) -> None:
        """So that the error comes last, where people look for it."""
        run = innermost_run()
        for watch in [watch for watch in self._watches if watch.run is run]:
            with suppress(Exception):  # it will fail again after the cell, and be told then
                watch.tell(self._show)

    def _show(self, trace: Trace) -> None:
        data, metadata = self._shell.display_formatter.format(trace)
        self._shell.display_pub.publish(data, metadata)


def _called_before(owner: Any, name: str, first: Callable[[], None]) -> Callable[[], None]:
    """Call something before each call of a method; what is returned ends that."""
    method, own = getattr(owner, name), name in vars(owner)

    def both(*args: Any, **options: Any) -> Any:
        first()
        return method(*args, **options)

    def undo() -> None:
        if vars(owner).get(name) is not both:  # somebody else has put theirs around it
            return
        if own:
            setattr(owner, name, method)
        else:
            delattr(owner, name)

    setattr(owner, name, both)
    return undo
