"""Which message led to which, by Protean's names; the journal itself tells more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from ddd_kit.building_blocks.element import Kind
from ddd_kit.building_blocks.message import Message, restore, set_raised
from ddd_kit.building_blocks.metadata import Metadata
from ddd_kit.engine.correlation import CORRELATION
from ddd_kit.engine.link import message_type
from ddd_kit.engine.stored_messages import StoredMessage
from ddd_kit.exceptions import IncorrectUsageError, did_you_mean
from ddd_kit.journal.entry import CAUSE_AT, COMMAND, EVENT, KIND_AT, CommandEntry, EventEntry, Row, entry

if TYPE_CHECKING:
    from ddd_kit.engine.recorded import Recorded

Told = CommandEntry | EventEntry


@dataclass(slots=True)
class CausationNode:
    """A message, and what it led to.

    Attributes:
        message_id: its id.
        message_type: as `Bookshop.PlaceOrder.v1`.
        kind: `COMMAND` or `EVENT`.
        stream: where it went to.
        time: when, in UTC, as ISO 8601 has it.
        global_position: its step in the journal.
        children: what it led to itself, in order.
        handler: of a command, the class and method that took it.
        duration_ms: how long they took.
        delta_ms: how long after the message that caused it; None for the first.
    """

    message_id: str
    message_type: str
    kind: str
    stream: str
    time: str | None
    global_position: int | None
    children: list[CausationNode] = field(default_factory=list)
    handler: str | None = None
    duration_ms: float | None = None
    delta_ms: float | None = None


class StoredCommand:
    """A command that was processed, as `StoredMessage` is an event that was raised."""

    def __init__(self, engine: Recorded, command: CommandEntry, row: Row, correlation: str) -> None:
        self._engine, self._row, self._correlation = engine, row, correlation
        self.command = command

    @property
    def data(self) -> dict[str, Any]:
        """The values by field name."""
        return self.command.payload

    @property
    def metadata(self) -> Metadata:
        """Where it comes from and where it belongs."""
        return self.to_domain_object()._metadata

    @property
    def stream_name(self) -> str:
        """Its stream."""
        return self.command.stream

    @property
    def time(self) -> dt.datetime:
        """When it was processed, in UTC."""
        return self.command.at

    def to_domain_object(self) -> Message:
        """The command as an object of its newest class.

        Returns:
            The command.

        Raises:
            IncorrectUsageError: when its class is not defined any more.
        """
        element = self._engine.registry.find(self.command.type, Kind.COMMAND)
        made = restore(cast("type[Message]", element.cls), self.command.held, self._row)
        set_raised(made, (None, "", 0, ((CORRELATION, self._correlation),)))
        return made

    def __repr__(self) -> str:
        return f"<{self.command.type} on {self.command.stream}>"


class Trail:
    """The commands and events of a run, and what led to each.

    Args:
        engine: the domain.

    Raises:
        IncorrectUsageError: when nothing is recorded.
    """

    def __init__(self, engine: Recorded) -> None:
        if not engine.config["journal"]:
            raise IncorrectUsageError(
                "Which message led to which is in the journal, and nothing is recorded while "
                "domain.config['journal'] is False."
            )
        self._engine = engine
        self._rows, self._first = engine.journal.rows, engine.journal.first_step
        told = [
            cast(Told, entry(step, row))
            for step, row in enumerate(self._rows, self._first)
            if row[KIND_AT] in (COMMAND, EVENT)
        ]
        self._known = {each.message_id: each for each in told}
        self._given = {
            each.causation_id: each.correlation_id
            for each in told
            if isinstance(each, EventEntry) and each.causation_id and each.correlation_id
        }
        self._children: dict[str, list[Told]] = {}
        for each in told:
            cause = self._cause(each)
            if cause is not None:
                self._children.setdefault(cause.message_id, []).append(each)

    def _cause(self, told: Told) -> Told | None:
        if isinstance(told, EventEntry):
            return self._known.get(told.causation_id or "")
        step = told.cause
        while step is not None and step >= self._first:
            row = self._rows[step - self._first]
            if row[KIND_AT] in (COMMAND, EVENT):
                return cast(Told, entry(step, row))
            step = row[CAUSE_AT]
        return None

    def _correlation(self, told: Told) -> str:
        if isinstance(told, EventEntry):
            return told.correlation_id or told.message_id
        cause = self._cause(told)
        given = self._given.get(told.message_id)
        return given or (told.message_id if cause is None else self._correlation(cause))

    def _find(self, message: Any) -> Told:
        known = message if isinstance(message, str) else message.metadata.headers.id
        if known not in self._known:
            hint = did_you_mean(known, self._known) or "."
            raise IncorrectUsageError(f"No message {known!r} is in the journal{hint}")
        return self._known[known]

    def _stored(self, told: Told) -> StoredMessage | StoredCommand:
        row = self._rows[told.step - self._first]
        if isinstance(told, EventEntry):
            return StoredMessage(cast(Any, self._engine), row)
        return StoredCommand(self._engine, told, row, self._correlation(told))

    def causes_of(self, message: Any) -> list[StoredMessage | StoredCommand]:
        """A message and all that led to it, the first one first."""
        chain: list[Told] = []
        link: Told | None = self._find(message)
        while link is not None:
            chain.append(link)
            link = self._cause(link)
        return [self._stored(each) for each in reversed(chain)]

    def effects_of(self, message: Any, *, recursive: bool) -> list[StoredMessage | StoredCommand]:
        """What a message led to, in order."""
        found = list(self._below(self._find(message).message_id, recursive))
        return [self._stored(each) for each in sorted(found, key=lambda each: each.step)]

    def _below(self, message_id: str, recursive: bool) -> Iterator[Told]:
        waiting = [message_id]
        while waiting:
            children = self._children.get(waiting.pop(), ())
            yield from children
            if recursive:
                waiting += [child.message_id for child in children]

    def tree(self, correlation_id: str) -> CausationNode | None:
        """The first message of a correlation, with all that it led to."""
        mine = [each for each in self._known.values() if self._correlation(each) == correlation_id]
        if not mine:
            return None
        ids = {each.message_id for each in mine}
        first = next(each for each in mine if (c := self._cause(each)) is None or c.message_id not in ids)
        root = self._node(first, None)
        waiting = [(root, first)]
        while waiting:  # no recursion: a chain may be as long as the journal
            node, told = waiting.pop()
            for child in self._children.get(told.message_id, ()):
                node.children.append(self._node(child, told))
                waiting.append((node.children[-1], child))
        return root

    def _node(self, told: Told, cause: Told | None) -> CausationNode:
        schema = self._engine.registry.find(told.type).schema
        is_event = isinstance(told, EventEntry)
        return CausationNode(
            message_id=told.message_id,
            message_type=message_type(self._engine.name, schema),
            kind="EVENT" if is_event else "COMMAND",
            stream=told.stream,
            time=told.at.isoformat(),
            global_position=told.step,
            handler=told.handler if isinstance(told, CommandEntry) else None,
            duration_ms=told.duration * 1000 if isinstance(told, CommandEntry) else None,
            delta_ms=None if cause is None else (told.time - cause.time) * 1000,
        )


def in_order(root: CausationNode | None) -> list[CausationNode]:
    """The messages of a tree, each before what it led to."""
    found, waiting = [], [root] if root is not None else []
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += reversed(node.children)
    return found
