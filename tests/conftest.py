"""What holds for all tests."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A busy machine is not a fault: how long an example takes is measured in benchmarks/.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Examples are looked for in every file, and two of one name stand in each other's way.
collect_ignore_glob = ["*conftest.py"]


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
