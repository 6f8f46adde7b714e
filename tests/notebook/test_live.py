"""Open workbenches are kept up to date around and inside cells."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from ddd_kit import Domain
from ddd_kit.engine.engine import Engine
from ddd_kit.journal.origin import Origin, current_origin
from ddd_kit.notebook import cells, live
from shells import Shell


@dataclass(eq=False)
class Recorder:
    """Something watched, that remembers what it was told."""

    domain: Engine = field(default_factory=lambda: Domain(name="Bookshop"))
    told: list[str] = field(default_factory=list)
    glanced: threading.Event = field(default_factory=threading.Event)

    def cell_began(self, origin: Origin) -> None:
        self.told.append(f"began {origin.label}")

    def cell_ended(self, origin: Origin) -> None:
        self.told.append(f"ended {origin.label}")

    def glance(self) -> None:
        self.told.append("glance")
        self.glanced.set()

    def catch_up(self) -> None:
        self.told.append("catch up")

    def refresh(self) -> None:
        self.told.append("refresh")


@pytest.fixture(autouse=True)
def _nothing_else_is_watched() -> None:
    for shown in live.watched():
        live.forget(shown)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that a test can wait for."""
    monkeypatch.setattr(live, "PAUSE", 0.01)
    monkeypatch.setattr(live, "_cost", [0.0])
    monkeypatch.setattr(live, "_cost_between", [0.0])


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    made = Recorder()
    live.watch(made)
    yield made
    live.forget(made)


def test_it_is_told_when_a_cell_begins_and_ends(shell: Shell, recorder: Recorder) -> None:
    shell.run("1")
    assert recorder.told == ["began In [1]", "ended In [1]"]


def test_a_cell_that_fails_ends_too(shell: Shell, recorder: Recorder) -> None:
    shell.run("1 / 0", fails=True)
    assert recorder.told[-1] == "ended In [1]"


def test_inside_a_long_cell_it_is_drawn_meanwhile_and_last_when_the_cell_has_ended(
    shell: Shell, recorder: Recorder, quick: None
) -> None:
    shell.shell.user_ns["glanced"] = recorder.glanced
    shell.run("assert glanced.wait(20)")
    assert "glance" in recorder.told
    assert recorder.told[-1] == "ended In [1]"


def test_drawing_takes_a_small_share_of_a_cells_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a slow drawing the next one is put off, also when it comes in another cell."""
    waits: list[float] = []
    monkeypatch.setattr(live, "_cost", [0.0])
    clock = iter([0.0, 1.2])
    monkeypatch.setattr(live.time, "perf_counter", lambda: next(clock))
    ticker = live._Ticker.__new__(live._Ticker)

    class Over:
        def wait(self, pause: float) -> bool:
            waits.append(pause)
            return len(waits) > 1

    ticker._over = Over()  # type: ignore[assignment]
    ticker._run()
    assert waits == [live.PAUSE, pytest.approx(1.2 / live.SHARE)]
    waits[:] = [0.0]
    ticker._run()
    assert waits[1] == pytest.approx(1.2 / live.SHARE)


def test_where_there_are_no_threads_cells_run_all_the_same(
    shell: Shell, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(live.threading.Thread, "start", start)
    shell.run("1")
    assert recorder.told == ["began In [1]", "ended In [1]"]


def test_only_what_shows_a_domain_is_refreshed_with_it(recorder: Recorder) -> None:
    other = Recorder()
    live.watch(other)
    live.refresh_all(recorder.domain)
    live.forget(other)
    assert (recorder.told, other.told) == (["refresh"], [])


def test_when_nothing_is_watched_any_more_no_hook_is_left(shell: Shell) -> None:
    before = len(cells._at_begin), len(cells._at_end)
    one, two = Recorder(), Recorder()
    live.watch(one)
    live.watch(two)
    live.forget(one)
    assert (len(cells._at_begin), len(cells._at_end)) == (before[0] + 1, before[1] + 1)
    live.forget(two)
    assert (len(cells._at_begin), len(cells._at_end)) == before
    shell.run("1")
    assert two.told == []


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


def test_between_cells_it_is_looked_after_again_and_again_in_the_main_thread(quick: None) -> None:
    threads: list[threading.Thread] = []

    class Seen(Recorder):
        def catch_up(self) -> None:
            threads.append(threading.current_thread())

    async def main() -> None:
        seen = Seen()
        live.watch(seen)
        await _until(lambda: len(threads) > 2)
        live.forget(seen)

    asyncio.run(main())
    assert set(threads) == {threading.main_thread()}


def test_when_nothing_is_watched_any_more_the_event_loop_is_left_alone(quick: None) -> None:
    async def main() -> None:
        one, two = Recorder(), Recorder()
        live.watch(one)
        live.watch(two)
        live.forget(one)
        await _until(lambda: "catch up" in two.told)
        live.forget(two)
        told = len(two.told)
        await asyncio.sleep(0.05)
        assert len(two.told) == told
        assert one.told == []
        assert live._timer == []

    asyncio.run(main())


def test_a_cell_that_awaits_something_is_looked_after_as_a_cell(
    shell: Shell, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        monkeypatch.setattr(live, "running_cell", lambda: Origin("In [1]", None))
        recorder = Recorder()
        live.watch(recorder)
        await asyncio.sleep(0.05)
        assert recorder.told == []
        monkeypatch.undo()
        monkeypatch.setattr(live, "PAUSE", 0.01)
        await _until(lambda: "catch up" in recorder.told)
        live.forget(recorder)

    asyncio.run(main())


def test_what_is_drawn_between_cells_is_not_done_in_the_name_of_a_cell(quick: None) -> None:
    origins: list[Origin] = []

    class Seen(Recorder):
        def catch_up(self) -> None:
            origins.append(current_origin.get())

    async def main() -> None:
        seen = Seen()
        token = current_origin.set(Origin("In [1]", "a"))
        live.watch(seen)
        current_origin.reset(token)
        await _until(lambda: bool(origins))
        live.forget(seen)

    asyncio.run(main())
    assert "In [1]" not in {origin.label for origin in origins}
