"""JupyterLab, Notebook 7 and Voila, each served from a folder of its own on this machine."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"scrollPastEnd": False},
}


@dataclass(frozen=True)
class Site:
    """A server: its module, its own options (`{root}` and `{token}` are filled in), its first page."""

    module: str
    options: tuple[str, ...]
    page: str
    health: str = "api"


_JUPYTER = ("--allow-root", "--ServerApp.root_dir={root}", "--IdentityProvider.token={token}")
LAB = Site(
    "jupyterlab",
    (*_JUPYTER, "--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"),
    "lab",
)
NOTEBOOK = Site("notebook", (*_JUPYTER, "--JupyterNotebookApp.expose_app_in_browser=True"), "tree")
VOILA = Site("voila", ("{root}", "--token={token}"), "voila/tree", "voila/tree")


@contextmanager
def serve(site: Site, notebooks: Path, scratch: Path) -> Iterator[str]:
    """Start a server on a copy of `notebooks`, a folder or a file; gives the address of its first page.

    The copy is the folder `served` in the scratch folder.
    """
    served = scratch / "served"
    if notebooks.is_dir():
        shutil.copytree(notebooks, served, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    else:
        served.mkdir()
        shutil.copy(notebooks, served)
    port, token = free_port(), secrets.token_hex(16)
    filled = [option.format(root=served, token=token) for option in site.options]
    command = [sys.executable, "-m", site.module, "--no-browser", f"--port={port}"]
    command += [*filled, "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0"]
    log = scratch / f"{site.module}.log"
    with log.open("w") as out:
        environment = os.environ | _folders(scratch)
        server = subprocess.Popen(command, cwd=served, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/{site.health}?token={token}", server, log)
        yield f"http://127.0.0.1:{port}/{site.page}?token={token}"
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _folders(scratch: Path) -> dict[str, str]:
    """Where all that a server keeps goes."""
    settings = scratch / "settings"
    for name, values in SETTINGS.items():
        file = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    return {
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(scratch / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(scratch / "config"),
        "JUPYTER_DATA_DIR": str(scratch / "data"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
        "IPYTHONDIR": str(scratch / "ipython"),
    }


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"The server did not start. It said:\n{log.read_text()[-4000:]}")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
