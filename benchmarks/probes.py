"""What is measured inside a worker that runs ddd_kit: the journal, the past, the map. Times as in `Bench`."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Any, Self

from benchmarks.bench import Bench
from benchmarks.contender import other_book

SETTING_UP = 1_000
"""Steps at the start of the journal in which the shop is defined and filled, at most."""


def traced_bytes(bench: Bench, orders: int) -> tuple[int, int]:
    """Ship and handle that many; return the bytes that stay allocated and the journal's new entries."""
    journal = _domain(bench).journal
    bench.run(10)
    entries = len(journal)
    tracemalloc.start()
    bench.run(orders)
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held, len(journal) - entries


def fill_journal(bench: Bench, entries: int) -> dict[str, float]:
    """Ship and handle until the journal holds about that many entries, and watch the collector.

    Returns:
        The entries there are, the longest pause meanwhile and that of one full collection at the
        end, in seconds.
    """
    watch = CollectorWatch()
    journal = _domain(bench).journal
    before = len(journal)
    bench.run(100)
    each = (len(journal) - before) / 100
    with watch:
        bench.run(int((entries - len(journal)) / each))
        longest = max(watch.pauses, default=0.0)
        gc.collect()
    return {"entries": len(journal), "longest": longest, "full": watch.pauses[-1]}


class CollectorWatch:
    """Notes how long each run of the garbage collector takes, in seconds, while its context is open."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self._since = 0.0

    def __enter__(self) -> Self:
        gc.callbacks.append(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        gc.callbacks.remove(self._note)

    def _note(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._since = process_time()
        else:
            self.pauses.append(process_time() - self._since)


def to_frame(bench: Bench, times: int) -> float:
    """Return the seconds that a DataFrame of the whole journal takes, once pandas is there."""
    journal = _domain(bench).journal
    journal[:10].to_frame()
    return _median_time(journal.to_frame, times)


def plain_frame(bench: Bench, times: int) -> float:
    """Return the seconds that pandas itself takes for as many rows of a number and three texts."""
    import pandas as pd

    rows = len(_domain(bench).journal)
    columns: dict[str, list[Any]] = {"step": list(range(rows))}
    columns |= {name: [f"{name} {n}" for n in range(rows)] for name in ("kind", "stream", "type")}
    return _median_time(lambda: pd.DataFrame(columns), times)


def world_at(bench: Bench, times: int) -> tuple[float, float]:
    """Return the seconds, median and first, that going to a step and reading an inventory there takes."""
    domain = _domain(bench)
    steps = iter(_throughout(domain.journal, times))
    find = {"book_id": other_book(0)}
    return _median_and_first(
        lambda: domain.at(next(steps)).repository_for("Inventory").find_by(**find), times
    )


def state_at(bench: Bench, times: int) -> tuple[float, float]:
    """Return the seconds, median and first, that the state of all aggregates at a step takes."""
    journal = _domain(bench).journal
    steps = iter(_throughout(journal, times))
    return _median_and_first(lambda: journal.state_at(next(steps)), times)


def aggregate_at(bench: Bench, times: int) -> tuple[float, float]:
    """Return the seconds, median and first, that the state of the busiest aggregate at a step takes."""
    journal = _domain(bench).journal
    changed = journal.of(kind="changed", aggregate="Inventory")[-1]
    steps = iter(_throughout(journal, times))
    return _median_and_first(lambda: journal.instance_at("Inventory", changed.id, next(steps)), times)


def map_of(_bench: Bench, times: int) -> float:
    """Return the median seconds that the map of a model of 100 elements takes as a cell's last line."""
    from IPython.core.formatters import DisplayFormatter

    from benchmarks.big_model import hundred_elements

    formatter: Any = DisplayFormatter
    domain, show = hundred_elements(), formatter().format
    show(domain.map())
    return _median_time(lambda: show(domain.map()), times)


def _throughout(journal: Any, count: int) -> list[int]:
    return random.Random(7).sample(range(journal[0].step + SETTING_UP, journal[-1].step + 1), count)


def _median_and_first(function: Callable[[], object], times: int) -> tuple[float, float]:
    seconds = [_time(function) for _ in range(times)]
    return median(seconds), seconds[0]


def _domain(bench: Bench) -> Any:
    return bench.contender.shop.domain  # type: ignore[attr-defined]


def _median_time(function: Callable[[], object], times: int) -> float:
    return median(_time(function) for _ in range(times))


def _time(function: Callable[[], object]) -> float:
    start = process_time()
    function()
    return process_time() - start
