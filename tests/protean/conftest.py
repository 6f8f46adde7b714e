"""Where real Protean is."""

from pathlib import Path

import pytest

# Programs are started by the tests, on both frameworks; they are no tests themselves.
collect_ignore_glob = ["*conftest.py", "programs/*"]


@pytest.fixture(scope="session")
def protean_python():
    """The Python of the environment that has Protean."""
    folder = Path(__file__).parents[2] / ".venv-protean"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        pytest.fail(f"Protean is not installed: {folder.name} is missing. `make test` installs it.")
    return python
