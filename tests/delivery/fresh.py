"""The project as a stranger gets it: without what was built in it, and in a new environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]

NOT_COMMITTED = shutil.ignore_patterns(
    *(".git", ".venv*", "*_cache", "__pycache__", ".hypothesis", ".ipynb_checkpoints", "build", "dist")
)


def clone(folder: Path) -> Path:
    """Copy the project into `folder`."""
    return Path(shutil.copytree(ROOT, folder, ignore=NOT_COMMITTED))


class Environment:
    """A new virtual environment; what runs in it sees nothing of the one that the tests run in."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder)
        self.bin = folder / ("Scripts" if sys.platform == "win32" else "bin")
        hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")
        self.variables = {name: value for name, value in os.environ.items() if name not in hidden} | {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "JUPYTER_DATA_DIR": str(folder / "jupyter"),
            "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
            "IPYTHONDIR": str(folder / "ipython"),
        }

    def run(self, *command: str | Path, folder: Path, seconds: float = 300) -> str:
        """What `command` prints. Raises `AssertionError` with all of it when the command fails."""
        done = subprocess.run(
            [shutil.which(command[0], path=self.variables["PATH"]) or command[0], *command[1:]],
            cwd=folder,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}"
        return done.stdout

    def pip(self, *arguments: str | Path, folder: Path) -> None:
        """Let the tests' own pip work on this environment: putting another pip in takes seconds."""
        pip = (sys.executable, "-m", "pip", "--quiet", "--python", self.bin / "python")
        self.run(*pip, *arguments, folder=folder)

    def install(self, *what: str | Path, folder: Path) -> None:
        """Install `what`. Bytecode is made when it is first needed, which for most of it is never."""
        self.pip("install", "--no-compile", *what, folder=folder)
