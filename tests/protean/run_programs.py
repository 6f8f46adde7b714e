"""Runs programs and prints what they print, as JSON: started with the Python that has Protean, or ddd_kit.

One process for all, since Protean takes a while to load: `python run_programs.py programs.json`, where the
file holds `{name: source}`.
"""

import json
import sys
from contextvars import copy_context
from pathlib import Path


def main() -> None:
    """Run each program of the file named on the command line; none sees the contexts of another."""
    from both_ways import printed_by

    programs = json.loads(Path(sys.argv[1]).read_text())
    json.dump(
        {name: copy_context().run(printed_by, source, name) for name, source in programs.items()}, sys.stdout
    )


if __name__ == "__main__":
    main()
