"""Build the site: ``python -m lite [--output FOLDER] [--cache FOLDER]``."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyterlite_pyodide_kernel import constants

from lite import fetch, wheels

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
KERNEL = constants.PYODIDE_KERNEL_PLUGIN_ID
FRONT_ENDS = ("anywidget", "jupyterlab-widgets")
"""Wheels with a part that runs in JupyterLab itself."""


def main() -> None:
    """Fetch what is missing, build the site, and say how to serve it."""
    arguments = _arguments()
    output = arguments.output.resolve()
    try:
        build(output, arguments.cache.resolve())
    except RuntimeError as error:
        sys.exit(f"The site was not built. {error}")
    megabytes = sum(file.stat().st_size for file in output.rglob("*") if file.is_file()) / 1e6
    print(f"The site is in {arguments.output}, {megabytes:.0f} MB of files. To look at it, run")
    print(f"    python3 -m http.server --bind 127.0.0.1 --directory {arguments.output}")
    print(f"and open http://127.0.0.1:8000/lab/index.html?path={first_notebook()}")
    print("For others, serve it by HTTPS: by plain HTTP a browser keeps no files that Python writes.")


def build(output: Path, cache: Path) -> None:
    """Build the site in the folder `output`; what was there goes.

    Args:
        output: a folder that is not there yet, or has a site from before.
        cache: where downloads are kept.

    Raises:
        RuntimeError: when a download or a step of the build fails.
    """
    if output.exists() and any(output.iterdir()) and not (output / "jupyter-lite.json").exists():
        raise RuntimeError(f"{output} has something else in it. Choose another folder with --output.")
    pyodide = fetch.pyodide(cache, constants.PYODIDE_VERSION)
    bought = sorted(fetch.wheels(cache).glob("*.whl"))
    with tempfile.TemporaryDirectory() as folder:
        lite = Path(folder)
        sources = [*bought, *_kernel(), _startup(lite), _kit(lite / "kit")]
        for_python = [wheel for wheel in sources if not wheel.name.startswith("jupyterlab_widgets-")]
        entries = _add_pyodide(
            lite / "static" / "pyodide", pyodide, wheels.compiled(for_python, pyodide, cache)
        )
        _configure(lite, [entry["name"] for entry in entries], bought, output)
        shutil.rmtree(output, ignore_errors=True)
        _run_jupyterlite(lite)


def first_notebook() -> str:
    """The notebook that the site opens on."""
    return min(path.name for path in NOTEBOOKS.glob("*.ipynb"))


def _kernel() -> list[Path]:
    """The wheels of JupyterLite's kernel, which come with it."""
    folder = f"share/jupyter/labextensions/{constants.PYODIDE_KERNEL_NPM_NAME}/static/pypi"
    found = Path(sys.prefix, folder).glob("*.whl")
    return sorted(wheel for wheel in found if not wheel.name.startswith("widgetsnbextension-"))


def _startup(folder: Path) -> Path:
    """A wheel that IPython in the browser runs before the first cell."""
    name = "lite_startup"
    settings = json.dumps({"InteractiveShellApp": {"extensions": [name]}})
    files = {
        f"{name}.py": Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8"),
        f"{name}-0.data/data/etc/ipython/ipython_config.json": settings,
    }
    return wheels.write(folder, name, files)


def _kit(folder: Path) -> Path:
    """The wheel of ddd_kit as it is now."""
    fetch.pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _add_pyodide(folder: Path, core: Path, ours: list[Path]) -> list[dict[str, Any]]:
    """Put Pyodide and our wheels into `folder`, and all other packages' addresses into its lock file.

    So a page without a network has what is here; with one, `import pandas` gets Pyodide's own.
    """
    shutil.copytree(core, folder)
    entries = [wheels.entry(wheel) for wheel in ours]
    names = {entry["name"] for entry in entries}
    lock = json.loads((folder / constants.PYODIDE_LOCK).read_text(encoding="utf-8"))
    theirs = {
        key: found for key, found in lock["packages"].items() if wheels.normal(found["name"]) not in names
    }
    for found in theirs.values():
        found["file_name"] = f"{constants.PYODIDE_CDN_URL}/{found['file_name']}"
        found["depends"] = [name for name in found["depends"] if wheels.normal(name) not in names]
    lock["packages"] = theirs | {entry["name"]: entry for entry in entries}
    (folder / constants.PYODIDE_LOCK).write_text(json.dumps(lock), encoding="utf-8")
    for wheel in ours:
        shutil.copy(wheel, folder)
    return entries


def _configure(lite: Path, packages: list[str], bought: list[Path], output: Path) -> None:
    """Write what JupyterLite's build reads."""
    page = json.loads(Path(__file__).with_name("jupyter-lite.json").read_text(encoding="utf-8"))
    settings = page["jupyter-config-data"]["litePluginSettings"][KERNEL]
    settings["loadPyodideOptions"] = {"packages": packages}  # fetched side by side, while Pyodide starts
    (lite / "jupyter-lite.json").write_text(json.dumps(page), encoding="utf-8")
    course = lite / "course"
    unwanted = shutil.ignore_patterns(".*", "*.html", "*.jsonl")  # what running the notebooks leaves
    shutil.copytree(NOTEBOOKS, course, ignore=unwanted)
    names = tuple(wheels.normal(wheel.name.partition("-")[0]) for wheel in bought)
    front_ends = [str(wheel) for name, wheel in zip(names, bought, strict=True) if name in FRONT_ENDS]
    config = {
        "apps": ["lab"],
        "contents": [str(course)],
        "federated_extensions": front_ends,
        "no_sourcemaps": True,
        "output_dir": str(output),
    }
    file = lite / "jupyter_lite_config.json"
    file.write_text(json.dumps({"LiteBuildConfig": config}), encoding="utf-8")


def _run_jupyterlite(lite: Path) -> None:
    build = [sys.executable, "-m", "jupyterlite_core", "build", f"--lite-dir={lite}"]
    done = subprocess.run(
        build, cwd=lite, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"JupyterLite's build failed:\n{done.stdout[-4000:]}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lite", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("build/lite"), help="where the site goes")
    parser.add_argument(
        "--cache", type=Path, default=Path(sys.prefix, "downloads"), help="where downloads are kept"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
