"""A stretch of the journal as a Mermaid sequence diagram: who tells whom what, in the order of the steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from ddd_kit.engine.engine import Engine
from ddd_kit.journal.entry import (
    DEFINED,
    CalledEntry,
    ChangedEntry,
    CommandEntry,
    Entry,
    EventEntry,
    HandledEntry,
    RejectedEntry,
    SkippedEntry,
    UnhandledEntry,
)
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.sentence import brief, details, field_changes, phrase, reason, short_id
from ddd_kit.views.exports.mermaid import Mermaid, label
from ddd_kit.views.exports.scenario import is_rebuild
from ddd_kit.views.exports.stretch import Steps, stretch
from ddd_kit.views.mapping.graph import OTHER_CONTEXT, elements
from ddd_kit.views.palette import STYLES

NEWEST = 100  # steps that are drawn when none are asked for
CALLER = "cells"
OUTSIDE = "outside a cell"
NOTHING = "Nothing has happened yet"
Lines = Iterator[str]


def sequence_diagram(engine: Engine, steps: Steps = None) -> Mermaid:
    """Write down what happened as a sequence diagram.

    Args:
        engine: the domain.
        steps: a step, for its whole chain; a range of steps; or None for the newest hundred.

    Returns:
        A diagram of the cells, the services, the command handlers, what is stored by kind, those who hear
        events, and other contexts.

    Raises:
        IncorrectUsageError: when there are no such steps.

    Example:
        >>> from ddd_kit import Domain
        >>> domain = Domain(name="Bookshop")
        >>> @domain.aggregate
        ... class Order:
        ...     quantity: int = 1
        >>> order = domain.repository_for(Order).add(Order(id="o-1"))
        >>> sequence_diagram(domain)
        sequenceDiagram
          accTitle: What happened in Bookshop
          participant p0 as cells
          participant p1 as ■ Order
          Note over p0: outside a cell
          p0->>p1: add Order o-1
          Note over p1: quantity 1
    """
    with engine.lock:
        journal = engine.journal
        asked = stretch(journal, steps, "sequence_diagram")
        entries = [e for e in asked if e.kind != DEFINED or is_rebuild(e)]
        shown = entries if steps is not None else entries[-NEWEST:]
        drawing = _Drawing(engine, journal)
        body = [*_earlier(drawing, len(entries) - len(shown)), *drawing.lines(shown)]
    if not body:
        body = [f"Note over {drawing.participant(CALLER)}: {NOTHING}"]
    head = [f"accTitle: {label(f'What happened in {engine.name}')}", *drawing.participants()]
    return Mermaid("\n  ".join(["sequenceDiagram", *head, *body]))


def _earlier(drawing: _Drawing, count: int) -> Lines:
    if count:
        yield drawing.note(CALLER, f"{count:,} earlier steps are left out")


class _Drawing:
    """A diagram while it is drawn: who is in it so far, and under which name Mermaid knows them."""

    def __init__(self, engine: Engine, journal: Journal) -> None:
        self.engine = engine
        self.journal = journal
        self.ids: dict[tuple[str, str], str] = {}
        self.cell: str | None = None
        self.kinds = {element.name: str(element.kind) for element in elements(engine)}

    def of(self, element: str, usual: str) -> tuple[str, str]:
        """An element with its kind; what is none is another context, as the journal calls it."""
        if "@" in element:
            return element.rpartition("@")[0], OTHER_CONTEXT
        if element not in self.kinds and "." in element:
            return element.partition(".")[0], OTHER_CONTEXT
        return element, self.kinds.get(element, usual)

    def participant(self, name: str, kind: str = "") -> str:
        """The id of somebody who takes part, from now on at the latest; the cells are the first."""
        if kind:
            self.participant(CALLER)
        return self.ids.setdefault((name, kind), f"p{len(self.ids)}")

    def participants(self) -> Lines:
        """Who takes part, in the order of their appearance."""
        for (name, kind), short in self.ids.items():
            yield f"participant {short} as {STYLES[kind].symbol + ' ' if kind else ''}{label(name)}"

    def lines(self, entries: list[Entry]) -> Lines:
        """What happened; where another cell begins, its label."""
        for entry in entries:
            cell = entry.cell or OUTSIDE
            if cell != self.cell:
                self.cell = cell
                yield self.note(CALLER, cell)
            draw = cast(Callable[[_Drawing, Any], Lines], _DRAWN.get(type(entry), _Drawing.other))
            yield from draw(self, entry)

    def note(self, name: str, text: str, kind: str = "") -> str:
        """A note over one participant."""
        return f"Note over {self.participant(name, kind)}: {label(text, wrapped=True)}"

    def _over(self, text: str, of: tuple[str, str]) -> str:
        return self.note(of[0], text, of[1])

    def command(self, entry: CommandEntry) -> Lines:
        """Who gave it, and who took it."""
        source, text = self.source(entry), f"{entry.type}{details(entry.held)}"
        taker = entry.handler.rsplit(".", 1)[0] if entry.handler else None
        if taker is None:
            yield f"Note over {source}: {label(f'{text}: nobody took it', wrapped=True)}"
            return
        yield f"{source}{_arrow(entry.outcome)}{self.participant(taker, 'command handler')}: {label(text)}"
        yield from self._outcome(entry, taker, "command handler")

    def event(self, entry: EventEntry) -> Lines:
        """The aggregate that raised it; to whom it is delivered follows when it is."""
        raiser = self.participant(*self.of(entry.aggregate, "aggregate"))
        yield f"{raiser}->>{raiser}: ● {label(f'{entry.type}{details(entry.held)}')}"

    def handled(self, entry: HandledEntry) -> Lines:
        """From the aggregate that raised the event to the handler that ran."""
        of = self.of(entry.handler, "event handler")
        handler = self.participant(*of)
        attempt = f", attempt {entry.attempt}" if entry.attempt > 1 else ""
        text = f"{entry.event} to {entry.method}{attempt}"
        yield f"{self.source(entry)}{_arrow(entry.outcome, '-)')}{handler}: {label(text)}"
        yield from self._outcome(entry, *of)

    def called(self, entry: CalledEntry) -> Lines:
        """Who used the service."""
        of = self.of(entry.service, "application service")
        source = self.source(entry)
        yield f"{source}{_arrow(entry.outcome)}{self.participant(*of)}: {label(entry.method)}"
        yield from self._outcome(entry, *of)

    def changed(self, entry: ChangedEntry) -> Lines:
        """Who saved the aggregate, and its changed fields."""
        of = self.of(entry.aggregate, "aggregate")
        aggregate = self.participant(*of)
        verb = {"created": "add", "changed": "save", "removed": "remove"}[entry.change]
        text = f"{verb} {entry.aggregate} {short_id(entry.id)}"
        yield f"{self.source(entry)}->>{aggregate}: {label(text)}"
        told = "" if entry.change == "removed" else field_changes(entry, "→")
        if told:
            yield self._over(told, of)

    def skipped(self, entry: SkippedEntry) -> Lines:
        """A handler that did not run, and why."""
        of = self.of(entry.handler, "event handler")
        yield self._over(f"{entry.method} skipped: {reason(entry)}", of)

    def beside(self, entry: RejectedEntry | UnhandledEntry) -> Lines:
        """What is to be said of whoever caused it."""
        yield f"Note over {self.source(entry)}: {label(phrase(entry), wrapped=True)}"

    def other(self, entry: Entry) -> Lines:
        """A kind of entry that has no picture of its own."""
        handler = getattr(entry, "handler", None)
        of = self.of(handler, "event handler") if handler else (CALLER, "")
        yield self._over(phrase(entry), of)

    def source(self, entry: Entry) -> str:
        """Who did it: the handler or the aggregate of its cause, or a cell."""
        cause = entry.cause
        known = cause is not None and self.journal.first_step <= cause <= self.journal.last_step
        by = self.journal.step(cause) if known and cause is not None else None
        if isinstance(by, EventEntry):
            return self.participant(*self.of(by.aggregate, "aggregate"))
        if isinstance(by, HandledEntry):
            return self.participant(*self.of(by.handler, "event handler"))
        if isinstance(by, CalledEntry):
            return self.participant(*self.of(by.service, "application service"))
        if isinstance(by, CommandEntry) and by.handler:
            return self.participant(by.handler.rsplit(".", 1)[0], "command handler")
        return self.participant(CALLER)

    def _outcome(self, entry: CommandEntry | HandledEntry | CalledEntry, name: str, kind: str) -> Lines:
        if entry.outcome != "ok":
            error = f": {brief(entry.error)}" if entry.error else ""
            yield self.note(name, f"{entry.outcome}{error}", kind)


def _arrow(outcome: str, well: str = "->>") -> str:
    return well if outcome in ("ok", "undone") else "-x"


_DRAWN: Mapping[type[Entry], Callable[..., Lines]] = {
    CommandEntry: _Drawing.command,
    EventEntry: _Drawing.event,
    CalledEntry: _Drawing.called,
    HandledEntry: _Drawing.handled,
    ChangedEntry: _Drawing.changed,
    SkippedEntry: _Drawing.skipped,
    RejectedEntry: _Drawing.beside,
    UnhandledEntry: _Drawing.beside,
}
