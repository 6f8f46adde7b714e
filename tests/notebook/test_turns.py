"""Callbacks of widgets run in the main thread, and between cells."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import SimpleNamespace

import pytest

from ddd_kit.notebook import turns
from shells import Shell


def test_between_cells_it_runs_at_once() -> None:
    done: list[str] = []
    turns.take_turn(lambda: done.append("now"))
    assert done == ["now"]


def test_during_a_cell_it_waits_until_the_cell_has_ended(shell: Shell) -> None:
    shell.shell.user_ns["take_turn"] = turns.take_turn
    shell.shell.user_ns["done"] = done = []
    shell.run("take_turn(lambda: done.append('later')); during = list(done)")
    assert shell.shell.user_ns["during"] == []
    assert done == ["later"]


def test_callbacks_that_wait_keep_their_order(shell: Shell) -> None:
    shell.shell.user_ns["take_turn"] = turns.take_turn
    shell.shell.user_ns["done"] = done = []
    shell.run("for n in range(3): take_turn(lambda n=n: done.append(n))")
    assert done == [0, 1, 2]


def test_a_cell_that_fails_lets_them_run_too(shell: Shell) -> None:
    shell.shell.user_ns["take_turn"] = turns.take_turn
    shell.shell.user_ns["done"] = done = []
    shell.run("take_turn(lambda: done.append('later')); 1 / 0", fails=True)
    assert done == ["later"]


def test_from_another_thread_it_is_handed_to_the_kernels_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[object] = []
    loop = SimpleNamespace(add_callback=handed.append)
    monkeypatch.setattr(turns, "_shell", lambda: SimpleNamespace(kernel=SimpleNamespace(io_loop=loop)))
    ran_in: list[threading.Thread] = []
    thread = threading.Thread(
        target=lambda: turns.take_turn(lambda: ran_in.append(threading.current_thread()))
    )
    thread.start()
    thread.join()
    assert ran_in == []
    for callback in handed:
        callback()  # type: ignore[operator]
    assert ran_in == [threading.main_thread()]


def test_an_interrupt_reaches_what_runs_although_the_kernel_ignores_it_between_cells() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    seen: list[str] = []

    def endless() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        except KeyboardInterrupt:
            seen.append("interrupted")

    try:
        turns.take_turn(endless)
        after = signal.getsignal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == ["interrupted"]
    assert after is signal.SIG_IGN
