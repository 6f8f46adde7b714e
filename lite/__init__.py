"""The course in the browser alone: a JupyterLite site, whose Python is Pyodide, in the reader's own page.

`make lite` builds it, which is `python -m lite` in `.venv-lite`.
"""
