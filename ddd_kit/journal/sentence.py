"""Entries in words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast

from ddd_kit.building_blocks.part import Part, is_parts
from ddd_kit.journal.entry import (
    MESSAGE,
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
)
from ddd_kit.journal.parts import labels

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LABEL = re.compile(r"\[(\w+)=")
# Begins the name that another domain has in a delivery, in the place of a handler's.
BORDER = "domain "
_LONGEST = 40
_LONGEST_PATH = 60


def short_id(identity: Any) -> str:
    """An identity as pictures and sentences show it.

    Args:
        identity: any identity.

    Returns:
        The first 8 characters of a UUID; others whole, up to 24 characters.

    Example:
        >>> short_id("9272d70f-b796-417d-8f30-e01302d9f1a9"), short_id("ISBN-1")
        ('9272d70f', 'ISBN-1')
    """
    text = str(identity)
    if _UUID.fullmatch(text):
        return text[:8]
    return text if len(text) <= 24 else text[:23] + "…"


def short_stream(stream: str) -> str:
    """A stream or category without the name of its domain, its identity shortened.

    Args:
        stream: the full name.

    Returns:
        The short name.

    Example:
        >>> short_stream("bookshop::order-9272d70f-b796-417d-8f30-e01302d9f1a9")
        'order-9272d70f'
    """
    name = stream.split("::", 1)[-1]
    return _UUID.sub(lambda found: found[0][:8], name)


def short_path(path: str) -> str:
    """A field, or a path inside of an aggregate, as pictures and sentences show it.

    Args:
        path: as `items[id=9272d70f-b796-417d-8f30-e01302d9f1a9].quantity`.

    Returns:
        The same with short identities, up to 60 characters.

    Example:
        >>> short_path("items[id=9272d70f-b796-417d-8f30-e01302d9f1a9].quantity")
        'items[id=9272d70f].quantity'
    """
    text = _UUID.sub(lambda found: found[0][:8], path)
    return text if len(text) <= _LONGEST_PATH else text[: _LONGEST_PATH - 1] + "…"


def brief(value: Any) -> str:
    """A value in a sentence: words without quotes, long ones shortened.

    Args:
        value: any value.

    Returns:
        At most 40 characters on one line.

    Example:
        >>> brief("SHIPPED"), brief(90), brief("")
        ('SHIPPED', '90', "''")
    """
    try:
        text = value if isinstance(value, str) and value and value == value.strip() else told(value)
    except Exception:  # noqa: BLE001 - one value that cannot be told must not hide the others
        text = f"<{type(value).__name__} that cannot be shown>"
    if _UUID.fullmatch(text):
        return text[:8]
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def told(value: Any) -> str:
    """A value in words: a part by its class and what tells it from others.

    Args:
        value: any value.

    Returns:
        `Money(5, EUR)` for a value object, `OrderItem A` for an entity; else the repr.

    Example:
        >>> told(Part("Money", None, ("amount", "currency"), (5, "EUR")))
        'Money(5, EUR)'
    """
    if isinstance(value, Part):
        if value.identity is not None:
            name = labels([value])
            known = value.values[value.names.index(name)] if name in value.names else value.id
            return f"{value.element} {short_id(known)}"
        return f"{value.element}({', '.join(brief(held) for held in value.values if held is not None)})"
    if value and is_parts(value):
        return f"[{', '.join(map(told, value))}]"
    if type(value) in _TELLING:
        return str(value)
    return repr(value)


# What says in words what it is, without its class.
_TELLING = (Decimal, dt.date, dt.datetime, dt.time)


def content(part: Part, path: str = "") -> dict[str, Any]:
    """What an entity holds, but what its path tells and what is nothing.

    Args:
        part: the entity.
        path: what leads to it, as `items[sku=A]`.

    Returns:
        Values by field name.

    Example:
        >>> content(Part("OrderItem", "sku", ("sku", "quantity"), ("A", 1)), "items[sku=A]")
        {'quantity': 1}
    """
    label = _LABEL.findall(path)
    left_out = {*label[-1:], *(["id"] if part.identity == "id" else [])}
    held = zip(part.names, part.values, strict=True)
    return {name: value for name, value in held if name not in left_out and not is_nothing(value)}


def is_nothing(value: Any) -> bool:
    """Whether a value needs no words: None, and an association without entities."""
    return value is None or (is_parts(value) and not value)


def arrival(before: Any, after: Any) -> str:
    """Whether a change of a field is an entity that came, or one that went.

    Args:
        before: the value before.
        after: the value after.

    Returns:
        `added`, `removed`, or an empty text for any other change.

    Example:
        >>> arrival(None, Part("OrderItem", "sku", ("sku",), ("A",))), arrival(1, 2)
        ('added', '')
    """
    if before is None and isinstance(after, Part) and after.identity is not None:
        return "added"
    return "removed" if after is None and isinstance(before, Part) and before.identity is not None else ""


def field_change(field: str, before: Any, after: Any, arrow: str = "->") -> str:
    """A change of a field in words.

    Args:
        field: its name, or a path.
        before: the value before.
        after: the value after.
        arrow: stands between both.

    Returns:
        As `in_stock 100 -> 90`, `items[sku=A] added: quantity 1`, `items[sku=A] removed`.

    Example:
        >>> field_change("in_stock", 100, 90)
        'in_stock 100 -> 90'
    """
    came, path = arrival(before, after), short_path(field)
    if not came:
        return f"{path} {brief(before)} {arrow} {brief(after)}"
    held = content(after, field) if came == "added" else {}
    told_of = ", ".join(f"{name} {brief(value)}" for name, value in held.items())
    return f"{path} {came}: {told_of}" if told_of else f"{path} {came}"


def details(payload: Mapping[str, Any]) -> str:
    """What a message says, in brackets; identities are left out.

    Args:
        payload: values by field name.

    Returns:
        ` (quantity 10)`, or an empty text.

    Example:
        >>> details({"order_id": "1", "quantity": 10})
        ' (quantity 10)'
    """
    told = [
        f"{name} {brief(value)}"
        for name, value in payload.items()
        if name != "id" and not name.endswith("_id") and value is not None
    ]
    return f" ({', '.join(told[:4])}{', …' if len(told) > 4 else ''})" if told else ""


def said_by(entry: EventEntry) -> Mapping[str, Any]:
    """What an event says; of a message of a broker what is in it.

    Args:
        entry: the event.

    Returns:
        Values by name.
    """
    return cast(Mapping[str, Any], entry.held["payload"]) if entry.type == MESSAGE else entry.held


def milliseconds(seconds: float) -> str:
    """A duration for people.

    Args:
        seconds: 0 or more.

    Returns:
        Milliseconds, with as many digits as matter.

    Example:
        >>> milliseconds(0.00001), milliseconds(0.000213), milliseconds(1.5)
        ('0.01 ms', '0.2 ms', '1500 ms')
    """
    value = seconds * 1000
    if value < 0.1:
        return f"{value:.2f} ms"
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"


def phrase(entry: Entry) -> str:
    """An entry in words, as a line of the journal has it.

    Args:
        entry: any entry.

    Returns:
        One line without a full stop.
    """
    return _PHRASES[entry.kind](entry)


def field_changes(entry: ChangedEntry, arrow: str = "->") -> str:
    """The fields that an entry changed.

    Args:
        entry: what was saved.
        arrow: stands between before and after.

    Returns:
        `in_stock 100 -> 90`; for a new aggregate, its values.
    """
    if entry.change == "changed":
        told = [field_change(name, *both, arrow) for name, both in entry.changes.items()]
    else:
        told = [f"{name} {brief(value)}" for name, value in held_fields(entry).items()]
    return ", ".join(told)


def held_fields(entry: ChangedEntry) -> dict[str, Any]:
    """What an aggregate began with, or had when it was removed, but the identity, which is told anyway.

    The journal does not name the field that is the identity: where more than one may be it, all are told.

    Args:
        entry: an aggregate that is new, or gone.

    Returns:
        Values by field name; None is left out.
    """
    place_of_value = 1 if entry.before is None else 0
    held = {name: both[place_of_value] for name, both in entry.changes.items()}
    own = type(entry.id)
    alike = [name for name, value in held.items() if type(value) is own and value == entry.id]
    usual = ("id", f"{entry.aggregate}id".lower())
    named = [name for name in alike if name.replace("_", "").lower() in usual]
    identity = (named or alike)[0] if named or len(alike) == 1 else None
    return {name: value for name, value in held.items() if name != identity and not is_nothing(value)}


def _command(entry: CommandEntry) -> str:
    text = f"{entry.type}{details(entry.held)} on {short_stream(entry.stream)}"
    taken = f"{entry.handler} took it" if entry.handler else "nobody took it"
    return f"{text}: {taken}, {_outcome(entry)}"


def _called(entry: CalledEntry) -> str:
    return f"{entry.service}.{entry.method} ran, {_outcome(entry)}"


def _outcome(entry: CommandEntry | HandledEntry | CalledEntry) -> str:
    took = milliseconds(entry.duration)
    if entry.outcome == "ok":
        return took
    error = f": {brief(entry.error)}" if entry.error else ""
    return f"{entry.outcome}{error}"


def _event(entry: EventEntry) -> str:
    if entry.source is None:
        return f"{entry.type}{details(entry.held)} on {short_stream(entry.stream)}"
    said = entry.held["payload"] if entry.type == MESSAGE else entry.held
    return f"{entry.type}{details(said)} on {entry.category}, from {entry.source}"


def context_in(handler: str) -> str:
    """The other domain that a delivery goes over to.

    Args:
        handler: the name of what takes it, as entries and deliveries have it.

    Returns:
        The domain's name; an empty text for a handler of this domain.

    Example:
        >>> context_in("domain Warehouse"), context_in("ManageInventory")
        ('Warehouse', '')
    """
    return handler.removeprefix(BORDER) if handler.startswith(BORDER) else ""


def taker(handler: str, method: str) -> str:
    """What a delivery goes to, in words.

    Args:
        handler: the name of what takes it.
        method: its method.

    Returns:
        As `ManageInventory.ship_order`, or `the domain Warehouse`.

    Example:
        >>> taker("ManageInventory", "ship_order"), taker("domain Warehouse", "receive")
        ('ManageInventory.ship_order', 'the domain Warehouse')
    """
    return f"the {handler}" if context_in(handler) else f"{handler}.{method}"


def _handled(entry: HandledEntry) -> str:
    attempt = f", attempt {entry.attempt}" if entry.attempt > 1 or entry.outcome == "retried" else ""
    ran = f"{entry.handler}.{entry.method} ran"
    if context_in(entry.handler):
        ran = f"handed over to {taker(entry.handler, entry.method)}"
    return f"{ran}{attempt}, {_outcome(entry)}"


def reason(entry: SkippedEntry) -> str:
    """Why a handler did not run.

    Args:
        entry: the delivery that was skipped.

    Returns:
        A clause with both values.
    """
    wanted, found = short_stream(entry.wanted), ", ".join(map(short_stream, entry.found.split(", ")))
    return {
        "stream_category": f"it listens to {wanted}, the event is on {found}",
        "source_stream": f"its source stream is {wanted}, the event came from {found}",
        "retired": f"{wanted} is not defined any more",
        "max_chain_length": f"the chain is longer than {grouped(wanted)} deliveries",
        "not_started": f"no process of {entry.found} has begun, only {entry.wanted} begins one",
        "complete": f"the process of {entry.found} is complete",
        "fork": f"what happens in a fork does not reach {entry.wanted}",
        "uncorrelated": f"its {entry.wanted} is None, so that it belongs to no process",
    }[entry.rule]


def grouped(number: str) -> str:
    """A whole number with its thousands apart; another text as it is.

    Args:
        number: a text.

    Returns:
        A text.

    Example:
        >>> grouped("1000"), grouped("shop::order")
        ('1,000', 'shop::order')
    """
    return f"{int(number):,}" if number.isdecimal() else number


def _skipped(entry: SkippedEntry) -> str:
    return f"{taker(entry.handler, entry.method)} skipped: {reason(entry)}"


def injected(entry: FaultEntry) -> str:
    """What a fault did to a delivery.

    Args:
        entry: the fault.

    Returns:
        As `delivered twice (injected)`.
    """
    return f"{_FAULTS[entry.fault].format(entry.detail)} (injected)"


_FAULTS = {
    "deliver_twice": "delivered twice",
    "drop": "dropped",
    "delay": "delayed by {}",
    "shuffle": "out of order, {}",
    "fail": "made to fail, {}",
}


def _fault(entry: FaultEntry) -> str:
    return f"{taker(entry.handler, entry.method)}: {injected(entry)}"


def _changed(entry: ChangedEntry) -> str:
    name = f"{entry.aggregate} {short_id(entry.id)}"
    change = field_changes(entry)
    if entry.change == "created":
        return f"{name} added" + (f": {change}" if change else "")
    if entry.change == "removed":
        return f"{name} removed"
    return f"{name} {change}" if change else f"{name} saved, no field changed"


def _rejected(entry: RejectedEntry) -> str:
    told = "; ".join(text if field == "_entity" else f"{field}: {text}" for field, text in entry.messages)
    rules = f" by {rules_told(entry)}" if entry.rules else ""
    return f"{entry.element} rejected{rules}: {told}"


def rules_told(entry: RejectedEntry) -> str:
    """The invariants that did not hold, with what they looked at.

    Args:
        entry: what was rejected.

    Returns:
        `at_most_ten (quantity 11)`; an empty text where no invariant was broken.
    """
    return ", ".join(
        f"{name} ({', '.join(f'{field} {brief(value)}' for field, value in seen)})" if seen else name
        for name, _, _, seen in entry.rules
    )


def rules_named(entry: RejectedEntry) -> str:
    """The names of the rules that did not hold.

    Args:
        entry: what was rejected.

    Returns:
        `at_most_ten`; an empty text where no rule was broken.
    """
    return ", ".join(dict.fromkeys(name for name, _, _, _ in entry.rules))


def _unhandled(entry: UnhandledEntry) -> str:
    return f"nobody listens to {entry.type} on {short_stream(entry.stream)}"


def _defined(entry: DefinedEntry) -> str:
    return f"{entry.element_kind} {entry.element} {entry.change}"


_PHRASES = cast(
    Mapping[str, Callable[[Entry], str]],
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
