"""The wheel holds the package alone, and is enough to run the seed's session."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from fresh import ROOT, Environment, clone

pytestmark = pytest.mark.delivery

SESSION = """
import json
from IPython.core.interactiveshell import InteractiveShell
from seed_model import SESSION

shell = InteractiveShell.instance()
shell.run_cell("from seed_model import *").raise_error()
for cell in SESSION:
    result = shell.run_cell(cell, store_history=True)
    result.raise_error()
print(json.dumps(result.result))
"""

WORKBENCH = """
import ddd_kit
workbench = ddd_kit.demo()
canvas = workbench.children[0]
assert "ddd-workbench" in canvas._css and "export default" in canvas._esm
print(workbench.to_text())
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("wheel") / "venv")


@pytest.fixture(scope="module")
def wheel(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    source = clone(folder / "source")
    environment.pip("wheel", "--no-deps", f"--wheel-dir={folder}", source, folder=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_holds_the_package_its_licence_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"ddd_kit", "ddd_kit-0.1.0.dist-info"}
    assert {"ddd_kit/py.typed", "ddd_kit-0.1.0.dist-info/licenses/LICENSE"} <= set(names)


def test_alone_in_a_new_environment_it_runs_the_seed(
    environment: Environment, wheel: Path, tmp_path: Path
) -> None:
    environment.install(wheel, folder=tmp_path)
    shutil.copy(ROOT / "tests" / "seed_model.py", tmp_path)
    stock = json.loads(environment.run("python", "-c", SESSION, folder=tmp_path).splitlines()[-1])
    assert list(stock) == ["book_id", "in_stock", "id"]
    assert (stock["book_id"], stock["in_stock"]) == ("1", 90)


def test_alone_in_a_new_environment_it_opens_the_workbench(
    environment: Environment, wheel: Path, tmp_path: Path
) -> None:
    """Its script and its styles are in the wheel."""
    environment.install(wheel, folder=tmp_path)
    shown = environment.run("python", "-c", WORKBENCH, folder=tmp_path)
    assert "from in_stock 100 to 90" in shown
