"""The parts of a sentence about an entry: who made it happen, what was done, who was passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from ddd_kit.journal.entry import (
    CAUSE_AT,
    CHANGED,
    COMMAND,
    EVENT,
    KIND_AT,
    SKIPPED,
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
    place,
)
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.process_mark import PROCESS_MANAGER, completed, is_process, unmarked
from ddd_kit.journal.sentence import (
    arrival,
    brief,
    context_in,
    details,
    held_fields,
    injected,
    reason,
    rules_named,
    said_by,
    short_id,
    short_path,
)

Part = tuple[str, str]
FIELDS = 2
LONGEST_ERROR = 100
_HANDLER = place(SKIPPED, "handler")


def parts_of(journal: Journal, entry: Entry) -> list[Part]:
    """What an entry says, without a full stop.

    Args:
        journal: where it is.
        entry: any entry.

    Returns:
        Texts in order, each with its role, as in `Story`.
    """
    return [part for part in _TELLERS[entry.kind](journal, entry) if part[0]]


def counted(number: int, word: str) -> str:
    """A number with its word.

    Args:
        number: 0 or more.
        word: for one.

    Returns:
        As `1 handler`, `2 handlers`.

    Example:
        >>> counted(1, "handler"), counted(2000, "handler")
        ('1 handler', '2,000 handlers')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"


# Who made it happen


def _kept(journal: Journal, step: int | None) -> Entry | None:
    return None if step is None or step < journal.first_step else journal.step(step)


def _actor(journal: Journal, entry: Entry) -> list[Part]:
    """The message and the handler that an entry comes from, up to `made ManageInventory`; or nothing."""
    cause = _kept(journal, entry.cause)
    if isinstance(cause, HandledEntry):
        return [*_heard(journal, cause), (" made ", ""), (cause.handler, "event handler")]
    if isinstance(cause, CommandEntry):
        return [*_opening(journal, cause), (" made ", ""), _taker(cause)]
    if isinstance(cause, CalledEntry):
        return [(f"{cause.method}()", ""), (" made ", ""), (cause.service, "application service")]
    return []


def _taker(entry: CommandEntry) -> Part:
    return (entry.handler or "nobody").split(".", maxsplit=1)[0], "command handler"


def _heard(journal: Journal, entry: HandledEntry) -> list[Part]:
    """The event that a handler ran for."""
    event = _kept(journal, entry.cause)
    return _opening(journal, event) if isinstance(event, EventEntry) else [(entry.event, "event")]


def _opening(journal: Journal, message: EventEntry | CommandEntry) -> list[Part]:
    """A message, after the one that its chain began with."""
    own = _named(message)
    root = _kept(journal, message.chain)
    if not isinstance(root, EventEntry | CommandEntry) or root.step == message.step:
        return own
    between = _between(journal, message.step, root.step)
    through = f", through {counted(between, 'more message')}," if between else ""
    return [*_named(root), (f" led{through} to ", ""), *own, (", which", "")]


def _named(message: EventEntry | CommandEntry) -> list[Part]:
    return [(message.type, message.kind), (details(_said(message)), "")]


def _said(message: EventEntry | CommandEntry) -> Mapping[str, Any]:
    return said_by(message) if isinstance(message, EventEntry) else message.held


def _between(journal: Journal, step: int, root: int) -> int:
    """How many messages lie between two of a chain."""
    rows, first, count = journal.rows, journal.first_step, 0
    link = rows[step - first][CAUSE_AT]
    while link is not None and link > root:
        count += rows[link - first][KIND_AT] in (COMMAND, EVENT)
        link = rows[link - first][CAUSE_AT]
    return count


# What happened


def _changed(journal: Journal, entry: ChangedEntry) -> list[Part]:
    actor = _actor(journal, entry)
    subject: Part = (f"{entry.aggregate} {short_id(entry.id)}", "aggregate")
    kind = PROCESS_MANAGER if is_process(journal, entry) else "aggregate"
    acts, was, rest = _deed(unmarked(entry, kind))
    if completed(entry, kind):
        rest = [*rest, ("; with that the process is complete", "")]
    return [*actor, (f" {acts} ", ""), subject, *rest] if actor else [subject, (f" {was}", ""), *rest]


def _deed(entry: ChangedEntry) -> tuple[str, str, list[Part]]:
    """What was done to an aggregate: as somebody does it, as it was done, and the fields."""
    if entry.change == "removed":
        return "remove", "was removed", []
    if entry.change == "created":
        told = [[(f"{field} ", ""), (brief(new), "new")] for field, new in held_fields(entry).items()]
        return "add", "was added", [(" with ", ""), *_first(told)] if told else []
    changes = entry.changes.items()
    if not changes:
        return "save", "was saved", [(", with no field changed", "")]
    if any(arrival(*both) for _, both in changes):
        told = [_difference(field, *both) for field, both in changes]
        return "change", "changed", [(": ", ""), *_first(told)]
    told = [
        [(f"{short_path(field)} ", ""), (brief(old), "old"), (" to ", ""), (brief(new), "new")]
        for field, (old, new) in changes
    ]
    return "take", "went", [(" from ", ""), *_first(told)]


def _difference(field: str, old: Any, new: Any) -> list[Part]:
    """A change beside which entities come and go."""
    came, path = arrival(old, new), short_path(field)
    if came:
        return [(f"{path} ", ""), (came, "new")]
    return [(f"{path} ", ""), (brief(old), "old"), (" → ", ""), (brief(new), "new")]


def _first(told: list[list[Part]]) -> Iterator[Part]:
    """The first ones with commas, and how many more there are."""
    more = len(told) - FIELDS
    for number, parts in enumerate(told[:FIELDS]):
        if number:
            yield (", " if more > 0 else " and "), ""
        yield from parts
    if more > 0:
        yield f", and {counted(more, 'more field')}", ""


def _event(journal: Journal, entry: EventEntry) -> list[Part]:
    actor = _actor(journal, entry)
    raiser: Part = (f"{entry.aggregate} {short_id(entry.aggregate_id)}", "aggregate")
    if entry.source is not None:
        sent: list[Part] = [(entry.source, "element"), (" sent ", ""), *_named(entry)]
        return [*actor, *([(": ", "")] if actor else []), *sent, *_hearers(journal, entry)]
    if actor:
        return [*actor, (" let ", ""), raiser, (" raise ", ""), *_named(entry), *_hearers(journal, entry)]
    return [raiser, (" raised ", ""), *_named(entry), *_hearers(journal, entry)]


def _hearers(journal: Journal, entry: EventEntry) -> list[Part]:
    """Where an event goes."""
    handlers: list[Part] = [
        (f"the {name}", "other context") if context_in(name) else (name, "event handler")
        for name in dict(entry.deliveries)
    ]
    if not handlers:
        return [] if passed_over(journal, entry.step, entry.step) else [("; nobody listens to it", "")]
    if len(handlers) > FIELDS:
        return [(f"; it goes to {len(handlers):,} handlers", "")]
    joined = [part for handler in handlers for part in ((" and ", ""), handler)]
    return [("; it goes to ", ""), *joined[1:]]


def _command(journal: Journal, entry: CommandEntry) -> list[Part]:
    actor = _actor(journal, entry)
    subject = [*actor, (" give ", ""), *_named(entry), (", which", "")] if actor else _named(entry)
    if entry.handler is None:
        return [*subject, (" nobody takes", "")] if actor else [("Nobody takes ", ""), *subject]
    method = entry.handler.split(".", maxsplit=1)[-1]
    return [*subject, (" made ", ""), _taker(entry), (f" run {method}{_outcome(journal, entry)}", "")]


def _handled(journal: Journal, entry: HandledEntry) -> list[Part]:
    again = f" again, attempt {entry.attempt:,}" if entry.attempt > 1 else ""
    after = f" after {entry.delivered_to} had failed" if entry.method != entry.delivered_to else ""
    if context := context_in(entry.handler):
        failed = "" if entry.outcome == "ok" else _outcome(journal, entry)
        handed: list[Part] = [(" was handed over to the domain ", ""), (context, "other context")]
        return [*_heard(journal, entry), *handed, (f"{again}{failed}", "")]
    run = f" run {entry.method}{again}{after}{_outcome(journal, entry)}"
    return [*_heard(journal, entry), (" made ", ""), (entry.handler, "event handler"), (run, "")]


def _called(journal: Journal, entry: CalledEntry) -> list[Part]:
    run = f" ran {entry.method}{_outcome(journal, entry)}"
    return [*_within(journal, entry), (entry.service, "application service"), (run, "")]


def _within(journal: Journal, entry: CalledEntry) -> list[Part]:
    actor = _actor(journal, entry)
    return [*actor, (" use a service: ", "")] if actor else []


def _outcome(journal: Journal, entry: CommandEntry | HandledEntry | CalledEntry) -> str:
    ending = {
        "ok": "",
        "retried": "failed and is tried again",
        "undone": "went well, but what it was part of failed: nothing of it is saved",
        "interrupted": "was interrupted: nothing of it is saved",
    }.get(entry.outcome, "failed, and nothing of it is saved")
    if not ending:
        return f", which {_effects(journal, entry.step)}"
    error = f": {_short(entry.error)}" if entry.error and entry.outcome in ("failed", "retried") else ""
    return f", which {ending}{error}"


def _effects(journal: Journal, step: int) -> str:
    """What a handler did itself, counted."""
    rows, first = journal.rows, journal.first_step
    kinds = [
        row[KIND_AT]
        for row in rows[step + 1 - first : journal.batch_end(step) + 1 - first]
        if row[CAUSE_AT] == step
    ]
    told = [f"{verb} {counted(kinds.count(kind), word)}" for kind, verb, word in _EFFECTS if kind in kinds]
    return " and ".join(filter(None, [", ".join(told[:-1]), told[-1]])) if told else "changed nothing"


_EFFECTS = ((CHANGED, "saved", "aggregate"), (EVENT, "raised", "event"), (COMMAND, "gave", "command"))


def _skipped(journal: Journal, entry: SkippedEntry) -> list[Part]:
    head: list[Part] = [(entry.handler, "event handler"), (f" did not run {entry.method} for ", "")]
    if context := context_in(entry.handler):
        head = [("The domain ", ""), (context, "other context"), (" did not get ", "")]
    return [*head, *_heard_of(journal, entry), (f": {reason(entry)}", "")]


def _unhandled(journal: Journal, entry: UnhandledEntry) -> list[Part]:
    return [("Nobody listens to ", ""), *_heard_of(journal, entry)]


def _fault(journal: Journal, entry: FaultEntry) -> list[Part]:
    target: list[Part] = [(" on its way to ", ""), (entry.handler, "event handler"), (f".{entry.method}", "")]
    if context := context_in(entry.handler):
        target = [(" on its way to the domain ", ""), (context, "other context")]
    return [*_heard_of(journal, entry), *target, (f" was {injected(entry)}", "")]


def _heard_of(journal: Journal, entry: SkippedEntry | UnhandledEntry | FaultEntry) -> list[Part]:
    event = _kept(journal, entry.cause)
    if isinstance(event, EventEntry):
        return _named(event)
    return [(entry.type if isinstance(entry, UnhandledEntry) else entry.event, "event")]


def _rejected(journal: Journal, entry: RejectedEntry) -> list[Part]:
    (field, text), *others = entry.messages or (("_entity", "no reason was given"),)
    tried = dict(entry.tried)
    given: list[Part] = [(f" with {field} ", ""), (brief(tried[field]), "old")] if field in tried else []
    if not given and field != "_entity":
        text = f"{field} {text}" if text[:1].islower() else f"{field}: {text}"
    more = f", and {counted(len(others), 'more message')}" if others else ""
    actor = _actor(journal, entry)
    attempt = [*actor, (" try ", ""), (entry.element, "element"), *given, (", which", "")]
    subject = attempt if actor else [(entry.element, "element"), *given]
    by = f" by {rules_named(entry)}" if entry.rules else ""
    return [*subject, (f" was rejected{by}: {_short(text)}{more}", "")]


def _defined(journal: Journal, entry: DefinedEntry) -> list[Part]:  # noqa: ARG001 - as the others
    deed = {
        "registered": "was defined",
        "replaced": "was defined again",
        "retired": "was retired: no cell defines it any more",
        "forgotten": "was forgotten",
        "rebuilt": "was emptied, to be rebuilt from the events",
    }[entry.change]
    return [(f"the {entry.element_kind} ", ""), (entry.element, entry.element_kind), (f" {deed}", "")]


def _short(text: str | None) -> str:
    words = " ".join((text or "").split())
    return words if len(words) <= LONGEST_ERROR else words[: LONGEST_ERROR - 1] + "…"


# Who was passed over


def event_of(journal: Journal, entry: Entry) -> int | None:
    """The step of the event that an entry is about, if it is kept.

    Args:
        journal: where the entry is.
        entry: any entry.

    Returns:
        A step, or None for what no event led to.
    """
    if isinstance(entry, EventEntry):
        return entry.step
    cause = _kept(journal, entry.cause)
    if isinstance(entry, HandledEntry | SkippedEntry | UnhandledEntry | FaultEntry):
        return None if cause is None else cause.step
    return cause.cause if isinstance(cause, HandledEntry) and _kept(journal, cause.cause) else None


def passed_over(journal: Journal, event: int, step: int) -> set[str]:
    """The handlers that an event had passed over by the end of a unit of work.

    Args:
        journal: where the event is.
        event: its step, which has to be kept.
        step: a step of that unit of work.

    Returns:
        Names.
    """
    first = journal.first_step
    rows = journal.rows[event + 1 - first : journal.batch_end(step) + 1 - first]
    return {row[_HANDLER] for row in rows if row[CAUSE_AT] == event and row[KIND_AT] == SKIPPED}


_TELLERS = cast(
    Mapping[str, Callable[[Journal, Any], list[Part]]],
    {
        "command": _command,
        "event": _event,
        "handled": _handled,
        "skipped": _skipped,
        "changed": _changed,
        "rejected": _rejected,
        "unhandled": _unhandled,
        "defined": _defined,
        "fault": _fault,
        "called": _called,
    },
)
