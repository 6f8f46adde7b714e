"""What holds for all tests."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is not a fault: how long an example takes is measured in benchmarks/.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Examples are looked for in every file, and two of one name stand in each other's way.
collect_ignore_glob = ["*conftest.py"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests last, so that what fails in a second is seen first; where processes share them, spread out.

    Processes take one file after the other in this order: first what installs things, which takes longest,
    then browser tests among the others, as three browsers at once are slower than one after the other.
    """
    if not hasattr(config, "workerinput"):
        items.sort(
            key=lambda item: [item.get_closest_marker(name) is not None for name in ("browser", "delivery")]
        )
        return
    files: dict[str, dict[Path, int]] = {"delivery": {}, "browser": {}, "": {}}
    for item in items:
        files[_room(item)].setdefault(item.path, len(files[_room(item)]))

    def place(item: pytest.Item) -> float:
        room = _room(item)
        return -1 if room == "delivery" else files[room][item.path] / len(files[room])

    items.sort(key=place)


def _room(item: pytest.Item) -> str:
    return next((name for name in ("delivery", "browser") if item.get_closest_marker(name) is not None), "")


@pytest.fixture(autouse=True)
def _no_loop_runs(request: pytest.FixtureRequest) -> Iterator[None]:
    """The browser of earlier tests in the same process keeps an event loop running: it is not for these."""
    running = asyncio._get_running_loop()
    if running is None or request.node.get_closest_marker("browser"):
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)
