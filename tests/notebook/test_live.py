"""Open workbenches are kept up to date around and inside cells."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from ddd_kit import Domain
from ddd_kit.engine.engine import Engine
from ddd_kit.journal.origin import Origin
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

    def refresh(self) -> None:
        self.told.append("refresh")


@pytest.fixture(autouse=True)
def _nothing_else_is_watched() -> None:
    for shown in live.watched():
        live.forget(shown)


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
    shell: Shell, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PAUSE", 0.01)
    monkeypatch.setattr(live, "_cost", [0.0])
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
