"""What the lines of a file have to do with each other: streams, deliveries, and what is stored."""

from __future__ import annotations

from operator import itemgetter

from ddd_kit.engine.event_store import POSITION_AT, STREAM_AT
from ddd_kit.engine.run_file import lines as of
from ddd_kit.engine.run_file.decoding import UnreadableError
from ddd_kit.engine.run_file.run import Run
from ddd_kit.journal.entry import CHANGED, EVENT, KIND_AT, Row, place

_AGGREGATE, _ID = place(CHANGED, "aggregate"), place(CHANGED, "id")
_VERSION, _AFTER = place(CHANGED, "version"), place(CHANGED, "after")


def check_together(run: Run) -> None:
    """Refuse lines that contradict each other.

    Args:
        run: all that was read; it gets its events.

    Raises:
        UnreadableError: when they do.
    """
    first, last = run.journal["first_step"], run.journal["last_step"]
    if len(run.rows) != last + 1 - first:
        raise UnreadableError(f"the journal should reach to step {last:,}", run.begins[of.JOURNAL])
    if run.rows and (not run.ends or run.ends[-1] != last):
        raise UnreadableError("the last unit of work does not end", run.begins[of.ENTRY] + last - first)
    recorded = [(step, row) for step, row in enumerate(run.rows, first) if row[KIND_AT] == EVENT]
    run.events = sorted([*recorded, *run.unrecorded], key=itemgetter(0))
    _check_positions(run)
    _check_deliveries(run)
    if not run.journal["missed"]:
        _check_state(run)


def _check_positions(run: Run) -> None:
    lengths: dict[str, int] = {}
    for index, (step, row) in enumerate(run.events):
        stream, position = row[STREAM_AT], row[POSITION_AT]
        free = lengths.get(stream, 0)
        if position != free:
            raise UnreadableError(
                f"position {position} on the stream {stream!r} follows on {free} events",
                _line_of(run, step, row),
            )
        lengths[stream] = position + 1
        run.places[stream, position] = index


def _line_of(run: Run, step: int, row: Row) -> int:
    place: int = step - run.journal["first_step"]
    if 0 <= place < len(run.rows) and run.rows[place] is row:
        return run.begins[of.ENTRY] + place
    return run.begins[EVENT] + next(i for i, (_, each) in enumerate(run.unrecorded) if each is row)


def _check_deliveries(run: Run) -> None:
    for number, line in run.deliveries.items():
        index = run.places.get((line["stream"], line["position"]))
        where = run.begins[of.DELIVERY] + number - 1
        if index is None:
            raise UnreadableError(f"delivery {number} is of no event", where)
        step = line["step"]
        if step is not None and (step != run.events[index][0] or step not in run.event_steps):
            raise UnreadableError(f"delivery {number} is not of step {step}", where)


def _check_state(run: Run) -> None:
    """What is stored has to be what the journal led to."""
    versions = {instance: saved.version for instance, saved in run.before.items()}
    for row in run.rows:
        if row[KIND_AT] != CHANGED:
            continue
        instance = (row[_AGGREGATE], row[_ID])
        if row[_AFTER] is None:
            versions.pop(instance, None)
        else:
            versions[instance] = row[_VERSION]
    stored = {(name, key): row[0] for name, rows in run.stored.items() for key, row in rows.items()}
    if stored != versions:
        wrong = next((each for each in (*stored, *versions) if stored.get(each) != versions.get(each)), None)
        told = f" of {wrong[0]} {wrong[1]!r}" if wrong else ""
        raise UnreadableError(
            f"what is stored{told} is not what the journal led to", run.begins.get(of.STORED)
        )
