"""What a message tells of itself: of which type it is, on which stream, and what led to it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

from ddd_kit.building_blocks.message import Event, Message
from ddd_kit.building_blocks.metadata import DomainMeta, Envelope, Headers, Metadata
from ddd_kit.engine.correlation import CORRELATION
from ddd_kit.engine.link import message_type
from ddd_kit.engine.names import event_stream, fact_category
from ddd_kit.journal.entry import CommandEntry, EventEntry, entry

if TYPE_CHECKING:
    from ddd_kit.engine.model import Model

_SPECVERSION = "1.0"


def metadata_of(engine: Model, message: Message) -> Metadata:
    """Where a message comes from and where it belongs.

    Args:
        engine: the domain of its class.
        message: an event or a command.

    Returns:
        As much as is known: a message belongs to no stream before it is raised or processed.
    """
    row = message._record
    written = entry(0, row) if row is not None else None
    known = _known(written) if written is not None else _expected(engine, message)
    if written is not None and message._raised is not None:
        known.setdefault("extensions", message._raised[3])
    kind = "EVENT" if isinstance(message, Event) else "COMMAND"
    time = written.at if written is not None else dt.datetime.now(dt.UTC)
    cls = type(message)
    extensions = dict(known.get("extensions", ()))
    key = correlation = None
    if kind == "COMMAND":
        key, correlation = extensions.pop("idempotency_key", None), extensions.pop(CORRELATION, None)
    type_of = getattr(message, "_external_type", None) or message_type(engine.name, message._schema)
    return Metadata(
        Headers(known["id"], type_of, time, known["stream"], key),
        DomainMeta(
            fqn=f"{cls.__module__}.{cls.__qualname__}",
            kind=kind,
            stream_category=known["category"],
            origin_stream=known.get("origin"),
            version=message._schema.version,
            sequence_id=known.get("sequence"),
            correlation_id=correlation or known.get("correlation"),
            causation_id=known.get("causation"),
            asynchronous=engine.config["event_processing"] == "async",
        ),
        Envelope(_SPECVERSION, _checksum(message) if known["id"] else None),
        extensions,
    )


def _expected(engine: Model, message: Message) -> dict[str, Any]:
    """What a raised event is going to be called when it is saved."""
    raised = message._raised
    if raised is None or not isinstance(message, Event):
        told = raised[3] if raised is not None else ()
        return {"id": None, "stream": None, "category": None, "extensions": told}
    category = engine.registry.category(message._part_of)
    if message._schema.is_fact:
        category = fact_category(category)
    identity, sequence_id, _, extensions = raised
    stream = event_stream(category, identity)
    return {
        "id": f"{stream}-{sequence_id}",
        "stream": stream,
        "category": category,
        "sequence": sequence_id,
        "extensions": extensions,
    }


def _known(written: Any) -> dict[str, Any]:
    if isinstance(written, EventEntry):
        return {
            "id": written.message_id,
            "stream": written.stream,
            "category": written.category,
            "origin": written.origin_stream,
            "sequence": written.sequence_id,
            "extensions": written.extensions,
            "correlation": written.correlation_id,
            "causation": written.causation_id,
        }
    assert isinstance(written, CommandEntry)
    category = written.stream.removesuffix(f"-{written.stream.rsplit(':command-', 1)[-1]}")
    return {
        "id": written.message_id,
        "stream": written.stream,
        "category": category,
        "correlation": written.message_id,
    }


def _checksum(message: Message) -> str:
    payload = json.dumps(message.payload, default=str, sort_keys=True)
    return hashlib.sha256(payload.encode()).hexdigest()
