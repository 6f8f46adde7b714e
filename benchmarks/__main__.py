"""Measure, print a table, write JSON: ``python -m benchmarks [--quick] [--only WORD] [results.json]``."""

from __future__ import annotations

import argparse
from pathlib import Path
from time import perf_counter

from benchmarks import environment


def main() -> int:
    """Run the benchmarks; return 0 if every row has its figures, within bounds or not."""
    arguments = _arguments()
    environment.enter()
    from benchmarks import report, rows

    chosen = [row for row in rows.ROWS if arguments.only in row.__name__]
    if not chosen:
        names = ", ".join(row.__name__ for row in rows.ROWS)
        raise SystemExit(f"--only {arguments.only}: there are no such rows. There are: {names}.")
    start = perf_counter()
    figures: list[rows.Figure] = []
    failures: dict[str, str] = {}
    print(report.HEADER, flush=True)
    for row in chosen:
        name = row.__name__
        try:
            for figure in row(arguments.quick):
                figures.append(figure)
                print(report.line(figure), flush=True)
        except Exception as error:  # noqa: BLE001 - one row without a figure leaves the others theirs
            failures[name] = str(error)
            print(report.missing(name, str(error).strip().splitlines()[-1]), flush=True)
    report.write(arguments.results, figures, failures, perf_counter() - start)
    return 1 if failures else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("results", nargs="?", type=Path, default=Path(__file__).with_name("results.json"))
    parser.add_argument("--quick", action="store_true", help="under a minute, and rougher")
    parser.add_argument(
        "--only", default="", metavar="WORD", help="only the group of rows with this in its name, as floor"
    )
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
