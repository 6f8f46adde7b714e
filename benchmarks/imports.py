"""What importing costs, each time in a fresh Python, and what it brings along."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median

HEAVY = ("ipywidgets", "matplotlib", "networkx", "numpy", "pandas")
"""Libraries that load when first used, and not before."""

_TIMED = "from time import process_time as now; start = now(); {statement}; print(now() - start)"
_LOADED = "import ddd_kit, sys; print(*(name for name in {heavy} if name in sys.modules))"


def ratio(statement: str, other: str, pairs: int) -> tuple[float, list[float]]:
    """Time two import statements in turn.

    Returns:
        The median of the paired ratios, and for each statement the median of its seconds.
    """
    _seconds(statement), _seconds(other)
    seconds = [(_seconds(statement), _seconds(other)) for _ in range(pairs)]
    medians = [median(side) for side in zip(*seconds, strict=True)]
    return median(first / second for first, second in seconds), medians


def loaded_at_once() -> list[str]:
    """Return those of `HEAVY` that `import ddd_kit` loads."""
    return _python(_LOADED.format(heavy=HEAVY)).split()


def _seconds(statement: str) -> float:
    return float(_python(_TIMED.format(statement=statement)))


def _python(code: str) -> str:
    # As on a reader's machine, where the bytecode is kept: the first, uncounted run writes it.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([sys.executable, "-c", code], env=kept, check=True, capture_output=True, text=True)
    return done.stdout
