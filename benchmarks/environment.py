"""The benchmark environment: one of its own, so that no peer becomes a dependency of the package."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv-bench"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def enter() -> None:
    """Make sure that `.venv-bench` is there and up to date; outside it, start over in it."""
    python = FOLDER / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not _is_current():
        _make(python)
    if Path(sys.prefix).resolve() != FOLDER:
        raise SystemExit(subprocess.call([python, "-m", "benchmarks", *sys.argv[1:]], cwd=ROOT))


def _is_current() -> bool:
    stamp = FOLDER / "ready"
    wanted = (REQUIREMENTS, ROOT / "pyproject.toml")
    return stamp.exists() and all(stamp.stat().st_mtime >= path.stat().st_mtime for path in wanted)


def _make(python: Path) -> None:
    print(f"Installing the peers into {FOLDER.name} ...", flush=True)
    if not python.exists():
        venv.create(FOLDER, with_pip=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(REQUIREMENTS)], cwd=ROOT, check=True)
    (FOLDER / "ready").touch()
