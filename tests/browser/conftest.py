"""One JupyterLab in one page for all tests here; DDD_KIT_SHOTS=folder keeps a picture of each test's end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lab import Lab, open_browser, open_lab

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
WIDTH, HEIGHT = 1200, 900
expect.set_options(timeout=15_000)  # ms; a machine may have more to do than this


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all tests."""
    with open_browser() as started:
        yield started


@pytest.fixture(scope="session")
def _lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with open_lab(browser, NOTEBOOKS, tmp_path_factory.mktemp("lab"), WIDTH, HEIGHT) as lab:
        yield lab


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go."""
    folder = os.environ.get("DDD_KIT_SHOTS")
    return Path(folder) if folder else tmp_path_factory.mktemp("shots")


@pytest.fixture
def lab(_lab: Lab, shots: Path, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """JupyterLab with nothing open, in a light theme.

    Fails when the test asked another host for anything, or when a script failed.
    """
    _lab.requests_elsewhere.clear()
    _lab.script_errors.clear()
    _lab.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    _lab.theme("light")
    yield _lab
    _lab.page.screenshot(path=shots / f"{request.node.name}.png")
    _lab.close()
    assert _lab.requests_elsewhere == []
    assert _lab.script_errors == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests last, so that what fails in a second is seen first."""
    slow = ("browser", "delivery")
    items.sort(key=lambda item: [item.get_closest_marker(name) is not None for name in slow])
