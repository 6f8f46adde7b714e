"""The path of a step through the model: who did what, who was passed over, what failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ddd_kit.journal.entry import (
    CALLED,
    CAUSE_AT,
    CHAIN_AT,
    CHANGED,
    COMMAND,
    DEFINED,
    EVENT,
    FAULT,
    HANDLED,
    KIND_AT,
    OK,
    REJECTED,
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
    Row,
    SkippedEntry,
    UnhandledEntry,
    entry,
    place,
)
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.sentence import grouped, short_stream
from ddd_kit.views.mapping.tally import DROPPED, actors, refusal

Pair = tuple[str, str]

_TAKEN, _CHANGED, _REFUSER = place(COMMAND, "type"), place(CHANGED, "aggregate"), place(REJECTED, "element")
_RAISED, _RAISER = place(EVENT, "type"), place(EVENT, "aggregate")
_HANDLER, _HEARD = place(HANDLED, "handler"), place(HANDLED, "event")
_OUTCOME, _ERROR = place(HANDLED, "outcome"), place(HANDLED, "error")
_SERVICE = place(CALLED, "service")
_JUDGED = (SKIPPED, COMMAND, REJECTED, FAULT)


@dataclass(slots=True)
class Trail:
    """What to show of a step.

    Attributes:
        step: the step; one before the first that is kept, 0 as a rule, for the time before that.
        cell: where it comes from, as `In [6]`.
        about: the name of the element that its entry tells of.
        nodes: names of the elements on its path, in order.
        links: pairs of names, of which the first led to the second.
        skipped: by event and handler, why the handler did not run.
        failed: by event and handler, or command and handler, the error; an element that refused values
            stands for both.
    """

    step: int = 0
    cell: str | None = None
    about: str = ""
    nodes: dict[str, None] = field(default_factory=dict)
    links: dict[Pair, None] = field(default_factory=dict)
    skipped: dict[Pair, str] = field(default_factory=dict)
    failed: dict[Pair, str] = field(default_factory=dict)


def trail(journal: Journal, step: int | None = None) -> Trail:
    """The path of a step.

    Args:
        journal: of a world.
        step: the path that led to this step, with what else became of its chain by then; when None, the
            whole of the newest chain. 0 is the time before the first step.

    Returns:
        Names and reasons.

    Raises:
        IncorrectUsageError: when there is no such step.

    Example:
        >>> from ddd_kit import Domain
        >>> trail(Domain(name="Bookshop").journal).step
        0
    """
    selected = newest(journal) if step is None else step
    if selected in (0, journal.first_step - 1):
        return Trail(selected)
    chosen = journal.step(selected)
    found = Trail(selected, chosen.cell, about(chosen))
    end = journal.last_step if step is None else journal.batch_end(step)
    chain = dict(_chain(journal, chosen.chain, end))
    path = chain if step is None else _causes(chain, selected)
    for number, row in chain.items():
        if number in path:
            _follow(found, row, _actor(chain.get(row[CAUSE_AT] or 0)))
        if row[KIND_AT] == HANDLED:
            _take(found, row)
        elif row[KIND_AT] in _JUDGED:
            _judge(found, entry(number, row))
    return found


def about(e: Entry) -> str:
    """The element that an entry tells of: what changed, happened, ran, did not run or refused.

    Args:
        e: any entry.

    Returns:
        Its name.
    """
    if isinstance(e, HandledEntry | SkippedEntry | FaultEntry):
        return e.handler
    if isinstance(e, EventEntry | CommandEntry | UnhandledEntry):
        return e.type
    if isinstance(e, ChangedEntry):
        return e.aggregate
    if isinstance(e, CalledEntry):
        return e.service
    assert isinstance(e, RejectedEntry | DefinedEntry)
    return e.element


def newest(journal: Journal) -> int:
    """The newest step but definitions; 0 where there is none."""
    for back, row in enumerate(reversed(journal.rows)):
        if row[KIND_AT] != DEFINED:
            return journal.last_step - back
    return 0


def unrecorded_since(journal: Journal, step: int) -> bool:
    """Whether what came after a step is known only from what is stored.

    Args:
        journal: of a world.
        step: a step.

    Returns:
        False while everything is recorded.

    Example:
        >>> from ddd_kit import Domain
        >>> unrecorded_since(Domain(name="Bookshop").journal, 0)
        False
    """
    return journal.missed and step >= newest(journal)


def _chain(journal: Journal, chain: int, end: int) -> Iterator[tuple[int, Row]]:
    begin = max(chain, journal.first_step)
    offset = journal.first_step
    for number, row in enumerate(journal.rows[begin - offset : end + 1 - offset], begin):
        if row[CHAIN_AT] == chain:
            yield number, row


def _causes(chain: dict[int, Row], step: int) -> set[int]:
    """A step, what led to it, and what led to that."""
    path = set()
    link: int | None = step
    while link in chain:
        path.add(link)
        link = chain[link][CAUSE_AT]
    return path


def _actor(cause: Row | None) -> str:
    names = actors(cause) if cause is not None else ()
    return names[0] if names else ""


def _follow(found: Trail, row: Row, actor: str) -> None:
    """Put an entry's elements and links on the path."""
    kind = row[KIND_AT]
    if kind == COMMAND:
        _go(found, actor, row[_TAKEN])
    elif kind == EVENT:
        raiser = row[_RAISER]
        if "@" in raiser or "." in raiser:  # it comes from elsewhere
            raiser = f"\0context {raiser if '@' in raiser else raiser.partition('.')[0]}"
        else:
            _go(found, actor, raiser)
        _go(found, raiser, row[_RAISED])
    elif kind == HANDLED:
        _go(found, row[_HEARD], row[_HANDLER])
    elif kind == CHANGED:
        _go(found, actor, row[_CHANGED])
    elif kind == REJECTED:
        _go(found, "", row[_REFUSER])
    elif kind == CALLED:
        _go(found, actor, row[_SERVICE])


def _go(found: Trail, source: str, target: str) -> None:
    if source:
        found.nodes[source] = None
        found.links[source, target] = None
    found.nodes[target] = None


def _take(found: Trail, row: Row) -> None:
    """Note whether a handler took an event; what it did at its last attempt counts."""
    pair = row[_HEARD], row[_HANDLER]
    found.failed.pop(pair, None)
    if row[_OUTCOME] != OK:
        found.failed[pair] = why_failed(row[_OUTCOME], row[_ERROR])


def _judge(found: Trail, e: Entry) -> None:
    """Note what else did not go well."""
    if isinstance(e, SkippedEntry):
        found.skipped[e.event, e.handler] = why_skipped(e.rule, e.wanted, e.found)
    elif isinstance(e, FaultEntry) and e.fault == DROPPED:
        found.skipped[e.event, e.handler] = why_skipped(e.fault, "", "")
    elif isinstance(e, CommandEntry) and e.outcome != OK:
        found.failed[e.type, e.type] = why_failed(e.outcome, e.error)
    elif isinstance(e, RejectedEntry):
        found.failed[e.element, e.element] = why_failed("rejected", refusal(e.messages))


def why_skipped(rule: str, wanted: str, found: str) -> str:
    """Why a handler did not run, in as few words as a node has room for.

    Args:
        rule: what kept it out, as in the journal; or the fault that dropped it.
        wanted: the value that the rule asks for.
        found: the values that the event has.

    Returns:
        A clause.

    Example:
        >>> why_skipped("source_stream", "shop::manage_order", "plain code")
        'skipped: came from plain code, not from manage_order'
    """
    wanted, found = short_stream(wanted), ", ".join(map(short_stream, found.split(", ")))
    return "skipped: " + {
        "stream_category": f"the event is on {found}, not on {wanted}",
        "source_stream": f"came from {found}, not from {wanted}",
        "retired": f"{wanted} is not defined any more",
        "max_chain_length": f"the chain is longer than {grouped(wanted)} deliveries",
        "not_started": f"no process of {found} has begun",
        "complete": f"the process of {found} is complete",
        "uncorrelated": f"its {wanted} is None",
        DROPPED: "dropped by a fault that was injected",
    }.get(rule, rule)


def why_failed(outcome: str, error: str | None) -> str:
    """What went wrong, as a node has it.

    Args:
        outcome: as in the journal.
        error: what was raised, if anything.

    Returns:
        A clause.

    Example:
        >>> why_failed("failed", "ValueError: no stock")
        'failed: ValueError: no stock'
    """
    return f"{outcome}: {error}" if error else outcome
