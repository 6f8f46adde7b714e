"""A budget of lines is for the code that is tried, and for nobody else."""

from __future__ import annotations

import time
from threading import Thread

import pytest

from ddd_kit.workshop.budget import LineBudget, Waited


def test_code_that_is_tried_may_not_wait() -> None:
    with LineBudget(), pytest.raises(Waited, match="time passes without it"):
        time.sleep(0)
    time.sleep(0)


def test_other_threads_may() -> None:
    """A kernel has threads of its own, which sleep between two looks at something."""
    failed: list[BaseException] = []

    def look_around() -> None:
        try:
            time.sleep(0)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the thread would end by it
            failed.append(error)

    with LineBudget():
        thread = Thread(target=look_around)
        thread.start()
        thread.join()
    assert failed == []
