"""Messages from outside: to which streams they can be sent, and what they may look like."""

from __future__ import annotations

import json
from typing import Any

from ddd_kit.building_blocks.element import Kind
from ddd_kit.engine.engine import Engine
from ddd_kit.engine.registry import Registered
from ddd_kit.journal.entry import EVENT, place
from ddd_kit.views.trying.json_text import written
from ddd_kit.views.trying.parameters import Parameter
from ddd_kit.views.trying.source_tree import keys_read
from ddd_kit.views.trying.targets import Action

MESSAGE = "message"
_VALUES = place(EVENT, "values")
_LONGEST = 2_000


def stream_of(subscriber: Registered) -> tuple[str, str]:
    """The stream that a subscriber hears, and its broker."""
    return subscriber.options["stream"], subscriber.options["broker"]


def sends(engine: Engine, subscriber: Registered) -> Action:
    """To send a message to the stream of a subscriber.

    Args:
        engine: the domain.
        subscriber: one of those that hear it.

    Returns:
        An action that asks for the message.
    """
    text = example(engine, stream_of(subscriber))
    hint = "JSON, as the other system sends it"
    asked = Parameter(MESSAGE, "json", default=json.loads(text), hint=hint)
    return Action("publish", f"publish({MESSAGE})", (asked,))


def example(engine: Engine, stream: tuple[str, str]) -> str:
    """A message that may come on a stream: the newest one, or what its subscribers read.

    Args:
        engine: the domain.
        stream: its name and that of the broker.

    Returns:
        JSON.
    """
    name, broker = stream
    with engine.lock:
        engine.world.finish()
        sent = engine.world.events.of_stream(f"{name}-{broker}")
        newest = sent[-1][_VALUES][0] if sent else None
    text = written(newest) if newest is not None else None
    if text is not None and len(text) <= _LONGEST:
        return text
    hearing = [each for each in engine.registry.of_kind(Kind.SUBSCRIBER) if stream_of(each) == stream]
    read: dict[str, Any] = {}
    for subscriber in hearing:
        read |= {key: value for key, value in keys_read(subscriber.cls.__call__).items() if key not in read}
    message = {key: "…" if value is None else value for key, value in read.items()}
    return written(message or {"id": "1"}) or "{}"
