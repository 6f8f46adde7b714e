"""What a message tells of itself besides its payload: loaded when somebody reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Headers:
    """What identifies a message: its id, its type as `Bookshop.OrderShipped.v1`, time (UTC) and stream.

    `idempotency_key` is the one that a command was processed under; the others are there as Protean has them.
    """

    id: str | None
    type: str
    time: dt.datetime
    stream: str | None
    idempotency_key: str | None = None
    traceparent: None = None
    deadline: None = None


@dataclass(frozen=True, slots=True)
class DomainMeta:
    """How a message stands among the others.

    Attributes:
        fqn: module and name of its class.
        kind: `EVENT` or `COMMAND`.
        stream_category: the category of its stream.
        origin_stream: the stream of the message that caused it, if one did.
        version: the version of its type, 1 or more.
        sequence_id: aggregate version and place among the events of one save, as `0.1`.
        correlation_id: shared by all that one message led to.
        causation_id: the id of the message that caused it, if one did.
        asynchronous: whether deliveries wait, in hold mode.
        expected_version: None; here as Protean has it.
        priority: 0; here as Protean has it.
    """

    fqn: str
    kind: str
    stream_category: str | None
    origin_stream: str | None
    version: int
    sequence_id: str | None
    correlation_id: str | None
    causation_id: str | None
    asynchronous: bool = False
    expected_version: None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a message travels: the version of this format, and a SHA-256 over the payload."""

    specversion: str
    checksum: str | None


@dataclass(frozen=True, slots=True)
class Metadata:
    """All about a message but its payload; `extensions` is what the domain's enrichers added."""

    headers: Headers
    domain: DomainMeta
    envelope: Envelope
    extensions: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The same as nested dictionaries."""
        return asdict(self)
