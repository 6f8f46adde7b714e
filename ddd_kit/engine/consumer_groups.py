"""Groups that read from a broker's stream by hand: each gets every message, one at a time."""

from __future__ import annotations

import copy
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from ddd_kit.journal.entry import EVENT, place

if TYPE_CHECKING:
    from ddd_kit.engine.running import Running
    from ddd_kit.engine.world import World

MOST_RETRIES = 3
_VALUES, _AGGREGATE, _STREAM = (place(EVENT, column) for column in ("values", "aggregate", "stream"))
Received = tuple[str, dict[str, Any]]


@dataclass(slots=True)
class Group:
    """What a group has read of a stream.

    Attributes:
        created_at: when it read first, in seconds since 1970 (UTC).
        read: how many messages of the stream it got.
        open: those that it got and said nothing of yet, by id.
        again: those that it gave back, in the order in which they come again.
        retries: how often each was given back.
        dead: those that it gave back too often.
    """

    created_at: float
    read: int = 0
    open: dict[str, dict[str, Any]] = field(default_factory=dict)
    again: deque[Received] = field(default_factory=deque)
    retries: dict[str, int] = field(default_factory=dict)
    dead: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, message: Received) -> Received:
        """Hand a message out."""
        self.open[message[0]] = message[1]
        return message[0], copy.deepcopy(message[1])


class Reading:
    """Lets groups read from the streams of a broker, as Protean's in-memory broker does.

    What groups have read is no part of what is recorded: in a fork, after going back, and in a run that was
    loaded, each begins anew, and gets all messages once more.
    """

    _engine: Running
    name: str

    def get_next(self, stream: str, consumer_group: str) -> Received | None:
        """Hand the next message of a stream to a group; it is open until `ack` or `nack`.

        Args:
            stream: the name of the stream.
            consumer_group: the name of the group; a new one begins with the first message.

        Returns:
            The id and what it says; None where the group has read all. What it gave back comes first.

        Raises:
            IncorrectUsageError: in the past.

        Example:
            >>> from ddd_kit import Domain
            >>> broker = Domain(name="Bookshop").brokers["default"]
            >>> broker.publish("payments", {"amount": 7})
            'payments-default-0'
            >>> broker.get_next("payments", "billing")
            ('payments-default-0', {'amount': 7})
            >>> broker.get_next("payments", "billing"), broker.get_next("payments", "mail")
            (None, ('payments-default-0', {'amount': 7}))
        """
        with self._engine.lock:
            world = self._engine.open_world()
            group = self._group(world, stream, consumer_group)
            if group.again:
                return group.take(group.again.popleft())
            messages = world.events.of_stream(f"{stream}-{self.name}")
            if group.read >= len(messages):
                return None
            number = group.read
            group.read += 1
            said = cast("dict[str, Any]", messages[number][_VALUES][0])
            return group.take((f"{stream}-{self.name}-{number}", said))

    def read(self, stream: str, consumer_group: str, no_of_messages: int) -> list[Received]:
        """Several messages at once, as `get_next` gives them.

        Args:
            stream: the name of the stream.
            consumer_group: the name of the group.
            no_of_messages: how many at most, 0 or more.

        Returns:
            Pairs of an id and what the message says.

        Raises:
            IncorrectUsageError: in the past.
        """
        found: list[Received] = []
        while len(found) < no_of_messages and (message := self.get_next(stream, consumer_group)):
            found.append(message)
        return found

    def ack(self, stream: str, identifier: str, consumer_group: str) -> bool:
        """Say that a message is done.

        Args:
            stream: the name of the stream.
            identifier: the id of the message.
            consumer_group: the name of the group that got it.

        Returns:
            True; False where the group does not have it, or said so already.

        Raises:
            IncorrectUsageError: in the past.
        """
        with self._engine.lock:
            group = self._known(stream, consumer_group)
            if group is None:
                return False
            for message in group.again:
                if message[0] == identifier:  # what was given back may turn out to be done
                    group.again.remove(message)
                    return True
            return group.open.pop(identifier, None) is not None

    def nack(self, stream: str, identifier: str, consumer_group: str) -> bool:
        """Give a message back: the group gets it again, three times at most, and then no more.

        Args:
            stream: the name of the stream.
            identifier: the id of the message.
            consumer_group: the name of the group that got it.

        Returns:
            True; False where the group does not have it.

        Raises:
            IncorrectUsageError: in the past.
        """
        with self._engine.lock:
            group = self._known(stream, consumer_group)
            said = None if group is None else group.open.pop(identifier, None)
            if group is None or said is None:
                return False
            group.retries[identifier] = group.retries.get(identifier, 0) + 1
            if group.retries[identifier] > MOST_RETRIES:
                group.dead[identifier] = said
            else:
                group.again.append((identifier, said))
            return True

    def info(self) -> dict[str, Any]:
        """How far the groups are, by their names, and in each by stream.

        Returns:
            Under `consumer_groups` for each: `created_at`, and how many messages are `in_flight_messages`,
            `failed_messages` (given back) and `dlq_messages` (given back too often).

        Example:
            >>> from ddd_kit import Domain
            >>> broker = Domain(name="Bookshop").brokers["default"]
            >>> broker.publish("payments", {"amount": 7})
            'payments-default-0'
            >>> message = broker.get_next("payments", "billing")
            >>> broker.info()["consumer_groups"]["billing"]["in_flight_messages"]
            {'payments': 1}
        """
        told: dict[str, Any] = {}
        with self._engine.lock:
            for (broker, stream, name), group in self._engine.world.groups.items():
                if broker != self.name:
                    continue
                known = told.setdefault(
                    name,
                    {
                        "consumers": [],
                        "created_at": group.created_at,
                        "consumer_count": 0,
                        "in_flight_messages": {},
                        "failed_messages": {},
                        "dlq_messages": {},
                    },
                )
                known["in_flight_messages"][stream] = len(group.open)
                known["failed_messages"][stream] = len(group.again)
                known["dlq_messages"][stream] = len(group.dead)
        return {"consumer_groups": told}

    def health_stats(self) -> dict[str, Any]:
        """How the broker is, as Protean's can be asked: it is always well.

        Returns:
            `status`, `connected`, and under `details` how many messages and groups there are.

        Example:
            >>> from ddd_kit import Domain
            >>> Domain(name="Bookshop").brokers["default"].health_stats()["status"]
            'healthy'
        """
        with self._engine.lock:
            world = self._engine.world
            groups = {key: group for key, group in world.groups.items() if key[0] == self.name}
            mine = f"@{self.name}"
            streams = {
                row[_AGGREGATE].removesuffix(mine): world.events.lengths[row[_STREAM]]
                for _, row in world.events.rows
                if row[_AGGREGATE].endswith(mine)
            }
        details = {
            "healthy": True,
            "message_counts": {
                "total_messages": sum(streams.values()),
                "in_flight": sum(len(group.open) for group in groups.values()),
                "failed": sum(len(group.again) for group in groups.values()),
                "dlq": sum(len(group.dead) for group in groups.values()),
            },
            "streams": {"count": len(streams), "names": list(streams)},
            "consumer_groups": {
                "count": len({name for _, _, name in groups}),
                "names": list(dict.fromkeys(name for _, _, name in groups)),
            },
        }
        return {"status": "healthy", "connected": True, "details": details}

    def _known(self, stream: str, group: str) -> Group | None:
        return self._engine.open_world().groups.get((self.name, stream, group))

    def _group(self, world: World, stream: str, group: str) -> Group:
        key = (self.name, stream, group)
        if key not in world.groups:
            world.groups[key] = Group(world.now())
        return world.groups[key]
