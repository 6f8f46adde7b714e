"""Binder without a container engine: what goes into the image, and the same steps in a new environment."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fresh import ROOT, Environment, clone

pytestmark = pytest.mark.delivery

BADGE = "https://mybinder.org/v2/gh/ddd-kit/ddd_kit/v0.1.0?urlpath=lab/tree/"
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
BASE = """
    ipykernel ipython ipywidgets jupyter_client jupyter_core jupyter_server jupyterlab nbclient nbconvert-core
    nbformat notebook pydantic pyzmq tornado traitlets typing_extensions
"""


def base_packages() -> list[str]:
    """Requirements for what Binder's image for Python 3.11 starts with, as far as it matters to us."""
    found = importlib.util.find_spec("repo2docker")
    assert found is not None
    assert found.origin is not None
    lock = Path(found.origin).parent / "buildpacks" / "conda" / "environment.py-3.11-linux-64.lock"
    versions = dict(re.findall(r"/([\w.-]+)-([\w.]+)-\w+\.conda", lock.read_text()))
    return [f"{name.removesuffix('-core')}=={versions[name]}" for name in BASE.split()]


def test_the_image_is_made_from_each_file() -> None:
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    steps = (
        r"environment\S*py\S*3\S*11\S*lock",
        r"COPY \S+ src/ \$\{REPO_DIR\}/$",
        r'RUN \S+/pip install --no-cache-dir -r "binder/requirements.txt"$',
        r"RUN ./binder/postBuild$",
        r'ENV R2D_ENTRYPOINT="\$\{REPO_DIR\}/binder/start"$',
    )
    found = [re.search(step, done.stdout + done.stderr, re.MULTILINE) for step in steps]
    assert all(found), list(zip(steps, found, strict=True))
    places = [step.start() for step in found if step]
    assert places == sorted(places), "the project is there before it is installed"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> tuple[Environment, Path]:
    """An environment like Binder's image, and the project in it."""
    folder = tmp_path_factory.mktemp("binder")
    environment, project = Environment(folder / "venv"), clone(folder / "project")
    environment.install(*base_packages(), folder=project)
    environment.install("-r", "binder/requirements.txt", folder=project)
    environment.run("./binder/postBuild", folder=project)
    return environment, project


def test_its_packages_fit_together(image: tuple[Environment, Path]) -> None:
    environment, project = image
    environment.pip("check", folder=project)


def test_its_start_script_starts_what_it_is_given(image: tuple[Environment, Path]) -> None:
    environment, project = image
    version = environment.run("./binder/start", "jupyter", "lab", "--version", folder=project)
    assert re.match(r"\d+\.\d+", version)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_notebook_runs_there(image: tuple[Environment, Path], notebook: str) -> None:
    environment, project = image
    command = ("jupyter", "nbconvert", "--to=notebook", "--execute", "--stdout", notebook)
    environment.run(project / "binder" / "start", *command, folder=project / "notebooks")


def test_the_badge_opens_a_notebook_that_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (path,) = set(re.findall(re.escape(BADGE) + r"([^)\s\"]+)", readme))
    assert path == "notebooks/01-event-handlers.ipynb"
    assert (ROOT / path).exists()
    assert json.loads((ROOT / path).read_text(encoding="utf-8"))["nbformat"] == 4
