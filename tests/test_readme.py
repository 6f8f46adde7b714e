"""What the README promises: its program prints what stands below it, and its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The first block of code in a language."""
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found, f"README has no block of {language}"
    return found[1]


def without_ids_and_times(text: str) -> str:
    return re.sub(r"\b[0-9a-f]{8}\b", "<id>", re.sub(r"[\d.]+ ms", "<time>", text)).strip()


def test_the_program_prints_what_stands_below_it() -> None:
    command = [sys.executable, "-X", "utf8", "-c", block("python")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert without_ids_and_times(done.stdout) == without_ids_and_times(block("text"))


def test_the_program_has_about_forty_lines() -> None:
    assert len([line for line in block("python").splitlines() if line.strip()]) <= 40


def test_links_to_files_lead_to_files() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_two_commands_stand_in_the_first_screen() -> None:
    first_screen = "\n".join(README.splitlines()[:25])
    assert "make lab" in first_screen
    assert "make test" in first_screen
