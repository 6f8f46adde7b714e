"""Binder without a container engine: what goes into the image, and the same steps in a new environment."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
from dataclasses import dataclass
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

INSTALLED = (
    "from importlib.metadata import distributions as d; print(*(f'{p.name}=={p.version}' for p in d()))"
)


@dataclass(frozen=True)
class Image:
    """What Binder would build: an environment, the project, and the packages that the project added."""

    environment: Environment
    project: Path
    added: list[str]


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
        r"RUN ./binder/postBuild$",
        r'ENV R2D_ENTRYPOINT="\$\{REPO_DIR\}/binder/start"$',
    )
    found = [re.search(step, done.stdout + done.stderr, re.MULTILINE) for step in steps]
    assert all(found), list(zip(steps, found, strict=True))
    places = [step.start() for step in found if step]
    assert places == sorted(places), "the project is there before it is installed"
    assert "requirements.txt" not in done.stdout + done.stderr, "postBuild installs, and nothing before it"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """An environment like Binder's image, and the project in it."""
    folder = tmp_path_factory.mktemp("binder")
    environment, project = Environment(folder / "venv"), clone(folder / "project")
    environment.install(*base_packages(), folder=project)
    before = installed(environment, project)
    environment.install("pip", folder=project)
    environment.run("./binder/postBuild", folder=project)
    added = [each for each in installed(environment, project) if each not in before]
    return Image(environment, project, [each for each in added if not each.startswith(("ddd", "pip="))])


def installed(environment: Environment, project: Path) -> list[str]:
    """The packages of an environment, each with its version."""
    return environment.run("python", "-c", INSTALLED, folder=project).split()


def test_what_is_added_to_the_image_is_pinned(image: Image) -> None:
    """Nothing comes along that nobody tested, and nothing is named that is not needed."""
    lines = (image.project / "binder" / "packages.txt").read_text(encoding="utf-8").splitlines()
    assert {line for line in lines if "==" in line} == set(image.added)


def test_its_packages_fit_together(image: Image) -> None:
    image.environment.pip("check", folder=image.project)


def test_its_start_script_starts_what_it_is_given(image: Image) -> None:
    version = image.environment.run("./binder/start", "jupyter", "lab", "--version", folder=image.project)
    assert re.match(r"\d+\.\d+", version)


def test_every_notebook_runs_there(image: Image) -> None:
    environment, project = image.environment, image.project
    command = ("jupyter", "nbconvert", "--to=notebook", "--execute", "--output-dir=ran", *NOTEBOOKS)
    environment.run(project / "binder" / "start", *command, folder=project / "notebooks", seconds=600)
    assert sorted(path.name for path in (project / "notebooks" / "ran").iterdir()) == NOTEBOOKS


def test_the_badges_open_the_first_notebook_of_a_release() -> None:
    """A tag of this version; what they open is there."""
    version = importlib.metadata.version("ddd-kit")
    assert f"/v{version}?" in BADGE
    for name in ("README.md", "docs/index.md", "notebooks/TRAINER.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        paths = set(re.findall(r"mybinder\.org/v2/[^)\s\"]+", text))
        assert paths <= {f"{BADGE}notebooks/00-start-here.ipynb".removeprefix("https://")}, name
        assert paths or name != "README.md"
    path = "notebooks/00-start-here.ipynb"
    assert json.loads((ROOT / path).read_text(encoding="utf-8"))["nbformat"] == 4
