"""Notebooks as pages: what needs a kernel or JupyterLab goes, and the picture or text beside it stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WIDGET = "application/vnd.jupyter.widget-view+json"
MERMAID = "text/vnd.mermaid"  # JupyterLab draws it; its source is there as plain text too


def setup(app: Sphinx) -> dict[str, bool]:
    """Let Sphinx call what is below for each source that it reads."""
    app.connect("source-read", as_a_page)
    return {"parallel_read_safe": True}


def as_a_page(app: Sphinx, page: str, source: list[str]) -> None:
    """Leave out of the outputs what a page cannot show: a widget would be a line of text."""
    if app.env.doc2path(page).suffix != ".ipynb":
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        if "outputs" in cell:
            cell["outputs"] = [output for output in cell["outputs"] if WIDGET not in output.get("data", {})]
            for output in cell["outputs"]:
                output.get("data", {}).pop(MERMAID, None)
    source[0] = json.dumps(notebook)
