"""What happened, as data that a page can hold: short, and written by the same functions as the live views."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import floor
from typing import Any, cast

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.processes import awaited
from ddd_kit.engine.registry import STORED
from ddd_kit.exceptions import DddKitError
from ddd_kit.journal.entry import (
    CELL_AT,
    CHANGED,
    TIME_AT,
    CalledEntry,
    ChangedEntry,
    CommandEntry,
    DefinedEntry,
    Entry,
    EventEntry,
    FaultEntry,
    HandledEntry,
    RejectedEntry,
    SkippedEntry,
    UnhandledEntry,
)
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.sentence import (
    brief,
    injected,
    milliseconds,
    phrase,
    reason,
    rules_told,
    said_by,
    short_path,
)
from ddd_kit.journal.story import Story, story
from ddd_kit.views.mapping.graph import elements
from ddd_kit.views.mapping.tally import DROPPED, refusal
from ddd_kit.views.mapping.trail import why_failed, why_skipped
from ddd_kit.views.markup import plain
from ddd_kit.views.page.answers import Answers, clause, redefined
from ddd_kit.views.page.saves import SAME, Saves, Shape
from ddd_kit.views.page.tables import ROLES, Instances, Parts, Shapes, Values
from ddd_kit.views.palette import STYLES
from ddd_kit.views.panes.changes import LONGEST_ERROR
from ddd_kit.views.panes.effects import MOST_EFFECTS
from ddd_kit.views.panes.inside import entity_text
from ddd_kit.views.panes.inside import rows as rows_of
from ddd_kit.views.panes.steps import untold
from ddd_kit.views.panes.stored import aggregate_of

MOST_WAITING = 1000


def record(engine: Engine) -> dict[str, Any]:
    """All that a page has to know of a run, to be written as JSON.

    Args:
        engine: the domain; its lock is held.

    Returns:
        Tables of what is said more than once, and `entries`: for each step a list with the number of its
        shape, how far back its cause and the beginning of its chain are (0 for none), the seconds since the
        step before, the parts of its sentence, and what its kind has besides.
    """
    return _Recorder(engine).whole()


class _Recorder:
    """A record in the making."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.journal = engine.journal
        self.shapes, self.parts, self.values = Shapes(), Parts(), Values()
        self.instances = Instances(self.values)
        self.answers = Answers(engine)
        self.saves = Saves(self.values, self.instances)
        self._seconds = 0

    def whole(self) -> dict[str, Any]:
        """What `record` gives."""
        journal = self.journal
        begun = [self.saves.begun(*item) for item in journal.state_at(journal.first_step - 1).items()]
        begin = self._seconds = floor(journal.rows[0][TIME_AT]) if journal.rows else 0
        entries = [self._entry(journal.step(step)) for step, _ in journal.numbered_rows()]
        none = self.values.number(None)
        return {
            "name": plain(self.engine.name),
            "first": journal.first_step,
            "extent": plain(journal.extent),
            "recorded": bool(self.engine.config["journal"]) and not journal.missed,
            "seconds": begin,
            "roles": ROLES,
            "kinds": {kind: [style.symbol, style.word] for kind, style in STYLES.items()},
            "elements": dict(self._elements()),
            "units": list(self._units()),
            "cells": list(self._cells()),
            "begun": begun,
            "entries": entries,
            "waiting": [
                [d.step, plain(d.handler), plain(d.method)] for d in self.engine.world.waiting
            ][:MOST_WAITING],
            "redefined": redefined(journal),
            "answers": self.answers.rows,
            "shapes": self.shapes.rows,
            "parts": self.parts.rows,
            "instances": self.instances.rows,
            "values": self.values.rows,
            "none": none,
            "absent": self.saves.absent,
        }  # fmt: skip

    def _elements(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for element in elements(self.engine):
            is_aggregate = element.kind in STORED
            told: dict[str, Any] = {
                "kind": str(element.kind),
                "of": None if is_aggregate else plain(aggregate_of(self.engine, element.name)),
                "by": plain(element.schema.identity) if is_aggregate else None,
            }
            if element.kind is Kind.PROCESS_MANAGER:
                told["awaits"] = [plain(event) for event in awaited(element, ())]
            yield plain(element.name), told

    def _units(self) -> Iterator[int]:
        """How many steps each unit of work has."""
        step = self.journal.first_step
        while step <= self.journal.last_step:
            end = self.journal.batch_end(step)
            yield end + 1 - step
            step = end + 1

    def _cells(self) -> Iterator[list[Any]]:
        """Where a cell begins, as a place from 0, and its name."""
        before: tuple[Any] | None = None
        for place, row in enumerate(self.journal.rows):
            if before != (row[CELL_AT],):
                before = (row[CELL_AT],)
                yield [place, None if row[CELL_AT] is None else plain(row[CELL_AT])]

    # Entries

    def _entry(self, entry: Entry) -> list[Any]:
        shape, own = _OF_KIND[entry.kind](self, entry)
        now = floor(entry.time)
        since, self._seconds = now - self._seconds, now
        return [
            self.shapes.number({"kind": entry.kind} | shape),
            0 if entry.cause is None else entry.step - entry.cause,
            entry.step - entry.chain,
            since,
            self.parts.numbers(story_of(self.journal, entry.step)),
            *own,
        ]

    def _command(self, e: CommandEntry) -> tuple[Shape, list[Any]]:
        shape = {
            "type": plain(e.type),
            "names": [plain(name) for name in e.names],
            "handler": e.handler and plain(e.handler),
            "clause": clause(self.journal, e),
        }
        return shape | _outcome(e), [plain(e.stream), self.values.numbers(e.values)]

    def _event(self, e: EventEntry) -> tuple[Shape, list[Any]]:
        held = said_by(e)
        shape: Shape = {
            "type": plain(e.type),
            "names": [plain(name) for name in held],
            "category": plain(e.category),
            "aggregate": plain(e.aggregate),
            "sent": [[plain(handler), plain(method)] for handler, method in e.deliveries],
            "clause": clause(self.journal, e),
        }
        if e.source is not None:
            shape["source"] = plain(e.source)
        usual = e.stream == f"{e.category}-{e.aggregate_id}"
        number = self.instances.number((e.aggregate, e.aggregate_id))
        values = self.values.numbers(list(held.values()))
        return shape, [SAME if usual else plain(e.stream), values, number, e.position]

    def _handled(self, e: HandledEntry) -> tuple[Shape, list[Any]]:
        shape = {
            "handler": plain(e.handler),
            "method": plain(e.method),
            "delivered": plain(e.delivered_to),
            "event": plain(e.event),
            "attempt": e.attempt,
            "waits": e.waits,
            "clause": clause(self.journal, e),
        }
        return shape | _outcome(e), [_undone(e)] if e.undone else []

    def _called(self, e: CalledEntry) -> tuple[Shape, list[Any]]:
        shape = {
            "service": plain(e.service),
            "method": plain(e.method),
            "clause": clause(self.journal, e),
        }
        return shape | _outcome(e), []

    def _skipped(self, e: SkippedEntry) -> tuple[Shape, list[Any]]:
        shape = {
            "handler": plain(e.handler),
            "method": plain(e.method),
            "event": plain(e.event),
            "rule": e.rule,
            "wanted": plain(e.wanted),
            "found": plain(e.found),
            "reason": plain(reason(e)),
            "status": plain(why_skipped(e.rule, e.wanted, e.found)),
            "answer": self.answers.number(e),
        }
        return shape, []

    def _fault(self, e: FaultEntry) -> tuple[Shape, list[Any]]:
        shape: Shape = {
            "handler": plain(e.handler),
            "method": plain(e.method),
            "event": plain(e.event),
            "fault": e.fault,
            "reason": plain(injected(e)),
        }
        if e.fault == DROPPED:
            shape |= {"status": plain(why_skipped(e.fault, "", "")), "answer": self.answers.number(e)}
        return shape, []

    def _changed(self, e: ChangedEntry) -> tuple[Shape, list[Any]]:
        return self.saves.row(e)

    def _rejected(self, e: RejectedEntry) -> tuple[Shape, list[Any]]:
        registry = self.engine.registry
        element = registry.elements.get(e.element) or registry.retired.get(e.element)
        shape = {
            "element": plain(e.element),
            "as": str(element.kind) if element else None,
            "messages": [[plain(field), plain(text)[:LONGEST_ERROR]] for field, text in e.messages],
            "tried": [[plain(field), self.values.number(held)] for field, held in e.tried],
            "status": plain(why_failed("rejected", refusal(e.messages)))[:LONGEST_ERROR],
        }
        if e.rules:
            shape["by"] = plain(rules_told(e))
            shape["rules"] = [
                [plain(rule), plain(element), plain(text)[:LONGEST_ERROR], ", ".join(_seen(seen))]
                for rule, element, text, seen in e.rules
            ]
        return shape, []

    def _unhandled(self, e: UnhandledEntry) -> tuple[Shape, list[Any]]:
        return {"type": plain(e.type)}, [plain(e.stream)]

    def _defined(self, e: DefinedEntry) -> tuple[Shape, list[Any]]:
        return {"element": plain(e.element), "as": e.element_kind, "change": e.change}, []


def story_of(journal: Journal, step: int) -> Story:
    """The sentence about a step, also where it holds a value that cannot be told.

    Args:
        journal: of a world.
        step: a step; 0 for the time before the first.

    Returns:
        The sentence with its parts.

    Raises:
        IncorrectUsageError: when there is no such step yet.
    """
    try:
        return story(journal, step)
    except DddKitError:
        raise
    except Exception:  # noqa: BLE001 - one value that cannot be told must not hide the other steps
        return Story(((untold(journal.step(step)), ""),))


def _outcome(e: CommandEntry | HandledEntry | CalledEntry) -> Shape:
    error = e.error and plain(e.error)[:LONGEST_ERROR]
    return {"took": milliseconds(e.duration), "outcome": e.outcome, "error": error}


def _seen(seen: tuple[tuple[str, Any], ...]) -> Iterator[str]:
    """The values that a rule looked at, in words."""
    for name, held in seen:
        for row in rows_of(name, held, None):
            told = entity_text(row) if row.is_entity else brief(row.held)
            yield plain(f"{short_path(row.path)} {told}")[:LONGEST_ERROR]


def _undone(e: HandledEntry) -> list[str]:
    """What would have changed, had a handler not failed, in words."""
    lost = [
        ChangedEntry(e.step, CHANGED, None, e.chain, e.cell, e.time, aggregate, key, 0, names, before, after)
        for aggregate, key, names, before, after in e.undone[:MOST_EFFECTS]
    ]
    more = [f"… {len(e.undone) - len(lost):,} more"] if len(e.undone) > len(lost) else []
    return [*(plain(phrase(each)) for each in lost), *more]


_OF_KIND = cast(
    Mapping[str, Callable[[_Recorder, Any], tuple[Shape, list[Any]]]],
    {
        "command": _Recorder._command,
        "event": _Recorder._event,
        "handled": _Recorder._handled,
        "called": _Recorder._called,
        "skipped": _Recorder._skipped,
        "changed": _Recorder._changed,
        "rejected": _Recorder._rejected,
        "unhandled": _Recorder._unhandled,
        "fault": _Recorder._fault,
        "defined": _Recorder._defined,
    },
)
