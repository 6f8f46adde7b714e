"""How the site is made: `make docs`. Its source is the project, so that links lead where they lead there."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "ddd_kit"
author = "The ddd_kit authors"
project_copyright = author
release = "0.1.0"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "myst_nb",
    "docstrings",
    "notebooks",
]

# Pages: the course, the reference, the table of differences, the changelog.
root_doc = "docs/index"
include_patterns = ["docs/**", "notebooks/*.ipynb", "notebooks/*.md", "CHANGELOG.md"]
exclude_patterns = [
    *(".*", "**/.*", "benchmarks", "binder", "build", "ddd_kit", "dist", "lite", "tests"),
    *("docs/_*", "notebooks/.ipynb_checkpoints"),
]

# Notebooks are shown as they are committed. Nothing is fetched for widgets: each has a picture beside it.
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}
nb_merge_streams = True
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]

# The reference: what docstrings say.
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autosummary_generate = False
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
add_module_names = False
smartquotes_action = "D"  # dashes; quotation marks stay as they are
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = "ddd_kit"
html_static_path = ["_static"]
html_extra_path = ["_extra"]
html_css_files = ["kit.css"]
html_js_files = ["kit.js"]
html_copy_source = False
html_show_sphinx = False
