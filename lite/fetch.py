"""What the site is made of, from PyPI and from npm's registry, kept for the next time."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

BROWSER = Path(__file__).parent / "browser.txt"

PYODIDE_SHA256 = "d78ac549b28a2a58600cd06f44e017024151775f8c6b2d73fab1475400d38ea2"
"""Of the package `pyodide` on npm, in the version that the pinned JupyterLite kernel is made for."""

PYTHON, PLATFORM = "3.14", "pyemscripten_2026_0_wasm32"
"""Of that Pyodide."""

CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
NPM = "https://registry.npmjs.org/"


def wheels(cache: Path) -> Path:
    """The folder with the wheels that `browser.txt` names.

    Raises:
        RuntimeError: when pip cannot get one of them.
    """
    folder = cache / f"wheels-{hashlib.sha256(BROWSER.read_bytes()).hexdigest()[:12]}"
    if not folder.exists():
        # The first platform that has a wheel is taken. MarkupSafe has none for the browser, and gets one
        # when its compiled part is left out.
        where = [f"--platform={name}" for name in (PLATFORM, "manylinux2014_x86_64", "any")]
        python = [f"--python-version={PYTHON}", "--implementation=cp", f"--abi=cp{PYTHON.replace('.', '')}"]
        begun = _begun(folder)
        pip("download", "--no-deps", "--only-binary=:all:", *python, *where, "-d", begun, "-r", BROWSER)
        begun.rename(folder)
    return folder


def pyodide(cache: Path, version: str) -> Path:
    """The folder with Pyodide itself, without packages.

    Raises:
        RuntimeError: when npm's registry cannot be reached, or gives something else.
    """
    folder = cache / f"pyodide-{version}-{PYODIDE_SHA256[:12]}"
    if not folder.exists():
        begun = _begun(folder)
        archive = begun / "pyodide.tgz"
        _download(f"{_registry()}pyodide/-/pyodide-{version}.tgz", archive)
        with tarfile.open(archive) as members:
            for name in CORE:
                member = members.extractfile(f"package/{name}")
                assert member is not None
                (begun / name).write_bytes(member.read())
        archive.unlink()
        begun.rename(folder)
    return folder


def pip(command: str, *arguments: str | Path) -> None:
    """Run pip.

    Raises:
        RuntimeError: with what pip printed, when it fails.
    """
    run = [
        sys.executable,
        "-m",
        "pip",
        command,
        "--quiet",
        "--disable-pip-version-check",
        *map(str, arguments),
    ]
    done = subprocess.run(run, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"pip {command} failed:\n{done.stdout}")


def _begun(folder: Path) -> Path:
    """Where a folder is filled that takes its name when it is whole."""
    begun = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(begun, ignore_errors=True)
    begun.mkdir(parents=True)
    return begun


def _registry() -> str:
    """The registry that the user's npm is set to use; the public one where there is no npm."""
    npm = shutil.which("npm")
    if npm is None:
        return NPM
    asked = subprocess.run([npm, "config", "get", "registry"], capture_output=True, text=True, check=False)
    address = asked.stdout.strip()
    return f"{address.rstrip('/')}/" if address.startswith("https://") else NPM


def _download(url: str, to: Path) -> None:
    try:
        with urllib.request.urlopen(url, timeout=120) as answer, to.open("wb") as out:
            shutil.copyfileobj(answer, out)
    except (urllib.error.URLError, TimeoutError) as error:
        raise RuntimeError(f"Pyodide could not be fetched from {url}: {error}") from error
    found = hashlib.sha256(to.read_bytes()).hexdigest()
    if found != PYODIDE_SHA256:
        raise RuntimeError(
            f"{url} is not the Pyodide that lite/fetch.py names: its SHA-256 is {found}, "
            f"not {PYODIDE_SHA256}. After an update of jupyterlite-pyodide-kernel, write the new one there."
        )
