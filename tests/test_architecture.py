"""What the layers promise: arrows point down, and the core needs no heavy library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
HEAVY = {"pandas", "numpy", "matplotlib", "networkx", "ipywidgets", "anywidget", "IPython"}

WITHOUT_HEAVY_LIBRARIES = """
import sys
from importlib.abc import MetaPathFinder

class Missing(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in ("pandas", "numpy", "matplotlib"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from IPython.core.formatters import DisplayFormatter
import seed_model

for cell in seed_model.SESSION:
    exec(cell, vars(seed_model))
assert seed_model.stock.in_stock == 90

domain = seed_model.domain
assert "ManageInventory" in repr(domain.journal)
bundle, _ = DisplayFormatter().format(domain.map())
assert "ManageInventory" in bundle["text/plain"], bundle
assert "data:image/svg+xml" in bundle["text/html"], bundle
"""

MISSING = """
import sys
sys.modules[{library!r}] = None
import seed_model
try:
    seed_model.domain.{call}
except ImportError as error:
    print(error)
"""


def run(script: str) -> str:
    """What a fresh Python prints when it runs `script`."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_imports_keep_to_the_layers() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_engine_journal_and_map_run_where_heavy_libraries_are_missing() -> None:
    run(WITHOUT_HEAVY_LIBRARIES)


@pytest.mark.parametrize(
    ("library", "call"),
    [
        ("pandas", "journal.to_frame()"),
        ("matplotlib", "chart('Inventory', 'in_stock')"),
        ("matplotlib", "draw()"),
    ],
)
def test_what_needs_a_missing_library_says_how_to_get_it(library: str, call: str) -> None:
    assert f"pip install {library}" in run(MISSING.format(library=library, call=call))


def test_importing_the_package_loads_no_heavy_library() -> None:
    loaded = run("import ddd_kit, sys; print(*sys.modules)").split()
    assert not HEAVY.intersection(loaded)


def test_what_run_files_are_checked_with_is_made_when_one_is_saved_or_loaded() -> None:
    """It would double the time of the import."""
    loaded = run("import ddd_kit, sys; print(*sys.modules)").split()
    assert not [name for name in loaded if name.startswith("ddd_kit.engine.run_file")]
