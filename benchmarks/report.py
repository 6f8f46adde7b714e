"""The figures as a table and as JSON."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.rows import Figure

HEADER = "| figure | measured | bound | |\n|---|---:|---:|---|"


def line(figure: Figure) -> str:
    """Return a figure as a row of a Markdown table."""
    measured = f"{_number(figure.value)} {figure.unit}".strip()
    return f"| {figure.name} | {measured} | {_bound(figure)} | {figure.verdict} |"


def missing(row: str, reason: str) -> str:
    """Return a row that has no figure, and why."""
    return f"| {row} | none | | {reason} |"


def write(path: Path, figures: list[Figure], failures: dict[str, str], seconds: float) -> None:
    """Write everything that was measured as JSON."""
    document = {
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("ddd-kit", "eventsourcing", "protean", "pydantic")},
        "seconds": round(seconds, 1),
        "figures": [_entry(figure) for figure in figures],
        "failures": failures,
    }
    path.write_text(json.dumps(document, indent=2) + "\n")


def _entry(figure: Figure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "most": figure.most,
        "least": figure.least,
        "verdict": figure.verdict,
        **figure.detail,
    }


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def _bound(figure: Figure) -> str:
    if figure.most is not None:
        return f"at most {_number(figure.most)}"
    return f"at least {_number(figure.least)}" if figure.least is not None else ""
