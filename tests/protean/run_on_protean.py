"""Runs programs and prints what they print, as JSON: started with the Python that has Protean.

One process for all, since Protean takes a while to load: `python run_on_protean.py programs.json`, where the file holds
`{name: source}`.
"""

import json
import sys
from pathlib import Path


def main() -> None:
    """Run each program of the file named on the command line."""
    from both_ways import printed_by

    programs = json.loads(Path(sys.argv[1]).read_text())
    json.dump({name: printed_by(source, name) for name, source in programs.items()}, sys.stdout)


if __name__ == "__main__":
    main()
