"""The browser that the tests drive. Run as a program, it makes sure that there is one."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch_chromium(playwright: Playwright) -> Browser:
    """Start the browser, without a window."""
    path = find_chromium(playwright)
    if path is None:
        raise RuntimeError("No Chromium or Chrome here. Get one: python -m playwright install chromium")
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


def find_chromium(playwright: Playwright) -> str | None:
    """Where Playwright's own Chromium is, else where the machine's Chromium or Chrome is."""
    programs = map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))
    applications = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")
    for place in (
        playwright.chromium.executable_path,
        *programs,
        *(f"/Applications/{each}" for each in applications),
    ):
        if place and Path(place).exists():
            return place
    return None


def install_chromium() -> None:
    """Fetch a browser: Debian's, with all it needs, for root on Debian; Playwright's for everybody else."""
    if is_root_on_debian():
        subprocess.run(["apt-get", "update"], check=True)
        subprocess.run(["apt-get", "install", "--yes", "--no-install-recommends", "chromium"], check=True)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def is_root_on_debian() -> bool:
    """Whether apt-get has a real Chromium to install (Ubuntu's is a snap), and may."""
    if platform.system() != "Linux" or os.geteuid() != 0:
        return False
    return platform.freedesktop_os_release()["ID"] == "debian"


if __name__ == "__main__":
    with sync_playwright() as driver:
        missing = find_chromium(driver) is None
    if missing:
        install_chromium()
