"""A world becomes the lines of a file, and the file appears whole or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddd_kit.engine.delivery import Delivery
from ddd_kit.engine.event_store import POSITION_AT, STREAM_AT
from ddd_kit.engine.identities import Identities, _SeededClock
from ddd_kit.engine.run_file import lines as of
from ddd_kit.engine.run_file.rows import encoded_by_name, refused, to_line
from ddd_kit.engine.run_file.shape import shapes
from ddd_kit.engine.run_file.values import UnwritableError, encode
from ddd_kit.exceptions import RunFileError
from ddd_kit.journal.entry import EVENT
from ddd_kit.journal.sentence import short_id

if TYPE_CHECKING:
    from ddd_kit.engine.model import Model
    from ddd_kit.engine.world import World

Line = dict[str, Any]
_to_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def written(model: Model) -> bytes:
    """A run as a file has it; the lock is held.

    Args:
        model: the domain, in which no unit of work is open.

    Returns:
        The whole file.

    Raises:
        RunFileError: when a value cannot be kept in a file; the text names the object and the field.
    """
    world = model.world
    body = [_bytes(line) for line in _lines(model, world)]
    digest = hashlib.sha256()
    for line in body:
        digest.update(line)
    header = {
        "line": of.HEADER,
        "format": of.FORMAT,
        "version": of.VERSION,
        "kit": _kit(),
        "domain": model.name,
        "streams": model.registry.prefix,
        "seed": _seed(model.seed),
        "saved_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "lines": len(body) + 1,
        "sha256": digest.hexdigest(),
    }
    return b"".join([_bytes(header), *body])


def put_down(path: Path, content: bytes) -> None:
    """Write a file as a whole: what was there before stays until the new one is complete.

    Args:
        path: of the file.
        content: what it is going to hold.

    Raises:
        RunFileError: when the machine refuses it.
    """
    path = Path(os.path.realpath(path))
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            with part.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise RunFileError(
            f"domain.save(): {str(path)!r} cannot be written ({getattr(error, 'strerror', None) or error}). "
            "Give a file in a folder that exists and that you may write to."
        ) from error


def _bytes(line: Line) -> bytes:
    # Half of a pair that stands for one character cannot be written; in a value it is kept with a tag.
    return (_to_json(line) + "\n").encode("utf-8", "replace")


def _kit() -> str:
    try:
        return version("ddd_kit")
    except PackageNotFoundError:
        return "unknown"


def _seed(seed: Any) -> Any:
    try:
        return encode(seed)
    except UnwritableError:
        return repr(seed)


def _lines(model: Model, world: World) -> Iterator[Line]:
    for shape in shapes(model.registry).values():
        yield {"line": of.ELEMENT, "element": shape}
    yield from _journal(world)
    for store in world.stores.values():
        for identity, (number, names, values) in store.rows.items():
            yield {"line": of.STORED, **_saved(store.aggregate, identity, number, (names, values))}
    yield from _deliveries(world)
    yield _identities(world.identities)
    yield {"line": of.CLOCK, "now": world.now._now if isinstance(world.now, _SeededClock) else None}


def _journal(world: World) -> Iterator[Line]:
    """The journal, what was folded of it, and the events that are not in it."""
    journal = world.journal
    first, window = journal.first_step, journal._window
    yield {
        "line": of.JOURNAL,
        "first_step": first,
        "last_step": journal.last_step,
        "missed": journal.missed,
    }
    for (aggregate, identity), saved in window.before.items():
        line = _saved(aggregate, identity, saved.version, (saved.names, saved.stored))
        yield {"line": of.BEFORE, "step": saved.step, **line}
    rows = window.rows
    for step, row in world.events.rows:
        if not (first <= step <= journal.last_step and rows[step - first] is row):
            yield {"line": EVENT, "step": step, **to_line(step, row)}
    ends = set(window.batch_ends)
    for step, row in enumerate(rows, first):
        opening: Line = {"line": of.ENTRY, "step": step}
        if step in ends:
            opening["ends_unit"] = True
        yield {**opening, **to_line(step, row)}


def _saved(aggregate: str, identity: Any, number: int, state: tuple[Any, ...]) -> Line:
    names, values = state
    try:
        return {
            "aggregate": aggregate,
            "id": encode(identity),
            "version": number,
            "names": names,
            "values": encoded_by_name(values, names),
        }
    except UnwritableError as error:
        raise refused(error, f"{aggregate} {short_id(identity)}") from error


def _deliveries(world: World) -> Iterator[Line]:
    """The deliveries that wait, those that led to them, and how long their chains are."""
    known, chains = _ancestry(world)
    for chain, number in chains.values():
        yield {"line": of.CHAIN, "number": number, "made": chain[0]}
    waiting = set(world.waiting)
    for delivery, number in known.items():
        parent = 0 if delivery.parent is None else known[delivery.parent]
        yield {
            "line": of.DELIVERY,
            "number": number,
            "stream": delivery.row[STREAM_AT],
            "position": delivery.row[POSITION_AT],
            "step": delivery.step,
            "handler": delivery.handler,
            "method": delivery.method,
            "late": getattr(delivery, "by", 0),  # how many others have to be made before
            "chain": chains[id(delivery.chain)][1],
            "parent": parent if 0 < parent < number else None,
            "waits": delivery in waiting,
        }


def _ancestry(world: World) -> tuple[dict[Delivery, int], dict[int, tuple[list[int], int]]]:
    """Numbers of deliveries, parents first and those that wait in their order; and of chains."""
    made: dict[Delivery, None] = {}
    waiting = set(world.waiting)
    for delivery in world.waiting:
        path, link = [], delivery.parent
        while link is not None and link not in made and link not in waiting:
            path.append(link)
            link = link.parent
        made.update(dict.fromkeys(reversed(path)))
    ordered = [*made, *world.waiting]
    chains: dict[int, tuple[list[int], int]] = {}
    for delivery in ordered:
        chains.setdefault(id(delivery.chain), (delivery.chain, len(chains) + 1))
    return {delivery: number for number, delivery in enumerate(ordered, 1)}, chains


def _identities(identities: Identities) -> Line:
    """Where identities come from; those of the machine are not kept, so that two runs never share one."""
    generator = identities._random
    return {
        "line": of.IDENTITIES,
        "seeded": generator is not None,
        "branched": type(identities) is not Identities,
        "state": () if generator is None else generator.getstate()[1],
        "batch": [] if generator is None else identities._batch,
    }
