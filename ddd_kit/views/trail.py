"""The path of a step through the model: who did what, who was passed over, what failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ddd_kit.journal.entry import (
    CHAIN_AT,
    DEFINED,
    KIND_AT,
    ChangedEntry,
    CommandEntry,
    Entry,
    EventEntry,
    HandledEntry,
    RejectedEntry,
    SkippedEntry,
    entry,
)
from ddd_kit.journal.journal import Journal
from ddd_kit.journal.sentence import short_stream

Pair = tuple[str, str]


@dataclass(slots=True)
class Trail:
    """What to show of a step.

    Attributes:
        step: the step; 0 before the first.
        cell: where it comes from, as `In [6]`.
        nodes: names of the elements on its path, in order.
        links: pairs of names, of which the first led to the second.
        skipped: by event and handler, why the handler did not run.
        failed: by event and handler, or command and handler, the error; an element that refused values
            stands for both.
    """

    step: int = 0
    cell: str | None = None
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
    selected = _newest(journal) if step is None else step
    if not selected:
        return Trail()
    chosen = journal.step(selected)
    found = Trail(selected, chosen.cell)
    end = journal.last_step if step is None else journal.batch_end(step)
    chain = {e.step: e for e in _chain(journal, chosen.chain, end)}
    path = chain if step is None else {e.step: e for e in _causes(chain, chosen)}
    for number, e in chain.items():
        if number in path:
            _follow(found, e, chain.get(e.cause or 0))
        _judge(found, e)
    return found


def _newest(journal: Journal) -> int:
    """The newest step but definitions; 0 where there is none."""
    for back, row in enumerate(reversed(journal.rows)):
        if row[KIND_AT] != DEFINED:
            return journal.last_step - back
    return 0


def _chain(journal: Journal, chain: int, end: int) -> Iterator[Entry]:
    begin = max(chain, journal.first_step)
    offset = journal.first_step
    for number, row in enumerate(journal.rows[begin - offset : end + 1 - offset], begin):
        if row[CHAIN_AT] == chain:
            yield entry(number, row)


def _causes(chain: dict[int, Entry], chosen: Entry) -> Iterator[Entry]:
    link: Entry | None = chosen
    while link is not None:
        yield link
        link = chain.get(link.cause or 0)


def _actor(cause: Entry | None) -> str:
    if isinstance(cause, HandledEntry):
        return cause.handler
    return cause.type if isinstance(cause, CommandEntry) else ""


def _follow(found: Trail, e: Entry, cause: Entry | None) -> None:
    """Put an entry's elements and links on the path."""
    if isinstance(e, CommandEntry):
        _go(found, _actor(cause), e.type)
    elif isinstance(e, EventEntry):
        _go(found, _actor(cause), e.aggregate)
        _go(found, e.aggregate, e.type)
    elif isinstance(e, HandledEntry):
        _go(found, e.event, e.handler)
    elif isinstance(e, ChangedEntry):
        _go(found, _actor(cause), e.aggregate)
    elif isinstance(e, RejectedEntry):
        _go(found, "", e.element)


def _go(found: Trail, source: str, target: str) -> None:
    if source:
        found.nodes[source] = None
        found.links[source, target] = None
    found.nodes[target] = None


def _judge(found: Trail, e: Entry) -> None:
    """Note what did not go well."""
    if isinstance(e, SkippedEntry):
        found.skipped[e.event, e.handler] = why_skipped(e.rule, e.wanted, e.found)
    elif isinstance(e, HandledEntry):
        found.failed.pop((e.event, e.handler), None)
        if e.outcome != "ok":
            found.failed[e.event, e.handler] = why_failed(e.outcome, e.error)
    elif isinstance(e, CommandEntry) and e.outcome != "ok":
        found.failed[e.type, e.type] = why_failed(e.outcome, e.error)
    elif isinstance(e, RejectedEntry):
        told = "; ".join(text if field == "_entity" else f"{field}: {text}" for field, text in e.messages)
        found.failed[e.element, e.element] = f"rejected: {told}"


def why_skipped(rule: str, wanted: str, found: str) -> str:
    """Why a handler did not run, in as few words as a node has room for.

    Args:
        rule: what kept it out, as in the journal.
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
        "max_chain_length": f"the chain is longer than {wanted} deliveries",
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
