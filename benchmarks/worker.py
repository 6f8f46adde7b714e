"""A process of its own for each contender, so that none sees another's imports, heap or collector."""

from __future__ import annotations

import importlib
import os
import traceback
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from benchmarks.bench import Bench

FLOOR = "floor:Floor"
EVENTSOURCING = "eventsourcing_peer:Eventsourcing"
EVENTSOURCING_TUNED = "eventsourcing_tuned:Tuned"
PROTEAN = "protean_peer:Protean"
DDD_KIT = "ddd_kit_contender:DddKit"
BLOCKS = "kit_blocks"
"""Work besides ship-and-handle, of the frameworks that speak this API; classes as `Items` follow."""
EVENTSOURCING_BLOCKS = "eventsourcing_blocks"
"""The same, of eventsourcing."""


class WorkerError(Exception):
    """A worker failed; the text is its traceback."""


class Worker:
    """Runs one contender in a fresh process that waits for calls and works off one at a time.

    Args:
        contender: Module below `benchmarks` and class, such as `FLOOR`.
        **options: What the class takes.

    Use it as a context manager: leaving ends the process.
    """

    def __init__(self, contender: str, **options: Any) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, contender, options), daemon=True)
        self._process.start()
        theirs.close()

    def call(self, name: str, *args: Any) -> Any:
        """Call a method of the worker's `Bench`, or a function of `benchmarks.probes`, and wait.

        Raises:
            WorkerError: If it raised, or the process died.
        """
        self._pipe.send((name, args))
        try:
            failed, result = self._pipe.recv()
        except EOFError:
            raise WorkerError(f"the worker died in {name}") from None
        if failed:
            raise WorkerError(result)
        return result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.join()
        self._pipe.close()


def _serve(pipe: Connection, contender: str, options: dict[str, Any]) -> None:
    _share_one_core()
    bench: Bench | None = None
    while True:
        name, args = pipe.recv()
        try:
            bench = bench or _bench(contender, options)
            pipe.send((False, _function(bench, name)(*args)))
        except Exception:  # noqa: BLE001 - whatever went wrong is the caller's to tell
            pipe.send((True, traceback.format_exc()))


def _share_one_core() -> None:
    """Run where the other workers run, where the system can say so: cores are busy to different degrees."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _bench(contender: str, options: dict[str, Any]) -> Bench:
    module, name = contender.split(":")
    return Bench(getattr(importlib.import_module(f"benchmarks.{module}"), name)(**options))


def _function(bench: Bench, name: str) -> Any:
    if hasattr(bench, name):
        return getattr(bench, name)
    probe = getattr(importlib.import_module("benchmarks.probes"), name)
    return lambda *args: probe(bench, *args)
