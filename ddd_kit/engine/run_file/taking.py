"""Line by line: each is checked against those before it, and taken into the run."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from ddd_kit.engine.run_file import lines as of
from ddd_kit.engine.run_file.causes import check_row
from ddd_kit.engine.run_file.decoding import UnreadableError
from ddd_kit.engine.run_file.rows import Line, to_row
from ddd_kit.engine.run_file.run import Run
from ddd_kit.engine.run_file.shape import ElementShape
from ddd_kit.engine.store import Row as StoredRow
from ddd_kit.journal.entry import EVENT, KIND_AT, Row
from ddd_kit.journal.journal import Instance, Saved


def take(run: Run, line: bytes, rank: int) -> int:
    """Read a line.

    Args:
        run: what was read so far.
        line: the line.
        rank: the place of the kind of the line before it in `lines.ORDER`.

    Returns:
        The place of its own kind.

    Raises:
        PydanticError: when a column is missing or of another type.
        UnreadableError: when it does not go with the lines before it.
    """
    found = of.checker().validate_json(line)
    name = found["line"]
    here = of.ORDER.index(name)
    if here < rank or (here == rank and name in of.ONCE):
        raise UnreadableError(f"a line of the kind '{name}' does not belong here")
    run.begins.setdefault(name, run.line)
    _TAKERS[name](run, found)
    return here


def _take_element(run: Run, line: Line) -> None:
    shape: ElementShape = line["element"]
    if shape["name"] in run.elements:
        raise UnreadableError(f"{shape['name']} is there already")
    run.elements[shape["name"]] = shape


def _take_journal(run: Run, line: Line) -> None:
    if line["first_step"] > line["last_step"] + 1:
        raise UnreadableError("the journal ends before it begins")
    run.journal = line


def _saved(run: Run, line: Line) -> tuple[Instance, StoredRow]:
    names, aggregate = run.one(line["names"]), line["aggregate"]
    values = run.members.values(line["values"], names, aggregate)
    assert values is not None
    return (aggregate, run.members.identity(line["id"], aggregate)), (line["version"], names, values)


def _take_before(run: Run, line: Line) -> None:
    instance, row = _saved(run, line)
    if instance in run.before:
        raise UnreadableError(f"{instance[0]} {instance[1]!r} is there already")
    if not run.journal or line["step"] >= run.journal["first_step"]:
        raise UnreadableError("its step is not before the journal")
    run.before[instance] = Saved(line["step"], *row)


def _take_event(run: Run, line: Line) -> None:
    step, row = line["step"], _row(run, line)
    if not run.journal or step > run.journal["last_step"]:
        raise UnreadableError(f"there is no step {step}")
    if run.unrecorded and step < run.unrecorded[-1][0]:
        raise UnreadableError("it happened before the event of the line above")
    check_row(step, row, run.rows, step + 1, run.event_steps)
    run.unrecorded.append((step, row))
    if step < run.journal["first_step"]:
        run.event_steps.add(step)


def _take_entry(run: Run, line: Line) -> None:
    step = line["step"]
    first = run.journal.get("first_step", 0)
    if step != first + len(run.rows) or step > run.journal["last_step"]:
        raise UnreadableError(f"step {step} does not follow on step {first + len(run.rows) - 1}")
    row = _row(run, line)
    check_row(step, row, run.rows, first, run.event_steps)
    if row[KIND_AT] == EVENT:
        run.event_steps.add(step)
    if "ends_unit" in line:
        run.ends.append(step)
    run.rows.append(row)


def _row(run: Run, line: Line) -> Row:
    if "names" in line:
        line["names"] = run.one(line["names"])
    return to_row(line, run.members)


def _take_stored(run: Run, line: Line) -> None:
    (aggregate, identity), row = _saved(run, line)
    store = run.stored.setdefault(aggregate, {})
    if identity in store:
        raise UnreadableError(f"{aggregate} {identity!r} is there already")
    store[identity] = row


def _take_chain(run: Run, line: Line) -> None:
    if line["number"] != len(run.chains) + 1:
        raise UnreadableError("the numbers of the chains do not follow on each other")
    run.chains[line["number"]] = [line["made"]]


def _take_delivery(run: Run, line: Line) -> None:
    if line["number"] != len(run.deliveries) + 1:
        raise UnreadableError("the numbers of the deliveries do not follow on each other")
    parent = line["parent"]
    if line["chain"] not in run.chains:
        raise UnreadableError(f"there is no chain {line['chain']}")
    if parent is not None:
        if parent not in run.deliveries:
            raise UnreadableError(f"there is no delivery {parent} before it")
        if run.deliveries[parent]["chain"] != line["chain"]:
            raise UnreadableError("what it came from belongs to another chain")
    run.deliveries[line["number"]] = line


def _take_identities(run: Run, line: Line) -> None:
    if line["seeded"]:
        try:
            random.Random().setstate((3, line["state"], None))  # noqa: S311 - only to see whether it is one
        except ValueError as error:
            raise UnreadableError("the state of the generator is none") from error
    elif line["state"] or line["batch"]:
        raise UnreadableError("there is no seed, so there is no state")
    run.identities = line


def _take_clock(run: Run, line: Line) -> None:
    run.clock = line


def _take_header(run: Run, line: Line) -> None:  # noqa: ARG001 - as the others
    raise UnreadableError("a second header")


_TAKERS: Mapping[str, Callable[[Run, Line], None]] = {
    of.HEADER: _take_header,
    of.ELEMENT: _take_element,
    of.JOURNAL: _take_journal,
    of.BEFORE: _take_before,
    EVENT: _take_event,
    of.ENTRY: _take_entry,
    of.STORED: _take_stored,
    of.CHAIN: _take_chain,
    of.DELIVERY: _take_delivery,
    of.IDENTITIES: _take_identities,
    of.CLOCK: _take_clock,
}
