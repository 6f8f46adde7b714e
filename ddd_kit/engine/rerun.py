"""The same run once more, with the code of today: what came from outside happens again, the rest follows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.aggregate import NEVER_SAVED, restore
from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.message import Message
from ddd_kit.engine.identities import Identities
from ddd_kit.engine.store import current
from ddd_kit.engine.unit_of_work import UnitOfWork
from ddd_kit.exceptions import IncorrectUsageError
from ddd_kit.journal.entry import (
    CAUSE_AT,
    CELL_AT,
    CHAIN_AT,
    CHANGED,
    COMMAND,
    EVENT,
    KIND_AT,
    RETRIED,
    ChangedEntry,
    CommandEntry,
    Entry,
    EventEntry,
    HandledEntry,
    Row,
    entry,
    place,
)
from ddd_kit.journal.origin import origin

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.repository import Repository
    from ddd_kit.journal.journal import Journal

_MESSAGE_ID = place(COMMAND, "message_id")
_ID, _BEFORE = place(CHANGED, "id"), place(CHANGED, "before")
_TYPE = place(EVENT, "type")
_MADE = (CommandEntry, EventEntry)
Messages = dict[int, Any]
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Repeated(Identities):
    """Gives the identities of an earlier run in their order, and new ones when there are no more.

    Args:
        further: where new ones come from.

    Attributes:
        recorded: what is going to be given next.
    """

    __slots__ = ("_further", "recorded")

    def __init__(self, further: Identities) -> None:
        super().__init__()
        self._further = further
        self.recorded: list[str] = []

    def next(self) -> str:
        """The next one."""
        return self.recorded.pop(0) if self.recorded else self._further.next()


def rerun(original: Engine, fork: Engine) -> None:
    """Let a fork do what its domain did after the step at which they part.

    Commands are processed again. What plain code saved is saved again as it was recorded, with the events
    that it raised, since the code itself is not known. Deliveries are made by today's handlers in the order
    in which they were made then; those of new handlers as soon as nothing waited then. What failed then and
    now does not end it.

    Args:
        original: the domain.
        fork: a fork of it.

    Raises:
        IncorrectUsageError: when a message or an aggregate of the run does not fit the classes of today.
    """
    journal, since = original.journal, fork.journal.last_step
    fork.world.identities = again = Repeated(fork.world.identities)
    made = _identities(journal, since)
    mode, fork.config["event_processing"] = fork.config["event_processing"], "async"
    waiting = len(fork.waiting)
    for rows in _batches(journal, since):
        first = rows[0][1]
        if not waiting:
            _make_the_rest(fork, mode)
        again.recorded = made.get(first[CHAIN_AT], [])
        entries = [entry(step, row) for step, row in rows]
        messages = _messages(fork, entries)
        with origin(first[CELL_AT] or "replay"), suppress(Exception):  # which the journal has, as before
            _again(original, fork, entries, messages)
        waiting += sum(map(_more_waiting, entries))
    if not original.waiting:
        _make_the_rest(fork, mode)
    fork.config["event_processing"] = mode
    again.recorded = []


def _more_waiting(recorded: Entry) -> int:
    """How many deliveries more waited after an entry."""
    if isinstance(recorded, EventEntry):
        return len(recorded.deliveries)
    return -1 if isinstance(recorded, HandledEntry) and not recorded.waits else 0


def _make_the_rest(fork: Engine, mode: str) -> None:
    with suppress(Exception):  # which the journal has
        fork.deliver_all()
    if mode == "sync":  # where what fails does not wait
        fork.world.waiting.clear()


def _batches(journal: Journal, since: int) -> Iterator[list[tuple[int, Row]]]:
    """What was written together, after a step."""
    step = max(since + 1, journal.first_step)
    while step <= journal.last_step:
        end = journal.batch_end(step)
        first = journal.first_step
        yield [(number, journal.rows[number - first]) for number in range(step, end + 1)]
        step = end + 1


def _identities(journal: Journal, since: int) -> dict[int, list[str]]:
    """Those that were made, by the chain of causes in which they were."""
    made: dict[int, list[str]] = {}
    for row in journal.rows[max(0, since + 1 - journal.first_step) :]:
        kind = row[KIND_AT]
        if kind == COMMAND:
            made.setdefault(row[CHAIN_AT], []).append(row[_MESSAGE_ID])
        elif kind == CHANGED and row[CAUSE_AT] is not None and row[_BEFORE] is None and _is_made(row[_ID]):
            made.setdefault(row[CHAIN_AT], []).append(row[_ID])
    return made


def _is_made(identity: Any) -> bool:
    """Whether it looks like one that the kit made, and nobody chose."""
    return isinstance(identity, str) and _UUID.fullmatch(identity) is not None


def _messages(fork: Engine, entries: Iterable[Entry]) -> Messages:
    """What came from outside, as objects of today's classes, by step."""
    return {
        each.step: _message(fork, each) for each in entries if each.cause is None and isinstance(each, _MADE)
    }


def _again(original: Engine, fork: Engine, entries: Sequence[Entry], messages: Messages) -> None:
    """One unit of work, if it came from outside; a delivery, if it was held."""
    first = entries[0]
    if isinstance(first, HandledEntry):
        if first.outcome != RETRIED and first.method == first.delivered_to:
            _deliver(original, fork, first)
        return
    commands = [each for each in entries if isinstance(each, CommandEntry) and each.cause is None]
    plain = [each for each in entries if isinstance(each, ChangedEntry | EventEntry) and each.cause is None]
    if len(commands) == 1 and not plain:
        fork.process(messages[commands[0].step])
    elif commands or plain:
        with fork.domain_context(), UnitOfWork(fork):
            for step in _in_order(entries, [command.step for command in commands]):
                done = entries[step - first.step]
                if isinstance(done, ChangedEntry):
                    _save(fork, done, plain, messages)
                else:
                    fork.process(messages[step])


def _in_order(entries: Sequence[Entry], commands: list[int]) -> list[int]:
    """The steps of what was done from outside in one unit: commands come before what they changed first."""
    order = []
    for each in entries:
        if isinstance(each, ChangedEntry):
            done = each.step if each.cause is None else each.cause
            if done not in order and (each.cause is None or done in commands):
                order.append(done)
    return [step for step in commands if step not in order] + order


def _deliver(original: Engine, fork: Engine, made: HandledEntry) -> None:
    """The delivery of the same event, counted among those of its type, to the same method."""
    names, cause = (made.handler, made.delivered_to, made.event), made.cause
    place_there = _place(original, made.event, cause)
    fitting = [number for number, waiting in enumerate(fork.waiting) if waiting.names == names]
    exact = [n for n in fitting if _place(fork, made.event, fork.waiting[n].step) == place_there]
    for number in (exact or fitting)[:1]:
        delivery = fork.waiting[number]
        try:
            fork.deliver(number)
        finally:
            if not made.waits and delivery in fork.world.waiting:
                fork.world.waiting.remove(delivery)


def _place(engine: Engine, event: str, step: int | None) -> int:
    """How many events of a type there are up to a step."""
    return sum(row[_TYPE] == event for at, row in engine.world.events.rows if step is None or at <= step)


def _save(fork: Engine, saved: ChangedEntry, plain: Iterable[Entry], messages: Messages) -> None:
    """What plain code saved, with its events."""
    aggregate = _as_saved(fork, saved)
    for each in plain:
        if isinstance(each, EventEntry) and (each.aggregate, each.aggregate_id) == (
            saved.aggregate,
            saved.id,
        ):
            aggregate.raise_(messages[each.step])
    repository: Repository[Any] = fork.repository_for(saved.aggregate)
    (repository.remove if saved.after is None else repository.add)(aggregate)


def _as_saved(fork: Engine, saved: ChangedEntry) -> Any:
    """The object that plain code saved; only what it changed is set on what the fork has."""
    repository: Repository[Any] = fork.repository_for(saved.aggregate)
    aggregate: Any = None if saved.before is None else repository.get_or_none(saved.id)
    if aggregate is None:
        element = fork.registry.find(saved.aggregate, Kind.AGGREGATE)
        schema = element.schema
        values = saved.after if saved.after is not None else saved.before
        row = (0, saved.names, values)
        return restore(element.cls, current(schema, saved.id, row), NEVER_SAVED)  # type: ignore[arg-type]
    for field, (_, after) in saved.changes.items() if saved.after is not None else ():
        if field in aggregate._schema.fields:
            setattr(aggregate, field, after)
    return aggregate


def _message(fork: Engine, recorded: CommandEntry | EventEntry) -> Any:
    """A message as it was, of today's class."""
    element = fork.registry.elements.get(recorded.type)
    if element is None:
        raise IncorrectUsageError(
            f"replay: step {recorded.step:,} needs {recorded.type}, which is not part of {fork.name} any "
            "more. Run its cell again."
        )
    cls: Callable[..., Message] = element.cls
    known = {name: value for name, value in recorded.payload.items() if name in element.schema.fields}
    try:
        return cls(**known)
    except Exception as error:
        raise IncorrectUsageError(
            f"replay: {recorded.type} of step {recorded.step:,} does not fit the class of today: {error}"
        ) from error
