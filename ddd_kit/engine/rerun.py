"""The same run once more, with the code of today: what came from outside happens again, the rest follows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ddd_kit.building_blocks.aggregate import NEVER_SAVED, restore
from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.message import Message
from ddd_kit.engine.dispatcher import deliver
from ddd_kit.engine.fault import DROP, TWICE
from ddd_kit.engine.identities import Identities
from ddd_kit.engine.incoming import receive
from ddd_kit.engine.rebuilding import go_on
from ddd_kit.engine.registry import STORED
from ddd_kit.engine.replay import NOT_MADE
from ddd_kit.engine.store import current
from ddd_kit.engine.unit_of_work import UnitOfWork
from ddd_kit.exceptions import ConfigurationError, IncorrectUsageError
from ddd_kit.journal.entry import (
    CAUSE_AT,
    CHAIN_AT,
    CHANGED,
    COMMAND,
    EVENT,
    HANDLED,
    INTERRUPTED,
    KIND_AT,
    REBUILT,
    RETRIED,
    ChangedEntry,
    CommandEntry,
    DefinedEntry,
    Entry,
    EventEntry,
    FaultEntry,
    HandledEntry,
    SkippedEntry,
    entry,
    is_heard_again,
    place,
)
from ddd_kit.journal.origin import origin

if TYPE_CHECKING:
    from ddd_kit.engine.engine import Engine
    from ddd_kit.engine.repository import Repository
    from ddd_kit.journal.journal import Journal

_MESSAGE_ID = place(COMMAND, "message_id")
_AGGREGATE, _ID, _BEFORE = place(CHANGED, "aggregate"), place(CHANGED, "id"), place(CHANGED, "before")
_TYPE, _UNDONE = place(EVENT, "type"), place(HANDLED, "undone")
_MADE = (CommandEntry, EventEntry)
Messages = dict[int, Any]
# The number of the first attempt since the run is repeated, by the step of the event, handler and method.
Tried = dict[tuple[int | None, str, str], int]


class _MisfitError(Exception):
    """Something of the run has no place in the model of today."""


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Made(NamedTuple):
    """The identities that were made in a chain: the journal does not tell how both sorts took turns."""

    commands: list[str]
    aggregates: list[str]


class Repeated(Identities):
    """Gives the identities of an earlier run in their order, and new ones when there are no more.

    Args:
        further: where new ones come from.
        made: those of the earlier run, by the chain of causes in which they were made.
    """

    __slots__ = ("_further", "_made", "_recorded")

    def __init__(self, further: Identities, made: Mapping[int, Made]) -> None:
        super().__init__()
        self._further = further
        self._made = made
        self._recorded = Made([], [])

    def go_on(self, chain: int) -> None:
        """Give those of a chain from now on, as far as they were not given."""
        self._recorded = self._made.get(chain) or Made([], [])

    def next(self) -> str:
        """The next one."""
        aggregates = self._recorded.aggregates
        return aggregates.pop(0) if aggregates else self._further.next()

    def for_command(self) -> str:
        """The next one of a command."""
        commands = self._recorded.commands
        return commands.pop(0) if commands else self._further.next()


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
    further = fork.world.identities
    fork.world.identities = again = Repeated(further, _identities(original, since))
    mode, fork.config["event_processing"] = fork.config["event_processing"], "async"
    breakpoints, fork.faults.breakpoints = fork.faults.breakpoints, ()
    waiting = len(fork.waiting)
    tried: Tried = {}
    for entries, then in pairwise(chain(_batches(journal, since), ([],))):
        first = entries[0]
        if not waiting:
            _make_the_rest(fork, mode)
        again.go_on(first.chain)
        if _rebuilds(fork, first, since):
            continue
        try:
            messages = _messages(fork, entries)
            with origin(first.cell or "replay"):
                _again(original, fork, entries, (messages, tried), then)
        except _MisfitError as misfit:
            raise IncorrectUsageError(str(misfit)) from misfit.__cause__
        except Exception:  # noqa: BLE001, S110 - the journal has it, as before
            pass
        waiting += sum(map(_more_waiting, entries))
    if not original.waiting:
        _make_the_rest(fork, mode)
    fork.config["event_processing"] = mode
    fork.faults.breakpoints = breakpoints
    fork.world.identities = further


def _more_waiting(recorded: Entry) -> int:
    """How many deliveries more waited after an entry."""
    if isinstance(recorded, EventEntry):
        return len(recorded.deliveries)
    if isinstance(recorded, FaultEntry):
        return {TWICE: 1, DROP: -1}.get(recorded.fault, 0)
    made = isinstance(recorded, HandledEntry) and not recorded.waits
    return -1 if made or (isinstance(recorded, SkippedEntry) and recorded.rule in NOT_MADE) else 0


def _rebuilds(fork: Engine, first: Entry, since: int) -> bool:
    """Whether an entry is of a projection that was rebuilt, which is done again where it began."""
    if isinstance(first, DefinedEntry) and first.change == REBUILT:
        with origin(first.cell or "replay"), suppress(Exception):
            fork.rebuild_projection(first.element)
        return True
    if not is_heard_again(first):
        return False
    if (
        isinstance(first, HandledEntry)
        and first.outcome not in (RETRIED, INTERRUPTED)
        and first.chain <= since
    ):
        with origin(first.cell or "replay"):
            go_on(fork, first)
    return True


def _make_the_rest(fork: Engine, mode: str) -> None:
    fork.config["event_processing"] = mode  # in sync mode, what fails does not wait
    with suppress(Exception):  # which the journal has
        fork.deliver_all()
    fork.config["event_processing"] = "async"


def _batches(journal: Journal, since: int) -> Iterator[list[Entry]]:
    """What was written together, after a step."""
    step = max(since + 1, journal.first_step)
    while step <= journal.last_step:
        end = journal.batch_end(step)
        first = journal.first_step
        yield [entry(number, journal.rows[number - first]) for number in range(step, end + 1)]
        step = end + 1


def _identities(original: Engine, since: int) -> Mapping[int, Made]:
    """Those that were made, by the chain of causes in which they were; also in attempts that failed."""
    made: defaultdict[int, Made] = defaultdict(lambda: Made([], []))
    journal, known = original.journal, original.registry
    derived = [e.name for e in known.of_kind(Kind.PROJECTION, Kind.PROCESS_MANAGER)]
    for row in journal.rows[max(0, since + 1 - journal.first_step) :]:
        kind, of = row[KIND_AT], row[CHAIN_AT]
        if kind == COMMAND:
            made[of].commands.append(row[_MESSAGE_ID])
        elif kind == CHANGED and row[_AGGREGATE] in derived:
            continue  # it has the identity of an aggregate
        elif kind == CHANGED and row[CAUSE_AT] is not None and row[_BEFORE] is None and _is_made(row[_ID]):
            made[of].aggregates.append(row[_ID])
        elif kind == HANDLED and row[_UNDONE]:
            new = [(name, key) for name, key, _, before, _ in row[_UNDONE] if before is None]
            made[of].aggregates.extend(key for name, key in new if name not in derived and _is_made(key))
    return made


def _is_made(identity: Any) -> bool:
    """Whether it looks like one that the kit made, and nobody chose."""
    return isinstance(identity, str) and _UUID.fullmatch(identity) is not None


def _messages(fork: Engine, entries: Iterable[Entry]) -> Messages:
    """What came from outside, as objects of today's classes, by step."""
    return {
        each.step: _message(fork, each)
        for each in entries
        if each.cause is None and isinstance(each, _MADE) and not _came_in(each)
    }


def _came_in(recorded: Entry) -> bool:
    """Whether it is an event of another domain, or a message of a broker."""
    return isinstance(recorded, EventEntry) and recorded.cause is None and recorded.source is not None


def _again(
    original: Engine,
    fork: Engine,
    entries: Sequence[Entry],
    known: tuple[Messages, Tried],
    then: Sequence[Entry],
) -> None:
    """One unit of work, if it came from outside; a delivery, if it was held."""
    first, (messages, tried) = entries[0], known
    if isinstance(first, HandledEntry):
        if first.method == first.delivered_to:
            earlier = _earlier_attempts(first, tried)
            # An attempt that was interrupted is made when the delivery is made, if it was.
            if first.outcome not in (RETRIED, INTERRUPTED):
                waits = _goes_on_waiting(first, then)
                _deliver(original, fork, first, waits=waits, earlier=earlier)
        return
    commands = [each for each in entries if isinstance(each, CommandEntry) and each.cause is None]
    for each in filter(_came_in, entries):
        with fork.lock:
            receive(fork, original.world.events.at(each.step), each.type, each.aggregate)  # type: ignore[attr-defined]
    plain = [
        each
        for each in entries
        if isinstance(each, ChangedEntry | EventEntry) and each.cause is None and not _came_in(each)
    ]
    if len(commands) == 1 and not plain:
        fork.process(messages[commands[0].step])
    elif commands or plain:
        with fork.domain_context(), UnitOfWork(fork):
            for step in _in_order(entries, [command.step for command in commands]):
                done = entries[step - first.step]
                if isinstance(done, ChangedEntry):
                    _save(fork, done, plain, messages)
                else:
                    fork.world.identities.go_on(done.chain)  # type: ignore[attr-defined]
                    fork.process(messages[step])


def _earlier_attempts(made: HandledEntry, tried: Tried) -> int:
    """How many attempts of the same go are in the past, from which the run is repeated."""
    names = (made.cause, made.handler, made.delivered_to)
    first = tried.setdefault(names, made.attempt)
    if made.outcome != RETRIED:  # the next one is the first of another go
        del tried[names]
    return first - 1


def _goes_on_waiting(made: HandledEntry, then: Sequence[Entry]) -> bool:
    """Whether a delivery was left waiting: as `handle_error` left it, where it was called."""
    rescue = then[0] if then else None
    names = (made.cause, made.handler, made.delivered_to)
    if (
        isinstance(rescue, HandledEntry)
        and rescue.method != rescue.delivered_to
        and (rescue.cause, rescue.handler, rescue.delivered_to) == names
    ):
        return rescue.waits
    return made.waits


def _in_order(entries: Sequence[Entry], commands: list[int]) -> list[int]:
    """The steps of what was done from outside in one unit: commands come before what they changed first."""
    order = []
    for each in entries:
        if isinstance(each, ChangedEntry):
            done = each.step if each.cause is None else each.cause
            if done not in order and (each.cause is None or done in commands):
                order.append(done)
    return [step for step in commands if step not in order] + order


def _deliver(original: Engine, fork: Engine, made: HandledEntry, *, waits: bool, earlier: int) -> None:
    """The delivery of the same event, counted among those of its type, to the same method."""
    names, cause = (made.handler, made.delivered_to, made.event), made.cause
    place_there = _place(original, made.event, cause)
    fitting = [number for number, waiting in enumerate(fork.waiting) if waiting.names == names]
    exact = [n for n in fitting if _place(fork, made.event, fork.waiting[n].step) == place_there]
    if not exact and _place(fork, made.event, None) >= place_there:
        return  # it was made already, as where a fault let it be delivered twice
    for number in (exact or fitting)[:1]:
        if not waits:  # what fails in sync mode does not wait
            fork.config["event_processing"] = "sync"
        try:
            with fork.lock:
                deliver(fork, fork.open_world().waiting[number], earlier)
        finally:
            fork.config["event_processing"] = "async"


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
    element = fork.registry.find(saved.aggregate, *STORED)
    schema = element.schema
    if schema.sourced:  # its events tell the rest
        cls: Any = element.cls
        return cls._blank(saved.id) if aggregate is None else aggregate
    if aggregate is None:
        values = saved.after if saved.after is not None else saved.before
        row = (0, saved.names, values)
        try:
            held = current(schema, saved.id, row)  # type: ignore[arg-type]
        except ConfigurationError as error:
            raise _misfit(saved.aggregate, saved.step, error) from error
        return restore(element.cls, held, NEVER_SAVED)
    for field, (_, after) in saved.changed_fields.items() if saved.after is not None else ():
        if field in schema.fields:
            setattr(aggregate, field, after)
    return aggregate


def _message(fork: Engine, recorded: CommandEntry | EventEntry) -> Any:
    """A message as it was, of today's class."""
    element = fork.registry.elements.get(recorded.type)
    if element is None:
        raise _MisfitError(
            f"replay: step {recorded.step:,} needs {recorded.type}, which is not part of {fork.name} any "
            "more. Run its cell again."
        )
    cls: Callable[..., Message] = element.cls
    known = {name: value for name, value in recorded.payload.items() if name in element.schema.fields}
    try:
        return cls(**known)
    except Exception as error:
        raise _misfit(recorded.type, recorded.step, error) from error


def _misfit(name: str, step: int, error: Exception) -> _MisfitError:
    return _MisfitError(f"replay: {name} of step {step:,} does not fit the class of today: {error}")
