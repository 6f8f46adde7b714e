"""Look at a notebook as JupyterLab shows it.

    python tests/browser/shoot.py NOTEBOOK OUT_PREFIX

runs all cells in a real JupyterLab and writes OUT_PREFIX-light.png and OUT_PREFIX-dark.png, each as high as
the notebook.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from lab import open_browser, open_lab


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    option = parser.add_argument
    option("notebook", type=Path)
    option("prefix", help="pictures are PREFIX-light.png and PREFIX-dark.png")
    option("--width", type=int, default=1200, help="of the window, in pixels (default 1200)")
    option("--as-saved", action="store_true", help="run nothing: the notebook as a reader first sees it")
    option("--only", metavar="CSS", default=".jp-NotebookPanel", help="shoot the first match of a selector")
    option("--settle", type=float, default=0.5, help="seconds to wait before a picture (default 0.5)")
    return parser.parse_args()


def main() -> int:
    """Shoot the notebook of the command line; 1 when a cell failed or another host was asked for anything."""
    options = parse_arguments()
    failed = 0
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_browser() as browser,
        open_lab(browser, options.notebook, Path(scratch), options.width) as lab,
    ):
        lab.open(options.notebook.name)
        if not options.as_saved:
            try:
                lab.run_all()
            except AssertionError as error:
                print(error, file=sys.stderr)
                failed = 1
        lab.fit()
        for theme in ("light", "dark"):
            lab.theme(theme)
            lab.page.wait_for_timeout(options.settle * 1000)
            path = Path(f"{options.prefix}-{theme}.png")
            lab.shoot(path, options.only)
            print(path)
        for url in lab.requests_elsewhere:
            print(f"asked another host: {url}", file=sys.stderr)
        return failed or bool(lab.requests_elsewhere)


if __name__ == "__main__":
    sys.exit(main())
